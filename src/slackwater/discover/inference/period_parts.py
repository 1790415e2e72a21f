"""Detects time parts by column names: numbers of quarters, weeks or hours. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from slackwater.discover.inference.vocabulary import words_for
from slackwater.discover.inference.words import set_of
from slackwater.errors import Question
from slackwater.formats.cells import cell_text
from slackwater.formats.month_names import month_number, names_month
from slackwater.formats.periods import half_number, quarter_number
from slackwater.model.instants import from_micros

_WORDS = {
    "quarter": frozenset({"quarter", "quarters", "qtr", "trimestre", "trimestres", "trim", "quartal"}),
    "half": frozenset({"half", "semester", "semestre", "semestres", "halfyear"}),
    "week": frozenset({"week", "weeks", "yearweek", "isoweek", "epiweek", "semana", "semaine", "woche", "kw"}),
}
_NUMBERS = {"quarter": range(1, 5), "half": range(1, 3), "week": range(1, 54)}
_FIRST_MONTHS = {"quarter": {1, 4, 7, 10}, "half": {1, 7}, "week": set[int]()}  # by which some write such a part
_MONTHLY = frozenset({"iso", "month", "%Y%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y"})
_NUMBERED = re.compile(
    r"(?P<year>\d{4})(?:[-/.:]|\.\s)?(?P<after>\d{1,2})\.?|(?P<before>\d{1,2})[-/.](?P<of>\d{4})", re.ASCII
)
_ANEW = {"quarter": 2, "half": 3}  # years; chosen: so often nobody measures from January to April, or February, alone


def refuse_months(name: str, words: Iterable[str], form: str, cells: Sequence[object]) -> None:
    """Raise a Question if `form` reads months that are named, or counted, otherwise."""
    if form not in _MONTHLY:
        return
    texts = [text for text in map(cell_text, cells) if text]
    matches = [match for text in texts if (match := _NUMBERED.fullmatch(text))]
    numbers = {int(match["after"] or match["before"]) for match in matches}
    words = set(words)
    said = next((part for part, names in _WORDS.items() if not names.isdisjoint(words)), None)
    if said is None and words_for("month").isdisjoint(words):
        said = _anew(matches)
    if len(matches) * 10 < len(texts) * 9 or said is None or not numbers or numbers <= _FIRST_MONTHS[said]:
        return
    if all(number in _NUMBERS[said] for number in numbers):
        raise Question(
            f"The times in `{name}`, such as {texts[0]!r:.60}, can be a {said} by its number or a month. Give "
            "date_format.",
            field="date_format",
            choices=[said, form],
        )


def _anew(matches: Sequence[re.Match[str]]) -> str | None:
    """Return the part whose numbers, and no others, several years have."""
    years: dict[str, set[int]] = {}
    for match in matches:
        years.setdefault(match["year"] or match["of"], set()).add(int(match["after"] or match["before"]))
    for part, least in _ANEW.items():
        whole = sum(numbers == set(_NUMBERS[part]) for numbers in years.values())
        if whole >= least:  # that the other years have no other numbers is for the caller to see
            return part
    return None


def refuse_days_without_year(form: str, cells: Sequence[object], name: str) -> None:
    """Raise a Question for `01-Jan`, `02-Jan` that may be days of any year.

    As days they follow one another by a week at most, through ends of months as well.
    """
    matches = [_DAY_BESIDE_MONTH.fullmatch(text) for text in map(cell_text, cells) if text]
    told = [
        (month_number(match["month"] or match["first"]), int(match["day"] or match["last"]))
        for match in matches
        if match
    ]
    if len(set(told)) < _SEVERAL_DAYS or len(told) < len(matches):
        return
    year = _LEAP if (2, 29) in told else _LEAP + 1
    try:
        days = [date(year, month or 0, day).toordinal() for month, day in told]
    except ValueError:
        return
    length = date(year + 1, 1, 1).toordinal() - date(year, 1, 1).toordinal()
    steps = {(later - earlier) % length for earlier, later in pairwise(days)} - {0}
    if max(steps) <= _WEEK or min(steps) >= length - _WEEK:
        shown = ", ".join(repr(cell_text(cell)) for cell in cells[:3])
        raise Question(
            f"the times in column {name!r}, such as {shown}, can be months of years, or days of a year that is not "
            f"said; give date_format: {form} for months, or write the years of the days into the file",
            field="date_format",
            choices=[form],
        )


_DAY_BESIDE_MONTH = re.compile(
    r"(?P<day>\d{1,2})[\s./-]?(?P<month>[^\W\d_]{3,})\.?|(?P<first>[^\W\d_]{3,})\.?[\s./-]?(?P<last>\d{1,2})"
)
_SEVERAL_DAYS = 5  # chosen: so many days of a month follow one another by no chance
_LEAP = 2000  # a year with 29 February
_WEEK = 7  # days
_FINER = set_of(
    "month mes mês mois monat quarter trimestre half semester semestre week semana semaine woche day dia día jour tag "
    "hour hora heure stunde hr hourending minute minuto min second segundo sec hhmm hourminute"
)
_ROMAN_MONTHS = frozenset(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"])
_THREE_MONTHS = frozenset("JFMAMJJASONDJF"[n : n + 3] for n in range(12))  # `DJF`, by the initials of its months
_HOUR_RANGE = re.compile(r"(\d{1,2})\s?h?\s?[-–]\s?(\d{1,2})\s?h?", re.ASCII)
_DAY_AND_MONTH = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.\s?(?:0?[1-9]|1[0-2])\.", re.ASCII)
_IN_A_YEAR = frozenset({12, 52, 53, 365, 366})  # months, weeks and days
_QUARTERS = 4  # of a year; more different numbers are months
_FEWEST = 2  # chosen: two numbers that go back are a table that runs backwards
_CODE = re.compile(r"(?:[MQSTW]\d{1,2}|A\d{2})", re.ASCII)


def part_of_time(name: str, cells: Sequence[object], times: Sequence[int | None] = ()) -> bool:
    """Check whether cells are time parts: hours, minutes, `M03`, `Q1` beside `January`.

    Codes of halves, quarters and months are names, such as those of stations, where the times tell the day.
    """
    texts = {text for text in map(cell_text, cells) if text}
    if not texts:
        return False
    if name in _FINER and all(text.isdecimal() and len(text) <= 4 for text in texts):
        return True
    if _numbers_the_year(texts, times):
        return True
    if len(texts) > _QUARTERS and (all(map(is_hour_range, texts)) or all(map(_DAY_AND_MONTH.fullmatch, texts))):
        return True
    if texts <= _ROMAN_MONTHS and (len(texts) > _QUARTERS or name in _FINER):
        return True
    if len(texts) >= _QUARTERS and (texts <= _THREE_MONTHS or all(map(_is_span, texts))):
        return True
    clocks = {(at.day, at.hour, at.minute) for time in times if time is not None and (at := from_micros(time))}
    if name not in _FINER and clocks - {(1, 0, 0)}:
        return len(texts) > 1 and all(map(names_month, texts))
    named = {text for text in texts if names_month(text) or quarter_number(text) or half_number(text)}
    others = len(texts - named)  # one of them is the year's sum or mean
    return (len(named) > 1 and others <= (len(named) > 2)) or (len(texts) > 3 and all(map(_CODE.fullmatch, texts)))


def _is_span(text: str) -> bool:
    """Check whether a text is a month and a later one: `Ene - Mar`."""
    months = re.fullmatch(r"([^\W\d_]{3,})\.?\s?[-–/]\s?([^\W\d_]{3,})\.?", text)
    return months is not None and names_month(months[1]) and names_month(months[2])


def _numbers_the_year(texts: Iterable[str], times: Sequence[int | None]) -> bool:
    """Check whether numbers are all months, weeks or days of the years that times tell."""
    numbers = {int(text) for text in texts if text.isdecimal()}
    known = [from_micros(time) for time in times if time is not None]
    yearly = bool(known) and all((at.month, at.day, at.hour, at.minute) == (1, 1, 0, 0) for at in known)
    whole = yearly and len(numbers) == len(set(texts)) and max(numbers, default=0) in _IN_A_YEAR
    return whole and numbers == set(range(1, max(numbers) + 1))


def in_two_years(years: Sequence[object], parts: Sequence[object]) -> bool:
    """Check whether months or quarters beside years end in another year: July to June.

    Nobody knows then which of them are of the year that stands beside them.
    """
    rows = zip(map(cell_text, years), map(_number_of_part, parts), strict=True)
    turned = straight = 0
    for _, group in groupby(((year, number) for year, number in rows if number), lambda row: row[0]):
        numbers = [number for _, number in group]
        falls = sum(later < earlier for earlier, later in pairwise(numbers))
        if falls == 1 and numbers[0] > numbers[-1] and len(set(numbers)) == len(numbers) > _FEWEST:
            turned += 1
        elif len(numbers) > 1 and (falls or numbers[0] == 1):
            straight += 1
    return turned > straight


def _number_of_part(cell: object) -> int | None:
    text = cell_text(cell)
    return int(text) if text.isdecimal() else month_number(text) or quarter_number(text)


def is_hour_range(text: str) -> bool:
    """Check whether a text is an hour from its number to the next: `00-01`."""
    match = _HOUR_RANGE.fullmatch(text)
    return match is not None and int(match[2]) % 24 == (int(match[1]) + 1) % 24


def not_a_series(name: str, time: str, field: str, alternatives: Sequence[dict[str, Any]] = ()) -> Question:
    """Return what to ask where a part of the time would name the series."""
    return Question(
        f"Records of one `{time}` are told apart by `{name}`, which looks like a part of the time and no name of a "
        f"series; it is not understood how the two make a time. Give {field}.",
        field=field,
        alternatives=alternatives,
    )
