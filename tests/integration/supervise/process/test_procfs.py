"""What /proc tells of real processes, those whose first thread has ended among them."""

import os
import subprocess
import sys
from pathlib import Path

from service import alive, eventually
from slackwater.supervise.process import procfs
from slackwater.supervise.process.endings import childless

MIB = 2**20
HIDDEN = f"""
import ctypes, platform, subprocess, sys, threading, time

ballast = b"x" * {64 * MIB}
below = None

def stay():
    global below
    below = subprocess.Popen(["sleep", "60"])
    while True:
        sum(range(10_000))

threading.Thread(target=stay).start()
while below is None:
    time.sleep(0.01)
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
"""


def test_a_process_without_its_first_thread_counts_with_all_it_takes() -> None:
    with subprocess.Popen([sys.executable, "-c", HIDDEN]) as process:
        try:
            stat = Path(f"/proc/{process.pid}/stat")
            eventually(lambda: stat.read_text().rpartition(")")[2].split()[0] == "Z")
            assert alive(process.pid)
            assert process.poll() is None
            assert process.pid in procfs.children_of(os.getpid())
            assert procfs.own_memory(process.pid) >= 64 * MIB
            eventually(lambda: procfs.cpu_seconds(process.pid) > 0.2)
            [below] = procfs.descendants(process.pid)
            assert Path(f"/proc/{below}/comm").read_text().strip() == "sleep"
            assert not childless()
        finally:
            for each in procfs.descendants(process.pid):
                os.kill(each, 9)
            process.kill()
    assert not alive(process.pid)
    assert process.pid not in procfs.children_of(os.getpid())
    assert procfs.own_memory(process.pid) == 0


def test_a_process_that_is_gone_has_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert (procfs.descendants(process.pid), procfs.cpu_seconds(process.pid)) == ([], 0.0)
    assert not procfs.gains_no_privileges(process.pid)
