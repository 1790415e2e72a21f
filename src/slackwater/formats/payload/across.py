"""Turns records with times in the names of fields into one per time. Pure.

A pattern says what the fields are called: `{month}`, `{quarter_number}`, `{hour}` and `{day}` are numbers (months
names, too), `{number}` is that of a period of the day, `{clock}` a time of day (`00:30`, `0030`, `12:30 AM`),
anything else in braces a form of times, such as `{year}` or `{%Y%m}`. `months.{month}` are fields of an object,
`Y{year}` have a letter in front.
"""

import re
from collections.abc import Callable
from datetime import UTC
from functools import lru_cache
from typing import Any

from slackwater.formats.month_names import month_number
from slackwater.formats.timestamps import time_parser

KEY, VALUE = "key", "value"
"""The fields of what stood in the name of a field, where it is a whole time, and of what stood there."""
MOST = {"month": (1, 12), "quarter_number": (1, 4), "day": (1, 31), "hour": (0, 24), "number": (1, 100)}
"""Part of a time → its first and last number."""
_PATTERN = re.compile(r"(?:(?P<holder>.+)\.)?(?P<before>[^{}]*)\{(?P<what>[^{}]+)\}(?P<after>[^{}]*)")

CLOCK = "clock"
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):?(?P<minute>[0-5]\d)(?::00)?(?:\s*(?P<half>[ap])\.?m\.?)?", re.ASCII | re.IGNORECASE
)
_HOURS, _NOON = 24, 12
_YEAR = 4  # digits

Reader = Callable[[str], str | None]
"""Returns the time in the name of a field, None where it has none."""


def across(records: list[Any], pattern: str) -> list[Any]:
    """Return a record for each time in names of fields; others stay."""
    holder, field, read = _parsed(pattern)
    found: list[Any] = []
    for record in records:
        held = record.get(holder) if holder and isinstance(record, dict) else record
        if not isinstance(held, dict) or not (times := {name: time for name in held if (time := read(name))}):
            found.append(record)
            continue
        beside = {name: cell for name, cell in record.items() if name not in (times if not holder else (holder,))}
        # Months that have no 31st have nothing there.
        held = {name: held[name] for name in times if field != "day" or held[name] not in (None, "")}
        found += [{**beside, field: times[name], VALUE: cell} for name, cell in held.items()]
    return found


def field_of(what: str) -> str:
    """Return the field that the time of a pattern becomes."""
    return what if what in MOST or what == CLOCK else KEY


def clock_in(text: str) -> str | None:
    """Return the time of day that a name is, as `13:30`; None for other names."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if half:
        hour = hour % _NOON + _NOON * (half == "p") if 1 <= hour <= _NOON else _HOURS + 1
    return f"{hour:02}:{match['minute']}" if hour < _HOURS or (hour, match["minute"]) == (_HOURS, "00") else None


@lru_cache(maxsize=64)
def _parsed(pattern: str) -> tuple[str | None, str, Reader]:
    """Return what holds the fields, the field of their times, and their reader."""
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise ValueError(f"{pattern!r:.60} has no time in braces, such as {{month}} or {{year}}")
    before, what, after = match["before"], match["what"], match["after"]
    times = None if field_of(what) == what else time_parser(what, UTC)

    def time_in(text: str) -> str | None:
        if what == CLOCK:
            return clock_in(text)
        if times is None:
            return text if _is_part(what, text) else None
        return text if (what != "year" or len(text) == _YEAR) and times([text])[0] is not None else None

    @lru_cache(maxsize=4096)
    def read(name: str) -> str | None:
        if not isinstance(name, str) or not name.startswith(before) or not name.endswith(after):
            return None
        return time_in(name[len(before) : len(name) - len(after)])

    return match["holder"], field_of(what), read


def _is_part(what: str, text: str) -> bool:
    low, high = MOST[what]
    if re.fullmatch(r"\d{1,3}", text, re.ASCII):
        return low <= int(text) <= high
    return what == "month" and month_number(text) is not None
