"""How long to wait before a failed run is tried again.

Pure but for the randomness handed in.
"""

from dataclasses import dataclass
from math import isnan
from random import Random

from slackwater.model.instants import DAY, SECOND


@dataclass(frozen=True)
class Patience:
    """The back-off of wrapper runs: exponential with jitter ("equal jitter": half fixed, half random)."""

    tries: int  # failed runs in a row after which it ends in `error`
    base: float  # seconds before the first retry
    random: Random

    def delay(self, tries: int, longest: int, retry_after: float | None) -> int:
        """Return the µs to wait after the `tries`-th failure in a row.

        At most `longest` µs (the poll interval: waiting longer would miss data), but never less than the first
        wait, nor than the seconds that the source itself asked for (a day of them at the most).
        """
        first = round(self.base * SECOND)
        ceiling = min(first << min(tries - 1, 30), max(longest, first))
        jittered = ceiling // 2 + self.random.randrange(ceiling // 2 + 1)
        # The number comes from a process that is not trusted: it may be endless, or none at all.
        wanted = 0.0 if retry_after is None or isnan(retry_after) else retry_after * SECOND
        return max(jittered, round(max(0.0, min(wanted, float(DAY)))))
