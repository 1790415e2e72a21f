"""A store that a real service has filled moves to PostgreSQL and back, and every answer of the API stays the same."""

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import loaded
import scenes
from gates import Gate
from nodes import NodeService, database
from service import Service, eventually
from slackwater.model.instants import DAY
from slackwater.settings import load
from slackwater.store.engine.lock import moving, not_moving
from slackwater.store_settings import visited
from sources import Feed, SourceServer

pytestmark = pytest.mark.sqlite  # of both stores at once, whatever the others are tried on

TOKEN, HOOK = "hush-hush-token", "hush-hush-hook"
WHOLE = {"limit": 5000}
OF_A_WRAPPER = ("", "/checkpoint", "/runs", "/logs", "/quality")
OF_A_RESOURCE = ("", "/data", "/revisions", "/notes", "/series")
OF_ALL = (
    "/resources",
    "/resources/wrappers",
    "/resources/wrappers/tags",
    "/resources/wrappers/files",
    "/shares",
    "/alerts",
    "/alerts/channels",
)
DIFFERENCES = re.compile("differs in|is missing in|in the target alone|bytes of the upload")
OF_NOW = {"process_id", "node", "newest_age_seconds"}  # what is said of the service or the present, not of the store


@pytest.fixture
def url() -> Iterator[str]:
    with database() as made:
        yield made


def move(*words: str, **settings: object) -> "subprocess.CompletedProcess[str]":
    """Run `slackwater migrate-store` with settings in its environment."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {f"SLACKWATER_{name.upper()}": str(value) for name, value in settings.items()}
    return loaded.run(["migrate-store", *words], environment, timeout=240)


def moved(*words: str, **settings: object) -> str:
    done = move(*words, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal" in done.stdout.lower()
    return done.stdout + done.stderr


def refused(*words: str, **settings: object) -> str:
    done = move(*words, **settings)
    assert done.returncode in (1, 2), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def answers(service: Service, moments: list[str]) -> dict[str, Any]:
    """Everything that a service with idle wrappers tells of its store."""
    found: dict[str, Any] = {}

    def ask(path: str, **params: object) -> Any:
        answer = service.http.get(path, params=params)
        assert answer.status_code == 200, (path, answer.text)
        is_json = answer.headers["content-type"].startswith("application/json")
        found[f"{path} {params}"] = _of_the_store(answer.json()) if is_json else answer.content
        return found[f"{path} {params}"]

    for path in OF_ALL:
        ask(path)
    for wrapper in found["/resources/wrappers {}"]:
        for part in OF_A_WRAPPER:
            ask(f"/resources/wrappers/{wrapper['wrapper_id']}{part}")
    for resource in found["/resources {}"]:
        path = f"/resources/{resource['id']}"
        for part in OF_A_RESOURCE:
            ask(path + part, **WHOLE if part in ("/data", "/revisions") else {})
        for moment in moments:
            ask(f"{path}/data", as_of=moment, **WHOLE)
        for form in ("csv", "parquet"):
            ask(f"{path}/data", format=form)
        ask(f"{path}/data", granularity="month", aggregate="sum")
        ask(f"{path}/data", max_points=50)
    return found


def _of_the_store(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _of_the_store(each) for name, each in value.items() if name not in OF_NOW}
    return [_of_the_store(each) for each in value] if isinstance(value, list) else value


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def revised(service: Service, source: SourceServer) -> str:
    """A wrapper with a secret, whose source has revised a point and withdrawn another."""
    start = (datetime.now(UTC) - timedelta(days=40)).replace(hour=0, minute=0, second=0, microsecond=0)
    feed = Feed.regular(start.isoformat().replace("+00:00", "Z"), DAY, 30, series=("north", "south"))
    shape = {"records": "items", "time_filter": ("from", "to"), "series_field": "station", "auth": ("bearer", TOKEN)}
    endpoint = source.serve("/v1/gdp", feed, **shape)
    config = {"location": endpoint.url, "lookback": "P60D", "auth_type": "bearer", "bearer_token": TOKEN}
    wrapper_id = service.generate("API", config, periodicity="daily", name="Vintages, água", tags=["coast", "água"])
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    times = sorted(feed.points()["north"])
    feed.revise(times[10], 1e300, "north")
    feed.withdraw(times[20], "south")
    assert service.execute(wrapper_id)["success"]
    eventually(lambda: any(run["points_changed"] for run in service.runs(wrapper_id)))
    assert service.stop(wrapper_id)["success"]
    return wrapper_id


def of_people(service: Service, resource_id: str) -> None:
    """What people leave behind: a note, a public link, a channel with a secret."""
    for path, form in (
        (f"/resources/{resource_id}/notes", {"at": "2024-03-01T12:00:00Z", "text": "new <sensor>"}),
        ("/shares", {"name": "for the town", "resource_id": resource_id}),
        ("/alerts/channels", {"name": "On call", "form": "webhook", "url": f"https://hooks.example.org/{HOOK}"}),
    ):
        answer = service.http.post(path, json=form)
        assert answer.status_code in (200, 201), (path, answer.text)


def test_there_and_back_with_every_answer_the_same(tmp_path: Path, url: str, source: SourceServer) -> None:
    here, back = tmp_path / "here" / "data", tmp_path / "back" / "data"
    here.parent.mkdir()
    back.parent.mkdir()
    feed = Feed.regular(*scenes.FEED)
    endpoint = source.serve("/v1/levels", feed, **scenes.API)
    gate = Gate(endpoint)
    source.route("/v1/levels", gate)
    with Service(here, alert_seconds=0) as service:
        vintages = revised(service, source)
        between = now()
        file = scenes.file(service, "CSV", count=1_000, slow=False)
        book = scenes.file(service, "XLSX", count=500, slow=False)
        of_people(service, str(service.wrapper(vintages)["resource_id"]))
        half = service.generate("API", {"location": endpoint.url}, periodicity="weekly")
        gate.let_generate(service, half)
        _step(service, half, gate)
        service.stop(half)
        gate.forget()
        moments = ["2001-01-01", between, now()]
        before = answers(service, moments)
        assert 0 < len(service.stored(half)["value"]) < len(feed)
    key = here / "secret.key"

    told = moved("--data-dir", str(here), database_url=url)
    assert f"SLACKWATER_SECRET_KEY_FILE to {key}" in told
    assert TOKEN not in told
    shared = {"secret_key": key.read_text().strip(), "alert_seconds": 0}
    with NodeService(tmp_path / "node" / "data", url, "one", **shared) as service:
        _same(answers(service, moments), before)
        service.execute(half, wait=0)  # on the other store it goes on where it was
        _step(service, half, gate)
        assert service.stop(half)["success"]
        gate.forget()
        got = len(service.stored(half)["value"])
        file.service = service
        assert service.execute(file.wrapper_id)["success"], "the bytes of the upload have come along"
        service.wait_for(file.wrapper_id, "completed")
        file.assert_complete()
        assert service.execute(vintages)["success"], "the secret of the source has come along"
        service.caught_up(vintages)
        service.stop(vintages)
        note = {"at": "2024-04-01T12:00:00Z", "text": "written on the other store"}
        resource_id = service.wrapper(vintages)["resource_id"]
        assert service.http.post(f"/resources/{resource_id}/notes", json=note).status_code in (200, 201)
        told = refused("--to", str(back), database_url=url, **shared)
        assert "The node one works with the database" in told
        before = answers(service, moments)

    moved("--to", f"sqlite:///{back}", database_url=url, secret_key=shared["secret_key"])
    with Service(back, alert_seconds=0, secret_key=shared["secret_key"]) as service:
        _same(answers(service, moments), before)
        assert len(service.stored(half)["value"]) == got
        gate.open()
        service.execute(half)
        service.caught_up(half)
        assert service.stored(half) == feed.points()
        book.service = service
        assert service.execute(book.wrapper_id)["success"]
        service.wait_for(book.wrapper_id, "completed")
        book.assert_complete()


def _step(service: Service, wrapper_id: str, gate: Gate) -> None:
    """Let a run go on until it has stored some hundred points more."""
    before = service.wrapper(wrapper_id)["data_points_count"]

    def further() -> bool:
        if gate.waiting:
            gate.step()
        return bool(service.wrapper(wrapper_id)["data_points_count"] >= before + 200)

    eventually(further)


def _same(after: Any, before: Any, place: str = "") -> None:
    """Find the very place where two answers differ."""
    if isinstance(before, dict):
        assert after.keys() == before.keys(), place
        for name, each in before.items():
            _same(after[name], each, f"{place} {name}")
    elif isinstance(before, list) and len(after) == len(before):
        for number, each in enumerate(before):
            _same(after[number], each, f"{place} {number}")
    else:
        assert after == before, place


@pytest.mark.long
def test_a_service_that_was_killed_goes_on_with_the_other_store(tmp_path: Path, url: str, source: SourceServer) -> None:
    here = tmp_path / "here" / "data"
    here.parent.mkdir()
    with Service(here) as service:
        scene = scenes.api(service, source)
        scenes.reading(scene)
        assert "Another Slackwater already works in" in refused("--data-dir", str(here), database_url=url)
        service.kill()
        moved("--data-dir", str(here), database_url=url)
        secret = (here / "secret.key").read_text().strip()
        with NodeService(tmp_path / "node" / "data", url, "one", secret_key=secret) as scene.service:
            scene.service.caught_up(scene.wrapper_id)
            scene.assert_complete()
            assert "interrupted" in [run["outcome"] for run in scene.service.runs(scene.wrapper_id)]
            scene.service.kill()
            told = refused("--to", str(tmp_path / "back"), database_url=url, secret_key=secret)
            assert "If it was killed, wait" in told
        _forget_lease(url)
        moved("--to", str(tmp_path / "back"), database_url=url, secret_key=secret)
        with Service(tmp_path / "back", secret_key=secret) as scene.service:
            scene.service.caught_up(scene.wrapper_id)
            scene.assert_complete()
        service.start()


def _forget_lease(url: str) -> None:
    """Let the lease of a node that was killed be over."""
    with psycopg.connect(url) as c:
        c.execute("UPDATE nodes SET renewed_at = renewed_at - 60000000")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data directory with a source, whose service has ended."""
    (tmp_path / "small").mkdir()
    with Service(tmp_path / "small" / "data", alert_seconds=0) as service:
        points = scenes.csv([(60_000_000 * n, float(n)) for n in range(100)])
        file_id = service.upload("level.csv", points)["file_id"]
        service.wait_for(service.generate("CSV", {"file_id": file_id}), "completed")
    return tmp_path / "small" / "data"


@pytest.mark.long
def test_what_cannot_be_moved_is_refused_with_the_way_out(tmp_path: Path, url: str, small: Path) -> None:
    there = "--data-dir", str(small)
    assert "Say where the store is to go" in refused(*there)
    assert "There is no store in" in refused("--data-dir", str(tmp_path), database_url=url)
    assert "set SLACKWATER_DATABASE_URL" in refused(*there, "--to", str(tmp_path / "other"))
    told = refused(*there, "--to", "postgresql://u:hush-hush@127.0.0.1/x")
    assert "The password in --to could be read by everybody" in told
    assert "hush-hush" not in told
    told = refused(*there, "--to", "postgresql://u@127.0.0.1/x", database_url="postgresql://u:hush-hush@127.0.0.1/y")
    assert "names another database than --to" in told
    assert "hush-hush" not in told
    assert "mysql://…" in refused(*there, "--to", "mysql://u@127.0.0.1/x", database_url=url)
    told = refused(*there, database_url="postgresql://nobody:hush-hush@127.0.0.1:1/x", wait_for_database=0)
    assert "cannot be reached" in told
    assert "hush-hush" not in told
    assert "SLACKWATER_SECRET_KEY is not the key" in refused(*there, database_url=url, secret_key="x" * 40)
    assert "SLACKWATER_SECRET_KEY is not set" in refused("--to", str(tmp_path / "other"), database_url=url)
    assert "does not hold the store. There is no store in it" in refused(*there, "--verify-only", database_url=url)
    with psycopg.connect(url) as c:
        c.execute("CREATE TABLE cellar (wine text)")
    told = refused(*there, database_url=url)
    assert "holds something else already (cellar)" in told
    assert "Name an empty database" in told
    with psycopg.connect(url) as c:
        c.execute("DROP TABLE cellar")
    moved(*there, database_url=url)
    assert "Moved, and equal" in moved(*there, database_url=url), "once more is no harm"
    secret = (small / "secret.key").read_text().strip()
    (tmp_path / "full").mkdir()
    with Service(tmp_path / "full" / "data") as service:
        assert service.data_dir.exists()
    told = refused("--to", str(tmp_path / "full" / "data"), database_url=url, secret_key=secret)
    assert "holds something else already" in told
    assert "move this one away first" in told


@pytest.mark.long
def test_a_difference_is_found_and_told(small: Path, url: str) -> None:
    there = "--data-dir", str(small)
    moved(*there, database_url=url)
    assert "Equal: 1 wrappers, 100 points, 1 uploads" in moved(*there, "--verify-only", database_url=url)
    for change, undone, told in (
        (
            "UPDATE points SET y = y + 1 WHERE x = 60000000",
            "UPDATE points SET y = y - 1 WHERE x = 60000000",
            "y 1.0 and 2.0",
        ),
        (
            "DELETE FROM points WHERE x = 60000000",
            "INSERT INTO points VALUES (1, 60000000, 1)",
            "is missing in the target",
        ),
        ("INSERT INTO points VALUES (7, 1, 2)", "DELETE FROM points WHERE series_id = 7", "is in the target alone"),
        ("UPDATE files SET size = size + 1", "UPDATE files SET size = size - 1", "differs in size"),
        ("UPDATE wrappers SET epoch = -epoch", "UPDATE wrappers SET epoch = -epoch", "differs in epoch"),
        ("UPDATE file_chunks SET content = 'x'", "", "The bytes of the upload level.csv"),
    ):
        with psycopg.connect(url, autocommit=True) as c:
            c.execute(change)
            said = refused(*there, "--verify-only", database_url=url)
            assert told in said
            assert len(DIFFERENCES.findall(said)) == 1, "nothing else is named"
            assert "one of them was used since they were equal" in refused(*there, database_url=url)
            c.execute(undone)


@pytest.mark.long
def test_nobody_opens_a_store_that_is_not_whole_or_being_moved(small: Path, url: str) -> None:
    moved("--data-dir", str(small), database_url=url)
    keys = ["keys", "list", "--database-url", url]
    with psycopg.connect(url, autocommit=True) as c:
        c.execute("SELECT pg_advisory_lock(%s)", (0x534C41434B03,))
        assert "is moving this store" in loaded.run(keys, cwd=small).stderr
        told = refused("--data-dir", str(small), database_url=url)
        assert "Somebody else opens or moves" in told
        c.execute("SELECT pg_advisory_unlock_all()")
        assert loaded.run(keys, cwd=small).returncode == 0
        c.execute("UPDATE alembic_version SET version_num = 'moving-' || version_num")
        told = loaded.run(keys, cwd=small).stderr
        assert "This store is not whole" in told
        assert "Call it again" in told
    assert "the move is not finished" not in moved("--data-dir", str(small), database_url=url)
    assert loaded.run(keys, cwd=small).returncode == 0


@pytest.mark.long
def test_nobody_changes_a_store_that_is_being_moved(small: Path, url: str) -> None:
    create = ["keys", "create", "late", "--data-dir", str(small)]
    with moving(small):
        assert "is moving this store" in loaded.run(create).stderr
    with not_moving(small):
        assert "Somebody changes the store" in refused("--data-dir", str(small), database_url=url)
    assert loaded.run(create).returncode == 0
    moved("--data-dir", str(small), database_url=url)
    settings = load(database_url=url, data_dir=small)
    with visited(settings), psycopg.connect(url, autocommit=True) as c:
        held = c.execute("SELECT pg_try_advisory_lock(%s)", (0x534C41434B03,)).fetchone()
    assert held == (False,), "a command that has opened the store may yet write"
