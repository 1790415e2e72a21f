"""Describes columns of numbers by what speaks of their roles. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from slackwater.discover.inference.vocabulary import plain_words, words_for

FEW = 5  # numbers from which on steps and check digits are more than chance: 1 in 10 to the fifth


def is_path(name: str) -> bool:
    """Check for the path of a field in objects."""
    return bool(re.fullmatch(r"[\w$@-]+(\.[\w$@-]+)+", name))


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers with all that speaks of what they are.

    `cells` are as the source writes them, `numbers` as they are read, None where there is none; `partitions` are
    the rows of each text of a column that may name the series.
    """

    name: str
    cells: Sequence[object]
    numbers: Sequence[float | None]
    partitions: Sequence[Sequence[Sequence[int]]] = field(default=(), repr=False)
    standing: bool = False  # whether nothing in its object ever changes, though other objects do
    ordered: bool = True  # whether rows that follow one another are of different times, so that a curve may be seen

    @cached_property
    def words(self) -> list[str]:
        """The words of its name."""
        return plain_words(self.name.rpartition(".")[2] if is_path(self.name) else self.name)

    @cached_property
    def subject(self) -> list[str]:
        """The words of what is valued: of `lat.amount` those of `lat`."""
        parts = self.name.split(".") if is_path(self.name) else []
        plain = len(parts) > 1 and bool(self.words) and words_for("plain_value").issuperset(self.words)
        return plain_words(parts[-2]) if plain else self.words

    @cached_property
    def known(self) -> list[float]:
        """The numbers that there are."""
        return [number for number in self.numbers if number is not None]

    @cached_property
    def texts(self) -> list[str]:
        """The cells that are text."""
        return [cell.strip() for cell in self.cells if isinstance(cell, str) and cell.strip()]

    @cached_property
    def whole(self) -> bool:
        """Whether all its numbers are whole, and written so."""
        return all(number == int(number) for number in self.known) and not any(
            "." in text or "," in text for text in self.texts
        )

    @cached_property
    def distinct(self) -> int:
        """How many different numbers there are."""
        return len(set(self.known))

    @cached_property
    def shortest_digits(self) -> int:
        """The digits of the shortest number, 0 for fractions or mixed lengths."""
        lengths = {len(str(abs(int(number)))) for number in self.known} if self.whole and self.known else {0}
        return lengths.pop() if len(lengths) == 1 else 0

    @cached_property
    def smoothness(self) -> float:
        """Von Neumann's ratio, mean squared step over variance: 2 without order, 0 smooth."""
        if len(self.known) < 2 * FEW:
            return 2.0
        mean = sum(self.known) / len(self.known)
        spread = sum((number - mean) ** 2 for number in self.known)
        return sum((later - earlier) ** 2 for earlier, later in pairwise(self.known)) / spread if spread else 2.0
