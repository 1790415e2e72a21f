"""Statistical offices: cubes, periods in words, numbers as text."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from api.serving import NOW, Answer, Ask, Line, Points, api, months, quarter, text, wall, wave, years
from slackwater.model.instants import DAY, from_micros, to_micros

_MESES = (
    "Janeiro",
    "Fevereiro",
    "Março",
    "Abril",
    "Maio",
    "Junho",
    "Julho",
    "Agosto",
    "Setembro",
    "Outubro",
    "Novembro",
    "Dezembro",
)


def _month(time: int) -> int:
    return from_micros(time).month


# --- World Bank ------------------------------------------------------------------------------------------------------

_YEARS = years(1960, 65)
_PEOPLE = {
    "Portugal": wave(_YEARS, 9_857_311, 900_000, 0),
    "Spain": wave(_YEARS, 38_000_000, 8_000_000, 0, seed=1, hole=64),
}


@api("/v2/country/PT;ES/indicator/SP.POP.TOTL?format=json", _PEOPLE, named=False, needs=("page",))
def world_bank(ask: Ask) -> Any:
    """A list of two: what there is, and the records of a page of 50; newest first; null where nothing is known."""
    size, page = ask.integer("per_page", 50, least=1, most=32_500), ask.integer("page", 1, least=1)
    low, _, high = (ask.get("date") or "1960:2100").partition(":")
    if not (low.isdecimal() and (high or low).isdecimal()):
        return [{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter is not valid"}]}]
    rows = [
        (name, code, time)
        for name, code in (("Spain", "ESP"), ("Portugal", "PRT"))
        for time in reversed(_YEARS)
        if int(low) <= int(wall(time, "%Y")) <= int(high or low)
    ]
    return [
        {
            "page": page,
            "pages": -(-len(rows) // size),
            "per_page": size,
            "total": len(rows),
            "sourceid": "2",
            "lastupdated": "2026-10-13",
        },
        [
            {
                "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"},
                "country": {"id": code[:2], "value": name},
                "countryiso3code": code,
                "date": wall(time, "%Y"),
                "value": None if time not in _PEOPLE[name] else int(_PEOPLE[name][time]),
                "unit": "",
                "obs_status": "",
                "decimal": 0,
            }
            for name, code, time in rows[(page - 1) * size : page * size]
        ]
        or None,
    ]


# --- JSON-stat -------------------------------------------------------------------------------------------------------


def json_stat(
    lines: Points, times: Sequence[int], period: Any, *, other: str, time: str, sparse: bool, **about: Any
) -> dict[str, Any]:
    """A JSON-stat 2.0 dataset of one dimension and the time, with two that have but one place."""
    size = [1, len(lines), 1, len(times)]
    cells = [line.get(when) for line in lines.values() for when in times]

    def dimension(label: str, names: Sequence[str]) -> dict[str, Any]:
        return {
            "label": label,
            "category": {
                "index": {name: n for n, name in enumerate(names)},
                "label": {name: f"{name} (label)" for name in names},
            },
        }

    return {
        "version": "2.0",
        "class": "dataset",
        **about,
        "updated": "2026-11-10T23:00:00Z",
        "id": ["freq", other, "unit", time],
        "size": size,
        "role": {"time": [time], "geo": [other]},
        "dimension": {
            "freq": dimension("Time frequency", ["M"]),
            other: dimension(other, list(lines)),
            "unit": dimension("Unit of measure", ["I15"]),
            time: dimension(time, [period(each) for each in times]),
        },
        "value": {str(n): cell for n, cell in enumerate(cells) if cell is not None} if sparse else cells,
        "status": {str(n): ":" for n, cell in enumerate(cells) if cell is None},
    }


_HICP_MONTHS = months(2015, 140)
_HICP = {name: wave(_HICP_MONTHS, 104.6, 8, 2, seed=n, hole=29) for n, name in enumerate(("ES", "FR", "PT"))}


@api(
    "/eurostat/api/dissemination/statistics/1.0/data/prc_hicp_midx?format=JSON&unit=I15&geo=PT&geo=ES&geo=FR",
    _HICP,
    known=("sinceTimePeriod", "untilTimePeriod", "lastTimePeriod", "time", "lang"),
    loose=("geo",),
    refusal=lambda said: Answer({"error": [{"status": 400, "id": 150, "label": said}]}, 400),
)
def eurostat(ask: Ask) -> Any:
    """Sparse values by position."""
    since, last = ask.moment("sinceTimePeriod", "%Y-%m"), ask.moment("untilTimePeriod", "%Y-%m")
    times = [time for time in _HICP_MONTHS if (since or time) <= time <= (last or time)]
    return json_stat(
        _HICP,
        times,
        lambda time: wall(time, "%Y-%m"),
        other="geo",
        time="time",
        sparse=True,
        label="HICP - monthly data (index)",
        source="ESTAT",
    )


_DETACHED = {name: wave(months(2010, 170), 118, 20, 1, seed=n, hole=43) for n, name in enumerate(("01", "02"))}


@api("/api/pxwebapi/v2/tables/07221/data?lang=en&outputFormat=json-stat2", _DETACHED)
def statistics_norway(ask: Ask) -> Any:
    """Months as 2024M01, values with nulls among them."""
    times = months(2010, 170)
    return json_stat(
        _DETACHED,
        times,
        lambda time: wall(time, "%YM%m"),
        other="Boligtype",
        time="Tid",
        sparse=False,
        label="07221: House price index, by type of building, month and contents",
        source="Statistics Norway",
        extension={"px": {"tableid": "07221", "decimals": 1}},
    )


_LENT = months(2003, 270)
_ENDS = [time - DAY for time in _LENT[1:]]  # a month is known by its last day
_LOANS = wave(_ENDS, 4.31, 1.6, 2)


@api("/data/v1/domains/21/datasets/a1b2c3d4?lang=PT&series_ids=12504544", {"12504544": _LOANS})
def banco_de_portugal(ask: Ask) -> Any:
    """JSON-stat with the last day of the month as its time, and an extension that lists the series."""
    return {
        "version": "2.0",
        "class": "dataset",
        "href": ask.url(),
        "label": "Taxas de juro",
        "source": "BPstat",
        "updated": "2026-11-10T10:00:00Z",
        "id": ["series", "reference_date"],
        "size": [1, len(_ENDS)],
        "role": {"time": ["reference_date"], "metric": []},
        "dimension": {
            "series": {"label": "Séries", "category": {"index": ["12504544"], "label": {"12504544": "Habitação"}}},
            "reference_date": {"label": "Data", "category": {"index": [wall(time, "%Y-%m-%d") for time in _ENDS]}},
        },
        "value": list(_LOANS.values()),
        "extension": {
            "series": [
                {
                    "id": 12504544,
                    "label": "Habitação",
                    "dimension_category": [{"dimension_id": 40, "category_id": 2504}],
                }
            ],
            "page": 1,
            "page_size": 20,
            "total_series": 1,
        },
    }


# --- the institutes of Portugal and Spain ----------------------------------------------------------------------------


def _ine(code: str, title: str, given: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "IndicadorCod": code,
            "IndicadorDsg": title,
            "MetaInfUrl": f"https://www.ine.pt/bddXplorer/{code}",
            "DataExtracao": "2026-11-20T11:58:01.742Z",
            "DataUltimoAtualizacao": "2026-06-18",
            "UltimoPref": next(iter(given)),
            "Dados": given,
            "Sucesso": {"Verdadeiro": [{"Msg": "Devolução com Sucesso", "Data": "2026-11-20"}]},
        }
    ]


_CENSUS = years(1991, 33)
_RESIDENT = {"Portugal": wave(_CENSUS, 10_400_000, 200_000, 0), "Norte": wave(_CENSUS, 3_600_000, 90_000, 0, seed=2)}


@api("/ine/json_indicador/pindica.jsp?op=2&varcd=0008273&Dim1=T&lang=PT", _RESIDENT)
def ine_portugal(ask: Ask) -> Any:
    """A list of one, its data keyed by year; the region has a code and a name."""
    return _ine(
        "0008273",
        "População residente (N.º); Anual",
        {
            wall(time, "%Y"): [
                {"geocod": code, "geodsg": name, "dim_3": "T", "dim_3_t": "HM", "valor": text(_RESIDENT[name][time], 0)}
                for code, name in (("PT", "Portugal"), ("11", "Norte"))
            ]
            for time in reversed(_CENSUS)
        },
    )


_CPI = months(2015, 140)
_PRICES = {"Total": wave(_CPI, 2.31, 2, 2), "Produtos alimentares": wave(_CPI, 3.6, 3, 2, seed=1, hole=31)}


@api("/ine/mensal/pindica.jsp?op=2&varcd=0002384&lang=PT", _PRICES)
def ine_portugal_monthly(ask: Ask) -> Any:
    """Keyed by month in Portuguese; no value where a sign says why."""
    return _ine(
        "0002384",
        "Taxa de variação homóloga do IPC (%); Mensal",
        {
            f"{_MESES[_month(time) - 1]} de {wall(time, '%Y')}": [
                {
                    "geocod": "PT",
                    "geodsg": "Portugal",
                    "dim_3": str(n),
                    "dim_3_t": name,
                    **(
                        {"valor": text(_PRICES[name][time], 2)}
                        if time in _PRICES[name]
                        else {"sinal_conv": "x", "sinal_conv_desc": "Valor não disponível"}
                    ),
                }
                for n, name in enumerate(_PRICES)
            ]
            for time in reversed(_CPI)
        },
    )


_MADRID = ZoneInfo("Europe/Madrid")
_IPC = [to_micros(from_micros(time).replace(tzinfo=_MADRID)) for time in months(2002, 290)]
_TEMPUS = {"IPC251852": wave(_IPC, 114.935, 12, 3), "IPC251856": wave(_IPC, 2.8, 2, 3, seed=1)}


@api("/wstempus/js/ES/DATOS_TABLA/50902?nult=290", _TEMPUS)
def ine_spain(ask: Ask) -> Any:
    """A series each with a list of data in it; epoch milliseconds beside a year and a code of the period."""
    return [
        {
            "COD": code,
            "Nombre": f"Total Nacional. {code}. ",
            "FK_Unidad": 133,
            "FK_Escala": 1,
            "Data": [
                {
                    "Fecha": time // 1000,
                    "FK_TipoDato": 1,
                    "FK_Periodo": _month(time + DAY),
                    "Anyo": from_micros(time + DAY).year,
                    "Valor": value,
                    "Secreto": False,
                }
                for time, value in reversed(line.items())
            ],
        }
        for code, line in _TEMPUS.items()
    ]


# --- IBGE, ONS, US ---------------------------------------------------------------------------------------------------

_IPCA = months(2012, 170)
_SIDRA = {"Brasil": wave(_IPCA, 6_712.11, 700, 2), "Norte": wave(_IPCA, 3_301.5, 300, 2, seed=1, hole=50)}


@api("/values/t/1737/n1/all/n2/1/v/2266/p/all", _SIDRA)
def ibge_sidra(ask: Ask) -> Any:
    """The first record says what the fields of the others are; all of it text, `...` where there is no value."""
    head = {
        "NC": "Nível Territorial (Código)",
        "NN": "Nível Territorial",
        "MC": "Unidade de Medida (Código)",
        "MN": "Unidade de Medida",
        "V": "Valor",
        "D1C": "Território (Código)",
        "D1N": "Território",
        "D2C": "Variável (Código)",
        "D2N": "Variável",
        "D3C": "Mês (Código)",
        "D3N": "Mês",
    }
    return [head] + [
        {
            "NC": "1",
            "NN": "Brasil",
            "MC": "30",
            "MN": "Número-índice",
            "V": text(line.get(time), 2) or "...",
            "D1C": str(n),
            "D1N": name,
            "D2C": "2266",
            "D2N": "IPCA - Número-índice (base: dezembro de 1993 = 100)",
            "D3C": wall(time, "%Y%m"),
            "D3N": f"{_MESES[_month(time) - 1].lower()} {wall(time, '%Y')}",
        }
        for n, (name, line) in enumerate(_SIDRA.items(), 1)
        for time in _IPCA
    ]


_JOBLESS, _JOBLESS_Q, _JOBLESS_Y = months(1992, 400), months(1992, 133, 3), years(1992, 33)
_ONS = {
    name: wave(times, 5.4, 2, 1, seed=n)
    for n, (name, times) in enumerate({"months": _JOBLESS, "quarters": _JOBLESS_Q, "years": _JOBLESS_Y}.items())
}


@api(
    "/employmentandlabourmarket/peoplenotinwork/unemployment/timeseries/mgsx/lms/data",
    {"months": _ONS["months"]},
    optional={name: _ONS[name] for name in ("quarters", "years")},
)
def ons(ask: Ask) -> Any:
    """The same by years, quarters and months, in a list each; the period in four fields, numbers as text."""

    def rows(times: Sequence[int], line: Line, date: Any) -> list[dict[str, Any]]:
        return [
            {
                "date": date(time),
                "value": text(line[time]),
                "label": date(time),
                "year": wall(time, "%Y"),
                "month": wall(time, "%B") if line is _ONS["months"] else "",
                "quarter": quarter(time, "Q{quarter}") if line is _ONS["quarters"] else "",
                "sourceDataset": "LMS",
                "updateDate": "2026-11-10T00:00:00.000Z",
            }
            for time in times
        ]

    return {
        "years": rows(_JOBLESS_Y, _ONS["years"], lambda time: wall(time, "%Y")),
        "quarters": rows(_JOBLESS_Q, _ONS["quarters"], lambda time: quarter(time, "{year} Q{quarter}")),
        "months": rows(_JOBLESS, _ONS["months"], lambda time: wall(time, "%Y %b").upper()),
        "sourceDatasets": ["LMS"],
        "topics": [],
        "type": "timeseries",
        "uri": "/unemployment/timeseries/mgsx/lms",
        "description": {
            "title": "Unemployment rate",
            "cdid": "MGSX",
            "unit": "%",
            "preUnit": "",
            "number": "4.1",
            "date": "2025 APR",
            "releaseDate": "2026-11-10T07:00:00.000Z",
            "nextRelease": "16 December 2026",
        },
    }


_SALES = months(2010, 175)
_CENSUS_US = {"no": wave(_SALES, 412_306, 60_000, 0), "yes": wave(_SALES, 418_107, 50_000, 0, seed=2)}


@api(
    "/data/timeseries/eits/marts?get=cell_value,seasonally_adj,time_slot_id&for=us:*&category_code=44X72"
    "&data_type_code=SM&time=from+2010",
    _CENSUS_US,
    loose=("time",),
)
def us_census(ask: Ask) -> Any:
    """Rows of text under a row of names."""
    head = ["cell_value", "seasonally_adj", "time_slot_id", "category_code", "data_type_code", "time", "us"]
    return [head] + [
        [text(line[time], 0), name, "0", "44X72", "SM", wall(time, "%Y-%m"), "1"]
        for time in _SALES
        for name, line in _CENSUS_US.items()
    ]


_BLS = months(1980, 556)
_LNS = wave(_BLS, 5.1, 2, 1)


@api("/publicAPI/v2/timeseries/data/LNS14000000", {"value": _LNS}, needs=("startyear", "endyear"))
def bls(ask: Ask) -> Any:
    """Year and month in two fields; three years unless asked for more, twenty at most."""
    low, high = ask.integer("startyear", 2024, least=1900), ask.integer("endyear", 2026, least=1900)
    messages = []
    if high - low >= 20:
        low, messages = high - 19, ["Year range has been reduced to the system-allowed limit of 20 years."]
    times = [time for time in reversed(_BLS) if low <= int(wall(time, "%Y")) <= high]
    return {
        "status": "REQUEST_SUCCEEDED",
        "responseTime": 143,
        "message": messages,
        "Results": {
            "series": [
                {
                    "seriesID": "LNS14000000",
                    "data": [
                        {
                            "year": wall(time, "%Y"),
                            "period": wall(time, "M%m"),
                            "periodName": wall(time, "%B"),
                            **({"latest": "true"} if time == _BLS[-1] else {}),
                            "value": text(_LNS[time]),
                            "footnotes": [{}],
                        }
                        for time in times
                    ],
                }
            ]
        },
    }


_STATCAN = months(2005, 255)
_VECTOR = wave(_STATCAN, 136.8, 14, 1)


@api(
    "/t1/wds/rest/getDataFromVectorByReferencePeriodRange?vectorIds=41690973&startRefPeriod=2005-01-01"
    "&endReferencePeriod=2026-12-01",
    {"value": _VECTOR},
    loose=("startRefPeriod", "endReferencePeriod"),
)
def statistics_canada(ask: Ask) -> Any:
    """A list of one object of objects; five codes as numbers beside the value, and when it was released."""
    times = ask.span("startRefPeriod", "endReferencePeriod", "date").of(_STATCAN)
    return [
        {
            "status": "SUCCESS",
            "object": {
                "responseStatusCode": 0,
                "productId": 18100004,
                "coordinate": "2.2.0.0.0.0.0.0.0.0",
                "vectorId": 41690973,
                "vectorDataPoint": [
                    {
                        "refPer": wall(time, "%Y-%m-%d"),
                        "refPer2": "",
                        "refPerRaw": wall(time, "%Y-%m-%d"),
                        "refPerRaw2": "",
                        "value": _VECTOR[time],
                        "decimals": 1,
                        "scalarFactorCode": 0,
                        "symbolCode": 0,
                        "statusCode": 0,
                        "securityLevelCode": 0,
                        "releaseTime": wall(time + 48 * DAY, "%Y-%m-%dT08:30"),
                        "frequencyCode": 6,
                    }
                    for time in times
                ],
            },
        }
    ]


# --- a tourism observatory, epidemiology, national accounts -----------------------------------------------------------

_STAYS = months(2014, 150)
_REGIONS = ("Algarve", "Área Metropolitana de Lisboa", "Norte")
_TOURISM = {
    f"{region} {field}": wave(_STAYS, base, base / 3, digits, seed=n)
    for n, region in enumerate(_REGIONS)
    for field, base, digits in (("Dormidas", 1_234_567, 0), ("Taxa", 45.3, 1))
}


@api("/api/v1/indicadores/alojamento", _TOURISM)
def turismo(ask: Ask) -> Any:
    """Year and month, the month in Portuguese, in two fields; decimal commas, points for thousands."""
    return {
        "indicador": "Alojamento turístico",
        "ano_inicio": 2014,
        "versao": 2026,
        "total": len(_STAYS) * len(_REGIONS),
        "registos": [
            {
                "Ano": from_micros(time).year,
                "Mês": _MESES[_month(time) - 1],
                "Região": region,
                "Dormidas": text(_TOURISM[f"{region} Dormidas"][time], 0, ",", "."),
                "Taxa de ocupação": text(_TOURISM[f"{region} Taxa"][time], 1, ",", "."),
                "Versão": "definitiva",
            }
            for time in _STAYS
            for region in _REGIONS
        ],
    }


_MONDAYS = [NOW // DAY * DAY - (4 + 7 * n) * DAY for n in reversed(range(250))]
_FLU = wave(_MONDAYS, 214, 160, 0)


@api("/api/explore/grippe-passages-aux-urgences.json", {"nb_passages": _FLU})
def sante_publique_weeks(ask: Ask) -> Any:
    """ISO weeks, and the age group as a code that could be a number."""
    return {
        "generated": "2026-11-20",
        "version": 2026,
        "data": [
            {
                "semaine": wall(time, "%G-W%V"),
                "region": "Île-de-France",
                "sursaud_cl_age_gene": "00",
                "nb_passages": int(_FLU[time]),
            }
            for time in _MONDAYS
        ],
    }


_ACCOUNTS = months(1995, 122, 3)
_GDP = wave(_ACCOUNTS, 51_204.3, 9_000, 1)


@api("/api/v2/national-accounts/gdp", {"gdp_meur": _GDP}, named=True)
def national_accounts_quarters(ask: Ask) -> Any:
    """Quarters as words, a year apart from them, and the vintage of the release."""
    return {
        "dataset": "namq",
        "vintage": 202611,
        "observations": [
            {
                "period": quarter(time),
                "year": from_micros(time).year,
                "gdp_meur": _GDP[time],
                "vintage": "2026-11-14",
                "status": "provisional" if time > _ACCOUNTS[-4] else "final",
            }
            for time in _ACCOUNTS
        ],
    }
