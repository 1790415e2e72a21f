"""A range of time in the URL that cannot be varied is a question: what lies outside would be missing silently."""

import pytest

from runs import Recorder
from slackwater.discover.api.pipeline import discover
from slackwater.discover.api.time_filter.fixed_range import standing
from slackwater.errors import Question
from slackwater.model.instants import HOUR, iso, parse_iso
from slackwater.runtime.api.time_filters import TimeFilter
from sources import Answer, Recorded, SourceServer, client

FIRST = parse_iso("2026-03-01T00:00:00Z")
RANGE = "begin=202603010000&finish=202603030000"


def rigid(request: Recorded) -> Answer:
    """A source that knows its one range and refuses any other."""
    asked = (request.query.get("begin"), request.query.get("finish"))
    if asked != ("202603010000", "202603030000"):
        return Answer({"error": "no such range"}, 400)
    return Answer([{"at": iso(FIRST + n * HOUR), "level": 1.5 + n % 7 / 4} for n in range(48)])


def test_of_a_filter_a_question_names_what_the_url_has():
    assert standing(TimeFilter("begin", "finish"), "http://x/a?begin=2026") == ["begin"]
    assert standing(TimeFilter("/2", "/3"), "http://x/a/2026-01-01/2026-02-01") == ["/2", "/3"]


async def look(url: str, **config: object) -> str:
    run = Recorder(source_type="API", task="discover", config={"location": url, **config}, http=client())
    async with run.http:
        return (await discover(run)).code


async def test_it_is_asked_with_the_way_to_keep_to_it() -> None:
    with SourceServer() as server:
        url = f"{server.route('/v1', rigid)}?{RANGE}"
        with pytest.raises(Question, match="`begin` and `finish`") as asked:
            await look(url)
        assert asked.value.field == "time_filter"
        assert asked.value.alternatives == [{"time_filter": "none"}]
        assert RANGE in await look(url, time_filter="none")


@pytest.mark.parametrize("span", ["P7D/2026-03-29T00:00:00Z", "2026-03-22T00:00:00Z/P7D", "P1W/2026-03-29"])
@pytest.mark.parametrize("fixed", [False, True])
async def test_an_interval_of_a_duration_is_a_range(span: str, fixed: bool) -> None:
    rows = {FIRST + n * HOUR: 1.5 + n % 11 / 4 for n in range(24 * 28)}

    def answer(request: Recorded) -> Answer:
        given = request.query.get("timespan", span)
        if given == span:
            first, last = parse_iso("2026-03-22"), parse_iso("2026-03-29")
        elif fixed:
            return Answer({"error": "no such timespan"}, 400)
        else:
            first, last = map(parse_iso, given.split("/"))
        return Answer({"values": [{"time": iso(t), "value": v} for t, v in rows.items() if first <= t <= last]})

    with SourceServer() as server:
        url = f"{server.route('/v1', answer)}?timespan={span}"
        if fixed:
            with pytest.raises(Question, match="`timespan`"):
                await look(url)
        else:
            assert 'TimeRange("timespan"' in await look(url)


async def test_the_question_names_what_the_url_has_alone() -> None:
    def answer(request: Recorded) -> Answer:
        day = parse_iso(request.query["date"][:10])
        return Answer([{"at": iso(day + n * HOUR), "level": 1.5 + n % 7 / 4} for n in range(24)])

    with SourceServer() as server:
        with pytest.raises(Question, match="`date`") as asked:
            await look(f"{server.route('/v1', answer)}?date=2026-03-05")
        assert "last_date" not in str(asked.value)


@pytest.mark.parametrize("path", ["P1/2026-11-01", "P12/2026-11-01", "2026-11-01/P7", "PM/2026-11-01"])
async def test_a_day_beside_what_is_no_duration_is_no_range(path: str) -> None:
    rows = [{"at": iso(FIRST + n * HOUR), "level": 1.5 + n % 7 / 4} for n in range(48)]
    with SourceServer() as server:
        assert "TimeRange" not in await look(f"{server.route('/v1', Answer(rows))}?plot={path}")
