"""Spans and lines of bars as a terminal shows them."""

import io

import pytest
from rich.console import Console

from slackwater.cli import findings_view
from slackwater.cli.findings_view import every_of, span, sparkline
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR
from slackwater.pipe.frames import Finding


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


@pytest.mark.parametrize(("period", "text"), [(30 * DAY, "monthly"), (10 * MINUTE, "one every 10 minutes")])
def test_a_period_is_called_what_people_call_it(period, text):
    assert every_of(period) == text


def test_a_line_of_bars():
    assert sparkline([0, 1, 2, 3.5, 7]) == "▁▂▃▅█"
    assert sparkline([5, 5]) == "▄▄"


def test_findings_are_readable_in_forty_columns(monkeypatch):
    shown = Console(file=io.StringIO(), width=40, force_terminal=True, color_system=None, soft_wrap=True)
    monkeypatch.setattr(findings_view, "out", shown)
    finding = Finding(
        what="numbers", value=[",", "none"], confidence=0.95, reason="Commas precede two digits.", field="decimal"
    )
    findings_view._show_findings([finding])
    lines = shown.file.getvalue().splitlines()
    assert lines == ["numbers: ,, none (high confidence)", "  Commas precede two digits.", "  --set decimal=…"]
