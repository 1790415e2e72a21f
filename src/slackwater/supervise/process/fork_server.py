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
`gone` when nothing of it is left; before them `over WHY` when the guard has ended it for taking too much.
Down: `term` sends SIGTERM to the leader, `kill` SIGKILL to all. Its end of file, the service being dead, means `kill`.
"""

import array
import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Collection
from typing import NamedTuple, NoReturn

from slackwater.supervise.process import cgroup
from slackwater.supervise.process.cgroup import Cgroups
from slackwater.supervise.process.resource_watch import Bounds, Watch, make_scratch, remove_scratch
from slackwater.supervise.process.user_ids import Crowd, Users

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
MAX_ORDER = 4096  # bytes
SWEEP = b"sweep\n"
MAX_DESCRIPTORS = 8
NICENESS = 10  # of what runs modules: the service, and the guards that a stop waits for, go before it
WATCH = 200  # milliseconds between two looks at what a run has taken

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
    """Serve forks until the service's socket ends.

    `python -m slackwater.supervise.process.fork_server FD ENTRY BOUNDS PRELOAD...`; BOUNDS is JSON. The entry module
    may have a `prepare`, which is called once, when all is loaded.
    """
    orders = socket.socket(fileno=int(sys.argv[1]))
    module, _, name = sys.argv[2].partition(":")
    bounds = Bounds(**json.loads(sys.argv[3]))
    home = importlib.import_module(module)
    entry: Entry = getattr(home, name)
    for preload in sys.argv[4:]:
        importlib.import_module(preload)
    getattr(home, "prepare", lambda: None)()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    cgroups, why_not = _cgroups()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # what is loaded now stays shared with the children: no collection writes to it
    orders.sendall(b"ready %s\n" % why_not.encode())
    try:
        ForkServer(orders, entry, bounds, cgroups).serve()
        remove_scratch(bounds.scratch_dir)  # the service is gone, perhaps without a chance to do it
    finally:
        if cgroups is not None:
            cgroups.close()


def _cgroups() -> tuple[Cgroups | None, str]:
    try:
        return Cgroups.open(os.getppid()), ""
    except (OSError, ValueError) as error:
        return None, getattr(error, "strerror", None) or str(error)


class ForkServer:
    """Forks a guard for every order and reaps what ends."""

    def __init__(self, orders: socket.socket, entry: Entry, bounds: Bounds, cgroups: Cgroups | None) -> None:
        self._orders = orders
        self._entry = entry
        self._bounds = bounds
        self._cgroups = cgroups
        self._users = Users(bounds.first_uid)
        self._crowd = Crowd()
        self._guards: dict[int, int] = {}  # pid → user id of its run
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
        user = self._users.free(self._guards.values())
        crowd = self._crowd.count()
        guard = os.fork()
        if guard == 0:
            self._forget()
            given = Descriptors(*descriptors)
            _guarded(lambda: Guard(self._entry, given, self._bounds, self._cgroups, user, crowd).perform())
        self._guards[guard] = user
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
        ended: list[int] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            ended.append(pid)
            lost_a_guard = lost_a_guard or (pid in self._guards and status != 0)
        if lost_a_guard:
            self._end_orphans(ended)
        for pid in ended:
            self._forget_guard(pid)

    def _end_orphans(self, ended: Collection[int] = ()) -> None:
        """End and reap every child that is no guard: its guard was killed, so its run is over."""
        guards = self._guards.keys() - set(ended)
        while orphans := [child for child in children_of(os.getpid()) if child not in guards]:
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
            self._end_orphans()
            self._forget_guard(pid)

    def _forget_guard(self, pid: int) -> None:
        """Remove what a guard has left of its run, if it was killed before it could."""
        if self._guards.pop(pid, None) is not None:
            remove_scratch(f"{self._bounds.scratch_dir}/{pid}")


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


class Guard:
    """One run's guard: it starts the leader, watches it, and ends everything that is left."""

    def __init__(
        self, entry: Entry, given: Descriptors, bounds: Bounds, cgroups: Cgroups | None, user: int, crowd: int
    ) -> None:
        self._entry = entry
        self._given = given
        self._bounds = bounds
        self._cgroups = cgroups
        self._user = user
        self._crowd = crowd
        self._pid = os.getpid()
        self._scratch = f"{bounds.scratch_dir}/{self._pid}"
        self._cgroup: str | None = None

    def perform(self) -> None:
        """Guard a run from its first process to its last; nothing of it is left afterwards."""
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        os.setsid()
        make_scratch(self._scratch, self._user)
        leader = os.fork()
        if leader == 0:
            _guarded(self._lead)
        given = self._given
        for descriptor in (given.pipe, given.out, given.err, *(() if given.file is None else (given.file,))):
            os.close(descriptor)
        self._enclose(leader)
        link = socket.socket(fileno=given.control)
        link.sendall(b"pid %d\n" % leader)
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
        """Put the leader into a cgroup; it has no orders yet, because the service does not know its pid."""
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
        _close_all_but({given.pipe, *(() if given.file is None else (given.file,))})
        os.chdir(self._scratch)
        if self._crowd:
            most = self._crowd + self._bounds.processes
            _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
            if hard == resource.RLIM_INFINITY or hard > most:
                resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        self._entry(given.pipe, given.file)

    def _watch(self, link: socket.socket, leader: int) -> int:
        """Obey the service until the leader has ended; return its wait status. Only a reaped exit counts as an end."""
        pidfd = os.pidfd_open(leader)
        watch = Watch(self._bounds, self._scratch)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        poll.register(link, select.POLLIN)
        patience: int | None = WATCH
        while True:
            ready = poll.poll(patience)
            if not ready and (over := watch.over()):
                patience = None
                with contextlib.suppress(OSError):
                    link.sendall(b"over %s\n" % over.encode())
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            for descriptor, _ in ready:
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


def _stand_back() -> None:
    """Let others go before this process and what it starts.

    Linux may share processor time between sessions first, and heed niceness only within one (sched(7), autogroup):
    then a session has a niceness of its own.
    """
    os.nice(NICENESS)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(NICENESS))


def _close_all_but(kept: set[int]) -> None:
    """Close every descriptor from 3 on that is not in `kept`: what a run was not given it must not have."""
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


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
