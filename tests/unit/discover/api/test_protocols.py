"""Protocols that are known by the shape of their URL and answer: SensorThings, ArcGIS, InfluxDB 2, Elexon."""

import re

import pytest

from discovering import all_of, look
from slackwater.discover.api.protocols import PROTOCOLS
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def protocol(found):
    return next(each.value for each in found.findings if each.what == "protocol")


async def test_sensor_things_with_a_condition_of_the_users_own(server):
    feed = Feed.regular("2024-11-01", HOUR, 640)

    def observations(request):
        if strange := sorted(request.query.keys() - {"$filter", "$top", "$skip", "$orderby", "$select"}):
            return Answer({"code": 400, "type": "error", "message": f"unknown option {strange[0]}"}, 400)
        held = sorted(feed.points()["value"].items(), reverse=True)
        if condition := request.query.get("$filter"):
            match = re.fullmatch(r"\(result ge 0\) and phenomenonTime ge (\S+) and phenomenonTime le (\S+)", condition)
            if match is None and condition != "result ge 0":
                return Answer({"code": 400, "type": "error", "message": f"cannot parse {condition}"}, 400)
            if match:
                low, high = map(parse_iso, match.groups())
                held = [each for each in held if low <= each[0] <= high]
        skip, top = int(request.query.get("$skip", 0)), min(int(request.query.get("$top", 100)), 250)
        rows = [
            {"@iot.id": n, "phenomenonTime": iso(time), "result": value, "resultTime": None}
            for n, (time, value) in enumerate(held[skip : skip + top], skip)
        ]
        return Answer({"@iot.count": len(held), "value": rows})

    found = await look(server.route("/v1.0/Datastreams(3)/Observations", observations) + "?$filter=result ge 0")
    assert protocol(found) == "SensorThings"
    assert "(result ge 0) and phenomenonTime ge {start} and phenomenonTime le {end}" in found.code
    assert 'offset_param="$skip"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


@pytest.mark.parametrize("by", ["where", "time"])
async def test_arcgis(server, by):
    """Short pages in between; the flag alone says that there is more; errors are successes."""
    feed = Feed.regular("2024-11-01", HOUR, 900)
    wrong = Answer({"error": {"code": 400, "message": "Unable to complete operation.", "details": []}})

    def query(request):
        held = sorted(feed.points()["value"].items())
        condition = request.query.get("where", "")
        match = re.fullmatch(
            r"\(1=1\) and ReadingTime >= TIMESTAMP '(.+)' and ReadingTime <= TIMESTAMP '(.+)'", condition
        )
        if condition != "1=1" and (match is None or by != "where"):
            return wrong
        if match:
            low, high = (parse_iso(each.replace(" ", "T") + "Z") for each in match.groups())
            held = [each for each in held if low <= each[0] <= high]
        if by == "time" and (given := request.query.get("time")):
            low, high = (int(each) * 1000 for each in given.split(","))
            held = [each for each in held if low <= each[0] <= high]
        offset, count = (
            int(request.query.get(f"result{name}", usual)) for name, usual in (("Offset", 0), ("RecordCount", 300))
        )
        count = min(count, 300 if offset % 200 else 170)
        more = {"exceededTransferLimit": True} if offset + count < len(held) else {}
        rows = [
            {"attributes": {"OBJECTID": n, "ReadingTime": time // 1000, "Stage": value}}
            for n, (time, value) in enumerate(held[offset : offset + count], offset)
        ]
        return Answer({"objectIdFieldName": "OBJECTID", "fields": [], "features": rows, **more})

    found = await look(server.route("/rest/services/G/FeatureServer/0/query", query) + "?where=1%3D1&f=json")
    assert protocol(found) == "ArcGIS feature service"
    assert "TimeRange(" in found.code
    assert 'more="exceededTransferLimit"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_elexon_days_of_settlement(server):
    """Half-hours of British days, by days from and to; a week at most."""
    begin = parse_iso("2024-01-15")
    held = {begin + n * 30 * MINUTE: round(40 + n % 37 * 1.5, 2) for n in range(48 * 40)}
    newest = max(held)

    def prices(request):
        query = request.query
        if strange := sorted(query.keys() - {"settlementDateFrom", "settlementDateTo", "format"}):
            return Answer({"errors": {strange[0]: ["Unknown query parameter."]}}, 400)
        low = parse_iso(query.get("settlementDateFrom", iso(newest - 2 * DAY)[:10]))
        high = parse_iso(query.get("settlementDateTo", iso(newest)[:10]))
        if high - low > 7 * DAY:
            return Answer({"errors": {"settlementDateTo": ["The date range must not exceed 7 days"]}}, 400)
        rows = [
            {
                "settlementDate": iso(t)[:10],
                "settlementPeriod": (t % DAY) // (30 * MINUTE) + 1,
                "startTime": iso(t),
                "price": v,
            }
            for t, v in sorted(held.items())
            if low <= t < high + DAY
        ]
        return Answer({"metadata": {"datasets": ["X"]}, "data": rows})

    found = await look(
        server.route("/bmrs/api/v1/balancing/prices", prices), date_field="startTime", value_field="price"
    )
    assert protocol(found) == "Elexon Insights"
    assert 'TimeFilter("settlementDateFrom", "settlementDateTo", form="date"' in found.code
    assert len(server.requests) <= REQUESTS
    [points] = (await all_of(found, Feed(held.items()))).points.values()
    assert points == held


async def test_influxdb_csv_by_start_and_stop(server):
    held = {parse_iso("2024-01-15") + n * HOUR: round(20 + n % 11 * 0.5, 1) for n in range(700)}

    def export(request):
        low, high = (request.query.get(name) for name in ("start", "stop"))
        if not all(re.match(r"\d{4}-\d\d-\d\d", each) for each in (low, high) if each):
            return Answer({"code": "invalid", "message": "start and stop must be times"}, 400)
        rows = [
            (t, v)
            for t, v in sorted(held.items())
            if (low is None or parse_iso(low) <= t) and (high is None or t < parse_iso(high))
        ]
        lines = [",result,table,_time,_value,_field,_measurement"]
        lines += [f",,0,{iso(time)},{value},temp,indoor" for time, value in (rows if low else rows[-120:])]
        return Answer("\r\n".join(lines).encode(), headers={"Content-Type": "text/csv; charset=utf-8"})

    found = await look(server.route("/api/v2/export.csv", export), value_field="_value")
    assert protocol(found) == "InfluxDB 2 annotated CSV"
    assert 'TimeFilter("start", "stop"' in found.code
    [points] = (await all_of(found, Feed(held.items()))).points.values()
    assert points == held


@pytest.mark.parametrize("where", ["", " WHERE host = 'a'", " where host='a' GROUP BY room", " GROUP BY room"])
async def test_a_query_of_influxdb_1_gets_a_range(server, where):
    """Without one it gave at most so many rows as the server is set to, from the oldest on."""
    held = {parse_iso("2024-01-15") + n * HOUR: round(20 + n % 11 * 0.5, 1) for n in range(700)}

    def query(request):
        found = re.search(r" time >= '(\S+)' AND time <= '(\S+)'", request.query["q"])
        low, high = map(parse_iso, found.groups()) if found else (0, max(held))
        rest = request.query["q"].replace(found[0], "") if found else request.query["q"]
        asked = re.sub(r"\s+|\(|\)|AND$|WHERE(?= *$|GROUP)", "", rest.replace(" AND GROUP", " GROUP"))
        if not asked.upper().startswith("SELECTV FROMM".replace(" ", "")) or list(request.query) != ["q"]:
            return Answer({"error": "unknown"}, 400)
        rows = [[iso(time), value] for time, value in sorted(held.items()) if low <= time <= high]
        cut = {"partial": True} if len(rows) > 300 else {}
        lines = [{"name": "m", "columns": ["time", "v"], "values": rows[:300], **cut}] if rows else []
        return Answer({"results": [{"statement_id": 0, **({"series": lines} if lines else {})}]})

    url = server.route("/query", query)
    found = await look(f"{url}?q=SELECT v FROM m{where}")
    assert protocol(found) == "InfluxDB 1 query"
    [points] = (await all_of(found, Feed(held.items()))).points.values()
    assert points == held
    with pytest.raises(Question, match="`partial`"):
        await look(f"{url}?q=SELECT v FROM m; SELECT v FROM m")


INFLUX = next(each for each in PROTOCOLS if each.name == "InfluxDB 1 query")
OURS = "time >= '{start}' AND time <= '{end}'"


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("SELECT v FROM m", f"SELECT v FROM m WHERE {OURS}"),
        ("SELECT v FROM m WHERE a='x' OR a='y'", f"SELECT v FROM m WHERE (a='x' OR a='y') AND {OURS}"),
        ("select v from m where a='x' group by b", f"select v from m WHERE (a='x') AND {OURS} group by b"),
        ("SELECT v FROM m GROUP BY b", f"SELECT v FROM m WHERE {OURS} GROUP BY b"),
        ("SELECT v FROM m ORDER BY time DESC", f"SELECT v FROM m WHERE {OURS} ORDER BY time DESC"),
        ("SELECT v FROM m tz('Europe/Berlin')", f"SELECT v FROM m WHERE {OURS} tz('Europe/Berlin')"),
        ("SELECT v FROM m WHERE runtime > 5", f"SELECT v FROM m WHERE (runtime > 5) AND {OURS}"),
    ],
)
def test_a_range_keeps_all_that_a_query_of_influxdb_1_says(query, written):
    [found] = INFLUX.filters("time", "iso", query)
    assert (found.param, found.template) == ("q", written)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT v FROM m WHERE time > now() - 7d",
        "SELECT v FROM m WHERE a='x' AND TIME > '2024-01-01'",
        "SELECT v FROM m WHERE a='x' LIMIT 5",
        "SELECT v FROM m GROUP BY b limit 5",
        "SELECT v FROM m WHERE a='x'; SELECT v FROM n WHERE a='x'",
        "SELECT v FROM m WHERE a='{start}'",
        "SHOW MEASUREMENTS",
    ],
)
def test_a_query_of_influxdb_1_that_has_a_range_or_a_limit_gets_none(query):
    assert INFLUX.filters("time", "iso", query) == ()


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ({"results": [{"statement_id": 0, "series": []}]}, True),
        ({"results": [{"statement_id": 0}]}, False),  # it has no data, and nothing that a range could be proven by
        ({"results": [{"series": []}]}, False),
        ({"data": {"result": []}}, False),
    ],
)
def test_answers_of_influxdb_1_are_told_by_what_they_have(body, known):
    assert INFLUX.shape("/query", body) is known
    assert INFLUX.shape("/behind/a/proxy", body) is known


async def test_what_only_looks_like_a_protocol_is_proven_all_the_same(server):
    """An answer like SensorThings', of a source that heeds none of its options."""
    feed = Feed.regular("2024-11-01", HOUR, 190)
    rows = [
        {"@iot.id": n, "phenomenonTime": iso(t), "result": v}
        for n, (t, v) in enumerate(sorted(feed.points()["value"].items()))
    ]
    found = await look(server.route("/v1.1/Observations", lambda _: Answer({"value": rows})))
    assert protocol(found) == "SensorThings"
    assert "pages=" not in found.code
    assert "window=" not in found.code
    assert from_micros(found.seen.start).year == 2024
