"""Finds the header rows of a table above its body. Pure."""

from collections.abc import Sequence
from itertools import zip_longest

from slackwater.discover.file.row_kinds import filled_cells, is_body, kind_of
from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_sum, looks_number, time_part
from slackwater.formats.month_names import plain
from slackwater.formats.table.headers import are_sums, divided_header, is_unit_row
from slackwater.formats.table.reader import Row, is_blank
from slackwater.formats.timestamp_inference import numbered_times

HEADER_ROWS = 5  # rows at most; chosen: published tables have up to four
PAIR = 2  # cells of a line that gives one property of the table: its name and its value
_PERIODS = 12  # numbers; chosen: so many values that count 1, 2, 3… are no chance
_DIGITS = 8  # of a number; chosen: a day, a moment or an identifier, and no name of a column
_COMMENTS = ("#", "!", "//", "%%", "% ", "* ", "--")  # what lines of comments begin with
_YEARLY = frozenset({"year", "ano", "annee"})  # the words for sums of a year that years have above them
_TITLES = frozenset({"title", "titulo", "título", "titre", "series", "série", "serie", "name", "nome"})


def past_names(rows: Sequence[Row], body: Sequence[bool], start: int, end: int) -> int:
    """Return the body's start behind headers that look like data: years, months, numbers."""
    passed: Row = ()
    for _ in range(HEADER_ROWS):
        if _names_times(passed, rows[start]):
            break
        below = [row for place, row in enumerate(rows[start + 1 : end + 1], start + 1) if body[place]][:20]
        if not below or not (
            _is_time_row(rows[start], below)
            or _is_row_of_numbers(rows[start], below)
            or _names_values(rows[start], below)
            or _numbers_periods(rows[start], below)
            or _numbers_columns(rows[start], below)
            or (start > 0 and _repeats_a_year(rows[start - 1], rows[start]))
            or (start > 0 and _dates_columns(rows[start], next((row for row in below if time_part(row[0])), ())))
            or (_is_year_alone(rows[start]) and _is_time_row(below[0], below[1:]))
        ):
            break
        passed, start = rows[start], next(place for place in range(start + 1, end + 1) if body[place])
    return start


def _names_times(row: Row, below: Row) -> bool:
    """Check whether whole times stand above a row's numbers; 1999 alone is none."""
    pairs = zip(row, below, strict=False)
    return (
        _has_numbered_times(row) or sum(time_part(cell) == "full" and looks_number(under) for cell, under in pairs) > 1
    )


def _is_time_row(row: Row, below: Sequence[Row]) -> bool:
    """Say whether a row has times across, where the rows below it have other things."""
    row = [time if (time := divided_header(cell)[1]) is not None else cell for cell in row]  # `€ 2020` is a year
    filled = [place for place, cell in enumerate(row) if cell_text(cell)]
    timed = [place for place in filled if time_part(row[place])]
    if len({cell_text(row[place]) for place in timed}) < 2:
        return False
    if any(looks_number(row[place]) and place not in timed for place in filled):
        return False
    kinds = [time_part(row[place]) for place in timed]
    if {"full", "year"} <= set(kinds) and (
        filled[0] in timed
        or kinds.count("full") <= max(1, kinds.count("year"))
        or not are_sums([row[place] for place in timed], kinds)
    ):
        return False  # a year behind several months is their sum
    return sum(_goes_on(lower, timed, kinds) for lower in below) * 2 < len(below)


def _is_row_of_numbers(row: Row, below: Sequence[Row]) -> bool:
    """Check whether a row alone has times written as numbers across: `20230101`, `2023.01`."""
    return _has_numbered_times(row) and not any(map(_has_numbered_times, below))


def _has_numbered_times(row: Row) -> bool:
    return numbered_times([cell for cell in row if looks_number(cell)]) is not None


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
    if any(_continues_digits(place, cell, below) for place, cell in enumerate(row)):
        return False
    measured = any(looks_number(cell) and not time_part(cell) for cell in row)
    for place, cell in enumerate(row):
        if not cell_text(cell) or looks_number(cell) or time_part(cell) or is_nothing(cell):
            continue
        years = all(place < len(lower) and time_part(lower[place]) == "year" for lower in below)
        if measured and is_sum(cell) and not (years and plain(cell_text(cell)) in _YEARLY):
            continue  # `Total` with its sums, above the months; `Ano` above years is their name
        if any(cell_text(cell) in map(cell_text, (*lower[:place], *lower[place + 1 :])) for lower in below):
            continue  # a word for no value, which stands in other columns as well
        valued = sum(
            place < len(lower) and bool(looks_number(lower[place]) or time_part(lower[place])) for lower in below
        )
        if len(below) > 1 and valued >= 0.9 * len(below):
            return True
    return False


def _continues_digits(place: int, cell: object, below: Sequence[Row]) -> bool:
    """Check whether a cell is a long number like all below it."""
    text = cell_text(cell)
    under = [cell_text(row[place]) if place < len(row) else "" for row in below]
    return (
        len(text) >= _DIGITS and text.isdecimal() and all(each.isdecimal() and len(each) == len(text) for each in under)
    )


def _numbers_periods(row: Row, below: Sequence[Row]) -> bool:
    """Check whether a row alone has the numbers of the periods of a day across."""
    return _counts_across(row) and not any(map(_counts_across, below))


def _numbers_columns(row: Row, below: Sequence[Row]) -> bool:
    """Check whether a row above the others numbers all columns: 1, 2, 3."""
    texts = list(map(cell_text, row))
    numbers = [str(number) for number in range(1, len(texts) + 1)]
    named = all(time_part(lower[0]) or not looks_number(lower[0]) for lower in below if lower)
    return len(texts) > 1 and texts == numbers and named


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


def names_above(rows: Sequence[Row], start: int, passed: int) -> tuple[int, int]:
    """Return the first header row above the body and their number; else (0, 0).

    The rows from `passed` on were taken for the body at first: they are headers whatever they look like.
    """
    width = max((len([cell for cell in row if cell_text(cell)]) for row in rows[start : start + 20]), default=0)
    place = start - 1
    while place >= 0 and (
        is_blank(rows[place])
        or _is_mark(rows[place])
        or is_section(rows, place, start)
        or (place > 0 and _dates_columns(rows[place], rows[start]))
        or (place > 0 and is_text_alone(rows[place]) and _dates_columns(rows[place - 1], rows[start]))
    ):
        place -= 1
    last = place
    while place >= 0 and last - place < HEADER_ROWS:
        if 0 < place < last and is_text_alone(rows[place]) and _names_as_many(rows[place - 1], rows[last]):
            place -= 1  # `PreUnit` with nothing beside it
            continue
        commented = place == last or _is_comment(rows[last])
        if place < passed and not _may_name(rows[place], width, first=place == last, commented=commented):
            break
        if place < last and _tells_of_itself(rows[place], rows[place + 1], rows[start]):
            break
        place -= 1
    found = last - place
    told = any(_dates_columns(rows[at], rows[start]) for at in range(last + 1, start))
    titled = _titled(rows, start) if told or not found else 0
    return (titled, 1) if titled else (place + 2, found) if found else (0, 0)


def _dates_columns(row: Row, body: Row) -> bool:
    """Check whether a row says one moment of all columns: `Release date`, `17-01-2024`."""
    texts = [cell_text(cell) for cell in row]
    told = {text for text in texts[1:] if text}
    dated = bool(row) and kind_of(row[0]) == "text" and len(told) == 1 and time_part(told.copy().pop()) == "full"
    return dated and bool(body) and time_part(body[0]) is not None and told.isdisjoint(map(cell_text, body))


def _repeats_a_year(above: Row, row: Row) -> bool:
    """Check whether a row has one year below all months of another."""
    told = [(cell_text(cell), time_part(month)) for cell, month in zip(row, above, strict=False) if cell_text(cell)]
    months = sum(part == "month" for _, part in told)
    return months > 1 and len({text for text, _ in told}) == 1 and time_part(told[0][0]) == "year"


def _names_as_many(row: Row, names: Row) -> bool:
    """Check whether a row has texts alone, as many as a row of names."""
    return filled_cells(row) >= filled_cells(names) > 1 and all(kind_of(cell) in ("", "text") for cell in row)


def is_section(rows: Sequence[Row], place: int, start: int) -> bool:
    """Check whether a row above a body is the first section of it, below names.

    It has a text alone, in the first column, and so has a row among those of the body.
    """
    names = next((row for row in reversed(rows[:place]) if not is_blank(row)), ())
    named = filled_cells(names) > 1 and kind_of(names[0]) == "text"
    named = named and all(time_part(cell) or kind_of(cell) in ("", "text") for cell in names)
    if not named or not is_text_alone(rows[place]):
        return False
    further = next((at for at in range(start + 1, len(rows)) if is_text_alone(rows[at])), len(rows))
    return any(is_body(row, 2) for row in rows[further:])


def is_text_alone(row: Row) -> bool:
    """Check whether a row has a text in its first cell alone."""
    return [at for at, cell in enumerate(row) if cell_text(cell)] == [0] and kind_of(row[0]) == "text"


def _is_mark(row: Row) -> bool:
    """Check whether all that a row has is the mark of a comment."""
    return [text for text in map(cell_text, row) if text] in (["#"], ["%"])


def _tells_of_itself(row: Row, below: Row, body: Row) -> bool:
    """Check whether a row is metadata, such as `Period`, `2001` above `Date`, `Flow`.

    It has a time or number beside a text above another one. Times above the times of the body are no headers, nor is
    `Station`, `Faro` alone above names in both columns and more.
    """
    kinds = list(zip_longest(*(map(kind_of, each) for each in (row, below, body)), fillvalue=""))
    pair = [place for place, cell in enumerate(row) if cell_text(cell)] == [0, 1] and filled_cells(below) > PAIR
    if pair and [there for _, there, _ in kinds[:2]] == ["text", "text"] and cell_text(row[0]) != cell_text(below[0]):
        return True
    return any(here in ("time", "number") for here, *_ in kinds) and any(
        here == there == "text" or here == under == "time" for here, there, under in kinds
    )


def _is_comment(row: Row) -> bool:
    return next(filter(None, map(cell_text, row)), "").startswith(_COMMENTS)


def _may_name(row: Row, width: int, *, first: bool, commented: bool) -> bool:
    """Check whether a row may have names.

    A comment may where it has as many cells as the table, and all header rows are `commented`.
    """
    filled = [place for place, cell in enumerate(row) if cell_text(cell)]
    if not filled or (_is_comment(row) and (not commented or len(filled) < width)):
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
    """Return the row that titles all columns, behind the word for it, else 0."""
    width = max((len(row) for row in rows[start : start + 20]), default=0)
    for place, row in enumerate(rows[:start]):
        cells = [cell_text(cell) for cell in row]
        if len(cells) == width > 1 and cells[0].casefold() in _TITLES and all(cells):
            return place + 1
    return 0


def given_header_rows(rows: Sequence[Row], header_row: int, start: int) -> int:
    """Return how many rows of names there are from a given one to the body."""
    between = [row for row in rows[header_row - 1 : start] if not is_blank(row)]
    return min(max(1, len(between)), HEADER_ROWS)
