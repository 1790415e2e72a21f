"""The audit trail: every change that was asked for, and everybody who was turned away."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from slackwater.store.schema import audit

_SEARCHED = (audit.c.who, audit.c.name, audit.c.route, audit.c.target, audit.c.address, audit.c.note)
MAX_TEXT = 300  # characters of a field; chosen: longer ones are not read by people


class Kind(StrEnum):
    """What an entry is about.

    Each kind is kept by itself, so that a flood of refusals pushes no deed out.
    """

    DEED = "deed"  # a change that was asked for by somebody known
    REFUSAL = "refusal"  # somebody unknown, or without the right


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the trail.

    `at` is µs since the epoch, `status` the HTTP code that was answered.
    """

    at: int
    kind: Kind
    method: str
    route: str
    status: int
    who: str | None = None  # key id or subject of a token; None for a stranger
    name: str | None = None
    role: str | None = None
    target: str | None = None  # id of the wrapper, file or resource
    address: str | None = None
    note: str | None = None


def add(c: sa.Connection, entry: Entry) -> None:
    """Write an entry; overlong texts are cut."""
    values = {name: value[:MAX_TEXT] if isinstance(value, str) else value for name, value in vars(entry).items()}
    c.execute(audit.insert().values(**{**values, "kind": entry.kind.value}))


def forget_old(c: sa.Connection, keep: int) -> None:
    """Delete what is beyond the newest `keep` entries of each kind."""
    for kind in Kind:
        mine = audit.c.kind == kind.value
        newest_gone = (
            sa.select(audit.c.audit_id).where(mine).order_by(audit.c.audit_id.desc()).offset(keep).limit(1)
        ).scalar_subquery()
        c.execute(audit.delete().where(mine, audit.c.audit_id <= newest_gone))


def list_page(
    c: sa.Connection, *, skip: int, limit: int, kind: Kind | None = None, q: str | None = None
) -> tuple[list[Entry], int]:
    """Return a page of the trail, newest first, and how many entries match.

    `q` searches in all its words.
    """
    conditions: list[sa.ColumnElement[bool]] = [] if kind is None else [audit.c.kind == kind.value]
    if q:
        conditions.append(sa.or_(*(column.icontains(q, autoescape=True) for column in _SEARCHED)))
    total = c.execute(sa.select(sa.func.count()).select_from(audit).where(*conditions)).scalar_one()
    query = sa.select(audit).where(*conditions).order_by(audit.c.audit_id.desc()).offset(skip).limit(limit)
    return [_entry(row) for row in c.execute(query)], total


def _entry(row: Any) -> Entry:
    values = dict(row._mapping)
    del values["audit_id"]
    return Entry(**{**values, "kind": Kind(row.kind)})
