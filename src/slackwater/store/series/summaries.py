"""Summarises points of intervals: whole blocks inside, single points at the edges."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from slackwater.model.instants import DAY
from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import blocks

Span = tuple[int, int]  # both ends inclusive, µs since the epoch

# By the driver itself: ten million points have 20,000 blocks, and a chart of them cuts a thousand.
_BLOCKS = (
    "SELECT first, last, count, total, least, most FROM blocks WHERE series_id = ? AND first <= ? AND last >= ? AND "
    "first >= coalesce((SELECT max(first) FROM blocks WHERE series_id = ? AND first <= ?), ?) ORDER BY first"
)


class Summary(NamedTuple):
    """What some points amount to; `total` is None where the sum is no number."""

    points: int
    total: float | None
    least: float
    most: float

    @property
    def mean(self) -> float | None:
        """The average."""
        return None if self.total is None else self.total / self.points


def summaries(c: sa.Connection, series_id: int, spans: Sequence[Span]) -> list[Summary | None]:
    """Return the summaries of ordered, disjoint spans; None for an empty one."""
    if not spans:
        return []
    driver = driver_of(c)
    parts: list[list[Summary]] = [[] for _ in spans]
    cuts: list[tuple[int, int, int]] = []  # number of the span, place among its parts, number of the range
    ranges: list[Span] = []
    given = (series_id, spans[-1][1], spans[0][0], series_id, spans[0][0], spans[0][0])
    here = 0
    for first, last, *summary in driver.rows(c, _BLOCKS, given):
        while here < len(spans) and spans[here][1] < first:
            here += 1
        number = here
        while number < len(spans) and (span := spans[number])[0] <= last:
            if not (span[0] <= first and last <= span[1]):
                cuts.append((number, len(parts[number]), len(ranges)))
                ranges.append((max(span[0], first), min(span[1], last)))
            parts[number].append(Summary(*summary))
            number += 1
    read = driver.sums(c, series_id, ranges) if ranges else []
    for number, place, cut in cuts:
        parts[number][place] = Summary(*read[cut])
    return [_together(held) if (held := [each for each in some if each.points]) else None for some in parts]


def counted(c: sa.Connection, series_ids: Sequence[int], low: int, high: int) -> int:
    """Estimate the number of points of series in a range, by whole blocks."""
    b = blocks.c
    query = sa.select(sa.func.sum(b.count)).where(b.series_id.in_(series_ids), b.first <= high, b.last >= low)
    return int(c.execute(query).scalar() or 0)


def falls_on_days(c: sa.Connection, series_ids: Sequence[int]) -> bool:
    """Check whether series give days and no times: each point lies at midnight of UTC.

    By whole blocks: their ends do, and there is a day at least for each point.
    """
    b = blocks.c
    mine = b.series_id.in_(series_ids)
    timed = sa.or_(
        b.first % DAY != 0, b.last % DAY != 0, b.last - b.first < (sa.cast(b.count, sa.BigInteger) - 1) * DAY
    )
    if c.execute(sa.select(b.first).where(mine, timed).limit(1)).first() is not None:
        return False
    return c.execute(sa.select(b.first).where(mine).limit(1)).first() is not None


def _together(some: list[Summary]) -> Summary:
    if len(some) == 1:
        return some[0]
    counts, totals, least, most = zip(*some, strict=True)
    return Summary(sum(counts), None if None in totals else sum(totals), min(least), max(most))
