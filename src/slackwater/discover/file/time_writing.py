"""Infers the form in which columns write the time. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, date

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.sample import FileSample
from slackwater.discover.inference.calendars import forms_by_calendar, rare_forms
from slackwater.discover.inference.offset_columns import form_with_offsets
from slackwater.discover.inference.period_numbers import period_length
from slackwater.discover.inference.period_parts import refuse_days_without_year, refuse_months
from slackwater.discover.inference.vocabulary import plain_words
from slackwater.errors import BadSource, Question
from slackwater.formats.annotations import bare_time, lenient_times
from slackwater.formats.cells import cell_text, is_sum
from slackwater.formats.civil_time import plain_clock, strptime_clock
from slackwater.formats.counted_times import decimal_forms
from slackwater.formats.month_names import ROMAN
from slackwater.formats.numbers import is_missing
from slackwater.formats.periods import period_reader
from slackwater.formats.table.headers import joined
from slackwater.formats.timestamp_inference import (
    TimeForm,
    in_a_language,
    infer_time_form,
    season_form,
    years_with_letters,
)
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, HOUR, MINUTE

_ENDING = frozenset({"he", "ending", "end"})
"""Words in the name of a column of hours that are named by their ends."""
_EPI = frozenset({"epiweek", "epidemiological", "mmwr", "mmwrweek", "epi", "se"})
"""Words of weeks that begin on Sundays, or on Mondays, by country."""
_ORDER = re.compile(r"\b(?P<first>mm?|dd?|jj|tt)\s?[/.-]\s?(?:mm?|dd?)\s?[/.-]\s?(?:yy|aa|jj)", re.IGNORECASE)
_BEFORE_HALF = re.compile(r"\s+(?=[ap]\.?\s?m\.?$)", re.IGNORECASE)
_JOINED = re.compile(r"(?<=\d)T(?=\d)", re.ASCII)
_ROMAN = (f"quarter:{ROMAN}", f"month:{ROMAN}")
_DAYS_OF_YEARS = frozenset({"doy", "dayofyear", "yearday", "yday", "jday", "julianday", "ordinalday"})
_WITH_CLOCK = 3  # columns: a year, the day of it and its clock
_WEEKS = 53  # of a year at most; higher numbers are those of days
_SLASHED = re.compile(r"%[dm][/.-]%[md]")


def joined_cells(columns: Sequence[Column]) -> list[object]:
    """Return the time of each row, the cells of several columns as one text."""
    if len(columns) == 1:
        return list(columns[0].cells)
    return [joined([bare_time(cell) for cell in cells]) for cells in zip(*(c.cells for c in columns), strict=True)]


def has_clock(column: Column) -> bool:
    """Check whether the times of a column have a clock in them."""
    return any(":" in cell_text(cell) for cell in column.moments[:100])


def day_and_clock(sample: FileSample) -> list[Column]:
    """Return the columns of days of the year, called so, and of clocks."""
    days = [column for column in sample.columns if column.words & _DAYS_OF_YEARS and column.number_form is not None]
    clocks = [column for column in sample.columns if column.part in {"hour", "clock"}]
    return [days[0], clocks[0]] if len(days) == len(clocks) == 1 else []


def without_ends(clocks: list[Column]) -> list[Column]:
    """Return the clocks, of two that always are as far apart the first alone."""
    if len(clocks) != len(("begin", "end")):
        return clocks
    both = [
        tuple(plain_clock(cell_text(cell)) for cell in cells) for cells in zip(*(c.cells for c in clocks), strict=True)
    ]
    spans = {(end - begin) % DAY for begin, end in both if begin is not None and end is not None}
    return clocks[:1] if len(spans) == 1 and spans != {0} else clocks


def written(columns: Sequence[Column], given: str | None) -> str | None:
    """Return the time form for the module, None for ISO 8601; Question if unclear."""
    name = " ".join(column.name for column in columns)
    empty = next((column for column in columns if not column.filled), None)
    if empty is not None:
        raise BadSource(f"time column {empty.name!r} is empty; give another time_column", field="time_column")
    cells = columns[0].moments if len(columns) == 1 else [cell for cell in joined_cells(columns) if cell is not None]
    if given is not None:
        return checked_form(given, cells, name)
    if len(columns) > 1:
        return _form_of_parts(columns, cells, name)
    form = columns[0].time_form or infer_time_form(cells, least=0.5)
    if form is not None:
        refuse_months(name, columns[0].words, form.form, cells)
    return decided(form, cells, name)


def checked_form(given: str, cells: Sequence[object], name: str) -> str:
    """Return a given form if it fits any of the cells; BadSource otherwise."""
    try:
        fitting = any(at is not None for at in lenient_times(time_parser(given, UTC))(cells))
    except ValueError as error:
        raise BadSource(f"date_format: {error}", field="date_format") from None
    if not fitting:
        raise BadSource(
            f"date_format {given!r} fits no value of column {name!r}, such as {examples(cells)}", field="date_format"
        )
    return given


def decided(form: TimeForm | None, cells: Sequence[object], name: str) -> str | None:
    """Return an inferred form for the module; Question when there is none, or two."""
    if form is None:
        raise Question(
            f"the times in column {name!r} are not understood: {examples(cells)}; give date_format", field="date_format"
        )
    refuse_days_without_year(form.form, cells, name)
    if form.ambiguous:
        forms = [form.form, *form.rivals]
        if (told := _order_in(name, forms)) is not None:
            return told
        raise Question(
            f"the times in column {name!r} can be read as {' or '.join(forms)}, and no value tells which: "
            f"{examples(cells)}; give date_format",
            field="date_format",
            choices=forms,
        )
    if form.form == "period":
        raise Question(
            f"column {name!r} has periods of several lengths, {examples(cells)}, of which some begin together; give "
            "date_format: year, quarter or month for those of one length, period to keep them all in one series",
            field="date_format",
            choices=["year", "quarter", "month", "period"],
        )
    dates = [cell for cell in cells if isinstance(cell, date)]
    if _SLASHED.search(form.form) and dates and all(cell.day <= 12 for cell in dates):
        raise Question(
            f"column {name!r} has dates beside texts such as {examples([c for c in cells if isinstance(c, str)])}: a "
            "spreadsheet has taken days for months in some of them; correct the column, or give date_format",
            field="date_format",
        )
    return None if form.form == "iso" else form.form


def _form_of_parts(columns: Sequence[Column], cells: Sequence[object], name: str) -> str | None:
    parts = [column.part or "" for column in columns]
    if columns[-1].halves_the_day:
        return _of_halves(columns, cells, name)
    if len(columns) == _WITH_CLOCK and parts[-1] in ("clock", "hour") and "month" not in parts:
        days = _of_days(columns[1], joined_cells(columns[:2]), name)
        return _with_clock(columns[-1], days, columns[1], cells, name)
    if sixties := [part for part in ("minute", "second") if part in parts]:
        hours = columns[: len(columns) - len(sixties)]
        form = _form_of_parts(hours, [cell for cell in joined_cells(hours) if cell is not None], name)
        return f"{form} {' '.join('%M' if part == 'minute' else '%S' for part in sixties)}"
    if "dekad" in parts and all(map(is_numeric, columns)):
        return "dekad"
    if "month" in parts:
        month = columns[parts.index("month")]
        if not is_numeric(month):
            return decided(in_a_language("day" if "day" in parts else "month", cells), cells, name)
        codes = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "clock": "%H:%M"}
        *above, last = [codes.get(part, "%Y") for part in parts]
        if parts[-1] == "hour":
            return _of_hours(columns[-1], " ".join(above), numbered=None)
        return " ".join([*above, last])
    for part in ("quarter", "half", "week", "dekad"):
        if part in parts:
            return part
    form = _form_of_date(columns, cells, name)
    return _with_clock(columns[-1], form or written(columns[:1], None), columns[0], cells, name)


def _of_halves(columns: Sequence[Column], cells: Sequence[object], name: str) -> str | None:
    """Return the form of dates and clocks with `AM` or `PM` behind them."""
    hours = columns[-2].part == "hour"  # without minutes: `3` and `PM`
    texts = [_BEFORE_HALF.sub(":00 ", cell_text(cell)) if hours else cell_text(cell) for cell in cells]
    joined = all(map(_JOINED.search, texts))  # `2024-01-15T03:00` and `PM`
    found = infer_time_form([_JOINED.sub(" ", text) for text in texts] if joined else texts)
    if found and joined:
        found = TimeForm(found.form.replace(" ", "T", 1), tuple(form.replace(" ", "T", 1) for form in found.rivals))
    if found and hours:
        found = TimeForm(found.form.replace(":%M", ""), tuple(form.replace(":%M", "") for form in found.rivals))
    forms = [found.form, *found.rivals] if found else []
    if len(forms) > 1 and _order_in(name, forms) is None:
        raise _several_forms(columns, forms, cells)
    return decided(found, cells, name)


def _form_of_date(columns: Sequence[Column], cells: Sequence[object], name: str) -> str | None:
    """Return the form of dates in two orders; None for others.

    Their clocks or their name tell it; Question where nothing does.
    """
    first, clock = columns[0], columns[-1]
    alone = first.time_form
    if clock.part not in {"clock", "hour"} or alone is None or not alone.ambiguous:
        return None
    together = infer_time_form(_of_24_hours(first, clock))  # evenly apart they are by one reading alone
    if together is not None and not together.ambiguous:
        return together.form.removesuffix(" %H:%M")
    forms = [alone.form, *alone.rivals]
    if (form := _order_in(first.name, forms)) is not None:
        return form
    raise _several_forms(columns, [_with_clock(clock, each, first, cells, name) for each in forms], cells)


def _several_forms(columns: Sequence[Column], forms: Sequence[str | None], cells: Sequence[object]) -> Question:
    """Return the question for a date and its clock in several forms."""
    names = [column.name for column in columns]
    return Question(
        f"the times in column {' '.join(names)!r} can be read as {' or '.join(map(str, forms))}, and no value tells "
        f"which: {examples(cells)}; give date_format",
        field="date_format",
        alternatives=[{"time_columns": names, "date_format": each} for each in forms],
    )


def _order_in(name: str, forms: Sequence[str]) -> str | None:
    """Return the only form in the one order that a name says: `Date (MM/DD/YYYY)`."""
    told = {"%m" if match["first"][0] in "mM" else "%d" for match in _ORDER.finditer(name)}
    alike = [form for form in forms if len(told) == 1 and form[:2] in told]
    return alike[0] if len(alike) == 1 else None


def _with_clock(clock: Column, form: str | None, first: Column, cells: Sequence[object], name: str) -> str | None:
    """Return the form of dates with their clocks, None for ISO 8601."""
    if clock.part == "offset" or (clock.part is None and has_clock(first)):
        return form_with_offsets(form, clock.filled, first.filled)
    if clock.part == "clock" and _ends_hours(clock):
        return f"{form or '%Y-%m-%d'} #1h"
    if clock.part == "clock" and clock.clock_form:
        return f"{form or '%Y-%m-%d'} {clock.clock_form}"
    if clock.part == "clock":
        return f"{form or '%Y-%m-%d'} %I:%M %p" if clock.twelve_hours else None if form is None else f"{form} %H:%M"
    if form == "year":
        return _of_days(clock, cells, name)
    numbered = period_length(first.cells, clock.cells)
    date_form = form or "%Y-%m-%d"
    if numbered is not None and numbered[0] != "1h":
        return f"{date_form} #{numbered[0]}"
    return _of_hours(clock, date_form, numbered)


def _of_days(days: Column, cells: Sequence[object], name: str) -> str:
    """Return the form of years with numbers of their days; Question for other numbers."""
    form = "%Y %j"
    numbers = [int(text) for text in map(cell_text, days.filled) if text.isdecimal()]
    read = time_parser(form, UTC)(cells)
    told = bool(days.words & _DAYS_OF_YEARS) or max(numbers, default=0) > _WEEKS
    if len(numbers) == len(days.filled) and told and None not in read:
        return form
    raise Question(
        f"the times in column {name!r} are not understood: {examples(cells)}; give date_format", field="date_format"
    )


def _of_hours(clock: Column, date_form: str, numbered: tuple[str, int] | None) -> str:
    """Return the form of dates with hours; Question for hours to 24."""
    to_24 = "24" in {cell_text(cell) for cell in clock.filled} or (numbered is not None and numbered[1] == 1)
    if to_24 and not _ENDING.isdisjoint(plain_words(clock.name)):
        return f"{date_form} #1h"  # the hour ending at 1 begins at midnight, and intervals stand at their beginning
    if to_24:
        forms = [f"{date_form} #1h", f"{date_form} %H"]
        raise Question(
            f"column {clock.name!r} counts hours to 24, and nothing tells whether an hour is named by its "
            f"beginning or its end; give date_format, {forms[0]} for its beginning, {forms[1]} for its end",
            field="date_format",
            choices=forms,
        )
    return f"{date_form} %H"


def _ends_hours(clock: Column) -> bool:
    """Check whether clocks from 01:00 to 24:00 are called the ends of their hours."""
    told = set(map(cell_text, clock.filled))
    return (
        not _ENDING.isdisjoint(plain_words(clock.name))
        and "24:00" in told
        and all(len(text) == len("24:00") and text.endswith(":00") and text != "00:00" for text in told)
    )


def _of_24_hours(days: Column, clock: Column) -> list[object]:
    """Return dates with their clocks as `13:14`, whatever the clocks' own form."""
    form = clock.clock_form or ("%I:%M %p" if clock.twelve_hours else None)
    read = strptime_clock(form) if form else _begin_of_hour if clock.part == "hour" else _bare_clock
    both: list[object] = []
    for day, cell in zip(days.cells, clock.cells, strict=True):
        since = read(cell_text(cell))
        if since is not None and cell_text(day):
            both.append(f"{cell_text(bare_time(day))} {since // HOUR:02}:{since % HOUR // MINUTE:02}")
    return both


def _bare_clock(text: str) -> int | None:
    """Return the µs since midnight of a clock, whatever zone stands behind it."""
    return plain_clock(text.rstrip("UTCGMZ "))


def _begin_of_hour(text: str) -> int | None:
    """Return the µs since midnight of `5`, `05-06` or `5 Uhr`."""
    match = re.match(r"\d{1,2}(?!\d)", text, re.ASCII)
    return int(match[0]) * HOUR if match and int(match[0]) * HOUR < DAY else None


def examples(cells: Sequence[object], count: int = 3) -> str:
    """Return a few cells for a message."""
    texts = dict.fromkeys(cell_text(cell)[:40] for cell in cells if not is_missing(cell) and not is_sum(cell))
    return ", ".join(map(repr, list(texts)[:count]))


def is_numeric(column: Column) -> bool:
    """Check whether a column writes numbers."""
    return column.number_form is not None


def no_time(sample: FileSample) -> Question:
    """Return the question for a table in which no column holds times."""
    for column in sample.columns:
        season = season_form(column.moments)
        if not season and (lettered := years_with_letters(column.moments)):
            season = lettered.form
        if season:
            return Question(
                f"column {column.name!r} has seasons or fiscal years, {column.examples()}, and nothing tells on which "
                f"day they begin; give date_format: {season} to have each stand on the first day of its first year",
                field="date_format",
                alternatives=[{"time_column": column.name, "date_format": season}],
            )
        if (
            column.filled
            and column.words & _EPI
            and None not in map(period_reader("week"), map(cell_text, column.filled))
        ):
            return Question(
                f"column {column.name!r} has numbers of weeks, {column.examples()}, and nothing tells whether these "
                "begin on Mondays, as ISO weeks do; give date_format: week for ISO weeks",
                field="date_format",
                alternatives=[{"time_column": column.name, "date_format": "week"}],
            )
    for column in sample.columns:
        if column.filled and (forms := forms_by_calendar(column.filled)):
            return Question(
                f"column {column.name!r} has times in the years of another calendar, such as {column.examples()}; give "
                f"date_format: {forms[0]} if they are",
                field="date_format",
                alternatives=[{"time_column": column.name, "date_format": form} for form in forms],
            )
    for column in sample.columns:
        if column.number_form and (forms := decimal_forms(column.plain_numbers)):
            return Question(
                f"column {column.name!r} has years with decimals, {column.examples()}; give date_format: decimal_month "
                "or decimal_day for the month or the day that each lies in, decimal_year for the instant itself",
                field="date_format",
                alternatives=[{"time_column": column.name, "date_format": form} for form in forms],
            )
        form = column.number_form
        if forms := rare_forms(column.filled, column.as_numbers(form).numbers if form else ()):
            return Question(
                f"column {column.name!r} has numbers that run as times do, {column.examples()}; give date_format: "
                f"{' or '.join(forms)} if they are counted so",
                field="date_format",
                alternatives=[{"time_column": column.name, "date_format": form} for form in forms],
            )
    for column in sample.columns:
        digits = [cell for cell in column.filled if any(char.isdigit() for char in cell_text(cell))]
        texts = [cell for cell in column.filled if isinstance(cell, str) and not cell.strip().isdecimal()]
        if column.named_as_time and texts and len(digits) * 5 >= len(column.filled) * 4 and column.part is None:
            return Question(
                f"the times in column {column.name!r} are not understood, or not all of one form: {column.examples()}; "
                "give date_format, or time_column if another column is the time",
                field="date_format",
                alternatives=_of_most(column),
            )
    part = next((column for column in sample.columns if column.part), None)
    hint = f"column {part.name!r} holds a {part.part} without its year; " if part else ""
    return Question(
        f"no column holds times that can be recognised; {hint}give time_column and date_format. "
        f"There are {sample.names}",
        field="time_column",
    )


def _of_most(column: Column) -> list[dict[str, str]]:
    """Return the answers by which half of the cells or more are times.

    Else those by which all are, as Roman numerals.
    """
    found = infer_time_form(column.moments, least=0.5)
    roman = [form for form in _ROMAN if None not in time_parser(form, UTC)(column.filled)]
    forms = [found.form, *found.rivals] if found else roman
    return [{"time_column": column.name, "date_format": form} for form in forms]
