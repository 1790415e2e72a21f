"""Does what is SQLite's own in work on a connection."""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from slackwater.store.engine import space
from slackwater.store.engine.driver import PointRow

ROWS = 500  # in one INSERT: the driver's work for each statement, not the tree, is what a million points cost most
LOOKED_UP = 500  # times in one statement; SQLite takes 32,766 variables, and 500 are quick to prepare
TROUBLES = (sa.exc.OperationalError, sqlite3.OperationalError)  # no fault of the work: a full disk, a lock, a lost file

_INSERT = "INSERT INTO points (series_id, x, y) VALUES (?, ?, ?) ON CONFLICT (series_id, x) DO NOTHING"
_INSERT_ROWS = _INSERT.replace("(?, ?, ?)", ", ".join(["(?, ?, ?)"] * ROWS))
_REVISE = "UPDATE points SET y = ? WHERE series_id = ? AND x = ?"
_SUMS = "SELECT count(*), sum(y), min(y), max(y) FROM points WHERE series_id = ? AND x BETWEEN ? AND ?"
_KNOWN = "SELECT x, y FROM points WHERE series_id = ? AND x IN ({})"  # variables alone are put in


class SqliteDriver:
    """The driver of a store in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

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

    def revise_points(self, c: sa.Connection, series_id: int, revised: Sequence[tuple[int, float]]) -> None:
        """Give stored points other values."""
        self.run_each(c, _REVISE, [(y, series_id, x) for x, y in revised])

    def known_points(self, c: sa.Connection, series_id: int, times: Sequence[int]) -> list[tuple[int, float]]:
        """Return those of the times that are stored, with their values."""
        found: list[tuple[int, float]] = []
        for start in range(0, len(times), LOOKED_UP):
            some = times[start : start + LOOKED_UP]
            found += self.rows(c, _KNOWN.format(", ".join("?" * len(some))), (series_id, *some))
        return found

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
