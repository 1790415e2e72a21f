"""Reads wide tables: times in the column headers, completed by the row's own cells."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from slackwater.formats.cells import cell_text, is_sum
from slackwater.formats.numbers import Numbers
from slackwater.formats.table.headers import joined
from slackwater.formats.table.reader import Row
from slackwater.formats.table.sections import SECTION
from slackwater.formats.timestamps import Times
from slackwater.runtime.file.long_table import PAGE, Points, Rejects, even, series_name, shown, whole_name
from slackwater.runtime.source import PageRead


@dataclass(frozen=True, kw_only=True)
class WideTable:
    """The places of times and values in one file; each column gives a point."""

    names: Sequence[str]
    first_row: int
    times: Mapping[int, object]  # column → the time in its header, or its part of one
    labels: Mapping[int, str]  # column → what its header says beside the time
    time: Sequence[int]  # columns of a row that have the rest of its times
    date_format: str
    parse_times: Times
    numbers: Numbers
    series: Sequence[int]  # columns whose cells name the row's series
    name: str  # of the series when no column names it
    skip_totals: bool = True

    @property
    def page_rows(self) -> int:
        """How many rows make a page."""
        return max(1, PAGE // len(self.times))

    def page(self, ahead: list[Row], rows: Iterator[Row], done: int) -> tuple[PageRead, list[Row]]:
        """Parse a page of rows; return it and the rows read ahead.

        What follows the first `done` rows is parsed: those read `ahead`, then `rows`.
        """
        rejects = Rejects(self.first_row + done)
        block = ahead + list(islice(rows, self.page_rows - len(ahead)))
        ahead = list(islice(rows, 1))
        points: dict[str, Points] = {}
        for place, row in enumerate(even(block, len(self.names), 0, rejects)):
            self._row(place, row, points, rejects)
        return PageRead(
            columns={name: each for name, each in points.items() if each[0]},
            token=done + len(block),
            last=not ahead,
            rejected=rejects.examples,
            rejected_count=rejects.count,
            rows=len(block),
            exhausted=None if ahead else "file read to its end",
        ), ahead

    def _row(self, place: int, row: Row, points: dict[str, Points], rejects: Rejects) -> None:
        cells = [row[index] for index in self.times]
        told = [index for index in (*self.times, *self.time, *self.series) if self.names[index] != SECTION]
        if all(cell_text(row[index]) in ("", self.names[index]) for index in told):
            return  # blank, or the header said again
        values, wrong = self.numbers(cells)
        columns = list(self.times)
        if len(wrong) == len(cells) and not any(char.isdigit() for cell in cells for char in cell_text(cell)):
            return  # a heading between the rows
        for at in wrong:
            rejects.add(place, f"{self.names[columns[at]]} {shown(cells[at])} is not a number")
        if all(value is None for value in values):
            return
        first = [row[index] for index in self.time]
        if self.skip_totals and any(map(is_sum, first)):
            return
        series = series_name([row[index] for index in self.series]) if self.series else self.name
        if series is None:
            rejects.add(place, f"{' '.join(self.names[index] for index in self.series)} names no series")
            return
        times = self.parse_times([joined([*first, self.times[index]]) for index in columns])
        for index, time, value in zip(columns, times, values, strict=True):
            if value is None:
                continue
            if time is None:
                written = " ".join(cell_text(part) for part in [*first, self.times[index]])
                rejects.add(place, f"time {shown(written)} does not fit {self.date_format}")
                continue
            label = self.labels[index]
            xs, ys = points.setdefault(whole_name(series, label) if self.series else label or series, _none())
            xs.append(time)
            ys.append(value)


def _none() -> Points:
    return array("q"), array("d")
