"""Processes that are sent to find something out.

Is this module any good, what is this source. Nothing is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec

from slackwater.errors import BadSource, ProtocolViolation, Unavailable
from slackwater.pipe.frames import AnyUp, Batch, Done, Failed, Fault, Final, Found, Inspected, Proven, Request, Response
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.http.response_cache import Look
from slackwater.supervise.process.child import Child
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import lines_of, printable
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.session import Send, WorkerSession

LINES = 200  # of what it writes that are kept
LINE = 1_000  # characters of one line; chosen: as much as is read in a log
MESSAGE = 2_000  # characters of a last word
TRACE = 16_000  # characters of a traceback; as much as a process sends
WAITING = 8  # one-shots in line for each that may be under way
LEAVE_SECONDS = 10.0  # for a killed process to be gone


@dataclass(frozen=True)
class Returned:
    """What a one-shot has found."""

    verdict: Found | Proven | Failed
    lines: list[str] = field(default_factory=list)  # what the module printed and logged, `LEVEL - message`
    requests: int = 0  # sent to the source
    discovery: str | None = None  # id under which a discovery can be approved


class OneShots:
    """Sends processes out, a few at once, each for so long and no longer."""

    def __init__(self, link: ForkServerLink, broker: Broker, *, at_once: int, seconds: float) -> None:
        self.seconds = seconds
        self._link = link
        self._broker = broker
        self._at_once = at_once
        self._slots = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def run(
        self, task: Task, look: Look | None = None, *, started: Callable[[Child], None] | None = None
    ) -> Returned:
        """Have a process perform `task`, and return its last word.

        What `look` remembers is not asked for anew.

        `started` is told of the process when there is one.

        Promise: when this returns, nothing of the process is alive. Unavailable when none can be started, or too many
        wait already.
        """
        if self._waiting >= WAITING * self._at_once:
            raise Unavailable("Too many sources are being analysed already; try again in a moment.")
        self._waiting += 1
        try:
            async with self._slots:
                return await self._performed(task, look, started)
        finally:
            self._waiting -= 1

    async def _performed(self, task: Task, look: Look | None, started: Callable[[Child], None] | None) -> Returned:
        try:
            session = await WorkerSession.spawn(self._link, task.order, task.file)
        except BadSource as gone:
            return Returned(Final(message=str(gone)))
        if started is not None:
            started(session.child)
        tally = Tally()
        lines: list[str] = []
        answers = self._broker.answers.share()

        async def answer(request: Request, send: Send) -> None:
            with answers.held() as held:

                async def ask(wanted: Request) -> Response:
                    return await self._broker.send(wanted, task.access, tally, held)

                await send(await (look.send(request, ask) if look is not None else ask(request)))

        def say(level: str, message: str) -> None:
            if len(lines) < LINES:
                lines.append(f"{level} - {task.access.messages.cut(message, LINE)}")

        verdict: Found | Proven | Failed | None
        try:
            async with asyncio.timeout(self.seconds):
                async with session.talk(say, answer) as frames:
                    verdict = await _last_word(frames)
                if verdict is None:
                    verdict = Fault(message=f"It did not finish: {await asyncio.shield(session.child.gone)}.")
        except TimeoutError:
            verdict = Fault(message=f"It has not come to an end within {self.seconds:g} seconds.")
        except ProtocolViolation as violation:
            verdict = Fault(message=str(violation))
        finally:
            if not await session.child.end(LEAVE_SECONDS):
                raise Unavailable("A process that analyses a source does not end; try again.")
        return Returned(_scrubbed(verdict, task), lines, tally.requests)


async def _last_word(frames: AsyncIterator[AnyUp]) -> Found | Proven | Failed | None:
    async for frame in frames:
        match frame:
            case Found() | Proven() | Failed():
                return frame
            case Batch() | Inspected() | Done():
                raise ProtocolViolation(reason=f"a {type(frame).__name__} frame where nothing is stored")
    return None


def _scrubbed(verdict: Found | Proven | Failed, task: Task) -> Found | Proven | Failed:
    """Return a last word without secrets, and short enough to be shown."""
    if isinstance(verdict, Failed):
        scrub = task.access.messages
        verdict = msgspec.structs.replace(verdict, message=printable(scrub.cut(verdict.message, MESSAGE)))
    if isinstance(verdict, Fault) and verdict.traceback:
        return msgspec.structs.replace(verdict, traceback="\n".join(lines_of(scrub(verdict.traceback[-TRACE:]))))
    return verdict
