"""What a wrapper is: the class that a hand-written module derives from, and the values it deals in."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple

import httpx

from slackwater.model.points import DEFAULT_SERIES


class Point(NamedTuple):
    """One value at one time. `time` is an aware datetime or ISO 8601 text; without a zone the text is UTC."""

    time: datetime | str
    value: float | int | str | None
    series: str = DEFAULT_SERIES


class Window(NamedTuple):
    """The half-open stretch of source time to fetch, [start, end), as aware UTC datetimes."""

    start: datetime
    end: datetime


class NothingOlder(Exception):  # noqa: N818 - said by a wrapper, not a fault
    """Raised in `fetch` when the source says that it has nothing before this window: the back-fill is done."""


class Wrapper(ABC):
    """A source that is read by its own code. Derive, write `fetch`, and put an instance in `wrapper`."""

    whole = False
    """True for a source that cannot be asked for a time range: every window is then all of it."""

    @abstractmethod
    def fetch(self, window: Window, http: httpx.AsyncClient) -> AsyncIterator[Point | Any]:
        """Yield the points of `window`, in any order; write it as `async def` with `yield`.

        `http` goes through the supervisor, which adds the credentials of the source. What is raised here fails
        the run: httpx's own connection errors and 429 or 5xx are tried again later, anything else counts as a
        fault of the wrapper.
        """
        raise NotImplementedError
