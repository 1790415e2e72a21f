"""Detects years, months, days and hours in columns without names. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from slackwater.discover.file.column_profile import Column
from slackwater.discover.inference.number_column import FEW
from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_year

_NAMELESS = re.compile(r"column \d+(?: \(\d+\))?")
_HOURS = 24  # the number of the hour that ends a day


def with_parts(columns: Sequence[Column]) -> list[Column]:
    """Return the columns, nameless parts of a time with the parts that they are."""
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
    return _NAMELESS.fullmatch(column.name) is not None


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
