"""The shapes of an answer: how lists, rows, columns and objects become flat records.

Pure, and a table.

A place is a dotted path. `*` in it stands for every entry of a list or every member of an object; what lies beside the
way down is carried into the records below: `data.result.*.values` are the values of every result, each with the
labels of its result, and `*` over an object adds the member's name as the field `series`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from slackwater.formats.payload import coveragejson, jsonstat, sdmx
from slackwater.formats.payload.across import across
from slackwater.formats.payload.arrays import Names, is_single, names_in, parallel
from slackwater.formats.payload.csv_answers import csv_records
from slackwater.formats.payload.day_lists import latest_day, step_of_days, values_of_day
from slackwater.formats.payload.first_names import with_first_names
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.formats.payload.nodes import EVERY, Node, lean, nodes, steps_of
from slackwater.formats.payload.steps import stepped
from slackwater.formats.payload.text import Element, json_lines

KEY, TIME, VALUE, PARENT = "key", "time", "value", "parent"
"""The fields that shapes add: the key of a record, those of pairs, and what holds carried fields of the same name."""

AND = " + "
"""Joins the name of the first field, which stands nowhere, with the path of the others: `time + series`."""

_IN_OBJECTS = frozenset({"columns", "steps"})  # shapes of objects, of which the rest is said of all their records
_TEXTS = frozenset({"csv", "ndjson"})


@dataclass(frozen=True)
class Place:
    """Where the records are in an answer, and in which shape.

    `columns` says what the fields of rows are called: a path (looked for beside the rows, then from the top), or the
    names themselves; without it the first row has them.
    """

    path: str | None = None
    shape: str = "list"
    columns: str | tuple[str, ...] | None = None
    across: str | None = None  # pattern of fields that are called by their times

    def flat(self, records: list[Any]) -> list[Any]:
        """Return a record for each time, where records have several across; again is no harm."""
        return records if self.across is None else across(records, self.across)

    def records(self, body: Any) -> list[Any] | None:
        """Return the records in an answer.

        None if there are none of this shape at this place.
        """
        if self.shape == "list" and (self.path is None or EVERY not in self.path):
            found = body if self.path is None else at(body, self.path)
            if isinstance(found, Element):
                return [found]
            return found if isinstance(found, list) else [] if self._without_elements(body) else None
        read = SHAPES[self.shape]
        gathered: list[Any] | None = None
        latest = self._latest_day(body)
        for node in self.nodes(body):
            above = node.above if latest is None else latest
            records = read(node.value, self._names(node, body) if self.shape in NAMED else None, above)
            if records is not None:
                records = with_first_names(records) if self.shape == "list" else records
                gathered = [] if gathered is None else gathered
                # Beside the lists that are meant there may be others, of plain texts.
                held = [_beneath(node.beside, record) for record in records if isinstance(record, dict)]
                gathered += held if node.beside else records
        return [] if gathered is None and self._could_hold(body) else gathered

    def _without_elements(self, body: Any) -> bool:
        """Check whether XML holds texts alone in their place, as without any."""
        above = (self.path or "").rpartition(".")[0]
        parent = at(body, above) if above else MISSING
        if isinstance(parent, Element):
            return all(each is None or isinstance(each, str) for each in parent.values())
        return isinstance(body, Element) and parent is None  # an element without anything

    def _latest_day(self, body: Any) -> int | None:
        """Return the latest of days with a list each: it alone may not be over."""
        if self.shape != "steps" or not isinstance(self.columns, tuple) or step_of_days(self.columns[1]) is None:
            return None
        values = [node.value for node in self.nodes(body)]
        return latest_day(
            [day for each in values for day in (each if isinstance(each, list) else [each])], self.columns[0]
        )

    def nodes(self, body: Any) -> Iterator[Node]:
        """Yield what holds records in an answer, with what is carried into them.

        Each line of JSON is an entry.
        """
        if isinstance(body, str) and self.shape not in _TEXTS:
            body = json_lines(body)
        for node in nodes(body, self.path):
            if self.shape in _IN_OBJECTS and (self.path or "").endswith(EVERY):
                yield Node(node.value, node.above, {**node.beside, **lean(node.value)})
            else:
                yield node

    def _could_hold(self, body: Any) -> bool:
        """Check whether the list or object that would hold the records exists."""
        first, *more = steps_of(self.path) or [""]
        holder = body if first == EVERY else at(body, first)
        return EVERY in (first, *more) and isinstance(holder, list | dict)

    def _names(self, node: "Node", body: Any) -> Names:
        if self.columns is None or not isinstance(self.columns, str):
            return self.columns
        first_name, _, path = self.columns.rpartition(AND)
        names = _named(node.above, path) or _named(body, path)
        return [first_name, *names] if first_name and names else names


def _named(holder: Any, path: str) -> Names:
    """Return the names that stand at a path of an object."""
    if EVERY not in path:
        return names_in(at(holder, path))
    return names_in([node.value for node in nodes(holder, path) if isinstance(node.value, str)])


def _beneath(beside: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    if hidden := beside.keys() & record.keys():
        return {**beside, **record, **{f"{PARENT}.{name}": beside[name] for name in hidden}}
    return {**beside, **record}


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


def _steps(node: Any, names: Names, latest: Any) -> list[Any] | None:
    step = step_of_days(names[1]) if names is not None and len(names) > len(("begin", "step")) else None
    if names is None or step is None:
        return stepped(node, names)
    days = [day for day in (node if isinstance(node, list) else [node]) if isinstance(day, dict)]
    return [record for day in days for record in values_of_day(day, names[0], step, names[2:], latest)]


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
    return {key: value for key, value in holder.items() if is_single(value)} if isinstance(holder, dict) else {}


Shape = Callable[[Any, Names, Any], list[Any] | None]

SHAPES: dict[str, Shape] = {
    "list": _list,  # [{"time": …, "value": …}, …]
    "rows": _rows,  # [["2024-01-01", 1.5], …], and the names elsewhere
    "pairs": _pairs,  # [[time, value], …]
    "steps": _steps,  # {"start": …, "step": 3600, "values": […]}
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
    "steps": "values in even steps from a beginning",
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

NAMED = frozenset({"rows", "columns", "steps", "csv"})
"""The shapes whose fields may be named elsewhere."""
