"""Divides the connections of a source host among the nodes that ask it."""

from collections.abc import Sequence
from dataclasses import dataclass

TURN = 1_000_000  # µs that a node keeps its connections where there are fewer than nodes that want some; chosen


@dataclass(frozen=True)
class Use:
    """What a node has of a host, and wants.

    `since`: µs since the epoch, when its turn in line began.
    """

    held: int
    wanted: int
    since: int


@dataclass(frozen=True)
class Allotment:
    """What a node gets: connections that it may use.

    `held`: those that it is counted with until it reports again.
    """

    allowed: int
    held: int
    since: int


def allotted(most: int, mine: Use, in_use: int, others: Sequence[Use], now: int) -> Allotment:
    """Return what a node gets of `most` connections.

    It may be less than it has `in_use`.

    Promise: when each node holds no less than it has in use, all together hold no more than `most`. Nobody waits for
    ever: where too few are there for all, whoever has had its turn goes to the end of the line.
    `now` in µs since the epoch, as the times of `Use`.
    """
    users = 1 + sum(each.wanted > 0 for each in others)
    fair = max(1, most // users)
    hungry = [each for each in others if each.held < min(each.wanted, fair)]
    since = mine.since
    if hungry and users > most and mine.held and now - since > TURN:
        since = now
    free = most - sum(each.held for each in others)
    before = sum(min(each.wanted, fair) - each.held for each in hungry if each.since < since)
    share = fair if hungry else max(fair, most - sum(min(each.wanted, fair) for each in others))
    given = max(0, min(mine.wanted, free - before, share))
    return Allotment(given, max(in_use, given), since)
