"""Many names in one question, at sources of every manner."""

from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest

from runs import Recorder
from slackwater.discover.api.group_test import GroupTest, narrowed
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.formats.payload.shapes import Place
from slackwater.settings import Settings
from sources import Answer, SourceServer, client

NAMES = [f"name{letter}" for letter in "abcdefghijklmnopqrst"]
ROWS = [{"n": n} for n in range(60)]
REQUESTS = Settings.model_fields["discovery_requests"].default

Manner = Callable[[set[str]], str | None]
MANNERS: dict[str, Manner] = {
    "ignores strange names": lambda strange: None,
    "says the first": lambda strange: f"Unknown parameter: {min(strange)}",
    "says all": lambda strange: f"unexpected parameters {sorted(strange)}",
    "says what it takes": lambda strange: f"unknown parameter {min(strange)}; allowed parameters: format, namef",
    "says nothing": lambda strange: "Bad Request",
    "says it in its own words": lambda strange: f"Nie znam: {min(strange)}!",
}


@asynccontextmanager
async def probing(server: SourceServer, heeded: str, manner: Manner, spoiler: str = ""):
    """A probe of a source that gives as many rows as `heeded` says."""

    def rows(request):
        if (strange := set(request.query) - {heeded, spoiler}) and (said := manner(strange)):
            return Answer({"error": said}, 400)
        if spoiler in request.query:
            return Answer({"error": "no"}, 400)
        return Answer(ROWS[: int(request.query.get(heeded, len(ROWS)))])

    run = Recorder(source_type="API", task="discover", config={}, http=client(), requests=REQUESTS)
    async with run.http:
        probe = Probe(run, server.route("/rows", rows))
        layout = object.__new__(Layout)
        object.__setattr__(layout, "place", Place())
        probe.layout = layout
        yield probe


def sizes(probe: Probe) -> GroupTest[str]:
    values = {name: 1 + place for place, name in enumerate(NAMES)}
    return GroupTest(
        probe,
        lambda some: {name: values[name] for name in some},
        lambda answer, some: [name for name in some if values[name] == len(answer.records)],
    )


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS)
async def test_the_name_that_is_heeded_is_among_the_suspects(server, manner):
    async with probing(server, "namef", manner) as probe:
        suspects = [each async for each in sizes(probe).suspects(NAMES, 20)]
    assert "namef" in suspects
    assert len(suspects) == 1 or probe.names.strict


async def test_a_source_that_says_what_it_takes_is_asked_for_that_first(server):
    async with probing(server, "namef", MANNERS["says what it takes"]) as probe:
        assert [each async for each in sizes(probe).suspects(NAMES, 20)] == ["namef"]


async def test_what_was_refused_once_is_not_asked_again(server):
    async with probing(server, "namez", MANNERS["says all"]) as probe:
        assert [each async for each in sizes(probe).suspects(NAMES, 20)] == []
        before = len(server.requests)
        assert [each async for each in sizes(probe).suspects(NAMES[3:9], 20)] == []
        assert len(server.requests) == before


async def test_a_name_with_another_meaning_does_not_spoil_the_others(server):
    async with probing(server, "nameq", MANNERS["ignores strange names"], spoiler="namec") as probe:
        assert [each async for each in sizes(probe).suspects(NAMES, 20)] == ["nameq"]
    assert not probe.names.strict


async def test_halves_find_one_of_many():
    asked = []

    async def heeded(some):
        asked.append(len(some))
        return "namek" in some

    assert await narrowed(NAMES, heeded) == ["namek"]
    assert len(asked) <= 5
