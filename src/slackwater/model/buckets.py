"""Computes calendar buckets in UTC (hour, day, ISO week, month, year) and their neighbours.

Everything is integer µs since the epoch; a bucket is the half-open stretch [start, end).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, WEEK, YEAR, from_micros, to_micros

MONDAY = -3 * DAY  # 1969-12-29, the Monday on or before the epoch

Bucket = tuple[int, int]


class Granularity(StrEnum):
    """How wide a bucket is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # begins on Monday, as in ISO 8601
    MONTH = "month"
    YEAR = "year"


class Aggregate(StrEnum):
    """What a bucket says of the values in it."""

    AVG = "avg"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    LAST = "last"  # the value at the newest time


_FIXED = {Granularity.HOUR: (HOUR, 0), Granularity.DAY: (DAY, 0), Granularity.WEEK: (WEEK, MONDAY)}
_WIDTH = {
    Granularity.HOUR: HOUR,
    Granularity.DAY: DAY,
    Granularity.WEEK: WEEK,
    Granularity.MONTH: YEAR // 12,
    Granularity.YEAR: YEAR,
}


def bucket_of(granularity: Granularity, x: int) -> Bucket:
    """Return the bucket that `x` lies in.

    At the ends of the calendar (years 1 and 9999) it may be cut short.
    """
    if granularity in _FIXED:
        width, origin = _FIXED[granularity]
        start = x - (x - origin) % width
        return max(start, EARLIEST), min(start + width, LATEST + 1)
    moment = from_micros(x)
    if granularity is Granularity.YEAR:
        return _month(moment.year, 1), _month(moment.year + 1, 1)
    return _month(moment.year, moment.month), _month(moment.year + moment.month // 12, moment.month % 12 + 1)


def onwards(granularity: Granularity, x: int) -> Iterator[Bucket]:
    """Yield the bucket of `x` and those after it, to the end of the calendar."""
    while x <= LATEST:
        bucket = bucket_of(granularity, x)
        yield bucket
        x = bucket[1]


def backwards(granularity: Granularity, x: int) -> Iterator[Bucket]:
    """Yield the bucket of `x` and those before it, to the beginning of the calendar."""
    while x >= EARLIEST:
        bucket = bucket_of(granularity, x)
        yield bucket
        x = bucket[0] - 1


def fitting(first: int, last: int, most: int, *, at_least: int = 0) -> Granularity:
    """Return the finest granularity for about `most` buckets in [first, last] (µs).

    Each bucket is at least `at_least` µs wide.
    """
    span = max(0, last - first)
    wide = (each for each in Granularity if span // _WIDTH[each] < most and _WIDTH[each] >= at_least)
    return next(wide, Granularity.YEAR)


def _month(year: int, month: int) -> int:
    return LATEST + 1 if year > 9999 else to_micros(datetime(year, month, 1, tzinfo=UTC))
