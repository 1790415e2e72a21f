"""How often one caller may ask."""

import time
from collections.abc import Callable

MAX_CALLERS = 10_000  # remembered at once


class Rates:
    """A bucket for each caller: `burst` requests at once, `per_second` for ever; 0 a second sets no limit."""

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}  # caller → requests left, at which moment

    def take(self, caller: str) -> float:
        """Count a request; return 0.0 when it may be answered, else the seconds until the next one may."""
        if not self._per_second:
            return 0.0
        now = self._monotonic()
        left, at = self._left.get(caller, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        if left < 1:
            self._left[caller] = (left, now)
            return (1 - left) / self._per_second
        if caller not in self._left and len(self._left) >= MAX_CALLERS:
            self._forget(now)
        self._left[caller] = (left - 1, now)
        return 0.0

    def wait(self, caller: str) -> float:
        """Return what `take` would, and count nothing."""
        if not self._per_second or caller not in self._left:
            return 0.0
        left, at = self._left[caller]
        left = min(self._burst, left + (self._monotonic() - at) * self._per_second)
        return max(0.0, (1 - left) / self._per_second)

    def _forget(self, now: float) -> None:
        full = [
            caller for caller, (left, at) in self._left.items() if left + (now - at) * self._per_second >= self._burst
        ]
        for caller in full or list(self._left)[:1]:
            del self._left[caller]
