"""Finds texts that tell series apart whose records never share a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from slackwater.discover.api.records.value_fields import numbers
from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.numbers import NumberForm, number_parser

_LEAST = 5  # numbers of each series
_MOST = 30  # series
_JUMPS = 0.5  # Von Neumann's ratio from which on neighbours in time do not resemble each other: 2 without any order
_WITHIN = 0.25  # of the variance, that is left within the series
_NEARLY_ALL = 0.9  # of the steps, or the turns; others are gaps
_CLASSES = set_of("category class level index band grade quality trend condition direction severity state status")

_STATES = set_of("level index band grade quality trend condition direction severity state status mode event action")

Columns = Mapping[str, Sequence[Any]]


def each_evenly(dimensions: Columns, times: Sequence[int | None]) -> str | None:
    """Return the text whose own records alone are evenly apart, None if none.

    Each has its own clock then, however alike their numbers are. The records of one lie between those of the others: a
    device that is read more often for a while is one series. So is what a state tells, such as on and off.
    """
    order = sorted((row for row, time in enumerate(times) if time is not None), key=lambda row: times[row] or 0)
    if len(order) < 2 * _LEAST or _even([times[row] or 0 for row in order]):
        return None
    for text, cells in dimensions.items():
        if _STATES & set(words_of(text)) or not _few(cells):
            continue
        clocks: dict[Any, list[int]] = {}
        for row in order:
            clocks.setdefault(cells[row], []).append(times[row] or 0)
        changes = sum(cells[row] != cells[later] for row, later in pairwise(order))
        least = min(map(len, clocks.values()))
        if least >= _LEAST and changes >= least and all(map(_even, clocks.values())):
            return text
    return None


def mixed_by(dimensions: Columns, columns: Columns, times: Sequence[int | None], taken: set[str]) -> str | None:
    """Return the text by which numbers fall into series, None if none.

    In the order of time the numbers jump to and fro, and within the records of one text they do not. A class of the
    numbers, such as good and bad, changes only where they do: they do not jump. A tariff of the hours is in even steps
    and does not take turns.
    """
    order = sorted((row for row, time in enumerate(times) if time is not None), key=lambda row: times[row] or 0)
    even = _even([times[row] or 0 for row in order])
    texts = [
        path
        for path, cells in dimensions.items()
        if not _CLASSES & set(words_of(path))
        and _few(cells)
        and (not even or _take_turns([cells[row] for row in order]))
    ]
    for path, cells in columns.items() if texts and len(order) >= 2 * _LEAST else ():
        if path in taken or path in dimensions or (form := numbers(list(cells))) is None:
            continue
        known = _read(cells, form)
        rows = [row for row in order if known[row] is not None]
        if len(rows) < 2 * _LEAST or _ratio([known[row] for row in rows]) < _JUMPS:
            continue
        for text in texts:
            if _left_within(known, rows, dimensions[text]) < _WITHIN:
                return text
    return None


def _even(times: Sequence[int]) -> bool:
    steps = Counter(later - earlier for earlier, later in pairwise(times))
    return bool(steps) and max(steps.values()) >= _NEARLY_ALL * steps.total()


def _take_turns(cells: Sequence[Any]) -> bool:
    """Check whether texts follow one another always in the same order."""
    turn = len(set(cells))
    again = [bool(cell == later) for cell, later in zip(cells, cells[turn:], strict=False)]
    return sum(again) >= _NEARLY_ALL * max(len(again), 1)


def _few(cells: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) for cell in cells) and 2 <= len(set(cells)) <= _MOST


def _read(cells: Sequence[Any], form: NumberForm) -> Sequence[float | None]:
    return number_parser(form.decimal, form.thousands)(list(cells))[0]


def _ratio(known: Sequence[float | None]) -> float:
    told = [number for number in known if number is not None]
    spread = _squares(told)
    return sum((later - earlier) ** 2 for earlier, later in pairwise(told)) / spread if spread else 0.0


def _squares(known: Sequence[float]) -> float:
    mean = sum(known) / len(known)
    return sum((number - mean) ** 2 for number in known)


def _left_within(known: Sequence[float | None], rows: Sequence[int], cells: Sequence[Any]) -> float:
    """Return the share of the variance left within groups, 1 for groups too small."""
    groups: dict[Any, list[float]] = {}
    for row in rows:
        number = known[row]
        if number is not None:
            groups.setdefault(cells[row], []).append(number)
    every = [number for each in groups.values() for number in each]
    if len(groups) < 2 or min(map(len, groups.values())) < _LEAST or not (whole := _squares(every)):
        return 1.0
    return sum(map(_squares, groups.values())) / whole
