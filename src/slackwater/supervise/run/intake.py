"""What a run sends on its way into the store: batches in, transactions out.

Promise: a batch is acknowledged when its points and the checkpoint that they lead to are committed together. Whatever
is killed at whatever moment, the next run begins at a committed checkpoint, and points are upserts: nothing is lost,
nothing is doubled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from slackwater.errors import ProtocolViolation
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.events import LineKind
from slackwater.model.instants import SECOND, iso
from slackwater.model.points import checked, with_visible_names
from slackwater.pipe.codec import IN_FLIGHT, check_place
from slackwater.pipe.frames import MOST_FIELDS, Ack, Batch
from slackwater.store.engine.database import Database
from slackwater.store.records import row_problems
from slackwater.store.series import points
from slackwater.store.series.vintages import Reread
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.run.channel import printable
from slackwater.supervise.run.journal import Journal
from slackwater.supervise.run.merged_series import Doubles
from slackwater.supervise.run.outcomes import Opened
from slackwater.supervise.run.reread import RereadWindow
from slackwater.supervise.run.watchdog import Watchdog

CLOCK_TOLERANCE = SECOND  # µs that a window may end after our own present; both clocks are this machine's
EXAMPLES = 50  # rejected records of one run that are reported one by one
MOST_INTERVALS = 1_000  # apart from each other in one checkpoint; a back-fill leaves a handful

Send = Callable[[Ack], Awaitable[None]]


class Intake:
    """Commits the batches of one run in the order in which they come."""

    def __init__(
        self,
        opened: Opened,
        *,
        database: Database,
        journal: Journal,
        tally: Tally,
        watchdog: Watchdog,
        clock: Callable[[], int],
        lookback: int,
    ) -> None:
        self._opened = opened
        self._database = database
        self._log = journal
        self._tally = tally
        self._watchdog = watchdog
        self._clock = clock
        self._lookback = lookback  # µs
        self._started_at = self._latest = clock()
        self._batches: asyncio.Queue[Batch | None] = asyncio.Queue(IN_FLIGHT + 1)
        self._checkpoint: Checkpoint = opened.wrapper.marks.checkpoint
        self._left_over = self._checkpoint.page.window if self._checkpoint.page else None
        self._reread = RereadWindow(self._left_over)
        self._withdrawn = 0  # points reported as withdrawn
        self._doubles = Doubles.of(opened.wrapper)
        self._reported = 0
        self._fields_unread: list[str] = []
        self._spent = points.Spent()

    def look_at_clock(self) -> None:
        """Remember the latest present that this run has seen: a clock may be set back."""
        self._latest = max(self._latest, self._clock())

    def put(self, batch: Batch) -> None:
        """Take a batch; ProtocolViolation when more are on their way than may be."""
        if self._batches.qsize() >= IN_FLIGHT:
            raise ProtocolViolation(reason=f"more than {IN_FLIGHT} batches in flight")
        self._batches.put_nowait(batch)

    async def finish(self) -> None:
        """Let `commit_in_turn` end when all is committed."""
        await self._batches.put(None)

    async def commit_in_turn(self, send: Send) -> None:
        """Commit what is put, and acknowledge it by `tell`, until `finish`."""
        more = True
        while more:
            waiting = [await self._batches.get()]
            while not self._batches.empty():
                waiting.append(self._batches.get_nowait())
            more = None not in waiting
            # What has gathered during the last commit goes into the next one together.
            group = [batch for batch in waiting if batch is not None]
            if group:
                await self._commit(group)
            for batch in group:
                await send(Ack(number=batch.number))

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
            self._log_rejected(batch)
        finished = [batch.window for batch in group if batch.complete and batch.window is not None]
        commit = partial(
            points.commit,
            wrapper_id=self._opened.wrapper.wrapper_id,
            run_id=self._opened.run_id,
            epoch=self._opened.wrapper.control.epoch,
            columns=[column for batch in group for column in with_visible_names(batch.columns)],
            checkpoint=None if checkpoint is self._checkpoint else checkpoint,
            window=Interval(min(w.start for w in finished), max(w.end for w in finished)) if finished else None,
            now=self._clock(),
            reread=reread,
            spent=self._spent_since(
                rows=sum(batch.rows for batch in group),
                rejected=sum(batch.rejected_count for batch in group),
                unread=sum(map(_unread, group)),
                fields=self._newly_unread(group),
            ),
        )
        with self._watchdog.storing():
            stored = await asyncio.wrap_future(self._database.write(commit))
        self._watchdog.progress()
        self._checkpoint = checkpoint
        self._log_withdrawn(stored)
        self._doubles.note([batch.window for batch in group], stored)

    def _led_to(self, checkpoint: Checkpoint, batch: Batch) -> Checkpoint:
        """Return the checkpoint that a batch leads to.

        By the functions that the process plans with.

        The seam is ours alone: the process has no need of it, and we know when the run has begun.
        """
        size = sum(map(len, batch.columns))
        if batch.window is None:
            return checkpoint
        if batch.complete:
            after = checkpoint.finished(batch.window, size, exhausted=batch.exhausted, proven=batch.proven)
            # A window that was begun by an earlier run has pages that were read before this one began.
            began = batch.window.end if batch.window == self._left_over else self._started_at
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

    async def settle(self) -> None:
        """Write the counters that no batch has carried.

        A run may make requests and find nothing new.
        """
        spent = self._spent_since(rows=0, rejected=0)
        if spent == points.Spent() or self._opened.task != "read":
            return
        commit = partial(
            points.commit,
            wrapper_id=self._opened.wrapper.wrapper_id,
            run_id=self._opened.run_id,
            epoch=self._opened.wrapper.control.epoch,
            columns=[],
            checkpoint=None,
            window=None,
            now=self._clock(),
            spent=spent,
        )
        await asyncio.wrap_future(self._database.write(commit))

    def _newly_unread(self, group: Sequence[Batch]) -> tuple[str, ...]:
        """Return all fields of numbers so far that nobody reads, () without news."""
        named = dict.fromkeys(name for batch in group for name in batch.fields_unread)
        new = [name for name in named if name not in self._fields_unread][: MOST_FIELDS - len(self._fields_unread)]
        for name in new:
            self._log.say(
                "WARNING",
                f"The source gives numbers in {printable(name)!r}, which were not there when it was discovered; "
                "nothing of them is stored.",
            )
        self._fields_unread += new
        return tuple(self._fields_unread) if new else ()

    def _spent_since(self, *, rows: int, rejected: int, unread: int = 0, fields: tuple[str, ...] = ()) -> points.Spent:
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
            fields_unread=fields,
        )

    def _log_rejected(self, batch: Batch) -> None:
        for rejected in batch.rejected[: max(0, EXAMPLES - self._reported)]:
            line = f"{row_problems.REJECTED}{printable(rejected.where)}: {printable(rejected.reason)}"
            self._log.say("WARNING", line, LineKind.REJECTED)
        self._reported += len(batch.rejected)

    def _log_withdrawn(self, stored: points.Stored) -> None:
        for series, x, y in stored.withdrawn[: max(0, EXAMPLES - self._withdrawn)]:
            self._log.say(
                "WARNING",
                f"The source gives the point at {iso(x)} of series {printable(series)!r} no more; its value {y!r} "
                "stays stored. GET /resources/{id}/revisions lists it.",
            )
        self._withdrawn += len(stored.withdrawn)


def _unread(batch: Batch) -> int:
    """Return how many rows of a batch gave no point and were not rejected.

    At least: a row may give several points.
    """
    return max(0, batch.rows - batch.rejected_count - sum(map(len, batch.columns)))
