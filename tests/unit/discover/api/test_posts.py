"""Sources that are asked by POST are found out like others: pages and time ranges go into the body."""

from dataclasses import replace

import pytest

from discovering import all_of, look
from post_sources import GRAPHQL, PXWEB, RPC, SEARCH, graphql, json_rpc, pxweb, search
from slackwater.errors import BadSource, Question
from slackwater.model.instants import DAY, parse_iso
from sources import Feed, SourceServer

DAILY = ("2023-01-01", DAY, 200)


def one_series(points: dict[str, dict[int, float]]) -> dict[int, float]:
    """The points of the only series, whatever its name."""
    (only,) = points.values()
    return only


async def test_graphql_with_a_cursor_and_a_time_range() -> None:
    feed = Feed.regular(*DAILY)
    with SourceServer() as server:
        found = await look(server.route("/graphql", graphql(feed)), body=GRAPHQL)
        assert 'pages=Cursor("after", "data.readings.pageInfo.endCursor"' in found.code
        assert 'window=TimeFilter("from", "to"' in found.code
        assert 'time="node.time"' in found.code
        run = await all_of(found, feed)
    assert one_series(run.points) == feed.points()["value"]


async def test_json_rpc_with_an_offset_and_a_time_range() -> None:
    feed = Feed.regular(*DAILY)
    with SourceServer() as server:
        found = await look(server.route("/rpc", json_rpc(feed)), body=RPC)
        assert 'offset_param="offset"' in found.code or "pages=Offset(" in found.code
        assert 'window=TimeFilter("from", "to"' in found.code
        run = await all_of(found, feed)
    assert one_series(run.points) == feed.points()["value"]


async def test_a_table_of_a_statistics_office() -> None:
    feed = Feed((when, 1000.0 + number) for number, when in enumerate(_months(36)))
    with SourceServer() as server:
        found = await look(server.route("/table", pxweb(feed)), body=PXWEB)
        assert 'shape="jsonstat"' in found.code
        assert "window=" not in found.code
        run = await all_of(found, feed)
    assert one_series(run.points) == feed.points()["value"]


async def test_placeholders_say_where_things_belong() -> None:
    feed = Feed.regular(*DAILY)
    with SourceServer() as server:
        url = server.route("/search", search(feed))
        newest = max(feed.points()["value"])
        found = await look(url, body=SEARCH, now=newest + DAY)
        assert 'window=TimeFilter("start", "end"' in found.code
        assert "pages=PageNumber(" in found.code
        run = await all_of(found, feed)
    assert one_series(run.points) == feed.points()["value"]


async def test_a_source_that_is_not_asked_by_get_says_what_to_give() -> None:
    with SourceServer() as server:
        url = server.route("/graphql", graphql(Feed.regular(*DAILY)))
        with pytest.raises(Question, match="it does not accept GET") as asked:
            await look(url)
    assert asked.value.field == "body"


async def test_an_error_with_status_200_is_no_empty_answer() -> None:
    feed = Feed.regular(*DAILY)
    with SourceServer() as server:
        rpc = server.route("/rpc", json_rpc(feed))
        with pytest.raises(BadSource, match="answered with an error: “Method not found”"):
            await look(rpc, body={**RPC, "method": "another"})
        found = await look(rpc, body=RPC)
        ask = server._routes["/rpc"]
        server.route("/rpc", lambda request: ask(_renamed(request)))
        with pytest.raises(BadSource, match="answered with an error: “Method not found”"):
            await all_of(found, feed)


def _renamed(request):
    return replace(request, body=request.body.replace(b'"levels"', b'"gone"'))


def _months(count: int) -> list[int]:
    return [parse_iso(f"{2020 + number // 12}-{number % 12 + 1:02}-01") for number in range(count)]
