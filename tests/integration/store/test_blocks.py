"""Blocks say exactly what the points say, after whatever was stored in whatever order."""

import random

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives import column

from budget import examples, some
from slackwater.store.schema import series
from slackwater.store.series import blocks, points
from slackwater.store.series.readings import PointQuery, page
from slackwater.store.series.summaries import counted, summaries

NAME = "value"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Blocks of few points, so that few points make many."""
    monkeypatch.setattr(blocks, "SIZE", 8)


@pytest.fixture
def opened(lives):
    return lives.open(lives.executing())


def stored(lives):
    return dict(lives.read(lambda c: c.exec_driver_sql("SELECT x, y FROM points ORDER BY x").all()))


def assert_exact(lives):
    """Every point lies in exactly one block, in order, and each block says what its points say."""

    def look(c):
        rows = c.exec_driver_sql("SELECT first, last, count, total, least, most FROM blocks ORDER BY first").all()
        return [tuple(row) for row in rows], dict(c.exec_driver_sql("SELECT x, y FROM points").all())

    found, truth = lives.read(look)
    edges = [edge for first, last, *_ in found for edge in (first, last)]
    assert edges == sorted(edges)
    inside = 0
    for first, last, count, total, least, most in found:
        values = [y for x, y in sorted(truth.items()) if first <= x <= last]
        assert (count, least, most) == (len(values), min(values), max(values))
        assert total == pytest.approx(sum(values))
        assert {first, last} <= truth.keys()
        assert count <= 3 * blocks.SIZE
        inside += count
    assert inside == len(truth)
    return found


batches = st.lists(
    st.dictionaries(st.integers(-60, 60), st.integers(-9, 9).map(float), max_size=40), min_size=1, max_size=8
)


@given(batches=batches)
@settings(max_examples=examples(25, 500), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_equal_reality_after_any_batches(lives, batches):
    if lives.skips():
        return
    opened = lives.open(lives.executing())
    for batch in batches:
        lives.commit(opened, [column(batch)])
    mine = lives.read(
        lambda c: c.execute(sa.select(series.c.series_id).where(series.c.owner == opened.wrapper.wrapper_id)).scalar()
    )
    truth = {}
    for batch in batches:
        truth |= batch
    if not truth:
        return
    spans = [(low, low + 4) for low in range(-70, 70, 5)]
    found = lives.read(lambda c: summaries(c, mine, spans))
    for (low, high), summary in zip(spans, found, strict=True):
        values = [y for x, y in truth.items() if low <= x <= high]
        if not values:
            assert summary is None
            continue
        assert (summary.points, summary.least, summary.most) == (len(values), min(values), max(values))
        assert summary.total == pytest.approx(sum(values))


@pytest.mark.parametrize("step", some([1, 7, 8, 30], 7, 8))
@pytest.mark.parametrize("order", ["onwards", "backwards", "any", "again", "between"])
def test_blocks_are_exact_and_neither_huge_nor_tiny(lives, opened, step, order):
    times = list(range(0, 400, 2))
    pieces = [times[start : start + step] for start in range(0, len(times), step)]
    if order == "backwards":
        pieces.reverse()
    elif order == "any":
        random.Random(3).shuffle(pieces)
    elif order == "again":
        pieces += pieces
    elif order == "between":
        pieces += [[x + 1 for x in piece] for piece in pieces]
    for turn, piece in enumerate(pieces):
        lives.commit(opened, [column({x: float(x % 13 + turn % 3) for x in piece})])
        if turn % 9 == 0:
            assert_exact(lives)
    found = assert_exact(lives)
    assert len(found) <= 2 * len(stored(lives)) / blocks.SIZE + 1


def test_a_revised_value_takes_the_greatest_away(lives, opened):
    lives.commit(opened, [column({x: float(x) for x in range(100)})])
    lives.commit(opened, [column({99: -1.0, 50: 1000.0})])
    found = assert_exact(lives)
    assert found[-1][5] == 98.0


def test_a_batch_that_fails_leaves_the_blocks_as_they_were(lives, opened):
    lives.commit(opened, [column(dict.fromkeys(range(20), 1.0))])
    before = assert_exact(lives)
    with pytest.raises((TypeError, psycopg.DataError, sa.exc.DataError)):
        lives.commit(opened, [column(dict.fromkeys(range(40), 2.0))], now="no time")
    assert assert_exact(lives) == before


def test_values_whose_sum_is_no_number_are_stored(lives, opened):
    great = 1.7e308
    lives.commit(opened, [column({0: great, 1: great, 2: -great, 3: -great, 4: -great, 5: -great})])
    lives.commit(opened, [column({6: 1.0})])
    assert len(stored(lives)) == 7


def test_deleted_data_takes_its_blocks_along(lives, opened):
    lives.commit(opened, [column(dict.fromkeys(range(100), 1.0))])
    lives.write(points.detach, opened.wrapper.wrapper_id)
    while lives.write(points.purge):
        pass
    assert lives.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM blocks").scalar()) == 0


def test_the_count_is_of_the_blocks_that_reach_in(lives, opened):
    lives.commit(opened, [column(dict.fromkeys(range(160), 1.0))])
    mine = lives.read(lambda c: c.exec_driver_sql("SELECT series_id FROM series").scalar())
    assert lives.read(lambda c: counted(c, [mine], 0, 159)) == 160
    assert lives.read(lambda c: counted(c, [mine], 9, 10)) == 8
    assert lives.read(lambda c: counted(c, [mine], 500, 600)) == 0


def test_reading_pages_needs_no_block(lives, opened):
    lives.commit(opened, [column({x: float(x) for x in range(30)})])
    asked = PointQuery(owner=opened.wrapper.wrapper_id)
    assert len(lives.read(lambda c: page(c, asked, 100)).readings) == 30
