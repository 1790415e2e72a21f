"""One talk with a wrapper process.

Its frames in order, its output as lines, and what may be said to it.

Nothing in here trusts the process. A frame that breaks the rules ends the talk (ProtocolViolation); one that says too
much is read more slowly, so that the pipe fills up and it waits for us, not we for it.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from io import FileIO

from slackwater.errors import ProtocolViolation
from slackwater.model.printable import one_line, visible
from slackwater.model.token_bucket import TokenBucket
from slackwater.pipe.codec import LENGTH, MAX_UP, length, packed, unpacked_up
from slackwater.pipe.frames import AnyUp, Down, Order

READ_AHEAD = 1024 * 1024  # bytes; chosen: some batches may wait while one is stored
TALK_PER_SECOND = 400  # frames and output lines that a process may send on and on
TALK_AT_ONCE = 2_000  # of them before it is slowed down
READ_SECONDS = 120.0  # for a process to read an answer; parsing the one before may take it a minute
AT_ONCE = 16 * 1024  # bytes that are read at once of what a process writes; chosen: a quarter of a pipe
LINES_AT_ONCE = 200  # of one log message or traceback

Say = Callable[[str, str], None]  # level, message


class Conversation:
    """Frames over one socket. The first thing said is the order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._throttle = Throttle()

    @classmethod
    async def begin(cls, pipe: socket.socket, order: Order) -> "Conversation":
        """Give a process its orders."""
        reader, writer = await asyncio.open_connection(sock=pipe.dup(), limit=READ_AHEAD)
        talk = cls(reader, writer)
        try:
            await talk.send(order)
        except BaseException:
            talk.close()
            raise
        return talk

    async def send(self, frame: Down) -> None:
        """Send a frame.

        A process that is gone hears nothing, and its end says so elsewhere.

        ProtocolViolation when the process has not read it, and what came before it, within `READ_SECONDS`.
        """
        try:
            self._writer.write(packed(frame))
            async with asyncio.timeout(READ_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            raise ProtocolViolation(
                reason=f"the process has not read its answers for {READ_SECONDS:g} seconds"
            ) from None
        except (ConnectionError, RuntimeError):  # RuntimeError: uvloop's word for a transport that is closed
            return

    async def frames(self) -> AsyncIterator[AnyUp]:
        """Yield what the process says until it says no more.

        ProtocolViolation when it is no frame.
        """
        while True:
            try:
                size = length(await self._reader.readexactly(LENGTH.size), MAX_UP)
                body = await self._reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            yield unpacked_up(body)

    async def slow_down(self) -> None:
        """Count one frame of talk; waits when there were too many."""
        await self._throttle.count(1)

    def close(self) -> None:
        """Close our end."""
        self._writer.close()


class Throttle:
    """Slows a process down that says more than `TALK_AT_ONCE` at once and `TALK_PER_SECOND` for ever."""

    def __init__(self) -> None:
        self._bucket = TokenBucket(TALK_PER_SECOND, TALK_AT_ONCE, time.monotonic())

    async def count(self, said: int) -> None:
        """Count frames or lines, and wait while there were too many."""
        if seconds := self._bucket.take(time.monotonic(), said):
            await asyncio.sleep(seconds)


async def listen(stream: FileIO, tag: str, level: str, say: Say) -> None:
    """Turn what a process writes into log lines, until it is closed.

    The stream is read and closed here, by no transport: that of uvloop closes the descriptor, and then the stream,
    whose number may be another file's by then.
    """
    throttle = Throttle()
    rest = b""
    with stream:
        async for chunk in _chunks(stream):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > AT_ONCE:  # a line without end is told in pieces
                lines, rest = [*lines, rest], b""
            for line in lines:
                say(level, f"[{tag}] {printable(line)}")
            await throttle.count(len(lines))
        if rest:
            say(level, f"[{tag}] {printable(rest)}")


async def _chunks(stream: FileIO) -> AsyncIterator[bytes]:
    loop, descriptor = asyncio.get_running_loop(), stream.fileno()
    os.set_blocking(descriptor, False)
    while (chunk := stream.read(AT_ONCE)) != b"":
        if chunk is not None:
            yield chunk
            await asyncio.sleep(0)  # who writes on and on keeps nobody else waiting
            continue
        there = asyncio.Event()
        loop.add_reader(descriptor, there.set)
        try:
            await there.wait()
        finally:
            loop.remove_reader(descriptor)


def printable(line: bytes | str) -> str:
    """Return text as one line without control characters."""
    text = line.decode(errors="replace") if isinstance(line, bytes) else line
    return one_line(text)


def lines_of(text: str) -> list[str]:
    """Return the last `LINES_AT_ONCE` lines of a text, each fit for a log.

    None when there is no text.
    """
    if not text.strip():
        return []
    lines = text.rstrip().rsplit("\n", LINES_AT_ONCE)
    shown = [visible(line) for line in lines[-LINES_AT_ONCE:]]
    return shown if len(lines) <= LINES_AT_ONCE else ["… (the lines before are left out)", *shown]
