"""Opens the store in a file of the data directory.

SQLite with one writer and readers beside it.
"""

import errno
import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from slackwater.errors import Unavailable
from slackwater.store.engine import migrate, search, space, vault
from slackwater.store.engine.database import CLOSED, FILE_NAME, Database
from slackwater.store.engine.driver import OPTION
from slackwater.store.engine.sqlite_driver import TROUBLES, SqliteDriver

T = TypeVar("T")

READERS = 4  # threads; chosen: twice the cores of a small machine
BUSY_TIMEOUT = 15  # seconds to wait for another process's write, e.g. `slackwater keys`


URGENT, BATCH, LEAVE = range(3)  # ranks of orders to the writer, first served first
TOGETHER = {URGENT: 64, BATCH: 4}  # orders in one transaction at the most; a stop waits for the one that is under way


@dataclass(order=True)
class _Order:
    """Work for the writer: by rank, then in the order of its coming."""

    rank: int
    ticket: int
    work: Callable[[sa.Connection], Any] = field(compare=False, default=lambda _: None)
    future: "Future[Any]" = field(compare=False, default_factory=Future)


def _performed(connection: sa.Connection, order: _Order) -> Callable[[], None]:
    """Perform an order in a savepoint.

    Return how to tell its outcome once the transaction is committed.

    A trouble (a full disk, say) is raised: SQLite has then rolled back all of the transaction.
    """
    savepoint = connection.begin_nested()
    try:
        result = order.work(connection)
    except TROUBLES:
        raise
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the future
        savepoint.rollback()
        return partial(order.future.set_exception, error)
    savepoint.commit()
    return partial(order.future.set_result, result)


class SqliteDatabase(Database):
    """The store of one service: SQLite in its data directory."""

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self.engine = engine
        self._path = path
        self._file = _file_at(path)
        self._orders: queue.PriorityQueue[_Order] = queue.PriorityQueue()
        self._ticket = itertools.count()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._closed = False
        self._writer = threading.Thread(target=self._write_in_turn, name="store-writer", daemon=True)
        self._writer.start()

    @classmethod
    def at(
        cls,
        data_dir: Path,
        secret_key: str | None,
        *,
        sealed: bool,
        prepare: Callable[[sa.Engine], None] = migrate.to_newest,
    ) -> Self:
        """Open the store in `data_dir`; see `Database.open`."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            path = data_dir / FILE_NAME
            _make_private(path)
            space.prepare(path)
        except OSError as error:
            raise Unavailable(f"The data directory {data_dir} cannot be used: {error.strerror}.") from None
        engine = _sqlite(path).execution_options(**{OPTION: SqliteDriver(path)})
        try:
            prepare(engine)
            if not sealed:
                engine = engine.execution_options(slackwater_vault=vault.unlock(engine, data_dir, secret_key))
        except sa.exc.DatabaseError as error:
            engine.dispose()
            raise Unavailable(f"The store {path} cannot be used: {error.orig}.") from None
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, path)

    def rebuild(self) -> None:
        """Write the whole file anew, without free pages."""
        space.rebuild(self.engine)

    def read(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Run `work` on a reader thread in one snapshot of the store."""
        return self._readers.submit(self._reading, work)

    def write(self, work: Callable[[sa.Connection], T], *, urgent: bool = False) -> Future[T]:
        """Run `work` in one transaction on the writer thread.

        It is committed when the future has its result.

        `urgent` goes before everything that waits, and is on the disk when it is committed: that is how what people
        want survives a power cut. Batches need no such wait: points and checkpoint are lost or kept together.
        """
        if self._closed:
            raise Unavailable(CLOSED)
        future: Future[T] = Future()
        self._orders.put(_Order(URGENT if urgent else BATCH, next(self._ticket), work, future))
        return future

    @contextmanager
    def stream(self) -> Iterator[sa.Connection]:
        """Give a connection of its own for a long read.

        One snapshot until `rollback`, the next from `begin` on.
        """
        self._must_be_there()
        with self.engine.connect() as connection:
            connection.begin()
            yield connection

    def close(self) -> None:
        """Finish what is queued, then close; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._orders.put(_Order(LEAVE, next(self._ticket)))
        self._writer.join()
        while not self._orders.empty():  # what slipped in while we closed must not be waited for, for ever
            self._orders.get().future.set_exception(Unavailable(CLOSED))
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        self._must_be_there()
        with _troubles_as_unavailable(), self.engine.connect() as connection, connection.begin():
            return work(connection)

    def _must_be_there(self) -> None:
        """Raise Unavailable when the store's file was removed or replaced.

        SQLite goes on with the one it has open.
        """
        if _file_at(self._path) != self._file:
            raise Unavailable(
                f"The store {self._path} was removed or replaced while the service ran; what is written now would be "
                "lost. Stop the service, put the data directory back (slackwater restore), start it again."
            )

    def _write_in_turn(self) -> None:
        while True:
            group = [self._orders.get()]
            if group[0].rank == LEAVE:
                return
            try:
                self._gather(group)
                if running := [order for order in group if order.future.set_running_or_notify_cancel()]:
                    self._commit(running)
            except BaseException as error:  # noqa: BLE001 - without a writer everybody would wait for ever
                for order in group:
                    with suppress(InvalidStateError):  # it has its outcome already
                        order.future.set_exception(error)

    def _gather(self, group: "list[_Order]") -> None:
        """Add to a group the orders that share a transaction with its first.

        Those of its rank that wait already.
        """
        rank = group[0].rank
        while len(group) < TOGETHER[rank]:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                break
            if order.rank != rank:
                self._orders.put(order)
                break
            group.append(order)

    def _commit(self, group: "list[_Order]") -> None:
        """Perform orders in one transaction, each in a savepoint.

        One commit to the disk serves all of them.

        What fails is rolled back alone. Nobody is answered before the commit, and a commit that fails fails all.
        """
        outcomes: list[Callable[[], None]] = []
        try:
            with _troubles_as_unavailable(), self.engine.connect() as connection:
                connection.execution_options(slackwater_write=True)
                durable = group[0].rank == URGENT
                connection.connection.execute("PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL")
                with connection.begin():
                    if len(group) == 1:
                        outcomes = [partial(group[0].future.set_result, group[0].work(connection))]
                    else:
                        outcomes = [_performed(connection, order) for order in group]
                    self._must_be_there()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the futures
            outcomes = [partial(order.future.set_exception, error) for order in group]
        for resolve in outcomes:
            resolve()


def _make_private(path: Path) -> None:
    """Make the file of the store if there is none.

    It holds credentials, so nobody else on the machine may read it.

    One that exists is not opened: closing it would take the locks of whatever else in this process works on it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _troubles_as_unavailable() -> Iterator[None]:
    """Raise Unavailable for what is no fault of the work.

    A full disk, a lock that is held, a file that is gone.
    """
    try:
        yield
    except TROUBLES as error:
        raise Unavailable(f"The store cannot be used right now: {getattr(error, 'orig', error)}.") from error


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
        search.install(connection)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: a transaction that first reads and then writes could not be repeated.
        writes = connection.get_execution_options().get("slackwater_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
