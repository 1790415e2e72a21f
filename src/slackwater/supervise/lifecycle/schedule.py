"""What to do now.

Due + running + free slots → which wrappers to start, and how long to sleep. Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from slackwater.model.instants import SECOND

LONGEST_SLEEP = 60.0  # seconds; a clock that was set must not keep the reconciler asleep


@dataclass(frozen=True)
class Plan:
    """Names the wrappers to start, in order.

    `sleep`: seconds until the next plan if nothing wakes us.
    """

    start: tuple[str, ...]
    sleep: float


def plan(due: Sequence[str], running: Collection[str], free: int, next_due: int | None, now: int) -> Plan:
    """Start what is due, longest waiting first, as far as slots are free.

    `next_due` and `now` are µs since the epoch. What finds no slot waits for the end of a run, which wakes us.
    """
    start = tuple(wrapper_id for wrapper_id in due if wrapper_id not in running)[: max(0, free)]
    if next_due is None or len(start) >= free:
        return Plan(start, LONGEST_SLEEP)
    return Plan(start, min(LONGEST_SLEEP, max(0.0, (next_due - now) / SECOND)))
