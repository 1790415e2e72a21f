"""Limits how many files are written at once.

Each takes a thread that computes, and all of them share one processor.
"""

from collections import Counter
from collections.abc import Callable

from fastapi import HTTPException

MOST = 8  # of all callers: beside eight, other requests still wait some milliseconds only
MOST_OF_ONE = 3  # downloads of one caller; chosen: others get their turn
AGAIN_SECONDS = 5  # after which a client may ask again


class Downloads:
    """The files that are being written, by caller."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._now: Counter[str] = Counter()

    def begin(self, caller: str) -> Callable[[], None]:
        """Count a file of a caller and return what ends it.

        429 when there are too many.
        """
        if self._now[caller] >= self._most_of_one:
            raise _too_many(f"{self._most_of_one} files are being written for this API key already")
        if self._now.total() >= self._most:
            raise _too_many(f"{self._most} files are being written already")
        self._now[caller] += 1

        def end() -> None:
            self._now[caller] -= 1
            self._now += Counter()  # forgets those who have none

        return end


def _too_many(what: str) -> HTTPException:
    return HTTPException(429, f"{what}; try again when one is done.", headers={"Retry-After": str(AGAIN_SECONDS)})
