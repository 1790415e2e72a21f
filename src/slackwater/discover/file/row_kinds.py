"""Describes single rows of a file: body, names, other. Pure."""

import re
from collections.abc import Sequence

from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_bound, looks_number, time_part
from slackwater.formats.month_names import names_month
from slackwater.formats.table.reader import Row, is_blank

_YEAR_DIGITS = 4  # of a year written out
_QUANTITY = re.compile(r"[+-]?\d[\d.,' ]*\s?[A-Za-z%°µ€$£][A-Za-z0-9%°µ²³/]{0,7}")


def is_body(row: Row, least: int) -> bool:
    """Check whether a row has `least` numbers or times, or nothing else."""
    if row and row[0] == "%" and not all(map(looks_number, filter(None, row[1:]))):
        return False  # a comment, whose words blanks divide
    valued = texts = times = 0
    for cell in row:
        if looks_number(cell):
            valued += 1
        elif cell is None or not cell_text(cell):
            continue
        elif is_no_name(cell):
            valued += 1
        elif time_part(cell):
            times += 1
        elif isinstance(cell, str) and _QUANTITY.fullmatch(cell.strip()):
            valued += 1
        else:
            texts += 1
    return valued + times >= least or (valued + times > 0 and not texts)


def filled_cells(row: Row) -> int:
    """Return how many cells of a row have something."""
    return sum(bool(cell_text(cell)) for cell in row)


def kind_of(cell: object) -> str:
    """Return what a cell looks like: `number`, `time`, `text`, nothing where it has nothing."""
    if not cell_text(cell):
        return ""
    if looks_number(cell) or is_no_name(cell):
        return "number"
    return "time" if time_part(cell) else "number" if _QUANTITY.fullmatch(cell_text(cell)) else "text"


def continues_body(row: Row, body: Row) -> bool:
    """Check whether a row with an unreadable time still belongs to the body.

    One of its cells is a number there. Its texts stand where the body has texts, or where it has times, and have a
    digit or a month's name: `Mrz 24`, and not `Min`.
    """
    kinds = list(zip(map(kind_of, row), map(kind_of, body), row, strict=False))
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
            (there == "text" and len(row) == len(body)) or (there == "time" and may_be_time(cell))
            for there, cell in texts
        )
    )


def may_be_time(cell: object) -> bool:
    """Check whether a text has a digit or the name of a month."""
    text = cell_text(cell)
    return any(char.isdigit() for char in text) or any(names_month(word) for word in text.split())


def nearest_row(rows: Sequence[Row], place: int) -> Row:
    """Return the last row above a place that is not blank."""
    return next((row for row in reversed(rows[:place]) if not is_blank(row)), ())


def written(row: Row) -> str:
    """Return the texts of a row as one, to compare it by."""
    return "\t".join(map(cell_text, row))


def is_names_row(row: Row) -> bool:
    """Check whether a row has two texts or more, and nothing else."""
    filled = [cell for cell in row if cell_text(cell)]
    return len(filled) > 1 and not any(looks_number(cell) or is_no_name(cell) or time_part(cell) for cell in filled)


def is_no_name(cell: object) -> bool:
    """Check whether a cell stands for no value, or for a bound of one."""
    return is_nothing(cell) or is_bound(cell)


def begins_alike(row: Row, body: Row) -> bool:
    """Check whether a row begins with a whole date as the body does.

    Then it is no header.
    """
    if not row or not body:
        return False
    dated = _written_date(row[0])
    return time_part(row[0]) == time_part(body[0]) == "full" or bool(dated and dated == _written_date(body[0]))


def _written_date(cell: object) -> str:
    """Return the shape of a cell with a word and a year: `9 a Y`."""
    text = re.sub(r"[^\W\d_]+", "a", cell_text(cell))
    shape = re.sub(r"\d+", lambda run: "Y" if len(run[0]) == _YEAR_DIGITS else "9", text)
    return shape if "a" in shape and "Y" in shape else ""
