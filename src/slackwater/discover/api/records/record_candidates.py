"""Lists every place where an answer may hold records, with its shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from slackwater.discover.api.records.day_lists import day_lists
from slackwater.discover.api.records.even_steps import steps_in
from slackwater.discover.api.records.names_elsewhere import header_of
from slackwater.discover.api.records.time_field import PLAIN_TIMES, SEEN
from slackwater.discover.inference.words import name_of, words_of
from slackwater.formats.counted_times import since_form
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.payload import coveragejson, jsonstat, sdmx
from slackwater.formats.payload.arrays import parallel
from slackwater.formats.payload.csv_answers import commented_names, csv_records
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import KEY, TIME, Place, singles
from slackwater.formats.payload.text import json_lines
from slackwater.formats.timestamp_inference import infer_time_form

DEPTH = 9  # levels of an answer in which records are looked for
ENTRIES = 30  # of a list, or members of an object, that are looked into
_MOST_NUMBERED = 200  # columns without names; chosen: forecasts have some 50 members
_GEOMETRY = frozenset({"geometry", "coordinates", "bbox", "crs"})

Step = tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """A possible place of records; `time` is the time field of its shape."""

    steps: Step
    shape: str
    columns: str | tuple[str, ...] | None = None
    time: str | None = None

    @property
    def place(self) -> Place:
        """The place as it is declared."""
        return Place(".".join(self.steps) or None, self.shape, self.columns)


def options(body: Any) -> list[Option]:
    """Return the places of an answer where records may be, each once."""
    if isinstance(body, str):
        return _in_text(body)
    if sdmx.is_message(body):
        return [Option((), "sdmx", time=sdmx.TIME)]
    if coveragejson.is_coverage(body):
        return [Option((), "covjson", time=coveragejson.TIME)]
    for steps, node in _maybe_jsonstat(body):
        if found := jsonstat.datasets(node):
            return [Option(steps, "jsonstat", time=jsonstat.time_of(found[0]))]
    return list(dict.fromkeys(_RecordSearch(body).below(body, (), None, DEPTH)))


def _in_text(text: str) -> list[Option]:
    if lines := json_lines(text):
        below = _RecordSearch(lines).below(lines, (), None, DEPTH)
        return list(
            dict.fromkeys(replace(each, shape="ndjson") if each == Option((), "list") else each for each in below)
        )
    records = csv_records(text, None)
    if not records:
        return []
    names = list(records[0])
    # A column without a name is called by its place, as the index of a data frame is.
    named = [name for place, name in enumerate(names) if name != str(place)]
    if any(map(_is_cell, named)):  # no names, but the first record
        above = commented_names(text) or []
        usable = len(above) == len(names) and not any(map(_is_cell, above))
        return [Option((), "csv", tuple(above if usable else (str(place) for place in range(len(names)))))]
    return [Option((), "csv")]


def _is_cell(name: str) -> bool:
    return bool(infer_time_form([name]) or infer_number_form([name]))


def _maybe_jsonstat(body: Any) -> Iterator[tuple[Step, Any]]:
    if isinstance(body, dict):
        yield (), body
        for key, value in body.items():
            if isinstance(value, dict) and "dimension" in value:
                yield (key,), value


class _RecordSearch:
    """One look through an answer."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def below(self, node: Any, steps: Step, above: Any, depth: int) -> Iterator[Option]:
        """Yield the options at a node and beneath it."""
        if not depth:
            return
        if isinstance(node, list):
            yield from self._in_list(node, steps, above, depth)
        elif isinstance(node, dict):
            yield from self._in_object(node, steps, depth)

    def _in_list(self, node: list[Any], steps: Step, above: Any, depth: int) -> Iterator[Option]:
        entries = node[:ENTRIES]
        # An XML element is an object like those of JSON.
        kinds = {dict if isinstance(entry, dict) else type(entry) for entry in entries if entry is not None}
        if kinds == {dict}:
            yield Option(steps, "list")
            yield from _of_lists_within(node, steps)
            for entry in entries:
                for key, value in entry.items() if entry else ():
                    if key not in _GEOMETRY:
                        yield from self.below(value, (*steps, EVERY, key), entry, depth - 1)
        elif kinds == {list}:
            if all(not isinstance(cell, dict | list) for entry in entries for cell in entry or ()):
                yield from self._rows(node, steps, above)
            for entry in entries:
                yield from self.below(entry, (*steps, EVERY), node, depth - 1)
        elif kinds <= {list, dict}:  # such as [about the answer, [records]]
            for place, entry in enumerate(entries[:5]):
                if isinstance(entry, list):
                    yield from self.below(entry, (*steps, str(place)), node, depth - 1)

    def _rows(self, node: list[Any], steps: Step, above: Any) -> Iterator[Option]:
        """Yield the readings of a list of lists: as rows, as pairs, or as columns."""
        rows = [row for row in node if row]
        widths = {len(row) for row in rows}
        if not rows:
            return
        width = max(widths)
        timed = _is_time(rows, 0)
        if found := header_of(width, node, above, self._body, timed=timed):
            yield Option(steps, "rows", found)
        elif len(rows) > 1 and _is_header(rows[0], rows[1]):
            yield Option(steps, "rows")
        elif widths == {2} and _is_time(rows, 0) and not _is_time(rows, 1):
            yield Option(steps, "pairs", time="time")
        elif len(widths) == 1 and width > 1:
            yield Option(steps, "rows", tuple(str(place) for place in range(width)))
        if len(widths) == 1 and len(rows) == len(node) != width > 1:
            if found := header_of(len(node), node, above, self._body):
                yield Option(steps, "columns", found)
            elif infer_time_form(rows[0]) and not infer_time_form([row[0] for row in rows]):
                yield Option(steps, "columns")

    def _in_object(self, node: dict[str, Any], steps: Step, depth: int) -> Iterator[Option]:
        if _keyed_by_time(node):
            yield Option(steps, "keyed", time=KEY)
            return
        if _in_parallel(node):
            yield Option(steps, "columns")
        if names := steps_in([node]) or day_lists([node]):
            yield Option(steps, "steps", names, TIME)
        if time := _time_beside(node):
            for key, value in list(node.items())[:ENTRIES]:
                if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
                    yield Option((*steps, key), "dated", time=time)
        members = {
            key: dict.fromkeys(self.below(value, (*steps, key), node, depth - 1))
            for key, value in list(node.items())[:ENTRIES]
            if key not in _GEOMETRY and isinstance(value, dict | list)
        }
        shared: dict[Option, int] = {}
        for found in members.values():
            for option in found:
                alike = Option(
                    (*steps, EVERY, *option.steps[len(steps) + 1 :]), option.shape, option.columns, option.time
                )
                shared[alike] = shared.get(alike, 0) + 1
        yield from (option for option, count in shared.items() if count > 1)
        if _alike(node):
            yield Option((*steps, EVERY), "object")
        for found in members.values():
            yield from found


def _is_time(rows: list[list[Any]], place: int) -> bool:
    form = infer_time_form([row[place] for row in rows])
    # A year or a packed date may as well be a number; in front of one it is a time.
    return form is not None and (place == 0 or not form.numeric or form.form.startswith("epoch"))


def _is_header(first: list[Any], second: list[Any]) -> bool:
    """Check whether a first row holds field names: texts unlike the second row."""
    texts = all(isinstance(cell, str) and cell for cell in first)
    return (
        texts
        and len(set(first)) == len(first) > 1
        and not any(infer_time_form([cell]) for cell in first)
        and any(not isinstance(cell, str) or infer_time_form([cell]) for cell in second)
    )


def _column_objects(node: list[Any]) -> bool:
    """Say whether entries are columns with their names, `{"name": …, "values": […]}`, one for each."""
    columns = parallel(node) or {}
    return 1 < len(columns) == len(node) and (any(map(infer_time_form, columns.values())) or any(map(_counts, node)))


def _counts(entry: Any) -> bool:
    """Check whether a column says in which unit it counts time: `hours since 1970-01-01`."""
    return isinstance(entry, dict) and any(isinstance(text, str) and since_form(text) for text in entry.values())


def _keyed_by_time(node: dict[str, Any]) -> bool:
    keys = list(node)
    form = infer_time_form(keys) if keys and all(key[:1].isalnum() for key in keys) else None
    return form is not None and (not form.numeric or len(keys) > 1 or len(keys[0]) > 4)


def _in_parallel(node: dict[str, Any]) -> bool:
    """Check whether several members of an object hold arrays of one length."""
    columns = parallel(node) or {}
    if len(columns) < 2 or not any(columns.values()):
        return False
    lengths = {len(cells) for cells in columns.values()}
    if sum(map(str.isdecimal, columns)) > max(_MOST_NUMBERED, *lengths):
        return False  # the rows of a table, beside the list of its names
    held = [parallel({key: value}) or {} for key, value in node.items()]
    within = [any(path == key or path.startswith(f"{key}.") for path in columns) for key in node]
    alone = [any(len(cells) in lengths for cells in each.values()) for each in held]
    return sum(a or b for a, b in zip(within, alone, strict=True)) > 1


def _of_lists_within(node: list[Any], steps: Step) -> Iterator[Option]:
    """Yield the readings of objects that hold lists: single columns, or all."""
    entries = node[:ENTRIES]
    if _column_objects(node):
        yield Option(steps, "columns")
    if any(_in_parallel(entry) for entry in entries if entry):
        yield Option((*steps, EVERY), "columns")
    if names := steps_in(entries) or (day_lists(entries) if all(entries) else None):
        yield Option((*steps, EVERY), "steps", names, TIME)


def _time_beside(node: dict[str, Any]) -> str | None:
    """Return the one time field beside an object's lists, not its sending time."""
    found = [
        name
        for name, value in singles(node).items()
        if (name_of(name) in PLAIN_TIMES or SEEN & set(words_of(name))) and infer_time_form([value])
    ]
    return found[0] if len(found) == 1 else None


def _alike(node: dict[str, Any]) -> bool:
    """Say whether all members are objects with the same fields."""
    fields = [frozenset(value) if isinstance(value, dict) else None for value in node.values()]
    return len(fields) > 1 and len(set(fields)) == 1 and bool(fields[0])
