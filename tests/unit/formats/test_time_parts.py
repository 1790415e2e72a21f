"""Times as lists of numbers."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from slackwater.formats.time_parts import in_parts, is_parts
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import parse_iso


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ([2026, 5, 13], "2026-05-13T00:00:00Z"),
        ([2026, 5, 13, 3, 0], "2026-05-13T03:00:00Z"),
        ([2026, 5, 13, 3, 0, 15, 123_000_000], "2026-05-13T03:00:15.123Z"),
    ],
)
def test_a_time(cell: list[int], time: str) -> None:
    assert in_parts(cell) == parse_iso(time)
    assert is_parts(cell)


@pytest.mark.parametrize("cell", [[2026, 5], [2026, 13, 1], [255, 128, 64], [12.5, 3.5, 1.0], "2026", None, [True] * 3])
def test_what_is_none(cell: object) -> None:
    assert not is_parts(cell)


def test_a_column_is_of_that_form_and_in_its_zone() -> None:
    cells = [(2026, 7, 1, hour, 30) for hour in range(5)]
    form = infer_time_form(cells)
    assert form is not None
    assert form.form == "parts"
    assert time_parser("parts", UTC)([[2026, 7, 1, 0, 30], None]) == [parse_iso("2026-07-01T00:30:00Z"), None]
    assert time_parser("parts", ZoneInfo("Europe/Lisbon"))(cells)[0] == parse_iso("2026-06-30T23:30:00Z")
