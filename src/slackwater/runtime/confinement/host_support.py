"""What confinement can be had on this machine.

Found out once in the fork server, used in each of its children.
"""

import contextlib
import os
import stat
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from slackwater.runtime.confinement import landlock, seccomp

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/dev/urandom", "/dev/random", "/dev/zero")
_DIRECTORIES = ("/usr/share/zoneinfo", "/sys/devices/system/cpu")


@dataclass(frozen=True)
class Ground:
    """`missing` says for each measure why it cannot be had."""

    landlock: int  # ABI; 0 = none
    filter: bytes  # BPF; empty = none
    paths: tuple[tuple[str, int], ...]  # what may be read
    closed: bool  # the interpreter lies where only its owner may read
    undumpable: bool  # whether processes may be hidden from their own user without hiding from the guard
    missing: dict[str, str]


@cache
def ground() -> Ground:
    """Look around, the first time; the children of this process inherit what was found."""
    missing: dict[str, str] = {}
    version, code = 0, b""
    try:
        version = landlock.abi()
    except OSError as error:
        missing["landlock"] = error.strerror or str(error)
    try:
        code = seccomp.program()
    except OSError as error:
        missing["seccomp"] = error.strerror or str(error)
    read = landlock.outermost([*_interpreter(), *_LIBRARIES, *_FILES, *_DIRECTORIES])
    paths = (*((path, landlock.READ) for path in read), (os.devnull, landlock.DEVICE))
    return Ground(version, code, paths, any(map(_closed, read)), not _proc_hides(), missing)


def _interpreter() -> set[str]:
    """Return where modules and libraries of this interpreter come from."""
    found = {path for path in sys.path if path}
    found |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            path = line.partition("/")
            if ".so" in path[2]:
                found.add(os.path.dirname("/" + path[2].strip()))
    return found - {"/", ""}


def _closed(path: str) -> bool:
    """Say whether a stranger can neither read `path` nor pass a directory above."""
    mode = os.stat(path).st_mode
    needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    above = (parent.stat().st_mode & stat.S_IXOTH for parent in Path(path).parents)
    return mode & needed != needed or not all(above)


def _proc_hides() -> bool:
    """Say whether /proc hides processes that may not be traced.

    The guard would not find them to end them.
    """
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
        return any(" /proc " in line and "hidepid=" in line and "hidepid=0" not in line for line in mounts)
    return True
