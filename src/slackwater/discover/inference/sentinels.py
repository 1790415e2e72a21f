"""Finds the numbers that are written where nothing was measured, such as -999."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from slackwater.errors import Question

_LOW = frozenset({-99.0, -999.0, -9999.0, -99999.0, -99.9, -999.9, -9999.9, -99.99, -999.99, -32768.0})
_HIGH = frozenset({9999.0, 99999.0, 99.99, 999.9, 999.99, 9999.9, 99999.9, 32767.0, 999999.0})
_SMALL = frozenset({-1.0, -9.0, -9.9, -9.99, -0.99, -8.88, -88.8})  # which may be measured, too
SENTINELS = _LOW | _HIGH
_FAR = 5  # times as far from 0 as any other number of the column
_AGAIN = 3  # times that a number comes again by no chance, where no other does
_ALL_DIFFERENT = 9  # other numbers; chosen: so many that all differ are measured finely
_FEW = 5  # other numbers; chosen: of fewer nobody knows how far apart they lie
_WIDEST = 2  # times the widest step between the others; chosen: what comes again lies apart from them by more
_SPREADS = 3  # times the spread of the others; chosen: a single extreme lies within that
_ZEROS = 3  # chosen: fewer may be a count or a machine that stood still for a moment
_LARGE = 1e19  # chosen: what nothing measures, and formats of science write where nothing stands, such as 9.96921e36
_WHOLES = 4  # chosen: of numbers with one decimal a tenth are whole by chance; with a quarter, wholes are usual
_COUNTED = 20  # chosen: what is counted up to there is no small change, which is negative as often


@dataclass(frozen=True)
class Sentinels:
    """Holds the numbers that mean no value, and those that may be measurements."""

    sure: tuple[float, ...] = ()
    doubtful: tuple[float, ...] = ()


_NONE = (
    r"(?:rinval|_?fill[ _-]?value|no[ _-]?data(?:[ _-]?value)?|null[ _-]?value|undef(?:ined)?"
    r"|(?:missing|invalid|absent)(?:[ _-]?(?:value|data|val|obs(?:ervation)?)s?)?"
    r"|sem dados|(?:dados?|valor(?:es)?) (?:em falta|omissos?|ausentes?)|sin datos?|datos? faltantes?"
    r"|fehl(?:wert\w*|ende\w* (?:werte?|daten))|keine (?:daten|messung)"
    r"|(?:valeurs?|donn[ée]es?) manquantes?|dat[oi] mancant[ei])"
)
_NUMBER = r"(?P<number>[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)"
_LINK = r"(?:\s|[:=]|-->|\b(?:is|are|as|by|with|code[sd]?|marked|flagged|set to|indicated|given|:?is)\b)*"
_MEANS = r"=|:|means?|indicates?|denotes?|stands for|is|significa|bedeutet"
_SAID = (
    re.compile(rf"(?<![^\W\d_]){_NONE}{_LINK}{_NUMBER}(?![\w:/-]|[.,]\d|\s?[%‰])", re.IGNORECASE | re.ASCII),
    re.compile(rf"(?<![\w.,:/-]){_NUMBER}\s*(?:{_MEANS}|are)\s*(?:an? |the |no )?{_NONE}", re.IGNORECASE | re.ASCII),
)


_SURELY = re.compile(rf"[#%!*/\s\"']*(?P<none>{_NONE}){_LINK}{_NUMBER}[\s.)\"']*", re.IGNORECASE | re.ASCII)
_SURELY_TOO = re.compile(
    rf"[#%!*/\s\"']*{_NUMBER}\s*(?:{_MEANS})\s*(?:an? |the |no )?(?P<none>{_NONE})[\s.)\"']*", re.IGNORECASE | re.ASCII
)
_OF_VALUES = re.compile(r"val(?:ue|or)?$|wert$", re.IGNORECASE)  # `Missing values: 99` counts them


def said_for_none(lines: Iterable[str]) -> dict[float, bool]:
    """Return number → whether lines above a table surely say that it is no value.

    A line that says nothing else is sure: among other words it may be about one column, or a range, or a count.
    """
    found: dict[float, bool] = {}
    for line in lines:
        for pattern in _SAID:
            for match in pattern.finditer(line):
                found.setdefault(float(match["number"]), False)
        for part in line.split("|"):
            if only := _SURELY.fullmatch(part) or _SURELY_TOO.fullmatch(part):
                number = float(only["number"])
                of_values = bool(_OF_VALUES.search(only["none"]))
                found[number] = number < 0 or (of_values and _is_written_as_mark(number)) or found.get(number, False)
    return found


_NOTHING: Mapping[float, bool] = {}


def sentinels_in(columns: Sequence[Sequence[float | None]], said: Mapping[float, bool] = _NOTHING) -> Sentinels:
    """Return the numbers that are far from all others of a column.

    Those that the file has surely `said` to mean no value need only lie outside of the others, in each column.

    A column of nothing else is one that never measured, where another column shows what the number means, or where
    two and more are such.
    """
    known = [[number for number in column if number is not None and isfinite(number)] for column in columns]
    found: set[float] = set()
    for numbers in known:
        suspects = SENTINELS.intersection(numbers)
        rest = [number for number in numbers if number not in SENTINELS] if suspects else []
        if len(rest) > 1:
            found |= {
                each for each in suspects if _far(each, rest, numbers.count(each)) or _alone_repeats(each, numbers)
            }
    told = {each: [_outside(each, one, said) for one in known if each in one] for each in said}
    marked = {each for each, outside in told.items() if said[each] and outside and all(outside)}
    found |= marked
    alone = [numbers[0] for numbers in known if len(numbers) > 1 and len(set(numbers)) == 1 and numbers[0] in _LOW]
    found |= {each for each in alone if each in found or alone.count(each) > 1}
    doubtful = {each for each in found if any(_among(each, one) and not _alone_repeats(each, one) for one in known)}
    doubtful |= {each for numbers in known for each in _SMALL.intersection(numbers) if _alone_negative(each, numbers)}
    doubtful |= {each for numbers in known for each in _standing_out(numbers) if each not in found}
    doubtful |= {each for numbers in known for each in _wholes_below_decimals(numbers) if each not in found}
    doubtful |= {0.0 for numbers in known if _zeros_stand_out(numbers)}
    doubtful -= marked
    asked = {each for each, outside in told.items() if any(outside) or (said[each] and outside)}
    doubtful |= asked - found
    return Sentinels(tuple(sorted(found - doubtful)), tuple(sorted(doubtful)))


def _outside(suspect: float, numbers: Sequence[float], said: Iterable[float]) -> bool:
    """Check whether a number lies outside of the others, or there are none."""
    rest = [number for number in numbers if number not in {*said, *SENTINELS}]
    return not rest or suspect < min(rest) or suspect > max(rest)


def sentinels_of_each(
    columns: Sequence[tuple[str, Sequence[float | None]]], said: Mapping[float, bool] = _NOTHING
) -> dict[str, tuple[float, ...]] | None:
    """Return the numbers for no value of columns that do not share them.

    None where a number is doubtful in its own column, too.
    """
    read: dict[str, list[Sequence[float | None]]] = {}
    for name, numbers in columns:
        read.setdefault(name, []).append(numbers)
    found = {name: sentinels_in(each, said) for name, each in read.items()}
    sure = {number for each in found.values() for number in each.sure}
    for name, each in found.items():
        known = [[number for number in line if number is not None] for line in read[name]]
        elsewhere = sure.difference(each.sure)
        strange = any(suspect in line and not _is_measured(suspect, line) for suspect in elsewhere for line in known)
        if each.doubtful or strange:
            return None
    return {name: each.sure for name, each in found.items() if each.sure}


def _is_measured(suspect: float, numbers: Sequence[float]) -> bool:
    """Check whether a number is written as the others and lies near its neighbours."""
    wholes = sum(number.is_integer() for number in numbers if number != suspect)
    if not _among(suspect, numbers) or (suspect.is_integer() and wholes * 2 < len(numbers)):
        return False
    steps = sorted(abs(later - earlier) for earlier, later in pairwise(numbers) if suspect not in (earlier, later))
    step = steps[len(steps) // 2] if steps else 0.0
    beside = [
        [number for number in (*numbers[max(0, at - 1) : at], *numbers[at + 1 : at + 2]) if number != suspect]
        for at, number in enumerate(numbers)
        if number == suspect
    ]
    return all(near and min(near) - step <= suspect <= max(near) + step for near in beside)


def _standing_out(numbers: Sequence[float]) -> list[float]:
    """Return the numbers written as marks for no value that lie apart from the others."""
    different = set(numbers)
    suspects = [number for number in different if _is_written_as_mark(number)]
    rest = sorted(different.difference(suspects))
    if not suspects or not rest or sum(number not in suspects for number in numbers) < _FEW:
        return []
    return [each for each in suspects if _is_apart(each, rest, numbers.count(each))]


def _wholes_below_decimals(numbers: Sequence[float]) -> set[float]:
    """Return whole marks for no value below all others, which mostly have decimals."""
    suspects = _LOW.intersection(numbers)
    rest = [number for number in numbers if number not in _LOW] if suspects else []
    if len(rest) < _FEW or sum(number % 1 == 0 for number in rest) * _WHOLES > len(rest):
        return set()
    return {each for each in suspects if each % 1 == 0 and each < min(rest)}


def _zeros_stand_out(numbers: Sequence[float]) -> bool:
    """Check whether zeros interrupt numbers that run smoothly, far from 0.

    Where they come at even distances, as on the Sundays of a shop, they were measured.
    """
    if numbers.count(0) < _ZEROS:
        return False
    rest = [number for number in numbers if number]
    zeros = [place for place, number in enumerate(numbers) if not number]
    if len(rest) < max(_ALL_DIFFERENT, len(zeros)) or min(rest) <= 0:
        return False
    spread = max(rest) - min(rest)
    steps = sorted(abs(later - earlier) for earlier, later in pairwise(numbers) if later and earlier)
    smooth = bool(steps) and steps[len(steps) // 2] * _FAR <= spread and steps[-1] * _WIDEST < min(rest)
    runs = [place for place in zeros if not place or numbers[place - 1]]
    apart = {later - earlier for earlier, later in pairwise(runs)}
    return smooth and min(rest) >= spread / _WIDEST and not (len(runs) > _WIDEST and len(apart) == 1)


def _is_written_as_mark(number: float) -> bool:
    """Check for two nines or three eights and more, -1, -9, and what nothing measures."""
    if number in (-1, -9) or number in SENTINELS or abs(number) >= _LARGE:
        return True
    written = f"{abs(number):.15g}"
    if written.strip("9.") and written.strip("8."):
        return False
    whole = written.partition(".")[0]
    return len(whole) > (1 if "9" in whole else 2)


def _is_apart(suspect: float, rest: Sequence[float], count: int) -> bool:
    """Check whether a number lies apart from all others, which are sorted.

    One that stands there once has to be farther from them than any extreme.
    """
    gap = suspect - rest[-1] if suspect > rest[-1] else rest[0] - suspect
    spread = rest[-1] - rest[0]
    widest = max((later - earlier for earlier, later in pairwise(rest)), default=0.0)
    return gap > _WIDEST * widest and gap > spread * (_SPREADS if count == 1 else 1 / 2)


def refuse_doubtful(found: Sentinels) -> None:
    """Raise a Question for numbers that may mean no value or be measured."""
    if not found.doubtful:
        return
    words = [f"{each:.15g}" for each in found.doubtful]
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
        and (max(others) >= _COUNTED or not all(number.is_integer() for number in others))
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
