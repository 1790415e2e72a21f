"""The store on a database server: who waits for whom, what is told of trouble, and that a restart loses nothing."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest
import sqlalchemy as sa
from lives import Lives, column

import databases
from budget import some
from service import eventually
from slackwater.errors import StaleEpoch, Unavailable
from slackwater.store.engine import postgresql, postgresql_trouble
from slackwater.store.engine.database import Database, Server
from slackwater.store.records import event_tail, logs, wrappers
from slackwater.store.schema import wrappers as wrappers_table
from slackwater.store.series import daily
from slackwater.supervise.lifecycle import wanted_state

PATIENCE = 60  # seconds until a test gives up waiting
SECRET = "planted-password-7"


def opened(url, tmp_path, wait=0.0, **given):
    return Database.open(tmp_path, server=Server(url=url, wait=wait, connections=databases.CONNECTIONS), **given)


@pytest.fixture
def database(tmp_path):
    database = opened(databases.fresh(), tmp_path)
    yield database
    database.close()


@pytest.fixture(scope="module")
def own():
    with databases.OwnServer() as server:
        yield server


def told(url, tmp_path):
    with pytest.raises(Unavailable) as caught:
        opened(url, tmp_path)
    assert SECRET not in str(caught.value)
    return str(caught.value)


class TestSentences:
    def test_a_server_that_is_not_there(self, tmp_path):
        sentence = told(f"postgresql://me:{SECRET}@127.0.0.1:1/store", tmp_path)
        assert sentence.startswith("The database server at 127.0.0.1:1 cannot be reached: Connection refused. ")

    def test_a_database_that_is_not_there(self, tmp_path):
        url = databases.named(databases.server(), "slackwater_test_nowhere")
        assert "has no database slackwater_test_nowhere; make it (createdb slackwater_test_nowhere)" in told(
            url, tmp_path
        )

    @pytest.mark.parametrize("url", [f"postgresql://a:{SECRET}@[x/db", f"postgresql://a:{SECRET}@h/db?sslmode"])
    def test_what_is_no_address(self, tmp_path, url):
        assert told(url, tmp_path) == postgresql_trouble.NO_URL

    def test_a_wrong_password(self, tmp_path, own):
        with psycopg.connect(own.url, autocommit=True) as c:
            c.execute("CREATE ROLE reader LOGIN PASSWORD 'right'")
            hba = c.execute("SHOW hba_file").fetchone()[0]
        with open(hba) as file:
            before = file.read()
        with open(hba, "w") as file:
            file.write(f"local all reader scram-sha-256\n{before}")
        with psycopg.connect(own.url, autocommit=True) as c:
            c.execute("SELECT pg_reload_conf()")
        url = own.url.replace("postgres@", f"reader:{SECRET}@")
        assert 'password authentication failed for user "reader". Correct user and password' in told(url, tmp_path)

    def test_a_user_who_may_not_make_tables(self, tmp_path, own):
        with psycopg.connect(own.url, autocommit=True) as c:
            c.execute("CREATE ROLE guest LOGIN")
            c.execute("CREATE DATABASE closed")
        with psycopg.connect(databases.named(own.url, "closed"), autocommit=True) as c:
            c.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        sentence = told(databases.named(own.url, "closed").replace("postgres@", "guest@"), tmp_path)
        assert sentence.startswith("The user guest may not make tables in the database closed: permission denied")
        assert sentence.endswith("GRANT ALL ON SCHEMA public TO guest.")

    def test_a_server_that_is_too_old_and_a_database_of_another_encoding(self, tmp_path, own, monkeypatch):
        with psycopg.connect(own.url, autocommit=True) as c:
            c.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
        assert "has the encoding LATIN1; make one with ENCODING 'UTF8'" in told(
            databases.named(own.url, "latin"), tmp_path
        )
        monkeypatch.setattr(postgresql, "OLDEST", 99)
        assert told(own.url, tmp_path).endswith("; 99 or newer is needed.")

    def test_a_store_of_a_newer_version(self, tmp_path, database):
        database.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'") and None).result()
        with pytest.raises(Unavailable, match=r"The store was written by a newer Slackwater \("):
            opened(_url_of(database), tmp_path)


def _url_of(database):
    with database.engine.connect() as c:
        return databases.named(databases.server(), c.exec_driver_sql("SELECT current_database()").scalar())


def test_several_that_open_an_empty_store_at_once_do_not_disturb_each_other(tmp_path):
    url = databases.create()
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda n: opened(url, tmp_path / str(n), secret_key="k" * 40), range(4)))
    for store in stores:
        assert (
            store.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(wrappers_table)).scalar()).result()
            == 0
        )
        store.close()


def test_several_write_at_once_and_an_urgent_one_waits_for_no_batch(database):
    let_go, begun = threading.Event(), threading.Semaphore(0)

    def hold(_):
        begun.release()
        assert let_go.wait(PATIENCE)

    held = [database.write(hold) for _ in range(20)]
    assert begun.acquire(timeout=PATIENCE)
    assert begun.acquire(timeout=PATIENCE), "two at once"
    assert database.write(lambda _: "stop", urgent=True).result(PATIENCE) == "stop"
    let_go.set()
    for each in held:
        each.result(PATIENCE)


def test_a_stop_waits_for_the_commit_under_way_and_nothing_is_stored_after_it(database):
    lives = Lives(database)
    run = lives.running()
    wrapper_id = run.wrapper.wrapper_id
    locked, let_go = threading.Event(), threading.Event()

    def slowly(c):
        record = wrappers.get(c, wrapper_id, lock=True)
        locked.set()
        assert let_go.wait(PATIENCE)
        return record

    slow = database.write(slowly)
    assert locked.wait(PATIENCE)
    stop = database.write(lambda c: wanted_state.request_stop(c, wrapper_id, lives.now), urgent=True)
    assert not stop.done()
    let_go.set()
    slow.result(PATIENCE)
    stop.result(PATIENCE)
    with pytest.raises(StaleEpoch):
        lives.commit(run, [column({1: 1.0})])
    assert lives.stored(wrapper_id) == {}


def test_whoever_follows_a_log_misses_no_line_of_those_that_are_committed_in_another_order(database):
    lives = Lives(database)
    wrapper_id = lives.executing()
    written, let_go = threading.Event(), threading.Event()

    def slowly(c):
        logs.append(c, wrapper_id, [logs.LogLine(lives.now, "INFO", "written first")])
        written.set()
        assert let_go.wait(PATIENCE)

    def waits(c):
        query = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return c.exec_driver_sql(query).first() is not None

    tip = database.read(lambda c: logs.newest(c, wrapper_id, 1)).result(PATIENCE)[-1].number
    slow = database.write(slowly)
    assert written.wait(PATIENCE)
    quick = database.write(lambda c: logs.append(c, wrapper_id, [logs.LogLine(lives.now, "INFO", "written second")]))
    eventually(lambda: quick.done() or database.read(waits).result(PATIENCE))
    followed = database.read(lambda c: logs.behind(c, wrapper_id, tip, 10)).result(PATIENCE)
    let_go.set()
    slow.result(PATIENCE)
    quick.result(PATIENCE)
    tip = followed[-1].number if followed else tip
    followed += database.read(lambda c: logs.behind(c, wrapper_id, tip, 10)).result(PATIENCE)
    assert [line.text.rpartition(" - ")[2] for line in followed] == ["written first", "written second"]


def test_whoever_follows_the_events_misses_none_of_those_that_are_committed_in_another_order(database):
    lives = Lives(database)
    [first, second] = [lives.executing() for _ in range(2)]
    begun = database.read(event_tail.newest).result()
    with database.engine.connect() as late:
        wrappers.add_event(late, first, 0, "numbered first, committed last")
        database.write(lambda c: wrappers.add_event(c, second, 0, "numbered last")).result()
        seen, position = database.read(partial(event_tail.read, position=begun, limit=10, now=0)).result()
        assert [event.text for event in seen] == ["numbered last"]
        late.commit()
    soon, beyond = event_tail.AWAITED - 1, event_tail.AWAITED
    [event], settled = database.read(partial(event_tail.read, position=position, limit=10, now=soon)).result()
    assert event.text == "numbered first, committed last"
    assert database.read(partial(event_tail.read, position=settled, limit=10, now=soon)).result() == ([], settled)
    assert database.read(partial(event_tail.read, position=position, limit=10, now=beyond)).result()[0] == []


def test_two_that_store_new_points_need_not_wait_for_each_other(database):
    one, two = "a", next(each for each in "bcdefgh" if daily.row_of(each, 0) != daily.row_of("a", 0))
    counted, let_go = threading.Event(), threading.Event()

    def count_and_hold(c):
        daily.count(c, one, 1, 0)
        counted.set()
        assert let_go.wait(PATIENCE)

    slow = database.write(count_and_hold)
    assert counted.wait(PATIENCE)
    database.write(lambda c: daily.count(c, two, 2, 0)).result(PATIENCE / 2)
    let_go.set()
    slow.result(PATIENCE)
    assert database.read(lambda c: daily.points_of_today(c, 0)).result() == 3


def test_two_that_look_and_then_insert_are_repeated(database):
    both = threading.Barrier(2)
    tries = []

    def insert(c):
        tries.append(1)
        if len(tries) <= 2:
            both.wait(PATIENCE)
        known = c.exec_driver_sql("SELECT count(*) FROM vault").scalar()
        if not known:
            both.wait(PATIENCE) if len(tries) <= 2 else None
            c.exec_driver_sql("INSERT INTO vault (vault_id, proof) VALUES (1, 'x')")
        return known

    database.write(lambda c: c.exec_driver_sql("DELETE FROM vault") and None).result(PATIENCE)
    found = sorted(each.result(PATIENCE) for each in [database.write(insert) for _ in range(2)])
    assert found == [0, 1]


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_without_an_answer_is_looked_up(database, monkeypatch, committed):
    database.write(lambda c: c.exec_driver_sql("CREATE TABLE jottings (n INTEGER)") and None).result(PATIENCE)
    number_of = postgresql._number_of

    def cut(connection):
        number = number_of(connection)
        raw = connection.connection.dbapi_connection
        if committed:
            raw.commit()
        monkeypatch.setattr(postgresql, "_number_of", number_of)
        raw.close()
        return number

    monkeypatch.setattr(postgresql, "_number_of", cut)
    work = "INSERT INTO jottings VALUES (1)"
    assert database.write(lambda c: c.exec_driver_sql(work) and "done").result(PATIENCE) == "done"
    assert database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM jottings").scalar()).result(PATIENCE) == 1


@pytest.mark.parametrize("how", some([signal.SIGINT, signal.SIGQUIT], signal.SIGQUIT))
def test_a_restart_of_the_server_under_load_loses_nothing(tmp_path, own, how):
    with psycopg.connect(own.url, autocommit=True) as c:
        c.execute(f"CREATE DATABASE load_{how}")
    database = opened(databases.named(own.url, f"load_{how}"), tmp_path)
    lives = Lives(database)
    open_runs = [lives.running() for _ in range(4)]
    halfway, refused = threading.Barrier(5), []

    def load(run):
        for n in range(60):
            if n == 20:
                halfway.wait(PATIENCE)
            while True:
                try:
                    lives.commit(run, [column({n: float(n), 1000 + n: 1.0})])
                    break
                except Unavailable as error:
                    refused.append(str(error))
                    threading.Event().wait(0.02)

    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(load, run) for run in open_runs]
        halfway.wait(PATIENCE)
        own.stop(how)
        with pytest.raises(Unavailable, match="The store cannot be used right now: "):
            lives.get(open_runs[0].wrapper.wrapper_id)
        own.start()
        for each in loads:
            each.result(PATIENCE)
    assert refused
    assert all(each.startswith("The ") for each in refused)
    for run in open_runs:
        wrapper_id = run.wrapper.wrapper_id
        assert lives.stored(wrapper_id)["value"] == {n: float(n) for n in range(60)} | {
            1000 + n: 1.0 for n in range(60)
        }
        assert lives.get(wrapper_id).counters.points == 120
    database.close()


def test_closing_finishes_what_is_queued_then_refuses(database):
    waiting = [database.write(lambda _, n=n: n) for n in range(30)]
    database.close()
    assert [each.result(0) for each in waiting] == list(range(30))
    with pytest.raises(Unavailable, match="The store is closed"):
        database.write(lambda _: None)
    database.close()
