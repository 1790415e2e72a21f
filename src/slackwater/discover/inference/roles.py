"""Assigns roles to all numeric columns together, for APIs and files. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import itemgetter

from slackwater.discover.inference.number_column import FEW, NumberColumn
from slackwater.discover.inference.signals import MANY, Verdict, confidence, weighed
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, HOUR, YEAR, from_micros

_MOST_PARTITIONS = 8  # columns of text that are looked at as names of series
_ALIKE = 1.0  # margins that differ by less, 3 to 1, are as good as each other
_PERIODS = (HOUR, HOUR // 2, HOUR // 4)  # µs; those whose numbers in the day sources give
_AROUND = 0.75  # log-odds: some do hold the status of the value
_DECIMAL_YEAR = 0.09  # years; a month and its middle or end are no further apart
_TO_SUNDAY = timedelta(days=1)  # weeks of epidemiologists begin a day before those of ISO 8601
_CLOCKS = 2  # offsets from UTC that a zone has in a year
_CHANGES = 2  # numbers of a year's parts that may be so by chance
_REMARKS = (
    "q",
    "qc",
    "qf",
    "flag",
    "flags",
    "status",
    "quality",
    "code",
    "err",
    "attributes",
    "attrs",
    "qflag",
    "mflag",
    "valid",
    "validity",
)

Times = Sequence[int | None]


@dataclass(frozen=True)
class Roles:
    """The columns that are values, and for the others why they are none."""

    values: tuple[str, ...]
    left_out: Mapping[str, Verdict]
    verdicts: Mapping[str, Verdict]

    @property
    def confidence(self) -> float:
        """The probability by the narrowest margin of all columns, from 0.5 to 0.99."""
        return min((confidence(verdict.margin) for verdict in self.verdicts.values()), default=0.5)


def assigned(columns: Sequence[NumberColumn], times: Times | None) -> Roles:
    """Return the roles of numeric columns; without clear values, by cells alone.

    A column that counts from one, or never changes, is a measurement where it is all that a source has; one that its
    name calls an identifier is none.
    """
    known = frozenset(column.name.lower() for column in columns)
    if times is not None and sum(earlier == later for earlier, later in pairwise(times)) * 2 > len(times):
        columns = [replace(column, ordered=False) for column in columns]
    verdicts = {column.name: _verdict(column, times, known) for column in columns}
    called = {name: home_of(name) for name in verdicts if plain_words(name.rpartition(".")[2]) == ["value"]}
    # Where several are called so, those that never change along a series are codes.
    moving = {home for name, home in called.items() if not _stands(verdicts[name])}
    homes = moving if len(moving) == 1 else set(called.values())
    if len(homes) == 1:
        verdicts = {name: _beside(name, verdict, homes) for name, verdict in verdicts.items()}
    values = [name for name, verdict in verdicts.items() if verdict.is_value]
    if not values:
        left = {name: verdict.margin for name, verdict in verdicts.items() if not verdict.by_name}
        values = [name for name, margin in left.items() if margin > max(left.values()) - _ALIKE]
        # What never changes is what is measured only where nothing else changes.
        others = [column for column in columns if column.name not in values and _changes(column)]
        if others and all(_stands(verdicts[name]) for name in values):
            values = []
    left_out = {name: verdict for name, verdict in verdicts.items() if name not in values}
    return Roles(tuple(values), left_out, verdicts)


def why_left_out(name: str, verdict: Verdict) -> str:
    """Return a clause about a left-out column: its name, role and reasons."""
    reasons = " and ".join(dict.fromkeys(verdict.reasons)) or "another column is likelier"
    return f"`{name}` ({verdict.role}: {reasons})"


def partitions(texts: Sequence[Sequence[object]]) -> list[list[list[int]]]:
    """Return the rows of each text, for every possible series column."""
    found = []
    for cells in texts:
        rows: dict[object, list[int]] = {}
        for row, cell in enumerate(cells):
            rows.setdefault(cell, []).append(row)
        if 2 <= len(rows) <= len(cells) // 3:
            found.append(list(rows.values()))
    return found[:_MOST_PARTITIONS]


def home_of(name: str) -> str:
    """Return the path of the object that a field is in."""
    return name.rpartition(".")[0]


def _changes(column: NumberColumn) -> bool:
    """Check for a few numbers that come again and again, as codes do."""
    return len(column.known) >= FEW and 1 < column.distinct <= len(column.known) // 3


def _stands(verdict: Verdict) -> bool:
    return any(signal.role == "constant" for signal in verdict.fired)


_COUNTS = frozenset({"count", "counts", "number", "total", "size"})
"""Words of quantities that, where they never change, are of something else than each record."""


def _beside(name: str, verdict: Verdict, homes: set[str]) -> Verdict:
    """Return the verdict of a field outside the object of the named value."""
    if home_of(name) in homes:
        never = any(signal.name in ("constant", "in few rows") for signal in verdict.fired)
        quantity = any(signal.role == "value" and signal.of_name for signal in verdict.fired) and _COUNTS.isdisjoint(
            plain_words(name)
        )
        if not never or quantity or plain_words(name.rpartition(".")[2]) == ["value"]:
            return verdict
        return verdict.lowered(
            2.0, "constant", "it never changes beside the field that is called the value", by_name=True
        )
    reason = "it is in another object than the field that is called the value"
    # What lies around the object of the value is no remark on it as often as what lies in objects beside it.
    around = all(home.startswith(f"{home_of(name)}." if home_of(name) else "") for home in homes)
    weight = 3.0 if _stands(verdict) else _AROUND if around else 2.0
    return verdict.lowered(weight, "remark", reason, by_name=True)


def _verdict(column: NumberColumn, times: Times | None, known: frozenset[str]) -> Verdict:
    if _remarks(column.name, known) or _is_form_of(column, known):
        return Verdict("flag", -4.0, ("its name is that of another column and a word for its quality",), by_name=True)
    if times is not None and _near(column, times):
        return Verdict("time", -4.0, ("its numbers are times",), by_name=True)
    if times is not None and _is_decimal_year(column, times):
        return Verdict("time", -4.0, ("it says the times once more, as fractions of years",), by_name=False)
    if times is not None and _of_the_calendar(column, times):
        verdict = weighed(column)
        counts = any(signal.name == "steps of one" for signal in verdict.fired)  # the days of a month do, too
        weight = 0.0 if counts else 5.0 if len(column.known) >= FEW else 2.0
        return verdict.lowered(weight, "part of the time", "it repeats a part of the time", by_name=False)
    return weighed(column)


def _is_decimal_year(column: NumberColumn, times: Times) -> bool:
    """Check whether numbers are the times as fractions of their years: 2019.0417."""
    both = [
        (cell, time) for cell, time in zip(column.numbers, times, strict=True) if cell is not None and time is not None
    ]
    if column.whole or len(both) < FEW or len(both) < len(column.known) * 0.9:
        return False
    return all(abs(cell - _fraction(from_micros(time))) < _DECIMAL_YEAR for cell, time in both)


def _fraction(at: datetime) -> float:
    return at.year + (at.timetuple().tm_yday - 1) / 365


def _remarks(name: str, known: frozenset[str]) -> bool:
    """Check whether a column annotates another: a quality word, or an OData annotation."""
    low = name.lower()
    return "@" in name[1:] or any(
        (low.startswith(word) and low[len(word) :].lstrip("_ .-") in known)
        or (low.endswith(word) and low[: -len(word)].rstrip("_ .-") in known)
        for word in _REMARKS
    )


def _is_form_of(column: NumberColumn, known: frozenset[str]) -> bool:
    """Check for codes of one digit: `RSKF` beside `RSK`.

    A temperature in Fahrenheit has other numbers.
    """
    low = column.name.strip().lower()
    codes = column.whole and column.distinct * 3 <= len(column.known) and set(column.known) <= set(range(10))
    return codes and low.endswith("f") and low[:-1].rstrip("_ ") in {name.strip() for name in known}


_CALENDAR: tuple[Callable[[datetime], int], ...] = (  # the parts of a time that a column may repeat
    lambda at: at.year,
    lambda at: at.month,
    lambda at: at.day,
    lambda at: at.hour,
    lambda at: (at.month + 2) // 3,
    lambda at: at.isoweekday(),
    lambda at: at.timetuple().tm_yday,
    lambda at: at.isocalendar()[1],
    lambda at: (at + _TO_SUNDAY).isocalendar()[1],
)


def _of_the_calendar(column: NumberColumn, times: Times) -> bool:
    """Check whether whole numbers repeat a part of the times, such as the month."""
    both = [
        (int(cell), time)
        for cell, time in zip(column.numbers, times, strict=True)
        if time is not None and cell is not None and cell == int(cell)
    ]
    if not column.whole or not both or len(both) < len(column.known) * 0.9:
        return False
    if any(_numbers_periods(both, length) for length in _PERIODS) or of_fiscal_years(both):
        return True
    # One number for all rows is their year, if it is that; their month or hour only where it is called so.
    called = not words_for("clock").isdisjoint(column.words)
    one_for_all = len({cell for cell, _ in both}) == 1 and not called
    return any(
        all(cell == part(from_micros(time + shift)) for cell, time in both)
        for part in _CALENDAR[: 1 if one_for_all else None]
        for shift in (0, 12 * HOUR, -12 * HOUR)  # local midnights may be of another day in UTC
    )


def of_fiscal_years(both: Sequence[tuple[int, int]]) -> bool:
    """Check whether numbers are of a calendar that begins in another month.

    They are its quarters, months or years.
    """
    numbers = {cell for cell, _ in both}
    if len(both) < FEW or len(numbers) < _CHANGES:
        return False
    dates = [(cell, from_micros(time)) for cell, time in both]
    return any(
        (len(numbers) > _CHANGES and all(cell == (at.month - first) % 12 // 3 + 1 for cell, at in dates))
        or (len(numbers) > _CHANGES and all(cell == (at.month - first) % 12 + 1 for cell, at in dates))
        or all(cell == at.year + (at.month >= first) for cell, at in dates)
        or all(cell == at.year - (at.month < first) for cell, at in dates)
        for first in range(2, 13)
    )


def _numbers_periods(both: Sequence[tuple[int, int]], length: int) -> bool:
    """Check whether numbers count the periods of `length` µs in each day.

    The day may begin elsewhere than in UTC, and an hour earlier or later in summer.
    """
    most = DAY // length
    numbers = {cell for cell, _ in both}
    if not all(1 <= number <= most + HOUR // length for number in numbers) or len(numbers) < 2:
        return False
    shifts = [(cell - 1 - time // length) % most for cell, time in sorted(both, key=itemgetter(1))]
    told = set(shifts)
    if len(told) == 1:
        return told == {0} or len(numbers) >= FEW
    if len(told) != _CLOCKS or len(numbers) < FEW:
        return False
    apart = (max(told) - min(told)) % most
    changes = sum(earlier != later for earlier, later in pairwise(shifts))
    return HOUR // length in (apart, most - apart) and changes * MANY <= len(shifts)


def _near(column: NumberColumn, times: Times) -> bool:
    """Check whether numbers are times: the rows' own, or epoch times nearby.

    Nearby is within two years.
    """
    form = infer_time_form(column.cells)
    if form is None:
        return False
    own = time_parser(form.form, UTC)(column.cells)
    packed = form.form == "%Y%m%d" and len(column.known) >= FEW
    if not form.form.startswith("epoch") and not packed:
        return len(set(times)) > 2 and own == list(times)
    if not column.whole:
        return False
    both = [abs(a - b) for a, b in zip(own, times, strict=True) if a is not None and b is not None]
    return bool(both) and max(both) <= 2 * YEAR
