"""Sources that publish late are followed: what lies after the newest point is not covered, however empty it was."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slackwater import workbench
from slackwater.model.config import ApiConfig
from slackwater.model.instants import DAY, HOUR, MINUTE
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.settings import Settings
from slackwater.store.records import wrappers
from slackwater.store.series import readings
from sources import Endpoint, Feed, SourceServer


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
async def following(directory: Path, feed: Feed, periodicity: str, **shape: Any) -> AsyncIterator[Followed]:
    settings = Settings(
        data_dir=directory / "data", allow_private_sources=True, retry_base_seconds=0.01, log_level="error"
    )
    with SourceServer() as source:
        endpoint = source.serve("/v1/levels", feed, **shape)
        async with workbench.Workbench.open(settings) as bench:
            made = await bench.lifecycle.generate(
                source_type=SourceType.API,
                config=ApiConfig(location=endpoint.url, series_field=shape.get("series_field")),
                metadata=Metadata(name="late", periodicity=periodicity),
            )
            followed = Followed(bench, made.wrapper_id, feed, endpoint)
            await followed.rested(1)
            await followed.is_complete()
            yield followed


def hours(until: int, count: int, series: str = "value", step: int = HOUR) -> list[tuple[int, float, str]]:
    return [(until - step * n, float(n % 97), series) for n in range(count)]


SHAPES = {
    "time filter": {"time_filter": ("from", "to")},
    "pages and time filter": {"paging": "offset", "page_size": 50, "time_filter": ("from", "to")},
    "no time filter": {"paging": "offset", "page_size": 50},
}


@pytest.mark.parametrize("delay", [1, 24, 40])
@pytest.mark.parametrize("kind", SHAPES)
async def test_what_is_published_late_is_stored(tmp_path: Path, kind: str, delay: int) -> None:
    newest = time.time_ns() // 1000 // HOUR * HOUR - delay * HOUR
    async with following(tmp_path, Feed(hours(newest, 300)), "hourly", **SHAPES[kind]) as followed:
        for n in range(3):
            published = newest - 0 + (4 * n + 4) * HOUR
            followed.feed.extend(
                (x, 7.0, "value") for x in range(newest + (4 * n + 1) * HOUR, published + 1, HOUR) if x < _now()
            )
            requests = await followed.poll()
            await followed.is_complete()
            if kind == "time filter":
                assert requests <= 2


async def test_series_that_lag_one_another_lose_nothing(tmp_path: Path) -> None:
    """One series to the minute, one by three days: both advance, and later polls need no deep look."""
    now = _now() // MINUTE * MINUTE
    prompt, slow = now - 2 * MINUTE, now - 3 * DAY
    feed = Feed([*hours(prompt, 400, "a", MINUTE), *hours(slow, 400, "b", MINUTE)])
    async with following(tmp_path, feed, "1m", time_filter=("from", "to"), series_field="station") as followed:
        followed.deep = True
        for n in range(1, 4):
            feed.extend([(slow + n * MINUTE, 1.0, "b")])
            await followed.poll()
            await followed.is_complete()
            followed.deep = False  # it has been seen to advance: it is live now


async def test_a_dead_station_makes_no_poll_long(tmp_path: Path) -> None:
    now = _now() // HOUR * HOUR
    feed = Feed([*hours(now - HOUR, 300, "a"), *hours(now - 300 * DAY, 300, "dead")])
    async with following(tmp_path, feed, "hourly", time_filter=("from", "to"), series_field="station") as followed:
        await followed.poll()
        feed.extend([(now, 5.0, "a")])
        await followed.poll()
        asked = followed.endpoint.requests[-1].query["from"]
        assert asked > time.strftime("%Y-%m-%d", time.gmtime(now // 1_000_000 - 3 * 86_400)), asked
        await followed.is_complete()


def _now() -> int:
    return time.time_ns() // 1000
