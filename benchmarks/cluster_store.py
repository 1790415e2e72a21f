"""How fast points go into PostgreSQL, beside a bare COPY, and whether it matters how many are there already."""

import os
import statistics
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks.ground import directory
from benchmarks.history import BEGIN, CHUNK, EPOCH, QUICK, SIZES, commit_of, levels
from benchmarks.report import Figure, Report
from slackwater.model.instants import SECOND
from slackwater.model.points import Column
from slackwater.model.source.identity import identity
from slackwater.model.wrapper import SourceType, from_flat
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.records import runs, wrappers

BATCH = 5_000  # points of a commit, as a run makes them
COMMITS = 40
WARM_UP = 3
SHARE, SPREAD = 0.4, 1.3  # aimed at: of the speed of COPY at least; slowest median / quickest median
PLAIN = (
    "CREATE TABLE plain (series_id integer NOT NULL, x bigint NOT NULL, y double precision NOT NULL, "
    "PRIMARY KEY (series_id, x))"
)


class Shelf:
    """One resource of a known size, and a plain table of its own that holds as many rows."""

    def __init__(self, database: Database, bare: Any, held: int, number: int) -> None:
        self.held = held
        self._database, self._bare, self._number = database, bare, number
        self._next = 0
        self._wrapper_id, self._run_id = str(uuid.uuid4()), str(uuid.uuid4())
        database.write(self._plant).result()
        while self._next < held:
            count = min(CHUNK, held - self._next)
            self._copy(self._next, count)
            database.write(commit_of(self._wrapper_id, self._run_id, self._column(count))).result()

    def store(self) -> tuple[float, float]:
        """Store the next points here and in the plain table; return the seconds of each."""
        start = self._next
        column = self._column(BATCH)
        began = time.perf_counter()
        stored = self._database.write(commit_of(self._wrapper_id, self._run_id, column)).result()
        took = time.perf_counter() - began
        if stored.new != BATCH:
            raise AssertionError(f"stored {stored}")
        began = time.perf_counter()
        self._copy(start, BATCH)
        return took, time.perf_counter() - began

    def _plant(self, c: Connection) -> None:
        config = {"location": "http://127.0.0.1:9/"}
        record = from_flat(
            {
                "wrapper_id": self._wrapper_id,
                "source_type": SourceType.API,
                "source_config": config,
                "identity": identity(config),
                "metadata": {"name": "a benchmark"},
                "created_at": BEGIN,
                "updated_at": BEGIN,
                "due_at": None,
            }
        )
        wrappers.insert(c, record, "planted")
        runs.begin(
            c, run_id=self._run_id, wrapper_id=self._wrapper_id, epoch=EPOCH, task="read", now=BEGIN, node="benchmark"
        )

    def _column(self, count: int) -> Column:
        column = levels(self._next, count)
        self._next += count
        return column

    def _copy(self, start: int, count: int) -> None:
        with self._bare.cursor() as cursor, cursor.copy("COPY plain FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "int8", "float8"])
            for n in range(start, start + count):
                copy.write_row((self._number, BEGIN + SECOND * n, (n % 977) / 4))
        self._bare.commit()


def measure(quick: bool) -> Report:
    """Fill the resources, then store into them in turn, so that what disturbs one disturbs all."""
    import psycopg

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import databases

    with directory() as place, psycopg.connect(databases.create()) as bare:
        url = databases.named(databases.server(), bare.info.dbname)
        bare.execute(PLAIN)
        bare.commit()
        database = Database.open(place, server=Server(url=url, connections=databases.CONNECTIONS))
        try:
            sizes = QUICK if quick else SIZES
            shelves = [Shelf(database, bare, size, number) for number, size in enumerate(sizes)]
            rounds = [[shelf.store() for shelf in shelves] for _ in range(WARM_UP + COMMITS)][WARM_UP:]
        finally:
            database.close()
    ours, copy = (
        [statistics.median(row[n][kind] for row in rounds) * 1000 for n in range(len(shelves))] for kind in (0, 1)
    )
    figures = [
        Figure(name=f"into {shelf.held:,}", value=mine, unit="ms", reference=theirs)
        for shelf, mine, theirs in zip(shelves, ours, copy, strict=True)
    ]
    share = Figure(
        name="speed beside COPY", value=min(b / a for a, b in zip(ours, copy, strict=True)), unit="×", at_least=SHARE
    )
    spread = Figure(
        name="slowest / quickest",
        value=max(ours) / min(ours),
        unit="×",
        at_most=SPREAD,
        reference=max(copy) / min(copy),
    )
    return Report(
        title=f"storing {BATCH:,} new points into PostgreSQL, median of {COMMITS}",
        figures=[*figures, share, spread],
        notes=[
            "store.points.commit on a writer's thread, with blocks, arrivals, counters and marks, as a run does it",
            "reference: COPY of the same rows into an equal plain table with the same primary key, and its commit",
            f"server: {os.environ.get('SLACKWATER_TEST_SERVER') or 'the one that the tests use'}",
        ],
    )
