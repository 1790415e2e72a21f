"""Names this process's connections to a database, for others to end them."""

import os
import uuid

_ids: dict[int, str] = {}


def connections_id() -> str:
    """Return the end of the application's name in all connections of this process: 32 characters."""
    # By process: what was forked has connections of its own.
    return _ids.setdefault(os.getpid(), uuid.uuid4().hex)
