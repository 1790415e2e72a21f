"""The log lines of a run on their way to the store."""

import asyncio
import threading
from functools import partial

from slackwater.store import logs
from slackwater.supervise.run import Journal


async def test_lines_that_wait_in_line_when_a_run_ends_are_not_lost(lives) -> None:
    wrapper_id = lives.running().wrapper.wrapper_id
    journal = Journal(lives.database, wrapper_id, lambda: lives.now, 100, str, lambda: None)
    begun, let_go = threading.Event(), threading.Event()
    held = lives.database.write(lambda _: begun.set() or let_go.wait(20))
    assert begun.wait(20)
    journal.say("INFO", "first")
    flushing = asyncio.create_task(journal.flush())
    await asyncio.sleep(0.05)
    flushing.cancel()
    await asyncio.wait({flushing})
    let_go.set()
    assert held.result(20)
    journal.say("INFO", "second")
    await journal.flush(last=True)
    lines, _ = lives.read(partial(logs.tail, wrapper_id=wrapper_id, limit=10))
    assert [line.rpartition(" ")[2] for line in lines] == ["first", "second"]
