"""Turns years of other calendars, which share our months and days, into Gregorian ones. Pure.

A time form that ends in `|minguo` reads years of Taiwan (`112年1月`, `112/01/05`, `1120105`), one that ends in
`|buddhist` those of Thailand (`05/01/2567`). Years of Japanese eras, and of the Republic by its name, are told by their
words: `令和5年`, `民國112年`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date

BUDDHIST, MINGUO = "buddhist", "minguo"
CALENDARS = (MINGUO, BUDDHIST)
_SUFFIX = re.compile(rf"(.+)\|({'|'.join(CALENDARS)})")
BUDDHIST_AHEAD = 543  # years of the calendar of Thailand before the Gregorian
_BEFORE_MINGUO = 1911  # whose first year was 1912
_YEARS = {  # the digits of a year, which months and days in two digits each may follow
    BUDDHIST: re.compile(r"(?<!\d)2[3-6]\d\d(?=(?:\d\d){0,2}(?!\d))", re.ASCII),
    MINGUO: re.compile(r"^\d{2,3}(?=(?:\d\d){0,2}(?!\d))", re.ASCII),
}
_ERAS = {
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "大正": 1911,
    "明治": 1867,
    "民國": _BEFORE_MINGUO,
    "民国": _BEFORE_MINGUO,
}
"""Era → the year before its first."""
_OF_AN_ERA = re.compile(rf"(?:中華)?({'|'.join(_ERAS)})\s?(\d{{1,3}}|元)\s?年(?=(\s?\d)?)")

Times = Callable[[Sequence[object]], list[int | None]]


def split_calendar(form: str) -> tuple[str, str | None]:
    """Return a time form without its `|minguo`, and the calendar; None where there is none."""
    match = _SUFFIX.fullmatch(form)
    return (match[1], match[2]) if match else (form, None)


def in_calendar(read: Times, calendar: str) -> Times:
    """Return the parser that reads the years of a calendar as `read` reads Gregorian ones."""
    return lambda cells: read([gregorian(cell, calendar) for cell in cells])


def gregorian(cell: object, calendar: str) -> object:
    """Return a time with its year in the Gregorian calendar, None without such a year."""
    if isinstance(cell, date):
        try:
            return cell.replace(year=cell.year - BUDDHIST_AHEAD) if calendar == BUDDHIST else None
        except ValueError:  # 29 February: the years of both calendars leap together, this is none
            return None
    if cell is None or isinstance(cell, bool):
        return None
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
    found = _YEARS[calendar].search(text)
    if found is None:
        return None
    year = int(found[0]) + _BEFORE_MINGUO if calendar == MINGUO else int(found[0]) - BUDDHIST_AHEAD
    return f"{text[: found.start()]}{year}{text[found.end() :]}"


def without_era(text: str) -> str:
    """Return a time with the year of an era in the Gregorian calendar: `令和5年1月`, `民國112年`."""
    match = _OF_AN_ERA.search(text)
    if match is None:
        return text
    year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
    return f"{text[: match.start()]}{year}{'年' if match[3] else ''}{text[match.end() :]}"
