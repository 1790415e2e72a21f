"""Copies the rows of a store to another, by their keys.

What is there already says how far a copy that was interrupted has come: it goes on behind the greatest key.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

import sqlalchemy as sa

from slackwater.store.engine.database import Connection
from slackwater.store.engine.driver import Driver
from slackwater.store.move.ends import End
from slackwater.store.move.progress import Watcher
from slackwater.store.node_tables import file_chunks, host_shares, nodes, rates, trials
from slackwater.store.records import files
from slackwater.store.schema import metadata, points, vault

AT_ONCE = {points.name: 100_000}  # rows of one transaction: 3 MB
FEW = 2_000  # rows of one transaction of another table, which may be some kB each
# Nodes are those of one database; the bytes of uploads lie on the disk of a data directory; the vault came first.
NOT_COPIED = (nodes, trials, host_shares, rates, file_chunks, vault)


def tables() -> list[sa.Table]:
    """Return the tables that are copied: what others refer to first, the points last."""
    every = [table for table in metadata.sorted_tables if table not in (*NOT_COPIED, points)]
    return [*every, points]


def scan(end: End, c: Connection, table: sa.Table, after: Sequence[Any] | None = None) -> Iterator[list[Any]]:
    """Yield the rows of a table by key."""
    return end.driver.scan(c, table, AT_ONCE.get(table.name, FEW), after)


def count(c: Connection) -> int:
    """Count the rows of all tables that are copied."""
    return sum(c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables())


def copy(source: End, c: Connection, target: End, watcher: Watcher) -> None:
    """Copy what the target does not have yet. `c`: a snapshot of the source."""
    for table in tables():
        _copy(source, c, target, table, watcher)
    elsewhere = 0
    for record in files.everyone(c):
        if record.at_url:
            elsewhere += 1
            continue
        there = partial(_size, target=target, record=record)
        if target.database.read(there).result() == record.size:
            continue
        target.database.write(partial(_keep, source=source, origin=c, target=target, record=record)).result()
        if target.database.read(there).result() != record.size:
            watcher.remark(f"The bytes of the upload {record.filename} ({record.file_id}) are missing at the source.")
    if elsewhere:
        watcher.remark(
            f"{elsewhere:,} uploads are kept at the URL of SLACKWATER_FILES_URL and stay there; keep the setting."
        )


def _keep(c: Connection, source: End, origin: Connection, target: End, record: files.FileRecord) -> None:
    content = files.pieces(origin, source.place.files_dir, record)
    files.keep_pieces(c, target.place.files_dir, record, content)


def _size(c: Connection, target: End, record: files.FileRecord) -> int:
    return sum(map(len, files.pieces(c, target.place.files_dir, record)))


def _copy(source: End, c: Connection, target: End, table: sa.Table, watcher: Watcher) -> None:
    after = target.database.read(lambda there: target.driver.last_key(there, table)).result()
    under_way: Future[None] | None = None
    done = 0
    for rows in scan(source, c, table, after):
        # One batch is written while the next is read; never two, or a gap could be left between them.
        if under_way is not None:
            under_way.result()
            watcher.advance(done)
        under_way, done = target.database.write(partial(_add, driver=target.driver, table=table, rows=rows)), len(rows)
    if under_way is not None:
        under_way.result()
        watcher.advance(done)


def _add(c: Connection, driver: Driver, table: sa.Table, rows: list[Any]) -> None:
    if table is points:
        driver.add_points(c, rows)
    else:
        driver.add_rows(c, table.name, tuple(column.name for column in table.columns), rows)
