"""Finds the zones of local clocks by the days in which they change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from slackwater.discover.inference.words import listed
from slackwater.errors import Question
from slackwater.formats.repeated_hour import RepeatedHour
from slackwater.model.instants import DAY, HOUR, from_micros

CANDIDATES = (
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Santiago",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""One zone for each way in which the clocks of many people change."""
_NEAR = 3 * HOUR  # of the repeated hour; chosen: the rows before and behind it, in quarter-hours and in hours
_LEAST_OTHERS = 3  # times that are left when those of the hour are put aside


FILE_WAY_OUT = ("Sort the rows by time, or add a column with the offsets from UTC, such as +02:00.", "time_columns")
API_WAY_OUT = (
    "Give query_params that sort the records by time, or date_field, a field with times of UTC or with offsets.",
    "date_field",
)
"""What a person can do about rows in no order, and the field to set."""


def zones_of(times: Iterable[int], candidates: Sequence[str] = CANDIDATES) -> list[str]:
    """Return the zones whose clocks showed all these times twice.

    Times are read as if of UTC.
    """
    known = list(times)
    return [name for name in candidates if known and all(_twice(time, _zone(name)) for time in known)]


def within_an_hour(times: Iterable[int]) -> list[int]:
    """Return the times that some clock showed twice."""
    return [time for time in times if zones_of([time])]


def zones_of_days(days: Iterable[int]) -> list[str]:
    """Return the zones whose clocks changed on all these days.

    A day is its midnight, as if of UTC.
    """
    known = list(days)
    return [name for name in CANDIDATES if known and all(_changes(day, _zone(name)) for day in known)]


def without_the_hour(times: Sequence[int | None]) -> list[int | None]:
    """Return times without repeated ones that some clock showed twice.

    They do not tell series apart.
    """
    counts = Counter(time for time in times if time is not None)
    doubled = {time for time, count in counts.items() if count > 1 and zones_of([time])}
    return list(times) if len(counts) - len(doubled) < _LEAST_OTHERS else [None if t in doubled else t for t in times]


def of_local_clocks(names: Sequence[str], zones: list[str]) -> Question:
    """Return the question where times repeat in the hour that clocks repeat."""
    return Question(
        f"The times in {listed(names)} stand twice in the hour in which clocks go back, and nowhere else, so they are "
        f"local: clocks of {' or '.join(zones)} did so. Give timezone.",
        field="timezone",
        choices=zones,
    )


def refuse_disorder(
    names: Sequence[str],
    times: Sequence[int | None],
    keys: Sequence[object],
    home: tzinfo,
    way_out: tuple[str, str] = FILE_WAY_OUT,
    beside: Sequence[Sequence[Any]] = (),
) -> None:
    """Raise a Question where rows in no order have the hour that clocks repeat.

    Nothing then tells which of two rows is the first. `keys` name the series of each row, `way_out` is what to do.
    With `beside`, all other columns as texts and as numbers, rows sorted by their clocks alone are in order as well.
    """
    lines: dict[object, list[int]] = {}
    for place, (time, key) in enumerate(zip(times, keys, strict=True)):
        if time is not None:
            lines.setdefault(key, []).append(place)
    for places in lines.values():
        line = [times[place] for place in places]
        settled = in_order(line, home, [()] * len(line))
        moved = [there for here, there in zip(line, settled, strict=True) if here != there and there is not None]
        near = [time for time in settled if time is not None and any(abs(time - each) <= _NEAR for each in moved)]
        if near in (sorted(near), sorted(near, reverse=True)):
            continue
        if not _kept_order(line, settled, [[column[place] for place in places] for column in beside]):
            raise Question(
                f"The times in {listed(names)} stand twice in the hour in which clocks go back, and the rows are in no "
                f"order, so nothing tells which of them is the first. {way_out[0]}",
                field=way_out[1],
            )


def _kept_order(times: Sequence[int | None], settled: Sequence[int | None], beside: Sequence[Sequence[Any]]) -> bool:
    """Return whether the rows of a series were sorted by their clocks alone.

    The first of two equal ones then stayed the first. A column that always rises from one to the other, or always
    falls, may have been sorted by as well.
    """
    known = [time for time in times if time is not None]
    seconds = [at for at in range(1, len(times)) if times[at] == times[at - 1] and times[at] != settled[at]]
    ways = [{column[at - 1] < column[at] for at in seconds if _differ(column[at - 1], column[at])} for column in beside]
    told = [each for each in ways if each]
    return known == sorted(known) and bool(told) and all(len(each) > 1 for each in told)


def _differ(one: Any, other: Any) -> bool:
    return None not in (one, other) and one != other


def in_order(times: Sequence[int | None], zone: tzinfo, series: Sequence[tuple[object, ...]]) -> list[int | None]:
    """Return times with the repeated hour in its place, by the records' order."""
    settled = list(times)
    if zone is not UTC:
        RepeatedHour(zone).settle(settled, series)
    return settled


def _wall(time: int, zone: tzinfo, fold: int = 0) -> datetime:
    return from_micros(time).replace(tzinfo=zone, fold=fold)


@cache
def _zone(name: str) -> ZoneInfo:
    """Return a zone, read once: `ZoneInfo` itself keeps eight."""
    return ZoneInfo(name)


def _twice(time: int, zone: tzinfo) -> bool:
    first, second = _wall(time, zone).utcoffset(), _wall(time, zone, 1).utcoffset()
    return first is not None and second is not None and second < first


def _changes(day: int, zone: tzinfo) -> bool:
    return _wall(day, zone).utcoffset() != _wall(day + DAY, zone).utcoffset()
