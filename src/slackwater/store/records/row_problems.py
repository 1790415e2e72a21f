"""What went wrong with rows of a source.

Sums over its kept runs, rejected rows with their reasons, unread fields.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from slackwater.model.events import LineKind
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.schema import logs, runs

EXAMPLES = 20  # rejected rows, the newest; chosen: enough to see what they have in common
REJECTED = "rejected: "  # what a line about such a row begins with, for who reads the whole log
_VALUES = re.compile(r"values?(_|\b)")
LEFT_OUT = "left out"  # the finding that lists numbers which are not stored


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What the kept runs of a wrapper have counted.

    `since` is the beginning of the oldest, in µs since the epoch.
    """

    runs: int
    since: int | None
    received: int
    new: int
    changed: int
    rejected: int
    overwritten: int
    withdrawn: int
    unread: int
    fields: tuple[str, ...] = ()  # of numbers that nobody reads, as the newest run met them


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that was not stored, as the log shows."""

    at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A field of the source whose values are not stored, and why."""

    name: str
    reason: str


def sums(c: sa.Connection, wrapper_id: str) -> Sums:
    """Return what the kept runs of a wrapper add up to."""
    r = runs.c

    def total(column: sa.Column[Any]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(column), 0)

    query = sa.select(
        sa.func.count().label("runs"),
        sa.func.min(r.started_at).label("since"),
        total(r.points_received).label("received"),
        total(r.points_new).label("new"),
        total(r.points_changed).label("changed"),
        total(r.points_rejected).label("rejected"),
        total(r.points_overwritten).label("overwritten"),
        total(r.points_withdrawn).label("withdrawn"),
        total(r.rows_unread).label("unread"),
    ).where(r.wrapper_id == wrapper_id, r.task == "read")
    newest = (
        sa.select(r.fields_unread).where(r.wrapper_id == wrapper_id, r.task == "read").order_by(r.started_at.desc())
    )
    fields = c.execute(newest.limit(1)).scalar_one_or_none()
    return Sums(**c.execute(query).one()._mapping, fields=tuple(json.loads(fields or "[]")))


def rejected(c: sa.Connection, wrapper_id: str) -> list[Rejected]:
    """Return the newest rejected rows that the log still holds."""
    query = (
        sa.select(logs.c.at, logs.c.message)
        .where(logs.c.wrapper_id == wrapper_id, logs.c.kind == LineKind.REJECTED)
        .order_by(logs.c.line_id.desc())
        .limit(EXAMPLES)
    )
    return [Rejected(at=row.at, text=row.message.removeprefix(REJECTED)) for row in c.execute(query)]


def unread(record: WrapperRecord, came_later: Sequence[str] = ()) -> list[Unread]:
    """Return the fields that are not read.

    Those that discovery has seen, and those that `came_later`.
    """
    found: dict[str, str] = {}
    for each in record.definition.findings or ():
        if _VALUES.match(str(each.get("field") or each.get("what") or "")):
            for name in each.get("value") or () if each.get("what") == LEFT_OUT else ():
                found.setdefault(str(name), str(each.get("reason") or ""))
            for other in each.get("alternatives") or ():
                found.setdefault(str(other.get("value")), str(other.get("reason") or ""))
    for name in came_later:
        found.setdefault(name, "It was not there at discovery.")
    return [Unread(name=name, reason=reason) for name, reason in found.items()]
