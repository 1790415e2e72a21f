"""Which fields of the records are measurements, and which only look like numbers: identifiers, places, counters."""

import re
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.inference.words import _NODATA, listed, names_no_data, set_of, words_of
from slackwater.errors import Question
from slackwater.formats.numbers import NumberForm, infer_number_form, is_missing
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import HOUR, YEAR, from_micros

_ID_WORDS = set_of("id ids uuid guid oid fk pk")
_VALUE_NAMES = set_of("value valor val wert valeur obsvalue obsval measurement reading waarde")
_MANY = 10  # records in which a number that never changes is no measurement
_LAST_WORDS_OF_NO_VALUE = set_of(
    "latitude lat longitude lon lng long postcode zip zipcode code codes cod epsg srid elevation altitude type "
    "category class qualifier flag flags timezone offset version revision precision mult multiplier decimals "
    "digits number"
)
_NAMES_OF_NO_VALUE = set_of(
    "index idx page offset row rownum rank order seq sequence number no nr n key version revision status quality flag "
    "decimal decimals precision scale year month day hour minute second week weekday quarter doy utcoffset tz "
    "easting northing geohash unit units generationtimems processid versionnumber rowversion poste obsstatus"
)
_REMARKS = ("q", "qc", "flag", "status", "quality", "code", "err")


def numbers(cells: list[Any]) -> NumberForm | None:
    """Return how a column writes its numbers, None if it holds none."""
    if any(isinstance(cell, bool) for cell in cells):
        return None
    return infer_number_form(cells)


def value_fields(
    columns: dict[str, list[Any]], left_out: set[str], given: tuple[str, ...], times: list[int | None]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the fields of the values, and those of the other numbers; Question asks for them.

    They are the `given` ones, if there are any, and none of those to be `left_out`.
    """
    for field in given:
        if numbers(columns[field]) is None and not all(map(is_missing, columns[field])):
            seen = next(cell for cell in columns[field] if not is_missing(cell))
            raise Question(
                f"`{field}` does not hold numbers (such as {seen!r:.60}). Correct value_field.", field="value_field"
            )
    if given:
        return given, []
    numeric = [path for path in columns if path not in left_out and numbers(columns[path])]
    plausible = plausible_values(columns, numeric, times)
    if not plausible:
        raise Question(
            f"No field of the records looks like a value; they have {listed(columns)}"
            + (f", of which {listed(numeric)} look like identifiers or places" if numeric else "")
            + ". Give value_field.",
            field="value_field",
            choices=numeric,
        )
    return tuple(plausible), [path for path in numeric if path not in plausible]


def plausible_values(
    columns: dict[str, list[Any]], numeric: list[str], times: list[int | None] | None = None
) -> list[str]:
    """Return those of the numeric fields that may well be measurements."""
    known = frozenset(path.lower() for path in numeric)
    plausible = [path for path in numeric if not is_no_value(path) and not _remarks(path, known)]
    if times is not None:
        plausible = [path for path in plausible if not _near(columns[path], times)]
        plausible = [path for path in plausible if not _of_the_calendar(columns[path], times)] or plausible
    plausible = _beside_the_value(plausible)
    for doubtful in _DOUBTS:
        better = [path for path in plausible if not doubtful(columns[path])]
        plausible = better or plausible
    return _of_one_writing(columns, plausible)


def _of_one_writing(columns: dict[str, list[Any]], plausible: list[str]) -> list[str]:
    """Drop texts with the decimal mark that fewer of the fields have: lists of flags such as `0,1`, not numbers."""
    marks: dict[str, list[str]] = {".": [], ",": []}
    for path in plausible:
        form = numbers(columns[path])
        if form and any(isinstance(cell, str) and form.decimal in cell for cell in columns[path]):
            marks[form.decimal].append(path)
    fewer, more = sorted(marks.values(), key=len)
    return [path for path in plausible if path not in fewer] if len(fewer) < len(more) else plausible


def firm(columns: dict[str, list[Any]], numeric: list[str]) -> bool:
    """Say whether some field is a measurement beyond doubt."""
    plausible = plausible_values(columns, numeric)
    return any(not any(doubtful(columns[path]) for doubtful in _DOUBTS) for path in plausible)


def is_no_value(path: str) -> bool:
    """Say whether a field's name tells that its numbers measure nothing."""
    if "@" in path[1:]:  # a remark of OData on another field
        return True
    words = words_of(path.rpartition(".")[2])
    if not words:
        return False
    name = "".join(words)
    return (
        bool(_ID_WORDS & set(words))
        or any(words_of(part)[-1:] in (["id"], ["ids"]) for part in path.split("."))
        or words[-1] in _LAST_WORDS_OF_NO_VALUE
        or name in _NAMES_OF_NO_VALUE
        or name in _NODATA
    )


def _remarks(path: str, known: frozenset[str]) -> bool:
    """Say whether a field is called as another one is, and a word for its quality."""
    name = path.lower()
    return any(
        (name.startswith(word) and name[len(word) :].lstrip("_ .-") in known)
        or (name.endswith(word) and name[: -len(word)].rstrip("_ .-") in known)
        for word in _REMARKS
    )


def _counts_up(cells: list[Any]) -> bool:
    """Say whether the cells number the records."""
    steps = {b - a for a, b in pairwise(cells)} if all(type(cell) is int for cell in cells) else set()
    return len(cells) >= 5 and steps in ({1}, {-1})


def _is_code(cells: list[Any]) -> bool:
    """Say whether texts of digits are codes: zeros at their front, or always the same long number."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    if not texts or len(texts) < len([cell for cell in cells if cell is not None]):
        return False
    if any(re.fullmatch(r"0\d+", text) for text in texts):
        return True
    return len(texts) > 2 and len(set(texts)) == 1 and texts[0].isdecimal() and len(texts[0]) > 4


def _is_switch(cells: list[Any]) -> bool:
    """Say whether a field is only ever 0 or 1, in many records."""
    known = [cell for cell in cells if cell is not None]
    return len(known) >= 20 and all(type(cell) is int and cell in (0, 1) for cell in known)


def _is_constant(cells: list[Any]) -> bool:
    """Say whether a field holds the same text or whole number in many records, and not 0, which may be a calm."""
    known = [cell for cell in cells if not is_missing(cell)]
    if len(known) < _MANY or len(set(map(str, known))) > 1:
        return False
    only = known[0]
    return (isinstance(only, str) and only.strip().isdecimal()) or (
        type(only) in (int, float) and only == int(only) != 0
    )


def _beside_the_value(plausible: list[str]) -> list[str]:
    """Drop what other objects in a record hold where one field is called the value."""
    named = [path for path in plausible if "".join(words_of(path.rpartition(".")[2])) in _VALUE_NAMES]
    if len(named) != 1:
        return plausible
    home = named[0].rpartition(".")[0]
    return [path for path in plausible if path.rpartition(".")[0] == home]


def _of_the_calendar(cells: list[Any], times: list[int | None]) -> bool:
    """Say whether whole numbers only repeat a part of the records' times: their year, month, day, hour or quarter."""
    both = [(cell, time) for cell, time in zip(cells, times, strict=True) if time is not None]
    if not all(type(cell) is int for cell, _ in both) or len({cell for cell, _ in both}) < 2:
        return False
    for shift in (0, 12 * HOUR, -12 * HOUR):  # local midnights may be of another day in UTC
        moments = [from_micros(time + shift) for _, time in both]
        parts = [(at.year, at.month, at.day, at.hour, (at.month + 2) // 3, at.isoweekday()) for at in moments]
        if any(all(cell == part[n] for (cell, _), part in zip(both, parts, strict=True)) for n in range(6)):
            return True
    return False


def _near(cells: list[Any], times: list[int | None]) -> bool:
    """Say whether numbers are times too: the records' own, or of an epoch and within two years of them."""
    form = infer_time_form(cells)
    if form is None:
        return False
    if not form.form.startswith("epoch"):
        return len(set(times)) > 2 and time_parser(form.form, UTC)(cells) == times
    if any(isinstance(cell, float) and not cell.is_integer() for cell in cells):
        return False
    both = [
        abs(mine - own)
        for mine, own in zip(time_parser(form.form, UTC)(cells), times, strict=True)
        if mine is not None and own is not None
    ]
    return bool(both) and max(both) <= 2 * YEAR


_DOUBTS = (_counts_up, _is_code, _is_switch, _is_constant)
"""What makes a field no measurement, if another one is."""


def no_data_values(columns: dict[str, list[Any]], told: tuple[float, ...]) -> list[float]:
    """Return the numbers that fields such as `noDataValue`, or the answer, say to stand for no value."""
    found = set(told) | {
        float(cell)
        for path, cells in columns.items()
        if names_no_data(path)
        for cell in cells
        if type(cell) in (int, float)
    }
    return sorted(found)
