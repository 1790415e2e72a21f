"""Limits what each kind of frame from a wrapper process may hold.

Checked before and after it is decoded.
"""

from math import isfinite
from typing import Any

import msgspec

from slackwater.errors import ProtocolViolation
from slackwater.model.printable import visible

KIB = 1024  # bytes, by IEC 80000-13
# Bytes of a frame by its type. Batches and requests carry data; the largest module has 256 KiB, its findings as much
# again for each of some thousand columns; a log line is cut at 4,000 characters anyway.
MAX_BYTES = {
    b"hello": 16 * KIB,
    b"request": 8 * KIB * KIB,
    b"batch": 16 * KIB * KIB,
    b"log": 64 * KIB,
    b"progress": KIB,
    b"found": 4 * KIB * KIB,
    b"proven": KIB * KIB,
    b"inspected": 4 * KIB * KIB,
    b"done": 16 * KIB,
    b"outage": 64 * KIB,
    b"fault": KIB * KIB,
    b"final": 64 * KIB,
    b"unclear": KIB * KIB,
}
_TAG = b"\xa4type"  # as msgpack, the first key of each frame
_NOT_TEXT = frozenset({"content", "url", "method", "headers", "timeout", "columns", "page"})  # data, not for people


def check_size(body: bytes) -> None:
    """Refuse a frame that is larger than its type allows, before it is decoded: ProtocolViolation."""
    kind = _kind(body)
    most = MAX_BYTES.get(kind)
    if most is None:
        raise ProtocolViolation(reason="not a frame: it does not begin with its type")
    if len(body) > most:
        raise ProtocolViolation(reason=f"a {kind.decode()} frame of {len(body):,} bytes is over its limit of {most:,}")


def _kind(body: bytes) -> bytes:
    """Return the type that a frame begins with, empty when it begins otherwise."""
    # A map of up to 15 fields is one byte, then its length; a larger one has its length in two bytes more.
    start = 1 if body[:1] != b"\xde" else 3
    name = start + len(_TAG)
    if body[start:name] != _TAG or len(body) <= name or not 0xA0 <= body[name] <= 0xBF:
        return b""
    return body[name + 1 : name + 1 + (body[name] & 0x1F)]


def cleaned(value: Any) -> Any:
    """Return what a frame holds with control characters written out in all of its texts.

    Data stays as it is.
    """
    match value:
        case str():
            return visible(value)
        case list() | tuple():
            return type(value)(map(cleaned, value))
        case dict():
            return {visible(str(name)): cleaned(each) for name, each in value.items()}
        case msgspec.Struct():
            return _cleaned_struct(value)
        case bool() | int() | None:
            return value
        case float() if isfinite(value):
            return value
    return visible(str(value))  # what JSON has no word for: bytes, times, what is not finite


def _cleaned_struct(value: msgspec.Struct) -> msgspec.Struct:
    fields = {name: getattr(value, name) for name in value.__struct_fields__ if name not in _NOT_TEXT}
    changed = {name: clean for name, each in fields.items() if (clean := cleaned(each)) != each}
    return msgspec.structs.replace(value, **changed) if changed else value
