"""FileWrapper: what a generated module declares about an uploaded file, and the reading of it, row by row in order."""

from array import array
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.points import Rejected
from slackwater.runtime.dates import Times, time_parser
from slackwater.runtime.numbers import Numbers, is_missing, number_parser
from slackwater.runtime.reading import PageRead, Run
from slackwater.runtime.tables import Row, Table, column_names, is_blank, open_table

PAGE = 10_000  # points in one page, about
BLOCK = 256  # rows turned into columns at a time
SAMPLE = 1_000  # rows that the value columns are chosen from when none are declared
EXAMPLES = 20  # rejected rows named in one page
SHOWN = 60  # characters of an unreadable cell in a message

Marks = str | Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class FileWrapper:
    """A CSV, XLSX or XLS file, one series for each value column, named by the column's header.

    `time` and `values` are column names; `values` None means every other column of numbers. `decimal` and
    `thousands` are one mark for all value columns or {column: mark}; a point and none unless declared.
    `date_format` is a strptime format, `year`, `epoch_s`, `epoch_ms`, `epoch_us` or `excel`; None means ISO 8601,
    years, or cells that are dates already. `timezone` is that of times that do not name their own. `header_row` is
    the row of the column names, 1 being the first of the file, 0 for a file without; None takes the first that is
    not blank. `sheet`, `delimiter` and `encoding` are told from the file when None.
    """

    time: str
    values: Sequence[str] | None = None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: Marks = None
    thousands: Marks = None
    date_format: str | None = None
    timezone: str = "UTC"
    header_row: int | None = None

    def __post_init__(self) -> None:
        time_parser(self.date_format, UTC)
        _zone(self.timezone)
        if self.values is not None and not self.values:
            raise ValueError("values must name at least one column")

    @property
    def whole(self) -> bool:
        """A file cannot be asked for a time range."""
        return True

    async def pages(self, window: Interval, token: Any, run: Run) -> AsyncIterator[PageRead]:
        """Yield the file's pages in order; `token` is the number of data rows that are stored already.

        Raises BadSource when the file does not have the columns, or not one of its rows can be read.
        """
        table = open_table(run.file(), sheet=self.sheet, delimiter=self.delimiter, encoding=self.encoding)
        layout, rows = self._layout(table)
        stored = run.checkpoint.page.points if run.checkpoint.page else 0
        done = token if isinstance(token, int) and token > 0 else 0
        total = max(table.total - layout.first_row + 1, 0)
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

    def _layout(self, table: Table) -> tuple["_Layout", Iterator[Row]]:
        """Find the declared columns; return where they are, and the rows after the header."""
        header, first_row, rows = split_header(table, self.header_row)
        names = column_names(header)
        place = {name: index for index, name in enumerate(names)}

        def find(name: str, role: str) -> int:
            if name not in place:
                raise BadSource(f"the file has no {role} column {name!r}; it has {', '.join(map(repr, names))}")
            return place[name]

        time = find(self.time, "time")
        if self.values is None:
            sample = list(islice(rows, SAMPLE))
            rows = _chained(sample, rows)
            chosen = [index for index in range(len(names)) if index != time and self._numeric(names, index, sample)]
            if not chosen:
                raise BadSource(f"the file has no column of numbers besides {self.time!r}; give values")
        else:
            chosen = [find(name, "value") for name in self.values]
        return _Layout(
            width=len(names),
            first_row=first_row,
            time=time,
            time_name=self.time,
            date_format=self.date_format or "ISO 8601",
            parse_times=time_parser(self.date_format, _zone(self.timezone)),
            values={names[index]: (index, self._numbers(names[index])) for index in chosen},
        ), rows

    def _numbers(self, column: str) -> Numbers:
        return number_parser(_mark(self.decimal, column) or ".", _mark(self.thousands, column))

    def _numeric(self, names: list[str], index: int, sample: list[Row]) -> bool:
        cells = [row[index] if index < len(row) else None for row in sample]
        parsed, wrong = self._numbers(names[index])(cells)
        return len(wrong) * 5 <= len(cells) and any(value is not None for value in parsed)


@dataclass(frozen=True)
class _Layout:
    """Where things are in the rows of one file, and how to read them."""

    width: int
    first_row: int  # of the data, as a person counts: the first row of the file is 1
    time: int
    time_name: str
    date_format: str
    parse_times: Times
    values: dict[str, tuple[int, Numbers]] = field(default_factory=dict)

    @property
    def page_rows(self) -> int:
        return max(1, PAGE // len(self.values))

    def page(self, ahead: list[Row], rows: Iterator[Row], done: int) -> tuple[PageRead, list[Row]]:
        """Parse what follows the first `done` rows: those read `ahead`, then `rows`; return also what is ahead then."""
        rejects = _Rejects(self.first_row + done)
        count, cells, ahead = self._cells(ahead, rows, rejects)
        times = self.parse_times(cells[self.time])
        if None in times:
            self._reject_times(times, cells, rejects)
        columns = {
            name: self._points(name, times, cells[index], parse, rejects)
            for name, (index, parse) in self.values.items()
        }
        return PageRead(
            columns={name: points for name, points in columns.items() if points[0]},
            token=done + count,
            last=not ahead,
            rejected=rejects.examples,
            rejected_count=rejects.count,
            rows=count,
            exhausted=None if ahead else "file read to its end",
        ), ahead

    def _cells(
        self, ahead: list[Row], rows: Iterator[Row], rejects: "_Rejects"
    ) -> tuple[int, dict[int, list[object]], list[Row]]:
        """Gather a page's columns; return how many rows they hold, {place of the column: cells}, the row after them."""
        columns: dict[int, list[object]] = {index: [] for index in {self.time, *(i for i, _ in self.values.values())}}
        count = 0
        # Rows become columns a few at a time, so that the garbage collector hardly ever sees them.
        while block := ahead + list(islice(rows, min(BLOCK, self.page_rows - count) - len(ahead))):
            cut = list(zip(*self._even(block, count, rejects), strict=True))
            for index, column in columns.items():
                column.extend(cut[index])
            count += len(block)
            ahead = list(islice(rows, 1))
            if count >= self.page_rows:
                break
        return count, columns, ahead

    def _even(self, rows: list[Row], done: int, rejects: "_Rejects") -> list[Row]:
        """Give every row as many cells as there are columns."""
        if set(map(len, rows)) == {self.width}:
            return rows
        filler = [None] * self.width
        cut = [self._cut(row, done + place, rejects) for place, row in enumerate(rows)]
        return [[*row, *filler[len(row) :]] for row in cut]

    def _cut(self, row: Row, place: int, rejects: "_Rejects") -> Row:
        """Drop the cells beyond the last column; with something in them nobody knows which cell belongs where."""
        if len(row) <= self.width or is_blank(row[self.width :]):
            return row[: self.width]
        rejects.add(place, f"{len(row)} cells where there are {self.width} columns")
        return ()

    def _reject_times(
        self, times: list[int | None], cells: Mapping[int, Sequence[object]], rejects: "_Rejects"
    ) -> None:
        values = [cells[index] for index, _ in self.values.values()]
        for place, time in enumerate(times):
            if time is not None or all(is_missing(column[place]) for column in values):
                continue
            cell = cells[self.time][place]
            if cell is None or not str(cell).strip():
                rejects.add(place, f"{self.time_name} is empty")
            else:
                rejects.add(place, f"{self.time_name} {_shown(cell)} does not fit {self.date_format}")

    def _points(
        self,
        name: str,
        times: list[int | None],
        cells: Sequence[object],
        parse: Numbers,
        rejects: "_Rejects",
    ) -> tuple["array[int]", "array[float]"]:
        values, wrong = parse(cells)
        for place in wrong:
            if times[place] is not None:
                rejects.add(place, f"{name} {_shown(cells[place])} is not a number")
        if None in values or None in times:
            pairs = [(x, y) for x, y in zip(times, values, strict=True) if x is not None and y is not None]
            return array("q", [x for x, _ in pairs]), array("d", [y for _, y in pairs])
        return array("q", times), array("d", values)  # type: ignore[arg-type]


class _Rejects:
    """The rows of one page that gave no point: all counted, the first few kept."""

    def __init__(self, first_row: int) -> None:
        self.examples: list[Rejected] = []
        self.count = 0
        self._first_row = first_row

    def add(self, place: int, reason: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(Rejected(f"row {self._first_row + place}", reason))


def split_header(table: Table, header_row: int | None) -> tuple[Row, int, Iterator[Row]]:
    """Return the row of column names, the number of the row after it, and the rows from there on.

    `header_row` as in FileWrapper. BadSource when the file ends before it.
    """
    rows = table.rows
    if header_row == 0:
        first = next(rows, ())
        return [None] * len(first), 1, _chained([first] if first else [], rows)
    for number, row in enumerate(rows, 1):
        if number == header_row or (header_row is None and not is_blank(row)):
            return row, number + 1, rows
    if header_row is None:
        raise BadSource("the file is empty")
    raise BadSource(f"header_row is {header_row}, but the file ends before it")


def _chained(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    yield from rest


def _mark(marks: Marks, column: str) -> str | None:
    return marks.get(column) if isinstance(marks, Mapping) else marks


def _zone(name: str) -> tzinfo:
    return UTC if name.upper() in {"UTC", "Z"} else ZoneInfo(name)


def _shown(cell: object) -> str:
    text = str(cell)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
