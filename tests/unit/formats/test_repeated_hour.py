"""The hour that stands twice when clocks go back."""

from zoneinfo import ZoneInfo

import pytest

from slackwater.formats.civil_time import localised
from slackwater.formats.repeated_hour import RepeatedHour
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import HOUR, MINUTE, from_micros, parse_iso, to_micros

CHANGES = {  # zone → the instant at which its clocks go back by an hour
    "Europe/Lisbon": "2024-10-27T01:00:00Z",
    "Europe/Berlin": "2024-10-27T01:00:00Z",
    "America/New_York": "2024-11-03T06:00:00Z",
    "America/St_Johns": "2024-11-03T04:30:00Z",
    "Pacific/Chatham": "2024-04-06T14:00:00Z",
}


def walls(zone: ZoneInfo, instants: list[int]) -> list[int | None]:
    """What a file holds: the wall clock of each instant; read as `localised` reads it."""
    read = localised(zone)
    return [read(to_micros(from_micros(each).astimezone(zone).replace(tzinfo=ZoneInfo("UTC")))) for each in instants]


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("step", [15 * MINUTE, 30 * MINUTE, HOUR])
@pytest.mark.parametrize(("falling", "page"), [(False, 3), (False, 1000), (True, 1000)])
def test_each_row_gets_its_own_instant(name, step, falling, page):
    zone, change = ZoneInfo(name), parse_iso(CHANGES[name])
    instants = [change + step * n for n in range(-40, 40)]
    instants = instants[::-1] if falling else instants
    hour = RepeatedHour(zone)
    settled: list[int | None] = []
    times = walls(zone, instants)
    for start in range(0, len(times), page):
        part = times[start : start + page]
        hour.settle(part, None)
        settled += part
    assert settled == instants


def test_series_are_told_apart():
    zone, change = ZoneInfo("Europe/Lisbon"), parse_iso(CHANGES["Europe/Lisbon"])
    instants = [change + 30 * MINUTE * n for n in range(-6, 6)]
    rows = [(each, name) for each in instants for name in "ab"]
    times = walls(zone, [each for each, _ in rows])
    RepeatedHour(zone).settle(times, [(name,) for _, name in rows])
    assert times == [each for each, _ in rows]


def test_pairs_of_rows_are_the_first_and_the_second_hour():
    zone, change = ZoneInfo("Europe/Lisbon"), parse_iso(CHANGES["Europe/Lisbon"])
    first = [change - HOUR, change - 45 * MINUTE]
    times = walls(zone, [change - 2 * HOUR, first[0], first[0] + HOUR, first[1], first[1] + HOUR])
    RepeatedHour(zone).settle(times, None)
    assert times == [change - 2 * HOUR, first[0], first[0] + HOUR, first[1], first[1] + HOUR]


@pytest.mark.parametrize("form", ["epoch_s", "iso", None])
@pytest.mark.parametrize("falling", [False, True])
def test_cells_that_say_their_instant_stay(form, falling):
    zone, change = ZoneInfo("Europe/Lisbon"), parse_iso(CHANGES["Europe/Lisbon"])
    instants = [change + HOUR * n for n in range(-6, 6)]
    instants = instants[::-1] if falling else instants
    cells = [each // 10**6 if form == "epoch_s" else from_micros(each).isoformat() for each in instants]
    times: list[int | None] = list(instants)
    RepeatedHour(zone, form).settle(times, None, cells)
    assert times == instants


@pytest.mark.parametrize("name", ["Europe/Lisbon", "Pacific/Chatham"])
def test_cells_without_a_zone_are_settled_in_any_zone(name):
    zone, change = ZoneInfo(name), parse_iso(CHANGES[name])
    instants = [change + HOUR * n for n in range(-6, 6)]
    cells = [from_micros(each).astimezone(zone).replace(tzinfo=None, fold=0).isoformat() for each in instants]
    times = time_parser("iso", zone)(cells)
    assert times != instants
    RepeatedHour(zone, "iso").settle(times, None, cells)
    assert times == instants
