"""Pages by count, by parameters that no list knows: a small whole number in the URL is tried, whatever it is called."""

import pytest

from budget import some
from discovering import all_of, look
from slackwater.model.instants import DAY, HOUR, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default
START = parse_iso("2024-01-01")
ROWS = [{"at": iso(START + n * HOUR), "level": round(n * 0.7 % 50, 2)} for n in range(530)]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def whole(value, usual):
    return usual if value is None else int(value)


async def _all(found):
    feed = Feed((START + n * HOUR, 0) for n in range(530))
    [points] = (await all_of(found, feed)).points.values()
    return points


@pytest.mark.parametrize("strict", some([False, True], True))
@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize(
    ("name", "first", "is_offset"),
    [("seq", 1, False), ("blatt", 0, False), ("bunch", 1, False), ("von_satz", 0, True), ("drop", 0, True)],
)
async def test_a_number_of_the_url_is_tried_whatever_it_is_called(server, name, first, is_offset, newest, strict):
    rows = ROWS[::-1] if newest else ROWS

    def answer(request):
        if strict and (strange := sorted(set(request.query) - {name, "unit"})):
            return Answer({"error": f"unknown parameter {strange[0]}"}, 400)
        place = whole(request.query.get(name), first)
        begin = place if is_offset else (place - first) * 60
        return Answer({"data": rows[begin : begin + 60] if begin >= 0 else []})

    found = await look(f"{server.route('/x', answer)}?unit=m&{name}={first}")
    assert f'"{name}"' in found.code
    assert len(server.requests) <= REQUESTS
    assert len(await _all(found)) == 530


@pytest.mark.parametrize("count", ["itemCount", "recordCount", "rows_count", "total", "number_of_records"])
@pytest.mark.parametrize("so_far", [False, True])
async def test_a_count_of_the_page_is_no_total(server, count, so_far):
    def answer(request):
        page = whole(request.query.get("page"), 1)
        rows = ROWS[(page - 1) * 60 : page * 60]
        return Answer({count: (page - 1) * 60 * so_far + len(rows), "data": rows})

    assert len(await _all(await look(server.route("/x", answer)))) == 530


@pytest.mark.parametrize("name", ["sensor", "tank", "zone_no", "floor"])
async def test_a_number_that_names_something_is_no_page(server, name):
    """Another number, another station: at the same times."""

    def answer(request):
        which = whole(request.query.get(name), 1)
        return Answer({"data": [{**row, "level": row["level"] + 100 * which} for row in ROWS[:60]]})

    found = await look(f"{server.route('/x', answer)}?{name}=1")
    assert "pages=" not in found.code


async def test_the_page_that_the_answer_speaks_of(server):
    """`current_page` beside `next_page`, which is a number: the parameter is called like the first."""

    def answer(request):
        page = whole(request.query.get("current_page"), 1)
        more = page * 60 < len(ROWS)
        meta = {"current_page": page, "next_page": page + 1 if more else None, "total_count": len(ROWS)}
        return Answer({"readings": ROWS[(page - 1) * 60 : page * 60], "meta": meta})

    found = await look(server.route("/x", answer))
    assert '"current_page"' in found.code
    assert len(await _all(found)) == 530


async def test_an_offset_among_times_that_another_parameter_asks_for(server):
    """`from` counts records here; the source refuses what it does not know, and says it all."""

    def answer(request):
        if strange := sorted(set(request.query) - {"from", "size"}):
            return Answer({"reason": f"request contains unrecognized parameters: {strange}"}, 400)
        begin, size = whole(request.query.get("from"), 0), min(whole(request.query.get("size"), 10), 100)
        return Answer({"hits": ROWS[begin : begin + size]})

    found = await look(server.route("/x", answer))
    assert 'offset_param="from"' in found.code
    assert len(await _all(found)) == 530


async def test_pages_of_a_station_list_are_not_mixed_up(server):
    """Days of a month as a number in the URL: no page, though another number gives other records."""

    def answer(request):
        day = whole(request.query.get("day"), 3)
        held = [{"at": iso(START + day * DAY + n * HOUR), "level": n} for n in range(24)]
        return Answer({"data": held})

    found = await look(f"{server.route('/x', answer)}?day=3")
    assert "pages=" not in found.code
