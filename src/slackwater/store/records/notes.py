"""What is marked on the charts of a wrapper's data.

Notes of people, and what was changed of the source itself.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.model.events import Change
from slackwater.store.schema import changes, notes

MOST = 1_000  # notes of one wrapper, and changes of each kind; chosen: beyond that a chart is covered by them


class MarkKind(StrEnum):
    """What a mark tells of."""

    NOTE = "note"  # somebody has written it
    SOURCE = "source"  # another configuration, or it answered differently and was discovered again
    MODULE = "module"  # a module that somebody has edited
    BEGUN = "begun"  # what was read was forgotten
    REVISED = "revised"  # a run has changed stored points


TEXTS = {
    MarkKind.SOURCE: "The source was changed",
    MarkKind.MODULE: "The module was edited",
    MarkKind.BEGUN: "The data was deleted and read again",
    MarkKind.REVISED: "Values changed",
}


_KINDS = {
    Change.SOURCE: MarkKind.SOURCE,
    Change.REDISCOVERED: MarkKind.SOURCE,
    Change.MODULE: MarkKind.MODULE,
    Change.BEGUN: MarkKind.BEGUN,
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark. Times in µs since the epoch.

    `at` is where it stands, `note_id` and `name` are those of a note, what follows those of revised points.
    """

    kind: MarkKind
    at: int
    text: str
    note_id: str | None = None
    name: str | None = None
    created_at: int | None = None
    first: int | None = None
    points: int | None = None
    run_id: str | None = None


def marks(c: sa.Connection, owner: str) -> list[Mark]:
    """Return all marks, oldest first. Revised points are marked at the newest of them."""
    query = sa.select(notes).where(notes.c.owner == owner)
    found = [
        Mark(
            kind=MarkKind.NOTE, at=row.at, text=row.text, note_id=row.note_id, name=row.name, created_at=row.created_at
        )
        for row in c.execute(query)
    ]
    for row in c.execute(sa.select(changes).where(changes.c.owner == owner)):
        more = {"first": row.first, "points": row.points, "run_id": row.run_id}
        at = row.at if row.last is None else row.last
        kind = MarkKind(row.kind)
        found.append(Mark(kind=kind, at=at, text=TEXTS[kind], created_at=row.at, **more))
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


def mark_change(c: sa.Connection, owner: str, at: int, change: Change) -> None:
    """Mark a change on the charts of a wrapper.

    The mark outlives the line of the execution log. `at` is in µs since the epoch.
    """
    kind = _KINDS[change]
    c.execute(changes.insert().values(owner=owner, kind=kind.value, at=at))
    mine = (changes.c.owner == owner, changes.c.kind == kind.value)
    forgotten = sa.select(changes.c.change_id).where(*mine).order_by(changes.c.change_id.desc()).offset(MOST).limit(1)
    c.execute(changes.delete().where(*mine, changes.c.change_id <= forgotten.scalar_subquery()))
