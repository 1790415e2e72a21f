"""Counts the numbers of an answer that lie in lists outside its records."""

from collections.abc import Iterator
from typing import Any

from slackwater.discover.inference.plausibility import MOST_UNREAD
from slackwater.discover.inference.vocabulary import plain_words
from slackwater.errors import Question
from slackwater.formats.intervals import is_clock
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import Place

_DEPTH = 6  # levels of an answer in which lists are looked for
_LEAST = 12  # numbers that make a list a series
_PLACES = frozenset({"geometry", "coordinates", "bbox", "polygon", "shape", "path", "line", "ring", "rings"})
_OF_PLACES = frozenset({"lat", "latitude", "lon", "lng", "long", "longitude", "elevation", "altitude"})
"""Words of fields that stations have, in lists that describe."""


def refuse_unread_beside(body: Any, place: Place, read: int, *, constant: bool = False) -> None:
    """Raise a Question if a list beside the records holds far more than `read` numbers.

    Its entries have clock times that are not understood, or it holds nothing but numbers. Lists that only describe,
    such as that of the stations, do not count; but where what is read is one number again and again (`constant`), that
    is what describes, and any list of more numbers may be the values.
    """
    if place.shape not in ("list", "dated", "keyed", "object", "pairs"):
        return
    steps = (place.path or "").split(".")
    own = ".".join(steps[: steps.index(EVERY)] if EVERY in steps else steps)
    counts = [
        (count, path)
        for path, found in _lists(body, "", _DEPTH)
        if not _related(path, own) and (count := _numbers(found, anything=constant)) >= _LEAST
    ]
    most, path = max(counts, default=(0, ""))
    if most > (1 if constant else MOST_UNREAD) * max(read, 1):
        raise Question(
            f"The list at `{path}` holds {most:,} numbers, and what was found reads {read:,} others, at "
            f"`{place.path or ''}`. Give records_path with the place of the values.",
            field="records_path",
            alternatives=[{"records_path": place.path}] if place.path else (),
        )


def _related(path: str, own: str) -> bool:
    return own in ("", path) or path.startswith(f"{own}.") or own.startswith(f"{path}.")


def _lists(node: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    for key, value in node.items() if isinstance(node, dict) and depth else ():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, list):
            if not _PLACES.intersection(plain_words(str(key))):
                yield here, value
        else:
            yield from _lists(value, here, depth - 1)


def _numbers(found: list[Any], *, anything: bool) -> int:
    """Count the numbers of a list that may be a series."""
    if found and all(isinstance(entry, dict) for entry in found):
        if anything and _OF_PLACES.isdisjoint(word for key in found[0] for word in plain_words(str(key))):
            return sum(infer_number_form([cell]) is not None for entry in found for cell in _cells(entry))
        clocks = any(isinstance(cell, str) and is_clock(cell.strip()) for cell in _cells(found[0]))
        return sum(type(cell) in (int, float) for entry in found for cell in _cells(entry)) if clocks else 0
    return sum(type(entry) in (int, float) for entry in found)


def _cells(entry: Any, depth: int = _DEPTH) -> Iterator[Any]:
    """Return the cells of an entry and of the objects in it."""
    for cell in entry.values() if isinstance(entry, dict) and depth else ():
        if isinstance(cell, dict):
            yield from _cells(cell, depth - 1)
        else:
            yield cell
