"""Answers with a list of values for each day, and months with a field for each."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, from_micros, iso, parse_iso, to_micros
from sources import Answer, Feed, SourceServer

START = parse_iso("2026-01-20")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


@pytest.mark.parametrize("count", [24, 48, 96])
async def test_the_values_of_whole_days(server, count):
    feed = Feed.regular("2026-01-20", DAY // count, 20 * count)
    values = list(feed.points()["value"].values())
    days = [
        {"date": f"{from_micros(START + n * DAY):%Y-%m-%d}", "load": values[n * count : (n + 1) * count]}
        for n in range(20)
    ]
    found = await look(server.route("/x", Answer({"days": days})))
    assert (await all_of(found, feed)).points == {"load": feed.points()["value"]}


async def test_days_of_23_and_25_hours_ask_for_the_zone(server):
    home, days, points = ZoneInfo("Europe/Berlin"), [], []
    for n in range(300):
        midnight = datetime(2026, 1, 20, tzinfo=home) + timedelta(days=n)
        start, end = to_micros(midnight), to_micros(midnight + timedelta(days=1))
        line = [(time, float((time // HOUR) % 37)) for time in range(start, end, HOUR)]
        days.append({"date": f"{midnight:%Y-%m-%d}", "prices": [value for _, value in line]})
        points += line
    url = server.route("/x", Answer({"days": days}))
    with pytest.raises(Question, match="23 on 2026-03-29, 25 on 2026-10-25") as asked:
        await look(url)
    assert "Europe/Berlin" in asked.value.choices
    found = await look(url, timezone="Europe/Berlin")
    assert (await all_of(found, Feed(points))).points == {"prices": dict(points)}


async def test_months_with_a_field_for_each_day(server):
    feed = Feed.regular("2024-01-01", DAY, 700)
    months: dict[str, dict[str, float]] = {}
    for time, value in feed.points()["value"].items():
        day = from_micros(time)
        months.setdefault(f"{day:%Y-%m}", {})[f"day{day.day}"] = value
    rows = [
        {"month": month, **{f"day{n}": days.get(f"day{n}") for n in range(1, 32)}} for month, days in months.items()
    ]
    found = await look(server.route("/x", Answer(rows)))
    assert (await all_of(found, feed)).points == {"value": feed.points()["value"]}


async def test_numbered_stations_are_no_days_of_months(server):
    months = [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(60)]
    rows = [
        {"month": month, **{f"station{n}": round(n + k * 0.7 % 9, 2) for n in range(1, 29)}}
        for k, month in enumerate(months)
    ]
    feed = Feed(
        (parse_iso(f"{row['month']}-01"), row[f"station{n}"], f"station{n}") for row in rows for n in range(1, 29)
    )
    found = await look(server.route("/x", Answer(rows)))
    assert (await all_of(found, feed)).points == feed.points()


async def test_another_number_of_the_day_is_of_the_day(server):
    feed = Feed((START + n * DAY, n + 0.5) for n in range(20))
    days = [
        {"date": iso(START + n * DAY)[:10], "mean": n + 0.5, "load": [n + k * 0.25 for k in range(24)]}
        for n in range(20)
    ]
    found = await look(server.route("/x", Answer({"days": days})), value_field="mean", paging="none")
    assert (await all_of(found, feed)).points == {"mean": feed.points()["value"]}


async def test_lists_whose_order_tells_nothing_may_be_of_members(server):
    days = [
        {"date": iso(START + n * DAY)[:10], "mean": n + 0.5, "members": [(n * 31 + k * 7919) % 1009 for k in range(24)]}
        for n in range(20)
    ]
    url = server.route("/x", Answer({"days": days}))
    with pytest.raises(Question, match="may be of members") as asked:
        await look(url)
    feed = Feed((START + n * DAY + k * HOUR, v) for n, day in enumerate(days) for k, v in enumerate(day["members"]))
    hours, means = asked.value.alternatives
    assert (await all_of(await look(url, **hours), feed)).points == {"members": feed.points()["value"]}
    assert len((await all_of(await look(url, **means, paging="none"), feed)).points["mean"]) == 20
