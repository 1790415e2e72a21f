"""Answers in every shape, each discovered and read: exactly their points, and nothing asked."""

import pytest

from budget import every
from runs import Recorder
from slackwater.discover.api.pipeline import discover
from slackwater.discover.api.records.record_candidates import options
from slackwater.errors import Question
from slackwater.model.instants import YEAR, parse_iso
from slackwater.model.planning import Wanted
from slackwater.pipe.frames import Found
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import Answer, SourceServer, client


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


async def look(url: str, **config) -> Found:
    run = Recorder(source_type="API", task="discover", config={"location": url, **config}, http=client())
    async with run.http:
        return await discover(run)


async def points(found: Found) -> dict[str, dict[str, float]]:
    """Read the source whole with what was found."""
    wanted = Wanted(period=found.period or YEAR, start=parse_iso("1900-01-01"))
    run = Recorder(source_type="API", module=found.code, wanted=wanted, http=client())
    async with run.http:
        await read(load(found.code), run)
    assert run.rejected_count == 0
    return run.points


def at(**series: dict[str, float]) -> dict[str, dict[int, float]]:
    return {name.replace("__", " "): {parse_iso(time): y for time, y in held.items()} for name, held in series.items()}


DAYS = [f"2024-03-{day:02}" for day in range(1, 13)]
LEVELS = [round(day * 1.25 + 0.5, 2) for day in range(12)]
WIND = [round(9 - day * 0.75, 2) for day in range(12)]
EPOCHS = [parse_iso(day) // 1000 for day in DAYS]  # ms
BOTH = at(level=dict(zip(DAYS, LEVELS, strict=True)), wind=dict(zip(DAYS, WIND, strict=True)))
NORTH_SOUTH = {"north": BOTH["level"], "south": BOTH["wind"]}
ONE = {"value": BOTH["level"]}
YEARS = {"2019": 5, "2020": 6, "2021": 9}
MOMENT = "2024-03-01T10:00:00Z"


def zipped(*columns):
    return [list(cells) for cells in zip(*columns, strict=True)]


def records(values, **more):
    return [{"time": day, "value": value, **more} for day, value in zip(DAYS, values, strict=True)]


ROWS = zipped(DAYS, LEVELS, WIND)
SECONDS = [ms // 1000 for ms in EPOCHS]
SHAPES = {
    "nested_list": ([records(LEVELS)[:6], records(LEVELS)[6:]], ONE, "list"),
    "meta_and_list": ([{"page": 1, "pages": 1, "per_page": 50}, records(LEVELS)], ONE, "list"),
    "rows_with_columns": ({"columns": ["day", "level", "wind"], "rows": ROWS}, BOTH, "rows"),
    "rows_with_column_objects": (
        {
            "result": {
                "fields": [{"id": "day", "type": "date"}, {"id": "level", "type": "n"}, {"id": "wind", "type": "n"}],
                "data": ROWS,
            }
        },
        BOTH,
        "rows",
    ),
    "rows_with_names_far_away": (
        {"meta": {"view": {"columns": [{"name": "day"}, {"name": "level"}, {"name": "wind"}]}}, "data": ROWS},
        BOTH,
        "rows",
    ),
    "rows_with_a_header_row": ([["day", "level", "wind"], *ROWS], BOTH, "rows"),
    "split": ({"columns": ["level", "wind"], "index": DAYS, "data": zipped(LEVELS, WIND)}, BOTH, "rows"),
    "influx": (
        {
            "results": [
                {
                    "statement_id": 0,
                    "series": [
                        {
                            "name": "tide",
                            "tags": {"site": "north"},
                            "columns": ["time", "level"],
                            "values": zipped(DAYS, LEVELS),
                        },
                        {
                            "name": "tide",
                            "tags": {"site": "south"},
                            "columns": ["time", "level"],
                            "values": zipped(DAYS, WIND),
                        },
                    ],
                }
            ]
        },
        NORTH_SOUTH,
        "rows",
    ),
    "pairs": ({"data": zipped(EPOCHS, LEVELS)}, ONE, "pairs"),
    "bare_pairs": (zipped(DAYS, LEVELS), ONE, "pairs"),
    "prometheus": (
        {
            "status": "success",
            "data": {
                "resultType": "matrix",
                "result": [
                    {"metric": {"__name__": "up", "instance": "north"}, "values": zipped(SECONDS, map(str, LEVELS))},
                    {"metric": {"__name__": "up", "instance": "south"}, "values": zipped(SECONDS, map(str, WIND))},
                ],
            },
        },
        NORTH_SOUTH,
        "pairs",
    ),
    "highcharts": (
        {
            "title": {"text": "Tides"},
            "series": [
                {"name": "north", "color": "#fff", "data": zipped(EPOCHS, LEVELS)},
                {"name": "south", "color": "#000", "data": zipped(EPOCHS, WIND)},
            ],
        },
        NORTH_SOUTH,
        "pairs",
    ),
    "pairs_by_name": ({"north": zipped(EPOCHS, LEVELS), "south": zipped(EPOCHS, WIND)}, NORTH_SOUTH, "pairs"),
    "columns": (
        {
            "latitude": 38.7,
            "hourly_units": {"time": "iso8601", "level": "m", "wind": "m/s"},
            "hourly": {"time": DAYS, "level": LEVELS, "wind": WIND},
        },
        BOTH,
        "columns",
    ),
    "columns_at_the_top": ({"time": DAYS, "level": LEVELS, "wind": WIND, "unit": "m"}, BOTH, "columns"),
    "labels_and_datasets": (
        {"labels": DAYS, "datasets": [{"label": "level", "data": LEVELS}, {"label": "wind", "data": WIND}]},
        BOTH,
        "columns",
    ),
    "column_objects": (
        {
            "columns": [
                {"name": "day", "values": DAYS},
                {"name": "level", "values": LEVELS},
                {"name": "wind", "values": WIND},
            ]
        },
        BOTH,
        "columns",
    ),
    "frames": (
        {
            "schema": {"fields": [{"name": "day"}, {"name": "level"}, {"name": "wind"}]},
            "data": {"values": [DAYS, LEVELS, WIND]},
        },
        BOTH,
        "columns",
    ),
    "columns_with_numbered_cells": (
        {
            "day": {str(n): day for n, day in enumerate(DAYS)},
            "level": {str(n): y for n, y in enumerate(LEVELS)},
            "wind": {str(n): y for n, y in enumerate(WIND)},
        },
        BOTH,
        "columns",
    ),
    "keyed_records": ({"base": "EUR", "rates": {day: {"level": a, "wind": b} for day, a, b in ROWS}}, BOTH, "keyed"),
    "keyed_values": (dict(zip(DAYS, LEVELS, strict=True)), ONE, "keyed"),
    "keyed_series": (
        {"north": dict(zip(DAYS, LEVELS, strict=True)), "south": dict(zip(DAYS, WIND, strict=True))},
        NORTH_SOUTH,
        "keyed",
    ),
    "keyed_with_numbers_in_names": (
        {
            "Meta Data": {"1. Symbol": "X", "3. Last Refreshed": "2024-03-12"},
            "Time Series (Daily)": {day: {"1. level": str(a), "4. wind": str(b)} for day, a, b in ROWS},
        },
        {"1. level": BOTH["level"], "4. wind": BOTH["wind"]},
        "keyed",
    ),
    "keyed_lists": (
        {"data": {day: [{"site": "north", "value": a}, {"site": "south", "value": b}] for day, a, b in ROWS}},
        NORTH_SOUTH,
        "keyed",
    ),
    "years_as_keys": ({"births": YEARS}, at(value={f"{year}-01-01": y for year, y in YEARS.items()}), "keyed"),
    "lists_by_name": ({"north": records(LEVELS), "south": records(WIND)}, NORTH_SOUTH, "list"),
    "grouped": (
        [
            {"station": "north", "lat": 41.1, "observations": records(LEVELS)},
            {"station": "south", "lat": 37.0, "observations": records(WIND)},
        ],
        NORTH_SOUTH,
        "list",
    ),
    "grouped_columns": (
        [
            {"station": "north", "data": {"time": DAYS, "value": LEVELS}},
            {"station": "south", "data": {"time": DAYS, "value": WIND}},
        ],
        NORTH_SOUTH,
        "columns",
    ),
    "geojson": (
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [-9.1, 38.7]},
                    "properties": {"time": day, "level": a, "wind": b},
                }
                for day, a, b in ROWS
            ],
        },
        {"properties.level": BOTH["level"], "properties.wind": BOTH["wind"]},
        "list",
    ),
    "one_reading": ({"time": MOMENT, "value": 3.5, "unit": "m"}, at(value={MOMENT: 3.5}), "object"),
    "one_time_for_all": (
        {
            "count": 3,
            "timestamp": MOMENT,
            "readings": [
                {"sensor": name, "id": f"{n}-7f", "value": n + 0.5} for n, name in enumerate(("north", "south", "west"))
            ],
        },
        at(north={MOMENT: 0.5}, south={MOMENT: 1.5}, west={MOMENT: 2.5}),
        "dated",
    ),
    "one_epoch_for_all": (
        {
            "total": 2,
            "ts": parse_iso(MOMENT) // 1_000_000,
            "readings": [{"sensor": "north", "value": 0.5}, {"sensor": "south", "value": 1.5}],
        },
        at(north={MOMENT: 0.5}, south={MOMENT: 1.5}),
        "dated",
    ),
    "one_time_for_several_values": (
        {
            "observed_at": MOMENT,
            "data": [{"room": "attic", "heat": 21.5, "damp": 40.5}, {"room": "cellar", "heat": 11.5, "damp": 70.5}],
        },
        at(
            attic__heat={MOMENT: 21.5},
            attic__damp={MOMENT: 40.5},
            cellar__heat={MOMENT: 11.5},
            cellar__damp={MOMENT: 70.5},
        ),
        "dated",
    ),
    "a_time_beside_a_list_with_its_own": (
        {"timestamp": MOMENT, "readings": records(LEVELS), "rooms": [{"name": "attic", "floor": 3.5}]},
        ONE,
        "list",
    ),
    "a_reading_with_a_list_beside": (
        {"time": MOMENT, "temperature": 3.5, "alerts": [{"text": "ice", "level": 2}, {"text": "fog", "level": 1}]},
        at(temperature={MOMENT: 3.5}),
        "object",
    ),
    "one_reading_deep": (
        {"coord": {"lat": 38.7, "lon": -9.1}, "main": {"temp": 18.5}, "dt": 1709287200, "id": 2267057},
        {"main.temp": {parse_iso(MOMENT): 18.5}},
        "object",
    ),
    "nothing_but_nulls_beside": (
        {"error": None, "next": None, "result": {"levels": records(LEVELS), "warnings": []}},
        ONE,
        "list",
    ),
}


@pytest.mark.parametrize("name", every(2, SHAPES))
async def test_a_shape_is_found_and_read(server, name):
    body, expected, shape = SHAPES[name]
    found = await look(server.route("/x", Answer(body)))
    assert await points(found) == expected
    assert (f'shape="{shape}"' in found.code) == (shape != "list")
    shapes = [finding.value for finding in found.findings if finding.what == "shape"]
    assert shapes == ([] if shape == "list" else [shape])


AMBIGUOUS = {
    "hourly_and_daily": (
        {"hourly": {"time": DAYS, "level": LEVELS}, "daily": {"time": DAYS[:7], "highest": LEVELS[:7]}},
        "records_path",
        ["hourly", "daily"],
    ),
    "the_same_twice": ({"all": records(LEVELS), "last": records(LEVELS)[-3:]}, "records_path", ["all", "last"]),
}


SNAPSHOT = [{"sensor": "north", "value": 1.5}, {"sensor": "south", "value": 2.5}]


@pytest.mark.parametrize(
    "beside", [{"generated_at": MOMENT}, {"timestamp": MOMENT, "date": "2024-02-29"}, {"expires": MOMENT}, {}]
)
async def test_a_time_that_may_be_another_than_that_of_the_readings_is_asked_for(server, beside):
    with pytest.raises(Question, match="Give date_field"):
        await look(server.route("/x", Answer({**beside, "readings": SNAPSHOT})))


@pytest.mark.parametrize("name", AMBIGUOUS)
async def test_what_is_as_good_is_asked_for(server, name):
    body, field, choices = AMBIGUOUS[name]
    with pytest.raises(Question) as asked:
        await look(server.route("/x", Answer(body)))
    assert asked.value.field == field
    assert asked.value.choices == choices
    assert f"Give {field}" in str(asked.value)


async def test_a_given_place_wins(server):
    body, _, _ = AMBIGUOUS["hourly_and_daily"]
    found = await look(server.route("/x", Answer(body)), records_path="daily")
    assert await points(found) == at(highest=dict(zip(DAYS[:7], LEVELS[:7], strict=True)))


def series_of(times: list[object], **more: object) -> list[dict[str, object]]:
    return [{"when": time, "level": n + 0.5, **more} for n, time in enumerate(times)]


MONTHS = [f"2024-{month:02}-01" for month in range(1, 5)]
TIMES = {
    "quarters": (["2023-Q4", "2024-Q1"], ["2023-10-01", "2024-01-01"]),
    "quarters_behind": (["Q4 2023", "T1 2024"], ["2023-10-01", "2024-01-01"]),
    "months_by_letter": (["2024M01", "2024M02", "2024M03", "2024M04"], MONTHS),
    "weeks": (["2024W05", "2024W06"], ["2024-01-29", "2024-02-05"]),
    "portuguese": (["janeiro de 2024", "fevereiro de 2024", "março de 2024", "abril de 2024"], MONTHS),
    "spanish": (["ene-24", "feb-24", "mar-24", "abr-24"], MONTHS),
    "french": (["15 mars 2024", "16 mars 2024"], ["2024-03-15", "2024-03-16"]),
    "headers": (
        ["Tue, 05 Mar 2024 10:00:00 GMT", "Tue, 05 Mar 2024 12:00:00 +0100"],
        ["2024-03-05T10:00:00Z", "2024-03-05T11:00:00Z"],
    ),
    "dotnet": (
        ["/Date(1709632800000)/", "/Date(1709636400000+0100)/"],
        ["2024-03-05T10:00:00Z", "2024-03-05T11:00:00Z"],
    ),
    "nanoseconds": ([1709632800000000000, 1709636400000000000], ["2024-03-05T10:00:00Z", "2024-03-05T11:00:00Z"]),
    "day_first": (["05/03/2024", "13/03/2024"], ["2024-03-05", "2024-03-13"]),
}


@pytest.mark.parametrize("name", every(2, TIMES))
async def test_a_form_of_time_is_found_and_read(server, name):
    written, times = TIMES[name]
    field = "timestamp" if isinstance(written[0], int) else "when"
    rows = [{field: time, "level": n + 0.5} for n, time in enumerate(written)]
    found = await look(server.route("/x", Answer(rows)))
    assert await points(found) == at(level={time: n + 0.5 for n, time in enumerate(times)})


SPREAD = {
    "year_month": ([{"year": 2024, "month": n} for n in range(1, 5)], MONTHS),
    "year_month_name": ([{"ano": "2024", "mes": name} for name in ("Janeiro", "Fevereiro", "Março", "Abril")], MONTHS),
    "year_period": ([{"year": "2024", "period": f"M0{n}"} for n in range(1, 5)], MONTHS),
    "year_quarter": ([{"year": 2024, "quarter": n} for n in (1, 2)], ["2024-01-01", "2024-04-01"]),
    "year_week": ([{"year": 2024, "week": n} for n in (5, 6)], ["2024-01-29", "2024-02-05"]),
    "date_clock": (
        [{"date": "2024-03-05", "time": clock} for clock in ("10:00", "11:00")],
        ["2024-03-05T10:00:00Z", "2024-03-05T11:00:00Z"],
    ),
}


@pytest.mark.parametrize("name", SPREAD)
async def test_a_time_in_several_fields(server, name):
    parts, times = SPREAD[name]
    found = await look(server.route("/x", Answer([{**part, "level": n + 0.5} for n, part in enumerate(parts)])))
    assert await points(found) == at(level={time: n + 0.5 for n, time in enumerate(times)})


HOURS = [f"2024-07-01T{hour:02}:00" for hour in range(12)]


@pytest.mark.parametrize("said", [{"timezone": "Europe/Lisbon"}, {"utc_offset_seconds": 3600}])
async def test_the_zone_that_an_answer_names(server, said):
    found = await look(server.route("/x", Answer({**said, "hourly": {"time": HOURS, "level": LEVELS}})))
    zones = [finding.value for finding in found.findings if finding.what == "timezone"]
    assert zones == [said.get("timezone", "+01:00")]
    first = min((await points(found))["level"])
    assert first == parse_iso("2024-06-30T23:00:00Z")


async def test_a_zone_and_an_offset_that_disagree_are_a_question(server):
    body = {"timezone": "Asia/Tokyo", "utc_offset_seconds": 3600, "hourly": {"time": HOURS, "level": LEVELS}}
    with pytest.raises(Question) as asked:
        await look(server.route("/x", Answer(body)))
    assert asked.value.field == "timezone"


async def test_several_dimensions_make_one_name_and_constants_none(server):
    rows = [
        {"day": day, "country": "Portugal", "site": site, "what": what, "id": n, "flag": 1, "value": n / 4}
        for n, (day, site, what) in enumerate((d, s, w) for d in DAYS for s in ("north", "south") for w in ("pm", "no"))
    ]
    found = await look(server.route("/x", Answer(rows)))
    assert set(await points(found)) == {f"{site} / {what}" for site in ("north", "south") for what in ("pm", "no")}
    assert {finding.what: finding.field for finding in found.findings}["series"] == "series_field"


async def test_given_fields_and_marks_decide(server):
    rows = [{"day": day, "a": f"1.{n:03}", "b": n / 2, "c": n / 3} for n, day in enumerate(DAYS, 100)]
    url = server.route("/x", Answer(rows))
    with pytest.raises(Question) as asked:
        await look(url, value_field="a")
    assert asked.value.field == "decimal"
    found = await look(url, value_field="a", decimal=",", thousands=".")
    assert await points(found) == at(a={day: 1000.0 + n for n, day in enumerate(DAYS, 100)})
    found = await look(url, value_fields=["b", "c"])
    assert set(await points(found)) == {"b", "c"}


async def test_a_number_that_the_source_says_to_be_no_value(server):
    body = {"noDataValue": -999, "data": records([*LEVELS[:11], -999])}
    found = await look(server.route("/x", Answer(body)))
    assert "missing=[-999]" in found.code
    assert await points(found) == {"value": {x: y for x, y in ONE["value"].items() if x != parse_iso(DAYS[-1])}}


def labelled(low: int, high: int, *, answers: int) -> list[dict]:
    """Return the lists of a range: `north` has ended half-way, `api` began there; a number changes at each answer."""
    lines = {"north": zipped(SECONDS, map(str, LEVELS))[:5], "api": zipped(SECONDS, map(str, WIND))[5:]}
    inside = {name: [pair for pair in line if low <= pair[0] <= high] for name, line in lines.items()}
    return [
        {"metric": {"job": name, "site": "A"}, "took": answers, "values": line} for name, line in inside.items() if line
    ]


@pytest.mark.parametrize("query", ["?start={}&end={}", "?site=A&start={}&end={}"])
async def test_labels_that_are_one_in_the_sample_name_the_series(server, query):
    asked = []

    def answer(request):
        asked.append(request)
        low, high = (int(request.query.get(name, default)) for name, default in (("start", 0), ("end", SECONDS[-1])))
        result = labelled(low, high, answers=len(asked))
        return Answer({"status": "success", "data": {"resultType": "matrix", "result": result}})

    url = server.route("/api/v1/query_range", answer)
    found = await look(url + query.format(SECONDS[5], SECONDS[-1]))
    held = await points(found)
    prefix = "" if "site" in query else " / A"
    assert {name: len(line) for name, line in held.items()} == {f"north{prefix}": 5, f"api{prefix}": len(SECONDS) - 5}


def test_the_rows_of_a_table_are_no_columns_beside_its_names():
    """A thousand columns of two cells took a second to look at, and they were the rows of a database."""
    rows = zipped([f"2024-03-01T00:00:{n % 60:02}.{n:06}Z" for n in range(1000)], range(1000))
    body = {"results": [{"series": [{"name": "flow", "columns": ["time", "q"], "values": rows}]}]}
    assert [each.shape for each in options(body) if each.shape in ("columns", "rows")] == ["rows"]
    named = {"time": DAYS, **{f"m{n}": LEVELS for n in range(250)}}
    assert "columns" in [each.shape for each in options(named)]
    members = {"time": DAYS, **{str(n): LEVELS for n in range(150)}}  # more than there are times
    assert "columns" in [each.shape for each in options(members)]
