"""Reads an answer's body within bounds of size, memory and loop time."""

import asyncio
import time
from collections.abc import AsyncIterator

import h11

from slackwater.supervise.http.answer_memory import Held
from slackwater.supervise.http.decompression import inflater
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.http.http11 import Fault, Wire, place

TURN_SECONDS = 0.01  # on the event loop before others get their turn
# A chunk costs some 5 µs whatever its size. No server sends so many so small; a wicked one would burn our processor.
FREE_CHUNKS = 10_000
LEAST_CHUNK = 32  # bytes on average, beyond FREE_CHUNKS


class Turns:
    """Gives the event loop back after each `TURN_SECONDS` of work."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    async def pause(self) -> None:
        """Let others have their turn, if ours has been long enough."""
        if time.monotonic() - self._begun >= TURN_SECONDS:
            await asyncio.sleep(0)
            self._begun = time.monotonic()


async def read_body(
    wire: Wire, head: h11.Response, *, timeout: float, most: int, tally: Tally, held: Held | None
) -> bytes:
    """Return the body of an answer, decompressed.

    Fault when it is larger than `most` bytes or cannot be read.

    `timeout` in seconds holds for each read. `held` counts the bytes among those of all answers.
    """
    where = place(wire.origin)
    parts: list[bytes | bytearray] = []
    size = 0
    if held is not None:
        held.drop()  # what an earlier try has left
    try:
        async for part in _pieces(wire, head, timeout, tally):
            size += len(part)
            if size > most:
                raise Fault(
                    "refused",
                    f"The answer of {where} is larger than {most:,} bytes; ask for smaller pages, "
                    "or let an administrator raise SLACKWATER_MAX_ANSWER_BYTES.",
                )
            if held is not None:
                await held.grow(len(part))
            if part:
                parts.append(part)
    except ValueError as error:
        raise Fault("protocol", f"The answer of {where} cannot be read: {error}.") from None
    return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)


async def _pieces(wire: Wire, head: h11.Response, timeout: float, tally: Tally) -> AsyncIterator[bytes | bytearray]:
    """Yield a body as it comes, decompressed.

    ValueError when it is not what its head says.
    """
    coded = inflater([value for name, value in head.headers if name == b"content-encoding"])
    turns = Turns()
    chunks = received = 0
    while (chunk := await wire.chunk(timeout)) is not None:
        chunks += 1
        received += len(chunk)
        tally.bytes_received += len(chunk)
        if chunks > FREE_CHUNKS and received < LEAST_CHUNK * chunks:
            raise ValueError(f"it comes in {chunks:,} chunks of {received // chunks} bytes on average")
        await turns.pause()
        for part in (chunk,) if coded is None else coded.pieces(chunk):
            yield part
            await turns.pause()
    if coded is not None:
        coded.finish()
