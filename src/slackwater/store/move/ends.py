"""Opens the two ends of a move, and refuses those in use.

An end is a data directory or a database. What is only read is left as it was.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from slackwater.errors import BadInput, Conflict, Unavailable
from slackwater.model.instants import SECOND
from slackwater.store.engine import migrate
from slackwater.store.engine.backup import UPLOADS
from slackwater.store.engine.database import FILE_NAME, Connection, Database, Server
from slackwater.store.engine.driver import Driver, driver_of
from slackwater.store.engine.lock import alone_in, moving
from slackwater.store.engine.migrate import Received
from slackwater.store.records import nodes
from slackwater.store.schema import vault

HOLD_SECONDS = 3.0  # that others may take to open the store, before they are in the way; chosen
LOOK_AGAIN = 0.1  # seconds between two tries to hold a database

Release = Callable[[Connection], None]  # gives free what silent nodes have left


@dataclass(frozen=True)
class Location:
    """Names an end of a move: a data directory, or a database.

    A database, too, has a data directory beside it.
    """

    name: str  # as people are told of it, without a password
    data_dir: Path
    server: Server | None = None

    @property
    def files_dir(self) -> Path:
        """Where uploaded files are, when they are not in the database."""
        return self.data_dir / UPLOADS


@dataclass(frozen=True)
class End:
    """An end of a move that is open and held."""

    place: Location
    database: Database
    driver: Driver
    check: Callable[[], None]  # that it is still held and still alone
    proof: str = ""  # of the key of its secrets, which tells stores apart
    received: Received = Received.WHOLE


@contextlib.contextmanager
def source(place: Location, secret_key: str | None, release: Release) -> Iterator[End]:
    """Open the store that is moved.

    BadInput when there is none, Conflict when somebody works with it, Unavailable when it cannot be used.
    """
    if place.server is None and not (place.data_dir / FILE_NAME).is_file():
        raise BadInput(f"There is no store in {place.name}; give the --data-dir of a service that has run.")
    with _opened(place, secret_key, migrate.existing, sealed=False) as end:
        _refuse_nodes(end, release)
        proof = end.database.read(lambda c: str(c.execute(sa.select(vault.c.proof)).scalar_one())).result()
        yield replace(end, proof=proof)


@contextlib.contextmanager
def target(place: Location, proof: str, *, create: bool) -> Iterator[End]:
    """Open the end that the store with that proof is moved to.

    Conflict when it holds anything but that store, or a part of it; or when somebody works with it. `create`: make one
    where there is nothing.
    """
    if place.server is None and not create and not (place.data_dir / FILE_NAME).is_file():
        raise BadInput(f"There is no store in {place.name}.")
    with _opened(place, None, lambda _: None, sealed=True) as end:

        def receive(c: Connection) -> Received:
            if not create and not sa.inspect(c).get_table_names():
                raise Unavailable("There is no store in it.")
            return migrate.receive(c, proof)

        try:
            received = end.database.write(receive, urgent=True).result()
        except Unavailable as error:
            what = "cannot take the store" if create else "does not hold the store"
            raise Conflict(f"{place.name} {what}. {error} {_way_out(place)}") from None
        if received is Received.WHOLE:
            _refuse_nodes(end, None)
        if place.server is None:
            place.files_dir.mkdir(mode=0o700, exist_ok=True)
        yield replace(end, received=received)


@contextlib.contextmanager
def _opened(
    place: Location, secret_key: str | None, prepare: Callable[[sa.Engine], None], *, sealed: bool
) -> Iterator[End]:
    with contextlib.ExitStack() as stack:
        if place.server is None:
            stack.enter_context(alone_in(place.data_dir))
            stack.enter_context(moving(place.data_dir))
            _forget_stale_log(place.data_dir)
        database = Database.open(place.data_dir, secret_key, sealed=sealed, server=place.server, prepare=prepare)
        stack.callback(database.close)
        holding = stack.enter_context(database.engine.connect())
        holding.execution_options(isolation_level="AUTOCOMMIT")
        driver = driver_of(holding)
        _hold(place, driver, holding)

        def check() -> None:
            """Raise Unavailable when the connection that holds the store is lost."""
            with driver.troubles_as_unavailable():
                holding.exec_driver_sql("SELECT 1")

        yield End(place, database, driver, check)


def _forget_stale_log(data_dir: Path) -> None:
    """Remove the log of a store that is gone.

    It would be played into the new one.
    """
    if not (data_dir / FILE_NAME).exists():
        for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
            (data_dir / name).unlink(missing_ok=True)


def _hold(place: Location, driver: Driver, connection: Connection) -> None:
    deadline = time.monotonic() + HOLD_SECONDS
    with driver.troubles_as_unavailable():
        while not driver.hold_alone(connection):
            if time.monotonic() > deadline:
                raise Conflict(f"Somebody else opens or moves {place.name} just now; wait until that is done.")
            time.sleep(LOOK_AGAIN)


def _refuse_nodes(end: End, release: Release | None) -> None:
    """Refuse a store that nodes work with.

    Those that are known to be gone are taken out of a source.
    """
    for node in end.database.read(nodes.list_all).result():
        left = (node.renewed_at + node.silence - end.database.read(nodes.present).result()) / SECOND
        if left > 0:
            raise Conflict(
                f"The node {node.name} works with {end.place.name}; stop it, and call again. If it was killed, wait "
                f"{left:,.0f} s: until then its runs may be alive."
            )
    if release is not None and end.place.server is not None:
        end.database.write(partial(_take_out, release=release), urgent=True).result()


def _take_out(c: Connection, release: Release) -> None:
    if nodes.take_out(c):
        release(c)


def _way_out(place: Location) -> str:
    if place.server is None:
        return "Give another directory, or move this one away first."
    return "Name an empty database (createdb makes one)."
