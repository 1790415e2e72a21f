"""The shapes of an answer: how lists, rows, columns and objects become flat records. Pure, and a table.

A place is a dotted path. `*` in it stands for every entry of a list or every member of an object; what lies beside the
way down is carried into the records below: `data.result.*.values` are the values of every result, each with the
labels of its result, and `*` over an object adds the member's name as the field `series`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slackwater.formats.payload import coveragejson, jsonstat, sdmx
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.formats.payload.text import Element, csv_records, json_lines

SERIES, KEY, TIME, VALUE = "series", "key", "time", "value"
"""The fields that shapes add: the member of an object that `*` stood for, the key of a record, and those of pairs."""

EVERY = "*"
_NAMES = ("name", "id", "field", "fieldName", "code", "key", "column", "label", "title", "text")  # of a column
_COLUMN_DEPTH = 4  # levels in which parallel arrays are looked for

Names = Sequence[str] | None
"""The names of the fields of rows, None where the first row has them."""


@dataclass(frozen=True)
class Place:
    """Where the records are in an answer, and in which shape.

    `columns` tells what the fields of rows are called: a path (looked for beside the rows, then from the top), or the
    names themselves; without it the first row has them.
    """

    path: str | None = None
    shape: str = "list"
    columns: str | tuple[str, ...] | None = None

    def records(self, body: Any) -> list[Any] | None:
        """Return the records in an answer, None if there are none of this shape at this place."""
        if self.shape == "list" and (self.path is None or EVERY not in self.path):
            found = body if self.path is None else at(body, self.path)
            return found if isinstance(found, list) else [found] if isinstance(found, Element) else None
        read = SHAPES[self.shape]
        gathered: list[Any] | None = None
        for node in nodes(body, self.path):
            records = read(node.value, self._names(node, body) if self.shape in NAMED else None, node.above)
            if records is not None:
                gathered = [] if gathered is None else gathered
                # Beside the lists that are meant there may be others, of plain texts.
                held = [_beneath(node.beside, record) for record in records if isinstance(record, dict)]
                gathered += held if node.beside else records
        return [] if gathered is None and self._could_hold(body) else gathered

    def _could_hold(self, body: Any) -> bool:
        """Say whether the list or the object is there whose entries would hold the records, if it had any."""
        first, *more = _steps(self.path) or [""]
        holder = body if first == EVERY else at(body, first)
        return EVERY in (first, *more) and isinstance(holder, list | dict)

    def _names(self, node: "Node", body: Any) -> Names:
        if self.columns is None or not isinstance(self.columns, str):
            return self.columns
        found = at(node.above, self.columns)
        return names_in(at(body, self.columns) if found is MISSING else found)


@dataclass(frozen=True)
class Node:
    """What a path leads to, what holds it, and what lies beside the way there."""

    value: Any
    above: Any
    beside: dict[str, Any]


def nodes(body: Any, path: str | None) -> Iterator[Node]:
    """Yield what lies at a path; more than one if it has a `*`."""
    yield from _down(body, _steps(path), None, {})


def _steps(path: str | None) -> list[str]:
    """Return the steps of a path: `a.b.*.c` is `a.b`, `*`, `c`."""
    steps: list[str] = []
    for part in path.split(".") if path else ():
        if steps and EVERY not in (part, steps[-1]):
            steps[-1] += f".{part}"
        else:
            steps.append(part)
    return steps


def _down(value: Any, steps: list[str], above: Any, beside: dict[str, Any]) -> Iterator[Node]:
    if not steps:
        yield Node(value, above, beside)
        return
    step, rest = steps[0], steps[1:]
    if step != EVERY:
        found = at(value, step)
        if found is not MISSING:
            holder, _, _ = step.rpartition(".")
            above = at(value, holder) if holder else value
            yield from _down(found, rest, value if above is MISSING else above, beside)
    elif isinstance(value, list):
        for entry in value:
            yield from _down(entry, rest, value, {**beside, **_aside(entry, rest)})
    elif isinstance(value, dict):
        for key, entry in value.items():
            name = f"{beside[SERIES]} {key}" if SERIES in beside else key
            yield from _down(entry, rest, value, {**beside, **_aside(entry, rest), SERIES: name})


def _aside(entry: Any, rest: list[str]) -> dict[str, Any]:
    """Return the fields of an entry that the way does not lead through."""
    if not rest or not isinstance(entry, dict):
        return {}
    through = rest[0]
    return {
        key: value
        for key, value in entry.items()
        if not isinstance(value, list) and through != key and not through.startswith(f"{key}.")
    }


def _beneath(beside: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    if hidden := beside.keys() & record.keys():
        return {**beside, **record, **{f"parent.{name}": beside[name] for name in hidden}}
    return {**beside, **record}


def names_in(header: Any) -> Names:
    """Return the names that a header gives: texts, objects with a name, or name → position."""
    if isinstance(header, dict) and header and all(type(place) is int for place in header.values()):
        return sorted(header, key=lambda name: int(header[name]))
    if not isinstance(header, list) or not header:
        return None
    names: list[str] = []
    for place, entry in enumerate(header):
        name = _name_in(entry) or str(place)
        names.append(name if name not in names else f"{name} {place}")
    return names


def _name_in(entry: Any) -> str:
    if isinstance(entry, dict):
        entry = next((entry[name] for name in _NAMES if isinstance(entry.get(name), str)), None)
    return "" if entry is None or isinstance(entry, dict | list) else str(entry).strip()


# --- the shapes ------------------------------------------------------------------------------------------------------


def _list(node: Any, _names: Names, _above: Any) -> list[Any] | None:
    return node if isinstance(node, list) else [node] if isinstance(node, Element) else None


def _rows(node: Any, names: Names, above: Any) -> list[Any] | None:
    if not isinstance(node, list):
        return None
    rows = [row for row in node if isinstance(row, list)]
    if names is None:
        names, rows = (names_in(rows[0]) if rows else None), rows[1:]
    if names is None:
        return []
    records = [dict(zip(names, row, strict=False)) for row in rows]
    index = above.get("index") if isinstance(above, dict) else None
    if isinstance(index, list) and len(index) == len(records):  # of a table whose rows are named beside it
        return [{"index": name, **record} for name, record in zip(index, records, strict=True)]
    return records


def _pairs(node: Any, _names: Names, _above: Any) -> list[Any] | None:
    return _rows(node, (TIME, VALUE), None)


def _columns(node: Any, names: Names, _above: Any) -> list[Any] | None:
    columns = parallel(node, names)
    if columns is None:
        return None
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def parallel(node: Any, names: Names = None) -> dict[str, list[Any]] | None:
    """Return the parallel arrays of an object or a list: those of the greatest length that several have."""
    if isinstance(node, list):
        lists = dict(_listed_columns(node, names))
    elif isinstance(node, dict):
        lists = dict(_arrays(node))
    else:
        return None
    if not lists:
        return {} if not node else None
    counts = Counter(map(len, lists.values()))
    length = max(counts, key=lambda length: (counts[length] > 1, length))
    return {path: cells for path, cells in lists.items() if len(cells) == length}


def _listed_columns(node: list[Any], names: Names) -> Iterator[tuple[str, list[Any]]]:
    for place, entry in enumerate(node):
        if isinstance(entry, list):
            if names or _is_array(entry):
                yield names[place] if names and place < len(names) else str(place), entry
        elif isinstance(entry, dict):
            arrays = [cells for cells in entry.values() if _is_array(cells)]
            if len(arrays) == 1:
                yield (names_in([entry]) or [str(place)])[0], arrays[0]


def _arrays(node: Any, above: str = "", depth: int = _COLUMN_DEPTH) -> Iterator[tuple[str, list[Any]]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        here = f"{above}{key}"
        if _is_array(value):
            yield here, value
        elif isinstance(value, dict) and value and all(map(_is_single, value.values())):
            if list(value) == [str(place) for place in range(len(value))]:
                yield here, list(value.values())
        elif isinstance(value, list) and (named := dict(_listed_columns(value, None))) and len(named) == len(value):
            yield from named.items()
        elif depth > 1 and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict))):
            yield from _arrays(value, f"{here}.", depth - 1)


def _is_single(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_array(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_single, value))


def _keyed(node: Any, _names: Names, _above: Any) -> list[Any] | None:
    if not isinstance(node, dict):
        return [] if node in ([], None) else None  # some write an empty object as an empty list
    records: list[Any] = []
    for key, value in node.items():
        several = isinstance(value, list) and any(isinstance(each, dict) for each in value)
        records += [_under(key, entry) for entry in (value if several else [value])]
    return records


def _under(key: str, entry: Any) -> dict[str, Any]:
    if isinstance(entry, dict):
        return {**entry, KEY: key}
    if isinstance(entry, list):
        return {**{str(place): cell for place, cell in enumerate(entry)}, KEY: key}
    return {KEY: key, VALUE: entry}


def _object(node: Any, _names: Names, _above: Any) -> list[Any] | None:
    return [node] if isinstance(node, dict) else None


def _dated(node: Any, _names: Names, above: Any) -> list[Any] | None:
    if not isinstance(node, list) or not isinstance(above, dict):
        return None
    beside = singles(above)
    return [_beneath(beside, record) if isinstance(record, dict) else record for record in node]


def singles(holder: Any) -> dict[str, Any]:
    """Return the fields of an object that hold a single value."""
    return {key: value for key, value in holder.items() if _is_single(value)} if isinstance(holder, dict) else {}


Shape = Callable[[Any, Names, Any], list[Any] | None]

SHAPES: dict[str, Shape] = {
    "list": _list,  # [{"time": …, "value": …}, …]
    "rows": _rows,  # [["2024-01-01", 1.5], …], and the names elsewhere
    "pairs": _pairs,  # [[time, value], …]
    "columns": _columns,  # {"time": […], "temperature": […]}
    "keyed": _keyed,  # {"2024-01-01": {"USD": 1.1}, …} or {"2024-01-01": 1.1, …}
    "object": _object,  # {"time": …, "value": …}: a single reading
    "dated": _dated,  # {"time": …, "readings": [{"sensor": "a", "value": …}, …]}: one time for all
    "covjson": lambda node, _names, _above: coveragejson.records(node),
    "jsonstat": lambda node, _names, _above: jsonstat.records(node),
    "sdmx": lambda node, _names, _above: sdmx.records(node),
    "csv": lambda node, names, _above: csv_records(node, names),
    "ndjson": lambda node, _names, _above: json_lines(node),
}
"""Shape → what makes records of what lies at a place, None if it has another shape."""

ABOUT = {
    "list": "objects in a list",
    "rows": "a list of rows",
    "pairs": "[time, value]",
    "columns": "lists side by side",
    "keyed": "under their times",
    "object": "one reading",
    "dated": "objects in a list, their time beside it",
    "covjson": "a CoverageJSON document",
    "jsonstat": "a JSON-stat dataset",
    "sdmx": "an SDMX-JSON message",
    "csv": "text in columns",
    "ndjson": "an object a line",
}
"""Shape → what it looks like, in a few words."""

NAMED = frozenset({"rows", "columns", "csv"})
"""The shapes whose fields may be named elsewhere."""
