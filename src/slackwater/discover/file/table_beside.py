"""Takes a table on the right for another one.

It stands behind an empty column and is short, or has other times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.own_times import bare_name
from slackwater.discover.file.sample import FileSample
from slackwater.discover.inference.evidence import Evidence
from slackwater.errors import Question
from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text

_SHORTER = 2  # times; chosen: columns of one table that begin together seldom end in its first half


def without_table_beside(sample: FileSample, config: Mapping[str, Any], evidence: Evidence) -> FileSample:
    """Return the sample without the columns of a short table on its right.

    Question where it has times of its own, however long it is.
    """
    if any(config.get(name) for name in ("value_columns", "series_columns", "time_column", "time_columns")):
        return sample
    place = _divided(sample)
    if place is None:
        refuse_two_tables(sample)
        return sample
    left, right = sample.columns[:place], sample.columns[place + 1 :]
    shown = ", ".join(repr(column.name) for column in right if column.filled)
    times = [column for column in right if column.time_rank > 0 or column.part is not None]
    if times:
        values = [[each.name for each in columns if _is_number(each)] for columns in (left, right)]
        raise Question(
            f"the columns {shown} stand behind an empty one and end far above the others: they seem to be another "
            "table. Give value_columns of the one that is meant",
            field="value_columns",
            alternatives=[{"value_columns": values[0]}, _read_by(times[0], right)],
        )
    reason = f"{shown} stand behind an empty column and end far above the others: they are another table"
    evidence.add("left out", [column.name for column in right if column.filled], 0.9, reason, "value_columns")
    levels = [level[:place] for level in sample.levels]
    return replace(sample, columns=left, levels=levels)


def refuse_two_tables(sample: FileSample) -> None:
    """Raise a Question where two tables beside each other have their own times.

    Both have numbers. An empty column is between them, or the first names of both are the same.
    """
    for place, behind in [*((at, at + 1) for at in _empty(sample)), *((at, at) for at in _begun_anew(sample))]:
        left, right = sample.columns[:place], sample.columns[behind:]
        times = [_whole_times(left), _whole_times(right)]
        if not (all(times) and any(map(_is_number, left)) and any(map(_is_number, right))):
            continue
        mine, other = times[0][0], times[1][0]
        if any(_agree(one, two) for one in times[0] for two in times[1]):
            continue
        shown = ", ".join(repr(column.name) for column in right if column.filled)
        raise Question(
            f"the columns {shown} have times of their own, other than those before them: they seem to be another "
            "table. Give time_column and value_columns of the one that is meant",
            field="time_column",
            alternatives=[_read_by(mine, left), _read_by(other, right)],
        )


def _begun_anew(sample: FileSample) -> list[int]:
    """Return the places of further times called as the first column: `Date,A,Date,B`."""
    first, *others = sample.columns
    rivals = [each for each in others if each.time_rank > 1 and bare_name(each.name) == bare_name(first.name)]
    return [sample.columns.index(each) for each in rivals] if first.time_rank > 1 else []


def _whole_times(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that are times by themselves."""
    parts = [each for each in columns if each.part is not None]
    return [each for each in columns if each.time_rank > 1 and (each.part is None or [each] == parts)]


def _read_by(time: Column, columns: Sequence[Column]) -> dict[str, Any]:
    """Return what reads the numbers of columns by one of them."""
    return {
        "time_column": time.name,
        "value_columns": [each.name for each in columns if _is_number(each) and each is not time],
    }


def _agree(one: Column, two: Column) -> bool:
    """Check whether two columns have the same time in each row where both have one."""
    both = [pair for pair in zip(one.instants, two.instants, strict=True) if None not in pair]
    return bool(both) and all(mine == other for mine, other in both)


def _empty(sample: FileSample) -> list[int]:
    """Return the places of columns without a name and without a cell."""
    return [
        place
        for place, column in enumerate(sample.columns)
        if not column.filled and not any(cell_text(level[place]) for level in sample.levels if place < len(level))
    ]


def _divided(sample: FileSample) -> int | None:
    """Return the place of an empty column before a short table, else None."""
    for place in _empty(sample):
        left, right = sample.columns[:place], sample.columns[place + 1 :]
        labelled = any(each.filled and each.number_form is None for each in right) or any(each.part for each in right)
        timed = any(each.time_rank > 1 for each in left) and any(map(_is_number, left))
        ends = _last(left, sample.consecutive), _last(right, sample.consecutive)
        if labelled and timed and any(map(_is_number, right)) and 0 < ends[1] * _SHORTER <= ends[0]:
            return place
    return None


def _is_number(column: Column) -> bool:
    return column.number_form is not None and column.time_rank < len(("possible", "likely")) and column.part is None


def _last(columns: Sequence[Column], rows: int) -> int:
    """Return how many of the first rows there are up to the last filled one."""
    cells = [[at for at, cell in enumerate(column.cells[:rows], 1) if not is_nothing(cell)] for column in columns]
    return max((places[-1] for places in cells if places), default=0)
