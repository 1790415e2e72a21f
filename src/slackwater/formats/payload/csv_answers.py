"""Parses answers in CSV into records."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

_DELIMITERS = ";\t|,"  # where two cut alike, a comma is the mark of decimals
_HEAD = 60  # lines by which the delimiter and the header are detected
_ABOVE = 5  # rows above the names that are as wide as the table; chosen: reports have one or two
_BODY = 20  # rows by which it is seen which columns hold numbers and times; chosen: more tell no more
_FIGURE = re.compile(r"[-+(]?[.,]?\d")


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
        first = _names_at(rows, width)
        return list(_tables(header(rows[first]), rows[first + 1 :]))
    return [dict(zip(names, map(str.strip, row), strict=False)) for row in rows if len(row) > 1]


def _names_at(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return the place of the row of names, the first as wide as most.

    A row about the table that is as wide may stand above it: its cells are figures where other columns are.
    """
    first = next(place for place, row in enumerate(rows) if len(row) == width)
    for place in range(first, min(first + _ABOVE, len(rows))):
        body = [row for row in rows[place + 1 : place + 1 + _BODY] if len(row) == width]
        figures = [sum(bool(_FIGURE.match(row[column])) for row in body) * 2 > len(body) for column in range(width)]
        names = rows[place]
        if len(names) != width or not any(figures):
            break
        told = [
            column for column in range(width) if figures[column] and any(row[column] != names[column] for row in body)
        ]
        if told and not any(_FIGURE.match(names[column]) or not names[column].strip() for column in told):
            return place
        if all(bool(_FIGURE.match(cell)) == figure for cell, figure in zip(names, figures, strict=True)):
            break  # it is one of the rows itself
    return first


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
