"""Detects times in the names of fields: months, hours or dates across."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from slackwater.discover.api.records.columns import columns_of
from slackwater.discover.api.records.split_time import periods_of_days, whole_number
from slackwater.discover.api.records.time_field import time_candidates
from slackwater.discover.inference.vocabulary import words_for
from slackwater.discover.inference.words import is_about_keeping, listed, words_of
from slackwater.errors import Question
from slackwater.formats.month_names import month_number
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload.across import CLOCK, KEY, MOST, VALUE, clock_in, field_of
from slackwater.formats.periods import quarter_number
from slackwater.formats.timestamp_inference import TimeForm, infer_time_form
from slackwater.pipe.frames import Finding

WITH_FIELDS = frozenset({"list", "rows", "csv", "ndjson", "object", "keyed"})
"""The shapes of which a record may have times across."""
FEWEST = 3  # fields; two may be called so by chance
_FEWEST_DAYS = 28  # of February
_FROM_ZERO, _FROM_ONE = frozenset(range(24)), frozenset(range(1, 25))
_PERIODS = frozenset({46, 48, 50, 92, 96, 100})  # half-hours and quarters of an hour that a day has
_ASKED = frozenset({"hour", "number"})  # parts of the time whose beginning nothing tells
_NUMBERED = re.compile(r"(?P<before>[^\d]*?)(?P<time>\d[\d\-/:. T]*\d|\d)(?P<after>\D*)", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_DAYS = words_for("day") | {"d"}  # before the number of a day
_DAY = 1440  # minutes
_FIRST_YEAR, _LAST_YEAR = 1800, 2200  # of those that are told by a number alone
_MONTHS = ("month", "mes", "mois", "monat", "mese", "maand", "miesiac", "mês")

Columns = Mapping[str, list[Any]]
Named = dict[str, str]  # what stands in the name of a field → the field's path
Split = tuple[tuple[str, ...], TimeForm]


@dataclass(frozen=True)
class TimesAcross:
    """The pattern of fields called by their times, and the time of records."""

    pattern: str
    about: Finding
    split: Split | None  # where the fields' names are a part of the time

    @property
    def time(self) -> str | None:
        """The field of the time, where the names of fields are all of it."""
        return KEY if self.split is None else None


def times_across(records: Sequence[Any], config: Mapping[str, Any]) -> TimesAcross | None:
    """Return which fields are called by times; Question for hours 1 to 24."""
    if config.get("value_fields") or config.get("value_field") not in (None, VALUE):
        return None
    columns = columns_of(records)
    for holder, before, after, named in _groups(columns):
        others = {path: cells for path, cells in columns.items() if path not in named.values()}
        if VALUE in others:
            continue
        found = (
            _part(list(named), others)
            or _quarters(named, others, before, after)
            or _days_of_months(columns, named, others, before)
            or _whole(list(named), others)
        )
        if found is None or field_of(found[0]) in others:
            continue
        what, split = found
        pattern = f"{holder}.{before}{{{what}}}{after}" if holder else f"{before}{{{what}}}{after}"
        paths = list(named.values())
        reason = f"{len(named)} fields are called by their times, {listed(paths[:1])} to {listed(paths[-1:])}."
        about = Finding(what="shape", value=pattern, confidence=0.9, reason=reason, field="value_fields")
        if split and what in _ASKED and not config.get("date_field"):
            if what == "number":
                raise _of_numbers(columns, named, split)
            if set(map(whole_number, named)) == _FROM_ONE:
                raise _of_hours(paths, split)
        return TimesAcross(pattern, about, split)
    return None


def _groups(columns: Columns) -> Iterator[tuple[str, str, str, Named]]:
    """Yield where fields of numbers are, what is around their times, and these."""
    groups: dict[tuple[str, str, str], Named] = {}
    for path, cells in columns.items():
        holder, _, name = path.rpartition(".")
        if "." in holder:
            continue
        if month_number(name) is not None or (not name.isdecimal() and (infer_time_form([name]) or clock_in(name))):
            around, time = ("", ""), name
        elif match := _NUMBERED.fullmatch(name):
            around, time = (match["before"], match["after"]), match["time"]
        else:
            continue
        if _numeric(cells):
            groups.setdefault((holder, *around), {})[time] = path
    for (holder, before, after), named in groups.items():
        if len(named) >= FEWEST:
            yield holder, before, after, named


def _part(names: list[str], others: Columns) -> tuple[str, Split] | None:
    """Return the part of the time in names, and the whole time with it."""
    years = [path for path in others if _are_years(others[path])]
    numbers = {whole_number(name) for name in names}
    counted = numbers == set(range(1, len(numbers) + 1))
    padded = all(len(name) == len("01") for name in names)
    if len(years) == 1 and len(names) <= MOST["month"][1]:
        if all(month_number(name) is not None for name in names):
            return "month", ((years[0], "month"), TimeForm("month"))
        if counted and (len(names) == MOST["month"][1] or padded):
            return "month", ((years[0], "month"), TimeForm("%Y %m"))
    months = [path for path in others if path.rpartition(".")[2].lower() in _MONTHS]
    if len(years) == len(months) == 1 and counted and len(numbers) >= _FEWEST_DAYS:
        return "day", ((years[0], months[0], "day"), TimeForm("%Y %m %d"))
    days = [(path, form) for path in time_candidates(dict(others)) if (form := _form_of_days(others[path]))]
    if len(days) != 1:
        return None
    (path, form) = days[0]
    forms = ["%Y-%m-%d" if each == "iso" else each for each in (form.form, *form.rivals)]
    if frozenset(numbers) in (_FROM_ZERO, _FROM_ONE):
        return "hour", ((path, "hour"), TimeForm(f"{forms[0]} %H", tuple(f"{each} %H" for each in forms[1:])))
    if counted and len(numbers) in _PERIODS:
        return "number", ((path, "number"), TimeForm(forms[0], tuple(forms[1:])))
    if _are_clocks(names):
        return CLOCK, ((path, CLOCK), TimeForm(f"{forms[0]} %H:%M", tuple(f"{each} %H:%M" for each in forms[1:])))
    return None


def _quarters(named: Named, others: Columns, before: str, after: str) -> tuple[str, Split] | None:
    """Return the part of the time in fields that are quarters beside a year."""
    years = [path for path in others if _are_years(others[path])]
    told = {quarter_number(f"{before}{name}{after}") for name in named}
    if len(years) != 1 or told != set(range(1, MOST["quarter_number"][1] + 1)) or len(named) != len(told):
        return None
    return "quarter_number", ((years[0], "quarter_number"), TimeForm("quarter"))


def _days_of_months(columns: Columns, named: Named, others: Columns, before: str) -> tuple[str, Split] | None:
    """Return the part of the time in the numbered days of months, `2026-05`.

    No month has a value of a day that it has not. Numbers behind another word count something else: `station1` to
    `station28`.
    """
    word = set(words_of(before))
    days = {whole_number(name): path for name, path in named.items()}
    months = [path for path in time_candidates(dict(others)) if _are_months(others[path])]
    counted = days.keys() == set(range(1, len(days) + 1)) and _FEWEST_DAYS <= len(days) <= MOST["day"][1]
    if len(months) != 1 or not counted or (word and not word & _DAYS):
        return None
    for place, month in enumerate(others[months[0]]):
        last = monthrange(int(month[:4]), int(month[5:]))[1] if isinstance(month, str) else 0
        if any(columns[path][place] is not None for day, path in days.items() if day is not None and day > last):
            return None
    return "day", ((months[0], "day"), TimeForm("%Y-%m %d"))


def _are_months(cells: list[Any]) -> bool:
    return any(isinstance(cell, str) for cell in cells) and all(
        _MONTH.fullmatch(cell) for cell in cells if isinstance(cell, str)
    )


def _are_clocks(names: list[str]) -> bool:
    """Check whether names are times of day.

    Without colons they are those of a whole day in even steps.
    """
    clocks = [clock_in(name) for name in names]
    if None in clocks or len(set(clocks)) < len(names):
        return False
    if not all(name.isdecimal() for name in names):
        return True
    minutes = [int(name[:-2]) * 60 + int(name[-2:]) for name in names]
    steps = {later - earlier for earlier, later in pairwise(minutes)}
    return all(len(name) == len("0030") for name in names) and len(steps) == 1 and len(names) * max(steps) == _DAY


def _whole(names: list[str], others: Columns) -> tuple[str, None] | None:
    """Return the form of names that are times, where a record has no other."""
    own = [path for path in time_candidates(dict(others)) if not _of_the_keeping(path, others[path])]
    if own or any(map(_are_years, others.values())):
        return None
    form = infer_time_form(names, 1.0)
    if form is None or form.rivals or (form.form == "year" and not all(map(_is_year, names))):
        return None
    return form.form, None


def _of_the_keeping(path: str, cells: list[Any]) -> bool:
    """Check whether a time is that of all records, or says when they were changed."""
    return is_about_keeping(path) or len(set(cells)) == 1


def _of_hours(paths: list[str], split: Split) -> Question:
    fields, form = split
    days = form.form.removesuffix(" %H")
    return Question(
        f"The fields {listed(paths[:1])} to {listed(paths[-1:])} are hours of the days in `{fields[0]}`, and may be "
        "called by their beginnings or by their ends. Give date_field with both, and date_format: `#1h` at its end "
        "where the first begins at midnight, `%H` where it begins at one.",
        field="date_format",
        alternatives=[{"date_field": ",".join(fields), "date_format": f"{days} {each}"} for each in ("#1h", "%H")],
    )


def _of_numbers(columns: Columns, named: Named, split: Split) -> Question:
    """Return what to ask about half-hours or quarters of an hour across."""
    (date, field), form = split
    paths = list(named.values())
    cells = [
        (day, number)
        for number, path in named.items()
        for day, cell in zip(columns[date], columns[path], strict=True)
        if cell is not None
    ]
    days, numbers = [day for day, _ in cells], [number for _, number in cells]
    return Question(
        f"The fields {listed(paths[:1])} to {listed(paths[-1:])} look like the periods of the days in `{date}`. Give "
        "date_field with both, and date_format with how long a period is at its end, `#30m` or `#15m`; or value_fields "
        "if each is a series.",
        field="date_field",
        alternatives=[
            each
            for written in (form.form, *form.rivals)
            for each in periods_of_days((date, field), written, days, numbers)
        ],
    )


def _numeric(cells: list[Any]) -> bool:
    return bool not in map(type, cells) and infer_number_form(cells) is not None


def _is_year(cell: Any) -> bool:
    number = whole_number(cell)
    return number is not None and _FIRST_YEAR <= number <= _LAST_YEAR


def _are_years(cells: list[Any]) -> bool:
    return any(cell is not None for cell in cells) and all(_is_year(cell) for cell in cells if cell is not None)


def _form_of_days(cells: list[Any]) -> TimeForm | None:
    form = infer_time_form(cells)
    days = form is not None and form.form != "year" and not form.form.startswith("epoch")
    return form if days and not any(":" in str(cell) for cell in cells) else None
