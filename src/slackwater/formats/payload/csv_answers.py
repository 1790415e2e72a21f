"""Parses answers in CSV into records."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

_DELIMITERS = ";\t|,"  # where two cut alike, a comma is the mark of decimals
_HEAD = 60  # lines by which the delimiter and the header are detected


def csv_records(node: Any, names: Sequence[str] | None) -> list[Any] | None:
    """Return the rows of CSV as records.

    Without `names` the first row that is as wide as most has them.
    """
    if not isinstance(node, str):
        return [] if node is None else None
    try:
        return _rows_of(node, names)
    except csv.Error:  # a field longer than any table has
        return None


def _rows_of(node: str, names: Sequence[str] | None) -> list[Any] | None:
    lines = [line for line in node.splitlines() if not line.startswith("#")]
    delimiter, width = _delimited(lines[:_HEAD])
    if width < 2:
        return None if lines else []
    rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
    if names is None:
        first = next(place for place, row in enumerate(rows) if len(row) == width)
        return list(_tables(header(rows[first]), rows[first + 1 :]))
    return [dict(zip(names, map(str.strip, row), strict=False)) for row in rows if len(row) > 1]


def commented_names(text: str) -> list[str] | None:
    """Return the names in a comment right above the first row, one a cell."""
    lines = text.splitlines()
    first = next((place for place, line in enumerate(lines) if not line.startswith("#")), 0)
    if not first:
        return None
    delimiter, width = _delimited([line for line in lines if not line.startswith("#")][:_HEAD])
    [cells] = csv.reader([lines[first - 1].lstrip("# ")], delimiter=delimiter, skipinitialspace=True)
    names = [cell.strip() for cell in cells]
    return names if len(set(names)) == width > 1 and all(names) else None


def _tables(names: list[str], rows: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, and of further tables below with their own names."""
    for row in rows:
        filled = [cell for cell in map(str.strip, row) if cell]
        if len(filled) > 1 and sum(cell in names for cell in filled) * 2 > len(filled):
            names = header(row)
        elif len(row) > 1:
            yield dict(zip(names, map(str.strip, row), strict=False))


def header(row: Sequence[str]) -> list[str]:
    """Return the names of columns, each once."""
    names: list[str] = []
    for place, cell in enumerate(row):
        name = cell.strip() or str(place)
        names.append(name if name not in names else f"{name} {place}")
    return names


def _delimited(lines: Sequence[str]) -> tuple[str, int]:
    """Return the delimiter by which most lines have the same width, and that width."""
    best, most = (",", 1), (0, 0)
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row)
        width, count = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        if width > 1 and (count, width) > most:
            best, most = (delimiter, width), (count, width)
    return best
