"""Which of several records of one time is the latest."""

import pytest

from runs import Recorder
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR, iso, parse_iso
from slackwater.runtime.api.pagination import Offset
from slackwater.runtime.api.revisions import Revisions, rank_of
from slackwater.runtime.api.wrapper import ApiWrapper
from sources import Answer, SourceServer, client

AT = parse_iso("2026-02-03")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (9, "10"),
        (None, 1),
        (None, "2024-05-01T10:00:00Z"),  # it was never revised
        ("", "2024-05-01"),
        ("NaN", 0),
        ("2024-10-27T02:40:00+02:00", "2024-10-27T02:10:00+01:00"),
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00.250Z"),
    ],
)
def test_the_later_of_two_is_kept_in_either_order(earlier, later):
    assert rank_of(earlier) < rank_of(later)
    rows = [{"at": 1, "rev": earlier}, {"at": 1, "rev": later}]
    assert Revisions("rev", lambda records: [row["at"] for row in records]).take(rows) == rows[1:]
    assert Revisions("rev", lambda records: [row["at"] for row in records]).take(rows[::-1]) == rows[1:]


async def test_a_reading_that_goes_on_sees_the_revisions_of_the_pages_before():
    revised = [{"time": iso(AT + n * HOUR), "level": 2.0, "revision": 2} for n in range(10)]
    first = [{"time": iso(AT + n * HOUR), "level": 1.0, "revision": 1} for n in range(20)]
    rows = revised + first

    def answer(request):
        begin = int(request.query.get("offset", 0))
        return Answer(rows[begin : begin + 10])

    with SourceServer() as server:
        url = server.route("/x", answer)
        source = ApiWrapper(url=url, time="time", value="level", revision="revision", pages=Offset(limit=10))
        run = Recorder(source_type="API", http=client())
        async with run.http:
            window = Interval(AT, AT + DAY)
            pages = source.pages(window, None, run)
            token = (await anext(pages)).token
            await pages.aclose()
            again = [page async for page in source.pages(window, token, run)]
    read = {time: value for page in again for time, value in zip(*page.columns.get("level", ([], [])), strict=True)}
    assert [value for _, value in sorted(read.items())] == [2.0] * 10 + [1.0] * 10
