import asyncio
from array import array

import httpx
import pytest

from budget import some
from runs import Recorder
from slackwater.errors import BadSource, Refused, Transient
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, YEAR, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.pagination import Cursor, LinkHeader, NextUrl, Offset, PageNumber
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from slackwater.runtime.source import Reach
from sources import Answer, Feed, SourceServer, client

START = parse_iso("2024-11-01")
NOW = START + 2 * YEAR
STYLES = {
    "one": ({}, None),
    "link": ({"paging": "link"}, LinkHeader()),
    "next": ({"paging": "next"}, NextUrl("paging.next")),
    "offset": ({"paging": "offset"}, Offset(limit=50)),
    "offset_capped": ({"paging": "offset", "max_page_size": 20}, Offset(limit=50)),
    "offset_total": ({"paging": "offset", "total_path": "total"}, Offset(limit=50, total="total")),
    "page": ({"paging": "page"}, PageNumber(size=50, size_param="limit")),
    "page_capped": ({"paging": "page", "max_page_size": 20}, PageNumber(size=50, size_param="limit")),
    "page_unlimited": ({"paging": "page", "page_size": 30}, PageNumber(size=30)),
    "page_from_zero": ({"paging": "page", "first_page": 0}, PageNumber(size=50, size_param="limit", first=0)),
}
STYLES |= {
    "past_end_404": ({"paging": "page", "past_end": 404}, PageNumber(size=50, size_param="limit", past_end=404)),
    "past_end_400": ({"paging": "offset", "past_end": 400}, Offset(limit=50, past_end=400)),
    "page_repeats": ({"paging": "page", "repeats_last": True}, PageNumber(size=50, size_param="limit", repeats=True)),
    "offset_repeats": ({"paging": "offset", "repeats_last": True}, Offset(limit=50, repeats=True)),
    "cursor": ({"paging": "cursor"}, Cursor("cursor", "paging.next")),
}
WINDOWED = {"time_filter": ("from", "to")}


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def wrapper(url: str, **declared) -> ApiWrapper:
    return ApiWrapper(**{"url": url, "records": "items", "time": "timestamp", "value": "value", **declared})


def recorder(**orders) -> Recorder:
    wanted = Wanted(period=HOUR, start=START - YEAR)
    return Recorder(**{"source_type": "API", "http": client(), "wanted": wanted, "now": NOW, **orders})


async def everything(source: ApiWrapper, **orders) -> Recorder:
    run = recorder(**orders)
    async with run.http:
        await read(source, run)
    return run


async def one_page(server: SourceServer, body: object, **declared) -> Recorder:
    return await everything(wrapper(server.route("/x", Answer(body)), **declared))


@pytest.mark.parametrize("order", some(["asc", "desc"], "desc"))
@pytest.mark.parametrize("windowed", [False, True])
@pytest.mark.parametrize("style", STYLES)
async def test_every_style_reads_exactly_the_feed(server, style, windowed, order):
    feed = Feed.regular("2024-11-01", HOUR, 500)
    shape, pages = STYLES[style]
    endpoint = server.serve("/v1", feed, order=order, **shape, **(WINDOWED if windowed else {}))
    source = wrapper(endpoint.url, pages=pages, window=TimeFilter("from", "to") if windowed else None)
    assert (source.reach is Reach.WINDOW) is windowed
    run = await everything(source)
    assert run.points == feed.points()
    assert run.checkpoint.backfill_done is not windowed  # the walk of windows ends in `next_window` instead
    assert run.checkpoint.page is None


@pytest.mark.parametrize("count", [1, 49, 50, 51, 100])
@pytest.mark.parametrize("style", ["page_repeats", "offset_repeats"])
async def test_a_source_that_repeats_its_last_page_is_read_to_its_end(server, style, count):
    feed = Feed.regular("2024-11-01", HOUR, count)
    shape, pages = STYLES[style]
    endpoint = server.serve("/v1", feed, **shape)
    assert (await everything(wrapper(endpoint.url, pages=pages))).points == feed.points()
    assert len(endpoint.requests) <= count // 50 + 2


@pytest.mark.parametrize("style", STYLES)
async def test_reading_goes_on_at_every_token(server, style):
    feed = Feed.regular("2024-11-01", HOUR, 180)
    shape, pages = STYLES[style]
    endpoint = server.serve("/v1", feed, **shape)
    source = wrapper(endpoint.url, pages=pages)
    whole = await everything(source)
    requests = len(endpoint.requests)
    for done, checkpoint in enumerate(whole.checkpoints[:-1], 1):
        endpoint.requests.clear()
        rest = await everything(source, checkpoint=Checkpoint() if checkpoint.page is None else checkpoint)
        held = {}
        for page in [*whole.pages[:done], *rest.pages]:
            held.update(zip(*page.columns.get("value", ([], [])), strict=True))
        assert held == feed.points()["value"]
        assert len(endpoint.requests) == requests - done
        assert rest.checkpoint.covered == whole.checkpoint.covered


async def test_a_short_page_costs_no_second_request_when_the_total_is_known(server):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", DAY, 5), paging="offset", total_path="n")
    run = await everything(wrapper(endpoint.url, pages=Offset(limit=50, total="n")))
    assert len(run.points["value"]) == 5
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("pages", "shape"),
    [
        (Offset(limit=50), {"paging": "offset", "ignores_pages": True}),
        (PageNumber(size=50, size_param="limit"), {"paging": "page", "ignores_pages": True}),
        (LinkHeader(), {"paging": "link", "ignores_pages": True}),
        (NextUrl("paging.next"), {"paging": "next", "ignores_pages": True}),
    ],
)
async def test_a_source_that_gives_the_same_page_again_is_an_error(server, pages, shape):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", HOUR, 500), **shape)
    with pytest.raises(BadSource, match=r"same records|does not move"):
        await everything(wrapper(endpoint.url, pages=pages))
    assert len(endpoint.requests) == 2


async def test_next_urls_that_go_round_in_a_circle_are_an_error(server):
    def circling(request):
        place = int(request.query.get("c", 0))
        record = {"timestamp": iso(START + len(server.requests) * HOUR), "value": 1}
        return Answer({"items": [record], "next": f"/x?c={place % 3 + 1}"})

    with pytest.raises(BadSource, match="was read already"):
        await everything(wrapper(server.route("/x", circling), pages=NextUrl("next")))
    assert len(server.requests) == 4


@pytest.mark.parametrize("form", ["iso", "date", "epoch_s", "epoch_ms"])
async def test_windows_are_widened_to_what_the_filter_can_say(server, form):
    feed = Feed.regular("2024-11-01T00:00:00.250Z", HOUR // 2, 400)
    endpoint = server.serve(
        "/v1", feed, time_filter=("a", "b"), filter_form=form, inclusive_end=False, time_form="epoch_ms"
    )
    source = wrapper(endpoint.url, window=TimeFilter("a", "b", form), time_form="epoch_ms")
    window = Interval(START + 7 * HOUR + 250_001, START + 30 * HOUR + 250_001)
    run = recorder()
    async with run.http:
        async for page in source.pages(window, None, run):
            await run.store(page, window)
    inside = {x for x in feed.points()["value"] if window.start <= x < window.end}
    assert inside <= run.points["value"].keys()
    assert len(inside) == 46


async def test_a_window_without_points_is_confirmed_empty(server):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", HOUR, 10), **WINDOWED)
    run = recorder()
    window = Interval(START - DAY, START - HOUR)
    async with run.http:
        pages = [page async for page in wrapper(endpoint.url, window=TimeFilter("from", "to")).pages(window, None, run)]
    assert [(page.columns, page.last, page.exhausted) for page in pages] == [({}, True, None)]


async def test_several_values_and_a_series_field(server):
    body = {
        "items": [
            {"timestamp": "2024-11-01", "at": {"station": "A"}, "pm10": 1, "no2": 2},
            {"timestamp": "2024-11-01", "at": {"station": 7}, "pm10": 3, "no2": None},
            {"timestamp": "2024-11-02", "at": {"station": "A"}, "pm10": 4},
            {"timestamp": "2024-11-02", "at": {}, "pm10": 5, "no2": 6},
        ]
    }
    run = await one_page(server, body, value=None, values={"PM10": "pm10", "NO2": "no2"}, series="at.station")
    assert run.points == {"A PM10": {START: 1, START + DAY: 4}, "A NO2": {START: 2}, "7 PM10": {START: 3}}
    assert [(each.where, each.reason) for each in run.rejected] == [("record 4", "`at.station` does not name a series")]
    run = await one_page(server, body, value="pm10", series="at.station")
    assert run.points == {"A": {START: 1, START + DAY: 4}, "7": {START: 3}}


async def test_what_is_no_point_is_rejected_with_its_reason(server):
    text = b"""\xef\xbb\xbf{"items": [
        {"timestamp": "2024-11-01", "value": 1}, {"timestamp": "2024-11-02", "value": null},
        {"timestamp": "2024-11-03", "value": "2.5"}, {"timestamp": "2024-11-04", "value": "tall"},
        {"timestamp": "soon", "value": 3}, {"value": 4}, {"timestamp": null, "value": 5},
        {"timestamp": "2024-11-05", "value": NaN}, {"timestamp": "2024-11-06", "value": true},
        {"timestamp": "2024-11-07"}, 17, {"timestamp": "2024-11-08", "value": 1e999},
        {"timestamp": "2024-11-09", "value": ""}
    ]}"""
    run = await one_page(server, text)
    assert run.points == {"value": {START: 1.0, START + 2 * DAY: 2.5}}
    assert [(each.where, each.reason) for each in run.rejected] == [
        ("record 4", "`value` is 'tall', which is not a number"),
        ("record 5", "`timestamp` is 'soon', which is not a time of the declared form"),
        ("record 6", "`timestamp` is missing"),
        ("record 7", "`timestamp` is missing"),
        ("record 8", "`value` is nan, which is not a finite number"),
        ("record 9", "`value` is True, which is not a number"),
        ("record 11", "`timestamp` is missing"),
        ("record 12", "`value` is inf, which is not a number"),
    ]
    assert run.rejected_count == 8
    assert run.pages[-1].rows == 13
    assert run.checkpoint.backfill_reason == "the source was read whole"


@pytest.mark.parametrize(
    ("body", "declared", "sentence"),
    [
        ({"rows": []}, {}, r"nothing at `items`.*Correct records_path\. It has `rows`"),
        ({"items": {"a": 1}}, {}, "a JSON object at `items`"),
        ({"items": []}, {"records": None}, r"not a list\. Give records_path.*`items`"),
        ({"items": [{"t": 1, "value": 2}]}, {}, r"No record has the field `timestamp`; correct date_field.*`t`"),
        ({"items": [{"timestamp": "2024-11-01", "v": 2}]}, {}, "No record has `value`; correct value_field. It has"),
        ({"items": [{"timestamp": "2024-11-01", "value": 2}]}, {"series": "s"}, "field `s`; correct series_field"),
        ({"items": [{"timestamp": "later", "value": 2}] * 10}, {}, "No record can be read, .* 'later', which is"),
        ({"items": [1, 2]}, {}, "no JSON objects"),
        (b"<html>", {}, "not JSON"),
        (b"", {}, "not JSON"),
        (b'{"items": [', {}, "not JSON"),
        (b"[" * 100_000, {}, "not JSON"),
    ],
)
async def test_an_answer_that_is_not_as_declared_names_the_field(server, body, declared, sentence):
    with pytest.raises(BadSource, match=sentence):
        await one_page(server, body, **declared)


LIMIT = "Our standard API rate limit is 25 requests per day."
HTML = b"<html><title>Maintenance</title><p>We are back at noon</p></html>"


@pytest.mark.parametrize(
    ("body", "declared", "error", "words"),
    [
        ({"Note": LIMIT}, {}, Transient, LIMIT),
        ({"Information": LIMIT}, {"records": None, "shape": "keyed", "time": "key"}, Transient, LIMIT),
        ({"Information": LIMIT}, {"records": None, "shape": "object"}, Transient, LIMIT),
        ({"Information": LIMIT}, {"records": "*.values"}, Transient, LIMIT),
        ({"items": [], "error": LIMIT}, {}, Transient, LIMIT),
        ({"error": "Unknown station"}, {}, Refused, "Unknown station"),
        ({"status": "error", "message": "The key is wrong"}, {}, Refused, "The key is wrong"),
        ({"items": None, "error": {"message": "The key is wrong"}}, {}, Refused, "The key is wrong"),
        ({"message": "The key is wrong"}, {"records": "*.values"}, Refused, "The key is wrong"),
        ([{"message": "The key is wrong"}], {"records": None}, Refused, "The key is wrong"),
        (
            {"series": [{"message": "The key is wrong"}]},
            {"records": "series.*.items", "series": "id", "known": ["title"]},
            Refused,
            "The key is wrong",
        ),
        (
            {"series": [{}], "message": "The key is wrong"},
            {"records": "series.*.items", "series": "id", "known": ["title"]},
            Refused,
            "The key is wrong",
        ),
        ({"data": {"note": LIMIT}}, {"records": "data.143", "shape": "keyed", "time": "key"}, Transient, LIMIT),
        (HTML, {}, Transient, "We are back at noon"),
        (b"Too many requests, please wait", {"records": None, "shape": "csv"}, Transient, "please wait"),
        (b"Sorry, this key is wrong", {"records": None, "shape": "csv"}, Refused, "this key is wrong"),
        (
            b"Sorry, wrong key",
            {"records": None, "shape": "csv", "columns": ["timestamp", "value"]},
            Refused,
            "wrong key",
        ),
    ],
)
async def test_a_message_instead_of_data_is_an_error_in_its_own_words(server, body, declared, error, words):
    run = recorder()
    async with run.http:
        with pytest.raises(error, match=words):
            await read(wrapper(server.route("/x", Answer(body)), window=TimeFilter("from", "to"), **declared), run)
    assert run.checkpoint == Checkpoint()


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        ({"items": []}, {}),
        ({"items": [], "message": "All is well with us"}, {}),
        ({"items": None, "status": "ok"}, {}),
        ({"message": "No data available for this period"}, {}),
        ({"error": "No data available for this period"}, {}),
        ([], {"records": None}),
        ({}, {"records": None, "shape": "keyed", "time": "key"}),
        (b"timestamp,value\n", {"records": None, "shape": "csv"}),
        (b"# Thank you, and come again\n", {"records": None, "shape": "csv"}),
        (b"No data available", {"records": None, "shape": "csv"}),
        (b'"Cube";"rates"\n"Published";"2026-11-02 09:00"\n\n"timestamp";"value"\n', {"records": None, "shape": "csv"}),
        ({"data": [], "about": "Station of the old harbour"}, {"records": "data.143", "shape": "keyed", "time": "key"}),
        ({"result": {}, "title": "Levels"}, {"records": "result.items"}),
        ({"result": {}, "state": "running", "timed_out": False}, {"records": "result.items"}),
        ({"result": {}, "pump": {"state": "pending"}}, {"records": "result.items"}),
        ({"result": {}, "error": {"code": 0, "message": ""}, "errors": []}, {"records": "result.items"}),
        ({"result": {}, "error": 0.02}, {"records": "result.items"}),
        (
            {"bmx": {"series": [{"id": "S1", "title": "The rate of the old harbour"}]}},
            {"records": "bmx.series.*.items", "series": "id", "known": ["title"]},
        ),
    ],
)
async def test_an_answer_that_is_empty_stays_empty(server, body, declared):
    run = recorder(wanted=Wanted(period=HOUR, start=NOW - DAY))
    async with run.http:
        await read(wrapper(server.route("/x", Answer(body)), window=TimeFilter("from", "to"), **declared), run)
    assert run.points == {}
    assert run.checkpoint.covered == (Interval(NOW - DAY, NOW),)


@pytest.mark.parametrize(
    "said",
    [
        {"code": 429},
        {"success": False},
        {"status": 500},
        {"title": "Service unavailable"},
        {"meta": {"ok": False}},
        {"status": "Timeout"},
        {"jobStatus": "IN_PROGRESS"},
        {"estado": "erro"},
        {"timed_out": True},
        {"error": {"code": -32000}},
        {"errors": [{"code": 7}]},
    ],
)
@pytest.mark.parametrize("nothing", [{}, []])
async def test_an_object_on_the_way_that_is_empty_beside_a_failure_is_not_nothing(server, said, nothing):
    run = recorder(wanted=Wanted(period=HOUR, start=NOW - DAY))
    url = server.route("/x", Answer({"result": nothing, **said}))
    async with run.http:
        with pytest.raises((BadSource, Transient, Refused)):
            await read(wrapper(url, window=TimeFilter("from", "to"), records="result.items"), run)


@pytest.mark.parametrize("wide", [0, 10])
async def test_a_source_that_refuses_days_to_come_is_asked_until_today(server, wide):
    """Ranges of more than `wide` days are refused, too."""
    now = parse_iso("2026-03-20T15:30")
    today, days = iso(now)[:10], [iso(now - n * DAY)[:10] for n in range(1, 40)]

    def answer(request):
        first, last = request.query["from"], request.query["to"]
        if last > today:
            return Answer({"error": "The last day must not be in the future"}, 422)
        if wide and parse_iso(last) - parse_iso(first) > wide * DAY:
            return Answer({"error": f"At most {wide} days"}, 400)
        return Answer({"items": [{"timestamp": day, "value": 1.5} for day in days if first <= day <= last]})

    run = recorder(wanted=Wanted(period=DAY, start=now - 60 * DAY), now=now)
    window = TimeFilter("from", "to", form="date")
    async with run.http:
        await read(wrapper(server.route("/x", answer), window=window), run)
    assert len(run.points["value"]) == 39
    assert run.checkpoint.covered == (Interval(now - 60 * DAY, now),)


async def test_no_list_and_no_content_are_no_records(server):
    assert (await one_page(server, {"items": None})).checkpoint.backfill_done
    url = server.route("/y", Answer(b"", 204))
    assert (await everything(wrapper(url))).points == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_bad_answers_stay_what_they_are(server, status):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", HOUR, 10))
    endpoint.faults.answer(status, retry_after=1)
    with pytest.raises(httpx.HTTPStatusError) as caught:
        await everything(wrapper(endpoint.url))
    assert caught.value.response.status_code == status
    assert (await everything(wrapper(endpoint.url))).points == endpoint.feed.points()


@pytest.mark.parametrize("fault", ["drop", "truncate"])
async def test_a_broken_connection_stays_what_it_is(server, fault):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", HOUR, 10))
    getattr(endpoint.faults, fault)()
    with pytest.raises(httpx.TransportError):
        await everything(wrapper(endpoint.url))


async def test_an_error_on_a_later_page_covers_nothing_and_is_gone_on_from(server):
    feed = Feed.regular("2024-11-01", HOUR, 250)
    endpoint = server.serve("/v1", feed, paging="offset")
    source = wrapper(endpoint.url, pages=Offset(limit=50))
    run = recorder()
    async with run.http:
        endpoint.faults.slow(0, times=2)
        endpoint.faults.answer(500)
        pages = source.pages(Interval(START, NOW), None, run)
        await run.store(await anext(pages), Interval(START, NOW))
        await run.store(await anext(pages), Interval(START, NOW))
        with pytest.raises(httpx.HTTPStatusError):
            await anext(pages)
        assert run.checkpoint.covered == ()
        await read(source, run)
    assert run.points == feed.points()


async def test_a_run_that_is_given_up_leaves_no_request_behind(server):
    endpoint = server.serve("/v1", Feed.regular("2024-11-01", HOUR, 500), paging="offset")
    source = wrapper(endpoint.url, pages=Offset(limit=50))
    run = recorder()
    async with run.http:
        pages = source.pages(Interval(START, NOW), None, run)
        await anext(pages)
        await pages.aclose()
        assert len(asyncio.all_tasks()) == 1


async def test_a_large_page_is_handed_over_in_parts(server):
    count = 120_000
    url = server.route("/x", Answer({"items": [{"timestamp": n, "value": n / 2} for n in range(count)]}))
    run = await everything(wrapper(url, time_form="epoch_s"))
    assert [(len(page.columns["value"][0]), page.last, page.exhausted) for page in run.pages] == [
        (50_000, False, None),
        (50_000, False, None),
        (20_000, True, "the source was read whole"),
    ]
    assert len(run.points["value"]) == count
    assert isinstance(run.pages[0].columns["value"][0], array)


async def test_secrets_in_next_urls_stay_out_of_the_checkpoint(server):
    def page(request):
        here = int(request.query.get("key_page", 1))
        record = {"timestamp": iso(START + here * HOUR), "value": here}
        return Answer({"items": [record], "next": f"/x?api_key=s3cret&key_page={here + 1}" if here < 3 else None})

    run = recorder(config={"query_params": ["api_key", "unit"], "hidden_params": ["api_key"]})
    async with run.http:
        await read(wrapper(server.route("/x", page), pages=NextUrl("next")), run)
    assert len(run.points["value"]) == 3
    assert "s3cret" not in repr(run.checkpoints)
    assert [request.query for request in server.requests] == [{}, {"key_page": "2"}, {"key_page": "3"}]


async def test_local_times_and_decimal_commas(server):
    body = [{"when": "01/07/2024 12:00", "v": "1.234,5"}]
    url = server.route("/x", Answer(body))
    run = await everything(
        ApiWrapper(
            url=url,
            time="when",
            value="v",
            time_form="%d/%m/%Y %H:%M",
            timezone="Europe/Lisbon",
            decimal=",",
            thousands=".",
        )
    )
    assert run.points == {"v": {parse_iso("2024-07-01T11:00:00Z"): 1234.5}}


@pytest.mark.parametrize("newest_first", [False, True])
async def test_instants_stay_where_they_are_when_clocks_go_back(server, newest_first):
    instants = [parse_iso("2024-10-26T22:00:00Z") + n * HOUR // 2 for n in range(12)]
    body = [{"when": at // 10**6, "v": n} for n, at in enumerate(instants)]
    url = server.route("/x", Answer(body[::-1] if newest_first else body))
    run = await everything(ApiWrapper(url=url, time="when", value="v", time_form="epoch_s", timezone="Europe/Lisbon"))
    assert run.points == {"v": {at: float(n) for n, at in enumerate(instants)}}


async def test_other_encodings_are_read_as_the_source_says(server):
    body = '[{"timestamp": "2024-11-01", "value": 1, "s": "Évora"}]'.encode("latin-1")
    url = server.route("/x", Answer(body, headers={"Content-Type": "application/json; charset=iso-8859-1"}))
    assert (await everything(wrapper(url, records=None, series="s"))).points == {"Évora": {START: 1.0}}


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"value": None}, "either value=.*or values="),
        ({"values": ["a"]}, "either value=.*or values="),
        ({"value": None, "values": "a"}, "values= is a list"),
        ({"timezone": "Mars"}, "timezone: 'Mars'"),
        ({"time_form": "%d.%Q"}, "time_form: '%d.%Q'"),
    ],
)
def test_declarations_are_valid_from_birth(declared, sentence):
    with pytest.raises(BadSource, match=sentence):
        wrapper("https://example.org", **declared)


def test_fixed_parameters_go_into_the_url():
    assert wrapper("https://x.org/a?b=1", params={"limit": 5}).url == "https://x.org/a?b=1&limit=5"
