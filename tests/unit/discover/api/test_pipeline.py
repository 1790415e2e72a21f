import json

import httpx
import pytest

from budget import every, some
from discovering import all_of, look
from slackwater.discover.api import probe
from slackwater.errors import BadSource
from slackwater.model.instants import DAY, HOUR, MINUTE, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default
DAILY = {"start": "2024-11-01", "step": DAY, "count": 250}


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


PAGINGS = {
    "none": {},
    "link": {"paging": "link"},
    "link_unlimited": {"paging": "link", "limit_param": None},
    "next": {"paging": "next"},
    "next_odata": {"paging": "next", "next_path": "@odata.nextLink", "limit_param": "$top"},
    "offset": {"paging": "offset"},
    "offset_total": {"paging": "offset", "total_path": "meta.total"},
    "skip": {"paging": "offset", "offset_param": "$skip", "limit_param": "$top"},
    "offset_capped": {"paging": "offset", "max_page_size": 60, "page_size": 30},
    "page": {"paging": "page", "limit_param": "per_page"},
    "page_unlimited": {"paging": "page", "limit_param": None},
    "page_from_zero": {"paging": "page", "limit_param": "pageSize", "first_page": 0, "page_param": "pageNumber"},
    "page_capped": {"paging": "page", "limit_param": "page_size", "max_page_size": 60},
    "top_level_link": {"paging": "link", "records": None},
    "top_level_offset": {"paging": "offset", "records": None},
}
FILTERS = {
    "whole": {},
    "ignored": {"time_filter": ("from", "to"), "filter_ignored": True},
    "from_to": {"time_filter": ("from", "to")},
    "start_end_dates": {"time_filter": ("start", "end"), "filter_form": "date"},
    "startDate_exclusive": {"time_filter": ("startDate", "endDate"), "inclusive_end": False},
    "date_from": {"time_filter": ("date_from", "date_to"), "filter_form": "date", "inclusive_end": False},
    "since_seconds": {"time_filter": ("since", "until"), "filter_form": "epoch_s"},
    "start_date_millis": {"time_filter": ("start_date", "end_date"), "filter_form": "epoch_ms"},
}


MET = [(paging, each) for paging in PAGINGS for each in ("whole", "from_to")]
MET += [(paging, each) for paging in ("next", "offset_total", "page_from_zero") for each in FILTERS]


@pytest.mark.parametrize(("paging", "time_filter"), every(2, sorted(set(MET))))
async def test_what_is_found_reads_exactly_the_feed(server, paging, time_filter):
    feed = Feed.regular("2024-11-01T06:00:00Z", DAY, 250)
    shape = {**PAGINGS[paging], **FILTERS[time_filter]}
    endpoint = server.serve("/v1/levels", feed, **shape)
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    assert ("window=" in found.code) == (shape.get("time_filter") is not None and not shape.get("filter_ignored"))
    assert ("pages=" in found.code) == ("paging" in shape)
    assert found.period == DAY
    run = await all_of(found, feed)
    assert run.points == feed.points()
    assert run.rejected_count == 0


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("time_form", ["iso", "date", "epoch_s", "epoch_ms"])
@pytest.mark.parametrize("paging", some(["link", "next", "offset", "page"], "next", "page"))
async def test_every_order_and_form_of_time(server, order, time_form, paging):
    feed = Feed.regular("2024-11-01", DAY, 330)
    endpoint = server.serve(
        "/data", feed, order=order, time_form=time_form, paging=paging, time_filter=("from", "to"), filter_form="date"
    )
    found = await look(endpoint.url)
    assert 'TimeFilter("from", "to", form="date")' in found.code
    run = await all_of(found, feed)
    assert run.points == feed.points()


@pytest.mark.parametrize(("step", "form"), [(MINUTE, "iso"), (HOUR, "date"), (MINUTE, "date"), (7 * DAY, "date")])
async def test_every_step(server, step, form):
    feed = Feed.regular("2024-11-01", step, 3000)
    endpoint = server.serve("/data", feed, paging="offset", time_filter=("from", "to"), filter_form=form)
    found = await look(endpoint.url)
    # A minutely sample of 1,000 spans less than a day: a filter by dates cannot be proven on it.
    assert ("TimeFilter" in found.code) == ((step, form) != (MINUTE, "date"))
    run = await all_of(found, feed)
    assert run.points == feed.points()


async def test_the_module_is_short_and_the_notes_have_reasons(server):
    endpoint = server.serve(
        "/v1",
        Feed.regular("2024-11-01T06:00:00Z", DAY, 250),
        paging="offset",
        total_path="meta.total",
        time_filter=("from", "to"),
    )
    found = await look(endpoint.url)
    assert (
        found.code
        == f"""from slackwater import ApiWrapper, Offset, TimeFilter

wrapper = ApiWrapper(
    url="{endpoint.url}",
    records="items",  # where the list of records is
    time="timestamp",
    value="value",
    known=[],  # not read; any other field with numbers is reported
    pages=Offset(limit=1000, total="meta.total"),  # a second page was fetched, and differed
    window=TimeFilter("from", "to"),  # a range was requested, and came
)
"""
    )
    assert found.notes == [
        "The records are at `items`: 100 in the first answer.",
        "`timestamp` is the time (iso).",
        "The times have the form iso.",
        "`value` holds numbers.",
        "The records come oldest first.",
        "Within a series there is a point every day (the median).",
        "Pages by `offset`, the number of records to skip: the second differs.",
        "`limit` sets the page size; 1,000 were requested, 250 came.",
        "`from` and `to` select a time range (iso): asked for one inside the sample, the source gave 84 records, all "
        "of them in it, instead of 250.",
    ]


async def test_a_source_that_refuses_unknown_parameters(server):
    feed = Feed.regular("2024-11-01T06:00:00Z", DAY, 250)
    endpoint = server.serve("/data", feed, strict=True, paging="offset", time_filter=("start", "end"))
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    assert "Offset(limit=1000)" in found.code
    assert 'TimeFilter("start", "end")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("most", [48, 250])
async def test_the_newest_records_of_a_source_that_fails_at_unknown_parameters_are_not_taken_for_all(
    server, status, most
):
    feed = Feed.regular("2024-11-01T00:00:00Z", HOUR, 2_000)
    [line] = feed.points().values()
    rows = [{"at": iso(time), "level": value} for time, value in sorted(line.items())]

    def answer(request):
        if set(request.query) - {"from", "to"}:
            return Answer({"error": "internal"}, status)
        low, high = request.query.get("from", "0"), request.query.get("to", "9")
        inside = [row for row in rows if low <= row["at"] < high]
        return Answer({"items": inside if request.query else rows[-most:]})

    found = await look(server.route("/levels", answer))
    assert 'TimeFilter("from", "to"' in found.code
    assert (await all_of(found, feed)).points == {"level": line}


async def test_series_by_a_field(server):
    feed = Feed.regular("2024-11-01", HOUR, 400, series=["Lisboa", "Porto", "Évora"])
    endpoint = server.serve("/data", feed, series_field="station", paging="page", time_filter=("from", "to"))
    found = await look(endpoint.url)
    assert 'series="station"' in found.code
    assert found.period == HOUR
    assert (await all_of(found, feed)).points == feed.points()


async def test_series_that_only_a_second_page_shows(server):
    points = [(parse_iso("2024-11-01") + n * HOUR, n / 2, name) for name in ("a", "b") for n in range(100)]
    records = [{"time": iso(time), "value": value, "sensor": name} for time, value, name in points]
    url = server.route("/x", lambda request: Answer({"rows": records[int(request.query.get("offset", 0)) :][:100]}))
    found = await look(url)
    assert 'series="sensor"' in found.code
    run = await all_of(found, Feed(points))
    assert run.points == Feed(points).points()


async def test_a_series_for_each_value_field(server):
    feed = Feed.regular("2024-11-01", DAY, 100, series=["pm10", "air.no2"])
    endpoint = server.serve(
        "/data",
        feed,
        wide=True,
        time_field="observed.at",
        paging="offset",
        extra={"id": 17, "latitude": 38.7, "quality": 2, "station_id": "0071"},
    )
    found = await look(endpoint.url)
    assert 'values=["air.no2", "pm10"]' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_numbers_as_text_with_a_comma(server):
    days = [f"2024-11-{n:02}" for n in range(1, 29)]
    url = server.route("/x", Answer([{"date": day, "total": f"1.{n:03},5"} for n, day in enumerate(days)]))
    found = await look(url)
    run = await all_of(found, Feed([(parse_iso(day), 1000 + n + 0.5) for n, day in enumerate(days)]))
    assert run.points == {"total": {parse_iso(day): 1000 + n + 0.5 for n, day in enumerate(days)}}


async def test_given_fields_win(server):
    records = [
        {
            "observed_at": iso(parse_iso("2024-11-01") + n * DAY),
            "reported_at": iso(parse_iso("2025-01-01") + n * HOUR),
            "a": n,
            "b": n * 2.5,
            "where": "north",
        }
        for n in range(10)
    ]
    url = server.route("/x", Answer({"one": records, "two": records[:3]}))
    found = await look(url, records_path="one", date_field="observed_at", value_field="b", series_field="where")
    run = await all_of(found, Feed([(parse_iso("2024-11-01"), 1)]))
    assert run.points == {"north": {parse_iso("2024-11-01") + n * DAY: n * 2.5 for n in range(10)}}
    with pytest.raises(
        BadSource, match=r"Two fields look like the time: `observed_at`, `reported_at`\. Give date_field\."
    ):
        await look(url, records_path="one")
    with pytest.raises(BadSource, match=r"`one` \(10 entries\), `two` \(3 entries\)\. Give records_path"):
        await look(url)


async def test_a_list_of_measurements_is_not_passed_over_for_one_whose_time_has_a_plain_name(server):
    rows = [
        {"at": iso(parse_iso("2024-11-01") + n * HOUR), "gauge": "w", "flow_m3": 7.31 + n * n % 23 / 10}
        for n in range(30)
    ]
    rates = [{"date": f"2024-11-{n:02}", "usd": 1 + n % 5 / 100} for n in range(1, 20)]
    with pytest.raises(BadSource, match=r"`weirs` \(30 entries\), `fx` \(19 entries\)\. Give records_path"):
        await look(server.route("/db", Answer({"weirs": rows, "fx": rates, "profile": {"name": "box"}})))
    plain = {
        "weirs": [{**row, "date": row["at"]} for row in rows],
        "fx": [{"at": row["date"], "usd": row["usd"]} for row in rates],
    }
    assert 'records="weirs"' in (await look(server.route("/db3", Answer(plain)))).code
    codes = [{"at": row["at"], "code": n} for n, row in enumerate(rows, 1)]
    assert 'records="fx"' in (await look(server.route("/db2", Answer({"log": codes, "fx": rates})))).code


async def test_a_source_that_sends_all_it_has_each_time_is_asked_less(server, monkeypatch):
    rows = [{"time": iso(parse_iso("2024-11-01") + n * HOUR), "level": n * n % 23 / 10} for n in range(1009)]
    asked = []

    def answer(request):
        asked.append(request)
        return Answer(rows)

    url = server.route("/all", answer)
    assert (await look(url)).code
    many = len(asked)
    monkeypatch.setattr(probe, "MOST_BYTES", 5 * len(json.dumps(rows)))
    assert (await look(url)).code
    assert len(asked) - many <= 6 < many


async def test_a_local_time_zone_is_declared(server):
    records = [{"time": f"2024-11-{n:02}T12:00:00", "value": n} for n in range(1, 20)]
    found = await look(server.route("/x", Answer(records)), timezone="Europe/Lisbon")
    assert 'timezone="Europe/Lisbon"' in found.code


TIMED = [{"time": "2024-11-01", "value": 1}, {"time": "2024-11-02", "value": 2}]


@pytest.mark.parametrize(
    ("answer", "config", "sentence"),
    [
        (Answer([]), {}, "The sample holds no record"),
        (Answer({"items": []}), {}, "The sample holds no record"),
        (Answer(status=204, body=b""), {}, "The sample holds no record"),
        (Answer(b"<html>Hello</html>", headers={"Content-Type": "text/html"}), {}, r"not JSON \(text/html"),
        (Answer({}, 401), {}, "401 Unauthorized.* auth_type"),
        (Answer({}, 403), {}, "403 Forbidden.* auth_type"),
        (Answer({}, 404), {}, "404 Not Found.* location"),
        (Answer({}, 400), {}, "400 Bad Request.* query_params"),
        (Answer({"temperature": 3}), {}, "no list of objects; it has `temperature`.*records_path"),
        (Answer({"v": [1, 2]}), {}, "no list of objects"),
        (Answer([1, 2]), {}, "does not hold objects"),
        (Answer(7), {}, "neither a list nor an object"),
        (Answer({"a": TIMED}), {"records_path": "b"}, "no list at records_path `b`.*`a`"),
        (Answer([{"value": 1.5, "name": "x"}]), {}, "looks like a time; they have `value`, `name`.*Give date_field"),
        (Answer([{"time": "2024-11-01", "name": "x", "id": 3}]), {}, "looks like a value.*`id`.*Give value_field"),
        (Answer(TIMED), {"date_field": "when"}, "`when`; they have `time`, `value`. Correct date_field"),
        (Answer(TIMED), {"value_field": "v"}, "`v`; they have `time`, `value`. Correct value_field"),
        (Answer(TIMED), {"series_field": "s"}, "`s`; they have `time`, `value`. Correct series_field"),
        (Answer(TIMED), {"date_field": "value"}, "`value` does not hold times"),
        (Answer([{"time": "2024-11-01", "v": "tall"}] * 3), {"value_field": "v"}, "`v` does not hold numbers"),
        (
            Answer([{"time": f"2024-11-{n % 4 + 1:02}", "value": n} for n in range(40)]),
            {},
            "Several records have the same `time` and different values.*Give series_field",
        ),
        (Answer([{"time": "03/04/2024", "value": 1}, {"time": "05/06/2024", "value": 2}]), {}, "can be read as"),
    ],
)
async def test_what_cannot_be_found_is_asked_for(server, answer, config, sentence):
    url = server.route("/x", answer)
    with pytest.raises(BadSource, match=sentence):
        await look(url, **config)


@pytest.mark.parametrize(
    ("record", "time"),
    [
        ({"date": "2024-11-{:02}", "year": 2024}, "date"),
        ({"timestamp": "2024-11-{:02}T10:00:00Z", "created_at": "2024-12-{:02}T10:00:00Z"}, "timestamp"),
        ({"from": "2024-11-{:02}T00:00Z", "to": "2024-11-{:02}T00:30Z"}, "from"),
        ({"day": "2024-11-{:02}", "loaded_at": "2025-01-01"}, "day"),
        ({"local_time": "2024-11-{:02}T10:00:00+00:00", "utc_time": "2024-11-{:02}T10:00:00Z"}, "local_time"),
    ],
)
async def test_which_of_several_times(server, record, time):
    records = [
        {key: text.format(n) if isinstance(text, str) else text for key, text in record.items()} | {"value": n / 3}
        for n in range(1, 25)
    ]
    found = await look(server.route("/x", Answer(records)))
    assert f'    time="{time}",' in found.code


async def test_a_year_is_a_time_and_a_counter_is_no_value(server):
    records = [{"n": n, "year": 1950 + n, "births": 100 - n / 2} for n in range(20)]
    found = await look(server.route("/x", Answer({"data": records, "page": 1})))
    assert 'time_form="year"' in found.code
    assert 'value="births"' in found.code


async def test_a_source_that_turns_without_turning_is_not_taken_for_paged(server):
    """It answers the same page, but for one new record at the front each time."""
    first = parse_iso("2024-11-01")
    made = [0]

    def live(_):
        made[0] += 1
        return Answer([{"time": iso(first + (made[0] - n) * MINUTE), "value": (made[0] - n) / 7} for n in range(50)])

    found = await look(server.route("/x", live))
    assert "pages=" not in found.code
    assert "window=" not in found.code


async def test_a_source_that_is_down_proves_nothing(server):
    endpoint = server.serve("/data", Feed.regular("2024-11-01", DAY, 50), paging="offset")
    url = endpoint.url
    answered = []

    def flaky(request):
        answered.append(request)
        return endpoint(request) if len(answered) < 3 else Answer({}, 503)

    server.route("/data", flaky)
    with pytest.raises(httpx.HTTPStatusError):
        await look(url)
