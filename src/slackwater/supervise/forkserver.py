"""The preloaded parent of all wrapper processes, and the guard that stands between it and each of them.

    service ── fork server ── guard ── leader (runs the module) ── whatever the module starts

The fork server is a fresh interpreter with an empty environment: it never held a key, a database handle or an event
loop, so its children cannot have inherited one. It has one thread. Each run gets a *guard*, a subreaper (prctl(2),
PR_SET_CHILD_SUBREAPER): every process that the module starts and abandons, however it hides (double fork, setsid), is
given to the guard by the kernel when its parent ends. So "the guard has no child left" is proof that nothing of the run
is alive, with or without cgroups. When a guard itself is killed, what it leaves falls to the fork server, which
ends at once every child that is not a guard.

Orders come as one message per run on the service's socket: `run` with the descriptors of its pipe, its control socket,
its standard output and error, and its file if it has one. `sweep` asks for the end of what killed guards have left.

The control socket of a run, in lines. Up: `pid N` when the leader runs, `exit STATUS` when it has been reaped,
`gone` when nothing of it is left. Down: `term` sends SIGTERM to the leader, `kill` SIGKILL to all. Its end of file, the
service being dead, means `kill`.
"""

import array
import contextlib
import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import NamedTuple, NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MAX_ORDER = 4096  # bytes
SWEEP = b"sweep\n"
MAX_DESCRIPTORS = 8

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
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main() -> None:
    """Serve forks until the service's socket ends: `python -m slackwater.supervise.forkserver FD ENTRY PRELOAD...`."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    module, _, name = sys.argv[2].partition(":")
    entry: Entry = getattr(importlib.import_module(module), name)
    for preload in sys.argv[3:]:
        importlib.import_module(preload)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # what is loaded now stays shared with the children: no collection writes to it
    orders.sendall(b"ready\n")
    ForkServer(orders, entry).serve()


class ForkServer:
    """Forks a guard for every order and reaps what ends."""

    def __init__(self, orders: socket.socket, entry: Entry) -> None:
        self._orders = orders
        self._entry = entry
        self._guards: set[int] = set()
        self._wake, wakeup = socket.socketpair()
        self._wake.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        """Fork and reap until the service is gone; then until no child is left."""
        poll = select.poll()
        poll.register(self._orders, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._wake.fileno():
                    with contextlib.suppress(BlockingIOError):
                        self._wake.recv(4096)
                elif not self._obey():
                    self._leave()
                    return
            self._reap()

    def _obey(self) -> bool:
        descriptors = array.array("i")
        message, ancillary, _, _ = self._orders.recvmsg(MAX_ORDER, socket.CMSG_SPACE(MAX_DESCRIPTORS * 4))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
        if not message:
            return False
        if message == SWEEP:
            self._end_orphans()
            self._orders.send(b"swept\n")
            return True
        guard = os.fork()
        if guard == 0:
            self._forget()
            _guarded(lambda: _guard(self._entry, Descriptors(*descriptors)))
        self._guards.add(guard)
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _forget(self) -> None:
        """Leave nothing of the fork server in the guard."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._orders.close()
        self._wake.close()
        self._wakeup.close()

    def _reap(self) -> None:
        lost_a_guard = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            lost_a_guard = lost_a_guard or (pid in self._guards and status != 0)
            self._guards.discard(pid)
        if lost_a_guard:
            self._end_orphans()

    def _end_orphans(self) -> None:
        """End and reap every child that is no guard: its guard was killed, so its run is over."""
        while orphans := [child for child in children_of(os.getpid()) if child not in self._guards]:
            for orphan in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(orphan, signal.SIGKILL)
            for orphan in orphans:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(orphan, 0)

    def _leave(self) -> None:
        """Wait for the guards, which end their runs when the service is gone; then nothing is left."""
        while True:
            try:
                pid, _ = os.waitpid(-1, 0)
            except ChildProcessError:
                return
            self._guards.discard(pid)
            self._end_orphans()


def children_of(parent: int) -> list[int]:
    """Return the pids of the living direct children of `parent`, zombies left out."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    state, ppid = stat.read().rpartition(b")")[2].split()[:2]
            except OSError:
                continue
            if int(ppid) == parent and state != b"Z":
                found.append(int(name))
    return found


def _guarded(work: Callable[[], None]) -> NoReturn:
    """Run what a forked child has to do and leave without running anything of the parent's."""
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


def _guard(entry: Entry, given: Descriptors) -> None:
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()
    me = os.getpid()
    leader = os.fork()
    if leader == 0:
        _guarded(lambda: _lead(entry, me, given))
    for descriptor in (given.pipe, given.out, given.err, *(() if given.file is None else (given.file,))):
        os.close(descriptor)
    link = socket.socket(fileno=given.control)
    link.sendall(b"pid %d\n" % leader)
    status = _watch(link, leader)
    with contextlib.suppress(OSError):
        link.sendall(b"exit %d\n" % status)
    _sweep(leader)
    with contextlib.suppress(OSError):
        link.sendall(b"gone\n")


def _lead(entry: Entry, guard: int, given: Descriptors) -> None:
    os.close(given.control)
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:  # it died before the line above
        os._exit(70)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(given.out, 1)
    os.dup2(given.err, 2)
    for descriptor in (nowhere, given.out, given.err):
        if descriptor > 2:
            os.close(descriptor)
    entry(given.pipe, given.file)


def _watch(link: socket.socket, leader: int) -> int:
    """Obey the service until the leader has ended; return its wait status. Only a reaped exit counts as an end."""
    pidfd = os.pidfd_open(leader)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(link, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == pidfd:
                os.close(pidfd)
                return os.waitpid(leader, 0)[1]
            try:
                orders = link.recv(64)
            except ConnectionError:
                orders = b""
            if b"term" in orders:
                signal.pidfd_send_signal(pidfd, signal.SIGTERM)
            if not orders or b"kill" in orders:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            if not orders:
                poll.unregister(link)


def _sweep(leader: int) -> None:
    """End and reap whatever the leader has left; return only when nothing of the run is alive.

    Its group goes first and at once. Who left the group is found as our child, sooner or later: killing a parent makes
    its children ours.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid:
                continue
        except ChildProcessError:
            return
        for child in children_of(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


if __name__ == "__main__":
    main()
