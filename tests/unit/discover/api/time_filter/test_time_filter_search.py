"""Time ranges: which parameters ask for one, and in which form; and the protocols that are known by their shape."""

import re
from datetime import UTC, datetime

import pytest

from budget import every, some
from discovering import all_of, look
from runs import Recorder
from slackwater.discover.api.time_filter.probe_windows import several, window_before, window_inside
from slackwater.discover.api.time_filter.time_filter_names import in_url
from slackwater.errors import BadSource, Question
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, from_micros, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer, client

REQUESTS = Settings.model_fields["discovery_requests"].default
START = parse_iso("2024-11-01")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def between(feed: Feed, start: int, end: int, *, inclusive: bool = True) -> list[tuple[int, float]]:
    held = sorted(feed.points()["value"].items())
    return [(time, value) for time, value in held if start <= time < end or (inclusive and time == end)]


PAIRS = [
    ("startTime", "endTime"),
    ("timestamp[gte]", "timestamp[lte]"),
    ("timestamp_from", "timestamp_to"),
    ("timestamp__gte", "timestamp__lte"),
    ("min_timestamp", "max_timestamp"),
    ("after", "before"),
    ("begin", "end"),
    ("fromDate", "toDate"),
    ("startDT", "endDT"),
    ("dataInicio", "dataFim"),
    ("from", "until"),
    ("start", "stop"),
    ("od", "do"),
    ("dataDa", "dataA"),
    ("datum_vanaf", "datum_tot"),
]


@pytest.mark.parametrize("strict", some([False, True], True))
@pytest.mark.parametrize("pair", PAIRS)
async def test_pairs(server, pair, strict):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    endpoint = server.serve("/data", feed, time_filter=pair, strict=strict, paging="offset")
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    if strict and "window=" not in found.code:  # there are more names than questions
        return
    assert f'TimeFilter("{pair[0]}", "{pair[1]}")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize(("pair", "form"), [(("from", "to"), "%d-%m-%Y"), (("startDate", "endDate"), "%m-%d-%Y")])
async def test_days_in_a_form_that_the_answer_does_not_show(server, pair, form, names):
    feed = Feed.regular("2024-11-01", DAY, 400)

    def answer(request):
        given = [request.query.get(name) for name in pair]
        try:
            low, high = (datetime.strptime(each, form).replace(tzinfo=UTC) if each else None for each in given)
        except ValueError:
            return Answer({"error": f"{pair[0]}: not valid" if names else "Bad date format."}, 400)
        days = [(from_micros(time), value) for time, value in sorted(feed.points()["value"].items())]
        held = [(day, value) for day, value in days if (not low or low <= day) and (not high or day <= high)]
        return Answer([{"date": f"{day:%Y-%m-%d}", "level": value} for day, value in held])

    found = await look(server.route("/x", answer))
    assert f'TimeFilter("{pair[0]}", "{pair[1]}", form="{form}")' in found.code
    assert len(server.requests) <= REQUESTS
    assert (await all_of(found, feed)).points == {"level": feed.points()["value"]}


async def test_a_source_that_says_what_it_knows_is_believed(server):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    endpoint = server.serve("/data", feed, time_filter=("periodStart", "periodEnd"), strict=True)

    def helpful(request):
        answer = endpoint(request)
        return (
            answer
            if answer.status == 200
            else Answer(
                {"error": f"unknown parameter {min(request.query)}; allowed parameters: limit, periodStart, periodEnd"},
                400,
            )
        )

    server.route("/data", helpful)
    found = await look(endpoint.url)
    assert 'TimeFilter("periodStart", "periodEnd", most=1000)' in found.code


@pytest.mark.parametrize(
    ("query", "pair", "form"),
    [
        ("start=2024-12-01&end=2025-01-15", ("start", "end"), "date"),
        ("von=1733011200&bis=1736899200", ("von", "bis"), "epoch_s"),
        ("dfrom=2024-12-01T00:00:00Z&dto=2025-01-15T00:00:00Z", ("dfrom", "dto"), "iso"),
    ],
)
async def test_a_range_in_the_url_is_varied_and_does_not_limit_the_history(server, query, pair, form):
    feed = Feed.regular("2024-01-01", DAY, 500)
    endpoint = server.serve("/data", feed, time_filter=pair, filter_form=form)
    found = await look(f"{endpoint.url}?{query}")
    assert f'TimeFilter("{pair[0]}", "{pair[1]}"' in found.code
    assert f'url="{endpoint.url}"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


def test_ranges_are_found_in_urls():
    assert in_url("https://x.org/a?datetime=2024-01-01T00:00:00Z/2024-02-01T00:00:00Z") == [TimeRange("datetime")]
    assert in_url("https://x.org/a?startDate=2026/05&endDate=2026/06") == [TimeFilter("startDate", "endDate", "%Y/%m")]
    assert in_url("https://x.org/a?from=202505&to=202606") == [TimeFilter("from", "to", "%Y%m")]
    assert in_url("https://x.org/a?contract=12/2026&series=05/2026&place=200111&to=201212") == []
    assert in_url("https://x.org/a?start=05/2026&end=06/2026") == [TimeFilter("start", "end", "%m/%Y")]
    assert in_url("https://x.org/a?date=2020:2024&format=json") == [TimeRange("date", "{start}:{end}", "%Y")]
    assert in_url("https://x.org/a?q=t ge 2024-01-01 and t lt 2024-02-01") == [
        TimeRange("q", "t ge {start} and t lt {end}", "date")
    ]
    assert in_url("https://x.org/a?startPeriod=2020-Q1") == [TimeFilter("startPeriod", "endPeriod", "quarter")]
    assert in_url("https://x.org/a?since=20240101&until=20240201") == [TimeFilter("since", "until", "%Y%m%d")]
    assert in_url("https://x.org/a?since=01012024&until=31012024") == [TimeFilter("since", "until", "%d%m%Y")]
    assert in_url("https://x.org/a?since=01012024&until=01312024") == [TimeFilter("since", "until", "%m%d%Y")]
    assert in_url("https://x.org/a?since=01-02-2024&until=31-01-2024") == [TimeFilter("since", "until", "%d-%m-%Y")]
    assert not in_url("https://x.org/a?site=01012024&until=31012024")
    assert in_url("https://x.org/a?station=0071&limit=100&page=2") == []


async def test_a_source_that_gives_the_last_days_only_is_read_back(server):
    feed = Feed.regular("2024-01-01", HOUR, 8_000)
    newest = max(feed.points()["value"])

    def recent(request):
        start = parse_iso(request.query["from"]) if "from" in request.query else newest - 2 * DAY
        end = parse_iso(request.query["to"]) if "to" in request.query else newest
        return Answer([{"time": iso(time), "value": value} for time, value in between(feed, start, end)])

    found = await look(server.route("/x", recent))
    assert 'TimeFilter("from", "to")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_sample_too_short_for_dates_is_asked_for_what_lies_before(server):
    feed = Feed.regular("2024-11-01", MINUTE, 20_000)
    newest = max(feed.points()["value"])

    def recent(request):
        if {"from", "to"} <= set(request.query):
            if len(request.query["from"]) != 10:
                return Answer({"error": "from must be YYYY-MM-DD"}, 400)
            start, end = parse_iso(request.query["from"]), parse_iso(request.query["to"]) + DAY - 1
        else:
            start, end = newest - 3 * HOUR, newest
        return Answer([{"time": iso(time), "value": value} for time, value in between(feed, start, end)])

    found = await look(server.route("/x", recent))
    assert 'TimeFilter("from", "to", form="date")' in found.code
    finding = next(each for each in found.findings if each.what == "time filter")
    assert "before the sample" in finding.reason
    assert finding.confidence < 0.9
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize(
    ("feed", "names", "most", "told", "longest"),
    [
        (
            Feed.regular("2023-01-01", DAY, 700),
            ("start_date", "end_date"),
            92,
            "The range may not be longer than 92 days",
            "P92D",
        ),
        # the first window of a back-fill keeps to it
        (
            Feed.regular("2024-06-01", HOUR, 4_000),
            ("from", "to"),
            366,
            "Range Limit Exceeded: The size limit is 365 days for one request",
            "P365D",
        ),
    ],
)
async def test_a_longest_range_is_learned_from_the_refusal(server, feed, names, most, told, longest):
    newest = max(feed.points()["value"])

    def bounded(request):
        start, end = newest - 20 * DAY, newest
        if names[0] in request.query:
            start, end = (parse_iso(request.query[name]) for name in names)
        if end - start > most * DAY:
            return Answer({"error": told}, 400)
        return Answer([{"time": iso(time), "value": value} for time, value in between(feed, start, end)])

    found = await look(server.route("/x", bounded))
    assert f'longest="{longest}"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("status", [404, 412])
async def test_a_status_of_a_range_without_data_is_learned(server, status):
    feed = Feed.regular("2024-01-01", DAY, 400)
    endpoint = server.serve("/data", feed, time_filter=("from", "to"))

    def without(request):
        answer = endpoint(request)
        return answer if answer.status != 200 or answer.body["items"] else Answer({"error": "no data"}, status)

    server.route("/data", without)
    found = await look(endpoint.url)
    assert f'TimeFilter("from", "to", empty={status}, most=1000)' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_required_range_is_given(server):
    now = parse_iso("2026-11-20T12:00:00Z")
    feed = Feed.regular("2026-01-01", HOUR, (now - parse_iso("2026-01-01")) // HOUR)

    def demanding(request):
        if missing := [name for name in ("start_date", "end_date") if name not in request.query]:
            return Answer({"detail": [{"loc": ["query", name], "msg": "field required"} for name in missing]}, 422)
        start, end = (parse_iso(request.query[name]) for name in ("start_date", "end_date"))
        return Answer([{"time": iso(time), "value": value} for time, value in between(feed, start, end)])

    found = await look(server.route("/x", demanding), now=now)
    assert 'TimeFilter("start_date", "end_date"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


YEARLY = [("startyear", "endyear"), ("year_from", "year_to"), ("from_year", "to_year"), ("start_year", "end_year")]


def recent_years(feed, pair, *, strict=False, needed=False):
    """The newest year, or the whole years from one to another, of a feed; strict: of nothing else may be spoken."""
    newest = max(feed.points()["value"])

    def answer(request):
        if strict and (unknown := set(request.query) - set(pair)):
            return Answer({"error": f"unknown parameter {min(unknown)}; allowed parameters: {', '.join(pair)}"}, 400)
        if needed and not set(pair) <= set(request.query):
            return Answer({"error": f"{' and '.join(pair)} are required"}, 400)
        low, high = (request.query.get(name, str(from_micros(newest).year)) for name in pair)
        if not (low.isdecimal() and high.isdecimal() and len(low) == len(high) == 4):
            return Answer({"error": "years have four digits"}, 400)
        held = [each for each in feed.points()["value"].items() if int(low) <= from_micros(each[0]).year <= int(high)]
        return Answer([{"date": iso(time)[:10], "value": value} for time, value in sorted(held)])

    return answer


@pytest.mark.parametrize("strict", some([False, True], False))
@pytest.mark.parametrize("pair", YEARLY)
async def test_whole_years(server, pair, strict):
    feed = Feed.regular("2016-03-01", DAY, 3_000)
    url = server.route("/x", recent_years(feed, pair, strict=strict))
    found = await look(url)
    assert f'TimeFilter("{pair[0]}", "{pair[1]}", form="%Y")' in found.code
    assert len([request for request in server.requests if request.path == "/x"]) <= REQUESTS
    assert (await all_of(found, feed)).points == feed.points()


async def test_years_that_the_source_requires(server):
    now = parse_iso("2026-11-20T12:00:00Z")
    feed = Feed.regular("2016-03-01", DAY, (now - parse_iso("2016-03-01")) // DAY)
    url = server.route("/x", recent_years(feed, ("startYear", "endYear"), strict=True, needed=True))
    found = await look(url, now=now)
    assert 'TimeFilter("startYear", "endYear", form="%Y")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_source_that_does_not_heed_years_is_read_whole(server):
    feed = Feed.regular("2016-03-01", DAY, 997)
    found = await look(server.serve("/data", feed, paging="none").url)
    assert "window=" not in found.code


@pytest.mark.parametrize("query", ["?date=2024-12-18", ""])
async def test_the_last_day_beside_the_day_that_the_url_or_the_source_asks_for(server, query):
    now = parse_iso("2024-12-20T12:00:00Z")
    feed = Feed.regular("2024-11-01", HOUR, 24 * 49)

    def daily(request):
        if "date" not in request.query:
            return Answer({"detail": [{"loc": ["query", "date"], "msg": "field required"}]}, 422)
        start = parse_iso(request.query["date"])
        end = parse_iso(request.query.get("last_date") or iso(start + DAY))
        return Answer([{"timestamp": iso(time), "value": value} for time, value in between(feed, start, end)])

    found = await look(server.route("/x", daily) + query, now=now)
    assert 'TimeFilter("date", "last_date"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_required_range_that_cannot_be_proven_is_a_question(server):
    def fixed(request):
        if "start" not in request.query:
            return Answer({"error": "start and end are required"}, 400)
        return Answer([{"time": iso(START + n * DAY), "value": n / 3} for n in range(40)])

    with pytest.raises(Question, match="requires a time range") as asked:
        await look(server.route("/x", fixed))
    assert asked.value.field == "time_filter"


# --- a start and no end ---------------------------------------------------------------------------------------------


def since(feed, name, *, most=None, newest=None, form="iso", exclusive=False, first="0001-01-01"):
    """All of a feed from a moment on, at most so many at once, the oldest first; without one, the newest."""

    def answer(request):
        held = sorted(feed.points()["value"].items())
        if (given := request.query.get(name)) is None:
            held = held[-newest:] if newest else held
        else:
            try:
                start = int(given) * SECOND if form == "epoch_s" else parse_iso(given)
            except ValueError:
                return Answer({"error": f"{name} is no time"}, 400)
            if start < parse_iso(first):
                return Answer({"error": f"{name} is too early"}, 400)
            held = [each for each in held if each[0] > start or (each[0] == start and not exclusive)][:most]
        return Answer([{"time": iso(time), "value": value} for time, value in held])

    return answer


async def test_nothing_newer_may_be_an_error(server):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    whole = since(feed, "since", newest=100)

    def answer(request):
        found = whole(request)
        return found if found.body else Answer({"error": "no matching results"}, 404)

    found = await look(server.route("/x", answer))
    assert "empty=404" in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("name", every(2, ["since", "from", "start", "updated_after", "newer_than", "time_from"]))
@pytest.mark.parametrize("exclusive", [False, True])
async def test_a_filter_by_a_start_alone(server, name, exclusive):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    found = await look(server.route("/x", since(feed, name, newest=100, exclusive=exclusive)))
    assert f'TimeSince("{name}"' in found.code
    assert ("inclusive_start=False" in found.code) == exclusive
    assert len(server.requests) <= REQUESTS
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_source_that_offers_a_start_and_no_end_is_believed(server):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    answer = since(feed, "startTime", newest=100)

    def strict(request):
        if unknown := set(request.query) - {"startTime"}:
            return Answer({"error": f"unknown parameter {min(unknown)}; allowed parameters: startTime"}, 400)
        return answer(request)

    found = await look(server.route("/x", strict))
    assert 'TimeSince("startTime"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_start_in_the_url_is_varied(server):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    found = await look(server.route("/x", since(feed, "listFrom")) + "?listFrom=2024-11-10")
    assert 'TimeSince("listFrom", form="date")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("given", [["since"], ["listFrom"]])
async def test_a_start_that_is_given(server, given):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    found = await look(server.route("/x", since(feed, given[0], newest=50)), time_filter=given)
    assert f'TimeSince("{given[0]}")' in found.code


@pytest.mark.parametrize(("form", "first"), [("epoch_s", "1970-01-01"), ("iso", "1900-01-01")])
async def test_the_first_day_that_a_source_understands_is_learned(server, form, first):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    found = await look(server.route("/x", since(feed, "since", newest=60, form=form, first=first)))
    assert f'earliest="{"1970-01-01" if form == "epoch_s" else "1905-01-01"}"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_source_that_caps_what_is_newer_is_read_to_its_end_and_resumed_where_it_was(server):
    feed = Feed.regular("2024-11-01", HOUR, 400)
    url = server.route("/x", since(feed, "since", newest=30, most=70))
    found = await look(url)
    run = await all_of(found, feed)
    assert run.points == feed.points()
    assert run.checkpoint.backfill_done
    before, newest = len(server.requests), max(feed.points()["value"])
    again = Recorder(
        source_type="API",
        module=found.code,
        wanted=Wanted(period=HOUR, start=START - YEAR, lookback=DAY),
        now=run.now() + HOUR,
        http=client(),
        checkpoint=run.checkpoint,
    )
    server.route("/x", since(longer := Feed.regular("2024-11-01", HOUR, 400 + 24 * 370), "since", most=1_000))
    async with again.http:
        await read(load(found.code), again)
    asked = [parse_iso(request.query["since"]) for request in server.requests[before:]]
    assert asked[0] == run.now() - DAY
    assert newest < min(asked)
    assert again.points["value"].items() <= longer.points()["value"].items()
    assert max(again.points["value"]) == max(longer.points()["value"])


async def test_more_of_one_moment_than_a_source_gives_at_once_is_no_end(server):
    code = 'from slackwater import ApiWrapper, TimeSince\nwrapper = ApiWrapper(url="URL", time="time", value="value", '
    code += 'series="name", window=TimeSince("since"))'
    held = [(START + (n // 9) * HOUR, f"s{n % 9}", n / 4) for n in range(36)]

    def four(request):
        start = parse_iso(request.query["since"])
        left = [each for each in held if each[0] >= start][:6]
        return Answer([{"time": iso(time), "name": name, "value": value} for time, name, value in left])

    code = code.replace("URL", server.route("/x", four))
    run = Recorder(source_type="API", module=code, wanted=Wanted(period=HOUR, start=START - DAY), http=client())
    with pytest.raises(BadSource, match="no more than"):
        async with run.http:
            await read(load(code), run)


# --- protocols -------------------------------------------------------------------------------------------------------


async def test_odata(server):
    feed = Feed.regular("2024-11-01", HOUR, 900)

    def service(request):
        held = sorted(feed.points()["value"].items(), reverse="$orderby" not in request.query)
        if condition := request.query.get("$filter"):
            match = re.fullmatch(r"\(Station eq 'A'\) and Time ge (\S+) and Time le (\S+)", condition)
            if match is None and condition != "Station eq 'A'":
                return Answer({"error": {"message": f"Syntax error in {condition}"}}, 400)
            if match:
                start, end = map(parse_iso, match.groups())
                held = [each for each in held if start <= each[0] <= end]
        if unknown := request.query.keys() - {"$filter", "$top", "$skip", "$orderby"}:
            return Answer({"error": {"message": f"The query parameter '{min(unknown)}' is not supported."}}, 400)
        skip, top = int(request.query.get("$skip", 0)), min(int(request.query.get("$top", 50)), 200)
        rows = [{"Time": iso(time), "Level": value, "Station": "A"} for time, value in held[skip : skip + top]]
        return Answer({"@odata.context": "$metadata#Levels", "value": rows})

    found = await look(server.route("/odata/Levels", service) + "?$filter=Station eq 'A'")
    assert 'params={"$orderby": "Time"}' in found.code
    assert 'TimeRange("$filter", "(Station eq \'A\') and Time ge {start} and Time le {end}")' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_ogc_api_features(server):
    feed = Feed.regular("2024-11-01", HOUR, 700)

    def items(request):
        if unknown := request.query.keys() - {"limit", "offset", "datetime", "f"}:
            return Answer({"code": "InvalidParameterValue", "description": f"unknown query parameter {unknown}"}, 400)
        held = sorted(feed.points()["value"].items())
        if interval := request.query.get("datetime"):
            start, end = map(parse_iso, interval.split("/"))
            held = between(feed, start, end)
        skip, size = int(request.query.get("offset", 0)), int(request.query.get("limit", 10))
        features = [
            {"type": "Feature", "id": n, "geometry": None, "properties": {"observed": iso(time), "level": value}}
            for n, (time, value) in enumerate(held[skip : skip + size], skip)
        ]
        links = [{"rel": "self", "href": "?"}]
        if skip + size < len(held):
            kept = {**request.query, "offset": skip + size, "limit": size}
            links.append({"rel": "next", "href": "?" + "&".join(f"{name}={value}" for name, value in kept.items())})
        return Answer({"type": "FeatureCollection", "features": features, "links": links, "numberMatched": len(held)})

    found = await look(server.route("/collections/levels/items", items))
    assert 'TimeRange("datetime")' in found.code
    assert 'NextUrl("links.rel=next.href")' in found.code
    assert next(each for each in found.findings if each.what == "protocol").value == "OGC API Features"
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_socrata(server):
    feed = Feed.regular("2024-11-01", HOUR, 2_500)

    def resource(request):
        held = sorted(feed.points()["value"].items(), key=lambda each: hash(each[1]))
        if condition := request.query.get("$where"):
            match = re.fullmatch(r"date between '(\S+)' and '(\S+)'", condition)
            if match is None:
                return Answer({"message": "Query coordinator error", "errorCode": "query.compiler.malformed"}, 400)
            start, end = map(parse_iso, match.groups())
            held = [each for each in held if start <= each[0] <= end]
        if request.query.get("$order", "").startswith("date"):
            held.sort()
        if unknown := request.query.keys() - {"$where", "$limit", "$offset", "$order"}:
            return Answer({"message": f"Unrecognized arguments {sorted(unknown)}"}, 400)
        skip, size = int(request.query.get("$offset", 0)), int(request.query.get("$limit", 1000))
        rows = [{"date": iso(time)[:-1] + ".000", "flow": str(value)} for time, value in held[skip : skip + size]]
        return Answer(rows)

    found = await look(server.route("/resource/abcd-1234.json", resource))
    assert '"$order": "date, :id"' in found.code
    assert "TimeRange(\"$where\", \"date between '{start}' and '{end}'\"" in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_opendatasoft(server):
    feed = Feed.regular("2024-01-01", HOUR, 12_500)

    def records(request):
        query = request.query
        held = sorted(feed.points()["value"].items(), reverse=query.get("order_by") != "stamp")
        skip, size = int(query.get("offset", 0)), int(query.get("limit", 10))
        if size > 100 or skip + size > 10_000:
            return Answer(
                {"error_code": "InvalidRESTParameterError", "message": "offset + limit must be <= 10000"}, 400
            )
        if condition := query.get("where"):
            match = re.fullmatch(r"stamp >= date'(\S+)' and stamp <= date'(\S+)'", condition)
            if match is None:
                return Answer({"error_code": "ODSQLSyntaxError", "message": condition}, 400)
            start, end = map(parse_iso, match.groups())
            held = [each for each in held if start <= each[0] <= end]
        rows = [{"stamp": iso(time), "flow": value} for time, value in held[skip : skip + size]]
        return Answer({"total_count": len(held), "results": rows})

    found = await look(server.route("/api/explore/v2.1/catalog/datasets/flow/records", records))
    assert "limit=100" in found.code
    assert "most=10000" in found.code
    assert 'TimeRange("where"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


@pytest.mark.long
async def test_prometheus(server):
    now = parse_iso("2026-11-20T12:00:00Z")
    feed = Feed.regular("2026-10-01", MINUTE, (now - parse_iso("2026-10-01")) // MINUTE)
    held = feed.points()["value"]

    def query_range(request):
        for name in ("start", "end", "step"):
            if name not in request.query:
                error = f'invalid parameter "{name}": cannot parse "" to a valid timestamp'
                return Answer({"status": "error", "errorType": "bad_data", "error": error}, 400)
        try:
            start, end = (round(float(request.query[name])) * SECOND for name in ("start", "end"))
        except ValueError:
            error = 'invalid parameter "start": cannot parse it to a valid timestamp'
            return Answer({"status": "error", "errorType": "bad_data", "error": error}, 400)
        if (end - start) // MINUTE > 11_000:
            error = "exceeded maximum resolution of 11,000 points per timeseries"
            return Answer({"status": "error", "errorType": "bad_data", "error": error}, 400)
        first = start + -start % MINUTE
        values = [[time // SECOND, str(held[time])] for time in range(first, end + 1, MINUTE) if time in held]
        result = [{"metric": {"__name__": "level", "job": "tides"}, "values": values}] if values else []
        return Answer({"status": "success", "data": {"resultType": "matrix", "result": result}})

    url = server.route("/api/v1/query_range", query_range) + "?query=level"
    found = await look(url, now=now)
    assert 'longest="PT660000S"' in found.code
    assert 'TimeFilter("start", "end"' in found.code
    assert list((await all_of(found, feed)).points.values()) == [held]


async def test_world_bank_years(server):
    years = {parse_iso(f"{year}-01-01"): year / 8 for year in range(1960, 2024)}
    held = sorted(years.items(), reverse=True)

    def indicator(request):
        rows = held
        if interval := request.query.get("date"):
            first, _, last = interval.partition(":")
            rows = [each for each in rows if first <= str(from_micros(each[0]).year) <= (last or first)]
        size, page = int(request.query.get("per_page", 50)), int(request.query.get("page", 1))
        shown = [
            {"country": {"id": "PT", "value": "Portugal"}, "date": str(from_micros(time).year), "value": value}
            for time, value in rows[(page - 1) * size : page * size]
        ]
        about = {"page": page, "pages": -(-len(rows) // size), "per_page": size, "total": len(rows)}
        return Answer([about, shown])

    found = await look(server.route("/v2/country/PT/indicator/X", indicator) + "?format=json")
    assert 'TimeRange("date", "{start}:{end}", form="%Y")' in found.code
    assert list((await all_of(found, Feed(held))).points.values()) == [years]


# --- what is asked for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [MINUTE, HOUR, DAY, 30 * DAY, YEAR])
@pytest.mark.parametrize("unit", [SECOND, DAY, 31 * DAY])
@pytest.mark.parametrize("count", [0, 1, 3, 6, 10, 100, 1000])
def test_questions_lie_inside_what_is_known_or_before_it(step, unit, count):
    known = [START + n * step for n in range(count)]
    for asked in filter(None, [window_inside(unit, known), *several(unit, known, 30)]):
        assert known[0] < asked.low <= asked.window.start < asked.window.end <= asked.high < known[-1]
        assert not asked.proven_by(set(known))
        assert not asked.proven_by(set())
        assert asked.proven_by(
            {time for time in known if asked.window.start <= time <= asked.window.end} or {asked.low}
        )
    if count:
        before = window_before(unit, known)
        assert before is not None
        assert before.high < known[0]
        assert not before.proven_by(set(known))


def test_several_windows_differ():
    known = [START + n * HOUR for n in range(300)]
    windows = [each.window for each in several(SECOND, known, 30)]
    assert len(set(windows)) == len(windows) == 30
    assert datetime.fromtimestamp(windows[0].start / SECOND, UTC) > datetime(2024, 11, 1, tzinfo=UTC)
