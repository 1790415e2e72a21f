"""Trying a module: what counts as proven, and what speaks against a module that is not."""

from textwrap import dedent

import pytest

from runs import NOW, Recorder
from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, YEAR, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.pipe.frames import SamplePoint
from slackwater.runtime.process.main import load
from slackwater.runtime.trial import PAGES, prove
from sources import Answer, Feed, SourceServer, client

DECLARED = 'from slackwater import *\nwrapper = ApiWrapper(url="{url}", records="items", time="timestamp", {rest})'


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


async def tried(module: str, window: Interval | None = None, **orders):
    run = Recorder(source_type="API", task="prove", module=module, http=client(), **orders)
    async with run.http:
        return await prove(load(dedent(module)), run, window)


def fetching(body: str, *, whole: bool = False, top: str = "") -> str:
    lines = "\n".join("        " + line for line in dedent(body).strip().splitlines())
    return (
        f"from slackwater import Point, Wrapper\nimport datetime as d\n{top}\n"
        f"class Own(Wrapper):\n    whole = {whole}\n"
        f"    async def fetch(self, window, http):\n{lines}\n\nwrapper = Own()\n"
    )


async def test_a_declaration_is_proven_on_the_window_that_is_asked_for(server):
    feed = Feed.regular("2024-01-01", DAY, 300)
    endpoint = server.serve("/v1", feed, paging="offset", time_filter=("from", "to"))
    module = DECLARED.format(
        url=endpoint.url, rest='value="value", pages=Offset(limit=50), window=TimeFilter("from", "to")'
    )
    window = Interval(parse_iso("2024-03-01"), parse_iso("2024-03-31"))
    proof = await tried(module, window)
    assert (proof.objections, proof.twice, proof.points, proof.series) == ([], True, 31, ["value"])
    assert proof.window == window
    known = feed.points()["value"]
    first = parse_iso("2024-03-01")
    assert proof.sample == [SamplePoint(first + n * DAY, known[first + n * DAY], "value") for n in range(20)]
    assert {request.headers.get("cache-control") for request in endpoint.requests} == {None, "no-cache"}


async def test_a_first_page_is_enough(server):
    endpoint = server.serve("/v1", Feed.regular("2024-01-01", DAY, 5000), paging="next", page_size=30)
    proof = await tried(DECLARED.format(url=endpoint.url, rest='value="value", pages=NextUrl("paging.next")'))
    assert (proof.objections, proof.twice, proof.points) == ([], True, 30)
    assert len(endpoint.requests) == 2  # once, and once again: no page is fetched ahead


async def test_a_start_without_an_end_is_proven_though_what_is_newer_comes_too(server):
    feed = Feed.regular("2024-01-01", DAY, 300)
    held = sorted(feed.points()["value"].items())

    def since(request):
        start = parse_iso(request.query["since"])
        return Answer({"items": [{"timestamp": iso(time), "value": value} for time, value in held if time >= start]})

    url = server.route("/since", since)
    module = DECLARED.format(url=url, rest='value="value", window=TimeSince("since")')
    proof = await tried(module, Interval(parse_iso("2024-03-01"), parse_iso("2024-03-31")))
    assert (proof.objections, proof.twice, proof.points) == ([], True, 240)
    heedless = server.route(
        "/heedless", lambda _: Answer({"items": [{"timestamp": iso(time), "value": value} for time, value in held]})
    )
    module = DECLARED.format(url=heedless, rest='value="value", window=TimeSince("since")')
    proof = await tried(module, Interval(parse_iso("2024-03-01"), parse_iso("2024-03-31")))
    assert "outside the window" in proof.objections[0]


async def test_without_a_window_it_looks_back_until_there_are_points(server):
    feed = Feed.regular("2019-01-01", HOUR, 500)
    endpoint = server.serve("/v1", feed, paging="offset", time_filter=("from", "to"))
    module = DECLARED.format(
        url=endpoint.url, rest='value="value", pages=Offset(limit=50), window=TimeFilter("from", "to")'
    )
    proof = await tried(module, wanted=Wanted(period=30 * DAY))
    assert proof.objections == []
    assert proof.window.end == NOW
    endpoint.requests.clear()
    empty = await tried(module, wanted=Wanted(period=MINUTE))  # 500 minutes, doubled 7 times: not back to 2019
    assert empty.points == 0
    assert "gave no point in [" in empty.objections[0]
    assert len(endpoint.requests) == 8


async def test_records_that_cannot_be_read_are_told(server):
    url = server.route(
        "/v1", Answer({"items": [{"timestamp": "soon", "value": 1}, {"timestamp": "later", "value": 2}]})
    )
    proof = await tried(DECLARED.format(url=url, rest='value="value"'))
    assert proof.rejected_count == 2
    assert "not one of 2 records can be read" in proof.objections[0]
    assert "soon" in proof.objections[0]


async def test_points_outside_the_window_are_no_proof(server):
    endpoint = server.serve("/v1", Feed.regular("2024-01-01", DAY, 90), time_filter=("from", "to"), filter_ignored=True)
    module = DECLARED.format(url=endpoint.url, rest='value="value", window=TimeFilter("from", "to")')
    proof = await tried(module, Interval(parse_iso("2024-02-01"), parse_iso("2024-02-11")))
    assert "points are outside the window [2024-02-01T00:00:00Z, 2024-02-11T00:00:00Z)" in proof.objections[0]
    assert proof.points == 90
    assert not proof.twice


async def test_times_far_ahead_are_not_sane():
    module = fetching("yield Point(window.end + d.timedelta(days=365 * 300), 1)", whole=True)
    assert "more than 200 years ahead" in (await tried(module)).objections[0]


DAYS = "global n; n += 1\nfor k in range(5):\n    at = window.start + d.timedelta(days=k)\n    "


@pytest.mark.parametrize(
    ("body", "objection"),
    [
        (DAYS + "yield Point(at, n * (k < 4))", "was 2, the first time 1"),
        (DAYS + "if (n, k) != (2, 1): yield Point(at, 1)", "was missing"),
        (DAYS + "if n == 1: yield Point(at, 1)", "The second time it was read the source gave no point"),
        ("global n; n += 1\nyield Point(window.end - d.timedelta(hours=n), 1)", "not one point was the same"),
    ],
)
async def test_what_changes_from_one_reading_to_the_next_is_no_proof(body, objection):
    window = Interval(NOW - 30 * DAY, NOW)
    proof = await tried(fetching(body, top="n = 0"), window)
    assert objection in proof.objections[0]
    assert not proof.twice


@pytest.mark.parametrize(
    "body",
    [
        "global n; n += 1\nyield Point(window.start + d.timedelta(hours=n), 1)",  # says only what is now
        "global n; n += 1\nfor k in range(3 + n): yield Point(window.start + d.timedelta(hours=k), k)",  # grows
        "global n; n += 1\nfor k in range(3): yield Point(window.start + d.timedelta(hours=k), n if k == 2 else k)",
    ],
)
async def test_a_source_that_lives_may_grow_and_revise_its_newest(body):
    proof = await tried(fetching(body, top="n = 0"), Interval(NOW - 30 * DAY, NOW))
    assert proof.objections == []
    assert proof.twice


async def test_a_source_that_has_had_enough_is_no_objection(server):
    endpoint = server.serve("/v1", Feed.regular("2024-01-01", DAY, 30))
    answers = iter([True, False])
    good = server._routes["/v1"]
    server.route("/v1", lambda request: good(request) if next(answers) else Answer({}, 429))
    proof = await tried(DECLARED.format(url=endpoint.url, rest='value="value"'))
    assert (proof.objections, proof.twice, proof.points) == ([], False, 30)


async def test_empty_pages_end():
    body = "for k in range(40000): yield Point(window.start, None)"
    proof = await tried(fetching(body, whole=True))
    assert proof.points == 0
    assert PAGES == 3
    assert "gave no point" in proof.objections[0]


async def test_what_the_source_raises_is_raised(server):
    url = server.route("/v1", Answer({"rows": []}))
    with pytest.raises(BadSource, match="items"):
        await tried(DECLARED.format(url=url, rest='value="value"'))


async def test_a_file_is_tried_by_its_first_rows():
    rows = "".join(f"{2000 + n},{n},{2 * n}\n" for n in range(100))
    run = Recorder(content=f"year,a,b\n{rows}".encode(), file_name="x.csv", task="prove")
    proof = await prove(load('from slackwater import *\nwrapper = FileWrapper(time="year")'), run)
    assert (proof.points, proof.series, proof.twice) == (200, ["a", "b"], True)
    assert proof.sample[:3] == [
        SamplePoint(parse_iso("2000-01-01"), 0, "a"),
        SamplePoint(parse_iso("2000-01-01"), 0, "b"),
        SamplePoint(parse_iso("2001-01-01"), 1, "a"),
    ]
    assert run.pages == []
    assert run.progressed == []


def test_the_farthest_projections_are_sane():
    assert parse_iso("2200-01-01") < NOW + 200 * YEAR
