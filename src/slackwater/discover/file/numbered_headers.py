"""Asks what columns are that are numbered like months, days or hours."""

import re
from collections.abc import Iterable
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.sample import FileSample
from slackwater.errors import Question
from slackwater.formats.cells import cell_text
from slackwater.formats.month_names import ROMAN, ROMAN_MONTHS

_NUMBERED = re.compile(r"(?P<before>[^\d%#]*)(?P<number>\d{1,3})(?P<after>(?:[^\d\W_]{1,3})?)")
_PARTS = ("year", "month", "day")
_MONTHS, _QUARTERS, _FEWEST_DAYS, _DAYS = 12, 4, 28, 31
_MINUTES = 60  # of an hour
_WHOLE_HOUR = re.compile(r".*\d(?P<mark>[ T])\d{1,2}:(?P<rest>00(?::00)?)", re.ASCII)
_LENGTHS = {"1h": (24, 23, 25), "30m": (48, 46, 50), "15m": (96, 92, 100)}  # how many of them a day has
_DAYS_OF = {"iso": "%Y-%m", "%Y%m": "%Y%m", "%Y/%m": "%Y/%m", "%m/%Y": "%m/%Y"}  # forms of months by numbers

Answers = list[dict[str, Any]]


def refuse_numbered_days(sample: FileSample) -> None:
    """Raise a Question for columns numbered like days or periods of the day."""
    for around, columns, others in _groups(sample):
        for what, answers in (
            _as_periods(around, columns, others),
            _as_days(around, columns, others),
            _as_minutes(around, columns, others),
        ):
            if answers:
                raise _question(columns, what, answers)


def refuse_numbered_months(sample: FileSample) -> None:
    """Raise a Question for columns numbered like months or quarters."""
    roman = {
        ROMAN_MONTHS[column.name.lower()]: column for column in sample.columns if column.name.lower() in ROMAN_MONTHS
    }
    others = [column for column in sample.columns if column not in roman.values()]
    for part, count in (("month", _MONTHS), ("quarter", _QUARTERS)):
        for year in _as_parts(roman, others, count):
            answers = [{"layout": "wide", "time_columns": [year], "date_format": f"{part}:{ROMAN}"}]
            raise _question(roman, f"{part}s", answers)
    for (before, after), columns, others in _groups(sample):
        for year in _as_parts(columns, others, _QUARTERS) if not before + after else []:
            raise _question(columns, "quarters", [{"layout": "wide", "time_columns": [year], "date_format": "quarter"}])
        for year in _as_parts(columns, others, _MONTHS):
            answers = [{"layout": "wide", "time_columns": [year], "date_format": f"%Y {before}%m{after}"}]
            raise _question(columns, "months", answers)


def _groups(sample: FileSample) -> Iterable[tuple[tuple[str, str], dict[int, Column], list[Column]]]:
    """Yield what stands around the numbers, the columns by their numbers, and the other columns."""
    groups: dict[tuple[str, str], dict[int, Column]] = {}
    for column in sample.columns:
        if match := _NUMBERED.fullmatch(column.name.strip()):
            groups.setdefault((match["before"], match["after"]), {})[int(match["number"])] = column
    for around, columns in groups.items():
        cells = sum(len(column.filled) for column in columns.values())
        if (
            sum(column.number_count for column in columns.values()) * 2 >= cells
        ):  # of few rows, a column may have words alone
            yield around, columns, [column for column in sample.columns if column not in columns.values()]


def _question(columns: dict[int, Column], what: str, answers: Answers) -> Question:
    first, last = columns[min(columns)].name, columns[max(columns)].name
    return Question(
        f"the columns are named {first!r} to {last!r} beside the rest of a time: they may be "
        f"{what}, or {len(columns)} series; give layout: wide with time_columns and date_format, or layout: long",
        field="layout",
        alternatives=[*answers, {"layout": "long"}],
    )


def _as_parts(columns: dict[int, Column], others: Iterable[Column], count: int) -> list[str]:
    years = [column.name for column in others if column.part == "year" or _whole_years(column)]
    return years if columns.keys() == set(range(1, count + 1)) and len(years) == 1 else []


def _whole_years(column: Column) -> bool:
    return column.time_rank > 0 and column.time_form is not None and column.time_form.form == "year"


def _as_days(around: tuple[str, str], columns: dict[int, Column], others: list[Column]) -> tuple[str, Answers]:
    if not _FEWEST_DAYS <= max(columns) <= _DAYS or columns.keys() != set(range(1, max(columns) + 1)):
        return "", []
    day = "%d".join(around)
    answers: Answers = []
    if parts := _parts(others, _PARTS[:2]):
        answers.append({"time_columns": parts, "date_format": f"%Y %m {day}"})
    for column in others:
        form = column.time_form.form if column.time_rank > 0 and column.time_form else ""
        whole_days = form == "iso" and any(len(cell_text(cell)) != len("2024-05") for cell in column.moments)
        if form in _DAYS_OF and not whole_days:
            answers.append({"time_columns": [column.name], "date_format": f"{_DAYS_OF[form]} {day}"})
    return "the days of the months", [{"layout": "wide", **answer} for answer in answers]


def _as_minutes(around: tuple[str, str], columns: dict[int, Column], others: list[Column]) -> tuple[str, Answers]:
    """Return how columns `00`, `15`, `30`, `45` stand beside whole hours."""
    numbers = sorted(columns)
    if len(numbers) < len(("00", "30")) or numbers != list(range(0, _MINUTES, numbers[1])):
        return "", []
    answers: Answers = []
    for column in others:
        form = column.time_form.form if column.time_rank > 1 and column.time_form else ""
        texts = list(map(cell_text, column.moments))
        whole = [match for text in texts if (match := _WHOLE_HOUR.fullmatch(text))]
        if form and len(whole) == len(texts):
            date = f"%Y-%m-%d{whole[0]['mark']}%H:%M" if form == "iso" else form
            hours = date.replace("%M", whole[0]["rest"])
            answers.append({"time_columns": [column.name], "date_format": f"{hours} {'%M'.join(around)}"})
    return "the minutes of the hours", [{"layout": "wide", **answer} for answer in answers]


def _parts(others: Iterable[Column], wanted: Iterable[str]) -> list[str]:
    """Return the names of the columns of wanted parts, [] without one."""
    found: dict[str | None, str] = {}
    for column in others:
        part = "year" if _whole_years(column) else column.part
        if part == "year" or column.number_form is not None:
            found.setdefault(part, column.name)
    return [found[part] for part in wanted] if found.keys() >= set(wanted) else []


def _as_periods(around: tuple[str, str], columns: dict[int, Column], others: list[Column]) -> tuple[str, Answers]:
    most = max(columns)
    length = next((length for length, counts in _LENGTHS.items() if most in counts), None)
    missing = set(range(1, most + 1)) - columns.keys()
    if length is None or len(missing) > 1:
        return "", []
    days: dict[tuple[str, ...], str] = {
        (column.name,): "%Y-%m-%d" if form == "iso" else form
        for column in others
        if column.time_rank > 1 and column.part is None and column.time_form and not _whole_years(column)
        for form in (column.time_form.form, *column.time_form.rivals)
    }
    if parts := _parts(others, _PARTS):
        days = {tuple(parts): "%Y %m %d"}
    forms = [f"#{length}".join(around)] if 0 not in columns else []
    forms += ["%H".join(around)] if length == "1h" else []
    if missing:  # written otherwise, such as 3A and 3B where clocks go back: no form reads both
        return "the periods of the day", [{"layout": "long"}] if days else []
    return "the periods of the day", [
        {"layout": "wide", "time_columns": list(names), "date_format": f"{day} {form}"}
        for names, day in days.items()
        for form in forms
    ]
