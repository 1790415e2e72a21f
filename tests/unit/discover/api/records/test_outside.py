"""Numbers in lists beside the records: an account of the whole answer."""

import pytest

from discovering import look
from slackwater.discover.api.records.outside import refuse_unread_beside
from slackwater.errors import Question
from slackwater.formats.payload.shapes import Place
from sources import Answer, SourceServer

DAY = [{"dateTime": "2026-03-02", "value": {"rest": 61}}]
CLOCKS = [{"time": f"{hour:02}:{minute:02}:00", "value": 60 + hour} for hour in range(24) for minute in (0, 30)]
STATIONS = [{"id": 100 + n, "name": f"Place {n}", "lat": 38.1 + n, "lon": -9.1, "height": 3 * n} for n in range(40)]


def test_a_list_of_clocks_that_nothing_reads_is_a_question():
    body = {"of-day": DAY, "within-day": {"set": CLOCKS}}
    with pytest.raises(Question, match=r"`within-day\.set` holds 48 numbers, and .* reads 1 others") as asked:
        refuse_unread_beside(body, Place("of-day"), 1)
    assert asked.value.field == "records_path"
    assert asked.value.alternatives == [{"records_path": "of-day"}]


def test_clocks_in_objects_of_the_entries_are_clocks():
    nested = [{"at": {"clock": each["time"]}, "of": {"rate": {"v": each["value"]}}} for each in CLOCKS]
    with pytest.raises(Question, match="`within-day` holds 48 numbers"):
        refuse_unread_beside({"of-day": DAY, "within-day": nested}, Place("of-day"), 1)


@pytest.mark.parametrize(
    ("beside", "read"),
    [
        ({"stations": STATIONS}, 1),  # they only describe
        ({"within-day": {"set": CLOCKS}}, 30),  # most is read
        ({"shape": {"coordinates": list(range(90))}}, 1),
        ({"few": list(range(9))}, 1),
    ],
)
def test_what_describes_or_is_little_is_not_asked_about(beside, read):
    refuse_unread_beside({"of-day": DAY, **beside}, Place("of-day"), read)


def test_a_bare_list_of_numbers_is_counted():
    with pytest.raises(Question, match="`load`"):
        refuse_unread_beside({"of-day": DAY, "load": list(range(90))}, Place("of-day"), 1)


def test_one_number_again_and_again_describes_and_any_other_list_may_be_the_values():
    values = [{"@time": f"2015{n:06}", "$": f"{100 + n * 0.7:.1f}"} for n in range(60)]
    body = {"about": [{"name": f"{2015 + n}", "level": "4"} for n in range(40)], "values": values}
    refuse_unread_beside(body, Place("about"), 40)
    with pytest.raises(Question, match="`values` holds 120 numbers"):
        refuse_unread_beside(body, Place("about"), 40, constant=True)
    body["values"] = [{"id": f"S{n}", "lat": 38 + n / 10, "lon": n / 10, "height": n * 10} for n in range(60)]
    refuse_unread_beside(body, Place("about"), 40, constant=True)  # where stations are describes


async def test_days_without_rain_are_values():
    rain = [{"date": f"2026-{1 + n // 28:02}-{1 + n % 28:02}", "rain": 4.5 if n == 9 else 0} for n in range(240)]
    beside = [{"name": f"G{n}", "from": 1990 + n % 9, "channel": n, "kind": n % 3} for n in range(120)]
    with SourceServer() as server:
        assert "rain" in (await look(server.route("/rain", Answer({"gauges": beside, "data": rain})))).code
