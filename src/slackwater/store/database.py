"""The connection to the store: one writer thread, readers beside it.

Everything in `store/` is a plain function of a connection; `Database` decides on which thread it runs, and in which
transaction. Callers get a `concurrent.futures.Future`: `.result()` in plain code, `asyncio.wrap_future` in a loop.
"""

import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from slackwater.errors import Unavailable
from slackwater.store import migrate

T = TypeVar("T")
Connection = sa.Connection  # what all of `store` works on; nobody else needs to know whose it is

FILE_NAME = "slackwater.db"
READERS = 4  # threads
BUSY_TIMEOUT = 15  # seconds to wait for another process's write, e.g. `slackwater keys`


class Database:
    """The store of one service: SQLite in its data directory."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._orders: queue.PriorityQueue[tuple[int, int, Callable[[], None]]] = queue.PriorityQueue()
        self._ticket = itertools.count()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._closed = False
        self._writer = threading.Thread(target=self._write_in_turn, name="store-writer", daemon=True)
        self._writer.start()

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Open the store in `data_dir`, creating and migrating it; Unavailable says why that is not possible."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            path = data_dir / FILE_NAME
            # The store holds credentials of sources: nobody else on the machine may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise Unavailable(f"The data directory {data_dir} cannot be used: {error.strerror}.") from None
        engine = _sqlite(path)
        migrate.to_newest(engine)
        return cls(engine)

    def read(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Run `work` on a reader thread in one snapshot of the store."""
        return self._readers.submit(self._reading, work)

    def write(self, work: Callable[[sa.Connection], T], *, urgent: bool = False) -> Future[T]:
        """Run `work` in one transaction on the writer thread; it is committed when the future has its result.

        `urgent` goes before everything that waits, and is on the disk when it is committed: that is how what people
        want survives a power cut. Batches need no such wait: points and checkpoint are lost or kept together.
        """
        if self._closed:
            raise Unavailable("The store is closed; the service is stopping.")
        future: Future[T] = Future()

        def perform() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = self._writing(work, durable=urgent)
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._orders.put((0 if urgent else 1, next(self._ticket), perform))
        return future

    @contextmanager
    def stream(self) -> Iterator[sa.Connection]:
        """Give a connection of its own for a long read; one snapshot until it is closed."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Finish what is queued, then close; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._orders.put((2, next(self._ticket), self._leave))
        self._writer.join()
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        with self.engine.connect() as connection, connection.begin():
            return work(connection)

    def _writing(self, work: Callable[[sa.Connection], T], *, durable: bool) -> T:
        with self.engine.connect() as connection:
            connection.execution_options(slackwater_write=True)
            connection.connection.execute(
                "PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL"
            )
            with connection.begin():
                return work(connection)

    def _write_in_turn(self) -> None:
        while True:
            _, _, perform = self._orders.get()
            try:
                perform()
            except _Leave:
                return

    def _leave(self) -> None:
        raise _Leave


class _Leave(Exception):  # noqa: N818 - a signal to the writer thread
    """The writer thread shall end."""


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=READERS + 1,
        max_overflow=-1,
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: a transaction that first reads and then writes could not be repeated.
        writes = connection.get_execution_options().get("slackwater_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
