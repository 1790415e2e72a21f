"""A year and a month in the user's URL."""

import pytest

from discovering import look
from slackwater.errors import Question
from slackwater.model.instants import DAY, from_micros, parse_iso
from sources import Answer, Feed, SourceServer

POINTS = Feed((parse_iso("2025-01-01") + n * DAY, round(n * 0.7 % 50, 2)) for n in range(600)).points()["value"]


def rows(year: str | None, month: str | None) -> list[dict[str, object]]:
    held = [(from_micros(time), value) for time, value in POINTS.items()]
    some = [each for each in held if year in (None, str(each[0].year)) and month in (None, str(each[0].month))]
    return [{"date": f"{day:%Y-%m-%d}", "level": value} for day, value in some]


async def test_a_month_that_the_url_pins_is_a_question():
    with SourceServer() as server:
        url = server.route("/x", lambda asked: Answer(rows(asked.query.get("year"), asked.query.get("month"))))
        with pytest.raises(Question, match="selects a part of the time by `year` and `month`") as raised:
            await look(f"{url}?year=2026&month=3")
        assert (await look(f"{url}?year=2026&month=3", **raised.value.alternatives[0])).code


async def test_a_year_that_makes_no_difference_is_none():
    with SourceServer() as server:
        url = server.route("/x", lambda _: Answer(rows("2026", None)))
        assert (await look(f"{url}?year=2026")).code


async def test_a_year_of_local_clocks_is_pinned():
    def answer(request):
        days = [day for day in POINTS if request.query.get("year") in (None, f"{from_micros(day).year}")]
        return Answer([{"time": f"{from_micros(day):%Y-%m-%dT%H:%M}:00+01:00", "level": POINTS[day]} for day in days])

    with SourceServer() as server, pytest.raises(Question, match="by `year`"):
        await look(f"{server.route('/x', answer)}?year=2026")
