"""The reconciler: makes what is observed follow what is wanted.

It alone starts processes and closes runs.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import StatusCode

from slackwater.errors import NotFound, SlackwaterError, Unavailable
from slackwater.model.instants import DAY, SECOND
from slackwater.model.scrub import Scrubber
from slackwater.pipe.frames import Failed, Fault, Outage
from slackwater.store.engine import space
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import files, runs, wrappers
from slackwater.store.records.files import FileRecord
from slackwater.store.series import points, vintages
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.lifecycle import transitions
from slackwater.supervise.lifecycle.active import Active
from slackwater.supervise.lifecycle.answers import MANY, Activity, crowded
from slackwater.supervise.lifecycle.dispatch import SLOT_SECONDS, TROUBLE_PAUSE, Dispatch
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.rediscovery import Rediscovery
from slackwater.supervise.lifecycle.rules import Rules
from slackwater.supervise.process.child import Exit
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.ingest import Run
from slackwater.supervise.run.job import Task, discovering, reading
from slackwater.supervise.run.outcomes import Ended, Opened
from slackwater.supervise.run.upload import bring
from slackwater.supervise.run.watchdog import TimeLimits

TOLD_RUNS = 100  # wrappers that a node names as being run: a page of them
PURGE_PAUSE = 0.02  # seconds between two bites of a purge, for others to write in

T = TypeVar("T")
log = structlog.get_logger()
tracer = trace.get_tracer("slackwater")


class Reconciler:
    """Carries out the runs that the dispatch hands it, and ends what is not wanted.

    Writes down how each run ended.
    """

    def __init__(
        self,
        database: Database,
        link: ForkServerLink,
        broker: Broker,
        signals: Signals,
        rediscovery: Rediscovery,
        rules: Rules,
        clock: Callable[[], int],
        dispatch: Dispatch,
        own_clock: Callable[[], int] | None = None,
    ) -> None:
        self._database = database
        self._link = link
        self._broker = broker
        self._signals = signals
        self._rediscovery = rediscovery
        self._rules = rules
        self._clock = clock
        self._own_clock = own_clock or clock  # that of the machine, which its processes go by
        self.dispatch = dispatch
        self._active: dict[str, Active] = {}
        self._ended: Counter[tuple[str, str]] = Counter()  # runs by task and outcome
        self._group: asyncio.TaskGroup | None = None  # of the runs, while we work
        self._purge = asyncio.Event()
        self._purge.set()
        self._leaving = False
        self._draining = False

    @property
    def node(self) -> str:
        """The name of this node."""
        return self.dispatch.name

    @property
    def taken(self) -> Collection[str]:
        """The ids of the wrappers that are being run here."""
        return self._active.keys()

    @property
    def free(self) -> int:
        """How many more may be run here; none while the node leaves."""
        return self._rules.max_runs - len(self._active) if self.accepts else 0

    @property
    def accepts(self) -> bool:
        """Whether more may be run here, at once or when a slot is free."""
        return not (self._leaving or self._draining)

    def wake(self) -> None:
        """Look now: something was made due."""
        self.dispatch.wake(everywhere=True)

    def data_was_detached(self) -> None:
        """Delete detached data in the background, a little at a time."""
        self._purge.set()

    def activity(self) -> Activity:
        """Return what was done since the start.

        Ended runs by task and outcome, requests by host and status.
        """
        return Activity(dict(self._ended), self._broker.counts.by_host())

    def occupied(self) -> tuple[int, int, int]:
        """Return how many runs go on, how many may, and how many have a process."""
        runs = [self.running(wrapper_id) for wrapper_id in self._active]
        return len(self._active), self._rules.max_runs, sum(run is not None and run.child is not None for run in runs)

    def state(self) -> dict[str, Any]:
        """Return what this node tells the others of its runs."""
        used, most, processes = self.occupied()
        return {"runs": used, "max_runs": most, "processes": processes, "wrappers": sorted(self._active)[:TOLD_RUNS]}

    def hindrance(self, wrapper_id: str, due_at: int | None, runs_on: Collection[str]) -> str | None:
        """Return why a wrapper does not get on, None while it does.

        `due_at` in µs since the epoch; `runs_on`: the labels that it needs.
        """
        active = self._active.get(wrapper_id)
        if active is not None:
            return active.run.hindrance if active.run is not None else None
        if held := self.dispatch.held(wrapper_id):
            return held
        waits = 0 if due_at is None else (self._clock() - due_at) / SECOND
        if waits > 0 and (lacking := self.dispatch.lacking(runs_on)):
            return lacking
        if waits <= SLOT_SECONDS or len(self._active) < self._rules.max_runs:
            return None
        return (
            f"It has waited for {waits:,.0f} seconds for a free slot: {len(self._active):,} runs go on, as many as may "
            "at once (max_runs)."
        )

    async def pressure(self) -> str | None:
        """Return why wrappers wait for a free slot; None while none waits long."""
        used, total, _ = self.occupied()
        if used < total:
            return None
        since, labels = self._clock() - round(SLOT_SECONDS * SECOND), self.dispatch.labels
        due = partial(wrappers.due, now=since, limit=MANY, labels=labels)
        late = await asyncio.wrap_future(self._database.read(due))
        return crowded(len(late), used, total, self.hindered()) if late else None

    def hindered(self) -> int:
        """Return how many runs do not get on."""
        return sum(each.run is not None and each.run.hindrance is not None for each in self._active.values())

    @property
    def stop_deadline(self) -> float:
        """Seconds until a stop is given up for now."""
        return self._rules.deadline

    def running(self, wrapper_id: str) -> Run | None:
        """Return the run of a wrapper whose process lives, if there is one here."""
        active = self._active.get(wrapper_id)
        return active.run if active else None

    async def recover(self) -> None:
        """Finish what the last life of the service left open. Call once, before anything else."""
        await self.dispatch.recover()

    async def work(self) -> None:
        """Reconcile until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self._purge_detached())
            group.create_task(self._forget_vintages())
            await self.dispatch.work(self)

    def begin(self, wrapper_id: str) -> None:
        """Run a wrapper, if it is due when its run is opened."""
        if not self.accepts or wrapper_id in self._active:
            return
        assert self._group is not None
        # Entered before its run is opened: a stop that comes between the two must find it.
        active = self._active[wrapper_id] = Active()
        active.task = self._group.create_task(self._perform(wrapper_id, active))

    async def end(self, wrapper_id: str) -> bool:
        """End the process of a wrapper, if it has one here.

        False when it is not gone by the deadline.
        """
        active = self._active.get(wrapper_id)
        if active is None:
            return True
        active.stop()
        done, _ = await asyncio.wait({active.task}, timeout=self._rules.deadline)
        return bool(done)

    def signal(self, wrapper_id: str) -> None:
        """Begin to end the process of a wrapper, if it has one here."""
        if active := self._active.get(wrapper_id):
            active.stop()

    def interrupt(self, *, for_good: bool) -> None:
        """Begin to end all runs as interrupted; `for_good`: and begin no more."""
        self._draining = self._draining or for_good
        for active in self._active.values():
            active.interrupted = True
            active.stop()

    async def leave(self, within: float) -> None:
        """End every process because the service stops.

        The runs are closed as interrupted, to be resumed.
        """
        self._leaving = True
        tasks = {active.task for active in self._active.values()}
        for active in self._active.values():
            active.stop()
        if not tasks:
            return
        _, left = await asyncio.wait(tasks, timeout=within / 2)
        for active in self._active.values():
            if active.run is not None and active.run.child is not None:
                active.run.child.kill()
        if left:
            await asyncio.wait(left, timeout=within / 2)

    async def perform(self, wrapper_id: str) -> None:
        """Run a wrapper, if it is due when its run is opened, to its end."""
        self.begin(wrapper_id)
        if active := self._active.get(wrapper_id):
            await asyncio.wait({active.task})

    def make_way(self) -> None:
        """End the run that has made no progress for longest.

        If there is one, for those who wait for a slot.
        """
        runs = [each.run for each in self._active.values() if each.run is not None and each.run.idle]
        if runs:
            max(runs, key=lambda run: run.idle).give_way()

    async def _perform(self, wrapper_id: str, active: Active) -> None:
        opened: Opened | None = None
        try:
            opened = await self._write(partial(self._open, wrapper_id=wrapper_id))
            if opened is not None:
                self._signals.changed(wrapper_id)
                await self._traced(opened, active)
        except NotFound:  # deleted meanwhile
            return
        except Exception as error:  # noqa: BLE001 - a run's outer edge: the trouble of one must not end them all
            log.error("a run could not be handled", wrapper_id=wrapper_id, error=str(error) or repr(error))
            await asyncio.sleep(TROUBLE_PAUSE)  # it is still due: without the pause it would be tried without end
        finally:
            del self._active[wrapper_id]
            if opened is not None:
                self._signals.changed(wrapper_id)
                self.dispatch.wake()
            else:
                self.dispatch.freed()

    async def _traced(self, opened: Opened, active: Active) -> None:
        ids = {"slackwater.wrapper_id": opened.wrapper.wrapper_id, "slackwater.run_id": opened.run_id}
        with tracer.start_as_current_span("run", Context(), attributes={**ids, "slackwater.task": opened.task}) as span:
            ended = await self._outcome(opened, active)
            if active.interrupted and ended.verdict is None:
                ended = replace(ended, interrupted=True)
            if outcome := await self._close_in_the_end(opened, ended):
                self._ended[opened.task, outcome] += 1
            if isinstance(ended.verdict, Failed):
                span.set_status(StatusCode.ERROR, type(ended.verdict).__name__.lower())

    async def _close_in_the_end(self, opened: Opened, ended: Ended) -> str | None:
        """Store how a run has ended, however long the store refuses; return its outcome.

        None when that is not known.

        An open run keeps its wrapper from going on.

        A stop that comes meanwhile closes the run itself, and the next start of the service what is left.
        """
        while True:
            try:
                return await self._write(partial(self._close, opened=opened, ended=ended))
            except (Unavailable, OSError) as error:
                log.error(
                    "the end of a run cannot be stored yet", wrapper_id=opened.wrapper.wrapper_id, error=str(error)
                )
            if self._leaving:
                return None
            await asyncio.sleep(TROUBLE_PAUSE)

    async def _outcome(self, opened: Opened, active: Active) -> Ended:
        try:
            return await self._run(opened, active)
        except Exception as error:  # noqa: BLE001 - whatever went wrong becomes the run's outcome: it must not stay open
            log.error("a run has failed inside the service", wrapper_id=opened.wrapper.wrapper_id, error=repr(error))
            return Ended(Outage(message=f"The service failed: {error or repr(error)}"), Exit())

    async def _run(self, opened: Opened, active: Active) -> Ended:
        scrub = Scrubber.for_messages(opened.wrapper.definition.source_config)
        with self._rules.redactor.knowing(scrub):
            return await self._run_scrubbed(opened, active, scrub)

    async def _run_scrubbed(self, opened: Opened, active: Active, scrub: Scrubber) -> Ended:
        try:
            task, file = await asyncio.wrap_future(self._database.read(partial(self._task, opened=opened)))
            await bring(self._database, self._rules.terms, file)
        except Unavailable as error:
            return Ended(Outage(message=str(error)), Exit())
        except (SlackwaterError, ValueError) as error:
            return Ended(Fault(message=scrub(str(error))), Exit())
        active.run = run = Run(
            opened,
            task,
            link=self._link,
            database=self._database,
            broker=self._broker,
            clock=self._own_clock,
            grace=self._rules.grace,
            limits=self._time_limits(opened.wrapper.definition.source_config),
            kept_lines=self._rules.kept_lines,
            changed=partial(self._signals.changed, opened.wrapper.wrapper_id),
        )
        if active.stopped:
            run.stop()
        ended = await run.perform()
        # A discovery that is stopped before all was tried has no result yet: it is resumed, or wanted no more.
        cut_off = ended if opened.task == "read" else replace(ended, verdict=None)
        return await active.aside(self._rediscovery.after(opened, task, ended), otherwise=cut_off)

    def _time_limits(self, config: dict[str, Any]) -> TimeLimits:
        ours = self._rules.time_limits
        return TimeLimits(stall=config.get("stall_seconds", ours.stall), run=config.get("run_seconds", ours.run))

    def _open(self, c: Connection, wrapper_id: str) -> Opened | None:
        now = self._clock()
        if not wrappers.seems_due(c, wrapper_id, now):
            return None  # a job that came twice: nothing is locked, so nothing has to be committed
        self.dispatch.check(c)
        runs.forget_old(c, wrapper_id, self._rules.kept_runs)
        return transitions.open_run(c, wrapper_id, now, self.node, self.dispatch.labels)

    def _close(self, c: Connection, opened: Opened, ended: Ended) -> str | None:
        if self._leaving and ended.verdict is None:
            ended = Ended(None, ended.exit, interrupted=True, rows_total=ended.rows_total)
        closed = transitions.close_run(c, opened, ended, self._clock(), self._rules.patience)
        return closed and closed[1]

    def _task(self, c: Connection, opened: Opened) -> tuple[Task, FileRecord | None]:
        record = opened.wrapper
        definition = record.definition
        file = files.get(c, definition.source_config["file_id"]) if definition.source_type.is_file else None
        if opened.task == "discover":
            return discovering(record, file, self._rules.terms), file
        return reading(record, file, self._rules.terms, opened.frontier), file

    async def _purge_detached(self) -> None:
        while True:
            await self._purge.wait()
            self._purge.clear()
            try:
                while await asyncio.wrap_future(self._database.write(points.purge)):  # noqa: ASYNC110 - not a wait
                    await asyncio.sleep(PURGE_PAUSE)
                while await asyncio.wrap_future(self._database.write(space.give_back)):  # noqa: ASYNC110 - not a wait
                    await asyncio.sleep(PURGE_PAUSE)
            except Unavailable as error:
                log.error("detached data cannot be deleted yet", error=str(error))
                self._purge.set()
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _forget_vintages(self) -> None:
        """Delete what is kept of replaced values beyond the setting, once a day."""
        while days := self._rules.vintage_days:
            after: int | None = 0
            with contextlib.suppress(Unavailable):
                while after is not None:
                    forget = partial(vintages.forget_before, moment=self._clock() - days * DAY, after=after)
                    after = await asyncio.wrap_future(self._database.write(forget))
                    await asyncio.sleep(PURGE_PAUSE)
            await asyncio.sleep(DAY / SECOND)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._database.write(work, urgent=True))
