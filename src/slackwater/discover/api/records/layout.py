"""Records → which of their fields are the time, the values and the series.

Every choice has its reason; where two are as good, the person is asked and nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from itertools import pairwise
from statistics import median_low
from typing import Any

from slackwater.discover.api.explanations import (
    about_order,
    about_period,
    about_series,
    about_unread,
    about_values,
    number_form,
)
from slackwater.discover.api.records.columns import cell_of, columns_of, labels_first, list_of, spread, units_in
from slackwater.discover.api.records.record_choice import Placed
from slackwater.discover.api.records.revisions import about_revisions, revision_field
from slackwater.discover.api.records.series_fields import (
    entry_labels,
    refuse_rivals,
    rivals_of,
    series_fields,
    standing_names,
)
from slackwater.discover.api.records.split_time import periods_of_days
from slackwater.discover.api.records.time_field import moments_of, time_candidates, time_fields
from slackwater.discover.api.records.value_fields import no_data_values, numbers, value_fields
from slackwater.discover.inference.calendars import refuse_other_calendars
from slackwater.discover.inference.local_time import (
    API_WAY_OUT,
    in_order,
    of_local_clocks,
    refuse_disorder,
    without_the_hour,
    zones_of,
)
from slackwater.discover.inference.offset_columns import offsets_beside
from slackwater.discover.inference.period_numbers import since_midnight
from slackwater.discover.inference.period_parts import not_a_series, part_of_time
from slackwater.discover.inference.plausibility import (
    API,
    is_unit,
    numbers_in_lists,
    refuse_series,
    refuse_times,
    refuse_unread_lists,
    refuse_unread_quantities,
    refuse_value_names,
)
from slackwater.discover.inference.questions import knowing
from slackwater.discover.inference.timezones import settle_zone, zone_columns
from slackwater.discover.inference.words import listed, name_of
from slackwater.errors import Question
from slackwater.formats.numbers import NumberForm
from slackwater.formats.payload.nodes import EVERY
from slackwater.formats.payload.shapes import VALUE, Place
from slackwater.formats.periods import PERIODS
from slackwater.formats.quantities import are_units
from slackwater.formats.timestamp_inference import TimeForm
from slackwater.formats.timestamps import time_parser
from slackwater.pipe.frames import Finding
from slackwater.runtime.api.unread_fields import fields_of

_OF_ENTRIES = frozenset({"pairs", "rows", "columns", "steps"})  # shapes whose labels stand in the entries of a list
_MANY = 12  # records; in fewer, a measurement may stand still
_NEARLY = 0.9  # of them; as of rows whose times make a form
_MOST_KNOWN = 60  # fields that a module names without being read


@dataclass(frozen=True)
class Layout:
    """Where the points are in an answer. `form` is the times'; `alike` the numbers' writing."""

    place: Place
    time: tuple[str, ...]
    form: TimeForm
    zone: tzinfo
    values: tuple[str, ...]
    alike: NumberForm
    series: tuple[str, ...]
    labels: tuple[str, ...] = ()  # fields of text that may tell records apart
    timezone: str | None = None  # to declare
    missing: tuple[float, ...] = ()  # numbers that stand for no value
    named: Mapping[str, str] = field(default_factory=dict)  # fields of values whose series are called otherwise
    units: Mapping[str, str] = field(default_factory=dict)  # of values, behind their numbers
    same: Mapping[str, str] = field(default_factory=dict)  # units that all records have, so that others are none of it
    known: tuple[str, ...] | None = None  # fields that are not read; None: too many to name
    revision: str | None = None  # field by which a record replaces an earlier one of its time
    findings: tuple[Finding, ...] = ()

    @property
    def records(self) -> str | None:
        """The path of the records in an answer."""
        return self.place.path

    def list_of(self, body: Any) -> list[Any] | None:
        """Return the list of records in an answer, None if it has none there."""
        return self.place.records(body)

    def flat(self, records: Sequence[Any]) -> Sequence[Any]:
        """Return a record for each time, where records have several across."""
        return self.place.flat(list(records)) if self.place.across else records

    def times(self, records: Sequence[Any]) -> list[int | None]:
        """Return the records' times in µs."""
        return time_parser(self.form.form, self.zone)(self.written(records))

    def written(self, records: Sequence[Any]) -> list[Any]:
        """Return the records' times as the source writes them."""
        records = self.flat(records)
        return moments_of({path: [cell_of(record, path) for record in records] for path in self.time}, self.time)

    def read(self, records: Sequence[Any]) -> int:
        """Count the values that the layout reads."""
        return sum(cell_of(record, path) is not None for record in self.flat(records) for path in self.values)

    def constant(self, records: Sequence[Any]) -> bool:
        """Check for one number in nearly all of many records.

        Zero describes nothing: so much is no rain.
        """
        cells = (str(cell_of(record, path)) for record in self.flat(records) for path in self.values)
        held = [cell for cell in cells if cell not in ("", "None")]
        if len(held) <= _MANY:
            return False
        [(number, often)] = Counter(held).most_common(1)
        return often >= _NEARLY * len(held) and number.strip("+-0.,") != ""

    def even_series(self, records: Sequence[Any]) -> bool:
        """Check whether series have equal counts, or the records lie in several lists."""
        counts = Counter(repr([cell_of(record, path) for path in self.series]) for record in self.flat(records))
        return EVERY in (self.place.path or "") or (len(counts) > 1 and len(set(counts.values())) == 1)

    def keys(self, records: Sequence[Any]) -> set[str]:
        """Return what tells the records apart, whatever else in them changes from request to request."""
        fields = [*self.time, *self.labels, *self.values]
        return {repr([cell_of(record, field) for field in fields]) for record in self.flat(records)}

    def period(self, records: Sequence[Any]) -> int | None:
        """Return the median spacing (µs) of times within series, None without any."""
        by_series: dict[str, set[int]] = {}
        records = self.flat(records)
        for record, time in zip(records, self.times(records), strict=True):
            if time is not None:
                by_series.setdefault(repr([cell_of(record, path) for path in self.series]), set()).add(time)
        spacings = [later - earlier for times in by_series.values() for earlier, later in pairwise(sorted(times))]
        return median_low(spacings) if spacings else None


def find_layout(records: Sequence[Any], placed: Placed, config: dict[str, Any]) -> Layout:
    """Return the roles of the fields; a Question asks for an unclear one.

    `config` gives some. Only an answer's own records, and not a sample of several, are in the order of the source.
    """
    whole = records is placed.records
    records = placed.place.flat(list(records)) if placed.place.across else records
    columns = columns_of(records[1:] if labels_first(records) else records)
    findings = list(placed.findings)
    with knowing(findings):
        return _layout(columns, records, placed, config, findings, whole=whole)


def with_names_of_others(
    layout: Layout, records: Sequence[Any], placed: Placed, location: str, *, paged: bool
) -> Layout:
    """Return the layout with series names, though the sample holds one series only.

    More pages may hold others, and so may an older window where each list has labels.
    """
    columns, taken = columns_of(layout.flat(records)), {*layout.time, *layout.values}
    names = standing_names(columns, taken | set(time_candidates(columns)), location) if paged else ()
    of_list = EVERY in (layout.place.path or "") and layout.place.shape in _OF_ENTRIES
    if not names and of_list:
        names = entry_labels(columns, taken, set(placed.carried), location)
    if layout.series or not names:
        return layout
    reason = f"{listed(names)} may be another in what was not seen, so it names the series."
    found = Finding(what="series", value=list(names), confidence=0.7, reason=reason, field="series_field")
    return replace(layout, series=names, same={}, findings=(*layout.findings, found))


def with_other_series(layout: Layout, records: Sequence[Any]) -> Layout:
    """Return the layout with the series that records of another answer show.

    Of a list that is sorted by series, the first answer may hold one of them alone.
    """
    records = spread(layout.flat(records))
    columns, times = columns_of(records), layout.times(records)
    if not {*layout.series, *layout.values} <= columns.keys() or not rivals_of(
        columns, times, layout.series, layout.values
    ):
        return layout
    names = series_fields(columns, times, {*layout.time, *layout.values, *time_candidates(columns)})
    names = tuple(dict.fromkeys([*layout.series, *names]))
    if rivals_of(columns, times, names, layout.values):
        return layout
    found = about_series(columns, names, False)
    return replace(layout, series=names, same={}, findings=(*layout.findings, *([found] if found else [])))


def _layout(
    columns: dict[str, list[Any]],
    records: Sequence[Any],
    placed: Placed,
    config: dict[str, Any],
    findings: list[Finding],
    *,
    whole: bool,
) -> Layout:
    time, form = time_fields(columns, config, placed.time, findings, placed.carried, placed.split)
    time, form, zoned = _zoned(columns, time, form, placed, config, findings)
    timezone, home, about_zone = zoned
    cells = moments_of(columns, time)
    times = time_parser(form.form, home)(cells)
    clocks, say_zones = {*time, *time_candidates(columns)}, zone_columns(columns)
    chosen = _given(columns, config, "series_field")
    wanted = _given(columns, config, "value_fields") or _given(columns, config, "value_field")
    holder = (placed.place.path or "").rpartition(".")[2]
    series = chosen or series_fields(columns, without_the_hour(times), {*clocks, *wanted, *say_zones}, holder)
    carried = {path for path in columns if path.split(".")[0] in placed.carried}
    if placed.place.across:  # what stands beside the times of a record is of none of them
        carried |= {path for path in columns if path.split(".")[0] != VALUE}
    values, roles = value_fields(
        columns, clocks | set(series) | carried, wanted, times, frozenset(placed.named), series
    )
    revision: str | None = None
    if not chosen:
        for path in series:
            numbered = _numbered(columns, time, form, [path])
            if numbered or part_of_time(name_of(path), columns[path], times):
                raise not_a_series(path, listed(time).strip("`"), "date_field", numbered)
        series = tuple(path for path in series if path not in values)
        keys = [tuple(columns[path][row] for path in series) for row in range(len(times))]
        if home is not UTC and whole:
            refuse_disorder(time, times, keys, home, API_WAY_OUT)
        settled = in_order(times, home, keys)
        rivals = rivals_of(columns, settled, series, values)
        revision = revision_field(columns, settled, series, time, values) if rivals else None
        if revision is None:
            if timezone is None and rivals and (zones := zones_of(rivals)):
                raise of_local_clocks(time, zones)
            refuse_rivals(columns, settled, time, series, values, _numbered(columns, time, form, columns))
    _refuse_absurd(columns, cells, times, time, form, series, values, config)
    lists = numbers_in_lists(records)
    if not (config.get("records_path") or config.get("value_field") or config.get("value_fields")):
        refuse_unread_lists(lists, sum(cell is not None for path in values for cell in columns[path]))
    alike, about_numbers = number_form(columns, values, config, placed.hints.decimal)
    missing, about_missing = no_data_values(columns, values, alike, placed.hints.missing, config.get("missing_values"))
    labels = tuple(
        path for path, cells in columns.items() if any(isinstance(cell, str) for cell in cells) and path not in clocks
    )
    named = _called(values, placed)
    layout = Layout(placed.place, time, form, home, values, alike, series, labels, timezone, missing, named)
    units = units_in(records, values)
    if not (config.get("value_field") or config.get("value_fields")):
        refuse_unread_quantities({p: cells for p, cells in columns.items() if p not in (*values, *series)}, values)
    # Where records are of several series, another unit is that of another series.
    same = {} if series else _the_unit(columns, {*time, *values})
    known = _known(records, (*time, *values, *series, *same))
    layout = replace(layout, units=units, same=same, known=known, revision=revision)
    told = {*clocks, *values, *series, *(roles.verdicts if roles else ())}
    others = [path for path in columns if path not in told and numbers(columns[path])] if roles else []
    unread = about_unread(others, [path for path, number in lists.most_common() if number])
    found = [about_zone, about_values(values, roles), unread, about_numbers, about_missing]
    found += [
        about_series(columns, series, bool(chosen)),
        about_revisions(revision),
        about_order(times),
        about_period(layout.period(records)),
    ]
    return replace(layout, findings=(*findings, *(each for each in found if each is not None)))


def _zoned(
    columns: dict[str, list[Any]],
    time: tuple[str, ...],
    form: TimeForm,
    placed: Placed,
    config: dict[str, Any],
    findings: list[Finding],
) -> tuple[tuple[str, ...], TimeForm, tuple[str | None, tzinfo, Finding | None]]:
    """Return the time with a column of offsets if there is one, and its zone."""
    cells, given = moments_of(columns, time), config.get("timezone")
    offsets = None if given or config.get("date_field") else offsets_beside(columns, time, cells, form.form)
    if offsets and not offsets.form:
        reason = f"The times come in even steps without `{offsets.path}`, and not with it: they are of UTC."
        about = Finding(what="timezone", value="UTC", confidence=0.9, reason=reason, field="timezone")
        return time, form, (None, UTC, about)
    if offsets and offsets.form:
        time, form = (*time, offsets.path), TimeForm(offsets.form)
        cells = moments_of(columns, time)
        reason = f"`{offsets.path}` says how far each time is from UTC."
        findings.append(Finding(what="timezone", value=offsets.path, confidence=0.9, reason=reason, field="date_field"))
    return time, form, settle_zone(cells, form.form, given, placed.hints, columns, time)


def _called(values: tuple[str, ...], placed: Placed) -> dict[str, str]:
    """Return the series names of fields that are named elsewhere in the answer."""
    found = {path: placed.named[path] for path in values if path in placed.named}
    for path in values if placed.place.shape == "columns" and placed.place.columns is None else ():
        *above, last = path.split(".")
        if any(part.isdecimal() for part in above) and not last.isdecimal():
            found[path] = last
    names = [found.get(path, path) for path in values]
    return found if len(set(names)) == len(names) else {}


def _known(records: Sequence[Any], read: Sequence[str]) -> tuple[str, ...] | None:
    """Return the fields with content that are not read, None for too many."""
    lists = {list_of(path) for path in read}
    found = {path: None for record in spread(records) for path, value in fields_of(record) if value not in (None, "")}
    others = tuple(path for path in found if path not in read and path not in lists)
    return others if len(others) <= _MOST_KNOWN else None


def _numbered(
    columns: dict[str, list[Any]], time: tuple[str, ...], form: TimeForm, paths: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the answers with a field that numbers the periods of days, if any."""
    if len(time) > 1 or form.form.startswith("epoch") or form.form in ("year", *PERIODS - {"day"}):
        return []
    for path in paths:
        days, numbers = columns[time[0]], columns[path]
        if path not in time and (answers := periods_of_days((time[0], path), form.form, days, numbers)):
            return answers
    for path in paths:
        if path not in time and (unit := since_midnight(columns[time[0]], columns[path])):
            return [{"date_field": f"{time[0]},{path}", "date_format": f"{form.form} #{unit}"}]
    return []


def _the_unit(columns: dict[str, list[Any]], taken: set[str]) -> dict[str, str]:
    """Return the fields of units that are the same in all records."""
    found = {}
    for path, cells in columns.items():
        told = set(cells)
        if path not in taken and len(cells) > 1 and len(told) == 1 and (is_unit(path) or are_units(cells)):
            (unit,) = told
            if isinstance(unit, str) and unit.strip():
                found[path] = unit
    return found


def _refuse_absurd(
    columns: dict[str, list[Any]],
    cells: list[Any],
    times: list[int | None],
    time: tuple[str, ...],
    form: TimeForm,
    series: tuple[str, ...],
    values: tuple[str, ...],
    config: dict[str, Any],
) -> None:
    """Raise a Question for an implausible reading; given fields are not questioned."""
    if not config.get("date_format"):
        bad = next((cell for cell, at in zip(cells, times, strict=True) if at is None and cell), "")
        refuse_times(times, cells, listed(time), f"{bad!r:.60}", API)
        refuse_other_calendars(times, listed(time), form.form, API)
    if not config.get("series_field"):
        refuse_series({path: columns[path] for path in series}, times, time, API)
    if not (config.get("value_field") or config.get("value_fields")):
        refuse_value_names(values, API)


def _given(columns: dict[str, list[Any]], config: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the fields of the configuration: one, a list, or comma-separated."""
    given = config.get(name)
    if given is None:
        return ()
    if isinstance(given, str):
        given = [given] if given in columns or "," not in given else [each.strip() for each in given.split(",")]
    for each in given:
        if each not in columns:
            raise Question(
                f"No record has the field `{each}`; they have {listed(columns)}. Correct {name}.",
                field=name,
                choices=list(columns),
            )
    return tuple(given)
