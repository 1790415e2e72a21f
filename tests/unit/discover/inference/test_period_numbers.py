"""Numbers beside a date that are minutes or seconds since its midnight."""

from datetime import UTC

import pytest

from slackwater.discover.inference.period_numbers import since_midnight
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import parse_iso


def of_days(numbers):
    return [f"2026-03-0{day}" for day in (1, 2) for _ in numbers], [*numbers, *numbers]


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [
        (range(0, 1_440, 15), "m"),
        (range(1_440), "m"),
        (range(0, 86_400, 3_600), "s"),
        (range(24), None),  # hours
        (range(1, 49), None),  # half-hours, by their number
        ([12, 911, 37, 404, 1_003, 55, 871], None),  # anything
        ([0, 60], None),  # too few
    ],
)
def test_even_steps_through_the_day_are_minutes_or_seconds(numbers, unit):
    assert since_midnight(*of_days(list(numbers))) == unit


def test_a_text_among_them_is_no_number():
    days, numbers = of_days(list(range(0, 1_440, 15)))
    assert since_midnight(days, [*numbers[:-1], "n/a"]) is None


def test_minutes_and_seconds_since_midnight_are_times():
    assert time_parser("%Y-%m-%d #m", UTC)(["2026-03-01 0", "2026-03-01 1439", "2026-03-01 1500", "2026-03-01 x"]) == [
        parse_iso("2026-03-01T00:00:00Z"),
        parse_iso("2026-03-01T23:59:00Z"),
        None,
        None,
    ]
    assert time_parser("iso #s", UTC)(["2026-03-01 3661"]) == [parse_iso("2026-03-01T01:01:01Z")]
