"""A sample of JSON → where its records are, and which of their fields are the time, the values and the series.

Every choice has its reason; where two are as good, the person is asked and nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from statistics import median_low
from typing import Any

from slackwater.discover.answers import cell_of, columns_of, listed, set_of, words_of
from slackwater.discover.timing import time_candidates, time_field
from slackwater.errors import BadSource
from slackwater.runtime.dates import TimeForm, infer_time_form, time_parser
from slackwater.runtime.numbers import NumberForm, infer_number_form, is_missing
from slackwater.runtime.paths import at

DEPTH = 5  # levels of an answer in which records are looked for

_LIST_NAMES = ("records", "items", "data", "results", "result", "rows", "values", "observations", "measurements",
               "features", "value", "entries", "readings", "points", "series")  # fmt: skip
_ID_WORDS = set_of("id ids uuid guid oid")
_LAST_WORDS_OF_NO_VALUE = set_of(
    "latitude lat longitude lon lng long postcode zip zipcode code epsg srid elevation altitude"
)
_NAMES_OF_NO_VALUE = set_of(
    "index idx page offset row rownum rank order seq sequence number no nr key version revision status quality flag "
    "decimal decimals precision scale year month day hour minute second week weekday quarter doy utcoffset tz "
    "easting northing geohash"
)
_SERIES_WORDS = set_of(
    "series station site sensor location parameter metric indicator variable channel device name region country "
    "city zone component pollutant item product species"
)


@dataclass(frozen=True)
class Layout:
    """Where the points are in an answer. `form` is the times'; `alike` the numbers' writing."""

    records: str | None
    time: str
    form: TimeForm
    zone: tzinfo
    values: tuple[str, ...]
    alike: NumberForm
    series: str | None
    labels: tuple[str, ...] = ()  # fields of text that may tell records apart
    notes: tuple[str, ...] = ()

    def list_of(self, body: Any) -> list[Any] | None:
        """Return the list of records in an answer, None if it has none there."""
        found = body if self.records is None else at(body, self.records)
        return found if isinstance(found, list) else None

    def times(self, records: Sequence[Any]) -> list[int | None]:
        """Return the records' times in µs."""
        return time_parser(self.form.form, self.zone)([cell_of(record, self.time) for record in records])

    def written(self, records: Sequence[Any]) -> list[Any]:
        """Return the records' times as the source writes them."""
        return [cell_of(record, self.time) for record in records]

    def keys(self, records: Sequence[Any]) -> set[str]:
        """Return what tells the records apart, whatever else in them changes from request to request."""
        fields = [self.time, *self.labels, *self.values]
        return {repr([cell_of(record, field) for field in fields]) for record in records}

    def period(self, records: Sequence[Any]) -> int | None:
        """Return the median spacing in µs of the times within a series, None if no series has two."""
        by_series: dict[str, set[int]] = {}
        for record, time in zip(records, self.times(records), strict=True):
            if time is not None:
                by_series.setdefault(repr(cell_of(record, self.series)) if self.series else "", set()).add(time)
        spacings = [later - earlier for times in by_series.values() for earlier, later in pairwise(sorted(times))]
        return median_low(spacings) if spacings else None


def find_records(body: Any, given: str | None) -> tuple[str | None, list[Any]]:
    """Return the path and the list of the records in an answer; BadSource says why there is none to choose."""
    if given is not None:
        found = at(body, given)
        if not isinstance(found, list):
            raise BadSource(
                f"There is no list at records_path `{given}` in the source's answer.{_offer(_lists(body))} "
                "Correct records_path."
            )
        return given, _objects(found, given)
    if isinstance(body, list):
        return None, _objects(body, None)
    if not isinstance(body, dict):
        raise BadSource("The source's answer is neither a list nor an object. Give the URL of a JSON list in location.")
    lists = list(_lists(body))
    full = {path: found for path, found in lists if found and isinstance(found[0], dict)}
    if not full and any(not found for _, found in lists):
        raise BadSource(
            "The sample holds no record: every list in the source's answer is empty. Give a location (or query_params) "
            "that answers with some data."
        )
    if not full:
        raise BadSource(
            f"The source's answer holds no list of objects; it has {listed(body)}. Give the URL of a JSON list of "
            "objects in location, or its place in records_path."
        )
    path = _likeliest(full)
    return path, _objects(full[path], path)


def find_layout(records: Sequence[Any], path: str | None, config: dict[str, Any], zone: tzinfo) -> Layout:
    """Return which fields of the records are what; `config` gives some. BadSource asks for one that is not clear."""
    columns = columns_of(records)
    notes: list[str] = []
    time, form = time_field(columns, config.get("date_field"), zone, notes)
    times = time_parser(form.form, zone)(columns[time])
    series = _given(columns, config, "series_field") or _series_field(columns, times, time, config.get("value_field"))
    clocks = time_candidates(columns)
    values = _value_fields(columns, {time, *clocks}, series, config, notes)
    if series is None:
        _refuse_rivals(columns, times, time, values)
    else:
        distinct = len({repr(cell) for cell in columns[series]})
        notes.append(f"`{series}` names the series ({distinct} in the sample).")
    written = [_numbers(columns[field]) or NumberForm() for field in values]
    alike = next((each for each in written if each != NumberForm()), NumberForm())
    labels = tuple(
        path for path, cells in columns.items() if any(isinstance(cell, str) for cell in cells) and path not in clocks
    )
    return Layout(path, time, form, zone, values, alike, series, labels, tuple(notes))


# --- records ---------------------------------------------------------------------------------------------------------


def _lists(body: Any, path: str = "", depth: int = DEPTH) -> Iterator[tuple[str, list[Any]]]:
    if not isinstance(body, dict) or not depth:
        return
    for key, value in body.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, list):
            yield here, value
        else:
            yield from _lists(value, here, depth - 1)


def _objects(found: list[Any], path: str | None) -> list[Any]:
    where = f" at `{path}`" if path else ""
    if not found:
        raise BadSource(
            f"The sample holds no record: the list{where} is empty. Give a location (or query_params) that answers "
            "with some data."
        )
    if not any(isinstance(record, dict) for record in found):
        raise BadSource(
            f"The list{where} in the source's answer does not hold objects with fields (the first entry is "
            f"{found[0]!r:.60}). Give the place of a list of objects in records_path."
        )
    return found


def _likeliest(full: dict[str, list[Any]]) -> str:
    if len(full) == 1:
        return next(iter(full))
    timed = [path for path, found in full.items() if time_candidates(columns_of(found))] or list(full)
    if len(timed) == 1:
        return timed[0]
    named = [path for name in _LIST_NAMES for path in timed if words_of(path)[-1:] == [name]]
    if named and sum(path in named for path in timed) == 1:
        return named[0]
    raise BadSource(
        "Several lists in the source's answer could be the records: "
        f"{', '.join(f'`{path}` ({len(full[path])} entries)' for path in timed)}. Give records_path."
    )


def _offer(lists: Iterator[tuple[str, list[Any]]]) -> str:
    paths = [path for path, _ in lists]
    return f" It has lists at {listed(paths)}." if paths else ""


# --- values and series -----------------------------------------------------------------------------------------------


def _given(columns: dict[str, list[Any]], config: dict[str, Any], name: str) -> str | None:
    field: str | None = config.get(name)
    if field is not None and field not in columns:
        raise BadSource(f"No record has the field `{field}`; they have {listed(columns)}. Correct {name}.")
    return field


def _value_fields(
    columns: dict[str, list[Any]], clocks: set[str], series: str | None, config: dict[str, Any], notes: list[str]
) -> tuple[str, ...]:
    if field := _given(columns, config, "value_field"):
        if _numbers(columns[field]) is None and not all(map(is_missing, columns[field])):
            seen = next(cell for cell in columns[field] if not is_missing(cell))
            raise BadSource(f"`{field}` does not hold numbers (such as {seen!r:.60}). Correct value_field.")
        return (field,)
    numeric = [path for path in columns if path not in {series, *clocks} and _numbers(columns[path])]
    plausible = [path for path in numeric if not _is_no_value(path)]
    counters = [path for path in plausible if _counts_up(columns[path])]
    if len(counters) < len(plausible):
        plausible = [path for path in plausible if path not in counters]
    if not plausible:
        raise BadSource(
            f"No field of the records looks like a value; they have {listed(columns)}"
            + (f", of which {listed(numeric)} look like identifiers or places" if numeric else "")
            + ". Give value_field."
        )
    left_out = [path for path in numeric if path not in plausible]
    besides = f"; {listed(left_out)} look like identifiers, places or counters" if left_out else ""
    notes.append(f"{listed(plausible)} hold{'s' if len(plausible) == 1 else ''} numbers{besides}.")
    return tuple(plausible)


def _numbers(cells: list[Any]) -> NumberForm | None:
    if any(isinstance(cell, bool) for cell in cells):
        return None
    return infer_number_form(cells)


def _is_no_value(path: str) -> bool:
    words = words_of(path.rpartition(".")[2])
    if not words:
        return False
    return bool(_ID_WORDS & set(words)) or words[-1] in _LAST_WORDS_OF_NO_VALUE or "".join(words) in _NAMES_OF_NO_VALUE


def _counts_up(cells: list[Any]) -> bool:
    """Say whether the cells number the records."""
    steps = {b - a for a, b in pairwise(cells)} if all(type(cell) is int for cell in cells) else set()
    return len(cells) >= 5 and steps in ({1}, {-1})


def _series_field(columns: dict[str, list[Any]], times: list[int | None], time: str, value: str | None) -> str | None:
    """Return the field that tells apart records of the same time, None if none is needed or none does."""
    found = []
    repeated = len(set(times)) < len(times)
    for path, cells in columns.items():
        words = set(words_of(path))
        if path in (time, value) or not all(
            isinstance(cell, str) or (type(cell) is int and _is_no_value(path)) for cell in cells
        ):
            continue
        distinct = set(cells)
        if not 2 <= len(distinct) <= max(2, len(cells) // 2) or infer_time_form(cells):
            continue
        named = bool(words & _SERIES_WORDS)
        if repeated and len(set(zip(times, cells, strict=True))) == len(times):
            found.append((not named, len(distinct), path))
        elif named and not repeated and all(isinstance(cell, str) for cell in cells):
            found.append((False, len(distinct), path))
    return min(found)[2] if found else None


def _refuse_rivals(columns: dict[str, list[Any]], times: list[int | None], time: str, values: tuple[str, ...]) -> None:
    """BadSource if records of a time have different values and nothing tells them apart: all but one would be lost."""
    held: dict[int, set[str]] = {}
    for place, when in enumerate(times):
        if when is not None:
            held.setdefault(when, set()).add(repr([columns[field][place] for field in values]))
    rivals = sum(len(each) > 1 for each in held.values())
    if rivals > max(1, len(held) // 10):
        texts = [
            path for path, cells in columns.items() if path != time and all(isinstance(cell, str) for cell in cells)
        ]
        raise BadSource(
            f"Several records have the same `{time}` and different values, and no field alone tells them apart"
            f"{f' ({listed(texts)} were looked at)' if texts else ''}. Give series_field, or query_params that select "
            "one series."
        )
