from itertools import pairwise

import pytest

from slackwater.model.instants import DAY, HOUR, MINUTE, iso, parse_iso
from slackwater.model.schedule import parse_schedule


@pytest.mark.parametrize(
    ("text", "moment", "polls"),
    [
        ("6h", "2026-01-01T01:30:00Z", ["2026-01-01T07:30:00Z", "2026-01-01T13:30:00Z"]),
        ("P1D", "2026-01-01T01:30:00Z", ["2026-01-02T01:30:00Z"]),
        ("Semanal", "2026-01-01T00:00:00Z", ["2026-01-08T00:00:00Z"]),
        ("*/15 * * * *", "2026-01-01T00:15:00Z", ["2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z"]),
        ("0 11 * * 1-5", "2026-01-02T11:00:00.000001Z", ["2026-01-05T11:00:00Z", "2026-01-06T11:00:00Z"]),
        ("0 11 * * mon-fri Europe/Lisbon", "2026-07-03T09:59:59Z", ["2026-07-03T10:00:00Z", "2026-07-06T10:00:00Z"]),
        ("0 11 * * * Europe/Lisbon", "2026-01-03T12:00:00Z", ["2026-01-04T11:00:00Z"]),
        ("0 11 * * * +05:30", "2026-01-03T12:00:00Z", ["2026-01-04T05:30:00Z"]),
        ("0 8 L * *", "2026-01-03T12:00:00Z", ["2026-01-31T08:00:00Z", "2026-02-28T08:00:00Z"]),
        # Half past two is not there on the day on which clocks go forward, and comes twice on the other.
        ("30 2 * * * Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        ("30 2 * * * Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
    ],
)
def test_the_next_polls(text, moment, polls):
    schedule, at = parse_schedule(text), parse_iso(moment)
    for poll in polls:
        at = schedule.after(at)
        assert iso(at) == poll


@pytest.mark.parametrize(
    ("text", "pause"),
    [("6h", 6 * HOUR), ("0 11 * * 1-5", 3 * DAY), ("*/15 * * * *", 15 * MINUTE), ("0 0 1 * *", 31 * DAY)],
)
def test_the_longest_pause(text, pause):
    assert parse_schedule(text).longest_pause(parse_iso("2026-01-01")) == pause


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("now and then", r"is no schedule; give a period .* 0 11 \* \* 1-5 Europe/Lisbon"),
        ("0 11 * *", "is no schedule"),
        ("0 25 * * *", "is no cron expression .bad hour.; its fields are minute, hour"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("0 0 * * 1#6", "bad day-of-week"),
        ("0 11 * * 1-5 Lisbon", "'Lisbon' is not an IANA time zone such as Europe/Lisbon"),
        ("0s", "is no schedule"),
        ("", "is no schedule"),
    ],
)
def test_what_is_none_is_refused_with_a_way_out(text, said):
    with pytest.raises(ValueError, match=said):
        parse_schedule(text)


def test_polls_never_stand_still():
    schedule, at = parse_schedule("* * * * * America/Sao_Paulo"), parse_iso("2026-02-01T12:00:30.5Z")
    polls = [at := schedule.after(at) for _ in range(100)]
    assert all(later - poll == MINUTE for poll, later in pairwise(polls))
