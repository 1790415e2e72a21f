"""Secrets at rest: no clear one in any file of the store, and never the wrong key without a word."""

import json
import sqlite3
from pathlib import Path

import pytest

from slackwater.errors import Unavailable
from slackwater.model.wrapper import Metadata, SourceType, from_flat
from slackwater.store.engine import vault
from slackwater.store.engine.database import FILE_NAME, Database
from slackwater.store.records import wrappers

pytestmark = pytest.mark.sqlite

SECRETS = ("planted-api-key-1", "planted-bearer-2", "planted-password-3", "planted-header-4", "planted-parameter-5")
CONFIG = {
    "location": "https://data.example.org/v1",
    "auth_type": "bearer",
    "username": "reader",
    "api_key": SECRETS[0],
    "bearer_token": SECRETS[1],
    "password": SECRETS[2],
    "custom_headers": {"X-Auth-Token": SECRETS[3], "Accept-Language": "pt"},
    "query_params": {"access_key": SECRETS[4], "pin_token": 1234567, "station": "faro"},
}
KEY, OTHER_KEY = "k" * 40, "o" * 40


def put(database: Database, wrapper_id: str = "w", config: dict[str, object] = CONFIG) -> None:
    record = from_flat(
        {
            "wrapper_id": wrapper_id,
            "source_type": SourceType.API,
            "source_config": config,
            "identity": "i",
            "metadata": Metadata(name="Tides").model_dump(),
            "created_at": 1,
            "updated_at": 1,
        }
    )
    database.write(lambda c: wrappers.insert(c, record, "made"), urgent=True).result(20)


def got(database: Database, wrapper_id: str = "w") -> dict[str, object]:
    return database.read(lambda c: wrappers.get(c, wrapper_id)).result(20).definition.source_config


def on_the_disk(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.iterdir()) if path.is_file())


def assert_sealed(home: Path) -> None:
    found = [secret for secret in (*SECRETS, "1234567") if secret.encode() in on_the_disk(home)]
    assert not found


def row(home: Path) -> str:
    with sqlite3.connect(home / FILE_NAME) as plain:
        ((config,),) = plain.execute("SELECT source_config FROM wrappers").fetchall()
    plain.close()
    return str(config)


def test_secrets_come_back_and_are_nowhere_on_the_disk(tmp_path: Path):
    database = Database.open(tmp_path)
    put(database)
    assert got(database) == CONFIG
    changed = {**CONFIG, "bearer_token": "planted-bearer-2-again"}
    database.write(lambda c: wrappers.update(c, wrappers.get(c, "w"), now=2, source_config=changed)).result(20)
    assert got(database) == changed
    assert_sealed(tmp_path)  # with its log beside it
    database.close()
    assert_sealed(tmp_path)
    shown = json.loads(row(tmp_path))
    assert shown["query_params"]["station"] == "faro"
    assert shown["username"] == "reader"
    again = Database.open(tmp_path)
    assert got(again) == changed
    again.close()


def test_the_same_secret_looks_different_each_time(tmp_path: Path):
    database = Database.open(tmp_path)
    put(database, "w", {"location": "https://x.example/", "api_key": SECRETS[0]})
    first = row(tmp_path)
    database.write(lambda c: wrappers.delete(c, "w")).result(20)
    put(database, "w", {"location": "https://x.example/", "api_key": SECRETS[0]})
    assert row(tmp_path) != first
    database.close()


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path):
    Database.open(tmp_path).close()
    file = tmp_path / vault.KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text().strip()) >= 43
    file.chmod(0o640)
    with pytest.raises(Unavailable, match=r"Other users can read the key file .*chmod 600"):
        Database.open(tmp_path)


def test_a_clear_store_of_before_is_sealed_when_it_is_opened(tmp_path: Path):
    database = Database.open(tmp_path)
    put(database)
    database.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as plain:
        plain.execute("UPDATE wrappers SET source_config = ?", (json.dumps(CONFIG),))
        plain.execute("DELETE FROM vault")
    plain.close()
    (tmp_path / vault.KEY_FILE).unlink()
    assert SECRETS[0].encode() in on_the_disk(tmp_path)
    again = Database.open(tmp_path)
    assert_sealed(tmp_path)
    assert got(again) == CONFIG
    again.close()
    assert_sealed(tmp_path)


@pytest.mark.parametrize(
    ("begun_with", "opened_with", "told"),
    [
        (KEY, OTHER_KEY, "SLACKWATER_SECRET_KEY is not the key"),
        (None, OTHER_KEY, "SLACKWATER_SECRET_KEY is not the key"),
        (KEY, None, "secret.key is missing: one of them is the key"),
    ],
)
def test_a_wrong_or_missing_key_is_one_sentence_and_changes_nothing(
    tmp_path: Path, begun_with: str | None, opened_with: str | None, told: str
):
    database = Database.open(tmp_path, begun_with)
    put(database)
    database.close()
    before = row(tmp_path)
    with pytest.raises(Unavailable) as caught:
        Database.open(tmp_path, opened_with)
    assert told in str(caught.value)
    assert "slackwater keys rotate-secret" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(key in str(caught.value) for key in (KEY, OTHER_KEY))
    assert row(tmp_path) == before
    assert (tmp_path / vault.KEY_FILE).exists() == (begun_with is None)
    again = Database.open(tmp_path, begun_with)
    assert got(again) == CONFIG
    again.close()


def test_a_key_file_of_another_store_is_named(tmp_path: Path):
    Database.open(tmp_path).close()
    (tmp_path / vault.KEY_FILE).write_text(OTHER_KEY)
    with pytest.raises(Unavailable, match=r"secret.key is not the key"):
        Database.open(tmp_path)


def test_a_secret_that_was_changed_in_the_store_is_never_used(tmp_path: Path):
    database = Database.open(tmp_path)
    put(database)
    form = json.loads(row(tmp_path))
    token = form["api_key"]["sealed"]
    form["api_key"]["sealed"] = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]
    database.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as plain:
        plain.execute("UPDATE wrappers SET source_config = ?", (json.dumps(form),))
    plain.close()
    again = Database.open(tmp_path)
    with pytest.raises(Unavailable, match="changed from outside"):
        got(again)
    again.close()


def test_without_its_key_a_store_neither_shows_nor_takes_a_wrapper(tmp_path: Path):
    database = Database.open(tmp_path)
    put(database)
    database.close()
    locked = Database.open(tmp_path, sealed=True)
    with pytest.raises(Unavailable, match="without the key"):
        got(locked)
    with pytest.raises(Unavailable, match="without the key"):
        put(locked, "v")
    locked.close()


# Rotation


def rotated(home: Path, key: str | None = None, new: str | None = None) -> int:
    database = Database.open(home, sealed=True)
    try:
        return vault.rotate(database.engine, home, key, new)
    finally:
        database.close()


@pytest.mark.parametrize(("key", "new"), [(None, None), (None, KEY), (KEY, OTHER_KEY)])
def test_a_rotation_leaves_nothing_of_the_old_key(tmp_path: Path, key: str | None, new: str | None):
    database = Database.open(tmp_path, key)
    put(database)
    put(database, "v", {"location": "https://x.example/"})
    database.close()
    old_file = (tmp_path / vault.KEY_FILE).read_text() if key is None else KEY
    before = json.loads(row_of(tmp_path, "w"))["api_key"]["sealed"]
    assert rotated(tmp_path, key, new) == 1
    assert before.encode() not in on_the_disk(tmp_path)
    with pytest.raises(Unavailable):
        Database.open(tmp_path, old_file.strip())
    assert (tmp_path / vault.KEY_FILE).exists() == (new is None)
    assert not (tmp_path / vault.NEXT_FILE).exists()
    again = Database.open(tmp_path, new)
    assert got(again) == CONFIG
    again.close()


def row_of(home: Path, wrapper_id: str) -> str:
    with sqlite3.connect(home / FILE_NAME) as plain:
        found = plain.execute("SELECT source_config FROM wrappers WHERE wrapper_id = ?", (wrapper_id,)).fetchone()
    plain.close()
    return str(found[0])


def test_a_key_of_the_environment_is_changed_only_to_one_that_is_given(tmp_path: Path):
    Database.open(tmp_path, KEY).close()
    with pytest.raises(Unavailable, match="set SLACKWATER_NEXT_SECRET_KEY"):
        rotated(tmp_path, KEY)
    Database.open(tmp_path, KEY).close()


@pytest.mark.parametrize("moment", ["before the commit", "after the commit"])
def test_a_rotation_that_is_cut_off_leaves_a_store_that_opens(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
):
    database = Database.open(tmp_path)
    put(database)
    database.close()

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(vault, "_reseal" if moment == "before the commit" else "_keep", cut_off)
        # `unlock` keeps files too: only the rotation's own steps shall be cut off.
        broken.setattr(vault, "unlock", lambda *_: vault.Vault((tmp_path / vault.KEY_FILE).read_text()))
        with pytest.raises(KeyboardInterrupt):
            rotated(tmp_path)
    assert (tmp_path / vault.NEXT_FILE).exists()
    again = Database.open(tmp_path)
    assert got(again) == CONFIG
    again.close()
    assert not (tmp_path / vault.NEXT_FILE).exists()
    assert rotated(tmp_path) == 1
