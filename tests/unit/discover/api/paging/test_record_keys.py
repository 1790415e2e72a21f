"""Pages by the key of a record, of sources whose answers say nothing of further ones."""

import pytest

from discovering import all_of, look
from slackwater.errors import Question
from slackwater.model.instants import HOUR, iso, parse_iso
from sources import Answer, Feed, SourceServer

START = parse_iso("2026-02-03")
FEED = Feed((START + n * HOUR, round(n * 0.7 % 50, 2)) for n in range(437))
ROWS = [(n + 5_000, time, value) for n, (time, value) in enumerate(FEED.points()["value"].items())]


def by_key(name: str, key: str, *, newest_first: bool, size: int | None):
    """A source that gives its newest before a key, or what follows one."""

    def answer(request):
        asked = int(request.query.get(name, 0))
        most = min(int(request.query.get("limit", 50)), 200) if size is None else size
        if name.startswith("before"):
            page = [row for row in ROWS if not asked or row[0] < asked][-most:]
        else:
            page = [row for row in ROWS if row[0] > asked][:most]
        rows = [{key: number, "time": iso(time), "level": value} for number, time, value in page]
        return Answer({"readings": rows[::-1] if newest_first else rows})

    return answer


@pytest.mark.parametrize(
    ("name", "key", "newest_first", "size", "declared"),
    [
        ("before", "id", True, 200, "of_last=True"),
        ("before", "id", False, 200, "of_first=True"),
        ("beforeId", "readingId", True, None, "of_last=True"),
        ("after", "id", False, None, "of_last=True"),
        ("since_id", "seq", False, 100, "of_last=True"),
    ],
)
async def test_the_key_of_a_record_leads_on(name, key, newest_first, size, declared):
    with SourceServer() as server:
        found = await look(server.route("/x", by_key(name, key, newest_first=newest_first, size=size)))
        assert f'Cursor("{name}", "{key}", {declared})' in found.code
        assert (await all_of(found, FEED)).points == {"level": FEED.points()["value"]}


@pytest.mark.parametrize("before", ["before_id", None])
@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_key_that_leads_to_newer_records_alone_is_no_way_back(before, newest_first):
    def answer(request):
        after, until = int(request.query.get("since_id", 0)), int(request.query.get(before or "", 9**9))
        page = [row for row in ROWS if after < row[0] < until]
        page = page[:100] if after and not newest_first else page[-100:]
        rows = [{"id": number, "time": iso(time), "level": value} for number, time, value in page]
        return Answer(rows[::-1] if newest_first else rows)

    with SourceServer() as server:
        url = server.route("/x", answer)
        if before is None:
            with pytest.raises(Question, match="older"):
                await look(url, now=max(FEED.points()["value"]))
        else:
            found = await look(url)
            assert 'Cursor("before_id"' in found.code
            assert (await all_of(found, FEED)).points == {"level": FEED.points()["value"]}
