"""Stores the newest point of each series and learns its publication delay."""

from collections.abc import Sequence

import sqlalchemy as sa

from slackwater.model.freshness import PAST_WEIGHT, Frontier
from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import series

_ADVANCE = "UPDATE series SET newest = ?, advanced_at = ? WHERE series_id = ? AND (newest IS NULL OR newest < ?)"


def advance(c: sa.Connection, ahead: Sequence[tuple[int, int]], now: int) -> None:
    """Record the newest times of series, (series_id, time), seen at `now`, all in µs."""
    if ahead:
        driver_of(c).run_each(c, _ADVANCE, [(newest, now, series_id, newest) for series_id, newest in ahead])


def of(c: sa.Connection, owner: str) -> list[Frontier]:
    """Return the frontiers of all series of a wrapper."""
    s = series.c
    query = sa.select(s.newest, s.delay, s.advances).where(s.owner == owner, s.newest.isnot(None))
    return [Frontier(newest, delay, advances) for newest, delay, advances in c.execute(query)]


def learn(c: sa.Connection, owner: str, since: int, now: int) -> None:
    """Learn the publication delays of series that advanced since a run's beginning (µs).

    The same rule as `model.freshness.weighted`, for all series in one statement.
    """
    s = series.c
    seen = sa.case((s.newest > now, 0), else_=now - s.newest)
    past = (PAST_WEIGHT * s.delay + seen) // (PAST_WEIGHT + 1)
    learned = sa.case((sa.or_(s.delay.is_(None), s.advances < 2, seen > past), seen), else_=past)
    c.execute(
        series.update().where(s.owner == owner, s.advanced_at >= since).values(delay=learned, advances=s.advances + 1)
    )
