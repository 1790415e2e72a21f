"""Turns records with times in the names of fields into one per time. Pure.

A pattern says what the fields are called: `{month}`, `{hour}` and `{day}` are numbers (months names, too), anything
else in braces is a form of times, such as `{year}` or `{%Y%m}`. `months.{month}` are fields of an object, `Y{year}`
have a letter in front.
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
MOST = {"month": (1, 12), "day": (1, 31), "hour": (0, 24)}
"""Part of a time → its first and last number."""
_PATTERN = re.compile(r"(?:(?P<holder>.+)\.)?(?P<before>[^{}]*)\{(?P<what>[^{}]+)\}(?P<after>[^{}]*)")

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
        found += [{**beside, field: time, VALUE: held[name]} for name, time in times.items()]
    return found


def field_of(what: str) -> str:
    """Return the field that the time of a pattern becomes."""
    return what if what in MOST else KEY


@lru_cache(maxsize=64)
def _parsed(pattern: str) -> tuple[str | None, str, Reader]:
    """Return what holds the fields, the field of their times, and their reader."""
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise ValueError(f"{pattern!r:.60} has no time in braces, such as {{month}} or {{year}}")
    before, what, after = match["before"], match["what"], match["after"]
    times = None if what in MOST else time_parser(what, UTC)

    def fits(text: str) -> bool:
        if times is None:
            return _is_part(what, text)
        return (what != "year" or len(text) == _YEAR) and times([text])[0] is not None

    @lru_cache(maxsize=4096)
    def read(name: str) -> str | None:
        if not isinstance(name, str) or not name.startswith(before) or not name.endswith(after):
            return None
        text = name[len(before) : len(name) - len(after)]
        return text if fits(text) else None

    return match["holder"], field_of(what), read


def _is_part(what: str, text: str) -> bool:
    low, high = MOST[what]
    if re.fullmatch(r"\d{1,2}", text, re.ASCII):
        return low <= int(text) <= high
    return what == "month" and month_number(text) is not None
