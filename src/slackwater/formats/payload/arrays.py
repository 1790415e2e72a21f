"""Reads parallel arrays in an object or a list, and the names given beside them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

_NAMES = ("name", "id", "field", "fieldName", "code", "key", "column", "label", "title", "text")  # of a column
_ENDS = ("name", "label", "title", "code", "key", "id", "field")  # the last words of such names
_NO_NAMES = frozenset({"unit", "units", "uom", "type", "status", "description"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COLUMN_DEPTH = 4  # levels in which parallel arrays are looked for

Names = Sequence[str] | None
"""The names of the fields of rows, None where the first row has them."""


def names_in(header: Any) -> Names:
    """Return the names in a header: texts, named objects, name → position, or commas between."""
    if isinstance(header, str):
        header = header.split(",") if "," in header else []
    if isinstance(header, dict) and header and all(type(place) is int for place in header.values()):
        return sorted(header, key=lambda name: int(header[name]))
    if not isinstance(header, list) or not header:
        return None
    names: list[str] = []
    seen: set[str] = set()
    for place, entry in enumerate(header):
        name = _name_in(entry) or str(place)
        names.append(name if name not in seen else f"{name} {place}")
        seen.add(names[-1])
    return names


def _name_in(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = _name_of(entry)
    return "" if entry is None or isinstance(entry, dict | list) else str(entry).strip()


def _name_of(entry: dict[str, Any]) -> str | None:
    """Return an object's name: from a field of names, or its only text."""
    for name in _NAMES:
        if isinstance(entry.get(name), str):
            return str(entry[name])
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    for end in _ENDS:
        for key, value in texts.items():
            if _last_word(key) == end:
                return value
    others = [value for key, value in texts.items() if key.lower() not in _NO_NAMES]
    return others[0] if len(others) == 1 else None


@lru_cache(maxsize=256)  # names of fields; chosen: those of an answer, which all its records have
def _last_word(name: str) -> str:
    words: list[str] = _WORD.findall(name)
    return words[-1].lower() if words else ""


def parallel(node: Any, names: Names = None) -> dict[str, list[Any]] | None:
    """Find the parallel arrays in an object or a list: several of the greatest length."""
    if isinstance(node, list):
        lists = dict(_listed_columns(node, names))
    elif isinstance(node, dict):
        lists = dict(_arrays(node))
    else:
        return None
    if not lists:
        return {} if not node else None
    counts = Counter(map(len, lists.values()))
    length = max(counts, key=lambda length: (counts[length] > 1, length))
    return {path: cells for path, cells in lists.items() if len(cells) == length}


def _listed_columns(node: list[Any], names: Names) -> Iterator[tuple[str, list[Any]]]:
    for place, entry in enumerate(node):
        if isinstance(entry, list):
            if names or _is_array(entry):
                yield names[place] if names and place < len(names) else str(place), entry
        elif isinstance(entry, dict):
            arrays = [cells for cells in entry.values() if _is_array(cells)]
            if len(arrays) == 1:
                yield (names_in([entry]) or [str(place)])[0], arrays[0]


def _arrays(node: Any, above: str = "", depth: int = _COLUMN_DEPTH) -> Iterator[tuple[str, list[Any]]]:
    for key, value in node.items() if isinstance(node, dict) else _entries(node):
        here = f"{above}{key}"
        if _is_array(value):
            yield here, value
        elif isinstance(value, dict) and value and all(map(is_single, value.values())):
            if list(value) == [str(place) for place in range(len(value))]:
                yield here, list(value.values())
        elif isinstance(value, list) and (named := dict(_listed_columns(value, None))) and _are_own(named, value):
            yield from named.items()
        elif depth > 1 and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))):
            yield from _arrays(value, f"{here}.", depth - 1)


def _are_own(named: dict[str, list[Any]], entries: list[Any]) -> bool:
    """Check whether all entries are columns, and the objects among them have names."""
    return len(named) == len(entries) and not (
        isinstance(entries[0], dict) and list(named) == [str(place) for place in range(len(entries))]
    )


def _entries(node: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the entries of a list by name, or by position where they have none."""
    names = [_name_in(entry) if isinstance(entry, dict) else "" for entry in node]
    yield from zip(names if all(names) and len(set(names)) == len(names) else range(len(node)), node, strict=True)


def is_single(value: Any) -> bool:
    """Say whether a value is neither an object nor a list."""
    return not isinstance(value, dict | list)


def _is_array(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_single, value))
