"""Reads a resource's points or calendar buckets in order, by page or stream.

The series of a resource lie one after the other in the table of points, each sorted by time. A page is their merge: a
heap holds where each series goes on, and a series is read, a little at a time, only when its turn has come. So the
price of a page depends on the page, not on how much is stored.
"""

import base64
import binascii
import heapq
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa

from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Bucket, Granularity, backwards, bucket_of, fitting, onwards
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.schema import points, series
from slackwater.store.series.summaries import Summary, summaries
from slackwater.store.series.vintages import Vintage

PAGE_READ = 5_001  # points of one series read at once at most, for a page
STREAM_READ = 65_536  # points of all series held at once, about, for a stream
LEAST_READ = 16  # points of one series read at once
MOST_SERIES = 5_000  # series of one statement; databases bound its parameters
MOST_BUCKETS = 500  # in one statement; each takes two variables

_VALUE: dict[Aggregate, Callable[[Summary], float | None]] = {
    Aggregate.AVG: lambda s: s.mean,
    Aggregate.MIN: lambda s: s.least,
    Aggregate.MAX: lambda s: s.most,
    Aggregate.SUM: lambda s: s.total,
}

_BAD_CURSOR = "cursor is not one that this service has given; leave it out to begin at the start"


class Reading(NamedTuple):
    """One point, or one bucket by its start. `x` in µs since the epoch."""

    x: int
    y: float
    series: str


@dataclass(frozen=True, kw_only=True)
class PointQuery:
    """The query: inclusive range [`since`, `until`] (µs since the epoch) and series."""

    owner: str
    since: int = EARLIEST
    until: int = LATEST
    series: tuple[str, ...] | None = None  # None = all
    descending: bool = False
    granularity: Granularity | None = None  # None = raw points
    aggregate: Aggregate = Aggregate.AVG
    as_of: int | None = None  # as it stood at that moment, in µs since the epoch; None = today
    after: "Reading | None" = None  # go on behind this one; its `y` does not matter


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of readings, and the cursor of the next one.

    None when this is the last.
    """

    readings: list[Reading]
    next_cursor: str | None


def page(c: sa.Connection, query: PointQuery, limit: int) -> Page:
    """Return the next `limit` readings in the order (time, series name), or its exact reverse."""
    found = list(islice(_merged(c, query, held=PAGE_READ, first=limit + 1), limit + 1))
    more = len(found) > limit
    cursor = cursor_after(found[limit - 1], query.granularity) if more else None
    return Page(readings=found[:limit], next_cursor=cursor)


def stream(c: sa.Connection, query: PointQuery) -> Iterator[Reading]:
    """Yield all readings in order, holding some 65,000 at a time."""
    return _merged(c, query, held=STREAM_READ, first=STREAM_READ)


def series_names(c: sa.Connection, owner: str) -> list[str]:
    """Return the names of the series of a wrapper, sorted."""
    return [name for _, name in numbered_series(c, PointQuery(owner=owner))]


def fitting_granularity(c: sa.Connection, query: PointQuery, most: int) -> Granularity:
    """Return the finest granularity with about `most` buckets per series."""
    lanes = [_Lane(c, query, number, name, LEAST_READ) for number, name in numbered_series(c, query)]
    if query.as_of is None:
        firsts, lasts = _edges(c, lanes, descending=False), _edges(c, lanes, descending=True)
        edges = [*firsts.values(), *lasts.values()]
    else:
        raw = replace(query, granularity=None)
        ends = [
            _Lane(c, replace(raw, descending=down), lane.series_id, lane.name, LEAST_READ)
            for lane in lanes
            for down in (False, True)
        ]
        edges = [x for lane in ends if (x := lane.read()) is not None]
    return fitting(min(edges), max(edges), most) if edges else Granularity.HOUR


def cursor_after(reading: Reading, granularity: Granularity | None) -> str:
    """Return the opaque cursor of the place behind `reading`."""
    place = json.dumps([reading.x, reading.series, granularity], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[Reading, Granularity | None]:
    """Return the place that a cursor stands for; BadInput when it is none of ours."""
    try:
        x, name, granularity = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(x) is not int or not isinstance(name, str) or not EARLIEST <= x <= LATEST:
            raise BadInput(_BAD_CURSOR)
        return Reading(x, 0.0, name), Granularity(granularity) if granularity else None
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError):
        raise BadInput(_BAD_CURSOR) from None


def numbered_series(c: sa.Connection, query: PointQuery) -> list[tuple[int, str]]:
    """Return (series_id, name) sorted by name as Python does; databases differ."""
    found = sa.select(series.c.series_id, series.c.name).where(series.c.owner == query.owner)
    if query.series is not None:
        found = found.where(series.c.name.in_(query.series))
    return sorted(((row.series_id, row.name) for row in c.execute(found)), key=lambda each: each[1])


def _merged(c: sa.Connection, query: PointQuery, *, held: int, first: int) -> Iterator[Reading]:
    numbered = numbered_series(c, query)
    most = max(LEAST_READ, held // max(1, len(numbered)))
    size = max(LEAST_READ, min(most, first // max(1, len(numbered)) + 1))
    sign = -1 if query.descending else 1
    lanes = [_Lane(c, query, number, name, size, most) for number, name in numbered]
    # One look into the index says where each series begins; most are not read at all if many have the same times.
    edges = _edges(c, lanes, descending=query.descending)
    heads = [
        (sign * _shown(query, edges[lane.series_id]), sign * rank, lane)
        for rank, lane in enumerate(lanes)
        if lane.series_id in edges
    ]
    heapq.heapify(heads)
    while heads:
        _, rank, lane = heads[0]
        x = lane.read()
        if x is None:
            heapq.heappop(heads)
            continue
        # Where reading is no snapshot, a point may have come between the look and the reading; and of a vintage the
        # look may have found one that was not there yet.
        heapq.heapreplace(heads, (sign * x, rank, lane))
        if heads[0][2] is not lane:
            continue
        others = min(heads[1:3], default=None)
        while x is not None and (others is None or (sign * x, rank) < others[:2]):
            yield lane.take()
            x = lane.read()
        if x is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (sign * x, rank, lane))


def _edges(c: sa.Connection, lanes: list["_Lane"], *, descending: bool) -> dict[int, int]:
    """Return series_id → first time in the lane's range, if any."""
    groups: dict[tuple[int, int], list[int]] = {}
    for lane in lanes:
        groups.setdefault((lane.low, lane.high), []).append(lane.series_id)
    found: dict[int, int] = {}
    for (low, high), numbers in groups.items():
        x = points.c.x
        first = sa.select(x).where(points.c.series_id == series.c.series_id, x >= low, x <= high)
        first = first.order_by(x.desc() if descending else x).limit(1).correlate(series)
        for start in range(0, len(numbers), MOST_SERIES):
            some = series.c.series_id.in_(numbers[start : start + MOST_SERIES])
            rows = c.execute(sa.select(series.c.series_id, first.scalar_subquery()).where(some))
            found.update((row[0], row[1]) for row in rows if row[1] is not None)
    return found


def _shown(query: PointQuery, x: int) -> int:
    return x if query.granularity is None else bucket_of(query.granularity, x)[0]


class _Lane:
    """One series of a query, read in pieces between `low` and `high` (inclusive)."""

    def __init__(
        self, c: sa.Connection, query: PointQuery, series_id: int, name: str, size: int, most: int | None = None
    ) -> None:
        self._c, self._query, self.name = c, query, name
        self.series_id = series_id
        self.low, self.high = _bounds(query, name)
        self._size, self._most = size, most or size
        self._vintage: Vintage | None = None
        if query.as_of is not None:
            self._vintage = Vintage(c, series_id, query.as_of, self.low, self.high)
        self._ready: list[tuple[int, float]] = []  # in reverse, so that the next one is the last

    def read(self) -> int | None:
        """Return the time of the next reading, reading on when needed; None at the end."""
        while not self._ready:
            rows = self._points() if self._query.granularity is None else self._buckets(self._query.granularity)
            if rows is None:
                break
            self._ready = rows[::-1]
        return self._ready[-1][0] if self._ready else None

    def take(self) -> Reading:
        """Return the next reading and go on behind it.

        Only after `read` has said that there is one.
        """
        x, y = self._ready.pop()
        return Reading(x, y, self.name)

    def _nearest(self, *, descending: bool) -> int | None:
        x = points.c.x
        query = sa.select(x).where(*self._range()).order_by(x.desc() if descending else x).limit(1)
        nearest: int | None = self._c.execute(query).scalar_one_or_none()
        return nearest

    def _range(self) -> tuple[sa.ColumnElement[bool], ...]:
        return points.c.series_id == self.series_id, points.c.x >= self.low, points.c.x <= self.high

    def _points(self) -> list[tuple[int, float]] | None:
        """Return the next points.

        None of a vintage where all that is stored came later, None at the end.
        """
        x, down = points.c.x, self._query.descending
        query = sa.select(x, points.c.y).where(*self._range()).order_by(x.desc() if down else x).limit(self._size)
        rows = [(row[0], row[1]) for row in self._c.execute(query)]
        if not rows:
            return None
        self._go_behind(rows[-1][0], rows[-1][0] + 1)
        self._size = min(self._most, self._size * 2)
        return rows if self._vintage is None else self._vintage.of(rows)

    def _buckets(self, granularity: Granularity) -> list[tuple[int, float]] | None:
        """Return some of the next buckets that hold a point, None at the end.

        Empty ones are skipped by a look into the index.
        """
        nearest = self._nearest(descending=self._query.descending)
        if nearest is None:
            return None
        walk = backwards if self._query.descending else onwards
        asked = list(islice(walk(granularity, nearest), min(self._size, MOST_BUCKETS)))
        asked = [each for each in asked if each[1] > self.low and each[0] <= self.high]
        rows = self._aggregated(asked)
        self._go_behind(*asked[-1])
        # Where half of what is asked for is empty, asking for less and looking for the next point is quicker.
        sparse = len(rows) * 2 < len(asked)
        self._size = max(LEAST_READ, self._size // 2) if sparse else min(self._most, self._size * 2)
        return rows

    def _aggregated(self, asked: list[Bucket]) -> list[tuple[int, float]]:
        """Return (start, aggregate) of each bucket that has points."""
        bounds = [(max(start, self.low), min(end - 1, self.high)) for start, end in asked]
        then = {} if self._vintage is None else self._changed_since(self._vintage, bounds)
        values = self._values([each for each in bounds if each not in then])
        left = iter(values)
        every = [then[each] if each in then else next(left) for each in bounds]
        return [(start, y) for (start, _), y in zip(asked, every, strict=True) if y is not None]

    def _values(self, bounds: list[tuple[int, int]]) -> list[float | None]:
        if self._query.aggregate is Aggregate.LAST:
            return self._newest_of(bounds)
        value = _VALUE[self._query.aggregate]
        found = summaries(self._c, self.series_id, sorted(bounds))  # which go onwards whatever our order
        values = [None if each is None else value(each) for each in found]
        return values[::-1] if self._query.descending else values

    def _changed_since(self, vintage: Vintage, bounds: list[tuple[int, int]]) -> dict[tuple[int, int], float | None]:
        """Return aggregates of intervals changed since the vintage, which blocks cannot give."""
        return {each: self._aggregate_then(vintage, *each) for each in bounds if vintage.differs(*each)}

    def _aggregate_then(self, vintage: Vintage, low: int, high: int) -> float | None:
        count, total, least, most, last = 0, 0.0, math.inf, -math.inf, 0.0
        while low <= high:
            inside = (points.c.series_id == self.series_id, points.c.x >= low, points.c.x <= high)
            query = sa.select(points.c.x, points.c.y).where(*inside).order_by(points.c.x).limit(PAGE_READ)
            rows = [(row[0], row[1]) for row in self._c.execute(query)]
            values = [y for _, y in vintage.of(rows)]
            if values:
                count, total, last = count + len(values), total + sum(values), values[-1]
                least, most = min(least, *values), max(most, *values)
            low = rows[-1][0] + 1 if rows else high + 1
        if not count:
            return None
        if self._query.aggregate is Aggregate.LAST:
            return last
        return _VALUE[self._query.aggregate](Summary(count, None if math.isnan(total) else total, least, most))

    def _newest_of(self, bounds: list[tuple[int, int]]) -> list[float | None]:
        """Return the newest value in each interval, one index lookup each."""
        spans = (
            sa.values(
                sa.column("number", sa.Integer),
                sa.column("low", sa.BigInteger),
                sa.column("high", sa.BigInteger),
                name="spans",
            )
            .data([(number, low, high) for number, (low, high) in enumerate(bounds)])
            .cte("spans")
        )
        inside = (points.c.series_id == self.series_id, points.c.x >= spans.c.low, points.c.x <= spans.c.high)
        newest = sa.select(points.c.y).where(*inside).order_by(points.c.x.desc()).limit(1)
        found = self._c.execute(sa.select(spans.c.number, newest.correlate_except(points).scalar_subquery()))
        return [y for _, y in sorted(map(tuple, found))]

    def _go_behind(self, start: int, end: int) -> None:
        if self._query.descending:
            self.high = start - 1
        else:
            self.low = end


def _bounds(query: PointQuery, name: str) -> tuple[int, int]:
    """Return the inclusive range that is left of a series behind the query's place."""
    place, low, high = query.after, query.since, query.until
    if place is None:
        return low, high
    start, end = (place.x, place.x + 1) if query.granularity is None else bucket_of(query.granularity, place.x)
    if query.descending:
        return low, min(high, start - 1 if name >= place.series else end - 1)
    return max(low, end if name <= place.series else start), high
