"""Which user a run becomes, and how crowded our own user is."""

import os
import time
from collections.abc import Collection

from slackwater.supervise.process.procfs import tasks_of

UIDS = 4_000  # user ids, from the first on, that the runs have in turn
CHANGE_USER = 0b1110_0001  # CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID: without one of them root stays root
COUNT_EVERY = 5.0  # seconds between two counts of our user's processes
SLACK = 32  # of those processes that may come between two counts


class Users:
    """User ids for runs: when we are root each run that lives has one of its own."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._several = os.geteuid() == 0 and _effective_capabilities() & CHANGE_USER == CHANGE_USER and _mapped(first)

    def free(self, taken: Collection[int]) -> int:
        """Return a user id that no run in `taken` has; our own when we cannot change it."""
        if not self._several:
            return os.geteuid()
        used = set(taken)
        last = self._first + UIDS
        return next((user for user in range(self._first, last) if user not in used), last)


def _effective_capabilities() -> int:
    with open("/proc/self/status", "rb") as status:
        return int(status.read().partition(b"\nCapEff:\t")[2].split(b"\n", 1)[0], 16)


def _mapped(user: int) -> bool:
    """Whether the user ids exist in our user namespace."""
    with open("/proc/self/uid_map", encoding="ascii") as ranges:
        spans = [tuple(map(int, line.split())) for line in ranges]
    return any(inside <= user and user + UIDS < inside + length for inside, _, length in spans)


class Crowd:
    """How many processes our user has: RLIMIT_NPROC is compared with all of them where runs share our user id."""

    def __init__(self) -> None:
        self._counted = 0
        self._at = -COUNT_EVERY

    def count(self) -> int:
        """Return the number, counted not long ago; 0 for root, whose runs have users of their own."""
        if os.geteuid() != 0 and time.monotonic() - self._at >= COUNT_EVERY:
            self._counted = tasks_of(os.geteuid()) + SLACK
            self._at = time.monotonic()
        return self._counted
