"""Detects wide tables: times in the headers, and the columns before them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.numbered_headers import refuse_numbered_days, refuse_numbered_months
from slackwater.discover.file.sample import FileSample
from slackwater.discover.file.series_columns import dimensions
from slackwater.discover.file.time_columns import named
from slackwater.discover.file.time_writing import checked_form, decided
from slackwater.discover.inference.calendars import refuse_other_calendars
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.plausibility import FILE
from slackwater.errors import BadSource, Question
from slackwater.formats.annotations import bare_time, is_nothing, lenient_times
from slackwater.formats.cells import cell_text, is_sum, time_part
from slackwater.formats.month_names import month_number
from slackwater.formats.periods import is_span
from slackwater.formats.repeated_hour import ELSEWHERE
from slackwater.formats.table.headers import TimeHeader, divided_header, in_headers, joined, time_header
from slackwater.formats.timestamp_inference import (
    TimeForm,
    in_a_language,
    in_its_century,
    infer_time_form,
    numbered_times,
    season_form,
    years_with_letters,
)
from slackwater.formats.timestamps import time_parser

_LACKING = {
    "year": frozenset({"week", "day"}),
    "month": frozenset({"day"}),
    "full": frozenset({"clock", "hour", "day"}),
}
"""Kind of times across → the parts that complete them."""
_PARTS_OF_YEAR = frozenset({"month", "quarter", "half"})


@dataclass(frozen=True)
class Across:
    """A wide table: its columns in `header`, and the column completing their `time`."""

    header: TimeHeader
    time: list[Column]
    series: list[Column]
    values: Column  # the cells under all the times, as if they were one column
    form: str | None
    times: list[int]  # µs
    elsewhere: list[int]  # the same times, read in another zone
    rows: int  # in the sample


def across(sample: FileSample, config: Mapping[str, Any], evidence: Evidence) -> Across | None:
    """Return the wide table in a sample, None if long; Question if unclear."""
    layout, date_format = config.get("layout"), config.get("date_format")
    if layout == "long":
        evidence.add("layout", "long", 1, "given", "layout")
        return None
    if layout is None and date_format is None:
        refuse_numbered_days(sample)
    given = config.get("time_columns") or ([config["time_column"]] if config.get("time_column") else [])
    header = time_header(sample.levels, _understood(date_format, len(given)))
    if date_format is None:
        header = _of_all(header, sample)
        if header is not None and not config.get("value_columns"):
            _refuse_times_among_words(header, sample)
    if header is not None:
        header = _with_values(header, sample)
    if header is None:
        if layout == "wide":
            raise BadSource(
                f"layout is wide, but no two columns have a time in their header; there are {sample.names}",
                field="layout",
            )
        refuse_numbered_months(sample)
        return None
    time = _rest(header, sample, config)
    if time is None:
        if layout == "wide":
            raise Question(
                f"the headers name a {header.kinds[0]} without its year, and no column has the year; give time_column",
                field="time_column",
            )
        return None
    again = [column.cells for column in time]  # the year may stand on both sides
    others = [column for column in _others(sample, header, time) if column.cells not in again]
    whole = [column for column in others if column.time_rank > 1 and _varies(column)]
    if whole and layout != "wide" and header.among_words:
        return None  # `Capacity 2015` and `Capacity 2020` are series of the times in the rows
    if whole and layout != "wide":
        raise Question(
            f"column {whole[0].name!r} has times, and so have the headers {_headers(header)}; give layout: long "
            "if the rows are over time, wide if the headers are",
            field="layout",
            choices=["long", "wide"],
        )
    _refuse_other_years(header, time, config)
    _refuse_same_times(header, sample, config)
    _refuse_parts_down(header, _others(sample, header, time), config)
    evidence.add(
        "layout",
        "wide",
        1 if layout else 0.95,
        f"{len(header.times)} headers are times, such as {_headers(header)}",
        "layout",
    )
    return _read(sample, header, time, config, evidence)


def _refuse_other_years(header: TimeHeader, time: Sequence[Column], config: Mapping[str, Any]) -> None:
    """Raise a Question for months across that end in another year."""
    if header.kinds != ("month",) or not time or config.get("date_format") or config.get("layout"):
        return
    months = [month_number(cell_text(cell)) for cell in header.times.values()]
    known = [month for month in months if month]
    if len(known) < len(months) or sum(later < earlier for earlier, later in pairwise(known)) != 1:
        return
    if known[0] <= known[-1]:
        return
    raise Question(
        f"the months across begin with {_headers(header)} and end in another year: nothing tells to which of "
        f"the two column {time[0].name!r} belongs. Give layout: wide if all months are of the year in their row, long "
        "for series, or put the months of each calendar year into one row",
        field="layout",
        choices=["wide", "long"],
    )


def _refuse_same_times(header: TimeHeader, sample: FileSample, config: Mapping[str, Any]) -> None:
    """Raise a Question for columns of one time that nothing tells apart."""
    alike: dict[tuple[str, str], list[str]] = {}
    for at, cell in header.times.items():
        alike.setdefault((cell_text(cell), header.labels[at]), []).append(sample.columns[at].name)
    most = max(map(len, alike.values()))
    if most == 1 or config.get("value_columns") or config.get("layout") == "long":
        return
    twice = next(names for names in alike.values() if len(names) > 1)
    raise Question(
        f"columns {' and '.join(map(repr, twice[:4]))} have the same time in their headers, and nothing tells their "
        "series apart; give value_columns with the columns to read, one for each time",
        field="value_columns",
        alternatives=[
            {"value_columns": [names[min(n, len(names) - 1)] for names in alike.values()]} for n in range(most)
        ],
    )


def _refuse_parts_down(header: TimeHeader, others: Sequence[Column], config: Mapping[str, Any]) -> None:
    """Raise a Question where rows are named by parts of the time that headers lack."""
    if any(config.get(name) for name in ("time_column", "time_columns", "series_columns", "date_format")):
        return
    lacking = _LACKING.get(header.kinds[0], frozenset())
    cells = list(header.times.values())
    down = next((column for column in others if column.part in lacking and _varies(column)), None)
    if down is None or any(":" in cell_text(cell) for cell in cells):
        return
    known = infer_time_form(cells)
    forms = ["%Y-%m-%d" if known.form == "iso" else known.form, *known.rivals] if known else [""]
    months = forms[0] == "%Y-%m-%d" and all(len(cell_text(cell)) == len("2024-01") for cell in cells)
    before = {"clock": "%H:%M ", "hour": "%H "}.get(str(down.part))
    whole = "week" if down.part == "week" else "%d %Y-%m" if months else "day"
    forms = [f"{before}{form}" for form in forms] if before else [whole]
    raise Question(
        f"the rows are named by the {down.part} in column {down.name!r}, and the headers are {_headers(header)}: "
        "together they may be the times. Give time_columns with date_format, or series_columns if they are series",
        field="time_columns",
        alternatives=[
            *({"layout": "wide", "time_columns": [down.name], "date_format": form} for form in forms),
            {"layout": "wide", "series_columns": [down.name]},
        ],
    )


def _of_all(header: TimeHeader | None, sample: FileSample) -> TimeHeader | None:
    """Return the times above all columns of numbers, in the language of all together.

    Question where a header is written as times beside it are, and is none: its numbers would be missing.
    """
    of_numbers = [at for at, column in enumerate(sample.columns) if _mostly_numbers(column)]
    known = set(header.times) if header else set()
    for level in sample.levels:
        cells = [bare_time(level[at]) for at in of_numbers if cell_text(level[at]) and not is_sum(level[at])]
        missed = len(cells) > 1 and len(known) < len(cells)
        form = _form_of_headers(cells) if missed else None
        if form is None:
            continue
        found = time_header(sample.levels, _understood(form.form))
        if found is not None and known < set(found.times):
            header, known = found, set(found.times)
    written = {_shape(sample.columns[at].name) for at in known} - {""}
    if odd := [at for at in _without_times(sample, known) if _shape(sample.columns[at].name) in written]:
        name = sample.columns[odd[0]].name
        raise Question(
            f"the header {name!r} is written as the times beside it are, and is not understood: its numbers would be "
            "missing. Correct the headers, or give date_format",
            field="date_format",
        )
    return header


def _refuse_times_among_words(header: TimeHeader, sample: FileSample) -> None:
    """Raise a Question for numbers below a further time with words: `Plan 2025`."""
    told = {cell_text(cell) for cell in header.times.values()}
    beside = {cell_text(divided_header(level[at])[0]) for level in sample.levels for at in header.times} | {""}
    for at in _without_times(sample, header.times):
        words, time = next((each for level in sample.levels if (each := divided_header(level[at]))[1]), ("", None))
        if time is None or (time_part(time),) != header.kinds or cell_text(bare_time(time)) in told:
            continue
        if is_span(time) and cell_text(words) in beside:  # the sum of months
            continue
        names = [sample.columns[place].name for place in header.times]
        raise Question(
            f"the header {sample.columns[at].name!r} has {cell_text(words)!r} beside a time that no other header has: "
            "its numbers may be of the series or not. Give layout: wide and value_columns with the columns to read",
            field="value_columns",
            alternatives=[{"layout": "wide", "value_columns": names}],
        )


def _form_of_headers(cells: Sequence[object]) -> TimeForm | None:
    """Return the form of headers that are times; numbers have to run on."""
    form = infer_time_form(cells)
    if form is not None and form.numeric:
        return numbered_times(cells)
    return form or years_with_letters(list(map(cell_text, cells)))


def _without_times(sample: FileSample, known: Collection[int]) -> list[int]:
    """Return the places of columns of numbers without a time, but of sums."""
    return [
        at
        for at, column in enumerate(sample.columns)
        if at not in known and _mostly_numbers(column) and not any(is_sum(level[at]) for level in sample.levels)
    ]


def _mostly_numbers(column: Column) -> bool:
    return column.number_count * 2 > len(column.filled)


def _shape(name: str) -> str:
    """Return the shape of a header: 9 for a digit, a for a word."""
    shape = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", name.strip()))
    return shape if "a" in shape and "99" in shape else ""


def _understood(date_format: str | None, columns: int = 0) -> Any:
    if date_format is None:
        return None
    try:
        parse = lenient_times(time_parser(date_format, UTC))
    except ValueError as error:
        raise BadSource(f"date_format: {error}", field="date_format") from None
    return in_headers(date_format, parse, columns)


def _with_values(header: TimeHeader, sample: FileSample) -> TimeHeader | None:
    """Keep the columns that have numbers under their times, if there are two or more.

    Words among the numbers of most of them are no reason to leave a column out: they are told, or asked about.
    """
    cells = {at: sample.columns[at].filled for at in header.times if at < len(sample.columns)}
    numbers = {at: sample.columns[at].number_count for at in cells}
    mostly = sum(numbers.values()) * 2 >= sum(map(len, cells.values()))
    times = {at: header.times[at] for at, each in cells.items() if mostly or numbers[at] >= 0.8 * len(each)}
    return replace(header, times=times) if len(times) > 1 else None


def _rest(header: TimeHeader, sample: FileSample, config: Mapping[str, Any]) -> list[Column] | None:
    """Return the columns completing the headers' times, [] if complete, None if impossible."""
    given = config.get("time_columns") or ([config["time_column"]] if config.get("time_column") else None)
    if given:
        return [named(sample, name, "time_column") for name in given]
    others = [column for at, column in enumerate(sample.columns) if at not in header.times]
    kinds = set(header.kinds)
    if kinds <= _PARTS_OF_YEAR:
        years = [column for column in others if column.time_form and column.time_form.form == "year"]
        alike = [year for year in years if year.cells == years[0].cells]  # said again behind the months
        return years[:1] if years and len(alike) == len(years) else None
    if kinds == {"clock"}:
        days = [column for column in others if column.time_rank > 1 and column.part is None]
        return days if len(days) == 1 else None
    if kinds == {"year"}:
        parts = [column for column in others if column.part in _PARTS_OF_YEAR and not _empty(column)]
        return parts[:1]
    return []


def _others(sample: FileSample, header: TimeHeader, time: Sequence[Column]) -> list[Column]:
    return [column for at, column in enumerate(sample.columns) if at not in header.times and column not in time]


def _empty(column: Column) -> bool:
    return not column.filled


def _varies(column: Column) -> bool:
    return len(set(map(cell_text, column.filled))) > 1


def _headers(header: TimeHeader) -> str:
    return ", ".join(repr(cell_text(cell)) for cell in list(header.times.values())[:3])


def _read(
    sample: FileSample, header: TimeHeader, time: list[Column], config: Mapping[str, Any], evidence: Evidence
) -> Across:
    rows = len(sample.columns[0].cells)
    rest = [[bare_time(cell) for cell in cells] for cells in zip(*(c.cells for c in time), strict=True)] or [[]] * rows
    kept = [at for at, cells in enumerate(rest) if not any(map(is_sum, cells))]
    # Each combination of a row's part and a header's once.
    first = list(dict.fromkeys(tuple(map(cell_text, rest[at])) for at in kept if all(map(cell_text, rest[at]))))[:500]
    cells = [joined([*part, cell]) for part in (first or [()]) for cell in header.times.values()]
    name = " ".join(column.name for column in time) or "headers"
    if config.get("date_format"):
        form: str | None = checked_form(config["date_format"], cells, name)
    else:
        found = _form(header, time, cells)
        if found is None and (season := season_form(cells)):
            raise Question(
                f"the headers are seasons or fiscal years, {_headers(header)}, and nothing tells on which day they "
                f"begin; give date_format: {season} to have each stand on the first day of its first year",
                field="date_format",
                alternatives=[{"layout": "wide", "date_format": season}],
            )
        form = decided(found, cells, name)
    evidence.add(
        "time",
        [column.name for column in time] or "headers",
        0.95,
        "the times are in the headers" + (f", the rest of them in {name!r}" if time else ""),
        "time_columns",
    )
    evidence.add("dates", form or "iso", 0.95, f"such as {cell_text(cells[0])!r}", "date_format")
    known = [at for at in lenient_times(time_parser(form, UTC))(cells) if at is not None]
    if not config.get("date_format"):
        refuse_other_calendars(known, repr(name), form, FILE)
    return Across(
        header=header,
        time=time,
        series=_series(sample, header, time, kept, config, evidence),
        values=Column("values", [sample.columns[at].cells[row] for at in header.times for row in kept]),
        form=form,
        times=sorted(set(known)),
        elsewhere=sorted({at for at in lenient_times(time_parser(form, ELSEWHERE))(cells) if at is not None}),
        rows=rows,
    )


def _form(header: TimeHeader, time: Sequence[Column], cells: Sequence[object]) -> TimeForm | None:
    kinds = {*header.kinds, *(column.part or "" for column in time)}
    for part in ("quarter", "half", "month"):
        if part in kinds:
            numeric = any(column.part == part and column.number_form for column in time)
            found = TimeForm("%m %Y") if part == "month" and numeric else in_a_language(part, cells)
            return found if found.ambiguous else in_its_century(found, cells)
    return infer_time_form(cells, least=0.9) or years_with_letters(list(map(cell_text, cells)))


def _series(
    sample: FileSample,
    header: TimeHeader,
    time: list[Column],
    kept: Sequence[int],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> list[Column]:
    if config.get("series_columns"):
        evidence.add("series", list(config["series_columns"]), 1, "given", "series_columns")
        return [named(sample, name, "series_columns") for name in config["series_columns"]]
    filled = [at for at in kept if any(not is_nothing(sample.columns[place].cells[at]) for place in header.times)]
    candidates = [
        Column(column.name, [column.cells[at] for at in filled])
        for column in _others(sample, header, time)
        if column.filled and (column.number_form is None or column.identifies)
    ]
    rows = [tuple(cell_text(column.cells[at]) for column in time) for at in filled]
    chosen = dimensions(candidates, rows)
    if chosen is None or (not chosen and len(set(rows)) < len(rows)):
        raise Question(
            "several rows would be one series, and no columns of text tell them apart; give series_columns. There are "
            f"{sample.names}",
            field="series_columns",
        )
    if not chosen and not time:
        chosen = candidates[:1]
    names = [column.name for column in chosen]
    evidence.add(
        "series", names, 0.9, "as few columns as tell the rows apart" if names else "one series", "series_columns"
    )
    return [column for column in sample.columns if column.name in names]
