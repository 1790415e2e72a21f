"""Tells whether processes of an earlier service are left in a data directory.

A service that is killed takes its processes along, but not those that the kernel does not let go of (uninterruptible
sleep, as on a dead NFS server): they end later. So each service locks a file of its own with flock(2), and every
process below it inherits that lock: fork server, guards, leaders, and what modules start. The kernel frees it when the
last of them has ended. No module can free it: the seccomp filter refuses flock, and execve.

Only for who is alone in its data directory. Nodes that share a store have a lease instead (`lives.py`).
"""

import contextlib
import fcntl
import os
import uuid
from pathlib import Path

from slackwater.errors import Unavailable

FOLDER = "processes"  # in the data directory


class Survivors:
    """Locks a file for this service and all below it; tries those of earlier ones.

    Unavailable when the data directory cannot be changed.
    """

    def __init__(self, data_dir: Path) -> None:
        folder = data_dir / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._earlier = list(folder.iterdir())
            own = folder / str(uuid.uuid4())
            # For reading alone: modules inherit it, and must not fill the disk.
            lock = os.open(own, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"{folder} cannot be used: {error.strerror}.") from None
        self.no_locks = ""  # why there are none
        self.descriptor: int | None = lock  # of our own lock, for all below us; None where there are no such locks
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:  # NFS has none that processes inherit
            self.close()
            self.descriptor, self.no_locks = None, error.strerror or str(error)
            own.unlink(missing_ok=True)

    def left(self) -> bool:
        """Return whether a process of an earlier service may be alive still."""
        self._earlier = [each for each in self._earlier if _held(each)]
        return bool(self._earlier)

    def close(self) -> None:
        """Let go of our own lock; whoever inherited it keeps it."""
        if self.descriptor is not None:
            os.close(self.descriptor)


def _held(file: Path) -> bool:
    """Return whether somebody holds a lock file, and remove it when nobody does."""
    try:
        lock = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    finally:
        os.close(lock)
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
    return False
