"""The preloaded parent of all wrapper processes.

    service ── fork server ── guard ── leader (runs the module) ── whatever the module starts

The fork server is a fresh interpreter with an empty environment: it never held a key, a database handle or an event
loop, so its children cannot have inherited one. It has one thread. Each run gets a *guard* (`guard.py`). When a guard
is killed, its processes become children of the fork server, a subreaper too, which ends at once every child that is no
guard. When the fork server is killed as well, they become children of the service (`orphans.py`).

Orders come as one message each on the service's socket. `run N MOMENT` starts a run, with the descriptors of its pipe,
its control socket, its standard output and error, and its file if it has one; N is the number of the order, and the run
may live until that moment, if no later one is named to its guard (`lease.py`). `sweep N` ends
the guard of that run, and is answered with `swept N` when the guard has been reaped and so has all that it left.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time

from slackwater.supervise.process.cgroup import Cgroups
from slackwater.supervise.process.endings import childless, end_children, reap_ended
from slackwater.supervise.process.guard import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_NO_NEW_PRIVS,
    Descriptors,
    Entry,
    Guard,
    prctl,
    run_forked,
)
from slackwater.supervise.process.lives import say_ended
from slackwater.supervise.process.resource_watch import Bounds, remove_scratch
from slackwater.supervise.process.user_ids import Crowd, Users

MAX_ORDER = 4096  # bytes; an order has some hundred
MAX_DESCRIPTORS = 8  # descriptors of an order; a run has three
SWEEP_PAUSE = 20  # milliseconds between two attempts to end what is left of killed guards
GUARDS_LEAVE = 5.0  # seconds that guards have to end their runs when the service is gone; then they are killed


def main() -> None:
    """Serve forks until the service's socket ends.

    `python -m slackwater.supervise.process.fork_server FD ENTRY BOUNDS PRELOAD...`; BOUNDS is JSON. The entry module
    may have a `prepare`, which is called once, when all is loaded.
    """
    orders = socket.socket(fileno=int(sys.argv[1]))
    module, _, name = sys.argv[2].partition(":")
    bounds = Bounds(**json.loads(sys.argv[3]))
    # The command line of httpx would load rich and click with it: a fifth of the start, and memory of every process.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # how Python is told that a module is not there
    home = importlib.import_module(module)
    entry: Entry = getattr(home, name)
    for preload in sys.argv[4:]:
        importlib.import_module(preload)
    getattr(home, "prepare", lambda: None)()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_NO_NEW_PRIVS, 1)  # inherited by all below us: it tells them from other children of the service
    cgroups, why_not = _cgroups()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # what is loaded now stays shared with the children: no collection writes to it
    orders.sendall(b"ready %s\n" % why_not.encode())
    try:
        ForkServer(orders, entry, bounds, cgroups).serve()
        say_ended(bounds.word)
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
        self._guards: dict[int, tuple[int, int]] = {}  # pid → number of its order, user id of its run
        self._sweeps: list[int] = []  # numbers of the runs whose end the service waits for
        self._orphaned = False  # a guard was killed: what it left has to be ended
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
            for descriptor, _ in poll.poll(SWEEP_PAUSE if self._orphaned or self._sweeps else None):
                if descriptor == self._wake.fileno():
                    self._awake()
                elif not self._obey():
                    self._leave()
                    return
            self._reap()
            self._sweep()

    def _awake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake.recv(4096)

    def _obey(self) -> bool:
        descriptors = array.array("i")
        try:
            message, ancillary, _, _ = self._orders.recvmsg(MAX_ORDER, socket.CMSG_SPACE(MAX_DESCRIPTORS * 4))
        except ConnectionError:  # the service was killed before it had read what we said last
            return False
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
        if not message:
            return False
        word, *numbers = message.split()
        if word == b"sweep":
            self._kill_guards(int(numbers[0]))
            self._sweeps.append(int(numbers[0]))
        else:
            self._fork(int(numbers[0]), int(numbers[1]), descriptors)
        return True

    def _fork(self, number: int, until: int, descriptors: "array.array[int]") -> None:
        user = self._users.free([user for _, user in self._guards.values()])
        crowd = self._crowd.count()
        guard = os.fork()
        if guard == 0:
            self._forget()
            given = Descriptors(*descriptors)
            run_forked(lambda: Guard(self._entry, given, self._bounds, self._cgroups, user, crowd, until).perform())
        self._guards[guard] = number, user
        for descriptor in descriptors:
            os.close(descriptor)

    def _forget(self) -> None:
        """Leave nothing of the fork server in the guard."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._orders.close()
        self._wake.close()
        self._wakeup.close()
        if self._bounds.word is not None:
            os.close(self._bounds.word)

    def _reap(self) -> None:
        for pid, status in reap_ended():
            if self._guards.pop(pid, None) is not None:
                self._orphaned = self._orphaned or status != 0
                remove_scratch(f"{self._bounds.scratch_dir}/{pid}")  # if it was killed before it could

    def _sweep(self) -> None:
        """End every child that is no guard.

        Its guard was killed, so its run is over. Tell whoever waits for that.
        """
        if not self._orphaned and not self._sweeps:
            return
        self._orphaned = end_children(spared=self._guards.__contains__)
        if self._orphaned:
            return
        alive = {number for number, _ in self._guards.values()}
        for number in [each for each in self._sweeps if each not in alive]:
            self._sweeps.remove(number)
            with contextlib.suppress(OSError):
                self._orders.send(b"swept %d\n" % number)

    def _kill_guards(self, number: int | None = None) -> None:
        for guard, (of_run, _) in self._guards.items():
            if number in (None, of_run):
                os.kill(guard, signal.SIGKILL)

    def _leave(self) -> None:
        """Wait for the guards, which end their runs when the service is gone.

        Then nothing is left.
        """
        deadline = time.monotonic() + GUARDS_LEAVE
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        while not childless():
            poll.poll(SWEEP_PAUSE)
            self._awake()
            self._reap()
            end_children(spared=self._guards.__contains__)
            if time.monotonic() > deadline:
                self._kill_guards()


if __name__ == "__main__":
    main()
