import sqlite3

import pytest

from slackwater.errors import Conflict, NotFound
from slackwater.store.access import keys
from slackwater.store.access.keys import Role
from slackwater.store.engine.database import FILE_NAME


@pytest.fixture
def database(new_store, tmp_path):
    database = new_store(tmp_path)
    yield database
    database.close()


@pytest.fixture
def do(database):
    return lambda work: database.write(work).result()


@pytest.mark.sqlite
def test_a_key_is_long_random_and_found_by_its_hash_alone(do, database, tmp_path):
    record, key = do(lambda c: keys.create(c, "console", Role.VIEWER, 5))
    other, other_key = do(lambda c: keys.create(c, "console", Role.VIEWER, 6))
    assert key.startswith("sw_")
    assert len(key) >= 3 + 43
    assert key != other_key
    assert do(lambda c: keys.find_by_hash(c, keys.hash_of(key))) == record
    assert do(lambda c: keys.find_by_hash(c, keys.hash_of(key + "x"))) is None
    assert [each.key_id for each in do(keys.list_all)] == [record.key_id, other.key_id]
    database.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as raw:
        dump = "\n".join(raw.iterdump())
    raw.close()
    assert key not in dump
    assert record.hash in dump


def test_a_revoked_key_stays_revoked(do):
    do(lambda c: keys.create(c, "first", Role.ADMIN, 1))
    record, key = do(lambda c: keys.create(c, "second", Role.ADMIN, 2))
    assert do(lambda c: keys.revoke(c, record.key_id, 9)).revoked_at == 9
    assert do(lambda c: keys.revoke(c, record.key_id, 10)).revoked_at == 9
    assert do(lambda c: keys.find_by_hash(c, keys.hash_of(key))).revoked_at == 9


def test_the_last_admin_key_needs_force(do):
    viewer, _ = do(lambda c: keys.create(c, "viewer", Role.VIEWER, 1))
    first, _ = do(lambda c: keys.create(c, "first", Role.ADMIN, 1))
    second, _ = do(lambda c: keys.create(c, "second", Role.ADMIN, 2))
    do(lambda c: keys.revoke(c, second.key_id, 3))
    with pytest.raises(Conflict, match="last admin key"):
        do(lambda c: keys.revoke(c, first.key_id, 4))
    do(lambda c: keys.revoke(c, viewer.key_id, 4))
    assert do(lambda c: keys.revoke(c, first.key_id, 5, force=True)).revoked_at == 5


def test_an_unknown_key_cannot_be_revoked(do):
    with pytest.raises(NotFound, match="Key not found"):
        do(lambda c: keys.revoke(c, "nothing", 1))


def test_a_key_of_the_environment_is_let_in_once(do):
    for now in (1, 2):
        do(lambda c, now=now: keys.ensure(c, "given-by-the-operator", Role.ADMIN, "environment", now))
    (record,) = do(keys.list_all)
    assert (record.name, record.role, record.created_at) == ("environment", Role.ADMIN, 1)
    do(lambda c: keys.revoke(c, record.key_id, 3, force=True))
    with pytest.raises(Conflict, match="revoked"):
        do(lambda c: keys.ensure(c, "given-by-the-operator", Role.ADMIN, "environment", 4))
