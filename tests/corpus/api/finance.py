"""Money: rates, prices, candles, payments."""

from typing import Any
from zoneinfo import ZoneInfo

from api.serving import (
    NOW,
    Answer,
    Ask,
    Refused,
    Span,
    api,
    epoch,
    every,
    iso,
    months,
    quarter,
    text,
    until,
    wall,
    wave,
)
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros

# --- Federal Reserve Bank of St. Louis -------------------------------------------------------------------------------

_MONTHS = months(1976, 600)
_RATE = wave(_MONTHS, 5.6, 2.1, 1, hole=87)


@api(
    "/fred/series/observations?series_id=UNRATE&file_type=json",
    {"value": _RATE},
    named=True,
    auth={"auth_type": "none", "query_params": {"api_key": "abcdef0123456789"}},
    refusal=lambda said: Answer({"error_code": 400, "error_message": f"Bad Request. {said}"}, 400),
)
def fred(ask: Ask) -> Any:
    """`.` where there is no value; constant realtime dates beside the date."""
    span = ask.span("observation_start", "observation_end", "date")
    limit, offset = ask.integer("limit", 100_000, least=1, most=100_000), ask.integer("offset", 0)
    times = span.of(_MONTHS)[:: -1 if ask.get("sort_order") == "desc" else 1]
    return {
        "realtime_start": "2026-11-20",
        "realtime_end": "2026-11-20",
        "observation_start": "1600-01-01",
        "observation_end": "9999-12-31",
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "order_by": "observation_date",
        "sort_order": "asc",
        "count": len(times),
        "offset": offset,
        "limit": limit,
        "observations": [
            {
                "realtime_start": "2026-11-20",
                "realtime_end": "2026-11-20",
                "date": wall(time, "%Y-%m-%d"),
                "value": text(_RATE.get(time)) or ".",
            }
            for time in times[offset : offset + limit]
        ],
    }


# --- Alpha Vantage ---------------------------------------------------------------------------------------------------

_TRADING = [time for time in until("2026-11-19", DAY, 140) if from_micros(time).weekday() < 5]
_BARS = {
    f"{n}. {name}": wave(_TRADING, base, swing, digits, seed=n)
    for n, (name, base, swing, digits) in enumerate(
        [
            ("open", 231, 20, 4),
            ("high", 236, 20, 4),
            ("low", 227, 20, 4),
            ("close", 232, 20, 4),
            ("volume", 4_100_000, 900_000, 0),
        ],
        1,
    )
}
_KEY = {"auth_type": "none", "query_params": {"apikey": "DEMODEMO"}}


@api("/query?function=TIME_SERIES_DAILY&symbol=IBM", _BARS, named=True, auth=_KEY)
def alpha_vantage_daily(ask: Ask) -> Any:
    """An object keyed by date, newest first, of objects with numbered keys; numbers as text."""
    return {
        "Meta Data": {
            "1. Information": "Daily Prices (open, high, low, close) and Volumes",
            "2. Symbol": "IBM",
            "3. Last Refreshed": "2026-11-19",
            "4. Output Size": "Compact",
            "5. Time Zone": "US/Eastern",
        },
        "Time Series (Daily)": {
            wall(time, "%Y-%m-%d"): {
                name: text(line[time], 0 if "volume" in name else 4) for name, line in _BARS.items()
            }
            for time in reversed(_TRADING)
        },
    }


_MINUTES = until("2026-11-19T20:55:00Z", 5 * MINUTE, 100)
_QUOTES = {
    "1. open": wave(_MINUTES, 231, 2, 4),
    "4. close": wave(_MINUTES, 232, 2, 4, seed=3),
    "5. volume": wave(_MINUTES, 61_000, 22_000, 0, seed=4),
}


@api("/intraday/query?function=TIME_SERIES_INTRADAY&symbol=IBM&interval=5min", _QUOTES, named=True, auth=_KEY)
def alpha_vantage_intraday(ask: Ask) -> Any:
    """Local times; the zone they are in is said once, beside them."""
    eastern = ZoneInfo("US/Eastern")
    return {
        "Meta Data": {
            "1. Information": "Intraday (5min)",
            "2. Symbol": "IBM",
            "3. Last Refreshed": "2026-11-19 15:55:00",
            "4. Interval": "5min",
            "6. Time Zone": "US/Eastern",
        },
        "Time Series (5min)": {
            from_micros(time).astimezone(eastern).strftime("%Y-%m-%d %H:%M:%S"): {
                name: text(line[time], 0 if "volume" in name else 4) for name, line in _QUOTES.items()
            }
            for time in reversed(_MINUTES)
        },
    }


# --- exchange rates --------------------------------------------------------------------------------------------------

_BANKING = [time for time in until("2026-11-19", DAY, 700) if from_micros(time).weekday() < 5]
_RATES = {
    name: wave(_BANKING, base, base / 20, 4, seed=n)
    for n, (name, base) in enumerate((("USD", 1.09), ("GBP", 0.86), ("JPY", 162.3)))
}


@api(
    "/v1/2025-01-01..?base=EUR&symbols=GBP,JPY,USD",
    {name: {time: value for time, value in line.items() if iso(time) >= "2025-01-01"} for name, line in _RATES.items()},
    named=True,
)
def frankfurter(ask: Ask) -> Any:
    """Keyed by date, then by currency; the range is in the path."""
    return {
        "amount": 1.0,
        "base": "EUR",
        "start_date": "2025-01-01",
        "end_date": "2026-11-19",
        "rates": {
            wall(time, "%Y-%m-%d"): {name: line[time] for name, line in sorted(_RATES.items())}
            for time in _BANKING
            if iso(time) >= "2025-01-01"
        },
    }


@api("/valet/observations/FXUSDCAD,FXEURCAD/json", {"FXUSDCAD": _RATES["USD"], "FXEURCAD": _RATES["GBP"]})
def bank_of_canada(ask: Ask) -> Any:
    """A value wrapped in an object of its own, and a description of every series beside the observations."""
    times = ask.span("start_date", "end_date", "date").of(_BANKING)
    recent = ask.integer("recent", len(times), least=1)
    names = {"FXUSDCAD": "USD", "FXEURCAD": "GBP"}
    return {
        "terms": {"url": "https://www.bankofcanada.ca/terms/"},
        "seriesDetail": {
            name: {
                "label": name[2:5] + "/CAD",
                "description": "Daily exchange rate",
                "dimension": {"key": "d", "name": "date"},
            }
            for name in names
        },
        "observations": [
            {"d": wall(time, "%Y-%m-%d"), **{name: {"v": text(_RATES[mine][time], 4)} for name, mine in names.items()}}
            for time in times[-recent:]
        ],
    }


@api(
    "/api/exchangerates/rates/a/usd/last/250/?format=json",
    {"mid": {t: _RATES["USD"][t] for t in _BANKING[-250:]}},
    named=True,
)
def national_bank_of_poland(ask: Ask) -> Any:
    """The number of the table is text with digits in it."""
    return {
        "table": "A",
        "currency": "dolar amerykański",
        "code": "USD",
        "rates": [
            {
                "no": f"{n:03}/A/NBP/{wall(time, '%Y')}",
                "effectiveDate": wall(time, "%Y-%m-%d"),
                "mid": _RATES["USD"][time],
            }
            for n, time in enumerate(_BANKING[-250:], 1)
        ],
    }


_SELIC = wave(_BANKING, 4.92, 0.6, 4, seed=7)


@api("/dados/serie/bcdata.sgs.1/dados?formato=json", {"valor": _SELIC}, named=True)
def banco_central_do_brasil(ask: Ask) -> Any:
    """Days first, with slashes; the filter wants them so too."""
    times = ask.span("dataInicial", "dataFinal", "%d/%m/%Y").of(_BANKING)
    return [{"data": wall(time, "%d/%m/%Y"), "valor": text(_SELIC[time], 4)} for time in times]


# --- markets ---------------------------------------------------------------------------------------------------------

_HOURS = until("2026-11-20T11:00:00Z", HOUR, 24 * 60)
_COIN = {
    "prices": wave(_HOURS, 68_412.77, 4_000, 6),
    "market_caps": wave(_HOURS, 1.35e12, 8e10, 2, seed=1),
    "total_volumes": wave(_HOURS, 2.9e10, 9e9, 3, seed=2),
}


@api("/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=60", _COIN)
def coin_gecko(ask: Ask) -> Any:
    """Three lists of pairs, one for each series."""
    return {name: [[time // 1000, value] for time, value in line.items()] for name, line in _COIN.items()}


_KLINES = until("2026-11-20T11:00:00Z", HOUR, 2_600)
_CANDLES = {
    str(column): wave(_KLINES, base, base / 9, digits, seed=column)
    for column, base, digits in (
        (1, 0.0163479, 8),
        (2, 0.0169, 8),
        (3, 0.0157, 8),
        (4, 0.0162, 8),
        (5, 14_897.6, 3),
        (7, 243.419, 5),
        (8, 1_308, 0),
        (9, 7_756.8, 3),
        (10, 128.466, 5),
    )
}


@api(
    "/api/v3/klines?symbol=ETHBTC&interval=1h",
    _CANDLES,
    needs=("startTime",),
    optional={"11": dict.fromkeys(_KLINES, 0.0)},
    known=("startTime", "endTime", "limit", "timeZone"),
    refusal=lambda said: Answer({"code": -1104, "msg": said}, 400),
)
def binance(ask: Ask) -> Any:
    """Rows without names, their ends as times too; the newest 500, or 1,000 from where one asks."""
    span = ask.span("startTime", "endTime", "epoch_ms")
    limit = ask.integer("limit", 500, least=1, most=1_000, cut=True)
    times = span.of(_KLINES)
    times = times[:limit] if "startTime" in ask.query else times[-limit:]
    digits = {1: 8, 2: 8, 3: 8, 4: 8, 5: 3, 7: 5, 9: 3, 10: 5}
    return [
        [
            time // 1000,
            *(text(_CANDLES[str(n)][time], digits[n]) for n in (1, 2, 3, 4, 5)),
            (time + HOUR) // 1000 - 1,
            text(_CANDLES["7"][time], 5),
            int(_CANDLES["8"][time]),
            text(_CANDLES["9"][time], 3),
            text(_CANDLES["10"][time], 5),
            "0",
        ]
        for time in times
    ]


_OHLC = until("2026-11-20T11:00:00Z", HOUR, 720)
_KRAKEN = {
    str(column): wave(_OHLC, base, swing, digits, seed=column)
    for column, base, swing, digits in (
        (1, 30_306, 900, 1),
        (2, 30_420, 900, 1),
        (3, 30_190, 900, 1),
        (4, 30_305, 900, 1),
        (5, 30_306, 800, 1),
        (6, 3.39, 3, 8),
        (7, 230, 90, 0),
    )
}


@api("/0/public/OHLC?pair=XXBTZUSD&interval=60", _KRAKEN)
def kraken(ask: Ask) -> Any:
    """Rows without names under the name of the pair, beside an empty list and an id that is a time."""
    since = ask.moment("since", "epoch_s")
    rows = [
        [epoch(time), *(text(_KRAKEN[str(n)][time], 8 if n == 6 else 1) for n in range(1, 7)), int(_KRAKEN["7"][time])]
        for time in _OHLC
        if since is None or time > since
    ]
    return {"error": [], "result": {"XXBTZUSD": rows, "last": epoch(_OHLC[-2])}}


# --- payments --------------------------------------------------------------------------------------------------------

_PAID = [NOW - n * 173 * MINUTE - n * n % 97 * 1_000_000 for n in range(1, 900)]  # newest first
_BALANCE = {
    "amount": wave(_PAID, 4_990, 3_000, 0),
    "fee": wave(_PAID, 155, 90, 0, seed=1),
    "net": wave(_PAID, 4_835, 2_900, 0, seed=2),
}


@api(
    "/v1/balance_transactions",
    _BALANCE,
    named=True,
    needs=("starting_after",),
    auth={"auth_type": "bearer", "bearer_token": "sk_test_51Habc"},
    known=(
        "limit",
        "starting_after",
        "ending_before",
        "created[gte]",
        "created[lte]",
        "created[gt]",
        "created[lt]",
        "currency",
        "type",
        "expand[]",
    ),
    refusal=lambda said: Answer(
        {"error": {"code": "parameter_unknown", "message": said, "type": "invalid_request_error"}}, 400
    ),
)
def stripe(ask: Ask) -> Any:
    """`has_more`, and the next page begins after the last id; 10 unless asked for more; the time is `created`."""
    span = ask.span("created[gte]", "created[lte]", "epoch_s")
    ids = {
        f"txn_1{(n * 7919) % 9973:04}Lx{n:04}": time for n, time in enumerate(_PAID) if span.start <= time < span.end
    }
    rows = list(ids.items())
    limit, after = ask.integer("limit", 10, least=1, most=100), ask.get("starting_after")
    if after is not None and after not in ids:
        raise Refused(f"No such balance transaction: '{after}'")
    begin = 0 if after is None else list(ids).index(after) + 1
    return {
        "object": "list",
        "url": "/v1/balance_transactions",
        "has_more": begin + limit < len(rows),
        "data": [
            {
                "id": name,
                "object": "balance_transaction",
                "amount": int(_BALANCE["amount"][time]),
                "available_on": epoch(time // DAY * DAY + 7 * DAY),
                "created": epoch(time),
                "currency": "eur",
                "description": None,
                "exchange_rate": None,
                "fee": int(_BALANCE["fee"][time]),
                "fee_details": [{"amount": 25, "application": None, "currency": "eur", "type": "stripe_fee"}],
                "net": int(_BALANCE["net"][time]),
                "reporting_category": "charge",
                "source": f"ch_{n:05}",
                "status": "available",
                "type": "charge",
            }
            for n, (name, time) in enumerate(rows[begin : begin + limit])
        ],
    }


# --- SDMX-JSON -------------------------------------------------------------------------------------------------------

_ANNUAL = [time for time in _BANKING if time >= _BANKING[-400]]
_EXR = {name: wave(_ANNUAL, base, base / 20, 4, seed=n) for n, (name, base) in enumerate((("GBP", 0.86), ("USD", 1.1)))}


@api("/service/data/EXR/D.GBP+USD.EUR.SP00.A?format=jsondata", _EXR)
def ecb(ask: Ask) -> Any:
    """SDMX-JSON: values by position, what the positions mean somewhere else."""
    times = ask.span("startPeriod", "endPeriod", "date").of(_ANNUAL)
    if (last := ask.integer("lastNObservations", 0)) > 0:
        times = times[-last:]
    if not times:
        return Answer(b"No results found.", 404, {"Content-Type": "text/plain"})

    def dimension(name: str, *values: tuple[str, str]) -> dict[str, Any]:
        return {"id": name, "name": name.title(), "values": [{"id": key, "name": said} for key, said in values]}

    return {
        "header": {
            "id": "b36f8f5e",
            "test": False,
            "prepared": "2026-11-20T12:00:00.000+01:00",
            "sender": {"id": "ECB"},
        },
        "dataSets": [
            {
                "action": "Replace",
                "validFrom": "2026-11-20T12:00:00.000+01:00",
                "series": {
                    f"0:{place}:0:0:0": {
                        "attributes": [0, None, 0],
                        "observations": {str(n): [line[time], 0, 0, None, None] for n, time in enumerate(times)},
                    }
                    for place, line in enumerate(_EXR.values())
                },
            }
        ],
        "structure": {
            "name": "Exchange Rates",
            "dimensions": {
                "series": [
                    dimension("FREQ", ("D", "Daily")),
                    dimension("CURRENCY", ("GBP", "UK pound sterling"), ("USD", "US dollar")),
                    dimension("CURRENCY_DENOM", ("EUR", "Euro")),
                    dimension("EXR_TYPE", ("SP00", "Spot")),
                    dimension("EXR_SUFFIX", ("A", "Average")),
                ],
                "observation": [
                    {
                        "id": "TIME_PERIOD",
                        "name": "Time period or range",
                        "role": "time",
                        "values": [
                            {
                                "id": wall(time, "%Y-%m-%d"),
                                "name": wall(time, "%Y-%m-%d"),
                                "start": wall(time, "%Y-%m-%dT00:00:00.000+01:00"),
                                "end": wall(time, "%Y-%m-%dT23:59:59.999+01:00"),
                            }
                            for time in times
                        ],
                    }
                ],
            },
            "attributes": {"series": [], "observation": [{"id": "OBS_STATUS", "values": [{"id": "A"}]}]},
        },
    }


_QUARTERLY = months(2005, 84, 3)
_GDP = {name: wave(_QUARTERLY, base, 4, 6, seed=n) for n, (name, base) in enumerate((("ESP", 101), ("PRT", 97)))}


@api("/public/rest/data/OECD.SDD.NAD,DSD_NAMAIN1,1.0/Q..ESP+PRT?format=jsondata", _GDP)
def oecd(ask: Ask) -> Any:
    """SDMX-JSON 2.0: quarters, and periods in no order."""
    shuffled = _QUARTERLY[1::2] + _QUARTERLY[::2]
    return {
        "meta": {
            "schema": "https://json.sdmx.org/2.0.0/sdmx-json-data-schema.json",
            "id": "IREF1",
            "test": False,
            "prepared": "2026-11-20T12:00:00Z",
            "sender": {"id": "OECD"},
        },
        "data": {
            "dataSets": [
                {
                    "structure": 0,
                    "action": "Information",
                    "series": {
                        f"0:{place}": {
                            "attributes": [],
                            "annotations": [],
                            "observations": {str(n): [line[time], 0] for n, time in enumerate(shuffled)},
                        }
                        for place, line in enumerate(_GDP.values())
                    },
                }
            ],
            "structures": [
                {
                    "name": "Quarterly GDP",
                    "dimensions": {
                        "dataSet": [],
                        "series": [
                            {"id": "FREQ", "keyPosition": 0, "values": [{"id": "Q", "name": "Quarterly"}]},
                            {
                                "id": "REF_AREA",
                                "keyPosition": 1,
                                "values": [{"id": "ESP", "name": "Spain"}, {"id": "PRT", "name": "Portugal"}],
                            },
                        ],
                        "observation": [
                            {
                                "id": "TIME_PERIOD",
                                "keyPosition": 2,
                                "roles": ["TIME_PERIOD"],
                                "values": [
                                    {"id": quarter(time), "name": quarter(time, "Q{quarter}-{year}"), "order": n}
                                    for n, time in enumerate(shuffled)
                                ],
                            }
                        ],
                    },
                    "attributes": {"dataSet": [], "series": [], "observation": [{"id": "OBS_STATUS", "values": []}]},
                }
            ],
        },
    }


_IFS = months(2000, 290)
_INDEX = {name: wave(_IFS, base, 22, 6, seed=n) for n, (name, base) in enumerate((("GB", 84.1), ("PT", 91.6)))}


@api("/REST/SDMX_JSON.svc/CompactData/IFS/M.GB+PT.PCPI_IX", _INDEX)
def imf(ask: Ask) -> Any:
    """SDMX as XML would have it: attributes with an @, a list of observations in each series."""
    times = Span(ask.span("startPeriod", "endPeriod", "%Y").start).of(_IFS)
    return {
        "CompactData": {
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "Header": {"ID": "8f9f", "Test": "false", "Prepared": "2026-11-20T12:00:00", "Sender": {"@id": "1C0"}},
            "DataSet": {
                "@xmlns": "http://dataservices.imf.org/compact/IFS",
                "Series": [
                    {
                        "@FREQ": "M",
                        "@REF_AREA": name,
                        "@INDICATOR": "PCPI_IX",
                        "@UNIT_MULT": "0",
                        "@TIME_FORMAT": "P1M",
                        "Obs": [
                            {"@TIME_PERIOD": wall(time, "%Y-%m"), "@OBS_VALUE": text(line[time], 6)} for time in times
                        ],
                    }
                    for name, line in _INDEX.items()
                ],
            },
        }
    }


_HISTORY = every(DAY, "2026-01-01", 320)
_GAUGE = {"stats.web.requests": wave(_HISTORY, 412, 100, hole=25), "stats.web.errors": wave(_HISTORY, 4, 3, seed=1)}


@api("/render?target=stats.web.*&format=json&from=-320d", _GAUGE)
def graphite(ask: Ask) -> Any:
    """Pairs with the value first, and null where nothing was counted."""
    return [
        {"target": name, "tags": {"name": name}, "datapoints": [[line.get(time), epoch(time)] for time in _HISTORY]}
        for name, line in _GAUGE.items()
    ]
