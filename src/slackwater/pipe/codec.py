"""Length-prefixed msgpack frames: four bytes, big-endian, then the frame."""

import struct
from collections.abc import Callable
from typing import Any

import msgspec

from slackwater.errors import ProtocolViolation
from slackwater.pipe.frames import AnyDown, AnyOnWire, AnyUp, Batch, Down, Up, WireBatch
from slackwater.pipe.limits import check_size, cleaned

MAX_UP = 16 * 1024 * 1024  # bytes in one frame from a wrapper process
MAX_DOWN = 80 * 1024 * 1024  # bytes in one frame to it: a whole HTTP answer and its headers
MAX_PLACE = 64 * 1024  # bytes of JSON in the page token of a batch: the checkpoint keeps it, and stays small
IN_FLIGHT = 4  # batches that may wait for their ack
LENGTH = struct.Struct(">I")

_encode = msgspec.msgpack.Encoder().encode
_decode_up: Callable[[bytes], AnyOnWire] = msgspec.msgpack.Decoder(AnyOnWire).decode
_decode_down: Callable[[bytes], AnyDown] = msgspec.msgpack.Decoder(AnyDown).decode


def packed(frame: Up | Down) -> bytes:
    """Return the frame as it goes over the pipe."""
    body = _encode(frame)
    return LENGTH.pack(len(body)) + body


def length(prefix: bytes, limit: int) -> int:
    """Return the length of the frame that follows; ProtocolViolation if it is over `limit` bytes."""
    (size,) = LENGTH.unpack(prefix)
    if size > limit:
        raise ProtocolViolation(reason=f"a frame of {size:,} bytes is over the limit of {limit:,}")
    return int(size)


def unpacked_up(body: bytes) -> AnyUp:
    """Return a frame from a wrapper process.

    ProtocolViolation if it is not one, or larger than its type allows.
    """
    check_size(body)
    try:
        frame = _decode_up(body)
        whole = _with_place(frame) if isinstance(frame, WireBatch) else frame
        sound: AnyUp = cleaned(whole)
        return sound
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProtocolViolation(reason=f"not a frame: {error}") from None


def _with_place(batch: WireBatch) -> Batch:
    """Return a batch with its page token decoded.

    ProtocolViolation when that is larger than a checkpoint keeps.
    """
    raw = bytes(batch.page)
    if len(raw) > MAX_PLACE:  # as msgpack it is no longer than as JSON
        raise ProtocolViolation(reason=f"a page token of {len(raw):,} bytes is over the limit of {MAX_PLACE:,}")
    fields = {name: getattr(batch, name) for name in batch.__struct_fields__ if name != "page"}
    return Batch(**fields, page=msgspec.msgpack.decode(raw))


def check_place(token: Any) -> None:
    """Refuse a page token that the checkpoint cannot keep, with ProtocolViolation.

    Too large, or no JSON.
    """
    try:
        size = len(msgspec.json.encode(token))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ProtocolViolation(reason=f"a page token that is no JSON: {error}") from None
    if size > MAX_PLACE:
        raise ProtocolViolation(reason=f"a page token of {size:,} bytes is over the limit of {MAX_PLACE:,}")


def unpacked_down(body: bytes) -> AnyDown:
    """Return a frame from the supervisor; ProtocolViolation if it is not one."""
    try:
        return _decode_down(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProtocolViolation(reason=f"not a frame: {error}") from None
