"""Chooses the value fields among numbers: no identifiers, places or counters."""

from collections.abc import Sequence
from typing import Any

from slackwater.discover.api.records.columns import list_of
from slackwater.discover.inference.number_column import NumberColumn
from slackwater.discover.inference.roles import Roles, assigned, home_of, partitions
from slackwater.discover.inference.sentinels import refuse_doubtful, sentinels_in
from slackwater.discover.inference.signals import PRIOR, weighed
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.discover.inference.words import listed, names_no_data, set_of, words_of
from slackwater.errors import Question
from slackwater.formats.numbers import NumberForm, infer_number_form, is_missing, number_parser
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.pipe.frames import Finding

_CODES = (0, 1)  # of whether a value is missing
_LEAST_POWER = -12  # of ten; as of the smallest prefixes of units
_EXPONENTS = set_of("unit exponent exp scale scaling power")

Columns = dict[str, list[Any]]


def numbers(cells: list[Any]) -> NumberForm | None:
    """Return how a column writes its numbers, None if it holds none."""
    return None if bool in map(type, cells) else infer_number_form(cells)


def value_fields(
    columns: Columns,
    left_out: set[str],
    given: tuple[str, ...],
    times: list[int | None],
    named: frozenset[str] = frozenset(),
    series: tuple[str, ...] = (),
) -> tuple[tuple[str, ...], Roles | None]:
    """Return the value fields and the roles of other numbers; else a Question.

    They are the `given` ones, if there are any, and none of those to be `left_out`. Of the places of lists those are
    values that are `named`, or stand beside the time; others only where there is nothing else. What never changes
    within a series, whose fields may be numbers too, is a place or a property of it.
    """
    for field in given:
        if numbers(columns[field]) is None and not all(map(is_missing, columns[field])):
            seen = next(cell for cell in columns[field] if not is_missing(cell))
            raise Question(
                f"`{field}` does not hold numbers (such as {seen!r:.60}). Correct value_field.", field="value_field"
            )
    if given:
        return given, None
    columns, times = dated(columns, times)
    numeric = [path for path in columns if path not in left_out and not names_no_data(path) and numbers(columns[path])]
    roles = roles_of(columns, numeric, times, series)
    values = _of_one_writing(columns, list(roles.values))
    values = _without_lists(values, left_out | named)
    _refuse_exponents(columns, values)
    if not values:
        raise Question(
            f"No field of the records looks like a value; they have {listed(columns)}"
            + (f", of which {listed(numeric)} look like identifiers or places" if numeric else "")
            + ". Give value_field.",
            field="value_field",
            choices=numeric,
        )
    return tuple(values), roles


def dated(columns: Columns, times: list[int | None]) -> tuple[Columns, list[int | None]]:
    """Return the cells of the records that have a time.

    A line about the answer, or of totals, is no point.
    """
    rows = [row for row, time in enumerate(times) if time is not None]
    if not rows or len(rows) == len(times):
        return columns, times
    return {path: [cells[row] for row in rows] for path, cells in columns.items()}, [times[row] for row in rows]


def _refuse_exponents(columns: Columns, values: list[str]) -> None:
    """Raise a Question if a power of ten stands beside the numbers."""
    for path, cells in columns.items():
        powers = {cell for cell in cells if cell is not None}
        whole = bool(powers) and all(type(cell) is int and _LEAST_POWER <= cell <= 0 for cell in powers)
        others = [each for each in values if each != path]
        if others and whole and min(powers) < 0 and _EXPONENTS & set(words_of(path)[-1:]):
            raise Question(
                f"The numbers may be multiplied by a power of ten, which is in `{path}` ({min(powers)}). They are read "
                "as they stand: give value_fields with those that are right so.",
                field="value_fields",
                alternatives=[{"value_fields": others}],
            )


def _without_lists(values: list[str], known: set[str]) -> list[str]:
    """Return the values without unnamed list positions, where others exist."""
    lists = {list_of(path) for path in known}
    sure = [path for path in values if not list_of(path) or path in known or list_of(path) in lists]
    return sure or values


def roles_of(
    columns: Columns, numeric: list[str], times: list[int | None] | None = None, series: tuple[str, ...] = ()
) -> Roles:
    """Return which of the numeric fields are measurements."""
    texts = [columns[path] for path in series]
    texts += [
        cells
        for path, cells in columns.items()
        if path not in series
        and all(isinstance(cell, str) for cell in cells)
        and not infer_number_form(cells)
        and not infer_time_form(cells)
    ]
    groups, standing = partitions(texts), _standing(columns, numeric)
    return assigned([_number_column(path, columns[path], groups, path in standing) for path in numeric], times)


def _standing(columns: Columns, numeric: list[str]) -> set[str]:
    """Return the fields of objects in which nothing changes, such as a sensor's description.

    What an object calls its value may be a measurement in a calm.
    """
    moving = {path for path, cells in columns.items() if len({repr(cell) for cell in cells}) > 1}
    homes = {home for path in moving for home in _homes(path)}
    if not moving.intersection(numeric):
        return set()
    return {
        path
        for path in numeric
        if (home := home_of(path))
        and home not in homes
        and path not in moving
        and not words_for("plain_value").issuperset(plain_words(path.rpartition(".")[2]))
        and sum(each.startswith(f"{home}.") for each in columns) > 2
        and set(columns[path]) - {0, "0"}
    }


def _homes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _number_column(
    path: str, cells: list[Any], groups: list[list[list[int]]] | None = None, standing: bool = False
) -> NumberColumn:
    form = numbers(cells) or NumberForm()
    values, _ = number_parser(form.decimal, form.thousands)(cells)
    return NumberColumn(path, cells, values, groups or [], standing)


def plausible_values(columns: Columns, numeric: list[str], times: list[int | None] | None = None) -> list[str]:
    """Return those of the numeric fields that may well be measurements."""
    return _of_one_writing(columns, list(roles_of(columns, numeric, times).values))


def firm(columns: Columns, numeric: list[str]) -> bool:
    """Say whether some field is a measurement beyond doubt."""
    return any(verdict.is_value for verdict in roles_of(columns, numeric).verdicts.values())


def is_no_value(path: str, cells: list[Any]) -> bool:
    """Say whether the numbers of a field are no measurements by themselves and their name."""
    return not weighed(_number_column(path, cells)).is_value


def surely_values(path: str, cells: list[Any]) -> bool:
    """Say whether more than the lack of another role makes a field measurements."""
    return weighed(_number_column(path, cells)).margin > 2 * PRIOR


def _of_one_writing(columns: Columns, plausible: list[str]) -> list[str]:
    """Drop fields with the rarer decimal mark: flag lists such as `0,1`."""
    plausible = _without_texts(columns, plausible)
    marks: dict[str, list[str]] = {".": [], ",": []}
    for path in plausible:
        form = numbers(columns[path])
        if form and any(isinstance(cell, str) and form.decimal in cell for cell in columns[path]):
            marks[form.decimal].append(path)
    if marks["."] and marks[","]:
        read = {mark: [number_parser(mark)(columns[path])[0] for path in marks[mark]] for mark in marks}
        echoes = [path for path, found in zip(marks[","], read[","], strict=True) if found in read["."]]
        plausible = [path for path in plausible if path not in echoes]
        marks[","] = [path for path in marks[","] if path not in echoes]
    fewer, more = sorted(marks.values(), key=len)
    return [path for path in plausible if path not in fewer] if len(fewer) < len(more) else plausible


def _without_texts(columns: Columns, plausible: list[str]) -> list[str]:
    """Drop texts that say the numbers of another field once more."""
    held = {path: [cell for cell in columns[path] if cell is not None] for path in plausible}
    as_numbers = [
        list(map(float, cells))
        for cells in held.values()
        if len(set(map(str, cells))) > 1 and all(type(cell) in (int, float) for cell in cells)
    ]
    texts = [path for path, cells in held.items() if cells and all(isinstance(cell, str) for cell in cells)]
    read = {path: number_parser(form.decimal, form.thousands) for path in texts if (form := numbers(columns[path]))}
    echoes = [path for path, parse in read.items() if as_numbers and list(parse(held[path])[0]) in as_numbers]
    return [path for path in plausible if path not in echoes]


def no_data_values(
    columns: Columns, values: tuple[str, ...], alike: NumberForm, told: tuple[float, ...], given: list[str] | None
) -> tuple[tuple[float, ...], Finding | None]:
    """Return the numbers that mean no value, and why.

    They are given, the source says so, or they are far from all others.

    A Question where a number stands for no value in one field and may be measured in another.
    """
    if given is not None:
        numbers_given = tuple(float(word) for word in given if infer_number_form([word]) is not None)
        return numbers_given, _about_missing(numbers_given, 1.0, "{} is given as no value.")
    said = set(told) | {
        float(cell)
        for path, cells in columns.items()
        if names_no_data(path)
        for cell in cells
        if type(cell) in (int, float) and cell not in _CODES
    }
    if said:
        return tuple(sorted(said)), _about_missing(sorted(said), 0.95, "The source says that {} is no value.")
    read = number_parser(alike.decimal, alike.thousands)
    found = sentinels_in([read(columns[path])[0] for path in values])
    refuse_doubtful(found)
    reason = "{} stands where nothing was measured: all other numbers are far from it."
    return found.sure, _about_missing(found.sure, 0.85, reason)


def _about_missing(numbers: Sequence[float], confidence: float, reason: str) -> Finding | None:
    if not numbers:
        return None
    told = reason.format(" and ".join(f"{each:g}" for each in numbers))
    return Finding(
        what="missing values", value=list(numbers), confidence=confidence, reason=told, field="missing_values"
    )
