"""Counters of wrappers since they were made, for metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.store.schema import wrappers

_COUNTERS = sa.select(
    wrappers.c.wrapper_id,
    wrappers.c.request_count,
    wrappers.c.bytes_received,
    wrappers.c.points_rejected,
    wrappers.c.poll_count,
)


@dataclass(frozen=True)
class Counters:
    """What one wrapper has done since it was made."""

    requests: int
    received: int  # bytes
    rejected: int  # records
    polls: int


def of(c: sa.Connection, wrapper_ids: Sequence[str]) -> dict[str, Counters]:
    """Return wrapper id → its counters."""
    query = _COUNTERS.where(wrappers.c.wrapper_id.in_(wrapper_ids))
    return {row[0]: Counters(*(number or 0 for number in row[1:])) for row in c.execute(query)}
