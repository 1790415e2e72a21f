"""Parses dates in words with clock times, `Tue, 05 Mar 2024 10:00`, and `/Date(…)/`."""

import re
from datetime import date

from slackwater.formats.civil_time import FIRST_YEAR, full_year, strptime_clock, zoned_clock
from slackwater.formats.month_names import month_number
from slackwater.model.instants import DAY

_UNIX_DAY = date(1970, 1, 1).toordinal()
_WORD = re.compile(r"[^\W\d_]+\.?|\d+", re.UNICODE)
_FILLERS = frozenset({"de", "del", "do", "da", "of", "the", "le", "el", "st", "nd", "rd", "th", "o", "er", "a"})
_WEEKDAY = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|seg|ter|qua|qui|sex|sab|dom|mie|jue|vie)"
    r"[^\W\d]*(?:-feira)?\.?,\s*",
    re.IGNORECASE,
)
_CLOCK = re.compile(  # SAS has a colon before it: `05MAR2024:10:00:00`
    r"(?:[\sT,]+|(?<=\d{4}):)(?:(?P<half>\d{1,2}:\d{2}(?::\d{2})?\s*[ap]\.?m\.?)"
    r"|(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?))$",
    re.IGNORECASE,
)
_twelve_hours = strptime_clock("%I:%M %p")


def in_words(text: str, first_year: int = FIRST_YEAR, language: str | None = None) -> tuple[int, int] | None:
    """Parse a date whose month is a word, and the clock time behind it.

    Returns midnight and the time since then, both in µs, in UTC if the text names its zone. Two-digit years are those
    of the hundred from `first_year` on.
    """
    clock = _CLOCK.search(text)
    day = _day_in_words(text[: clock.start()] if clock else text, first_year, language)
    if day is None:
        return None
    since: int | None = 0
    if clock:
        since = _twelve_hours(clock["half"]) if clock["half"] else zoned_clock(clock["clock"].strip())
    return None if since is None else (day, since)


def zoned(text: str) -> bool:
    """Say whether a date in words names its zone."""
    clock = _CLOCK.search(text)
    return clock is not None and clock["zone"] is not None


def _day_in_words(text: str, first_year: int, language: str | None) -> int | None:
    parts = [part for part in _WORD.findall(_WEEKDAY.sub("", text, count=1)) if part.lower() not in _FILLERS]
    words = [part for part in parts if not part.isdecimal()]
    numbers = [part for part in parts if part.isdecimal()]
    if len(words) != 1 or not 1 <= len(numbers) <= 2 or (month := month_number(words[0], language)) is None:
        return None
    if len(numbers) == 1:
        year, day = numbers[0], "1"
    elif len(numbers[0]) == 4:
        year, day = numbers
    else:
        day, year = numbers
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    try:
        full = int(year) if len(year) == 4 else full_year(int(year), first_year)
        return (date(full, month, int(day)).toordinal() - _UNIX_DAY) * DAY
    except ValueError:
        return None


_DOTNET = re.compile(r"\\?/Date\((-?\d+)(?:[+-]\d{4})?\)\\?/", re.ASCII)


def dotnet(text: str) -> int | None:
    """Return the moment of `/Date(1710000000000)/`, ms since 1970.

    The offset behind them only says how to show it.
    """
    match = _DOTNET.fullmatch(text.strip())
    return int(match[1]) * 1000 if match else None
