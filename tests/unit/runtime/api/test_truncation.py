"""Sources that give less than was asked for, or refuse to be asked for so much: read exactly all the same."""

from collections.abc import Callable

import httpx
import pytest

from runs import Recorder
from slackwater.errors import BadSource
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, Feed, Recorded, Route, SourceServer, client

START = parse_iso("2024-01-01")
NOW = parse_iso("2024-06-01")
Cut = Callable[[list[tuple[int, str, float]]], list[tuple[int, str, float]]]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def handing_out(feed: Feed, cut: Cut, form: str = "iso") -> Route:
    """A source that honours `from` and `to`, and hands out what `cut` leaves of it."""

    def answer(request: Recorded) -> Answer:
        low = parse_iso(request.query["from"])
        high = parse_iso(request.query["to"]) + (DAY - 1 if form == "date" else 0)
        held = sorted(
            (time, name, value)
            for name, line in feed.points().items()
            for time, value in line.items()
            if low <= time <= high
        )
        return Answer([{"time": iso(time), "series": name, "value": value} for time, name, value in cut(held)])

    return answer


def all_of_it(held):
    return held


def declared(url: str, form: str = "iso", **more) -> ApiWrapper:
    return ApiWrapper(
        url=url, time="time", value="value", series="series", window=TimeFilter("from", "to", form, **more)
    )


def recorder(period: int = HOUR, now: int = NOW, start: int = START - 60 * DAY, **more) -> Recorder:
    return Recorder(source_type="API", http=client(), wanted=Wanted(period=period, start=start), now=now, **more)


async def read_all(wrapper: ApiWrapper, **more) -> Recorder:
    run = recorder(**more)
    async with run.http:
        await read(wrapper, run)
    return run


def of_each(most: int, *, newest: bool) -> Cut:
    """No more than `most` records of each series."""

    def cut(held):
        names = dict.fromkeys(name for _, name, _ in held)
        lines = [[each for each in held if each[1] == name] for name in names]
        return [each for line in lines for each in (line[-most:] if newest else line[:most])]

    return cut


CUTS: dict[str, Cut] = {
    "newest": lambda held: held[-100:],
    "newest first": lambda held: held[::-1][:100],
    "oldest": lambda held: held[:100],
    "series by series": lambda held: sorted(held, key=lambda each: each[1])[:100],
    "as many of each, newest": of_each(100, newest=True),
    "as many of each, oldest": of_each(100, newest=False),
    "one in so many": lambda held: held[:: -(-len(held) // 100)] if held else [],
}


@pytest.mark.parametrize("form", ["iso", "date"])
@pytest.mark.parametrize("cut", CUTS)
async def test_an_answer_that_is_cut_silently_loses_nothing(server, cut, form):
    """Two series, the second one thrice as dense; never more than 100 records come at once."""
    feed = Feed.regular("2024-04-01", 6 * HOUR, 200)
    feed.extend((START + 100 * DAY + 2 * HOUR * n, float(n), "dense") for n in range(500))
    run = await read_all(declared(server.route("/x", handing_out(feed, CUTS[cut], form)), form))
    assert run.points == feed.points()
    assert [line for _, line in run.logged if "records came, and there are more" in line]


async def test_a_source_that_cuts_nothing_is_asked_a_few_times_more_and_then_never_again(server):
    feed = Feed.regular("2024-01-01", HOUR, 3_600)
    wrapper = declared(server.route("/x", handing_out(feed, all_of_it)))
    run = await read_all(wrapper)
    assert run.points == feed.points()
    windows = len(run.pages)
    assert len(server.requests) <= windows + 8
    assert run.checkpoint.proven[0] >= 500
    # Another process, the same checkpoint: a poll is one request.
    before = len(server.requests)
    later = await read_all(declared(wrapper.url), checkpoint=run.checkpoint, now=NOW + 5 * HOUR)
    assert len(server.requests) - before == len(later.pages) == 1


@pytest.mark.parametrize("cut", [CUTS["newest"], CUTS["oldest"]])
async def test_an_answer_of_just_the_size_that_is_cut_at_proves_nothing(server, cut):
    """The first window holds 100 records, all there are of it; those before hold more."""
    feed = Feed.regular("2024-04-01", HOUR, 1_000)
    last = START + 91 * DAY + 999 * HOUR
    feed.extend((last + 3 * HOUR + n * SECOND, float(n)) for n in range(100 - 3))
    now = last + 100 * SECOND + 3 * HOUR
    wrapper = declared(server.route("/x", handing_out(feed, cut)))
    done = Checkpoint(step=6 * HOUR)
    run = await read_all(wrapper, now=now, checkpoint=done)
    assert run.points == feed.points()


async def test_windows_that_are_all_alike_are_not_asked_for_again_and_again(server):
    """Of two series one has as many records in every window, the other ever fewer."""
    feed = Feed.regular("2022-01-01", HOUR, 21_000)
    feed.extend((START - n * n * HOUR // 20, float(n), "sparse") for n in range(500))
    run = await read_all(declared(server.route("/x", handing_out(feed, all_of_it))), start=START - 2 * YEAR)
    assert run.points == feed.points()
    assert len(run.pages) > 20
    assert len(server.requests) <= len(run.pages) + 12


async def test_a_process_that_has_learned_nothing_takes_no_poll_for_whole(server):
    """What has gathered in ten days, of which one answer holds 100 records."""
    feed = Feed.regular("2024-01-01", HOUR, 24 * 152)
    covered = Checkpoint(covered=(Interval(START - 60 * DAY, NOW - 10 * DAY),), backfill_done=True)
    run = await read_all(declared(server.route("/x", handing_out(feed, CUTS["newest"]))), checkpoint=covered)
    assert {time for time in feed.points()["value"] if NOW - 10 * DAY <= time < NOW} <= run.points["value"].keys()


@pytest.mark.parametrize("most", [None, 100])
async def test_more_at_one_moment_than_comes_at_once_is_for_a_person(server, most):
    feed = Feed.regular("2024-05-31", HOUR, 20, series=[f"station {n}" for n in range(150)])
    run = recorder()
    with pytest.raises(BadSource, match=r"more than 100 records in .*query_params"):
        async with run.http:
            await read(declared(server.route("/x", handing_out(feed, CUTS["oldest"])), most=most), run)
    assert not run.checkpoint.covered


@pytest.mark.parametrize("cut", ["newest", "oldest"])
async def test_more_in_a_day_than_comes_at_once_is_not_lost_where_only_days_can_be_asked_for(server, cut):
    feed = Feed.regular("2024-05-29", MINUTE, 3 * 1440)
    covered = Checkpoint(covered=(Interval(START, NOW - 2 * HOUR),), backfill_done=True)
    poll = recorder(MINUTE, NOW - HOUR, checkpoint=covered)
    with pytest.raises(BadSource, match="more than 100 records"):
        async with poll.http:
            await read(declared(server.route("/x", handing_out(feed, CUTS[cut], "date")), "date"), poll)


async def test_a_poll_narrower_than_a_day_is_whole_where_more_comes_of_a_longer_time(server):
    feed = Feed.regular("2024-05-01", MINUTE, 31 * 1440)
    covered = Checkpoint(covered=(Interval(START, NOW - 2 * HOUR),), backfill_done=True)
    run = await read_all(
        declared(server.route("/x", handing_out(feed, all_of_it, "date")), "date"), period=MINUTE, checkpoint=covered
    )
    assert run.checkpoint.covered == (Interval(START, NOW),)
    assert len(server.requests) == 2


async def test_a_source_that_grows_while_it_is_asked_is_no_source_that_cuts(server):
    feed = Feed.regular("2024-05-01", HOUR, 24 * 31 - 30)
    answer = handing_out(feed, all_of_it)

    def growing(request: Recorded) -> Answer:
        if len(feed) < 24 * 31 - 20:
            feed.add(START + 152 * DAY - HOUR * (24 * 31 - len(feed)), 1.0)
        return answer(request)

    wrapper = declared(server.route("/x", growing))
    run = await read_all(wrapper)
    assert wrapper.limits.cut is None
    assert run.points.keys() == feed.points().keys()


async def test_what_most_says_is_believed_at_once(server):
    feed = Feed.regular("2024-05-01", HOUR, 24 * 31)
    run = await read_all(declared(server.route("/x", handing_out(feed, CUTS["newest"])), most=100))
    assert run.points == feed.points()
    with pytest.raises(BadSource, match="most must be at least 1"):
        TimeFilter("from", "to", most=0)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_range_that_is_refused_for_its_width_is_read_in_parts(server, status):
    feed = Feed.regular("2023-01-01", DAY, 500)
    answer = handing_out(feed, all_of_it)

    def bounded(request: Recorded) -> Answer:
        span = parse_iso(request.query["to"]) - parse_iso(request.query["from"])
        return Answer({"erro": "o período é demasiado longo"}, status) if span > 31 * DAY else answer(request)

    run = await read_all(declared(server.route("/x", bounded)), period=DAY, start=START - 2 * YEAR)
    assert run.points == feed.points()
    days = [parse_iso(each.query["to"]) - parse_iso(each.query["from"]) for each in server.requests]
    assert sum(span > 31 * DAY for span in days) <= 10  # it is not tried again with each window


async def test_a_refusal_that_is_not_for_the_width_stays_what_it_is(server):
    url = server.route("/x", lambda _: Answer({"error": "unknown station"}, 400))
    run = recorder()
    with pytest.raises(httpx.HTTPStatusError) as refused:
        async with run.http:
            await read(declared(url), run)
    assert str(refused.value.request.url) == str(httpx.URL(url).copy_merge_params(server.requests[0].query))
    assert len(server.requests) <= 10
    assert not run.checkpoint.covered


@pytest.mark.parametrize(("said", "whole"), [("No data", True), ("Sem dados", True), ("Internal error", False)])
async def test_a_server_error_is_an_empty_range_only_where_it_says_so(server, said, whole):
    feed = Feed.regular("2024-05-01", HOUR, 24 * 31)
    answer = handing_out(feed, all_of_it)

    def without(request: Recorded) -> Answer:
        good = answer(request)
        return good if good.body else Answer({"errors": [{"title": said}]}, 500)

    url = server.route("/x", without)
    run = recorder()
    async with run.http:
        if whole:
            await read(declared(url, empty=500), run)
        else:
            with pytest.raises(httpx.HTTPStatusError):
                await read(declared(url, empty=500), run)
    assert run.points == feed.points()
