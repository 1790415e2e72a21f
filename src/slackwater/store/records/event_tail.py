"""Reading the events of all wrappers as they come.

What the service log tells of them. On PostgreSQL an event gets its number when it is written and is seen when it is
committed: one with a lower number may be seen later. So a number that is skipped is looked for again, until no
transaction can be under way any more that has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from slackwater.model.instants import SECOND
from slackwater.store.schema import events, runs, wrappers

AWAITED = 60 * SECOND  # that a skipped number is looked for; chosen: a transaction of ours takes far less
MOST_SKIPPED = 1_000  # numbers at once, the newest; more are those of events that were deleted; chosen

_LAST_RUN = (
    sa.select(runs.c.run_id)
    .where(runs.c.wrapper_id == events.c.wrapper_id, runs.c.started_at <= events.c.at)
    .order_by(runs.c.started_at.desc())
    .limit(1)
    .scalar_subquery()
)
_EVENTS = (
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
    .order_by(events.c.event_id)
)
_SINCE = _EVENTS.where(events.c.event_id > sa.bindparam("after")).limit(sa.bindparam("limit"))
_SKIPPED = _EVENTS.where(events.c.event_id.in_(sa.bindparam("numbers", expanding=True)))


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


@dataclass(frozen=True)
class Position:
    """Up to where the events have been read.

    `skipped`: the numbers below `after` that were not there, and until when (µs since the epoch) they are looked for.
    """

    after: int
    skipped: Mapping[int, int] = field(default_factory=dict)


def newest(c: sa.Connection) -> Position:
    """Return the position behind the newest event."""
    return Position(c.execute(sa.select(sa.func.max(events.c.event_id))).scalar() or 0)


def read(c: sa.Connection, position: Position, limit: int, now: int) -> tuple[list[LoggedEvent], Position]:
    """Return the events behind a position, and the position behind them.

    They are `limit` at most, and those that came late. `now` in µs since the epoch, by the same clock each time.
    """
    skipped = {number: until for number, until in position.skipped.items() if until > now}
    late = [LoggedEvent(*row) for row in c.execute(_SKIPPED, {"numbers": list(skipped)})] if skipped else []
    fresh = [LoggedEvent(*row) for row in c.execute(_SINCE, {"after": position.after, "limit": limit})]
    for event in late:
        del skipped[event.event_id]
    after = position.after
    for event in fresh:
        first = max(after + 1, event.event_id - MOST_SKIPPED)
        skipped |= dict.fromkeys(range(first, event.event_id), now + AWAITED)
        after = event.event_id
    return late + fresh, Position(after, dict(list(skipped.items())[-MOST_SKIPPED:]))
