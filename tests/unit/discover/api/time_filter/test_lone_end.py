"""Sources that give the newest records before a moment, and take no start."""

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, SECOND, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2026-02-03")
FEED = Feed((START + n * HOUR, round(n * 0.7 % 50, 2)) for n in range(700))
FORMS = {
    "iso": (iso, parse_iso),
    "epoch_ms": (lambda time: time // 1000, lambda text: int(text) * 1000),
    "epoch_s": (lambda time: time // SECOND, lambda text: int(text) * SECOND),
}


@pytest.mark.parametrize(
    ("name", "form", "inclusive"),
    [("before", "iso", False), ("until", "iso", True), ("before", "epoch_ms", False), ("endTime", "epoch_s", True)],
)
async def test_an_end_alone_leads_back(name, form, inclusive):
    written, read = FORMS[form]

    def answer(request):
        try:
            end = read(request.query[name]) if name in request.query else None
        except ValueError:
            return Answer({"error": f"{name}: no valid time"}, 400)
        rows = [row for row in FEED.points()["value"].items() if end is None or row[0] < end + inclusive][-100:]
        return Answer({"data": [{"time": written(time), "level": value} for time, value in reversed(rows)]})

    with SourceServer() as server:
        found = await look(server.route("/x", answer))
        assert f'pages=Earlier("{name}"' in found.code
        assert (await all_of(found, FEED)).points == {"level": FEED.points()["value"]}


@pytest.mark.parametrize(("asked", "count"), [("limit=96", 96), ("limit=47", 48)])
async def test_a_size_in_the_url_that_is_honoured_counts_records(asked, count):
    name, given = asked.split("=")
    more = count - int(given)

    def answer(request):
        end = parse_iso(request.query.get("before", "2100-01-01"))
        size = min(int(request.query.get(name, 24)), 200) + more
        rows = [row for row in FEED.points()["value"].items() if row[0] < end][-size:]
        return Answer([{"time": iso(time), "level": value} for time, value in rows])

    with SourceServer() as server:
        found = await look(f"{server.route('/x', answer)}?{asked}")
        assert 'pages=Earlier("before"' in found.code
        assert (await all_of(found, FEED)).points == {"level": FEED.points()["value"]}


async def test_as_many_records_across_gaps_are_a_number_of_them():
    held = [(time, value) for n, (time, value) in enumerate(FEED.points()["value"].items()) if n % 5 and n // 40 % 3]

    def answer(request):
        end = parse_iso(request.query.get("before", "2100-01-01"))
        rows = [row for row in held if row[0] < end][-84:]
        return Answer([{"time": iso(time), "level": value} for time, value in rows])

    with SourceServer() as server:
        found = await look(server.route("/x", answer))
        assert (await all_of(found, Feed(held))).points == {"level": dict(held)}


@pytest.mark.parametrize(
    ("clamped", "lag", "hours"), [(False, 0, 72), (True, 0, 72), (True, 2, 72), (True, 5, 72), (True, 0, 36)]
)
async def test_an_end_that_gives_the_days_before_it_is_no_way_across_a_gap(clamped, lag, hours):
    times = [time for time in FEED.points()["value"] if not START + 9 * DAY < time < START + 22 * DAY]
    published = times[: len(times) - lag]

    def answer(request):
        end = parse_iso(request.query.get("before", "2026-03-04T04:00:00Z"))
        end = min(end, parse_iso("2026-03-04T04:00:00Z")) if clamped else end
        return Answer(
            [{"time": iso(time), "level": time // HOUR % 71} for time in published if end - hours * HOUR <= time < end]
        )

    with SourceServer() as server, pytest.raises(Question):
        await look(server.route("/x", answer))
