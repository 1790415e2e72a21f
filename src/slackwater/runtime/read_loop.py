"""Reads a window of a source to its end."""

from contextlib import aclosing

from slackwater.model.checkpoint import Interval
from slackwater.model.planning import CaughtUp, Wanted, next_window, onward_window, whole_window
from slackwater.runtime.source import NothingBefore, PageRead, Reach, Run, Source


async def read(source: Source, run: Run) -> str | None:
    """Read `source` until it has caught up.

    Return why the back-fill ended, if it ended in this run.
    """
    wanted = run.orders.wanted or Wanted(period=1)
    if run.orders.has_file and run.checkpoint.backfill_done and run.checkpoint.page is None:
        return None  # it was stopped between its last row and its last word; reading anew begins with `execute`
    poll = True
    while True:
        now = run.now()
        window: Interval | CaughtUp
        match source.reach:
            case Reach.WHOLE:
                window = whole_window(run.checkpoint, wanted, now)
            case Reach.SINCE:
                window = onward_window(run.checkpoint, wanted, now)
            case Reach.WINDOW:
                window = next_window(run.checkpoint, wanted, now, poll=poll)
        if isinstance(window, CaughtUp):
            return window.reason
        token = run.checkpoint.page.token if run.checkpoint.page else None
        poll = poll and run.checkpoint.page is not None
        try:
            async with aclosing(source.pages(window, token, run)) as pages:
                async for page in pages:
                    await run.store(page, window)
        except NothingBefore as beginning:
            if beginning.moment < window.end:  # what was read of the window, and no more, is covered
                await run.store(PageRead({}, last=True), Interval(beginning.moment, window.end))
            return beginning.reason
        if source.reach is not Reach.WINDOW:
            return None
