"""What is flagged on charts reaches further back than the execution log, and goes with the data it is about."""

import sqlite3

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from lives import NOW, column

from slackwater.model.events import Change
from slackwater.model.instants import DAY, HOUR
from slackwater.store.engine import upgrade
from slackwater.store.engine.database import FILE_NAME, Database
from slackwater.store.records import notes, row_problems, wrappers
from slackwater.store.records.notes import MarkKind
from slackwater.store.schema import events
from slackwater.store.series import points, revisions

NOTHING = (None, None, None)


@pytest.fixture
def opened(lives):
    return lives.running()


def marks(lives, owner):
    return lives.read(notes.marks, owner)


def commit(lives, opened, moment, values, **named):
    lives.now = moment
    return lives.commit(opened, [column({x * HOUR: y for x, y in values.items()})], **named)


def test_a_change_is_flagged_long_after_the_log_has_forgotten_it(lives, opened):
    owner = opened.wrapper.wrapper_id
    lives.write(wrappers.add_event, owner, NOW, "changed: metadata, generated_code", Change.MODULE)
    lives.write(wrappers.add_event, owner, NOW + 1, "changed: metadata")
    for n in range(wrappers.KEPT_EVENTS + 10):
        lives.write(wrappers.add_event, owner, NOW + DAY + n, "executed")
    assert not any("generated_code" in line for line in lives.read(wrappers.event_lines, owner))
    assert [(mark.kind, mark.at) for mark in marks(lives, owner)] == [(MarkKind.MODULE, NOW)]


def test_a_run_that_changes_points_has_one_flag_with_their_range_and_number(lives, opened):
    owner = opened.wrapper.wrapper_id
    commit(lives, opened, NOW, {n: float(n) for n in range(50)})
    assert marks(lives, owner) == [], "new points are no change"
    commit(lives, opened, NOW + DAY, {10: -1.0, 30: 30.0, 20: -2.0}, run_id="later")
    commit(lives, opened, NOW + DAY + 5, {5: -3.0}, run_id="later")
    [mark] = marks(lives, owner)
    assert (mark.kind, mark.first, mark.at, mark.points) == (MarkKind.REVISED, 5 * HOUR, 20 * HOUR, 3)
    assert (mark.created_at, mark.run_id) == (NOW + DAY + 5, "later")
    found = lives.read(revisions.list_page, owner, limit=9, since=mark.first, until=mark.at, run_id=mark.run_id)
    assert sorted((each.x // HOUR, each.before, each.after) for each in found) == [
        (5, 5.0, -3.0),
        (10, 10.0, -1.0),
        (20, 20.0, -2.0),
    ]
    lives.write(points.detach, owner)
    assert marks(lives, owner) == [], "its points are deleted"


def test_the_newest_flags_of_a_source_are_kept(lives, opened, monkeypatch):
    monkeypatch.setattr(revisions, "MOST_FLAGS", 3)
    owner = opened.wrapper.wrapper_id
    commit(lives, opened, NOW, {1: 0.0})
    for n in range(1, 7):
        commit(lives, opened, NOW + n * DAY, {1: float(n)}, run_id=f"run {n}")
    assert [mark.created_at for mark in marks(lives, owner)] == [NOW + n * DAY for n in (4, 5, 6)]


@pytest.mark.sqlite
def test_a_store_of_before_is_flagged_and_sorted_by_what_it_still_knows(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / FILE_NAME}")
    config = Config()
    config.set_main_option("script_location", str(upgrade.HERE))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
    engine.dispose()
    with sqlite3.connect(tmp_path / FILE_NAME) as plain:
        plain.execute("PRAGMA foreign_keys = OFF")
        plain.executemany(
            "INSERT INTO events (wrapper_id, at, text) VALUES ('w', ?, ?)",
            [
                (1, "changed: source_config"),
                (2, "executed"),
                (3, "regeneration asked for; data and checkpoint deleted"),
                (4, "its source has changed; its module is a new one, see its log"),
                (5, "changed: metadata, generated_code"),
            ],
        )
        plain.executemany(
            "INSERT INTO logs (wrapper_id, at, level, message) VALUES ('w', ?, 'WARNING', ?)",
            [(1, "rejected: record 7: no time"), (2, "A row of 7 was rejected: no time")],
        )
        plain.execute("INSERT INTO series (series_id, owner, name) VALUES (7, 'w', 'a')")
        plain.executemany(
            'INSERT INTO revisions (series_id, x, at, "before", "after", run_id) VALUES (7, ?, ?, 1, 2, ?)',
            [(10, 100, "one"), (30, 101, "one"), (20, 200, "two")],
        )
    plain.close()
    database = Database.open(tmp_path)
    found = database.read(lambda c: notes.marks(c, "w")).result()
    kinds = database.read(lambda c: list(c.execute(sa.select(events.c.kind).order_by(events.c.at)).scalars())).result()
    rejected = database.read(lambda c: row_problems.rejected(c, "w")).result()
    database.close()
    assert kinds == ["source", None, "begun", "rediscovered", "module"]
    assert [each.text for each in rejected] == ["record 7: no time"]
    assert [(mark.kind, mark.at, *(mark.first, mark.points, mark.run_id)) for mark in found] == [
        (MarkKind.SOURCE, 1, *NOTHING),
        (MarkKind.BEGUN, 3, *NOTHING),
        (MarkKind.SOURCE, 4, *NOTHING),
        (MarkKind.MODULE, 5, *NOTHING),
        (MarkKind.REVISED, 20, 20, 1, "two"),
        (MarkKind.REVISED, 30, 10, 2, "one"),
    ]
