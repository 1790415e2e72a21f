"""One Slackwater for one data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slackwater.errors import Unavailable


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Hold the data directory: two services on one store would fight over its wrappers.

    Unavailable when it is held, or cannot be used at all.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The data directory {data_dir} cannot be used: {error.strerror}.") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(f"Another Slackwater already works in {data_dir}; stop it, or choose another.") from None
        yield
    finally:
        os.close(lock)
