"""One process from its start to its end: spawn, talk, kill, reap.

All that start a wrapper process share it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Self

from slackwater.errors import ProtocolViolation
from slackwater.pipe.frames import AnyUp, Batch, Down, Log, Order, Request, Response
from slackwater.supervise.process.child import Child
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import Conversation, Say, lines_of, listen
from slackwater.supervise.run.upload import upload

REQUESTS_AT_ONCE = 8  # of one process; a source is asked by two or three
LEAVE_SECONDS = 5.0  # from the last word of a process to its end; it has only its pipe to close

Send = Callable[[Response], Awaitable[None]]
Answer = Callable[[Request, Send], Awaitable[None]]  # sends the answer itself: what it holds is held until it is out


class WorkerSession:
    """One process, its orders, and all that is said with it."""

    def __init__(self, child: Child, order: Order) -> None:
        self.child = child
        self._order = order
        self._talk: Conversation | None = None

    @classmethod
    async def spawn(cls, link: ForkServerLink, order: Order, file: Path | None = None) -> Self:
        """Start a process that may read the upload `file`.

        BadSource when the file is gone from the disk, Unavailable when there can be no process.
        """
        with upload(file) as descriptor:
            return cls(await link.spawn(file=descriptor), order)

    @contextlib.asynccontextmanager
    async def talk(self, say: Say, answer: Answer | None = None) -> AsyncIterator[AsyncIterator[AnyUp]]:
        """Give the orders, and the frames that come then; requests are answered by `answer` meanwhile.

        What the process logs and prints goes to `say`. When the block is left without an error the process has
        `LEAVE_SECONDS` to go, and is killed then; its output is read to its end. Raises ProtocolViolation for a frame
        that breaks the rules, and whatever `answer` raises.
        """
        child = self.child
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(listen(child.out, "STDOUT", "INFO", say))
                group.create_task(listen(child.err, "STDERR", "WARNING", say))
                requests: set[asyncio.Task[None]] = set()
                self._talk = await Conversation.begin(child.pipe, self._order)
                try:
                    yield self._frames(self._talk, group, requests, say, answer)
                finally:
                    for request in requests:
                        request.cancel()
                    self._talk.close()
                await asyncio.wait({child.gone}, timeout=LEAVE_SECONDS)
                child.kill()  # its last word is said; whatever still runs has no business any more
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def send(self, frame: Down) -> None:
        """Send a frame, inside `talk`."""
        assert self._talk is not None
        await self._talk.send(frame)

    async def _frames(
        self,
        talk: Conversation,
        group: asyncio.TaskGroup,
        requests: set[asyncio.Task[None]],
        say: Say,
        answer: Answer | None,
    ) -> AsyncIterator[AnyUp]:
        async for frame in talk.frames():
            match frame:
                case Request():
                    if answer is None:
                        raise ProtocolViolation(reason="a request where there is no source")
                    if len(requests) >= REQUESTS_AT_ONCE:
                        raise ProtocolViolation(reason=f"more than {REQUESTS_AT_ONCE} requests at once")
                    request = group.create_task(_answered(frame, answer, talk))
                    requests.add(request)
                    request.add_done_callback(requests.discard)
                    yield frame
                    continue
                case Log(level=level, message=message):
                    for line in lines_of(message):
                        say(level, line)
            yield frame
            if not isinstance(frame, Batch):  # batches are held back by their acknowledgements
                await talk.slow_down()


async def _answered(request: Request, answer: Answer, talk: Conversation) -> None:
    await answer(request, talk.send)
