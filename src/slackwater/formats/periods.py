"""Months by name, quarters, half-years and weeks as statistics write them → the midnight that they begin with. Pure.

`month` is `janeiro 2024`, `2024 JAN`, `jan/24`, `2024M03`; `quarter` `2024-Q1`, `1.º T 2024`, `2024T1`; `half`
`2024-S1`; `week` `2024-W05`, the ISO week; `day` `5 de março de 2024`. Months are known in English, Portuguese,
Spanish, French and German, in full and cut short.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from slackwater.formats.civil_time import FIRST_YEAR, full_year
from slackwater.model.instants import DAY

_UNIX_DAY = date(1970, 1, 1).toordinal()
_NAMES = (
    "january february march april may june july august september october november december",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "januar februar marz april mai juni juli august september oktober november dezember",
)
_SHORTEST = 3  # letters of a month's name


def _months() -> dict[str, int]:
    """Return every name and every beginning of one that means one month only."""
    months: dict[str, set[int]] = {}
    for names in _NAMES:
        for number, name in enumerate(names.split(), 1):
            for length in range(_SHORTEST, len(name) + 1):
                months.setdefault(name[:length], set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in months.items() if len(numbers) == 1}


_MONTHS = _months()
_YEAR = r"(?P<year>(?:1[5-9]|2[01])\d\d)"
_SHORT = r"(?P<short>\d\d)"
_NAME = r"(?P<name>[a-z]{3,10})\.?"
_OF = r"[\s./,-]*(?:\bdel?\b\s*)?"
_QUARTER = r"(?:q|t|trim(?:estre)?\.?|tri\.?|quarter|quartal)"
_HALF = r"(?:s|h|sem(?:estre)?\.?|half|semester)"
_WEEK = r"(?:w|wk|week|kw|semana|semaine)"
_ORDINAL = r"\.?\s?(?:o|a|er|e|st|nd|rd|th|°)?\.?\s?"


def _numbered(word: str, number: str) -> tuple[str, ...]:
    """Return how a numbered part of a year is written: after its word or before it, after the year or before it."""
    before, after = rf"{word}[\s-]?(?P<number>{number})", rf"(?P<number>{number}){_ORDINAL}{word}"
    return tuple(
        pattern
        for part in (before, after)
        for pattern in (rf"{_YEAR}[\s./-]*{part}", rf"{part}{_OF}{_YEAR}", rf"{part}[/.'’-]{_SHORT}")
    )


_PATTERNS = {
    "day": (
        rf"(?P<day>\d{{1,2}})(?:\.?o|er|\.)?{_OF}{_NAME}{_OF}{_YEAR}",
        rf"{_NAME}\s+(?P<day>\d{{1,2}})(?:,\s*|\s+){_YEAR}",
    ),
    "month": (
        rf"{_NAME}{_OF}{_YEAR}",
        rf"{_YEAR}[\s./-]*{_NAME}",
        rf"{_NAME}[\s]?[/.'’-][\s]?{_SHORT}",
        rf"{_YEAR}[\s-]?m(?P<number>\d{{1,2}})",
    ),
    "quarter": (*_numbered(_QUARTER, "[1-4]"), rf"(?P<roman>i{{1,3}}|iv)\.?\s?{_QUARTER}{_OF}{_YEAR}"),
    "half": _numbered(_HALF, "[12]"),
    "week": _numbered(_WEEK, r"\d{1,2}"),
}
_LOOSE = {  # only where somebody says of which part the number is: a person, or the names of columns
    form: (rf"{_YEAR}[ /.-]?(?P<number>{number})", rf"(?P<number>{number})[ /.-]?{_YEAR}")
    for form, number in {"quarter": "0?[1-4]", "half": "0?[12]", "week": r"\d{1,2}"}.items()
}
_COMPILED = {form: tuple(map(re.compile, patterns)) for form, patterns in _PATTERNS.items()}
_COMPILED_LOOSE = {form: tuple(map(re.compile, patterns)) for form, patterns in _LOOSE.items()}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

PERIODS = frozenset(_PATTERNS)
"""The forms that `period_reader` reads."""


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a text in lower case, without accents, its white space tidied."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def month_number(text: str) -> int | None:
    """Return the month that a text names, None when it names none."""
    return _MONTHS.get(plain(text).rstrip("."))


def month_of(text: str) -> int | None:
    """Return the month that a text names, by its name or as `M03`."""
    code = re.fullmatch(r"m(0[1-9]|1[0-2])", plain(text))
    return int(code[1]) if code else month_number(text)


def quarter_number(text: str) -> int | None:
    """Return the quarter of a text such as `1.º T`, `Q1` or `2nd quarter`, None when it is none."""
    return _number_alone(_QUARTER, "[1-4]", text)


def half_number(text: str) -> int | None:
    """Return the half-year of a text such as `S1` or `2.º semestre`, None when it is none."""
    return _number_alone(_HALF, "[12]", text)


def _number_alone(word: str, number: str, text: str) -> int | None:
    match = re.fullmatch(rf"{word}[\s-]?(?P<a>{number})|(?P<b>{number}){_ORDINAL}{word}", plain(text))
    return int(match["a"] or match["b"]) if match else None


def period_reader(form: str, *, loose: bool = True, first_year: int = FIRST_YEAR) -> Callable[[str], int | None]:
    """Return what turns a text into the µs of its period's first midnight; `loose` reads `2024 1`, `2024/1` as well.

    Two-digit years are those of the hundred from `first_year` on.
    """
    patterns = _COMPILED[form] + (_COMPILED_LOOSE.get(form, ()) if loose else ())

    def read(text: str) -> int | None:
        tidy = plain(text)
        for pattern in patterns:
            if match := pattern.fullmatch(tidy):
                return _start(form, match.groupdict(), first_year)
        return None

    return read


def _start(form: str, part: dict[str, str | None], first_year: int) -> int | None:
    year = int(part.get("year") or 0) or full_year(int(part.get("short") or 0), first_year)
    number = int(part.get("number") or 0) or _ROMAN.get(part.get("roman") or "none", 0)
    if name := part.get("name"):
        number = _MONTHS.get(name, 0)
    try:
        if form == "week":
            day = date.fromisocalendar(year, number, 1)
        else:
            months = {"quarter": 3, "half": 6}.get(form, 1)
            day = date(year, (number - 1) * months + 1, int(part.get("day") or 1))
    except ValueError:
        return None
    return (day.toordinal() - _UNIX_DAY) * DAY
