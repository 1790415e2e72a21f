"""Measures how long a run makes no progress.

Says when it has reached a limit.

Progress is what brings a run nearer to its end: a stored batch, an answer of the source, rows counted. Log lines are
none. Time that the run waits for others does not count: for the host's rate limit or places, or for the store.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slackwater.supervise.http.host_limits import Tally

LOOK_SECONDS = 1.0  # between two looks, or a tenth of the limit where that is shorter
QUIET_SHARE = 0.1  # of the limit without progress after which health says so: 3 minutes of the default 30
QUIET_HOST_SECONDS = 60.0  # for a host, after which health says so: twice the default of `max_wait_seconds`


@dataclass(frozen=True)
class TimeLimits:
    """How long a run may take, in seconds: without progress, and in all.

    0 sets no limit.
    """

    stall: float
    run: float


class Watchdog:
    """The clock of one run."""

    def __init__(self, limits: TimeLimits, tally: Tally, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._tally = tally
        self._monotonic = monotonic
        self._began = monotonic()
        self._looked = self._began
        self._idle = 0.0
        self._waited = 0.0
        self._storing = 0
        self._gives_way = False

    def progress(self) -> None:
        """Note that the run has got on."""
        self._looked = self._monotonic()
        self._idle = self._waited = 0.0
        self._gives_way = False

    @property
    def idle(self) -> float:
        """Seconds without progress, as at the last look.

        0 while health has no reason to say so.
        """
        return self._idle if self._limits.stall and self._idle > QUIET_SHARE * self._limits.stall else 0.0

    def give_way(self) -> None:
        """End the run at the next look unless it gets on before.

        Others wait for its slot.
        """
        self._gives_way = True

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Do not count the time in the block: the run waits for the store."""
        self._storing += 1
        try:
            yield
        finally:
            self._storing -= 1

    def hindrance(self) -> str | None:
        """Return why the run does not get on, None while it does.

        As it was at the last look. Any thread may ask.
        """
        if self._waited > QUIET_HOST_SECONDS:
            return f"It has waited for {self._waited:,.0f} seconds to be allowed to ask its host (host_connections)."
        if self.idle:
            return (
                f"Its run has made no progress for {self.idle:,.0f} seconds; after {self._limits.stall:,g} it is "
                "ended (stall_seconds)."
            )
        return None

    async def reached(self) -> str:
        """Wait until the run has reached a limit; return which, in a sentence.

        Without limits this waits for ever.
        """
        pause = min([LOOK_SECONDS, *(limit / 10 for limit in (self._limits.stall, self._limits.run) if limit)])
        while True:
            await asyncio.sleep(pause)
            self.look()
            if self._limits.stall and self._idle > self._limits.stall:
                return f"The run made no progress for {self._limits.stall:,g} seconds, so it was ended (stall_seconds)."
            if self._gives_way and self.idle:
                return (
                    f"The run made no progress for {self.idle:,.0f} seconds while others waited for its slot, so it "
                    "was ended (max_runs, stall_seconds)."
                )
            if self._limits.run and self._monotonic() - self._began > self._limits.run:
                return f"The run took more than {self._limits.run:,g} seconds, so it was ended (run_seconds)."

    def look(self) -> None:
        """Count the time since the last look."""
        now = self._monotonic()
        passed, self._looked = now - self._looked, now
        if self._tally.waiting:
            self._waited += passed
        elif not self._storing:
            self._idle += passed
