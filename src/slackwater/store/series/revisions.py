"""Lists what became of stored points: replaced values, withdrawn points, and those that came back."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.schema import revisions, series

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
