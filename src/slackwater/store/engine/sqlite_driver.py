"""Does what is SQLite's own in work on a connection."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from slackwater.errors import Unavailable
from slackwater.store.engine import key_order, space
from slackwater.store.engine.driver import PointRow

ROWS = 500  # in one INSERT: the driver's work for each statement, not the tree, is what a million points cost most
LOOKED_UP = 500  # times in one statement; SQLite takes 32,766 variables, and 500 are quick to prepare
TROUBLES = (sa.exc.OperationalError, sqlite3.OperationalError)  # no fault of the work: a full disk, a lock, a lost file

_INSERT = "INSERT INTO points (series_id, x, y) VALUES (?, ?, ?) ON CONFLICT (series_id, x) DO NOTHING"
_INSERT_ROWS = _INSERT.replace("(?, ?, ?)", ", ".join(["(?, ?, ?)"] * ROWS))
_REVISE = "UPDATE points SET y = ? WHERE series_id = ? AND x = ?"
_SUMS = "SELECT count(*), sum(y), min(y), max(y) FROM points WHERE series_id = ? AND x BETWEEN ? AND ?"
_BLOCK = "SELECT first, last, count, total, least, most FROM blocks WHERE series_id = ? ORDER BY first"
_OLDEST, _NEWEST = f"{_BLOCK} LIMIT 1", f"{_BLOCK} DESC LIMIT 1"


class SqliteDriver:
    """The driver of a store in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept_text(self, text: str) -> str:
        """Return a text as it is."""
        return text

    def rows(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> list[Any]:
        """Return the rows that a statement gives."""
        cursor = c.connection.cursor()
        try:
            rows: list[Any] = cursor.execute(statement, given).fetchall()
            return rows
        finally:
            cursor.close()

    def run(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> None:
        """Execute a statement that gives no rows."""
        cursor = c.connection.cursor()
        try:
            cursor.execute(statement, given)
        finally:
            cursor.close()

    def run_each(self, c: sa.Connection, statement: str, each: Sequence[Sequence[Any]]) -> None:
        """Execute a statement once for each of several values."""
        cursor = c.connection.cursor()
        try:
            cursor.executemany(statement, each)
        finally:
            cursor.close()

    def add_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Store new points."""
        whole = len(rows) - len(rows) % ROWS
        for start in range(0, whole, ROWS):
            self.run(c, _INSERT_ROWS, tuple(chain.from_iterable(rows[start : start + ROWS])))
        if rest := rows[whole:]:
            self.run_each(c, _INSERT, rest)

    def revise_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Give stored points other values."""
        self.run_each(c, _REVISE, [(y, series_id, x) for series_id, x, y in rows])

    def known_points(self, c: sa.Connection, wanted: Mapping[int, Sequence[int]]) -> dict[int, dict[int, float]]:
        """Return those of the wanted times that are stored."""
        found: dict[int, dict[int, float]] = {}
        for series_id, times in wanted.items():
            mine = found.setdefault(series_id, {})
            for start in range(0, len(times), LOOKED_UP):
                some = times[start : start + LOOKED_UP]
                mine.update(self.rows(c, _known(len(some)), (series_id, *some)))
        return found

    def block_ends(self, c: sa.Connection, series_ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
        """Return the outer blocks of series."""
        found: dict[int, tuple[Any, Any]] = {}
        cursor = c.connection.cursor()
        try:
            for series_id in series_ids:
                newest = cursor.execute(_NEWEST, (series_id,)).fetchone()
                if newest is not None:
                    found[series_id] = (cursor.execute(_OLDEST, (series_id,)).fetchone(), newest)
        finally:
            cursor.close()
        return found

    def add_rows(self, c: sa.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Add new rows to a table."""
        self.run_each(c, _insert(table, columns), rows)

    def sums(self, c: sa.Connection, series_id: int, ranges: Sequence[tuple[int, int]]) -> list[Any]:
        """Return what the points in each of the ranges amount to."""
        cursor = c.connection.cursor()
        try:
            return [cursor.execute(_SUMS, (series_id, low, high)).fetchone() for low, high in ranges]
        finally:
            cursor.close()

    def before_migration(self, c: sa.Connection) -> None:
        """Do nothing: a transaction that writes is alone already."""

    def equip(self, c: sa.Connection) -> None:
        """Do nothing: the functions are given to each connection."""

    def one_keeper(self, c: sa.Connection) -> None:
        """Do nothing: a transaction that writes is alone already."""

    def keep_key(self, c: sa.Connection) -> None:
        """Do nothing: a transaction that writes is alone already."""

    def erase_overwritten(self, c: sa.Connection, on: bool) -> None:
        """Let SQLite write zeros over what is deleted or replaced, or no longer."""
        self.run(c, f"PRAGMA secure_delete = {'ON' if on else 'OFF'}")

    def empty_log(self, c: sa.Connection) -> None:
        """Write the log back into the file and cut it."""
        self.run(c, "PRAGMA wal_checkpoint(TRUNCATE)")

    def give_back(self, c: sa.Connection) -> bool:
        """Give some free pages back."""
        return space.give_pages_back(c)

    def size(self, c: sa.Connection) -> int:
        """Return the bytes of the file and of its log."""
        return sum(path.stat().st_size for path in self._path.parent.glob(self._path.name + "*") if path.is_file())

    def scan(
        self, c: sa.Connection, table: sa.Table, at_once: int, after: Sequence[Any] | None = None
    ) -> Iterator[list[Any]]:
        """Yield all rows of a table by its key."""
        cursor: Any = c.connection.cursor()
        try:
            cursor.execute(key_order.everything(table, after=after is not None), tuple(after or ()))
            while rows := cursor.fetchmany(at_once):
                yield rows
        finally:
            cursor.close()

    def last_key(self, c: sa.Connection, table: sa.Table) -> Sequence[Any] | None:
        """Return the greatest key of a table."""
        rows = self.rows(c, key_order.last_key(table))
        return tuple(rows[0]) if rows else None

    def hold_alone(self, c: sa.Connection) -> bool:
        """Do nothing: whoever holds the data directory is alone."""
        return True

    def refuse_while_held(self, c: sa.Connection) -> None:
        """Do nothing: the data directory has a lock."""

    def share(self, c: sa.Connection) -> bool:
        """Do nothing: the data directory has a lock."""
        return True

    def number_on(self, c: sa.Connection, table: sa.Table) -> None:
        """Do nothing: a new row gets the greatest number and one."""

    def take_stock(self, c: sa.Connection) -> None:
        """Do nothing: all ways are known."""

    @contextmanager
    def troubles_as_unavailable(self) -> Iterator[None]:
        """Raise Unavailable, with the reason, for whatever SQLite refuses."""
        try:
            yield
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            reason = getattr(error, "orig", error)
            raise Unavailable(f"The store {self._path} cannot be used right now: {reason}.") from error


@cache
def _known(count: int) -> str:
    variables = ", ".join("?" * count)
    return f"SELECT x, y FROM points WHERE series_id = ? AND x IN ({variables})"  # noqa: S608 - variables alone


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    names, variables = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ({variables})"  # noqa: S608 - our own names
