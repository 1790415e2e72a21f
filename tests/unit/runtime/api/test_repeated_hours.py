"""The hour that clocks repeat, in walks that are cut and begun anywhere."""

from zoneinfo import ZoneInfo

import pytest

from runs import Recorder
from slackwater.formats.repeated_hour import passes
from slackwater.formats.timestamps import time_parser
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, YEAR, from_micros, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Offset
from slackwater.runtime.api.repeated_hours import RepeatedHours, clear_of
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, SourceServer, client

LISBON = ZoneInfo("Europe/Lisbon")
CHANGE = parse_iso("2024-10-27T01:00:00Z")  # Lisbon's clocks go back from 2 to 1
STEP = 15 * MINUTE
INSTANTS = [CHANGE + STEP * n for n in range(-10, 11)]
LATER = CHANGE + YEAR


def record(instant: int, series: str = "a", **more) -> dict:
    local = from_micros(instant).astimezone(LISBON).strftime("%Y-%m-%d %H:%M")
    return {"at": local, "in": series, "v": instant // MINUTE + ord(series), **more}


def is_right(time: int, row: dict) -> bool:
    return time // MINUTE + ord(row["in"]) == row["v"]


def lines(rows: list[dict]) -> tuple[list[int | None], list[str], list[str]]:
    cells = [row["at"] for row in rows]
    return time_parser(None, LISBON)(cells), [row["in"] for row in rows], cells


def walk(pages: list[list[dict]], now: int = LATER) -> tuple[dict, list[str]]:
    """Settle pages; what is stored, and the times of what is rejected."""
    hours, stored, doubts = RepeatedHours(LISBON, None, lines, now), {}, []
    for number, page in enumerate(pages):
        settled = hours.take(page, PageToken(page=number))
        if number == len(pages) - 1:
            hours.rest(settled)
        for place, (row, time) in enumerate(zip(settled.records, settled.times, strict=True)):
            if place in settled.doubts:
                doubts.append(row["at"])
            else:
                assert is_right(time, row)
                stored[row["in"], time] = row["v"]
    return stored, doubts


def cut(rows: list[dict], size: int, overlap: int = 0) -> list[list[dict]]:
    return [rows[max(0, at - overlap) : at + size] for at in range(0, len(rows), size)]


@pytest.mark.parametrize("overlap", [0, 1, 2])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 50])
@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("listed", ["by time", "by series"])
def test_pages_cut_anywhere_store_each_record_at_its_instant(listed, falling, size, overlap):
    instants = INSTANTS[::-1] if falling else INSTANTS
    if listed == "by time":
        rows = [record(each, series) for each in instants for series in "ab"]
    else:
        rows = [record(each, series) for series in "ab" for each in instants]
    stored, doubts = walk(cut(rows, size, min(overlap, size)))
    assert not doubts
    assert stored == {(row["in"], row["v"] * MINUTE - ord(row["in"]) * MINUTE): row["v"] for row in rows}


@pytest.mark.parametrize("falling", [False, True])
def test_a_walk_without_what_is_older_than_the_hour_rejects_what_it_cannot_tell(falling):
    rows = [record(each) for each in INSTANTS if each >= CHANGE]
    stored, doubts = walk([rows[::-1] if falling else rows])
    assert sorted(doubts) == [row["at"] for row in rows[:4]]
    assert len(stored) == len(rows) - 4
    # Where both occurrences stand, the order tells.
    rows = [record(each) for each in INSTANTS if each >= CHANGE - 30 * MINUTE]
    stored, doubts = walk([rows[::-1] if falling else rows])
    assert (len(stored), doubts) == (len(rows), [])


def test_what_is_newest_is_the_first_while_the_second_is_to_come():
    now = CHANGE - 20 * MINUTE
    rows = [record(each) for each in INSTANTS if each <= now]
    for pages in ([rows], [rows[::-1]], [rows[-1:]]):
        stored, doubts = walk(pages, now)
        assert (len(stored), doubts) == (len(pages[0]), [])
    assert walk([rows[-1:]], now + HOUR) == ({}, [rows[-1]["at"]])


def test_rows_in_no_order_are_rejected_in_that_hour_alone():
    rows = [record(each) for each in INSTANTS]
    mixed = rows[::2] + rows[1::2][::-1]
    stored, doubts = walk([mixed])
    assert len(doubts) == 8
    assert len(stored) == len(rows) - 8


def test_times_that_no_clock_showed_in_spring_do_not_put_autumn_in_doubt():
    spring = parse_iso("2024-03-31T00:00:00Z")
    walls = [
        {"at": iso(each)[:16], "in": "a"}
        for at in (spring, CHANGE)
        for each in range(at - 4 * HOUR, at + 4 * HOUR, STEP)
    ]
    hours = RepeatedHours(LISBON, None, lines, LATER)
    assert not hours.rest(hours.take(walls, None)).doubts


def test_a_record_at_a_border_that_may_be_either_is_rejected():
    rows = [{**record(each), "v": 5} for each in (CHANGE - 2 * HOUR, CHANGE - HOUR)]
    hours = RepeatedHours(LISBON, None, lines, LATER)
    hours.take(rows, None)
    settled = hours.take([rows[-1], {**record(CHANGE + HOUR), "v": 5}], None)
    assert settled.times == [CHANGE - HOUR, None, CHANGE + HOUR]
    assert list(settled.doubts) == [1]


def test_records_that_come_twice_are_no_second_hour():
    rows = [record(each) for each in INSTANTS if not CHANGE <= each < CHANGE + HOUR]
    stored, doubts = walk([[row for row in rows for _ in range(2)]])
    assert (len(stored), doubts) == (len(rows), [])


def test_dates_in_a_zone_that_repeats_midnight_are_one_day():
    azores = ZoneInfo("Atlantic/Azores")

    def days(rows):
        return time_parser(None, azores)(rows), ["a"] * len(rows), rows

    for rows in (["2024-10-27"], ["2024-10-28", "2024-10-27", "2024-10-26"]):
        hours = RepeatedHours(azores, None, days, LATER)
        settled = hours.rest(hours.take(rows, None))
        assert settled.times == time_parser(None, azores)(rows)


def test_a_walk_is_resumed_from_before_what_it_holds_back():
    pages = cut([record(each) for each in INSTANTS], 3)
    hours = RepeatedHours(LISBON, None, lines, LATER)
    anchors = {}
    for number, page in enumerate(pages):
        hours.take(page, PageToken(page=number))
        anchors[number] = hours.anchor.page if hours.waiting else number + 1
    for first in anchors.values():
        assert walk(pages[first:])[1] == []
    assert anchors[3] == 1


@pytest.mark.parametrize(
    ("walls", "expected"),
    [
        ([], []),
        ([1, 2, 3], [0, 0, 0]),
        ([1, 2, 1, 2, 3], [0, 0, 1, 1, 1]),
        ([1, 1, 2, 2], [0, 1, 0, 1]),
        ([1, 1], [0, 1]),
        ([1, 2, 2, 3, 1], None),
        ([1, 1, 2], None),
        ([2, 1, 2, 1], None),
    ],
)
def test_the_order_of_times_tells_their_occurrence(walls, expected):
    assert passes(walls) == expected


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Lisbon", "2024-10-27T01:00:00Z"),
        ("America/St_Johns", "2024-11-03T04:30:00Z"),
        ("Pacific/Chatham", "2024-04-06T14:00:00Z"),
        ("Europe/Lisbon", "2024-03-31T01:00:00Z"),
        ("UTC", "2024-10-27T01:00:00Z"),
    ],
)
def test_ranges_begin_a_record_before_the_hour(zone, change):
    home, moved = ZoneInfo(zone), 0
    for start in range(parse_iso(change) - 2 * DAY, parse_iso(change) + 2 * DAY, 20 * MINUTE):
        clear = clear_of(Interval(start, start + DAY), home, HOUR)
        moved += clear.start != start
        # A range that is moved leaves the hour, and no range moved once has to be moved again.
        assert start - 6 * HOUR <= clear.start <= start
        assert clear_of(clear, home, HOUR) == clear
    assert moved == (0 if zone == "UTC" or "-03-" in change else 9)


async def everything(source: ApiWrapper, **orders) -> Recorder:
    run = Recorder(source_type="API", http=client(), **orders)
    async with run.http:
        await read(source, run)
    return run


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def source(server: SourceServer, *, falling: bool, limit: int) -> str:
    def answer(request) -> Answer:
        start, end = (parse_iso(request.query[name]) if name in request.query else None for name in ("from", "to"))
        found = [each for each in INSTANTS if (start is None or each >= start) and (end is None or each <= end)]
        rows = [record(each) for each in (found[::-1] if falling else found)]
        skip = int(request.query.get("offset", 0))
        return Answer({"items": rows[skip : skip + limit]})

    return server.route("/x", answer)


@pytest.mark.parametrize("falling", [False, True])
async def test_runs_store_the_hour_wherever_windows_begin_and_reading_is_resumed(server, falling):
    declared = {"records": "items", "time": "at", "value": "v", "series": "in", "timezone": "Europe/Lisbon"}
    url = source(server, falling=falling, limit=3)
    wanted = Wanted(period=STEP, start=INSTANTS[0])
    expected = {"a": {each: each // MINUTE + ord("a") for each in INSTANTS}}
    paged = ApiWrapper(url=url, pages=Offset(limit=3), **declared)
    whole = await everything(paged, wanted=wanted, now=LATER)
    assert (whole.points, whole.rejected_count) == (expected, 0)
    for done, checkpoint in enumerate(whole.checkpoints[:-1], 1):
        start = checkpoint if checkpoint.page is not None else Checkpoint()
        rest = await everything(paged, wanted=wanted, now=LATER, checkpoint=start)
        assert rest.rejected_count == 0
        held: dict[int, float] = {}
        for page in [*whole.pages[:done], *rest.pages]:
            held.update(zip(*page.columns.get("a", ((), ())), strict=True))
        assert {"a": held} == expected
    windowed = ApiWrapper(url=url, pages=Offset(limit=3), window=TimeFilter("from", "to"), **declared)
    for start in range(CHANGE - 90 * MINUTE, CHANGE + 75 * MINUTE, 25 * MINUTE):
        run, window = Recorder(source_type="API", http=client(), wanted=wanted, now=LATER), Interval(start, LATER)
        async with run.http:
            async for page in windowed.pages(window, None, run):
                await run.store(page, window)
        assert run.rejected_count == 0, iso(start)
        assert run.points["a"].items() <= expected["a"].items()
        assert {each for each in INSTANTS if each >= start} <= run.points["a"].keys()
