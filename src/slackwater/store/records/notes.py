"""What is marked on the charts of a wrapper's data.

Notes of people, and what was changed of the source itself.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.model.alerts import SOURCE_CHANGED
from slackwater.store.schema import events, notes

MOST = 1_000  # notes of one wrapper; chosen: beyond that a chart is covered by them


class MarkKind(StrEnum):
    """What a mark tells of."""

    NOTE = "note"  # somebody has written it
    SOURCE = "source"  # another configuration, or it answered differently and was looked at anew
    MODULE = "module"  # a module that somebody has edited
    BEGUN = "begun"  # what was read was forgotten


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark. Times in µs since the epoch.

    `at` is where it stands, `note_id` and `name` are those of a note.
    """

    kind: MarkKind
    at: int
    text: str
    note_id: str | None = None
    name: str | None = None
    created_at: int | None = None


def marks(c: sa.Connection, owner: str) -> list[Mark]:
    """Return all marks, oldest first; of events those that the execution log still has."""
    query = sa.select(notes).where(notes.c.owner == owner)
    found = [
        Mark(
            kind=MarkKind.NOTE, at=row.at, text=row.text, note_id=row.note_id, name=row.name, created_at=row.created_at
        )
        for row in c.execute(query)
    ]
    logged = sa.select(events.c.at, events.c.text).where(events.c.wrapper_id == owner)
    found += [
        Mark(kind=kind, at=row.at, text=row.text)
        for row in c.execute(logged)
        if (kind := _kind_of(row.text)) is not None
    ]
    return sorted(found, key=lambda mark: (mark.at, mark.kind, mark.text))


def add(c: sa.Connection, owner: str, at: int, text: str, name: str | None, now: int) -> Mark:
    """Keep a note; BadInput when there are too many.

    `now` is in µs since the epoch.
    """
    held = c.execute(sa.select(sa.func.count()).select_from(notes).where(notes.c.owner == owner)).scalar_one()
    if held >= MOST:
        raise BadInput(f"There are {MOST} notes; delete one first")
    note_id = str(uuid.uuid4())
    c.execute(notes.insert().values(note_id=note_id, owner=owner, at=at, text=text, name=name, created_at=now))
    return Mark(kind=MarkKind.NOTE, at=at, text=text, note_id=note_id, name=name, created_at=now)


def delete(c: sa.Connection, owner: str, note_id: str) -> None:
    """Forget a note; NotFound when there is none of that id."""
    if not c.execute(notes.delete().where(notes.c.owner == owner, notes.c.note_id == note_id)).rowcount:
        raise NotFound(what="Note")


def _kind_of(event: str) -> MarkKind | None:
    """Return what an event of the lifecycle is on a chart: most are nothing."""
    if event.startswith("changed: "):
        changed = event.removeprefix("changed: ").split(", ")
        if "generated_code" in changed:
            return MarkKind.MODULE
        return MarkKind.SOURCE if "source_config" in changed else None
    if event.startswith("regeneration asked for"):
        return MarkKind.BEGUN
    return MarkKind.SOURCE if event == SOURCE_CHANGED else None
