"""Holds one wrapper process: the way to it, its signals, and its end."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from io import FileIO

INSIST_SECONDS = 2.0  # from SIGKILL until a guard that reports no end is taken for hung: an end takes milliseconds


@dataclass(frozen=True)
class Exit:
    """How a leader ended: `code` when it exited, `signal` when it was killed.

    Neither when its guard was killed.

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
    out: FileIO
    err: FileIO
    gone: "asyncio.Future[Exit]"
    _control: socket.socket = field(repr=False)
    _insist: Callable[[], None] = field(repr=False)  # ends the run without its guard's help
    _killed: bool = False

    def terminate(self) -> None:
        """Send SIGTERM to the leader."""
        self._order(b"term\n")

    def kill(self) -> None:
        """Send SIGKILL to everything of the run.

        Called again, its guard does not answer: it is killed, too.
        """
        if self._killed and not self.gone.done():
            self._insist()
        self._killed = True
        self._order(b"kill\n")

    async def end(self, within: float) -> bool:
        """Kill everything of the run and close what leads to it.

        Return whether all is gone within so many seconds.
        """
        try:
            self.kill()
            await asyncio.wait({self.gone}, timeout=min(within / 2, INSIST_SECONDS))
            if not self.gone.done():
                self.kill()
                await asyncio.wait({self.gone}, timeout=within)
            return self.gone.done()
        finally:
            self.close()

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(OSError):
            self._control.send(order)

    def close(self) -> None:
        """Close what leads to the process; call it once it is gone."""
        self.pipe.close()
        self._control.close()
        self.out.close()
        self.err.close()
