"""How long it takes to store 1,000 new points into a resource that holds none, a million, ten million."""

import shutil
import sqlite3
import statistics
import time
import uuid
from array import array
from functools import partial
from pathlib import Path

from benchmarks.ground import directory, plant
from benchmarks.report import Figure, Report
from slackwater.model.instants import MINUTE, SECOND, parse_iso
from slackwater.model.points import Column
from slackwater.store.engine.database import FILE_NAME, Connection, Database
from slackwater.store.records import runs
from slackwater.store.series import points

SIZES = (0, 1_000_000, 10_000_000)
QUICK = (0, 10_000, 100_000)
NEW = 1_000
REPETITIONS = 20
WARM_UP = 2
SPREAD = 1.3  # aimed at: slowest median / quickest median
CHUNK = 100_000  # points committed at once while a store is filled
EPOCH = 1  # of a wrapper that was never executed
BEGIN = parse_iso("1990-01-01T00:00:00Z")


def levels(first: int, count: int) -> Column:
    """Return `count` points of one series, a second apart, from point number `first` on."""
    numbers = range(first, first + count)
    times = array("q", (BEGIN + SECOND * n for n in numbers))
    return Column.of("level", times, array("d", ((n % 977) / 4 for n in numbers)))


def commit_of(wrapper_id: str, run_id: str, column: Column) -> partial[points.Stored]:
    """Return the transaction that stores a column as a run of the wrapper does."""
    return partial(
        points.commit,
        wrapper_id=wrapper_id,
        run_id=run_id,
        epoch=EPOCH,
        columns=[column],
        checkpoint=None,
        window=None,
        spent=points.Spent(rows=len(column)),
        now=BEGIN + MINUTE,
    )


class Shelf:
    """A store with one resource of a known size, and a bare copy of it for the reference."""

    def __init__(self, place: Path, held: int) -> None:
        self.held = held
        place.mkdir()
        self._place = place
        # Where nothing is held, every repetition gets a wrapper of its own: after the first it would hold something.
        count = 1 if held else REPETITIONS + WARM_UP
        self._wrapper_ids = plant(place, count, "http://127.0.0.1:9/", NEW, following=False)
        self._next = 0
        self._turn = 0
        self._fill()  # and close it: what the filling has left in the write-ahead log is not the next writer's to pay
        self._copy = place / "copy.db"
        shutil.copyfile(place / "data" / FILE_NAME, self._copy)

    def open(self) -> None:
        self._database = Database.open(self._place / "data")
        self._bare = sqlite3.connect(self._copy, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -16000"):
            self._bare.execute(f"PRAGMA {pragma}").fetchall()

    def close(self) -> None:
        self._database.close()
        self._bare.close()

    def store(self) -> tuple[float, float]:
        """Store the next points here and in the copy; return the seconds of each."""
        column = self._column(NEW)
        wrapper_id = self._wrapper_ids[self._turn % len(self._wrapper_ids)]
        series_id = self._turn + 1 if self.held == 0 else 1
        self._turn += 1
        began = time.perf_counter()
        stored = self._database.write(self._commit(wrapper_id, column)).result()
        took = time.perf_counter() - began
        if stored.new != NEW:
            raise AssertionError(f"stored {stored}")
        rows = [(series_id, x, y) for x, y in zip(column.times(), column.values(), strict=True)]
        began = time.perf_counter()
        self._bare.execute("BEGIN IMMEDIATE")
        self._bare.executemany("INSERT INTO points (series_id, x, y) VALUES (?, ?, ?)", rows)
        self._bare.execute("COMMIT")
        return took, time.perf_counter() - began

    def _fill(self) -> None:
        database = Database.open(self._place / "data")
        try:
            self._runs = {each: str(uuid.uuid4()) for each in self._wrapper_ids}
            database.write(self._begin_runs).result()
            while self._next < self.held:
                column = self._column(min(CHUNK, self.held - self._next))
                database.write(self._commit(self._wrapper_ids[0], column)).result()
        finally:
            database.close()

    def _begin_runs(self, c: Connection) -> None:
        for wrapper_id, run_id in self._runs.items():
            runs.begin(c, run_id=run_id, wrapper_id=wrapper_id, epoch=EPOCH, task="read", now=BEGIN, node="benchmark")

    def _column(self, count: int) -> Column:
        column = levels(self._next, count)
        self._next += count
        return column

    def _commit(self, wrapper_id: str, column: Column) -> partial[points.Stored]:
        return commit_of(wrapper_id, self._runs[wrapper_id], column)


def measure(quick: bool) -> Report:
    """Fill the stores, then store into them in turn, so that what disturbs one disturbs all."""
    with directory() as place:
        shelves = [Shelf(place / str(size), size) for size in (QUICK if quick else SIZES)]
        for shelf in shelves:
            shelf.open()
        try:
            rounds = [[shelf.store() for shelf in shelves] for _ in range(WARM_UP + REPETITIONS)][WARM_UP:]
        finally:
            for shelf in shelves:
                shelf.close()
    ours, bare = (
        [statistics.median(row[n][kind] for row in rounds) * 1000 for n in range(len(shelves))] for kind in (0, 1)
    )
    figures = [
        Figure(name=f"into {shelf.held:,}", value=mine, unit="ms", reference=theirs)
        for shelf, mine, theirs in zip(shelves, ours, bare, strict=True)
    ]
    spread = Figure(
        name="slowest / quickest",
        value=max(ours) / min(ours),
        unit="×",
        at_most=SPREAD,
        reference=max(bare) / min(bare),
    )
    return Report(
        title=f"storing {NEW:,} new points into a resource that holds many, median of {REPETITIONS}",
        figures=[*figures, spread],
        notes=[
            "store.points.commit on the writer thread, with counters and marks, as a run does it; a store for each "
            "size, filled by the same function",
            "reference: sqlite3's executemany of the same rows into a copy of the same table, in one transaction",
        ],
    )
