"""Years of polls on a simulated clock: nothing grows but the data. SLACKWATER_CHAOS=<n> makes it n times as long."""

import asyncio
import threading
from functools import partial

import psutil
import pytest
import sqlalchemy as sa

from budget import LONG
from slackwater import workbench
from slackwater.model.instants import DAY, WEEK
from slackwater.model.source.config import ApiConfig
from slackwater.model.wrapper import Metadata, SourceType
from slackwater.settings import Settings
from slackwater.store import schema
from slackwater.store.records import wrappers
from sources import Feed, SourceServer

WARM = 15  # polls until everything that is made once has been made
POLLS = 60 * max(1, LONG)
KEPT_LINES, KEPT_RUNS = 100, 8
# What pools and kept connections may still add; a leak would add one for each poll.
SPARE = {"descriptors": 10, "threads": 12, "processes": 0, "wrappers": 0, "series": 0, "resources": 0, "tasks": 4}
TALKATIVE = "\nfor n in range(30):\n    print('line', n)\n"


@pytest.mark.timeout(7200 if LONG else 300)
@pytest.mark.long
async def test_nothing_grows_but_the_data(tmp_path, monkeypatch) -> None:
    skipped = 0
    real = workbench.now
    monkeypatch.setattr(workbench, "now", lambda: real() + skipped)
    feed = Feed.regular("2024-01-01", WEEK, 60)
    settings = Settings(
        data_dir=tmp_path / "data",
        allow_private_sources=True,
        log_lines=KEPT_LINES,
        run_history=KEPT_RUNS,
        retry_base_seconds=0.01,
        log_level="error",
    )
    with SourceServer() as source:
        endpoint = source.serve("/v1/levels", feed, paging="offset", page_size=50)
        async with workbench.Workbench.open(settings) as bench:
            made = await bench.lifecycle.generate(
                source_type=SourceType.API,
                config=ApiConfig(location=endpoint.url),
                metadata=Metadata(name="a soak", periodicity="daily"),
            )
            wrapper_id = made.wrapper_id
            record = await _polled(bench, wrapper_id, 1)
            await bench.lifecycle.stop(wrapper_id)
            await bench.lifecycle.patch(wrapper_id, generated_code=record.definition.generated_code + TALKATIVE)
            await bench.lifecycle.execute(wrapper_id, wait=20)
            record = await _polled(bench, wrapper_id, 2)
            before: dict[str, int] = {}
            for poll in range(WARM + POLLS):
                if poll == WARM:
                    before = await _sizes(bench)
                if poll % 7 == 3:  # now and then it is down for a day
                    endpoint.faults.answer(500, times=3)
                if poll % 5 == 0:
                    feed.revise(max(feed.points()["value"]), float(poll))
                skipped += 2 * DAY
                source.forget()
                bench.reconciler.wake()
                record = await _polled(bench, wrapper_id, record.counters.poll_count + 1)
            # Retention sees to the rows of the past; the present run may have lines of its own.
            after = await _sizes(bench)
            assert record.counters.points == len(feed)
            assert after["runs"] <= KEPT_RUNS + 1
            assert after["logs"] <= KEPT_LINES + 40
            assert after["events"] <= wrappers.KEPT_EVENTS
            assert after["points"] == before["points"] == len(feed)
            for what, spare in SPARE.items():
                assert after[what] <= before[what] + spare, (what, before[what], after[what])
            # An allocator keeps what it had: a leak shows as growth with the number of polls.
            assert after["memory"] - before["memory"] < 12 * 2**20, (before["memory"], after["memory"])
            assert after["store"] < 4 * 2**20


async def _polled(bench: workbench.Workbench, wrapper_id: str, count: int):
    """Wait until the wrapper has polled that often and rests; a failed run is tried again by itself."""
    async with asyncio.timeout(30):
        while True:
            record = await asyncio.wrap_future(bench.database.read(partial(wrappers.get, wrapper_id=wrapper_id)))
            assert record.control.status != "error", record.control.error_message
            resting = bench.reconciler.running(wrapper_id) is None and record.control.due_at is not None
            if record.counters.poll_count >= count and resting and record.control.status == "executing":
                return record
            await asyncio.sleep(0.01)


async def _sizes(bench: workbench.Workbench) -> dict[str, int]:
    process = psutil.Process()

    def rows(c) -> dict[str, int]:
        return {
            table.name: c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in schema.metadata.sorted_tables
        }

    found = await asyncio.wrap_future(bench.database.read(rows))
    return found | {
        "descriptors": process.num_fds(),
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks()),
        "processes": len(process.children(recursive=True)),
        "memory": process.memory_info().rss,
        "store": (bench.settings.data_dir / "slackwater.db").stat().st_size,
    }
