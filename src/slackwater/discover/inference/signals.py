"""Weighs the signals for measurements in numeric columns: one table, cells before words. Pure.

A weight is a log-odds: 1 is 3 to 1, 3 is 20 to 1. The weights were set by hand on the files and APIs of the test
corpus, and are to be set again with it, never for one source alone.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import exp

from slackwater.discover.inference.number_column import FEW, NumberColumn, is_path
from slackwater.discover.inference.vocabulary import has_head, plain_words, words_for

_JUMPS = 3  # between the parts of a sample
MANY = 10  # numbers from which on one that never changes is no measurement
_LONG, _LONGER = 9, 12  # digits of identifiers; larger measurements are rounded, or change their length
_CODES = 8  # different numbers; chosen: codes of quality have up to so many
_ANSWER = frozenset({"meta", "metadata", "pagination", "paging"})  # objects of an answer that tell of it alone
_UNIT = re.compile(
    r"[(\[/]\s*(?:%|°\s*[CF]|º\s*C|[kMGTm]?(?:Wh?|VAr?h?|Pa|A|V|Hz|g|L|l|b|B|m)|€|\$|£|EUR|USD|GBP|h?Pa|m[23²³](?:/[shd])?|"
    r"[cmk]m|m/s|km/h|mm|l/s|ug/m3|µg/m³|ppm|ppb|lux|°|h|min|s|t|kg|tonnes|Nº|n)\s*(?:[)\]/]|$)"
)
"""Marks of a unit in a name: `Consumo (kW)`, `Temp [°C]`."""


@dataclass(frozen=True)
class Signal:
    """One reason for or against a role of a column."""

    role: str
    name: str
    weight: float
    holds: Callable[[NumberColumn], bool]
    reason: str
    of_name: bool = False  # it speaks of the name and not of the cells


def _leading_zeros(column: NumberColumn) -> bool:
    return any(text[:1] == "0" and text[1:].isdecimal() for text in column.texts)


def _plus_sign(column: NumberColumn) -> bool:
    return len(column.texts) > 1 and all(re.fullmatch(r"\+\d{8,15}", text) for text in column.texts)


def _long(column: NumberColumn) -> bool:
    return _LONG <= column.shortest_digits < _LONGER and not _rounded(column)


def _longer(column: NumberColumn) -> bool:
    return column.shortest_digits >= _LONGER and not _rounded(column)


def _rounded(column: NumberColumn) -> bool:
    """Say whether most large numbers end in three zeros."""
    return sum(number % 1000 == 0 for number in column.known) * 2 > len(column.known)


_FAR_ABOVE = 1_000  # times the rows, or the step; chosen: no measurement takes each number once so far above them


def _constant(column: NumberColumn) -> bool:
    """Check for one constant whole number, except 0, which may be a calm."""
    return len(column.known) >= MANY and column.distinct == 1 and column.known[0] == int(column.known[0]) != 0


def _constant_in_few(column: NumberColumn) -> bool:
    """Say whether a few rows have the same whole number, and not 0."""
    return 2 <= len(column.known) < MANY and column.distinct == 1 and column.known[0] == int(column.known[0]) != 0


def _constant_place(column: NumberColumn) -> bool:
    """Say whether it is always the same number with four decimals or more: a coordinate."""
    return len(column.known) >= MANY and column.distinct == 1 and round(column.known[0], 3) != column.known[0]


def _constant_fraction(column: NumberColumn) -> bool:
    return len(column.known) >= MANY and column.distinct == 1 and column.known[0] != int(column.known[0])


def _coordinate_path(column: NumberColumn) -> bool:
    return is_path(column.name) and not {"geometry", "coordinates", "coord", "centroid"}.isdisjoint(
        column.name.lower().split(".")[:-1]
    )


def _constant_in_groups(column: NumberColumn, least: int = 3) -> bool:
    """Check whether numbers depend on a text, over `least` rows each.

    They are not all the same.
    """
    if column.distinct < 2:
        return False
    for groups in column.partitions:
        below = [{column.numbers[row] for row in rows if column.numbers[row] is not None} for rows in groups]
        if len(groups) > 1 and all(len(rows) >= least for rows in groups) and all(len(each) <= 1 for each in below):
            return True
    return False


def _constant_in_short_groups(column: NumberColumn) -> bool:
    return column.whole and _constant_in_groups(column, 2) and not _constant_in_groups(column)


def _constant_in_long_groups(column: NumberColumn) -> bool:
    return column.whole and _constant_in_groups(column, MANY)


def _steps_of_one(column: NumberColumn) -> bool:
    """Say whether it numbers the rows of the table, or those of each series."""
    if not column.whole or len(column.known) < FEW or column.distinct < FEW:
        return False
    rows = len(column.known)
    far = rows >= 2 * FEW and min(column.known) >= _FAR_ABOVE * rows
    certain = min(column.known) in (0, 1) or rows >= 2 * MANY or far
    if _counts(column.known) or (certain and _counts(sorted(column.known))):
        return True
    for groups in column.partitions:
        below = [[column.numbers[row] for row in rows] for rows in groups]
        if len(below) > 1 and all(len(each) >= FEW and _counts(each) for each in below):
            return True
    return False


def _even_steps(column: NumberColumn) -> bool:
    """Check for whole numbers that rise by the same, and not one, between rows.

    They are far above that step: stocks and targets are not. Meters with long readings may; their length tells enough.
    """
    if not column.whole or len(column.known) < 2 * MANY or _long(column) or _longer(column) or _steps_of_one(column):
        return False
    steps = {later - earlier for earlier, later in pairwise(column.known)}
    return len(steps) == 1 and 0 < abs(min(steps)) * _FAR_ABOVE <= min(column.known)


def _mostly_one(column: NumberColumn) -> bool:
    """Check for numbers that only rise, mostly by one: incomplete record numbers."""
    if not column.whole or len(column.known) < 2 * FEW or _steps_of_one(column):
        return False
    steps = [later - earlier for earlier, later in pairwise(column.known)]
    return (min(steps) > 0 or max(steps) < 0) and sum(abs(step) == 1 for step in steps) * 2 > len(steps)


def _counts(numbers: Sequence[float | None]) -> bool:
    steps = [None if earlier is None or later is None else later - earlier for earlier, later in pairwise(numbers)]
    return bool(steps) and any(_steps_alike(steps, step) for step in (1, -1))


def _steps_alike(steps: Sequence[float | None], step: int) -> bool:
    """Check for equal steps, apart from jumps between parts of the sample."""
    # A sample of the head, the middle and the end of a source jumps between them, one of far pages as well.
    jumps = [-1, *(place for place, each in enumerate(steps) if each != step), len(steps)]
    runs = [later - earlier - 1 for earlier, later in pairwise(jumps)]
    if len(runs) == 1:
        return True
    return len(runs) <= _JUMPS + 1 and (min(runs) >= FEW or len(steps) >= _JUMPS * 2 * MANY)


def _check_digits(column: NumberColumn) -> bool:
    """Check whether all numbers (8 to 14 digits, three different) end in check digits."""
    if not column.whole or column.distinct < 3:
        return False
    texts = {str(int(abs(number))) for number in column.known}
    if not all(8 <= len(text) <= 14 for text in texts):
        return False
    return any(all(check(text) for text in texts) for check in (_gs1, _luhn, _eleven))


def _gs1(text: str) -> bool:
    digits = [int(char) for char in reversed(text)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _luhn(text: str) -> bool:
    digits = [int(char) for char in reversed(text)]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def _eleven(text: str) -> bool:
    """Check the check digit of tax numbers: weights from 2 up, modulo 11."""
    *rest, last = [int(char) for char in text]
    left = 11 - sum(weight * digit for weight, digit in enumerate(reversed(rest), 2)) % 11
    return last == (0 if left >= 10 else left)


def _switch(column: NumberColumn) -> bool:
    return len(column.known) >= 2 * MANY and set(column.known) <= {0, 1} and column.whole


def _decimals(column: NumberColumn) -> bool:
    return not column.whole and column.distinct > 1


def _smooth(column: NumberColumn) -> bool:
    """Check for a smooth curve: neighbours similar, most numbers different."""
    return (
        column.ordered
        and column.distinct * 3 > len(column.known)
        and column.smoothness < 1
        and max(column.known) - min(column.known) > 0.01 * max(map(abs, column.known))
        and not _steps_of_one(column)
        and not _even_steps(column)
    )


def _identifier_word(column: NumberColumn) -> bool:
    last_of_parts = [plain_words(part)[-1:] for part in column.name.split(".")] if is_path(column.name) else []
    return not words_for("identifier").isdisjoint(column.subject) or any(
        each in (["id"], ["ids"]) for each in last_of_parts
    )


def _counter_word(column: NumberColumn) -> bool:
    """Say whether the whole name is a counter's; `NO2` is a gas."""
    return not any(char.isdigit() for char in column.name) and (
        bool(column.words) and words_for("counter").issuperset(column.words)
    )


def _nameless(column: NumberColumn) -> bool:
    return not column.words or bool(re.fullmatch(r"(?:column|unnamed)\W*\d+", column.name, re.IGNORECASE))


def _of_a_number(column: NumberColumn) -> bool:
    """Say whether it is called the number of a thing, as `versionnumber` and `Kundennummer` are."""
    name = column.name.strip()
    return bool(re.fullmatch(r".+(?:number|nummer|[_ ]nbr|[_ ]num)", name, re.IGNORECASE)) and bool(column.words)


def _nameless_counter(column: NumberColumn) -> bool:
    return _nameless(column) and len(column.known) > 1 and column.known[0] in (0, 1) and _counts(column.known)


def _nameless_constant(column: NumberColumn) -> bool:
    """Check for a constant in few rows of a nameless column.

    In many rows `_constant` detects it.
    """
    return _nameless(column) and FEW <= len(column.known) < MANY and column.distinct == 1


def _number_word(column: NumberColumn) -> bool:
    words = words_for("number") | words_for("counter")
    return not any(char.isdigit() for char in column.name) and bool(column.words) and words.issuperset(column.words)


def _head_word(column: NumberColumn) -> bool:
    return has_head(column.words, "head")


def _thing_word(column: NumberColumn) -> bool:
    return not re.search(r"\d", column.name) and has_head(column.subject, "thing")


def _flag_word(column: NumberColumn) -> bool:
    """Check for few whole numbers that come again and again below a word for quality."""
    rare = len(column.known) * 4 <= len(column.cells)
    few = column.distinct <= _CODES and (rare or column.distinct * 3 <= len(column.known))
    return few and column.whole and len(column.known) > 1 and has_head(column.words, "flag")


def _of_the_answer(column: NumberColumn) -> bool:
    """Check for a number about the answer itself: in its `meta` or `pagination`."""
    return is_path(column.name) and not _ANSWER.isdisjoint(plain_words(column.name.split(".")[0])[:1])


def _value_word(column: NumberColumn) -> bool:
    return not words_for("value").isdisjoint(column.words)


def _clock_word(column: NumberColumn) -> bool:
    return column.whole and "".join(column.words) in words_for("clock")


def _unit(column: NumberColumn) -> bool:
    return bool(_UNIT.search(column.name))


SIGNALS = (
    Signal("value", "decimals", 1.5, _decimals, "it has decimals"),
    Signal("value", "smooth", 2.0, _smooth, "its neighbours resemble each other"),
    Signal("value", "word", 2.5, _value_word, "its name is of a quantity", of_name=True),
    Signal("value", "unit", 3.0, _unit, "its name has a unit", of_name=True),
    Signal("identifier", "leading zeros", 6.0, _leading_zeros, "its numbers begin with zeros"),
    Signal("identifier", "plus sign", 5.0, _plus_sign, "its numbers are written as telephone numbers are"),
    Signal("identifier", "long", 2.5, _long, "all its numbers have the same nine digits or more"),
    Signal("identifier", "longer", 4.0, _longer, "all its numbers have the same twelve digits or more"),
    Signal("identifier", "check digits", 5.0, _check_digits, "its numbers end in check digits"),
    Signal("identifier", "word", 5.0, _identifier_word, "its name is of an identifier or a place", of_name=True),
    Signal("identifier", "head", 5.0, _head_word, "its name is of no quantity", of_name=True),
    Signal("identifier", "number", 2.5, _of_a_number, "its name is of a number that things have", of_name=True),
    Signal("identifier", "of the answer", 4.0, _of_the_answer, "it is about the answer itself", of_name=True),
    Signal("identifier", "thing", 2.0, _thing_word, "its name is of a thing or a place", of_name=True),
    Signal("constant", "constant", 2.5, _constant, "it is the same whole number in all rows"),
    Signal("constant", "in few rows", 0.75, _constant_in_few, "it is the same whole number in all rows"),
    Signal("constant", "of a thing", 1.5, lambda column: column.standing, "nothing in its object ever changes"),
    Signal("constant", "coordinate", 3.0, _constant_place, "it is the same number in all rows"),
    Signal("constant", "fraction", 1.5, _constant_fraction, "it never changes"),
    Signal("identifier", "coordinate", 4.0, _coordinate_path, "it is a coordinate", of_name=True),
    Signal("constant", "nameless", 2.5, _nameless_constant, "it has no name and never changes"),
    Signal("constant", "of a series", 3.0, _constant_in_groups, "it is the same number in all rows of a series"),
    Signal("constant", "of a short series", 1.25, _constant_in_short_groups, "it is the same for each series"),
    Signal("constant", "of a long series", 1.0, _constant_in_long_groups, "it never changes along a series"),
    Signal("counter", "steps of one", 3.25, _steps_of_one, "it rises by one from row to row"),
    Signal("counter", "even steps", 2.5, _even_steps, "it rises by the same from row to row"),
    Signal("counter", "mostly one", 2.0, _mostly_one, "it only rises, mostly by one"),
    Signal("counter", "number", 0.75, _number_word, "its name is of a number", of_name=True),
    Signal("counter", "word", 1.5, _counter_word, "its name is of a row number or an order", of_name=True),
    Signal("counter", "nameless", 0.5, _nameless, "it has no name"),
    Signal("counter", "nameless counter", 3.0, _nameless_counter, "it has no name and counts the rows"),
    Signal("flag", "switch", 2.0, _switch, "it is only ever 0 or 1"),
    Signal("flag", "word", 4.0, _flag_word, "its name is of the quality of measurements", of_name=True),
    Signal("part of the time", "word", 4.0, _clock_word, "its name is of a part of the time", of_name=True),
)
PRIOR = 1.0  # 100 of 140 columns of numbers, times aside, hold values


@dataclass(frozen=True)
class Verdict:
    """The likeliest role of a numeric column, its margin (log-odds), and reasons.

    A `margin` above 0 speaks for a value. `by_name`: the name alone would do to leave it out.
    """

    role: str
    margin: float
    reasons: tuple[str, ...]
    by_name: bool
    fired: tuple[Signal, ...] = field(default=(), repr=False)

    @property
    def is_value(self) -> bool:
        """Whether it is likelier a measurement than anything else."""
        return self.margin > 0

    def lowered(self, weight: float, role: str, reason: str, *, by_name: bool) -> "Verdict":
        """Return the verdict with one more reason against a value, of its name or not."""
        margin = self.margin - weight
        if margin > 0:
            return replace(self, margin=margin)
        if self.is_value:
            return Verdict(role, margin, (reason,), by_name)
        return Verdict(self.role, margin, (*self.reasons, reason), by_name or self.by_name)


def weighed(column: NumberColumn) -> Verdict:
    """Return the role of a numeric column by the sum of its signals."""
    fired = [signal for signal in SIGNALS if signal.holds(column)] if column.known else []
    scores: dict[str, float] = {}
    for signal in fired:
        scores[signal.role] = scores.get(signal.role, 0) + signal.weight
    value = PRIOR + scores.pop("value", 0)
    # Signals of different roles that are no value's add up against it: each is a reason of its own.
    other = max(scores, key=lambda role: scores[role], default="value")
    margin = value - sum(scores.values())
    role = "value" if margin > 0 else other
    named = sum(signal.weight for signal in fired if signal.of_name and signal.role != "value")
    reasons = tuple(signal.reason for signal in fired if (signal.role == "value") == (margin > 0))
    return Verdict(role, margin, reasons, named > value, tuple(fired))


def confidence(margin: float) -> float:
    """Return the odds of a margin as a probability, 0.5 to 0.99."""
    return round(min(0.99, 1 / (1 + exp(-abs(margin)))), 2)
