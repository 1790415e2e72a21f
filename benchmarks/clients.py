"""Our own HTTP/1.1 connections beside httpcore's, with a network backend that keeps the same rule for addresses."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import h11
import httpcore
import uvloop

from benchmarks.report import Figure, Report
from slackwater.supervise.http.address_policy import Policy
from slackwater.supervise.http.answer_body import read_body
from slackwater.supervise.http.connections import Wires
from slackwater.supervise.http.host_limits import Tally

SMALL, LARGE = 2 * 1024, 8 * 1024 * 1024  # bytes of an answer
SMALL_COUNT, LARGE_COUNT = 6_000, 60  # requests
AT_ONCE = 8  # requests, as `host_connections` has it
MIB = 1024 * 1024
ROUNDS = 3

Ask = Callable[[str], Awaitable[int]]

SOURCE = """
import asyncio, sys

class Source(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.held = transport, b""

    def data_received(self, data):
        self.held += data
        while b"\\r\\n\\r\\n" in self.held:
            head, _, self.held = self.held.partition(b"\\r\\n\\r\\n")
            size = int(head.split(b" ")[1][1:])
            self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % size + b"7" * size)

async def main():
    server = await asyncio.get_running_loop().create_server(Source, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

import uvloop
uvloop.run(main())
"""


def measure(quick: bool) -> Report:
    """Ask one source by each client: many small answers, and a few large ones."""
    scale = 20 if quick else 1
    with subprocess.Popen([sys.executable, "-c", SOURCE], stdout=subprocess.PIPE, text=True) as source:
        assert source.stdout is not None
        try:
            port = int(source.stdout.readline())
            figures: list[Figure] = []
            for name, client in CLIENTS.items():
                figures += _figures(name, client, port, scale)
        finally:
            source.kill()
    return Report(
        title=f"{SMALL_COUNT // scale:,} answers of {SMALL // 1024} KiB and {LARGE_COUNT // scale:,} of "
        f"{LARGE // MIB} MiB, {AT_ONCE} at once",
        figures=figures,
        notes=[
            "one source in a process of its own, one event loop (uvloop), connections kept; each address is checked",
            f"the best of {ROUNDS} rounds; processor time is that of the client's process alone",
        ],
    )


def _figures(name: str, client: Any, port: int, scale: int) -> list[Figure]:
    small = [uvloop.run(_timed(client, port, SMALL, SMALL_COUNT // scale)) for _ in range(ROUNDS)]
    large = [uvloop.run(_timed(client, port, LARGE, max(1, LARGE_COUNT // scale))) for _ in range(ROUNDS)]
    mebibytes = max(1, LARGE_COUNT // scale) * LARGE / MIB
    count = SMALL_COUNT // scale
    return [
        Figure(name=f"{name}: small answers", value=count / min(took for took, _ in small), unit="requests/s"),
        Figure(name=f"{name}: processor, small", value=min(cpu for _, cpu in small) / count * 1e6, unit="µs/request"),
        Figure(name=f"{name}: processor, large", value=min(cpu for _, cpu in large) / mebibytes * 1000, unit="ms/MiB"),
    ]


async def _timed(client: Any, port: int, size: int, count: int) -> tuple[float, float]:
    """Return seconds and processor seconds that `count` answers of `size` bytes took."""
    left = iter(range(count))
    async with client(port) as ask:
        await ask(f"/{size}")

        async def work() -> None:
            for _ in left:
                assert await ask(f"/{size}") == size

        began, spent = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return time.perf_counter() - began, time.process_time() - spent


@asynccontextmanager
async def _ours(port: int) -> AsyncIterator[Ask]:
    wires = Wires(policy=Policy(allow_private=True))
    headers = [(b"Host", f"127.0.0.1:{port}".encode()), (b"User-Agent", b"x"), (b"Accept", b"*/*")]

    async def ask(path: str) -> int:
        wire = await wires.open(("http", "127.0.0.1", port), 30, fresh=False)
        try:
            head = await wire.ask(h11.Request(method="GET", target=path, headers=headers), b"", 30)
            return len(await read_body(wire, head, timeout=30, most=64 * MIB, tally=Tally(), held=None))
        finally:
            wires.done(wire)

    yield ask
    wires.close()


class _Checked(httpcore.AsyncNetworkBackend):
    """Resolves, checks and connects: the backend that httpcore would need."""

    def __init__(self) -> None:
        self._policy = Policy(allow_private=True)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the address that was checked."""
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        address = str(entries[0][4][0])
        if reason := self._policy.refusal(host, port, address):
            raise httpcore.ConnectError(reason)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def _httpcore(port: int) -> AsyncIterator[Ask]:
    headers = [(b"Host", f"127.0.0.1:{port}".encode()), (b"User-Agent", b"x"), (b"Accept", b"*/*")]
    async with httpcore.AsyncConnectionPool(network_backend=_Checked(), max_connections=AT_ONCE) as pool:

        async def ask(path: str) -> int:
            size = 0
            limits = {"timeout": {"connect": 30.0, "read": 30.0, "write": 30.0, "pool": 30.0}}
            url = f"http://127.0.0.1:{port}{path}"
            async with pool.stream("GET", url, headers=headers, extensions=limits) as answer:
                parts = []
                async for part in answer.aiter_stream():
                    size += len(part)
                    if size > 64 * MIB:
                        raise ValueError("too large")
                    parts.append(part)
            return len(b"".join(parts))

        yield ask


CLIENTS = {"ours": _ours, "httpcore": _httpcore}
