"""Taking an upload in.

A multipart body goes to the disk as it arrives, never through memory, never past its limit.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from slackwater.store.records.files import KINDS

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "file"
ROOM_AROUND = 64 * 1024  # bytes of multipart syntax and other fields around the file
MAX_HEADERS, MAX_HEADER = 16, 4 * 1024  # of a part, and bytes of each: they are kept in memory
MAX_NAME = 255  # characters of a file name

_DIRECTORIES = re.compile(r".*[/\\]", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Received:
    """A file that has arrived. `size` in bytes."""

    filename: str
    kind: str
    path: Path
    size: int


async def receive(request: Request, stem: Path, limit: int) -> Received:
    """Write the part `file` of a multipart request to `stem`.<kind>, of at most `limit` bytes.

    413 when it is larger, 400 for another type of file, 422 without such a part. Nothing is left behind then.
    """
    part = _FilePart(stem, limit)
    try:
        await _parsed(request, part, limit)
        return part.received()
    except BaseException:
        part.discard()
        raise
    finally:
        part.close()


async def _parsed(request: Request, part: "_FilePart", limit: int) -> None:
    parser = MultipartParser(
        _boundary(request), part.callbacks(), max_header_count=MAX_HEADERS, max_header_size=MAX_HEADER
    )
    arrived = 0
    try:
        async for chunk in _drained(request):
            arrived += len(chunk)
            if part.refusal is None and arrived <= limit + ROOM_AROUND:
                await asyncio.to_thread(parser.write, chunk)
            elif part.refusal is None:
                part.refuse_size()
            # What is refused is still read for a while: a client that cannot finish sending never sees the answer.
            if arrived > 2 * (limit + ROOM_AROUND):
                break
        if part.refusal is None:
            parser.finalize()
    except FormParserError:
        raise _missing("the body is not multipart/form-data, or was cut off") from None
    if part.refusal is not None:
        raise part.refusal


async def _drained(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


def _boundary(request: Request) -> bytes:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise _missing("send multipart/form-data with the file in the field `file`")
    return boundary.encode("latin-1", "replace")


def _missing(sentence: str) -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", FIELD), "msg": f"Field required: {sentence}"}])


class _FilePart:
    """Listens to the parser, and writes the part that is the file."""

    def __init__(self, stem: Path, limit: int) -> None:
        self.refusal: HTTPException | None = None
        self._stem, self._limit = stem, limit
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition = ""
        self._wanted = self._whole = False
        self._filename = self._kind = ""
        self._file: BinaryIO | None = None
        self._size = 0

    def callbacks(self) -> "MultipartCallbacks":
        """Return what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._end,
        }

    def received(self) -> Received:
        """Return the file; 422 when there was none."""
        if self._file is None:
            raise _missing("send the file in the field `file`, with its name")
        if not self._whole:
            raise _missing("the body was cut off before the end of the file")
        return Received(self._filename, self._kind, self._path(), self._size)

    def refuse_size(self) -> None:
        """Note that the file is too large."""
        self.refusal = HTTPException(413, f"The file is larger than {self._limit / 2**20:g} MiB.")

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Delete what was written."""
        if self._file is not None:
            self._path().unlink(missing_ok=True)

    def _path(self) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{self._kind}")

    def _begin(self) -> None:
        self._disposition, self._wanted = "", False

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value.decode("utf-8", "replace")
        name.clear()
        value.clear()

    def _open(self) -> None:
        header = Message()
        header["content-disposition"] = self._disposition.replace("\r", " ").replace("\n", " ")
        filename = header.get_filename()
        if (
            self._file is not None
            or filename is None
            or header.get_param("name", header="content-disposition") != FIELD
        ):
            return
        self._filename = _CONTROL.sub("", _DIRECTORIES.sub("", filename)).strip()[-MAX_NAME:]
        self._kind = Path(self._filename.lower()).suffix.lstrip(".")
        if self._kind not in KINDS:
            named = self._filename or "a file without a name"
            self.refusal = HTTPException(400, f"Only .csv, .xlsx and .xls files can be uploaded, not {named!r}.")
            return
        self._wanted = True
        descriptor = os.open(self._path(), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def _end(self) -> None:
        self._whole = self._whole or self._wanted

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._file is None or not self._wanted or self.refusal is not None:
            return
        self._size += end - start
        if self._size > self._limit:
            self.refuse_size()
            return
        self._file.write(data[start:end])
