"""One child: start it, signal it, know when it is gone. It knows nothing of points."""

import array
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from slackwater.errors import Unavailable
from slackwater.supervise.process.fork_server import SWEEP
from slackwater.supervise.process.resource_watch import Bounds

START_DEADLINE = 30  # seconds for the fork server to load what it preloads
FORK_DEADLINE = 10  # seconds from the order to the leader's pid
GREETING = b"ready "


@dataclass(frozen=True)
class Exit:
    """How a leader ended: `code` when it exited, `signal` when it was killed; neither when its guard was killed.

    `over` says what the run had taken too much of, when its guard has ended it for that.
    """

    code: int | None = None
    signal: int | None = None
    over: str | None = None

    def __str__(self) -> str:
        if self.over is not None:
            return self.over
        if self.signal == signal.SIGXCPU:
            return "it used more CPU time than it may (cpu_limit_seconds)"
        if self.signal is not None:
            return f"its process was killed by signal {self.signal}"
        return "its process was lost" if self.code is None else f"its process ended with exit code {self.code}"


@dataclass
class Child:
    """A process that runs a wrapper: the descriptors that lead to it, and its end."""

    pid: int
    pipe: socket.socket
    out: BinaryIO
    err: BinaryIO
    gone: "asyncio.Future[Exit]"
    _control: socket.socket = field(repr=False)

    def terminate(self) -> None:
        """Send SIGTERM to the leader."""
        self._order(b"term\n")

    def kill(self) -> None:
        """Send SIGKILL to everything of the run."""
        self._order(b"kill\n")

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(OSError):
            self._control.send(order)

    def close(self) -> None:
        """Close what leads to the process; call it once it is gone."""
        self.pipe.close()
        self._control.close()
        self.out.close()
        self.err.close()


class ForkServerLink:
    """The service's side of the fork server: start it, order forks; it is started anew when it has died."""

    def __init__(self, entry: str, bounds: Bounds, preload: Sequence[str] = ()) -> None:
        self.no_cgroups = ""  # why runs have no cgroup; empty when they have
        self._entry = entry
        self._bounds = bounds
        self._preload = list(preload)
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._sweeping = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Pid of the fork server, None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Start the fork server if it does not run; Unavailable when it cannot be started."""
        async with self._starting:
            if self.pid is not None and self._orders is not None:
                return
            self._drop()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [
                sys.executable,
                "-P",
                "-m",
                "slackwater.supervise.process.fork_server",
                str(theirs.fileno()),
                self._entry,
            ]
            # Nothing of our environment: it may hold keys. Python needs none of it.
            environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
            bounds = json.dumps(self._bounds._asdict())
            self._process = await asyncio.to_thread(
                subprocess.Popen,
                [*command, bounds, *self._preload],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
            theirs.close()
            ours.setblocking(False)
            self._orders = ours
            try:
                async with asyncio.timeout(START_DEADLINE):
                    greeting = await asyncio.get_running_loop().sock_recv(ours, 1024)
            except TimeoutError:
                greeting = b""
            if not greeting.startswith(GREETING):
                self._drop()
                self._process.kill()  # it may hang; when it is only dying its pid must not pass for that of a new one
                raise Unavailable("The fork server could not be started; the service's error output says why.")
            self.no_cgroups = greeting[len(GREETING) :].decode(errors="replace").strip()

    async def spawn(self, *, file: int | None = None) -> Child:
        """Fork a child; `file` is a descriptor it shall have. Unavailable when no process can be had."""
        await self.start()
        assert self._orders is not None
        with contextlib.ExitStack() as undo:
            pipe, their_pipe = socket.socketpair()
            undo.callback(_close_all, pipe, their_pipe)
            control, their_control = socket.socketpair()
            undo.callback(_close_all, control, their_control)
            out, their_out = os.pipe()
            undo.callback(os.close, out)
            undo.callback(os.close, their_out)
            err, their_err = os.pipe()
            undo.pop_all()  # all are there: from here on each is closed by name
        theirs = [their_pipe.fileno(), their_control.fileno(), their_out, their_err]
        child: Child | None = None
        for each in (pipe, control):
            each.setblocking(False)
        try:
            try:
                descriptors = array.array("i", theirs if file is None else [*theirs, file])
                self._orders.sendmsg([b"run\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
            finally:
                their_pipe.close()
                their_control.close()
                os.close(their_out)
                os.close(their_err)
            reader, writer = await asyncio.open_connection(sock=control.dup())
            async with asyncio.timeout(FORK_DEADLINE):
                line = await reader.readline()
            if not line.startswith(b"pid "):
                raise Unavailable("The fork server ended before it could start a process.")
            gone = asyncio.ensure_future(self._end(reader, writer))
            child = Child(int(line[4:]), pipe, os.fdopen(out, "rb", 0), os.fdopen(err, "rb", 0), gone, control)
            return child
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"No process could be started: {error or 'the fork server does not answer'}.") from None
        finally:
            if child is None:
                pipe.close()
                control.close()
                os.close(out)
                os.close(err)

    async def _end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exit:
        """Return how the leader ended, once nothing of its run is alive."""
        ended, over = Exit(), None
        try:
            while line := await reader.readline():
                word, _, rest = line.decode().strip().partition(" ")
                if word == "over":
                    over = rest
                elif word == "exit":
                    status = int(rest)
                    ended = Exit(signal=os.WTERMSIG(status)) if os.WIFSIGNALED(status) else Exit(os.WEXITSTATUS(status))
                elif word == "gone":
                    return replace(ended, over=over)
            await self._sweep()
            return replace(ended, over=over)
        finally:
            writer.close()

    async def _sweep(self) -> None:
        """Have the fork server end what a killed guard has left; when this returns nothing of it is alive."""
        async with self._sweeping:
            if self._orders is None:
                return
            with contextlib.suppress(OSError):
                self._orders.send(SWEEP)
                await asyncio.get_running_loop().sock_recv(self._orders, 16)

    async def close(self) -> None:
        """End the fork server; its children must have ended before."""
        process = self._process
        self._drop()
        if process is not None:
            try:
                await asyncio.to_thread(process.wait, 3)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)

    def _drop(self) -> None:
        if self._orders is not None:
            self._orders.close()
            self._orders = None


def _close_all(*sockets: socket.socket) -> None:
    for each in sockets:
        each.close()
