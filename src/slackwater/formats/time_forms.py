"""Lists the built-in time forms, for table detection and for the parsers of columns."""

import re
from collections.abc import Iterable
from datetime import UTC
from functools import cache, lru_cache

from slackwater.formats.intervals import parts
from slackwater.formats.periods import PERIODS, period_reader
from slackwater.formats.timestamps import EPOCH_UNITS, Times, time_parser

_PARTS = (  # of dates by numbers; of forms that fit a column alike the first goes first
    ("%d", "%m", "%Y"),
    ("%m", "%d", "%Y"),
    ("%Y", "%m", "%d"),
    ("%d", "%m", "%y"),
    ("%m", "%d", "%y"),
    ("%y", "%m", "%d"),
)
NUMBERED_DATES = tuple(
    mark.join(order)
    for order in _PARTS
    for mark in "/-."
    if mark != "." or order[0] == "%d" or order == ("%Y", "%m", "%d")  # points stand between day, month and year
)
_ENDED_DATES = tuple(
    f"{date}." for date in NUMBERED_DATES if "." in date
)  # `2024.01.31.`, as in Hungarian and Croatian
_NAMED_DATES = ("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y")
_CLOCKS = ("", " %H:%M", "T%H:%M", " %I:%M %p", " %H", " %H.%M", ", %H:%M", ", %I:%M %p")
_MONTHS = ("%m/%Y", "%Y/%m", "%m-%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
FORMS = (
    "iso",
    *(date + clock for date in (*NUMBERED_DATES, *_NAMED_DATES) for clock in _CLOCKS),
    *(date + clock for date in _ENDED_DATES for clock in _CLOCKS[:2]),
    "%Y-%m-%d %H",
    *_MONTHS,
    *sorted(PERIODS),
    "period",
    "dotnet",
    "words",
)
PACKED = {6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # digits → form
SPANS = {form: (10**low, 10 ** (low + 2)) for form, low in zip(EPOCH_UNITS, (8, 11, 14, 17), strict=True)}
"""Form → from and up to which numbers are times of it: 1973 to 2286."""

_DIRECTIVES = {
    "Y": r"(?:1[5-9]|2[01])\d{2}",
    "j": r"\d{1,3}",
    "b": r"[^\W\d_]+\.?",
    "B": r"[^\W\d_]+",
    "p": r"[ap]\.?\s?(?:m\.?)?",
}
_SHAPES = {"iso": r"\d{4}[^\W\d_]?.*", "dotnet": r"\\?/Date.*", "words": r".*[^\W\d_]{3}.*", "day": r".*[^\W\d_]{3}.*"}
_ZONE = r"(?:\s*\(?(?:UTC|GMT|Z|[+-]\d).*)?"  # behind a clock of twelve hours
_DECIMAL = re.compile(r"\d\.\d+", re.ASCII)  # `1.2023` is a number where no other cell says that it is a month
_MOST = 60  # characters of a time; chosen: twice the longest date in words


@cache
def _shape(form: str) -> re.Pattern[str]:
    """Return a pattern that every text of a form has, and few others."""
    if "%" not in form:
        return re.compile(_SHAPES.get(form, r".*\d.*"), re.DOTALL)
    return re.compile(_format_shape(form), re.IGNORECASE)


@cache
def _any_format() -> re.Pattern[str]:
    """Return a pattern that every text of any strptime format has."""
    return re.compile("|".join(_format_shape(form) for form in FORMS if "%" in form), re.IGNORECASE)


def _format_shape(form: str) -> str:
    pieces = re.findall(r"%.|[^%]+", form)
    pattern = "".join(_DIRECTIVES.get(each[1], r"\d{1,2}") if each[0] == "%" else _literal(each) for each in pieces)
    pattern = pattern.replace(_DIRECTIVES["p"], rf"(?::\d{{2}})?\s*{_DIRECTIVES['p']}")
    # A clock may have seconds, their parts and its offset as well.
    return pattern + (".*" if form.endswith("%M") else _ZONE if form.endswith("%p") else "")


def _literal(text: str) -> str:
    return r"\s*" if text == " " else re.escape(text)


def may_be(form: str, texts: Iterable[str]) -> bool:
    """Say at little cost whether any of the texts may be of a form."""
    fits = _shape(form).fullmatch
    return any(fits(text) for text in texts)


@lru_cache(maxsize=4096)
def is_time(text: str) -> bool:
    """Say whether a text is a time, or an interval, of any known form.

    A bare number is none.
    """
    if len(text) > _MOST or text.isdecimal() or _DECIMAL.fullmatch(text) or not any(char.isdigit() for char in text):
        return False
    sides = parts(text)
    begin = sides[0] if sides else text
    formatted = _any_format().fullmatch(begin)  # most texts are of none of them, and they are many
    forms = (form for form in FORMS if formatted or "%" not in form)
    return any(may_be(form, [begin]) and _parser(form)([begin]) != [None] for form in forms)


@cache
def _parser(form: str) -> Times:
    if form in PERIODS:  # `2024.5` is a week only where somebody says so
        strict = period_reader(form, loose=False)
        return lambda cells: [strict(str(cell)) for cell in cells]
    return time_parser(form, UTC)
