"""Processes that are sent to find something out: is this module any good, what is this source. Nothing is stored."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from slackwater.errors import BadSource, ProtocolViolation, Unavailable
from slackwater.pipe.frames import Failed, Fault, Final, Found, Hello, Log, Progress, Proven, Request, Response
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.http.response_cache import Look
from slackwater.supervise.process.child import Child
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import Conversation, lines_of, listen, printable
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.upload import upload

REQUESTS_AT_ONCE = 8  # of one process
LINES = 200  # of what it writes that are kept
LINE = 1_000  # characters of one
MESSAGE = 2_000  # characters of a last word
TRACE = 16_000  # characters of a traceback
WAITING = 8  # errands in line for each that may be under way
LEAVE_SECONDS = 10.0  # for a killed process to be gone

Tell = Callable[[Response], Awaitable[None]]
Answer = Callable[[Request, Tell], Awaitable[None]]


@dataclass(frozen=True)
class Returned:
    """What an errand has brought home."""

    verdict: Found | Proven | Failed
    lines: list[str] = field(default_factory=list)  # what the module printed and logged, `LEVEL - message`
    requests: int = 0  # sent to the source
    discovery: str | None = None  # id under which a discovery can be approved


class Errands:
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
        """Have a process perform `task`, and return its last word. What `look` remembers is not asked for anew.

        `started` is told of the process when there is one.

        Promise: when this returns, nothing of the process is alive. Unavailable when none can be started, or too many
        wait already.
        """
        if self._waiting >= WAITING * self._at_once:
            raise Unavailable("Too many sources are being looked at already; try again in a moment.")
        self._waiting += 1
        try:
            async with self._slots:
                return await self._performed(task, look, started)
        finally:
            self._waiting -= 1

    async def _performed(self, task: Task, look: Look | None, started: Callable[[Child], None] | None) -> Returned:
        try:
            with upload(task.file) as file:
                child = await self._link.spawn(file=file)
        except BadSource as gone:
            return Returned(Final(message=str(gone)))
        if started is not None:
            started(child)
        tally = Tally()

        answers = self._broker.answers.share()

        async def answer(request: Request, tell: Tell) -> None:
            with answers.held() as held:

                async def ask(wanted: Request) -> Response:
                    return await self._broker.send(wanted, task.access, tally, held)

                await tell(await (look.send(request, ask) if look is not None else ask(request)))

        talk = _Talk(task, child, answer)
        try:
            async with asyncio.timeout(self.seconds):
                verdict = await talk.verdict()
        except TimeoutError:
            verdict = Fault(message=f"It has not come to an end within {self.seconds:g} seconds.")
        except ProtocolViolation as violation:
            verdict = Fault(message=str(violation))
        finally:
            if not await child.end(LEAVE_SECONDS):
                raise Unavailable("A process that looked at a source does not end; try again.")
        return Returned(_scrubbed(verdict, task), talk.lines, tally.requests)


class _Talk:
    """One process's talk, to its last word."""

    def __init__(self, task: Task, child: Child, answer: Answer) -> None:
        self.lines: list[str] = []
        self._task = task
        self._child = child
        self._answer = answer

    async def verdict(self) -> Found | Proven | Failed:
        """Serve the process until its last word; what it printed before is in `lines` then."""
        child = self._child
        talk = await Conversation.begin(child.pipe, self._task.order)
        output = [
            asyncio.create_task(listen(child.out, "STDOUT", "INFO", self._say)),
            asyncio.create_task(listen(child.err, "STDERR", "WARNING", self._say)),
        ]
        try:
            with contextlib.closing(talk):
                verdict = await self._served(talk)
            await asyncio.wait({child.gone}, timeout=1)  # its last lines are on their way
            child.kill()
            await asyncio.wait(output, timeout=1)
            return verdict or Fault(message=f"It did not finish: {await asyncio.shield(child.gone)}.")
        finally:
            for each in output:
                each.cancel()
            await asyncio.gather(*output, return_exceptions=True)

    async def _served(self, talk: Conversation) -> Found | Proven | Failed | None:
        requests: set[asyncio.Task[None]] = set()
        try:
            async for frame in talk.frames():
                match frame:
                    case Request():
                        if len(requests) >= REQUESTS_AT_ONCE:
                            raise ProtocolViolation(reason=f"more than {REQUESTS_AT_ONCE} requests at once")
                        request = asyncio.create_task(self._request(frame, talk))
                        requests.add(request)
                        request.add_done_callback(requests.discard)
                        continue
                    case Found() | Proven() | Failed():
                        return frame
                    case Log(level=level, message=message):
                        for line in lines_of(message):
                            self._say(level, line)
                    case Hello() | Progress():
                        pass
                    case other:
                        raise ProtocolViolation(reason=f"a {type(other).__name__} frame where nothing is stored")
                await talk.slow_down()
            return None
        finally:
            for request in requests:
                request.cancel()
            await asyncio.gather(*requests, return_exceptions=True)

    async def _request(self, request: Request, talk: Conversation) -> None:
        await self._answer(request, talk.tell)

    def _say(self, level: str, message: str) -> None:
        if len(self.lines) < LINES:
            self.lines.append(f"{level} - {self._task.access.messages.cut(message, LINE)}")


def _scrubbed(verdict: Found | Proven | Failed, task: Task) -> Found | Proven | Failed:
    """Return a last word without secrets, and short enough to be shown."""
    if isinstance(verdict, Failed):
        scrub = task.access.messages
        verdict = msgspec.structs.replace(verdict, message=printable(scrub.cut(verdict.message, MESSAGE)))
    if isinstance(verdict, Fault) and verdict.traceback:
        return msgspec.structs.replace(verdict, traceback="\n".join(lines_of(scrub(verdict.traceback[-TRACE:]))))
    return verdict
