"""Views that people have saved by a name.

Each key, and each subject of the identity provider, has its own.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.store.schema import views

MOST = 100  # views of one person; chosen: beyond that a list is no help


@dataclass(frozen=True, kw_only=True)
class SavedView:
    """One view. `created_at`: µs since the epoch."""

    view_id: str
    who: str
    name: str
    address: str  # path and query of the page
    created_at: int


def list_of(c: sa.Connection, who: str) -> list[SavedView]:
    """Return the views of somebody by name."""
    query = sa.select(views).where(views.c.who == who).order_by(sa.func.plain(views.c.name), views.c.view_id)
    return [SavedView(**row._mapping) for row in c.execute(query)]


def save(c: sa.Connection, who: str, name: str, address: str, now: int) -> SavedView:
    """Keep a view; one of the same name is replaced.

    BadInput when somebody has too many. `now` is in µs since the epoch.
    """
    saved = SavedView(view_id=str(uuid.uuid4()), who=who, name=name, address=address, created_at=now)
    c.execute(views.delete().where(views.c.who == who, views.c.name == name))
    if len(list_of(c, who)) >= MOST:
        raise BadInput(f"There are {MOST} saved views; delete one first")
    c.execute(views.insert().values(**vars(saved)))
    return saved


def delete(c: sa.Connection, who: str, view_id: str) -> None:
    """Forget a view of somebody; NotFound for that of another."""
    if not c.execute(views.delete().where(views.c.who == who, views.c.view_id == view_id)).rowcount:
        raise NotFound(what="View")
