"""Resolves the hour that occurs twice when clocks go back, by row order."""

import re
from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from slackwater.formats.timestamps import NUMBERED, time_parser
from slackwater.model.instants import DAY, from_micros

ELSEWHERE = ZoneInfo("Pacific/Chatham")  # whose wall clocks show what no other's do
_MICRO = timedelta(microseconds=1)
_CLOCK = re.compile(r"%[HIXTRcfs]|epoch|iso|words|dotnet|excel|parts")  # in forms whose times may have a clock
_CLOCK_WRITTEN = re.compile(r"\d\s*[:hT]\s*\d|\d\s*[ap]\.?\s?m|\d\.\d+$", re.IGNORECASE)


class ClockChanges:
    """Tells which times of a zone's wall clock are those of two instants.

    `form` is that of the cells: one with the same time in any zone says its zone, and a date alone has one beginning.
    """

    def __init__(self, zone: tzinfo, form: str | None = None) -> None:
        self.zone = zone
        self._form = form or "iso"
        self._anywhere = time_parser(form, UTC), time_parser(form, ELSEWHERE)
        self._changes: dict[int, bool] = {}  # day → whether the clocks go back in it
        self._instants = NUMBERED.fullmatch(self._form) is not None  # counted from midnight on, through the change
        self._dates = not _CLOCK.search(self._form)

    def second(self, time: int) -> int | None:
        """Return the other instant of the same wall clock, None where there is one alone.

        `time` is read with the offset before the change.
        """
        if self._instants or not self._goes_back(time // DAY):
            return None
        wall = from_micros(time).astimezone(self.zone).replace(fold=0)
        first, second = wall.utcoffset(), wall.replace(fold=1).utcoffset()
        if first is None or second is None or second >= first:
            return None
        return time + (first - second) // _MICRO if wall.astimezone(UTC) == from_micros(time) else None

    def is_settled(self, cell: object) -> bool:
        """Check whether a cell means one instant: it says its zone, or is a date."""
        in_utc, elsewhere = (read([cell]) for read in self._anywhere)
        return in_utc == elsewhere or self._is_date(cell, in_utc[0])

    def _is_date(self, cell: object, in_utc: int | None) -> bool:
        if in_utc is None or in_utc % DAY or self._dates:
            return self._dates
        if isinstance(cell, list | tuple):
            return len(cell) <= 3  # year, month, day
        if isinstance(cell, datetime | int | float):
            return isinstance(cell, int)
        return isinstance(cell, date) or not _CLOCK_WRITTEN.search(str(cell))

    def _goes_back(self, day: int) -> bool:
        if day not in self._changes:
            # A day of the zone touches two days of UTC: the day before and after are looked at, too.
            midnights = [from_micros((day + far) * DAY).astimezone(self.zone) for far in (-1, 0, 1, 2)]
            offsets = [each.utcoffset() or timedelta() for each in midnights]
            self._changes[day] = any(later < earlier for earlier, later in pairwise(offsets))
        return self._changes[day]


class RepeatedHour:
    """Moves the second occurrence of a local time within one series into the second hour.

    Times are read with the offset before the change (`civil_time.localised`). In rows that rise, what comes first is
    the first hour; in rows that fall, the second one.
    """

    def __init__(self, zone: tzinfo, form: str | None = None) -> None:
        self._clocks = ClockChanges(zone, form)
        self._seen: set[tuple[Hashable, int]] = set()
        self._before: int | None = None
        self._falling: bool | None = None  # decided by the first two times of the file

    def settle(
        self, times: list[int | None], series: Sequence[Hashable] | None, cells: Sequence[object] | None = None
    ) -> None:
        """Set the times (µs of UTC) of the second hour, in place.

        `series` names the series of each row, `cells` are what the times were read from.
        """
        for place, time in enumerate(times):
            if time is None:
                continue
            if self._falling is None and self._before not in (None, time):
                self._falling = time < (self._before or 0)
            self._before = time
            if (second := self._clocks.second(time)) is None:
                continue
            if cells is not None and self._clocks.is_settled(cells[place]):
                continue
            key = (series[place] if series is not None else None, time)
            again = key in self._seen
            self._seen.add(key)
            if again is not bool(self._falling):
                times[place] = second


def passes(walls: Sequence[int]) -> list[int] | None:
    """Return which occurrence, 0 or 1, each of these rising times of the hour is.

    None where the order does not tell: they must rise once, rise, go back and rise again, or stand in pairs.
    """
    runs = [0]
    for earlier, later in pairwise(walls):
        runs.append(runs[-1] + (later <= earlier))
    if not walls or not runs[-1]:
        return runs[: len(walls)]
    if any(later < earlier for earlier, later in pairwise(walls)):
        return runs if runs[-1] == 1 else None
    pairs = [len(list(each)) for _, each in groupby(walls)]
    return [0, 1] * len(pairs) if set(pairs) == {2} else None
