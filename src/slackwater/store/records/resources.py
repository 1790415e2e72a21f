"""Resources: the time series that people see.

A resource shows the data of its wrapper, and outlives it.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.store.engine.search import matching, plain
from slackwater.store.schema import resources, wrappers

_ID = re.compile(r"[0-9a-fA-F]{24}")


@dataclass(frozen=True, kw_only=True)
class ResourceRecord:
    """One resource. Times are µs since the epoch; the period is what its data spans.

    None without data.
    """

    id: str  # 24 hex digits
    wrapper_id: str
    name: str
    type: str
    legend: str | None
    source_type: str
    created_at: int
    start_period: int | None
    end_period: int | None


def create(
    c: sa.Connection, *, wrapper_id: str, name: str, type: str, legend: str | None, source_type: str, now: int
) -> ResourceRecord:
    """Make a resource.

    The wrapper feeds it from then on, unless it feeds another one already. `now` is in µs since the epoch.
    """
    resource_id = secrets.token_hex(12)
    c.execute(
        resources.insert().values(
            id=resource_id,
            wrapper_id=wrapper_id,
            name=name,
            type=type,
            legend=legend,
            source_type=source_type,
            created_at=now,
        )
    )
    _adopt(c, wrapper_id, resource_id)
    return get(c, resource_id)


def create_for(
    c: sa.Connection, *, wrapper_id: str, name: str, type: str, legend: str | None, now: int
) -> ResourceRecord:
    """Make a resource for an existing wrapper; BadInput when there is none of that id.

    `now` is in µs since the epoch.
    """
    source_type = _source_type(c, wrapper_id)
    return create(c, wrapper_id=wrapper_id, name=name, type=type, legend=legend, source_type=source_type, now=now)


def get(c: sa.Connection, resource_id: str) -> ResourceRecord:
    """Return a resource.

    BadInput when the id is not 24 hex digits, NotFound when it is hidden or unknown.
    """
    if not _ID.fullmatch(resource_id):
        raise BadInput("Invalid resource ID")
    row = c.execute(_visible().where(resources.c.id == resource_id.lower())).one_or_none()
    if row is None:
        raise NotFound(what="Resource")
    return _record(row)


def list_page(c: sa.Connection, *, skip: int, limit: int, q: str | None = None) -> tuple[list[ResourceRecord], int]:
    """Return a page of resources, newest first, and how many there are.

    `q`: words of the name, or an id.
    """
    shown: sa.ColumnElement[bool] = resources.c.deleted_at.is_(None)
    if q is not None:
        shown &= matching(q, plain(resources.c.name)) | (resources.c.id == q.lower())
    total = c.execute(sa.select(sa.func.count()).select_from(resources).where(shown)).scalar_one()
    query = _visible().where(shown).order_by(resources.c.created_at.desc(), resources.c.id).offset(skip).limit(limit)
    return [_record(row) for row in c.execute(query)], total


def change(c: sa.Connection, resource_id: str, **values: str | None) -> ResourceRecord:
    """Change `name`, `type`, `legend` or `wrapper_id`; BadInput for an unknown wrapper, NotFound as in `get`."""
    record = get(c, resource_id)
    if values.get("wrapper_id", record.wrapper_id) != record.wrapper_id:
        wrapper_id = str(values["wrapper_id"])
        values["source_type"] = _source_type(c, wrapper_id)
        _release(c, record.id)
        _adopt(c, wrapper_id, record.id)
    if values:
        c.execute(resources.update().where(resources.c.id == record.id).values(**values))
    return get(c, record.id)


def hide(c: sa.Connection, resource_id: str, now: int) -> ResourceRecord:
    """Hide a resource for good and return it as it was.

    Its wrapper feeds none from then on, its data stay. `now` is in µs since the epoch.
    """
    record = get(c, resource_id)
    c.execute(resources.update().where(resources.c.id == record.id).values(deleted_at=now))
    _release(c, record.id)
    return record


def others_of(c: sa.Connection, record: ResourceRecord) -> list[str]:
    """Return the ids of the other visible resources that show the same data."""
    r = resources.c
    query = sa.select(r.id).where(r.wrapper_id == record.wrapper_id, r.deleted_at.is_(None), r.id != record.id)
    return list(c.execute(query.order_by(r.id)).scalars())


def keep_periods(c: sa.Connection, wrapper_id: str) -> None:
    """Write the span of a wrapper's data into its resources, before the wrapper is deleted."""
    marks = sa.select(wrappers.c.low_water_mark, wrappers.c.high_water_mark).where(wrappers.c.wrapper_id == wrapper_id)
    row = c.execute(marks).one_or_none()
    if row is not None:
        c.execute(
            resources.update()
            .where(resources.c.wrapper_id == wrapper_id)
            .values(start_period=row.low_water_mark, end_period=row.high_water_mark)
        )


def _visible() -> sa.Select[Any]:
    r, w = resources.c, wrappers.c
    lives = w.wrapper_id.isnot(None)
    return (
        sa.select(
            r.id,
            r.wrapper_id,
            r.name,
            r.type,
            r.legend,
            r.source_type,
            r.created_at,
            sa.case((lives, w.low_water_mark), else_=r.start_period).label("start_period"),
            sa.case((lives, w.high_water_mark), else_=r.end_period).label("end_period"),
        )
        .select_from(resources.outerjoin(wrappers, w.wrapper_id == r.wrapper_id))
        .where(r.deleted_at.is_(None))
    )


def _source_type(c: sa.Connection, wrapper_id: str) -> str:
    found = c.execute(sa.select(wrappers.c.source_type).where(wrappers.c.wrapper_id == wrapper_id)).scalar_one_or_none()
    if found is None:
        raise BadInput(f"Wrapper not found: {wrapper_id}")
    return str(found)


def _adopt(c: sa.Connection, wrapper_id: str, resource_id: str) -> None:
    free = (wrappers.c.wrapper_id == wrapper_id, wrappers.c.resource_id.is_(None))
    c.execute(wrappers.update().where(*free).values(resource_id=resource_id))


def _release(c: sa.Connection, resource_id: str) -> None:
    c.execute(wrappers.update().where(wrappers.c.resource_id == resource_id).values(resource_id=None))


def _record(row: Any) -> ResourceRecord:
    return ResourceRecord(**row._mapping)
