"""What an answer's records hold: their fields as columns, and the words that fields are named by."""

from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload.json_path import MISSING, at

MOST_RECORDS = 2_000  # looked at
RECORD_DEPTH = 6  # levels of a record in which fields are looked for


def columns_of(records: Sequence[Any]) -> dict[str, list[Any]]:
    """Return path → cells, for every field that holds a single value in some record."""
    looked_at = [record if isinstance(record, dict) else {} for record in records[:MOST_RECORDS]]
    paths: dict[str, None] = {}
    for record in looked_at:
        paths.update(dict.fromkeys(_paths(record)))
    return {path: [cell_of(record, path) for record in looked_at] for path in paths}


def labels_first(records: Sequence[Any]) -> bool:
    """Say whether the first record only says in words what the fields of the others are."""
    few = [record for record in records[:20] if isinstance(record, dict)]
    if len(few) < 5 or not all(isinstance(cell, str) for cell in few[0].values()):
        return False
    numeric = [name for name in few[0] if all(is_number(record.get(name)) for record in few[1:])]
    return len(numeric) > 1 and not any(is_number(few[0][name]) for name in numeric)


def is_number(cell: Any) -> bool:
    """Say whether a cell is a number, or a text of one."""
    return cell is not None and infer_number_form([cell]) is not None


def _paths(record: dict[str, Any], above: str = "", depth: int = RECORD_DEPTH) -> Iterator[str]:
    for key, value in record.items():
        here = f"{above}{key}"
        if isinstance(value, dict):
            if depth > 1:
                yield from _paths(value, f"{here}.", depth - 1)
        elif not isinstance(value, list):
            yield here


def cell_of(record: Any, path: str) -> Any:
    """Return the single value at a path of a record, None if there is none."""
    found = at(record, path)
    return None if found is MISSING or isinstance(found, dict | list) else found
