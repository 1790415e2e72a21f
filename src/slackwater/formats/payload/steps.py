"""Reads evenly spaced values, `{"start": …, "step": 3600, "values": […]}` → records with times. Pure.

What is called how is declared: the beginning, the step, and the lists of values; or the beginning, the step, the list
and the field by which its entries say their place, from 1 on. Of a step that is a number the unit stands behind its
name: `step:s`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from slackwater.formats.payload.json_path import MISSING, at
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, from_micros, iso, to_micros

TIME = "time"
UNITS = {"ms": 1000, "s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_WORDED = re.compile(r"(\d+)\s*(ms|(?-i:m)|s|secs?|seconds?|min|mins|minutes?|h|hr|hours?|d|days?)", re.IGNORECASE)
_ACROSS = {"s": "s", "m": "min", "h": "h", "d": "d"}
_DAY_TEXT = re.compile(r"\d{4}-\d\d-\d\d")

Step = tuple[int, int]
"""Months and µs, of which one is 0."""


def stepped(node: Any, names: Sequence[str] | None) -> list[Any] | None:
    """Return the records of an object with start, step and values, or of several."""
    if isinstance(node, list):
        found = [stepped(each, names) for each in node]
        return (
            [record for each in found if each for record in each] if any(each is not None for each in found) else None
        )
    if not isinstance(node, dict) or names is None or len(names) < 3:
        return None
    begin, step, *others = names
    moment = moments(at(node, begin), step_in(node, step))
    if moment is None:
        return None
    return list(_records(node, others, moment))


def _records(node: dict[str, Any], names: Sequence[str], moment: Callable[[int], str]) -> Iterator[dict[str, Any]]:
    first = at(node, names[0])
    if isinstance(first, dict):
        first = [first]  # as XML writes a list of one
    if isinstance(first, list) and first and isinstance(first[0], dict):
        for entry in first:
            place = place_of(entry, names[1]) if isinstance(entry, dict) and len(names) > 1 else None
            if place is not None:
                yield {name: cell for name, cell in entry.items() if name != names[1]} | {TIME: moment(place - 1)}
        return
    lists = {name: at(node, name) for name in names}
    lists = {name: values for name, values in lists.items() if isinstance(values, list)}
    for place in range(max(map(len, lists.values()), default=0)):
        yield {
            TIME: moment(place),
            **{name: _alone(values[place]) for name, values in lists.items() if place < len(values)},
        }


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def place_of(entry: dict[str, Any], name: str) -> int | None:
    """Return the place that an entry says it has, from 1 on.

    None if it says none.
    """
    cell = at(entry, name)
    if isinstance(cell, str) and cell.strip().isdecimal():
        cell = int(cell)
    return cell if type(cell) is int and cell > 0 else None


def step_in(node: dict[str, Any], name: str) -> Step | None:
    """Return the step that stands in an object.

    A number has its unit behind the name of its field.
    """
    path, _, unit = name.rpartition(":") if name.rpartition(":")[2] in UNITS else (name, "", "")
    return step_of(at(node, path), unit or None)


def step_of(cell: Any, unit: str | None = None) -> Step | None:
    """Return the step that a duration or a number of units means."""
    if unit is not None:
        try:
            length = float(cell) * UNITS[unit]
        except (TypeError, ValueError):
            return None
        return (0, int(length)) if length >= 1 and length == int(length) else None
    if not isinstance(cell, str):
        return None
    if match := _DURATION.fullmatch(cell.strip()):
        part = {name: int(number or 0) for name, number in match.groupdict().items()}
        months = part["years"] * 12 + part["months"]
        days = part["weeks"] * 7 + part["days"]
        length = days * DAY + part["hours"] * HOUR + part["minutes"] * MINUTE + part["seconds"] * SECOND
        return (months, length) if bool(months) is not bool(length) else None
    if match := _WORDED.fullmatch(cell.strip()):
        number, word = match.groups()
        return step_of(int(number), "ms" if word.lower() == "ms" else _ACROSS[word[0].lower()])
    return None


def moments(begin: Any, step: Step | None) -> Callable[[int], str] | None:
    """Return the function that gives the time of each place.

    None for what is no beginning, or whose days have unknown lengths.
    """
    start = begin_of(begin)
    if start is None or step is None:
        return None
    months, length = step
    at_midnight = start % DAY == 0
    if _is_day(begin):
        if length % DAY:
            return None
        return lambda place: _later(start, place * months, place * length).date().isoformat()
    if (months or length % DAY == 0) and not at_midnight:
        return None
    return lambda place: iso(to_micros(_later(start, place * months, place * length)))


def _later(start: int, months: int, length: int) -> datetime:
    moment = from_micros(start + length)
    if not months:
        return moment
    years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=years, month=month + 1)


def _is_day(begin: Any) -> bool:
    return isinstance(begin, str) and _DAY_TEXT.fullmatch(begin.strip()) is not None


def begin_of(cell: Any) -> int | None:
    """Return the start in µs: epoch seconds or milliseconds, a day, or a zoned time."""
    if cell is MISSING or isinstance(cell, bool):
        return None
    if isinstance(cell, str) and cell.strip().isdecimal():
        cell = int(cell)
    if isinstance(cell, int | float):
        if 10**8 <= cell < 10**11:
            return int(cell * SECOND)
        return int(cell * 1000) if 10**11 <= cell < 10**14 else None
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    try:
        if _is_day(text):
            day = date.fromisoformat(text)
            return to_micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_micros(moment.astimezone(UTC)) if moment.tzinfo is not None else None
