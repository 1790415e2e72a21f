"""Parses times that are one number: counted since a moment, or years with decimals. Pure.

`hours since 1900-01-01` is a form as the CF conventions write the unit of a time. `decimal_year` is the instant that a
number such as 1958.2027 names; `decimal_month` and `decimal_day` are the month and the day that it lies in.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from slackwater.formats.civil_time import checked, counted_days, new_year
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, to_micros

Convert = Callable[[int | float], int | None]

DECIMAL_FORMS = ("decimal_year", "decimal_month", "decimal_day")
CLOCK_FORMS = ("julian_day", "mjd", "matlab_day", "filetime", "ticks")
"""Numbers that count days, or tenths of a microsecond, as astronomers, MATLAB, Windows and .NET do."""
_SINCE = re.compile(
    r"\b(?P<unit>second|minute|hour|day)s? since (?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[ T](?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.0*)?)?)?)?"
    r"(?:\s?(?:UTC|GMT|Z|\+?00?:?00))?(?!\s?[\d:+-])",
    re.IGNORECASE | re.ASCII,
)
_UNITS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY}
_GREGORIAN = date(1582, 10, 15)  # before it the standard calendar of CF is another, and days differ
_MONTHS = 12  # of a year
_EDGE = 0.1  # of a month or a day; decimals of the first of May are rounded to just before it
_YEARS = range(1500, 2200)
_FEW = 5  # numbers; chosen: so many in even steps are no chance
_MONTHLY, _DAILY = 1 / 12, 1 / 365.25  # years
_UNEVEN = 0.2  # of a step; months are of 28 to 31 days, and decimals are rounded


def since_form(text: str) -> str | None:
    """Return the form of times that a text calls counted: `days since 1950-1-1`; else None."""
    match = _SINCE.search(text)
    base = _base(match) if match else None
    return f"{match['unit'].lower()}s since {base:%Y-%m-%d %H:%M:%S}" if match and base else None


def _base(match: re.Match[str]) -> datetime | None:
    parts = [int(match[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")]
    try:
        year, month, day, hour, minute, second = parts
        base = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return base if base.date() >= _GREGORIAN else None


def counted(form: str) -> tuple[Convert, bool] | None:
    """Return what turns numbers into µs, and whether a local clock told them."""
    if form in DECIMAL_FORMS:
        return {"decimal_year": _instant, "decimal_month": _month, "decimal_day": _day}[form], form != "decimal_year"
    if form in _COUNTED:
        unit, zero = _COUNTED[form]
        return (lambda number: checked(None, zero + _whole(number, unit))), form in ("matlab_day", "ticks")
    match = _SINCE.fullmatch(form)
    base = _base(match) if match else None
    if match is None or base is None:
        return None
    unit, zero = _UNITS[match["unit"].lower()], to_micros(base)
    return lambda number: checked(None, zero + round(number * unit)), False


def _whole(number: int | float, unit: float) -> int:
    """Return a count of days, or of tenths of a microsecond, in µs."""
    return counted_days(number) if unit == DAY else int(number) // round(1 / unit)


def clock_forms(numbers: Sequence[float]) -> list[str]:
    """Return the clocks by which all numbers are of this age."""
    return [form for form, (low, high) in _OF_THIS_AGE.items() if low <= min(numbers) and max(numbers) < high]


def are_days_of_sheets(numbers: Sequence[float]) -> bool:
    """Check whether numbers may be days of a spreadsheet, from 1982 to 2064.

    Those that run by hundreds are month, day and year in digits, without a zero before them: `30123`, `30223`.
    """
    hundreds = sum(abs(later - earlier) == _HUNDRED for earlier, later in pairwise(numbers))
    within = bool(numbers) and _DAYS_OF_SHEETS[0] <= min(numbers) and max(numbers) < _DAYS_OF_SHEETS[1]
    return within and hundreds * 2 <= len(numbers)


_HUNDRED = 100  # from a day to the next where two digits of the year stand behind it
_DAYS_OF_SHEETS = (30_000, 60_000)


def rivals_of_excel(numbers: Sequence[float]) -> tuple[str, ...]:
    """Return the clocks of this age for day numbers of a spreadsheet to come."""
    ahead = (to_micros(datetime.now(UTC)) + YEAR - to_micros(_SHEETS)) / DAY
    return tuple(clock_forms(numbers)) if max(numbers) > ahead else ()


def running_clocks(numbers: Sequence[float]) -> list[str]:
    """Return the clocks by which evenly running numbers are of this age."""
    return clock_forms(numbers) if run_evenly(numbers) else []


def run_evenly(numbers: Sequence[float]) -> bool:
    """Check whether numbers only rise, or only fall, mostly by the same step."""
    steps = sorted(later - earlier for earlier, later in pairwise(numbers))
    if len(set(numbers)) < _FEW or steps[0] * steps[-1] <= 0:
        return False
    usual = steps[len(steps) // 2]
    return sum(abs(step - usual) <= _UNEVEN * abs(usual) for step in steps) * 2 > len(steps)


def _instant(number: int | float) -> int | None:
    begin, end = new_year(int(number)), new_year(int(number) + 1)
    return None if begin is None or end is None else begin + round((number - int(number)) * (end - begin))


def _month(number: int | float) -> int | None:
    begin = new_year(int(number))
    months = int((number - int(number)) * _MONTHS + _EDGE)
    if begin is None or months >= _MONTHS:
        return begin if begin is None else new_year(int(number) + 1)
    first = date(int(number), months + 1, 1)
    return begin + (first - date(first.year, 1, 1)).days * DAY


def _day(number: int | float) -> int | None:
    begin, end = new_year(int(number)), new_year(int(number) + 1)
    return None if begin is None or end is None else begin + int((number % 1) * (end - begin) / DAY + _EDGE) * DAY


def decimal_forms(numbers: Sequence[float]) -> list[str]:
    """Return the forms of years with decimals, the likeliest first; [] for others."""
    if len(numbers) < _FEW or not all(int(number) in _YEARS for number in numbers):
        return []
    steps = sorted(abs(later - earlier) for earlier, later in pairwise(numbers))
    in_order = list(numbers) in (sorted(numbers), sorted(numbers, reverse=True))
    if not in_order or steps[0] == 0 or sum(number != int(number) for number in numbers) * 2 < len(numbers):
        return []
    usual = steps[len(steps) // 2]
    for step, form in ((_MONTHLY, "decimal_month"), (_DAILY, "decimal_day")):
        if abs(usual - step) <= _UNEVEN * step:
            return [form, "decimal_year"]
    return ["decimal_year"]


def tells_again(numbers: Sequence[float | None], times: Sequence[int | None]) -> bool:
    """Check whether numbers say the times (µs) once more: years with decimals, or clocks."""
    both = [(number, at) for number, at in zip(numbers, times, strict=True) if number is not None and at is not None]
    if len({number for number, _ in both}) < _FEW:
        return False
    if any(_are_clocks(both, unit, zero) for unit, zero in _CLOCKS):
        return True
    if all(number == int(number) for number, _ in both):
        return False
    read = [(_instant(number), at) for number, at in both if int(number) in _YEARS]
    return len(read) == len(both) and all(found is not None and abs(found - at) <= _MONTH for found, at in read)


_SHEETS = datetime(1899, 12, 30, tzinfo=UTC)  # the day 0 of spreadsheets
_CLOCKS = (
    *((unit, 0) for unit in (SECOND, SECOND / 1_000, 1, 1 / 1_000)),  # since 1970
    *((unit, to_micros(_SHEETS)) for unit in (DAY, DAY / 1_000_000)),  # of spreadsheets
    (DAY, to_micros(datetime(1970, 1, 1, tzinfo=UTC)) - 2_440_587.5 * DAY),  # Julian days
    (DAY, -719_529 * DAY),  # of MATLAB
)
"""What the clocks of machines count (µs), and from when."""
_TENTH = 0.1  # of a microsecond
_JULIAN, _MATLAB = to_micros(datetime(1970, 1, 1, tzinfo=UTC)) - 2_440_587 * DAY - DAY // 2, -719_529 * DAY
_COUNTED = {
    "julian_day": (DAY, _JULIAN),
    "mjd": (DAY, to_micros(datetime(1858, 11, 17, tzinfo=UTC))),
    "matlab_day": (DAY, _MATLAB),
    "filetime": (_TENTH, to_micros(datetime(1601, 1, 1, tzinfo=UTC))),
    "ticks": (_TENTH, to_micros(datetime(1, 1, 1, tzinfo=UTC))),
}
"""Form → what it counts (µs), and from when."""
_AGE = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_OF_THIS_AGE = {form: tuple((to_micros(at) - zero) / unit for at in _AGE) for form, (unit, zero) in _COUNTED.items()}
"""Form → the numbers of 1970 to 2100, between which few measurements run evenly."""
_STEP = 15 * MINUTE  # of the offsets of zones
_ZONES = 14 * HOUR  # µs; how far local times are from UTC at most


def _are_clocks(both: Sequence[tuple[float, int]], unit: float, zero: float) -> bool:
    """Check whether numbers tell the times by the clock of a machine."""
    number, at = both[0]
    if abs(zero + number * unit - at) > _ZONES:
        return False
    far = [zero + number * unit - at for number, at in both]
    if max(far) - min(far) > HOUR + SECOND:  # a clock of the place goes an hour ahead
        return False
    return all(abs(each - round(each / _STEP) * _STEP) <= SECOND for each in far)


_MONTH = 31 * DAY  # µs; the middle of a month is told of one that stands on its first
