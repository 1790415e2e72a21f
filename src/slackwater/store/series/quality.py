"""Detects gaps, jumps, and incomplete calendar cells in stored series."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

import sqlalchemy as sa

from slackwater.model.buckets import Bucket, Granularity, fitting, onwards
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import points
from slackwater.store.series import charts, readings
from slackwater.store.series.readings import PointQuery
from slackwater.store.series.summaries import summaries

MOST_SERIES = 20  # series that are looked at; chosen: one page, and bounded work for it
MOST_CELLS = 180  # cells of a strip; chosen: three pixels each on a narrow page
MOST_SCANNED = 1_000_000  # points of all series, one by one, for their gaps
RECENT = 2_000  # newest points, by which is told what is usual
SHOWN = 10  # gaps and jumps of a series, the greatest first
COUNTED = 1_000  # gaps of a series that are counted
FEW = 8  # distances below which nothing is usual
WIDER = 1.5  # times the usual pauses that make a gap
LONGER, ABOVE = 10, 3  # times the median step, and the largest hundredth of steps, that make a jump

# Pauses that come again, such as weekends, are no gaps: the threshold lies above most of the distances.
_GAPS = (
    "SELECT before, x FROM (SELECT x, lag(x) OVER (ORDER BY x) AS before FROM points WHERE series_id = ?) AS steps "
    "WHERE x - before > ? ORDER BY x - before DESC LIMIT ?"
)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """An interval without points (µs), and about how many would fit in it."""

    start: int
    end: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class Jump:
    """Two neighbours whose values lie much further apart than usual.

    `x` is the time of the second.
    """

    x: int
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Evenness:
    """One series. `step`: the usual distance of points in µs.

    None when there are too few to tell.

    `counts` has the points of each cell of the calendar, `expected` how many one usually has.
    """

    name: str
    points: int
    step: int | None
    counts: list[int]
    expected: int
    gaps: list[Gap] = field(default_factory=list)
    gap_count: int = 0
    scanned: bool = True  # whether gaps were looked for
    jumps: list[Jump] = field(default_factory=list)

    @property
    def complete(self) -> float:
        """The share of what would be there if each cell had what cells usually have."""
        wanted = self.expected * len(self.counts)
        return sum(min(count, self.expected) for count in self.counts) / wanted if wanted else 0.0


@dataclass(frozen=True, kw_only=True)
class Quality:
    """All series that were looked at, over the same cells of the calendar."""

    granularity: Granularity | None  # None without points
    cells: list[Bucket]
    series: list[Evenness]
    all_series: int


def quality(c: sa.Connection, owner: str) -> Quality:
    """Look at the points of a wrapper."""
    asked = PointQuery(owner=owner, since=EARLIEST, until=LATEST)
    numbered = readings.numbered_series(c, asked)
    extent = charts.extent(c, asked)
    if extent is None:
        return Quality(granularity=None, cells=[], series=[], all_series=len(numbered))
    recent = {number: _recent(c, number) for number, _ in numbered[:MOST_SERIES]}
    steps = [step for each in recent.values() if (step := _step(each)) is not None]
    granularity = fitting(*extent, MOST_CELLS, at_least=int(0.9 * min(steps)) if steps else 0)
    cells = []
    for bucket in onwards(granularity, extent[0]):
        if bucket[0] > extent[1]:
            break
        cells.append(bucket)
    series: list[Evenness] = []
    left = MOST_SCANNED
    for number, name in numbered[:MOST_SERIES]:
        series.append(_evenness(c, number, name, cells, recent[number], left))
        left -= series[-1].points if series[-1].scanned else 0
    return Quality(granularity=granularity, cells=cells, series=series, all_series=len(numbered))


def _evenness(
    c: sa.Connection,
    number: int,
    name: str,
    cells: Sequence[Bucket],
    recent: Sequence[tuple[int, float]],
    most_scanned: int,
) -> Evenness:
    found = summaries(c, number, [(start, end - 1) for start, end in cells])
    counts = [0 if each is None else each.points for each in found]
    # The cells at the ends are cut short; where there are no others they have to do.
    usual = [each for each in counts[1:-1] if each] or [each for each in counts if each]
    step = _step(recent)
    scanned = sum(counts) <= most_scanned
    gaps, count = _gaps(c, number, step, recent) if step is not None and scanned else ([], 0)
    return Evenness(
        name=name,
        points=sum(counts),
        step=step,
        counts=counts,
        expected=round(median(usual)) if usual else 0,
        gaps=gaps,
        gap_count=count,
        scanned=scanned,
        jumps=_jumps(recent),
    )


def _recent(c: sa.Connection, number: int) -> list[tuple[int, float]]:
    p = points.c
    query = sa.select(p.x, p.y).where(p.series_id == number).order_by(p.x.desc()).limit(RECENT)
    return [(row.x, row.y) for row in c.execute(query)][::-1]


def _distances(recent: Sequence[tuple[int, float]]) -> list[int]:
    return sorted(after[0] - before[0] for before, after in pairwise(recent))


def _step(recent: Sequence[tuple[int, float]]) -> int | None:
    distances = _distances(recent)
    return int(median(distances)) if len(distances) >= FEW else None


def _gaps(c: sa.Connection, number: int, step: int, recent: Sequence[tuple[int, float]]) -> tuple[list[Gap], int]:
    distances = _distances(recent)
    widest = WIDER * max(step, distances[int(0.9 * (len(distances) - 1))])
    found = driver_of(c).rows(c, _GAPS, (number, int(widest), COUNTED))
    gaps = [Gap(start=before, end=x, missing=max(1, round((x - before) / step) - 1)) for before, x in found[:SHOWN]]
    return gaps, len(found)


def _jumps(recent: Sequence[tuple[int, float]]) -> list[Jump]:
    steps = [(abs(after[1] - before[1]), before[1], after) for before, after in pairwise(recent)]
    sizes = sorted(each[0] for each in steps)
    moved = [size for size in sizes if size]
    if len(moved) < FEW:
        return []
    limit = max(LONGER * median(moved), ABOVE * sizes[int(0.99 * (len(sizes) - 1))])
    found = sorted((each for each in steps if each[0] > limit), key=lambda each: -each[0])
    return [Jump(x=after[0], before=before, after=after[1]) for _, before, after in found[:SHOWN]]
