"""Reads charts: equal intervals with average, minimum and maximum, or few points.

The price depends on the number of intervals, not of points; see store/series/blocks.py. They begin at round times, so
that the same ones come again when a view is moved.
"""

from bisect import bisect_left
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from slackwater.model.buckets import MONDAY
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, WEEK, YEAR
from slackwater.store.schema import points
from slackwater.store.series import readings
from slackwater.store.series.blocks import SIZE
from slackwater.store.series.readings import PointQuery
from slackwater.store.series.summaries import counted, falls_on_days, summaries

MOST_SERIES = 30  # lines in one chart; chosen: more cannot be told apart
MOST_ROWS = 5_000  # of calendar buckets that somebody asked for

WIDTHS = (
    *(n * unit for unit in (1_000, 10_000, 100_000) for n in (1, 2, 5)),
    *(n * SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2)),
    *(n * WEEK for n in (1, 2, 4, 8, 13, 26)),
    *(n * YEAR for n in (1, 2, 5, 10, 20, 50, 100)),
)


@dataclass(kw_only=True)
class ChartLine:
    """One series: times in µs, values; of stretches the extremes, and the last point's value."""

    name: str
    x: list[int] = field(default_factory=list)
    y: list[float | None] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    last: float | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines over [`since`, `until`]; `width` in µs of a stretch.

    None when the lines go through the points.
    """

    since: int
    until: int
    width: int | None
    points: int  # about, in range, of the series that are shown
    lines: list[ChartLine]
    series: int  # how many there are; at most MOST_SERIES are shown
    extent: tuple[int, int] | None  # first and last point of all that was asked for, whatever the range
    days: bool  # its points are days, without a time that a zone could move


def chart(c: sa.Connection, asked: PointQuery, stretches: int) -> Chart:
    """Return a range in about `stretches` intervals, or as points where few.

    With a `granularity` it shows those calendar buckets with their one value, at most MOST_ROWS.
    """
    found = readings.numbered_series(c, asked)
    shown = found[:MOST_SERIES]
    numbers = [number for number, _ in shown]
    extent = _extent(c, numbers)
    if extent is None:
        since, until = (asked.since, asked.until) if asked.since > EARLIEST and asked.until < LATEST else (0, 0)
        return Chart(
            since=since, until=until, width=None, points=0, lines=[], series=len(found), extent=None, days=False
        )
    since = extent[0] if asked.since == EARLIEST else asked.since
    until = max(since, extent[1] if asked.until == LATEST else asked.until)
    total = counted(c, numbers, since, until)
    within = replace(asked, since=since, until=until, series=tuple(name for _, name in shown))
    if asked.granularity is not None:
        width, lines = None, _rows(c, within, MOST_ROWS)
    elif (few := _few(c, within, 2 * stretches * len(numbers), total - 2 * SIZE * len(numbers))) is not None:
        width, lines = None, few
    else:
        width = fitting_width(until - since, stretches)
        lines = [_stretched(c, number, replace(within, series=(name,)), width) for number, name in shown]
    return Chart(
        since=since,
        until=until,
        width=width,
        points=total,
        lines=lines,
        series=len(found),
        extent=extent,
        days=falls_on_days(c, numbers),
    )


def extent(c: sa.Connection, asked: PointQuery) -> tuple[int, int] | None:
    """Return the first and last time (µs) of the chart's series, over all ranges."""
    return _extent(c, [number for number, _ in readings.numbered_series(c, asked)[:MOST_SERIES]])


def of_days(c: sa.Connection, asked: PointQuery) -> bool:
    """Check whether the chart's series give days and no times."""
    return falls_on_days(c, [number for number, _ in readings.numbered_series(c, asked)[:MOST_SERIES]])


def fitting_width(span: int, stretches: int) -> int:
    """Return the least of the round widths that cuts `span` into at most about `stretches`.

    `span` is in µs.
    """
    return WIDTHS[min(len(WIDTHS) - 1, bisect_left(WIDTHS, span / stretches))]


def _stretched(c: sa.Connection, number: int, asked: PointQuery, width: int) -> ChartLine:
    """Cut the time of one series into stretches.

    Those at the ends are whole, too: a view that is moved shows the same ones again.
    """
    start = asked.since - (asked.since - MONDAY) % width
    spans = [(low, low + width - 1) for low in range(start, asked.until + 1, width)]
    newest = readings.page(c, replace(asked, descending=True), 1).readings
    [name] = asked.series or ()
    line = ChartLine(name=name, last=newest[0].y if newest else None)
    for (low, _), summary in zip(spans, summaries(c, number, spans), strict=True):
        if summary is not None:
            line.x.append(low)
            line.y.append(summary.mean)
            line.least.append(summary.least)
            line.most.append(summary.most)
    return line


def _few(c: sa.Connection, asked: PointQuery, most: int, at_least: int) -> list[ChartLine] | None:
    """Return lines through the points when there are at most `most`.

    `at_least` so many there are.
    """
    if at_least > most:
        return None
    lines = _rows(c, asked, most + 1)
    return lines if sum(len(line.x) for line in lines) <= most else None


def _rows(c: sa.Connection, asked: PointQuery, limit: int) -> list[ChartLine]:
    lines = {name: ChartLine(name=name) for name in asked.series or ()}
    for x, y, name in readings.page(c, asked, limit).readings:
        lines[name].x.append(x)
        lines[name].y.append(y)
    return list(lines.values())


def _extent(c: sa.Connection, numbers: list[int]) -> tuple[int, int] | None:
    edges: list[int] = []
    for number in numbers:
        mine = points.c.series_id == number
        for order in (points.c.x, points.c.x.desc()):
            edges += c.execute(sa.select(points.c.x).where(mine).order_by(order).limit(1)).scalars()
    return (min(edges), max(edges)) if edges else None
