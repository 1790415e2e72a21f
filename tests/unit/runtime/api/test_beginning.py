"""Sources that refuse what lies before their first data: the back-fill ends there, and for no other refusal."""

from collections.abc import Callable

import httpx
import pytest

from budget import some
from runs import Recorder
from slackwater.errors import Refused
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, YEAR, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.pagination import Offset
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, Feed, Recorded, SourceServer, client

NOW = parse_iso("2024-06-01")
BEGIN = parse_iso("2024-02-10T07:00:00Z")
Refuses = Callable[[int, int], Answer | None]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def source(server: SourceServer, feed: Feed, refuses: Refuses, most: int = 1000) -> str:
    def answer(request: Recorded) -> Answer:
        low, high = parse_iso(request.query["from"]), parse_iso(request.query["to"])
        if (refused := refuses(low, high)) is not None:
            return refused
        held = sorted((time, value) for time, value in feed.points()["value"].items() if low <= time <= high)
        skip = int(request.query.get("offset", 0))
        return Answer([{"time": iso(time), "value": value} for time, value in held[skip : skip + most]])

    return server.route("/x", answer)


def recorder(**more) -> Recorder:
    wanted = Wanted(period=HOUR)
    return Recorder(**{"source_type": "API", "http": client(), "wanted": wanted, "now": NOW, **more})


async def read_all(url: str, **more) -> tuple[Recorder, str | None]:
    run = recorder(**more)
    wrapper = ApiWrapper(url=url, time="time", value="value", window=TimeFilter("from", "to"))
    async with run.http:
        reason = await read(wrapper, run)
    return run, reason


def full(begin: int = BEGIN) -> Feed:
    return Feed((x, float(x // HOUR % 89)) for x in range(begin, NOW, HOUR))


@pytest.mark.parametrize(
    "begun", ["2024-05-31T20:00:00Z", "2024-05-11T03:00:00Z", "2024-02-10T07:00:00Z", "2022-01-05"]
)
@pytest.mark.parametrize(
    "touching", some([True, False], True), ids=["any window that begins before", "windows wholly before"]
)
@pytest.mark.parametrize(
    "answer",
    [
        Answer({"error": "date out of range"}, 400),
        Answer({"error": "nothing here"}, 404),
        Answer(b"<h1>Unprocessable</h1>", 422),
        Answer({"message": "start date lies before the first measurement"}, 500),
        Answer({"error": "The start date is too early"}),
    ],
    ids=["400", "404", "422", "500 in words", "200 in words"],
)
async def test_the_back_fill_ends_where_the_source_begins(server, answer, touching, begun):
    begin = parse_iso(begun)
    feed = full(begin)
    url = source(server, feed, lambda low, high: answer if (low if touching else high) < begin else None)
    run, reason = await read_all(url)
    assert run.points == feed.points()
    assert reason is not None
    assert reason.startswith("the source refuses what lies before ")
    told = parse_iso(reason.split(" before ")[1][:20])
    assert told <= begin + 3 * HOUR
    assert told >= begin - 2 * HOUR or not touching
    (covered,) = run.checkpoint.covered
    assert covered.end == NOW
    assert covered.start <= begin + 3 * HOUR
    assert len(server.requests) < 100


async def test_in_a_source_with_pages_too(server):
    feed = full()
    url = source(server, feed, lambda low, _: Answer({"error": "too early"}, 400) if low < BEGIN else None)
    run = recorder()
    wrapper = ApiWrapper(url=url, time="time", value="value", window=TimeFilter("from", "to"), pages=Offset(limit=1000))
    async with run.http:
        assert "it answered 400, “too early”" in (await read(wrapper, run) or "")
    assert run.points == feed.points()


async def test_a_source_that_answers_nothing_newer_either_has_not_begun_there(server):
    feed = full()
    refusing = False

    def refuses(low: int, _high: int) -> Answer | None:
        nonlocal refusing
        refusing = refusing or low < BEGIN
        return Answer({"error": "date out of range"}, 400) if refusing else None

    with pytest.raises(httpx.HTTPStatusError):
        await read_all(source(server, feed, refuses))


GAP = NOW - 400 * DAY, NOW - 100 * DAY


@pytest.mark.parametrize("most", some([1000, 100_000], 1000))
@pytest.mark.parametrize("status", [404, 400, 200])
async def test_a_gap_is_no_beginning(server, status, most):
    feed = Feed((x, y) for x, y in full(NOW - 3 * YEAR).points()["value"].items() if not GAP[0] <= x < GAP[1])
    begin = NOW - 3 * YEAR

    def refuses(low: int, high: int) -> Answer | None:
        empty = (GAP[0] <= low and high < GAP[1]) or high < begin
        return Answer({"error": f"nothing here from {iso(low)} to {iso(high)}"}, status) if empty else None

    url = source(server, feed, refuses, most)
    run, reason = await read_all(url, wanted=Wanted(period=HOUR, start=NOW - 5 * YEAR))
    assert run.points == feed.points()
    assert reason is not None
    assert reason.startswith(("reached the start", "the source refuses what lies before", "no data from"))
    assert len(run.checkpoint.covered) == 1
    assert len(server.requests) < 200


async def test_a_message_that_is_not_answered_by_older_data_is_an_error(server):
    url = source(server, full(), lambda low, _: Answer({"error": "table is locked"}) if low < BEGIN + DAY else None)
    with pytest.raises(Refused):
        await read_all(url)


async def test_a_source_that_refuses_what_reaches_into_a_gap_is_not_believed(server):
    feed = Feed((x, y) for x, y in full(NOW - 3 * YEAR).points()["value"].items() if not GAP[0] <= x < GAP[1])

    def refuses(low: int, high: int) -> Answer | None:
        return Answer({"error": "nothing here"}, 404) if low < GAP[1] and high >= GAP[0] else None

    with pytest.raises(httpx.HTTPStatusError):
        await read_all(source(server, feed, refuses))


@pytest.mark.parametrize(
    "answer", [Answer({"error": "date out of range"}, 400), Answer({"error": "Unknown start date"})]
)
async def test_the_first_window_and_the_polls_of_a_source_fail_as_ever(server, answer):
    url = source(server, full(), lambda *_: answer)
    done = Checkpoint(covered=(Interval(BEGIN, NOW - DAY),), backfill_done=True, backfill_reason="x")
    for checkpoint in (None, done):
        run = recorder(checkpoint=checkpoint)
        wrapper = ApiWrapper(url=url, time="time", value="value", window=TimeFilter("from", "to"))
        async with run.http:
            with pytest.raises((httpx.HTTPStatusError, Refused)):
                await read(wrapper, run)
        assert run.checkpoints == []


async def test_an_answer_about_something_else_is_no_beginning(server):
    """A note in a 200 that says nothing of times, a server error without words, a key that is not let in."""
    for answer in (Answer({"error": "The key is wrong"}), Answer({"error": "?"}, 500), Answer({"error": "who?"}, 401)):
        url = source(server, full(), lambda low, _, answer=answer: answer if low < BEGIN else None)
        with pytest.raises((httpx.HTTPStatusError, Refused)):
            await read_all(url)
