"""A time that lies ahead of the making of each record is of a plan, and is asked about."""

import pytest

from discovering import all_of, look
from slackwater.discover.api.records.time_field import time_fields
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros, iso, parse_iso
from sources import Answer, Feed, SourceServer

FIRST = parse_iso("2023-01-05T08:13:00Z")
COUNT = 40


def columns(other: str, made: str, ahead: int, *, at_once: bool = False) -> dict[str, list]:
    """Return fields of records that were made about every fortnight, or all `at_once`; `ahead` in µs."""
    moments = [FIRST + n * 14 * DAY + (n * 37 % 60) * MINUTE for n in range(COUNT)]
    kept = [FIRST] * (COUNT // 2) + [FIRST + HOUR] * (COUNT // 2) if at_once else moments
    return {
        made: [from_micros(each).isoformat() for each in kept],
        other: [from_micros(each + ahead).isoformat() for each in moments],
        "amount": [100.5 + n * 7 % 31 for n in range(COUNT)],
    }


@pytest.mark.parametrize(
    ("other", "made"), [("due_date", "created_at"), ("delivery_on", "inserted"), ("check_in", "importedAt")]
)
def test_a_plan_is_no_time_without_a_question(other: str, made: str) -> None:
    with pytest.raises(Question) as asked:
        time_fields(columns(other, made, 12 * DAY), {}, None, [])
    assert set(asked.value.choices) == {other, made}


@pytest.mark.parametrize("ahead", [-3 * DAY, -HOUR, 5 * HOUR])
def test_what_was_seen_before_it_was_stored_needs_none(ahead: int) -> None:
    """Hours ahead may be those of a local clock."""
    assert time_fields(columns("measured_on", "created_at", ahead), {}, None, [])[0] == ("measured_on",)


def test_a_forecast_is_made_all_at_once() -> None:
    assert time_fields(columns("valid_on", "updated_at", 3 * DAY, at_once=True), {}, None, [])[0] == ("valid_on",)


async def test_a_time_that_only_records_with_values_have_is_theirs():
    times = [parse_iso("2026-01-01") + n * HOUR for n in range(200)]
    feed = Feed((time, n * 0.25) for n, time in enumerate(times) if n % 5 < 2)
    held = feed.points()["value"]
    rows = [
        {"published": iso(time + 3 * HOUR), "measured_at": iso(time) if time in held else None, "level": held.get(time)}
        for time in times
    ]
    with SourceServer() as server:
        found = await look(server.route("/x", Answer(rows)))
        assert (await all_of(found, feed)).points == {"level": held}
