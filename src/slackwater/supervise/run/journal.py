"""The log lines of a run on their way to the store."""

import asyncio
import contextlib
from collections.abc import Callable

from slackwater.errors import Unavailable
from slackwater.model.events import LineKind
from slackwater.model.scrub import Scrubber
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import logs
from slackwater.supervise.run.channel import lines_of

FLUSH_SECONDS = 0.5  # between two writes of log lines; who watches a log waits no longer for a line
LINES_BETWEEN_CLEANINGS = 1_000  # a tenth of what is kept by default
MOST_LINES = 10_000  # that wait to be written: as many as a wrapper keeps by default, 40 MB at most


class Journal:
    """Gathers the log lines of a run, and writes them every half second."""

    def __init__(
        self,
        database: Database,
        wrapper_id: str,
        clock: Callable[[], int],
        kept: int,
        scrub: Scrubber,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._wrapper_id = wrapper_id
        self._clock = clock
        self._kept = kept
        self._scrub = scrub
        self._changed = changed  # told when lines are written, for those who watch
        self._lines: list[logs.LogLine] = []
        self._dropped = 0
        self._written = 0

    def say(self, level: str, message: str, kind: LineKind | None = None) -> None:
        """Add a line; it is written within half a second.

        While the store cannot write, so many wait and no more.
        """
        if len(self._lines) >= MOST_LINES:
            self._dropped += 1
            return
        self._lines.append(logs.LogLine(self._clock(), level, self._scrub.cut(message, logs.MAX_LINE), kind))

    def say_lines(self, level: str, text: str) -> None:
        """Add each line of a text as a line of its own."""
        for line in lines_of(text):
            self.say(level, line)

    async def keep_flushing(self) -> None:
        """Write what has gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self, *, last: bool = False) -> None:
        """Write what has gathered.

        The last time, and now and then, forget what is beyond the kept lines.

        The last time goes before all batches: a stop waits for it.
        """
        lines, self._lines = self._lines, []
        if self._dropped:
            dropped = f"{self._dropped:,} log lines were dropped: they came faster than they could be written."
            lines.append(logs.LogLine(self._clock(), "WARNING", dropped))
            self._dropped = 0
        self._written += len(lines)
        clean = self._written >= LINES_BETWEEN_CLEANINGS or (last and self._written > 0)
        if not lines and not clean:
            return

        def write(c: Connection) -> None:
            logs.append(c, self._wrapper_id, lines)
            if clean:
                logs.forget_old(c, self._wrapper_id, self._kept)

        with contextlib.suppress(Unavailable):
            written = self._database.write(write, urgent=last)
            try:
                await asyncio.wrap_future(written)
            except asyncio.CancelledError:
                if written.cancel():  # the run ends while they wait in line: they are for the last time then
                    self._lines[:0] = lines
                raise
        self._changed()
        if clean:
            self._written = 0
