"""The connection to the store: one writer, readers beside it, and what is told when it cannot be used."""

import sqlite3
import stat
import threading
from concurrent.futures import CancelledError

import pytest

from slackwater.errors import Unavailable
from slackwater.store.engine.database import FILE_NAME, Database
from slackwater.store.schema import logs

pytestmark = pytest.mark.sqlite

PATIENCE = 20  # seconds until a test gives up waiting


@pytest.fixture
def database(tmp_path):
    database = Database.open(tmp_path)
    database.write(lambda c: c.exec_driver_sql("CREATE TABLE jottings (text TEXT)") and None).result(PATIENCE)
    yield database
    database.close()


def note(text):
    return lambda c: c.exec_driver_sql("INSERT INTO jottings VALUES (?)", (text,)) and text


def notes(c):
    return [row.text for row in c.exec_driver_sql("SELECT text FROM jottings ORDER BY rowid")]


class Held:
    """A write that has begun and waits to be let go."""

    def __init__(self, database, work=note("held")):
        self.begun, self.let_go = threading.Event(), threading.Event()

        def hold(c):
            result = work(c)
            self.begun.set()
            assert self.let_go.wait(PATIENCE)
            return result

        self.future = database.write(hold)
        assert self.begun.wait(PATIENCE)


class TestWriting:
    def test_the_result_is_there_when_it_is_committed(self, database):
        assert database.write(note("a")).result(PATIENCE) == "a"
        assert database.read(notes).result(PATIENCE) == ["a"]

    def test_a_writer_that_stumbles_between_two_transactions_goes_on(self, database, monkeypatch):
        held, gather = Held(database), database._gather

        def out_of_memory(group):
            gather(group)
            monkeypatch.undo()
            raise MemoryError

        monkeypatch.setattr(database, "_gather", out_of_memory)
        lost = [database.write(note(text)) for text in ("a", "b")]
        held.let_go.set()
        for future in lost:
            with pytest.raises(MemoryError):
                future.result(PATIENCE)
        assert database.write(note("c")).result(PATIENCE) == "c"
        assert database.read(notes).result(PATIENCE) == ["held", "c"]

    @pytest.mark.parametrize("urgent", [False, True])
    def test_work_that_fails_is_undone_wholly_and_its_error_reaches_the_caller(self, database, urgent):
        def work(c):
            note("half")(c)
            raise KeyError("why")

        with pytest.raises(KeyError, match="why"):
            database.write(work, urgent=urgent).result(PATIENCE)
        assert database.read(notes).result(PATIENCE) == []
        assert database.write(note("next")).result(PATIENCE) == "next", "the writer lives on"

    def test_not_even_an_exit_ends_the_writer(self, database):
        def leave(c):
            raise SystemExit

        with pytest.raises(SystemExit):
            database.write(leave).result(PATIENCE)
        assert database.write(note("next")).result(PATIENCE) == "next"

    def test_urgent_writes_overtake_what_waits_and_keep_their_own_order(self, database):
        held = Held(database)
        waiting = [database.write(note(f"batch {n}")) for n in range(5)]
        urgent = [database.write(note(f"stop {n}"), urgent=True) for n in range(3)]
        held.let_go.set()
        for future in (*waiting, *urgent):
            future.result(PATIENCE)
        order = ["held", *(f"stop {n}" for n in range(3)), *(f"batch {n}" for n in range(5))]
        assert database.read(notes).result(PATIENCE) == order

    def test_urgent_is_on_the_disk_when_it_is_done_and_batches_need_not_be(self, database):
        def synchronous(c):
            return c.exec_driver_sql("PRAGMA synchronous").scalar()

        full, normal = 2, 1
        levels = [database.write(synchronous, urgent=urgent).result(PATIENCE) for urgent in (True, False, True)]
        assert levels == [full, normal, full]

    def test_what_was_cancelled_in_the_line_is_not_done(self, database):
        held = Held(database)
        waiting = database.write(note("cancelled"))
        assert waiting.cancel()
        held.let_go.set()
        with pytest.raises(CancelledError):
            waiting.result(PATIENCE)
        database.write(note("after")).result(PATIENCE)
        assert database.read(notes).result(PATIENCE) == ["held", "after"]

    def test_many_threads_lose_no_update(self, database):
        database.write(lambda c: c.exec_driver_sql("CREATE TABLE n (n INTEGER)") and None).result(PATIENCE)
        database.write(note("0")).result(PATIENCE)

        def raise_by_one(c):
            n = int(notes(c)[0])
            c.exec_driver_sql("UPDATE jottings SET text = ?", (str(n + 1),))

        def work():
            for future in [database.write(raise_by_one) for _ in range(25)]:
                future.result(PATIENCE)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert database.read(notes).result(PATIENCE) == ["100"]


class TestReading:
    def test_goes_on_beside_a_writer_and_sees_only_what_is_committed(self, database):
        held = Held(database)
        assert [database.read(notes).result(PATIENCE) for _ in range(8)] == [[]] * 8
        held.let_go.set()
        held.future.result(PATIENCE)
        assert database.read(notes).result(PATIENCE) == ["held"]

    def test_a_stream_is_one_snapshot_until_it_is_closed(self, database):
        database.write(note("before")).result(PATIENCE)
        with database.stream() as connection:
            assert notes(connection) == ["before"]
            database.write(note("meanwhile")).result(PATIENCE)
            assert notes(connection) == ["before"]
        assert database.read(notes).result(PATIENCE) == ["before", "meanwhile"]

    def test_more_streams_than_readers_are_no_trouble(self, database):
        streams = [database.stream() for _ in range(12)]
        for stream in streams:
            notes(stream.__enter__())
        assert database.write(note("x")).result(PATIENCE) == "x"
        for stream in streams:
            stream.__exit__(None, None, None)


class TestClosing:
    def test_finishes_what_is_queued_then_refuses(self, tmp_path, database):
        held = Held(database)
        waiting = [database.write(note(f"n{n}")) for n in range(9)]
        closing = threading.Thread(target=database.close)
        closing.start()
        held.let_go.set()
        closing.join(PATIENCE)
        assert [future.result(0) for future in waiting] == [f"n{n}" for n in range(9)]
        with pytest.raises(Unavailable, match="The store is closed"):
            database.write(note("late"))
        database.close()
        with sqlite3.connect(tmp_path / FILE_NAME) as plain:
            assert plain.execute("SELECT count(*) FROM jottings").fetchone() == (10,)
        plain.close()

    def test_what_is_stored_is_there_the_next_time(self, tmp_path, database):
        database.write(note("kept")).result(PATIENCE)
        database.close()
        again = Database.open(tmp_path)
        assert again.read(notes).result(PATIENCE) == ["kept"]
        again.close()


class TestTrouble:
    def test_nobody_else_may_read_the_store(self, tmp_path, database):
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name

    def test_a_directory_that_cannot_be_one(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(Unavailable, match=r"The data directory .*file cannot be used: "):
            Database.open(tmp_path / "file")
        with pytest.raises(Unavailable, match="cannot be used"):
            Database.open(tmp_path / "file" / "below")

    def test_a_file_that_is_no_store(self, tmp_path):
        (tmp_path / FILE_NAME).write_bytes(b"this is a letter, not a database " * 99)
        with pytest.raises(Unavailable, match=r"The store .*slackwater\.db cannot be used: file is not a database"):
            Database.open(tmp_path)

    def test_another_process_that_writes_is_waited_for(self, tmp_path, database):
        """`slackwater keys` writes beside a running service."""
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO jottings VALUES ('theirs')")
        waiting = database.write(note("ours"))
        threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
        assert waiting.result(PATIENCE) == "ours"
        assert database.read(notes).result(PATIENCE) == ["theirs", "ours"]
        other.close()

    def test_a_full_disk_is_unavailable_and_nothing_is_stored(self, database):
        def too_much(c):
            c.exec_driver_sql(f"PRAGMA max_page_count = {c.exec_driver_sql('PRAGMA page_count').scalar() + 1}")
            for _ in range(50):
                note("x" * 5_000)(c)

        with pytest.raises(Unavailable, match=r"The store cannot be used right now: database or disk is full\."):
            database.write(too_much).result(PATIENCE)
        assert database.read(notes).result(PATIENCE) == []

    def test_a_broken_rule_of_the_schema_is_no_unavailability(self, database):
        import sqlalchemy as sa

        with pytest.raises(sa.exc.IntegrityError):
            database.write(
                lambda c: c.execute(logs.insert().values(wrapper_id="nobody", at=0, level="INFO", message="x"))
            ).result(PATIENCE)

    def test_a_directory_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(Unavailable, match="Not a directory"):
            Database.open(tmp_path / "file" / "data")
