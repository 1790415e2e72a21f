"""How often one caller may ask."""

import time
from collections.abc import Callable

from slackwater.model.token_bucket import TokenBucket

MAX_CALLERS = 10_000  # remembered at once: some MiB of memory, however many addresses ask


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

    def wait(self, caller: str) -> float:
        """Return what `take` would, and count nothing."""
        bucket = self._buckets.get(caller)
        return 0.0 if bucket is None else bucket.wait(self._monotonic())

    def _forget(self, now: float) -> None:
        full = [caller for caller, bucket in self._buckets.items() if bucket.is_full(now)]
        for caller in full or list(self._buckets)[:1]:
            del self._buckets[caller]
