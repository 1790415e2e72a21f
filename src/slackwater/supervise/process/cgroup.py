"""A cgroup for each run, where cgroup v2 is ours to write.

One ceiling for all its processes, one stroke to end it.
"""

import contextlib
import os
from collections.abc import Iterable
from typing import Self

CONTROLLERS = ("memory", "pids")
ROOM = 16  # processes above the limit of the run, so that the guard sees what happened before the kernel refuses


class Cgroups:
    """The directory in which the runs get their cgroups."""

    def __init__(self, base: str, controllers: Iterable[str]) -> None:
        self._base = base
        self._controllers = tuple(controllers)

    @classmethod
    def open(cls, service: int, controllers: Iterable[str] = CONTROLLERS) -> Self:
        """Make a place for runs below the cgroup of this process.

        OSError that says why it cannot be.

        Where a cgroup has processes it can give no controllers to those below it, so this process and the service
        move into one of their own, provided that nobody else is there.
        """
        wanted = set(controllers)
        mount, own = _mounted(), _own()
        if mount is None or own is None:
            raise OSError("cgroup v2 is not there")
        here = mount + own.rstrip("/")
        lacking = wanted - set(_read(f"{here}/cgroup.controllers").split())
        if lacking:
            raise OSError(f"cgroup v2 has no controller for {' and '.join(sorted(lacking))} here")
        base = f"{here}/slackwater-{os.getpid()}"
        os.mkdir(base)
        try:
            if wanted:
                if own != "/":
                    _step_aside(here, {os.getpid(), service})
                _enable(here, wanted)
                _enable(base, wanted)
        except OSError:
            os.rmdir(base)
            raise
        return cls(base, wanted)

    def enclose(self, pid: int, *, memory: int, processes: int) -> str:
        """Put a process into a cgroup of its own with these ceilings, and return it.

        OSError when refused.
        """
        path = f"{self._base}/{pid}"
        os.mkdir(path)
        if "memory" in self._controllers:
            _write(f"{path}/memory.max", memory)
            _write(f"{path}/memory.oom.group", 1)
            with contextlib.suppress(OSError):  # not there without swap
                _write(f"{path}/memory.swap.max", 0)
        if "pids" in self._controllers:
            _write(f"{path}/pids.max", processes + ROOM)
        _write(f"{path}/cgroup.procs", pid)
        return path

    def close(self) -> None:
        """Remove what the runs have left, when none of them is alive."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self._base):
                if os.path.isdir(f"{self._base}/{name}"):
                    remove(f"{self._base}/{name}")
            os.rmdir(self._base)


def kill(path: str) -> None:
    """End every process of a cgroup at once; older kernels leave that to the guard."""
    with contextlib.suppress(OSError):
        _write(f"{path}/cgroup.kill", 1)


def remove(path: str) -> None:
    """Remove a cgroup that has no process any more."""
    with contextlib.suppress(OSError):
        os.rmdir(path)


def out_of_memory(path: str) -> bool:
    """Say whether the kernel has ended processes of a cgroup for their memory."""
    with contextlib.suppress(OSError):
        return any(
            line.split()[0] == "oom_kill" and line.split()[1] != "0"
            for line in _read(f"{path}/memory.events").splitlines()
        )
    return False


def _mounted() -> str | None:
    for line in _read("/proc/self/mounts").splitlines():
        _, path, kind, *_ = line.split()
        if kind == "cgroup2":
            return path
    return None


def _own() -> str | None:
    for line in _read("/proc/self/cgroup").splitlines():
        if line.startswith("0::"):
            return line[3:]
    return None


def _step_aside(here: str, ours: set[int]) -> None:
    inside = set(map(int, _read(f"{here}/cgroup.procs").split()))
    if inside - ours:
        raise OSError("other processes share the cgroup of the service")
    if inside:
        aside = f"{here}/service"
        with contextlib.suppress(FileExistsError):
            os.mkdir(aside)
        for pid in inside:
            _write(f"{aside}/cgroup.procs", pid)


def _enable(path: str, controllers: Iterable[str]) -> None:
    _write(f"{path}/cgroup.subtree_control", " ".join(f"+{name}" for name in sorted(controllers)))


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, value: object) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(value))
