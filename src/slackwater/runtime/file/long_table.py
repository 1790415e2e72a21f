"""Reads long tables: one time per row, values beside it, and columns naming the series."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import JOIN, cell_text, is_sum
from slackwater.formats.numbers import Numbers
from slackwater.formats.repeated_hour import RepeatedHour
from slackwater.formats.table.headers import joined
from slackwater.formats.table.reader import Row, is_blank
from slackwater.formats.timestamps import Times
from slackwater.model.points import MAX_SERIES_NAME, Rejected
from slackwater.runtime.source import PageRead

PAGE = 10_000  # points in one page, about
BLOCK = 256  # rows turned into columns at a time
EXAMPLES = 20  # rejected rows named in one page
SHOWN = 60  # characters of an unreadable cell in a message

Points = tuple["array[int]", "array[float]"]


class Rejects:
    """The rows of one page that gave no point: all counted, the first few kept."""

    def __init__(self, first_row: int) -> None:
        self.examples: list[Rejected] = []
        self.count = 0
        self._first_row = first_row

    def add(self, place: int, reason: str) -> None:
        """Count the `place`-th row of the page; keep it among few examples."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(Rejected(f"row {self._first_row + place}", reason))


@dataclass(frozen=True, kw_only=True)
class LongTable:
    """Where things are in the rows of one file, and how to read them."""

    names: Sequence[str]
    first_row: int  # of the data, as a person counts: the first row of the file is 1
    time: Sequence[int]  # columns that make up the time together
    date_format: str
    parse_times: Times
    values: Mapping[str, tuple[int, Numbers]] = field(default_factory=dict)
    series: Sequence[int] = ()  # columns whose cells name the row's series
    skip_totals: bool = True
    repeated_hour: RepeatedHour | None = None  # of a zone whose clocks change

    @property
    def page_rows(self) -> int:
        """How many rows make a page."""
        return max(1, PAGE // len(self.values))

    def page(self, ahead: list[Row], rows: Iterator[Row], done: int) -> tuple[PageRead, list[Row]]:
        """Parse a page of rows; return it and the rows read ahead.

        What follows the first `done` rows is parsed: those read `ahead`, then `rows`.
        """
        rejects = Rejects(self.first_row + done)
        count, cells, ahead = self._cells(ahead, rows, rejects)
        moments = self._moments(cells)
        times = self.parse_times(moments)
        if None in times:
            self._reject_times(times, moments, cells, rejects)
        if self.repeated_hour is not None:
            self.repeated_hour.settle(times, self._series_keys(cells), moments)
        columns: dict[str, Points] = {}
        apart = self._apart(cells, count) if self.series else None
        for name, (index, parse) in self.values.items():
            values = self._values(name, times, cells[index], parse, rejects)
            if apart is None:
                columns[name] = _points(times, values)
            else:
                self._spread(columns, name, times, values, apart, rejects)
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
        self, ahead: list[Row], rows: Iterator[Row], rejects: Rejects
    ) -> tuple[int, dict[int, list[object]], list[Row]]:
        """Collect a page's columns; return the row count, the cells, and the next row."""
        needed = {*self.time, *self.series, *(index for index, _ in self.values.values())}
        columns: dict[int, list[object]] = {index: [] for index in needed}
        count = 0
        # Rows become columns a few at a time, so that the garbage collector hardly ever sees them.
        while block := ahead + list(islice(rows, min(BLOCK, self.page_rows - count) - len(ahead))):
            cut = list(zip(*even(block, len(self.names), count, rejects), strict=True))
            for index, column in columns.items():
                column.extend(cut[index])
            count += len(block)
            ahead = list(islice(rows, 1))
            if count >= self.page_rows:
                break
        return count, columns, ahead

    def _moments(self, cells: Mapping[int, list[object]]) -> Sequence[object]:
        if len(self.time) == 1:
            return cells[self.time[0]]
        return [joined(parts) for parts in zip(*(cells[index] for index in self.time), strict=True)]

    def _reject_times(
        self,
        times: list[int | None],
        moments: Sequence[object],
        cells: Mapping[int, Sequence[object]],
        rejects: Rejects,
    ) -> None:
        values = [cells[index] for index, _ in self.values.values()]
        parts = [cells[index] for index in self.time]
        heads = [self.names[index] for index in self.time]
        for place, time in enumerate(times):
            if time is not None or all(is_nothing(column[place]) for column in values):
                continue
            written = [part[place] for part in parts]
            if self.skip_totals and any(map(is_sum, written)) and [cell_text(each) for each in written] != heads:
                continue
            if all(cell_text(column[place]) in ("", *self.names) for column in (*parts, *values)):
                continue  # the header, said again further down
            name = " ".join(heads)
            if moments[place] is None or not str(moments[place]).strip():
                rejects.add(place, f"{name} is empty")
            else:
                rejects.add(place, f"{name} {shown(moments[place])} does not fit {self.date_format}")

    def _values(
        self, name: str, times: list[int | None], cells: Sequence[object], parse: Numbers, rejects: Rejects
    ) -> list[float | None]:
        values, wrong = parse(cells)
        for place in wrong:
            if times[place] is not None:
                rejects.add(place, f"{name} {shown(cells[place])} is not a number")
        return values

    def _series_keys(self, cells: Mapping[int, Sequence[object]]) -> list[tuple[object, ...]] | None:
        """Return what names the series of each row, None where all rows are of one."""
        return list(zip(*(cells[index] for index in self.series), strict=True)) if self.series else None

    def _apart(self, cells: Mapping[int, Sequence[object]], count: int) -> dict[str | None, list[int]]:
        """Return the row numbers of each series; None is the missing name."""
        apart: dict[str | None, list[int]] = {}
        known: dict[tuple[object, ...], str | None] = {}
        parts = [cells[index] for index in self.series]
        for place in range(count):
            key = tuple(part[place] for part in parts)
            if key not in known:
                known[key] = series_name(key)
            apart.setdefault(known[key], []).append(place)
        return apart

    def _spread(
        self,
        columns: dict[str, Points],
        name: str,
        times: list[int | None],
        values: list[float | None],
        apart: Mapping[str | None, list[int]],
        rejects: Rejects,
    ) -> None:
        several = len(self.values) > 1
        for series, places in apart.items():
            if series is None:
                for place in places:
                    if times[place] is not None and values[place] is not None:
                        rejects.add(place, f"{' '.join(self.names[index] for index in self.series)} names no series")
                continue
            xs, ys = columns.setdefault(whole_name(series, name if several else ""), (array("q"), array("d")))
            for place in places:
                time, value = times[place], values[place]
                if time is not None and value is not None:
                    xs.append(time)
                    ys.append(value)


def _points(times: list[int | None], values: list[float | None]) -> Points:
    if None in values or None in times:
        pairs = [(x, y) for x, y in zip(times, values, strict=True) if x is not None and y is not None]
        return array("q", [x for x, _ in pairs]), array("d", [y for _, y in pairs])
    return array("q", times), array("d", values)  # type: ignore[arg-type]


def series_name(cells: Sequence[object]) -> str | None:
    """Join cells to a series name; None when they are all blank."""
    return JOIN.join(text for text in map(cell_text, cells) if text)[:MAX_SERIES_NAME] or None


def whole_name(*parts: str) -> str:
    """Return the parts of a series' name that there are, joined."""
    return JOIN.join(part for part in parts if part)[:MAX_SERIES_NAME]


def even(rows: list[Row], width: int, done: int, rejects: Rejects) -> list[Row]:
    """Give every row `width` cells; one with something beyond them is rejected and emptied."""
    if set(map(len, rows)) == {width}:
        return rows
    filler = [None] * width
    cut = [_cut(row, width, done + place, rejects) for place, row in enumerate(rows)]
    return [[*row, *filler[len(row) :]] for row in cut]


def _cut(row: Row, width: int, place: int, rejects: Rejects) -> Row:
    """Drop the cells beyond the last column; reject a row with values in them."""
    if len(row) <= width or is_blank(row[width:]):
        return row[:width]
    rejects.add(place, f"{len(row)} cells where there are {width} columns")
    return ()


def shown(cell: object) -> str:
    """Return a cell for a message, cut short."""
    text = str(cell)
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
