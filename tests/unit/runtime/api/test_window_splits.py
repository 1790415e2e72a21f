from itertools import pairwise

import pytest

from runs import Recorder
from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, MINUTE, SECOND, YEAR, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Offset, OutOfReach
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.window_splits import Parts
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, Feed, SourceServer, client

START = parse_iso("2024-01-01")
WINDOW = Interval(START, START + 30 * DAY)


def test_the_parts_of_a_window_are_all_of_it_and_none_is_wider_than_the_source_allows():
    requested = TimeFilter("a", "b", "date", longest="P7D")
    parts, token = Parts.of(WINDOW, None, requested)
    read = []
    while part := parts.next:
        assert part.width + 2 * requested.unit <= 7 * DAY
        assert parts.last == (part.start == WINDOW.start)
        read.append(part)
        parts = parts.done()
        again, token = Parts.of(WINDOW, parts.token(PageToken(offset=3)), requested)
        assert parts.next is None or (again, token) == (parts, PageToken(offset=3))
    assert read[0].end == WINDOW.end
    assert read[-1].start == WINDOW.start
    assert all(older.end == newer.start for newer, older in pairwise(read))


def test_a_window_in_one_piece_keeps_the_tokens_of_its_pages():
    parts, token = Parts.of(WINDOW, PageToken(offset=4), TimeFilter("a", "b"))
    assert (parts.next, token) == (WINDOW, PageToken(offset=4))
    assert parts.token(PageToken(offset=9)) == PageToken(offset=9)
    assert parts.done().token(None) is None


def test_what_cannot_be_divided_is_for_a_person():
    parts, _ = Parts.of(Interval(START, START + SECOND), None, TimeFilter("a", "b"))
    with pytest.raises(BadSource, match=r"more than 100 records in .* fewer series"):
        parts.halved(OutOfReach(most=100))


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


@pytest.mark.parametrize("total", ["total", None])
async def test_a_source_that_pages_only_so_far_is_read_in_shorter_windows(server, total):
    """3,000 points, of which one question reaches 200: with the parts every one is read, and after a stop too."""
    feed = Feed.regular("2024-01-01", MINUTE, 3_000)
    endpoint = server.serve("/data", feed, paging="offset", total_path=total, time_filter=("from", "to"))

    def bounded(request):
        far = int(request.query.get("offset", 0)) + int(request.query.get("limit", 100)) > 200
        return Answer({"error": "the result window is too large"}, 400) if far else endpoint(request)

    server.route("/data", bounded)
    declared = ApiWrapper(
        url=endpoint.url,
        records="items",
        time="timestamp",
        value="value",
        pages=Offset(limit=100, total=total, most=200),
        window=TimeFilter("from", "to"),
    )
    orders = {"wanted": Wanted(period=MINUTE, start=START - DAY), "now": START + 3 * DAY}
    run = Recorder(source_type="API", http=client(), **orders)
    async with run.http:
        await read(declared, run)
    assert run.points == feed.points()
    half_way = run.checkpoints[len(run.checkpoints) // 2]
    assert half_way.page is not None
    resumed = Recorder(source_type="API", http=client(), checkpoint=half_way, **orders)
    resumed.points = {"value": dict(run.points["value"])}
    for page in run.pages[len(run.checkpoints) // 2 + 1 :]:
        for times, _ in page.columns.values():
            for time in times:
                resumed.points["value"].pop(time, None)
    async with resumed.http:
        await read(declared, resumed)
    assert resumed.points == feed.points()


async def test_the_longest_range_is_kept(server):
    feed = Feed.regular("2023-01-01", DAY, 400)
    endpoint = server.serve("/data", feed, time_filter=("from", "to"), filter_form="date", inclusive_end=False)

    def bounded(request):
        span = parse_iso(request.query["to"]) - parse_iso(request.query["from"])
        return Answer({"error": "at most 31 days"}, 400) if span > 31 * DAY else endpoint(request)

    server.route("/data", bounded)
    declared = ApiWrapper(
        url=endpoint.url,
        records="items",
        time="timestamp",
        value="value",
        window=TimeFilter("from", "to", "date", inclusive_end=False, longest="P31D"),
    )
    run = Recorder(
        source_type="API", http=client(), wanted=Wanted(period=DAY, start=START - 2 * YEAR), now=START + YEAR
    )
    async with run.http:
        await read(declared, run)
    assert run.points == feed.points()
    assert run.checkpoint.backfill_done or run.checkpoint.covered
