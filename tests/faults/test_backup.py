"""A backup that is taken under load, restored elsewhere, catches up by itself; what is no backup harms nothing."""

import os
import sqlite3
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from ledger import everything

import loaded
import scenes
from service import Service
from slackwater.errors import BadInput, Unavailable
from slackwater.store.engine import backup
from sources import Feed, SourceServer


def slackwater(*words: object) -> subprocess.CompletedProcess[str]:
    return loaded.run([*map(str, words)], {"PATH": os.defpath}, cwd=Path("/"))


@pytest.mark.long
def test_a_backup_under_load_is_restored_and_catches_up(tmp_path) -> None:
    with SourceServer() as source, Service(tmp_path / "data") as service:
        file = scenes.file(service, "CSV", slow=False, count=500)
        scene = scenes.api(service, source, delay=0.12, feed=Feed.regular("2000-01-01", scenes.WEEK, 1400))
        scenes.reading(scene)
        told = slackwater("backup", tmp_path / "b.tar", "--with-key", "--data-dir", tmp_path / "data")
        assert told.returncode == 0, told.stderr
        assert "gives all" not in told.stderr
        assert "whoever reads this file" in told.stderr
        assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
        service.caught_up(scene.wrapper_id)
        scene.assert_complete()
        assert slackwater("restore", tmp_path / "b.tar", "--data-dir", tmp_path / "data").returncode == 1
        service.end()

        told = slackwater("restore", tmp_path / "b.tar", "--data-dir", tmp_path / "copy")
        assert told.returncode == 0, told.stderr
        then = everything(tmp_path / "copy")[scene.wrapper_id]
        assert 0 < then.points == then.count < 1400
        with Service(tmp_path / "copy") as copy:
            copy.caught_up(scene.wrapper_id)
            assert copy.stored(scene.wrapper_id) == scene.truth()
            assert copy.stored(file.wrapper_id) == file.truth()
            assert {run["outcome"] for run in copy.runs(scene.wrapper_id)} >= {"interrupted", "succeeded"}
            copy.execute(file.wrapper_id)  # its upload is there too
            assert copy.wait_for(file.wrapper_id, "completed")["data_points_count"] == 500


def test_without_the_key_no_secret_is_in_it(tmp_path) -> None:
    with SourceServer() as source, Service(tmp_path / "data") as service:
        endpoint = source.serve("/v1/x", Feed.regular("2020-01-01", scenes.WEEK, 20), auth=("bearer", "s3cret-token"))
        wrapper_id = service.generate(
            "API", {"location": endpoint.url, "auth_type": "bearer", "bearer_token": "s3cret-token"}
        )
        service.caught_up(wrapper_id)
        found = backup.save(tmp_path / "data", tmp_path / "b.tar")
        assert not found.with_key
        assert b"s3cret-token" not in (tmp_path / "b.tar").read_bytes()
        service.end()
        backup.restore(tmp_path / "b.tar", tmp_path / "copy")
        (tmp_path / "copy" / "secret.key").write_bytes((tmp_path / "data" / "secret.key").read_bytes())
        (tmp_path / "copy" / "secret.key").chmod(0o600)
        with Service(tmp_path / "copy") as copy:
            assert copy.execute(wrapper_id)["success"]


@pytest.fixture
def data(tmp_path):
    from slackwater.store.engine.database import Database

    Database.open(tmp_path / "data").close()
    return tmp_path / "data"


def test_a_backup_is_not_written_through_a_link_nor_over_a_file(data, tmp_path) -> None:
    """In a directory that others may write to, too, names may be planted."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "b.tar").symlink_to(tmp_path / "nothing yet")
    (tmp_path / "c.tar.new").symlink_to(victim)
    with pytest.raises(BadInput, match="exists already"):
        backup.save(data, tmp_path / "b.tar")
    backup.save(data, tmp_path / "c.tar")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nothing yet").exists()
    assert (tmp_path / "c.tar").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "c.tar").is_symlink()
    assert sorted(path.name for path in tmp_path.glob(".slackwater-*")) == []


def test_refusals(data, tmp_path) -> None:
    with pytest.raises(BadInput, match="no store"):
        backup.save(tmp_path / "nowhere", tmp_path / "b.tar")
    (tmp_path / "b.tar").write_text("something else")
    with pytest.raises(BadInput, match="exists already"):
        backup.save(data, tmp_path / "b.tar")
    with pytest.raises(BadInput, match="is no backup"):
        backup.restore(tmp_path / "b.tar", tmp_path / "copy")
    assert not (tmp_path / "copy" / "slackwater.db").exists()
    with pytest.raises(BadInput, match="not there"):
        backup.save(data, tmp_path / "no" / "b.tar")
    with pytest.raises(Unavailable, match="could not be restored"):
        backup.restore(tmp_path / "missing.tar", tmp_path / "copy")


@pytest.mark.parametrize("name", ["../evil", "files/../../evil", "slackwater.db-wal", "/etc/evil"])
def test_a_foreign_archive_writes_nothing(name, tmp_path) -> None:
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        archive.add(tmp_path / "x", name)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(BadInput, match="is no backup"):
        backup.restore(tmp_path / "b.tar", tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "copy"])
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["lock"]


def test_a_damaged_store_is_not_put_in_place(data, tmp_path) -> None:
    backup.save(data, tmp_path / "b.tar")
    raw = bytearray((tmp_path / "b.tar").read_bytes())
    raw[5000:9000] = os.urandom(4000)
    (tmp_path / "bad.tar").write_bytes(raw)
    with pytest.raises(BadInput, match="damaged"):
        backup.restore(tmp_path / "bad.tar", tmp_path / "copy")
    assert not (tmp_path / "copy" / "slackwater.db").exists()


def test_many_writers_do_not_keep_a_backup_from_ending(data, tmp_path) -> None:
    """A backup that begins anew at every write would never end."""
    import threading

    done = threading.Event()

    def write() -> None:
        with sqlite3.connect(data / "slackwater.db", timeout=30) as c:
            c.execute("CREATE TABLE ballast (x)")
            while not done.is_set():
                c.execute("INSERT INTO ballast VALUES (randomblob(100000))")
                c.commit()
                time.sleep(0.002)
        c.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.3)
        backup.save(data, tmp_path / "b.tar")
    finally:
        done.set()
        writer.join()
    backup.restore(tmp_path / "b.tar", tmp_path / "copy")
