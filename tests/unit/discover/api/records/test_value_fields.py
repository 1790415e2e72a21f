"""Which numbers of the records are values: twins, exponents, codes and dates are none."""

import pytest

from discovering import all_of, look
from slackwater.discover.api.records.value_fields import roles_of
from slackwater.errors import Question
from slackwater.model.instants import DAY, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2025-01-01")
DAYS = [START + n * DAY for n in range(90)]


def level(n: int) -> float:
    return round(n * 7 % 31 * 0.5 - 4, 1)


def day(time: int, form: str = "iso") -> str:
    return iso(time)[:10].replace("-", "") if form == "packed" else iso(time)[:10]


async def served(rows: list[dict], **config):
    with SourceServer() as server:
        found = await look(server.route("/x", Answer({"items": rows})), now=max(DAYS) + DAY, **config)
        return (await all_of(found, Feed((time, 0) for time in DAYS))).points


async def test_texts_that_say_a_number_once_more_are_no_series_of_their_own():
    rows = [{"day": day(t), "Value": {"Numeric": level(n), "Display": f"{level(n):.2f}"}} for n, t in enumerate(DAYS)]
    held = await served(rows)
    assert set(held) == {"Value.Numeric"}
    rows = [{**row, "Value": {**row["Value"], "Display": f"{n * n % 17 * 3}"}} for n, row in enumerate(rows)]
    assert "Value.Display" in await served(rows)


def test_what_is_the_same_for_each_station_is_no_value_though_numbers_name_the_stations():
    columns = {
        "station": [101, 205, 309] * 16,
        "x": [12, 310, 44] * 16,
        "level": [20.5 + n * 7 % 11 for n in range(48)],
    }
    assert roles_of(columns, list(columns), None, ("station",)).values == ("level",)


@pytest.mark.parametrize("name", ["unit", "exponent", "scale"])
async def test_powers_of_ten_beside_the_values_are_asked_about(name):
    rows = [{"day": day(t), "value": round(level(n) * 1000), name: -3} for n, t in enumerate(DAYS)]
    with pytest.raises(Question, match=f"a power of ten, which is in `{name}`") as asked:
        await served(rows)
    assert asked.value.alternatives == [{"value_fields": ["value"]}]
    assert set(await served(rows, value_fields=["value"])) == {"value"}
    assert set(await served([{**row, name: 6} for row in rows])) == {"value"}  # what offices write beside millions


async def test_a_code_of_what_is_missing_stands_for_no_number():
    rows = [{"day": day(t), "value": max(level(n), 0), "missing_value": 0} for n, t in enumerate(DAYS)]
    held = await served(rows)
    assert held == {"value": {t: max(level(n), 0) for n, t in enumerate(DAYS)}}
    rows = [{**row, "value": -99 if n % 9 == 5 else row["value"], "missing_value": -99} for n, row in enumerate(rows)]
    assert await served(rows) == {"value": {t: max(level(n), 0) for n, t in enumerate(DAYS) if n % 9 != 5}}


async def test_packed_days_near_the_times_are_no_values():
    rows = [
        {"time_value": int(day(t, "packed")), "issue": int(day(t + (3 + n % 4) * DAY, "packed")), "level": level(n)}
        for n, t in enumerate(DAYS)
    ]
    held = await served(rows, date_field="time_value")
    assert set(held) == {"level"}


async def test_what_never_changes_is_asked_about_where_codes_change():
    rows = [{"day": day(t), "code_no2": n * 7 % 3, "x_wgs84": 5.4} for n, t in enumerate(DAYS)]
    with pytest.raises(Question, match="No field of the records looks like a value") as asked:
        await served(rows)
    assert "code_no2" in asked.value.choices
    assert set(await served([{"day": day(t), "id": n, "x": 5.4} for n, t in enumerate(DAYS)])) == {"x"}


async def test_a_day_of_the_record_is_none_of_what_it_is_about():
    rows = [
        {"date_maj": iso(t + DAY // 2 + n % 5 * DAY // 24), "date_dif": day(t), "date_ech": day(t), "level": level(n)}
        for n, t in enumerate(DAYS)
    ]
    assert await served(rows) == {"level": {t: level(n) for n, t in enumerate(DAYS)}}


@pytest.mark.parametrize("code", [int, str])
async def test_what_is_the_same_for_each_station_is_no_value_though_stations_are_numbers(code):
    rows = [
        {"y": 45.1 if station == 35 else 38.2, "stn_id": code(station), "day": day(t), "value": level(n + station)}
        for n, t in enumerate(DAYS)
        for station in (35, 604)
    ]
    assert set(await served(rows)) == {"35", "604"}
    moving = [{**row, "y": level(n * 5)} for n, row in enumerate(rows)]
    assert set(await served(moving)) == {"35 value", "604 value", "35 y", "604 y"}
