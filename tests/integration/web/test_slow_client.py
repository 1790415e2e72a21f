"""Clients that never finish what they have begun to say, over real connections."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from slackwater.web.transport import error_handlers, middleware, slow_client
from slackwater.web.transport.middleware import Edge
from slackwater.web.transport.slow_client import PatientProtocol

Talk = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def served(
    download: Callable[[], AsyncIterator[bytes]] | None = None, *, body_seconds: float = 5.0
) -> AsyncIterator[int]:
    app = FastAPI()
    error_handlers.install(app)
    app.add_middleware(Edge, body_seconds=body_seconds)

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        assert download is not None
        return StreamingResponse(download())

    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    state = uvicorn.Server(config).server_state
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: PatientProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Say something in parts, and return all that is answered until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_head_that_never_ends_is_not_waited_for(begun: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slow_client, "HEAD_SECONDS", 0.2)
    async with served() as port:
        assert await said(port, begun) == b""


async def test_a_second_head_on_a_kept_connection_neither(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slow_client, "HEAD_SECONDS", 0.2)
    async with served() as port:
        whole = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
        answered = await said(port, whole, b"POST / HTTP/1.1\r\nHo", pause=0.1)
    assert answered.count(b"HTTP/1.1 200") == 1


async def test_a_head_that_comes_in_pieces_is_answered():
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    async with served() as port:
        answered = await said(port, *(head[n : n + 9] for n in range(0, len(head), 9)), pause=0.01)
    assert answered.endswith(b"3")


@pytest.mark.parametrize("limit", ["pause", "whole"])
async def test_a_body_that_drips_is_answered_408(limit: str, monkeypatch: pytest.MonkeyPatch):
    if limit == "pause":
        monkeypatch.setattr(middleware, "PAUSE_SECONDS", 0.2)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    drops = [] if limit == "pause" else [b"x"] * 3
    async with served(body_seconds=0.3 if limit == "whole" else 5.0) as port:
        answered = await said(port, head, *drops, pause=0.05)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in answered


async def test_a_client_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(slow_client, "STALLED_SECONDS", 0.3)
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while True:
            pieces += 1
            await asyncio.sleep(0)
            yield b"x" * 2**20

    async with served(endless) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.sleep(1.0)
            before = pieces
            client.settimeout(5)
            taken = await asyncio.to_thread(_taken_to_the_end, client)
    assert pieces == before
    assert taken <= pieces * 2**20


def _taken_to_the_end(client: socket.socket) -> int:
    """Return how many bytes still come; TimeoutError while the connection is open."""
    taken = 0
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(2**20):
            taken += len(piece)
    return taken
