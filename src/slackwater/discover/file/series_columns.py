"""Chooses the series columns of a table: few, and labels before codes. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.inference.plausibility import is_unit
from slackwater.discover.inference.vocabulary import words_for

_PLACES_TOO = {"indicator", "ind", "estado", "etat", "stato"}  # of what is measured, and of states, as well
_REMARKS = (words_for("flag") - _PLACES_TOO) | {
    "nota",
    "note",
    "comment",
    "comments",
    "comentario",
    "observations",
    "obs",
    "updated",
    "update",
    "source",
    "fonte",
}
_PLACES = frozenset(
    {
        "station",
        "site",
        "sensor",
        "location",
        "region",
        "country",
        "entity",
        "geo",
        "area",
        "city",
        "municipality",
        "municipio",
        "concelho",
        "regiao",
        "pais",
        "estacao",
        "local",
        "localidade",
        "estacion",
        "provincia",
        "nuts",
    }
)


def dimensions(columns: Sequence[Column], times: Sequence[object]) -> list[Column] | None:
    """Return the series columns, [] if none is needed, None if none suffices.

    Of equivalent columns a name goes before a code, and one further left before one further right.
    """
    candidates = [column for column in columns if _varies(column)]
    places = [column for column in candidates if column.words & _PLACES and not column.words & _REMARKS]
    timed = [time for time in times if time is not None]
    if len(set(timed)) == len(timed):
        if places and len(times) > 2 and _repeats(places[0]):
            return _without_doubles(places)
        return _without_doubles([column for column in candidates if _begins_anew(column, times)])
    usable = [column for column in candidates if not column.words & _REMARKS]
    if not _apart(usable, times):
        usable = candidates
    if not _apart(usable, times):
        return None
    kept = _without_doubles(usable)
    for column in _least_wanted_first(kept):
        rest = [other for other in kept if other is not column]
        if _apart(rest, times):
            kept = rest
    return kept


def with_units(chosen: Sequence[Column], columns: Sequence[Column]) -> list[Column]:
    """Add the column of units to the series, if units change within one."""
    found = list(chosen)
    for column in columns:
        texts = column.texts
        few = 2 <= len(set(filter(None, texts))) <= max(2, len(texts) // 5)
        if column in found or not is_unit(column.name) or column.number_form is not None or not few:
            continue
        keys = list(zip(*(each.texts for each in found), strict=True)) if found else [()] * len(texts)
        if len(set(keys)) < len(set(zip(keys, texts, strict=True))):
            found.append(column)
    return found


def _varies(column: Column) -> bool:
    """Check whether a column has several texts, in nine of ten rows.

    Rows without a name are rejected.
    """
    return len(set(column.texts)) > 1 and len(column.filled) * 10 >= len(column.cells) * 9


def _repeats(column: Column) -> bool:
    filled = [text for text in column.texts if text]
    return len(set(filled)) * 2 <= len(filled)


def _begins_anew(column: Column, times: Sequence[object]) -> bool:
    """Check whether times restart below each text: one series after another."""
    if column.words & _REMARKS or column.number_form is not None or not _repeats(column) or _runs_on(times):
        return False
    below: dict[str, list[object]] = {}
    texts = column.texts
    for text, time in zip(texts, times, strict=True):
        below.setdefault(text, []).append(time)
    in_blocks = sum(one != other for one, other in pairwise(texts)) == len(below) - 1
    return in_blocks and all(_runs_on(each) for each in below.values())


def _runs_on(times: Sequence[Any]) -> bool:
    """Say whether times only rise, or only fall."""
    known = [time for time in times if time is not None]
    return known in (sorted(known), sorted(known, reverse=True))


def _apart(columns: Sequence[Column], times: Sequence[object]) -> bool:
    """Check whether rows of equal time always differ in these columns."""
    seen: set[tuple[object, ...]] = set()
    for time, *cells in zip(times, *(column.texts for column in columns), strict=True):
        if time is None:
            continue
        key = (time, *cells)
        if key in seen:
            return False
        seen.add(key)
    return True


def _without_doubles(columns: Sequence[Column]) -> list[Column]:
    """Drop columns equivalent to another one: the code beside the name."""
    kept = list(columns)
    for column in _least_wanted_first(columns):
        others = [other for other in kept if other is not column]
        if any(_determined(column, other) and _determined(other, column) for other in others):
            kept = others
    return kept


def _determined(column: Column, by: Column) -> bool:
    known: dict[str, str] = {}
    return all(known.setdefault(other, text) == text for text, other in zip(column.texts, by.texts, strict=True))


def _least_wanted_first(columns: Sequence[Column]) -> list[Column]:
    return sorted(columns, key=_preference)[::-1]


def _preference(column: Column) -> tuple[bool, bool, bool]:
    """Return what sorts names before codes, full columns before gaps, numbers of rows last."""
    texts = [text for text in column.texts if text]
    gaps = len(texts) < len(column.cells)
    coded = column.identifies or all(text.isupper() or text.isdigit() for text in texts)
    return len(set(texts)) == len(texts), gaps, coded
