"""The use cases: generate, execute, stop, regenerate and the rest.

They write what is wanted, then wait to see it.
"""

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from opentelemetry import trace

from slackwater.errors import Conflict, NotFound, Unavailable
from slackwater.model.instants import SECOND
from slackwater.model.source.config import ApiConfig, FileConfig, parse_config
from slackwater.model.source.identity import identity
from slackwater.model.source.secrets import unmasked
from slackwater.model.status import ENDED
from slackwater.model.wrapper import Control, Definition, Marks, Metadata, SourceType, WantedState, WrapperRecord
from slackwater.pipe.frames import Found, Inspected, Measure
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import files, runs, wrappers
from slackwater.supervise.lifecycle import transitions, wanted_state
from slackwater.supervise.lifecycle.answers import BUSY, Activity, Executed, Slots, Stopped, Vitals, executed, vitals_of
from slackwater.supervise.lifecycle.discoveries import Discovery
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.reconciler import Reconciler
from slackwater.supervise.run.file_inspection import Inspector
from slackwater.supervise.run.job import check_location, check_module
from slackwater.supervise.run.trials import Trials

STORE_SECONDS = 1.0  # for the store to take a stop, before the process is signalled all the same; it takes milliseconds

T = TypeVar("T")
tracer = trace.get_tracer("slackwater")


class Lifecycle:
    """What people can do with wrappers. One use case of a wrapper at a time.

    Many wrappers at once.
    """

    def __init__(
        self,
        database: Database,
        reconciler: Reconciler,
        signals: Signals,
        inspector: Inspector,
        trials: Trials,
        clock: Callable[[], int],
    ) -> None:
        self.ready = False
        self.confinement: dict[str, Measure] = {}  # by name; found out at start
        self._database = database
        self._reconciler = reconciler
        self._signals = signals
        self._inspector = inspector
        self._trials = trials
        self._clock = clock
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stops: dict[str, asyncio.Task[Stopped]] = {}

    async def generate(
        self,
        *,
        source_type: SourceType,
        config: FileConfig | ApiConfig,
        metadata: Metadata,
        auto_create_resource: bool = True,
        discovery: Discovery | None = None,
        runs_on: tuple[str, ...] = (),
    ) -> WrapperRecord:
        """Store a new wrapper; its generation and first execution go on in the background.

        With a `discovery` its module is taken as it was approved, and the first execution is at once.

        NotFound("File") when the file is unknown, BadInput when it is not one that can be read.
        """
        now = self._clock()
        form = config.model_dump(exclude_none=True)
        record = WrapperRecord(
            wrapper_id=str(uuid.uuid4()),
            definition=Definition(
                source_type=source_type,
                source_config=form,
                metadata=metadata.model_dump(),
                auto_create_resource=auto_create_resource,
                identity=identity(form),
                runs_on=runs_on,
            ),
            control=Control(due_at=now),
            marks=Marks(created_at=now, updated_at=now),
        )

        def store(c: Connection) -> WrapperRecord:
            self._check_file(c, record)
            if isinstance(config, ApiConfig):
                check_location(config)
            requested = wanted_state.request_generate(c, record)
            if discovery is None or not isinstance(discovery.returned.verdict, Found):
                return requested
            return wanted_state.take_discovery(c, requested, discovery.returned.verdict, discovery.origin)

        stored = await self._write(store)
        self._reconciler.wake()
        return stored

    async def execute(self, wrapper_id: str, *, wait: float) -> Executed:
        """Start, restart or resume a wrapper and wait for its run's end.

        At most `wait` seconds.

        NotFound, or BadInput with the reason why it cannot run.
        """
        began = self._clock()
        async with self._turn(wrapper_id):

            def request(c: Connection) -> tuple[WrapperRecord, bool]:
                self._check_file(c, wrappers.get(c, wrapper_id))
                return wanted_state.request_execute(c, wrapper_id, self._clock())

            record, started = await self._write(request)
        self._reconciler.wake()
        return await self._result(record, began, wait, started=started)

    async def stop(self, wrapper_id: str) -> Stopped:
        """Stop a wrapper. Concurrent stops of one wrapper share one answer.

        Promise: when this returns success, no process of the wrapper is alive and nothing of its run will ever be
        stored. It goes on to its end even when the caller has hung up.
        """
        stop = self._stops.get(wrapper_id)
        if stop is None:
            stop = self._stops[wrapper_id] = asyncio.create_task(self._stop_in_turn(wrapper_id))
            stop.add_done_callback(partial(self._stop_is_over, wrapper_id))
        return await asyncio.shield(stop)

    async def regenerate(self, wrapper_id: str) -> WrapperRecord:
        """Stop a wrapper, delete its data and checkpoint, generate it anew."""
        async with self._turn(wrapper_id):
            await self._must_stop(wrapper_id)

            def request(c: Connection) -> WrapperRecord:
                self._check_file(c, wrappers.get(c, wrapper_id))
                wanted_state.request_regenerate(c, wrapper_id, self._clock())
                return wrappers.get(c, wrapper_id)

            record = await self._write(request)
        self._reconciler.data_was_detached()
        self._reconciler.wake()
        return record

    async def patch(
        self,
        wrapper_id: str,
        *,
        metadata: dict[str, Any] | None = None,
        source_config: dict[str, Any] | None = None,
        generated_code: str | None = None,
        runs_on: tuple[str, ...] | None = None,
    ) -> WrapperRecord:
        """Change a wrapper that does not run.

        What is not sent stays, and a secret sent as `********`.

        Conflict while it runs, BadInput for a module that is no Python, ValidationError for a malformed field.
        """
        if generated_code is not None:
            check_module(generated_code)
        async with self._turn(wrapper_id):

            def change(c: Connection) -> WrapperRecord:
                record = wanted_state.idle(c, wrapper_id)
                merged = (
                    None
                    if metadata is None
                    else Metadata.model_validate(record.definition.metadata | metadata).model_dump()
                )
                config = None if source_config is None else self._merged_config(c, record, source_config)
                wanted_state.change_definition(
                    c,
                    wrapper_id,
                    self._clock(),
                    metadata=merged,
                    source_config=config,
                    generated_code=generated_code,
                    runs_on=runs_on,
                )
                return wrappers.get(c, wrapper_id)

            return await self._write(change)

    async def delete(self, wrapper_id: str) -> None:
        """Stop a wrapper and remove it with its runs and logs.

        Its resource and data stay.
        """
        async with self._turn(wrapper_id):
            await self._must_stop(wrapper_id)
            await self._write(partial(wanted_state.delete, wrapper_id=wrapper_id))
        self._turns.pop(wrapper_id, None)
        self._signals.changed(wrapper_id)

    async def delete_resource_and_data(self, resource_id: str, wrapper_id: str) -> None:
        """Hide a resource and delete its data, once its wrapper is stopped.

        The space comes back in the background.

        Conflict when the wrapper cannot be stopped in time, or another resource shows the same data.
        """
        async with self._turn(wrapper_id):
            with contextlib.suppress(NotFound):  # the wrapper was deleted before
                await self._must_stop(wrapper_id)
            delete = partial(wanted_state.delete_resource_and_data, resource_id=resource_id, now=self._clock())
            await self._write(delete)
        self._reconciler.data_was_detached()
        self._signals.changed(wrapper_id)

    async def replace_checkpoint(self, wrapper_id: str, form: dict[str, Any]) -> WrapperRecord:
        """Rewind or skip ahead; what equals the checkpoint changes nothing.

        Conflict while the wrapper runs or for a stale version, BadInput for a form that is no checkpoint.
        """
        async with self._turn(wrapper_id):

            def change(c: Connection) -> WrapperRecord:
                now = self._clock()
                record = wanted_state.idle(c, wrapper_id)
                fresh = record.marks.checkpoint.edited(form, now=now)
                if fresh == record.marks.checkpoint:
                    return record
                wanted_state.change_checkpoint(c, wrapper_id, fresh, now)
                return wrappers.get(c, wrapper_id)

            return await self._write(change)

    async def reset_checkpoint(self, wrapper_id: str) -> WrapperRecord:
        """Start over: forget what was read. The stored points stay; Conflict while the wrapper runs."""
        async with self._turn(wrapper_id):

            def change(c: Connection) -> WrapperRecord:
                wanted_state.change_checkpoint(c, wrapper_id, None, self._clock())
                return wrappers.get(c, wrapper_id)

            return await self._write(change)

    async def inspect(self, path: Path, file_name: str) -> Inspected:
        """Look at an uploaded file in a process of its own."""
        return await self._inspector.inspect(path, file_name)

    @property
    def leaving(self) -> bool:
        """Whether the service stops; whoever watches a wrapper should come to an end."""
        return self._signals.closed

    def watching(self, wrapper_id: str) -> AbstractContextManager[asyncio.Event]:
        """Give an event that is set whenever something of the wrapper may have changed.

        Clear it before you look.
        """
        return self._signals.listening(wrapper_id)

    async def leave(self, within: float) -> None:
        """End every process because the service stops, then everybody's watching; safe to call twice."""
        await asyncio.gather(self._reconciler.leave(within), self._trials.leave(within))
        self._signals.close()

    def slots(self) -> Slots:
        """Return how busy this node is."""
        used, total, processes = self._reconciler.occupied()
        return Slots(self._reconciler.node, self.ready, used, total, processes)

    def activity(self) -> Activity:
        """Return what this node has done since its start."""
        return self._reconciler.activity()

    async def pressure(self) -> str | None:
        """Return why wrappers wait for a free slot; None while none waits long."""
        return await self._reconciler.pressure()

    def stopping(self, record: WrapperRecord) -> bool:
        """Return whether a wrapper's stop is wanted and not done."""
        if record.idle:
            return False
        return record.wrapper_id in self._stops or record.control.wanted is WantedState.STOPPED

    def hindrance(self, wrapper_id: str, due_at: int | None, runs_on: Collection[str]) -> str | None:
        """Return in a sentence why a wrapper does not get on; None while it does."""
        return self._reconciler.hindrance(wrapper_id, due_at, runs_on)

    def vitals(self, wrapper_id: str) -> Vitals | None:
        """Return what can be seen of the wrapper's process, None when it has none."""
        run = self._reconciler.running(wrapper_id)
        return None if run is None else vitals_of(run, self._clock())

    def _stop_is_over(self, wrapper_id: str, stop: "asyncio.Task[Stopped]") -> None:
        self._stops.pop(wrapper_id, None)
        if not stop.cancelled():
            stop.exception()  # its caller may have hung up: then nobody else would ask for it

    async def _stop_in_turn(self, wrapper_id: str) -> Stopped:
        with tracer.start_as_current_span("stop", attributes={"slackwater.wrapper_id": wrapper_id}) as span:
            async with self._turn(wrapper_id):
                stopped = await self._stop(wrapper_id)
            span.set_attribute("slackwater.success", stopped.success)
            return stopped

    async def _stop(self, wrapper_id: str) -> Stopped:
        writing = asyncio.ensure_future(
            self._write(partial(wanted_state.request_stop, wrapper_id=wrapper_id, now=self._clock()))
        )
        await asyncio.wait({writing}, timeout=STORE_SECONDS)
        if not writing.done():
            self._reconciler.signal(wrapper_id)  # a store that is locked must not keep the process alive
        try:
            record = await writing
        except Unavailable:
            self._reconciler.signal(wrapper_id)  # nor one that refuses; what it has not taken is not answered as done
            raise
        ends = self._reconciler.end(wrapper_id), self._trials.end(wrapper_id, self._reconciler.stop_deadline)
        gone = all(await asyncio.gather(*ends))
        gone = gone and await self._reconciler.dispatch.over_elsewhere(wrapper_id, self._reconciler.stop_deadline)
        if gone and record.control.status not in ENDED:
            record = await self._read(partial(wrappers.get, wrapper_id=wrapper_id, with_log=False))
        if gone and record.control.status not in ENDED:
            record = await self._write(partial(transitions.observe_stop, wrapper_id=wrapper_id, now=self._clock()))
        self._signals.changed(wrapper_id)
        return Stopped(wrapper_id, success=gone and record.control.status in ENDED)

    async def _must_stop(self, wrapper_id: str) -> None:
        if not (await self._stop(wrapper_id)).success:
            raise Conflict("The wrapper could not be stopped in time; try again")

    async def _result(self, record: WrapperRecord, began: int, wait: float, *, started: bool) -> Executed:
        """Wait for the end of an execution's run, and return how it went."""
        wrapper_id, deadline = record.wrapper_id, asyncio.get_running_loop().time() + wait

        def look(c: Connection) -> tuple[WrapperRecord, runs.RunRecord | None]:
            return wrappers.get(c, wrapper_id, with_log=False), runs.last(c, wrapper_id, epoch=record.control.epoch)

        with self._signals.listening(wrapper_id) as changed:
            while True:
                changed.clear()
                try:
                    current, run = await self._read(look)
                except NotFound:
                    return Executed(wrapper_id, False, "Wrapper was deleted", None, self._seconds(began))
                seconds = self._seconds(began)
                if answer := executed(current, record.control.epoch, run, seconds, started=started):
                    return answer
                try:
                    async with asyncio.timeout_at(deadline):
                        await changed.wait()
                except TimeoutError:
                    sent = run.points_received if run else 0
                    return Executed(wrapper_id, True, BUSY, sent, self._seconds(began))

    def _seconds(self, began: int) -> float:
        return round((self._clock() - began) / SECOND, 3)

    def _merged_config(self, c: Connection, record: WrapperRecord, sent: dict[str, Any]) -> dict[str, Any]:
        form = record.definition.source_config | unmasked(sent, record.definition.source_config)
        form = {name: value for name, value in form.items() if value is not None}
        config = parse_config(record.definition.source_type, form)
        if isinstance(config, FileConfig):
            files.usable(c, config.file_id, record.definition.source_type)
        else:
            check_location(config)
        return config.model_dump(exclude_none=True)

    @staticmethod
    def _check_file(c: Connection, record: WrapperRecord) -> None:
        if record.definition.source_type.is_file:
            files.usable(c, record.definition.source_config["file_id"], record.definition.source_type)

    def _turn(self, wrapper_id: str) -> AbstractAsyncContextManager[None]:
        return self._turns[wrapper_id]

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._database.read(work))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._database.write(work, urgent=True))
