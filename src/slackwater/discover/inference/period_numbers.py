"""Detects columns that number the periods of a day: hours, half-hours, quarter-hours. Pure.

Hours are 1 to 24, half-hours 1 to 48, quarter-hours 1 to 96. The cells show it, whatever the column is called: each
whole day has all numbers. A day in which clocks change has two hours more or fewer.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from math import gcd

from slackwater.discover.inference.local_time import zones_of_days
from slackwater.errors import Question
from slackwater.formats.cells import cell_text
from slackwater.formats.timestamps import NUMBERED, time_parser

_LENGTHS = {"1h": (24, 23, 25), "30m": (48, 46, 50), "15m": (96, 92, 100)}  # length → how many a day has


_LEAST_OF_A_DAY = 6  # numbers in one day that make steps of it


def since_midnight(days: Sequence[object], numbers: Sequence[object]) -> str | None:
    """Return `m` or `s` for minutes or seconds since midnight in even steps."""
    found: dict[str, list[int]] = {}
    for day, number in zip(days, numbers, strict=True):
        text = cell_text(number)
        if not text.isdecimal():
            return None
        found.setdefault(cell_text(day), []).append(int(text))
    every = {number for each in found.values() for number in each}
    step = gcd(*every)
    for unit, whole, hour in (("m", 1_440, 60), ("s", 86_400, 3_600)):  # of a day, and of an hour
        if (
            max(every) < whole
            and max(every) - min(every) > hour
            and step * _LEAST_OF_A_DAY <= whole
            and (hour % max(step, 1) == 0 or step % hour == 0)
            and all(len(each) == len(set(each)) and _nearly_whole(each, step) for each in found.values())
            and max(map(len, found.values())) >= min(_LEAST_OF_A_DAY, whole // step)
            and (unit == "m" or step >= 60 or max(every) >= 1_440)
        ):
            return unit
    return None


def _nearly_whole(numbers: Sequence[int], step: int) -> bool:
    """Check whether four in five steps between least and greatest are there."""
    return len(numbers) * 5 >= ((max(numbers) - min(numbers)) // max(step, 1) + 1) * 4


def days_of_change(days: Sequence[object], numbers: Sequence[object], length: str) -> list[object]:
    """Return the days that have more or fewer periods than others.

    Their clocks change.
    """
    counts: dict[object, set[str]] = {}
    for day, number in zip(days, numbers, strict=True):
        counts.setdefault(day, set()).add(cell_text(number))
    return [day for day, found in counts.items() if len(found) in _LENGTHS[length][1:]]


def refuse_days_of_change(form: str | None, cells: Iterable[object], name: str) -> None:
    """Raise a Question for numbered periods of days on which clocks change.

    A day that goes on to another number than others, 25 hours or 23, is one of a zone. 25 would fall on the next day.
    """
    match = NUMBERED.fullmatch(form or "")
    usual, short, long = _LENGTHS.get(match["length"], (0, 0, 0)) if match else (0, 0, 0)
    if match is None or not usual:
        return
    last: dict[str, int] = {}
    for cell in cells:
        day, _, number = cell_text(cell).removesuffix(match["after"]).rpartition(f" {match['before']}")
        if number.isdecimal():
            last[day] = max(last.get(day, 0), int(number))
    odd = [day for day, most in last.items() if most in (short, long)]
    begun = [at for at in time_parser(match["day"], UTC)(odd) if at is not None]
    changed = [at for at in begun if zones_of_days([at])]
    more = [day for day in odd if last[day] == long]
    if not changed and not more:
        return
    shown = more[0] if more else odd[begun.index(changed[0])]
    raise Question(
        f"the periods of a day in {name!r} end with the number {usual}, but on {shown} with {last[shown]}: they are of "
        "days of a zone whose clocks change then; give timezone",
        field="timezone",
        choices=zones_of_days(changed or begun),
    )


def period_length(days: Sequence[object], numbers: Sequence[object]) -> tuple[str, int] | None:
    """Return the period's length and first number, None for other numbers."""
    found: dict[str, set[int]] = {}
    for day, number in zip(days, numbers, strict=True):
        text = cell_text(number)
        if not text:
            continue
        if not text.isdecimal() or len(text) > 3:
            return None
        found.setdefault(cell_text(day), set()).add(int(text))
    if not found or max(map(len, found.values())) < min(min(counts) for counts in _LENGTHS.values()):
        return None
    first = min(map(min, found.values()))
    for length, counts in _LENGTHS.items():
        whole = [set(range(first, first + count)) for count in counts]
        among = list(found.values())[1:-1] or list(found.values())
        if (
            first in (0, 1)
            and all(each in whole for each in among)
            and all(each <= whole[2] for each in found.values())
            and any(len(each) == counts[0] for each in found.values())
        ):
            return length, first
    return None
