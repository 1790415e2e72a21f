"""Processes that nothing ends for a while, as those that are stuck in the kernel."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from service import eventually

FREEZER = Path(
    "/sys/fs/cgroup/freezer"
)  # of cgroup v1: what is frozen there takes no signal, SIGKILL as little as another


@contextlib.contextmanager
def stuck(find: Callable[[], Iterable[int]]) -> Iterator[None]:
    """Let nothing of the processes with these pids run within the block.

    They are in uninterruptible sleep (state D), as one that reads from a dead NFS server, or on a virtual machine that
    its host has paused.
    """
    if os.geteuid() != 0 or not (FREEZER / "cgroup.procs").exists():
        pytest.skip(f"NOT TESTED: processes stuck in the kernel need root and the freezer of cgroup v1 at {FREEZER}")
    mine = FREEZER / f"slackwater-test-{os.getpid()}"
    mine.mkdir()
    state = mine / "freezer.state"
    try:
        for _ in range(2):  # what was started during the first
            for pid in find():
                with contextlib.suppress(ProcessLookupError):
                    (mine / "cgroup.procs").write_text(str(pid))
        state.write_text("FROZEN")
        eventually(lambda: state.read_text().strip() == "FROZEN")
        yield
    finally:
        state.write_text("THAWED")
        for pid in (mine / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                (FREEZER / "cgroup.procs").write_text(pid)
        eventually(lambda: not (mine / "cgroup.procs").read_text().strip())
        mine.rmdir()
