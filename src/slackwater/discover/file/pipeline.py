"""Discovers a file: configuration and sample → module; given fields win, others are inferred."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import Any, BinaryIO

from slackwater.discover.file.fill_down import filled
from slackwater.discover.file.long_layout import long_table
from slackwater.discover.file.module_text import module
from slackwater.discover.file.nameless_parts import with_parts
from slackwater.discover.file.sample import FileSample, Given, take_sample
from slackwater.discover.file.table_beside import without_table_beside
from slackwater.discover.file.wide_detection import across
from slackwater.discover.file.wide_layout import wide_table
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.plausibility import MOST_REJECTED
from slackwater.discover.inference.questions import knowing
from slackwater.errors import BadSource, Question
from slackwater.formats.cells import cell_text, is_year
from slackwater.formats.table.reader import (
    DELIMITER_NAMES,
    detect_delimiter,
    detect_encoding,
    file_kind,
    head_text,
    open_table,
    open_workbook,
)
from slackwater.formats.table.sheets import ALL, SHEET, joined_sheets, sheet_label, without_years
from slackwater.pipe.frames import Alternative, Found
from slackwater.runtime.source import Run

_SURE_OF_TABLE = frozenset({"date_format", "decimal", "last_row", "series_columns"})
"""Fields that are asked for only where there is a table: such a sheet is no cover and no notes."""


_MOST_ALIKE = 50  # sheets that may be one table; chosen: half a century of one a year, and each is read twice


@dataclass(frozen=True)
class _Origin:
    """Where the table is inside the file; None where the file has no such thing."""

    sheet: str | list[str] | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def __str__(self) -> str:
        if isinstance(self.sheet, list):
            return f"sheets {', '.join(map(repr, self.sheet))}"
        if self.sheet is not None:
            return f"sheet {self.sheet!r}"
        return f"{DELIMITER_NAMES.get(self.delimiter or '', repr(self.delimiter))}-separated {self.encoding}"


@dataclass(frozen=True)
class _Examined:
    """What the module will declare, and why."""

    origin: _Origin
    sample: FileSample
    arguments: dict[str, Any]
    example: str
    period: int | None
    evidence: Evidence = field(repr=False)


async def discover(run: Run) -> Found:
    """Return the module for the run's file, its period, and all findings.

    Raises Question or BadSource, which name the field to give, when something needed cannot be detected in the file.
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
        "encoding",
        encoding,
        1 if config.get("encoding") else 0.99 if encoding.startswith("utf") else 0.8,
        "given"
        if config.get("encoding")
        else "by its byte order mark, by which bytes it has, or by the words that they make",
        "encoding",
    )
    evidence.add(
        "delimiter",
        delimiter,
        1 if config.get("delimiter") else 0.95,
        "given" if config.get("delimiter") else "it cuts most rows into the same number of cells",
        "delimiter",
    )
    with knowing(evidence):
        table = open_table(file, delimiter=delimiter, encoding=encoding)
        return _examined(take_sample(table, _given(config)), _Origin(None, delimiter, encoding), config, evidence)


def _given(config: Mapping[str, Any]) -> Given:
    return Given(*(config.get(name) for name in ("header_row", "header_rows", "first_row", "last_row")))


def _workbook(file: BinaryIO, config: Mapping[str, Any]) -> _Examined:
    """Examine the sheet that is named, else the only one that has times and values."""
    given = config.get("sheet_name")
    names = [given] if given not in (None, ALL) else list(open_workbook(file).sheet_names)
    alike = _alike(file, names, config) if 1 < len(names) <= _MOST_ALIKE else {}
    together = _together(file, alike, names, config) if alike else None
    if together is not None and given == ALL:
        return together
    failures: dict[str, BadSource] = {}
    good: dict[str, _Examined] = {}
    for name in names if together is None else [name for name in names if name not in alike]:
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
    if together is not None:
        if not good and not asked:
            return together
        raise _other_tables(list(alike), [*good, *asked])
    if len(good) + len(asked) > 1:
        raise Question(
            f"{len(good) + len(asked)} sheets have a table of times and values: "
            f"{', '.join(map(repr, [*good, *asked]))}; give sheet_name",
            field="sheet_name",
            choices=[*good, *asked],
            alternatives=[{"sheet_name": name} for name in (*([ALL] if alike else []), *good, *asked)],
        )
    if asked or (len(failures) == 1 and not good):
        raise failures[asked[0]] if asked else next(iter(failures.values()))
    if not good:
        reasons = "; ".join(f"{name!r}: {failure}" for name, failure in list(failures.items())[:5])
        raise Question(
            f"no sheet has a column of times and a column of values; give sheet_name. {reasons}", field="sheet_name"
        )
    [(name, found)] = good.items()
    found.evidence.add(
        "sheet",
        name,
        1 if given is not None else 0.95,
        "given" if given is not None else "the only one with a table",
        "sheet_name",
        [Alternative(value=other, reason=str(why)[:200]) for other, why in list(failures.items())[:5]],
    )
    return found


def _other_tables(alike: Sequence[str], others: Sequence[str]) -> Question:
    return Question(
        f"sheets {', '.join(map(repr, alike))} have the same columns, and sheets {', '.join(map(repr, others))} have "
        "other tables; give sheet_name",
        field="sheet_name",
        alternatives=[{"sheet_name": name} for name in (ALL, *others)],
    )


def _alike(file: BinaryIO, names: Sequence[str], config: Mapping[str, Any]) -> dict[str, str]:
    """Return the sheets with the same columns, and what stands above them."""
    found: dict[tuple[object, ...], dict[str, str]] = {}
    for name in names:
        file.seek(0)
        try:
            sample = take_sample(open_table(file, sheet=name), _given(config))
        except BadSource:
            continue
        place = sample.region
        if place.header_row and sample.row_count and sample.sections is None and len(sample.columns) > 1:
            key = (place.header_row, place.header_rows, place.first_row, sample.names)
            above = " ".join(" ".join(map(cell_text, row)) for row in sample.head[: place.header_row - 1])
            found.setdefault(key, {})[name] = above
    several = [alike for alike in found.values() if len(alike) > 1]
    return several[0] if len(several) == 1 else {}


def _are_years(alike: Mapping[str, str]) -> bool:
    """Check whether sheets, with what stands above them, are the same but for their year."""
    labels = list(map(sheet_label, alike))
    if not all(map(is_year, labels)) or len(set(labels)) < len(alike):
        return False
    return len(set(map(without_years, alike))) == len(set(map(without_years, alike.values()))) == 1


def _together(
    file: BinaryIO, alike: Mapping[str, str], sheets: Sequence[str], config: Mapping[str, Any]
) -> _Examined | None:
    """Return what sheets with the same columns hold together.

    None where nothing tells that they belong together: they are not one a year, or each has the same times. Question
    where the sheet of another year has other columns.
    """
    asked_for = config.get("sheet_name") == ALL
    names = list(alike)
    labels = list(map(sheet_label, names))
    if not asked_for and not _are_years(alike):
        return None
    further = [name for name in sheets if name not in alike and is_year(sheet_label(name))]
    further = [name for name in further if without_years(name) == without_years(names[0])]
    if further and not asked_for:
        raise _other_tables(names, further)
    file.seek(0)
    place = take_sample(open_table(file, sheet=names[0]), _given(config)).region
    given = Given(place.header_row, place.header_rows, place.first_row)
    table = joined_sheets(
        lambda name: open_table(file, sheet=name), names, place.header_row, place.header_rows, place.first_row
    )
    evidence = Evidence()
    try:
        with knowing(evidence):
            sample = take_sample(table, given)
            if all(map(is_year, labels)):
                sample = replace(sample, columns=[replace(sample.columns[0], said="year"), *sample.columns[1:]])
            found = _examined(sample, _Origin(sheet=names), config, evidence)
    except BadSource as failure:
        if asked_for or failure.field == "time_columns":
            raise
        return None
    if not asked_for and sample.columns[0].name in found.arguments["series"]:
        return None
    listed = ", ".join(map(repr, names))
    reason = f"sheets {listed} have the same columns; column {SHEET!r} says from which of them a row is"
    others = [Alternative(value=name, reason="one of them alone") for name in names[:5]]
    evidence.add("sheet", ALL, 1 if asked_for else 0.9, reason, "sheet_name", others)
    return found


def _examined(sample: FileSample, origin: _Origin, config: Mapping[str, Any], evidence: Evidence) -> _Examined:
    if len(sample.columns) < 2:
        raise BadSource(
            f"the file has only one column, {sample.names}; a time series needs a column of times and one of values "
            "(is delimiter or header_row what it should be?)",
            field="delimiter",
        )
    if not sample.row_count:
        raise BadSource(
            f"there is no row of data after the column names in row {sample.region.header_row}; give header_row",
            field="header_row",
        )
    _about_rows(sample, origin, config, evidence)
    if config.get("missing_values"):
        sample = sample.without(config["missing_values"])
    sample = replace(sample, columns=with_parts(sample.columns, sample.above))
    sample = without_table_beside(sample, config, evidence)
    if sample.sections is not None:
        reason = (
            f"rows of column {sample.sections!r} are the section of those below them, which have it in column "
            f"{sample.columns[-1].name!r}; numbers beside a section are sums, and left out"
        )
        evidence.add("layout", f"sections in {sample.sections}", 0.9, reason, "time_columns")
    sample, gaps = filled(sample, config, evidence)
    wide = across(sample, config, evidence)
    delimiter = origin.delimiter
    units: dict[str, str] = {}
    if not wide:
        sample, units = sample.without_units(config.get("value_columns") or ())
        wide = across(sample, config, evidence) if units else None
        if wide:
            _refuse_several(units, [sample.columns[place].name for place in wide.header.times])
        for name, unit in units.items():
            evidence.note(f"column {name!r} has the unit {unit!r} behind its numbers")
    arguments = (
        wide_table(sample, wide, delimiter, config, evidence)
        if wide
        else long_table(sample, delimiter, config, evidence)
    )
    if sample.sections is not None and not _uses_sections(arguments, sample):
        _refuse_unused_sections(sample, config)
    times = arguments.pop("times")
    region = sample.region
    below = region.header_row + region.header_rows if region.header_row else 1
    place = {
        "sheet": origin.sheet,
        "delimiter": origin.delimiter,
        "encoding": origin.encoding,
        "timezone": config.get("timezone") or arguments.pop("timezone", None),
        "header_row": None if region.header_row == sample.first_filled else region.header_row,
        "header_rows": region.header_rows if region.header_rows > 1 else None,
        "first_row": None if region.first_row == below else region.first_row,
        "last_row": region.last_row,
        "fill_down": gaps,
        "sections": sample.sections if _uses_sections(arguments, sample) else None,
        "units": {name: unit for name, unit in units.items() if wide or name in arguments["values"]},
        "skip_totals": None if config.get("skip_totals") is not False else False,
    }
    example = arguments.pop("example")
    return _Examined(origin, sample, arguments | place, example, _spacing(times), evidence)


def _uses_sections(arguments: Mapping[str, Any], sample: FileSample) -> bool:
    time = arguments["time"]
    named = {*([time] if isinstance(time, str) else time), *arguments["series"]}
    return sample.sections is not None and sample.columns[-1].name in named


def _refuse_unused_sections(sample: FileSample, config: Mapping[str, Any]) -> None:
    """Raise a Question for sections that no time needs, as none comes again."""
    if config.get("series_columns") is not None:
        return
    column = sample.columns[-1]
    raise Question(
        f"rows such as {column.examples()} stand alone in column {sample.sections!r}, and no time comes again below "
        "them: they may be sections or remarks. Give series_columns with 'section' if each is a series, [] for remarks",
        field="series_columns",
        alternatives=[{"series_columns": [column.name]}, {"series_columns": []}],
    )


def _refuse_several(units: Mapping[str, str], names: Sequence[str]) -> None:
    """Raise BadSource where not one unit stands behind the numbers below all times."""
    found = {units.get(name) for name in names}
    if len(found) > 1:
        listed = ", ".join(repr(unit) for unit in sorted(filter(None, found)))
        raise BadSource(
            f"the numbers below the times have the units {listed} behind them, or none, and not all the same; write "
            "the unit into a column of its own",
            field="layout",
        )


def _about_rows(sample: FileSample, origin: _Origin, config: Mapping[str, Any], evidence: Evidence) -> None:
    region = sample.region
    if region.another is not None:
        raise Question(
            f"another table begins at row {region.another}, below the first one; give last_row, {region.another - 1} "
            f"for the one above, or header_row, {region.another} for the one below",
            field="last_row",
            alternatives=[{"last_row": region.another - 1}, {"header_row": region.another}],
        )
    _refuse_longer(sample, origin, config)
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


def _refuse_longer(sample: FileSample, origin: _Origin, config: Mapping[str, Any]) -> None:
    """Raise a Question if over a tenth of the rows exceed the columns.

    Nobody knows which cells belong where.
    """
    rows, longer = len(sample.columns[0].cells), sample.longer
    if config.get("delimiter") or len(longer) <= MOST_REJECTED * rows:
        return
    mark = DELIMITER_NAMES.get(origin.delimiter or "", "cell")
    raise Question(
        f"{len(longer):,} of {rows:,} sampled rows have more cells than the {len(sample.columns)} columns, such as "
        f"{' '.join(map(cell_text, longer[0]))[:80]!r}: a {mark} in a number or a text needs quotation marks around "
        "it. Correct the file, or give header_row, or delimiter to do without these rows",
        field="delimiter",
        alternatives=[{"delimiter": origin.delimiter}] if origin.delimiter else [],
    )


def _spacing(times: list[int]) -> int | None:
    """Return the median distance between neighbouring times in µs, None when there are no two."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(set(times)))]
    return int(median(gaps)) if gaps else None
