"""Migrations: they end at the schema of the code, all or nothing, and never go back."""

import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from slackwater.errors import Unavailable
from slackwater.store import schema
from slackwater.store.engine import upgrade
from slackwater.store.engine.database import FILE_NAME, Database

pytestmark = pytest.mark.sqlite

NEXT = '''
"""A migration that is cut off half-way"""
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade():
    op.create_table("half", sa.Column("n", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM api_keys")
    {cut}
'''


def head():
    return ScriptDirectory(str(upgrade.HERE)).get_current_head()


@pytest.fixture
def cut_off(tmp_path_factory):
    """Return a copy of the migrations whose newest is cut off by the given line."""

    def made(cut):
        copy = tmp_path_factory.mktemp("newer") / "migrations"
        shutil.copytree(upgrade.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "versions" / "v9000_half.py").write_text(NEXT.format(head=head(), cut=cut))
        return copy

    return made


@pytest.fixture
def store(tmp_path):
    """A store of today with a key in it."""
    Database.open(tmp_path).close()
    run(
        tmp_path, "INSERT INTO api_keys (key_id, name, role, hash, created_at) VALUES ('k', 'name', 'admin', 'hash', 1)"
    )
    return tmp_path


def run(home, statement):
    with sqlite3.connect(home / FILE_NAME) as plain:
        rows = plain.execute(statement).fetchall()
    plain.close()
    return rows


def shape(engine):
    """Return all that a schema is: columns, keys, indexes with their conditions, and how tables are kept."""
    inspector = sa.inspect(engine)
    tables = {}
    for table in inspector.get_table_names():
        tables[table] = {
            "columns": [
                (each["name"], str(each["type"]), each["nullable"], str(each["default"]), each["primary_key"])
                for each in inspector.get_columns(table)
            ],
            "primary": inspector.get_pk_constraint(table),
            "foreign": inspector.get_foreign_keys(table),
            "unique": inspector.get_unique_constraints(table),
            "indexes": [
                (each["name"], each["column_names"], each["unique"], str(each["dialect_options"].get("sqlite_where")))
                for each in inspector.get_indexes(table)
            ],
            "options": inspector.get_table_options(table),
        }
    return tables


def test_a_fresh_schema_equals_a_migrated_one(tmp_path):
    fresh = Database.open(tmp_path)
    migrated = sa.create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with migrated.begin() as connection:
        upgrade.upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    assert shape(migrated) == shape(fresh.engine)
    assert set(shape(migrated)) == {*schema.metadata.tables, "alembic_version"}
    fresh.close()
    migrated.dispose()


def test_the_schema_names_the_newest_migration():
    assert head() == schema.REVISION


def test_the_comparison_would_notice(tmp_path):
    fresh = sa.create_engine(f"sqlite:///{tmp_path}/fresh.db")
    schema.metadata.create_all(fresh)
    before = shape(fresh)
    with fresh.begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_runs_open")
        connection.exec_driver_sql("CREATE UNIQUE INDEX uq_runs_open ON runs (wrapper_id) WHERE outcome = 'failed'")
    assert shape(fresh) != before
    fresh.dispose()


def test_opening_again_changes_nothing(store):
    before = run(store, "SELECT * FROM sqlite_master ORDER BY name")
    Database.open(store).close()
    assert run(store, "SELECT * FROM sqlite_master ORDER BY name") == before
    assert run(store, "SELECT version_num FROM alembic_version") == [(head(),)]
    assert run(store, "SELECT key_id FROM api_keys") == [("k",)]


def test_two_that_open_an_empty_store_at_once_do_not_disturb_each_other(tmp_path):
    command = (
        "import pathlib, sys; from slackwater.store.engine.database import Database;"
        "Database.open(pathlib.Path(sys.argv[1])).close()"
    )
    both = [subprocess.Popen([sys.executable, "-c", command, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told.decode()
    assert run(tmp_path, "SELECT version_num FROM alembic_version") == [(head(),)]


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store):
    run(store, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable) as caught:
        Database.open(store)
    assert str(caught.value).startswith("The store was written by a newer Slackwater (")
    assert "9999" in str(caught.value)
    assert str(caught.value).endswith("Install that version, or restore a backup.")
    assert run(store, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert run(store, "SELECT key_id FROM api_keys") == [("k",)]


def test_a_store_whose_move_was_interrupted_is_not_opened(store):
    run(store, f"UPDATE alembic_version SET version_num = 'moving-{head()}'")
    with pytest.raises(Unavailable, match="This store is not whole"):
        Database.open(store)
    assert run(store, "SELECT version_num FROM alembic_version") == [(f"moving-{head()}",)]


def assert_untouched(home):
    assert run(home, "SELECT version_num FROM alembic_version") == [(head(),)]
    assert run(home, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    assert run(home, "SELECT key_id FROM api_keys") == [("k",)]
    Database.open(home).close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(store, cut_off, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr(schema, "REVISION", "9000")
        newer.setattr(upgrade, "HERE", cut_off("raise RuntimeError('cut off')"))
        with pytest.raises(RuntimeError, match="cut off"):
            Database.open(store)
    assert_untouched(store)


def test_a_migration_that_is_killed_leaves_the_store_as_it_was(store, cut_off):
    newer = cut_off("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    command = (
        "import pathlib, sys; from slackwater.store import schema;"
        "from slackwater.store.engine import database, upgrade;"
        "upgrade.HERE = pathlib.Path(sys.argv[2]); schema.REVISION = '9000';"
        "database.Database.open(pathlib.Path(sys.argv[1]))"
    )
    ended = subprocess.run([sys.executable, "-c", command, str(store), str(newer)], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert_untouched(store)


def test_an_empty_store_is_made_wholly_or_not_at_all(tmp_path, monkeypatch):
    with monkeypatch.context() as cut:
        cut.setattr(schema, "REVISION", ["what cannot be written"])  # it comes last
        with pytest.raises(Unavailable, match="cannot be used"):
            Database.open(tmp_path)
    assert run(tmp_path, "SELECT name FROM sqlite_master") == []
    Database.open(tmp_path).close()
    assert run(tmp_path, "SELECT version_num FROM alembic_version") == [(head(),)]


def test_a_store_of_before_is_brought_forward_with_its_data(store, cut_off, monkeypatch):
    monkeypatch.setattr(schema, "REVISION", "9000")
    monkeypatch.setattr(upgrade, "HERE", cut_off("pass"))
    Database.open(store).close()
    assert run(store, "SELECT version_num FROM alembic_version") == [("9000",)]
    assert run(store, "SELECT count(*) FROM half") == [(0,)]
