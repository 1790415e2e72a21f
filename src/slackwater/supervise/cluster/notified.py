"""Implements the signal port among nodes: by notices, and now and then without."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote, unquote

from slackwater.errors import Unavailable
from slackwater.store.engine import notices
from slackwater.store.engine.database import Connection, Database
from slackwater.supervise.lifecycle.notifications import Signals

GATHER_SECONDS = 0.02  # in which changes are told together; chosen: nobody sees so short a wait
BELIEVED_SECONDS = 3.0  # that a look is believed to go on; chosen: it tells each second, and a notice may be lost
SWEEP_SECONDS = 2.0  # between two wake-ups of all who wait, for notices that were lost; chosen


class Listener(Protocol):
    """What hears notices until it is closed."""

    def start(self) -> None:
        """Begin to listen."""

    def close(self) -> None:
        """Listen no more."""


Listen = Callable[
    [Callable[[str, list[str]], None], Callable[[], None]], Listener
]  # told of notices, and of missed ones


class NotifiedSignals(Signals):
    """Wake-ups that reach the other nodes, too."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._unsent: set[str] = set()
        self._due_unsent = False
        self._looks_unsent: dict[str, tuple[int, str]] = {}
        self._looks: dict[str, tuple[float, int, str]] = {}  # of others: when it was told, and what
        self._news = asyncio.Event()
        self.on_stop: Callable[[str], None] = lambda _: None  # told of wrappers that are wanted stopped
        self.on_due: Callable[[], None] = lambda: None  # told when something has become due

    def changed(self, wrapper_id: str) -> None:
        """Wake everybody who waits for a change of that wrapper, on all nodes."""
        super().changed(wrapper_id)
        self._unsent.add(wrapper_id)
        self._news.set()

    def due(self) -> None:
        """Tell the other nodes that something has become due."""
        self._due_unsent = True
        self._news.set()

    def tell_look(self, caller: str, asked: int, latest: str) -> None:
        """Tell the other nodes what a caller's look asks; nothing when it is over."""
        self._looks_unsent[_short(caller)] = asked, quote(latest, safe="", errors="replace") or "-"
        self._news.set()

    def look_elsewhere(self, caller: str) -> tuple[int, str] | None:
        """Return the requests of the caller's look on another node, and the last URL."""
        told, asked, latest = self._looks.get(_short(caller), (0.0, 0, ""))
        return (asked, latest) if asked and time.monotonic() - told < BELIEVED_SECONDS else None

    def receive(self, channel: str, ids: list[str]) -> None:
        """Take what another node has told."""
        match channel:
            case notices.CHANGED:
                for wrapper_id in ids:
                    super().changed(wrapper_id)
            case notices.STOP:
                for wrapper_id in ids:
                    self.on_stop(wrapper_id)
            case notices.DUE:
                self.on_due()
            case notices.LOOKS:
                caller, asked, latest = ids
                self._looks[caller] = time.monotonic(), int(asked), unquote(latest)
                self._forget_looks()

    async def work(self, listen: Listen) -> None:
        """Tell and listen until cancelled."""
        loop = asyncio.get_running_loop()

        def receive(channel: str, ids: list[str]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self.receive, channel, ids)

        def lost() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._missed)

        listener = listen(receive, lost)
        listener.start()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_sending())
                group.create_task(self._keep_sweeping())
        finally:
            await asyncio.shield(asyncio.to_thread(listener.close))

    async def _keep_sending(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            ids, self._unsent = self._unsent, set()
            due, self._due_unsent = self._due_unsent, False
            looks, self._looks_unsent = self._looks_unsent, {}

            def send(
                c: Connection, ids: set[str] = ids, due: bool = due, looks: dict[str, tuple[int, str]] = looks
            ) -> None:
                if ids:
                    notices.send(c, notices.CHANGED, ids)
                if due:
                    notices.send(c, notices.DUE)
                for caller, (asked, latest) in looks.items():
                    notices.send(c, notices.LOOKS, [caller, str(asked), latest])

            with contextlib.suppress(Unavailable, OSError):  # the others look by themselves, a little later
                await asyncio.wrap_future(self._database.write(send))
            await asyncio.sleep(GATHER_SECONDS)

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._wake_all()

    def _forget_looks(self) -> None:
        oldest = time.monotonic() - BELIEVED_SECONDS
        self._looks = {caller: look for caller, look in self._looks.items() if look[0] > oldest}

    def _missed(self) -> None:
        self._wake_all()
        self.on_due()


def _short(caller: str) -> str:
    return sha256(caller.encode()).hexdigest()  # a word of the same length for each, and no name in a notice
