"""Detects numeric fields that appeared after discovery and are not read."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from slackwater.formats.numbers import infer_number_form

LOOKED_AT = 40  # records of a part of a page
DEPTH = 6  # levels of a record, as many as discovery looks into


def fields_of(record: Any, above: str = "", depth: int = DEPTH) -> Iterator[tuple[str, Any]]:
    """Yield the fields with a single value, or a list of such, by path."""
    for key, value in record.items() if isinstance(record, dict) else ():
        if isinstance(value, dict):
            if depth > 1:
                yield from fields_of(value, f"{above}{key}.", depth - 1)
        elif not isinstance(value, list) or (value and not isinstance(value[0], dict | list)):
            yield f"{above}{key}", value


def unread_fields(records: Sequence[Any], read: Collection[str]) -> list[str]:
    """Return the numeric fields that neither are in `read` nor enclose such a list."""
    taken = {*read, *(path.rpartition(".")[0] for path in read if path.rpartition(".")[2].isdecimal())}
    found: dict[str, None] = {}
    for record in records[:: max(1, len(records) // LOOKED_AT)]:
        for path, value in fields_of(record):
            if path not in taken and path not in found and _is_numeric(value):
                found[path] = None
    return list(found)


def _is_numeric(value: Any) -> bool:
    cells = value if isinstance(value, list) else [value]
    return not any(isinstance(cell, bool) for cell in cells) and infer_number_form(cells) is not None
