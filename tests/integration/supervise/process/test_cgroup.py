"""Cgroups for runs, on the real cgroup v2 file system where it is writable."""

import os
import signal
import subprocess
import time

import pytest

from slackwater.supervise.process import cgroup
from slackwater.supervise.process.cgroup import Cgroups


def test_a_cgroup_ends_everything_in_it_at_once() -> None:
    try:
        cgroups = Cgroups.open(os.getppid(), controllers=())
    except OSError as error:
        pytest.skip(f"no cgroup v2 to write here: {error}")
    with subprocess.Popen(["sh", "-c", "read go; sleep 60 & sleep 60"], stdin=subprocess.PIPE) as leader:
        path = cgroups.enclose(leader.pid, memory=2**30, processes=8)
        try:
            assert leader.stdin is not None
            leader.stdin.write(b"\n")
            leader.stdin.close()
            deadline = time.monotonic() + 5
            while len(_inside(path)) < 3:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert not cgroup.out_of_memory(path)
            cgroup.kill(path)
            assert leader.wait(5) == -signal.SIGKILL
            while _inside(path):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            leader.kill()
            cgroup.remove(path)
            cgroups.close()
    assert not os.path.exists(os.path.dirname(path))


def test_a_controller_that_is_not_there_is_said() -> None:
    with pytest.raises(OSError, match=r"no controller for tides|not there"):
        Cgroups.open(os.getppid(), controllers=("tides",))


def _inside(path: str) -> list[str]:
    with open(f"{path}/cgroup.procs", encoding="ascii") as file:
        return file.read().split()
