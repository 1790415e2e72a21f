"""How often one caller may ask: one process, or all nodes that share the store."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from slackwater.errors import Unavailable
from slackwater.model.instants import SECOND
from slackwater.model.token_bucket import TokenBucket
from slackwater.store.cluster import rates
from slackwater.store.engine.database import Database

MAX_CALLERS = 10_000  # remembered at once: some MiB of memory, however many addresses ask
HOARD_SECONDS = 0.2  # of requests taken in advance of all nodes' common rate, and for which they hold; chosen


class CallerRates(Protocol):
    """Counts the requests of callers."""

    async def admit(self, caller: str) -> float:
        """Count a request.

        Return 0.0 when it may be answered, else the seconds until the next one may.
        """


class Rates:
    """A bucket for each caller: `burst` requests at once, `per_second` for ever.

    0 a second sets no limit.
    """

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[str, TokenBucket] = {}  # by caller

    def take(self, caller: str) -> float:
        """Count a request.

        Return 0.0 when it may be answered, else the seconds until the next one may.
        """
        if not self._per_second:
            return 0.0
        now = self._monotonic()
        bucket = self._buckets.get(caller)
        if bucket is None:
            if len(self._buckets) >= MAX_CALLERS:
                self._forget(now)
            bucket = self._buckets[caller] = TokenBucket(self._per_second, self._burst, now)
        return bucket.wait(now) or bucket.take(now)

    async def admit(self, caller: str) -> float:
        """Count a request, as `take`."""
        return self.take(caller)

    def wait(self, caller: str) -> float:
        """Return what `take` would, and count nothing."""
        bucket = self._buckets.get(caller)
        return 0.0 if bucket is None else bucket.wait(self._monotonic())

    def _forget(self, now: float) -> None:
        full = [caller for caller, bucket in self._buckets.items() if bucket.is_full(now)]
        for caller in full or list(self._buckets)[:1]:
            del self._buckets[caller]


@dataclass
class _Purse:
    """What a caller may still ask of this node."""

    left: int = 0
    batch: int = 1  # to take next
    until: float = 0.0  # the end of what is left, or of a refusal
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class SharedRates:
    """A bucket for each caller that all nodes take from.

    A caller who asks often is counted in batches, so that the store is asked a few times a second at the most. What is
    taken in advance is not saved up besides: all nodes together answer no more than one would.
    While the store cannot be had nobody is turned away for the rate; nothing is answered then anyway.
    """

    def __init__(
        self, database: Database, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._most = max(1, min(int(per_second * HOARD_SECONDS), burst // 2))
        self._rate = rates.Rate.of(per_second, max(1, burst - self._most + 1))
        self._monotonic = monotonic
        self._purses: dict[str, _Purse] = {}  # by caller

    async def admit(self, caller: str) -> float:
        """Count a request; see `CallerRates`."""
        purse = self._purses.get(caller)
        if purse is None:
            if len(self._purses) >= MAX_CALLERS:
                self._forget()
            purse = self._purses[caller] = _Purse()
        async with purse.in_turn:
            now = self._monotonic()
            if now >= purse.until:
                if purse.left:
                    purse.batch = 1  # more than is used
                try:
                    await self._fill(purse, caller)
                except (Unavailable, OSError):
                    return 0.0
                now = self._monotonic()
            if not purse.left:
                return max(purse.until - now, 1 / SECOND)
            purse.left -= 1
            if not purse.left:
                purse.until = now  # the next one asks again
            return 0.0

    async def _fill(self, purse: _Purse, caller: str) -> None:
        take = partial(rates.take_present, name=f"caller {caller}", count=purse.batch, rate=self._rate)
        purse.left, wait = await asyncio.wrap_future(self._database.write(take, urgent=True))
        purse.until = self._monotonic() + (HOARD_SECONDS if purse.left else wait / SECOND)
        if purse.left:
            purse.batch = min(2 * purse.batch, self._most)

    def _forget(self) -> None:
        now = self._monotonic()
        over = [caller for caller, purse in self._purses.items() if purse.until < now and not purse.in_turn.locked()]
        for caller in over or list(self._purses)[:1]:
            del self._purses[caller]
