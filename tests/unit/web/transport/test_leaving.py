"""Work for a client that leaves."""

import asyncio

import pytest
from fastapi import HTTPException, Request

from slackwater.web.transport.leaving import LEFT, while_there


class Client:
    """Sends its body at once, and leaves when it is told to."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.sent = False

    async def __call__(self):
        if not self.sent:
            self.sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def test_work_is_cancelled_and_cleans_up_when_the_client_leaves():
    client, ended = Client(), []

    async def work():
        client.gone.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as a process that is ended takes its time
            ended.append(True)

    with pytest.raises(HTTPException) as left:
        async with asyncio.timeout(10):
            await while_there(Request({"type": "http"}, client), work())
    assert (left.value.status_code, ended) == (LEFT, [True])


async def test_who_stays_gets_the_answer_or_the_error():
    async def fails():
        raise ZeroDivisionError

    async def answers():
        return 7

    assert await while_there(Request({"type": "http"}, Client()), answers()) == 7
    with pytest.raises(ZeroDivisionError):
        await while_there(Request({"type": "http"}, Client()), fails())
