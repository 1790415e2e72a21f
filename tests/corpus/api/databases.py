"""Protocols of databases and portals, which many providers speak."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from api.serving import (
    EVER,
    NEVER,
    NOW,
    Answer,
    Ask,
    Refused,
    Span,
    api,
    epoch,
    every,
    iso,
    moment,
    text,
    until,
    wall,
    wave,
)
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND

# --- Prometheus, InfluxDB, Elasticsearch -----------------------------------------------------------------------------

_SCRAPES = until("2026-11-20T12:00:00Z", HOUR, 24 * 45)
_LOAD = {name: wave(_SCRAPES, 1.7, 1.2, 2, seed=n) for n, name in enumerate(("host-a:9100", "host-b:9100"))}


@api(
    "/api/v1/query_range?query=node_load5&start=2026-11-19T00:00:00Z&end=2026-11-20T12:00:00Z&step=1h",
    _LOAD,
    needs=("start", "end"),
    loose=("start", "end"),
    refusal=lambda said: Answer({"status": "error", "errorType": "bad_data", "error": said}, 400),
)
def prometheus(ask: Ask) -> Any:
    """A matrix: [epoch seconds, text] for each labelled series; 11,000 steps at most."""

    def instant(name: str) -> int:
        given = ask.get(name)
        if given is None:
            raise Refused(f'invalid parameter "{name}": cannot parse "" to a valid timestamp')
        try:
            return round(float(given) * SECOND) if given.replace(".", "").isdigit() else moment(given, "iso")
        except ValueError:
            raise Refused(f'invalid parameter "{name}": cannot parse "{given}" to a valid timestamp') from None

    start, end = instant("start"), instant("end")
    if end < start:
        raise Refused('invalid parameter "end": end timestamp must not be before start time')
    if (end - start) // HOUR > 11_000:
        raise Refused(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution"
        )
    # It evaluates at start, start + step, …: off the full hour it gives the value of the scrape before.
    held = {
        name: [(at, line[at // HOUR * HOUR]) for at in range(start, end + 1, HOUR) if at // HOUR * HOUR in line]
        for name, line in _LOAD.items()
    }
    return {
        "status": "success",
        "data": {
            "resultType": "matrix",
            "result": [
                {
                    "metric": {"__name__": "node_load5", "instance": name, "job": "node"},
                    "values": [
                        [epoch(at) if at % SECOND == 0 else at / SECOND, text(value, 2)] for at, value in points
                    ],
                }
                for name, points in held.items()
                if points
            ],
        },
    }


_LEVELS = every(6 * MINUTE, "2026-09-01", 1_200)
_SANTA = {name: wave(_LEVELS, 4.2, 3, 3, seed=n, hole=77) for n, name in enumerate(("coyote_creek", "santa_monica"))}


@api("/query?db=NOAA&q=SELECT+level+FROM+h2o_feet+GROUP+BY+location", _SANTA)
def influxdb(ask: Ask) -> Any:
    """Columns and values, a series for each set of tags."""
    return {
        "results": [
            {
                "statement_id": 0,
                "series": [
                    {
                        "name": "h2o_feet",
                        "tags": {"location": name},
                        "columns": ["time", "level"],
                        "values": [[iso(time), line.get(time)] for time in _LEVELS],
                    }
                    for name, line in _SANTA.items()
                ],
            }
        ]
    }


_BEATS = until("2026-11-20T11:59:00Z", 10 * MINUTE, 900)
_CPU = wave(_BEATS, 0.41, 0.3, 4)


@api(
    "/metrics-*/_search?sort=@timestamp:desc",
    {"_source.system.cpu.total.pct": _CPU},
    optional={"duration": {time: 115_000.0 + epoch(time) % 7 for time in _BEATS}, "cores": dict.fromkeys(_BEATS, 8.0)},
    loose=("sort",),
    known=("size", "from", "q", "_source", "track_total_hits", "timeout"),
    refusal=lambda said: Answer({"error": {"type": "illegal_argument_exception", "reason": said}, "status": 400}, 400),
)
def elasticsearch(ask: Ask) -> Any:
    """Hits with a source each; ten unless asked for more, and a sort value that repeats the time."""
    size, start = ask.integer("size", 10, most=10_000), ask.integer("from", 0)
    if size + start > 10_000:
        raise Refused("Result window is too large, from + size must be less than or equal to: [10000]")
    times = [time for time in reversed(_BEATS) if _in_lucene_range(ask.get("q"), time)]
    return {
        "took": 5,
        "timed_out": False,
        "_shards": {"total": 4, "successful": 4, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": len(times), "relation": "eq"},
            "max_score": None,
            "hits": [
                {
                    "_index": "metrics-2026.11",
                    "_id": f"jK{epoch(time):x}",
                    "_score": None,
                    "_source": {
                        "@timestamp": wall(time, "%Y-%m-%dT%H:%M:%S.000Z"),
                        "agent": {"version": "8.15.0", "type": "metricbeat"},
                        "event": {"ingested": iso(time + 7 * SECOND), "duration": 115_000 + epoch(time) % 7},
                        "system": {"cpu": {"cores": 8, "total": {"pct": _CPU[time]}}},
                        "host": {"name": "web-1"},
                    },
                    "sort": [time // 1000],
                }
                for time in times[start : start + size]
            ],
        },
    }


def _in_lucene_range(query: str | None, time: int) -> bool:
    if query is None:
        return True
    match = re.fullmatch(r"@timestamp:\[\"?(\S+?)\"? TO \"?(\S+?)\"?\]", query)
    if match is None:
        raise Refused(f"Failed to parse query [{query}]")
    low, high = match.groups()
    try:
        return (low == "*" or moment(low, "iso") <= time) and (high == "*" or time <= moment(high, "iso"))
    except ValueError:
        raise Refused("failed to parse date field") from None


# --- OData, SensorThings ---------------------------------------------------------------------------------------------

_CLAUSE = re.compile(r"(\w+) (ge|gt|le|lt) (?:datetime')?([^' ]+)'?")


def _filtered(ask: Ask, field: str, name: str = "$filter") -> Callable[[int], bool]:
    """The condition of an OData filter on one field; Refused for anything it does not understand."""
    given = ask.get(name)
    if given is None:
        return lambda time: True
    span = Span()
    for clause in given.split(" and "):
        match = _CLAUSE.fullmatch(clause.strip("() "))
        if match is None or match[1] != field:
            raise Refused(f"Could not find a property named '{clause.split()[0]}'")
        try:
            when = moment(match[3], "iso")
        except ValueError:
            raise Refused(f"Unrecognized 'Edm.String' literal '{match[3]}'") from None
        if match[2] in ("ge", "gt"):
            span = Span(max(span.start, when + (match[2] == "gt")), span.end)
        else:
            span = Span(span.start, min(span.end, when + (match[2] == "le")))
    return lambda time: span.start <= time < span.end


def _odata_refusal(said: str) -> Answer:
    return Answer({"error": {"code": "0x80060888", "message": said}}, 400)


_METERED = until("2026-11-20T06:00:00Z", 6 * HOUR, 900)
_KWH = wave(_METERED, 83.4, 50, 2, hole=91)


@api(
    "/api/data/v9.2/new_readings",
    {"new_kwh": _KWH},
    needs=("$skiptoken",),
    named=True,
    auth={"auth_type": "bearer", "bearer_token": "eyJ0eXAiOiJKV1Qi"},
    refusal=_odata_refusal,
)
def dynamics_odata(ask: Ask) -> Any:
    """A next link, no $skip; a formatted twin of each value, a version number, and when it was entered."""
    for name in ask.query:
        if name.startswith("$") and name not in ("$filter", "$top", "$orderby", "$select", "$count", "$skiptoken"):
            raise Refused(f"The query parameter {name} is not supported")
    fits = _filtered(ask, "new_readat")
    times = [time for time in _METERED if fits(time)]
    if "$top" in ask.query:
        times = times[: ask.integer("$top", 0, most=5_000, cut=True)]
    begin = ask.integer("$skiptoken", 0)
    page = times[begin : begin + 250]
    following = {"@odata.nextLink": ask.url(**{"$skiptoken": begin + 250})} if begin + 250 < len(times) else {}
    return {
        "@odata.context": f"{ask.base}/api/data/v9.2/$metadata#new_readings",
        "value": [
            {
                "@odata.etag": f'W/"{8_123_456 + epoch(time) % 9_999}"',
                "statecode": 0,
                "statuscode": 1,
                "new_kwh": _KWH.get(time),
                "new_kwh@OData.Community.Display.V1.FormattedValue": text(_KWH.get(time), 2),
                "new_readat": iso(time),
                "createdon": iso(time + 37 * MINUTE + time % 7 * SECOND),
                "modifiedon": iso(NOW - 9 * DAY),
                "versionnumber": 8_123_456 + time // HOUR % 10_000,
                "new_readingid": f"{epoch(time):08x}-aa01-ee11-8179-000d3a2b{n:04}",
                "_ownerid_value": "5bf1",
            }
            for n, time in enumerate(page, begin)
        ],
        **following,
    }


_FLOWS = every(DAY, "2023-01-01", 1_300)
_FLOW = wave(_FLOWS, 512, 400, 1)


@api(
    "/odata/v4/Discharges",
    {"Flow": _FLOW},
    named=True,
    needs=("$skip",),
    refusal=_odata_refusal,
    known=("$filter", "$top", "$skip", "$orderby", "$select", "$count", "$format"),
)
def odata_v4(ask: Ask) -> Any:
    """$top and $skip, 100 at most at once; the next link asks for what is left of $top."""
    fits = _filtered(ask, "ObservedOn")
    times = [time for time in _FLOWS if fits(time)][ask.integer("$skip", 0) :]
    wanted = times[: ask.integer("$top", len(times))]
    left = {"$top": len(wanted) - 100} if "$top" in ask.query else {}
    more = {"@odata.nextLink": ask.url(**{"$skip": ask.integer("$skip", 0) + 100, **left})} if wanted[100:] else {}
    return {
        "@odata.context": f"{ask.base}/odata/v4/$metadata#Discharges",
        "value": [
            {
                "ID": 40_000 + epoch(time) // 86_400,
                "ObservedOn": iso(time),
                "Flow": _FLOW[time],
                "Revision": 1,
                "Gauge": "Mertola",
            }
            for time in wanted[:100]
        ],
        **more,
    }


_OBSERVED = until("2026-11-20T11:50:00Z", 10 * MINUTE, 1_700)
_RESULT = wave(_OBSERVED, 12.3, 6, 2)


@api(
    "/v1.1/Datastreams(42)/Observations",
    {"result": _RESULT},
    named=True,
    needs=("$filter",),
    refusal=_odata_refusal,
    known=("$filter", "$top", "$skip", "$orderby", "$select", "$count", "$expand"),
)
def sensor_things(ask: Ask) -> Any:
    """OGC SensorThings: a count, a next link, the instant when it was taken in beside that when it was observed."""
    fits = _filtered(ask, "phenomenonTime")
    times = [time for time in reversed(_OBSERVED) if fits(time)]
    top, skip = ask.integer("$top", 100, most=1_000, cut=True), ask.integer("$skip", 0)
    more = {"@iot.nextLink": ask.url(**{"$top": top, "$skip": skip + top})} if len(times) > skip + top else {}
    return {
        "@iot.count": len(times),
        **more,
        "value": [
            {
                "@iot.selfLink": f"{ask.base}/v1.1/Observations({9_000 + n})",
                "@iot.id": 9_000 + n,
                "phenomenonTime": wall(time, "%Y-%m-%dT%H:%M:%S.000Z"),
                "result": _RESULT[time],
                "resultTime": wall(time + 4 * SECOND, "%Y-%m-%dT%H:%M:%S.000Z"),
                "resultQuality": None,
                "Datastream@iot.navigationLink": f"{ask.base}/v1.1/Observations({9_000 + n})/Datastream",
            }
            for n, time in enumerate(times[skip : skip + top], skip)
        ],
    }


# --- OGC APIs --------------------------------------------------------------------------------------------------------

_GAUGED = until("2026-11-20T11:00:00Z", HOUR, 24 * 70)
_HYDRO = {"LEVEL": wave(_GAUGED, 2.413, 1, 3), "DISCHARGE": wave(_GAUGED, 63.2, 40, 1, seed=1, hole=83)}


def _ogc_span(ask: Ask) -> Span:
    given = ask.get("datetime")
    if given is None:
        return Span()
    low, slash, high = given.partition("/")
    try:
        start = EVER if low in ("", "..") else moment(low, "iso")
        if not slash:
            return Span(start, start + 1)
        return Span(start, NEVER if high in ("", "..") else moment(high, "iso") + 1)
    except ValueError:
        raise Refused("datetime parameter out of range or invalid") from None


def _ogc_refusal(said: str) -> Answer:
    return Answer({"code": "InvalidParameterValue", "type": "InvalidParameterValue", "description": said}, 400)


@api(
    "/collections/hydrometric-realtime/items?STATION_NUMBER=02HA003&f=json",
    _HYDRO,
    known=("limit", "offset", "datetime", "sortby", "properties", "bbox", "skipGeometry"),
    refusal=_ogc_refusal,
)
def ogc_features(ask: Ask) -> Any:
    """GeoJSON with a list of links, one of them next; a local time and a symbol code beside; ten unless asked."""
    times = _ogc_span(ask).of(_GAUGED)
    limit, offset = ask.integer("limit", 10, least=1, most=1_000, cut=True), ask.integer("offset", 0)
    page = times[offset : offset + limit]
    links = [
        {"type": "application/geo+json", "rel": "self", "title": "This document", "href": ask.url()},
        {"type": "application/json", "rel": "collection", "href": f"{ask.base}/collections/hydrometric-realtime"},
    ]
    if offset + limit < len(times):
        links.append(
            {
                "type": "application/geo+json",
                "rel": "next",
                "title": "Items (next)",
                "href": ask.url(offset=offset + limit),
            }
        )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "id": f"02HA003.{wall(time, '%Y-%m-%d.%H:%M:%S')}",
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [-79.21, 43.16]},
                "properties": {
                    "STATION_NUMBER": "02HA003",
                    "STATION_NAME": "NIAGARA RIVER",
                    "PROV_TERR_STATE_LOC": "ON",
                    "DATETIME": iso(time),
                    "DATETIME_LST": wall(time - 5 * HOUR, "%Y-%m-%dT%H:%M:%S-05:00"),
                    "LEVEL": _HYDRO["LEVEL"][time],
                    "DISCHARGE": _HYDRO["DISCHARGE"].get(time),
                    "LEVEL_SYMBOL_EN": None,
                    "IDENTIFIER": f"02HA003.{epoch(time)}",
                },
            }
            for time in page
        ],
        "numberMatched": len(times),
        "numberReturned": len(page),
        "links": links,
        "timeStamp": iso(NOW),
    }


_COVERED = every(HOUR, "2026-10-01", 600)
_WAVES = {"swh": wave(_COVERED, 1.9, 1.2, 2), "mwp": wave(_COVERED, 9.3, 3, 2, seed=1)}


@api("/edr/collections/waves/position?coords=POINT(-9.4 38.6)&parameter-name=swh,mwp&f=CoverageJSON", _WAVES)
def ogc_edr(ask: Ask) -> Any:
    """CoverageJSON: the times on an axis, the values in ranges."""
    times = _ogc_span(ask).of(_COVERED)
    return {
        "type": "Coverage",
        "domain": {
            "type": "Domain",
            "domainType": "PointSeries",
            "axes": {"x": {"values": [-9.4]}, "y": {"values": [38.6]}, "t": {"values": [iso(time) for time in times]}},
            "referencing": [{"coordinates": ["t"], "system": {"type": "TemporalRS", "calendar": "Gregorian"}}],
        },
        "parameters": {name: {"type": "Parameter", "observedProperty": {"label": {"en": name}}} for name in _WAVES},
        "ranges": {
            name: {
                "type": "NdArray",
                "dataType": "float",
                "axisNames": ["t"],
                "shape": [len(times)],
                "values": [line[time] for time in times],
            }
            for name, line in _WAVES.items()
        },
    }


_BUOYS = {"x=-9.4 y=38.6": (-9.4, 38.6), "x=-8.1 y=36.9": (-8.1, 36.9)}
_SWELL = {name: wave(_COVERED, 1.4 + n, 0.8, 2, seed=7 + n) for n, name in enumerate(_BUOYS)}


@api("/edr/collections/buoys/area?coords=POLYGON((-10 36,-8 36,-8 39,-10 39,-10 36))&parameter-name=t", _SWELL)
def ogc_edr_area(ask: Ask) -> Any:
    """A collection of coverages, one a place; the parameter is called as the axis of the times."""
    times = _ogc_span(ask).of(_COVERED)
    return {
        "type": "CoverageCollection",
        "domainType": "PointSeries",
        "parameters": {"t": {"type": "Parameter", "observedProperty": {"label": {"en": "Temperature"}}}},
        "coverages": [
            {
                "type": "Coverage",
                "id": f"{n}",
                "domain": {
                    "type": "Domain",
                    "axes": {
                        "x": {"values": [x]},
                        "y": {"values": [y]},
                        "t": {"values": [iso(time) for time in times]},
                    },
                },
                "ranges": {
                    "t": {
                        "type": "NdArray",
                        "dataType": "float",
                        "axisNames": ["t", "y", "x"],
                        "shape": [len(times), 1, 1],
                        "values": [_SWELL[name][time] for time in times],
                    }
                },
            }
            for n, (name, (x, y)) in enumerate(_BUOYS.items())
        ],
    }


# --- open data portals -----------------------------------------------------------------------------------------------

_CASES = every(DAY, "2019-03-01", 2_400)
_RIDES = {"casual": wave(_CASES, 612, 500, 0), "member": wave(_CASES, 1_840, 900, 0, seed=3)}


def _where(ask: Ask, name: str, field: str) -> Callable[[int], bool]:
    """The condition of an SQL-like clause: `f between 'a' and 'b'`, or comparisons joined by and."""
    given = ask.get(name)
    if given is None:
        return lambda time: True
    between = re.fullmatch(rf"`?{field}`? between '([^']+)' and '([^']+)'", given, re.IGNORECASE)
    parts = [(">=", between[1]), ("<=", between[2])] if between else []
    if not between:
        for clause in re.split(r" and ", given, flags=re.IGNORECASE):
            match = re.fullmatch(rf"`?{field}`?\s*(>=|<=|>|<)\s*(?:date)?['\"]([^'\"]+)['\"]", clause.strip())
            if match is None:
                raise Refused(f'Could not parse SoQL query "select * where {given}"')
            parts.append((match[1], match[2]))
    try:
        bounds = [(sign, moment(when, "iso")) for sign, when in parts]
    except ValueError:
        raise Refused(f"Invalid date in {given!r}") from None
    tests = {">=": int.__ge__, "<=": int.__le__, ">": int.__gt__, "<": int.__lt__}
    return lambda time: all(tests[sign](time, bound) for sign, bound in bounds)


@api(
    "/resource/qgqs-mxpx.json",
    _RIDES,
    named=True,
    needs=("$offset",),
    known=("$limit", "$offset", "$where", "$order", "$select", "$$app_token"),
    refusal=lambda said: Answer({"code": "query.compiler.malformed", "error": True, "message": said}, 400),
)
def socrata(ask: Ask) -> Any:
    """A bare list of text, 1,000 unless asked; times that have no zone; anything but $… is a field to select by."""
    fits = _where(ask, "$where", "day")
    times = [time for time in _CASES if fits(time)]
    limit, offset = ask.integer("$limit", 1_000, most=50_000), ask.integer("$offset", 0)
    return [
        {
            "day": wall(time, "%Y-%m-%dT00:00:00.000"),
            "station_id": "31042",
            "zip": "20002",
            **{name: text(line[time], 0) for name, line in _RIDES.items()},
        }
        for time in times[offset : offset + limit]
    ]


_COUNTED = every(DAY, "2022-01-01", 1_500)
_BIKES = wave(_COUNTED, 3_204, 1_900, 0)


@api(
    "/api/3/action/datastore_search?resource_id=0a1b2c3d-44ee",
    {"Anzahl": _BIKES},
    named=True,
    needs=("offset",),
    known=("limit", "offset", "sort", "q", "filters", "fields", "records_format", "include_total"),
    refusal=lambda said: Answer({"success": False, "error": {"__type": "Validation Error", "message": [said]}}, 409),
)
def ckan(ask: Ask) -> Any:
    """A hundred unless asked, a row number, a link to a next page even after the last."""
    limit, offset = ask.integer("limit", 100, most=32_000, cut=True), ask.integer("offset", 0)
    return {
        "help": f"{ask.base}/api/3/action/help_show?name=datastore_search",
        "success": True,
        "result": {
            "include_total": True,
            "limit": limit,
            "offset": offset,
            "records_format": "objects",
            "resource_id": "0a1b2c3d-44ee",
            "total_estimation_threshold": None,
            "fields": [
                {"id": "_id", "type": "int"},
                {"id": "Datum", "type": "timestamp"},
                {"id": "Anzahl", "type": "numeric"},
                {"id": "Zaehlstelle", "type": "text"},
            ],
            "records": [
                {
                    "_id": n + 1,
                    "Datum": wall(_COUNTED[n], "%Y-%m-%dT00:00:00"),
                    "Anzahl": int(_BIKES[_COUNTED[n]]),
                    "Zaehlstelle": "Rheinufer",
                }
                for n in range(offset, min(offset + limit, len(_COUNTED)))
            ],
            "_links": {
                "start": "/api/3/action/datastore_search?resource_id=0a1b2c3d-44ee",
                "next": f"/api/3/action/datastore_search?resource_id=0a1b2c3d-44ee&offset={offset + limit}",
            },
            "total": len(_COUNTED),
            "total_was_estimated": False,
        },
    }


_ECO2 = until("2026-11-20T11:30:00Z", 30 * MINUTE, 1_400)
_MIX = {"consommation": wave(_ECO2, 52_310, 9_000, 0), "nucleaire": wave(_ECO2, 40_120, 4_000, 0, seed=1, hole=70)}


@api(
    "/api/explore/v2.1/catalog/datasets/eco2mix-national-tr/records?order_by=date_heure",
    _MIX,
    needs=("offset",),
    loose=("order_by",),
    known=("limit", "offset", "where", "order_by", "select", "refine", "timezone", "lang"),
    refusal=lambda said: Answer({"error_code": "InvalidRESTParameterError", "message": said}, 400),
)
def opendatasoft(ask: Ask) -> Any:
    """Ten unless asked, a hundred at most, ten thousand in all; the date and the hour once more, in local time."""
    limit, offset = ask.integer("limit", 10, least=-1, most=100), ask.integer("offset", 0)
    if limit + offset > 10_000:
        raise Refused("Invalid value for offset API parameter: offset + limit should be < 10000")
    fits = _where(ask, "where", "date_heure")
    times = _sorted([time for time in _ECO2 if fits(time)], ask.get("order_by"))
    return {
        "total_count": len(times),
        "results": [
            {
                "perimetre": "France",
                "nature": "Données temps réel",
                "date": wall(time + HOUR, "%Y-%m-%d"),
                "heure": wall(time + HOUR, "%H:%M"),
                "date_heure": wall(time, "%Y-%m-%dT%H:%M:%S+00:00"),
                **{name: int(line[time]) if time in line else None for name, line in _MIX.items()},
                "ech_comm_angleterre": None,
            }
            for time in times[offset : offset + limit]
        ],
    }


def _sorted(times: Sequence[int], order: str | None) -> list[int]:
    """In the order of the source; of none that is known, scattered."""
    if order is None:
        return sorted(times, key=lambda time: time * 2_654_435_761 % 2**32)
    return sorted(times, reverse=order.casefold().startswith(("-", "date_heure desc")))
