"""A move that is killed before and behind each of its commits goes on where it was, and both stores are then equal."""

import contextlib
import os
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import loaded
from databases import OwnServer
from nodes import database
from slackwater.errors import Unavailable
from slackwater.store.engine import migrate
from slackwater.store.engine.database import FILE_NAME, Connection, Database, Server
from slackwater.store.engine.driver import driver_of
from slackwater.store.records import files
from slackwater.store.schema import audit, runs, series, wrappers
from slackwater.store.series import blocks

pytestmark = pytest.mark.sqlite

SECRET = "s" * 40
POINTS = 3_000  # of each series: three transactions of the move
SERIES = 3
UPLOAD = files.CHUNK + 1_000  # bytes: two chunks
PROGRAM = str(Path(__file__).with_name("killed_move.py"))
NEVER = 1_000  # commits: more than a move makes
MOST = 60  # times that a move is killed


def fill(place: Path) -> None:
    """Make a store with something in each kind of table."""
    store = Database.open(place, SECRET)
    content = place / "upload"
    content.write_bytes(os.urandom(UPLOAD))
    record = files.FileRecord(
        file_id="0" * 8 + "-0000-4000-8000-" + "0" * 12, filename="a.csv", kind="csv", size=UPLOAD, uploaded_at=1
    )
    (place / "files").mkdir()
    content.rename(files.path(place / "files", record))

    def work(c: Connection) -> None:
        files.add(c, record, content)
        c.execute(
            wrappers.insert(),
            [
                {
                    "wrapper_id": f"w{n}",
                    "source_type": "API",
                    "source_config": "{}",
                    "metadata": '{"name": "x"}',
                    "name": "U+0000: \0",
                    "auto_create_resource": bool(n % 2),
                    "wanted": "stopped",
                    "status": "stopped",
                    "epoch": n,
                    "created_at": n,
                    "updated_at": n,
                    "checkpoint": bytes(range(256)),
                }
                for n in range(120)
            ],
        )
        c.execute(
            runs.insert(),
            [
                {"run_id": f"r{n}", "wrapper_id": f"w{n}", "epoch": n, "task": "read", "started_at": n, "outcome": "x"}
                for n in range(120)
            ],
        )
        c.execute(
            audit.insert(), [{"at": n, "kind": "deed", "method": "GET", "route": "/", "status": 200} for n in range(70)]
        )
        c.execute(series.insert(), [{"owner": "w1", "name": f"s{n}", "newest": POINTS} for n in range(SERIES)])
        for number in range(1, SERIES + 1):
            values = [(x, -0.0 if x % 7 == 0 else (x - 1_500) * 10.0**300) for x in range(POINTS)]
            driver_of(c).add_points(c, [(number, *each) for each in values])
            blocks.follow_each(c, [blocks.Growth(number, values, True, None)])

    store.write(work).result()
    store.close()


class Move:
    """`slackwater migrate-store` from one place to another, as often as it takes."""

    def __init__(self, source: Path | str, target: Path | str) -> None:
        self.source, self.target = source, target
        directory, url = (source, target) if isinstance(source, Path) else (target, source)
        self.words = ["--data-dir", str(directory)] if directory is source else ["--to", str(directory)]
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"SLACKWATER_SECRET_KEY": SECRET, "SLACKWATER_DATABASE_URL": str(url)}

    def __call__(self, *words: str, kill_at: int = NEVER, when: str = "before") -> str | None:
        """Let it go on until it is killed; None then, and what it has said when it was not."""
        kind = "sqlite" if isinstance(self.target, Path) else "postgresql"
        line = [str(kill_at), when, kind, "migrate-store", *self.words, *words]
        with tempfile.TemporaryFile("w+") as said:
            program = loaded.start(line, self.environment, program=[PROGRAM], stdout=said, stderr=said)
            code = program.wait(120)
            said.seek(0)
            told = said.read()
        assert code in (0, -signal.SIGKILL), told
        return told if code == 0 else None

    def whole(self) -> bool | None:
        """Whether the target can be served; None: there is nothing yet."""
        try:
            server = None if isinstance(self.target, Path) else Server(url=self.target)
            place = self.target if isinstance(self.target, Path) else Path()
            if isinstance(self.target, Path) and not (self.target / FILE_NAME).exists():
                return None
            Database.open(place, SECRET, server=server, prepare=migrate.existing).close()
        except Unavailable as error:
            return None if "no store" in str(error) else False
        return True


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("origin")
    fill(place)
    return place


@pytest.fixture
def url() -> Iterator[str]:
    with database() as made:
        yield made


@pytest.mark.long
def test_killed_at_every_commit_it_goes_on_there_and_back(origin: Path, url: str, tmp_path: Path) -> None:
    for move in (Move(origin, url), Move(url, tmp_path / "back")):
        assert move(kill_at=1, when="before") is None
        assert move.whole() is None
        kills, said = 0, None
        while said is None:
            # The first commit of each life looks, or makes the tables. So each life comes one commit further.
            before = kills % 2 == 0
            said = move(kill_at=3, when="before") if before else move(kill_at=2, when="behind")
            kills += said is None
            assert kills < MOST, "it does not go on"
            if said is None and before:
                assert not move.whole(), "served before it was whole"
        assert kills >= 12, "each commit of the move was met"
        assert move.whole()
        assert "Equal: 120 wrappers, 9,000 points, 1 uploads" in (move("--verify-only") or "")
    _same_files(origin, tmp_path / "back")
    with psycopg.connect(url) as c:
        c.execute("INSERT INTO series (owner, name) VALUES ('w2', 'next')")
        assert c.execute("SELECT max(series_id) FROM series").fetchone() == (SERIES + 1,), "numbers go on"


def _same_files(one: Path, other: Path) -> None:
    """Compare the uploads, and every row as SQLite tells it, which no code of ours has read."""
    assert [path.read_bytes() for path in (one / "files").iterdir()] == [
        path.read_bytes() for path in (other / "files").iterdir()
    ]
    told = []
    for place in (one, other):
        with contextlib.closing(sqlite3.connect(place / FILE_NAME)) as c:
            tables = c.execute(
                "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1"
            ).fetchall()
            rows = {
                name: sorted(map(repr, c.execute(f"SELECT * FROM {name}"))) for name, sql in tables if "TABLE" in sql
            }
            told.append({name: [row.replace("\\x00", "\ufffd") for row in some] for name, some in rows.items()})
    assert told[0].keys() == told[1].keys()
    for name, some in told[0].items():
        assert [row for row in some if row not in set(told[1][name])] == [], name
        assert len(some) == len(told[1][name])


@pytest.mark.long
def test_a_source_that_was_used_meanwhile_is_moved_anew(origin: Path, url: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    shutil.copytree(origin, here)
    move = Move(here, url)
    for change in ("UPDATE wrappers SET epoch = 7 WHERE wrapper_id = 'w1'", "UPDATE points SET y = 7 WHERE x = 7"):
        assert move(kill_at=12, when="behind") is None
        with contextlib.closing(sqlite3.connect(here / FILE_NAME)) as c:
            c.execute(change)
            c.commit()
        said = move(kill_at=NEVER)
        assert said is not None
        assert "was used since the move was interrupted: it begins anew" in said
        assert "Equal" in (move("--verify-only") or "")
        with psycopg.connect(url, autocommit=True) as c:
            c.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def test_a_database_that_goes_away_ends_the_move_in_a_sentence(origin: Path, tmp_path: Path) -> None:
    with OwnServer() as server:
        move = Move(origin, server.url)
        assert move(kill_at=12) is None
        killer = threading.Timer(0, server.stop, [signal.SIGQUIT])
        killer.start()
        killer.join()
        program = loaded.run(
            ["migrate-store", *move.words], move.environment | {"SLACKWATER_WAIT_FOR_DATABASE": "0"}, cwd=tmp_path
        )
        assert program.returncode == 1
        assert "cannot be reached" in program.stderr
        server.start()
        assert move() is not None
