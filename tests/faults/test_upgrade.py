"""A store that the first version wrote, with a wrapper in the middle of its back-fill: it migrates, and goes on."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from ledger import everything

import scenes
from service import Service
from slackwater.store import schema
from slackwater.store.engine import upgrade
from slackwater.store.engine.database import FILE_NAME, Database
from sources import Feed, SourceServer

FIRST = "0001"


@pytest.fixture
def source():
    with SourceServer() as server:
        yield server


@pytest.fixture
def old(tmp_path, source):
    """A data directory of the first version: a running wrapper whose secret is in clear, half of its points, a key."""
    feed = Feed.regular("2010-01-01", scenes.WEEK, 400)
    endpoint = source.serve("/v1/old", feed, **scenes.API, auth=("bearer", "an-old-secret"))
    with Service(tmp_path / "today") as service:
        wrapper_id = service.generate(
            "API",
            {"location": endpoint.url, "auth_type": "bearer", "bearer_token": "an-old-secret"},
            periodicity="weekly",
        )
        service.caught_up(wrapper_id)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "files").mkdir()
    _first_schema(data)
    _carry_over(tmp_path / "today" / FILE_NAME, data / FILE_NAME, wrapper_id, feed)
    return data, wrapper_id, feed


def _first_schema(data) -> None:
    engine = sa.create_engine(f"sqlite:///{data / FILE_NAME}")
    config = Config()
    config.set_main_option("script_location", str(upgrade.HERE))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
    engine.dispose()


def _carry_over(today, old, wrapper_id, feed) -> None:
    """Write the rows of a wrapper as the first version did: no columns of later ones, secrets in clear, a run open."""
    points = sorted(feed.points()["value"].items())[200:]
    covered = [[points[0][0], points[-1][0] + 1]]
    with sqlite3.connect(today) as new, sqlite3.connect(old) as c:
        new.row_factory = sqlite3.Row
        columns = [row[1] for row in c.execute("PRAGMA table_info(wrappers)")]
        row = dict(new.execute("SELECT * FROM wrappers WHERE wrapper_id = ?", (wrapper_id,)).fetchone())
        config = json.loads(row["source_config"]) | {"bearer_token": "an-old-secret"}
        row |= {
            "source_config": json.dumps(config),
            "points": 200,
            "low_water_mark": points[0][0],
            "due_at": None,
            "checkpoint": json.dumps({"covered": covered, "version": 7}).encode(),
        }
        marks = ", ".join("?" * len(columns))
        c.execute(f"INSERT INTO wrappers ({', '.join(columns)}) VALUES ({marks})", [row[name] for name in columns])
        resource = dict(new.execute("SELECT * FROM resources").fetchone())
        known = [row[1] for row in c.execute("PRAGMA table_info(resources)")]
        c.execute(
            f"INSERT INTO resources ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})",
            [resource[name] for name in known],
        )
        c.execute("INSERT INTO series (series_id, owner, name) VALUES (1, ?, 'value')", (wrapper_id,))
        c.executemany("INSERT INTO points VALUES (1, ?, ?)", points)
        c.execute(
            "INSERT INTO runs (run_id, wrapper_id, epoch, task, started_at, outcome) "
            "VALUES ('r', ?, ?, 'read', 1, 'running')",
            (wrapper_id, row["epoch"]),
        )
    new.close()
    c.close()


def test_a_store_of_the_first_version_migrates_and_goes_on(old) -> None:
    data, wrapper_id, feed = old
    with Service(data) as service:
        service.caught_up(wrapper_id)
        assert service.stored(wrapper_id) == feed.points()
        assert service.wrapper(wrapper_id)["data_points_count"] == len(feed)
        assert "interrupted" in {run["outcome"] for run in service.runs(wrapper_id)}
    with sqlite3.connect(data / FILE_NAME) as c:
        assert c.execute("SELECT version_num FROM alembic_version").fetchone()[0] == schema.REVISION
    c.close()


@pytest.mark.long
def test_kill_9_at_random_moments_of_a_migration(old, tmp_path) -> None:
    """Whenever it is killed, the next start finds a store that it can use."""
    data, wrapper_id, _ = old
    script = (
        "from pathlib import Path; from slackwater.store.engine.database import Database; "
        f"print('go', flush=True); Database.open(Path({str(data)!r})).close()"
    )
    kept = tmp_path / "kept"
    shutil.copytree(data, kept)
    for pause in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16):
        shutil.rmtree(data)
        shutil.copytree(kept, data)
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        Database.open(data).close()
        found = everything(data)[wrapper_id]
        assert found.points == found.count == 200
