"""Distributes a wrapper's growing log: read once for all clients, bounded, without losses.

A feed holds the newest lines of one wrapper. Who keeps up takes them from there; who has fallen behind, or comes back,
reads on in the store until it has caught up. So nobody needs a queue of their own, and a slow client costs no memory.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from slackwater.errors import NotFound
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, wrappers
from slackwater.store.records.logs import Numbered
from slackwater.web.api.context import Context

KEPT = 500  # lines of a feed; chosen: seconds of a talkative run, 2 MB at most
PAGE = 500  # lines read from the store at once
LOOK_SECONDS = 5.0  # between two looks when nobody says that something has changed


@dataclass
class Feed:
    """The newest lines of one wrapper. `over` says why it will not go on."""

    wrapper_id: str
    tip: int  # number of the newest line that was read
    recent: deque[Numbered] = field(default_factory=lambda: deque(maxlen=KEPT))
    over: str | None = None
    watchers: int = 0
    task: "asyncio.Task[None] | None" = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def behind(self, number: int) -> list[Numbered] | None:
        """Return the lines after that of `number`; None when some were dropped."""
        if number >= self.tip:
            return []
        if not self.recent or number < self.recent[0].number - 1:
            return None
        return [line for line in self.recent if line.number > number]

    def add(self, lines: list[Numbered]) -> None:
        """Take new lines in, and tell those who wait."""
        if lines:
            self.recent.extend(lines)
            self.tip = lines[-1].number
            self.wake()

    def end(self, why: str) -> None:
        """Tell those who wait that nothing more will come."""
        self.over = why
        self.wake()

    def wake(self) -> None:
        """Wake those who wait."""
        self._news.set()
        self._news = asyncio.Event()

    async def changed(self) -> None:
        """Wait until there is something new."""
        await self._news.wait()


class LogFeeds:
    """The feeds with clients; each has one task, which ends with the last."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._feeds: dict[str, Feed] = {}

    @asynccontextmanager
    async def watching(self, wrapper_id: str, tip: int) -> AsyncIterator[Feed]:
        """Provide the feed of a wrapper whose newest line had the number `tip`."""
        feed = self._feeds.get(wrapper_id)
        if feed is None or feed.over is not None:
            feed = self._feeds[wrapper_id] = Feed(wrapper_id, tip)
            feed.task = asyncio.create_task(self._follow(feed))
        feed.watchers += 1
        try:
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                self._let_go(feed)

    def _let_go(self, feed: Feed) -> None:
        if self._feeds.get(feed.wrapper_id) is feed:
            del self._feeds[feed.wrapper_id]
        if feed.task is not None:
            feed.task.cancel()

    async def _follow(self, feed: Feed) -> None:
        """Read on whenever something may have changed: one query, however many watch."""

        def look(c: Connection) -> list[Numbered]:
            wrappers.get(c, feed.wrapper_id, with_log=False)
            return logs.behind(c, feed.wrapper_id, feed.tip, PAGE)

        with self._context.lifecycle.watching(feed.wrapper_id) as changed:
            while not self._context.lifecycle.leaving:
                changed.clear()
                try:
                    lines = await self._context.read(look)
                except NotFound:
                    return feed.end("The wrapper was deleted.")
                except Exception:  # noqa: BLE001 - whatever it is, clients come back and read on behind their last line
                    return feed.end("")
                feed.add(lines)
                if len(lines) == PAGE or self._context.lifecycle.leaving:
                    continue
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    continue
        return feed.end("")
