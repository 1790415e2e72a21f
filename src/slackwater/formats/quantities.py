"""Numbers with a unit behind them: `12.3 µg/m³`. Pure."""

import re
from collections.abc import Sequence

from slackwater.formats.numbers import is_missing
from slackwater.formats.units import composed

_QUANTITY = re.compile(r"[-+−]?\d[\d.,'\u00a0\u202f]*\s?(?P<unit>[^\s\d.,'%][^\s]{0,15})")
_UNMISTAKABLE = re.compile(
    r".*[/°º²³µμ].*|pp[mb]|[kMG]?Wh|[kMG]W|[hk]Pa|mbar|[cmk]m|kg|mph|kph|[kMG]Hz|NTU|PSU|mmHg|inHg|knots?|degrees?"
    r"|celsius|fahrenheit|metres?|feet|persons?"
)


MULTIPLES = "K/M/B"
"""What stands for the unit of a column whose letters a person calls thousands, millions and billions: `1.2K`."""
_MULTIPLE = re.compile(r"(?P<number>[-+−]?\d[\d.,]*)(?P<letter>[KMBT])", re.ASCII)
_POWERS = {"K": 3, "M": 6, "B": 9, "T": 12}  # of ten


def multiples(cells: Sequence[object]) -> set[str]:
    """Return the letters for thousands and more behind all numbers, none for others."""
    letters = set()
    for cell in cells:
        if not is_missing(cell):
            match = _MULTIPLE.fullmatch(str(cell).strip())
            if match is None:
                return set()
            letters.add(match["letter"])
    return letters


def are_units(texts: Sequence[object]) -> bool:
    """Say whether cells are units of measurement, one or several.

    Letters that may mean anything else are none.
    """
    written = {text.strip() for text in texts if isinstance(text, str) and not is_missing(text)}
    return (
        any(map(_UNMISTAKABLE.fullmatch, written))
        and all(map(composed, written))
        and all(isinstance(t, str) or t is None for t in texts)
    )


def unit_of(cells: Sequence[object]) -> str | None:
    """Return the one unit that stands behind all numbers of a column of text.

    None where there is none, or another.
    """
    found: set[str] = set()
    for cell in cells:
        if is_missing(cell):
            continue
        match = _QUANTITY.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if match is None or not composed(match["unit"]):
            return None
        found.add(match["unit"])
    return found.pop() if len(found) == 1 else None


def without_unit(cell: object, unit: str) -> object:
    """Strip the unit behind a number; other cells are returned unchanged."""
    if unit == MULTIPLES and isinstance(cell, str):
        match = _MULTIPLE.fullmatch(cell.strip())
        return f"{match['number']}e{_POWERS[match['letter']]}" if match else cell
    if isinstance(cell, str) and (text := cell.strip()).endswith(unit):
        return text.removesuffix(unit).rstrip()
    return cell
