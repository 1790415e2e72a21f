"""API keys. The store knows only their SHA-256.

A key has 256 random bits, so nothing slower is needed.
"""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from slackwater.errors import Conflict, NotFound
from slackwater.store.schema import api_keys

PREFIX = "sw_"


class Role(StrEnum):
    """What the holder of a key may do."""

    ADMIN = "admin"  # everything
    VIEWER = "viewer"  # read


@dataclass(frozen=True, kw_only=True)
class KeyRecord:
    """One key, without the key. Times are µs since the epoch."""

    key_id: str
    name: str
    role: Role
    hash: str
    created_at: int
    revoked_at: int | None = None
    expires_at: int | None = None  # the first moment at which it is no longer accepted

    def refusal(self, now: int) -> str | None:
        """Return why the key is not accepted at `now`: `revoked` or `expired`.

        None when it does.
        """
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else None


def hash_of(key: str) -> str:
    """Return the SHA-256 of a key, in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def create(c: sa.Connection, name: str, role: Role, now: int, expires_at: int | None = None) -> tuple[KeyRecord, str]:
    """Make a key; it is returned this once and cannot be had again.

    `now` is in µs since the epoch.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    return _add(c, key, name, role, now, expires_at), key


def ensure(c: sa.Connection, key: str, role: Role, name: str, now: int) -> KeyRecord:
    """Let a key that the environment provides in; Conflict when that very key was revoked.

    `now` is in µs since the epoch.
    """
    known = find_by_hash(c, hash_of(key))
    if known is None:
        return _add(c, key, name, role, now)
    if known.revoked_at is not None:
        raise Conflict("The API key that the environment provides was revoked; provide another one.")
    return known


def find_by_hash(c: sa.Connection, digest: str) -> KeyRecord | None:
    """Return the key of that hash, revoked or not; None when there is none."""
    row = c.execute(sa.select(api_keys).where(api_keys.c.hash == digest)).one_or_none()
    return None if row is None else _record(row)


def list_all(c: sa.Connection) -> list[KeyRecord]:
    """Return every key, oldest first."""
    return [_record(row) for row in c.execute(sa.select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id))]


def revoke(c: sa.Connection, key_id: str, now: int, *, force: bool = False) -> KeyRecord:
    """Let a key in no more; a second time changes nothing.

    NotFound if there is none. Conflict when it is the last admin key, unless `force`.
    """
    # The rows of all admin keys are locked, so that two of them cannot each find the other one still there.
    valid = sa.select(api_keys.c.key_id).where(
        api_keys.c.role == Role.ADMIN.value,
        api_keys.c.revoked_at.is_(None),
        sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )
    admins = set(c.execute(valid.with_for_update()).scalars())
    row = c.execute(sa.select(api_keys).where(api_keys.c.key_id == key_id)).one_or_none()
    if row is None:
        raise NotFound(what="Key")
    if row.revoked_at is not None:
        return _record(row)
    if admins == {key_id} and not force:
        raise Conflict("This is the last admin key; create another one first, or force it.")
    c.execute(api_keys.update().where(api_keys.c.key_id == key_id).values(revoked_at=now))
    return _record(c.execute(sa.select(api_keys).where(api_keys.c.key_id == key_id)).one())


def _add(c: sa.Connection, key: str, name: str, role: Role, now: int, expires_at: int | None = None) -> KeyRecord:
    record = KeyRecord(
        key_id=str(uuid.uuid4()), name=name, role=Role(role), hash=hash_of(key), created_at=now, expires_at=expires_at
    )
    c.execute(
        api_keys.insert().values(
            key_id=record.key_id,
            name=name,
            role=record.role.value,
            hash=record.hash,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return record


def _record(row: Any) -> KeyRecord:
    return KeyRecord(**{**row._mapping, "role": Role(row.role)})
