"""Samples an uploaded file: first rows, spread rows, and last rows, bounded."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.header_rows import is_text_alone
from slackwater.discover.file.row_kinds import is_body
from slackwater.discover.file.table_region import Region, begins_another, find_region, trailing
from slackwater.discover.inference.plausibility import unread_quantities
from slackwater.discover.inference.timezones import is_zone
from slackwater.errors import BadSource
from slackwater.formats.cells import cell_text, is_year, time_part
from slackwater.formats.quantities import MULTIPLES, multiples, unit_of, without_unit
from slackwater.formats.table.body import UNNAMED, filled_down
from slackwater.formats.table.headers import Level, header_levels, header_names
from slackwater.formats.table.reader import Row, Table, is_blank
from slackwater.formats.table.sections import are_titles, section_column, title_above, under_sections, with_section_name

FIRST = 1_000  # rows in a row at the beginning
SPREAD = 2_000  # rows between there and the end, about
LAST = 200  # rows in a row at the end
MOST_SECTIONS = 400  # rows; chosen: of 200 sections the names and one row each
SEARCHED = 100  # rows that the header is looked for in
MAX_COLUMNS = 2_000  # columns; chosen: beyond published tables, bounded memory for hostile ones


@dataclass(frozen=True)
class Given:
    """What the configuration says of where the table is."""

    header_row: int | None = None
    header_rows: int | None = None
    first_row: int | None = None
    last_row: int | None = None


@dataclass(frozen=True)
class FileSample:
    """The columns of a table, its place, and its number of filled rows."""

    columns: list[Column]
    region: Region
    levels: list[Level]  # the rows of names
    row_count: int
    first_filled: int  # the first row that is not blank
    head: Sequence[Row]  # the first rows of the file as they are
    consecutive: int  # how many cells of each column come from rows that follow one another
    longer: list[Row]  # sampled rows with something beyond the last column
    again: int | None = None  # the first row that says the column names again
    above_again: int | None = None  # the last row of data above it
    sections: str | None = None  # the column with rows that stand for those below them
    doubled: frozenset[int] = frozenset()  # places in the columns of rows that the file has more than once

    def column(self, name: str) -> Column | None:
        """Return the column of a name, else one differing only in case and spaces."""
        exact = next((column for column in self.columns if column.name == name), None)
        plain = " ".join(name.split()).casefold()
        alike = [column for column in self.columns if column.name.casefold() == plain]
        return exact or (alike[0] if len(alike) == 1 else None)

    @property
    def above_names(self) -> list[str]:
        """The rows above the names, each as one text, pairs among the names as well.

        `Time zone,(GMT+01:00) Berlin` above two columns is taken for names of them, `Time zone,UTC+1,` of three.
        """
        upper = [[cell_text(cell) for cell in level] for level in self.levels[:-1]]
        pairs = [row for row in upper if row[0] and len([text for text in row if text]) == len("ab")]
        zones = [f"{said} {text}" for row in upper for said, text in pairwise(row) if is_zone(text, beside=said)]
        return [*self.above, *map(" ".join, pairs), *zones]

    @property
    def above(self) -> list[str]:
        """The rows above the names of the columns, each as one text."""
        end = self.region.header_row or self.region.first_row
        return [" ".join(map(cell_text, row)) for row in self.head[: max(0, end - 1)]]

    @property
    def names(self) -> str:
        """The names of the columns, for a message."""
        return ", ".join(repr(column.name) for column in self.columns[:50])

    def without(self, words: Sequence[str]) -> "FileSample":
        """Return the sample with no value where one of the words stands."""
        none = frozenset(word.strip().casefold() for word in words)
        columns = [
            replace(column, cells=[None if cell_text(cell).casefold() in none else cell for cell in column.cells])
            for column in self.columns
        ]
        return replace(self, columns=columns)

    def without_units(self, given: Sequence[str] = ()) -> tuple["FileSample", dict[str, str]]:
        """Return the sample without units behind numbers, and column → unit.

        Letters behind the numbers of the columns that are `given` as values are those of thousands and more.
        """
        texts = {column.name: column.filled for column in self.columns if _is_text(column)}
        # Where each row has a time of its own, few different quantities, such as depths, need not name the series.
        times = [column for column in self.columns if column.time_rank > 1]
        clocks = [column for column in self.columns if column.part in {"clock", "hour"}]
        alone = any(_differs(column.cells) for column in times) or any(
            _differs([*zip(day.cells, clock.cells, strict=True)]) for day in times for clock in clocks
        )
        likely = [name for name in texts if len(set(texts[name])) > 1] if alone else list(unread_quantities(texts))
        likely += [name for name in texts if name not in likely and time_part(name)]  # of few rows each is the same
        units = {name: unit for name in likely if (unit := unit_of(texts[name])) is not None}
        units |= {name: MULTIPLES for name in texts if name in given and multiples(texts[name])}
        columns = [
            replace(column, cells=[without_unit(cell, units[column.name]) for cell in column.cells])
            if column.name in units
            else column
            for column in self.columns
        ]
        return replace(self, columns=columns), units

    def filled_down(self, names: Sequence[str]) -> "FileSample":
        """Return the sample with columns filled down, within consecutive rows only."""
        places = [at for at, column in enumerate(self.columns) if column.name in names]
        rows = zip(*(column.cells[: self.consecutive] for column in self.columns), strict=True)
        cut = list(zip(*filled_down(iter(rows), places), strict=True))
        columns = [replace(column, cells=cut[at] if cut else []) for at, column in enumerate(self.columns)]
        return replace(self, columns=columns)


def _is_text(column: Column) -> bool:
    return column.number_form is None and column.part is None and not column.time_rank


def _differs(cells: Sequence[object]) -> bool:
    filled = [text for text in map(cell_text, cells) if text]
    return len(set(filled)) == len(filled)


def take_sample(table: Table, given: Given = Given()) -> FileSample:
    """Read a table once, keeping a few thousand rows; detect what is not given.

    Raises BadSource when there is no row, or none so far down.
    """
    wanted = max(SEARCHED, given.header_row or 0, (given.first_row or 0) + SEARCHED)
    head = list(islice(table.rows, wanted + FIRST))
    filled = [place for place, row in enumerate(head, 1) if not is_blank(row)]
    if not filled:
        raise BadSource("the file is empty" if len(head) < SEARCHED else f"the first {len(head)} rows are blank")
    if given.header_row is not None and given.header_row > len(head):
        raise BadSource(f"header_row is {given.header_row}, but the file has only {len(head)} rows", field="header_row")
    _refuse_wide(min(len(head[place - 1]) for place in filled))  # any of them may have the names
    looked_at = head if given.last_row is None else head[: given.last_row]
    region = find_region(looked_at, given.header_row, given.header_rows)
    header = head[region.header_row - 1 :][: region.header_rows] if region.header_row else [_unnamed(head, region)]
    width = max(map(len, header))
    _refuse_wide(width)
    if given.first_row is not None:
        if given.first_row < region.header_row + region.header_rows * bool(region.header_row):
            raise BadSource(
                f"first_row is {given.first_row}, but the column names end below it; give header_row too",
                field="header_row",
            )
        region = replace(region, first_row=given.first_row)
    rest = _Rest(table, head, header[0])
    if rest.sections and given.header_row is None and given.last_row is None:
        # The name of a first section that is longer than what was looked at may have seemed to be a title.
        region = replace(find_region([*head, *rest.sections]), another=region.another)
        header = head[region.header_row - 1 :][: region.header_rows] if region.header_row else header
    region = _ended(region, head, rest, given.last_row)
    first = _of_body(head, 1, region)
    names = header_names(header_levels(header))
    seen = [row for row in (*first, *rest.sections) if not _is_header(row, names)]
    title = title_above(head[: max(0, region.header_row - 1)]) if region.header_row else ()
    above_others = [*_titles(head[region.first_row - 1 :], names), *rest.titles]
    if not title or not are_titles(title, above_others):
        title = ()
    sections = section_column([title, *seen] if title else seen) if region.header_row else None
    further = rest.kept(region) if sections is None else rest.sections
    if sections is not None:
        first, further = (
            [row for row in under_sections(iter(rows), sections, width, begin) if row]
            for rows, begin in ((_without_names(first, names), title), (_without_names(further, names), ()))
        )
        header = with_section_name(header)
        names = header_names(header_levels(header))
    above = [row for row in _once(first) if not _is_header(row, names)]
    body = [*above, *(row for row in further if not _is_header(row, names))]
    consecutive = len(above)
    counts = Counter(_texts(row) for row in first)
    again = next(
        (place for place, row in enumerate(head, 1) if place >= region.first_row and _is_header(row, names)), None
    )
    above_again = [place for place, row in enumerate(head[: again or 0], 1) if is_body(row, 2) and place != again]
    columns = [
        Column(name, [row[place] if place < len(row) else None for row in body]) for place, name in enumerate(names)
    ]
    if sections is not None and all(map(is_year, columns[-1].filled)):
        columns[-1] = replace(columns[-1], said="year")
    return FileSample(
        columns=columns,
        region=region,
        levels=header_levels(header),
        row_count=sum(not _is_header(row, names) for row in first) + rest.count,
        first_filled=filled[0],
        head=head[:wanted],
        consecutive=consecutive,
        again=again,
        above_again=max(above_again, default=None),
        doubled=frozenset(place for place, row in enumerate(above) if counts[_texts(row)] > 1),
        longer=[row for row in body if len(row) > len(names) and not is_blank(row[len(names) :])],
        sections=None if sections is None else names[sections],
    )


def _without_names(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    return [row for row in rows if not _is_header(row, names)]


def _titles(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return the rows with a text alone right above names that come again."""
    filled = [row for row in rows if not is_blank(row)]
    pairs = pairwise(filled)
    return [row for row, below in pairs if _is_header(below, names) and is_text_alone(row)]


class _Rest:
    """The kept rows after the first ones: some spread, and the last."""

    def __init__(self, table: Table, head: Sequence[Row], header: Row) -> None:
        self.count = 0
        self.last: deque[tuple[int, Row]] = deque(maxlen=LAST)
        self.another: int | None = None  # the row of names of a second table
        self.sections: list[Row] = []  # rows with a text alone, and the first rows below each
        self.titles: list[Row] = []  # those of them that stand above names that come again
        self._spread: list[tuple[int, Row]] = []
        read = len(head)
        step = max(1, (table.total - read) // SPREAD)
        before: Row = ()
        alone: Row = ()  # the last row with a text alone, if nothing but the names is below it
        for number, row in enumerate(table.rows, read + 1):
            self.count += bool(row) and not is_blank(row)
            self.last.append((number, row))
            if number % step == 0 and len(self._spread) < SPREAD * 2:
                self._spread.append((number, row))
            if self.another is None and _may_be_names(before) and begins_another(before, row, header):
                self.another = number - 1
            self._keep_section(before, row)
            if row and row == header:
                alone = before if is_text_alone(before) else ()
            elif alone and before == header and len(self.titles) < MOST_SECTIONS:
                self.titles.append(alone)
                self.sections += [alone, row]
            before = row

    def _keep_section(self, before: Row, row: Row) -> None:
        """Keep a text alone and the row of the body below it."""
        if len(before) - before.count("") - before.count(None) != 1 or len(self.sections) >= MOST_SECTIONS:
            return
        if is_text_alone(before) and is_body(row, 2):
            self.sections += [before, row]

    def kept(self, region: Region) -> list[Row]:
        """Return the sampled rows that belong to the table."""
        end = region.last_row or float("inf")
        before = self.last[0][0] if self.last else 0
        rows = [each for each in self._spread if each[0] < before]
        return [row for number, row in (*rows, *self.last) if number <= end and not is_blank(row)]


def _may_be_names(row: Row) -> bool:
    """Check quickly whether first and last cell could be names: no leading digit."""
    return bool(row) and all(isinstance(cell, str) and not cell[:1].isdigit() for cell in (row[0], row[-1]))


def _ended(region: Region, head: Sequence[Row], rest: _Rest, given: int | None) -> Region:
    """Return the region with its last row, given or detected, if any."""
    if given is not None:
        return replace(region, last_row=given, another=None)
    last, footer = trailing(list(rest.last) or list(enumerate(head, 1))[region.first_row - 1 :])
    return replace(region, last_row=last, footer=footer, another=region.another or rest.another)


def _refuse_wide(width: int) -> None:
    """Raise BadSource for more columns than are read.

    Looking at millions of them takes minutes.
    """
    if width > MAX_COLUMNS:
        raise BadSource(f"the file has {width:,} columns; {MAX_COLUMNS:,} are the most")


def _of_body(head: Sequence[Row], first: int, region: Region) -> list[Row]:
    end = region.last_row if region.last_row is not None else len(head)
    return [row for row in head[region.first_row - first : end] if not is_blank(row)]


def _once(rows: Sequence[Row]) -> list[Row]:
    """Return the rows without exact repetitions, which add no information."""
    return list({_texts(row): row for row in reversed(rows)}.values())[::-1]


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(map(str, row))


def _is_header(row: Row, names: Sequence[str]) -> bool:
    """Say whether a row says the column names again."""
    said = False
    for cell, name in zip(row, names, strict=False):
        text = cell_text(cell)
        if text and text != name:
            return False
        said = said or bool(text)
    return said


def _unnamed(head: Sequence[Row], region: Region) -> Row:
    return [None] * max((len(row) for row in head[region.first_row - 1 :][:UNNAMED]), default=0)
