"""Settles the local times of one walk through pages in the hour that clocks repeat.

Which of its two occurrences a time is, only the records around it tell: those of the hour are held back until the walk
has left it, over the borders of pages, and resumed from before it.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from itertools import groupby
from typing import Any, NamedTuple

from slackwater.formats.repeated_hour import ClockChanges, passes
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros
from slackwater.runtime.api.page_token import PageToken

Read = Callable[[list[Any]], tuple[list[int | None], list[Any], list[Any]]]
"""Returns the times of records, the names of their series, and the cells of their times."""
IN_DOUBT = "lies in the hour that the clocks of {} repeat, and nothing tells which of the two it is"
_MICRO = timedelta(microseconds=1)
_DROPPED = -1  # stands in place of the occurrence of a record that the page before held as well
_TWICE = 2  # records of one time in a row, of a source that gives each record twice


@dataclass
class Settled:
    """Records with their instants, and why some have none (by place)."""

    records: list[Any] = field(default_factory=list)
    times: list[int | None] = field(default_factory=list)
    doubts: dict[int, str] = field(default_factory=dict)

    def add(self, record: Any, time: int | None, doubt: str | None = None) -> None:
        """Add a record; with a doubt it has no time."""
        if doubt is not None:
            self.doubts[len(self.records)] = doubt
        self.records.append(record)
        self.times.append(None if doubt is not None else time)


class _Row(NamedTuple):
    record: Any
    first: int
    second: int
    cell: Any
    repeated: bool  # stood on the page before


@dataclass
class _Line:
    """What a walk has shown of one series."""

    before: int | None = None  # its last time outside of such an hour
    orders: set[bool] = field(default_factory=set)  # whether times near the hour rise, within a page; both in disorder
    doubled: bool = False  # gives a time twice in a row
    page: int | None = None  # number of the page with `before`, of the first that waits without one
    waiting: list[_Row] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)  # days whose hour the walk has left


class RepeatedHours:
    """Settles the records of one walk, page by page."""

    def __init__(self, zone: tzinfo, form: str | None, read: Read, now: int) -> None:
        self._clocks = ClockChanges(zone, form)
        self._read = read
        self._now = now
        self._lines: dict[Hashable, _Line] = {}
        self._rises = self._falls = 0
        self._page: list[Any] = []
        self._tokens: list[PageToken | None] = []

    @property
    def waiting(self) -> bool:
        """Whether records are held back."""
        return any(line.waiting for line in self._lines.values())

    @property
    def anchor(self) -> PageToken | None:
        """The page from which on those held back can be settled again."""
        return self._tokens[min(line.page or 0 for line in self._lines.values() if line.waiting)]

    def take(self, records: list[Any], here: PageToken | None) -> Settled:
        """Return what the page at `here` settles, of earlier pages too."""
        times, names, cells = self._read(records)
        seconds = self._seconds(times, cells)
        repeated = _repeated(self._page, records)
        self._page = records
        self._tokens.append(here)
        if any(seconds):
            self._look_ahead(times, names, seconds)
        settled = Settled()
        for place, (record, time, name, second) in enumerate(zip(records, times, names, seconds, strict=True)):
            if time is None or (second is None and place < repeated):
                settled.add(record, time)
                continue
            line = self._line(name)
            if second is None:
                self._leave(line, time, settled)
                self._note(line, time)
                settled.add(record, time)
                continue
            if place < repeated and not line.waiting and time // DAY in line.settled:
                continue  # told by what followed it on the page before
            if line.waiting and abs(line.waiting[0].first - time) > DAY:
                self._leave(line, time, settled)
            if line.page is None:
                line.page = len(self._tokens) - 1
            line.waiting.append(_Row(record, time, second, cells[place], place < repeated))
        return settled

    def rest(self, settled: Settled) -> Settled:
        """Add what is held back, at the end of the walk."""
        for line in self._lines.values():
            self._leave(line, None, settled)
        return settled

    def _seconds(self, times: list[int | None], cells: list[Any]) -> list[int | None]:
        """Return the other instant of each time that has one."""
        found = [None if time is None else self._clocks.second(time) for time in times]
        return [
            None if second is None or self._clocks.is_settled(cell) else second
            for second, cell in zip(found, cells, strict=True)
        ]

    def _line(self, name: Hashable) -> _Line:
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = _Line()
        return line

    def _look_ahead(self, times: list[int | None], names: list[Any], seconds: list[int | None]) -> None:
        """Learn the order of a page's rows from those of the days around the hour."""
        changed = {second // DAY for second in seconds if second is not None}
        near = {day + far for day in changed for far in (-1, 0, 1)}
        before: dict[Hashable, int] = {}
        for time, name, second in zip(times, names, seconds, strict=True):
            if time is not None and second is None and time // DAY in near:
                if before.get(name, time) != time:
                    self._line(name).orders.add(time > before[name])
                before[name] = time

    def _note(self, line: _Line, time: int) -> None:
        page = len(self._tokens) - 1
        if line.before is not None:
            line.doubled = line.doubled or time == line.before
            if line.page == page:
                self._rises += time > line.before
                self._falls += time < line.before
        line.before, line.page = time, page

    def _leave(self, line: _Line, after: int | None, settled: Settled) -> None:
        """Settle what waits in a series whose next time is `after`."""
        if not line.waiting:
            return
        rows, line.waiting = line.waiting, []
        day = rows[0].first // DAY
        again = day in line.settled
        line.settled.add(day)
        which = None if again else self._which(rows, line, after)
        for row, number in zip(rows, which or [None] * len(rows), strict=True):
            if number == _DROPPED:
                continue
            if number is None:
                settled.add(row.record, None, f"`{row.cell!s:.60}` {IN_DOUBT.format(self._clocks.zone)}")
            else:
                settled.add(row.record, row.second if number else row.first)

    def _which(self, rows: list[_Row], line: _Line, after: int | None) -> list[int | None] | None:
        """Return the occurrence of each row, None in doubt."""
        first = rows[0].first
        rises = {line.before < first} if line.before is not None else set()
        rises |= {after > first} if after is not None else set()
        if not rises and (line.orders or self._rises != self._falls):
            rises = line.orders or {self._rises > self._falls}  # as the others do
        if len(rises | line.orders) > 1:
            return None  # the rows are in no order
        ways = {
            each: self._in_order(rows if each else rows[::-1], line, line.before if each else after)
            for each in rises or (True, False)
        }
        found = [way if each or way is None else way[::-1] for each, way in ways.items()]
        return found[0] if all(each == found[0] for each in found) else None

    def _in_order(self, rows: list[_Row], line: _Line, older: int | None) -> list[int | None] | None:
        """Do the same with rows that rise.

        `older` is the time before them, None where the walk shows none.
        """
        alone = [row for row in rows if not row.repeated]
        which, whole = _passes(alone, doubled=line.doubled), _passes(rows, doubled=line.doubled)
        if which is None:
            alone, which = rows, whole
        if which is None or (1 not in which and older is None and not self._to_come(alone)):
            return None
        told = iter(which)
        # What the page before ended with is dropped; where it may be the second occurrence as well, it is in doubt.
        twice = None if 1 not in which and whole is not None else _DROPPED
        return [twice if row.repeated and alone is not rows else next(told) for row in rows]

    def _to_come(self, rows: list[_Row]) -> bool:
        """Check whether the second occurrence of all these times is not yet over."""
        return all(row.second > self._now for row in rows)


def _passes(rows: list[_Row], *, doubled: bool) -> list[int] | None:
    walls = [row.first for row in rows]
    if not doubled:
        return passes(walls)
    counts = [(wall, len(list(each))) for wall, each in groupby(walls)]
    which = passes([wall for wall, _ in counts])
    if which is None or any(count > _TWICE for _, count in counts):
        return None
    return [number for number, (_, count) in zip(which, counts, strict=True) for _ in range(count)]


def _repeated(before: list[Any], records: list[Any]) -> int:
    """Return how many first records of a page are the last of the one before."""
    if not records:
        return 0
    starts = (place for place, record in enumerate(before) if record == records[0])
    return next((len(before) - at for at in starts if before[at:] == records[: len(before) - at]), 0)


def clear_of(part: Interval, zone: tzinfo, period: int) -> Interval:
    """Return the stretch that begins a record before such an hour, not in it.

    `period` is the distance (µs) of the records.
    """
    step = min(max(period, HOUR), DAY)
    near = (part.start - HOUR, part.start + step + HOUR)
    earlier, later = (_offset(moment, zone) for moment in near)
    if later >= earlier:
        return part
    low, high = near
    while high - low > MINUTE:  # clocks change at whole minutes
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == earlier else (low, middle)
    begins = low - (earlier - later) - 2 * step
    return Interval(min(part.start, begins), part.end)


def _offset(moment: int, zone: tzinfo) -> int:
    return (from_micros(moment).astimezone(zone).utcoffset() or timedelta()) // _MICRO
