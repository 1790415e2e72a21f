"""From an uploaded file and its configuration to the module that reads it: what is given wins, the rest is inferred."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from statistics import median
from typing import Any, BinaryIO

from slackwater.discover.columns import Column
from slackwater.discover.sample import Sample, take_sample
from slackwater.errors import BadSource
from slackwater.pipe.frames import Found
from slackwater.runtime.dates import infer_time_form, time_parser
from slackwater.runtime.numbers import NumberForm, infer_number_form, number_parser
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
class _Finding:
    """What the module will declare, and why."""

    origin: _Origin
    sample: Sample
    time: Column
    date_format: str | None
    values: list[tuple[Column, NumberForm]]
    period: int | None
    notes: list[str]


async def discover(run: Run) -> Found:
    """Return the module for the run's file, the spacing of its times, and a sentence for each finding.

    Raises BadSource, which names the field to give, when something needed cannot be told from the file.
    """
    config, file = run.orders.config, run.file()
    kind = file_kind(file)
    finding = _workbook(file, config) if kind in {"zip", "ole"} else _text(file, config)
    return Found(code=_module(finding, run.orders.file_name, config), period=finding.period, notes=finding.notes)


def _text(file: BinaryIO, config: Mapping[str, Any]) -> _Finding:
    if file_kind(file) != "text" or config.get("sheet_name") is not None:
        open_table(file, sheet=config.get("sheet_name"))  # says what is wrong
    encoding = config.get("encoding") or detect_encoding(file)
    origin = _Origin(
        encoding=encoding, delimiter=config.get("delimiter") or detect_delimiter(head_text(file, encoding))
    )
    table = open_table(file, delimiter=origin.delimiter, encoding=encoding)
    return _examined(take_sample(table, config.get("header_row")), origin, config)


def _workbook(file: BinaryIO, config: Mapping[str, Any]) -> _Finding:
    """Examine the sheet that is named, else the first that has times and values."""
    given = config.get("sheet_name")
    names = [given] if given is not None else open_workbook(file).sheet_names
    failures: dict[str, BadSource] = {}
    for name in names:
        file.seek(0)
        try:
            sample = take_sample(open_table(file, sheet=name), config.get("header_row"))
            return _examined(sample, _Origin(sheet=name), config)
        except BadSource as failure:
            failures[name] = failure
    if len(failures) == 1:
        raise next(iter(failures.values()))
    reasons = "; ".join(f"{name!r}: {failure}" for name, failure in list(failures.items())[:5])
    raise BadSource(f"no sheet has a column of times and a column of values; give sheet_name. {reasons}")


def _examined(sample: Sample, origin: _Origin, config: Mapping[str, Any]) -> _Finding:
    if len(sample.columns) < 2:
        raise BadSource(
            f"the file has only one column, {sample.names}; a time series needs a column of times and one of values "
            "(is delimiter or header_row what it should be?)"
        )
    if not sample.row_count:
        raise BadSource(f"there is no row of data after the column names in row {sample.header_row}; give header_row")
    notes = [f"{sample.row_count:,} rows, {origin}, columns named in row {sample.header_row}"]
    if sample.header_row == 0:
        notes = [f"{sample.row_count:,} rows, {origin}; no row of column names, so they are called {sample.names}"]
    time = _time_column(sample, config.get("time_column"))
    date_format = _date_format(time, config.get("date_format"))
    notes.append(
        f"times are in column {time.name!r}, written as {date_format or 'ISO 8601'}, such as {time.examples(1)}"
    )
    values = _value_columns(sample, time, config, origin, notes)
    times = [at for at in time_parser(date_format, UTC)(time.cells[: sample.consecutive]) if at is not None]
    _look_for_repeats(time, times, notes, given=config.get("time_column") is not None)
    return _Finding(origin, sample, time, date_format, values, _spacing(times), notes)


# --- the time --------------------------------------------------------------------------------------------------------


def _time_column(sample: Sample, given: str | None) -> Column:
    if given is not None:
        return _named(sample, given, "time_column")
    ranks = {column.name: column.time_rank for column in sample.columns}
    best = max(ranks.values())
    if not best:
        raise BadSource(
            f"no column holds times that can be recognised; give time_column and date_format. There are {sample.names}"
        )
    rivals = [column for column in sample.columns if ranks[column.name] == best]
    # Of two columns of times, the one that says when a row was written repeats itself.
    distinct = {column.name: len(set(map(str, column.filled))) for column in rivals}
    most = max(distinct.values())
    rivals = [column for column in rivals if distinct[column.name] * 2 > most]
    if len(rivals) > 1:
        named = " and ".join(f"{column.name!r} ({column.examples(2)})" for column in rivals[:4])
        raise BadSource(f"columns {named} could each be the time; give time_column")
    parts = [column for column in sample.columns if column.part_of_time and column is not rivals[0]]
    if rivals[0].time_form and rivals[0].time_form.form == "year" and parts:
        named = ", ".join(repr(column.name) for column in (rivals[0], *parts))
        raise BadSource(
            f"the time is spread over the columns {named}; give the file one column with the whole date, or "
            f"time_column {rivals[0].name!r} if the year is enough"
        )
    return rivals[0]


def _date_format(time: Column, given: str | None) -> str | None:
    """Return the form of the times for the module, None for ISO 8601."""
    if not time.filled:
        raise BadSource(f"time column {time.name!r} is empty; give another time_column")
    if given is not None:
        try:
            fitting = [at for at in time_parser(given, UTC)(time.filled) if at is not None]
        except ValueError as error:
            raise BadSource(f"date_format: {error}") from None
        if not fitting:
            raise BadSource(f"date_format {given!r} fits no value of column {time.name!r}, such as {time.examples()}")
        return given
    form = time.time_form or infer_time_form(time.filled, least=0.5)
    if form is None:
        raise BadSource(f"the times in column {time.name!r} are not understood: {time.examples()}; give date_format")
    if form.ambiguous:
        forms = " or ".join((form.form, *form.rivals))
        raise BadSource(
            f"the times in column {time.name!r} can be read as {forms}, and no value tells which: {time.examples()}; "
            "give date_format"
        )
    return None if form.form == "iso" else form.form


def _look_for_repeats(time: Column, times: list[int], notes: list[str], *, given: bool) -> None:
    """Refuse a table that has several rows for most of its times: only the last of them would be kept."""
    counts = Counter(times)
    if not times or len(counts) * 2 > len(times):
        return
    [(_, most)] = counts.most_common(1)
    found = f"column {time.name!r} repeats its times, up to {most} rows for one"
    if not given:
        raise BadSource(
            f"{found}; a series needs one row for each time. Give time_column another column, or {time.name!r} to keep "
            "the last row of each time"
        )
    notes.append(f"{found}: the last row of each time is what is kept")


def _spacing(times: list[int]) -> int | None:
    """Return the median distance between neighbouring times in µs, None when there are no two."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(set(times)))]
    return int(median(gaps)) if gaps else None


# --- the values ------------------------------------------------------------------------------------------------------


def _value_columns(
    sample: Sample, time: Column, config: Mapping[str, Any], origin: _Origin, notes: list[str]
) -> list[tuple[Column, NumberForm]]:
    given = config.get("value_columns")
    columns = [_named(sample, name, "value_columns") for name in given] if given else sample.columns
    chosen: dict[str, tuple[Column, NumberForm]] = {}
    for column in columns:
        form = _number_form(column, config, origin)
        if given and form is None and column.filled:
            raise BadSource(
                f"value column {column.name!r} does not hold numbers: {column.examples()}; give value_columns, or "
                "decimal and thousands"
            )
        if given:
            chosen[column.name] = column, form or NumberForm(config.get("decimal") or ".", config.get("thousands"))
        elif form is not None and column is not time and (why := _no_value(column)) is None:
            chosen[column.name] = column, form
        elif column is not time:
            notes.append(f"column {column.name!r} is left out: it {why if form else 'holds no numbers'}")
    if not chosen:
        raise BadSource(f"no column holds numbers over time; give value_columns. There are {sample.names}")
    for column, form in chosen.values():
        notes.append(_described(column, form))
    return list(chosen.values())


def _number_form(column: Column, config: Mapping[str, Any], origin: _Origin) -> NumberForm | None:
    decimal, thousands = config.get("decimal"), config.get("thousands")
    if decimal is None and thousands is None:
        form = column.number_form
        # In a file whose cells a comma divides, a quoted 1,234 is not a decimal number.
        if form and form.doubtful and form.decimal == "," == origin.delimiter:
            return NumberForm(".", ",", doubtful=True)
        return form
    if decimal is None:
        decimal = "." if thousands == "," else "," if thousands == "." else None
    forms = [NumberForm(mark, thousands) for mark in ([decimal] if decimal else [".", ","])]
    if thousands is None:
        inferred = infer_number_form(column.filled)
        if inferred and inferred.decimal == decimal:
            forms = [inferred]
    cells = column.filled
    misfits = {form: len(number_parser(form.decimal, form.thousands)(cells)[1]) for form in forms}
    best = min(forms, key=lambda form: misfits[form])
    return best if cells and misfits[best] * 5 <= len(cells) else None


def _no_value(column: Column) -> str | None:
    """Return why a column of numbers is no series, None when it is one."""
    if column.identifies:
        return "identifies rows"
    if column.part_of_time or column.time_rank > 1:
        return "holds times"
    return None


def _described(column: Column, form: NumberForm) -> str:
    marks = f"decimal {form.decimal!r}" + (f", thousands {form.thousands!r}" if form.thousands else "")
    doubt = "; the other reading of the mark is possible, give decimal if it is meant" if form.doubtful else ""
    return f"values are in column {column.name!r}, {marks}, such as {column.examples(1)}{doubt}"


def _named(sample: Sample, name: str, option: str) -> Column:
    column = sample.column(name)
    if column is None:
        raise BadSource(f"{option} {name!r} is not in the file; there are {sample.names}")
    return column


# --- the module ------------------------------------------------------------------------------------------------------


def _module(finding: _Finding, file_name: str, config: Mapping[str, Any]) -> str:
    """Return the source text of the module, short enough to be read and edited by a person."""
    sample, origin = finding.sample, finding.origin
    forms = {column.name: form for column, form in finding.values}
    arguments: dict[str, Any] = {
        "time": finding.time.name,
        "values": [column.name for column, _ in finding.values],
        "sheet": origin.sheet,
        "delimiter": origin.delimiter,
        "encoding": origin.encoding,
        "decimal": _marks({name: form.decimal for name, form in forms.items()}, "."),
        "thousands": _marks({name: form.thousands for name, form in forms.items()}, None),
        "date_format": finding.date_format,
        "timezone": config.get("timezone"),
        "header_row": None if sample.header_row == sample.first_filled else sample.header_row,
    }
    lines = [f"    {name}={_literal(value)},\n" for name, value in arguments.items() if value is not None]
    return (
        f"# Found in {_literal(file_name or 'the file')}: {sample.row_count:,} rows, {_literal(str(origin))[1:-1]};\n"
        f"# times such as {_literal(finding.time.examples(1))[1:-1]}.\n"
        "from slackwater import FileWrapper\n\n"
        f"wrapper = FileWrapper(\n{''.join(lines)})\n"
    )


def _marks(marks: Mapping[str, str | None], usual: str | None) -> Any:
    """Return one mark for all columns, or {column: mark} of those that are unusual; None when none is."""
    unusual = {name: mark for name, mark in marks.items() if mark != usual}
    if not unusual:
        return None
    return next(iter(unusual.values())) if len(set(marks.values())) == 1 else unusual


def _literal(value: str | int | Sequence[str] | Mapping[str, str]) -> str:
    """Return a value as Python text on one line, in double quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
