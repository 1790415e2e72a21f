"""Detects the field by which a record replaces an earlier one of the same time.

Its number rises with each revision, or it is the time at which the record was published.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from statistics import median
from typing import Any

from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.numbers import infer_number_form, number_parser
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.model.instants import MINUTE, SECOND
from slackwater.pipe.frames import Finding
from slackwater.runtime.api.revisions import rank_of

NUMBERED = set_of("revision rev revisions version vintage revisao revision versie wersja versione edition")
PUBLISHED = set_of("published publication updated update modified revised publicado publicacao veroffentlicht")
_USUAL = 0.8  # of the times; chosen: sensors have gaps, and publications of a time become more one by one
FEWEST = 2  # records of one time, that there is something to replace
_MILLIS, _MICROS = 1e11, 1e14  # from where on epochs of these days are in ms, and in µs
_NEAR = 0.5  # of the usual distance to the middle of a series; chosen: numbers by chance lie farther apart

Columns = dict[str, list[Any]]


def revision_field(
    columns: Columns, times: list[int | None], series: tuple[str, ...], time: tuple[str, ...], values: tuple[str, ...]
) -> str | None:
    """Return the field that orders records of one series and time, else None."""
    taken = {*time, *values, *series}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, when in enumerate(times):
        if when is not None:
            groups.setdefault((when, *(repr(columns[path][place]) for path in series)), []).append(place)
    several = [each for each in groups.values() if len(each) >= FEWEST]
    if not several:
        return None
    [(size, often)] = Counter(map(len, groups.values())).most_common(1)
    usual = size > 1 and often >= _USUAL * len(groups)
    for path, cells in columns.items():
        if path in taken or not _orders(path, cells):
            continue
        # Two records at nearly every time may as well be of two sensors, and not two publications.
        sure = _numbered(path, cells) or (
            not usual and not _at_once(cells, several) and _corrected(columns, list(groups.items()), several, values)
        )
        ordered = all(len({rank_of(cells[place]) for place in each}) == len(each) for each in several)
        if sure and ordered and all(_replaces(columns, cells, each, values) for each in several):
            return path
    return None


def _replaces(columns: Columns, cells: list[Any], places: list[int], values: tuple[str, ...]) -> bool:
    """Check whether the latest of some records has all their values, or none.

    One with a part of them changes just these, and the others still hold.
    """
    latest = max(places, key=lambda place: rank_of(cells[place]))
    held = [path for path in values if columns[path][latest] is not None]
    return not held or all(columns[path][place] is None for path in values if path not in held for place in places)


def _at_once(cells: list[Any], several: list[list[int]]) -> bool:
    """Check for records of one time that were published together, as trades are."""
    gaps = []
    for places in several:
        ranks = sorted(_micros(rank_of(cells[place])) for place in places)
        gaps.append(min(later - earlier for earlier, later in pairwise(ranks)))
    return median(gaps) < MINUTE


def _micros(rank: float) -> float:
    """Return a time of publication in µs, whatever unit of epochs it is in."""
    return rank * SECOND if rank < _MILLIS else rank * (SECOND // 1000) if rank < _MICROS else rank


def _corrected(
    columns: Columns, groups: list[tuple[tuple[Any, ...], list[int]]], several: list[list[int]], values: tuple[str, ...]
) -> bool:
    """Check whether values of one time lie nearer together than those of their series.

    The sales of a day are as far apart as those of other days, and each of them was changed at another time.
    """
    for path in values:
        form = infer_number_form(columns[path])
        if form is None:
            continue
        numbers, _ = number_parser(form.decimal, form.thousands)(columns[path])
        both = [held for each in several if len(held := _known(numbers, each)) > 1]
        apart = [max(held) - min(held) for held in both if 0.0 not in held]  # as of what is not known yet
        lines: dict[tuple[Any, ...], list[int]] = {}
        for (_, *line), places in groups:
            lines.setdefault(tuple(line), []).extend(places)
        usual = list(chain.from_iterable(_distances(_known(numbers, places)) for places in lines.values()))
        if apart and median(apart) > _NEAR * median(usual):
            return False
    return True


def _known(numbers: Sequence[float | None], places: list[int]) -> list[float]:
    return [number for place in places if (number := numbers[place]) is not None]


def _distances(numbers: list[float]) -> list[float]:
    """Return how far numbers lie from their middle."""
    middle = median(numbers) if numbers else 0.0
    return [abs(number - middle) for number in numbers]


def _numbered(path: str, cells: list[Any]) -> bool:
    named = NUMBERED & set(words_of(path.rpartition(".")[2]))
    return bool(named) and all(type(cell) is int or (isinstance(cell, str) and cell.isdecimal()) for cell in cells)


def _orders(path: str, cells: list[Any]) -> bool:
    words = set(words_of(path.rpartition(".")[2]))
    if _numbered(path, cells):
        return True
    if not words & (NUMBERED | PUBLISHED):
        return False
    form = infer_time_form(cells)
    return form is not None and (form.form == "iso" or (form.numeric and form.form.startswith("epoch")))


def about_revisions(path: str | None) -> Finding | None:
    """Return the finding about a field that orders revisions, if there is one."""
    if path is None:
        return None
    reason = f"Of several records of one time the one with the highest `{path}` is stored: it replaces the others."
    return Finding(what="revisions", value=path, confidence=0.9, reason=reason)
