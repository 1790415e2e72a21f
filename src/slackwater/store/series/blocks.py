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
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import Any

import sqlalchemy as sa

from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import blocks

SIZE = 512  # points that a block is filled up to

Point = tuple[int, float]
Block = tuple[int, int, int, int, float | None, float, float]  # a row of the table
Ends = tuple[Any, Any]  # oldest and newest block: first, last, count, total, least, most

COLUMNS = ("series_id", "first", "last", "count", "total", "least", "most")
_UPDATE = (
    "UPDATE blocks SET first = ?, last = ?, count = ?, total = ?, least = ?, most = ? WHERE series_id = ? AND first = ?"
)
_AROUND = (
    "SELECT first, last FROM blocks WHERE series_id = ? AND first <= ? AND first >= coalesce("
    "(SELECT max(first) FROM blocks WHERE series_id = ? AND first <= ?), ?) ORDER BY first"
)
_POINTS = "SELECT x, y FROM points WHERE series_id = ? AND x BETWEEN ? AND ? ORDER BY x"
_DELETE = "DELETE FROM blocks WHERE series_id = ? AND first BETWEEN ? AND ?"


@dataclass(frozen=True)
class Growth:
    """What was just stored of a series: sorted points, each time once.

    `all_new`: none of them was there before. `ends` are the outer blocks of before.
    """

    series_id: int
    stored: Sequence[Point]
    all_new: bool
    ends: Ends | None


class _Changes:
    """Gathers blocks to be written, new ones and replacements."""

    def __init__(self) -> None:
        self.fresh: list[Block] = []
        self.merged: list[tuple[Any, ...]] = []

    def add(self, series_id: int, stored: Sequence[Point], size: int | None = None) -> None:
        size = size or SIZE
        self.fresh += [(series_id, *_block(stored[start : start + size])) for start in range(0, len(stored), size)]

    def merge(self, series_id: int, block: Sequence[Any], more: Sequence[Point]) -> None:
        one, two = block, _block(more)
        total = None if one[3] is None or two[3] is None or isnan(one[3] + two[3]) else one[3] + two[3]
        first, last = min(one[0], two[0]), max(one[1], two[1])
        held = (first, last, one[2] + two[2], total, min(one[4], two[4]), max(one[5], two[5]))
        self.merged.append((*held, series_id, block[0]))

    def append(self, series_id: int, newest: Sequence[Any], stored: Sequence[Point]) -> None:
        room = max(0, SIZE - newest[2])
        if room:
            self.merge(series_id, newest, stored[:room])
        self.add(series_id, stored[room:])

    def prepend(self, series_id: int, oldest: Sequence[Any], stored: Sequence[Point]) -> None:
        # From the end backwards, so that the block that is not full is at the outer end, where the next points come.
        cut = len(stored) - max(0, SIZE - oldest[2])
        if cut < len(stored):
            self.merge(series_id, oldest, stored[max(0, cut) :])
        rest = stored[: max(0, cut)]
        ragged = len(rest) % SIZE
        if ragged:
            self.add(series_id, rest[:ragged])
        self.add(series_id, rest[ragged:])


def ends(c: sa.Connection, series_ids: Sequence[int]) -> dict[int, Ends]:
    """Return series_id → its oldest and its newest block, of those that have any."""
    return driver_of(c).block_ends(c, series_ids)


def follow(c: sa.Connection, series_id: int, stored: Sequence[Point], *, all_new: bool) -> None:
    """Update the blocks of one series; see `follow_each`."""
    follow_each(c, [Growth(series_id, stored, all_new, ends(c, [series_id]).get(series_id))])


def follow_each(c: sa.Connection, grown: Sequence[Growth]) -> None:
    """Update the blocks of series after a commit."""
    changes = _Changes()
    for each in grown:
        number, stored = each.series_id, each.stored
        if each.ends is None:
            changes.add(number, stored)
        elif each.all_new and stored[0][0] > each.ends[1][1]:
            changes.append(number, each.ends[1], stored)
        elif each.all_new and stored[-1][0] < each.ends[0][0]:
            changes.prepend(number, each.ends[0], stored)
        else:
            _read_again(c, changes, number, [x for x, _ in stored])
    driver = driver_of(c)
    if changes.fresh:
        driver.add_rows(c, "blocks", COLUMNS, changes.fresh)
    if changes.merged:
        driver.run_each(c, _UPDATE, changes.merged)


def forget(c: sa.Connection, series_id: int) -> None:
    """Delete the blocks of a series whose points are being deleted."""
    c.execute(blocks.delete().where(blocks.c.series_id == series_id))


def _block(some: Sequence[Point]) -> tuple[int, int, int, float | None, float, float]:
    values = [y for _, y in some]
    total = sum(values)
    return some[0][0], some[-1][0], len(some), None if isnan(total) else total, min(values), max(values)


def _read_again(c: sa.Connection, changes: _Changes, series_id: int, times: list[int]) -> None:
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
        changes.add(series_id, found, -(-len(found) // count))
