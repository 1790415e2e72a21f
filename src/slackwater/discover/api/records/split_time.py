"""Detects times split over fields: year and month, date and clock, year and week."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.inference.local_time import zones_of_days
from slackwater.discover.inference.period_numbers import days_of_change, period_length
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.discover.inference.words import ONCE_A_DAY, set_of
from slackwater.errors import Question
from slackwater.formats.month_names import month_number
from slackwater.formats.periods import PERIODS, half_number, quarter_number
from slackwater.formats.timestamp_inference import TimeForm, infer_time_form
from slackwater.formats.timestamps import time_parser

_YEARS = words_for("year") | set_of("anno an yy y")
_MONTHS = words_for("month") | set_of("mon monthname period periodo m")
_QUARTERS = words_for("quarter") | set_of("q t period")
_HALVES = words_for("half") | {"halfyear"}
_WEEKS = words_for("week") | set_of("wk w isoweek weeknumber weekno epiweek")
_DAYS = words_for("day") | set_of("dayofmonth d")
_DAYS_OF_YEARS = set_of("doy dayofyear yearday yday jday julianday ordinalday")
_HOURS = words_for("hour") | set_of("hourofday h")
_MINUTES = set_of("minute minutes min mi mm nn minuto minuta minuut")
_SECONDS = set_of("second seconds sec ss s segundo seconde sekunde secondo")
Part = tuple[frozenset[str], int, int, str]
_FINER: tuple[Part, ...] = (
    (_DAYS, 31, 1, "%d"),
    (_HOURS, 23, 0, "%H"),
    (_MINUTES, 59, 0, "%M"),
    (_SECONDS, 59, 0, "%S"),
)
"""Names, the greatest and the least number, and the directive of each finer part of a time."""
_CLOCKS = words_for("hour") | set_of("time clock timeofday localtime utctime uhrzeit zeit tijd tid czas saat hm hms h")
_DATES = words_for("day") | set_of("date data fecha datum dato tarih localdate utcdate obsdate observationdate")
_BANDS = _CLOCKS | set_of("band slot interval period range timeslot timeband intervalo faixa tranche zeitraum")
_BAND = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*(?:-|–|—|/)\s*(\d{1,2}:\d{2}(?::\d{2})?)", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?", re.ASCII)
_HALVES_OF_DAYS = re.compile(r"(?:0?[1-9]|1[0-2]):\d{2}(?::\d{2})?\s*[ap]\.?m\.?", re.ASCII | re.IGNORECASE)
_OF_READINGS = set_of(
    "obs observed observation measured measurement reading read sample sampled sampling record recorded event local "
    "utc gmt start begin from end to until standard civil of at the trade tick log logged report issue medicao medida "
    "leitura lectura medicion messung mess ablese zeit registo registro colheita recolha"
)
"""Words beside those of clocks that say when a record was made."""
_OF_OTHER_YEARS = set_of(
    "fiscal fy financial budget water hydrological marketing crop academic school season campaign tax gas safra letivo "
    "hidrologico campana ejercicio exercicio wirtschaftsjahr geschaftsjahr"
)
"""Words of years that begin in another month than January."""
_AROUND_NEW_YEAR = {1, 12}  # months
_STEPS = {1: 1, -11: 1, -1: -1, 11: -1}  # from a month to the next, or to the one before → that of the year
_FEW_MONTHS = 3  # names that may be of something else: May, June and August are people, too
_OF_THE_YEAR = frozenset({"M13", "Q05", "S03"})
"""Codes of a year's mean among those of its parts."""

Columns = dict[str, list[Any]]


def spread_time(columns: Columns) -> tuple[tuple[str, ...], TimeForm] | None:
    """Return the fields that form a time, and their joined form; None otherwise."""
    return _by_year(columns) or _by_date(columns)


def _by_year(columns: Columns) -> tuple[tuple[str, ...], TimeForm] | None:
    year = _named(columns, _YEARS, _are_years)
    if year is None:
        return _by_month_names(columns)
    if day := _named(columns, _DAYS_OF_YEARS, lambda cells: _within(cells, 1, 366)):
        return _with_finer(columns, [year, day], "%Y %j", _FINER[1:])
    if month := _named(columns, _MONTHS, lambda cells: _within(cells, 1, 12)):
        return _with_finer(columns, [year, month], "%Y %m", _FINER)
    if month := _named(columns, _MONTHS, _are_month_names):
        if _turns_within(columns[year], columns[month]):
            return None
        return (year, month), TimeForm("month")
    if quarter := _named(columns, _QUARTERS, lambda cells: _within(cells, 1, 4)):
        return (year, quarter), TimeForm("quarter")
    for form, number in (("quarter", quarter_number), ("half", half_number), ("month", _month_code)):
        if part := _named(columns, _QUARTERS | _MONTHS | _HALVES, lambda cells, number=number: _all(cells, number)):
            return (year, part), TimeForm(form)
    if week := _named(columns, _WEEKS, lambda cells: _within(cells, 1, 53)):
        return (year, week), TimeForm("week")
    return _by_month_names(columns)


def _by_month_names(columns: Columns) -> tuple[tuple[str, ...], TimeForm] | None:
    """Return the only years and the only names of months, whatever both are called."""
    years = [path for path, cells in columns.items() if _are_years(cells)]
    months = [path for path, cells in columns.items() if _are_month_names(cells) and len(set(cells)) > _FEW_MONTHS]
    if len(years) != 1 or len(months) != 1 or any(map(infer_time_form, (columns[months[0]],))):
        return None
    if _OF_OTHER_YEARS & set(plain_words(years[0])) or _turns_within(columns[years[0]], columns[months[0]]):
        return None  # the months of years that begin in another one lie in two years
    return (years[0], months[0]), TimeForm("month")


def _turns_within(years: list[Any], months: list[Any]) -> bool:
    """Check whether years turn more often elsewhere than between December and January."""
    read = [(whole_number(year), month_number(str(month))) for year, month in zip(years, months, strict=True)]
    turned = [  # whether it is around New Year; other records of a year begin anew within it
        {month, following} == _AROUND_NEW_YEAR
        for (year, month), (other, following) in pairwise(read)
        if year and other and month and following and other - year == _STEPS.get(following - month)
    ]
    return turned.count(False) > turned.count(True)


def _are_years(cells: list[Any]) -> bool:
    return (form := infer_time_form(cells)) is not None and form.form == "year"


def _by_date(columns: Columns) -> tuple[tuple[str, ...], TimeForm] | None:
    """Return a date and a time of day that stand beside one another."""
    date = _named(columns, _DATES, _are_dates) or _said(columns, _DATES, _are_dates)
    if date is None:
        return None
    form = infer_time_form(columns[date])
    if form is None or form.form in ("year", *PERIODS - {"day"}) or form.form.startswith("epoch"):
        return None
    if band := _named(columns, _BANDS, _are_bands) or _said(columns, _BANDS, _are_bands):
        directives = "" if form.form in ("iso", "words", "day") else " %H:%M"
        return (date, band), TimeForm(f"{form.form}{directives}/", tuple(f"{rival} %H:%M/" for rival in form.rivals))
    if clock := _named(columns, _CLOCKS, _are_clocks) or _said(columns, _CLOCKS, _are_clocks):
        if form.form == "iso" and (midnight := _midnight_in(columns[date])):  # it would be a time with two clocks
            seconds = ":%S" if all(str(cell).count(":") > 1 for cell in columns[clock] if cell is not None) else ""
            return (date, clock), TimeForm(f"%Y-%m-%d{midnight} %H:%M{seconds}")
        directives = "" if form.form in ("iso", "words", "day") else " %H:%M"
        return (date, clock), TimeForm(form.form + directives, tuple(f"{rival} %H:%M" for rival in form.rivals))
    if clock := _named(columns, _CLOCKS, _are_of_twelve_hours) or _said(columns, _CLOCKS, _are_of_twelve_hours):
        dates = "%Y-%m-%d" if form.form == "iso" else form.form
        return (date, clock), TimeForm(f"{dates} %I:%M %p", tuple(f"{rival} %I:%M %p" for rival in form.rivals))
    hour = _named(columns, _HOURS, _are_hours) or _said(columns, _HOURS, lambda cells: _hours_of(columns[date], cells))
    if hour:
        dates = "%Y-%m-%d" if form.form == "iso" else form.form
        return _with_finer(columns, [date, hour], f"{dates} %H", _FINER[2:], tuple(f"{r} %H" for r in form.rivals))
    return None


def _with_finer(
    columns: Columns, fields: list[str], form: str, parts: Sequence[Part], rivals: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], TimeForm]:
    """Return the fields of a time with those of its finer parts."""
    for names, most, low, directive in parts:
        others = {path: cells for path, cells in columns.items() if path not in fields}
        finer = _named(others, names, lambda cells, low=low, most=most: _within(cells, low, most))
        if finer is None:
            break
        fields = [*fields, finer]
        form, rivals = f"{form} {directive}", tuple(f"{rival} {directive}" for rival in rivals)
    return tuple(fields), TimeForm(form, rivals)


def periods_of_days(
    fields: tuple[str, str], form: str, days: Sequence[Any], numbers: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return the answers by which numbers count the periods of days.

    They count from 1 on. `fields` are those of the day and the number, `form` the days'.
    """
    found = period_length(days, numbers)
    if found is None or found[1] != 1:
        return []
    answer = {"date_field": ",".join(fields), "date_format": f"{form} #{found[0]}"}
    odd = days_of_change(days, numbers, found[0])
    changed = [day for day in time_parser(form, UTC)(odd) if day is not None]
    # A day of 46 or 50 half-hours is one of local clocks; which, nothing tells but the date.
    return [{**answer, "timezone": name} for name in zones_of_days(changed)] or [answer]


def refuse_one_hour(columns: Columns, date: str, form: str) -> None:
    """Raise a Question if all records are of one numbered hour."""
    if form.startswith("epoch") or form in ("year", *PERIODS - {"day"}) or any(map(_has_clock, columns[date])):
        return
    if len(set(columns[date])) > 1 and len(columns[date]) > 1:
        return
    for path, cells in columns.items():
        words = plain_words(path.rpartition(".")[2])
        if path == date or not words or not {words[0], words[-1]} & _HOURS or not _within(cells, 0, 24):
            continue
        dates = "%Y-%m-%d" if form == "iso" else form
        written = [
            each for number, each in ((23, f"{dates} %H"), (24, f"{dates} #1h")) if _within(cells, number - 23, number)
        ]
        if len(set(cells)) == 1 and len(cells) > 1:
            raise Question(
                f"All records are of one hour, `{path}`: {cells[0]!r:.20}, of the day in `{date}`. Give date_field "
                "with both, and date_format: `%H` at its end for hours from 0 to 23, `#1h` for those from 1 to 24.",
                field="date_field",
                alternatives=[{"date_field": f"{date},{path}", "date_format": each} for each in written],
            )


def refuse_clock_within(columns: Columns, fields: tuple[str, ...]) -> None:
    """Raise a Question if a clock may be of something in its day."""
    if len(fields) != len(("date", "clock")):
        return
    date, last = fields
    words, others = (set(plain_words(path.rpartition(".")[2])) for path in (last, date))
    if _plain(last) in _BANDS | _HOURS or len(columns[date]) < len("ab"):
        return
    once = len(set(map(str, columns[date]))) == len(columns[date])
    if not words & ONCE_A_DAY and (not once or words <= _BANDS | _HOURS | _DATES | _OF_READINGS | others):
        return
    raise Question(
        f"`{last}` may be the time of day of each record, or tell when something was on the day in `{date}`, whose "
        "values these are. Give date_field with both for the first, with the day alone for the second.",
        field="date_field",
        alternatives=[{"date_field": date}, {"date_field": ",".join(fields)}],
    )


def _midnight_in(cells: list[Any]) -> str | None:
    """Return the midnight that stands behind all dates, such as `T00:00:00`."""
    found = {str(cell).strip()[len("2026-01-01") :] for cell in cells if cell is not None}  # behind the date
    return found.pop() if len(found) == 1 and all(map(_MIDNIGHT.fullmatch, found)) else None


def _named(columns: Columns, names: frozenset[str], fits: Any) -> str | None:
    return next((path for path, cells in columns.items() if _plain(path) in names and fits(cells)), None)


def _said(columns: Columns, names: frozenset[str], fits: Any) -> str | None:
    """Return the only fitting field with a name as its first or last word.

    `HourObserved` is one.
    """
    found = [
        path
        for path, cells in columns.items()
        if (words := plain_words(path.rpartition(".")[2])) and {words[0], words[-1]} & names and fits(cells)
    ]
    return found[0] if len(found) == 1 else None


def _are_dates(cells: list[Any]) -> bool:
    return infer_time_form(cells) is not None and (not any(map(_has_clock, cells)) or _midnight_in(cells) is not None)


def _are_hours(cells: list[Any]) -> bool:
    return _within(cells, 0, 23) and 0 in map(whole_number, cells)


def _hours_of(days: list[Any], cells: list[Any]) -> bool:
    """Check whether numbers are hours of dates: most dates have many."""
    hours: dict[Any, set[Any]] = {}
    for day, cell in zip(days, cells, strict=True):
        hours.setdefault(day, set()).add(whole_number(cell))
    among = list(hours.values())[1:-1] or list(hours.values())
    return _are_hours(cells) and max(map(len, hours.values())) > 1 and sum(len(each) for each in among) > 6 * len(among)


def _plain(path: str) -> str:
    """Return the last part of a path as one word without accents."""
    return "".join(plain_words(path.rpartition(".")[2]))


def whole_number(cell: Any) -> int | None:
    """Return the whole number of a cell, number or text, else None."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, str) and cell.strip().isdecimal():
        return int(cell)
    return int(cell) if isinstance(cell, int | float) and cell == int(cell) else None


def _within(cells: list[Any], low: int, high: int) -> bool:
    numbers = [whole_number(cell) for cell in cells if cell is not None]
    return bool(numbers) and all(number is not None and low <= number <= high for number in numbers)


def _are_month_names(cells: list[Any]) -> bool:
    return _all(cells, month_number)


def _all(cells: list[Any], number: Callable[[str], int | None]) -> bool:
    texts = [cell for cell in cells if cell is not None and cell not in _OF_THE_YEAR]
    return bool(texts) and all(isinstance(cell, str) and number(cell) for cell in texts)


def _month_code(text: str) -> int | None:
    """Return the month of `M03`."""
    match = re.fullmatch(r"M(0?[1-9]|1[0-2])", text, re.IGNORECASE)
    return int(match[1]) if match else None


def _are_clocks(cells: list[Any]) -> bool:
    texts = [cell for cell in cells if cell is not None]
    return bool(texts) and all(isinstance(cell, str) and _CLOCK.fullmatch(cell.strip()) for cell in texts)


def _are_of_twelve_hours(cells: list[Any]) -> bool:
    """Check for clocks such as `08:00 PM`."""
    texts = [cell for cell in cells if cell is not None]
    return bool(texts) and all(isinstance(cell, str) and _HALVES_OF_DAYS.fullmatch(cell.strip()) for cell in texts)


def _are_bands(cells: list[Any]) -> bool:
    """Check for ranges of clocks, whose ends differ, unlike an offset."""
    texts = [cell for cell in cells if cell is not None]
    fitting = [_BAND.fullmatch(cell.strip()) for cell in texts if isinstance(cell, str)]
    ends = {match[1] for match in fitting if match}
    return bool(texts) and all(fitting) and len(fitting) == len(texts) and len(ends) > min(len(texts) - 1, 3)


def _has_clock(cell: Any) -> bool:
    return isinstance(cell, str) and re.search(r"\d:\d\d(?!\s*00?(?::00)?\b)", cell) is not None and ":" in cell
