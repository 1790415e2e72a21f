"""Sources whose answer depends on the asked range: found out, asked at multiples of their step, and stored exactly."""

from collections.abc import Callable
from random import Random

import pytest

from budget import every
from discovering import look
from runs import Recorder
from slackwater.errors import Question
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.alignment import closed, steps_of
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import Answer, Recorded, SourceServer, client

START = parse_iso("2026-03-01")
NOW = parse_iso("2026-03-20T10:17:23Z")
STEP = 10 * MINUTE  # between two raw values
Points = dict[int, float]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def raw(end: int, seed: int = 7) -> Points:
    chance = Random(seed)
    return {time: round(chance.uniform(0, 100), 2) for time in range(START, end, STEP)}


class Source:
    """Raw values that appear as the clock goes on, and one way to sum them up over an asked range."""

    def __init__(
        self, answer: Callable[["Source", int, int], list[tuple[int, float]]], *, has_end: bool = True
    ) -> None:
        self.has_end = has_end  # whether an end can be asked for
        self.all = list(raw(NOW + 3 * DAY).items())
        self.clock = NOW
        self.answer = answer

    def between(self, start: int, end: int) -> Points:
        first = max(0, -(-(start - START) // STEP))
        last = max(0, -(-(min(end, self.clock + 1) - START) // STEP))
        return dict(self.all[first:last])

    def __call__(self, request: Recorded) -> Answer:
        start = parse_iso(request.query.get("from", iso(self.clock - 5 * DAY)))
        end = parse_iso(request.query.get("to", iso(self.clock))) if self.has_end else self.clock
        return Answer([{"time": iso(time), "value": value} for time, value in self.answer(self, start, end)])


def mean(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def buckets(width: int, source: Source, start: int, end: int, *, at_end: bool, anchor: int = 0):
    """InfluxDB's GROUP BY time and, with `at_end`, Flux's aggregateWindow: cut where the range begins and ends."""
    first = max(start, START - DAY)
    for begin in range(first - (first - anchor) % width, min(end, source.clock + DAY), width):
        low, high = max(begin, start), min(begin + width, end)
        if held := source.between(low, high):
            yield high if at_end else begin, mean(held.values())


def grid(width: int, source: Source, start: int, end: int):
    """Prometheus' query_range: evaluated at start, start + step…; also a little ahead of its data."""
    first = start + max(0, START - start) // width * width
    for at in range(first, min(end, source.clock + DAY) + 1, width):
        if held := source.between(at - HOUR, at + 1):
            yield at, mean(held.values())


def rounded(width: int, source: Source, start: int, end: int):
    """VictoriaMetrics' query_range: as Prometheus, but a range of more than 50 steps begins at a multiple."""
    if end - start > 50 * width:
        start, end = start // width * width, -(-end // width) * width
    return grid(width, source, start, end)


def true_buckets(source: Source, width: int, *, at_end: bool, anchor: int = 0) -> Points:
    first = START - (START - anchor) % width
    return {
        begin + (width if at_end else 0): mean(source.between(begin, begin + width).values())
        for begin in range(first, source.clock, width)
        if begin + width <= source.clock
    }


def true_grid(source: Source, width: int) -> Points:
    return dict(grid(width, source, -(-START // width) * width, source.clock))


KINDS = {
    "cut, time of the start": (
        lambda s, a, b: list(buckets(HOUR, s, a, b, at_end=False)),
        lambda s: true_buckets(s, HOUR, at_end=False),
        ['align="PT1H"'],
    ),
    "cut, time of the end": (
        lambda s, a, b: list(buckets(HOUR, s, a, b, at_end=True)),
        lambda s: true_buckets(s, HOUR, at_end=True),
        ['align="PT1H"', 'label="end"'],
    ),
    "cut, from 20 past": (
        lambda s, a, b: list(buckets(HOUR, s, a, b, at_end=False, anchor=20 * MINUTE)),
        lambda s: true_buckets(s, HOUR, at_end=False, anchor=20 * MINUTE),
        ['align="PT1H"', 'anchor="1970-01-01T00:20:00Z"'],
    ),
    "counted from the start, unless the range is wide": (
        lambda s, a, b: list(rounded(20 * MINUTE, s, a, b)),
        lambda s: true_grid(s, 20 * MINUTE),
        ['align="PT20M"', 'label="moment"'],
    ),
    "counted from the start": (
        lambda s, a, b: list(grid(HOUR, s, a, b)),
        lambda s: true_grid(s, HOUR),
        ['align="PT1H"', 'label="moment"'],
    ),
    "counted from the start, a step of seven minutes": (
        lambda s, a, b: list(grid(7 * MINUTE, s, a, b)),
        lambda s: true_grid(s, 7 * MINUTE),
        ['align="PT7M"', 'label="moment"'],
    ),
}


async def followed(code: str, source: Source, period: int, polls: int = 6) -> Recorder:
    """Fill back in small windows, then poll while the clock goes on."""
    run = Recorder(source_type="API", module=code, http=client(), now=source.clock, wanted=None)
    async with run.http:
        for poll in range(polls + 1):
            newest = max((max(line) for line in run.points.values() if line), default=None)
            run.orders = type(run.orders)(
                source_type="API",
                wanted=Wanted(period=period, start=START, lookback=0, frontier=newest),
                checkpoint=run.checkpoint,
            )
            run.clock = source.clock
            await read(load(code), run)
            if poll < polls:
                source.clock += 37 * MINUTE + 11 * SECOND
    return run


@pytest.mark.parametrize("has_end", [True, False], ids=["a range", "a start alone"])
@pytest.mark.parametrize("kind", every(2, KINDS))
async def test_what_is_stored_is_what_the_source_gives_of_whole_buckets(server, kind, has_end):
    answer, truth, said = KINDS[kind]
    source = Source(answer, has_end=has_end)
    url = server.route("/data", source)
    found = await look(url, now=NOW)
    assert all(each in found.code for each in said), found.code
    assert ("TimeSince(" in found.code) == (not has_end), found.code
    run = await followed(found.code, source, found.period or HOUR)
    assert run.points["value"] == pytest.approx(truth(source), abs=1e-9)


async def test_raw_values_are_not_aligned(server):
    source = Source(lambda s, a, b: sorted(s.between(a, b + 1).items()))
    found = await look(server.route("/data", source), now=NOW)
    assert 'TimeFilter("from", "to"' in found.code
    assert "align" not in found.code


async def test_values_that_depend_on_the_whole_range_are_a_question(server):
    def scaled(source: Source, start: int, end: int):
        held = sorted(source.between(start, end + 1).items())
        most = max((value for _, value in held), default=1) + len(held)
        return [(time, value / most) for time, value in held]

    with pytest.raises(Question) as requested:
        await look(server.route("/data", Source(scaled)), now=NOW)
    assert requested.value.field == "align"
    assert "depends on the requested range" in str(requested.value)


async def test_a_step_that_is_given_is_declared(server):
    source = Source(lambda s, a, b: sorted(s.between(a, b + 1).items()))
    found = await look(server.route("/data", source), now=NOW, align="PT30M")
    assert 'align="PT30M"' in found.code


async def test_alignment_is_not_tried_where_none_is_given(server):
    source = Source(KINDS["cut, time of the start"][0])
    found = await look(server.route("/data", source), now=NOW, align="none")
    assert "align" not in found.code


def test_months_and_days_are_those_of_a_calendar():
    from zoneinfo import ZoneInfo

    months = steps_of("P3M")
    assert iso(months.floor(parse_iso("2026-05-20T03:00:00Z"))) == "2026-04-01T00:00:00Z"
    assert iso(months.after(parse_iso("2026-10-01"))) == "2027-01-01T00:00:00Z"
    assert iso(steps_of("P1M").ceil(parse_iso("2026-01-31T12:00:00Z"))) == "2026-02-01T00:00:00Z"
    days = steps_of("P1D", 0, ZoneInfo("Europe/Lisbon"))
    assert iso(days.floor(parse_iso("2026-07-01T12:00:00Z"))) == "2026-06-30T23:00:00Z"
    assert iso(days.after(parse_iso("2026-10-24T23:00:00Z"))) == "2026-10-26T00:00:00Z"


def test_a_bucket_that_is_not_over_is_left():
    hours = steps_of("PT1H")
    part = Interval(NOW - 10 * MINUTE, NOW)  # 10:07 to 10:17
    assert closed(hours, "start", part, NOW) is None
    whole = closed(hours, "start", Interval(NOW - HOUR, NOW), NOW)  # from 09:17
    assert whole is not None
    assert [iso(edge) for edge in (whole.requested.start, whole.requested.end)] == [
        "2026-03-20T09:00:00Z",
        "2026-03-20T10:00:00Z",
    ]


async def test_the_zone_in_the_url_answers_whose_days_are_added_up(server):
    berlin = Source(lambda s, a, b: list(buckets(DAY, s, a, b, at_end=False, anchor=23 * HOUR)))
    url = server.route("/days", berlin) + "?q=tz('Europe/Berlin')"
    with pytest.raises(Question, match=r"days that begin at 23:00 UTC\. Give timezone") as asked:
        await look(url, now=NOW)
    assert asked.value.alternatives == [{"timezone": "Europe/Berlin"}]
    found = await look(url, now=NOW, timezone="Europe/Berlin")
    assert 'align="P1D"' in found.code
    with pytest.raises(Question) as asked:
        await look(url.replace("/Berlin", "%2FBerlin"), now=NOW)
    assert asked.value.alternatives == [{"timezone": "Europe/Berlin"}]
    for other in ("Europe/Athens", "Nowhere/Land"):
        with pytest.raises(Question) as asked:
            await look(url.replace("Europe/Berlin", other), now=NOW)
        assert not asked.value.alternatives
