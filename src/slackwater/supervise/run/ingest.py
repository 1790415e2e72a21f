"""One run: frames in, transactions out.

Promise: a batch is acknowledged when its points and the checkpoint that they lead to are committed together. Whatever
is killed at whatever moment, the next run begins at a committed checkpoint, and points are upserts: nothing is lost,
nothing is doubled.
"""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

import msgspec

from slackwater.errors import BadSource, ProtocolViolation, StaleEpoch, Unavailable
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import SECOND, iso
from slackwater.model.points import checked, with_visible_names
from slackwater.model.printable import one_line
from slackwater.model.scrub import Scrubber
from slackwater.pipe.codec import IN_FLIGHT, check_place
from slackwater.pipe.frames import (
    Ack,
    Batch,
    Done,
    Failed,
    Fault,
    Final,
    Found,
    Hello,
    Inspected,
    Log,
    Outage,
    Progress,
    Proven,
    Request,
    Response,
)
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import logs
from slackwater.store.series import points
from slackwater.store.series.vintages import Reread
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.http.response_cache import LARGEST, Memory
from slackwater.supervise.process.child import Child, Exit
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import Conversation, lines_of, listen, printable
from slackwater.supervise.run.collision_guard import Doubles
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.outcomes import MAX_MESSAGE, Ended, Opened
from slackwater.supervise.run.reread import RereadWindow
from slackwater.supervise.run.upload import upload
from slackwater.supervise.run.watchdog import TimeLimits, Watchdog

REQUESTS_AT_ONCE = 8  # of one run
LEAVE_SECONDS = 5.0  # from the last word of a process to its end
INSIST_SECONDS = 2.0  # between two SIGKILLs for a process that does not end
FLUSH_SECONDS = 0.5  # between two writes of log lines
CLOCK_TOLERANCE = SECOND  # µs that a window may end after our own present
EXAMPLES = 50  # rejected records of one run that are told one by one
LINES_BETWEEN_CLEANINGS = 1_000
MOST_LINES = 10_000  # that wait to be written: as many as a wrapper keeps by default, 40 MB at most
MOST_INTERVALS = 1_000  # apart from each other in one checkpoint; a back-fill leaves a handful


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
        self._latest = self.started_at  # the latest present that this run has seen; a clock may be set back
        self.rows_done = 0
        self.rows_total: int | None = None
        self._task = task
        self._link = link
        self._database = database
        self._broker = broker
        self._clock = clock
        self._grace = grace
        self._scrub = task.access.messages
        self._log = Journal(database, opened.wrapper.wrapper_id, clock, kept_lines, self._scrub, changed)
        self._checkpoint: Checkpoint = opened.wrapper.marks.checkpoint
        self._left_over = self._checkpoint.page.window if self._checkpoint.page else None
        self._lookback = task.order.wanted.lookback if task.order.wanted else 0
        self._reread = RereadWindow(self._left_over)
        self._withdrawn = 0  # points reported as withdrawn
        self._doubles = Doubles.of(opened.wrapper)
        self._tally = Tally()
        self._watchdog = Watchdog(limits, self._tally)
        self._answers = broker.answers.share()
        self._look = Memory(most=LARGEST).look("", posts=task.access.body is not None)
        self._told = 0
        self._spent = points.Spent()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask the run to end its process now; `perform` returns when nothing of it is alive."""
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
        """Start the process, serve it, and return how it ended once nothing of it is alive."""
        if self._stop.is_set():
            return Ended(None, Exit())
        try:
            with upload(self._task.file) as file:
                self.child = child = await self._spawned(file)
        except BadSource as gone:
            return Ended(Final(message=str(gone)), Exit())
        except (Unavailable, OSError) as error:
            return Ended(Outage(message=str(error)), Exit())
        if child is None:
            return Ended(None, Exit())
        try:
            verdict = await self._served(child)
            exit_ = await self._gone(child)
        finally:
            child.close()
            await self._log.flush(last=True)
        return Ended(verdict, exit_, rows_total=self.rows_total)

    async def _spawned(self, file: int | None) -> Child | None:
        """Return the process of the run; None when it is stopped before it has one: then there will be none."""
        spawn = asyncio.create_task(self._link.spawn(file=file))
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

    async def _served(self, child: Child) -> Done | Found | Failed | None:
        """Serve the process until it has said its last word, or the run is stopped."""
        if self._stop.is_set():
            return None
        self._watchdog.progress()
        talk = asyncio.create_task(self._talk(child))
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

    async def _talk(self, child: Child) -> Done | Found | Failed | None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(listen(child.out, "STDOUT", "INFO", self._log.say))
                group.create_task(listen(child.err, "STDERR", "WARNING", self._log.say))
                writer = group.create_task(self._log.keep_flushing())
                verdict = await self._serve_frames(child, group)
                await asyncio.wait({child.gone}, timeout=LEAVE_SECONDS)
                child.kill()  # its last word is said; whatever still runs has no business any more
                writer.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        return verdict

    async def _serve_frames(self, child: Child, group: asyncio.TaskGroup) -> Done | Found | Failed | None:
        talk = await Conversation.begin(child.pipe, self._task.order)
        batches: asyncio.Queue[Batch | None] = asyncio.Queue(IN_FLIGHT + 1)
        committing = group.create_task(self._commit_in_turn(batches, talk))
        requests: set[asyncio.Task[None]] = set()
        verdict: Done | Found | Failed | None = None
        try:
            async for frame in talk.frames():
                self._latest = max(self._latest, self._clock())
                match frame:
                    case Batch():
                        if batches.qsize() >= IN_FLIGHT:
                            raise ProtocolViolation(reason=f"more than {IN_FLIGHT} batches in flight")
                        batches.put_nowait(frame)
                        continue
                    case Request():
                        if len(requests) >= REQUESTS_AT_ONCE:
                            raise ProtocolViolation(reason=f"more than {REQUESTS_AT_ONCE} requests at once")
                        request = group.create_task(self._request(frame, talk))
                        requests.add(request)
                        request.add_done_callback(requests.discard)
                        continue
                    case Done() | Found() | Failed():
                        verdict = frame
                        break
                    case Log(level=level, message=message):
                        self._log.say_lines(level, message)
                    case Progress(done=done, total=total):
                        self._count_rows(done, total)
                    case Hello():
                        pass
                    case Inspected() | Proven():
                        raise ProtocolViolation(reason=f"a frame {type(frame).__name__} in a run")
                await talk.slow_down()
            await batches.put(None)
            await committing
            await self._settle()
            verdict = self._scrubbed(verdict)
            self._note(verdict)
            return verdict
        finally:
            for request in requests:
                request.cancel()
            talk.close()

    def _count_rows(self, done: int, total: int | None) -> None:
        if done > self.rows_done:
            self._watchdog.progress()
        self.rows_done, self.rows_total = done, total

    async def _request(self, request: Request, talk: Conversation) -> None:
        # What discovery has asked once, its trial of the module need not ask again; a run that reads wants it anew.
        with self._answers.held() as held:

            async def ask(wanted: Request) -> Response:
                return await self._broker.send(wanted, self._task.access, self._tally, held)

            look = self.opened.task == "discover"
            answer = await (self._look.send(request, ask) if look else ask(request))
            self._watchdog.progress()
            await talk.tell(answer)

    async def _commit_in_turn(self, batches: "asyncio.Queue[Batch | None]", talk: Conversation) -> None:
        more = True
        while more:
            waiting = [await batches.get()]
            while not batches.empty():
                waiting.append(batches.get_nowait())
            more = None not in waiting
            # What has gathered during the last commit goes into the next one together.
            group = [batch for batch in waiting if batch is not None]
            if group:
                await self._commit(group)
            for batch in group:
                await talk.tell(Ack(number=batch.number))

    async def _commit(self, group: list[Batch]) -> None:
        checkpoint = self._checkpoint
        reread: list[Reread] = []
        for batch in group:
            self._check(batch)
            if again := self._reread.note(batch, checkpoint.covered):
                reread.append(again)
            checkpoint = self._led_to(checkpoint, batch)
            if len(checkpoint.covered) > MOST_INTERVALS:
                raise ProtocolViolation(reason=f"more than {MOST_INTERVALS:,} windows with gaps between them are read")
            self._tell_rejected(batch)
        finished = [batch.window for batch in group if batch.complete and batch.window is not None]
        commit = partial(
            points.commit,
            wrapper_id=self.opened.wrapper.wrapper_id,
            run_id=self.opened.run_id,
            epoch=self.opened.wrapper.control.epoch,
            columns=[column for batch in group for column in with_visible_names(batch.columns)],
            checkpoint=None if checkpoint is self._checkpoint else checkpoint,
            window=Interval(min(w.start for w in finished), max(w.end for w in finished)) if finished else None,
            now=self._clock(),
            reread=reread,
            spent=self._spent_since(
                rows=sum(batch.rows for batch in group),
                rejected=sum(batch.rejected_count for batch in group),
                unread=sum(map(_unread, group)),
            ),
        )
        with self._watchdog.storing():
            stored = await asyncio.wrap_future(self._database.write(commit))
        self._watchdog.progress()
        self._checkpoint = checkpoint
        self._tell_withdrawn(stored)
        self._doubles.note([batch.window for batch in group], stored)

    def _led_to(self, checkpoint: Checkpoint, batch: Batch) -> Checkpoint:
        """Return the checkpoint that a batch leads to, by the functions that the process plans with.

        The seam is ours alone: the process has no need of it, and we know when the run has begun.
        """
        size = sum(map(len, batch.columns))
        if batch.window is None:
            return checkpoint
        if batch.complete:
            after = checkpoint.finished(batch.window, size, exhausted=batch.exhausted, proven=batch.proven)
            # A window that was begun by an earlier run has pages that were read before this one began.
            began = batch.window.end if batch.window == self._left_over else self.started_at
            return after.looked_again(checkpoint, batch.window, self._lookback, began)
        if batch.page is not None:
            return checkpoint.turned(batch.window, batch.page, size)
        return checkpoint

    def _check(self, batch: Batch) -> None:
        if batch.window is not None and batch.window.end > self._latest + CLOCK_TOLERANCE:
            raise ProtocolViolation(reason=f"a window ends in the future: {batch.window}")
        if batch.complete and batch.window is None:
            raise ProtocolViolation(reason="a batch completes a window that it does not name")
        checked(batch.columns)
        check_place(batch.page)

    async def _settle(self) -> None:
        """Write the counters that no batch has carried: a run may make requests and find nothing new."""
        spent = self._spent_since(rows=0, rejected=0)
        if spent == points.Spent() or self.opened.task != "read":
            return
        commit = partial(
            points.commit,
            wrapper_id=self.opened.wrapper.wrapper_id,
            run_id=self.opened.run_id,
            epoch=self.opened.wrapper.control.epoch,
            columns=[],
            checkpoint=None,
            window=None,
            now=self._clock(),
            spent=spent,
        )
        await asyncio.wrap_future(self._database.write(commit))

    def _spent_since(self, *, rows: int, rejected: int, unread: int = 0) -> points.Spent:
        now = points.Spent(
            requests=self._tally.requests, request_errors=self._tally.errors, bytes_received=self._tally.bytes_received
        )
        before, self._spent = self._spent, now
        return points.Spent(
            requests=now.requests - before.requests,
            request_errors=now.request_errors - before.request_errors,
            bytes_received=now.bytes_received - before.bytes_received,
            rows=max(0, rows),
            rejected=max(0, rejected),
            unread=unread,
        )

    def _tell_rejected(self, batch: Batch) -> None:
        for rejected in batch.rejected[: max(0, EXAMPLES - self._told)]:
            self._log.say("WARNING", f"rejected: {printable(rejected.where)}: {printable(rejected.reason)}")
        self._told += len(batch.rejected)

    def _tell_withdrawn(self, stored: points.Stored) -> None:
        for series, x, y in stored.withdrawn[: max(0, EXAMPLES - self._withdrawn)]:
            self._log.say(
                "WARNING",
                f"The source gives the point at {iso(x)} of series {printable(series)!r} no more; its value {y!r} "
                "stays stored. GET /resources/{id}/revisions lists it.",
            )
        self._withdrawn += len(stored.withdrawn)

    def _scrubbed(self, verdict: Done | Found | Failed | None) -> Done | Found | Failed | None:
        """Return a last word without secrets, before anybody cuts it: half a secret would not be recognised."""
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
                for note in notes[:200]:
                    self._log.say("INFO", printable(note))


def _unread(batch: Batch) -> int:
    """Return how many rows of a batch, at least, gave no point and were not rejected; a row may give several points."""
    return max(0, batch.rows - batch.rejected_count - sum(map(len, batch.columns)))


class Journal:
    """The log lines of a run on their way to the store."""

    def __init__(
        self,
        database: Database,
        wrapper_id: str,
        clock: Callable[[], int],
        kept: int,
        scrub: Scrubber,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._wrapper_id = wrapper_id
        self._clock = clock
        self._kept = kept
        self._scrub = scrub
        self._changed = changed  # told when lines are written, for those who watch
        self._lines: list[logs.Line] = []
        self._dropped = 0
        self._written = 0

    def say(self, level: str, message: str) -> None:
        """Add a line; it is written within half a second. While the store cannot write, so many wait and no more."""
        if len(self._lines) >= MOST_LINES:
            self._dropped += 1
            return
        self._lines.append(logs.Line(self._clock(), level, self._scrub.cut(message, logs.MAX_LINE)))

    def say_lines(self, level: str, text: str) -> None:
        """Add each line of a text as a line of its own."""
        for line in lines_of(text):
            self.say(level, line)

    async def keep_flushing(self) -> None:
        """Write what has gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self, *, last: bool = False) -> None:
        """Write what has gathered; the last time, and now and then, forget what is beyond the kept lines.

        The last time goes before all batches: a stop waits for it.
        """
        lines, self._lines = self._lines, []
        if self._dropped:
            told = f"{self._dropped:,} log lines were dropped: they came faster than they could be written."
            lines.append(logs.Line(self._clock(), "WARNING", told))
            self._dropped = 0
        self._written += len(lines)
        clean = self._written >= LINES_BETWEEN_CLEANINGS or (last and self._written > 0)
        if not lines and not clean:
            return

        def write(c: Connection) -> None:
            logs.append(c, self._wrapper_id, lines)
            if clean:
                logs.forget_old(c, self._wrapper_id, self._kept)

        with contextlib.suppress(Unavailable):
            written = self._database.write(write, urgent=last)
            try:
                await asyncio.wrap_future(written)
            except asyncio.CancelledError:
                if written.cancel():  # the run ends while they wait in line: they are for the last time then
                    self._lines[:0] = lines
                raise
        self._changed()
        if clean:
            self._written = 0
