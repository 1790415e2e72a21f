"""Parses times that are lists of numbers, `[2026, 5, 13, 3, 0]`, to µs. Pure.

Java's libraries write them so. Year, month and day are there; hour, minute, second and nanosecond where they are not 0.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from slackwater.model.instants import to_micros

PARTS = "parts"
_FEWEST, _MOST = 3, 7
_YEARS = range(1800, 2200)


def is_parts(cell: object) -> bool:
    """Check whether a list is a time: year, month, day and what follows."""
    return isinstance(cell, list | tuple) and len(cell) >= _FEWEST and cell[0] in _YEARS and in_parts(cell) is not None


def in_parts(cell: object) -> int | None:
    """Parse a time that is a list of its parts; µs, None for anything else."""
    if not isinstance(cell, list | tuple) or not _FEWEST <= len(cell) <= _MOST:
        return None
    if not all(type(part) is int for part in cell):
        return None
    *parts, nanos = list(cell) + [0] * (_MOST - len(cell))
    return _moment(parts, nanos)


def _moment(parts: Sequence[int], nanos: int) -> int | None:
    year, month, day, hour, minute, second = parts
    try:
        return to_micros(datetime(year, month, day, hour, minute, second, nanos // 1000, tzinfo=UTC))
    except ValueError:
        return None
