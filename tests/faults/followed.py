"""A wrapper that follows a source, in a service in the test's own process; a clock on which weeks pass in seconds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import clocks_set
import msgspec
import twisted

from slackwater import workbench
from slackwater.model.instants import SECOND
from slackwater.model.source.config import ApiConfig
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.settings import Settings
from slackwater.store.records import wrappers
from slackwater.store.series import readings
from slackwater.supervise.process import fork_server_link
from sources import Answer, Endpoint, Feed, Recorded, Route, SourceServer


class Followed:
    """A wrapper that follows a source, in a service in the test's own process."""

    def __init__(self, bench: workbench.Workbench, wrapper_id: str, feed: Feed, endpoint: Endpoint) -> None:
        self.bench, self.wrapper_id, self.feed, self.endpoint = bench, wrapper_id, feed, endpoint

    async def rested(self, polls: int) -> Any:
        async with asyncio.timeout(60):
            while True:
                record = await self.record()
                assert record.control.status != "error", record.control.error_message
                resting = self.bench.reconciler.running(self.wrapper_id) is None and record.control.due_at is not None
                if record.counters.poll_count >= polls and resting and record.marks.checkpoint.backfill_done:
                    return record
                await asyncio.sleep(0.01)

    async def record(self) -> Any:
        return await asyncio.wrap_future(self.bench.database.read(partial(wrappers.get, wrapper_id=self.wrapper_id)))

    async def poll(self) -> int:
        """Let the next poll come now; return the requests that it made."""
        before = await self.rested(0)
        made = len(self.endpoint.requests)
        now = workbench.now()
        await asyncio.wrap_future(
            self.bench.database.write(
                lambda c: wrappers.update(
                    c, wrappers.get(c, self.wrapper_id), now=now, due_at=now, **self._without_deep(before)
                )
            )
        )
        self.bench.reconciler.wake()
        await self.rested(before.counters.poll_count + 1)
        return len(self.endpoint.requests) - made

    deep = False

    def _without_deep(self, record: Any) -> dict[str, Any]:
        return {"freshness": msgspec.structs.replace(record.marks.freshness, deep_at=None)} if self.deep else {}

    async def let_pass(self, clock: "FastClock", span: int, publish: Callable[[int], None]) -> list[int]:
        """Let a span of µs pass, poll by poll as they are due; return the requests that each poll made.

        `publish` is told the moment of each poll just before it, for the source to have what it has then.
        """
        until, made = workbench.now() + span, []
        while (record := await self.rested(0)).control.due_at <= until:
            due = record.control.due_at + SECOND
            publish(due)
            before = len(self.endpoint.requests)
            clock.set_to(due)
            self.bench.reconciler.wake()
            await self.rested(record.counters.poll_count + 1)
            made.append(len(self.endpoint.requests) - before)
        return made

    async def stored(self) -> dict[str, dict[int, float]]:
        def read(c: Any) -> dict[str, dict[int, float]]:
            found: dict[str, dict[int, float]] = {}
            for name in readings.series_names(c, owner=self.wrapper_id):
                found[name] = {}
            rows = c.exec_driver_sql(
                "SELECT series.name, x, y FROM points JOIN series USING (series_id) WHERE owner = ?", (self.wrapper_id,)
            )
            for name, x, y in rows:
                found[name][x] = y
            return found

        return await asyncio.wrap_future(self.bench.database.read(read))

    async def is_complete(self) -> None:
        held = {name: points for name, points in self.feed.points().items() if points}
        stored = await self.stored()
        assert {name: sorted(points) for name, points in stored.items()} == {
            name: sorted(points) for name, points in held.items()
        }
        assert stored == held


@contextlib.asynccontextmanager
async def following(
    directory: Path, feed: Feed, periodicity: str, schedule: str | None = None, route: Route | None = None, **shape: Any
) -> AsyncIterator[Followed]:
    """Follow a feed, served in a shape or by a route, once its history is in and found to be complete."""
    settings = Settings(
        data_dir=directory / "data", allow_private_sources=True, retry_base_seconds=0.01, log_level="error"
    )
    with SourceServer() as source:
        endpoint = source.serve("/v1/levels", feed, **shape)
        url = endpoint.url if route is None else source.route("/v1/now", _recorded(endpoint, route))
        async with workbench.Workbench.open(settings) as bench:
            made = await bench.lifecycle.generate(
                source_type=SourceType.API,
                config=ApiConfig(location=url, series_field=shape.get("series_field"), schedule=schedule),
                metadata=Metadata(name="late", periodicity=periodicity),
            )
            followed = Followed(bench, made.wrapper_id, feed, endpoint)
            await followed.rested(1)
            await followed.is_complete()
            yield followed


def _recorded(endpoint: Endpoint, route: Route) -> Route:
    def answer(request: Recorded) -> Answer:
        endpoint.requests.append(request)
        return route(request)

    return answer


class FastClock:
    """The clock of this process, its fork server and all wrapper processes: it is set, and goes on from there."""

    def __init__(self, path: Path) -> None:
        self._clock = clocks_set.Clock(path)

    def set_to(self, moment: int) -> None:
        """Set it to a moment, in µs since the epoch."""
        self._clock.set(self._clock.ahead + (moment - workbench.now()) / SECOND)


@contextlib.contextmanager
def fast_clock(path: Path) -> Iterator[FastClock]:
    """Let all that is started inside follow a clock that can be set."""
    before = time.time, time.time_ns, workbench.PRELOAD, fork_server_link.subprocess
    clock = FastClock(path)
    clocks_set.follow(str(path))
    twisted._pass_on(str(path))
    try:
        yield clock
    finally:
        time.time, time.time_ns, workbench.PRELOAD, fork_server_link.subprocess = before
