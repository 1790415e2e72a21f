"""What an answer's records hold: their fields as columns, and the words that fields are named by."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.runtime.paths import MISSING, at

MOST_RECORDS = 2_000  # looked at
RECORD_DEPTH = 3  # levels of a record in which fields are looked for


def set_of(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


def listed(names: Any, most: int = 12) -> str:
    """Return names as people read them: `a`, `b`, …"""
    names = list(names)
    text = ", ".join(f"`{name!s:.60}`" for name in names[:most])
    return text + (f" and {len(names) - most} more" if len(names) > most else "") if names else "nothing"


def columns_of(records: Sequence[Any]) -> dict[str, list[Any]]:
    """Return path → cells, for every field that holds a single value in some record."""
    looked_at = [record if isinstance(record, dict) else {} for record in records[:MOST_RECORDS]]
    paths: dict[str, None] = {}
    for record in looked_at:
        paths.update(dict.fromkeys(_paths(record)))
    return {path: [cell_of(record, path) for record in looked_at] for path in paths}


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


def words_of(name: str) -> list[str]:
    """Return the words a name is made of, in lower case: `observedAt` and `observed_at` are observed, at."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-zà-ÿ])|[A-Z]?[a-zà-ÿ]+|\d+", name)]


def name_of(path: str) -> str:
    """Return the last part of a path as one word."""
    return "".join(words_of(path.rpartition(".")[2]))
