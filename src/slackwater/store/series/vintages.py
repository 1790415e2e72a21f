"""Stores vintages: arrivals of points, replaced values, and withdrawn points.

Promise: for every moment since `kept_since`, `Vintage` gives exactly the points that were stored then, with the values
that they had. A point that never changes costs nothing beyond its share of its batch's row in `arrivals`.

An arrival is a stretch [first, last] of a series that one commit stored: every point that lay in it just after the
commit was new in it. So a stored point was there at a moment T if and only if no later arrival covers it: a later one
that did would have found it there. Points from before arrivals were kept have none.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import iso
from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import vintages
from slackwater.store.series.blocks import Point

WITHDRAWN_AT_ONCE = 1_000  # points reported of one window: more are no single corrections, but another source
FORGOTTEN_SERIES = 200  # whose old vintages are deleted in one transaction, so that it never holds up a stop

_ARRIVAL = ("series_id", "first", "last", "at")
_REVISION = ("series_id", "x", "at", "before", "after", "run_id")
_OTHERS = "SELECT count(*) FROM (SELECT 1 FROM points WHERE series_id = ? AND x BETWEEN ? AND ? LIMIT ?) AS near"
_BETWEEN = "SELECT 1 FROM points WHERE series_id = ? AND x > ? AND x < ? LIMIT 1"
_STORED = "SELECT x, y FROM points WHERE series_id = ? AND x BETWEEN ? AND ? ORDER BY x"
_LATER = "SELECT first, last FROM arrivals WHERE series_id = ? AND first <= ? AND last >= ? AND at > ? ORDER BY first"
_REPLACED = (
    'SELECT x, "before" FROM revisions WHERE series_id = ? AND x BETWEEN ? AND ? AND at > ? '
    'AND "before" IS NOT NULL AND "after" IS NOT NULL ORDER BY revision_id DESC'
)
_LATEST = 'SELECT x, "after" FROM revisions WHERE series_id = ? AND x BETWEEN ? AND ? ORDER BY revision_id'


@dataclass(frozen=True)
class Change:
    """Who stores, and when: the run, and µs since the epoch."""

    run_id: str
    at: int


@dataclass(frozen=True)
class Reread:
    """A window that was read again completely, with all received times by series."""

    window: Interval
    times: dict[str, "array[int]"]


class Vintage:
    """One series at a past moment, `at` (µs since the epoch), inside [low, high]."""

    def __init__(self, c: sa.Connection, series_id: int, at: int, low: int, high: int) -> None:
        self._c, self._series_id, self._at = c, series_id, at
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in driver_of(c).rows(c, _LATER, (series_id, high, low, at)):
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def came_later(self, x: int) -> bool:
        """Say whether the stored point of that time was not there yet."""
        here = bisect_right(self._firsts, x) - 1
        return here >= 0 and x <= self._lasts[here]

    def replaced(self, low: int, high: int) -> dict[int, float]:
        """Return time → value then, for points in [low, high] changed since."""
        rows = driver_of(self._c).rows(self._c, _REPLACED, (self._series_id, low, high, self._at))
        return {x: y for x, y in rows if not self.came_later(x)}  # the oldest of them is the last to be put in

    def differs(self, low: int, high: int) -> bool:
        """Say whether [low, high] may have held anything else than today."""
        here = bisect_right(self._firsts, high) - 1
        return (here >= 0 and self._lasts[here] >= low) or bool(self.replaced(low, high))

    def of(self, stored: Sequence[Point]) -> list[Point]:
        """Return what of these neighbouring stored points was there, with the values of then."""
        if not stored:
            return []
        then = self.replaced(min(stored[0][0], stored[-1][0]), max(stored[0][0], stored[-1][0]))
        return [(x, then.get(x, y)) for x, y in stored if not self.came_later(x)]


def kept_since(c: sa.Connection) -> int:
    """Return the moment from which on vintages are kept, in µs since the epoch.

    0: from the beginning.
    """
    return int(c.execute(sa.select(vintages.c.since)).scalar() or 0)


def must_reach(c: sa.Connection, at: int) -> None:
    """Raise BadInput for a moment of which the vintage is not kept."""
    since = kept_since(c)
    if at < since:
        raise BadInput(
            f"as_of {iso(at)} lies before {iso(since)}, from which on replaced values are kept; "
            "ask for a later moment. SLACKWATER_VINTAGE_DAYS sets how long they are kept"
        )


def arrive(c: sa.Connection, stretches: Sequence[tuple[int, int, int]], at: int) -> None:
    """Record arrivals: (series_id, first, last) of new points without an older one between them.

    Times are in µs since the epoch.
    """
    if stretches:
        rows = [(series_id, first, last, at) for series_id, first, last in stretches]
        driver_of(c).add_rows(c, "arrivals", _ARRIVAL, rows)


def stretches(
    c: sa.Connection, series_id: int, latest: Sequence[Point], known: dict[int, float], ends: tuple[int, int] | None
) -> list[tuple[int, int]]:
    """Return the stretches of new points, right after storing; `known` are older.

    `ends`: times in µs of the first and the last point of before.
    """
    found: list[tuple[int, int]] = []
    for run in _runs(latest, known):
        beyond = ends is None or run[0] > ends[1] or run[-1] < ends[0]
        found += [(run[0], run[-1])] if beyond else _stretches(c, series_id, run)
    return found


def revise(c: sa.Connection, replaced: Sequence[tuple[int, int, float, float]], change: Change) -> None:
    """Keep what is replaced: (series_id, time, value before, value after)."""
    rows = [(series_id, x, change.at, before, after, change.run_id) for series_id, x, before, after in replaced]
    if rows:
        driver_of(c).add_rows(c, "revisions", _REVISION, rows)


def withdraw(c: sa.Connection, series_id: int, times: "array[int]", change: Change) -> list[Point]:
    """Record stored points that a complete re-reading no longer contains as withdrawn.

    Return those that are reported for the first time; they stay stored. Those that came back are noted, too.
    """
    given = set(times)
    low, high = min(given), max(given)
    latest = dict(driver_of(c).rows(c, _LATEST, (series_id, low, high)))
    stored = dict(driver_of(c).rows(c, _STORED, (series_id, low, high)))
    gone = [(x, y) for x, y in stored.items() if x not in given and latest.get(x, 0.0) is not None]
    gone = gone[:WITHDRAWN_AT_ONCE]
    back = [x for x, after in latest.items() if after is None and x in given and x in stored]
    rows = [(series_id, x, change.at, y, None, change.run_id) for x, y in gone]
    rows += [(series_id, x, change.at, None, stored[x], change.run_id) for x in back]
    if rows:
        driver_of(c).add_rows(c, "revisions", _REVISION, rows)
    return gone


def forget(c: sa.Connection, series_id: int) -> None:
    """Delete what is kept of a series whose points are being deleted."""
    for table in ("arrivals", "revisions"):
        driver_of(c).run(c, f"DELETE FROM {table} WHERE series_id = ?", (series_id,))  # noqa: S608 - our own names


def forget_before(c: sa.Connection, moment: int, after: int = 0) -> int | None:
    """Delete vintages from before a moment, of some series behind `after`; return the last.

    None when all are done.

    From the first call on `kept_since` is that moment: what is half deleted is refused, not answered wrongly.
    `moment` is in µs since the epoch.
    """
    if kept_since(c) < moment:
        c.execute(vintages.update().values(since=moment))
    query = "SELECT series_id FROM series WHERE series_id > ? ORDER BY series_id LIMIT ?"
    numbers = [row[0] for row in driver_of(c).rows(c, query, (after, FORGOTTEN_SERIES))]
    for table in ("arrivals", "revisions"):
        if numbers:
            delete = f"DELETE FROM {table} WHERE series_id BETWEEN ? AND ? AND at < ?"  # noqa: S608 - our own names
            driver_of(c).run(c, delete, (numbers[0], numbers[-1], moment))
    return numbers[-1] if len(numbers) == FORGOTTEN_SERIES else None


def _runs(latest: Sequence[Point], known: dict[int, float]) -> Iterator[list[int]]:
    """Yield the times that were not stored before, cut where one of `latest` was."""
    run: list[int] = []
    for x, _ in latest:
        if x not in known:
            run.append(x)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _stretches(c: sa.Connection, series_id: int, run: list[int]) -> list[tuple[int, int]]:
    """Split new times at existing points between them."""
    driver = driver_of(c)
    count = driver.rows(c, _OTHERS, (series_id, run[0], run[-1], len(run) + 1))[0][0]
    if count == len(run):
        return [(run[0], run[-1])]
    cuts = [run[0]]
    stretches: list[tuple[int, int]] = []
    for one, two in pairwise(run):
        if driver.rows(c, _BETWEEN, (series_id, one, two)):
            stretches.append((cuts[-1], one))
            cuts.append(two)
    return [*stretches, (cuts[-1], run[-1])]
