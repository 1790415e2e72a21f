"""A year and a month in the user's URL."""

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, from_micros, iso, parse_iso
from sources import Answer, Feed, SourceServer

POINTS = Feed((parse_iso("2025-01-01") + n * DAY, round(n * 0.7 % 50, 2)) for n in range(600)).points()["value"]
HOURS = [(parse_iso("2026-06-01") + n * HOUR, round(n * 0.7 % 50, 2)) for n in range(720)]
RANGE = {"from": "1900-01-01", "to": "2100-01-01"}


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
        ("datum=03.03.2026", ["%d.%m.%Y"]),
        ("data=03/03/2026", ["%d/%m/%Y"]),
        ("at=2026-03-03T00:00:00Z", ["%Y-%m-%dT00:00:00Z"]),
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


async def test_several_parts_of_the_time_are_told_by_the_list_of_them():
    def answer(request):
        asked = request.query.get("period", "").split(",")
        days = [day for day in POINTS if f"{from_micros(day):%Y%m}" in asked]
        return Answer({"count": len(days), "data": [{"date": iso(day)[:10], "level": POINTS[day]} for day in days]})

    with SourceServer() as server:
        url = server.route("/x", answer)
        with pytest.raises(Question, match="by `period`") as raised:
            await look(f"{url}?period=202601,202602,202603")
        assert (await look(f"{url}?period=202601,202602,202603", **raised.value.alternatives[0])).code


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


@pytest.mark.parametrize("value", ["2026", "2025/26", "2025-2026"])
async def test_a_year_that_begins_in_october_is_pinned(value):
    def name_of(day):
        ends = from_micros(day).year + (from_micros(day).month >= 10)
        return {4: f"{ends}", 7: f"{ends - 1}/{ends % 100}", 9: f"{ends - 1}-{ends}"}[len(value)]

    def answer(request):
        days = [day for day in POINTS if name_of(day) == request.query.get("season", value)]
        return Answer([{"date": f"{from_micros(day):%Y-%m-%d}", "level": POINTS[day]} for day in days])

    with SourceServer() as server, pytest.raises(Question, match="by `season`"):
        await look(f"{server.route('/x', answer)}?season={value}")


@pytest.mark.parametrize("query", ["page=1", "page=2026-06-30"])
async def test_pages_of_a_day_each_are_no_days(query):
    def answer(request):
        page = request.query["page"]
        first = HOURS[0][0] + (int(page) - 1) * DAY if page.isdecimal() else parse_iso(page)
        rows = [{"time": iso(at), "level": value} for at, value in HOURS if first <= at < first + DAY]
        older = f"?page={iso(first - DAY)[:10]}" if first > HOURS[0][0] else None
        return Answer({"items": rows, **({} if page.isdecimal() else {"next": older})})

    with SourceServer() as server:
        found = await look(f"{server.route('/x', answer)}?{query}")
        assert (await all_of(found, Feed(HOURS))).points == {"level": dict(HOURS)}


@pytest.mark.parametrize("within", [True, False])
async def test_a_range_within_a_pinned_year_hides_the_others(within):
    def answer(request):
        begin, end = (parse_iso(request.query.get(name, default)) for name, default in RANGE.items())
        held = [(at, value) for at, value in POINTS.items() if begin <= at <= end]
        pinned = within or "from" not in request.query
        held = [each for each in held if not pinned or str(from_micros(each[0]).year) == request.query.get("year")]
        return Answer([{"time": iso(at), "level": value} for at, value in held])

    with SourceServer() as server:
        url = f"{server.route('/x', answer)}?year=2026"
        if within:
            with pytest.raises(Question, match="by `year`"):
                await look(url)
        else:
            assert (await all_of(await look(url), Feed(POINTS.items()))).points == {"level": POINTS}


async def test_a_year_by_which_a_file_is_called_is_pinned():
    def answer(request):
        found = rows(request.path.rpartition("/")[2].removesuffix(".json"), None)
        return Answer(found) if found else Answer({}, 404)

    with SourceServer() as server, pytest.raises(Question, match="selects a part of the time by"):
        await look(server.route("/levels/*", answer).removesuffix("*") + "2026.json")
