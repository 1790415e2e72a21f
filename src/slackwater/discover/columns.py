"""What the columns of a sample are: times, numbers, identifiers or text; and which row names them. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from slackwater.runtime.dates import TimeForm, infer_time_form
from slackwater.runtime.numbers import NumberForm, infer_number_form, is_missing
from slackwater.runtime.tables import Row, is_blank

PREAMBLE = 50  # rows that the row of column names is looked for in

_TIME_WORDS = frozenset({
    "time", "date", "datetime", "timestamp", "day", "year", "period", "month", "week", "quarter", "hour",
    "moment", "when", "instant", "epoch", "utc", "data", "dia", "ano", "anos", "mes", "hora", "periodo",
    "momento", "semana", "trimestre", "fecha", "jahr", "datum", "zeit", "jour", "annee",
})  # fmt: skip
_PART_WORDS = frozenset({
    "month", "mes", "day", "dia", "week", "semana", "hour", "hora", "minute", "minuto", "second", "segundo",
})  # fmt: skip
_ID_WORDS = frozenset({
    "id", "uuid", "code", "codigo", "cod", "lat", "latitude", "lon", "lng", "longitude", "zip", "postcode",
})  # fmt: skip
_COUNT_WORDS = frozenset({"index", "idx", "row", "nr", "number", "numero", "key", "no"})  # "price index" is a series
_LINKS = frozenset({"of", "the", "in", "do", "da", "de", "del", "number", "no", "nr"})


@dataclass(frozen=True)
class Column:
    """A column of the sample: its name and its cells, in the order of the file."""

    name: str
    cells: Sequence[object]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name, in lower case and without accents."""
        plain = unicodedata.normalize("NFKD", re.sub(r"([a-z])([A-Z])", r"\1 \2", self.name))
        return frozenset(re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)).lower()))

    @cached_property
    def filled(self) -> list[object]:
        """Its cells that have a value."""
        return [cell for cell in self.cells if not is_missing(cell)]

    @cached_property
    def time_form(self) -> TimeForm | None:
        """How it writes times, None when it holds none."""
        return infer_time_form(self.filled)

    @cached_property
    def number_form(self) -> NumberForm | None:
        """How it writes numbers, None when it holds none."""
        return infer_number_form(self.filled)

    @property
    def named_as_time(self) -> bool:
        """Whether its name says that it holds times."""
        return bool(self.words & _TIME_WORDS)

    @property
    def part_of_time(self) -> bool:
        """Whether it is a month, a day, an hour… by name and by content."""
        alone = bool(self.words & _PART_WORDS) and self.words <= _PART_WORDS | _TIME_WORDS | _LINKS
        return alone and self.number_form is not None

    @property
    def time_rank(self) -> int:
        """How likely it is the time of its rows: 3 dates and named so, 2 one of the two, 1 numbers in order, 0 no."""
        form = self.time_form
        if form is None:
            return 0
        if not form.numeric:
            return 3 if self.named_as_time else 2
        if self.named_as_time:
            return 2
        return 1 if form.form == "year" and _in_order(self.filled) else 0

    @property
    def identifies(self) -> bool:
        """Whether its numbers count or identify the rows: nobody draws them over time."""
        if self.words & _ID_WORDS or (self.words and self.words <= _COUNT_WORDS):
            return True
        return self.name == "column 1" and _counts_up(self.filled)

    @property
    def kind(self) -> str:
        """`time`, `number` or `text`, as an upload shows it."""
        if self.time_rank > 1:
            return "time"
        return "number" if self.number_form is not None else "text"

    def examples(self, count: int = 3) -> str:
        """Return a few of its values for a message."""
        return ", ".join(repr(text[:40]) for text in list(dict.fromkeys(map(str, self.filled)))[:count])


def find_header(rows: Sequence[Row]) -> int:
    """Return the row of the column names among the first rows of a file: 1 is the first, 0 means that there is none.

    Titles and notes above a table have fewer cells than the table; a row of names has no values that the rows below it
    have in the same places.
    """
    widths = sorted(_filled(row) for row in rows if not is_blank(row))
    if not widths:
        return 1
    usual = widths[len(widths) // 2]
    for place, row in enumerate(rows[:PREAMBLE]):
        if _filled(row) < max(2, usual * 0.6):
            continue
        below = [other for other in rows[place + 1 : place + 20] if not is_blank(other)]
        return 0 if below and _is_data(row, below) else place + 1
    return next(place for place, row in enumerate(rows, 1) if not is_blank(row))


def _is_data(row: Row, below: Sequence[Row]) -> bool:
    """Say whether a row has a value, not a name, in each place where the rows below it have one."""
    places = [place for place, cell in enumerate(row) if _is_value(cell)]
    valued = [
        place
        for place in range(len(row))
        if sum(place < len(other) and _is_value(other[place]) for other in below) * 2 > len(below)
    ]
    return bool(valued) and set(valued) <= set(places)


def _is_value(cell: object) -> bool:
    return not is_missing(cell) and (infer_number_form([cell]) is not None or infer_time_form([cell]) is not None)


def _filled(row: Row) -> int:
    return sum(cell is not None and bool(str(cell).strip()) for cell in row)


def _numbers(cells: Sequence[object]) -> list[float]:
    try:
        return [float(cell) for cell in cells]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []


def _in_order(cells: Sequence[object]) -> bool:
    numbers = _numbers(cells)
    rises = [later > earlier for earlier, later in pairwise(numbers)]
    return bool(rises) and (all(rises) or not any(rises))


def _counts_up(cells: Sequence[object]) -> bool:
    """Say whether the cells number the rows, from 0 or 1."""
    numbers = _numbers(cells[:100])
    return (
        len(numbers) > 1 and numbers[0] in (0, 1) and all(later == earlier + 1 for earlier, later in pairwise(numbers))
    )
