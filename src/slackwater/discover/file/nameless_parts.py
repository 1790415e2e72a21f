"""Detects parts of a time by their place: columns without names, minutes behind hours. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from slackwater.discover.file.column_profile import NAMELESS, Column
from slackwater.discover.inference.number_column import FEW
from slackwater.discover.inference.vocabulary import words_for
from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_year
from slackwater.formats.counted_times import since_form

_HOURS = 24  # the number of the hour that ends a day
_SIXTY = 60  # minutes in an hour, seconds in a minute
_MONTHS = 12  # of a year
_MANY = 10  # times; chosen: so many that are evenly apart and turn over are no chance
_EVEN = 0.9  # of the steps; chosen: a series has gaps, and clocks that change
_FIRST = 1_000  # rows, which follow one another in a sample
_WHOLE_HOUR = re.compile(r"(?<=\d):00(?::00)?$")
_ORDERS = (
    ("year", "month", "day", "hour"),
    ("day", "month", "year", "hour"),
    ("month", "day", "year", "hour"),
    ("year", "month", "day"),
    ("day", "month", "year"),
    ("month", "day", "year"),
)
_FINER = (  # part → what it is called right behind the part before it, where `mm` is no month and `min` no minimum
    ("minute", words_for("minute") | {"min", "mins", "mn", "mm", "mi"}),
    ("second", words_for("second") | {"sec", "secs", "ss", "se"}),
)


def with_parts(columns: Sequence[Column], above: Sequence[str] = ()) -> list[Column]:
    """Return the columns with the parts of a time that their place gives them.

    `above` are the texts above the table, of which one may say since when times are counted.
    """
    return _counted(_with_minutes(_with_running(_with_nameless(columns))), above)


def _counted(columns: list[Column], above: Sequence[str]) -> list[Column]:
    forms = {form for text in above if (form := since_form(text))}
    times = [column for column in columns if column.named_as_time and column.number_form and not _of_calendar(column)]
    if len(forms) != 1 or len(times) != 1:
        return columns
    form = forms.pop()
    return [replace(column, since=form) if column is times[0] else column for column in columns]


def _of_calendar(column: Column) -> bool:
    return column.part is not None or not column.words.isdisjoint(words_for("year"))


def _with_minutes(columns: Sequence[Column]) -> list[Column]:
    """Return the columns, those of minutes and seconds right behind their hours as such."""
    found = list(columns)
    hour = next((place for place, column in enumerate(found) if column.part == "hour"), len(found))
    for place, (part, names) in enumerate(_FINER, hour + 1):
        behind = found[place] if place < len(found) else None
        if behind is None or not behind.words or not behind.words <= names or not _below_sixty(behind):
            break
        found[place] = replace(behind, said=part)
    return found


def _below_sixty(column: Column) -> bool:
    numbers = _numbers(replace(column, cells=column.filled))
    return bool(numbers) and all(number < _SIXTY for number in numbers or ())


def _with_nameless(columns: Sequence[Column]) -> list[Column]:
    dated = any(column.time_rank > 1 for column in columns)
    for place, column in enumerate(columns):
        if not dated and _beside_months(columns[place : place + 2]):
            return [*columns[:place], replace(column, said="year"), *columns[place + 1 :]]
        if _nameless(column) and column.filled and all(map(is_year, column.filled)):
            rows = [row for row, cell in enumerate(column.cells) if not is_nothing(cell)]
            parts = _parts(
                [replace(each, cells=[each.cells[row] for row in rows]) for each in columns[place : place + 4]]
            )
            if parts:
                told = [replace(each, said=part) for each, part in zip(columns[place:], parts, strict=False)]
                return [*columns[:place], *told, *columns[place + len(parts) :]]
    return list(columns)


def _with_running(columns: list[Column]) -> list[Column]:
    """Return the columns, those that run on beside a year as its parts.

    They may be called anything. The finest part turns over where that of a calendar does, and all times are evenly
    apart: no counters do both. Ranks that begin anew each year leave a gap there.
    """
    if any(column.time_rank > 1 and not _is_years(column) for column in columns):
        return columns
    running = [each for place in range(len(columns)) if (each := _running_at(columns, place)) is not None]
    if len(running) != 1:
        return columns  # of two times none is for certain that of the values
    [(first, order)] = running
    told = [
        replace(each, said=part if part != "hour" or each.number_form else "clock")
        for each, part in zip(columns[first:], order, strict=False)
    ]
    return [*columns[:first], *told, *columns[first + len(order) :]]


def _running_at(columns: list[Column], place: int) -> tuple[int, Sequence[str]] | None:
    """Return where parts of times around a year begin, and what they are."""
    if not _is_years(columns[place]):
        return None
    for order in _ORDERS:
        first = place - order.index("year")
        found = columns[first : first + len(order)] if first >= 0 else []
        parts = [(each.part, part) for each, part in zip(found, order, strict=False) if part != "year"]
        known = all(own == part for own, part in parts)
        other = any(own not in (None, part) for own, part in parts if part != "hour")  # what a name says is so
        if len(found) == len(order) and not known and not other and _turns_over(found, order):
            return first, order
    return None


def _is_years(column: Column) -> bool:
    return column.part == "year" or (bool(column.filled) and all(map(is_year, column.filled)))


def _turns_over(columns: Sequence[Column], order: Sequence[str]) -> bool:
    """Check whether columns are the parts of times that are evenly apart and turn over."""
    rows = dict(zip(order, map(_numbers_or_hours, columns), strict=True))
    if any(numbers is None for numbers in rows.values()):
        return False
    parts = ("year", "month", "day", *(("hour",) if "hour" in rows else ()))
    times = sorted(set(zip(*(rows[part] or () for part in parts), strict=True)))
    if len(times) < _MANY or not all(
        time[1] <= _MONTHS and _is_time(time) and time[-1] < _HOURS for time in _whole(times)
    ):
        return False
    hours = [date(*time[:3]).toordinal() * _HOURS + time[3] for time in _whole(times)]
    steps = [later - earlier for earlier, later in pairwise(hours)]
    turns = [step for step, (earlier, later) in zip(steps, pairwise(times), strict=True) if later[-1] < earlier[-1]]
    even = steps.count(min(steps)) >= _EVEN * len(steps) and not any(step % min(steps) for step in steps)
    return even and turns.count(min(steps)) * 2 > len(turns)


def _whole(times: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return [(*time, 0)[:4] for time in times]


def _numbers_or_hours(column: Column) -> list[int] | None:
    """Return the numbers of a column, or the hours of its whole clocks."""
    texts = map(cell_text, column.cells[:_FIRST])
    return _numbers(replace(column, cells=[_WHOLE_HOUR.sub("", text) for text in texts]))


def _beside_months(columns: Sequence[Column]) -> bool:
    """Check whether years in order stand beside months by name, whatever language names them."""
    if len(columns) < len(("year", "month")) or columns[1].part != "month" or columns[1].number_form is not None:
        return False
    years = [cell_text(cell) for cell in columns[0].filled]
    return bool(years) and all(map(is_year, years)) and years in (sorted(years), sorted(years, reverse=True))


def _parts(columns: Sequence[Column]) -> list[str]:
    """Return what columns from a year on are, [] where they make no running times."""
    rows = [_numbers(column) for column in columns if _nameless(column)]
    for parts in (["year", "month", "day", "hour"], ["year", "month", "day"], ["year", "month"]):
        if len(rows) >= len(parts) and None not in rows[: len(parts)]:
            times = list(zip(*(row for row in rows[: len(parts)] if row is not None), strict=True))
            if len(times) >= FEW and all(map(_is_time, times)) and _run(times):
                return parts
    return []


def _nameless(column: Column) -> bool:
    return NAMELESS.fullmatch(column.name) is not None


def _numbers(column: Column) -> list[int] | None:
    texts = list(map(cell_text, column.cells))
    return list(map(int, texts)) if all(text.isdecimal() and len(text) <= len("2024") for text in texts) else None


def _is_time(parts: tuple[int, ...]) -> bool:
    year, month, day, hour = (*parts, *(1, 1, 0)[len(parts) - 1 :])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return 0 <= hour <= _HOURS


def _run(times: Sequence[tuple[int, ...]]) -> bool:
    """Say whether times only rise, or only fall, and not all in the year alone."""
    rises = [later > earlier for earlier, later in pairwise(times)]
    alone = len({time[1:] for time in times}) == 1
    return (all(rises) or not any(rises)) and len(set(times)) == len(times) and not alone
