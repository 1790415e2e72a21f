"""Next pages that a source names itself, under names in other styles, of last records, and on hosts out of reach."""

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import HOUR, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default
START = parse_iso("2024-01-01")
ROWS = [{"uuid": f"r{n:04}", "at": iso(START + n * HOUR), "level": round(n * 0.7 % 50, 2)} for n in range(230)]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


async def _all(found):
    feed = Feed((START + n * HOUR, 0) for n in range(230))
    [points] = (await all_of(found, feed)).points.values()
    return points


def by_token(param, place, *, strict):
    def answer(request):
        if strict and (strange := sorted(set(request.query) - {param})):
            return Answer({"message": f"Unexpected query parameter {strange[0]!r}"}, 400)
        begin = int(request.query.get(param, "t0").removeprefix("t"))
        more = f"t{begin + 25}" if begin + 25 < len(ROWS) else None
        return Answer({"items": ROWS[begin : begin + 25], place: more})

    return answer


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("param", "place"),
    [
        ("page-token", "next_page_token"),
        ("next-cursor", "next-cursor"),
        ("pageCursor", "nextPageCursor"),
        ("continuation-token", "continuation_token"),
        ("ContinuationToken", "NextContinuationToken"),
    ],
)
async def test_a_token_under_a_name_of_another_style(server, param, place, strict):
    found = await look(server.route("/x", by_token(param, place, strict=strict)))
    assert f'Cursor("{param}", "{place}"' in found.code
    assert len(server.requests) <= REQUESTS
    assert len(await _all(found)) == 230


def after_the_last(param):
    def answer(request):
        after = request.query.get(param)
        begin = next((n + 1 for n, row in enumerate(ROWS) if row["uuid"] == after), 0)
        return Answer({"entries": ROWS[begin : begin + 25], "has_more": begin + 25 < len(ROWS)})

    return answer


@pytest.mark.parametrize("param", ["start-after", "startAfter", "after_id"])
async def test_what_follows_the_last_record(server, param):
    found = await look(server.route("/x", after_the_last(param)))
    assert f'Cursor("{param}", "uuid", more="has_more", of_last=True)' in found.code
    assert len(await _all(found)) == 230


async def test_what_follows_the_last_record_by_a_parameter_that_is_given(server):
    url = server.route("/x", after_the_last("behind"))
    with pytest.raises(Question, match="has_more"):
        await look(url)
    found = await look(url, paging="cursor", page_param="behind")
    assert 'Cursor("behind", "uuid"' in found.code
    assert len(await _all(found)) == 230


async def test_a_link_to_a_host_that_only_the_source_reaches_is_passed_over(server):
    def answer(request):
        begin, size = int(request.query.get("$skip", 0)), int(request.query.get("$top", 25))
        rows = [{"@iot.id": n, "phenomenonTime": row["at"], "result": row["level"]} for n, row in enumerate(ROWS)]
        inner = {"@iot.nextLink": f"http://127.0.0.1:9/x?$skip={begin + size}"} if begin + size < len(rows) else {}
        return Answer({**inner, "value": rows[begin : begin + size]})

    found = await look(server.route("/x", answer).replace("127.0.0.1", "localhost"))
    assert 'offset_param="$skip"' in found.code
    assert len(await _all(found)) == 230


@pytest.mark.parametrize("way", ["link", "url", "token"])
async def test_a_last_page_that_names_a_next_one_which_is_empty(server, way):
    """Some sources name a next page until one is empty: all came, and no question is left."""

    def answer(request):
        behind = "cursor" in request.query
        body = {"items": [] if behind else ROWS[:40], "next_cursor": "c40" if way == "token" else None}
        body["next"] = "/x?cursor=c40" if way == "url" else None
        return Answer(body, headers={"Link": '</x?cursor=c40>; rel="next"'} if way == "link" else {})

    found = await look(server.route("/x", answer))
    assert {"link": "LinkHeader()", "url": 'NextUrl("next")', "token": 'Cursor("cursor", "next_cursor"'}[
        way
    ] in found.code
    assert len(await _all(found)) == 40


RELATIVE = ("Readings?$skip={}", "./Readings?$skip={}", "../v4/Readings?$skip={}", "//{host}/v4/Readings?$skip={}")


@pytest.mark.parametrize("form", RELATIVE)
async def test_a_next_url_may_be_relative_in_any_way(server, form):
    def answer(request):
        begin = int(request.query.get("$skip", 0))
        link = form.replace("{host}", request.headers["host"]).replace("{}", str(begin + 100))
        more = {"@odata.nextLink": link} if begin + 100 < len(ROWS) else {}
        return Answer({"@odata.context": "x", "value": ROWS[begin : begin + 100], **more})

    found = await look(server.route("/v4/Readings", answer))
    assert len(await _all(found)) == 230


async def test_a_next_url_may_be_the_end_of_a_query(server):
    def answer(request):
        page, size = int(request.query.get("part[nth]", 1)), int(request.query.get("part[of]", 50))
        if set(request.query) - {"part[nth]", "part[of]", "fields"} or request.query.get("fields") != "at,level":
            return Answer({"error": "Invalid query parameter"}, 400)
        more = page * size < len(ROWS)
        link = f"&part%5Bnth%5D={page + 1}&part%5Bof%5D={size}" if more else None
        return Answer({"data": ROWS[(page - 1) * size : page * size], "links": {"next": link}})

    found = await look(f"{server.route('/v1', answer)}?fields=at,level")
    assert len(await _all(found)) == 230


async def test_an_offset_that_is_no_number_is_a_token(server):
    def answer(request):
        begin = int(request.query.get("offset", "itr/rec0").removeprefix("itr/rec"))
        more = {"offset": f"itr/rec{begin + 100}"} if begin + 100 < len(ROWS) else {}
        return Answer({"records": ROWS[begin : begin + 100], **more})

    found = await look(server.route("/x", answer))
    assert 'Cursor("offset", "offset"' in found.code
    assert len(await _all(found)) == 230


async def test_a_token_in_a_header_goes_back_under_the_end_of_its_name(server):
    def answer(request):
        begin = int(request.query.get("NextRowKey", 0))
        more = {"x-ms-continuation-NextRowKey": str(begin + 100)} if begin + 100 < len(ROWS) else {}
        return Answer({"value": ROWS[begin : begin + 100]}, headers=more)

    found = await look(server.route("/x", answer))
    assert 'Cursor("NextRowKey", "header:x-ms-continuation-nextrowkey")' in found.code
    assert len(await _all(found)) == 230


async def test_a_header_of_its_own_may_hold_the_url_of_the_next_page(server):
    def answer(request):
        begin = int(request.query.get("_token", "0"), 16)
        to = f"http://{request.headers['host']}/buckets/b/records?_token={begin + 100:x}"
        more = {"Next-Page": to} if begin + 100 < len(ROWS) else {}
        return Answer({"data": ROWS[begin : begin + 100]}, headers={"Next-Retry": "/never", **more})

    found = await look(server.route("/buckets/b/records", answer))
    assert 'NextUrl("header:next-page")' in found.code
    assert len(await _all(found)) == 230


@pytest.mark.parametrize(("size", "says"), [(50, True), (50, False), (46, True)])  # 46: the last page is full
async def test_a_last_page_that_names_itself_as_the_next_one_is_the_last(server, size, says):
    last = -(-len(ROWS) // size)

    def answer(request):
        page = int(request.query.get("page", 1))
        around = {"current_page": page, "next_page": min(page + 1, last), **({"last_page": last} if says else {})}
        return Answer({"pagination": around, "data": ROWS[(page - 1) * size : page * size]})

    found = await look(f"{server.route('/x', answer)}?page=1")
    assert len(await _all(found)) == 230
