"""Opens the store on PostgreSQL: several writers at once, a bounded pool of connections."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Loader
from psycopg.types.string import StrDumper
from sqlalchemy.pool import QueuePool

from slackwater.errors import Unavailable
from slackwater.store.engine import migrate, vault
from slackwater.store.engine.database import CLOSED, Database, Server
from slackwater.store.engine.driver import OPTION
from slackwater.store.engine.postgresql_driver import REPLACEMENT, PostgresqlDriver
from slackwater.store.engine.postgresql_trouble import (
    OLDEST,
    SETTING,
    Address,
    is_trouble,
    original,
    reason,
    troubles_as_unavailable,
)

T = TypeVar("T")

SHARE = 5  # of the connections one in so many is a reader's, and one a writer's; the others are for streams
URGENT_WRITERS = 1  # thread for urgent orders alone, so that they never wait for a batch
TRIES = 5  # of a transaction that met another one, or a connection that was gone
AFTER_A_LOSS = 15.0  # seconds in which it must turn out whether a commit was carried out
LOOK_AGAIN = 0.25  # seconds between two tries to connect

# Of each connection. A node that is frozen in the middle of a transaction must not hold its locks for ever; whoever
# waits for a lock gives up. A commit is on the disk when it is answered: a server that crashed could else forget a
# batch, and the service, which goes on, would store what follows on it.
_SESSION = """SELECT set_config('lock_timeout', '15s', false), set_config('jit', 'off', false),
set_config('idle_in_transaction_session_timeout', %s, false), set_config('synchronous_commit', CASE
current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"""

_AGAIN = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,  # of two that look first and then insert; the second look finds the other's row
)


class _PlainNumber(Loader):
    """Sums of integers are `numeric`: plain numbers here."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class _WithoutNul(StrDumper):
    """Writes texts without U+0000, which PostgreSQL cannot hold."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", REPLACEMENT))


@dataclass
class _Asked:
    """Work for a writer."""

    work: Callable[[sa.Connection], Any]
    future: "Future[Any]" = field(default_factory=Future)


class _Line:
    """Orders that wait: urgent ones first, each kind in the order of its coming."""

    def __init__(self) -> None:
        self._urgent: deque[_Asked] = deque()
        self._batches: deque[_Asked] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, order: _Asked, *, urgent: bool) -> None:
        with self._changed:
            if self._closed:
                raise Unavailable(CLOSED)
            (self._urgent if urgent else self._batches).append(order)
            self._changed.notify_all()

    def take(self, *, urgent_only: bool) -> _Asked | None:
        """Wait for the next order; None when there will be none any more."""
        with self._changed:
            while True:
                if self._urgent:
                    return self._urgent.popleft()
                if self._batches and not urgent_only:
                    return self._batches.popleft()
                if self._closed:
                    return None
                self._changed.wait()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class PostgresqlDatabase(Database):
    """The store of one or several services: a database of PostgreSQL."""

    def __init__(self, engine: sa.Engine, streams: sa.Engine, threads: int) -> None:
        self.engine = engine
        self._streams = streams
        self._line = _Line()
        self._closed = False
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._writers = [
            threading.Thread(
                target=self._write_in_turn,
                kwargs={"urgent_only": number < URGENT_WRITERS},
                name=f"store-writer-{number}",
                daemon=True,
            )
            for number in range(URGENT_WRITERS + threads)
        ]
        for writer in self._writers:
            writer.start()

    @classmethod
    def on(
        cls,
        server: Server,
        data_dir: Path,
        secret_key: str | None,
        *,
        sealed: bool,
        prepare: Callable[[sa.Engine], None] = migrate.to_newest,
    ) -> Self:
        """Open the store on a server; see `Database.open`."""
        address = Address(server.url)
        _await(address, server.wait)
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        threads = max(2, server.connections // SHARE)
        kept = 2 * threads + URGENT_WRITERS
        engine = _engine(address, kept, 0, idle="10s")
        streams = _engine(address, 1, max(1, server.connections - kept - 1), idle="0")
        try:
            with troubles_as_unavailable():
                prepare(engine)
                if not sealed:
                    opened = vault.unlock(engine, data_dir, secret_key)
                    engine = engine.execution_options(slackwater_vault=opened)
                    streams = streams.execution_options(slackwater_vault=opened)
        except sa.exc.ProgrammingError as error:
            engine.dispose()
            if isinstance(original(error), psycopg.errors.InsufficientPrivilege):
                raise address.no_rights(error) from None
            raise Unavailable(f"The store in {address.database} cannot be used: {reason(error)}.") from None
        except psycopg.errors.InsufficientPrivilege as error:
            engine.dispose()
            raise address.no_rights(error) from None
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, streams, threads)

    def read(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Run `work` on a reader thread in one snapshot of the store."""
        return self._readers.submit(self._reading, work)

    def write(self, work: Callable[[sa.Connection], T], *, urgent: bool = False) -> Future[T]:
        """Run `work` in one transaction on one of the writers' threads."""
        order = _Asked(work)
        self._line.put(order, urgent=urgent)
        return order.future

    @contextmanager
    def stream(self) -> Iterator[sa.Connection]:
        """Give a connection of its own for a long read."""
        with troubles_as_unavailable(), self._streams.connect() as connection:
            snapshot = _snapshot(connection)
            snapshot.begin()
            yield snapshot

    def rebuild(self) -> None:
        """Let the server use the space of deleted points again."""
        with troubles_as_unavailable(), self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM (ANALYZE) points")

    def close(self) -> None:
        """Finish what is queued, then close; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._line.close()
        for writer in self._writers:
            writer.join()
        self._readers.shutdown(wait=True)
        self.engine.dispose()
        self._streams.dispose()

    def _reading(self, work: Callable[[sa.Connection], T]) -> T:
        with troubles_as_unavailable():
            for tries in range(TRIES):
                with self.engine.connect() as connection:
                    try:
                        with _snapshot(connection).begin():
                            return work(connection)
                    except (sa.exc.DBAPIError, psycopg.Error):
                        if tries or not self._lost(connection):
                            raise
        raise AssertionError("unreachable")

    def _write_in_turn(self, *, urgent_only: bool) -> None:
        while (order := self._line.take(urgent_only=urgent_only)) is not None:
            if not order.future.set_running_or_notify_cancel():
                continue
            try:
                with troubles_as_unavailable():
                    order.future.set_result(self._written(order.work))
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
                with suppress(InvalidStateError):
                    order.future.set_exception(error)

    def _written(self, work: Callable[[sa.Connection], T]) -> T:
        """Perform an order and commit it.

        Again where another transaction was in its way, or where the connection was lost before the commit.
        """
        for tries in range(1, TRIES + 1):
            number: str | None = None
            with self.engine.connect() as connection:
                transaction = connection.begin()
                try:
                    result = work(connection)
                    number = _number_of(connection)
                    transaction.commit()
                    return result
                except BaseException as error:
                    lost = self._lost(connection)
                    with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
                        transaction.rollback()
                    if not (lost or isinstance(original(error), _AGAIN)) or (tries == TRIES and number is None):
                        raise
            if lost and number is not None and self._was_committed(number):
                return result
        raise Unavailable("The store cannot be used right now: the connection to its server is lost again and again.")

    def _lost(self, connection: sa.Connection) -> bool:
        """Say whether a connection is gone, and have new ones made where it is."""
        try:
            raw: Any = connection.connection.dbapi_connection
            lost = raw is None or raw.closed
        except (sa.exc.SQLAlchemyError, psycopg.Error):
            lost = True
        if lost:
            with suppress(sa.exc.SQLAlchemyError, psycopg.Error):
                connection.invalidate()
            self.engine.dispose()
        return lost

    def _was_committed(self, number: str) -> bool:
        """Find out what became of a transaction whose commit was not answered.

        Unavailable when that cannot be known in time.
        """
        deadline = time.monotonic() + AFTER_A_LOSS
        while True:
            try:
                with self.engine.connect() as c:
                    status = c.exec_driver_sql("SELECT pg_xact_status(%s::xid8)", (number,)).scalar()
                if status != "in progress":
                    return status == "committed"
                why = "the server still works on it"
            except (sa.exc.DBAPIError, psycopg.Error) as error:
                if not is_trouble(error):
                    raise
                why = reason(error)
            if time.monotonic() > deadline:
                raise Unavailable(f"The connection to the store was lost in the middle of a commit: {why}.")
            time.sleep(LOOK_AGAIN)


def _number_of(connection: sa.Connection) -> str | None:
    """Return the number of a transaction that has changed something."""
    number: str | None = connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()::text").scalar()
    return number


def _snapshot(connection: sa.Connection) -> sa.Connection:
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _engine(address: Address, kept: int, more: int, *, idle: str) -> sa.Engine:
    def connect() -> "psycopg.Connection[Any]":
        try:
            connection = psycopg.connect(**address.parts)
        except psycopg.Error as error:
            raise type(error)(address.refusal(error).sentence.rstrip(".")) from None
        connection.adapters.register_loader("numeric", _PlainNumber)
        connection.adapters.register_dumper(str, _WithoutNul)
        connection.execute(_SESSION, (idle,))
        connection.commit()
        return connection

    return sa.create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=kept,
        max_overflow=more,
        pool_timeout=10,
        pool_use_lifo=True,
        use_native_hstore=False,
    ).execution_options(**{OPTION: PostgresqlDriver()})


def _await(address: Address, seconds: float) -> None:
    """Wait until the server is there, and see that it can hold the store.

    Unavailable says what is wrong; what does not change by itself is not waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(**address.parts) as connection:
                version = connection.info.server_version // 10_000
                encoding = connection.info.parameter_status("server_encoding")
            break
        except psycopg.Error as error:
            refusal = address.refusal(error)
            if not refusal.passing:
                raise Unavailable(refusal.sentence) from None
            if time.monotonic() >= deadline:
                sentence = f"{refusal.sentence} Start it, or correct {SETTING}; it was waited for {seconds:g} s."
                raise Unavailable(sentence) from None
            time.sleep(LOOK_AGAIN)
    if version < OLDEST:
        raise Unavailable(
            f"The database server at {address.server} is PostgreSQL {version}; {OLDEST} or newer is needed."
        )
    if encoding != "UTF8":
        raise Unavailable(
            f"The database {address.database} has the encoding {encoding}; make one with ENCODING 'UTF8'."
        )
