"""Finds the numbers that are written where nothing was measured, such as -999."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from slackwater.errors import Question

_LOW = frozenset({-99.0, -999.0, -9999.0, -99999.0, -99.9, -999.9, -9999.9, -99.99, -999.99, -32768.0})
_HIGH = frozenset({9999.0, 99999.0, 99.99, 999.9, 999.99, 9999.9, 99999.9, 32767.0, 999999.0})
_SMALL = frozenset({-9.0, -9.9, -9.99, -0.99, -8.88, -88.8})  # which may be measured, too
SENTINELS = _LOW | _HIGH
_FAR = 5  # times as far from 0 as any other number of the column
_AGAIN = 3  # times that a number comes again by no chance, where no other does
_ALL_DIFFERENT = 9  # other numbers; chosen: so many that all differ are measured finely


@dataclass(frozen=True)
class Sentinels:
    """Holds the numbers that mean no value, and those that may be measurements."""

    sure: tuple[float, ...] = ()
    doubtful: tuple[float, ...] = ()


def sentinels_in(columns: Sequence[Sequence[float | None]]) -> Sentinels:
    """Return the numbers that are far from all others of a column.

    A column of nothing else is one that never measured, where another column shows what the number means, or where
    two and more are such.
    """
    known = [[number for number in column if number is not None and isfinite(number)] for column in columns]
    found: set[float] = set()
    for numbers in known:
        rest = [number for number in numbers if number not in SENTINELS]
        if len(rest) > 1:
            found |= {
                each
                for each in SENTINELS.intersection(numbers)
                if _far(each, rest, numbers.count(each)) or _alone_repeats(each, numbers)
            }
    alone = [numbers[0] for numbers in known if len(numbers) > 1 and len(set(numbers)) == 1 and numbers[0] in _LOW]
    found |= {each for each in alone if each in found or alone.count(each) > 1}
    doubtful = {each for each in found if any(_among(each, one) and not _alone_repeats(each, one) for one in known)}
    doubtful |= {each for numbers in known for each in _SMALL.intersection(numbers) if _alone_negative(each, numbers)}
    return Sentinels(tuple(sorted(found - doubtful)), tuple(sorted(doubtful)))


def refuse_doubtful(found: Sentinels) -> None:
    """Raise a Question for numbers that mean no value only in some columns.

    In others they are among measurements.
    """
    if not found.doubtful:
        return
    words = [f"{each:.17g}" for each in found.doubtful]
    raise Question(
        f"{' and '.join(words)} seems to stand for no value, and may be measured as well. Give "
        "missing_values with the numbers that stand for no value, [] for none.",
        field="missing_values",
        alternatives=[{"missing_values": words}, {"missing_values": []}],
    )


def _alone_repeats(suspect: float, numbers: Sequence[float]) -> bool:
    """Check whether a negative number comes again and again, and no other does."""
    others = [number for number in numbers if number != suspect]
    return (
        suspect < 0
        and len(numbers) - len(others) >= _AGAIN
        and len(others) >= _ALL_DIFFERENT
        and len(set(others)) == len(others)
    )


def _alone_negative(suspect: float, numbers: Sequence[float]) -> bool:
    """Check whether one negative number comes again and again among positive ones."""
    others = [number for number in numbers if number != suspect]
    return (
        len(numbers) - len(others) >= _AGAIN
        and len(others) >= _ALL_DIFFERENT
        and min(others) >= 0
        and not all(number.is_integer() for number in others)
    )


def _far(suspect: float, rest: Sequence[float], count: int) -> bool:
    low, high = min(rest), max(rest)
    if suspect < 0:
        return low > suspect / _FAR or (count > 1 and low - suspect > high - low > 0)
    # A large count may be a true one once; what is written for no value comes again.
    return count > 1 and high < suspect / _FAR and not all(number == int(number) for number in rest)


def _among(number: float, numbers: Sequence[float]) -> bool:
    """Say whether a column has measured numbers on both sides of one."""
    rest = [each for each in numbers if each not in SENTINELS]
    return number in numbers and bool(rest) and min(rest) < number < max(rest)
