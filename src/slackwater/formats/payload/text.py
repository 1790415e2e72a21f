"""Parses answers that are no JSON (CSV, JSON lines, XML) into the same structure."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

import msgspec

_DELIMITERS = ",;\t|"
_HEAD = 60  # lines by which the delimiter and the header are detected

_decode = msgspec.json.Decoder().decode


class Element(dict[str, Any]):
    """An XML element: its attributes, its children, its text.

    One child of a name may be a list of one.
    """


def text_of(content: bytes, charset: str | None) -> str:
    """Decode an answer in the character set that it names, else in the likeliest."""
    for name in (charset, "utf-8-sig", "cp1252"):
        try:
            return content.decode(name).removeprefix("\ufeff") if name else content.decode("utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def from_xml(content: bytes) -> Element | None:
    """Return an XML document as elements, None if it is none (HTML is none either)."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if not start.startswith(b"<") or b"<html" in start or b"<!DOCTYPE" in content or b"<!doctype" in start:
        return None
    try:
        # Without a DOCTYPE there are no entities that could grow; and this is the wrapper's confined process.
        root = ElementTree.fromstring(content)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    found = _element(root)
    return Element({_plain(root.tag): found})


def _element(node: "ElementTree.Element[str]") -> Any:
    found = Element({_plain(name): value for name, value in node.attrib.items()})
    for child in node:
        name, value = _plain(child.tag), _element(child)
        if isinstance(found.get(name), list):
            found[name].append(value)
        else:
            found[name] = [found[name], value] if name in found else value
    text = (node.text or "").strip()
    if not found:
        return text or None
    if text:
        found["text"] = text
    return found


def _plain(tag: Any) -> str:
    """Return a tag without its namespace."""
    return str(tag).rpartition("}")[2]


def json_lines(node: Any) -> list[Any] | None:
    """Return the values of lines of JSON, None if some line is none."""
    if not isinstance(node, str):
        return node if isinstance(node, list) else [node] if isinstance(node, dict) else None
    found: list[Any] = []
    for line in node.splitlines():
        try:
            found += [_decode(line)] if line.strip() else []
        except msgspec.DecodeError:
            try:
                found.append(json.loads(line))
            except (ValueError, RecursionError):
                return None
        except RecursionError:
            return None
    return found


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


def _tables(names: list[str], rows: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, and of further tables below with their own names."""
    for row in rows:
        told = [cell for cell in map(str.strip, row) if cell]
        if len(told) > 1 and sum(cell in names for cell in told) * 2 > len(told):
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
