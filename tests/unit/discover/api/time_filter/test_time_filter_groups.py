"""Time filters by names that no list holds as they are: words in the source's own style, at strict sources, too."""

import re

import pytest

from discovering import all_of, look
from slackwater.model.instants import DAY, HOUR, from_micros, iso, parse_iso
from slackwater.settings import Settings
from sources import Answer, Feed, SourceServer

REQUESTS = Settings.model_fields["discovery_requests"].default


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


def dated(feed, pair, *, form="iso", field="recordedAt", envelope="entries", names="all", known=(), newest=None):
    """A feed by a range of times, in an envelope that shows a style; `names`: which strange names a refusal says."""

    def answer(request):
        strange = sorted(set(request.query) - {*pair, *known})
        if strange and names is not None:
            said = {"first": strange[0], "all": ", ".join(strange), "none": "see the manual"}[names]
            return Answer({"error": f"Unknown parameter: {said}" if names != "none" else "Bad request"}, 400)
        low, high = (request.query.get(name) for name in pair)
        held = sorted(feed.points()["value"].items())
        if newest and low is None:
            held = held[-newest:]
        try:
            low, high = (None if each is None else moment(each) for each in (low, high))
        except ValueError:
            return Answer({"error": f"Invalid date format in {pair[0]}/{pair[1]}"}, 400)
        held = [each for each in held if (low is None or low <= each[0]) and (high is None or each[0] <= high + edge)]
        return Answer({envelope: [{field: iso(time), "flow": value} for time, value in held]})

    edge = DAY - 1 if form == "date" else 0

    def moment(text):
        if form == "date" and len(text) != 10:
            raise ValueError(text)
        return parse_iso(text)

    return answer


LAX = [
    (("fromdate", "todate"), "iso", "Received"),
    (("start-date", "end-date"), "iso", "seen-at"),
    (("StartDate", "EndDate"), "iso", "MeasuredOn"),
    (("measured_at[gte]", "measured_at[lte]"), "iso", "measured_at"),
    (("sampled_after", "sampled_before"), "iso", "sampled_at"),
    (("min_taken_at", "max_taken_at"), "iso", "taken_at"),
    (("taken>", "taken<"), "date", "taken"),
    (("timeStart", "timeEnd"), "iso", "at"),
    (("date_begin", "date_end"), "date", "at"),
]


@pytest.mark.parametrize(("pair", "form", "field"), LAX, ids=[pair[0] for pair, *_ in LAX])
async def test_a_source_that_ignores_strange_names(server, pair, form, field):
    feed = Feed.regular("2024-03-01", 7 * HOUR, 500)
    found = await look(server.route("/x", dated(feed, pair, form=form, field=field, names=None)))
    assert f'TimeFilter("{pair[0]}", "{pair[1]}"' in found.code
    assert len(server.requests) <= REQUESTS
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


STRICT = [
    (("start_date", "end_date"), "date", "day_of"),
    (("date_from", "date_to"), "date", "read_at"),
    (("since", "until"), "iso", "readAt"),
    (("startDate", "endDate"), "iso", "readAt"),
    (("start-date", "end-date"), "date", "read-at"),
    (("settled_at_from", "settled_at_to"), "iso", "settled_at"),
]


@pytest.mark.parametrize("names", ["first", "none"])
@pytest.mark.parametrize(("pair", "form", "field"), STRICT, ids=[pair[0] for pair, *_ in STRICT])
async def test_a_source_that_refuses_strange_names_one_by_one(server, pair, form, field, names):
    feed = Feed.regular("2024-03-01", 7 * HOUR, 500)
    found = await look(server.route("/x", dated(feed, pair, form=form, field=field, names=names)))
    assert len(server.requests) <= REQUESTS
    assert f'TimeFilter("{pair[0]}", "{pair[1]}"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


@pytest.mark.parametrize(("pair", "form", "field"), LAX, ids=[pair[0] for pair, *_ in LAX])
async def test_a_source_that_lists_what_it_does_not_know(server, pair, form, field):
    feed = Feed.regular("2024-03-01", 7 * HOUR, 500)
    found = await look(server.route("/x", dated(feed, pair, form=form, field=field, names="all")))
    assert len(server.requests) <= REQUESTS
    assert f'TimeFilter("{pair[0]}", "{pair[1]}"' in found.code


async def test_names_that_a_refusal_offers_need_not_be_ours(server):
    feed = Feed.regular("2024-03-01", 7 * HOUR, 500)
    answer = dated(feed, ("vanaf_moment", "tot_moment"), names="first")

    def helpful(request):
        given = answer(request)
        told = {"error": f"{given.body.get('error')}; supported parameters: vanaf_moment, tot_moment, formaat"}
        return given if given.status == 200 else Answer(told, 400)

    found = await look(server.route("/x", helpful))
    assert 'TimeFilter("vanaf_moment", "tot_moment"' in found.code


async def test_a_start_that_brings_the_newest_again_gives_way_to_a_pair(server):
    """By `since` come the newest 120 of what is newer: the history is reached by the pair alone."""
    feed = Feed.regular("2024-03-01", HOUR, 3_000)

    def river(request):
        held = sorted(feed.points()["value"].items(), reverse=True)
        if "since" in request.query:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", request.query["since"]):
                return Answer({"error": "since is no time"}, 400)
            held = [each for each in held if each[0] > parse_iso(request.query["since"])]
        if {"minDate", "maxDate"} <= set(request.query):
            low, high = (request.query[name][:10] for name in ("minDate", "maxDate"))
            held = [each for each in held if low <= iso(each[0])[:10] <= high]
        return Answer({"items": [{"dateTime": iso(time), "level": value} for time, value in held[:120]]})

    found = await look(server.route("/x", river))
    assert 'TimeFilter("minDate", "maxDate"' in found.code
    assert len(server.requests) <= REQUESTS


async def test_whole_days_of_what_was_requested_come(server):
    feed = Feed.regular("2024-03-01", HOUR, 3_000)

    def river(request):
        held = sorted(feed.points()["value"].items(), reverse=True)
        if {"timeFrom", "timeTill"} <= set(request.query):
            low, high = (request.query[name][:10] for name in ("timeFrom", "timeTill"))
            held = [each for each in held if low <= iso(each[0])[:10] <= high]
        return Answer({"items": [{"dateTime": iso(time), "level": value} for time, value in held[:120]]})

    found = await look(server.route("/x", river))
    assert 'TimeFilter("timeFrom", "timeTill", form="date"' in found.code


async def test_the_start_of_one_pair_and_the_end_of_another(server):
    feed = Feed.regular("2024-03-01", HOUR, 400)
    found = await look(server.route("/x", dated(feed, ("start_date", "until"), field="at", names=None)))
    assert 'TimeFilter("start_date", "until"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_a_filter_that_is_ignored_is_not_declared(server):
    feed = Feed.regular("2024-03-01", HOUR, 400)

    def deaf(request):
        return Answer([{"at": iso(time), "level": value} for time, value in sorted(feed.points()["value"].items())])

    found = await look(server.route("/x", deaf))
    assert "window=" not in found.code
    assert len(server.requests) <= REQUESTS


async def test_live_records_are_no_answer_to_a_filter(server):
    """Each answer has one record more than the one before, whatever is asked."""
    begun = parse_iso("2024-03-01")
    count = [200]

    def live(request):
        count[0] += 1
        return Answer([{"at": iso(begun + n * HOUR), "level": n / 7} for n in range(count[0])])

    found = await look(server.route("/x", live))
    assert "window=" not in found.code


@pytest.mark.parametrize("pair", [("filter[since]", "filter[until]"), ("time_start", "time_end")])
async def test_times_with_a_blank_between_day_and_clock(server, pair):
    """The source writes them so, and understands them so alone."""
    feed = Feed.regular("2024-03-01", HOUR, 700)

    def blank(time):
        return iso(time)[:19].replace("T", " ")

    def answer(request):
        low, high = (request.query.get(name) for name in pair)
        if any(each and not re.fullmatch(r"[\d-]{10} [\d:]{8}", each) for each in (low, high)):
            return Answer({"error": "time not understood"}, 400)
        held = [(blank(time), value) for time, value in sorted(feed.points()["value"].items())]
        rows = [each for each in held if (low or "") <= each[0] <= (high or "9")]
        return Answer([{"logged": text, "level": value} for text, value in rows])

    found = await look(server.route("/x", answer), timezone="UTC")
    assert f'TimeFilter("{pair[0]}", "{pair[1]}", form="%Y-%m-%d %H:%M:%S"' in found.code
    assert list((await all_of(found, feed)).points.values()) == list(feed.points().values())


async def test_years_in_another_style(server):
    feed = Feed.regular("2016-03-01", DAY, 2_000)
    newest = from_micros(max(feed.points()["value"])).year

    def yearly(request):
        low, high = (int(request.query.get(name, newest)) for name in ("first-year", "last-year"))
        held = sorted(feed.points()["value"].items())
        rows = [(time, value) for time, value in held if low <= from_micros(time).year <= high]
        return Answer([{"day": iso(time)[:10], "rain": value} for time, value in rows])

    found = await look(server.route("/x", yearly))
    assert 'TimeFilter("first-year", "last-year", form="%Y")' in found.code
