"""Says until when the wrapper processes of this node may live.

A node that others share a database with holds a lease in it. Guards hear of each renewal, and end their runs when the
last one they heard of is over: a node that is frozen, or cut off, cannot end anything, and its guards can.

The clock is CLOCK_BOOTTIME: nobody can set it, it counts the time in which the machine was suspended, and all processes
of a machine read the same from it. So what is sent is a moment, not a length of time: a word that is read late extends
nothing.
"""

import time
from dataclasses import dataclass

ENDLESS = 0  # as a moment: the lease is in force nowhere, because the node is alone


def boottime() -> int:
    """Return the µs since the machine was started, suspended time included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


@dataclass
class Lease:
    """Holds what a node knows of its lease. `until` in µs since the machine's start."""

    seconds: float = 0.0  # 0: the node is alone, and needs none
    until: int = ENDLESS

    def __post_init__(self) -> None:
        if self.seconds and self.until == ENDLESS:
            self.until = 1  # nothing may live before the lease is held

    def renewed(self, asked_at: int) -> None:
        """Count from when the renewal was asked for, before the database counted it."""
        if self.seconds:
            self.until = max(self.until, asked_at + round(self.seconds * 1_000_000))

    @property
    def over(self) -> bool:
        """Whether no process of this node may live."""
        return passed(self.until)

    @property
    def left(self) -> float:
        """Seconds until it is over; endless when the node is alone."""
        return float("inf") if self.until == ENDLESS else (self.until - boottime()) / 1_000_000


def passed(until: int) -> bool:
    """Say whether a moment that a lease named has passed."""
    return until != ENDLESS and boottime() >= until
