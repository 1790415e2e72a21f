"""Reads the rows of a table's body, and repeats cells that are filled down."""

from collections.abc import Iterator, Sequence
from itertools import islice

from slackwater.errors import BadSource
from slackwater.formats.table.reader import Row, Table, is_blank

UNNAMED = 100  # rows of data that tell how many columns a table without names has


def split_header(
    table: Table, header_row: int | None, header_rows: int = 1, first_row: int | None = None
) -> tuple[list[Row], int, Iterator[Row], Row]:
    """Return header rows, the next row's number, the remaining rows, the last row above.

    `header_row` is the first of them, 1 being the first of the file, 0 for a file without; None is the first row that
    is not blank. BadSource when the file ends before it.
    """
    rows = table.rows
    if header_row == 0:
        above = (first_row or 1) - 1
        ahead = list(islice(rows, above + UNNAMED))
        return [[None] * max(map(len, ahead[above:]), default=0)], 1, chained(ahead, rows), ()
    last: Row = ()
    for number, row in enumerate(rows, 1):
        if number == header_row or (header_row is None and not is_blank(row)):
            header = [row, *islice(rows, header_rows - 1)]
            return header, number + len(header), rows, last
        last = last if is_blank(row) else row
    if header_row is None:
        raise BadSource("the file is empty")
    raise BadSource(f"header_row is {header_row}, but the file ends before it", field="header_row")


def chained(first: Sequence[Row], rest: Iterator[Row]) -> Iterator[Row]:
    """Yield rows that were read ahead, then the rest."""
    yield from first
    yield from rest


def filled_down(rows: Iterator[Row], columns: Sequence[int]) -> Iterator[Row]:
    """Yield the rows with each gap in `columns` filled with what stands above it.

    Blank rows stay blank.

    A column to the left that changes ends what stood in those to its right.
    """
    above: list[object] = [None] * len(columns)
    for row in rows:
        if is_blank(row):
            yield row
            continue
        whole = list(row)
        for place, column in enumerate(columns):
            if column >= len(whole):
                continue
            cell = whole[column]
            if cell is None or not str(cell).strip():
                whole[column] = above[place]
            elif cell != above[place]:
                above[place:] = [cell, *[None] * (len(columns) - place - 1)]
        yield whole
