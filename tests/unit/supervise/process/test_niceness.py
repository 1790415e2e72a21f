"""A run lets the service go before it, also where all of them are an ordinary user's."""

import os
import pwd
import signal
import time
from pathlib import Path

import psutil
import pytest

from slackwater.supervise.process.guard import NICENESS, PR_GET_DUMPABLE, PR_SET_DUMPABLE, _libc, _stand_back, prctl

DEADLINE = 10.0  # seconds


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="the kernel does not share between sessions")
def test_a_hidden_process_of_an_ordinary_user_sets_the_niceness_of_its_session() -> None:
    before = os.nice(0)
    nobody = pwd.getpwnam("nobody").pw_uid
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.setresuid(nobody, nobody, nobody)
        prctl(PR_SET_DUMPABLE, 0)
        os.setsid()
        _stand_back()
        os.write(told, b"hidden" if _libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 else b"open")
        time.sleep(DEADLINE)
        os._exit(0)
    try:
        assert os.read(ready, 16) == b"hidden"
        assert psutil.Process(child).nice() == min(19, before + NICENESS)
        assert Path(f"/proc/{child}/autogroup").read_text().endswith(f" nice {NICENESS}\n")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(told)
