"""A clock that can be set while it runs, for a service and its wrappers: the real one plus an offset in a file.

The file is mapped into memory, so that a process that is confined and has closed every descriptor follows it too.
"""

import mmap
import os
import struct
import time
from pathlib import Path

_OFFSET = struct.Struct("<q")  # ns


def follow(path: str) -> None:
    """Let `time.time` and `time.time_ns` of this process, and of those it forks, follow the clock in the file."""
    with open(path, "r+b") as file:
        shared = mmap.mmap(file.fileno(), _OFFSET.size, prot=mmap.PROT_READ)
    real, real_ns = time.time, time.time_ns

    def offset() -> int:
        return int(_OFFSET.unpack(shared[:])[0])

    time.time = lambda: real() + offset() / 1e9
    time.time_ns = lambda: real_ns() + offset()


class Clock:
    """The hand that sets it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(_OFFSET.pack(0))

    def set(self, seconds: float) -> None:
        """Set the clock that many seconds ahead of the real one (behind it, if negative)."""
        with self.path.open("r+b") as file:
            file.write(_OFFSET.pack(round(seconds * 1e9)))

    @property
    def ahead(self) -> float:
        """Seconds that it is ahead of the real one."""
        return float(_OFFSET.unpack(self.path.read_bytes())[0] / 1e9)

    def now(self) -> int:
        """What it shows, in µs since the epoch."""
        return time.time_ns() // 1000 + round(self.ahead * 1e6)


if path := os.environ.get("TWIST_CLOCK"):  # in the fork server, which preloads this module
    follow(path)
