"""The records of a JSON answer: where they are, and how they become points."""

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import compress
from math import isfinite
from typing import Any

from slackwater.errors import BadSource
from slackwater.formats.numbers import Numbers
from slackwater.formats.payload.decode import no_data
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.notes import error_in, is_of_failure, means_no_data, note_in, refusal, says_no_data
from slackwater.formats.payload.shapes import Place
from slackwater.formats.quantities import without_unit
from slackwater.formats.timestamps import Times
from slackwater.model.checkpoint import Interval
from slackwater.model.points import MAX_SERIES_NAME, Rejected
from slackwater.runtime.api.repeated_hours import RepeatedHours, Settled
from slackwater.runtime.api.truncation import Held
from slackwater.runtime.api.unread_fields import unread_fields

BETWEEN = " / "  # the parts of a series name that come of several fields
MOST_POINTS = 50_000  # in one part of a page
EXAMPLES = 20  # rejected records that are shown
FIRST = 50  # records of an answer by which it is distinguished from a message
HOPELESS = 10  # records; a page of so many, all rejected, is a wrong declaration and not a few bad records

SOUGHT = {
    "list": "a list",
    "rows": "a list of rows",
    "pairs": "a list of pairs",
    "columns": "an object of lists",
    "steps": "an object with a beginning, a step and values",
    "keyed": "an object of records by their time",
    "object": "an object",
    "dated": "a list of objects with their time beside it",
    "covjson": "a CoverageJSON document",
    "jsonstat": "a JSON-stat dataset",
    "sdmx": "an SDMX-JSON message",
    "csv": "CSV",
    "ndjson": "lines of JSON",
}
"""What a shape is called in a sentence."""


@dataclass(frozen=True)
class Part:
    """The points of some records, in columns, and the records that are none."""

    columns: dict[str, tuple["array[int]", "array[float]"]]
    rejected: list[Rejected]
    rejected_count: int
    rows: int
    unread: tuple[str, ...] = ()  # fields of numbers that discovery did not see


@dataclass(frozen=True)
class Records:
    """Where the records are in an answer, and how they become points.

    `fields` is series → dotted path. A time that is spread over several fields is theirs joined with a blank; several
    fields of `series` are joined with ` / `.
    """

    place: Place
    time: tuple[str, ...]
    fields: Mapping[str, str]
    series: tuple[str, ...]
    times: Times
    numbers: Numbers
    units: Mapping[str, str] = field(default_factory=dict)  # field → unit behind its numbers
    same: Mapping[str, str] = field(default_factory=dict)  # field → what it must be in every record that has it
    known: Sequence[str] | None = None  # fields that are not read; None: nobody has said
    zone: tzinfo = UTC  # of times that name none
    form: str | None = None  # of the times

    def found(self, body: Any) -> list[Any]:
        """Return the records in an answer; BadSource or Transient for a message instead.

        A message that means no data gives no records.
        """
        records = self.place.records(body)
        if records and self._dated(records):
            return records
        if isinstance(body, str) and _ends_in_names(body, self.time):
            return []
        if (words := self._said_instead(body, records)) is not None:
            raise refusal(words)
        if records is not None:
            return records
        if isinstance(body, str):
            if means_no_data(body):
                return []
            raise BadSource(no_data(body))
        path = self.place.path
        there = body if path is None else at(body, path)
        if path is not None and (there is None or body == {} or (there is MISSING and says_no_data(body))):
            return []  # what many sources say of a time without data
        if path is not None and there is MISSING and _leads_to_nothing(body, path) and not is_of_failure(body):
            return []
        seen = f" It has {_names(body)}." if isinstance(body, dict) else ""
        what = SOUGHT.get(self.place.shape, f"records of the shape `{self.place.shape}`")
        if path is None:
            raise BadSource(
                f"The source's answer is not {what}. Give records_path, the place of it in the answer.{seen}",
                field="records_path",
            )
        raise BadSource(
            f"There is {'nothing' if there is MISSING else _kind(there)} at `{path}` in the source's answer, where "
            f"{what} should be. Correct records_path.{seen}",
            field="records_path",
        )

    def _dated(self, records: list[Any]) -> bool:
        """Check whether one of the first records has a readable time: no message then."""
        return any(time is not None for time in self._times(self.place.flat(records[:FIRST])))

    def _said_instead(self, body: Any, records: list[Any] | None) -> str | None:
        """Return the text of a message instead of data, None where there is data.

        Where the place of the records is there and empty, words beside it count only if they tell of an error.
        """
        if isinstance(body, str) and records == [] and (not body.strip() or _heads(body, self.time)):
            return None
        if not records and not isinstance(body, str) and (body == [] or self._is_there(body)):
            return error_in(body)
        return note_in(body)

    def _is_there(self, body: Any) -> bool:
        """Check whether the place of the records is there, and empty.

        So it is, too, where all series are there without their records.
        """
        begin = self.place.path.partition(f".{EVERY}")[0] if self.place.path else EVERY
        there = MISSING if begin == EVERY else at(body, begin)
        if isinstance(there, list) and there and self.known is not None:
            own = {*self.known, *self.series}
            return all(isinstance(each, dict) and each and own.issuperset(each) for each in there)
        return _is_empty(there)

    def held(self, records: list[Any]) -> Held:
        """Return what truncation checks need: the readable records' times and series."""
        records = self.place.flat(records)
        objects = [record if isinstance(record, dict) else {} for record in records]
        names = self._names(objects) if records else None
        largest = max(Counter(names).values()) if names else len(records)
        return Held(records, sorted(self.moments(records)), largest)

    def keys(self, records: list[Any]) -> list[tuple[str | None, int] | None]:
        """Return the series and time of each record, None for one without a time."""
        objects = [record if isinstance(record, dict) else {} for record in records]
        names = (self._names(objects) if records else None) or [None] * len(records)
        times = self._times(records)
        return [None if time is None else (name, time) for name, time in zip(names, times, strict=True)]

    def moments(self, records: list[Any]) -> list[int]:
        """Return the times (µs) of the records of an answer that have one."""
        return [time for time in self._times(self.place.flat(records)) if time is not None]

    def within(self, records: list[Any], stretch: Interval) -> list[Any]:
        """Return the records whose times lie in a stretch, and those without a time."""
        times = self._times(records)
        return [
            record
            for record, time in zip(records, times, strict=True)
            if time is None or stretch.start <= time < stretch.end
        ]

    def hours(self, now: int) -> RepeatedHours | None:
        """Return what settles the repeated hour in a walk, None where no clocks change."""
        return None if self.zone is UTC else RepeatedHours(self.zone, self.form, self._lines, now)

    def parts(self, settled: Settled | list[Any]) -> list[Part]:
        """Return the points of a page, at most 50,000 per part; at least one part.

        BadSource if no record fits.
        """
        step = max(1, MOST_POINTS // len(self.fields))
        records = settled.records if isinstance(settled, Settled) else settled
        known = settled if isinstance(settled, Settled) else None
        parts = [self._part(records[start : start + step], start, known) for start in range(0, len(records), step)]
        return parts or [Part({}, [], 0, 0)]

    def _lines(self, records: list[Any]) -> tuple[list[int | None], list[Any], list[Any]]:
        """Return the records' times, what tells their series apart, and the cells of their times."""
        objects = [record if isinstance(record, dict) else {} for record in records]
        cells = [None if cell is MISSING else cell for cell in self._joined(objects, self.time, " ")]
        names = self._names(objects) if records else None
        return self.times(cells), [None] * len(records) if names is None else list(names), cells

    def _times(self, records: list[Any]) -> list[int | None]:
        objects = [record if isinstance(record, dict) else {} for record in records]
        cells = self._joined(objects, self.time, " ")
        return self.times([None if cell is MISSING else cell for cell in cells])

    def _part(self, records: list[Any], start: int, settled: Settled | None) -> Part:
        objects = records if all(type(record) is dict for record in records) else None
        if objects is None:
            objects = [record if isinstance(record, dict) else {} for record in records]
        moments = self._joined(objects, self.time, " ")
        if all(moment is MISSING for moment in moments):
            raise BadSource(
                f"No record has the field {_listed(self.time)}; correct date_field.{_seen(records)}", field="date_field"
            )
        cells = [None if moment is MISSING else moment for moment in moments]
        times = self.times(cells) if settled is None else settled.times[start : start + len(records)]
        doubts = settled.doubts if settled is not None else {}
        names = self._names(objects)
        path = " ".join(self.time)
        faults = {
            place: doubts.get(start + place) or _no_time(path, moments[place])
            for place, time in enumerate(times)
            if time is None
        }
        for path, expected in self.same.items():
            for place, cell in enumerate(self._column(objects, path)):
                if cell is not MISSING and cell is not None and cell != expected:
                    faults.setdefault(place, f"`{path}` is {cell!r:.100}, not {expected!r:.100} as it was")
                    times[place] = None
        columns: dict[str, tuple[array[int], array[float]]] = {}
        absent = 0
        for series, path in self.fields.items():
            cells = self._column(objects, path)
            absent += all(cell is MISSING for cell in cells)
            if path in self.units:
                cells = [without_unit(cell, self.units[path]) for cell in cells]
            self._gather(columns, series=series, path=path, times=times, cells=cells, names=names, faults=faults)
        if absent == len(self.fields):
            raise BadSource(
                f"No record has {_listed(self.fields.values())}; correct value_field.{_seen(records)}",
                field="value_field",
            )
        if len(faults) == len(records) >= HOPELESS and not doubts:
            raise BadSource(f"No record can be read, the first because {faults[0]}. Correct the wrapper's fields.")
        shown = [Rejected(f"record {start + place + 1}", faults[place]) for place in sorted(faults)[:EXAMPLES]]
        return Part(columns, shown, len(faults), len(records), self._unread(objects))

    def _unread(self, records: list[dict[str, Any]]) -> tuple[str, ...]:
        """Return the fields of numbers that are neither read nor known."""
        if self.known is None:
            return ()
        read = (*self.time, *self.fields.values(), *self.series, *self.units, *self.same, *self.known)
        return tuple(unread_fields(records, read))

    def _column(self, records: list[dict[str, Any]], path: str) -> list[Any]:
        if "." in path:
            return [at(record, path) for record in records]
        return [record.get(path, MISSING) for record in records]

    def _joined(self, records: list[dict[str, Any]], paths: tuple[str, ...], between: str) -> list[Any]:
        if len(paths) == 1:
            return self._column(records, paths[0])
        return [joined(cells, between) for cells in zip(*(self._column(records, path) for path in paths), strict=True)]

    def _names(self, records: list[dict[str, Any]]) -> list[str | None] | None:
        """Return each record's series name, None where missing; None without any names."""
        if not self.series:
            return None
        named = self._joined(records, self.series, BETWEEN)
        if all(name is MISSING for name in named):
            raise BadSource(
                f"No record has the field {_listed(self.series)}; correct series_field.{_seen(list(records))}",
                field="series_field",
            )
        known: dict[Any, str | None] = {}
        try:
            for name in set(named):
                known[name] = _series_name(name)
            return [known[name] for name in named]
        except TypeError:  # a list or an object among them
            return [_series_name(name) for name in named]

    def _gather(
        self,
        columns: dict[str, tuple["array[int]", "array[float]"]],
        *,
        series: str,
        path: str,
        times: list[int | None],
        cells: list[Any],
        names: list[str | None] | None,
        faults: dict[int, str],
    ) -> None:
        """Add the points of one field to `columns` and what is wrong to `faults`."""
        values, wrong = self.numbers([None if cell is MISSING else cell for cell in cells])
        for place in wrong:
            faults.setdefault(place, f"`{path}` is {cells[place]!r:.100}, which is not a number")
        if None in values:
            for place, cell in enumerate(cells):
                if isinstance(cell, float) and not isfinite(cell):
                    faults.setdefault(place, f"`{path}` is {cell}, which is not a finite number")
        if names is None:
            _extend(columns, series, times, values)
            return
        several = len(self.fields) > 1
        rows: dict[str | None, tuple[list[int | None], list[float | None]]] = {name: ([], []) for name in set(names)}
        for name, time, value in zip(names, times, values, strict=True):
            xs, ys = rows[name]
            xs.append(time)
            ys.append(value)
        for name, (xs, ys) in rows.items():
            if name is not None:
                _extend(columns, f"{name} {series}"[:MAX_SERIES_NAME] if several else name, xs, ys)
        if None in rows:
            for place, name in enumerate(names):
                if name is None:
                    faults.setdefault(place, f"{_listed(self.series)} does not name a series")


def _extend(
    columns: dict[str, tuple["array[int]", "array[float]"]],
    series: str,
    times: Sequence[int | None],
    values: Sequence[float | None],
) -> None:
    """Add the pairs that are whole."""
    if None in times or None in values:
        both = [time is not None and value is not None for time, value in zip(times, values, strict=True)]
        times, values = list(compress(times, both)), list(compress(values, both))
    if not times:
        return
    xs, ys = columns.setdefault(series, (array("q"), array("d")))
    xs.extend(times)  # type: ignore[arg-type]
    ys.extend(values)  # type: ignore[arg-type]


def joined(cells: Sequence[Any], between: str) -> Any:
    """Join cells as one text; MISSING if all are, None if one does not fit."""
    if all(cell is MISSING for cell in cells):
        return MISSING
    if any(cell is MISSING or cell is None or isinstance(cell, list | dict) for cell in cells):
        return None
    return between.join(
        str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip() for cell in cells
    )


def _series_name(name: Any) -> str | None:
    if name is MISSING or name is None or isinstance(name, list | dict):
        return None
    return str(name).strip()[:MAX_SERIES_NAME] or None


def _no_time(path: str, cell: Any) -> str:
    if cell is MISSING or cell is None:
        return f"`{path}` is missing"
    return f"`{path}` is {cell!r:.100}, which is not a time of the declared form"


def _heads(text: str, names: tuple[str, ...]) -> bool:
    """Say whether a text is the header of a table without rows, or comments alone."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    cells = {cell.strip().strip('"') for line in lines[:FIRST] for cell in re.split(r"[,;\t|]", line)}
    return not lines or not cells.isdisjoint(names)


def _ends_in_names(text: str, names: tuple[str, ...]) -> bool:
    """Say whether a table ends in the row of its names."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return bool(names) and {cell.strip().strip('"') for cell in re.split(r"[,;\t|]", last)}.issuperset(names)


def _leads_to_nothing(body: Any, path: str) -> bool:
    """Say whether an object on the way to the records is there and empty."""
    places = [place for place, char in enumerate(path) if char == "."]
    return any(at(body, path[:place]) in ([], {}) for place in places)


def _is_empty(there: Any) -> bool:
    return there is None or there in ([], {})


def _kind(value: Any) -> str:
    kinds = {dict: "a JSON object", list: "a list", str: "a text", bool: "a truth value"}
    return kinds.get(type(value), "a number")


def _names(body: dict[str, Any]) -> str:
    return _listed(list(body)[:12]) if body else "no fields"


def _listed(names: Any) -> str:
    return ", ".join(f"`{name!s:.60}`" for name in names)


def _seen(records: list[Any]) -> str:
    first = records[0] if records else None
    return f" It has {_names(first)}." if isinstance(first, dict) else " The records are no JSON objects."
