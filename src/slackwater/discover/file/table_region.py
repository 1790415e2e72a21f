"""Finds the table among a file's rows: title, header rows, body. Pure.

A row is of the body when it has two cells or more that are numbers, times or words for no value. The header rows are
those right above the first of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from slackwater.discover.file.header_rows import PAIR, given_header_rows, is_section, names_above, past_names
from slackwater.discover.file.row_kinds import (
    begins_alike,
    continues_body,
    filled_cells,
    is_body,
    is_names_row,
    is_no_name,
    kind_of,
    may_be_time,
    nearest_row,
    written,
)
from slackwater.formats.cells import cell_text, looks_number, time_part
from slackwater.formats.table.reader import Row, is_blank


@dataclass(frozen=True)
class Region:
    """Where a table is; rows are numbered as a person counts them, from 1."""

    header_row: int  # 0 = none
    header_rows: int
    first_row: int
    last_row: int | None = None  # None = to the end of the file
    title: str = ""
    another: int | None = None  # the row of names of a second table
    footer: list[str] = field(default_factory=list)  # what stands below it


def find_region(rows: Sequence[Row], header_row: int | None = None, header_rows: int | None = None) -> Region:
    """Return the place of the table among the first rows; given values stay."""
    body = [is_body(row, 2) for row in rows]
    if not any(body):
        body = [is_body(row, 1) for row in rows]
    if header_row is not None:
        body[:header_row] = [False] * min(header_row, len(rows))
    runs = _runs(rows, body)
    if not runs:
        return _without_body(rows, header_row, header_rows)
    start, end = max(runs, key=lambda run: sum(body[run[0] : run[1] + 1]))
    above = any(run[1] < start and (_has_rows(rows, body, run) or _is_table(rows, body, run)) for run in runs)
    below = [run for run in runs if run[0] > end and (sum(body[run[0] : run[1] + 1]) > 1 or _is_table(rows, body, run))]
    first, start = start, past_names(rows, body, start, end)
    while (before := _filled_before(rows, start, header_row or 0)) is not None and (
        begins_alike(rows[before], rows[start]) or (start == first and continues_body(rows[before], rows[start]))
    ):
        start = first = before  # part of it is not understood, and it is a row of the body all the same
    if header_row is None:
        header_row, found = names_above(rows, start, first)
    else:
        found = given_header_rows(rows, header_row, start)
    count = header_rows or found
    above = above or _first_of_rows(rows[: max(0, header_row - 1)]) is not None
    odd = _below(rows, end)
    first_row = max(start + 1, header_row + count if header_row else 1)
    if header_row:  # what stands alone above the body names its first rows
        between = range(header_row + count, first_row)
        first_row = next((at for at in between if is_section(rows, at - 1, start)), first_row)
    return Region(
        header_row=header_row,
        header_rows=max(1, count),
        first_row=first_row,
        title=_title(rows, header_row or start + 1),
        another=below[0][0] if below else header_row if above and header_row else odd,
        last_row=end + 1,
    )


def _filled_before(rows: Sequence[Row], place: int, least: int) -> int | None:
    """Return the place of the nearest row above that is not blank."""
    return next((each for each in range(place - 1, least - 1, -1) if not is_blank(rows[each])), None)


def _runs(rows: Sequence[Row], body: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the first and last row of each body run; headers end one.

    The names that stand above it end none, though rows that are not understood may stand between.
    """
    runs: list[tuple[int, int]] = []
    first = last = None
    names: set[str] = set()
    for place, row in enumerate(rows):
        if body[place]:
            if first is None:
                ended = runs[-1][1] + 1 if runs else 0
                above = [written(each) for each in rows[ended:place] if is_names_row(each)]
                first, names = place, {written(nearest_row(rows, place)), *above}
            last = place
        elif first is None or last is None or written(row) in names:
            continue
        elif is_names_row(row) or _names_others(row, rows[place + 1 : place + 2], rows[last]):
            runs.append((first, last))
            first = last = None
    if first is not None and last is not None:
        runs.append((first, last))
    return runs


def _names_others(row: Row, below: Sequence[Row], body: Row) -> bool:
    """Check whether a row names columns above times of another kind.

    Marks for no value, such as `x`, may be among the names, and one word that is a month in some language: `EAN`.
    """
    filled = [cell for cell in row if cell_text(cell)]
    texts = sum(kind_of(cell) == "text" and not is_no_name(cell) for cell in filled)
    times = [cell_text(cell) for cell in filled if time_part(cell)]
    if texts < PAIR or any(map(looks_number, filled)) or len(times) > 1 or any(not time.isalpha() for time in times):
        return False
    if not below or is_blank(below[0]) or not body:
        return False
    first = next(cell for cell in below[0] if cell_text(cell))
    return is_body(below[0], 2) and time_part(first) not in (None, time_part(body[0]))


def _is_table(rows: Sequence[Row], body: Sequence[bool], run: tuple[int, int]) -> bool:
    """Check whether a run has columns of one kind each below a full header.

    Words beside numbers right above the names of others, `Multiplier, 1, 1`, tell about the columns of these.
    """
    inside = [rows[place] for place in range(run[0], run[1] + 1) if body[place]]
    timed = any(kind_of(cell) == "time" or may_be_time(cell) for row in inside for cell in _texts(row))
    if not timed and not all(map(is_blank, rows[run[1] + 1 : run[1] + 2])):
        return False
    columns = zip_longest(*(map(kind_of, row) for row in inside), fillvalue="")
    alike = all(Counter(column).most_common(1)[0][1] * 2 > len(inside) for column in columns)
    names = nearest_row(rows, run[0])
    return alike and is_names_row(names) and filled_cells(names) >= filled_cells(inside[0]) > 1


def _texts(row: Row) -> list[object]:
    return [cell for cell in row if kind_of(cell) in {"text", "time"}]


def _has_rows(rows: Sequence[Row], body: Sequence[bool], run: tuple[int, int]) -> bool:
    """Check whether a run has two rows of one shape with a time."""
    kinds = Counter(tuple(map(kind_of, rows[place])) for place in range(run[0], run[1] + 1) if body[place])
    return any(count > 1 and "time" in alike and "number" in alike for alike, count in kinds.items())


def _first_of_rows(rows: Sequence[Row]) -> int | None:
    """Return the first of several rows with numbers beside foreign times."""
    timed = {
        place: tuple(map(kind_of, row))
        for place, row in enumerate(rows)
        if any(map(may_be_time, (cell for cell in row if kind_of(cell) == "text")))
    }
    counts = Counter(timed.values())
    return next((place for place, kinds in timed.items() if counts[kinds] > PAIR and "number" in kinds), None)


def _below(rows: Sequence[Row], end: int) -> int | None:
    """Return the row at which a table of foreign times begins below a body.

    Rows right below the body that are written as it is are its own, and are counted as not understood.
    """
    below = rows[end + 1 :]
    names = next((place for place, row in enumerate(below) if is_names_row(row)), len(below))
    own = [place < names and _belongs(row, rows[end]) for place, row in enumerate(below)]
    found = _first_of_rows([() if mine else row for row, mine in zip(below, own, strict=True)])
    if found is None:
        return None
    return end + 2 + (names if names < found else found)


def begins_another(row: Row, after: Row, header: Row) -> bool:
    """Check whether a row is the header of another table, continued in `after`."""
    return is_names_row(row) and written(row) != written(header) and is_body(after, 2) and len(row) == len(after)


def _without_body(rows: Sequence[Row], header_row: int | None, header_rows: int | None) -> Region:
    filled = [place for place, row in enumerate(rows, 1) if not is_blank(row)]
    widest = max((sum(bool(cell_text(cell)) for cell in row) for row in rows), default=0)
    named = next((at for at in filled if sum(bool(cell_text(c)) for c in rows[at - 1]) >= max(2, widest * 0.6)), None)
    header_row = header_row or named or (filled[0] if filled else 1)
    return Region(header_row, header_rows or 1, header_row + (header_rows or 1))


def _title(rows: Sequence[Row], header_row: int) -> str:
    """Return the single text alone above a table, "" for several or none."""
    texts = []
    for row in rows[: header_row - 1]:
        filled = [text for text in map(cell_text, row) if text]
        if len(filled) == 1 and not filled[0].startswith(("#", "sep=")):
            texts.append(filled[0])
    return texts[0] if len(texts) == 1 else ""


def trailing(rows: Sequence[tuple[int, Row]]) -> tuple[int | None, list[str]]:
    """Return the body's last row, None without footer, and the footer's texts.

    A row whose time is not understood is of the body where its numbers stand below those of the body: it is rejected
    and counted, never cut.
    """
    body = next((place for place in range(len(rows) - 1, -1, -1) if is_body(rows[place][1], 2)), None)
    if body is None:
        below = [row for _, row in rows if not is_blank(row)]
        return None, [_joined(row) for row in below]
    last = max(place for place in range(body, len(rows)) if place == body or _belongs(rows[place][1], rows[body][1]))
    footer = [_joined(row) for _, row in rows[last + 1 :] if not is_blank(row)]
    return (rows[last][0] if footer else None), footer


def _belongs(row: Row, body: Row) -> bool:
    if continues_body(row, body):
        return True
    begun = bool(row) and bool(body) and time_part(row[0]) == "year" == time_part(body[0])
    return filled_cells(row) > 1 and (begins_alike(row, body) or (begun and len(row) == len(body)))


def _joined(row: Row) -> str:
    return " ".join(text for text in map(cell_text, row) if text)
