"""Classifies the columns of a sample: times, time parts, numbers, identifiers, text. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from itertools import pairwise
from operator import floordiv, mod

from slackwater.discover.inference.number_column import FEW, NumberColumn
from slackwater.discover.inference.period_parts import is_hour_range
from slackwater.discover.inference.signals import weighed
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.discover.inference.words import ONCE_A_DAY
from slackwater.formats.annotations import are_bare, bare_number, bare_time, is_nothing, lenient_numbers, lenient_times
from slackwater.formats.calendars import without_era
from slackwater.formats.cells import cell_text, is_sum, is_year, looks_number
from slackwater.formats.counted_times import are_days_of_sheets, rivals_of_excel, since_form
from slackwater.formats.month_names import names_month
from slackwater.formats.numbers import NumberForm, are_plain, infer_number_form, number_parser
from slackwater.formats.periods import coded_period, half_number, is_month, period_reader, quarter_number
from slackwater.formats.timestamp_inference import TimeForm, in_its_century, infer_time_form
from slackwater.formats.timestamps import time_parser

_TIME_WORDS = words_for("time")
_PART_WORDS = frozenset(
    word
    for part in ("month", "quarter", "half", "week", "dekad", "day", "hour", "minute", "second")
    for word in words_for(part)
)
_LINKS = frozenset({"of", "the", "in", "do", "da", "de", "del", "number", "no", "nr"})


_YEAR_WORDS = words_for("yearly")
_COUNTING = frozenset({"counter", "part of the time"})
_PART_READERS = {"month": is_month, "quarter": quarter_number, "half": half_number}
_PART_NUMBERS = {  # part → from and up to which numbers it has
    "month": (1, 12),
    "quarter": (1, 4),
    "half": (1, 2),
    "week": (1, 53),
    "day": (1, 31),
    "hour": (0, 24),
    "dekad": (1, 36),
}
_HOUR_WORD = re.compile(r"\d{1,2}\s?(?:uhr|uur|hod\.?)", re.IGNORECASE)
_WHOLE_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])[0-5]\d|[0-5]?\d|2400", re.ASCII)
_CLOCK_WORDS = (
    _TIME_WORDS
    | _LINKS
    | words_for("hour")
    | words_for("minute")
    | frozenset({"hhmm", "hourminute", "utc", "gmt", "lst", "local", "standard", "obs", "observation", "observed"})
)
_MANY_MINUTES = 20  # different ones; chosen: of other numbers two in five would have 60 and more behind
_SEVERAL_HOURS = 4  # chosen: numbers that run through so many hundreds have 60 and more behind, too
_LONGEST_MONTH = 31  # days
_MOSTLY = 0.5  # of the steps from row to row; chosen: another station begins anew
_FULL_HOUR = 100  # 1:00 as a whole number
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(?:(?P<half>\s*[ap]\.?\s?(?:m\.?)?)|\s?(?:Z|UTC|GMT))?", re.I)


_PACKED_DAYS = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S")
NAMELESS = re.compile(r"column \d+(?: \(\d+\))?")
"""What a column is called that has no name."""
_HALF_OF_DAY = re.compile(r"[ap]\.?\s?m\.?", re.IGNORECASE)
_HOUR_ALONE = re.compile(r"^(\d{1,2})$", re.ASCII)
_HOUR_OF_CLOCK = re.compile(r"(?:^|[\sT])(\d{1,2}):?\d\d(?::\d\d(?:\.\d+)?)?$", re.ASCII)
_FORM_OF_CLOCK = re.compile(r"\bh+\W?min\b", re.IGNORECASE)  # whose `min` are minutes
_NOON = 12  # the last hour of each half of a day
_PLAIN_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?P<zone>\s?(?:UTC|GMT|Z))?", re.ASCII)
_OFFSET = re.compile(
    r"(?:UTC|GMT)\s?(?:[+-](?:0?\d|1[0-4])(?::?(?:00|15|30|45))?)?|[+-](?:0\d|1[0-4]):?(?:00|15|30|45)"
)
"""From UTC, as no measurement is written."""
_SIGNED = re.compile(r"[+-](?:0?\d|1[0-4])(?:[.,](?:25|5|75|50|0|00))?")
# In English, and what other languages call a zone of times.
_OF_OFFSETS = frozenset({"utc", "gmt", "tz", "timezone", "zone", "zeitzone", "fuso", "huso", "fuseau"})
_OF_OFFSETS |= {"tijdzone", "tidszon", "tidssone", "tidszone", "strefa", "aikavyöhyke"}


@dataclass(frozen=True)
class Column:
    """A column of the sample: its name and its cells in file order."""

    name: str
    cells: Sequence[object]
    said: str | None = None  # the part of a time that its place among nameless columns gives it
    since: str | None = None  # what its numbers count from, as lines above the table say

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name, in lower case and without accents."""
        plain = unicodedata.normalize("NFKD", re.sub(r"([a-z])([A-Z])", r"\1 \2", self.name))
        return frozenset(re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)).lower()))

    @cached_property
    def texts(self) -> list[str]:
        """Its cells as texts, in each row."""
        return list(map(cell_text, self.cells))

    @cached_property
    def _not_blank(self) -> list[object]:
        return [cell for cell in self.cells if cell is not None and cell != ""]

    @cached_property
    def _plain(self) -> bool:
        return are_plain(self._not_blank)

    @cached_property
    def filled(self) -> list[object]:
        """Its cells that have a value."""
        return self._not_blank if self._plain else [cell for cell in self._not_blank if not is_nothing(cell)]

    @cached_property
    def moments(self) -> list[object]:
        """Its cells that may be times, without footnotes and without the words for sums."""
        if are_bare(self.filled):
            return self.filled
        return [bare_time(cell) for cell in self.filled if not is_sum(cell) or _names_a_month(cell)]

    @cached_property
    def time_form(self) -> TimeForm | None:
        """How it writes times, None when it holds none."""
        if (since := self.since or since_form(self.name)) and self.number_form is not None:
            return TimeForm(since)
        form = infer_time_form(self.moments)
        if form is None and self.named_as_time and are_days_of_sheets(_numbers(self.moments)):
            # Forecasts of a day ahead go up and down, days run on; those of a station after those of another as well.
            form = TimeForm("excel", rivals_of_excel(_numbers(self.moments)))
            return form if self._words_of_time or _runs(self.moments) else None
        if form is None and self.names_weeks and None not in map(period_reader("week"), map(cell_text, self.moments)):
            form = TimeForm("week")
        if form is None and self.named_as_time and (code := coded_period(map(cell_text, self.moments))):
            form = in_its_century(TimeForm(code), self.moments)
        if form is not None and form.form == "iso" and _mixed_lengths(self.moments):
            return None
        return form

    @property
    def instants(self) -> list[int | None]:
        """The times of its cells, in µs since the epoch; [] without a form."""
        form = self.time_form
        return lenient_times(time_parser(form.form, UTC))(self.cells) if form else []

    @property
    def _words_of_time(self) -> bool:
        """Whether its name has no other words than those of times."""
        return self.words <= _PART_WORDS | _TIME_WORDS | _LINKS

    @property
    def counts_things(self) -> bool:
        """Whether its name may be of things and no times: `Dry days since 2020-01-01`."""
        before = re.search(r"([^\W\d_]+)\s+\w+ since ", self.name)
        if before is None or before[1].lower() in _CLOCK_WORDS:
            return False
        return len(set(map(str, self.filled))) < len(self.filled)

    @cached_property
    def number_form(self) -> NumberForm | None:
        """How it writes numbers, None when it holds none."""
        form = infer_number_form(self.filled)
        if (form is None or form.doubtful) and self.number_count >= 0.8 * len(self.filled):
            form = infer_number_form([bare_number(cell) for cell in self.filled])
        return form

    @cached_property
    def number_count(self) -> int:
        """How many of its cells are written as numbers."""
        return len(self.filled) if self._plain else sum(map(looks_number, self.filled))

    @property
    def contradicts(self) -> bool:
        """Whether its cells are all written as numbers, but in no one form."""
        return self.number_form is None and len(self.filled) > 1 and self.number_count == len(self.filled)

    @cached_property
    def part(self) -> str | None:
        """Which part of a time it holds: year, month, week, hour, clock; None otherwise.

        Also quarter, half, day and offset.
        """
        cells = self.moments
        if not cells or self.said:
            return self.said
        if all(isinstance(cell, str) and _HOUR_WORD.fullmatch(cell.strip()) for cell in self.filled) or (
            all(map(is_hour_range, map(cell_text, cells))) and len(set(cells)) >= FEW
        ):
            return "hour"
        for part, number in _PART_READERS.items():
            if all(isinstance(cell, str) and number(cell) for cell in cells):
                return part
        if self.clock_form or all(_CLOCK.fullmatch(cell_text(cell)) for cell in cells):
            return "clock"
        if all(_OFFSET.fullmatch(cell_text(cell)) for cell in cells) or (
            self.words & _OF_OFFSETS and all(_SIGNED.fullmatch(cell_text(cell)) for cell in cells)
        ):
            return "offset"
        for part, (low, high) in _PART_NUMBERS.items():
            alone = bool(self.words & words_for(part)) and self._words_of_time
            numbers = _numbers(cells) if alone else []
            if numbers and all(number == int(number) and low <= number <= high for number in numbers):
                return part
        # Numbers below a blank name may be years or not, and stand for no rows below them.
        called = bool(self.words - _LINKS) and self.words <= _TIME_WORDS | _LINKS
        if called and self.time_form and self.time_form.form == "year":
            return "year"
        return None

    @cached_property
    def clock_form(self) -> str | None:
        """How it writes clocks without a colon: `0930`, `1500 UTC`; None for others."""
        if self._whole_clocks:
            return "%H%M"
        if not self.moments or not all(isinstance(cell, str) and _PLAIN_CLOCK.fullmatch(cell) for cell in self.moments):
            return None
        behind = {match["zone"] or "" for match in map(_PLAIN_CLOCK.fullmatch, map(str, self.moments)) if match}
        if len(behind) > 1:
            return None
        zone = behind.pop()
        called = self.words & (words_for("hour") | {"hhmm", "time", "clock"}) and any(
            str(cell)[0] == "0" for cell in self.moments
        )
        return f"%H%M{zone}" if zone or called else None

    @cached_property
    def _whole_clocks(self) -> bool:
        """Whether it holds clocks as whole numbers: 5, 30, 100, 2330.

        Cells that nothing calls so are clocks by many different minutes, none of them above 59.
        """
        if not self.filled or not cell_text(self.filled[0]).isdecimal():
            return False
        texts = set(map(cell_text, self.filled))
        if not all(text.isdecimal() and _WHOLE_CLOCK.fullmatch(text) for text in texts):
            return False
        numbers = list(map(int, texts))
        if max(numbers, default=0) < _FULL_HOUR:
            return False
        four = all(len(text) == len("2359") for text in texts)  # which may be years
        # All of its name: a travel time and visits per hour are measured.
        called = not four and bool(self.words - _LINKS) and self.words <= _CLOCK_WORDS
        if called and len(numbers) >= FEW:
            return True
        hours, minutes = ({part(number, _FULL_HOUR) for number in numbers} for part in (floordiv, mod))
        return len(minutes) >= _MANY_MINUTES and len(hours) >= _SEVERAL_HOURS

    @property
    def twelve_hours(self) -> bool:
        """Whether it holds clocks of twelve hours: `11:00p`."""
        return any((match := _CLOCK.fullmatch(cell_text(cell))) and match["half"] for cell in self.filled[:100])

    @property
    def halves_the_day(self) -> bool:
        """Whether it holds nothing but `AM` and `PM`, be they halves or series."""
        return bool(self.moments) and all(_HALF_OF_DAY.fullmatch(cell_text(cell)) for cell in self.moments)

    def lacks_half(self, halves: "Column") -> bool:
        """Check for bare clocks of twelve hours.

        They are from 1 to 12, or from 0 to 11 with afternoons.
        """
        hours = _HOUR_ALONE if self.part == "hour" else _HOUR_OF_CLOCK
        told = [hours.search(cell_text(cell)) for cell in self.moments]
        numbers = {int(match[1]) if match else _NOON + 1 for match in told}
        if numbers == {*range(_NOON)}:  # all of them: few may be of a morning
            return any(cell_text(cell)[0] in "pP" for cell in halves.moments)
        return bool(numbers) and numbers <= {*range(1, _NOON + 1)}

    @property
    def once_a_day(self) -> bool:
        """Whether its name says that it is of something that a day has one of."""
        return bool(ONCE_A_DAY.intersection(plain_words(_FORM_OF_CLOCK.sub(" ", self.name))))

    @property
    def named_as_time(self) -> bool:
        """Whether its name says that it holds times."""
        return bool(self.words & _TIME_WORDS)

    @property
    def names_weeks(self) -> bool:
        """Whether its name is of ISO weeks; those of epidemiologists begin on Sundays."""
        return bool(self.moments) and bool(self.words & (words_for("week") | {"isoweek", "yearweek"}))

    @property
    def decimal_year(self) -> bool:
        """Whether it says the time once more, as a fraction of the year."""
        return "decimal" in self.words and bool(self.words & _TIME_WORDS)

    @property
    def time_rank(self) -> int:
        """How likely it is its rows' time: 3 certain, 2 likely, 1 possible, 0 no.

        3 are dates in a column named so, 2 one of the two, 1 numbers in order.
        """
        form = self.time_form
        if form is None:
            return 0
        if self.said == "year":
            return 2
        if self.counts_things:
            return 1
        if form.form == "year" and self.words and self.words <= words_for("year"):
            return 2
        if not form.numeric:
            return 3 if self.named_as_time else 2
        if self.named_as_time:
            return 2 if form.form != "year" or self.words <= _TIME_WORDS | _LINKS | _YEAR_WORDS else 1
        if form.form in _PACKED_DAYS and len(self.filled) >= FEW and self._runs_on:
            return 2  # no measurement is a day of the calendar in each row, ever later or ever earlier
        told = [without_era(cell_text(cell)) for cell in self.filled]
        plain = sum(map(is_year, told)) * 2 > len(told)  # `1990e`, `2000p`: codes, if all have a mark
        return 1 if form.form == "year" and plain and _in_order(self.moments) else 0

    @property
    def _runs_on(self) -> bool:
        """Whether its numbers only rise or fall; nameless days may come again."""
        numbers = _numbers(self.filled)
        again = NAMELESS.fullmatch(self.name) is not None and len(set(numbers)) >= 2
        return _in_order(self.filled) or (again and numbers in (sorted(numbers), sorted(numbers, reverse=True)))

    @property
    def identifies(self) -> bool:
        """Whether its numbers count or identify the rows: nobody draws them over time."""
        return self.number_form is not None and not weighed(self.as_numbers(self.number_form)).is_value

    @property
    def counts(self) -> bool:
        """Whether its numbers count rows or are parts of times, and name no series."""
        return self.number_form is not None and weighed(self.as_numbers(self.number_form)).role in _COUNTING

    @cached_property
    def _as_numbers(self) -> dict[NumberForm, NumberColumn]:
        return {}

    def as_numbers(self, form: NumberForm, groups: Sequence[Sequence[Sequence[int]]] = ()) -> NumberColumn:
        """Return its cells as numbers of that form, for the signals."""
        if form not in self._as_numbers:
            values, _ = lenient_numbers(number_parser(form.decimal, form.thousands))(self.cells)
            self._as_numbers[form] = NumberColumn(self.name, self.cells, values)
        found = self._as_numbers[form]
        return replace(found, partitions=groups) if groups else found

    @property
    def plain_numbers(self) -> list[float]:
        """Its cells as numbers, [] where one is none."""
        return _numbers(self.filled)

    @property
    def kind(self) -> str:
        """`time`, `number` or `text`, as an upload shows it."""
        if self.time_rank > 1 or self.part is not None:
            return "time"
        return "number" if self.number_form is not None else "text"

    def examples(self, count: int = 3) -> str:
        """Return a few of its values for a message."""
        return ", ".join(repr(text[:40]) for text in list(dict.fromkeys(map(str, self.filled)))[:count])


def _names_a_month(cell: object) -> bool:
    """Check whether a word for sums is a month, too: `avg`, August."""
    return any(map(names_month, re.findall(r"[a-z]+", cell_text(cell).lower())))


def _numbers(cells: Sequence[object]) -> list[float]:
    try:
        return [float(cell) for cell in cells]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []


def _in_order(cells: Sequence[object]) -> bool:
    numbers = _numbers(cells)
    rises = [later > earlier for earlier, later in pairwise(numbers)]
    return bool(rises) and (all(rises) or not any(rises))


def _runs(cells: Sequence[object]) -> bool:
    """Check whether numbers rise or fall only, or mostly by a month at most."""
    numbers = _numbers(cells)
    steps = [abs(later - earlier) for earlier, later in pairwise(numbers)]
    if numbers in (sorted(numbers), sorted(numbers, reverse=True)):
        return True
    return sum(step <= _LONGEST_MONTH for step in steps) > _MOSTLY * len(steps)


def _mixed_lengths(cells: Sequence[object]) -> bool:
    """Check whether a column mixes years, months and days, so that times coincide."""
    lengths = {len(cell) for cell in cells if isinstance(cell, str)} & {4, 7, 10}
    return len(lengths) > 1
