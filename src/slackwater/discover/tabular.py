"""From an uploaded file and its configuration to the module that reads it: what is given wins, the rest is inferred."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, BinaryIO

from slackwater.discover.across import Across, across
from slackwater.discover.asked import knowing
from slackwater.discover.columns import Column
from slackwater.discover.declare import marks, module
from slackwater.discover.dimensions import dimensions
from slackwater.discover.figures import contradiction, number_form, sentinels, settled
from slackwater.discover.findings import Evidence
from slackwater.discover.gaps import filled
from slackwater.discover.moments import Moments, moments, named
from slackwater.discover.sample import Given, Sample, take_sample
from slackwater.errors import BadSource, Question
from slackwater.model.points import DEFAULT_SERIES
from slackwater.pipe.frames import Alternative, Found
from slackwater.runtime.headers import cell_text
from slackwater.runtime.layouts import is_sum
from slackwater.runtime.numbers import NumberForm
from slackwater.runtime.reading import Run
from slackwater.runtime.tables import (
    DELIMITER_NAMES,
    detect_delimiter,
    detect_encoding,
    file_kind,
    head_text,
    open_table,
    open_workbook,
)

_SURE_OF_TABLE = frozenset({"date_format", "decimal", "last_row", "series_columns"})
"""Fields that are asked for only where there is a table: such a sheet is no cover and no notes."""


@dataclass(frozen=True)
class _Origin:
    """Where the table is inside the file; None where the file has no such thing."""

    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def __str__(self) -> str:
        if self.sheet is not None:
            return f"sheet {self.sheet!r}"
        return f"{DELIMITER_NAMES.get(self.delimiter or '', repr(self.delimiter))}-separated {self.encoding}"


@dataclass(frozen=True)
class _Examined:
    """What the module will declare, and why."""

    origin: _Origin
    sample: Sample
    arguments: dict[str, Any]
    example: str
    period: int | None
    evidence: Evidence = field(repr=False)


async def discover(run: Run) -> Found:
    """Return the module for the run's file, the spacing of its times, and a finding for each decision.

    Raises Question or BadSource, which name the field to give, when something needed cannot be told from the file.
    """
    config, file = run.orders.config, run.file()
    kind = file_kind(file)
    found = _workbook(file, config) if kind in {"zip", "ole"} else _text(file, config)
    comments = [
        f"Found in {run.orders.file_name or 'the file'}: {found.sample.row_count:,} rows, {found.origin};",
        f"times such as {found.example}.",
    ]
    findings = list(found.evidence)
    notes = [f"{each.what}: {each.reason}" for each in findings] + found.evidence.notes
    return Found(code=module(found.arguments, comments), period=found.period, notes=notes, findings=findings)


def _text(file: BinaryIO, config: Mapping[str, Any]) -> _Examined:
    if file_kind(file) != "text" or config.get("sheet_name") is not None:
        open_table(file, sheet=config.get("sheet_name"))  # says what is wrong
    evidence = Evidence()
    encoding = config.get("encoding") or detect_encoding(file)
    delimiter = config.get("delimiter") or detect_delimiter(head_text(file, encoding))
    evidence.add(
        "encoding", encoding, 1 if config.get("encoding") else 0.8 if encoding.startswith(("win", "iso")) else 0.99,
        "given" if config.get("encoding") else "by its byte order mark, or by which bytes it has", "encoding",
    )  # fmt: skip
    evidence.add(
        "delimiter", delimiter, 1 if config.get("delimiter") else 0.95,
        "given" if config.get("delimiter") else "it cuts most rows into the same number of cells", "delimiter",
    )  # fmt: skip
    with knowing(evidence):
        table = open_table(file, delimiter=delimiter, encoding=encoding)
        return _examined(take_sample(table, _given(config)), _Origin(None, delimiter, encoding), config, evidence)


def _given(config: Mapping[str, Any]) -> Given:
    return Given(*(config.get(name) for name in ("header_row", "header_rows", "first_row", "last_row")))


def _workbook(file: BinaryIO, config: Mapping[str, Any]) -> _Examined:
    """Examine the sheet that is named, else the only one that has times and values."""
    given = config.get("sheet_name")
    names = [given] if given is not None else list(open_workbook(file).sheet_names)
    failures: dict[str, BadSource] = {}
    good: dict[str, _Examined] = {}
    for name in names:
        file.seek(0)
        evidence = Evidence()
        try:
            with knowing(evidence):
                sample = take_sample(open_table(file, sheet=name), _given(config))
                good[name] = _examined(sample, _Origin(sheet=name), config, evidence)
        except BadSource as failure:
            failures[name] = failure
    asked = [
        name for name, failure in failures.items() if isinstance(failure, Question) and failure.field in _SURE_OF_TABLE
    ]
    if len(good) + len(asked) > 1:
        raise Question(
            f"{len(good) + len(asked)} sheets have a table of times and values: "
            f"{', '.join(map(repr, [*good, *asked]))}; give sheet_name",
            field="sheet_name", choices=[*good, *asked],
        )  # fmt: skip
    if asked or (len(failures) == 1 and not good):
        raise failures[asked[0]] if asked else next(iter(failures.values()))
    if not good:
        reasons = "; ".join(f"{name!r}: {failure}" for name, failure in list(failures.items())[:5])
        raise Question(
            f"no sheet has a column of times and a column of values; give sheet_name. {reasons}", field="sheet_name"
        )
    [(name, found)] = good.items()
    found.evidence.add(
        "sheet", name, 1 if given is not None else 0.95, "given" if given is not None else "the only one with a table",
        "sheet_name",
        [Alternative(value=other, reason=str(why)[:200]) for other, why in list(failures.items())[:5]],
    )  # fmt: skip
    return found


def _examined(sample: Sample, origin: _Origin, config: Mapping[str, Any], evidence: Evidence) -> _Examined:
    if len(sample.columns) < 2:
        raise BadSource(
            f"the file has only one column, {sample.names}; a time series needs a column of times and one of values "
            "(is delimiter or header_row what it should be?)"
        )
    if not sample.row_count:
        raise BadSource(
            f"there is no row of data after the column names in row {sample.region.header_row}; give header_row"
        )
    _about_rows(sample, config, evidence)
    sample, gaps = filled(sample, config, evidence)
    wide = across(sample, config, evidence)
    arguments = _wide(sample, wide, origin, config, evidence) if wide else _long(sample, origin, config, evidence)
    times = arguments.pop("times")
    region = sample.region
    below = region.header_row + region.header_rows if region.header_row else 1
    place = {
        "sheet": origin.sheet,
        "delimiter": origin.delimiter,
        "encoding": origin.encoding,
        "timezone": config.get("timezone"),
        "header_row": None if region.header_row == sample.first_filled else region.header_row,
        "header_rows": region.header_rows if region.header_rows > 1 else None,
        "first_row": None if region.first_row == below else region.first_row,
        "last_row": region.last_row,
        "fill_down": gaps,
        "skip_totals": None if config.get("skip_totals") is not False else False,
    }
    example = arguments.pop("example")
    return _Examined(origin, sample, arguments | place, example, _spacing(times), evidence)


def _about_rows(sample: Sample, config: Mapping[str, Any], evidence: Evidence) -> None:
    region = sample.region
    if region.another is not None:
        raise Question(
            f"another table begins at row {region.another}, below the one whose names are in row {region.header_row}; "
            f"give last_row, {region.another - 1} for the one above, or header_row, {region.another} for the one below",
            field="last_row",
        )
    given = config.get("header_row") is not None
    rows = f"rows {region.header_row} to {region.header_row + region.header_rows - 1}"
    reason = f"the columns are named in {rows if region.header_rows > 1 else f'row {region.header_row}'}"
    if region.header_row == 0:
        reason = f"no row of column names, so they are called {sample.names}"
    evidence.add("header", [region.header_row, region.header_rows], 1 if given else 0.95, reason, "header_row")
    if region.last_row is not None:
        known = config.get("last_row") is not None
        shown = "; ".join(region.footer[:2])[:200]
        reason = "given" if known else f"data ends in row {region.last_row}; below it is {shown!r}"
        evidence.add("footer", region.last_row, 1 if known else 0.9, reason, "last_row")


# --- long tables -----------------------------------------------------------------------------------------------------


def _long(sample: Sample, origin: _Origin, config: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    time = moments(sample, config, evidence)
    times = time.times()
    _about_totals(time, evidence)
    values = _value_columns(sample, time, origin, config, evidence)
    series = _series(sample, time, times, values, config, evidence)
    values = [(column, form) for column, form in values if column not in series]
    if not values:
        raise Question(
            f"no column holds numbers over time; give value_columns. There are {sample.names}", field="value_columns"
        )
    missing = _missing(values, config, evidence)
    names = [column.name for column, _ in values]
    evidence.add("values", names, 1 if config.get("value_columns") else 0.9, _described(values), "value_columns")
    return {
        "time": time.names[0] if len(time.names) == 1 else time.names,
        "values": names,
        "series": [column.name for column in series],
        **marks({column.name: form for column, form in values}),
        "date_format": time.form,
        "missing": missing,
        "times": [at for at in times[: sample.consecutive] if at is not None],
        "example": " ".join(column.examples(1) for column in time.columns),
    }


def _about_totals(time: Moments, evidence: Evidence) -> None:
    words = {cell_text(cell) for column in time.columns for cell in column.filled if is_sum(cell)}
    if words:
        reason = f"rows whose time is {', '.join(map(repr, sorted(words)))} sum up the others"
        evidence.add("total rows", sorted(words), 0.95, reason, "skip_totals")


def _value_columns(
    sample: Sample, time: Moments, origin: _Origin, config: Mapping[str, Any], evidence: Evidence
) -> list[tuple[Column, NumberForm]]:
    given = config.get("value_columns")
    columns = [named(sample, name, "value_columns") for name in given] if given else sample.columns
    chosen: list[tuple[Column, NumberForm]] = []
    for column in columns:
        form = number_form(column, config)
        if given:
            if form is None and column.filled:
                raise BadSource(
                    f"value column {column.name!r} does not hold numbers: {column.examples()}; give value_columns, or "
                    "decimal and thousands"
                )
            chosen.append((column, form or NumberForm(config.get("decimal") or ".", config.get("thousands"))))
        elif column in time.columns:
            continue
        elif form is not None and (why := _no_value(column, time)) is None:
            chosen.append((column, form))
        else:
            why = (_no_value(column, time) if form else None) or "holds no numbers"
            evidence.note(f"column {column.name!r} is left out: it {why}")
    if question := contradiction(column for column in columns if column not in time.columns):
        raise question
    if not chosen:
        raise Question(
            f"no column holds numbers over time; give value_columns. There are {sample.names}", field="value_columns"
        )
    return settled(chosen, origin.delimiter, evidence)


def _no_value(column: Column, time: Moments) -> str | None:
    """Return why a column of numbers is no series, None when it is one."""
    if column.identifies:
        return "identifies rows"
    if column.part is not None and column not in time.columns:
        return "holds a part of the time"
    if column.time_rank > 1 or column.decimal_year:
        return "holds times"
    return None


def _series(
    sample: Sample,
    time: Moments,
    times: list[int | None],
    values: list[tuple[Column, NumberForm]],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> list[Column]:
    given = config.get("series_columns")
    if given:
        evidence.add("series", list(given), 1, "given", "series_columns")
        return [named(sample, name, "series_columns") for name in given]
    taken = {column.name for column, _ in values} | set(time.names)
    others = [column for column in sample.columns if column.name not in taken and column.filled]
    candidates = [
        column for column in others if column.part is None and column.time_rank < 2 and not column.decimal_year
    ]
    chosen = dimensions(candidates, times)
    if chosen:
        names = [column.name for column in chosen]
        evidence.add(
            "series", names, 0.9, "as few columns as tell rows of the same time apart", "series_columns",
            [
                Alternative(value=[each.name], reason="not needed to tell rows apart")
                for each in candidates
                if each not in chosen
            ],
        )  # fmt: skip
        return chosen
    if chosen is None:
        _about_repeats(time, times, values, config, evidence)
    return []


def _about_repeats(
    time: Moments,
    times: list[int | None],
    values: list[tuple[Column, NumberForm]],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> None:
    """Refuse a table that has several rows for its times: only the last of them would be kept."""
    known = [at for at in times if at is not None]
    counts = Counter(known)
    repeated = sum(count > 1 for count in counts.values())
    [(_, most)] = counts.most_common(1) or [(0, 0)]
    name = " ".join(time.names)
    found = f"column {name!r} repeats its times, up to {most} rows for one"
    given = config.get("time_column") or config.get("time_columns")
    if given or repeated * 50 <= len(counts):  # a stray double is a correction, not a dimension
        evidence.note(f"{found}: the last row of each time is what is kept")
        return
    telling = [column for column, _ in values if dimensions([column], times) and _few(column)]
    if telling and len(values) > 1:
        raise Question(
            f"{found}; does column {telling[0].name!r} name the series? Then give series_columns; otherwise give "
            f"time_column {time.names[0]!r}, to keep the last row of each time",
            field="series_columns", choices=[column.name for column in telling],
        )  # fmt: skip
    raise Question(
        f"{found}; a series needs one row for each time. Give series_columns, or time_column with another column, "
        f"or with {time.names[0]!r} to keep the last row of each time",
        field="time_column",
    )


def _few(column: Column) -> bool:
    return len(set(map(cell_text, column.filled))) * 2 <= len(column.filled)


def _missing(values: list[tuple[Column, NumberForm]], config: Mapping[str, Any], evidence: Evidence) -> list[str]:
    given = config.get("missing_values")
    if given is not None:
        evidence.add("missing values", list(given), 1, "given", "missing_values")
        return list(given)
    found = sentinels(values)
    if found:
        reason = f"{', '.join(found)} stands where nothing was measured: all other numbers are far from it"
        evidence.add("missing values", found, 0.85, reason, "missing_values")
    return found


def _described(values: list[tuple[Column, NumberForm]]) -> str:
    shown = "; ".join(f"{column.name!r}, such as {column.examples(1)}" for column, _ in values[:5])
    counted = "one column" if len(values) == 1 else f"{len(values)} columns"
    return f"{counted} of numbers: {shown}"


# --- wide tables -----------------------------------------------------------------------------------------------------


def _wide(
    sample: Sample, wide: Across, origin: _Origin, config: Mapping[str, Any], evidence: Evidence
) -> dict[str, Any]:
    if question := contradiction([wide.values]):
        raise question
    form = number_form(wide.values, config)
    if form is None:
        raise Question(
            f"the cells under the times do not hold numbers: {wide.values.examples()}; give decimal and thousands, or "
            "layout: long",
            field="layout", choices=["long"],
        )  # fmt: skip
    values = settled([(wide.values, form)], origin.delimiter, evidence)
    _about_left_out(sample, wide, evidence)
    name = config.get("series_name") or ("" if wide.series else sample.region.title)
    return {
        "layout": "wide",
        "time": wide.time[0].name if len(wide.time) == 1 else [column.name for column in wide.time],
        "values": config.get("value_columns"),
        "series": [column.name for column in wide.series],
        "name": name if name and name != DEFAULT_SERIES else None,
        "decimal": None if values[0][1].decimal == "." else values[0][1].decimal,
        "thousands": values[0][1].thousands,
        "date_format": wide.form,
        "missing": _missing(values, config, evidence),
        "times": wide.times,
        "example": ", ".join(repr(cell_text(cell)) for cell in list(wide.header.times.values())[:2]),
    }


def _about_left_out(sample: Sample, wide: Across, evidence: Evidence) -> None:
    kept = {*(column.name for column in (*wide.time, *wide.series))}
    sums = []
    for at, column in enumerate(sample.columns):
        if at in wide.header.times or column.name in kept or not column.filled:
            continue
        if is_sum(column.name):
            sums.append(column.name)
        evidence.note(f"column {column.name!r} is left out: its header is no time")
    if sums:
        evidence.add("total rows", sums, 0.95, f"columns {', '.join(map(repr, sums))} sum up the others", "skip_totals")


def _spacing(times: list[int]) -> int | None:
    """Return the median distance between neighbouring times in µs, None when there are no two."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(set(times)))]
    return int(median(gaps)) if gaps else None
