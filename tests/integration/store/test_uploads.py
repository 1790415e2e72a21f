"""Uploads in the database: what another node fetches is what was uploaded, or is refused."""

import uuid

import pytest
import sqlalchemy as sa

import databases
from slackwater.errors import BadInput
from slackwater.store.engine.database import Database, Server
from slackwater.store.records import files

CONTENT = b"time,level\n" + b"2020-01-01,1.5\n" * 100_000  # more than one chunk


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (None, None),
        ("UPDATE file_chunks SET content = overlay(content PLACING 'x' FROM 9) WHERE number = 1", "another SHA-256"),
        ("UPDATE file_chunks SET content = substr(content, 1, 20) WHERE number = 1", "bytes instead of"),
    ],
)
def test_what_is_fetched_is_what_was_uploaded(tmp_path, damage: str | None, told: str | None) -> None:
    server = Server(url=databases.fresh(), connections=databases.CONNECTIONS)
    database = Database.open(tmp_path / "store", "a key of its own for the secrets of this test", server=server)
    taken, here = tmp_path / "taken", tmp_path / "here"
    taken.write_bytes(CONTENT)
    here.mkdir()
    upload = files.FileRecord(
        file_id=str(uuid.uuid4()), filename="level.csv", kind="csv", size=len(CONTENT), uploaded_at=1
    )
    database.write(lambda c: files.add(c, upload, taken)).result()
    record = database.read(lambda c: files.get(c, upload.file_id)).result()
    if damage is None:
        fetched = database.read(lambda c: files.fetch(c, here, record)).result()
        assert fetched.read_bytes() == CONTENT
    else:
        database.write(lambda c: c.execute(sa.text(damage))).result()
        with pytest.raises(BadInput, match=told):
            database.read(lambda c: files.fetch(c, here, record)).result()
        assert list(here.iterdir()) == []
    database.close()
