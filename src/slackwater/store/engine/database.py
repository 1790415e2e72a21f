"""The connection to the store, on whichever database.

Everything in `store/` is a plain function of a connection; `Database` decides on which thread it runs, and in which
transaction. Callers get a `concurrent.futures.Future`: `.result()` in plain code, `asyncio.wrap_future` in a loop.
`store/engine/sqlite.py` and `store/engine/postgresql.py` are its two kinds.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from slackwater.errors import Unavailable
from slackwater.store.engine import migrate

T = TypeVar("T")
Connection = sa.Connection  # what all of `store` works on; nobody else needs to know whose it is

FILE_NAME = "slackwater.db"
NO_DRIVER = "A store on PostgreSQL needs the driver psycopg; run: pip install 'slackwater[postgresql]'."
CLOSED = "The store is closed; the service is stopping."


@dataclass(frozen=True, kw_only=True)
class Server:
    """The database server that holds the store. `repr` shows nothing of its password."""

    url: str
    wait: float = 30.0  # seconds for a server that cannot be reached
    connections: int = 20  # at most, of one process

    def __repr__(self) -> str:
        return "Server(…)"


class Database(ABC):
    """The store of one service."""

    engine: sa.Engine

    @staticmethod
    def open(
        data_dir: Path,
        secret_key: str | None = None,
        *,
        sealed: bool = False,
        server: Server | None = None,
        prepare: Callable[[sa.Engine], None] = migrate.to_newest,
    ) -> "Database":
        """Open the store in `data_dir`, or on `server`, creating and migrating it.

        Unavailable says why that is not possible.

        `secret_key` is the key of its secrets, None for the one in the data directory. `sealed` does without it, for
        whoever has no business with wrappers. `prepare` brings the schema to what is wanted.
        """
        if server is None:
            from slackwater.store.engine.sqlite import SqliteDatabase

            return SqliteDatabase.at(data_dir, secret_key, sealed=sealed, prepare=prepare)
        try:
            from slackwater.store.engine.postgresql import PostgresqlDatabase
        except ImportError as error:
            if (error.name or "").partition(".")[0] != "psycopg":
                raise
            raise Unavailable(NO_DRIVER) from None
        return PostgresqlDatabase.on(server, data_dir, secret_key, sealed=sealed, prepare=prepare)

    @abstractmethod
    def read(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        """Run `work` on a thread of its own in one snapshot of the store."""

    @abstractmethod
    def write(self, work: Callable[[sa.Connection], T], *, urgent: bool = False) -> Future[T]:
        """Run `work` in one transaction.

        It is committed when the future has its result. `urgent` goes before all that waits, and outlives a power cut.

        `work` may be called again where its first transaction could not be committed.
        """

    @abstractmethod
    def stream(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection of its own for a long read.

        One snapshot until `rollback`, the next from `begin` on.
        """

    @abstractmethod
    def rebuild(self) -> None:
        """Give all space of deleted data back. Nobody else may use the store meanwhile."""

    @abstractmethod
    def close(self) -> None:
        """Finish what is queued, then close; safe to call twice."""
