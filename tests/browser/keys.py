"""Keys made in the store of a running service, as `slackwater keys` does."""

import time
from pathlib import Path

from slackwater.store.access import keys
from slackwater.store.access.keys import Role
from slackwater.store.engine.database import Database


def make_key(data_dir: Path, role: str, *, name: str = "a test", seconds: float | None = None) -> tuple[str, str]:
    """Return (key id, key); `seconds`: how long it lets somebody in."""
    now = time.time_ns() // 1000
    ends = None if seconds is None else now + int(seconds * 1e6)
    database = Database.open(data_dir, sealed=True)
    try:
        record, key = database.write(lambda c: keys.create(c, name, Role(role), now, ends)).result()
    finally:
        database.close()
    return record.key_id, key


def revoke_key(data_dir: Path, key_id: str) -> None:
    database = Database.open(data_dir, sealed=True)
    try:
        database.write(lambda c: keys.revoke(c, key_id, time.time_ns() // 1000)).result()
    finally:
        database.close()
