"""Days with a list of their values."""

import pytest

from slackwater.formats.payload.shapes import Place

DAYS = Place("d.*", "steps", ("date", "PT1H", "prices"))


def times(step: str, day: str, count: int) -> list[str | None]:
    place = Place("days.*", "steps", ("date", step, "prices"))
    records = place.records({"days": [{"date": day, "prices": list(range(count))}]}) or []
    assert [record["prices"] for record in records] == list(range(count))
    return [record["time"] for record in records]


@pytest.mark.parametrize(
    ("step", "day", "count", "last"),
    [
        ("PT1H", "2026-05-01", 24, "2026-05-01T23:00"),
        ("PT30M", "2026-05-01", 48, "2026-05-01T23:30"),
        ("PT15M", "2026-05-01", 96, "2026-05-01T23:45"),
        ("PT1H", "2026-05-01", 14, "2026-05-01T13:00"),  # it is not over
        ("PT1H", "2026-10-25", 25, None),
        ("PT1H", "2026-03-29", 23, None),
        ("PT1H@Europe/Berlin", "2026-10-25", 25, "2026-10-25T22:00:00Z"),
        ("PT1H@Europe/Berlin", "2026-03-29", 23, "2026-03-29T21:00:00Z"),
        ("PT15M@Europe/Berlin", "2026-10-25", 100, "2026-10-25T22:45:00Z"),
        ("PT1H@Europe/Berlin", "2026-10-25", 24, None),  # which hour is missing, nobody says
        ("PT1H@Europe/Berlin", "2026-03-29", 24, None),
        ("PT1H@Europe/Berlin", "2026-05-01", 24, "2026-05-01T21:00:00Z"),
    ],
)
def test_the_last_value_of_a_day(step, day, count, last):
    assert times(step, day, count)[-1] == last


def test_a_short_day_that_others_follow_has_no_times():
    days = [{"date": f"2026-05-0{n}", "prices": list(range(count))} for n, count in ((3, 14), (2, 20), (1, 24))]
    for place, body in ((Place("d", "steps", ("date", "PT1H", "prices")), days), (DAYS, days[::-1])):
        records = place.records({"d": body}) or []
        read = {day["date"]: [r["time"] for r in records if r["date"] == day["date"]] for day in days}
        assert read["2026-05-02"] == [None] * 20
        assert read["2026-05-03"][-1] == "2026-05-03T13:00"
        assert read["2026-05-01"][-1] == "2026-05-01T23:00"
