"""Stores the points of one batch, all series together.

The price depends on the points of the batch, not on those that are stored; and on a database server each statement
is a journey, so their number must not depend on how many series a batch has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import runs, series
from slackwater.store.series import blocks, frontier, vintages
from slackwater.store.series.blocks import Ends, Growth, Point
from slackwater.store.series.vintages import Change, Vintage

NAMES = 2_000  # in one statement; chosen: SQLite takes 32,766 variables, and a name that is new needs two

_ONE = sa.select(series.c.series_id, series.c.newest).where(
    series.c.owner == sa.bindparam("owner"), series.c.name == sa.bindparam("name")
)


@dataclass
class Tally:
    """What became of a batch.

    `own`: changed points that the same run had stored. `flagged`: times, in µs, of values that an earlier run had
    stored.
    """

    new: int = 0
    changed: int = 0
    own: int = 0
    flagged: list[int] = field(default_factory=list)


@dataclass
class _Part:
    """Holds the points of one series in a batch.

    `fresh` are new; `revised` are (time in µs, value before, value after).
    """

    latest: list[Point]
    ends: Ends | None
    known: dict[int, float]
    fresh: list[Point]
    revised: list[tuple[int, float, float]]


def store(c: sa.Connection, owner: str, latest: Mapping[str, list[Point]], change: Change) -> Tally:
    """Store points, sorted by time, of several series of one owner.

    The caller holds the row of the owner, so nobody else stores points of it.
    """
    tally = Tally()
    if not latest:
        return tally
    driver = driver_of(c)
    found = numbered(c, owner, list(latest))
    parts = _compared(c, {found[name][0]: values for name, values in latest.items()})
    driver.add_points(c, [(number, x, y) for number, part in parts.items() for x, y in part.fresh])
    driver.revise_points(c, [(number, x, y) for number, part in parts.items() for x, _, y in part.revised])
    grown: list[Growth] = []
    arrived: list[tuple[int, int, int]] = []
    replaced: list[tuple[int, int, float, float]] = []
    began = _began(c, change.run_id) if any(part.revised for part in parts.values()) else None
    for number, part in parts.items():
        if part.fresh:
            held = None if part.ends is None else (part.ends[0][0], part.ends[1][1])
            stretches = vintages.stretches(c, number, part.latest, part.known, held)
            arrived += [(number, first, last) for first, last in stretches]
        if part.revised:
            own = _of_this_run(c, number, part.revised, began)
            tally.own += own
            tally.flagged += [x for x, _, _ in part.revised] if own < len(part.revised) else []
            replaced += [(number, x, before, after) for x, before, after in part.revised]
        if part.fresh or part.revised:
            touched = sorted([*part.fresh, *((x, y) for x, _, y in part.revised)]) if part.revised else part.fresh
            grown.append(Growth(number, touched, not part.revised, part.ends))
        tally.new += len(part.fresh)
        tally.changed += len(part.revised)
    blocks.follow_each(c, grown)
    vintages.arrive(c, arrived, change.at)
    vintages.revise(c, replaced, change)
    ahead = [(found[name], values[-1][0]) for name, values in latest.items()]
    frontier.advance(c, [(number, x) for (number, newest), x in ahead if newest is None or x > newest], now=change.at)
    return tally


def numbered(c: sa.Connection, owner: str, names: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """Return name → (id, newest time in µs) of series, which are created if missing."""
    kept = driver_of(c).kept_text
    known = _known(c, owner, list({kept(name): None for name in names}))
    return {name: known[kept(name)] for name in names}


def _known(c: sa.Connection, owner: str, names: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {}
    if len(names) == 1:
        row = c.execute(_ONE, {"owner": owner, "name": names[0]}).one_or_none()
        if row is not None:
            return {names[0]: (row.series_id, row.newest)}
    else:
        s = series.c
        for start in range(0, len(names), NAMES):
            query = sa.select(s.name, s.series_id, s.newest).where(
                s.owner == owner, s.name.in_(names[start : start + NAMES])
            )
            found |= {row.name: (row.series_id, row.newest) for row in c.execute(query)}
    missing = [name for name in names if name not in found]
    for start in range(0, len(missing), NAMES):
        rows = [{"owner": owner, "name": name} for name in missing[start : start + NAMES]]
        insert = series.insert().values(rows).returning(series.c.name, series.c.series_id)
        found |= {row.name: (row.series_id, None) for row in c.execute(insert)}
    return found


def _compared(c: sa.Connection, latest: Mapping[int, list[Point]]) -> dict[int, _Part]:
    """Return what is new of each series and what differs, by ascending id."""
    ends = blocks.ends(c, list(latest))
    overlapping = {
        number: [x for x, _ in values]
        for number, values in latest.items()
        if (held := ends.get(number)) is not None and values[-1][0] >= held[0][0] and values[0][0] <= held[1][1]
    }
    known = driver_of(c).known_points(c, overlapping) if overlapping else {}
    parts = {}
    for number in sorted(latest):
        values, mine = latest[number], known.get(number, {})
        fresh = [point for point in values if point[0] not in mine] if mine else values
        revised = [(x, before, y) for x, y in values if (before := mine.get(x, y)) != y] if mine else []
        parts[number] = _Part(values, ends.get(number), mine, fresh, revised)
    return parts


def _began(c: sa.Connection, run_id: str) -> int | None:
    moment: int | None = c.execute(sa.select(runs.c.started_at).where(runs.c.run_id == run_id)).scalar_one_or_none()
    return moment


def _of_this_run(c: sa.Connection, series_id: int, revised: list[tuple[int, float, float]], began: int | None) -> int:
    """Count the revised points that came in this very run.

    The source contradicts itself, or is misread.
    """
    if began is None:
        return 0
    before = Vintage(c, series_id, began - 1, revised[0][0], revised[-1][0])
    return sum(before.came_later(x) for x, _, _ in revised)
