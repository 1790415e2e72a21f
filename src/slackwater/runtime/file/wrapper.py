"""Defines FileWrapper: declares an uploaded file and reads it row by row."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from itertools import islice
from typing import Any, Literal

from slackwater.errors import BadSource
from slackwater.formats.annotations import lenient_numbers, lenient_times, without_notes
from slackwater.formats.numbers import Numbers, number_parser
from slackwater.formats.quantities import without_unit
from slackwater.formats.repeated_hour import RepeatedHour
from slackwater.formats.table.body import chained, filled_down, split_header
from slackwater.formats.table.headers import Level, header_levels, header_names, in_headers, time_header
from slackwater.formats.table.reader import Row, Table, open_table
from slackwater.formats.table.sections import title_above, under_sections, with_section_name
from slackwater.formats.table.sheets import joined_sheets
from slackwater.formats.timestamps import Times, time_parser
from slackwater.model.checkpoint import Interval
from slackwater.model.points import DEFAULT_SERIES, Rejected
from slackwater.model.time_zones import zone
from slackwater.runtime.file.long_table import LongTable
from slackwater.runtime.file.wide_table import WideTable
from slackwater.runtime.source import PageRead, Reach, Run

SAMPLE = 1_000  # rows that the value columns are chosen from when none are declared

Marks = str | Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class FileWrapper:
    """A CSV, XLSX or XLS file with one series per value column, named by header.

    `time` and `values` are column names; `values` None means every other column of numbers. A time that is spread over
    several columns (year and month, date and hour) is a list of them, and `date_format` that of their cells with a
    blank between. `series` are the columns whose cells name the series of their row. `decimal` and `thousands` are one
    mark for all value columns or {column: mark}; a point and none unless declared.

    `date_format` is a strptime format, `year`, `month`, `quarter`, `half`, `week`, `day`, `epoch_s`, `epoch_ms`,
    `epoch_us` or `excel`; None means ISO 8601, years, or cells that are dates already. `timezone` is that of times that
    do not name their own. `sheet`, `delimiter` and `encoding` are detected from the file when None; several sheets with
    the same columns are one table, with a further column `sheet`.

    `header_row` is the first row of the column names, 1 being the first of the file, 0 for a file without; None takes
    the first that is not blank. `header_rows` says how many there are; their labels are joined. Data begins below them,
    or at `first_row`, and ends with the file, or with `last_row`. `layout` `wide` is a table with times in its headers:
    `time` is then the column with the rest of them, if there is one, and `name` the series that no column names.
    `fill_down` are columns whose blank cells mean what stands above them. `sections` is the column in which rows stand
    that are the section of those below them, such as a year above its months; all rows have theirs in a further column
    called `section`. `missing` are words, or numbers, that stand for no value, beside the usual ones, in all columns or
    {column: words}; `units` is {column: unit} of what stands behind its numbers. Rows whose time is a word such as
    Total are left out, unless `skip_totals` is False.
    """

    time: str | Sequence[str] = ()
    values: Sequence[str] | None = None
    series: Sequence[str] = ()
    layout: Literal["long", "wide"] = "long"
    name: str = DEFAULT_SERIES
    sheet: str | Sequence[str] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: Marks = None
    thousands: Marks = None
    date_format: str | None = None
    timezone: str = "UTC"
    header_row: int | None = None
    header_rows: int = 1
    first_row: int | None = None
    last_row: int | None = None
    fill_down: Sequence[str] = ()
    sections: str | None = None
    missing: Sequence[str] | Mapping[str, Sequence[str]] = ()
    skip_totals: bool = True
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        time_parser(self.date_format, UTC)
        zone(self.timezone)
        if self.values is not None and not self.values:
            raise ValueError("values must name at least one column")
        if self.layout not in {"long", "wide"}:
            raise ValueError(f"layout {self.layout!r} is neither long nor wide")
        if self.layout == "long" and not self._time:
            raise ValueError("time must name a column")
        if self.header_rows < 1:
            raise ValueError("header_rows must be 1 at least; a file without names has header_row=0")

    @property
    def declared(self) -> bool:
        """Whether it is a declaration, as opposed to a class with code of its own."""
        return True

    @property
    def reach(self) -> Reach:
        """A file cannot be asked for a time range."""
        return Reach.WHOLE

    @property
    def overstep(self) -> int:
        """A file is never asked for less than all."""
        return 0

    async def pages(self, window: Interval, token: Any, run: Run) -> AsyncIterator[PageRead]:
        """Yield the file's pages in order; `token` counts the data rows already stored.

        Raises BadSource when the file does not have the columns, or not one of its rows can be read.
        """
        table = self._table(run)
        layout, rows = self.open(table)
        stored = run.checkpoint.page.points if run.checkpoint.page else 0
        done = token if isinstance(token, int) and token > 0 else 0
        total = max(min(table.total, self.last_row or table.total) - layout.first_row + 1, 0)
        next(islice(rows, done, done), None)
        first_reject: Rejected | None = None
        ahead = list(islice(rows, 1))
        while True:
            page, ahead = layout.page(ahead, rows, done)
            done += page.rows
            stored += sum(len(times) for times, _ in page.columns.values())
            first_reject = first_reject or next(iter(page.rejected), None)
            if page.last and first_reject and not stored:
                where, why = first_reject.where, first_reject.reason
                raise BadSource(f"not one of the {done:,} rows can be read; {where}: {why}")
            yield page
            await run.progress(done, done if page.last else max(done, total))
            if page.last:
                return

    def _table(self, run: Run) -> Table:
        if self.sheet is None or isinstance(self.sheet, str):
            return open_table(run.file(), sheet=self.sheet, delimiter=self.delimiter, encoding=self.encoding)
        return joined_sheets(
            lambda name: open_table(run.file(), sheet=name),
            self.sheet,
            self.header_row,
            self.header_rows,
            self.first_row,
        )

    def open(self, table: Table) -> tuple[LongTable | WideTable, Iterator[Row]]:
        """Find the declared columns; return where they are, and the rows of data."""
        header, below, rows, above = split_header(table, self.header_row, self.header_rows, self.first_row)
        width = max(map(len, header))
        header = header if self.sections is None else with_section_name(header)
        levels = header_levels(header)
        names = header_names(levels)
        place = {name: index for index, name in enumerate(names)}

        def find(name: str, role: str) -> int:
            name = name if name in place else without_notes(name)
            if name not in place:
                raise BadSource(f"the file has no {role} column {name!r}; it has {', '.join(map(repr, names))}")
            return place[name]

        first_row = max(self.first_row or below, below)
        rows = islice(rows, first_row - below, None if self.last_row is None else max(0, self.last_row - below + 1))
        if self.sections is not None:
            rows = under_sections(rows, find(self.sections, "sections"), width, title_above([above]))
        if self.fill_down:
            rows = filled_down(rows, [find(name, "fill_down") for name in self.fill_down])
        time = [find(name, "time") for name in self._time]
        series = [find(name, "series") for name in self.series]
        parse = lenient_times(time_parser(self.date_format, zone(self.timezone)))
        if self.layout == "wide":
            return self._wide(levels, names, first_row, time, series, parse), rows
        if self.values is None:
            sample = list(islice(rows, SAMPLE))
            rows = chained(sample, rows)
            taken = {*time, *series}
            chosen = [at for at in range(len(names)) if at not in taken and self._numeric(names, at, sample)]
            if not chosen:
                raise BadSource(f"the file has no column of numbers besides {self.time!r}; give values")
        else:
            chosen = [find(name, "value") for name in self.values]
        return LongTable(
            names=names,
            first_row=first_row,
            time=time,
            date_format=self.date_format or "ISO 8601",
            parse_times=parse,
            values={names[index]: (index, self._numbers(names[index])) for index in chosen},
            series=series,
            skip_totals=self.skip_totals,
            repeated_hour=None if self.timezone == "UTC" else RepeatedHour(zone(self.timezone), self.date_format),
        ), rows

    def _wide(
        self, levels: list[Level], names: list[str], first_row: int, time: list[int], series: list[int], parse: Times
    ) -> WideTable:
        header = time_header(levels, in_headers(self.date_format, parse, len(time)))
        wanted = None if self.values is None else set(self.values)
        times = {
            at: cell
            for at, cell in (header.times if header else {}).items()
            if at not in {*time, *series} and (wanted is None or names[at] in wanted)
        }
        if header is None or not times:
            raise BadSource(f"no two columns have a time in their header; there are {', '.join(map(repr, names))}")
        return WideTable(
            names=names,
            first_row=first_row,
            times=times,
            labels=header.labels,
            time=time,
            date_format=self.date_format or "ISO 8601",
            parse_times=parse,
            numbers=self._numbers(names[next(iter(times))]),
            series=series,
            name=self.name,
            skip_totals=self.skip_totals,
        )

    @property
    def _time(self) -> list[str]:
        return [self.time] if isinstance(self.time, str) else list(self.time)

    def _numbers(self, column: str) -> Numbers:
        parse = number_parser(_mark(self.decimal, column) or ".", _mark(self.thousands, column))
        missing = self.missing.get(column, ()) if isinstance(self.missing, Mapping) else self.missing
        numbers = lenient_numbers(parse, missing)
        unit = self.units.get(column)
        return numbers if unit is None else lambda cells: numbers([without_unit(cell, unit) for cell in cells])

    def _numeric(self, names: list[str], index: int, sample: list[Row]) -> bool:
        cells = [row[index] if index < len(row) else None for row in sample]
        parsed, wrong = self._numbers(names[index])(cells)
        return len(wrong) * 5 <= len(cells) and any(value is not None for value in parsed)


def _mark(marks: Marks, column: str) -> str | None:
    return marks.get(column) if isinstance(marks, Mapping) else marks
