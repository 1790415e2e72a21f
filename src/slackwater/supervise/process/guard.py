"""Guards one run.

Starts its first process, obeys the service, and ends everything that is left.

A guard is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER): every process that the module starts and abandons, however it
hides (double fork, setsid), is given to the guard by the kernel when its parent ends. So "the guard has no child left"
proves that nothing of the run is alive, with or without cgroups.

The control socket of a run, in lines. Up: `pid LEADER GUARD` when the leader runs, `exit STATUS` when it was reaped,
`gone` when nothing of it is left; before them `over WHY` when the guard has ended it for taking too much.
Down: `term` sends SIGTERM to the leader, `kill` SIGKILL to all. Its end of file, the service being dead, means `kill`.
`lease MOMENT` says until when the run may live (`lease.py`); when that has passed without another word, it is ended.
"""

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from slackwater.supervise.process import cgroup
from slackwater.supervise.process.cgroup import Cgroups
from slackwater.supervise.process.endings import childless, end_children
from slackwater.supervise.process.lease import ENDLESS, passed
from slackwater.supervise.process.resource_watch import Bounds, Watch, make_scratch, remove_scratch

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_GET_DUMPABLE = 3  # <linux/prctl.h>
PR_SET_DUMPABLE = 4  # <linux/prctl.h>
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
PR_SET_NO_NEW_PRIVS = 38  # <linux/prctl.h>
NICENESS = 10  # of what runs modules: the service, and the guards that a stop waits for, go before it
AUTOGROUP_TRIES, AUTOGROUP_PAUSE = 3, 0.11  # seconds; the kernel lets all ordinary users set one each 0.1 s
WATCH = 200  # milliseconds between two looks at what a run has taken
EOF = b""  # as an order: the service is gone
LEASE_OVER = "its node had no word from the database for as long as it may (lease_seconds)"
REAP_SECONDS = 0.02  # between two attempts to end what is left, when no child reports its end meanwhile

Entry = Callable[[int, int | None], None]


class Descriptors(NamedTuple):
    """What an order brings for a run, in this order."""

    pipe: int
    control: int
    out: int
    err: int
    file: int | None = None


_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Call prctl(2) with one argument; OSError when the kernel refuses."""
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def run_forked(work: Callable[[], None]) -> NoReturn:
    """Run a forked child's work, and leave without running anything of the parent's."""
    status = 70  # EX_SOFTWARE
    try:
        work()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 - the last line of a process
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


class Guard:
    """One run's guard: it starts the leader, watches it, and ends everything that is left."""

    def __init__(
        self,
        entry: Entry,
        given: Descriptors,
        bounds: Bounds,
        cgroups: Cgroups | None,
        user: int,
        crowd: int,
        until: int = ENDLESS,
    ) -> None:
        self._entry = entry
        self._given = given
        self._bounds = bounds
        self._cgroups = cgroups
        self._user = user
        self._crowd = crowd
        self._until = until  # when the lease is over, as far as was heard
        self._rest = b""  # of a line that has not come whole
        self._pid = os.getpid()
        self._scratch = f"{bounds.scratch_dir}/{self._pid}"
        self._cgroup: str | None = None

    def perform(self) -> None:
        """Guard a run from its first process to its last.

        Nothing of it is left afterwards.
        """
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        os.setsid()
        make_scratch(self._scratch, self._user)
        leader = os.fork()
        if leader == 0:
            run_forked(self._lead)
        given = self._given
        for descriptor in (given.pipe, given.out, given.err, *(() if given.file is None else (given.file,))):
            os.close(descriptor)
        self._enclose(leader)
        link = socket.socket(fileno=given.control)
        link.sendall(b"pid %d %d\n" % (leader, self._pid))
        status = self._watch(link, leader)
        with contextlib.suppress(OSError):
            link.sendall(b"exit %d\n" % status)
        if self._cgroup is not None:
            if cgroup.out_of_memory(self._cgroup):
                with contextlib.suppress(OSError):
                    link.sendall(b"over its processes took more memory than they may (memory_limit_bytes)\n")
            cgroup.kill(self._cgroup)
        _sweep(leader)
        if self._cgroup is not None:
            cgroup.remove(self._cgroup)
        remove_scratch(self._scratch)
        with contextlib.suppress(OSError):
            link.sendall(b"gone\n")

    def _enclose(self, leader: int) -> None:
        """Put the leader into a cgroup.

        It has no orders yet, because the service does not know its pid.
        """
        if self._cgroups is None:
            return
        try:
            self._cgroup = self._cgroups.enclose(leader, memory=self._bounds.memory, processes=self._bounds.processes)
        except OSError as error:
            print(f"no cgroup for a run: {error}", file=sys.stderr)  # noqa: T201 - the service's error output

    def _lead(self) -> None:
        given = self._given
        os.setsid()
        _stand_back()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._pid:  # it died before the line above
            os._exit(70)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.dup2(given.out, 1)
        os.dup2(given.err, 2)
        _close_all_but({each for each in (given.pipe, given.file, self._bounds.lock) if each is not None})
        os.chdir(self._scratch)
        if self._crowd:
            most = self._crowd + self._bounds.processes
            _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
            if hard == resource.RLIM_INFINITY or hard > most:
                resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        self._entry(given.pipe, given.file)

    def _watch(self, link: socket.socket, leader: int) -> int:
        """Obey the service until the leader has ended; return its wait status.

        Only a reaped exit counts as an end.
        """
        pidfd = os.pidfd_open(leader)
        watch = Watch(self._bounds, self._scratch)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        poll.register(link, select.POLLIN)
        patience: int | None = WATCH
        while True:
            ready = poll.poll(patience)
            over = LEASE_OVER if passed(self._until) else None if ready else watch.over()
            if over and patience is not None:
                patience = None
                with contextlib.suppress(OSError):
                    link.sendall(b"over %s\n" % over.encode())
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            for descriptor, _ in ready:
                if descriptor == pidfd:
                    os.close(pidfd)
                    return os.waitpid(leader, 0)[1]
                orders = self._orders(link)
                if b"term" in orders:
                    signal.pidfd_send_signal(pidfd, signal.SIGTERM)
                if b"kill" in orders:
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                if EOF in orders:
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    poll.unregister(link)

    def _orders(self, link: socket.socket) -> list[bytes]:
        """Return the orders that have come, EOF at last; take note of the lease."""
        try:
            said = link.recv(4096)
        except ConnectionError:
            said = b""
        *lines, self._rest = (self._rest + said).split(b"\n")
        for line in lines:
            if line.startswith(b"lease "):
                self._until = int(line.split()[1])
        return lines if said else [*lines, EOF]


def _stand_back() -> None:
    """Let others go before this process and what it starts.

    Linux may share processor time between sessions first, and heed niceness only within one (sched(7), autogroup):
    then a session has a niceness of its own. An ordinary user may set one every tenth of a second, and only while its
    process may be looked into: of the module nothing is there yet, and of secrets nothing ever is.
    """
    os.nice(NICENESS)
    hidden = not _libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
    if hidden:
        prctl(PR_SET_DUMPABLE, 1)
    for _ in range(AUTOGROUP_TRIES):
        try:
            with open("/proc/self/autogroup", "w") as group:
                group.write(str(NICENESS))
            break
        except BlockingIOError:
            time.sleep(AUTOGROUP_PAUSE)
        except OSError:  # the kernel does not share between sessions
            break
    if hidden:
        prctl(PR_SET_DUMPABLE, 0)


def _close_all_but(kept: set[int]) -> None:
    """Close every descriptor from 3 on that is not in `kept`.

    What a run was not given it must not have.
    """
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _sweep(leader: int) -> None:
    """End and reap whatever the leader has left.

    Return only when nothing of the run is alive.

    Its group goes first and at once. Who left the group is found as our child, sooner or later: killing a parent makes
    its children ours.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # the end of a child then waits to be seen
    while not childless():
        end_children()
        signal.sigtimedwait({signal.SIGCHLD}, REAP_SECONDS)
