"""A fast HTTP source in a process of its own: JSON pages by offset, encoded once, served from memory.

    with Pages(500_000) as pages:          # or Pages(ENDLESS, size=100, delay=0.5): one that takes its time
        pages.url                          # pages.url + "?offset=1000&limit=1000"

It ends with the process that has entered it, however that ends: its standard input is then at its end.
"""

import asyncio
import subprocess
import sys
from functools import cache
from typing import Self
from urllib.parse import parse_qs, urlsplit

from benchmarks import ROOT
from slackwater.model.instants import MINUTE, iso, parse_iso

SIZE = 1_000  # records in a page, unless fewer are asked for
ENDLESS = 5_000_000_000  # records that nobody reads to their end
KEPT = 1_000  # encoded pages
BEGIN = parse_iso("2000-01-01T00:00:00Z")
PATH = "/v1/levels"


class Pages:
    """Serves `count` records, one for each minute since 2000, each answer after `delay` seconds, while entered."""

    def __init__(self, count: int, *, size: int = SIZE, delay: float = 0) -> None:
        self.count = count
        self.size = size
        self._delay = delay

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.source", str(self.count), str(self.size), str(self._delay)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}{PATH}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def point(number: int) -> tuple[str, float]:
    """Return the time and the value of a record."""
    return iso(BEGIN + MINUTE * number), (number % 977) / 4


class _Source:
    def __init__(self, count: int, size: int) -> None:
        self._count = count
        self._size = size
        self._page = cache(self._encoded) if count <= KEPT * size else self._encoded
        if count <= KEPT * size:
            for offset in range(0, count, size):
                self._page(offset, size)

    def answer(self, target: str) -> bytes:
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        limit = min(max(1, int(asked.get("limit", self._size))), self._size)
        return self._page(max(0, int(asked.get("offset", 0))), limit)

    def _encoded(self, offset: int, limit: int) -> bytes:
        points = map(point, range(offset, min(offset + limit, self._count)))
        records = ",".join(f'{{"time":"{time}","value":{value}}}' for time, value in points)
        body = f'{{"total":{self._count},"items":[{records}]}}'.encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class _Connection(asyncio.Protocol):
    def __init__(self, source: _Source, delay: float) -> None:
        self._source = source
        self._delay = delay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode("ascii")
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._answer, target)
            else:
                self._answer(target)

    def _answer(self, target: str) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._source.answer(target))


async def _serve(count: int, size: int, delay: float) -> None:
    source = _Source(count, size)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(source, delay), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
