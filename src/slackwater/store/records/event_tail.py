"""Reading the events of all wrappers as they come.

What the service log tells of them.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.store.schema import events, runs, wrappers

_LAST_RUN = (
    sa.select(runs.c.run_id)
    .where(runs.c.wrapper_id == events.c.wrapper_id, runs.c.started_at <= events.c.at)
    .order_by(runs.c.started_at.desc())
    .limit(1)
    .scalar_subquery()
)
_SINCE = (
    sa.select(
        events.c.event_id,
        events.c.at,
        events.c.text,
        events.c.kind,
        events.c.wrapper_id,
        wrappers.c.name,
        wrappers.c.status,
        _LAST_RUN.label("run_id"),
    )
    .join(wrappers, wrappers.c.wrapper_id == events.c.wrapper_id)
    .where(events.c.event_id > sa.bindparam("after"))
    .order_by(events.c.event_id)
    .limit(sa.bindparam("limit"))
)


@dataclass(frozen=True)
class LoggedEvent:
    """One event of a wrapper. `at` in µs since the epoch.

    `status` is the wrapper's when the event was read.
    """

    event_id: int
    at: int
    text: str
    kind: str | None  # a Change
    wrapper_id: str
    name: str
    status: str
    run_id: str | None  # of the newest run that had begun by then


def newest(c: sa.Connection) -> int:
    """Return the number of the newest event, 0 when there is none."""
    return c.execute(sa.select(sa.func.max(events.c.event_id))).scalar() or 0


def since(c: sa.Connection, after: int, limit: int) -> list[LoggedEvent]:
    """Return the events after number `after`, oldest first, `limit` at most."""
    return [LoggedEvent(*row) for row in c.execute(_SINCE, {"after": after, "limit": limit})]
