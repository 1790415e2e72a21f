"""Chooses the place of the records; equal candidates become a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from slackwater.discover.api.records.columns import columns_of, list_of, spread
from slackwater.discover.api.records.day_lists import in_their_zone
from slackwater.discover.api.records.fields_across import WITH_FIELDS, times_across
from slackwater.discover.api.records.names_elsewhere import names_of
from slackwater.discover.api.records.record_candidates import Option, options
from slackwater.discover.api.records.time_field import PLAIN_TIMES, nearest_times, time_candidates
from slackwater.discover.api.records.value_fields import firm, numbers, plausible_values
from slackwater.discover.inference.timezones import Hints, hints_in
from slackwater.discover.inference.words import listed, name_of, set_of, words_of
from slackwater.errors import BadSource, Question
from slackwater.formats.payload.decode import no_data
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import PARENT, SHAPES, Place, singles
from slackwater.formats.timestamp_inference import TimeForm
from slackwater.pipe.frames import Alternative, Finding

_LIST_NAMES = (
    "records",
    "items",
    "data",
    "results",
    "result",
    "rows",
    "values",
    "observations",
    "measurements",
    "features",
    "value",
    "entries",
    "readings",
    "points",
    "series",
)
_OBJECTS = set_of("list rows csv ndjson jsonstat sdmx covjson")  # whose fields a person can be asked about
_COUNTS = set_of("count total size length records results items totalcount")
_REST_FRAMEWORK = frozenset({"next", "previous", "results"})  # Django's, which writes decimals as text
_LOOKED_AT = 300  # records of each place; chosen: enough for roles, quick for many places


@dataclass(frozen=True)
class Placed:
    """The place of the records, the records, their shape's time field, and why."""

    place: Place
    records: list[Any]
    time: str | None = None
    findings: tuple[Finding, ...] = ()
    hints: Hints = field(default_factory=Hints)
    carried: frozenset[str] = frozenset()  # fields that come from beside the way to the records
    split: tuple[tuple[str, ...], TimeForm] | None = None  # fields of the time, where one of them stands across
    named: Mapping[str, str] = field(default_factory=dict)  # places of lists that each record has, and their names


@dataclass(frozen=True)
class _Weighed:
    """A candidate with its evaluation; `viable`: it has times and possible values.

    `own`: the times are the records' own, and not of what they lie in. `clear`: a field has the very name of a time.
    `firm`: some field is a measurement beyond doubt.
    """

    option: Option
    records: list[Any]
    fields: frozenset[str]
    timed: bool
    viable: bool
    own: bool
    clear: bool
    firm: bool

    @property
    def path(self) -> str | None:
        return self.option.place.path

    @property
    def size(self) -> int:
        return len(self.records)


def find_place(body: Any, config: dict[str, Any]) -> Placed:
    """Return the place of an answer's records; BadSource if there is none."""
    given, shape = config.get("records_path"), config.get("shape")
    weighed = [_weigh(body, option, config) for option in _requested(body, given, shape)]
    viable = _unrelated([each for each in weighed if each.viable and each.option.shape != "dated"])
    if not viable:
        viable = _beside_a_time(body, weighed, config, alone=given is None and shape is None)
    if len(viable) > 1:
        reading = _single(body, config) if given is None and shape is None else []
        viable = _likeliest(viable, [{"shape": "object"}] if any(each.firm for each in reading) else [])
    placed = _placed(viable[0], weighed, given, shape) if len(viable) == 1 else _without_values(body, weighed, given)
    if placed.place.shape in WITH_FIELDS and (found := times_across(placed.records, config)):
        about = (*placed.findings, found.about)
        place = replace(placed.place, across=found.pattern)
        placed = replace(placed, place=place, time=found.time, split=found.split, findings=about)
    if (homed := in_their_zone(placed.place, body, config)) != placed.place:
        placed = replace(placed, place=homed, records=homed.records(body) or [])
    carried = _carried(body, placed.place, placed.records)
    hints = hints_in(body)
    if isinstance(body, dict) and body.keys() >= _REST_FRAMEWORK:
        hints = replace(hints, decimal=".")
    return replace(placed, hints=hints, carried=carried, named=_named(body, placed.records))


def _named(body: Any, records: list[Any]) -> dict[str, str]:
    """Return the names of list positions that the answer gives elsewhere."""
    places: dict[str, list[str]] = {}
    for path in columns_of(records[:_LOOKED_AT]):
        if list_of(path):
            places.setdefault(list_of(path), []).append(path)
    found: dict[str, str] = {}
    for paths in places.values():
        names = names_of(len(paths), body, records)
        found |= dict(zip(paths, names, strict=True)) if names else {}
    return found


def _carried(body: Any, place: Place, records: list[Any]) -> frozenset[str]:
    """Return the fields that records have from beside the path to them.

    What has the name of a field of the records is called `parent.…` among them.
    """
    if place.shape == "dated":
        return frozenset(name for node in islice(place.nodes(body), _LOOKED_AT) for name in singles(node.above))
    if EVERY not in (place.path or ""):
        return frozenset()
    found = {name for node in islice(place.nodes(body), _LOOKED_AT) for name in node.beside}
    hidden = {name for record in records[:_LOOKED_AT] for name in found if f"{PARENT}.{name}" in record}
    return frozenset(found - hidden | ({PARENT} if hidden else set()))


def _requested(body: Any, given: str | None, shape: str | None) -> list[Option]:
    """Return the options at the place and of the shape that are given."""
    found = [
        option for option in options(body) if given in (None, option.place.path or "") and shape in (None, option.shape)
    ]
    if not found and given is not None:
        steps = tuple(given.split(".")) if given else ()
        shapes = [shape] if shape in SHAPES else ["list", "object"]
        found = [Option(steps, each) for each in shapes if Place(given or None, each).records(body)]
    if shape == "object" and given is None and isinstance(body, dict):
        return [Option((), shape)]  # the answer itself
    return found


def _weigh(body: Any, option: Option, config: dict[str, Any]) -> _Weighed:
    records = option.place.records(body) or []
    columns = columns_of(spread(records, _LOOKED_AT))  # a series may be null at its head
    given = config.get("date_field")
    given = given.split(",")[0] if isinstance(given, str) and given not in columns else given
    carried = _carried(body, option.place, records)
    clocks = [given] if given in columns else list(nearest_times(columns, carried))
    timed = bool(clocks) or (option.time is not None and option.time in columns)
    numeric = [path for path, cells in columns.items() if path not in {*clocks, option.time} and numbers(cells)]
    value = config.get("value_field")
    beside = str(value).split(".")[0] in carried  # once beside many values, it is none of each
    valued = value in columns and not beside if value else bool(plausible_values(columns, numeric))
    own = option.time is not None or any(path.split(".")[0] not in carried for path in clocks)
    clear = own and (option.time is not None or any(name_of(path) in PLAIN_TIMES for path in clocks))
    return _Weighed(option, records, frozenset(columns), timed, timed and valued, own, clear, firm(columns, numeric))


def _beside_a_time(body: Any, weighed: list[_Weighed], config: dict[str, Any], *, alone: bool) -> list[_Weighed]:
    """Return the lists with a time beside them, or the single reading."""
    single = _single(body, config) if alone else []
    dated = [
        each
        for each in weighed
        if each.viable and each.option.shape == "dated" and not time_candidates(_own_columns(body, each))
    ]
    reading = any(each.firm and not _only_counts(each, dated) for each in single)
    return dated if any(each.firm for each in dated) and not reading else single or dated


def _only_counts(single: _Weighed, lists: Sequence[_Weighed]) -> bool:
    """Check whether an answer's own numbers only count its lists' entries."""
    columns = columns_of(single.records)
    clocks = time_candidates(columns)
    values = plausible_values(
        columns, [path for path, cells in columns.items() if path not in clocks and numbers(cells)]
    )
    return bool(lists) and all(
        name_of(path) in _COUNTS and columns[path][0] in [each.size for each in lists] for path in values
    )


def _own_columns(body: Any, dated: _Weighed) -> dict[str, list[Any]]:
    """Return the columns of a list without what lies beside it."""
    return columns_of((Place(dated.path).records(body) or [])[:_LOOKED_AT])


def _single(body: Any, config: dict[str, Any]) -> list[_Weighed]:
    """Return the answer as a single reading, if it is one."""
    if not isinstance(body, dict):
        return []
    whole = _weigh(body, Option((), "object"), config)
    return [whole] if whole.viable else []


def _unrelated(viable: list[_Weighed]) -> list[_Weighed]:
    """Return the candidates that no other represents better.

    The outer ones go, and the parts of a whole.
    """
    left = list(viable)
    for each in viable:
        inner = any(_inside(other, each) for other in viable)
        outer = any(_holds(other, each) or _steps_through(other, each) for other in viable)
        if inner or outer or any(_covers(other, each, viable) for other in viable):
            left.remove(each)
    several = [each for each in left if each.option.shape != "object"]
    return several or left


def _inside(inner: _Weighed, outer: _Weighed) -> bool:
    """Check whether the records of `inner` are exactly those in the entries of `outer`."""
    steps, above = inner.option.steps, outer.option.steps
    if inner is outer or steps[: len(above)] != above:
        return False
    if outer.option.shape == "columns" and inner.option.shape == "columns":
        return len(steps) > len(above) and (inner.own or not outer.own)
    return _holds(outer, inner, bare=False) and inner.size >= outer.size


def _holds(outer: _Weighed, inner: _Weighed, *, bare: bool = True) -> bool:
    """Check whether `inner` lies in the entries of a list, timeless if `bare`."""
    steps, above = inner.option.steps, outer.option.steps
    within = steps[: len(above)] == above and (
        (outer.option.shape in ("list", "ndjson") and steps[len(above) :][:1] == (EVERY,))
        or (outer.option.shape == "columns" and outer.own and bare and len(steps) > len(above))
    )
    # What the outer records say of themselves is no reason to pass over the readings that they hold.
    own = inner.own or (inner.firm and not outer.firm)
    return within and own is not bare


def _steps_through(stepped: _Weighed, each: _Weighed) -> bool:
    """Check whether evenly spaced objects hold, or are, the records of `each`."""
    if stepped.option.shape != "steps" or each.option.shape == "steps":
        return False
    mine, its = stepped.option.steps, each.option.steps
    return its[: len(mine)] == mine or mine[: len(its)] == its


def _covers(whole: _Weighed, part: _Weighed, viable: list[_Weighed]) -> bool:
    """Check whether one of two related candidates also represents the other.

    They are the members of an object together, and one of them. Members with the same fields are series of one source,
    unless one of them only repeats what another has.
    """
    if whole is part:
        return False
    parts = _parts(whole, viable)
    if part in parts:
        return _are_series(parts)
    parts = _parts(part, viable)
    return whole in parts and not _are_series(parts)


def _parts(whole: _Weighed, viable: list[_Weighed]) -> list[_Weighed]:
    """Return the candidates that `whole` gathers by its last `*`."""
    steps = whole.option.steps
    places = [place for place, step in enumerate(steps) if step == EVERY]
    return [
        each
        for each in viable
        if each.option.shape == whole.option.shape
        and len(each.option.steps) == len(steps)
        and each.option.steps != steps
        and all(
            mine == its or (place in places and its != EVERY)
            for place, (mine, its) in enumerate(zip(steps, each.option.steps, strict=True))
        )
    ]


def _are_series(parts: list[_Weighed]) -> bool:
    if len(parts) < 2 or len({part.fields for part in parts}) > 1:
        return False
    held = [{repr(record) for record in part.records[:_LOOKED_AT]} for part in parts]
    return not any(one <= other for one in held for other in held if one is not other)


def _likeliest(viable: list[_Weighed], others: Sequence[dict[str, str]] = ()) -> list[_Weighed]:
    """Return the likeliest place, or raise a Question that offers `others` too."""
    clear = [each for each in viable if each.clear]  # a longer one of measurements with times is data as well
    by_size = sorted(viable, key=lambda each: each.size)
    if len(clear) == 1 and (by_size[-1] is clear[0] or not (by_size[-1].own and by_size[-1].firm)):
        return clear
    if by_size[-1].size >= 10 and by_size[-2].size <= 2:
        return by_size[-1:]
    named = [each for name in _LIST_NAMES for each in viable if words_of(each.path or "")[-1:] == [name]]
    if named and len({each.path for each in viable if each in named}) == 1 and len(named) == 1:
        return named
    raise Question(
        "Several lists in the source's answer could be the records: "
        f"{', '.join(f'`{each.path}` ({each.size} entries)' for each in viable)}. Give records_path.",
        field="records_path",
        choices=[each.path for each in viable],
        alternatives=[*({"records_path": each.path} for each in viable), *others] if others else (),
    )


def _placed(chosen: _Weighed, weighed: Sequence[_Weighed], given: str | None, shape: str | None) -> Placed:
    place = chosen.option.place
    where = f"at `{place.path}`" if place.path else "the answer itself"
    others = [each for each in weighed if each is not chosen and each.timed]
    confidence = 1.0 if given is not None else 0.95 if not others else 0.85
    records = Finding(
        what="records",
        value=place.path,
        confidence=confidence,
        reason=f"The records are {where}: {chosen.size:,} in the first answer.",
        field="records_path",
        alternatives=[
            Alternative(value=each.path, reason=f"{each.size:,} entries" + ("" if each.viable else ", without values"))
            for each in others
        ],
    )
    about = () if place.shape == "list" else (_about_shape(place, 1.0 if shape else confidence),)
    return Placed(place, chosen.records, chosen.option.time, (records, *about))


_SHAPED = {
    "rows": "Each record is a row; {names}.",
    "pairs": "Each record is a pair of a time and a value.",
    "columns": "The fields are lists of the same length, side by side.",
    "steps": "The values are in even steps from a beginning, given by {names}.",
    "keyed": "Each record is kept under its time.",
    "object": "The answer is one reading.",
    "dated": "The time of all records stands once, beside their list.",
    "covjson": "The answer is CoverageJSON.",
    "jsonstat": "The answer is a JSON-stat dataset.",
    "sdmx": "The answer is an SDMX-JSON message.",
    "csv": "The answer is CSV; {names}.",
    "ndjson": "Each line of the answer is a record.",
}


def _about_shape(place: Place, confidence: float) -> Finding:
    if isinstance(place.columns, str):
        names = f"the fields' names are at `{place.columns}`"
    elif place.shape == "steps" and place.columns is not None:
        names = listed(place.columns[:2])
    elif place.columns:
        names = "nothing names its fields" if place.columns[0] == "0" else "a comment names its fields"
    else:
        names = "the first row names the fields"
    reason = _SHAPED.get(place.shape, "The answer is {shape}.").format(names=names, shape=place.shape)
    return Finding(what="shape", value=place.shape, confidence=confidence, reason=reason, field="shape")


def _without_values(body: Any, weighed: list[_Weighed], given: str | None) -> Placed:
    """Return the only list of objects, for questions about its fields; else ask.

    Without one, the place itself is asked for.
    """
    full = [each for each in weighed if each.option.shape in _OBJECTS and each.records]
    timed = [each for each in full if each.timed] or full
    outermost = [each for each in timed if EVERY not in each.option.steps] or timed
    if outermost:
        first = outermost[0] if len(outermost) == 1 else _likeliest(outermost)[0]
        return _placed(first, weighed, given, None)
    raise BadSource(_why_none(body, given), field="records_path")


def _why_none(body: Any, given: str | None) -> str:
    if isinstance(body, str):
        return no_data(body)
    found = Place(given).records(body) if given is not None else body if isinstance(body, list) else None
    where = f" at `{given}`" if given else ""
    if given is not None and found is None:
        paths = [option.place.path for option in options(body) if option.place.path]
        offer = f" It has lists at {listed(paths)}." if paths else ""
        return f"There is no list at records_path `{given}` in the source's answer.{offer} Correct records_path."
    if found:
        return (
            f"The list{where} in the source's answer does not hold objects with fields (the first entry is "
            f"{found[0]!r:.60}). Give the place of a list of objects in records_path."
        )
    if found is not None or (isinstance(body, dict) and _has_empty(body)):
        what = f"the list{where} is empty" if found is not None else "every list in the source's answer is empty"
        return f"The sample holds no record: {what}. Give a location (or query_params) that answers with some data."
    if not isinstance(body, dict):
        return "The source's answer is neither a list nor an object. Give the URL of a JSON list in location."
    return (
        f"The source's answer holds no list of objects; it has {listed(body)}. Give the URL of a JSON list of objects "
        "in location, or its place in records_path."
    )


def _has_empty(body: dict[str, Any], depth: int = 5) -> bool:
    held = body.values()
    return any(each == [] or (isinstance(each, dict) and depth > 1 and _has_empty(each, depth - 1)) for each in held)
