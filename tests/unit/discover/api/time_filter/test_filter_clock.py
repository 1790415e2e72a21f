"""A filter by the time of the last change, where the time of creation is read, is told from one by that itself."""

import pytest

from discovering import all_of, look
from slackwater.model.instants import HOUR, MINUTE, SECOND, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2024-03-01")
MADE = {START + n * 5 * HOUR: float(n % 41) for n in range(600)}


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def changed(made):
    """Some minutes later, up to nine hours."""
    return made + (made // HOUR % 60) * 9 * MINUTE + MINUTE


def survey(pair, clock):
    def answer(request):
        low, high = (request.query.get(name) for name in pair)
        if any(each is not None and not each.isdecimal() for each in (low, high)):
            return Answer({"error": "a time is the seconds since 1970"}, 400)
        edges = (int(low or 0) * SECOND, int(high or 10**10) * SECOND)
        held = [each for each in sorted(MADE.items()) if edges[0] <= clock(each[0]) <= edges[1]]
        rows = [
            {"created_at": time // SECOND, "updated_at": changed(time) // SECOND, "score": value}
            for time, value in held
        ]
        page, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 20)), 100)
        return Answer(rows[(page - 1) * size : page * size])

    return answer


async def test_a_filter_by_the_last_change_is_not_used_for_the_creation(server):
    url = server.route("/x", survey(("changed_since", "changed_until"), changed))
    found = await look(url, date_field="created_at", value_field="score")
    assert "window=" not in found.code
    assert list((await all_of(found, Feed(MADE.items()))).points.values()) == [MADE]


async def test_a_filter_by_the_time_that_is_read_is_used_beside_another_time(server):
    url = server.route("/x", survey(("since", "until"), lambda time: time))
    found = await look(url, date_field="created_at", value_field="score")
    assert 'TimeFilter("since", "until", form="epoch_s"' in found.code
    assert list((await all_of(found, Feed(MADE.items()))).points.values()) == [MADE]


async def test_a_filter_by_the_last_change_is_used_where_that_is_read(server):
    url = server.route("/x", survey(("changed_since", "changed_until"), changed))
    found = await look(url, date_field="updated_at", value_field="score")
    assert 'TimeFilter("changed_since", "changed_until", form="epoch_s"' in found.code
    assert iso(found.seen.start)[:4] == "2024"
