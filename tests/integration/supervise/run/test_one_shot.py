"""One-shots: real confined processes that look and try, and store nothing."""

import asyncio
from contextlib import asynccontextmanager

import psutil
import pytest

from service import eventually
from slackwater.errors import Unavailable
from slackwater.model.instants import DAY
from slackwater.model.source.config import ApiConfig
from slackwater.pipe.frames import Discover, Failed, Found, Limits, Prove, Proven
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.credentials import Access
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.process.scratch import scratch_root
from slackwater.supervise.run import job
from slackwater.supervise.run.job import Task
from slackwater.supervise.run.one_shot import WAITING, OneShots
from slackwater.workbench import ENTRY, PRELOAD
from sources import Feed, SourceServer

SECRET = "s3cr3t-that-nobody-sees"
HEAD = "from slackwater import Point, Wrapper\nimport sys, time\n"
CLASS = "class Own(Wrapper):\n    async def fetch(self, window, http):\n        {body}\nwrapper = Own()\n"


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


@asynccontextmanager
async def one_shots(directory, *, at_once=2, seconds=20.0):
    with scratch_root(directory) as scratch:
        link = ForkServerLink(ENTRY, Bounds(scratch_dir=str(scratch), first_uid=66_000), PRELOAD)
        broker = Broker(
            allow_private=True, requests_per_second=1000, connections=8, tries=1, max_wait=1, max_answer=2**20
        )
        async with broker:
            await link.start()
            assert link.pid is not None
            try:
                yield OneShots(link, broker, at_once=at_once, seconds=seconds)
                forks = psutil.Process(link.pid)
                # The guards have nothing to guard any more and end.
                await asyncio.to_thread(eventually, lambda: not forks.children(recursive=True))
            finally:
                await link.close()


def trial(module: str, url: str = "http://127.0.0.1:9/", **config) -> Task:
    known = ApiConfig(location=url, **config)
    start = Prove(source_type="API", module=module, config=job.shown(known.model_dump()), limits=Limits())
    return Task(start, Access.of(known), None)


async def test_a_module_is_tried_and_what_it_prints_is_told(tmp_path, server):
    endpoint = server.serve("/v1", Feed.regular("2024-01-01", DAY, 30), auth=("bearer", SECRET))
    module = (
        "from slackwater import ApiWrapper\nprint('hello')\n"
        f'wrapper = ApiWrapper(url="{endpoint.url}", records="items", time="timestamp", value="value")\n'
    )
    async with one_shots(tmp_path) as sent:
        returned = await sent.run(trial(module, endpoint.url, auth_type="bearer", bearer_token=SECRET))
    assert isinstance(returned.verdict, Proven)
    assert (returned.verdict.proof.points, returned.verdict.proof.objections) == (30, [])
    assert returned.lines == ["INFO - [STDOUT] hello"]
    assert returned.requests == 2


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("wrapper = 1\n", "it must be an ApiWrapper"),
        ("wrapper = \n", "SyntaxError in line 1"),
        (HEAD + CLASS.format(body="raise ValueError('no tide'); yield"), "ValueError in line 5 of the module: no tide"),
        (HEAD + "import os\nos._exit(3)\n", "exit code 3"),
        (HEAD + CLASS.format(body="open('/etc/shadow'); yield"), "PermissionError"),
        (HEAD + "import socket\nsocket.create_connection(('127.0.0.1', 22))\nwrapper = 1", "PermissionError"),
    ],
)
async def test_what_goes_wrong_is_a_sentence(tmp_path, module, message):
    async with one_shots(tmp_path) as sent:
        returned = await sent.run(trial(module))
    assert isinstance(returned.verdict, Failed)
    assert message in returned.verdict.message


async def test_what_does_not_end_is_ended(tmp_path):
    async with one_shots(tmp_path, seconds=1.0) as sent:
        for module in (HEAD + "while True: pass\n", HEAD + CLASS.format(body="time.sleep(600); yield")):
            returned = await sent.run(trial(module))
            assert isinstance(returned.verdict, Failed)
            assert returned.verdict.message == "It has not come to an end within 1 seconds."


async def test_who_gives_up_waiting_leaves_no_process(tmp_path):
    async with one_shots(tmp_path) as sent:
        waiting = asyncio.create_task(sent.run(trial(HEAD + "print('up', flush=True)\ntime.sleep(600)\n")))
        await asyncio.to_thread(eventually, lambda: len(psutil.Process().children(recursive=True)) >= 3)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        # the fixture looks: nothing below the fork server is alive


async def test_a_process_that_speaks_out_of_turn_is_ended(tmp_path):
    # A hand-made frame on the inherited socket: a Batch, which nothing here may store.
    module = HEAD + (
        "import os, gc, slackwater.runtime.process.channel as o\nfrom slackwater.pipe.frames import Batch\n"
        "from slackwater.pipe.codec import packed\n"
        "out = next(each for each in gc.get_objects() if isinstance(each, o.Outlet))\n"
        "out._writer.write(packed(Batch(number=1)))\ntime.sleep(0.2)\n"
        + CLASS.format(body="yield Point(window.start, 1)")
    )
    async with one_shots(tmp_path) as sent:
        returned = await sent.run(trial(module))
    assert isinstance(returned.verdict, Failed)
    assert "a Batch frame where nothing is stored" in returned.verdict.message


async def test_too_many_are_turned_away(tmp_path):
    async with one_shots(tmp_path, at_once=1) as sent:
        slow = trial(HEAD + CLASS.format(body="time.sleep(0.3); yield Point(window.start, 1)"))
        asked = [asyncio.create_task(sent.run(slow)) for _ in range(WAITING + 1)]
        with pytest.raises(Unavailable, match="try again in a moment"):
            await asked[-1]
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def test_a_discovery_returns_what_it_found(tmp_path, server):
    endpoint = server.serve("/v1", Feed.regular("2024-01-01", DAY, 30))
    config = ApiConfig(location=endpoint.url)
    start = Discover(source_type="API", config=job.shown(config.model_dump()))
    async with one_shots(tmp_path) as sent:
        returned = await sent.run(Task(start, Access.of(config), None))
    assert isinstance(returned.verdict, Found)
    assert "ApiWrapper(" in returned.verdict.code
