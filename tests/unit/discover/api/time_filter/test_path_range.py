"""Times in the path of the user's URL: a range is varied, a part of the time is asked about."""

from datetime import datetime

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2026-06-01")
DAYS = {START + n * DAY: round(n * 0.7 % 50, 2) for n in range(160)}
HOURS = {START + n * HOUR: round(n * 0.7 % 50, 2) for n in range(24 * 120)}


def within(points, first, last, form="%Y-%m-%d"):
    """Rows of a range, its last day included."""
    low, high = (datetime.strptime(each, form) for each in (first, last))
    return [
        {"at": iso(time), "level": value}
        for time, value in points.items()
        if low <= from_micros(time).replace(tzinfo=None) < high + (datetime(2000, 1, 2) - datetime(2000, 1, 1))
    ]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/obs/{}/{}/all", "%Y-%m-%d"),
        ("/site/from={}/to={}/json", "%Y-%m-%d"),
        ("/serie/1/100/{}/{}/kr", "%Y%m%d"),
        ("/obs/{}--{}", "%Y-%m-%d"),
        ("/obs/{}/{}", "%d-%m-%Y"),
    ],
)
@pytest.mark.parametrize("points", [DAYS, HOURS], ids=["days", "hours"])
async def test_a_range_in_the_path_is_varied(path, form, points):
    def answer(request):
        parts = request.path.replace("--", "/").replace("from=", "").replace("to=", "").split("/")
        first, last = (part for part in parts if len(part) >= len("20260101"))
        return Answer(within(points, first, last, form))

    with SourceServer() as server:
        base = server.route("/" + path.split("/")[1] + "*", answer)
        url = base.rpartition("/")[0] + path.format(*(datetime(2026, 9, n).strftime(form) for n in (1, 20)))
        found = await look(url, now=max(points) + HOUR)
        run = await all_of(found, Feed(points.items()))
    assert run.points == {"level": points}


async def test_a_part_of_the_time_in_the_path_is_a_question_with_the_way_to_keep_to_it():
    def answer(request):
        day = "-".join(request.path.split("/")[3:6])
        return Answer(within(HOURS, day, day))

    with SourceServer() as server:
        url = server.route("/counts/7*", answer).removesuffix("*") + "/2026/09/18"
        with pytest.raises(Question, match="selects a part of the time by `/2026/09/18`") as raised:
            await look(url)
        assert (await look(url, **raised.value.alternatives[0])).code


async def test_numbers_in_a_path_that_are_no_times_of_the_sample_stay():
    def answer(request):
        known = request.path == "/api/2024-01-01/2025-01-01/x"
        return Answer(within(HOURS, "2026-06-01", "2026-06-30")) if known else Answer({"error": "no such release"}, 400)

    with SourceServer() as server:
        url = server.route("/api*", answer).removesuffix("*") + "/2024-01-01/2025-01-01/x"
        assert "TimeFilter" not in (await look(url, now=max(HOURS) + 90 * DAY)).code


@pytest.mark.parametrize(
    "path", ["/runs/1234567890/of/1800000000/data", "/data/levels_2025_2027.json", "/a/2025/b/2030/c"]
)
async def test_names_in_a_path_that_look_like_a_range_stay_if_nothing_is_beside_them(path):
    with SourceServer() as server:
        url = server.route(path, Answer(within(DAYS, "2026-06-01", "2026-10-30")))
        assert "TimeFilter" not in (await look(url, now=max(DAYS) + DAY)).code


async def test_a_year_in_a_path_that_selects_no_time_is_no_range():
    def answer(request):
        base = request.path.split("/")[2]
        if not base.isdecimal():
            return Answer({}, 404)
        rows = within(DAYS, "2026-06-01", "2026-10-30")
        return Answer([{**row, "level": round(row["level"] * (int(base) - 2000), 2)} for row in rows])

    with SourceServer() as server:
        url = server.route("/base*", answer).removesuffix("*")
        assert "TimeFilter" not in (await look(f"{url}/2025/target/2030", now=max(DAYS) + DAY)).code


async def test_two_ids_that_look_like_months_are_no_range():
    rows = [{"at": iso(START + n * 7 * MINUTE), "level": round(n * 0.7 % 50, 2)} for n in range(333)]

    def answer(request):
        known = (request.query.get("from"), request.query.get("to")) == ("202001", "202002")
        return Answer(rows) if known else Answer({"error": "no such link"}, 404)

    with SourceServer() as server:
        assert (await look(server.route("/flows", answer) + "?from=202001&to=202002")).code


@pytest.mark.parametrize(("hours", "told"), [(24, True), (168, True), (27, False), (144, False)])
async def test_a_default_span_up_to_now_without_a_filter_is_told(hours, told):
    now = START + 400 * HOUR + 7 * MINUTE
    rows = [{"at": iso(START + n * HOUR), "level": n * 7 % 31 * 0.5} for n in range(401 - hours, 401)]
    with SourceServer() as server:
        found = await look(server.route("/x", Answer(rows)), now=now, paging="none")
    assert any(f"of just the last {hours // 24} days" in note for note in found.notes) == told
