"""One real process, from its orders to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from slackwater.errors import BadSource, ProtocolViolation
from slackwater.pipe.frames import AnyUp, Confine, Done, Fault, Hello, Order, Prove, Request, Response
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.process.scratch import scratch_root
from slackwater.supervise.run.channel import Say
from slackwater.supervise.run.session import REQUESTS_AT_ONCE, Answer, Send, WorkerSession
from slackwater.workbench import ENTRY, PRELOAD

MANY = f"""
import asyncio
from slackwater import Point, Wrapper
print("begun")
class Own(Wrapper):
    async def fetch(self, window, http):
        await asyncio.gather(*(http.get("http://127.0.0.1:9/") for _ in range({REQUESTS_AT_ONCE} + 1)))
        yield Point(window.start, 1)
wrapper = Own()
"""


@pytest.fixture
async def link(tmp_path: Path) -> AsyncIterator[ForkServerLink]:
    with scratch_root(tmp_path) as scratch:
        link = ForkServerLink(ENTRY, Bounds(scratch_dir=str(scratch), first_uid=66_000), PRELOAD)
        await link.start()
        try:
            yield link
        finally:
            await link.close()


@asynccontextmanager
async def process(link: ForkServerLink, order: Order) -> AsyncIterator[WorkerSession]:
    session = await WorkerSession.spawn(link, order)
    try:
        yield session
    finally:
        assert await session.child.end(10)
        assert not psutil.pid_exists(session.child.pid)


async def said(session: WorkerSession, say: Say, answer: Answer | None = None) -> list[AnyUp]:
    async with session.talk(say, answer) as frames:
        return [frame async for frame in frames]


def silent(level: str, message: str) -> None:
    pass


async def test_a_process_says_how_it_is_confined_and_goes(link: ForkServerLink) -> None:
    async with process(link, Confine()) as session:
        assert [type(frame) for frame in await said(session, silent)] == [Hello, Done]
        assert session.child.gone.result().code == 0


async def test_a_request_without_a_source_ends_the_talk(link: ForkServerLink) -> None:
    async with process(link, Prove(source_type="API", module=MANY)) as session:
        with pytest.raises(ProtocolViolation, match="a request where there is no source"):
            await said(session, silent)


async def test_more_requests_at_once_than_may_be_end_the_talk(link: ForkServerLink) -> None:
    asked = []

    async def answer(request: Request, send: Send) -> None:
        asked.append(request.number)
        await asyncio.sleep(600)

    async with process(link, Prove(source_type="API", module=MANY)) as session:
        with pytest.raises(ProtocolViolation, match=f"more than {REQUESTS_AT_ONCE} requests at once"):
            await said(session, silent, answer)
    assert len(asked) <= REQUESTS_AT_ONCE


async def test_trouble_with_an_answer_is_that_of_the_talk(link: ForkServerLink) -> None:
    async def answer(request: Request, send: Send) -> None:
        raise LookupError("no")

    few = MANY.replace(f"range({REQUESTS_AT_ONCE} + 1)", "range(3)")  # of more, the last may come before the answer
    async with process(link, Prove(source_type="API", module=few)) as session:
        with pytest.raises(LookupError, match="no"):
            await said(session, silent, answer)


async def test_answers_go_back_until_the_last_word_and_all_output_is_read(link: ForkServerLink) -> None:
    lines: list[str] = []
    module = MANY.replace(f"range({REQUESTS_AT_ONCE} + 1)", "range(3)")

    async def answer(request: Request, send: Send) -> None:
        await send(Response(number=request.number, error="nobody is there", error_kind="refused"))

    async with process(link, Prove(source_type="API", module=module)) as session:
        last = (await said(session, lambda _, line: lines.append(line), answer))[-1]
        assert isinstance(last, Fault)
        assert "nobody is there" in last.message
    assert lines == ["[STDOUT] begun"]


async def test_a_file_that_is_gone_is_a_sentence(link: ForkServerLink, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="gone from the disk"):
        await WorkerSession.spawn(link, Confine(), tmp_path / "none")
