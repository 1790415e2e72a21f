"""Reads several sheets of a workbook, with the same columns, as one table."""

import re
from collections.abc import Callable, Iterator, Sequence

from slackwater.formats.annotations import bare_time
from slackwater.formats.cells import cell_text
from slackwater.formats.table.reader import Row, Table, is_blank

SHEET = "sheet"  # the name of the column that says from which sheet a row is
ALL = "*"  # for all sheets with the same columns; no sheet can be called so
_YEAR = re.compile(r"(?<!\d)(?:1[89]|2[01])\d\d(?!\d)", re.ASCII)
_NEXT = re.compile(r"[-_ –]+(\d\d)(?!\d)", re.ASCII)  # the end of a season behind its year: `2021-22`
_CENTURY = 100  # years


def sheet_label(name: str) -> str:
    """Return what stands for a sheet in its rows: its year, else its name.

    A season is no year: nobody knows in which of the two its months are.
    """
    years = list(_YEAR.finditer(name))
    if len(years) != 1:
        return name
    after = _NEXT.match(name, years[0].end())
    in_season = after is not None and int(after[1]) == (int(years[0][0]) + 1) % _CENTURY
    return name if in_season else years[0][0]


def without_years(text: str) -> str:
    """Return a text without its numbers and the marks behind it."""
    return " ".join(re.sub(r"\d+", " ", str(bare_time(text))).split())


def joined_sheets(
    open_sheet: Callable[[str], Table],
    names: Sequence[str],
    header_row: int | None,
    header_rows: int,
    first_row: int | None,
) -> Table:
    """Return the rows of sheets one after another, with a first column of their labels.

    What stands above the data is that of the first sheet; a text alone in a row is a remark, and left out.
    """
    first = open_sheet(names[0])

    def rows() -> Iterator[Row]:
        for number, name in enumerate(names):
            table = open_sheet(name) if number else first
            yield from _labelled(table, sheet_label(name), header_row, header_rows, first_row, above=not number)

    return Table(rows(), first.total * len(names))


def _labelled(
    table: Table, label: str, header_row: int | None, header_rows: int, first_row: int | None, *, above: bool
) -> Iterator[Row]:
    below = last = None  # the first row of data, the last row of names
    for number, row in enumerate(table.rows, 1):
        if below is None and (header_row is not None or not is_blank(row)):
            last = (header_row or number) + header_rows - 1
            below = max(last + 1, first_row or 0)
        if below is not None and number >= below:
            yield () if sum(bool(cell_text(cell)) for cell in row) < len((SHEET, "value")) else [label, *row]
        elif above:
            yield [SHEET if number == last else None, *row]
