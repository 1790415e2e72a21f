"""Data as a file: CSV, XLSX or Parquet, streamed, however much it is.

A thread of its own reads the store and writes the file into a sink; the sink hands pieces on to the answer and waits
when the client is slow. So a file of any size takes the memory of some pieces.
"""

import asyncio
import csv
import io
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from enum import StrEnum
from functools import cache
from itertools import islice

from fastapi.responses import StreamingResponse

from slackwater.model.instants import iso
from slackwater.store.engine.database import Database
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import readings
from slackwater.store.series.readings import Query, Reading

LINES = 5_000  # of CSV, written at once
PIECE = 64 * 1024  # bytes handed to the answer at once, at least
AHEAD = 4  # pieces that may wait for the client
# What a spreadsheet would calculate, behind what it skips: white space, line ends, signs of no width. The full-width
# forms are signs to the spreadsheets of East Asia.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")

Writer = Callable[[Iterator[Reading], "Sink"], None]


class FileFormat(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


class Sink(io.RawIOBase):
    """A file that is only written: what it is given goes to `hand_over` in pieces."""

    def __init__(self, hand_over: Callable[[bytes], None]) -> None:
        super().__init__()
        self._hand_over = hand_over
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all that is ever written
        """Take bytes."""
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= PIECE:
            self.hand_on()
        return len(data)

    def hand_on(self) -> None:
        """Hand on what has gathered."""
        parts, self._parts, self._size = self._parts, [], 0
        if parts:
            self._hand_over(b"".join(parts))


async def file_answer(
    database: Database, resource: ResourceRecord, asked: Query, kind: FileFormat
) -> StreamingResponse:
    """Return the answer that streams the data as a file. What fails before its first byte fails here."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", resource.name).strip("-")[:60] or "data"
    pieces = _pieces(database, asked, _writer(kind))
    first = await anext(pieces, b"")
    return StreamingResponse(
        _all(first, pieces),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{stem}-{resource.id}.{kind}"'},
    )


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()  # type: ignore[attr-defined]  # it is a generator


async def _pieces(database: Database, asked: Query, writer: Writer) -> AsyncIterator[bytes]:
    """Yield the file in pieces. The thread opens, reads and closes the connection."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(AHEAD)
    gone = threading.Event()

    def hand_over(piece: bytes | Exception | None) -> None:
        if gone.is_set():
            raise BrokenPipeError("the client has gone")
        asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()

    def produce() -> None:
        try:
            with database.stream() as c:
                sink = Sink(hand_over)
                writer(readings.stream(c, asked), sink)
                sink.hand_on()
            hand_over(None)
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - it belongs to the answer
            if not gone.is_set():
                hand_over(error)

    threading.Thread(target=produce, name="download", daemon=True).start()
    try:
        while (piece := await pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        # Also when the client has gone: the thread must not wait for ever for a place in the queue.
        gone.set()
        while not pieces.empty():
            pieces.get_nowait()


def _writer(kind: FileFormat) -> Writer:
    """Return what writes a kind of file; loaded when it is asked for."""
    match kind:
        case FileFormat.XLSX:
            from slackwater.web.export import xlsx

            return xlsx.write
        case FileFormat.PARQUET:
            from slackwater.web.export import parquet

            return parquet.write
        case FileFormat.CSV:
            return write_csv


def write_csv(data: Iterator[Reading], sink: Sink) -> None:
    """Write a CSV file."""
    cell = cache(_cell)
    sink.write(b"x,y,series\n")
    while some := list(islice(data, LINES)):
        sink.write("".join([f"{iso(x)},{y!r},{cell(name)}\n" for x, y, name in some]).encode())


def _cell(name: str) -> str:
    buffer = io.StringIO(newline="")
    safe = f"'{name}" if _FORMULA.match(name) else name
    csv.writer(buffer, lineterminator="\r\n").writerow([safe])  # quotes what its line ends consist of
    return buffer.getvalue().removesuffix("\r\n")
