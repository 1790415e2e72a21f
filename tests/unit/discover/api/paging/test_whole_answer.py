"""A source read whole that cuts its answer at a limit: found out by a larger one, asked about, never silently short."""

import pytest

from budget import some
from discovering import all_of, look
from slackwater.discover.api.paging.whole_answer import is_usual_limit
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR, WEEK, iso, parse_iso
from sources import Answer, Feed, SourceServer

NOON = parse_iso("2026-11-20T12:00:00Z")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def cut(feed, usual, *, newest_first=False, largest=None):
    """The first of a source's records, as many as its limit; with `largest` it takes `limit` up to that."""

    def answer(request):
        rows = [{"at": iso(time), "level": value} for time, value in feed.points()["value"].items()]
        rows = rows[::-1] if newest_first else rows
        asked = int(request.query.get("limit", usual)) if largest else usual
        return Answer(rows[: min(asked, largest or usual)])

    return answer


@pytest.mark.parametrize("usual", [100, 500])
async def test_the_oldest_records_alone_are_a_question(server, usual):
    url = server.route("/levels", cut(Feed.regular("2023-01-01", DAY, 900), usual))
    with pytest.raises(Question, match=f"Just {usual} records came, the last of them of 202") as asked:
        await look(url)
    assert asked.value.alternatives == [{"paging": "none"}]
    assert "pages=" not in (await look(url, paging="none")).code


@pytest.mark.parametrize(
    ("feed", "newest_first"),
    [
        (Feed.regular("2023-01-01", DAY, 900), True),  # the newest come
        (Feed.regular("2023-01-01", DAY, 97), False),  # no limit is 97
        (Feed.regular("2026-11-15T21:00:00Z", HOUR, 100), False),  # the last is of some days ago
    ],
)
async def test_what_is_no_oldest_part_is_not_asked_about(server, feed, newest_first):
    assert (await look(server.route("/levels", cut(feed, 100, newest_first=newest_first)))).code


@pytest.mark.parametrize(("count", "path"), [(50, "/levels"), (200, "/levels"), (25, "/levels/7")])
async def test_so_many_of_the_newest_as_people_choose_are_a_question(server, count, path):
    feed = Feed.regular("2026-10-01T00:00:00Z", HOUR, 1213)  # until noon of the day it is
    url = server.route(path, cut(feed, count, newest_first=True))
    with pytest.raises(Question, match=f"Just {count} records came.*what is older is missing"):
        await look(url)
    assert (await look(url, paging="none")).code


@pytest.mark.parametrize("newest_first", some([True, False], False))
@pytest.mark.parametrize(("count", "gauges"), [(1_000, 1), (1_000, 4), (1_000, 3), (500, 5), (100, 2)])
async def test_a_living_feed_cut_at_a_limit_is_a_question(server, count, gauges, newest_first):
    names = [f"gauge {n}" for n in range(gauges)]
    feed = Feed.regular("2026-08-01T00:00:00Z", HOUR, 2677, series=names)  # until noon of the day it is
    rows = [
        {"at": iso(time), "gauge": name, "level": feed.value((time, name))}
        for time in sorted(feed.points()[names[0]], reverse=True)
        for name in names
    ][:count]
    body = rows if newest_first else rows[::-1]
    with pytest.raises(Question, match=f"Just {count:,} records came.*what is older is missing"):
        await look(server.route("/levels", lambda _: Answer(body)))


async def test_older_records_that_come_by_the_way_are_a_question(server):
    """The newest 60 before a moment come, if any start is requested: it is no time range, and 60 are not all."""
    feed = Feed.regular("2026-11-01T00:00:00Z", HOUR, 468)

    def answer(request):
        before = request.query.get("before", "9") if "after" in request.query else "9"
        held = [(iso(time), value) for time, value in feed.points()["value"].items() if iso(time) < before]
        return Answer({"items": [{"created": time, "v": value} for time, value in held[::-1][:60]]})

    url = server.route("/history", answer)
    with pytest.raises(
        Question, match=r"60 records came.*and older ones, of 2026-11-\d\dT.*when names of time filters"
    ):
        await look(url)
    assert "window=" not in (await look(url, paging="none")).code


async def test_as_many_records_as_the_answer_calls_its_limit_are_a_question(server):
    rows = [{"at": iso(NOON - HOUR * n), "level": n / 7} for n in range(144)]
    with pytest.raises(Question, match=r"The source says `meta\.limit`: 144, but 144 records came"):
        await look(server.route("/levels", lambda _: Answer({"objects": rows, "meta": {"limit": 144}})))
    assert (await look(server.route("/all", lambda _: Answer({"objects": rows, "meta": {"limit": 500}})))).code


async def test_equal_series_that_make_a_round_number_may_be_all(server):
    names = ["a", "b", "c", "d"]
    feed = Feed.regular("2026-11-18T10:00:00Z", HOUR, 50, series=names)  # 200 records
    rows = [
        {"at": iso(time), "gauge": name, "level": value}
        for name, line in feed.points().items()
        for time, value in line.items()
    ]
    assert (await look(server.route("/levels", lambda _: Answer(rows)))).code


async def test_a_recent_end_of_the_oldest_few_is_a_question(server):
    with pytest.raises(Question, match=r"Just 25 records came.*what is newer is missing"):
        await look(server.route("/levels", cut(Feed.regular("2026-11-01T00:00:00Z", HOUR, 400), 25)))


@pytest.mark.parametrize(
    ("feed", "path"),
    [
        (Feed.regular("2026-10-01T00:00:00Z", HOUR, 1213), "/levels/last/50"),  # the URL asks for so many
        (Feed.regular("2024-01-01", DAY, 50), "/levels"),  # ended long ago
        (Feed.regular("1976-11-20", 365 * DAY + DAY // 4, 51), "/levels"),  # a table of years
    ],
)
async def test_few_records_that_may_be_all_are_not_asked_about(server, feed, path):
    assert (await look(server.route(path, cut(feed, 50)))).code


async def test_a_limit_that_takes_more_is_raised_until_all_have_come(server):
    feed = Feed.regular("2015-01-01", DAY, 3_000)
    found = await look(server.route("/levels", cut(feed, 50, largest=20_000)))
    assert "limit" in found.code
    assert list((await all_of(found, feed)).points.values()) == [feed.points()["value"]]


async def test_a_limit_that_is_not_raised_is_a_question(server):
    url = server.route("/levels", cut(Feed.regular("2015-01-01", DAY, 3_000), 50, largest=1_000))
    with pytest.raises(Question, match="Just 1,000 records came"):
        await look(url)


def test_numbers_that_people_choose_as_limits():
    assert [each for each in range(60, 5_001) if is_usual_limit(each)] == [
        *(100, 128, 256, 500, 512, 1_000, 1_024, 2_000, 2_048, 4_096, 5_000)
    ]


@pytest.mark.parametrize("begin", ["2026-10-01", "2022-03-01"])
async def test_a_round_number_of_more_that_was_asked_for_is_a_question(server, begin):
    """The source heeds how many to give, and gives 200 at most."""
    rows = [
        {"at": iso(time), "level": value} for time, value in Feed.regular(begin, HOUR, 1213).points()["value"].items()
    ]
    url = server.route("/x", lambda request: Answer(rows[::-1][: min(int(request.query.get("limit", 50)), 200)]))
    with pytest.raises(Question, match=r"Just 200 records came.*what is older is missing"):
        await look(url)


LIMITED = ["q=SELECT+level+FROM+m+LIMIT+100", "limit=100", "sql=select%20top%20100%20*", "maxRecords=100"]
LIMITED += [f"{name}=100" for name in ("rows", "size", "count", "take", "first", "per_page", "perPage")]


@pytest.mark.parametrize("query", LIMITED)
async def test_a_limit_in_the_url_that_hides_all_that_is_new_is_a_question(server, query):
    url = server.route("/levels", cut(Feed.regular("2023-01-01", DAY, 900), 100)) + f"?{query}"
    with pytest.raises(Question, match="at most, and just so many came, the last of them of 2023") as asked:
        await look(url)
    assert asked.value.alternatives == [{"paging": "none"}]


@pytest.mark.parametrize(
    ("query", "first", "step", "newest_first"),
    [
        ("limit=100", "2023-01-01", DAY, True),  # as many of the newest as the person wanted
        ("limit=100", "2026-08-13", DAY, False),  # until the day it is
        ("limit=100", iso(NOON - 2 * DAY - 100 * HOUR), HOUR, False),  # of this week
        ("limit=100", iso(NOON - 60 * DAY - 700 * DAY), WEEK, False),  # what comes each week may be late
        ("station=100", "2023-01-01", DAY, False),  # no limit
        ("limit=1000&depth=100", "2023-01-01", DAY, False),
    ],
)
async def test_a_number_in_the_url_that_hides_nothing_new_is_not_asked_about(server, query, first, step, newest_first):
    url = server.route("/levels", cut(Feed.regular(first, step, 900), 100, newest_first=newest_first)) + f"?{query}"
    assert (await look(url, now=NOON)).code
