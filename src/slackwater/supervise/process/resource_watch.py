"""Watches what all processes of a run use together.

The kernel's own limits hold for one process each.

over = Watch(bounds, scratch).over()   # a sentence, or None
"""

import os
import shutil
import stat
from typing import NamedTuple

from slackwater.supervise.process.procfs import cpu_seconds, descendants, own_memory, shared_memory, shared_part

MAX_FILES = 1_000  # files in a scratch directory; chosen: libraries' caches have tens


class Bounds(NamedTuple):
    """What the fork server is told when it is started."""

    scratch_dir: str  # where the scratch directories of the runs are made
    first_uid: int  # the first of `UIDS` user ids, one for each run, when the service is root
    memory: int = 2 * 1024**3  # bytes, all processes of a run together
    cpu: int = 3600  # seconds
    processes: int = 64
    scratch: int = 256 * 1024**2  # bytes
    word: int | None = None  # the descriptor in which it says that nothing is left (`lives.py`)
    lock: int | None = None  # the descriptor that everything below it keeps open (`survivors.py`)


def make_scratch(path: str, owner: int) -> None:
    """Make an empty directory that only `owner` may use.

    What stands there from before is removed.
    """
    remove_scratch(path)
    os.mkdir(path, 0o700)
    if owner != os.geteuid():
        os.chown(path, owner, owner)


def remove_scratch(path: str) -> None:
    """Remove a scratch directory, whatever a module has made of it."""
    shutil.rmtree(path, ignore_errors=True)


class Watch:
    """Looks at one run, from its guard."""

    def __init__(self, bounds: Bounds, scratch: str) -> None:
        self._bounds = bounds
        self._scratch = scratch
        self._guard = os.getpid()

    def over(self) -> str | None:
        """Return in which way the run has taken more than it may.

        None while it has not.
        """
        bounds = self._bounds
        size, files = _usage(self._scratch)
        if size > bounds.scratch:
            return f"it wrote more than {_mib(bounds.scratch)} to its scratch directory (scratch_limit_bytes)"
        if files > MAX_FILES:
            return f"it made more than {MAX_FILES:,} files in its scratch directory"
        family = descendants(self._guard)
        if len(family) <= 1:  # the kernel's own limits say all there is to say of one process
            return None
        if len(family) > bounds.processes:
            return f"it started more than {bounds.processes} processes (process_limit)"
        # What a process shares with its guard since the fork has cost nothing.
        common = own_memory(self._guard)
        own = sum(max(0, own_memory(pid) - common) for pid in family)
        # Whose the shared pages are takes long to find out, and matters seldom.
        if (
            own + sum(map(shared_memory, family)) > bounds.memory
            and own + sum(map(shared_part, family)) > bounds.memory
        ):
            return f"its processes took more than {_mib(bounds.memory)} of memory (memory_limit_bytes)"
        if sum(map(cpu_seconds, family)) > bounds.cpu:
            return f"its processes used more than {bounds.cpu} seconds of CPU time (cpu_limit_seconds)"
        return None


def _usage(scratch: str) -> tuple[int, int]:
    """Return the bytes on disk, and the files, of a flat directory."""
    size = files = 0
    try:
        with os.scandir(scratch) as entries:
            for entry in entries:
                files += 1
                seen = entry.stat(follow_symlinks=False)
                size += seen.st_blocks * 512 if stat.S_ISREG(seen.st_mode) else 0
    except OSError:
        return 0, 0
    return size, files


def _mib(size: int) -> str:
    return f"{size // 1024**2} MiB"
