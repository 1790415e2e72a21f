"""Stores refresh tokens that sources have given in place of configured ones.

Sealed like every secret.
"""

import json

import sqlalchemy as sa

from slackwater.model.instants import DAY
from slackwater.store.engine.vault import vault_of, vault_to_seal
from slackwater.store.schema import refresh_tokens

FORGOTTEN = 400 * DAY  # after which a token that was never replaced again is forgotten: hardly one lives as long


def load(c: sa.Connection, grant_key: str) -> str | None:
    """Return the newest refresh token of a grant.

    None when the source has replaced none yet.
    """
    here = refresh_tokens.c.grant_key == grant_key
    kept = c.execute(sa.select(refresh_tokens.c.token).where(here)).scalar_one_or_none()
    if kept is None:
        return None
    return str(vault_of(c).open({"refresh_token": json.loads(kept)})["refresh_token"])


def save(c: sa.Connection, grant_key: str, token: str, now: int) -> None:
    """Keep a refresh token in the place of the one before.

    `now` in µs since the epoch.
    """
    sealed = json.dumps(vault_to_seal(c).seal({"refresh_token": token})["refresh_token"])
    c.execute(
        refresh_tokens.delete().where(
            (refresh_tokens.c.grant_key == grant_key) | (refresh_tokens.c.changed_at < now - FORGOTTEN)
        )
    )
    c.execute(refresh_tokens.insert().values(grant_key=grant_key, token=sealed, changed_at=now))
