"""Power: generation, prices, intensity."""

from typing import Any

from api.serving import NOW, Answer, Ask, Refused, Span, api, epoch, iso, only, text, until, wall, wave
from slackwater.model.instants import DAY, HOUR, MINUTE

_QUARTERS = until("2026-11-20T11:45:00Z", 15 * MINUTE, 96 * 20)
_MW = {
    "Solar": wave(_QUARTERS, 8_012.4, 7_000),
    "Wind onshore": wave(_QUARTERS, 14_311.2, 9_000, seed=1),
    "Load": wave(_QUARTERS, 54_102.9, 9_000, seed=2, hole=101),
}


@api(
    "/public_power?country=de",
    _MW,
    needs=("start", "end"),
    refusal=lambda said: Answer({"detail": [{"msg": said, "type": "value_error"}]}, 422),
)
def energy_charts(ask: Ask) -> Any:
    """Times once, and a list of series each with parallel data; today unless asked for more."""
    span = ask.span("start", "end")
    if ask.query.get("end", "T").find("T") < 0:
        span = Span(span.start, span.end + DAY - 1)
    times = (
        span.of(_QUARTERS) if ask.query.keys() & {"start", "end"} else [t for t in _QUARTERS if t >= NOW // DAY * DAY]
    )
    return {
        "unix_seconds": [epoch(time) for time in times],
        "production_types": [{"name": name, "data": [line.get(time) for time in times]} for name, line in _MW.items()],
        "deprecated": False,
    }


_HOURS = until("2026-11-20T22:00:00Z", HOUR, 24 * 40)
_SPOT = {area: wave(_HOURS, 62.31, 50, 2, seed=n) for n, area in enumerate(("ee", "fi", "lv"))}


@api(
    "/api/nps/price",
    {area: only(line, [t for t in _HOURS if t <= NOW]) for area, line in _SPOT.items()},
    needs=("start", "end"),
)
def elering(ask: Ask) -> Any:
    """A list for each area; today unless asked for more."""
    span = ask.span("start", "end")
    if not ask.query.keys() & {"start", "end"}:
        span = Span(NOW // DAY * DAY, NOW + 1)
    times = [time for time in span.of(_HOURS) if time <= NOW]
    return {
        "success": True,
        "data": {
            area: [{"timestamp": epoch(time), "price": line[time]} for time in times] for area, line in _SPOT.items()
        },
    }


_DANISH = until("2026-11-20T11:00:00Z", HOUR, 500)
_DK = {area: wave(_DANISH, 512.4, 300, 2, seed=n) for n, area in enumerate(("DK1", "DK2"))}
_DK_EUR = {area: wave(_DANISH, 68.7, 40, 2, seed=n) for n, area in enumerate(("DK1", "DK2"))}


@api(
    "/dataset/Elspotprices?sort=HourUTC%20DESC",
    {f"{area} {name}": line[area] for area in _DK for name, line in (("SpotPriceDKK", _DK), ("SpotPriceEUR", _DK_EUR))},
    needs=("offset",),
    loose=("sort",),
    refusal=lambda said: Answer({"statusCode": 400, "message": said}, 400),
)
def energi_data_service(ask: Ask) -> Any:
    """The hour in UTC and in local time, neither with a zone; 100 records unless asked."""
    form = "%Y-%m-%dT%H:%M" if "T" in ask.query.get("start", ask.query.get("end", "")) else "date"
    low, high = ask.moment("start", form), ask.moment("end", form)  # in Danish time, the end excluded
    span = Span((low or 0) - HOUR, (high or NOW + DAY) - HOUR)
    rows = [(time, area) for time in reversed(span.of(_DANISH)) for area in _DK]
    limit, offset = ask.integer("limit", 100), ask.integer("offset", 0)
    return {
        "total": len(rows),
        "sort": "HourUTC DESC",
        "limit": limit,
        "dataset": "Elspotprices",
        "records": [
            {
                "HourUTC": wall(time, "%Y-%m-%dT%H:%M:%S"),
                "HourDK": wall(time + HOUR, "%Y-%m-%dT%H:%M:%S"),
                "PriceArea": area,
                "SpotPriceDKK": _DK[area][time],
                "SpotPriceEUR": _DK_EUR[area][time],
            }
            for time, area in rows[offset : offset + limit] or rows[offset:] * (limit == 0)
        ],
    }


_HALVES = until("2026-11-20T11:30:00Z", 30 * MINUTE, 600)
_CARBON = {
    "intensity.forecast": wave(_HALVES, 266, 90, 0),
    "intensity.actual": wave(_HALVES, 263, 90, 0, seed=1, hole=47),
}


@api("/intensity/2026-11-08/pt24h", {name: only(line, _HALVES[:200]) for name, line in _CARBON.items()})
def carbon_intensity(ask: Ask) -> Any:
    """Intervals with a begin and an end, values in an object with a word."""
    return {
        "data": [
            {
                "from": wall(time, "%Y-%m-%dT%H:%MZ"),
                "to": wall(time + 30 * MINUTE, "%Y-%m-%dT%H:%MZ"),
                "intensity": {
                    name.split(".")[1]: int(line[time]) if time in line else None for name, line in _CARBON.items()
                }
                | {"index": "moderate" if n % 5 else "high"},
            }
            for n, time in enumerate(_HALVES[:200])
        ]
    }


_PVPC = until("2026-11-19T22:00:00Z", HOUR, 24 * 70)
_REE = {"PVPC": wave(_PVPC, 121.5, 60, 2), "Precio mercado spot": wave(_PVPC, 63.5, 50, 2, seed=1)}


@api(
    "/es/datos/mercados/precios-mercados-tiempo-real?start_date=2026-11-18T00:00&end_date=2026-11-18T23:59"
    "&time_trunc=hour",
    _REE,
    needs=("start_date", "end_date"),
    loose=("start_date", "end_date"),
    optional={f"{name} percentage": dict.fromkeys(_PVPC, 1.0) for name in _REE},
    refusal=lambda said: Answer({"errors": [{"code": 400, "status": "Bad Request", "title": said}]}, 400),
)
def red_electrica(ask: Ask) -> Any:
    """JSON:API of a sort: series under `included`, their values two levels down; a month at most at once."""
    span = ask.span("start_date", "end_date")
    if not {"start_date", "end_date"} <= ask.query.keys():
        raise Refused("The start_date and end_date are required")
    if span.end - span.start > 31 * DAY + HOUR:
        raise Refused("The range of dates is too long for the time_trunc")
    times = Span(span.start - HOUR, span.end - HOUR).of(_PVPC)  # its dates are meant in Madrid's winter time
    if not times:
        return Answer({"errors": [{"code": 500, "status": "Internal Server Error", "title": "No data"}]}, 500)
    return {
        "data": {
            "type": "Precios mercado peninsular",
            "id": "mer13",
            "attributes": {"title": "Precios", "last-update": "2026-11-19T20:16:28.000+01:00"},
            "meta": {"cache-control": {"cache": "HIT", "expireAt": "2026-11-20T12:11:03"}},
        },
        "included": [
            {
                "type": name,
                "id": str(600 + 401 * n),
                "groupId": None,
                "attributes": {
                    "title": name,
                    "description": None,
                    "color": "#ffcf09",
                    "type": None,
                    "magnitude": "price",
                    "composite": False,
                    "last-update": "2026-11-19T20:16:28.000+01:00",
                    "values": [
                        {
                            "value": line[time],
                            "percentage": 1,
                            "datetime": wall(time + HOUR, "%Y-%m-%dT%H:%M:%S.000+01:00"),
                        }
                        for time in times
                    ],
                },
            }
            for n, (name, line) in enumerate(_REE.items())
        ],
    }


_DEMAND_HOURS = until("2026-11-20T10:00:00Z", HOUR, 24 * 120)
_DEMAND = {"D": wave(_DEMAND_HOURS, 25_410, 6_000, 0), "NG": wave(_DEMAND_HOURS, 22_004, 5_000, 0, seed=1)}


@api(
    "/v2/electricity/rto/region-data/data/?frequency=hourly&data[0]=value&facets[respondent][]=CAL"
    "&sort[0][column]=period&sort[0][direction]=desc",
    _DEMAND,
    needs=("offset",),
    auth={"auth_type": "none", "query_params": {"api_key": "eiaeiaeia"}},
    known=("offset", "length", "start", "end"),
    refusal=lambda said: Answer({"error": said, "code": 400}, 400),
)
def eia(ask: Ask) -> Any:
    """Hours without minutes; totals and numbers as text; `length` is the limit, 5,000 the most and the default."""
    form = "%Y-%m-%dT%H" if "T" in ask.query.get("start", ask.query.get("end", "")) else "date"
    low, high = ask.moment("start", form), ask.moment("end", form)
    times = Span(low or 0, (high or NOW) + 1).of(_DEMAND_HOURS)
    offset, length = ask.integer("offset", 0), ask.integer("length", 5_000, most=5_000, cut=True)
    rows = [(time, kind) for time in reversed(times) for kind in _DEMAND]
    return {
        "response": {
            "total": str(len(rows)),
            "dateFormat": 'YYYY-MM-DD"T"HH24',
            "frequency": "hourly",
            "description": "Hourly",
            "data": [
                {
                    "period": wall(time, "%Y-%m-%dT%H"),
                    "respondent": "CAL",
                    "respondent-name": "California",
                    "type": kind,
                    "type-name": {"D": "Demand", "NG": "Net generation"}[kind],
                    "value": text(_DEMAND[kind][time], 0),
                    "value-units": "megawatthours",
                }
                for time, kind in rows[offset : offset + length]
            ],
        },
        "request": {"command": "/v2/electricity/rto/region-data/data/", "params": ask.query},
        "apiVersion": "2.1.8",
    }


_METER = until("2026-11-20T10:30:00Z", 30 * MINUTE, 1_900)
_CONSUMPTION = wave(_METER, 0.063, 0.05, 3)


@api(
    "/v1/electricity-meter-points/1100/meters/18L2/consumption/",
    {"consumption": _CONSUMPTION},
    named=True,
    needs=("page",),
    auth={"auth_type": "basic", "username": "sk_live_abc", "password": ""},
)
def octopus(ask: Ask) -> Any:
    """count, next, previous, results; intervals whose local offset says nothing new; newest first."""
    low, high = ask.moment("period_from"), ask.moment("period_to")
    times = [time for time in reversed(_METER) if (low or 0) <= time < (high or NOW + DAY)]
    size, page = ask.integer("page_size", 100, least=1, most=25_000, cut=True), ask.integer("page", 1, least=1)
    if page > max(1, -(-len(times) // size)):
        return Answer({"detail": "Invalid page."}, 404)
    more = ask.url(page=page + 1) if page * size < len(times) else None
    return {
        "count": len(times),
        "next": more,
        "previous": ask.url(page=page - 1) if page > 1 else None,
        "results": [
            {"consumption": _CONSUMPTION[time], "interval_start": iso(time), "interval_end": iso(time + 30 * MINUTE)}
            for time in times[(page - 1) * size : page * size]
        ],
    }
