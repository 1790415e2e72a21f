"""Vintages: the series as it stood at every moment, against a diary of what was stored when."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives import NOW, column

from budget import examples
from slackwater.errors import BadInput
from slackwater.model.buckets import Aggregate, Granularity
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR
from slackwater.store.series import points, readings, revisions, vintages
from slackwater.store.series.readings import PointQuery
from slackwater.store.series.vintages import Reread

EXAMPLES = examples(2, 100)
BATCH = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.dictionaries(st.integers(0, 400), st.integers(-3, 3).map(float), max_size=8)
    ),
    max_size=3,
)


@pytest.fixture
def opened(lives):
    return lives.running()


def shown(lives, owner, **asked):
    def look(c):
        return {(name, x): y for x, y, name in readings.stream(c, PointQuery(owner=owner, **asked))}

    return lives.read(look)


def stored_at(lives, opened, moment, batch, **values):
    lives.now = moment
    return lives.commit(
        opened, [column({x * HOUR: y for x, y in some.items()}, name) for name, some in batch], **values
    )


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(BATCH, min_size=1, max_size=7), down=st.booleans())
def test_every_vintage_is_what_the_store_gave_then(lives, batches, down):
    if lives.skips():
        return
    opened = lives.running()
    owner, diary = opened.wrapper.wrapper_id, []
    forms = [
        {},
        *({"granularity": Granularity.DAY, "aggregate": each} for each in Aggregate),
        {"since": 30 * HOUR, "until": 200 * HOUR},
    ]
    for number, batch in enumerate(batches):
        stored_at(lives, opened, NOW + number * DAY, batch)
        diary.append([shown(lives, owner, descending=down, **form) for form in forms])
    for number, then in enumerate(diary):
        for moment in (NOW + number * DAY, NOW + (number + 1) * DAY - 1):
            now = [shown(lives, owner, descending=down, as_of=moment, **form) for form in forms]
            assert now == then
            assert [list(each) for each in now] == [list(each) for each in then], "in the same order"
    assert shown(lives, owner, as_of=NOW - 1) == {}
    assert [shown(lives, owner, descending=down, **form) for form in forms] == diary[-1]


def test_pages_of_a_vintage_are_its_stream(lives, opened):
    owner = opened.wrapper.wrapper_id
    stored_at(lives, opened, NOW, [("a", {n: float(n) for n in range(0, 300, 2)})])
    stored_at(lives, opened, NOW + DAY, [("a", {n: -float(n) for n in range(90, 210)})])
    for granularity in (None, Granularity.DAY):
        asked = PointQuery(owner=owner, as_of=NOW, granularity=granularity)
        whole = lives.read(lambda c: list(readings.stream(c, asked)))  # noqa: B023 - it is read at once
        found, cursor = [], None
        while True:
            after = None if cursor is None else readings.place_of(cursor)[0]
            query = PointQuery(owner=owner, as_of=NOW, granularity=granularity, after=after)
            page = lives.read(readings.page, query, 7)
            found += page.readings
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == whole
        assert min(y for _, y, _ in found) >= 0


def test_a_granularity_is_chosen_by_what_was_there(lives, opened):
    stored_at(lives, opened, NOW, [("a", dict.fromkeys(range(5), 1.0))])
    stored_at(lives, opened, NOW + DAY, [("a", {90_000: 1.0})])
    asked = PointQuery(owner=opened.wrapper.wrapper_id, as_of=NOW)
    assert lives.read(readings.fitting_granularity, asked, 10) is Granularity.HOUR


def test_revisions_tell_what_when_and_by_which_run(lives, opened):
    owner = opened.wrapper.wrapper_id
    stored_at(lives, opened, NOW, [("a", {1: 1.0, 2: 2.0}), ("b", {1: 5.0})])
    stored_at(lives, opened, NOW + DAY, [("a", {1: 1.5, 2: 2.0, 3: 3.0}), ("b", {1: 6.0})])
    stored_at(lives, opened, NOW + 2 * DAY, [("a", {1: 1.75})])
    found = lives.read(revisions.list_page, owner, limit=10)
    assert [(each.series, each.x, each.before, each.after, each.at) for each in found] == [
        ("a", HOUR, 1.5, 1.75, NOW + 2 * DAY),
        ("b", HOUR, 5.0, 6.0, NOW + DAY),
        ("a", HOUR, 1.0, 1.5, NOW + DAY),
    ]
    assert {each.run_id for each in found} == {opened.run_id}
    assert lives.read(revisions.list_page, owner, limit=10, before_id=found[0].revision_id) == found[1:]
    assert lives.read(revisions.list_page, owner, limit=10, names=("b",)) == [found[1]]


def test_an_unchanged_point_costs_nothing_and_a_batch_one_row(lives, opened):
    batch = [("a", {n: float(n) for n in range(1000)})]
    for day in range(3):
        stored_at(lives, opened, NOW + day * DAY, batch)

    def count(c):
        return [c.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ("arrivals", "revisions")]

    assert lives.read(count) == [1, 0]


class TestWithdrawn:
    WINDOW = Interval(0, 100 * HOUR)

    def again(self, lives, opened, day, values):
        times = column({x * HOUR: y for x, y in values.items()}, "a").times()
        return stored_at(
            lives, opened, NOW + day * DAY, [("a", values)], reread=[Reread(self.WINDOW, {"a": times})]
        ).withdrawn

    def test_what_its_neighbours_survive_is_reported_once_and_stays(self, lives, opened):
        owner = opened.wrapper.wrapper_id
        stored_at(lives, opened, NOW, [("a", {n: float(n) for n in range(6)})])
        rest = {n: float(n) for n in (1, 3, 4)}  # 0 and 5 may lie outside of what the source keeps
        assert self.again(lives, opened, 1, rest) == (("a", 2 * HOUR, 2.0),)
        assert self.again(lives, opened, 2, rest) == ()
        assert len(shown(lives, owner)) == 6
        assert len(shown(lives, owner, as_of=NOW)) == len(shown(lives, owner, as_of=NOW + DAY)) == 6
        assert self.again(lives, opened, 3, rest | {2: 2.0}) == ()
        assert self.again(lives, opened, 4, rest) == (("a", 2 * HOUR, 2.0),)
        kinds = [each.kind for each in lives.read(revisions.list_page, owner, limit=10)]
        assert kinds == ["withdrawn", "returned", "withdrawn"]
        assert lives.run(opened).points_withdrawn == 2

    def test_a_point_that_returns_with_another_value(self, lives, opened):
        owner = opened.wrapper.wrapper_id
        stored_at(lives, opened, NOW, [("a", {1: 1.0, 2: 2.0, 3: 3.0})])
        self.again(lives, opened, 1, {1: 1.0, 3: 3.0})
        assert self.again(lives, opened, 2, {1: 1.0, 2: 2.5, 3: 3.0}) == ()
        assert self.again(lives, opened, 3, {1: 1.0, 2: 2.5, 3: 3.0}) == ()
        assert shown(lives, owner, as_of=NOW + DAY)[("a", 2 * HOUR)] == 2.0
        assert [each.kind for each in lives.read(revisions.list_page, owner, limit=10)] == ["replaced", "withdrawn"]


class TestRetention:
    def test_what_is_forgotten_is_refused_and_what_is_kept_stays_exact(self, lives, opened):
        owner = opened.wrapper.wrapper_id
        for day in range(4):
            stored_at(lives, opened, NOW + day * DAY, [("a", {1: float(day), 2 + day: 0.0})])
        kept = {day: shown(lives, owner, as_of=NOW + day * DAY) for day in (2, 3)}
        assert lives.write(vintages.forget_before, NOW + 2 * DAY) is None
        with pytest.raises(BadInput, match=r"as_of .* lies before .* SLACKWATER_VINTAGE_DAYS"):
            lives.read(vintages.must_reach, NOW + 2 * DAY - 1)
        lives.read(vintages.must_reach, NOW + 2 * DAY)
        assert {day: shown(lives, owner, as_of=NOW + day * DAY) for day in (2, 3)} == kept
        assert {each.at for each in lives.read(revisions.list_page, owner, limit=10)} == {NOW + 2 * DAY, NOW + 3 * DAY}

    def test_purged_data_takes_its_vintages_along(self, lives, opened):
        stored_at(lives, opened, NOW, [("a", {1: 1.0})])
        stored_at(lives, opened, NOW + DAY, [("a", {1: 2.0})])
        lives.write(points.detach, opened.wrapper.wrapper_id)
        while lives.write(points.purge):
            pass

        def count(c):
            return sum(c.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in ("arrivals", "revisions"))

        assert lives.read(count) == 0
