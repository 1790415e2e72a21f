"""A bounded sample of an uploaded file: its first rows, rows spread over the rest, and its last."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from slackwater.discover.columns import Column, find_header
from slackwater.errors import BadSource
from slackwater.runtime.tables import Row, Table, column_names, is_blank

FIRST = 1_000  # rows in a row at the beginning
SPREAD = 2_000  # rows between there and the end, about
LAST = 200  # rows in a row at the end
SEARCHED = 100  # rows that the header is looked for in
MAX_COLUMNS = 2_000


@dataclass(frozen=True)
class Sample:
    """The columns of a table, the row that names them (0 = none), and how many rows follow it, blank ones aside."""

    columns: list[Column]
    header_row: int
    row_count: int
    first_filled: int  # the first row that is not blank
    head: Sequence[Row]  # the first rows of the file as they are
    consecutive: int  # how many cells of each column come from rows that follow one another

    def column(self, name: str) -> Column | None:
        """Return the column of that name; else the only one that differs from it in case and white space alone."""
        exact = next((column for column in self.columns if column.name == name), None)
        plain = " ".join(name.split()).casefold()
        alike = [column for column in self.columns if column.name.casefold() == plain]
        return exact or (alike[0] if len(alike) == 1 else None)

    @property
    def names(self) -> str:
        """The names of the columns, for a message."""
        return ", ".join(repr(column.name) for column in self.columns[:50])


def take_sample(table: Table, header_row: int | None) -> Sample:
    """Read a table through once, keeping a few thousand rows; `header_row` None means that it is looked for.

    Raises BadSource when there is no row, or none so far down.
    """
    head = list(islice(table.rows, max(SEARCHED, header_row or 0)))
    filled = [place for place, row in enumerate(head, 1) if not is_blank(row)]
    if not filled:
        raise BadSource("the file is empty" if len(head) < SEARCHED else f"the first {SEARCHED} rows are blank")
    if header_row is None:
        header_row = find_header(head)
    elif header_row > len(head):
        raise BadSource(f"header_row is {header_row}, but the file has only {len(head)} rows")
    header = head[header_row - 1] if header_row else [None] * len(head[filled[0] - 1])
    if len(header) > MAX_COLUMNS:  # before they are named, which takes long for millions of them
        raise BadSource(f"the file has {len(header):,} columns; {MAX_COLUMNS:,} are the most")
    first = head[header_row:] + list(islice(table.rows, FIRST))
    step = max(1, (table.total - len(first)) // SPREAD)
    spread: list[Row] = []
    last: deque[Row] = deque(maxlen=LAST)
    count = sum(not is_blank(row) for row in first)
    for place, row in enumerate(table.rows):
        count += bool(row) and not is_blank(row)
        last.append(row)
        if place % step == 0:
            spread.append(row)
    # A table shorter than it said (quoted line breaks) or longer may not make the sample larger than it is to be.
    rows = [row for row in (*first, *spread[: SPREAD * 2], *last) if not is_blank(row)]
    names = column_names(header)
    return Sample(
        columns=[
            Column(name, [row[place] if place < len(row) else None for row in rows]) for place, name in enumerate(names)
        ],
        header_row=header_row,
        row_count=count,
        first_filled=filled[0],
        head=head,
        consecutive=sum(not is_blank(row) for row in first),
    )
