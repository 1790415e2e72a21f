"""Clients that never finish what they have begun to say, over real connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request

from slackwater.web.transport import error_handlers, middleware, slow_client
from slackwater.web.transport.middleware import Edge
from slackwater.web.transport.slow_client import PatientProtocol

Talk = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def served(body_seconds: float = 5.0) -> AsyncIterator[int]:
    app = FastAPI()
    error_handlers.install(app)
    app.add_middleware(Edge, body_seconds=body_seconds)

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

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
