"""One Slackwater for one data directory, and nobody who changes it while it is moved."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slackwater.errors import Unavailable

MOVING = "`slackwater migrate-store` is moving this store; start again when it is done."


@contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Hold the data directory: two services on one store would fight over its wrappers.

    Unavailable when it is held, or cannot be used at all.
    """
    busy = f"Another Slackwater already works in {data_dir}; stop it, or choose another."
    with _locked(data_dir, "lock", fcntl.LOCK_EX, busy):
        yield


@contextmanager
def moving(data_dir: Path) -> Iterator[None]:
    """Let nobody else change the store of a data directory, whatever beside a service.

    Unavailable while somebody does.
    """
    with _locked(data_dir, "move.lock", fcntl.LOCK_EX, f"Somebody changes the store in {data_dir}; call again."):
        yield


@contextmanager
def not_moving(data_dir: Path) -> Iterator[None]:
    """Let nobody begin to move the store of a data directory.

    Unavailable while somebody does.
    """
    with _locked(data_dir, "move.lock", fcntl.LOCK_SH, MOVING):
        yield


@contextmanager
def _locked(data_dir: Path, name: str, how: int, busy: str) -> Iterator[None]:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The data directory {data_dir} cannot be used: {error.strerror}.") from None
    try:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(busy) from None
        yield
    finally:
        os.close(lock)
