"""Detects the axis of counted times beside its unit: `{"units": "hours since 1970-01-01", "values": […]}`."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from slackwater.discover.api.records.columns import is_number
from slackwater.discover.api.records.record_choice import Placed, find_place
from slackwater.errors import BadSource
from slackwater.formats.counted_times import since_form

DEPTH = 4  # levels of objects in which such an axis is looked for
_CALENDARS = frozenset({"", "standard", "gregorian", "proleptic_gregorian"})  # others count days that are none
_NAMES = ("name", "id", "key", "code", "label")  # of a column in a list


def placed_by_axis(body: Any, config: dict[str, Any]) -> tuple[Placed, dict[str, Any]]:
    """Return the place of the records, and the configuration with the axis' field and form.

    Without such an axis, or where it leads to no records, it is what is found without it.
    """
    found = {} if config.get("date_field") or config.get("date_format") else dict.fromkeys(_axes(body, "", DEPTH))
    if len(found) == 1:
        ((field, form),) = found
        counted = {**config, "date_field": field, "date_format": form}
        with suppress(BadSource):
            placed = find_place(body, counted)
            if any(field in record for record in placed.records[:1]):
                return placed, counted
    return find_place(body, config), config


def _is_usual(calendar: Any) -> bool:
    """Check whether a calendar that CF names has the days that years have."""
    return not isinstance(calendar, str) or calendar.lower() in _CALENDARS


def _axes(node: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield field and form of the lists whose unit counts from a moment."""
    if not depth or not isinstance(node, dict):
        return
    lists = [key for key, value in node.items() if isinstance(value, list) and value and all(map(is_number, value))]
    said = [node, *(value for value in node.values() if isinstance(value, dict))]  # CF writes them as attributes
    units = [form for each in said for text in each.values() if isinstance(text, str) and (form := since_form(text))]
    if len(lists) == 1 and len(set(units)) == 1 and all(_is_usual(each.get("calendar")) for each in said):
        own = next((node[key] for key in _NAMES if isinstance(node.get(key), str)), None)
        yield own or f"{name}.{lists[0]}".lstrip("."), units[0]
        return
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _axes(value, key, depth - 1)
        elif isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            for entry in value:
                yield from _axes(entry, key, depth - 1)
