"""Reads rows that are the section of those below: a year above its months."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from slackwater.formats.annotations import bare_time
from slackwater.formats.cells import cell_text, is_sum, time_part
from slackwater.formats.civil_time import plain_clock
from slackwater.formats.table.reader import Row, is_blank
from slackwater.model.instants import HOUR

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
        blocks = _blocks(filled, place, kind)
        told = kinds and (None not in kinds or (kinds == {None} and _names_again(sections, blocks, place)))
        return place if len(sections) >= _FEWEST and told else None
    if len(others) < _FEWEST or not kinds <= _BELOW.get(kind, set()) or _has_rows_of_years(filled, place, kind):
        return None
    return None if "clock" in kinds and _ends_on_another_day(filled, place, kind) else place


def title_above(rows: Sequence[Row]) -> Row:
    """Return the last row with anything, if it has a text alone; else ()."""
    filled = [row for row in rows if not is_blank(row)]
    alone = bool(filled) and _stands_alone(filled[-1], 0) and time_part(filled[-1][0]) is None
    return filled[-1] if alone else ()


_PAGE = re.compile(
    r"(?:page|p\.|sheet|seite|blatt|p[áa]gina|folha|hoja|feuille|pagina|foglio|strona|strana|side|sida)\s*\d+"
    r"(?:\s*(?:of|/|von|de|di|z|ze|av|sur)\s*\d+)?",
    re.IGNORECASE,
)
_CONTINUED = re.compile(  # bare words of other languages are names as well: `Corriente continua`
    r"\s+continued$|\s*[(,–-]\s*(?:continued|cont(?:\.|'d)?|continua\w*|fort(?:setzung|s\.)|suite|vervolg)\)?$",
    re.IGNORECASE,
)


def are_titles(first: Row, others: Sequence[Row]) -> bool:
    """Check whether texts above names that come again tell the tables below them apart.

    Those with numbers tell of pages as well, where the first of them is another text.
    """
    texts = [_CONTINUED.sub("", cell_text(_cell(row, 0))) for row in (first, *others)]
    if all(map(_PAGE.fullmatch, texts)):
        return False
    numbered = any(char.isdigit() for text in texts for char in text)
    words = {text.split()[0] for text in texts if text}
    return bool(others) and all(texts) and len(set(texts)) > 1 and (len(words) == 1 or not numbered)


def under_sections(rows: Iterator[Row], place: int, width: int, title: Row = ()) -> Iterator[Row]:
    """Yield the rows with their section behind the last of `width` columns.

    Rows that are sections become blank, the numbers beside them being sums. The first section may be the `title` above
    the names.
    """
    if title:
        ahead = _until_two(rows)
        rows = chain(ahead, rows)
        title = () if _begins_with_a_section(ahead, place) else title
    section: object = None
    kind: str | None = None
    for row in rows:
        if section is None and title and not is_blank(row) and not _stands_alone(row, place):
            section = bare_time(_cell(title, place))
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


def _until_two(rows: Iterator[Row]) -> list[Row]:
    """Return the first rows, of which two are not blank."""
    found: list[Row] = []
    for row in rows:
        found.append(row)
        if len([each for each in found if not is_blank(each)]) > 1:
            break
    return found


def _begins_with_a_section(rows: Sequence[Row], place: int) -> bool:
    """Check whether the first row is the year of the months below it."""
    kinds = [time_part(_cell(row, place)) for row in rows if not is_blank(row)]
    return len(kinds) > 1 and kinds[1] in _BELOW.get(kinds[0] or "", set())


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


def _blocks(rows: Sequence[Row], place: int, kind: str | None) -> list[list[str]]:
    """Return what stands in the column below each section."""
    blocks: list[list[str]] = []
    for row in rows:
        if _is_section(row, place, kind):
            blocks.append([])
        else:
            blocks[-1].append(cell_text(_cell(row, place)))
    return blocks


def _has_rows_of_years(rows: Sequence[Row], place: int, kind: str) -> bool:
    """Check whether years with numbers have no months below them: these are no sums.

    Nobody knows of which year the months are that follow them. The last one may have none yet.
    """
    years = [row for row in rows if _is_section(row, place, kind)]
    blocks = _blocks(rows, place, kind)
    return any(not block and not _stands_alone(row, place) for row, block in zip(years[:-1], blocks[:-1], strict=True))


def _ends_on_another_day(rows: Sequence[Row], place: int, kind: str) -> bool:
    """Check whether the clocks of a date go back, as past midnight."""
    for block in _blocks(rows, place, kind):
        clocks = [clock for text in block if (clock := plain_clock(text)) is not None]
        back = [earlier - later for earlier, later in pairwise(clocks)]
        if max(back, default=0) > HOUR and min(back) < 0:  # those of a table that runs backwards all go back
            return True
    return False


def _names_again(sections: Sequence[Row], blocks: Sequence[Sequence[str]], place: int) -> bool:
    """Check whether sections have rows of the same names, and other names themselves.

    A row without numbers looks as a section does, and has other rows below it. A sum below the last section alone is
    that of the table.
    """
    names = [set(block) for block in blocks]
    if any(one.isdisjoint(other) for n, one in enumerate(names) for other in names[n + 1 :]):
        return False
    known = set().union(*names[:-1])
    if any(is_sum(name) for name in names[-1] - known):
        return False
    return {cell_text(row[place]) for row in sections}.isdisjoint(known | names[-1])


def _stands_alone(row: Row, place: int) -> bool:
    return [at for at, cell in enumerate(row) if cell_text(cell)] == [place]


def _cell(row: Row, place: int) -> object:
    return row[place] if place < len(row) else None
