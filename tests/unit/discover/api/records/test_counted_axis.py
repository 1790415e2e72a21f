"""Axes of times that are counted from a moment, as CF conventions write them."""

from datetime import UTC, datetime

import pytest

from discovering import all_of, look
from slackwater.errors import BadSource
from slackwater.model.instants import HOUR, iso, to_micros
from sources import Answer, Feed, SourceServer

AXES = {
    "beside": lambda times, values: {
        "time": {"units": "hours since 2020-01-01", "values": times},
        "level": {"units": "m", "values": values},
    },
    "attributes": lambda times, values: {
        "variables": {
            "time": {"shape": ["time"], "attributes": {"units": "hours since 2020-01-01 00:00:00"}, "data": times},
            "level": {"shape": ["time"], "attributes": {"units": "m"}, "data": values},
        }
    },
    "updates beside": lambda times, values: {
        "time": {"units": "hours since 2020-01-01", "values": times},
        "level": values,
        "updated": [f"2026-02-{n // 24 + 1:02d}T{n % 24:02d}:{n * n * 7 % 60:02d}:00Z" for n in range(len(times))],
    },
    "ends beside": lambda times, values: {
        "time": {"units": "hours since 2020-01-01", "values": times},
        "level": values,
        "end": [iso(to_micros(datetime(2020, 1, 1, tzinfo=UTC)) + (time + 1) * HOUR) for time in times],
    },
    "values above": lambda times, values: {
        "axis": {"units": "hours since 2020-01-01", "values": times, "valid_range": [0, 1e6]},
        "level": values,
    },
    "axis above": lambda times, values: {
        "meta": {"units": "hours since 2020-01-01", "valid_range": [0, 1e6]},
        "hours": times,
        "data": {"level": values},
    },
    "columns": lambda times, values: {
        "columns": [
            {"name": "time", "units": "hours since 2020-01-01T00:00:00Z", "values": times},
            {"name": "level", "units": "m", "values": values},
        ]
    },
}


@pytest.mark.parametrize("shape", AXES)
async def test_times_that_are_counted_from_a_moment(shape):
    feed = Feed.regular("2026-01-20", HOUR, 130)
    line = feed.points()["value"]
    base = to_micros(datetime(2020, 1, 1, tzinfo=UTC))
    body = AXES[shape]([(time - base) // HOUR for time in line], list(line.values()))
    with SourceServer() as server:
        found = await look(server.route("/x", Answer(body)))
        [points] = (await all_of(found, feed)).points.values()
    assert points == line


async def test_a_calendar_of_other_days_is_a_question():
    axis = {"units": "days since 2020-01-01", "calendar": "noleap", "values": list(range(130))}
    with SourceServer() as server, pytest.raises(BadSource):
        await look(server.route("/x", Answer({"time": axis, "level": {"values": [n * 0.5 for n in range(130)]}})))


async def test_hours_since_a_day_are_a_quantity_beside_times_that_are_written():
    feed = Feed.regular("2026-01-20", HOUR, 130, series=("level.values", "pump.values"))
    line = feed.points()
    body = {
        "time": [iso(time) for time in line["level.values"]],
        "level": {"unit": "m", "values": list(line["level.values"].values())},
        "pump": {"unit": "hours since 2024-01-01", "values": list(line["pump.values"].values())},
    }
    with SourceServer() as server:
        found = await look(server.route("/x", Answer(body)))
        held = (await all_of(found, feed)).points
    assert list(held.values()) == list(line.values())
