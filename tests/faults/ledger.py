"""What the store says, read behind the back of the service: one snapshot, and the promises that it must keep.

It reads the file as it is, with nothing of the product between, so that no mistake of the product can hide another.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg

Points = dict[str, dict[int, float]]  # series → {µs: value}


@dataclass(frozen=True)
class Entry:
    """One wrapper in one moment."""

    status: str
    wanted: str
    epoch: int
    points: int  # as the wrapper counts them
    high: int | None
    low: int | None
    covered: list[tuple[int, int]]
    backfill_done: bool
    stored: Points
    open_runs: int
    resource_id: str | None

    @property
    def count(self) -> int:
        """Points that are really there."""
        return sum(map(len, self.stored.values()))

    @property
    def times(self) -> list[int]:
        return [x for series in self.stored.values() for x in series]

    def covers(self, x: int) -> bool:
        return any(start <= x < end for start, end in self.covered)


@contextlib.contextmanager
def snapshot(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """One snapshot of the store; nothing is written."""
    connection = sqlite3.connect(f"file:{data_dir / 'slackwater.db'}?mode=ro", uri=True, timeout=15)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()


def entry(data_dir: Path, wrapper_id: str) -> Entry | None:
    """What the store says of a wrapper; None when it is gone."""
    with snapshot(data_dir) as c:
        return _entry(c, wrapper_id)


def everything(data_dir: Path) -> dict[str, Entry]:
    """What the store says of all wrappers, in one moment."""
    with snapshot(data_dir) as c:
        ids = [row[0] for row in c.execute("SELECT wrapper_id FROM wrappers")]
        return {wrapper_id: found for wrapper_id in ids if (found := _entry(c, wrapper_id))}


def changes(data_dir: Path) -> tuple[tuple[int, int], ...]:
    """What is another one after every commit, and costs next to nothing to look at.

    Only by stat(2): who opens and closes a file of SQLite takes the locks away that its own process holds on it.
    """
    found = [(data_dir / name).stat() for name in ("slackwater.db", "slackwater.db-wal")]
    return tuple((each.st_mtime_ns, each.st_size) for each in found)


@dataclass(frozen=True)
class Pulse:
    """How far a wrapper is, without its points."""

    status: str
    epoch: int
    points: int
    checkpoint: str
    open_runs: int


def pulses(data_dir: Path) -> dict[str, Pulse]:
    """How far all wrappers are, in one moment."""
    query = """SELECT wrapper_id, status, epoch, points, checkpoint, (SELECT count(*) FROM runs r
               WHERE r.wrapper_id = w.wrapper_id AND outcome = 'running') FROM wrappers w"""
    with snapshot(data_dir) as c:
        return {wrapper_id: Pulse(*found) for wrapper_id, *found in c.execute(query)}


def points_of(data_dir: Path, owner: str) -> Points:
    """The points of a wrapper, which outlive it."""
    with snapshot(data_dir) as c:
        return _points(c, owner)


class _Asked(Protocol):
    def execute(self, query: str, given: Sequence[Any] = (), /) -> Any:
        """Return the rows, each by number or name."""


class _Row(tuple[Any, ...]):
    """A row of PostgreSQL, as sqlite3.Row is."""

    names: Sequence[str]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


def _rows(cursor: "psycopg.Cursor[Any]") -> Any:
    names = [each.name for each in cursor.description or ()]

    def made(values: Sequence[Any]) -> _Row:
        row = _Row(values)
        row.names = names
        return row

    return made


class Shared:
    """The store that nodes share, read behind their backs, one snapshot each time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[_Asked]:
        """One snapshot; psycopg.OperationalError while the server cannot be reached."""
        with self._lock:
            if self._connection is None or self._connection.broken:
                self._connection = psycopg.connect(self._url, row_factory=_rows)
                self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with self._connection.transaction():
                connection = self._connection

                class Asked:
                    def execute(self, query: str, given: Sequence[Any] = (), /) -> Any:
                        return connection.execute(query.replace("?", "%s"), given)

                yield Asked()

    def entry(self, wrapper_id: str) -> Entry | None:
        with self.snapshot() as c:
            return _entry(c, wrapper_id)

    def rows(self, query: str, *given: Any) -> list[Any]:
        with self.snapshot() as c:
            return list(c.execute(query, given).fetchall())

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()


def _entry(c: _Asked, wrapper_id: str) -> Entry | None:
    row = c.execute("SELECT * FROM wrappers WHERE wrapper_id = ?", (wrapper_id,)).fetchone()
    if row is None:
        return None
    checkpoint = json.loads(row["checkpoint"])
    open_runs = "SELECT count(*) FROM runs WHERE wrapper_id = ? AND outcome = 'running'"
    return Entry(
        status=row["status"],
        wanted=row["wanted"],
        epoch=row["epoch"],
        points=row["points"],
        high=row["high_water_mark"],
        low=row["low_water_mark"],
        covered=[(start, end) for start, end in checkpoint.get("covered", [])],
        backfill_done=bool(checkpoint.get("backfill_done")),
        stored=_points(c, wrapper_id),
        open_runs=c.execute(open_runs, (wrapper_id,)).fetchone()[0],
        resource_id=row["resource_id"],
    )


def _points(c: _Asked, owner: str) -> Points:
    query = "SELECT s.name, p.x, p.y FROM series s JOIN points p USING (series_id) WHERE s.owner = ?"
    found: Points = {}
    for name, x, y in c.execute(query, (owner,)):
        line = found.setdefault(name, {})
        assert x not in line, f"doubled: {name} {x}"
        line[x] = y
    return found


STATUSES = frozenset(
    {"pending", "generating", "creating_resource", "executing", "retrying", "stopped", "completed", "error"}
)


def broken_promises(found: Entry, ever: dict[str, dict[int, set[float]]], settled: Points) -> list[str]:
    """Return what is wrong with a wrapper's entry, whatever is going on at the moment.

    `ever` is all that its source has ever shown; `settled` what it showed before anything that is covered was read,
    so that it must be there as soon as it is covered.
    """
    wrong = []
    if found.status not in STATUSES:
        wrong.append(f"status {found.status!r}")
    if found.open_runs > 1:
        wrong.append(f"{found.open_runs} open runs")
    if found.points != found.count:
        wrong.append(f"it counts {found.points} points, and {found.count} are there")
    marks = (max(found.times), min(found.times)) if found.times else (None, None)
    if (found.high, found.low) != marks:
        wrong.append(f"its marks are {(found.high, found.low)}, of its points {marks}")
    foreign = [
        (s, x, y) for s, line in found.stored.items() for x, y in line.items() if y not in ever.get(s, {}).get(x, ())
    ]
    if foreign:
        wrong.append(f"{len(foreign)} points were never in the source, e.g. {foreign[0]}")
    missing = [
        (series, x)
        for series, line in settled.items()
        for x in line
        if x not in found.stored.get(series, {}) and found.covers(x)
    ]
    if missing:
        wrong.append(f"{len(missing)} points are covered but not there, e.g. {missing[0]}")
    return wrong
