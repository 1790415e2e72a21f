import httpx
import pytest

from budget import some
from discovering import all_of, look
from slackwater.errors import BadSource, Question
from slackwater.model.instants import DAY, HOUR, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


CURSORS = {
    "next_cursor": {"next_path": "next_cursor"},
    "meta.cursor.next": {"next_path": "meta.cursor.next"},
    "nextPageToken": {"next_path": "nextPageToken", "cursor_param": "pageToken", "limit_param": "maxResults"},
    "continuation": {"next_path": "continuation", "cursor_param": "continuationToken"},
    "paging.cursors.after": {"next_path": "paging.cursors.after", "cursor_param": "after", "more_path": "has_more"},
    "a name of its own": {"next_path": "next", "cursor_param": "starting_after"},
    "in a header": {"next_header": "X-Next-Cursor"},
    "fixed size": {"next_path": "next_token", "cursor_param": "next_token", "limit_param": None},
}


@pytest.mark.parametrize("strict", some([False, True], True))
@pytest.mark.parametrize("shape", CURSORS.values(), ids=CURSORS)
async def test_cursors(server, shape, strict):
    feed = Feed.regular("2024-11-01", DAY, 250)
    endpoint = server.serve("/data", feed, paging="cursor", strict=strict, **shape)
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    assert f'Cursor("{shape.get("cursor_param", "cursor")}", ' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("past_end", some([404, 400, 200], 404, 200))
@pytest.mark.parametrize("count", some([200, 250, 1_000, 3_000], 200, 250))
@pytest.mark.parametrize("shape", [{"paging": "page"}, {"paging": "offset"}, {"paging": "page", "limit_param": None}])
async def test_what_lies_behind_the_last_page(server, shape, count, past_end):
    """Whole pages to the end, so that only the page behind the last tells of it."""
    feed = Feed.regular("2018-11-01", DAY, count)
    endpoint = server.serve("/data", feed, past_end=past_end, **shape)
    found = await look(endpoint.url)
    assert ("past_end=404" in found.code) == (past_end == 404)
    assert past_end != 400 or count > 250 or "limit_param" in shape or "past_end=400" in found.code
    if past_end == 400 and "past_end" not in found.code:
        if count % 100 == 0:  # it might as well be the end of what is handed out: not taken for the end
            with pytest.raises(httpx.HTTPStatusError, match="400"):
                await all_of(found, feed)
    else:
        assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize("headers", [True, False])
async def test_a_refusal_of_a_page_behind_the_last_says_so(server, headers):
    """WordPress counts in headers, and answers 400 to a page that it does not have."""
    rows = [{"id": n, "date_gmt": iso(parse_iso("2026-01-01") + n * HOUR), "level": n * 0.5} for n in range(900)]

    def answer(request):
        size, page = min(int(request.query.get("per_page", 10)), 100), int(request.query.get("page", 1))
        last = -(-len(rows) // size)
        if page > last:
            return Answer({"message": "The page number requested is larger than the number of pages available."}, 400)
        counts = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(last)} if headers else {}
        return Answer(rows[(page - 1) * size : page * size], headers=counts)

    found = await look(server.route("/x", answer))
    [points] = (await all_of(found, Feed((parse_iso(row["date_gmt"]), row["level"]) for row in rows))).points.values()
    assert len(points) == 900


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("more", [1, 0, 400, -17, -130])
async def test_a_total_that_counts_too_many_or_too_few_is_not_believed(server, numbered, more):
    feed = Feed.regular("2018-11-01", DAY, 730)
    rows = [{"date": iso(time), "level": value} for time, value in feed.points()["value"].items()]

    def answer(request):
        most = 100 if numbered else min(int(request.query.get("limit", 100)), 100)
        begin = (int(request.query.get("page", 1)) - 1) * most if numbered else int(request.query.get("offset", 0))
        return Answer({"total": len(rows) + more, "data": rows[begin : begin + most]})

    found = await look(server.route("/x", answer))
    assert ('total="total"' in found.code) is not bool(more)
    assert (await all_of(found, feed)).points == {"level": feed.points()["value"]}


@pytest.mark.parametrize("total", [None, 730, 658])
@pytest.mark.parametrize("past_end", [200, 404])
async def test_pages_that_leave_some_out_end_at_an_empty_one(server, total, past_end):
    days = [parse_iso("2018-11-01") + n * DAY for n in range(730)]
    points = {time: n * 0.5 for n, time in enumerate(days) if (n * 7919) % 1009 > 100}

    def answer(request):
        skipped = (int(request.query.get("page", 1)) - 1) * 100
        rows = [{"date": iso(time), "level": points[time]} for time in days[skipped : skipped + 100] if time in points]
        counted = {} if total is None else {"total": total}
        return Answer({**counted, "data": rows}, 200 if rows else past_end)

    found = await look(server.route("/x", answer))
    assert (await all_of(found, Feed(points.items()))).points == {"level": points}


@pytest.mark.parametrize("count", some([170, 250, 300, 1_010], 170, 300))
@pytest.mark.parametrize("shape", [{"paging": "page"}, {"paging": "offset"}, {"paging": "page", "limit_param": None}])
async def test_the_last_page_again_behind_the_last(server, shape, count):
    feed = Feed.regular("2018-11-01", DAY, count)
    endpoint = server.serve("/data", feed, repeats_last=True, **shape)
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    assert "repeats=True" in found.code or count == 1_010, found.code
    assert (await all_of(found, feed)).points == feed.points()
    feed.extend((parse_iso("2018-11-01") + n * DAY, 5.0) for n in range(count, count // 1000 * 1000 + 2000))
    if "repeats=True" in found.code and "doubtful" not in found.code:  # the last page is full now
        assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize(
    ("query", "shape", "code"),
    [
        (
            "page=1&per_page=25",
            {"paging": "page", "limit_param": "per_page"},
            'PageNumber(size=1000, size_param="per_page"',
        ),
        ("page=3", {"paging": "page", "limit_param": None}, "PageNumber(size=100)"),
        ("pg=0&n=25", {"paging": "page", "limit_param": "n", "page_param": "pg", "first_page": 0}, "first=0"),
        ("limit=50&offset=0", {"paging": "offset"}, "Offset(limit=1000)"),
        ("limit=50&offset=100", {"paging": "offset"}, "Offset(limit=1000)"),
        (
            "howmany=20&start=0",
            {"paging": "offset", "limit_param": "howmany", "offset_param": "start"},
            'Offset(limit=1000, limit_param="howmany", offset_param="start")',
        ),
    ],
)
async def test_page_parameters_in_the_url_are_understood(server, query, shape, code):
    feed = Feed.regular("2024-11-01", DAY, 330)
    endpoint = server.serve("/data", feed, **shape)
    found = await look(f"{endpoint.url}?{query}&unit=m")
    assert code in found.code
    assert f'url="{endpoint.url}?unit=m"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


@pytest.mark.parametrize(
    "shape",
    [
        {"paging": "offset", "total_header": "X-Total-Count", "records": None},
        {"paging": "page", "more_path": "has_more"},
        {"paging": "page", "total_path": "total", "page_param": "pageNo"},
        {"paging": "offset", "offset_param": "startIndex", "limit_param": "count"},
        {
            "paging": "offset",
            "limit_param": "resultRecordCount",
            "offset_param": "resultOffset",
            "more_path": "exceededTransferLimit",
        },
    ],
)
async def test_counts_and_flags(server, shape):
    feed = Feed.regular("2024-11-01", DAY, 300)
    endpoint = server.serve("/data", feed, **shape)
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= REQUESTS
    if "more_path" in shape:
        assert f'more="{shape["more_path"]}"' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_a_link_among_links(server):
    feed = Feed.regular("2024-11-01", DAY, 250)
    endpoint = server.serve("/data", feed, paging="next")

    def with_links(request):
        given = endpoint(request)
        following = given.body.pop("paging")["next"]
        links = [{"rel": "self", "href": endpoint.url}] + ([{"rel": "next", "href": following}] if following else [])
        return Answer({**given.body, "links": links})

    server.route("/data", with_links)
    found = await look(endpoint.url)
    assert 'NextUrl("links.rel=next.href")' in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_what_follows_the_last_record(server):
    start = parse_iso("2024-11-01")
    records = [{"id": f"r{n}", "time": iso(start + n * HOUR), "value": n / 4} for n in range(230)]

    def keyset(request):
        after = request.query.get("starting_after")
        begin = next((n + 1 for n, each in enumerate(records) if each["id"] == after), 0)
        size = int(request.query.get("limit", 10))
        return Answer({"data": records[begin : begin + size], "has_more": begin + size < len(records)})

    found = await look(server.route("/x", keyset))
    assert 'Cursor("starting_after", "id", more="has_more", of_last=True)' in found.code
    run = await all_of(found, Feed([(start, 0)]))
    assert len(run.points["value"]) == 230


async def test_a_source_that_pages_to_a_bound_says_so_in_the_module(server):
    feed = Feed.regular("2022-11-01", HOUR, 12_000)
    endpoint = server.serve("/data", feed, paging="offset", total_path="total", time_filter=("from", "to"))

    def bounded(request):
        far = int(request.query.get("offset", 0)) + int(request.query.get("limit", 100)) > 10_000
        return Answer({"error": "offset + limit must be at most 10000"}, 400) if far else endpoint(request)

    server.route("/data", bounded)
    found = await look(endpoint.url)
    assert "most=10000" in found.code
    assert (await all_of(found, feed)).points == feed.points()


async def test_the_bound_of_requests_is_kept(server):
    endpoint = server.serve("/data", Feed.regular("2024-11-01", DAY, 250), paging="offset", page_size=40)
    found = await look(endpoint.url, requests=4)
    assert len(endpoint.requests) == 4
    assert found.code


async def test_the_last_requests_of_a_quota_are_not_spent(server):
    endpoint = server.serve("/data", Feed.regular("2024-11-01", DAY, 250), paging="offset", page_size=40)
    server.route("/data", lambda request: Answer(endpoint(request).body, headers={"X-RateLimit-Remaining": "3"}))
    found = await look(endpoint.url)
    assert len(endpoint.requests) <= 4
    assert next(each for each in found.findings if each.what == "rate limit").value["remaining"] == 3


async def test_source_config_decides(server):
    endpoint = server.serve("/data", Feed.regular("2024-11-01", DAY, 250), paging="offset", time_filter=("from", "to"))
    found = await look(endpoint.url, paging="none", time_filter="none")
    assert "pages=" not in found.code
    assert "window=" not in found.code
    found = await look(endpoint.url, page_size=50)
    assert "Offset(limit=50)" in found.code
    with pytest.raises(Question, match="paging is cursor, but no second page"):
        await look(endpoint.url, paging="cursor")
    with pytest.raises(Question, match="time_filter names a and b"):
        await look(endpoint.url, time_filter=["a", "b"])
    own = server.serve(
        "/own",
        Feed.regular("2024-11-01", DAY, 250),
        paging="offset",
        offset_param="ueberspringen",
        limit_param="anzahl",
        time_filter=("ab", "bis"),
    )
    found = await look(own.url, page_param="ueberspringen", page_size_param="anzahl", time_filter=["ab", "bis"])
    assert 'Offset(limit=1000, limit_param="anzahl", offset_param="ueberspringen")' in found.code
    assert 'TimeFilter("ab", "bis")' in found.code


async def test_findings_tell_what_was_decided(server):
    endpoint = server.serve("/data", Feed.regular("2024-11-01", DAY, 250), paging="offset", time_filter=("from", "to"))
    findings = {each.what: each for each in (await look(endpoint.url)).findings}
    assert findings["paging"].value == {
        "style": "offset",
        "limit": 1000,
        "limit_param": "limit",
        "offset_param": "offset",
        "first": 0,
    }
    assert findings["page size"].field == "page_size"
    assert findings["time filter"].value["from_param"] == "from"
    assert all(0.5 < findings[what].confidence <= 1 for what in ("paging", "page size", "time filter"))


async def test_a_source_that_makes_records_up_is_not_read_for_ever(server):
    """Every request gives another single record: pages that cannot be told from time going by."""
    made = [0]

    def live(_):
        made[0] += 1
        return Answer({"time": iso(parse_iso("2024-11-01") + made[0] * HOUR), "level": made[0] / 7})

    with_list = server.route("/x", lambda request: Answer([live(request).body]))
    assert "pages=" not in (await look(with_list)).code


async def test_a_refusal_is_quoted(server):
    url = server.route("/x", lambda _: Answer({"error": "parameter station is required"}, 400))
    with pytest.raises(BadSource, match=r"400 Bad Request: .*parameter station is required.* query_params"):
        await look(url)


@pytest.mark.parametrize(
    ("words", "status", "total"),
    [
        ("offset out of range", 400, {}),
        ("There is no more page: offset is at most 1400", 400, {}),
        ("", 200, {"total": 2_500}),
    ],
)
async def test_the_end_of_what_is_handed_out_is_not_the_last_page(server, words, status, total):
    feed = Feed.regular("2018-11-01", DAY, 2_500)
    rows = [{"date": iso(time), "level": value} for time, value in feed.points()["value"].items()]

    def answer(request):
        begin, most = int(request.query.get("offset", 0)), min(int(request.query.get("limit", 100)), 100)
        if begin >= 1_400:
            return Answer({"error": words} if status != 200 else {**total, "data": []}, status)
        return Answer({**total, "data": rows[begin : begin + most]})

    found = await look(server.route("/x", answer))
    with pytest.raises((BadSource, httpx.HTTPStatusError)):
        await all_of(found, feed)
