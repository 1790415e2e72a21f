"""A run lives no longer than the lease that its guard has heard of, whatever becomes of the service."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from service import eventually
from slackwater.supervise.process.lease import ENDLESS, Lease, boottime, passed
from slackwater.supervise.process.lives import Lives
from slackwater.supervise.process.resource_watch import Bounds

LEASE = 2.0  # seconds

# A process that leaves the group and the parent of its leader, and the leader itself; both sleep for ever.
MODULE = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""

# What the service does, without the rest of it: a node with one run, whose lease is renewed until it is told otherwise.
NODE = f"""
import asyncio, sys
from pathlib import Path
from slackwater.pipe.frames import Prove
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.lease import Lease, boottime
from slackwater.supervise.process.lives import Lives
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.process.scratch import scratch_root
from slackwater.supervise.run.session import WorkerSession
from slackwater.workbench import ENTRY, PRELOAD

async def main(tmp, seconds, renewing):
    with scratch_root(tmp) as scratch:
        lease = Lease(seconds)
        lease.renewed(boottime())
        lives = Lives(tmp)
        lives.joined("the id")
        link = ForkServerLink(ENTRY, Bounds(scratch_dir=str(scratch), first_uid=66_000), PRELOAD, lease, lives)
        await link.start()
        session = await WorkerSession.spawn(link, Prove(source_type="API", module={MODULE!r}))
        async with session.talk(lambda *_: None):
            print(session.child.pid, flush=True)
            while not session.child.gone.done():
                if renewing:
                    link.renew(boottime())
                await asyncio.sleep(0.2)
        print(session.child.gone.result(), flush=True)
        await link.close()

asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "renewing"))
"""


@contextmanager
def node(tmp_path: Path, seconds: float, how: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", NODE, str(tmp_path), str(seconds), how]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def family(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Return all that lives below the fork server but the guards: its leader, and what the module has hidden."""
    below = psutil.Process(process.pid).children(recursive=True)
    return below if len(below) >= 4 else []  # fork server, guard, leader, and the one that hides


def test_a_frozen_node_has_no_processes_left_when_its_lease_is_over(tmp_path: Path) -> None:
    with node(tmp_path, LEASE, "renewing") as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        known = eventually(lambda: family(process))
        eventually(lambda: time.monotonic() - began > 1.5 * LEASE)
        assert family(process), "a lease that is renewed does not end"
        os.kill(process.pid, signal.SIGSTOP)
        frozen = time.monotonic()
        left = [each for each in known if each.ppid() != process.pid]  # the fork server may go on
        eventually(lambda: not any(each.is_running() and each.status() != "zombie" for each in left))
        assert time.monotonic() - frozen > LEASE / 2, "not at once: a node may be slow for a moment"
        os.kill(process.pid, signal.SIGCONT)
        assert "no word from the database" in process.stdout.readline()


def test_a_run_of_a_node_that_renews_nothing_ends_with_its_lease(tmp_path: Path) -> None:
    with node(tmp_path, LEASE, "silent") as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert "no word from the database" in process.stdout.readline()


def test_a_node_that_is_alone_needs_no_lease(tmp_path: Path) -> None:
    with node(tmp_path, 0, "renewing") as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        known = eventually(lambda: family(process))
        time.sleep(1)
        assert all(each.is_running() for each in known)


@pytest.mark.parametrize("everything", [False, True], ids=["the service", "the fork server, too"])
def test_a_node_that_was_killed_is_over_when_its_fork_server_has_seen_the_last_end(
    tmp_path: Path, everything: bool
) -> None:
    with node(tmp_path, 60, "silent") as process:
        assert process.stdout is not None
        process.stdout.readline()
        known = eventually(lambda: family(process))
        later = Lives(tmp_path)
        [fork_server] = [each for each in known if each.ppid() == process.pid]
        assert later.unproven
        if everything:
            fork_server.kill()
        process.kill()
        eventually(lambda: not any(each.is_running() and each.status() != "zombie" for each in known))
        assert list(later.over()) == ([] if everything else ["the id"])


def test_a_fork_server_comes_to_its_end_though_nobody_reads_what_it_said_last(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    life = Lives(tmp_path)
    life.joined("the id")
    with theirs, life.fork_server() as word:
        bounds = Bounds(scratch_dir=str(tmp_path / "scratch"), first_uid=66_000, word=word)
        command = [sys.executable, "-m", "slackwater.supervise.process.fork_server", str(theirs.fileno()), "os:abort"]
        server = subprocess.Popen([*command, json.dumps(bounds._asdict())], pass_fds=[theirs.fileno(), word])
    with ours:
        assert ours.recv(1024).startswith(b"ready ")
        ours.send(b"sweep 1\n")
        assert select.select([ours], [], [], 30)[0]
    assert server.wait(30) == 0
    assert list(Lives(tmp_path).over()) == ["the id"]


def test_a_lease_counts_from_the_moment_at_which_it_was_asked_for() -> None:
    lease = Lease(10)
    asked = boottime() - 4_000_000
    lease.renewed(asked)
    assert 5.5 < lease.left <= 6
    lease.renewed(asked - 1_000_000)  # an answer that was overtaken by a later one
    assert lease.left > 5.5
    assert not lease.over


def test_what_has_passed() -> None:
    assert passed(1)
    assert not passed(ENDLESS)
    assert not passed(boottime() + 3_600_000_000)
