"""Maintains blocks: about 500 neighbouring points with count, sum, minimum and maximum.

Promise: at every commit the blocks of a series hold exactly its points: each point lies in one block, and the block
says what the points in it say. They change in the transaction that changes the points, at the price of the points that
change, not of those that are stored: new ones at either end are added up, and where something lies between or changes,
the block around it is read again.

Blocks go by number of points, not by the calendar: a series of one point a year and one of a hundred a second both have
a row for every 500 points.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import isnan
from typing import Any

import sqlalchemy as sa

from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import blocks

SIZE = 512  # points that a block is filled up to

Point = tuple[int, float]

_COLUMNS = "first, last, count, total, least, most"
_OLDEST = f"SELECT {_COLUMNS} FROM blocks WHERE series_id = ? ORDER BY first LIMIT 1"  # noqa: S608 - our own names
_NEWEST = f"SELECT {_COLUMNS} FROM blocks WHERE series_id = ? ORDER BY first DESC LIMIT 1"  # noqa: S608
_INSERT = f"INSERT INTO blocks (series_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_UPDATE = (
    "UPDATE blocks SET first = ?, last = ?, count = ?, total = ?, least = ?, most = ? WHERE series_id = ? AND first = ?"
)
_AROUND = (
    "SELECT first, last FROM blocks WHERE series_id = ? AND first <= ? AND first >= coalesce("
    "(SELECT max(first) FROM blocks WHERE series_id = ? AND first <= ?), ?) ORDER BY first"
)
_POINTS = "SELECT x, y FROM points WHERE series_id = ? AND x BETWEEN ? AND ? ORDER BY x"
_DELETE = "DELETE FROM blocks WHERE series_id = ? AND first BETWEEN ? AND ?"


def follow(c: sa.Connection, series_id: int, stored: Sequence[Point], *, all_new: bool) -> None:
    """Update the blocks of a series after a commit of sorted, distinct points.

    `all_new`: none of these points was there before.
    """
    newest = _one(c, _NEWEST, series_id)
    if newest is None:
        _add(c, series_id, stored)
    elif all_new and stored[0][0] > newest[1]:
        _append(c, series_id, newest, stored)
    elif all_new and stored[-1][0] < (oldest := _one(c, _OLDEST, series_id))[0]:
        _prepend(c, series_id, oldest, stored)
    else:
        _read_again(c, series_id, [x for x, _ in stored])


def extent(c: sa.Connection, series_id: int) -> tuple[int, int] | None:
    """Return the times of the first and the last point of a series.

    None when it has none.
    """
    newest = _one(c, _NEWEST, series_id)
    return None if newest is None else (_one(c, _OLDEST, series_id)[0], newest[1])


def forget(c: sa.Connection, series_id: int) -> None:
    """Delete the blocks of a series whose points are being deleted."""
    c.execute(blocks.delete().where(blocks.c.series_id == series_id))


def _one(c: sa.Connection, statement: str, series_id: int) -> Any:
    rows = driver_of(c).rows(c, statement, (series_id,))
    return rows[0] if rows else None


def _append(c: sa.Connection, series_id: int, newest: Sequence[Any], stored: Sequence[Point]) -> None:
    room = max(0, SIZE - newest[2])
    if room:
        _merge(c, series_id, newest, stored[:room])
    _add(c, series_id, stored[room:])


def _prepend(c: sa.Connection, series_id: int, oldest: Sequence[Any], stored: Sequence[Point]) -> None:
    # From the end backwards, so that the block that is not full is at the outer end, where the next points come.
    cut = len(stored) - max(0, SIZE - oldest[2])
    if cut < len(stored):
        _merge(c, series_id, oldest, stored[max(0, cut) :])
    rest = stored[: max(0, cut)]
    ragged = len(rest) % SIZE
    if ragged:
        _add(c, series_id, rest[:ragged])
    _add(c, series_id, rest[ragged:])


def _merge(c: sa.Connection, series_id: int, block: Sequence[Any], more: Sequence[Point]) -> None:
    one, two = block, _block(more)
    total = None if one[3] is None or two[3] is None or isnan(one[3] + two[3]) else one[3] + two[3]
    merged = (
        min(one[0], two[0]),
        max(one[1], two[1]),
        one[2] + two[2],
        total,
        min(one[4], two[4]),
        max(one[5], two[5]),
    )
    driver_of(c).run(c, _UPDATE, (*merged, series_id, block[0]))


def _add(c: sa.Connection, series_id: int, stored: Sequence[Point], size: int | None = None) -> None:
    size = size or SIZE
    fresh = [(series_id, *_block(stored[start : start + size])) for start in range(0, len(stored), size)]
    if fresh:
        driver_of(c).run_each(c, _INSERT, fresh)


def _block(some: Sequence[Point]) -> tuple[int, int, int, float | None, float, float]:
    values = [y for _, y in some]
    total = sum(values)
    return some[0][0], some[-1][0], len(some), None if isnan(total) else total, min(values), max(values)


def _read_again(c: sa.Connection, series_id: int, times: list[int]) -> None:
    """Read anew the points of each block that one of `times` falls into.

    Those between two belong to the former.
    """
    driver = driver_of(c)
    around = driver.rows(c, _AROUND, (series_id, times[-1], series_id, times[0], times[0]))
    if not around:  # everything lies before the first block
        around = [(times[0], times[-1])]
    firsts = [first for first, _ in around]
    cuts = [0, *(bisect_right(times, first - 1) for first in firsts[1:]), len(times)]
    for (first, last), (start, end) in zip(around, pairwise(cuts), strict=True):
        if start == end:
            continue
        low, high = min(first, times[start]), max(last, times[end - 1])
        found = driver.rows(c, _POINTS, (series_id, low, high))
        driver.run(c, _DELETE, (series_id, low, high))
        count = max(1, round(len(found) / SIZE))
        _add(c, series_id, found, -(-len(found) // count))
