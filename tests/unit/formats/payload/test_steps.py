"""Values in even steps from a beginning: each at its own time, and nothing where the time is not certain."""

import pytest

from slackwater.formats.payload.shapes import Place
from slackwater.formats.payload.steps import begin_of, moments, step_of
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND

NAMES = ("start", "step:s", "values")


def test_each_value_stands_a_step_after_the_one_before() -> None:
    body = {"start": "2026-03-01T00:00:00+01:00", "step": 900, "values": [1, None, 3]}
    assert Place(None, "steps", NAMES).records(body) == [
        {"time": "2026-02-28T23:00:00Z", "values": 1},
        {"time": "2026-02-28T23:15:00Z", "values": None},
        {"time": "2026-02-28T23:30:00Z", "values": 3},
    ]


def test_what_is_said_of_an_entry_is_said_of_its_values() -> None:
    body = {"runs": [{"gauge": "a", "start": "2026-03-01T00:00:00Z", "step": 60, "values": [[1], [2]]}]}
    found = Place("runs.*", "steps", NAMES).records(body)
    assert found is not None
    assert [(each["gauge"], each["time"], each["values"]) for each in found] == [
        ("a", "2026-03-01T00:00:00Z", 1),
        ("a", "2026-03-01T00:01:00Z", 2),
    ]


def test_positions_that_are_left_out_leave_a_hole() -> None:
    points = [{"pos": "1", "price": "5"}, {"pos": "4", "price": "6"}, {"price": "7"}]
    body = {"start": "2026-03-01T00:00Z", "every": "PT30M", "points": points}
    assert Place(None, "steps", ("start", "every", "points", "pos")).records(body) == [
        {"price": "5", "time": "2026-03-01T00:00:00Z"},
        {"price": "6", "time": "2026-03-01T01:30:00Z"},
    ]


@pytest.mark.parametrize(
    ("cell", "unit", "step"),
    [
        ("PT15M", None, (0, 15 * MINUTE)),
        ("P1D", None, (0, DAY)),
        ("P3M", None, (3, 0)),
        ("P1Y", None, (12, 0)),
        ("30 min", None, (0, 30 * MINUTE)),
        (3600, "s", (0, HOUR)),
        ("900000", "ms", (0, 900 * SECOND)),
        (3600, None, None),
        ("P1M2D", None, None),
        ("often", None, None),
        (0, "s", None),
    ],
)
def test_a_step(cell: object, unit: str | None, step: tuple[int, int] | None) -> None:
    assert step_of(cell, unit) == step


def test_months_are_as_long_as_they_are() -> None:
    at = moments("2026-01-01", (1, 0))
    assert at is not None
    assert [at(place) for place in (0, 1, 2, 13)] == ["2026-01-01", "2026-02-01", "2026-03-01", "2027-02-01"]


@pytest.mark.parametrize("begin", ["2026-03-01T00:00:00", "soon", True, None, 12, "2026-13-01"])
def test_what_is_no_beginning(begin: object) -> None:
    assert begin_of(begin) is None


def test_days_that_begin_at_a_local_midnight_have_unknown_lengths() -> None:
    assert moments("2026-03-01T23:00:00Z", (0, DAY)) is None
    assert moments("2026-03-01", (0, HOUR)) is None
