"""One run, from its opening to the end of its process.

A session with it, an intake of what it sends, a journal.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from slackwater.errors import BadSource, ProtocolViolation, StaleEpoch, Unavailable
from slackwater.model.printable import one_line
from slackwater.pipe.frames import (
    AnyUp,
    Batch,
    Done,
    Failed,
    Fault,
    Final,
    Found,
    Inspected,
    Outage,
    Progress,
    Proven,
    Request,
    Response,
)
from slackwater.store.engine.database import Database
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.http.response_cache import LARGEST, Memory
from slackwater.supervise.process.child import INSIST_SECONDS, Child, Exit
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import printable
from slackwater.supervise.run.intake import Intake
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.journal import Journal
from slackwater.supervise.run.outcomes import MAX_MESSAGE, Ended, Opened
from slackwater.supervise.run.session import Send, WorkerSession
from slackwater.supervise.run.watchdog import TimeLimits, Watchdog

NOTES = 200  # of a discovery that are logged; it has a few for each decision


class Run:
    """A run from its opening to the end of its process."""

    def __init__(
        self,
        opened: Opened,
        task: Task,
        *,
        link: ForkServerLink,
        database: Database,
        broker: Broker,
        clock: Callable[[], int],
        grace: float,
        limits: TimeLimits,
        kept_lines: int,
        changed: Callable[[], None],
    ) -> None:
        self.opened = opened
        self.child: Child | None = None
        self.started_at = clock()
        self.rows_done = 0
        self.rows_total: int | None = None
        self._task = task
        self._link = link
        self._broker = broker
        self._grace = grace
        self._scrub = task.access.messages
        self._log = Journal(database, opened.wrapper.wrapper_id, clock, kept_lines, self._scrub, changed)
        self._tally = Tally(insists=opened.task != "discover")
        self._watchdog = Watchdog(limits, self._tally)
        self._intake = Intake(
            opened,
            database=database,
            journal=self._log,
            tally=self._tally,
            watchdog=self._watchdog,
            clock=clock,
            lookback=task.order.wanted.lookback if task.order.wanted else 0,
        )
        self._answers = broker.answers.share()
        self._look = Memory(most=LARGEST).look("", posts=task.access.body is not None)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask the run to end its process now.

        `perform` returns when nothing of it is alive.
        """
        self._stop.set()
        if self.child is not None:
            self.child.terminate()

    @property
    def hindrance(self) -> str | None:
        """Why the run does not get on, None while it does."""
        return self._watchdog.hindrance()

    @property
    def idle(self) -> float:
        """Seconds without progress; 0 while that is no longer than runs often take."""
        return self._watchdog.idle

    def give_way(self) -> None:
        """End the run if it makes no progress: others wait for its slot."""
        self._watchdog.give_way()

    async def perform(self) -> Ended:
        """Start the process, serve it, and return how it ended.

        Nothing of it is alive then.
        """
        if self._stop.is_set():
            return Ended(None, Exit())
        try:
            session = await self._spawned()
        except BadSource as gone:
            return Ended(Final(message=str(gone)), Exit())
        except (Unavailable, OSError) as error:
            return Ended(Outage(message=str(error)), Exit())
        if session is None:
            return Ended(None, Exit())
        self.child = child = session.child
        try:
            verdict = await self._served(session)
            exit_ = await self._gone(child)
        finally:
            child.close()
            await self._log.flush(last=True)
        return Ended(verdict, exit_, rows_total=self.rows_total)

    async def _spawned(self) -> WorkerSession | None:
        """Return the process of the run.

        None when it is stopped before it has one: then there will be none.
        """
        spawn = asyncio.create_task(WorkerSession.spawn(self._link, self._task.order, self._task.file))
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({spawn, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not spawn.done():
                spawn.cancel()
            return await spawn
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
            return None
        finally:
            stop.cancel()

    async def _served(self, session: WorkerSession) -> Done | Found | Failed | None:
        """Serve the process until it has said its last word, or the run is stopped."""
        if self._stop.is_set():
            return None
        child = session.child
        self._watchdog.progress()
        talk = asyncio.create_task(self._talk(session))
        stop = asyncio.create_task(self._stop.wait())
        limit = asyncio.create_task(self._watchdog.reached())
        try:
            await asyncio.wait({talk, stop, limit}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done():
                return await talk
            return None if self._stop.is_set() else self._overdue(child, await limit)
        except ProtocolViolation as broken:
            self._log.say("ERROR", str(broken))
            child.kill()
            return Fault(message=self._scrub(str(broken)))
        except StaleEpoch:
            child.kill()
            return None
        except BadSource as wrong:
            self._log.say("ERROR", str(wrong))
            child.kill()
            return Final(message=str(wrong))
        except Exception as trouble:  # noqa: BLE001 - the run's outer edge: ours, not the wrapper's; it is tried again
            child.kill()
            return Outage(message=str(trouble) or repr(trouble))
        finally:
            for task in (talk, stop, limit):
                task.cancel()
            await asyncio.gather(talk, stop, limit, return_exceptions=True)

    def _overdue(self, child: Child, why: str) -> Failed:
        """End a run that has reached a limit of time."""
        self._log.say("ERROR", why)
        child.kill()
        return Fault(message=why)

    async def _gone(self, child: Child) -> Exit:
        """Wait until nothing of the run is alive: politely while the grace lasts, then not."""
        patience = INSIST_SECONDS
        if self._stop.is_set():
            child.terminate()
            patience = self._grace
        while not child.gone.done():
            await asyncio.wait({child.gone}, timeout=patience)
            if not child.gone.done():
                child.kill()
                patience = INSIST_SECONDS
        return child.gone.result()

    async def _talk(self, session: WorkerSession) -> Done | Found | Failed | None:
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._log.keep_flushing())
                committing = group.create_task(self._intake.commit_in_turn(session.send))
                async with session.talk(self._log.say, self._answer) as frames:
                    verdict = self._scrubbed(await self._last_word(frames))
                    await self._intake.finish()
                    await committing
                    await self._intake.settle()
                    self._note(verdict)
                writer.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        return verdict

    async def _last_word(self, frames: AsyncIterator[AnyUp]) -> Done | Found | Failed | None:
        async for frame in frames:
            self._intake.look_at_clock()
            match frame:
                case Batch():
                    self._intake.put(frame)
                case Done() | Found() | Failed():
                    return frame
                case Progress(done=done, total=total):
                    self._count_rows(done, total)
                case Inspected() | Proven():
                    raise ProtocolViolation(reason=f"a frame {type(frame).__name__} in a run")
        return None

    def _count_rows(self, done: int, total: int | None) -> None:
        if done > self.rows_done:
            self._watchdog.progress()
        self.rows_done, self.rows_total = done, total

    async def _answer(self, request: Request, send: Send) -> None:
        # What discovery has asked once, its trial of the module need not ask again; a run that reads wants it anew.
        with self._answers.held() as held:

            async def ask(wanted: Request) -> Response:
                if self._link.lease.over:  # woken after a long sleep: another node may be asking by now
                    raise Unavailable("The lease of this node is over; the run goes on elsewhere.")
                return await self._broker.send(wanted, self._task.access, self._tally, held)

            look = self.opened.task == "discover"
            answer = await (self._look.send(request, ask) if look else ask(request))
            self._watchdog.progress()
            await send(answer)

    def _scrubbed(self, verdict: Done | Found | Failed | None) -> Done | Found | Failed | None:
        """Return a last word without secrets, before anybody cuts it.

        Half a secret would not be recognised.
        """
        match verdict:
            case Failed(message=message):
                return msgspec.structs.replace(verdict, message=one_line(self._scrub.cut(message, MAX_MESSAGE)))
            case Done(reason=str(reason)):
                return msgspec.structs.replace(verdict, reason=one_line(self._scrub.cut(reason, MAX_MESSAGE)))
        return verdict

    def _note(self, verdict: Done | Found | Failed | None) -> None:
        match verdict:
            case Failed(message=message):
                self._log.say("ERROR", printable(message))
                if isinstance(verdict, Fault):
                    self._log.say_lines("ERROR", verdict.traceback)
            case Found(notes=notes):
                for note in notes[:NOTES]:
                    self._log.say("INFO", printable(note))
