"""Charts, against a plain computation over the points."""

import random

import pytest

from slackwater.model.buckets import MONDAY, Aggregate, Granularity
from slackwater.model.instants import DAY, MINUTE, parse_iso
from slackwater.store.schema import points, series
from slackwater.store.series import blocks, charts
from slackwater.store.series.charts import MOST_SERIES
from slackwater.store.series.readings import PointQuery

T0 = parse_iso("2024-02-28T22:30:00Z")


@pytest.fixture(scope="module")
def database(new_store, tmp_path_factory):
    database = new_store(tmp_path_factory.mktemp("store"))
    yield database
    database.close()


@pytest.fixture(scope="module")
def stored(database):
    """A series of a point a minute with a hole of three days, and one of a point a day."""
    dice = random.Random(5)
    data = {
        "fine": {T0 + n * MINUTE: dice.uniform(-5, 5) for n in range(20_000) if not 4_000 < n < 8_320},
        "coarse": {T0 + n * DAY: float(n) for n in range(14)},
    }
    fill(database, "mine", data)
    return data


def fill(database, owner, data):
    def work(c):
        for name, values in data.items():
            number = c.execute(series.insert().values(owner=owner, name=name)).inserted_primary_key[0]
            c.execute(points.insert(), [{"series_id": number, "x": x, "y": y} for x, y in values.items()])
            blocks.follow(c, number, sorted(values.items()), all_new=True)

    database.write(work).result()


def drawn(database, stretches=100, **values):
    return database.read(lambda c: charts.chart(c, PointQuery(owner="mine", **values), stretches)).result()


def test_stretches_hold_average_least_and_greatest_of_all_their_points(database, stored):
    chart = drawn(database)
    assert chart.width is not None
    for line in chart.lines:
        groups = {}
        for x, y in stored[line.name].items():
            groups.setdefault(x - (x - MONDAY) % chart.width, []).append(y)
        assert line.x == sorted(groups)
        assert line.y == pytest.approx([sum(groups[x]) / len(groups[x]) for x in line.x])
        assert line.least == [min(groups[x]) for x in line.x]
        assert line.most == [max(groups[x]) for x in line.x]
        assert line.last == stored[line.name][max(stored[line.name])]
    assert chart.extent == (T0, max(max(values) for values in stored.values()))


def test_zooming_in_brings_finer_stretches_and_at_last_the_points(database, stored):
    far = drawn(database)
    near = drawn(database, since=T0, until=T0 + 2 * DAY)
    nearest = drawn(database, since=T0, until=T0 + 100 * MINUTE)
    assert far.width > near.width
    assert nearest.width is None
    fine = next(line for line in nearest.lines if line.name == "fine")
    assert dict(zip(fine.x, fine.y, strict=True)) == {x: y for x, y in stored["fine"].items() if x <= T0 + 100 * MINUTE}


def test_a_moved_view_shows_the_same_stretches(database, stored):
    one = drawn(database, since=T0, until=T0 + 2 * DAY).lines[1]
    two = drawn(database, since=T0 + 37 * MINUTE, until=T0 + 2 * DAY + 37 * MINUTE).lines[1]
    assert one.name == two.name == "fine"
    both = dict(zip(one.x, one.y, strict=True)).items() & dict(zip(two.x, two.y, strict=True)).items()
    assert len(both) > 0.9 * len(one.x)


def test_the_last_value_of_a_view_is_that_of_a_point_in_it(database, stored):
    until = T0 + 3_000 * MINUTE + 1
    fine = next(line for line in drawn(database, since=T0, until=until).lines if line.name == "fine")
    assert fine.last == stored["fine"][T0 + 3_000 * MINUTE]
    assert fine.x[-1] <= until


def test_a_range_without_points_and_a_resource_without_data(database, stored):
    empty = drawn(database, since=T0 + 5_000 * MINUTE, until=T0 + 5_010 * MINUTE, series=("fine",))
    assert [line.x for line in empty.lines] == [[]]
    nothing = database.read(lambda c: charts.chart(c, PointQuery(owner="nobody"), 100)).result()
    assert (nothing.lines, nothing.extent) == ([], None)


def test_calendar_buckets_when_they_are_asked_for(database, stored):
    chart = drawn(database, granularity=Granularity.MONTH, aggregate=Aggregate.MAX, series=("coarse",))
    assert chart.lines[0].x == [parse_iso("2024-02-01"), parse_iso("2024-03-01")]
    assert chart.lines[0].y == [1.0, 13.0]


def test_of_many_series_some_are_shown_and_all_are_counted(database):
    fill(database, "wide", {f"s{n:03}": {T0: float(n)} for n in range(MOST_SERIES + 12)})
    chart = database.read(lambda c: charts.chart(c, PointQuery(owner="wide"), 100)).result()
    assert len(chart.lines) == MOST_SERIES
    assert chart.series == MOST_SERIES + 12


def test_days_are_told_from_times_also_where_only_one_has_an_hour(database):
    midnights = {parse_iso("1950-01-01") + n * DAY: float(n) for n in range(3_000)}
    hours = {parse_iso("2024-01-01") + n * 60 * MINUTE: 0.0 for n in range(24 * 100 + 1)}  # from midnight to midnight
    fill(database, "days", {"a": midnights, "b": {0: 1.0}})
    fill(database, "one", {"a": midnights, "b": {T0: 1.0}})
    fill(database, "hours", {"a": hours})

    def days(owner, **values):
        return database.read(lambda c: charts.of_days(c, PointQuery(owner=owner, **values))).result()

    assert days("days")
    assert not days("one")
    assert days("one", series=("a",))
    assert not days("hours")
    assert not days("nobody")
