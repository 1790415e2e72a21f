"""Names what the two databases do in different ways on a connection.

`store/engine/sqlite_driver.py` and `store/engine/postgresql_driver.py` have one driver each; all else in `store/` is
written once. Statements that go past SQLAlchemy, because they are called for every few points, have `?` for values.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa

from slackwater.errors import Unavailable

PointRow = tuple[int, int, float]  # series_id, x, y
OPTION = "slackwater_driver"  # execution option of a connection that holds its driver


class Driver(Protocol):
    """How one of the databases carries out what SQL alone cannot say for both."""

    def kept_text(self, text: str) -> str:
        """Return a text as the database keeps it."""

    def rows(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> list[Any]:
        """Return the rows that a statement gives."""

    def run(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> None:
        """Execute a statement that gives no rows."""

    def run_each(self, c: sa.Connection, statement: str, each: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that gives no rows once for each of several values."""

    def add_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Store new points, sorted by series and time."""

    def revise_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Give stored points other values."""

    def known_points(self, c: sa.Connection, wanted: Mapping[int, Sequence[int]]) -> dict[int, dict[int, float]]:
        """Return series_id → time → value of those of the wanted times that are stored."""

    def block_ends(self, c: sa.Connection, series_ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
        """Return series_id → oldest and newest block, without the id, of those that have any."""

    def add_rows(self, c: sa.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Add new rows to a table."""

    def sums(self, c: sa.Connection, series_id: int, ranges: Sequence[tuple[int, int]]) -> list[Any]:
        """Return count, sum, least and greatest value of the points in each range.

        Ranges of µs are inclusive. The sum is None where it is no number.
        """

    def before_migration(self, c: sa.Connection) -> None:
        """Let no other process migrate the store until the transaction ends."""

    def equip(self, c: sa.Connection) -> None:
        """Add to a schema that was just made or migrated what only this database needs."""

    def one_keeper(self, c: sa.Connection) -> None:
        """Let no other process change the key of the secrets until the transaction ends."""

    def keep_key(self, c: sa.Connection) -> None:
        """Let nobody change the key of the secrets until the transaction ends."""

    def erase_overwritten(self, c: sa.Connection, on: bool) -> None:
        """Let what is overwritten leave no trace, or no longer; outside of a transaction."""

    def empty_log(self, c: sa.Connection) -> None:
        """Empty the log of changes, which still holds what was overwritten, outside of a transaction."""

    def give_back(self, c: sa.Connection) -> bool:
        """Give some space of deleted data back; False when none is left."""

    def size(self, c: sa.Connection) -> int:
        """Return the bytes that the store takes."""

    def scan(
        self, c: sa.Connection, table: sa.Table, at_once: int, after: Sequence[Any] | None = None
    ) -> Iterator[list[Any]]:
        """Yield all rows of a table by its key, so many at once.

        `after`: only those behind a key.
        """

    def last_key(self, c: sa.Connection, table: sa.Table) -> Sequence[Any] | None:
        """Return the greatest key of a table, None when it is empty."""

    def hold_alone(self, c: sa.Connection) -> bool:
        """Let nobody else open the store as long as this connection lasts.

        False when somebody is about to. `c` commits each statement.
        """

    def refuse_while_held(self, c: sa.Connection) -> None:
        """Raise Unavailable while another process holds the store alone.

        Nobody can begin to until the transaction ends.
        """

    def share(self, c: sa.Connection) -> bool:
        """Let nobody move the store as long as this connection lasts.

        False when somebody does. `c` commits each statement.
        """

    def number_on(self, c: sa.Connection, table: sa.Table) -> None:
        """Let a table number its next rows behind those that it holds."""

    def take_stock(self, c: sa.Connection) -> None:
        """Let the database count what was filled in, outside of a transaction.

        It chooses its ways by that.
        """

    def troubles_as_unavailable(self) -> AbstractContextManager[None]:
        """Raise Unavailable, with the reason, for whatever the database refuses."""


def driver_of(c: sa.Connection) -> Driver:
    """Return the driver of a connection."""
    driver: Driver | None = c.get_execution_options().get(OPTION)
    if driver is None:
        raise Unavailable("The connection was not opened by the store.")
    return driver
