"""What is told of a look while it is under way."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest

from slackwater.model.source.config import ApiConfig
from slackwater.model.wrapper import SourceType
from slackwater.pipe.frames import Limits, Request, Response, Unclear
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.previews import LONGEST, Previews
from slackwater.supervise.run.job import Terms
from slackwater.supervise.run.one_shot import Returned

KEY = "s3cr3t-that-nobody-sees"


class OneShots:
    """Asks for two addresses, and ends when it is told to."""

    def __init__(self) -> None:
        self.asked, self.end = asyncio.Event(), asyncio.Event()

    async def run(self, task, look):
        async def ask(request):
            return Response(number=request.number, status=200)

        for number, url in enumerate(("https://a.example/first", f"https://a.example/last?key={KEY}&{'x' * LONGEST}")):
            await look.send(Request(number=number, method="GET", url=url), ask)
        self.asked.set()
        await self.end.wait()
        return Returned(Unclear(message="?"))


def read(_):
    done = Future()
    done.set_result(None)
    return done


@pytest.mark.parametrize("leaves", [False, True], ids=["ends", "is left"])
async def test_a_look_tells_its_caller_what_it_has_asked_without_secrets_until_it_ends(leaves: bool):
    one_shots, terms = OneShots(), Terms(limits=Limits(), files_dir=Path("/nowhere"))
    previews = Previews(SimpleNamespace(read=read), one_shots, None, terms, Signals())
    config = ApiConfig(location="https://a.example/", auth_type="api_key", api_key=KEY)
    look = asyncio.ensure_future(previews.discover(source_type=SourceType.API, config=config, caller="ana"))
    await one_shots.asked.wait()
    assert previews.under_way("rui") is None
    asked, latest = previews.under_way("ana")
    assert (asked, latest.startswith("https://a.example/last?key=")) == (2, True)
    assert KEY not in latest
    assert len(latest) <= LONGEST + 1
    if leaves:
        look.cancel()
    one_shots.end.set()
    await asyncio.wait({look})
    assert previews.under_way("ana") is None
