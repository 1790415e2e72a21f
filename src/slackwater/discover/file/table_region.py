"""Finds the table among a file's rows: title, header rows, body. Pure.

A row is of the body when it has two cells or more that are numbers, times or words for no value. The header rows are
those right above the first of them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_bound, looks_number, time_part
from slackwater.formats.month_names import names_month
from slackwater.formats.table.headers import is_unit_row
from slackwater.formats.table.reader import Row, is_blank

HEADER_ROWS = 5  # rows at most; chosen: published tables have up to four
_PAIR = 2  # cells of a line that gives one property of the table: its name and its value
_PERIODS = 12  # numbers; chosen: so many values that count 1, 2, 3… are no chance
_COMMENTS = ("#", "!", "//", "%%", "* ", "--")  # what lines of comments begin with
_QUANTITY = re.compile(r"[+-]?\d[\d.,' ]*\s?[A-Za-z%°µ€$£][A-Za-z0-9%°µ²³/]{0,7}")
_TITLES = frozenset({"title", "titulo", "título", "titre", "series", "série", "serie", "name", "nome"})


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
    body = [_is_body(row, 2) for row in rows]
    if not any(body):
        body = [_is_body(row, 1) for row in rows]
    if header_row is not None:
        body[:header_row] = [False] * min(header_row, len(rows))
    runs = _runs(rows, body)
    if not runs:
        return _without_body(rows, header_row, header_rows)
    start, end = max(runs, key=lambda run: sum(body[run[0] : run[1] + 1]))
    above = any(run[1] < start and (_has_rows(rows, body, run) or _is_table(rows, body, run)) for run in runs)
    below = [run for run in runs if run[0] > end and (sum(body[run[0] : run[1] + 1]) > 1 or _is_table(rows, body, run))]
    first, start = start, _past_names(rows, body, start, end)
    while start > (header_row or 0) and (
        _begins_alike(rows[start - 1], rows[start]) or (start == first and _continues(rows[start - 1], rows[start]))
    ):
        start = first = start - 1  # part of it is not understood, and it is a row of the body all the same
    if header_row is None:
        header_row, found = _names_above(rows, start, first)
    else:
        found = _given_rows(rows, header_row, start)
    count = header_rows or found
    above = above or _holds_rows(rows[: max(0, header_row - 1)])
    return Region(
        header_row=header_row,
        header_rows=max(1, count),
        first_row=max(start + 1, header_row + count if header_row else 1),
        title=_title(rows, header_row or start + 1),
        another=below[0][0] if below else header_row if above and header_row else None,
        last_row=end + 1,
    )


def _is_body(row: Row, least: int) -> bool:
    valued = texts = times = 0
    for cell in row:
        if cell is None or not cell_text(cell):
            continue
        if looks_number(cell) or _is_no_name(cell):
            valued += 1
        elif time_part(cell):
            times += 1
        elif isinstance(cell, str) and _QUANTITY.fullmatch(cell.strip()):
            valued += 1
        else:
            texts += 1
    return valued + times >= least or (valued + times > 0 and not texts)


def _runs(rows: Sequence[Row], body: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the first and last row of each body run; headers end one."""
    runs: list[tuple[int, int]] = []
    first = last = None
    names = ""
    for place, row in enumerate(rows):
        if body[place]:
            if first is None:
                first, names = place, _written(_nearest(rows, place))
            last = place
        elif first is not None and last is not None and _is_names(row) and _written(row) != names:
            runs.append((first, last))
            first = last = None
    if first is not None and last is not None:
        runs.append((first, last))
    return runs


def _is_table(rows: Sequence[Row], body: Sequence[bool], run: tuple[int, int]) -> bool:
    """Check whether a run is a table: similar rows below a full header."""
    inside = [rows[place] for place in range(run[0], run[1] + 1) if body[place]]
    [(_, alike)] = Counter(tuple(map(_kind, row)) for row in inside).most_common(1)
    names = _nearest(rows, run[0])
    return alike * 2 > len(inside) and _is_names(names) and _filled(names) >= _filled(inside[0]) > 1


def _has_rows(rows: Sequence[Row], body: Sequence[bool], run: tuple[int, int]) -> bool:
    """Check whether a run has two rows of one shape with a time."""
    kinds = Counter(tuple(map(_kind, rows[place])) for place in range(run[0], run[1] + 1) if body[place])
    return any(count > 1 and "time" in alike and "number" in alike for alike, count in kinds.items())


def _holds_rows(rows: Sequence[Row]) -> bool:
    """Check whether rows hold numbers beside possible times in another language."""
    rows = [row for row in rows if any(map(_may_be_time, (cell for cell in row if _kind(cell) == "text")))]
    kinds = Counter(tuple(map(_kind, row)) for row in rows)
    return any(count > _PAIR and "number" in alike for alike, count in kinds.items())


def _filled(row: Row) -> int:
    return sum(bool(cell_text(cell)) for cell in row)


def _kind(cell: object) -> str:
    """Return what a cell looks like: `number`, `time`, `text`, nothing where it has nothing."""
    if not cell_text(cell):
        return ""
    if looks_number(cell) or _is_no_name(cell):
        return "number"
    return "time" if time_part(cell) else "number" if _QUANTITY.fullmatch(cell_text(cell)) else "text"


def begins_another(row: Row, after: Row, header: Row) -> bool:
    """Check whether a row is the header of another table, continued in `after`."""
    return _is_names(row) and _written(row) != _written(header) and _is_body(after, 2) and len(row) == len(after)


def _continues(row: Row, body: Row) -> bool:
    """Check whether a row with an unreadable time still belongs to the body.

    One of its cells is a number there. Its texts stand where the body has texts, or where it has times, and have a
    digit or a month's name: `Mrz 24`, and not `Min`.
    """
    kinds = list(zip(map(_kind, row), map(_kind, body), row, strict=False))
    if len(row) == len(body) and any(
        time_part(one) == time_part(two) == "full" for one, two in zip(row, body, strict=True)
    ):
        return True
    texts = [(there, cell) for here, there, cell in kinds if here == "text"]
    return (
        len(row) <= len(body)
        and any(here == there == "number" for here, there, _ in kinds)
        and bool(texts)
        and all(
            (there == "text" and len(row) == len(body)) or (there == "time" and _may_be_time(cell))
            for there, cell in texts
        )
    )


def _may_be_time(cell: object) -> bool:
    text = cell_text(cell)
    return any(char.isdigit() for char in text) or any(names_month(word) for word in text.split())


def _nearest(rows: Sequence[Row], place: int) -> Row:
    return next((row for row in reversed(rows[:place]) if not is_blank(row)), ())


def _written(row: Row) -> str:
    return "\t".join(map(cell_text, row))


def _is_names(row: Row) -> bool:
    filled = [cell for cell in row if cell_text(cell)]
    return len(filled) > 1 and not any(looks_number(cell) or _is_no_name(cell) or time_part(cell) for cell in filled)


def _is_no_name(cell: object) -> bool:
    return is_nothing(cell) or is_bound(cell)


def _past_names(rows: Sequence[Row], body: Sequence[bool], start: int, end: int) -> int:
    """Return the body's start behind headers that look like data: years, months, numbers."""
    passed: Row = ()
    for _ in range(HEADER_ROWS):
        if _names_times(passed, rows[start]):
            break
        below = [row for place, row in enumerate(rows[start + 1 : end + 1], start + 1) if body[place]][:20]
        if not below or not (
            _is_time_row(rows[start], below)
            or _names_values(rows[start], below)
            or _numbers_periods(rows[start], below)
            or (_is_year_alone(rows[start]) and _is_time_row(below[0], below[1:]))
        ):
            break
        passed, start = rows[start], next(place for place in range(start + 1, end + 1) if body[place])
    return start


def _names_times(row: Row, below: Row) -> bool:
    """Check whether whole times stand above a row's numbers; 1999 alone is none."""
    pairs = zip(row, below, strict=False)
    return sum(time_part(cell) == "full" and looks_number(under) for cell, under in pairs) > 1


def _is_time_row(row: Row, below: Sequence[Row]) -> bool:
    """Say whether a row has times across, where the rows below it have other things."""
    filled = [place for place, cell in enumerate(row) if cell_text(cell)]
    timed = [place for place in filled if time_part(row[place])]
    if len({cell_text(row[place]) for place in timed}) < 2:
        return False
    if any(looks_number(row[place]) and place not in timed for place in filled):
        return False
    kinds = [time_part(row[place]) for place in timed]
    if {"full", "year"} <= set(kinds):
        return False
    return sum(_goes_on(lower, timed, kinds) for lower in below) * 2 < len(below)


def _is_year_alone(row: Row) -> bool:
    """Check whether a row holds one year only, above its months' names.

    It is not in the first cell.
    """
    filled = [place for place, cell in enumerate(row) if cell_text(cell)]
    return len(filled) == 1 and filled[0] > 0 and time_part(row[filled[0]]) == "year"


def _goes_on(row: Row, places: Sequence[int], kinds: Sequence[str | None]) -> bool:
    """Check whether a row continues a sequence of times in some places."""
    cells = [row[place] if place < len(row) else None for place in places]
    if [time_part(cell) for cell in cells] != list(kinds):
        return False
    texts = [cell_text(cell) for cell in cells]
    return texts in (sorted(texts), sorted(texts, reverse=True))


def _names_values(row: Row, below: Sequence[Row]) -> bool:
    """Check whether a row has a text above nearly all values, without time."""
    if below and any(time_part(cell) == time_part(under) == "full" for cell, under in zip(row, below[0], strict=False)):
        return False
    if below and row and below[0] and time_part(row[0]) == time_part(below[0][0]) == "year":
        return False
    for place, cell in enumerate(row):
        if not cell_text(cell) or looks_number(cell) or time_part(cell) or is_nothing(cell):
            continue
        valued = sum(
            place < len(lower) and bool(looks_number(lower[place]) or time_part(lower[place])) for lower in below
        )
        if len(below) > 1 and valued >= 0.9 * len(below):
            return True
    return False


def _numbers_periods(row: Row, below: Sequence[Row]) -> bool:
    """Check whether a row alone has the numbers of the periods of a day across."""
    return _counts_across(row) and not any(map(_counts_across, below))


def _counts_across(row: Row) -> bool:
    texts = [text for text in map(cell_text, row) if text]
    counted = [text for text in texts if text.isdecimal()]
    first = int(counted[0]) if counted else -1
    return (
        len(counted) >= _PERIODS
        and len(texts) - len(counted) <= 1
        and first in (0, 1)
        and [int(text) for text in counted] == list(range(first, first + len(counted)))
    )


def _names_above(rows: Sequence[Row], start: int, passed: int) -> tuple[int, int]:
    """Return the first header row above the body and their number; else (0, 0).

    The rows from `passed` on were taken for the body at first: they are headers whatever they look like.
    """
    width = max((len([cell for cell in row if cell_text(cell)]) for row in rows[start : start + 20]), default=0)
    place = start - 1
    while place >= 0 and is_blank(rows[place]):
        place -= 1
    last = place
    while place >= 0 and last - place < HEADER_ROWS:
        if place < passed and not _may_name(rows[place], width, first=place == last):
            break
        if place < last and _tells_of_itself(rows[place], rows[place + 1], rows[start]):
            break
        place -= 1
    found = last - place
    if found:
        return place + 2, found
    titled = _titled(rows, start)
    return (titled, 1) if titled else (0, 0)


def _begins_alike(row: Row, body: Row) -> bool:
    """Check whether a row begins with a whole date as the body does.

    Then it is no header.
    """
    if not row or not body:
        return False
    written = _written_date(row[0])
    return time_part(row[0]) == time_part(body[0]) == "full" or bool(written and written == _written_date(body[0]))


def _written_date(cell: object) -> str:
    """Return how a cell with a word and a year is written, whatever its language; nothing for other cells."""
    shape = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", cell_text(cell)))
    return shape if "a" in shape and re.search(r"(?<!9)9999(?!9)", shape) else ""


def _tells_of_itself(row: Row, below: Row, body: Row) -> bool:
    """Check whether a row is metadata, such as `Period`, `2001` above `Date`, `Flow`.

    It has a time or number beside a text above another one. Times above the times of the body are no headers, nor is
    `Station`, `Faro` alone above names in both columns and more.
    """
    kinds = list(zip_longest(*(map(_kind, each) for each in (row, below, body)), fillvalue=""))
    pair = [place for place, cell in enumerate(row) if cell_text(cell)] == [0, 1] and _filled(below) > _PAIR
    if pair and [there for _, there, _ in kinds[:2]] == ["text", "text"] and cell_text(row[0]) != cell_text(below[0]):
        return True
    return any(here in ("time", "number") for here, *_ in kinds) and any(
        here == there == "text" or here == under == "time" for here, there, under in kinds
    )


def _may_name(row: Row, width: int, *, first: bool) -> bool:
    filled = [place for place, cell in enumerate(row) if cell_text(cell)]
    if not filled or (cell_text(row[filled[0]]).startswith(_COMMENTS) and (not first or len(filled) < width)):
        return False
    if first and is_unit_row(row):
        return True
    numbers = sum(looks_number(row[place]) and not time_part(row[place]) for place in filled)
    if numbers * 2 >= len(filled):
        return False
    if len(filled) == 1:
        return not first and filled[0] > 0
    if first:
        return len(filled) >= min(2, width) and len(filled) * 2 >= width
    return True


def _titled(rows: Sequence[Row], start: int) -> int:
    """Return the row that titles a nameless table of two columns, else 0."""
    if max((len(row) for row in rows[start : start + 20]), default=0) > 2:
        return 0
    for place, row in enumerate(rows[:start]):
        cells = [cell_text(cell) for cell in row]
        if len(cells) == 2 and cells[0].casefold() in _TITLES and cells[1]:
            return place + 1
    return 0


def _given_rows(rows: Sequence[Row], header_row: int, start: int) -> int:
    """Return how many rows of names there are from a given one to the body."""
    between = [row for row in rows[header_row - 1 : start] if not is_blank(row)]
    return min(max(1, len(between)), HEADER_ROWS)


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
    body = next((place for place in range(len(rows) - 1, -1, -1) if _is_body(rows[place][1], 2)), None)
    if body is None:
        below = [row for _, row in rows if not is_blank(row)]
        return None, [_joined(row) for row in below]
    last = max(place for place in range(body, len(rows)) if place == body or _continues(rows[place][1], rows[body][1]))
    footer = [_joined(row) for _, row in rows[last + 1 :] if not is_blank(row)]
    return (rows[last][0] if footer else None), footer


def _joined(row: Row) -> str:
    return " ".join(text for text in map(cell_text, row) if text)
