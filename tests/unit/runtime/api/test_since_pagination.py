"""Sources that are asked for a start alone."""

import pytest

from runs import Recorder
from slackwater.model.instants import DAY, HOUR, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.time_filters import TimeSince
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, Feed, Recorded, SourceServer, client

BEGIN, NOW = parse_iso("2024-05-01"), parse_iso("2024-06-01")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def serve(server: SourceServer, feed: Feed) -> str:
    def answer(request: Recorded) -> Answer:
        low = parse_iso(request.query["since"])
        held = sorted((time, value) for time, value in feed.points()["value"].items() if time >= low)
        return Answer([{"time": str(time), "value": value} for time, value in held])

    return server.route("/x", answer)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ({}, "the source was read from its beginning on"),
        ({"start": NOW - 3 * DAY}, "the source was read from 2024-05-29T00:00:00Z on"),
    ],
)
async def test_the_reason_names_where_reading_began(server, start, reason):
    feed = Feed((x, 1.0) for x in range(BEGIN, NOW, HOUR))
    run = Recorder(source_type="API", http=client(), wanted=Wanted(period=HOUR, **start), now=NOW)
    source = ApiWrapper(
        url=serve(server, feed), time="time", value="value", time_form="epoch_us", window=TimeSince("since")
    )
    async with run.http:
        await read(source, run)
    assert run.checkpoint.backfill_reason == reason
    assert run.points["value"].keys() == {x for x in feed.points()["value"] if x >= start.get("start", 0)}
