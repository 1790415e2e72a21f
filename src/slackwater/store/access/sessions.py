"""Sessions of the console: who is signed in, until when.

The store knows only the SHA-256 of a session's token.
"""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.store.access.keys import KeyRecord, Role, hash_of
from slackwater.store.schema import api_keys, sessions


@dataclass(frozen=True, kw_only=True)
class SessionRecord:
    """One session. Times are µs since the epoch.

    `key_id` or `issuer` says who vouched for whom.
    """

    hash: str
    key_id: str | None
    issuer: str | None
    who: str
    name: str | None
    role: Role
    created_at: int
    expires_at: int


def begin(
    c: sa.Connection,
    *,
    who: str,
    name: str | None,
    role: Role,
    now: int,
    expires_at: int,
    key_id: str | None = None,
    issuer: str | None = None,
) -> str:
    """Open a session and return its token.

    Sessions that have ended are forgotten on the way. `now` is in µs since the epoch.
    """
    token = secrets.token_urlsafe(32)
    c.execute(sessions.delete().where(sessions.c.expires_at <= now))
    c.execute(
        sessions.insert().values(
            hash=hash_of(token),
            key_id=key_id,
            issuer=issuer,
            who=who,
            name=name,
            role=role.value,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def begin_by_key(c: sa.Connection, key: KeyRecord, now: int, lasts: int) -> str:
    """Open a session for the holder of a key, `lasts` µs long at the most.

    It never outlives the key.
    """
    expires_at = min(now + lasts, key.expires_at or now + lasts)
    return begin(c, who=key.key_id, name=key.name, role=key.role, now=now, expires_at=expires_at, key_id=key.key_id)


def find(c: sa.Connection, token: str, now: int) -> SessionRecord | None:
    """Return the session of a token.

    None when there is none, or it has ended, or its key is no longer accepted. `now` is in µs since the epoch.
    """
    query = (
        sa.select(sessions, api_keys.c.key_id.label("known_key"))
        .outerjoin(api_keys, sa.and_(api_keys.c.key_id == sessions.c.key_id, _is_valid(now)))
        .where(sessions.c.hash == hash_of(token), sessions.c.expires_at > now)
    )
    row = c.execute(query).one_or_none()
    if row is None or row.known_key != row.key_id:
        return None
    values = dict(row._mapping)
    del values["known_key"]
    return SessionRecord(**{**values, "role": Role(row.role)})


def end(c: sa.Connection, token: str) -> None:
    """Close a session; a second time changes nothing."""
    c.execute(sessions.delete().where(sessions.c.hash == hash_of(token)))


def _is_valid(now: int) -> sa.ColumnElement[bool]:
    still = sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
    return sa.and_(api_keys.c.revoked_at.is_(None), still)
