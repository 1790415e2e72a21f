"""A run: its log lines on their way to the store, and a stop that comes before it has a process."""

import asyncio
import copy
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest

from slackwater.model.scrub import Scrubber
from slackwater.model.source.config import ApiConfig
from slackwater.pipe.frames import Limits, Read
from slackwater.store.records import logs
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.credentials import Access
from slackwater.supervise.process.child import Exit
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.run.ingest import Run
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.journal import Journal
from slackwater.supervise.run.outcomes import Ended
from slackwater.supervise.run.watchdog import TimeLimits


@pytest.fixture
def journal(lives) -> Journal:
    wrapper_id = lives.running().wrapper.wrapper_id
    lives.write(logs.forget_old, wrapper_id, 0)  # what the wrapper's own life has written
    return Journal(lives.database, wrapper_id, lambda: lives.now, 100, Scrubber(()), lambda: None)


def held(lives) -> Callable[[], None]:
    """Keep the writer busy; return what lets it go on."""
    begun, let_go = threading.Event(), threading.Event()
    lives.database.write(lambda _: begun.set() or let_go.wait(20))
    assert begun.wait(20)
    return let_go.set


def lines_of(journal: Journal, c) -> list[str]:
    lines, _ = logs.tail(c, wrapper_id=journal._wrapper_id, limit=10)
    return [line.rpartition(" ")[2] for line in lines]


async def test_lines_that_wait_in_line_when_a_run_ends_are_not_lost(lives, journal) -> None:
    let_go = held(lives)
    journal.say("INFO", "first")
    flushing = asyncio.create_task(journal.flush())
    await asyncio.sleep(0.05)
    flushing.cancel()
    await asyncio.wait({flushing})
    let_go()
    journal.say("INFO", "second")
    await journal.flush(last=True)
    assert lives.read(partial(lines_of, journal)) == ["first", "second"]


@pytest.mark.sqlite
async def test_the_last_lines_go_before_the_batches_of_others(lives, journal) -> None:
    let_go = held(lives)
    batch = lives.database.write(partial(lines_of, journal))
    journal.say("INFO", "last")
    flushing = asyncio.create_task(journal.flush(last=True))
    await asyncio.sleep(0.05)
    let_go()
    await flushing
    assert batch.result(20) == ["last"]


async def test_a_run_that_is_stopped_before_it_has_a_process_gets_none(lives, tmp_path) -> None:
    async with unstarted(lives, tmp_path) as run:
        run.stop()
        assert await run.perform() == Ended(None, Exit())


async def test_a_run_that_reads_insists_on_each_of_its_requests_and_a_look_does_not(lives, tmp_path) -> None:
    async with unstarted(lives, tmp_path) as run:
        assert run.opened.task != "discover"
        assert run._tally.insists
        look = copy.copy(run.opened)
    object.__setattr__(look, "task", "discover")
    async with unstarted(lives, tmp_path, look) as run:
        assert not run._tally.insists


@asynccontextmanager
async def unstarted(lives, tmp_path, opened=None) -> AsyncIterator[Run]:
    config = ApiConfig(location="http://127.0.0.1:9/")
    start = Read(source_type="API", module="", config=config.model_dump(mode="json"), limits=Limits())
    link = ForkServerLink("no.such:entry", Bounds(scratch_dir=str(tmp_path), first_uid=66_000))
    async with Broker(
        allow_private=True, requests_per_second=1, connections=1, tries=1, max_wait=1, max_answer=1
    ) as broker:
        yield Run(
            opened or lives.running(),
            Task(start, Access.of(config), None),
            link=link,
            database=lives.database,
            broker=broker,
            clock=lambda: lives.now,
            grace=1,
            limits=TimeLimits(stall=0, run=0),
            kept_lines=10,
            changed=lambda: None,
        )
