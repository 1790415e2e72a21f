"""Sources followed for weeks on a fast clock: what is stored is what they hold, within the reach that is promised.

Delays, mixed delays, revisions long after, dead stations; by a time range, by a start alone, by pages newest first and
without any filter. The requests of every poll are counted.
"""

from pathlib import Path
from statistics import median

import pytest
from followed import FastClock, fast_clock, following

from budget import some
from slackwater import workbench
from slackwater.model.instants import DAY, HOUR, MINUTE, WEEK, iso
from sources import Answer, Feed, Recorded

RANGE = {"time_filter": ("from", "to"), "limit_param": None}
KINDS = {
    "a time range": RANGE,
    "a start alone": {"since_param": "since", "limit_param": None},
    "pages, newest first": {"paging": "offset", "page_size": 100, "order": "desc"},
    "pages and a time range, newest first": {"paging": "page", "page_size": 100, "order": "desc", **RANGE},
    "nothing": {"limit_param": None},
}


@pytest.fixture
def clock(tmp_path: Path):
    with fast_clock(tmp_path / "clock") as clock:
        yield clock


class Station:
    """A series with a point each `step` µs, published `delay` after the moment that it bears."""

    def __init__(self, feed: Feed, name: str, step: int, delay: int, *, ends: int | None = None) -> None:
        self.feed, self.name, self.step, self.delay, self.ends = feed, name, step, delay, ends
        self.last = 0

    def publish(self, now: int, *, since: int | None = None) -> None:
        newest = (now - self.delay) // self.step * self.step
        newest = newest if self.ends is None else min(newest, self.ends)
        first = newest - since if since is not None else self.last + self.step
        self.feed.extend((x, float(x // self.step % 97), self.name) for x in range(first, newest + 1, self.step))
        self.last = max(self.last, newest)


def published(feed: Feed, *stations: Station, history: int) -> None:
    for station in stations:
        station.publish(workbench.now(), since=history)


@pytest.mark.parametrize("delay", some([0, 1, 7, 40]))
async def test_a_source_that_publishes_late(tmp_path: Path, clock: FastClock, delay: int) -> None:
    feed = Feed()
    station = Station(feed, "value", HOUR, delay * HOUR)
    station.publish(workbench.now(), since=300 * HOUR)
    async with following(tmp_path, feed, "hourly", "12h", **RANGE) as followed:
        made = await followed.let_pass(clock, 2 * WEEK, station.publish)
        await followed.is_complete()
        assert len(made) >= 26
        assert median(made) == 1, made
        assert max(made) <= 3, made  # where an answer larger than all before it is proven to be whole
        assert sum(made) <= 1.3 * len(made), made


@pytest.mark.parametrize("kind", some(KINDS, "pages and a time range, newest first"))
async def test_revisions_delays_and_dead_stations(tmp_path: Path, clock: FastClock, kind: str) -> None:
    """Ten days: one series to the hour, one three days late, one that has ended; each value is revised once."""
    feed = Feed()
    now = workbench.now()
    prompt, late = Station(feed, "a", HOUR, 0), Station(feed, "b", HOUR, 3 * DAY)
    dead = Station(feed, "dead", HOUR, 0, ends=now // HOUR * HOUR - 60 * DAY)
    published(feed, prompt, late, dead, history=200 * HOUR)

    def publish(now: int) -> None:
        prompt.publish(now)
        late.publish(now)
        for name in ("a", "b"):  # a hundred periods after the time that they bear, values are revised
            held = feed.points()[name]
            for x in range((now - 114 * HOUR) // HOUR * HOUR, now - 100 * HOUR, HOUR):
                if x in held:
                    feed.revise(x, float(x // HOUR % 89) + 1000, name)

    async with following(tmp_path, feed, "hourly", "12h", series_field="station", **KINDS[kind]) as followed:
        made = await followed.let_pass(clock, 10 * DAY, publish)
        # What was revised since the last of the daily looks may be stored as it was.
        stored, held = await followed.stored(), feed.points()
        assert {name: sorted(points) for name, points in stored.items()} == {
            name: sorted(points) for name, points in held.items()
        }
        wrong = [x for name, points in held.items() for x, y in points.items() if stored[name][x] != y]
        assert all(workbench.now() - x <= (100 + 12 + 24 + 12) * HOUR for x in wrong), wrong
        assert len(wrong) <= 2 * 36
        if kind == "a time range":  # every other poll is the one of its day that looks farther, and may be proven
            assert made.count(1) >= len(made) // 2, made
            assert max(made) <= 5, made
        if kind == "a start alone":
            assert max(made) <= 3, made


@pytest.mark.long
async def test_minutes_beside_days(tmp_path: Path, clock: FastClock) -> None:
    """One series to the minute, one three days late, polled every six hours: no poll loses what came late."""
    feed = Feed()
    prompt, late = Station(feed, "a", MINUTE, 0), Station(feed, "b", MINUTE, 3 * DAY)
    published(feed, prompt, late, history=400 * MINUTE)

    def publish(now: int) -> None:
        prompt.publish(now)
        late.publish(now)

    async with following(tmp_path, feed, "1m", "6h", series_field="station", **RANGE) as followed:
        made = await followed.let_pass(clock, 4 * DAY, publish)
        await followed.is_complete()
        assert max(made) <= 3, made  # the stretch of three days has more points each time


async def test_a_source_that_refuses_what_lies_before_it(tmp_path: Path, clock: FastClock) -> None:
    feed = Feed()
    station = Station(feed, "value", HOUR, HOUR)
    station.publish(workbench.now(), since=900 * HOUR)
    begins = station.last - 900 * HOUR
    async with following(tmp_path, feed, "hourly", "12h", begins=begins, **RANGE) as followed:
        before = (await followed.record()).marks.checkpoint
        assert (before.backfill_reason or "").startswith("the source refuses what lies before ")
        assert before.backfill_reason.endswith("it answered 400, “date out of range”")
        (covered,) = before.covered
        assert begins <= covered.start <= begins + 2 * HOUR, "what was refused is not covered"
        made = await followed.let_pass(clock, 3 * DAY, station.publish)
        await followed.is_complete()
        assert max(made) <= 3, made


@pytest.mark.long
@pytest.mark.parametrize("place", some([None, "reading", "list"], "reading"))
async def test_a_single_reading_is_a_point_each_poll(tmp_path: Path, clock: FastClock, place: str | None) -> None:
    """A source that shows what it measures now: an object, an object in another, a list of one."""
    feed, shown, series = Feed(), {}, "reading.level" if place == "reading" else "level"

    def publish(now: int) -> None:
        shown.update(time=iso(now // MINUTE * MINUTE), level=round(now // MINUTE % 97 / 7, 3))
        feed.add(now // MINUTE * MINUTE, shown["level"], series)

    def answer(_: Recorded) -> Answer:
        return Answer([shown] if place == "list" else {"station": "A", place: shown} if place else shown)

    publish(workbench.now())
    async with following(tmp_path, feed, "10m", route=answer) as followed:
        made = await followed.let_pass(clock, 3 * HOUR, publish)
        await followed.is_complete()
        assert made == [1] * len(made)
        assert len(made) >= 17
