"""What a source says in passing, by the names of its fields and beside its records, is not passed over."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from budget import some
from discovering import look
from runs import Recorder
from slackwater.discover.api.records.layout import Layout, find_layout
from slackwater.discover.api.records.record_choice import find_place
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, from_micros, iso, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import Answer, Recorded, SourceServer, client


def layout_of(body: object, **config: str) -> Layout:
    placed = find_place(body, config)
    return find_layout(placed.records, placed, config)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("quarter", [f"{year}/{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]),
        ("trimestre", [f"{year}-0{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]),
        ("week", [f"2024-{week:02}" for week in range(1, 10)]),
        ("yearWeek", [202400 + week for week in range(1, 10)]),
    ],
)
def test_the_number_of_a_quarter_or_week_is_no_month(name: str, times: list[str]) -> None:
    records = [{name: time, "value": place + 0.5} for place, time in enumerate(times)]
    with pytest.raises(Question) as asked:
        layout_of(records)
    assert asked.value.field == "date_format"
    assert layout_of(records, date_format=asked.value.choices[0]).form.form in ("quarter", "week")


def test_a_quarter_by_its_first_month_is_a_month() -> None:
    records = [{"quarter": f"2023-{month:02}", "value": month / 2} for month in (1, 4, 7, 10)]
    assert layout_of(records).form.form == "iso"


HOURS = [f"2024-01-0{1 + hour // 24}T{hour % 24:02}:00:00" for hour in range(60)]
RECORDS = [{"time": time, "value": place + 0.5} for place, time in enumerate(HOURS)]


@pytest.mark.parametrize(
    ("said", "timezone"),
    [
        ({"utc_offset": -5}, "-05:00"),
        ({"utc_offset": "+02:00"}, "+02:00"),
        ({"gmtoffset": 7200}, "+02:00"),
        ({"timezone": "GMT+1"}, "+01:00"),
        ({"timezone": "Europe/Lisbon"}, "Europe/Lisbon"),
        ({"zone": "DK1"}, None),  # of prices
    ],
)
def test_the_zone_that_an_answer_tells_in_its_own_way(said: dict[str, object], timezone: str | None) -> None:
    beside = layout_of({**said, "data": RECORDS})
    assert beside.timezone == timezone
    # An offset of each record is read with it, since it may change with the seasons.
    records = [{**record, **said} for record in RECORDS]
    within = layout_of(records)
    assert within.times(records) == beside.times(RECORDS)
    assert within.timezone == (None if len(within.time) > 1 else timezone)


@pytest.mark.parametrize("said", [{"timezone": "PST"}, {"tz": "W. Europe Standard Time"}])
def test_a_zone_that_is_told_in_words_that_name_none_is_asked_for(said: dict[str, object]) -> None:
    for body in ({**said, "data": RECORDS}, [{**record, **said} for record in RECORDS]):
        with pytest.raises(Question) as asked:
            layout_of(body)
        assert asked.value.field == "timezone"
        assert layout_of(body, timezone="+01:00").timezone == "+01:00"


def test_minutes_before_utc_are_no_hours() -> None:
    with pytest.raises(Question, match="timezone"):
        layout_of({"utc_offset": 120, "data": RECORDS})


@pytest.mark.parametrize("name", ["local_time", "datetimeLocal", "time_CET"])
def test_a_time_that_calls_itself_local_is_not_utc(name: str) -> None:
    with pytest.raises(Question) as asked:
        layout_of([{name: record["time"], "value": record["value"]} for record in RECORDS])
    assert asked.value.field == "timezone"


@pytest.mark.parametrize(
    "records",
    [
        [{"date": f"2024-01-0{day}", "hour": hour, "v": day + hour / 7} for day in (1, 2, 3) for hour in range(1, 25)],
        [
            {"date": "2024-01-01", "hour": hour, "quarter": quarter, "v": hour + quarter / 7}
            for hour in range(24)
            for quarter in (1, 2, 3, 4)
        ],
        [{"year": y, "part": f"M{m:02}", "value": y / m} for y in (2022, 2023) for m in range(1, 14)],
    ],
)
def test_what_looks_like_a_part_of_the_time_names_no_series(records: list[dict[str, object]]) -> None:
    with pytest.raises(Question) as asked:
        layout_of(records)
    assert asked.value.field == "date_field"
    assert layout_of(records, series_field=list(records[0])[-2]).series  # unless somebody says so


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


async def test_series_that_begin_on_later_pages_are_not_poured_into_the_first(server: SourceServer) -> None:
    """Sorted by station, page after page: the first pages hold one station, and its name alone tells of others."""
    records = [
        {"station": name, "time": f"2024-01-{1 + at // 24:02}T{at % 24:02}:00:00Z", "value": at + place / 10}
        for place, name in enumerate(("Faro", "Évora"))
        for at in range(250)
    ]

    def page(request: Recorded) -> Answer:
        first = 100 * (int(request.query.get("page", 1)) - 1)
        return Answer({"data": records[first : first + 100], "total": len(records)})

    found = await look(server.route("/stations", page))
    run = Recorder(source_type="API", module=found.code, wanted=Wanted(period=DAY, start=0), http=client())
    async with run.http:
        await read(load(found.code), run)
    assert {name: len(points) for name, points in run.points.items()} == {"Faro": 250, "Évora": 250}


def sorted_by_well() -> list[dict[str, object]]:
    """Readings of three wells, one after the other; a word that no list of ours has names them."""
    return [
        {"stn": name, "time": iso(parse_iso("2024-01-01") + HOUR * at), "value": at + place / 10}
        for place, name in enumerate("abc")
        for at in range(400)
    ]


@pytest.mark.parametrize(("param", "first"), [("offset", None), ("page", 1), ("page", 0)])
@pytest.mark.parametrize("total", some([True, False], True))
async def test_links_that_count_show_far_series(
    server: SourceServer, param: str, first: int | None, total: bool
) -> None:
    def page(request: Recorded) -> Answer:
        at = int(request.query.get(param, first or 0))
        skipped = at if first is None else 190 * (at - first)
        link = f"?{param}={at + (190 if first is None else 1)}" if skipped + 190 < 1_200 else None
        more = {"matched": 1_200} if total else {}
        return Answer({"data": sorted_by_well()[skipped : skipped + 190], "next": link, **more})

    found = await look(server.route("/wells", page))
    run = Recorder(source_type="API", module=found.code, wanted=Wanted(period=DAY, start=0), http=client())
    async with run.http:
        await read(load(found.code), run)
    assert {name: len(points) for name, points in run.points.items()} == {"a": 400, "b": 400, "c": 400}


@pytest.mark.parametrize(("most", "wells", "hours"), [(50, 3, 1_000), (100, 7, 800), (200, 2, 2_000)])
@pytest.mark.parametrize("param", ["offset", "page"])
async def test_wells_whose_hours_no_far_pages_share_are_told_apart(
    server: SourceServer, most: int, wells: int, hours: int, param: str
) -> None:
    rows = [
        {"stn": f"W{well}", "time": iso(parse_iso("2024-01-01") + HOUR * at), "value": 100.5 * well + at % 97}
        for well in range(wells)
        for at in range(hours)
    ]

    def page(request: Recorded) -> Answer:
        skipped = int(request.query.get(param, 0))
        skipped = max(skipped - 1, 0) * most if param == "page" else skipped
        return Answer({"total": len(rows), "data": rows[skipped : skipped + most]})

    assert 'series="stn"' in (await look(server.route("/wells", page))).code


async def test_series_that_only_a_time_range_shows_are_kept_apart(server: SourceServer) -> None:
    def capped(request: Recorded) -> Answer:
        low, high = (request.query.get(name, "") for name in ("time__gte", "time__lte"))
        held = [row for row in sorted_by_well() if low <= str(row["time"]) and (not high or str(row["time"]) <= high)]
        return Answer(held[:97])

    found = await look(server.route("/wells", capped), time_filter=["time__gte", "time__lte"])
    run = Recorder(source_type="API", module=found.code, wanted=Wanted(period=DAY, start=0), http=client())
    async with run.http:
        await read(load(found.code), run)
    assert {name: len(points) for name, points in run.points.items()} == {"a": 400, "b": 400, "c": 400}


AUTUMN = [parse_iso("2026-10-24T12:00:00Z") + HOUR * n for n in range(40)]  # Lisbon's clocks go back on the 25th


def local(instant: int) -> tuple[str, int]:
    """The wall clock of Lisbon, and its minutes ahead of UTC."""
    moment = from_micros(instant).astimezone(ZoneInfo("Europe/Lisbon"))
    return moment.strftime("%Y-%m-%d %H:%M"), (moment.utcoffset() or timedelta()) // timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "per_minute", "form"),
    [
        ("utc_offset", 1 / 60, "iso +h"),
        ("gmtOffsetHours", 1 / 60, "iso +h"),
        ("offset_minutes", 1, "iso +m"),
        ("tz", 60, "iso +s"),
        ("timezoneOffset", -1, "iso -m"),  # JavaScript's, told by the order of the hours
    ],
)
def test_offsets_by_numbers_are_read_with_the_times(name: str, per_minute: float, form: str) -> None:
    told = [local(each) for each in AUTUMN]
    records = [{"local": at, name: round(offset * per_minute), "v": n + 0.5} for n, (at, offset) in enumerate(told)]
    layout = layout_of(records)
    assert layout.form.form == form
    assert layout.times(records) == AUTUMN
    assert layout.values == ("v",)


def test_minutes_of_an_untold_direction_are_asked_about() -> None:
    records = [{**record, "tzOffset": -60} for record in RECORDS]
    with pytest.raises(Question, match="not in which direction") as asked:
        layout_of(records)
    east, west = (layout_of(records, **each).times(records)[0] for each in asked.value.alternatives)
    assert east == west + 2 * HOUR


def test_times_of_utc_beside_offsets_stay() -> None:
    records = [{"at": iso(each)[:16], "utc_offset": local(each)[1] // 60, "v": n / 2} for n, each in enumerate(AUTUMN)]
    assert layout_of(records).times(records) == AUTUMN


def test_abbreviations_of_zones_name_no_series() -> None:
    records = [
        {"at": at, "clock": "WEST" if offset else "WET", "v": n / 2}
        for n, (at, offset) in enumerate(map(local, AUTUMN))
    ]
    with pytest.raises(Question, match="names no time zone for certain"):
        layout_of(records)
    assert layout_of(records, timezone="Europe/Lisbon").series == ()


def test_records_in_no_order_in_the_hour_that_clocks_repeat_are_asked_about() -> None:
    records = [{"at": local(each)[0], "v": n / 2} for n, each in enumerate(AUTUMN)]
    assert layout_of(records, timezone="Europe/Lisbon").values == ("v",)
    with pytest.raises(Question, match="the rows are in no order") as asked:
        layout_of(records[::2] + records[1::2][::-1], timezone="Europe/Lisbon")
    assert asked.value.field == "date_field"


@pytest.mark.parametrize("name", ["qc", "QF", "level_valid", "validity"])
def test_codes_of_quality_are_no_measurements(name: str) -> None:
    records = [{"at": iso(each), "level": n + 0.5, name: (0, 1, 4)[n % 3]} for n, each in enumerate(AUTUMN)]
    assert layout_of(records).values == ("level",)
