"""Reads the records' fields as columns, and the words in their names."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Any

from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.formats.quantities import unit_of, without_unit
from slackwater.formats.time_parts import is_parts

MOST_RECORDS = 2_000  # records looked at; chosen: the head, middle and end are seen in bounded time
MOST_IN_LIST = 12  # values of a list that each record has
_PLACES = set_of(
    "geometry coordinates coordinate coord bbox centroid position location latlng latlon point polygon color"
)
_HELD = frozenset({"value", "v", "f", "raw", "formatted", "text"})
_WITHIN_FLOATS = 2**1023  # whole numbers below it are floats as well
_PLAIN = frozenset({str, int, float, bool, type(None)})
RECORD_DEPTH = 6  # levels of a record in which fields are looked for


def columns_of(records: Sequence[Any]) -> dict[str, list[Any]]:
    """Return path → cells, for every field that holds a single value in some record."""
    looked_at = _objects(records)
    return {path: _bare(cells) for path, cells in _as_written(looked_at).items()}


def _as_written(looked_at: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return path → cells with their units."""
    paths: dict[str, None] = {}
    lists: dict[str, list[list[Any]]] = {}
    for record in looked_at:
        for path, found in _paths(record):
            if isinstance(found, list):
                lists.setdefault(path, []).append(found)
            else:
                paths[path] = None
    # What stands in the place of a number says why there is none; its own numbers are codes of reasons.
    instead = {above for path in paths for above in _above(path) if above in paths}
    paths = {path: None for path in paths if not any(_within(path, each, looked_at) for each in instead)}
    for path, held in lists.items():
        paths.update(dict.fromkeys(_of_lists(path, held)))
    return {path: [cell_of(record, path) for record in looked_at] for path in paths}


def _objects(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [record if isinstance(record, dict) else {} for record in spread(records)]


def _above(path: str) -> list[str]:
    """Return the paths of all that a path lies in."""
    names = path.split(".")
    return [".".join(names[:count]) for count in range(1, len(names))]


def _within(path: str, above: str, records: Sequence[Any]) -> bool:
    """Say whether a field lies in what most records have as a single value."""
    if not path.startswith(f"{above}."):
        return False
    return sum(cell_of(record, above) is not None for record in records) * 2 > len(records)


def units_in(records: Sequence[Any], paths: Iterable[str]) -> dict[str, str]:
    """Return path → unit of those fields whose numbers all carry that unit."""
    looked_at = _objects(records)
    columns = {path: [cell_of(record, path) for record in looked_at] for path in paths}
    return {path: unit for path, cells in columns.items() if (unit := unit_of(cells)) is not None}


def _bare(cells: list[Any]) -> list[Any]:
    """Return a column without the unit that stands behind all its numbers."""
    unit = unit_of(cells)
    return cells if unit is None else [without_unit(cell, unit) for cell in cells]


def spread(records: Sequence[Any], most: int = MOST_RECORDS) -> Sequence[Any]:
    """Return at most `most` records from head, middle and end."""
    if len(records) <= most:
        return records
    part = most // 5
    middle = len(records) // 2
    return [*records[: most - 2 * part], *records[middle : middle + part], *records[-part:]]


def _of_lists(path: str, held: list[list[Any]]) -> list[str]:
    """Return the paths within short lists of equal length, or of their time."""
    if all(map(is_parts, held)):
        return [path]
    widths = {len(each) for each in held}
    if len(widths) == 1 and min(widths) <= MOST_IN_LIST and all(map(_only_holds, held[0])):
        places = {f"{place}.{name}": None for each in held for place, cell in enumerate(each) for name in cell or ()}
        return [f"{path}.{place}" for place in sorted(places, key=lambda place: int(place.partition(".")[0]))]
    if len(widths) > 1 or _PLACES & set(words_of(path)) or any(isinstance(cell, dict | list) for cell in held[0]):
        return []
    return [f"{path}.{place}" for place in range(min(widths))] if min(widths) <= MOST_IN_LIST else []


def list_of(path: str) -> str:
    """Return the path of the list that a path indexes, else ""."""
    above, _, place = path.rpartition(".")
    return above if place.isdecimal() else ""


def labels_first(records: Sequence[Any]) -> bool:
    """Check whether the first record only labels the fields of the others."""
    few = [record for record in records[:20] if isinstance(record, dict)]
    if len(few) < 5 or not all(isinstance(cell, str) for cell in few[0].values()):
        return False
    numeric = [name for name in few[0] if all(is_number(record.get(name)) for record in few[1:])]
    return len(numeric) > 1 and not any(is_number(few[0][name]) for name in numeric)


def is_number(cell: Any) -> bool:
    """Say whether a cell is a number, or a text of one."""
    if type(cell) is float:  # most are one of these, and need no look at forms
        return isfinite(cell)
    if type(cell) is int and abs(cell) < _WITHIN_FLOATS:
        return True
    return cell is not None and infer_number_form([cell]) is not None


def _paths(record: dict[str, Any], above: str = "", depth: int = RECORD_DEPTH) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        here = f"{above}{key}"
        if isinstance(value, dict):
            if depth > 1:
                yield from _paths(value, f"{here}.", depth - 1)
        elif not isinstance(value, list):
            yield here, None
        elif value and (not isinstance(value[0], dict | list) or all(map(_only_holds, value))):
            yield here, value


def _only_holds(entry: Any) -> bool:
    """Say whether an object does nothing but hold a value, as cells of tables do."""
    return entry is None or (isinstance(entry, dict) and bool(entry) and _HELD.issuperset(entry))


def cell_of(record: Any, path: str) -> Any:
    """Return the single value at a record's path, else None; list times as tuples."""
    # Most fields stand in the record itself, and all fields of all records are read.
    found = record[path] if type(record) is dict and path in record else at(record, path)
    if type(found) in _PLAIN:
        return found
    if isinstance(found, list) and is_parts(found):
        return tuple(found)
    return None if found is MISSING or isinstance(found, dict | list) else found
