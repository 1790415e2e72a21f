"""Detects the axis of counted times beside its unit: `{"units": "hours since 1970-01-01", "values": […]}`."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.api.records.record_choice import Placed, find_place
from slackwater.errors import BadSource
from slackwater.formats.counted_times import since_form
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser

DEPTH = 4  # levels of objects in which such an axis is looked for
_CALENDARS = frozenset({"", "standard", "gregorian", "proleptic_gregorian"})  # others count days that are none
Axis = tuple[str, str, int, float, float]  # field, form, how many, first and last
_NAMES = ("name", "id", "key", "code", "label")  # of a column in a list


def placed_by_axis(body: Any, config: dict[str, Any]) -> tuple[Placed, dict[str, Any]]:
    """Return the place of the records, and the configuration with the axis' field and form.

    Without such an axis, or where it leads to no records, it is what is found without it. Far from even times that are
    written beside it, it is a quantity: the hours that a pump has run since a day.
    """
    found = {} if config.get("date_field") or config.get("date_format") else dict.fromkeys(_axes(body, "", DEPTH))
    if len(found) == 1 and not _is_quantity(body, next(iter(found))):
        ((field, form, *_),) = found
        counted = {**config, "date_field": field, "date_format": form}
        with suppress(BadSource):
            placed = find_place(body, counted)
            if any(field in record for record in placed.records[:1]):
                return placed, counted
    return find_place(body, config), config


def _is_usual(calendar: Any) -> bool:
    """Check whether a calendar that CF names has the days that years have."""
    return not isinstance(calendar, str) or calendar.lower() in _CALENDARS


def _are_numbers(value: Any, length: int | None = None) -> bool:
    """Check for a list of numbers, of so many if that is given."""
    numbers = isinstance(value, list) and bool(value) and all(type(each) in (int, float) for each in value)
    return numbers and length in (None, len(value))


def _is_ordered(numbers: list[float]) -> bool:
    """Check whether numbers only rise, or only fall, as those of an axis do."""
    return sorted(numbers) in (numbers, numbers[::-1])


def _is_quantity(body: Any, axis: Axis) -> bool:
    """Check for even times that are written out, far from those of the axis."""
    _, form, length, first, last = axis
    parse = time_parser(form, UTC)
    low, high = sorted(time or 0 for time in parse([first, last]))
    return any(max(times) < low or high < min(times) for times in _written(body, DEPTH, length))


def _written(node: Any, depth: int, length: int) -> Iterator[list[int]]:
    """Yield the lists of so many even times that are written out."""
    if isinstance(node, list) and len(node) == length and all(isinstance(cell, str) for cell in node):
        form = infer_time_form(node)
        times = [] if form is None or form.numeric else time_parser(form.form, UTC)(node)
        steps = Counter(b - a for a, b in pairwise(times) if a is not None and b is not None)
        if steps and steps.total() == length - 1 and 0 not in steps and steps.most_common(1)[0][1] * 2 >= length - 1:
            yield [time for time in times if time is not None]
        return
    for each in (
        () if not depth else node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _written(each, depth - 1, length)


def _axes(node: Any, name: str, depth: int) -> Iterator[Axis]:
    """Yield what is to know of the lists whose unit counts from a moment."""
    if not depth or not isinstance(node, dict):
        return
    numbers = {key: value for key, value in node.items() if _are_numbers(value)}
    length = max(map(len, numbers.values()), default=0)
    lists = [key for key, value in numbers.items() if len(value) == length]  # others are attributes: `valid_range`
    if len(lists) == 1 and _is_ordered(numbers[lists[0]]) and (axis := _axis_of(node, name, lists[0], length)):
        yield axis
        return
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _axes(value, key, depth - 1)
        elif isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            for entry in value:
                yield from _axes(entry, key, depth - 1)


def _axis_of(node: dict[str, Any], name: str, key: str, length: int) -> Axis | None:
    """Return what is to know of the list at a key.

    None where no unit counts from a moment.
    """
    # CF writes units as attributes. What holds as many numbers itself is another axis, and the units are its own.
    within = [value for value in node.values() if isinstance(value, dict)]
    said = [node, *(each for each in within if not any(_are_numbers(held, length) for held in each.values()))]
    units = [form for each in said for text in each.values() if isinstance(text, str) and (form := since_form(text))]
    if len(set(units)) != 1 or not all(_is_usual(each.get("calendar")) for each in said):
        return None
    own = next((node[each] for each in _NAMES if isinstance(node.get(each), str)), None)
    return own or f"{name}.{key}".lstrip("."), units[0], length, node[key][0], node[key][-1]
