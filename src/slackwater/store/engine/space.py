"""Gives the space of deleted data back to the file system."""

import contextlib
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from slackwater.store.engine.driver import driver_of

INCREMENTAL = 2  # what PRAGMA auto_vacuum says of a store whose free pages can be given back a little at a time
PAGES = 500  # given back in one transaction (2 MB), so that it never holds up a stop


def give_back(c: sa.Connection) -> bool:
    """Give some space of deleted data back; False when none is left."""
    return driver_of(c).give_back(c)


def size(c: sa.Connection) -> int:
    """Return the bytes that the store takes."""
    return driver_of(c).size(c)


def give_pages_back(c: sa.Connection) -> bool:
    """Give some free pages of the file back.

    False when none is left, or the store is from before it could.

    `rebuild` makes such a store able to.
    """
    if _number(c, "auto_vacuum") != INCREMENTAL or not _number(c, "freelist_count"):
        return False
    cursor = c.connection.cursor()
    try:
        cursor.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()  # each step gives one page back
    finally:
        cursor.close()
    return True


def prepare(path: Path) -> None:
    """Let a store that is still an empty file give space back.

    Only before its first page can that be said.
    """
    if path.stat().st_size == 0:
        # Where this fails, whoever opens the store next meets the same trouble and says what it is.
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(path, isolation_level=None)) as plain,
        ):
            plain.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
            plain.execute("PRAGMA journal_mode = WAL").fetchall()


def rebuild(engine: sa.Engine) -> None:
    """Write the whole store anew without free pages.

    Nobody else may use it, and as much space again must be free.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()


def _number(c: sa.Connection, pragma: str) -> int:
    return int(c.exec_driver_sql(f"PRAGMA {pragma}").scalar() or 0)
