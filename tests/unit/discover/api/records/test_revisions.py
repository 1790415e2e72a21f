"""Records that replace earlier ones of the same time."""

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, SECOND, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2026-02-03")
FEED = Feed((START + n * HOUR, round(n * 0.7 % 50, 2)) for n in range(300))
POINTS = FEED.points()["value"]
FIELDS = {
    "revision": lambda time, number: number,
    "revisionNumber": lambda time, number: str(number),
    "published_at": lambda time, number: iso(time + (HOUR if number == 1 else 30 * DAY)),
}


def rows_of(field: str, every: int) -> list[dict]:
    """The first values of all, then the true ones of every seventh or so."""
    written = FIELDS[field]
    first = [(time, value + 0.3 if n % every == 0 else value, 1) for n, (time, value) in enumerate(POINTS.items())]
    again = [(time, value, 2) for n, (time, value) in enumerate(POINTS.items()) if n % every == 0]
    return [{"time": iso(time), "level": value, field: written(time, number)} for time, value, number in first + again]


ORDERS = {
    "as published": lambda rows: rows,
    "newest first": lambda rows: rows[::-1],
    "by time": lambda rows: sorted(rows, key=lambda row: row["time"]),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("field", FIELDS)
async def test_the_latest_revision_is_stored(field, order):
    rows = ORDERS[order](rows_of(field, 7))

    def answer(request):
        begin = int(request.query.get("offset", 0))
        return Answer({"items": rows[begin : begin + 100]})

    with SourceServer() as server:
        found = await look(server.route("/x", answer))
        assert f'revision="{field}"' in found.code
        assert (await all_of(found, FEED)).points == {"level": POINTS}


async def test_a_revision_that_changes_some_values_replaces_no_others():
    rows = [{"time": iso(time), "level": value, "flow": value + 3, "revision": 1} for time, value in POINTS.items()]
    rows += [{**row, "level": row["level"] + 1, "flow": None, "revision": 2} for row in rows[::9]]
    with SourceServer() as server:
        url = server.route("/x", Answer({"items": rows}))
        with pytest.raises(Question, match="Several records have the same `time`"):
            await look(url)


@pytest.mark.parametrize("gap", [None, 11])
async def test_two_publications_of_nearly_every_time_may_be_two_sensors(gap):
    rows = rows_of("published_at", 1)
    rows = [row for n, row in enumerate(rows) if gap is None or n % gap]
    with SourceServer() as server:
        url = server.route("/x", Answer({"items": rows}))
        with pytest.raises(Question, match="Several records have the same `time`"):
            await look(url)


async def test_what_is_not_known_yet_may_be_a_zero():
    rows = [
        {"time": iso(time), "level": level, "updated_at": iso(time + hours * HOUR)}
        for n, (time, value) in enumerate(POINTS.items())
        for level, hours in ([(0.0, 1), (value, 5)] if n % 9 == 0 else [(value, 5)])
    ]
    with SourceServer() as server:
        found = await look(server.route("/x", Answer({"items": rows})), paging="none")
        assert (await all_of(found, FEED)).points == {"level": POINTS}


async def test_what_was_changed_one_by_one_and_differs_as_other_days_do_is_no_revision():
    rows = [
        {"date": iso(START + day * DAY)[:10], "amount": (day * 37 + k * 53) % 89 + 0.5, "updated_at": iso(at)}
        for day in range(90)
        for k in range((day * 7) % 4)
        for at in [START + day * DAY + (k * 5 + day % 5) * HOUR]
    ]
    with SourceServer() as server:
        url = server.route("/x", Answer({"items": rows}))
        with pytest.raises(Question, match="Several records have the same `date`") as asked:
            await look(url)
    assert not asked.value.alternatives


@pytest.mark.parametrize("unit", [1, 1000])  # s, ms
async def test_times_of_publication_that_are_numbers_are_as_far_apart_as_they_say(unit):
    rows = [
        {"published_at": (parse_iso(row["time"]) + 3 * HOUR * row.pop("revision")) * unit // SECOND, **row}
        for row in rows_of("revision", 7)
    ]
    with SourceServer() as server:
        found = await look(server.route("/x", Answer(rows)))
        run = await all_of(found, FEED)
    assert run.points["level"] == POINTS


@pytest.mark.parametrize("unit", [None, 1, 1000])  # ISO, seconds, ms
async def test_trades_of_one_second_that_were_written_together_are_no_revisions(unit):
    def modified(n):
        at = START + n // 3 * 2 * SECOND + (1 + n % 3) * SECOND
        return iso(at) if unit is None else at * unit // SECOND

    rows = [
        {"time": iso(START + n // 3 * 2 * SECOND + n % 3 // 2 * SECOND), "price": 70.1 + n / 8, "modified": modified(n)}
        for n in range(120)
    ]
    with SourceServer() as server:
        url = server.route("/x", Answer(rows))
        with pytest.raises(Question, match="Several records have the same `time`"):
            await look(url)
