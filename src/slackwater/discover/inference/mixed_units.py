"""Refuses series that mix percentages with bare numbers, or several currencies. Pure."""

from collections.abc import Iterable, Sequence

from slackwater.discover.inference.plausibility import Fields
from slackwater.errors import Question
from slackwater.formats.annotations import currency_of, has_currency
from slackwater.formats.cells import looks_number
from slackwater.formats.numbers import are_plain

Line = tuple[str, Sequence[object]]
"""The name of a column and the cells of one series in it."""


def refuse_mixed_units(lines: Iterable[Line], values: Sequence[str], fields: Fields) -> None:
    """Raise a Question where the unit changes from cell to cell of a series.

    `values` are all columns of values.
    """
    for name, cells in lines:
        if are_plain(cells):
            continue
        mixed = _percent_and_bare(cells) or _currencies(cells)
        if not mixed:
            continue
        rest = [each for each in values if each != name]
        shown = " and ".join(map(repr, mixed))
        raise Question(
            f"`{name}` has numbers of different units, such as {shown}, and they would stand in one series. Write them "
            f"in one unit, or give {fields.values} without it, or with it to keep them as they are, 12 % as 0.12.",
            field=fields.values,
            alternatives=[{fields.values: rest}] if rest else [],
        )


def _percent_and_bare(cells: Sequence[object]) -> list[str]:
    """Return a percentage and a bare number, [] without both; 0 is either."""
    percent = next((cell for cell in cells if isinstance(cell, str) and "%" in cell and cell.rstrip()[-1] == "%"), None)
    if percent is None or not looks_number(percent):
        return []
    bare = next((cell for cell in cells if looks_number(cell) and "%" not in str(cell) and _is_other(cell)), None)
    return [] if bare is None else [percent.strip()[:40], str(bare).strip()[:40]]


def _is_other(cell: object) -> bool:
    return any(char in "123456789" for char in str(cell))


def _currencies(cells: Sequence[object]) -> list[str]:
    """Return a number of each of two currencies, [] for one."""
    found: dict[str, str] = {}
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not has_currency("\n".join(texts)):
        return []
    for text in texts:
        if currency := currency_of(text):
            found.setdefault(currency, text.strip()[:40])
    return list(found.values())[:2] if len(found) > 1 else []
