"""Finds the names of fields that stand outside the rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.payload.arrays import names_in
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import AND, TIME
from slackwater.formats.timestamp_inference import infer_time_form

_DEPTH = 4  # levels in which lists of names are looked for
_NAMES = ("name", "label", "title", "id", "code", "key", "field", "description")  # likeliest first
_HEADERS = set_of(
    "series columns column fields field names name header headers head variables variable parameters parameter params "
    "keys labels legend attributes signals channels metrics measures indicators quantities properties schema ids"
)


def header_of(width: int, rows: Any, above: Any, body: Any, *, timed: bool = False) -> str | None:
    """Return the place of `width` field names, beside the rows or elsewhere.

    `timed`: the first field is the time, so that the names may be those of the others.
    """
    holders = [above] if above is body else [above, body]
    for holder in holders:
        for path, found in _lists(holder):
            names = names_in(found)
            if isinstance(found, str) and not _HEADERS & set(words_of(path.rpartition(".")[2])):
                continue  # a text with commas is as often a sentence
            if found is not rows and names and len(names) == width and _are_names(found):
                return path
    for holder in holders:
        for path, names in _nested(holder, rows):
            if len(set(names)) == len(names) == width:
                return path
        if timed and width > 2:  # a pair needs no name
            for path, names in _of_the_others(holder, rows):
                if len(set(names)) == len(names) == width - 1:
                    return f"{TIME}{AND}{path}"
    return None


def names_of(width: int, body: Any, rows: Any) -> Sequence[str] | None:
    """Return the names of so many values that every record has in one list."""
    for path, names in _of_the_others(body, rows):
        if len(set(names)) == len(names) == width and path:
            return names
    return None


def _of_the_others(holder: Any, rows: Any) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield lists of names that are called so, and those in objects."""
    for path, found in _lists(holder):
        if found is rows or not isinstance(found, list):
            continue
        called = bool(_HEADERS & set(words_of(path.rpartition(".")[2])))
        objects = bool(found) and all(map(_is_flat, found))
        if (called or objects) and _are_names(found) and (names := names_in(found)):
            yield path, names
    yield from _nested(holder, rows)


def _nested(holder: Any, rows: Any) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the texts by one name within the entries of lists, likeliest first."""
    for path, found in _lists(holder):
        if found is rows or not isinstance(found, list) or not all(map(_is_flat, found)):
            continue
        leaves: dict[str, list[str]] = {}
        for entry in found:
            for leaf, text in _texts(entry):
                leaves.setdefault(leaf, []).append(text)
        likeliest = [leaf for name in _NAMES for leaf in leaves if leaf.rpartition(".")[2].lower() == name]
        for leaf in likeliest:
            if not infer_time_form(leaves[leaf]):
                yield f"{path}.{EVERY}.{leaf}", leaves[leaf]


def _is_flat(entry: Any) -> bool:
    """Check whether an entry is an object without lists, as headings are."""
    return isinstance(entry, dict) and not any(
        isinstance(value, list) or (isinstance(value, dict) and value and not _is_flat(value))
        for value in entry.values()
    )


def _texts(node: dict[str, Any], above: str = "", depth: int = 3) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict) and depth > 1:
            yield from _texts(value, f"{above}{key}.", depth - 1)
        elif isinstance(value, str) and value.strip():
            yield f"{above}{key}", value


def _lists(node: Any, path: str = "", depth: int = _DEPTH) -> Iterator[tuple[str, Any]]:
    for key, value in node.items() if isinstance(node, dict) and depth else ():
        here = f"{path}.{key}" if path else str(key)
        yield here, value
        if not isinstance(value, list):
            yield from _lists(value, here, depth - 1)


def _are_names(found: Any) -> bool:
    """Check whether a list holds names: texts or named objects, no data."""
    if isinstance(found, dict):
        return True
    if isinstance(found, str):
        found = names_in(found) or []
    texts = [entry for entry in found if isinstance(entry, str)]
    if texts:
        return len(texts) == len(found) == len(set(texts)) and not infer_time_form(texts)
    return any(name != str(place) for place, name in enumerate(names_in(found) or ())) and all(
        isinstance(entry, dict) and not isinstance(entry.get("data", entry.get("values")), list) for entry in found
    )
