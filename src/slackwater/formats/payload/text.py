"""Parses answers in XML and JSON lines into the structure of JSON; decodes texts."""

import codecs
import json
import re
from typing import Any
from xml.etree import ElementTree

import msgspec

_SDMX_KEYS = frozenset({"SeriesKey", "ObsKey", "GroupKey", "Attributes"})
"""Elements of SDMX-ML that name the dimensions of series in children, `<Value id="FREQ" value="M"/>`."""

_DECLARED = re.compile(r"\s*<\?xml[^>]*\?>")
"""What a document says of itself, such as the encoding that it had."""

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
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = _DECLARED.sub("", content.decode("utf-16"), count=1).encode()
        except UnicodeDecodeError:
            return None
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
    if _plain(node.tag) in _SDMX_KEYS and list(found) == ["Value"]:
        values = found["Value"] if isinstance(found["Value"], list) else [found["Value"]]
        if all(isinstance(each, dict) and each.keys() == {"id", "value"} for each in values):
            return Element({each["id"]: each["value"] for each in values})
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
