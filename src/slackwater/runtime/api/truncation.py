"""Detects truncated answers of sources without pagination, and narrows their windows.

A provider may cut an answer silently: "the newest 100", "the first 1,000". Nothing in such an answer says so, and an
answer of 100 may as well be all there is: a day has 24 hours every time. So the source itself shows it. What lies
before the middle record of an answer, and what lies behind it, is requested once more. Either request is for fewer than
half of the records that are known, so it is not cut at their number; if it brings more than was known of that stretch,
the answer was cut, whatever its order, and the window is read in halves until no answer is. If it does not, that many
records are proven to come through, and what is smaller needs no proof any more. What is of just that size does: it may
be where the source cuts. A longer range then shows it, if more comes of it. So a source that cuts nothing gets two more
requests for an answer larger than all before it, which is a few times in its life, since the checkpoint keeps the
number. Totals and the records of the largest series are compared, both, since some providers cut each series for
itself.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slackwater.model.checkpoint import Interval, Proven
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.runtime.api.pagination import OutOfReach
from slackwater.runtime.api.window_splits import Parts

ROUNDS = 3  # in which an answer is taken anew that grows while it is proven
REFUSALS = 9  # in a row; a source that refuses 1/512 of a window does not refuse it for its width
TOO_WIDE = frozenset({400, 413, 414, 416, 422})  # what sources answer to a range that is too long for them
SPARSE = 4  # a part with so much less than what is let through lets the next be twice as wide


@dataclass(frozen=True)
class Held:
    """The size of an answer: its records' times, and the largest series' count."""

    records: list[Any]
    times: list[int] = field(default_factory=list)
    largest: int = 0

    @property
    def size(self) -> Proven:
        """The numbers that are compared with those of other answers."""
        return len(self.records), self.largest

    def within(self, stretch: Interval) -> int:
        """Return how many of the times lie in a stretch."""
        return bisect_left(self.times, stretch.end) - bisect_left(self.times, stretch.start)


Asking = Callable[[Interval, bool], Awaitable[Held | None]]
"""Stretch, whether nobody on the way may answer for the source → its answer; None if it refuses."""


@dataclass
class Limits:
    """What a process has learned of what its source lets through."""

    proven: Proven = (0, 0)  # sizes of answers that came whole; what is smaller is not cut
    cut: int | None = None  # records; an answer of so many was not all
    refused: int | None = None  # µs; a range of this width was refused
    width: int | None = None  # µs; of the parts that came through last, where that matters

    def remember(self, proven: Proven) -> None:
        """Take over what earlier processes have proven."""
        self.proven = max(self.proven[0], proven[0]), max(self.proven[1], proven[1])

    def narrowed(self, parts: Parts) -> Parts:
        """Return the parts of a new window as wide as those that came through last."""
        return parts if self.width is None else parts.narrowed(self.width)

    def reached(self, parts: Parts, reached: OutOfReach) -> Parts:
        """Return narrower parts after a truncated answer; BadSource if they are minimal."""
        parts = parts.halved(reached)
        self.cut, self.width = reached.most, parts.width
        return parts

    def too_wide(self, parts: Parts, status: int, refusals: int, *, anyway: bool = False) -> Parts | None:
        """Return narrower parts after a refusal, None where the width is hardly the cause.

        `refusals` counts those in a row. With `anyway` the status says nothing about the width: the words do, or the
        part may begin before the first data of the source.
        """
        width = parts.reach
        if not (anyway or status in TOO_WIDE) or refusals > REFUSALS or width <= parts.least:
            return None
        self.refused = min(width, self.refused or width)
        return parts.narrowed(width // 2)

    def done(self, parts: Parts, count: int) -> Parts:
        """Return the remaining parts after one that held `count` records."""
        parts = parts.done()
        if self.cut is None and self.refused is None:
            return parts
        if self.cut is not None and count * SPARSE <= self.cut:
            wider = parts.widened()
            parts = wider if self.refused is None or wider.width < self.refused else parts
        self.width = parts.width
        return parts

    async def whole(self, part: Interval, unit: int, held: Held, ask: Asking) -> list[Any]:
        """Return the records of a part, proven to be all; OutOfReach where they are not.

        `unit` is the span in µs that the source's time filter can tell apart.
        """
        for _ in range(ROUNDS):
            if not held.times or _less(held.size, self.proven):
                return held.records
            if self.cut is not None and len(held.records) >= self.cut:
                raise OutOfReach(most=self.cut)
            sides = _sides(part, held.times, unit)
            # As many came before, all there were. If that is where the source cuts, no more will come of more.
            alike = all(size <= proven for size, proven in zip(held.size, self.proven, strict=True))
            whole = await self._beside(part, unit, held, ask) if alike or not sides else None
            if sides and not whole:
                whole = await self._within(part, sides, held, ask)
            if whole is not False:
                return held.records
            again = await ask(part, True)
            if again is None or len(again.records) <= len(held.records):
                raise OutOfReach(most=len(held.records))
            held = again  # it grows while it is asked; a source that cuts gives as many as before
        return held.records

    async def _within(self, part: Interval, sides: list[Interval], held: Held, ask: Asking) -> bool | None:
        """Check whether an answer holds everything in its sides; None if one is refused."""
        answers = 0
        for side in sides:
            other = await ask(side, False)
            # A coarse filter gives more than it is asked for, of the outer edge the same both times.
            outwards = Interval(
                side.start if side.end == part.end else EARLIEST, side.end if side.start == part.start else LATEST
            )
            if other is not None and other.within(outwards) > held.within(outwards):
                return False
            answers += other is not None
        if answers < len(sides):
            return None
        self.remember(held.size)
        return True

    async def _beside(self, part: Interval, unit: int, held: Held, ask: Asking) -> bool | None:
        """Check an answer's completeness by a longer range; None where that shows nothing."""
        start = max(EARLIEST, part.start - max(part.width // 4, 6 * unit))
        wider = await ask(Interval(start, part.end), False)
        if wider is None:
            return None
        edge = min(part.start, held.times[0])
        before, since = Interval(EARLIEST, edge), Interval(edge, LATEST)
        if wider.within(since) < held.within(since):
            return False
        if _less(held.size, wider.size):
            self.remember(wider.size)
            return True
        other = await ask(Interval(start, max(start + 1, part.start - 2 * unit)), False)
        return False if other is not None and other.within(before) > wider.within(before) else None


def _less(one: Proven, other: Proven) -> bool:
    return one[0] < other[0] and one[1] < other[1]


def _sides(part: Interval, times: list[int], unit: int) -> list[Interval]:
    """Return the stretches before and behind the middle record, at `unit` (µs) distance."""
    middle = times[len(times) // 2]
    sides = [(part.start, min(part.end, middle - unit)), (max(part.start, middle + unit), part.end)]
    return [Interval(start, end) for start, end in sides if start < end]
