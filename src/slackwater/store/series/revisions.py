"""Lists what became of stored points: replaced values, withdrawn points, and those that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.schema import changes, revisions, series
from slackwater.store.series.vintages import Change

REVISED = "revised"  # the kind of such a change
MOST_FLAGS = 2_000  # of one wrapper, one a run; chosen: a month of checks each 20 minutes
MOST_LOOKED_AT, SPARE = 20_000, 1_000  # rows


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One change of a stored point. Times in µs since the epoch.

    `after` is None when the source has withdrawn the point, `before` when it gives it again.
    """

    revision_id: int
    series: str
    x: int
    at: int
    before: float | None
    after: float | None
    run_id: str | None

    @property
    def kind(self) -> Literal["replaced", "withdrawn", "returned"]:
        """What happened: `replaced`, `withdrawn` or `returned`."""
        if self.after is None:
            return "withdrawn"
        return "returned" if self.before is None else "replaced"


def list_page(
    c: sa.Connection,
    owner: str,
    *,
    limit: int,
    before_id: int | None = None,
    since: int = EARLIEST,
    until: int = LATEST,
    names: tuple[str, ...] | None = None,
    run_id: str | None = None,
) -> list[Revision]:
    """Return the newest revisions of a wrapper's points in [`since`, `until`], newest first.

    `before_id` goes on.
    """
    r, s = revisions.c, series.c
    query = (
        sa.select(r.revision_id, s.name.label("series"), r.x, r.at, r.before, r.after, r.run_id)
        .select_from(revisions.join(series, s.series_id == r.series_id))
        .where(s.owner == owner, r.x >= since, r.x <= until)
        .order_by(r.revision_id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(r.revision_id < before_id)
    if names is not None:
        query = query.where(s.name.in_(names))
    if run_id is not None:
        query = query.where(r.run_id == run_id)
    return [Revision(**row._mapping) for row in c.execute(query)]


def oldest_of(c: sa.Connection, run_id: str, changed: int) -> int | None:
    """Return the time of the oldest value that a run has just replaced.

    None if it is not among the newest revisions.

    `changed` is how many it has replaced: so few rows are looked at, whatever others have written meanwhile.
    """
    r = revisions.c
    among = min(MOST_LOOKED_AT, SPARE + 2 * changed)
    newest = sa.select(r.x, r.run_id, r.before, r.after).order_by(r.revision_id.desc()).limit(among).subquery()
    of_run = (newest.c.run_id == run_id, newest.c.before.isnot(None), newest.c.after.isnot(None))
    found: int | None = c.execute(sa.select(sa.func.min(newest.c.x)).where(*of_run)).scalar()
    return found


def flag(c: sa.Connection, owner: str, times: Sequence[int], change: Change) -> None:
    """Note which stretch of a wrapper's points a run has changed.

    It outlives the revisions themselves.
    """
    c_ = changes.c
    mine = (c_.owner == owner, c_.kind == REVISED)
    newest = sa.select(c_.change_id, c_.run_id).where(*mine).order_by(c_.change_id.desc()).limit(1)
    last = c.execute(newest).one_or_none()
    if last is not None and last.run_id == change.run_id:
        values = {
            "at": change.at,
            "first": sa.case((c_.first < min(times), c_.first), else_=min(times)),
            "last": sa.case((c_.last > max(times), c_.last), else_=max(times)),
            "points": c_.points + len(times),
        }
        c.execute(changes.update().where(c_.change_id == last.change_id).values(**values))
        return
    found = {"first": min(times), "last": max(times), "points": len(times)}
    c.execute(changes.insert().values(owner=owner, kind=REVISED, at=change.at, run_id=change.run_id, **found))
    forgotten = sa.select(c_.change_id).where(*mine).order_by(c_.change_id.desc()).offset(MOST_FLAGS).limit(1)
    c.execute(changes.delete().where(*mine, c_.change_id <= forgotten.scalar_subquery()))


def forget_flags(c: sa.Connection, owner: str) -> None:
    """Delete what is noted of a wrapper's points, which are being deleted."""
    c.execute(changes.delete().where(changes.c.owner == owner, changes.c.kind == REVISED))
