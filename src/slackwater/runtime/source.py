"""The `read` task.

Plan a window, read its pages, hand each to the supervisor, until nothing is left.

The loop plans with the same pure functions that the supervisor applies when it commits, so that both sides hold the
same checkpoint without asking each other.
"""

from array import array
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, BinaryIO, Protocol

import httpx

from slackwater.model.checkpoint import Checkpoint, Interval, Proven
from slackwater.model.points import Rejected
from slackwater.pipe.frames import Discover, SourceOrder

Columns = Mapping[str, tuple["array[int]", "array[float]"]]  # series → (times in µs, values)


@dataclass(frozen=True)
class PageRead:
    """One page of a source, read and parsed.

    `token` is where the next page begins, JSON-able; None with `last` False means that reading cannot be resumed
    inside this window. `last` ends the window. `exhausted` is the source's word that nothing older exists. `proven` is
    what it was seen to give at once, as in the checkpoint.
    """

    columns: Columns
    token: Any = None
    last: bool = False
    rejected: list[Rejected] = field(default_factory=list)
    rejected_count: int = 0
    rows: int = 0
    exhausted: str | None = None
    proven: Proven = (0, 0)
    fields_unread: tuple[str, ...] = ()  # fields of numbers that nobody has declared, or declared not to read


class NothingBefore(Exception):  # noqa: N818 - said by a source, not a fault
    """The source refuses all that lies before `moment` (µs), and answers what is newer.

    The back-fill is done.
    """

    def __init__(self, moment: int, reason: str) -> None:
        super().__init__(reason)
        self.moment = moment
        self.reason = reason


class Run(Protocol):
    """What a source sees of the run it is read by.

    `outlet.Outlet` is the real one.
    """

    checkpoint: Checkpoint

    @property
    def orders(self) -> SourceOrder:
        """What the process was ordered to do."""
        ...

    @property
    def http(self) -> httpx.AsyncClient:
        """The client through which the source is asked."""
        ...

    def now(self) -> int:
        """Return the present in µs since the epoch."""
        ...

    def file(self) -> BinaryIO:
        """Return the uploaded file, open for reading at its first byte.

        Raises ValueError when there is none.
        """
        ...

    async def log(self, level: str, message: str) -> None:
        """Add a line to the wrapper's log: DEBUG, INFO, WARNING or ERROR."""
        ...

    async def progress(self, done: int, total: int | None) -> None:
        """Tell how far the reading is (rows, or points)."""
        ...

    async def store(self, page: PageRead, window: Interval) -> None:
        """Hand a page over for storing.

        Returns when it is under way, at most 4 at a time.
        """
        ...


class DiscoveryRun(Run, Protocol):
    """A run that finds out what a source is."""

    @property
    def orders(self) -> Discover:
        """What the process was ordered to do."""
        ...


class Reach(Enum):
    """What a source can be asked for."""

    WINDOW = "window"  # a range of time
    SINCE = "since"  # a start and no end
    WHOLE = "whole"  # no time at all: each window is then all of it


class Source(Protocol):
    """What a wrapper module's `wrapper` must be able to do; ApiWrapper, FileWrapper and Wrapper are."""

    @property
    def reach(self) -> Reach:
        """What it can be asked for."""
        ...

    @property
    def declared(self) -> bool:
        """Whether it is a declaration, as opposed to a class with code of its own."""
        ...

    @property
    def overstep(self) -> int:
        """By how much its points may lie outside the requested window, in µs."""
        ...

    def pages(self, window: Interval, token: Any, run: Run) -> AsyncGenerator[PageRead]:
        """Yield the pages of `window`, from `token` on (None = from its beginning).

        The last has `last` set.
        """
        ...
