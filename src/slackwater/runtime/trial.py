"""Trying a module.

Run it on a piece of its source, store nothing, and judge whether what comes can be believed.

Proven is what gives at least one point, at sane times, inside the window that was asked for, and the same when it is
asked again.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import BinaryIO

import httpx

from slackwater.errors import ProtocolViolation
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, YEAR, iso
from slackwater.model.planning import CaughtUp, Wanted, next_window, whole_window
from slackwater.model.points import MAX_SERIES_NAME, Column, Rejected, checked
from slackwater.pipe.frames import Proof, SamplePoint
from slackwater.runtime.http_transport import AFRESH
from slackwater.runtime.source import PageRead, Reach, Run, Source

ENOUGH = 20  # points that are shown, and after which no further page is read
PAGES = 3  # read at most: the first may hold records, but no point
WINDOWS = 8  # looked into, the newest first and each twice as wide, until one has points
NAMES = 50  # of series that are reported; chosen: more are not read
EXAMPLES = 5  # rejected records; chosen: enough to see what they have in common
AHEAD = 200 * YEAR  # the farthest that any projection reaches

Points = dict[tuple[str, int], float]


@dataclass
class _Taken:
    """What was read of one window."""

    window: Interval
    points: Points = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    rejected_count: int = 0
    broken: str | None = None  # a rule that the points break

    def add(self, page: PageRead) -> None:
        columns = [Column.of(series, x, y) for series, (x, y) in page.columns.items() if len(x)]
        try:
            checked(columns)
        except ProtocolViolation as violation:
            self.broken = violation.reason
            return
        for column in columns:
            for x, y in zip(column.times(), column.values(), strict=True):
                self.points[column.series, x] = y
        self.rejected += page.rejected[: max(0, EXAMPLES - len(self.rejected))]
        self.rejected_count += page.rejected_count or len(page.rejected)


async def prove(source: Source, run: Run, window: Interval | None = None) -> Proof:
    """Return what `source` gives of `window`, and what speaks against it; nothing is stored.

    Without a window it is tried where a first run would begin. Raises what the source raises.
    """
    trial = _Trial(run)
    taken = await _first_with_points(source, trial, window)
    objections = _objections(source, taken, run.now())
    twice = False
    if not objections:
        twice, doubt = await _again(source, trial, taken)
        objections = [doubt] if doubt else []
    series = list(dict.fromkeys(name for name, _ in taken.points))
    return Proof(
        window=taken.window,
        points=len(taken.points),
        series=[name[:MAX_SERIES_NAME] for name in series[:NAMES]],
        series_count=len(series),
        sample=[SamplePoint(x, y, name) for (name, x), y in _first_points(taken.points)],
        rejected=taken.rejected,
        rejected_count=taken.rejected_count,
        twice=twice,
        objections=objections,
    )


async def _first_with_points(source: Source, trial: "_Trial", window: Interval | None) -> _Taken:
    async for each in _windows(source, trial, window):
        taken = await _read(source, trial, each)
        if taken.points or taken.broken:
            return taken
        trial.checkpoint = trial.checkpoint.finished(each, 0)
    return taken


async def _windows(source: Source, trial: "_Trial", window: Interval | None) -> AsyncIterator[Interval]:
    wanted = trial.orders.wanted or Wanted(period=DAY)
    if source.reach is Reach.WHOLE:
        yield whole_window(Checkpoint(), wanted, trial.now())
    elif window is not None:
        # Without an end to ask for, what is newer comes too.
        yield Interval(window.start, max(window.end, trial.now())) if source.reach is Reach.SINCE else window
    else:
        now = trial.now()
        for _ in range(WINDOWS):
            planned = next_window(trial.checkpoint, wanted, now, poll=False)
            if isinstance(planned, CaughtUp):
                return
            yield planned


async def _read(source: Source, trial: "_Trial", window: Interval) -> _Taken:
    taken, count = _Taken(window), 0
    async with aclosing(source.pages(window, None, trial)) as pages:
        async for page in pages:
            taken.add(page)
            count += 1
            if page.last or taken.broken or len(taken.points) >= ENOUGH or count == PAGES:
                break
    return taken


async def _again(source: Source, trial: "_Trial", first: _Taken) -> tuple[bool, str | None]:
    """Read the same once more.

    Return whether that could be done, and what speaks against the two answers.
    """
    if trial.orders.has_file and source.declared:
        return True, None  # a file does not change, and a large workbook takes its time to be opened again
    before = trial.http.headers.copy()
    trial.http.headers.update(AFRESH)
    try:
        second = await _read(source, trial, first.window)
    except httpx.HTTPError:
        return False, None  # a source that has had enough of us for now has answered well before
    finally:
        trial.http.headers = before
    doubt = _contradiction(first.points, second.points)
    return doubt is None, doubt


def _contradiction(first: Points, second: Points) -> str | None:
    """Say how two readings differ in a way that no living source explains.

    It adds points, and revises its newest.
    """
    if not second:
        return "The second time it was read the source gave no point."
    newest = max(time for _, time in (*first, *second))
    low, high = min(time for _, time in second), max(time for _, time in second)
    for (series, time), value in first.items():
        again = second.get((series, time))
        if again is None and low <= time <= high and time != newest:
            return f"The second time it was read the point of {series!r} at {iso(time)} was missing."
        if again is not None and again != value and time != newest:
            return f"The second time it was read {series!r} at {iso(time)} was {again:g}, the first time {value:g}."
    if not first.keys() & second.keys() and low <= max(time for _, time in first):
        return "The second time it was read not one point was the same."
    return None


def _objections(source: Source, taken: _Taken, now: int) -> list[str]:
    if taken.broken:
        return [f"What it gives cannot be stored: {taken.broken}."]
    if not taken.points:
        return [_nothing(source, taken)]
    times = [time for _, time in taken.points]
    objections = []
    if max(times) > now + AHEAD:
        objections.append(f"A time lies more than 200 years ahead, {iso(max(times))}: the form of the times is wrong.")
    if source.reach is not Reach.WHOLE:
        slack = source.overstep
        end = max(times) + 1 if source.reach is Reach.SINCE else taken.window.end + slack
        outside = [t for t in times if not taken.window.start - slack <= t < end]
        if outside:
            objections.append(
                f"{len(outside):,} of {len(times):,} points are outside the window {taken.window} that was asked for, "
                f"such as {iso(outside[0])}."
            )
    return objections


def _nothing(source: Source, taken: _Taken) -> str:
    where = "" if source.reach is Reach.WHOLE else f" in {taken.window}"
    if not taken.rejected_count:
        return f"It gave no point{where}."
    because = f"; {taken.rejected[0].where}: {taken.rejected[0].reason}" if taken.rejected else ""
    return f"It gave no point{where}: not one of {taken.rejected_count:,} records can be read{because}."


def _first_points(points: Points) -> list[tuple[tuple[str, int], float]]:
    """Return the first points as a chart would show them.

    By time, and all series of a time together.
    """
    return sorted(points.items(), key=lambda point: (point[0][1], point[0][0]))[:ENOUGH]


class _Trial:
    """The run as a source sees it while it is tried.

    Nothing is stored, and it begins at the beginning.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.orders = run.orders
        self.checkpoint = Checkpoint()

    @property
    def http(self) -> httpx.AsyncClient:
        """The run's client; made on demand, for which all certificates are loaded."""
        return self._run.http

    def now(self) -> int:
        return self._run.now()

    def file(self) -> BinaryIO:
        return self._run.file()

    async def log(self, level: str, message: str) -> None:
        await self._run.log(level, message)

    async def progress(self, done: int, total: int | None) -> None:
        """Say nothing: it is no progress of the wrapper's."""

    async def store(self, page: PageRead, window: Interval) -> None:
        raise AssertionError("a trial stores nothing")
