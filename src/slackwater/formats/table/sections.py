"""Reads rows that are the section of those below: a year above its months."""

from collections.abc import Iterator, Sequence

from slackwater.formats.annotations import bare_time
from slackwater.formats.cells import cell_text, is_sum, time_part
from slackwater.formats.table.reader import Row, is_blank

SECTION = "section"  # the name of the column that holds each row's section

_BELOW = {"year": {"month", "quarter", "half"}, "full": {"clock"}}
"""What a section is → what the rows below it may be; below a name it is any time."""
_FEWEST = 2  # sections by name; chosen: a single one may be a remark on the table


def section_column(rows: Sequence[Row]) -> int | None:
    """Return the column in which sections stand, None where a table has none.

    The first row is one: it is a year, a date or a name alone, and what stands in its column below is of another kind.
    """
    filled = [row for row in rows if not is_blank(row)]
    if not filled:
        return None
    place = next(at for at, cell in enumerate(filled[0]) if cell_text(cell))
    kind = time_part(_cell(filled[0], place))
    if kind is None and not _stands_alone(filled[0], place):
        return None
    sections = [row for row in filled if _is_section(row, place, kind)]
    others = [row for row in filled if not _is_section(row, place, kind) and not is_sum(_cell(row, place))]
    kinds = {time_part(_cell(row, place)) for row in others}
    if kind is None:
        told = kinds and (None not in kinds or (kinds == {None} and _names_again(sections, others, place)))
        return place if len(sections) >= _FEWEST and told else None
    return place if len(others) > 1 and kinds <= _BELOW.get(kind, set()) else None


def under_sections(rows: Iterator[Row], place: int, width: int) -> Iterator[Row]:
    """Yield the rows with their section behind the last of `width` columns.

    Rows that are sections become blank, the numbers beside them being sums.
    """
    section: object = None
    kind: str | None = None
    for row in rows:
        if is_blank(row):
            yield ()
            continue
        if section is None:
            kind = time_part(_cell(row, place))
        if section is None or _is_section(row, place, kind):
            section = bare_time(_cell(row, place))
            yield ()
            continue
        yield [*row[:width], *[None] * (width - len(row)), section, *row[width:]]


def with_section_name(header: Sequence[Row]) -> list[Row]:
    """Return the header's rows with the name of the column of sections behind the last."""
    width = max(map(len, header), default=0)
    padded = [[*row, *[None] * (width + 1 - len(row))] for row in header]
    padded[-1][width] = SECTION
    return [*padded]


def _is_section(row: Row, place: int, kind: str | None) -> bool:
    if time_part(_cell(row, place)) != kind:
        return False
    return kind == "year" or _stands_alone(row, place)


def _names_again(sections: Sequence[Row], others: Sequence[Row], place: int) -> bool:
    """Check whether rows of several sections have the same names, and no section has."""
    names = [cell_text(_cell(row, place)) for row in others]
    return len(set(names)) < len(names) and {cell_text(row[place]) for row in sections}.isdisjoint(names)


def _stands_alone(row: Row, place: int) -> bool:
    return [at for at, cell in enumerate(row) if cell_text(cell)] == [place]


def _cell(row: Row, place: int) -> object:
    return row[place] if place < len(row) else None
