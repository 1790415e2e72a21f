"""Which user a run becomes, and how crowded our own user is."""

import os
import socket
import time
from collections.abc import Collection
from itertools import chain

from slackwater.supervise.process.procfs import tasks_of

UIDS = 4_000  # user ids, from the first on, that the runs have in turn
BLOCK = 200  # of them that a service begins with: more than there usually are runs at once
# What systemd's table of user ids leaves free below 65,536: between those of its own and those of DynamicUser.
SMALL = range(60_600, 61_100)
CHANGE_USER = 0b1110_0001  # CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID: without one of them root stays root
COUNT_EVERY = 5.0  # seconds between two counts of our user's processes
SLACK = 32  # of those processes that may come between two counts


class Users:
    """User ids for runs.

    When we are root each run that lives has one of its own.

    Services of one machine begin with different blocks of the range: the kernel counts the processes of a user id,
    whichever service they belong to.
    """

    def __init__(self, first: int) -> None:
        self._ids = range(first, first + UIDS)
        if not _mapped(self._ids):
            self._ids = SMALL  # a user namespace of 65,536 ids, as some containers have
        self._several = os.geteuid() == 0 and _effective_capabilities() & CHANGE_USER == CHANGE_USER
        self._several = self._several and _mapped(self._ids)
        self._block, self._held = _free_block(self._ids) if self._several else (0, None)

    def free(self, taken: Collection[int]) -> int:
        """Return a user id that no run in `taken` has.

        Our own when we cannot change it.
        """
        if not self._several:
            return os.geteuid()
        used = set(taken)
        begin = self._block * BLOCK
        ours_first = chain(self._ids[begin:], self._ids[:begin])
        return next((user for user in ours_first if user not in used), self._ids.stop)

    def close(self) -> None:
        """Let other services begin with our block."""
        if self._held is not None:
            self._held.close()


def _free_block(ids: range) -> tuple[int, socket.socket | None]:
    """Return the number of a free block of ids, and what holds it.

    (0, None) when other services hold all.
    """
    for number in range(len(ids) // BLOCK):
        held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            held.bind(f"\0slackwater-user-ids-{ids[number * BLOCK]}")  # gone with us, whatever ends us
        except OSError:
            held.close()
        else:
            return number, held
    return 0, None


def _effective_capabilities() -> int:
    with open("/proc/self/status", "rb") as status:
        return int(status.read().partition(b"\nCapEff:\t")[2].split(b"\n", 1)[0], 16)


def _mapped(ids: range) -> bool:
    """Say whether the user ids exist in our user namespace."""
    with open("/proc/self/uid_map", encoding="ascii") as ranges:
        spans = [tuple(map(int, line.split())) for line in ranges]
    return any(inside <= ids.start and ids.stop < inside + length for inside, _, length in spans)


class Crowd:
    """How many processes our user has.

    RLIMIT_NPROC is compared with all of them where runs share our user id.
    """

    def __init__(self) -> None:
        self._counted = 0
        self._at = -COUNT_EVERY

    def count(self) -> int:
        """Return the number, counted not long ago.

        0 for root, whose runs have users of their own.
        """
        if os.geteuid() != 0 and time.monotonic() - self._at >= COUNT_EVERY:
            self._counted = tasks_of(os.geteuid()) + SLACK
            self._at = time.monotonic()
        return self._counted
