"""What deserves an alert, and when a channel is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from slackwater.model.alerts import Kind, News, Seen, Times, body, subject, troubles
from slackwater.model.instants import DAY, SECOND
from slackwater.model.status import Status

NOW = round(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * SECOND
NONE: frozenset[Kind] = frozenset()


def seen(**values: Any) -> Seen:
    told: dict[str, Any] = {
        "wrapper_id": "w",
        "name": "Tides",
        "status": Status.EXECUTING,
        "error_message": None,
        "backfill_done": True,
        "newest": NOW - DAY,
        "allowed_age": 2 * DAY,
        "outcome": "succeeded",
        "rejected": 0,
        "rows": 100,
    }
    return Seen(**(told | values))


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({}, set()),
        ({"status": Status.ERROR, "error_message": "401"}, {Kind.ERROR}),
        ({"newest": NOW - 3 * DAY}, {Kind.STALE}),
        ({"newest": NOW - 3 * DAY, "backfill_done": False}, set()),
        ({"newest": NOW - 3 * DAY, "allowed_age": None}, set()),
        ({"newest": NOW - 3 * DAY, "status": Status.COMPLETED}, set()),
        ({"newest": NOW - 3 * DAY, "status": Status.STOPPED, "rejected": 50}, set()),
        ({"rejected": 10}, set()),
        ({"rejected": 11}, {Kind.REJECTED}),
        ({"rejected": 11, "status": Status.COMPLETED}, {Kind.REJECTED}),
    ],
)
def test_what_is_wrong(values: dict[str, Any], kinds: set[Kind]):
    assert set(troubles(seen(**values), NOW, NONE)) == kinds


def test_an_error_ends_with_a_run_that_went_well_and_not_before():
    before = frozenset({Kind.ERROR})
    assert Kind.ERROR in troubles(seen(outcome="running"), NOW, before)
    assert Kind.ERROR in troubles(seen(outcome="failed", status=Status.RETRYING), NOW, before)
    assert Kind.ERROR not in troubles(seen(outcome="succeeded"), NOW, before)


def at(hour: int, minute: int = 0, day: int = 1) -> int:
    return round(datetime(2026, 3, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("times", "now", "due"),
    [
        (Times(group_seconds=0), at(12), at(12)),
        (Times(group_seconds=60), at(12), at(12, 1)),
        (Times(quiet_from="22:00", quiet_to="07:00", group_seconds=0), at(23), at(7, day=2)),
        (Times(quiet_from="22:00", quiet_to="07:00", group_seconds=0), at(6), at(7)),
        (Times(quiet_from="22:00", quiet_to="07:00", group_seconds=0), at(7), at(7)),
        (Times(quiet_from="12:00", quiet_to="13:00", group_seconds=0), at(12, 30), at(13)),
        (Times(digest_at="08:00"), at(7), at(8)),
        (Times(digest_at="08:00"), at(8), at(8, day=2)),
        (Times(digest_at="08:00", timezone="Asia/Tokyo"), at(12), at(23)),
        (Times(quiet_from="22:00", quiet_to="07:00", group_seconds=3600), at(21, 30), at(7, day=2)),
    ],
)
def test_when_a_channel_is_told(times: Times, now: int, due: int):
    assert times.due(now) == due


def test_a_message_names_each_source_and_its_length_is_bounded():
    one = News(wrapper_id="w", name="Tides", kind=Kind.STALE, recovered=False, message="3 days old.", at=NOW)
    assert subject([one]) == "Slackwater: Tides is late"
    assert body([one]) == "- Tides is late: 3 days old."
    many = [one] * 500
    assert subject(many) == "Slackwater: 500 alerts"
    assert body(many).endswith("- and 300 more; the console shows all.")
