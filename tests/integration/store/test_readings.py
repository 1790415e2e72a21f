"""Reading data back, against a plain model of what should come: sort everything, then cut."""

import random
from array import array

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget import examples, some
from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Granularity, bucket_of
from slackwater.model.instants import DAY, HOUR, parse_iso
from slackwater.store.schema import points, series
from slackwater.store.series import blocks, readings
from slackwater.store.series.readings import PointQuery

T0 = parse_iso("1999-12-30T22:30:00Z")


@pytest.fixture(scope="module")
def database(new_store, tmp_path_factory):
    database = new_store(tmp_path_factory.mktemp("store"))
    yield database
    database.close()


@pytest.fixture(scope="module")
def stored(database):
    """Three series with shared and own times, and gaps of days; beside them somebody else's."""
    dice = random.Random(7)
    data = {
        "b": {T0 + n * HOUR: dice.uniform(-5, 5) for n in range(900)},
        "a": {T0 + n * 7 * HOUR: float(n) for n in range(200)},
        "Ç": {T0 + n * 45 * DAY + 1: float(n * n) for n in range(40)},
    }
    fill(database, "mine", data)
    fill(database, "other", {"a": {T0: 99.0}})
    return sorted((x, name, y) for name, values in data.items() for x, y in values.items())


def fill(database, owner, data):
    def work(c):
        for name, values in data.items():
            number = c.execute(series.insert().values(owner=owner, name=name)).inserted_primary_key[0]
            c.execute(points.insert(), [{"series_id": number, "x": x, "y": y} for x, y in values.items()])
            blocks.follow(c, number, sorted(values.items()), all_new=True)

    database.write(work).result()


def pages(database, query, limit):
    """Follow the cursors to the end; every page but the last must be full."""
    found, cursor = [], None
    while True:
        after = readings.place_of(cursor)[0] if cursor else None
        asked = PointQuery(**{**query.__dict__, "after": after})
        page = database.read(lambda c, asked=asked: readings.page(c, asked, limit)).result()
        found += page.readings
        if page.next_cursor is None:
            return found
        assert len(page.readings) == limit
        cursor = page.next_cursor


def in_buckets(rows, granularity, aggregate):
    groups = {}
    for x, name, y in rows:
        groups.setdefault((bucket_of(granularity, x)[0], name), []).append((x, y))
    how = {
        Aggregate.AVG: lambda ys: sum(ys) / len(ys),
        Aggregate.MIN: min,
        Aggregate.MAX: max,
        Aggregate.SUM: sum,
        Aggregate.LAST: lambda ys: ys[-1],
    }[aggregate]
    return [(x, name, how([y for _, y in sorted(group)])) for (x, name), group in sorted(groups.items())]


@pytest.mark.parametrize("limit", [1, 7, 500, 5000])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_together_are_everything_once_and_in_order(database, stored, limit, descending):
    if limit == 1:
        query = PointQuery(owner="mine", descending=descending, until=T0 + 3 * DAY)
        expected = [row for row in stored if row[0] <= T0 + 3 * DAY]
    else:
        query, expected = PointQuery(owner="mine", descending=descending), stored
    found = [(r.x, r.series, r.y) for r in pages(database, query, limit)]
    assert found == (expected[::-1] if descending else expected)


def test_both_ends_of_a_range_belong_to_it(database, stored):
    since, until = T0 + 7 * HOUR, T0 + 14 * HOUR
    page = database.read(lambda c: readings.page(c, PointQuery(owner="mine", since=since, until=until), 100)).result()
    assert [(r.x, r.series) for r in page.readings] == [(x, name) for x, name, _ in stored if since <= x <= until]
    assert page.readings[0].x == since
    assert page.readings[-1].x == until


def test_only_the_series_that_are_asked_for(database, stored):
    page = database.read(lambda c: readings.page(c, PointQuery(owner="mine", series=("Ç", "nothing")), 100)).result()
    assert [(r.x, r.series, r.y) for r in page.readings] == [row for row in stored if row[1] == "Ç"]


@pytest.mark.parametrize("granularity", Granularity)
@pytest.mark.parametrize("aggregate", Aggregate)
def test_buckets_agree_with_a_plain_computation(database, stored, granularity, aggregate):
    since, until = T0 + 5 * HOUR, T0 + 500 * DAY  # both cut a bucket
    query = PointQuery(owner="mine", since=since, until=until, granularity=granularity, aggregate=aggregate)
    expected = in_buckets([row for row in stored if since <= row[0] <= until], granularity, aggregate)
    found = pages(database, query, 50)
    assert [(r.x, r.series) for r in found] == [(x, name) for x, name, _ in expected]
    assert [r.y for r in found] == pytest.approx([y for _, _, y in expected])


@given(
    granularity=st.sampled_from([None, *Granularity]),
    descending=st.booleans(),
    aggregate=st.sampled_from([Aggregate.LAST, Aggregate.MIN, Aggregate.MAX]),  # exact in whatever order
    limit=st.integers(1, 60),
    start=st.integers(-5, 200),
    width=st.integers(0, 200),
)
@settings(max_examples=examples(20, 200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cut_in_pages_is_the_same_data(database, stored, granularity, descending, aggregate, limit, start, width):
    since, until = T0 + start * HOUR, T0 + (start + width) * HOUR
    query = PointQuery(
        owner="mine", since=since, until=until, granularity=granularity, aggregate=aggregate, descending=descending
    )
    rows = [row for row in stored if since <= row[0] <= until]
    expected = in_buckets(rows, granularity, aggregate) if granularity else rows
    found = [(r.x, r.series, r.y) for r in pages(database, query, limit)]
    assert found == (expected[::-1] if descending else expected)


@pytest.mark.parametrize("granularity", [None, Granularity.DAY])
def test_a_stream_is_all_of_it(database, stored, granularity):
    with database.stream() as c:
        found = list(readings.stream(c, PointQuery(owner="mine", granularity=granularity, aggregate=Aggregate.SUM)))
    expected = in_buckets(stored, granularity, Aggregate.SUM) if granularity else stored
    assert [(r.x, r.series) for r in found] == [(x, name) for x, name, _ in expected]
    assert [r.y for r in found] == pytest.approx([y for _, _, y in expected])


def test_auto_counts_what_is_in_range(database, stored):
    def chosen(most, **values):
        return database.read(
            lambda c: readings.fitting_granularity(c, PointQuery(owner="mine", **values), most)
        ).result()

    assert chosen(10_000_000) is Granularity.HOUR
    assert chosen(500, until=T0 + 3 * DAY) is Granularity.HOUR
    assert chosen(100) is Granularity.MONTH
    assert chosen(2, series=("nothing",)) is Granularity.HOUR


@pytest.mark.parametrize(
    "cursor", ["", "x", "%%%", "W10", "WyJ4IiwgMSwgMl0", "bnVsbA", "W10" * 5000, "WzFlOTk5LCJhIixudWxsXQ"]
)
def test_a_foreign_cursor_is_refused(cursor):
    with pytest.raises(BadInput, match="cursor"):
        readings.place_of(cursor)


def test_many_series_with_the_same_times_are_read_in_turn(database):
    names = [f"station {n:04}" for n in range(700)]
    fill(database, "wide", {name: {T0 + n * HOUR: float(n) for n in range(3)} for name in names})
    found = pages(database, PointQuery(owner="wide"), 500)
    assert [(r.x, r.series) for r in found] == [(T0 + n * HOUR, name) for n in range(3) for name in names]


@pytest.mark.sqlite
def test_a_page_does_not_read_what_lies_behind_it(database):
    x = array("q", range(T0, T0 + 300_000 * HOUR, HOUR))

    def work(c):
        number = c.execute(series.insert().values(owner="long", name="v")).inserted_primary_key[0]
        raw = c.connection.cursor()
        raw.executemany("INSERT INTO points VALUES (?, ?, ?)", ((number, at, 1.0) for at in x))

    database.write(work).result()
    steps = []

    def read(c, query, limit):
        c.connection.driver_connection.set_progress_handler(lambda: steps.append(1) and None, 1000)
        try:
            return readings.page(c, query, limit)
        finally:
            c.connection.driver_connection.set_progress_handler(None, 0)

    middle = PointQuery(owner="long", since=int(x[150_000]))
    page = database.read(lambda c: read(c, middle, 500)).result()
    assert [r.x for r in page.readings] == list(x[150_000:150_500])
    assert len(steps) < 50, "a page of 500 points took more than 50,000 steps of the database"


@pytest.mark.parametrize("aggregate", some(Aggregate, Aggregate.AVG))
@pytest.mark.parametrize("granularity", Granularity)
def test_buckets_of_many_blocks_are_the_same_backwards(database, granularity, aggregate):
    owner = f"backwards-{granularity}-{aggregate}"
    fill(database, owner, {"a": {T0 + n * HOUR: float(n % 100) for n in range(3_000)}})
    forms = [
        PointQuery(owner=owner, granularity=granularity, aggregate=aggregate, descending=down) for down in (False, True)
    ]
    onwards, back = (database.read(lambda c, each=each: list(readings.stream(c, each))).result() for each in forms)
    assert back == onwards[::-1]
    assert len(onwards) == len({bucket_of(granularity, T0 + n * HOUR) for n in range(3_000)})
