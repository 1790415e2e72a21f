"""Answers with times in the names of fields: read exactly, asked about, or left to be series."""

import asyncio
from typing import Any

import pytest

from runs import Recorder
from slackwater.discover.api.records.layout import Layout, find_layout
from slackwater.discover.api.records.record_choice import find_place
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, from_micros, parse_iso
from slackwater.runtime.api.pagination import PageNumber
from slackwater.runtime.api.wrapper import ApiWrapper
from slackwater.runtime.read_loop import read
from sources import Answer, SourceServer, client

DAYS = [parse_iso("2024-03-01") + DAY * n for n in range(20)]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def layout_of(rows: list[dict[str, Any]], **config: Any) -> Layout:
    placed = find_place({"rows": rows}, config)
    return find_layout(placed.records, placed, config)


def held(rows: list[dict[str, Any]], layout: Layout) -> dict[int, float]:
    flat = layout.flat(rows)
    return {time: row["value"] for time, row in zip(layout.times(rows), flat, strict=True) if time is not None}


def day(time: int) -> str:
    return from_micros(time).strftime("%Y-%m-%d")


@pytest.mark.parametrize("names", [[f"{n:02}" for n in range(1, 13)], [f"m{n}" for n in range(1, 13)], MONTHS])
def test_months_beside_a_year(names: list[str]) -> None:
    rows = [{"yr": y, **{name: y + n / 7 for n, name in enumerate(names, 1)}, "mean": y + 1.5} for y in (2022, 2023)]
    layout = layout_of(rows)
    assert held(rows, layout) == {parse_iso(f"{y}-{n:02}-01"): y + n / 7 for y in (2022, 2023) for n in range(1, 13)}
    assert (layout.values, layout.series) == (("value",), ())


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y-%m-%d", "d%Y%m%d", "epoch"])
def test_dates_alone(form: str) -> None:
    names = [str(each // 10**6) if form == "epoch" else from_micros(each).strftime(form) for each in DAYS]
    rows = [{"station": s, **{name: n * 1.5 + k for n, name in enumerate(names)}} for k, s in enumerate("ab")]
    layout = layout_of(rows)
    assert layout.series == ("station",)
    assert held(rows[:1], layout) == {each: n * 1.5 for n, each in enumerate(DAYS)}


def test_hours_beside_a_date() -> None:
    rows = [{"dt": day(each), **{f"h{h:02}": each // DAY + h / 7 for h in range(24)}} for each in DAYS]
    assert held(rows, layout_of(rows)) == {each + h * HOUR: each // DAY + h / 7 for each in DAYS for h in range(24)}
    rows = [{"dt": day(each), **{f"h{h}": each // DAY + h / 7 for h in range(1, 25)}} for each in DAYS]
    with pytest.raises(Question, match="by their beginnings or by their ends") as asked:
        layout_of(rows)
    first, second = (min(held(rows, layout_of(rows, **each))) for each in asked.value.alternatives)
    assert (first, second) == (DAYS[0], DAYS[0] + HOUR)


def test_years_beside_the_day_of_their_change_and_hours_of_one_reading() -> None:
    rows = [
        {"geo": g, "updated": "2026-10-01", **{str(y): y / 3 + k for y in range(2000, 2020)}}
        for k, g in enumerate("ab")
    ]
    assert held(rows[:1], layout_of(rows)) == {parse_iso(f"{y}-01-01"): y / 3 for y in range(2000, 2020)}
    hours = {"date": "2024-03-01", "hours": {str(h): h / 7 for h in range(24)}}
    placed = find_place(hours, {})
    layout = find_layout(placed.records, placed, {})
    assert held([hours], layout) == {DAYS[0] + h * HOUR: h / 7 for h in range(24)}


@pytest.mark.parametrize(
    "rows",
    [
        [{"year": y, "1": y / 3, "2": y / 5, "5": y / 7} for y in range(2000, 2020)],  # depths
        [{"at": day(each), "1001": each / 3, "1002": each / 5, "2050": each / 7} for each in DAYS],  # products
        [{"at": day(each), **{f"t{n}": each / 7 + n for n in range(1, 13)}} for each in DAYS],  # sensors
    ],
)
def test_other_numbers_are_no_times(rows: list[dict[str, Any]]) -> None:
    assert find_place({"rows": rows}, {}).place.across is None


def test_fields_are_kept_apart_on_request() -> None:
    rows = [{"yr": y, **{f"{n:02}": y + n / 7 for n in range(1, 13)}} for y in (2022, 2023)]
    assert find_place({"rows": rows}, {"value_fields": ["01", "02"]}).place.across is None


def test_pages_are_counted_by_their_records_and_new_months_are_read() -> None:
    rows = [{"geo": f"R{n}", **{f"2024{m:02}": n + m / 100 for m in range(1, 5 if n < 5 else 7)}} for n in range(7)]

    def answer(request: Any) -> Answer:
        page = int(request.query["page"])
        return Answer({"total": len(rows), "rows": rows[page * 3 - 3 : page * 3]})

    async def everything() -> Recorder:
        source = ApiWrapper(
            url=url,
            records="rows",
            across="{%Y%m}",
            time="key",
            time_form="%Y%m",
            value="value",
            series="geo",
            pages=PageNumber(size=3, total="total"),
        )
        run = Recorder(source_type="API", http=client())
        async with run.http:
            await read(source, run)
        return run

    with SourceServer() as server:
        url = server.route("/wide", answer)
        run = asyncio.run(everything())
    assert {name: len(line) for name, line in run.points.items()} == {f"R{n}": 4 if n < 5 else 6 for n in range(7)}


@pytest.mark.parametrize("names", [["Q1", "Q2", "Q3", "Q4"], ["T1", "T2", "T3", "T4"]])
@pytest.mark.parametrize("keyed", [False, True])
def test_quarters_beside_a_year(names: list[str], keyed: bool) -> None:
    values = {y: {name: y + n / 7 for n, name in enumerate(names)} for y in range(2015, 2024)}
    rows: Any = (
        {str(y): each for y, each in values.items()} if keyed else [{"yr": y, **each} for y, each in values.items()]
    )
    placed = find_place({"rows": rows}, {})
    layout = find_layout(placed.records, placed, {})
    assert held(placed.records, layout) == {
        parse_iso(f"{y}-{3 * n + 1:02}-01"): y + n / 7 for y in values for n in range(4)
    }


def test_months_of_years_that_are_keys() -> None:
    placed = find_place({"rows": {str(y): {f"{n:02}": y + n / 7 for n in range(1, 13)} for y in range(2019, 2024)}}, {})
    layout = find_layout(placed.records, placed, {})
    assert len(held(placed.records, layout)) == 5 * 12


@pytest.mark.parametrize("time", ["date", "year"])
def test_three_sensors_beside_a_time_are_no_quarters(time: str) -> None:
    rows = [
        {time: day(at) if time == "date" else 2000 + n, "T1": n % 7 + 0.5, "T2": n % 5 + 0.25, "T3": n % 3 + 1.5}
        for n, at in enumerate(DAYS)
    ]
    assert layout_of(rows).values == ("T1", "T2", "T3")
