"""Starts the fork server, and orders processes from it.

One that has died or hangs is replaced.
"""

import array
import asyncio
import contextlib
import errno
import itertools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import partial
from io import FileIO
from typing import Any

from slackwater.errors import Unavailable
from slackwater.supervise.process import orphans
from slackwater.supervise.process.child import Child, Exit
from slackwater.supervise.process.lease import ENDLESS, Lease
from slackwater.supervise.process.lives import Lives
from slackwater.supervise.process.resource_watch import Bounds

START_DEADLINE = 30  # seconds for the fork server to load what it preloads
FORK_DEADLINE = 10  # seconds from the order to the leader's pid; a fork takes milliseconds, more under load
SWEEP_DEADLINE = 3  # seconds for the fork server to end what a run has left; a stop has 10 for this and our own sweep
CLOSE_DEADLINE = 6  # seconds for the fork server to end: its guards have 5
GREETING = b"ready "


class _Server:
    """One fork server, from its start to its end."""

    def __init__(self, process: "subprocess.Popen[bytes]", orders: socket.socket) -> None:
        self.process = process
        self.no_cgroups = ""
        self._orders = orders
        self._sending = asyncio.Lock()
        self._silent = False  # its end of the socket is closed
        self._swept: dict[int, asyncio.Event] = {}  # by the number of the run; set when all of it is gone
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, entry: str, bounds: Bounds, preload: Sequence[str], lives: Lives | None) -> "_Server":
        """Start a fork server and wait until it is ready.

        Unavailable when it does not get there.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        module = "slackwater.supervise.process.fork_server"
        command = [sys.executable, "-P", "-m", module, str(theirs.fileno()), entry]
        word = contextlib.nullcontext() if lives is None else lives.fork_server()
        with orphans.starting(), theirs, word as said:
            process = await asyncio.to_thread(
                subprocess.Popen,
                [*command, json.dumps(bounds._replace(word=said)._asdict()), *preload],
                # Nothing of our environment: it may hold keys. Python needs none of it.
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                pass_fds=[theirs.fileno(), *(each for each in (said, bounds.lock) if each is not None)],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
            orphans.own(process.pid)
        ours.setblocking(False)
        server = cls(process, ours)
        try:
            async with asyncio.timeout(START_DEADLINE):
                greeting = await asyncio.get_running_loop().sock_recv(ours, 1024)
        except (TimeoutError, OSError):
            greeting = b""
        except BaseException:
            await server.kill()
            raise
        if not greeting.startswith(GREETING):
            await server.kill()  # it may hang; when it is only dying its pid must not pass for that of a new one
            raise Unavailable("The fork server could not be started; the service's error output says why.")
        server.no_cgroups = greeting[len(GREETING) :].decode(errors="replace").strip()
        server._listening = asyncio.create_task(server._listen())
        return server

    @property
    def alive(self) -> bool:
        """Whether it can take orders."""
        return not self._silent and self.process.poll() is None

    async def run(self, number: int, until: int, descriptors: Sequence[int]) -> None:
        """Order a process that may live until that moment of the lease.

        `until` in µs since the machine's start.

        OSError when the fork server is gone, TimeoutError when it takes no more orders.
        """
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        async with asyncio.timeout(FORK_DEADLINE), self._sending:
            while True:
                try:
                    self._orders.sendmsg([b"run %d %d\n" % (number, until)], rights)
                    return
                except BlockingIOError:
                    await asyncio.sleep(orphans.PAUSE)

    async def sweep(self, number: int) -> bool:
        """End the guard of a run and what it has left.

        Return whether the fork server says that all is gone.
        """
        swept = self._swept.setdefault(number, asyncio.Event())
        try:
            self._orders.send(b"sweep %d\n" % number)
            async with asyncio.timeout(SWEEP_DEADLINE):
                await swept.wait()
            return not self._silent
        except (OSError, TimeoutError):
            return False
        finally:
            self._swept.pop(number, None)

    async def kill(self) -> None:
        """Kill the fork server and reap it.

        The orders that it has not read are gone with it. Safe to call twice.
        """
        self.process.kill()
        await self._closed(None)

    async def leave(self) -> None:
        """Let the fork server end, once all that it started has ended.

        Kill it when that takes too long.
        """
        await self._closed(CLOSE_DEADLINE)

    async def _closed(self, patience: float | None) -> None:
        self._silent = True
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._orders.close()
        try:
            await asyncio.to_thread(self.process.wait, patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
        orphans.disown(self.process.pid)
        for swept in self._swept.values():  # nobody answers any more
            swept.set()

    async def _listen(self) -> None:
        """Read what the fork server reports until it is gone.

        Then whoever waits for it is told.
        """
        with contextlib.suppress(OSError):
            while said := await asyncio.get_running_loop().sock_recv(self._orders, 64):
                if swept := self._swept.get(int(said.split()[1])):
                    swept.set()
        self._silent = True
        for swept in self._swept.values():
            swept.set()


class ForkServerLink:
    """The service's side of the fork server.

    Orders processes from it, and has it replaced when it does not answer.
    """

    def __init__(
        self,
        entry: str,
        bounds: Bounds,
        preload: Sequence[str] = (),
        lease: Lease | None = None,
        lives: Lives | None = None,
    ) -> None:
        self.lease = lease or Lease()
        self._lives = lives
        self._entry = entry
        self._bounds = bounds
        self._preload = list(preload)
        self._server: _Server | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._guards: dict[int, int] = {}  # number of the order → pid of the guard, of all runs that go on
        self._controls: dict[int, socket.socket] = {}  # number of the order → the way to its guard
        self._cleaning: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """Pid of the fork server, None when it does not run."""
        return self._server.process.pid if self._server and self._server.alive else None

    @property
    def no_cgroups(self) -> str:
        """Why runs have no cgroup; empty when they have."""
        return self._server.no_cgroups if self._server else ""

    async def start(self) -> None:
        """Start the fork server if it does not run; Unavailable when it cannot be started."""
        await self._running()

    async def _running(self) -> _Server:
        async with self._starting:
            server = self._server
            if server is not None and server.alive:
                return server
            orphans.adopt()
            if server is not None:
                await server.kill()
                self._in_background(orphans.end_orphans(self._guards.values()))
            self._server = await _Server.start(self._entry, self._bounds, self._preload, self._lives)
            return self._server

    async def spawn(self, *, file: int | None = None) -> Child:
        """Fork a child; `file` is a descriptor it shall have.

        Unavailable when no process can be had.

        Promise: when this fails or is cancelled, the order is not carried out any more, and nothing of it is alive.
        """
        server = await self._running()
        number = next(self._numbers)
        try:
            with contextlib.ExitStack() as undo:
                child = await self._ordered(server, number, file, undo)
                undo.pop_all()
                return child
        except (OSError, TimeoutError) as error:
            await self._in_background(self._swept(server, number))
            reason = getattr(error, "strerror", None) or "the fork server does not answer"
            raise Unavailable(f"No process could be started: {reason}. It is tried again.") from None
        except BaseException:
            await self._in_background(self._swept(server, number))
            raise

    async def _ordered(self, server: _Server, number: int, file: int | None, undo: contextlib.ExitStack) -> Child:
        pipe, their_pipe = socket.socketpair()
        undo.callback(pipe.close)
        with contextlib.ExitStack() as theirs:
            theirs.callback(their_pipe.close)
            control, their_control = socket.socketpair()
            undo.callback(control.close)
            theirs.callback(their_control.close)
            out, their_out = os.pipe()
            undo.callback(os.close, out)
            theirs.callback(os.close, their_out)
            err, their_err = os.pipe()
            undo.callback(os.close, err)
            theirs.callback(os.close, their_err)
            pipe.setblocking(False)
            control.setblocking(False)
            given = [their_pipe.fileno(), their_control.fileno(), their_out, their_err]
            await server.run(number, self.lease.until, given if file is None else [*given, file])
        reader, writer = await asyncio.open_connection(sock=control.dup())
        undo.callback(writer.close)
        async with asyncio.timeout(FORK_DEADLINE):
            line = await _line(reader)
        if not line.startswith(b"pid "):
            raise ConnectionError(errno.ECONNRESET, "the fork server ended before it could start one")
        leader, guard = map(int, line[4:].split())
        self._guards[number] = guard
        self._controls[number] = control
        self._send_lease(control)  # renewed since the order, perhaps
        gone = asyncio.ensure_future(self._end(server, number, reader, writer))
        insist = partial(self._insist, server, number)
        return Child(leader, pipe, FileIO(out, "rb"), FileIO(err, "rb"), gone, control, insist)

    async def _end(
        self, server: _Server, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Exit:
        """Return how the leader ended, once nothing of its run is alive."""
        ended, over = Exit(), None
        guard = self._guards[number]
        try:
            while line := await _line(reader):
                word, _, rest = line.decode().strip().partition(" ")
                if word == "over":
                    over = rest
                elif word == "exit":
                    status = int(rest)
                    ended = Exit(signal=os.WTERMSIG(status)) if os.WIFSIGNALED(status) else Exit(os.WEXITSTATUS(status))
                elif word == "gone":
                    if not server.alive:
                        self._in_background(orphans.reaped(guard))
                    return replace(ended, over=over)
            await self._swept(server, number)
            return replace(ended, over=over)
        finally:
            self._guards.pop(number, None)
            self._controls.pop(number, None)
            writer.close()

    def renew(self, asked_at: int) -> None:
        """Tell every guard that the lease was renewed, which was asked for at that moment."""
        self.lease.renewed(asked_at)
        for control in self._controls.values():
            self._send_lease(control)

    def _send_lease(self, control: socket.socket) -> None:
        if self.lease.until != ENDLESS:
            with contextlib.suppress(OSError):  # a guard that does not read does not live longer either
                control.send(b"lease %d\n" % self.lease.until)

    async def _swept(self, server: _Server, number: int) -> None:
        """End a run whose guard was killed or does not answer.

        When this returns nothing of it is alive.

        A fork server that does not do it is replaced: what it leaves, and guards that go on, become our own children.
        """
        if await server.sweep(number):
            return
        await server.kill()
        self._guards.pop(number, None)
        await orphans.end_orphans(self._guards.values())

    def _insist(self, server: _Server, number: int) -> None:
        """End a run whose guard has not done it.

        Then its control socket ends, and `_end` sees to the rest.
        """
        self._in_background(self._swept(server, number))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> "asyncio.Future[None]":
        """Do what has to be done even when whoever asked for it is cancelled."""
        task = asyncio.create_task(work)
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)
        return asyncio.shield(task)

    async def close(self) -> None:
        """End the fork server; its children must have ended before."""
        if self._server is not None:
            await self._server.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_DEADLINE):
                await orphans.end_orphans(())
        for task in self._cleaning:
            task.cancel()
        await asyncio.gather(*self._cleaning, return_exceptions=True)


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Read a line that a guard reports.

    Empty when it is dead, which a reset says too if it left something unread.
    """
    try:
        return await reader.readline()
    except ConnectionError:
        return b""
