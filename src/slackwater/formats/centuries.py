"""Decides the century of two-digit years from the whole column, or leaves a question.

A time form may end in `|YYYY`: its two-digit years are those of the hundred years from YYYY on (`%b-%y|1900`,
`month|1900`). Without it they are those of 1969 to 2068, as POSIX strptime reads them.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from slackwater.formats.month_names import split_language
from slackwater.formats.periods import PERIODS
from slackwater.model.instants import YEAR, from_micros, to_micros

_SUFFIX = re.compile(r"(.+)\|(\d{4})")
_LEAP = 50 * YEAR  # between neighbours of a column: no series pauses for so long, a wrong century leaps a hundred
_AHEAD = YEAR  # that a time may lie after now: next year's plan is data, the next century is not

_WORDED = PERIODS | {"period", "words"}  # forms that read years of two digits and of four

Times = Callable[[Sequence[object]], list[int | None]]


def split_century(form: str) -> tuple[str, int | None]:
    """Return a time form without its `|YYYY`, and that year; None where there is none."""
    match = _SUFFIX.fullmatch(form)
    worded = match is not None and split_language(match[1])[0] in _WORDED
    return (match[1], int(match[2])) if match and ("%y" in match[1] or worded) else (form, None)


def in_century(read: Times, first: int, local: Callable[[int], int]) -> Times:
    """Return the parser that moves the times of `read` (local time, µs) into a century.

    It is the hundred years that begin with the year `first`.
    """

    def moved(micros: int | None) -> int | None:
        if micros is None:
            return None
        moment = from_micros(micros)
        try:
            return local(to_micros(moment.replace(year=first + (moment.year - first) % 100)))
        except (ValueError, OverflowError):  # 29 February of a year that is none, or beyond the calendar
            return None

    def column(cells: Sequence[object]) -> list[int | None]:
        times = read(cells)
        dated = [isinstance(cell, date) for cell in cells]  # a real date has its century
        return [time if real else moved(time) for time, real in zip(times, dated, strict=True)]

    return column


def centuries(form: str, read: Callable[[str], Times], cells: Sequence[object]) -> tuple[str, ...]:
    """Return the forms that a column of two-digit years may have, the likelier first.

    One form where the column decides: no time lies in the next century, and no neighbours are a century apart.
    """
    if "%y" not in form and split_language(form)[0] not in _WORDED:
        return (form,)
    times, earlier = read(form)(cells), f"{form}|1900"
    leaps, ahead = _oddities(times)
    if not (leaps or ahead) or times == read(earlier)(cells):
        return (form,)
    if any(_oddities(read(earlier)(cells))):
        return (form,) if not leaps else (form, earlier)
    return (earlier,) if leaps else (form, earlier)


def _oddities(times: Sequence[int | None]) -> tuple[bool, bool]:
    """Check for neighbours a century apart, and for times in a century to come."""
    found = sorted(time for time in times if time is not None)
    if not found:
        return False, False
    leaps = any(after - before > _LEAP for before, after in pairwise(found))
    return leaps, found[-1] > to_micros(datetime.now(UTC)) + _AHEAD
