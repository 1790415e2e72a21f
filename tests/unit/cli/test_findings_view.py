"""Spans and lines of bars as a terminal shows them."""

import pytest

from slackwater.cli.findings_view import span, sparkline
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (DAY, "day"),
        (HOUR, "hour"),
        (10 * MINUTE, "10 minutes"),
        (7 * DAY, "7 days"),
        (365 * DAY, "year"),
        (31 * DAY, "31 days"),
        (10 * YEAR, "10 years"),
        (SECOND // 2, "0.5 seconds"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(micros, text):
    assert span(micros) == text


def test_a_line_of_bars():
    assert sparkline([0, 1, 2, 3.5, 7]) == "▁▂▃▅█"
    assert sparkline([5, 5]) == "▄▄"
