"""Public links to data.

The store knows only the SHA-256 of a link's token, as it does of keys.
"""

import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.store.access.keys import hash_of
from slackwater.store.schema import shares

_LISTS = ("series", "resource_ids")  # kept as JSON
PREFIX = "sws_"
MOST = 1_000  # that are open, of one resource


@dataclass(frozen=True, kw_only=True)
class ShareRecord:
    """One link, without its token. Times in µs since the epoch.

    Of the data it shows [`since`, `until`].
    """

    share_id: str
    hash: str
    resource_id: str
    name: str
    series: tuple[str, ...] | None  # None: all, also those to come
    since: int | None
    until: int | None
    created_by: str | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None = None
    resource_ids: tuple[str, ...] | None = None  # of a comparison; `resource_id` is its first

    def is_open(self, now: int) -> bool:
        """Say whether the link still shows something."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(
    c: sa.Connection,
    *,
    resource_id: str,
    name: str,
    series: tuple[str, ...] | None,
    since: int | None,
    until: int | None,
    created_by: str | None,
    now: int,
    expires_at: int | None,
    resource_ids: tuple[str, ...] | None = None,
) -> tuple[ShareRecord, str]:
    """Make a link and its token, which is returned this once.

    BadInput when there are too many. Times are in µs since the epoch.
    """
    if sum(each.is_open(now) for each in list_all(c, resource_id)) >= MOST:
        raise BadInput(f"There are {MOST} public links to it; revoke one first")
    token = PREFIX + secrets.token_urlsafe(32)
    record = ShareRecord(
        share_id=str(uuid.uuid4()),
        hash=hash_of(token),
        resource_id=resource_id,
        name=name,
        series=series,
        since=since,
        until=until,
        created_by=created_by,
        created_at=now,
        expires_at=expires_at,
        resource_ids=resource_ids,
    )
    lists = {name: _listed(getattr(record, name)) for name in _LISTS}
    c.execute(shares.insert().values({**vars(record), **lists}))
    return record, token


def list_all(c: sa.Connection, resource_id: str | None = None) -> list[ShareRecord]:
    """Return the links to a resource, or all, newest first."""
    query = sa.select(shares).order_by(shares.c.created_at.desc(), shares.c.share_id)
    if resource_id is not None:
        query = query.where(shares.c.resource_id == resource_id)
    return [_record(row) for row in c.execute(query)]


def find(c: sa.Connection, token: str, now: int) -> ShareRecord:
    """Return the link of a token; NotFound when there is none, or it has ended.

    `now` is in µs since the epoch.
    """
    row = c.execute(sa.select(shares).where(shares.c.hash == hash_of(token))).one_or_none()
    record = None if row is None else _record(row)
    if record is None or not record.is_open(now):
        raise NotFound(what="Public link")
    return record


def revoke(c: sa.Connection, share_id: str, now: int) -> ShareRecord:
    """Close a link; a second time changes nothing.

    NotFound when there is none of that id.
    """
    mine = shares.c.share_id == share_id
    c.execute(shares.update().where(mine, shares.c.revoked_at.is_(None)).values(revoked_at=now))
    row = c.execute(sa.select(shares).where(mine)).one_or_none()
    if row is None:
        raise NotFound(what="Public link")
    return _record(row)


def _listed(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else json.dumps(names)


def _record(row: Any) -> ShareRecord:
    values = dict(row._mapping)
    for name in _LISTS:
        values[name] = None if values[name] is None else tuple(json.loads(values[name]))
    return ShareRecord(**values)
