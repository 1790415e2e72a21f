"""Refuses tables whose groups of values have a time each: high and low water."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.sample import FileSample
from slackwater.discover.inference.vocabulary import plain_words
from slackwater.discover.inference.words import ENDS
from slackwater.errors import Question
from slackwater.formats.cells import cell_text

_SHORT_NAME = 2  # letters; chosen: shorter names are within many words
_PROOF = 2  # times with values of their own; one is the time of the row


def refuse_times_of_their_own(sample: FileSample, whole: Sequence[Column]) -> None:
    """Raise a Question where two and more times differ and each has values beside it.

    `whole` are the columns of times that do not need another one.
    """
    clocks = [column for column in sample.columns if column.part == "clock" and not of_another(column, sample)]
    times = _times(sample, whole, clocks)
    if not any(":" in cell_text(cell) for time in times for column in time for cell in column.moments[:1]):
        return
    groups = (_following(sample, times) or _preceding(sample, times)) if len(times) >= _PROOF else []
    if not groups or len({_texts(time) for time, _ in groups}) < len(groups):
        return
    listed = ", ".join(" and ".join(repr(column.name) for column in time) for time, _ in groups[:4])
    alternatives = [
        {"time_columns": [column.name for column in time], "value_columns": [column.name for column in values]}
        for time, values in groups
    ]
    raise Question(
        f"the times in {listed} differ, and each has values of its own beside it; one source reads those of one time. "
        "Give time_columns and value_columns of one of them, and add the file again for each other one",
        field="time_columns",
        alternatives=alternatives,
    )


def of_another(clock: Column, sample: FileSample) -> bool:
    """Check whether a clock is called after another column: `tmin`, `hora tmin`."""
    called = _compact(clock.name)
    others = {_compact(column.name) for column in sample.columns if column.part is None and not column.time_rank}
    return any(len(name) > _SHORT_NAME and name != called and name in called for name in others)


def _compact(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _times(sample: FileSample, whole: Sequence[Column], clocks: Sequence[Column]) -> list[list[Column]]:
    """Return the columns of each time: a date, a clock, or both."""
    found: list[list[Column]] = []
    for column in sample.columns:
        if ENDS.intersection(plain_words(column.name)):
            continue
        if column in whole:
            found.append([column])
        elif column in clocks and found and column not in found[-1]:
            last = found[-1]
            alone = len(last) == 1 and sample.columns.index(column) == sample.columns.index(last[0]) + 1
            found[-1:] = [[*last, column]] if alone else [last, [last[0], column]]
    if len(found) > 1 and len(found[0]) == 1 and found[1][0] is found[0][0]:
        del found[0]  # a date of several clocks is no time beside them
    return found


def _following(sample: FileSample, times: Sequence[Sequence[Column]]) -> list[tuple[Sequence[Column], list[Column]]]:
    """Return the times with the values behind each, [] where one has none."""
    places = [sample.columns.index(time[-1]) for time in times]
    begun = [sample.columns.index(time[0]) for time in times]
    ends = [
        begin if begin > place else later for (place, later), begin in zip(pairwise(places), begun[1:], strict=True)
    ]
    return _grouped(sample, times, list(zip(places, [*ends, len(sample.columns)], strict=True)))


def _preceding(sample: FileSample, times: Sequence[Sequence[Column]]) -> list[tuple[Sequence[Column], list[Column]]]:
    """Return the times with the values before each, [] where one has none."""
    places = [sample.columns.index(time[-1]) for time in times]
    return _grouped(sample, times, list(zip([-1, *places[:-1]], places, strict=True)))


def _grouped(
    sample: FileSample, times: Sequence[Sequence[Column]], spans: Sequence[tuple[int, int]]
) -> list[tuple[Sequence[Column], list[Column]]]:
    groups = [
        (time, [column for column in sample.columns[begin + 1 : end] if _is_value(column)])
        for time, (begin, end) in zip(times, spans, strict=True)
    ]
    return groups if all(values for _, values in groups) else []


def _is_value(column: Column) -> bool:
    return column.number_form is not None and column.part is None and column.time_rank == 0 and not column.identifies


def _texts(time: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(column.texts) for column in time)


def side_by_side(rivals: Sequence[Column], sample: FileSample) -> list[dict[str, Any]]:
    """Return an answer for each of several tables beside one another, [] for other tables.

    Each begins with its times, and has numbers of its own.
    """
    places = [sample.columns.index(column) for column in rivals]
    tables = [sample.columns[at + 1 : end] for at, end in pairwise([*places, len(sample.columns)])]
    numbers = [[column.name for column in table if column.number_form is not None] for table in tables]
    if places[0] != 0 or not all(numbers) or len({bare_name(column.name) for column in rivals}) > 1:
        return []
    return [{"time_column": time.name, "value_columns": names} for time, names in zip(rivals, numbers, strict=True)]


def bare_name(name: str) -> str:
    """Return the name of a column without its count and the names above it."""
    return re.sub(r" \(\d+\)$|^.* / ", "", name)
