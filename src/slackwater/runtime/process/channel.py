"""The wrapper process's end of the pipe: frames out, acks and HTTP answers in."""

import asyncio
import itertools
import os
import socket
import time
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.points import MAX_SERIES_NAME, Column
from slackwater.pipe.codec import IN_FLIGHT, LENGTH, MAX_DOWN, length, packed, unpacked_down
from slackwater.pipe.frames import MOST_FIELDS, Ack, AnyDown, Batch, Log, Order, Progress, Read, Request, Response, Up
from slackwater.runtime.http_transport import client
from slackwater.runtime.source import PageRead

READ_AHEAD = 1024 * 1024  # bytes; chosen: an answer of usual size at once
MAX_LOG = 10_000  # characters of one message; the log keeps 4,000 of each line


Ordered = TypeVar("Ordered", bound=Order)


class Outlet(Generic[Ordered]):
    """The run as a source sees it.

    Satisfies `source.Run`, or `source.DiscoveryRun` when it was ordered to discover.
    """

    def __init__(self, orders: Ordered, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, file: int | None):
        self.orders = orders
        self.checkpoint: Checkpoint = orders.checkpoint if isinstance(orders, Read) else Checkpoint()
        self.http: httpx.AsyncClient = client(self._send)
        self._reader = reader
        self._writer = writer
        self._file = file
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Response]] = {}
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._unacked: set[int] = set()
        self._all_acked = asyncio.Event()
        self._all_acked.set()
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, pipe: int, file: int | None) -> "Outlet[Any]":
        """Wait for the orders on the inherited socket and return the outlet."""
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=pipe), limit=READ_AHEAD)
        first = await _next(reader)
        if not isinstance(first, Order):
            raise SystemExit("the first frame was no order")
        return Outlet(first, reader, writer, file)

    def now(self) -> int:
        """Return the present in µs since the epoch."""
        return time.time_ns() // 1000

    def file(self) -> BinaryIO:
        """Return the uploaded file at its first byte; ValueError when the run has none."""
        if self._file is None:
            raise ValueError("this wrapper has no file")
        stream = os.fdopen(self._file, "rb", closefd=False)
        stream.seek(0)
        return stream

    async def log(self, level: str, message: str) -> None:
        """Add a line to the wrapper's log."""
        await self.send(Log(level=level, message=message[:MAX_LOG]))  # type: ignore[arg-type]

    async def progress(self, done: int, total: int | None) -> None:
        """Tell how far the reading is."""
        await self.send(Progress(done=done, total=total))

    async def store(self, page: PageRead, window: Interval) -> None:
        """Send a page for storing; waits while four are on their way."""
        columns = [Column.of(series, x, y) for series, (x, y) in page.columns.items() if len(x)]
        points = sum(map(len, columns))
        if page.last:
            self.checkpoint = self.checkpoint.finished(window, points, exhausted=page.exhausted, proven=page.proven)
        elif page.token is not None:
            self.checkpoint = self.checkpoint.turned(window, page.token, points)
        await self._slots.acquire()
        number = next(self._numbers)
        self._unacked.add(number)
        self._all_acked.clear()
        await self.send(
            Batch(
                number=number,
                columns=columns,
                window=window,
                complete=page.last,
                page=page.token,
                exhausted=page.exhausted,
                rejected=page.rejected[:20],
                rejected_count=page.rejected_count or len(page.rejected),
                rows=page.rows,
                proven=page.proven,
                fields_unread=[name[:MAX_SERIES_NAME] for name in page.fields_unread][:MOST_FIELDS],
            )
        )

    async def settled(self) -> None:
        """Wait until every batch is committed."""
        await self._all_acked.wait()

    async def send(self, frame: Up) -> None:
        """Send a frame."""
        self._writer.write(packed(frame))
        await self._writer.drain()

    async def close(self) -> None:
        """Flush and close the pipe."""
        self._listener.cancel()
        self._writer.close()
        await self._writer.wait_closed()

    async def _send(
        self, method: str, url: str, headers: list[tuple[str, str]], content: bytes, timeout: float | None
    ) -> Response:
        number = next(self._numbers)
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            await self.send(
                Request(number=number, method=method, url=url, headers=headers, content=content, timeout=timeout)
            )
            return await answer
        finally:
            self._answers.pop(number, None)

    async def _listen(self) -> None:
        while True:
            try:
                frame: Any = await _next(self._reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                os._exit(71)  # the supervisor is gone: nothing of ours can be stored any more
            if isinstance(frame, Ack):
                self._slots.release()
                self._unacked.discard(frame.number)
                if not self._unacked:
                    self._all_acked.set()
            elif isinstance(frame, Response) and frame.number in self._answers:
                answer = self._answers[frame.number]
                if not answer.done():
                    answer.set_result(frame)


async def _next(reader: asyncio.StreamReader) -> AnyDown:
    size = length(await reader.readexactly(LENGTH.size), MAX_DOWN)
    return unpacked_down(await reader.readexactly(size))
