"""What a wrapper is.

The class that a hand-written module derives from, and the values it deals in.
"""

import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import AsyncIterator
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

import httpx

from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, LATEST, from_micros, parse_iso, to_micros
from slackwater.model.planning import READ_WHOLE
from slackwater.model.points import DEFAULT_SERIES, Rejected
from slackwater.runtime.source import PageRead, Reach, Run

CHUNK = 5_000  # points handed over at once
PATIENCE = 1.0  # seconds after which fewer are handed over too
EXAMPLES = 20  # rejected records that are reported one by one


class Point(NamedTuple):
    """One value at one time. `time` is an aware datetime or ISO 8601 text.

    Without a zone the text is UTC.
    """

    time: datetime | str
    value: float | int | str | None
    series: str = DEFAULT_SERIES


class Window(NamedTuple):
    """The half-open stretch of source time to fetch, [start, end), as aware UTC datetimes."""

    start: datetime
    end: datetime


class NothingOlder(Exception):  # noqa: N818 - said by a wrapper, not a fault
    """Raised in `fetch` when the source says that it has nothing before this window.

    The back-fill is done.
    """


class Wrapper(ABC):
    """A source that is read by its own code.

    Derive, write `fetch`, and put an instance in `wrapper`.
    """

    whole = False
    """True for a source that accepts no time range: every window is then all of it."""

    declared = False
    overstep = DAY  # µs; code of its own may ask by days

    @property
    def reach(self) -> Reach:
        """What the source can be asked for: what `whole` says."""
        return Reach.WHOLE if self.whole else Reach.WINDOW

    @abstractmethod
    def fetch(self, window: Window, http: httpx.AsyncClient) -> AsyncIterator[Point]:
        """Yield the points of `window`, in any order; write it as `async def` with `yield`.

        `http` goes through the supervisor, which adds the credentials of the source. What is raised here fails
        the run: httpx's own connection errors and 429 or 5xx are tried again later, anything else counts as a
        fault of the wrapper.
        """
        raise NotImplementedError

    async def pages(self, window: Interval, token: Any, run: Run) -> AsyncIterator[PageRead]:
        """Yield the points of `fetch` in chunks; a window is complete with its last one."""
        stretch = Window(from_micros(window.start), from_micros(min(window.end, LATEST)))
        exhausted = READ_WHOLE if self.whole else None
        chunk = _Chunk()
        try:
            async for point in self.fetch(stretch, run.http):
                chunk.add(point)
                if chunk.ripe():
                    yield chunk.taken()
        except NothingOlder as said:
            exhausted = str(said) or "the source says that there is nothing older"
        yield chunk.taken(last=True, exhausted=exhausted)


class _Chunk:
    """Points on their way into columns."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._columns: dict[str, tuple[array[int], array[float]]] = {}
        self._size = 0
        self._rejected: list[Rejected] = []
        self._rejected_count = 0
        self._since = time.monotonic()

    def add(self, point: Any) -> None:
        """Take a point in, or note why not."""
        self._size += 1
        try:
            moment, value, series = Point(*point)
            if value is None:
                return
            x = parse_iso(moment) if isinstance(moment, str) else to_micros(moment)
            y = float(value)
            if not isfinite(y):
                raise ValueError(f"the value {value!r} is not a finite number")
            name = str(series)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            self._rejected_count += 1
            if len(self._rejected) < EXAMPLES:
                self._rejected.append(Rejected(repr(point)[:200], str(error)[:200]))
            return
        if name not in self._columns:
            self._columns[name] = (array("q"), array("d"))
        xs, ys = self._columns[name]
        xs.append(x)
        ys.append(y)

    def ripe(self) -> bool:
        """Say whether it is time to hand the chunk over."""
        return self._size >= CHUNK or (self._size > 0 and time.monotonic() - self._since > PATIENCE)

    def taken(self, *, last: bool = False, exhausted: str | None = None) -> PageRead:
        """Return what has gathered, and begin anew."""
        page = PageRead(
            columns=self._columns,
            last=last,
            exhausted=exhausted,
            rows=self._size,
            rejected=self._rejected,
            rejected_count=self._rejected_count,
        )
        self._clear()
        return page
