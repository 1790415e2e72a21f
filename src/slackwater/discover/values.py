"""Which fields of the records are measurements, and which only look like numbers: identifiers, places, counters."""

from itertools import pairwise
from typing import Any

from slackwater.discover.answers import listed, set_of, words_of
from slackwater.errors import Question
from slackwater.runtime.numbers import NumberForm, infer_number_form, is_missing

_ID_WORDS = set_of("id ids uuid guid oid")
_LAST_WORDS_OF_NO_VALUE = set_of(
    "latitude lat longitude lon lng long postcode zip zipcode code epsg srid elevation altitude"
)
_NAMES_OF_NO_VALUE = set_of(
    "index idx page offset row rownum rank order seq sequence number no nr key version revision status quality flag "
    "decimal decimals precision scale year month day hour minute second week weekday quarter doy utcoffset tz "
    "easting northing geohash"
)


def numbers(cells: list[Any]) -> NumberForm | None:
    """Return how a column writes its numbers, None if it holds none."""
    if any(isinstance(cell, bool) for cell in cells):
        return None
    return infer_number_form(cells)


def value_fields(
    columns: dict[str, list[Any]], clocks: set[str], series: set[str], given: tuple[str, ...], notes: list[str]
) -> tuple[str, ...]:
    """Return the fields of the values, the `given` ones if there are any; Question asks for them."""
    for field in given:
        if numbers(columns[field]) is None and not all(map(is_missing, columns[field])):
            seen = next(cell for cell in columns[field] if not is_missing(cell))
            raise Question(
                f"`{field}` does not hold numbers (such as {seen!r:.60}). Correct value_field.", field="value_field"
            )
    if given:
        return given
    numeric = [path for path in columns if path not in series | clocks and numbers(columns[path])]
    plausible = plausible_values(columns, numeric)
    if not plausible:
        raise Question(
            f"No field of the records looks like a value; they have {listed(columns)}"
            + (f", of which {listed(numeric)} look like identifiers or places" if numeric else "")
            + ". Give value_field.",
            field="value_field",
            choices=numeric,
        )
    left_out = [path for path in numeric if path not in plausible]
    besides = f"; {listed(left_out)} look like identifiers, places or counters" if left_out else ""
    notes.append(f"{listed(plausible)} hold{'s' if len(plausible) == 1 else ''} numbers{besides}.")
    return tuple(plausible)


def plausible_values(columns: dict[str, list[Any]], numeric: list[str]) -> list[str]:
    """Return those of the numeric fields that may well be measurements."""
    plausible = [path for path in numeric if not is_no_value(path)]
    counters = [path for path in plausible if _counts_up(columns[path])]
    if len(counters) < len(plausible):
        plausible = [path for path in plausible if path not in counters]
    return plausible


def is_no_value(path: str) -> bool:
    """Say whether a field's name tells that its numbers measure nothing."""
    words = words_of(path.rpartition(".")[2])
    if not words:
        return False
    return bool(_ID_WORDS & set(words)) or words[-1] in _LAST_WORDS_OF_NO_VALUE or "".join(words) in _NAMES_OF_NO_VALUE


def _counts_up(cells: list[Any]) -> bool:
    """Say whether the cells number the records."""
    steps = {b - a for a, b in pairwise(cells)} if all(type(cell) is int for cell in cells) else set()
    return len(cells) >= 5 and steps in ({1}, {-1})
