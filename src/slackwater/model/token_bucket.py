"""The one rate limit: so much at once, then so much a second.

The clock is the caller's.
"""


class TokenBucket:
    """Counts what may still be taken at once.

    `per_second`: tokens that come back, more than 0. `at_once`: tokens of a full bucket. `now`: seconds of a clock that
    never goes back, as in all methods.
    """

    __slots__ = ("_at", "_at_once", "_left", "_per_second")

    def __init__(self, per_second: float, at_once: float, now: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._at = now

    def wait(self, now: float) -> float:
        """Return the seconds until one token is there; 0.0 when there is one."""
        return max(0.0, (1 - self._left_at(now)) / self._per_second)

    def take(self, now: float, tokens: float = 1) -> float:
        """Take tokens, owing those that are not there; return the seconds until nothing is owed."""
        self._left = self._left_at(now) - tokens
        self._at = now
        return max(0.0, -self._left / self._per_second)

    def is_full(self, now: float) -> bool:
        """Say whether a new bucket would be the same."""
        return self._left_at(now) >= self._at_once

    def _left_at(self, now: float) -> float:
        return min(self._at_once, self._left + (now - self._at) * self._per_second)
