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


@pytest.mark.parametrize(
    ("query", "forms"),
    [
        ("month=2026-03", ["%Y-%m"]),
        ("ym=202603", ["%Y%m"]),
        ("period=2026", ["%Y"]),
        ("m=01&y=2026", ["%m", "%Y"]),
        ("m=12&y=2025", ["%m", "%Y"]),  # there is no December before
        ("week=2026-W10", ["%G-W%V"]),
    ],
)
async def test_it_is_told_by_the_times_whatever_it_is_called(query, forms):
    names = [each.partition("=")[0] for each in query.split("&")]

    def answer(request):
        pinned = [(form, request.query[name]) for name, form in zip(names, forms, strict=True) if name in request.query]
        days = [day for day in POINTS if all(from_micros(day).strftime(form) == text for form, text in pinned)]
        return Answer([{"date": f"{from_micros(day):%Y-%m-%d}", "level": POINTS[day]} for day in days])

    with SourceServer() as server, pytest.raises(Question, match=f"by `{names[0]}`"):
        await look(f"{server.route('/x', answer)}?{query}")


async def test_today_is_a_part_of_the_time():
    now = max(POINTS) + DAY // 2
    today = [{"time": f"{from_micros(now - n * DAY // 96):%Y-%m-%dT%H:%M:%SZ}", "level": n % 7} for n in range(40)]

    def answer(request):
        return Answer(today) if "date" in request.query else Answer({"error": "date is required"}, 400)

    with SourceServer() as server:
        url = server.route("/x", answer)
        with pytest.raises(Question, match="asks for today alone by `date`") as raised:
            await look(f"{url}?date=today", now=now)
        assert (await look(f"{url}?date=today", now=now, **raised.value.alternatives[0])).code
        assert (await look(f"{url}?date=today", now=now + 9 * DAY)).code  # whatever that word is, today it is not


async def test_a_number_that_selects_something_else_is_no_part_of_the_time():
    def answer(request):
        shift = int(request.query.get("station", 3))
        return Answer([{"date": row["date"], "level": shift + n} for n, row in enumerate(rows("2026", "3"))])

    with SourceServer() as server:
        assert (await look(f"{server.route('/x', answer)}?station=3")).code


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
