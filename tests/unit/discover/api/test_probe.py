"""Answers of a source, and what is kept of them."""

import httpx
import pytest

from runs import Recorder
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.formats.payload.shapes import Place
from sources import Answer, SourceServer, client


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


async def test_answers_that_say_the_same_are_decoded_once(server):
    def rows(request):
        return Answer([{"n": 1}, {"n": 2 if "other" in request.query else 1}])

    run = Recorder(source_type="API", task="discover", config={}, http=client(), requests=9)
    async with run.http:
        probe = Probe(run, server.route("/rows", rows))
        layout = object.__new__(Layout)
        object.__setattr__(layout, "place", Place())
        probe.layout = layout
        one, same, other = [await probe.ask(params) for params in ({}, {"limit": 5}, {"other": 1})]
    assert one
    assert same
    assert other
    assert one.body is same.body
    assert one.records is same.records
    assert one.requested != same.requested
    assert other.body == [{"n": 1}, {"n": 2}]


async def test_the_same_bytes_with_another_status_or_type_are_read_by_themselves(server):
    answers = [Answer(b"", 204), Answer(b"[1]"), Answer(b"[1]", 500), Answer(b"1,2", headers={"Content-Type": "a/b"})]
    left = iter(answers)
    run = Recorder(source_type="API", task="discover", config={}, http=client(), requests=9)
    async with run.http:
        probe = Probe(run, server.route("/rows", lambda _: next(left)))
        assert probe.body_of(await probe.get(probe.location)) is None
        assert probe.body_of(await probe.get(probe.location)) == [1]
        with pytest.raises(httpx.HTTPStatusError):
            probe.body_of(await probe.get(probe.location))
        assert probe.body_of(await probe.get(probe.location)) == "1,2"


async def test_the_same_bytes_of_another_charset_are_other_texts(server):
    left = iter(
        [
            Answer("n,é\n1,2\n".encode(), headers={"Content-Type": f"text/csv; charset={name}"})
            for name in ("utf-8", "latin-1")
        ]
    )
    run = Recorder(source_type="API", task="discover", config={}, http=client(), requests=9)
    async with run.http:
        probe = Probe(run, server.route("/rows", lambda _: next(left)))
        one, other = [probe.body_of(await probe.get(probe.location)) for _ in range(2)]
    assert one.startswith("n,é")
    assert other.startswith("n,Ã©")
