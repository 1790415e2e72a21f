"""What the tests of discovery share: to look at a URL or a file, and to read all with what was found."""

import pytest

from runs import Recorder
from slackwater.discover.api.pipeline import discover
from slackwater.discover.file import pipeline as file_pipeline
from slackwater.errors import Question
from slackwater.model.instants import DAY, YEAR
from slackwater.model.planning import Wanted
from slackwater.pipe.frames import Found
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import Feed, client


async def look(url: str, *, requests: int = 30, now: int | None = None, **config) -> Found:
    """What discovery finds behind a URL."""
    more = {} if now is None else {"now": now}
    run = Recorder(
        source_type="API", task="discover", config={"location": url, **config}, http=client(), requests=requests, **more
    )
    async with run.http:
        return await discover(run)


async def all_of(found: Found, feed: Feed) -> Recorder:
    """Read with what was found until the back-fill is done; the clock stands a year after the newest point."""
    times = [time for points in feed.points().values() for time in points]
    wanted = Wanted(period=found.period or DAY, start=min(times) - 3 * YEAR)
    run = Recorder(source_type="API", module=found.code, wanted=wanted, now=max(times) + YEAR, http=client())
    async with run.http:
        reason = await read(load(found.code), run)
    assert reason or run.checkpoint.backfill_done
    return run


async def reading(content: str | bytes, **config) -> Recorder:
    """Discover a file and read it."""
    content = content.encode() if isinstance(content, str) else content
    found = await file_pipeline.discover(Recorder(content=content, config=config, task="discover"))
    run = Recorder(content=content, wanted=Wanted(period=DAY))
    await read(load(found.code), run)
    return run


async def asked(content: str | bytes, **config) -> Question:
    """The question that discovery of a file asks."""
    with pytest.raises(Question) as question:
        await reading(content, **config)
    return question.value
