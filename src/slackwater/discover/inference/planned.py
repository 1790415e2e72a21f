"""Detects times that are planned: nobody can have measured anything then. Pure."""

from collections.abc import Sequence

from slackwater.model.instants import DAY

_ENOUGH = 5  # rows from which on it is no chance that each is ahead


def lies_ahead(times: Sequence[int | None], made: Sequence[int | None]) -> bool:
    """Check whether times, in µs, lie days after each row was made.

    What is made all at once, as a forecast is, may well be of times that lie ahead.
    """
    pairs = [(at, kept) for at, kept in zip(times, made, strict=True) if at is not None and kept is not None]
    singly = len({kept for _, kept in pairs}) * 2 > len(pairs)
    ahead = sum(at - kept > DAY for at, kept in pairs)  # a clock may be a day off: it may tell local time
    return len(pairs) >= _ENOUGH and singly and ahead * 10 >= len(pairs) * 9
