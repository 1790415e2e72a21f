"""Looks at all sources from time to time.

Notes what has gone wrong, and what is well again.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import structlog

from slackwater.alerts.deliver import Sender
from slackwater.alerts.outbox import Outbox
from slackwater.model.alerts import Kind, News, Seen, troubles
from slackwater.model.events import Change
from slackwater.model.status import Status
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import alerts, event_tail, overview

AT_ONCE = 500  # events of a read; chosen: one short transaction
REST = 9  # times as long as a look took nobody looks: with very many sources it must not become all that is done

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def alerting(
    database: Database,
    sender: Sender,
    clock: Callable[[], int],
    *,
    every: float,
    retry_seconds: float,
    leads: Callable[[], bool] = lambda: True,
) -> AsyncIterator[None]:
    """Watch and tell while the block runs; `every` so many seconds, 0 for never.

    `leads` says whether this node is the one of several that does it.
    """
    if not every:
        yield
        return
    position = await asyncio.wrap_future(database.read(event_tail.newest))
    watch, outbox = Watch(database, clock, position, leads), Outbox(database, sender, clock, retry_seconds, leads)
    tasks = [asyncio.create_task(watch.keep_on(every)), asyncio.create_task(outbox.keep_on())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Watch:
    """Compares what is wrong now with what was wrong at the last look."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        position: event_tail.Position,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._clock = clock
        self._position = position
        self._leads = leads

    async def keep_on(self, every: float) -> None:
        """Look again and again.

        A failed look is reported, and the next one tries again.
        """
        loop, took = asyncio.get_running_loop(), 0.0
        while True:
            await asyncio.sleep(max(every, took * REST))
            began = loop.time()
            try:
                if self._leads():
                    await self.look()
                else:  # what another node tells, we tell no more when we lead
                    _, self._position = await asyncio.wrap_future(self._database.read(self._events))
            except Exception as error:  # noqa: BLE001 - a store that is busy now is read at the next look
                log.warning("the sources cannot be checked for alerts", error=str(error) or repr(error))
            took = loop.time() - began

    async def look(self) -> None:
        """Look once. Judging is done on a thread that reads.

        Only what has changed is written.
        """
        news, closed, position = await asyncio.wrap_future(self._database.read(self._judged))
        if news or closed:
            await asyncio.wrap_future(self._database.write(partial(_write, news=news, closed=closed)))
        self._position = position

    def _events(self, c: Connection) -> tuple[list[event_tail.LoggedEvent], event_tail.Position]:
        return event_tail.read(c, self._position, AT_ONCE, self._clock())

    def _judged(self, c: Connection) -> tuple[list[News], list[tuple[int, int]], event_tail.Position]:
        now, open_now = self._clock(), alerts.open_alerts(c)
        news: list[News] = []
        silent: set[str] = set()
        seen: set[str] = set()
        for line in overview.all_lines(c):
            seen.add(line.wrapper_id)
            before = frozenset(kind for kind in Kind if (line.wrapper_id, kind) in open_now)
            wrong = troubles(_seen(line), now, before)
            if line.status is Status.STOPPED:
                silent.add(line.wrapper_id)
                continue
            news_of = partial(News, wrapper_id=line.wrapper_id, name=line.name, at=now)
            news += [
                news_of(kind=kind, recovered=False, message=words)
                for kind, words in wrong.items()
                if kind not in before
            ]
            news += [
                news_of(kind=kind, recovered=True, message=open_now[line.wrapper_id, kind].message)
                for kind in before
                if kind not in wrong
            ]
        closed = [(each.alert_id, now) for (one, _), each in open_now.items() if one in silent or one not in seen]
        events, position = self._events(c)
        news += [_changed(event) for event in events if event.kind == Change.REDISCOVERED]
        return news, closed, position


def _write(c: Connection, news: list[News], closed: list[tuple[int, int]]) -> None:
    if closed:
        alerts.close(c, [alert_id for alert_id, _ in closed], closed[0][1])
    if news:
        alerts.record(c, news, _new_ids())


def _new_ids() -> Iterator[str]:
    while True:
        yield str(uuid.uuid4())


def _changed(event: event_tail.LoggedEvent) -> News:
    return News(
        wrapper_id=event.wrapper_id,
        name=event.name,
        kind=Kind.SCHEMA_CHANGED,
        recovered=False,
        message="Its source answers differently; its module was generated again, see its log.",
        at=event.at,
    )


def _seen(line: overview.WrapperLine) -> Seen:
    last = line.last_run
    return Seen(
        wrapper_id=line.wrapper_id,
        name=line.name,
        status=line.status,
        error_message=line.error_message,
        backfill_done=line.backfill_done,
        newest=line.high_water_mark,
        allowed_age=line.freshness.allowed_age(line.period) if line.freshness.advances else None,
        outcome=last.outcome if last else None,
        rejected=last.points_rejected if last else 0,
        rows=last.rows_processed if last else 0,
    )
