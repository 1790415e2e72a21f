"""Resolves the hour that occurs twice when clocks go back, by row order."""

from collections.abc import Hashable, Sequence
from datetime import UTC, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, from_micros

ELSEWHERE = ZoneInfo("Pacific/Chatham")  # whose wall clocks show what no other's do
_MICRO = timedelta(microseconds=1)


class RepeatedHour:
    """Moves the second occurrence of a local time within one series into the second hour.

    Times are read with the offset before the change (`civil_time.localised`). In rows that rise, what comes first is
    the first hour; in rows that fall, the second one.

    `form` is that of the cells given to `settle`: one with the same time in any zone says its zone, and stays.
    """

    def __init__(self, zone: tzinfo, form: str | None = None) -> None:
        self._zone = zone
        self._anywhere = time_parser(form, UTC), time_parser(form, ELSEWHERE)
        self._changes: dict[int, bool] = {}  # day → whether the clocks go back in it
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
            if not self._goes_back(time // DAY) or (second := self._second(time)) is None:
                continue
            if cells is not None and self._is_instant(cells[place]):
                continue
            key = (series[place] if series is not None else None, time)
            again = key in self._seen
            self._seen.add(key)
            if again is not bool(self._falling):
                times[place] = second

    def _is_instant(self, cell: object) -> bool:
        in_utc, elsewhere = (read([cell]) for read in self._anywhere)
        return in_utc == elsewhere

    def _goes_back(self, day: int) -> bool:
        if day not in self._changes:
            # A day of the zone touches two days of UTC: the day before and after are looked at, too.
            midnights = [from_micros((day + far) * DAY).astimezone(self._zone) for far in (-1, 0, 1, 2)]
            offsets = [each.utcoffset() or timedelta() for each in midnights]
            self._changes[day] = any(later < earlier for earlier, later in pairwise(offsets))
        return self._changes[day]

    def _second(self, time: int) -> int | None:
        """Return the other instant of the same wall clock, None where there is one alone."""
        wall = from_micros(time).astimezone(self._zone).replace(fold=0)
        first, second = wall.utcoffset(), wall.replace(fold=1).utcoffset()
        if first is None or second is None or second >= first:
            return None
        return time + (first - second) // _MICRO if wall.astimezone(UTC) == from_micros(time) else None
