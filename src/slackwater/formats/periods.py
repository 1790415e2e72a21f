"""Parses months by name, quarters, half-years and weeks to their first midnight. Pure.

`month` is `janeiro 2024`, `2024 JAN`, `jan/24`, `2024M03`; `quarter` `2024-Q1`, `1.º T 2024`, `Jan-Mar 2024`; `half`
`2024-S1`, `I półrocze 2024`; `week` `2024-W05`, the ISO week; `dekad` `2024-01-D2`, a third of a month;
`day` `5 de março de 2024`. Names of months: `month_names`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from slackwater.formats.civil_time import FIRST_YEAR, full_year
from slackwater.formats.month_names import ROMAN, months, names_month, plain
from slackwater.model.instants import DAY

_UNIX_DAY = date(1970, 1, 1).toordinal()
# "Year" behind its number, as it is written in the Slavic and Baltic languages: `2022 г.`, `2022 m. sausis`.
_YEAR_WORD = f"(?:{'|'.join(map(plain, ('г', 'год', 'года', 'р', 'року', 'r', 'roku', 'm', 'gada', 'god', 'godine')))})"
_YEAR = rf"(?P<year>(?:1[5-9]|2[01])\d\d)(?:\.?\s?{_YEAR_WORD}\b\.?)?"
_SHORT = r"(?P<short>\d\d)"
_NAME = r"(?P<name>[^\W\d_]{3,14})\.?"
_OF = r"[\s./,-]*(?:\bdel?\b\s*)?"
_MONTH_CODE = r"mm?(?:0?[1-9]|1[0-2])"
_QUARTER = (
    r"(?:q|t|k(?:v(?:artal)?)?\.?|trim(?:estr(?:e|ul))?\.?|tri\.?|quarter|quartal|kwarta(?:l|al|ł)"
    r"|ctvrtleti|negyedev|кв(?:артал)?\.?|ceyrek|neljannes|τριμηνο|тримесечие|ceturksnis|ketvirtis|tromjesecje"
    r"|tromesecje|cetrtletje|stvrtrok|triwulan|quy)"
)
_ROMAN_NUMBER = r"(?P<roman>i{1,3}|iv)\.?"
_ROMAN_QUARTER = rf"(?:{_QUARTER}|kw\.?)"  # beside a plain number `kw` is a week
_HALF_WORDS: tuple[str, ...] = (
    "półrocze",
    "pololetí",
    "polrok",
    "félév",
    "polugodište",
    "polletje",
    "полугодие",
    "півріччя",
    "полугодина",
)
_HALF_WORDS += ("halbjahr", "halvår", "puolivuosi", "εξάμηνο", "yarıyıl", "semestrul")
_HALF = rf"(?:s|h|sem(?:estre)?\.?|half|semester|{'|'.join(map(plain, _HALF_WORDS))})"
_HALF_CALLED = _HALF.replace("s|h|", "", 1)
_LAST_NAME = r"(?P<last>[^\W\d_]{3,14})\.?"
_WEEK = r"(?:w|wk|week|kw|semana|semaine|vecka|uke|uge|viikko|hafta|tyden|tydzien)"
_YEARS, _MONTHS, _DAYS = (f"(?:{'|'.join(map(plain, words))})" for words in (("年", "년"), ("月", "월"), ("日", "일")))
_MONTH_NUMBER = r"m?(?P<number>0?[1-9]|1[0-2])"
_DEKAD = r"(?:d|dek(?:ad[ae]?)?|dec(?:ada)?)"
_ORDINAL = r"\.?\s?(?:o|a|er|e|st|nd|rd|th|°)?\.?\s?"


_SPANS = (rf"{_NAME}\s?[-–/]\s?{_LAST_NAME}{_OF}{_YEAR}", rf"{_YEAR}[\s./,-]*{_NAME}\s?[-–/]\s?{_LAST_NAME}")


def _numbered(word: str, number: str) -> tuple[str, ...]:
    """Return the spellings of a numbered part of a year, in every word order."""
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
        rf"{_YEAR}\s?{_YEARS}\s?(?P<number>\d{{1,2}})\s?{_MONTHS}\s?(?P<day>\d{{1,2}})\s?{_DAYS}",
    ),
    "month": (
        rf"{_NAME}{_OF}{_YEAR}",
        rf"{_YEAR}[\s./-]*{_NAME}",
        rf"{_NAME}[\s]?[/.'’-][\s]?{_SHORT}",
        rf"{_YEAR}[\s-]?mm?(?P<number>\d{{1,2}})",
        rf"{_YEAR}(?::(?P<number>0[1-9]|1[0-2])|\.\s(?P<bare>0?[1-9]|1[0-2])\.?)",
        rf"thang\s?(?P<number>0?[1-9]|1[0-2])[\s./-]*(?:nam\s)?{_YEAR}",
        rf"{_YEAR}\s?{_YEARS}\s?(?P<number>\d{{1,2}})\s?{_MONTHS}",
    ),
    "quarter": (
        *_numbered(_QUARTER, "0?[1-4]"),
        rf"{_ROMAN_NUMBER}\s?{_ROMAN_QUARTER}{_OF}{_YEAR}",
        rf"{_ROMAN_QUARTER}\s{_ROMAN_NUMBER}{_OF}{_YEAR}",
        rf"{_YEAR}[\s./,-]*{_ROMAN_NUMBER}\s?{_ROMAN_QUARTER}",
        rf"{_YEAR}[\s./,-]*{_ROMAN_QUARTER}\s{_ROMAN_NUMBER}",
        rf"{_YEAR}kw(?P<number>0[1-4])",
        rf"{_YEAR}\s?{_YEARS}\s?第?\s?(?P<roman>[1-4一二三四])\s?(?:季度?|{plain('분기')})",
        rf"{_YEAR}(?:\s?{_YEARS})?\s?(?P<number>[1-4])/4(?:\s?{plain('분기')})?",
        rf"{_YEAR}\s?{_YEARS}\s?(?P<first>\d{{1,2}})\s?[-~〜–]\s?(?P<final>\d{{1,2}})\s?{_MONTHS}期?",
        *_SPANS,
    ),
    "half": (
        *_numbered(_HALF, "0?[12]"),
        rf"{_ROMAN_NUMBER}\s?{_HALF}{_OF}{_YEAR}",
        rf"{_HALF}\s{_ROMAN_NUMBER}{_OF}{_YEAR}",
        rf"{_YEAR}[\s./,-]*{_ROMAN_NUMBER}\s?{_HALF}",
        rf"{_YEAR}[\s./,-]*{_HALF}\s{_ROMAN_NUMBER}",
    ),
    "dekad": (rf"{_YEAR}[\s./-]*{_MONTH_NUMBER}[\s./-]*{_DEKAD}[\s-]?0?(?P<dekad>[1-3])",),
    "week": (*_numbered(_WEEK, r"\d{1,2}"), rf"{_YEAR}[vu](?P<number>\d\d)"),  # Swedish and Norwegian
}
# Only where somebody says of which part the number is: a person, or the names of columns.
_LOOSE: dict[str, tuple[str, ...]] = {
    form: (rf"{_YEAR}(?:[ /._:-]|\.\s)?(?P<number>{number})\.?", rf"(?P<number>{number})[ /._-]?{_YEAR}")
    for form, number in {"quarter": "0?[1-4]", "half": "0?[12]", "week": r"\d{1,2}"}.items()
}
_LOOSE["quarter"] += (rf"(?P<number>[1-4])[qt]{_SHORT}",)  # which may be codes of things, as those of weeks
_LOOSE["week"] += (rf"{_YEAR}[ -]?s(?P<number>\d\d)",)
_LOOSE["dekad"] = (  # of a month, or of a year
    rf"{_YEAR}[ /._-]{_MONTH_NUMBER}[ /._-]0?(?P<dekad>[1-3])",
    rf"{_YEAR}[ /._-](?P<dekad>0?[1-9]|[12]\d|3[0-6])",
)
_COMPILED = {form: tuple(map(re.compile, patterns)) for form, patterns in _PATTERNS.items()}
_COMPILED_LOOSE = {form: tuple(map(re.compile, patterns)) for form, patterns in _LOOSE.items()}
_ROMAN_NAME = r"(?P<name>[ivx]{1,4})\.?"
_ROMAN_PATTERNS = {
    "quarter": tuple(map(re.compile, (rf"{_ROMAN_NUMBER}[\s./:-]+{_YEAR}", rf"{_YEAR}[\s./:-]+{_ROMAN_NUMBER}"))),
    "month": tuple(map(re.compile, (rf"{_ROMAN_NAME}[\s./-]+{_YEAR}", rf"{_YEAR}[\s./-]+{_ROMAN_NAME}"))),
    "day": (
        re.compile(rf"(?P<day>\d{{1,2}})[\s./-]+{_ROMAN_NAME}[\s./-]+{_YEAR}"),
        re.compile(rf"{_YEAR}[\s./-]+{_ROMAN_NAME}[\s./-]+(?P<day>\d{{1,2}})\.?"),
    ),
}
_DEKADS, _DEKAD_DAYS = 3, 10  # of a month; the last has the rest of its days
_CODES = {"week": re.compile(r"\d{4}[ -]?s\d\d"), "quarter": re.compile(r"[1-4][qt]\d\d")}
_HALVES, _MONTHS_OF_QUARTER = 2, 3
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4} | {text: n for n, text in enumerate("一二三四", 1)}
_ROMAN |= {text: n for n, text in enumerate("1234", 1)}

PERIODS = frozenset(_PATTERNS)
"""The forms that `period_reader` reads."""


def coded_period(texts: Iterable[str]) -> str | None:
    """Return the form of codes that are periods below a name of times: `2024-S05`, `1T24`."""
    told = [plain(text) for text in texts]
    return next((form for form, code in _CODES.items() if told and all(map(code.fullmatch, told))), None)


def is_span(cell: object) -> bool:
    """Check whether a cell is a year with its first and last month: `Jan-Mar 2024`."""
    return isinstance(cell, str) and any(re.fullmatch(span, plain(cell)) for span in _SPANS)


def is_month(text: str) -> bool:
    """Say whether a text is a month alone: its name in any language, or `M03`."""
    return names_month(text) or re.fullmatch(_MONTH_CODE, plain(text)) is not None


def quarter_number(text: str) -> int | None:
    """Return the quarter of a text such as `1.º T`, `2nd quarter` or `IV trimestre`.

    None when it is none.
    """
    return _roman_alone(_ROMAN_QUARTER, text) or _number_alone(_QUARTER, "0?[1-4]", text)


def half_number(text: str) -> int | None:
    """Return the half-year of a text such as `S1` or `2.º semestre`.

    None when it is none.
    """
    number = _roman_alone(_HALF_CALLED, text) or 0  # `I S` and `H II` may be names of anything
    return number if 0 < number <= _HALVES else _number_alone(_HALF, "0?[12]", text)


def _roman_alone(word: str, text: str) -> int | None:
    for form in (rf"{_ROMAN_NUMBER}\s?{word}", rf"{word}\s{_ROMAN_NUMBER}"):
        if match := re.fullmatch(form, plain(text)):
            return _ROMAN[match["roman"]]
    return None


def _number_alone(word: str, number: str, text: str) -> int | None:
    match = re.fullmatch(rf"{word}[\s-]?(?P<a>{number})|(?P<b>{number}){_ORDINAL}{word}", plain(text))
    return int(match["a"] or match["b"]) if match else None


def period_reader(
    form: str, *, loose: bool = True, first_year: int = FIRST_YEAR, language: str | None = None
) -> Callable[[str], int | None]:
    """Return what turns a text into the µs of its period's first midnight.

    `loose` reads `2024 1`, `2024/1` as well.

    Two-digit years are those of the hundred from `first_year` on.
    """
    named = months(language)
    patterns = _COMPILED[form] + (_COMPILED_LOOSE.get(form, ()) if loose else ())
    if language == ROMAN:
        patterns = _ROMAN_PATTERNS.get(form, ())

    def read(text: str) -> int | None:
        tidy = plain(text)
        for pattern in patterns:
            if match := pattern.fullmatch(tidy):
                return _start(form, match.groupdict(), first_year, named)
        return None

    return read


def period_readers(first_year: int = FIRST_YEAR, language: str | None = None) -> list[Callable[[str], int | None]]:
    """Return the strict readers of all periods, in their order."""
    return [period_reader(form, loose=False, first_year=first_year, language=language) for form in sorted(PERIODS)]


def _quarter_of(first: int, last: int) -> int:
    """Return the quarter that two months begin and end, 0 for none."""
    quarter, rest = divmod(first - 1, _MONTHS_OF_QUARTER)
    return quarter + 1 if first and rest == 0 and last == first + _MONTHS_OF_QUARTER - 1 else 0


def _start(form: str, part: dict[str, str | None], first_year: int, named: Mapping[str, int]) -> int | None:
    year = int(part.get("year") or 0) or full_year(int(part.get("short") or 0), first_year)
    number = int(part.get("number") or part.get("bare") or 0) or _ROMAN.get(part.get("roman") or "none", 0)
    if final := part.get("final"):
        number = _quarter_of(int(part["first"] or 0), int(final))
    if name := part.get("name"):
        number = named.get(name, 0)
    if last := part.get("last"):  # `Jan-Mar`; other spans are no quarters, and may overlap
        number = _quarter_of(number, named.get(last, 0))
    try:
        if form == "dekad":
            month, third = divmod(int(part["dekad"] or 1) - 1, _DEKADS)
            day = date(year, (number or 1) + month, third * _DEKAD_DAYS + 1)
        elif form == "week":
            day = date.fromisocalendar(year, number, 1)
        else:
            length = {"quarter": 3, "half": 6}.get(form, 1)
            day = date(year, (number - 1) * length + 1, int(part.get("day") or 1))
    except ValueError:
        return None
    return (day.toordinal() - _UNIX_DAY) * DAY
