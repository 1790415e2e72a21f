"""Evenness of stored series: known holes are found, weekends are none, and what is looked at is bounded."""

import pytest

from slackwater.model.instants import DAY, HOUR, parse_iso
from slackwater.store import schema
from slackwater.store.engine.driver import driver_of
from slackwater.store.series import quality

MONDAY = parse_iso("2024-01-01")


@pytest.fixture
def store(new_store, tmp_path):
    database = new_store(tmp_path)
    yield database
    database.close()


def keep(store, owner, name, times, values=None):
    def work(c):
        number = c.execute(schema.series.insert().values(owner=owner, name=name)).inserted_primary_key[0]
        rows = [(number, x, float(n % 7) if values is None else values[n]) for n, x in enumerate(times)]
        driver = driver_of(c)
        driver.add_points(c, rows)
        driver.run(
            c,
            "INSERT INTO blocks (series_id, first, last, count, total, least, most) SELECT series_id, min(x), max(x), "
            "count(*), sum(y), min(y), max(y) FROM points WHERE series_id = ? GROUP BY series_id",
            (number,),
        )

    store.write(work).result()


def seen(store, owner="a"):
    return store.read(lambda c: quality.quality(c, owner)).result()


def test_nothing_is_said_of_nothing(store):
    assert seen(store).cells == []
    keep(store, "a", "one", [MONDAY])
    [one] = seen(store).series
    assert (one.points, one.step, one.gaps, one.jumps, one.complete) == (1, None, [], [], 1.0)


def test_a_hole_is_a_gap_and_weekends_are_none(store):
    weekdays = [MONDAY + n * DAY for n in range(280) if n % 7 < 5]
    keep(store, "a", "shop", [x for x in weekdays if not 14 <= (x - MONDAY) // DAY < 28])
    found = seen(store)
    [shop] = found.series
    assert (found.granularity, shop.step, shop.expected) == ("week", DAY, 5)
    assert [(gap.start - MONDAY) // DAY for gap in shop.gaps] == [11]
    assert shop.complete == pytest.approx(38 / 40)
    assert shop.counts.count(0) == 2


def test_a_jump_is_far_beyond_what_steps_usually_are(store):
    values = [float(n % 10) for n in range(500)]
    values[200] = 900.0
    keep(store, "a", "level", [MONDAY + n * HOUR for n in range(500)], values)
    [level] = seen(store).series
    assert [(jump.before, jump.after) for jump in level.jumps] == [(900.0, 1.0), (9.0, 900.0)]


def test_no_more_is_looked_at_than_is_bearable(store, monkeypatch):
    monkeypatch.setattr(quality, "MOST_SCANNED", 150)
    for n in range(25):
        keep(store, "a", f"s{n:02}", [MONDAY + k * HOUR for k in range(100) if k != 50])
    found = seen(store)
    assert (len(found.series), found.all_series) == (quality.MOST_SERIES, 25)
    assert [each.scanned for each in found.series[:3]] == [True, False, False]
    assert len(found.cells) <= quality.MOST_CELLS
