"""Writes what happens to wrappers into the service log, each event once and in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial

import structlog

from slackwater.model.status import Status
from slackwater.store.engine.database import Database
from slackwater.store.records import event_tail

LOOK_SECONDS = 1.0  # between two looks: the delay of a line, and one indexed read a second while nothing happens
AT_ONCE = 500  # events of a read; chosen: one short transaction

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def logged_events(database: Database, clock: Callable[[], int]) -> AsyncIterator[None]:
    """Log the events of all wrappers while the block runs, its last ones too."""
    position = await asyncio.wrap_future(database.read(event_tail.newest))
    tail = _Tail(database, clock, position)
    task = asyncio.create_task(tail.keep_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await tail.catch_up()


class _Tail:
    def __init__(self, database: Database, clock: Callable[[], int], position: event_tail.Position) -> None:
        self._database = database
        self._clock = clock
        self._position = position

    async def keep_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.catch_up()
            except Exception as error:  # noqa: BLE001 - a store that is busy now is read at the next look
                log.warning("the events of the wrappers cannot be read", error=str(error) or repr(error))

    async def catch_up(self) -> None:
        while True:
            found, self._position = await asyncio.wrap_future(
                self._database.read(partial(event_tail.read, position=self._position, limit=AT_ONCE, now=self._clock()))
            )
            for event in found:
                _write(event)
            if len(found) < AT_ONCE:
                return


def _write(event: event_tail.LoggedEvent) -> None:
    write = {Status.ERROR.value: log.error, Status.RETRYING.value: log.warning}.get(event.status, log.info)
    write(event.text, wrapper_id=event.wrapper_id, wrapper=event.name, status=event.status, run_id=event.run_id)
