"""Data as a file: CSV, XLSX or Parquet, streamed, however much it is.

A thread of its own reads the store and writes the file into a sink; the sink hands pieces on to the answer and waits
when the client is slow. So a file of any size takes the memory of some pieces.
"""

import asyncio
import csv
import io
import re
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import aclosing
from enum import StrEnum
from functools import cache, partial
from itertools import islice

from fastapi.responses import StreamingResponse

from slackwater.errors import Unavailable
from slackwater.model.instants import iso
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import resources
from slackwater.store.records.resources import ResourceRecord
from slackwater.store.series import readings
from slackwater.store.series.readings import PointQuery, Reading

LINES = 5_000  # of CSV, written at once
PIECE = 64 * 1024  # bytes handed to the answer at once, at least
AHEAD = 4  # pieces that may wait for the client
SNAPSHOT_SECONDS = 2.0  # for which a download reads in one snapshot of the store
STALLED_SECONDS = 60.0  # in which a client must take a piece
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
        """Say that it is."""
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
    database: Database,
    resource: ResourceRecord,
    asked: PointQuery,
    kind: FileFormat,
    end: Callable[[], None] = lambda: None,
) -> StreamingResponse:
    """Return the answer that streams the data as a file.

    `end` is called when it is written, or given up.

    What fails before its first byte fails here.
    """
    stem = re.sub(r"[^A-Za-z0-9]+", "-", resource.name).strip("-")[:60] or "data"
    pieces = _Production(database, resource, asked, kind, end).pieces()
    first = await anext(pieces, b"")
    return StreamingResponse(
        _all(first, pieces),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{stem}-{resource.id}.{kind}"'},
    )


async def _all(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


class _Production:
    """A file that a thread writes, and its pieces on their way to the client.

    The thread reads in snapshots of the store that are renewed: an old one keeps the store's log from being emptied.
    """

    def __init__(
        self, database: Database, resource: ResourceRecord, asked: PointQuery, kind: FileFormat, end: Callable[[], None]
    ) -> None:
        self._database = database
        self._resource = resource
        self._asked = asked
        self._write = _writer(kind)
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(AHEAD)
        self._gone = threading.Event()
        self._snapshot_since = 0.0

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield the file in pieces. The thread opens, reads and closes the connection."""
        threading.Thread(target=self._produce, name="download", daemon=True).start()
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            # Also when the client has gone: the thread must not wait for ever for a place in the queue.
            self._gone.set()
            while not self._pieces.empty():
                self._pieces.get_nowait()

    def _produce(self) -> None:
        try:
            with self._database.stream() as c:
                self._snapshot_since = time.monotonic()
                sink = Sink(partial(self._hand_over, c))
                self._write(readings.stream(c, self._asked), sink)
                sink.hand_on()
            self._put(None, STALLED_SECONDS)
        except (BrokenPipeError, TimeoutError):
            self._fail(Unavailable("The client has stopped to read the file."))
        except Exception as error:  # noqa: BLE001 - it belongs to the answer
            self._fail(error)
        finally:
            self._loop.call_soon_threadsafe(self._end)

    def _hand_over(self, c: Connection, piece: bytes) -> None:
        """Hand a piece to the client.

        TimeoutError when it takes none for STALLED_SECONDS, BrokenPipeError if gone.
        """
        waiting = self._offer(piece)
        try:
            waiting.result(SNAPSHOT_SECONDS)
        except TimeoutError:
            self._let_go(c)
            try:
                waiting.result(STALLED_SECONDS)
            except TimeoutError:
                waiting.cancel()
                raise
            self._look_again(c)
        if time.monotonic() - self._snapshot_since > SNAPSHOT_SECONDS:
            self._let_go(c)
            self._look_again(c)

    def _let_go(self, c: Connection) -> None:
        c.rollback()

    def _look_again(self, c: Connection) -> None:
        """Go on in a new snapshot.

        NotFound when the resource was deleted meanwhile: no file is silently cut.
        """
        c.begin()
        resources.get(c, self._resource.id)
        self._snapshot_since = time.monotonic()

    def _offer(self, piece: bytes | None) -> "Future[None]":
        if self._gone.is_set():
            raise BrokenPipeError("the client has gone")
        return asyncio.run_coroutine_threadsafe(self._pieces.put(piece), self._loop)

    def _put(self, piece: None, seconds: float) -> None:
        self._offer(piece).result(seconds)

    def _fail(self, error: Exception) -> None:
        """Let an error follow the pieces that wait.

        In the place of the last one if there is no other.
        """

        def fail() -> None:
            if self._pieces.full():
                self._pieces.get_nowait()
            self._pieces.put_nowait(error)

        if not self._gone.is_set():
            self._loop.call_soon_threadsafe(fail)


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
