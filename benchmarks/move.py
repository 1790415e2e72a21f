"""How fast a store moves from a data directory to PostgreSQL and back, and how fast both are compared."""

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.ground import directory
from benchmarks.report import Figure, Report
from slackwater.model.instants import SECOND, parse_iso
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.engine.driver import driver_of
from slackwater.store.move.ends import Location
from slackwater.store.move.mover import move
from slackwater.store.schema import series

POINTS, QUICK = 10_000_000, 100_000
SERIES = 100
BARE = 1_000_000  # rows of the bare COPY
KEY = "k" * 40
BEGIN = parse_iso("1990-01-01T00:00:00Z")
SHARE = 0.25  # aimed at: of the speed of a bare COPY of rows that are in memory
PLAIN = (
    "CREATE TABLE plain (series_id integer NOT NULL, x bigint NOT NULL, y double precision NOT NULL, "
    "PRIMARY KEY (series_id, x))"
)


class Stopwatch:
    """Remembers when each step of a move began, and how many rows it had."""

    def __init__(self) -> None:
        self._began: list[tuple[str, int, float]] = []

    def begin(self, step: str, total: int) -> None:
        self._began.append((step, total, time.perf_counter()))

    def advance(self, rows: int) -> None:
        pass

    def remark(self, sentence: str) -> None:
        raise AssertionError(sentence)

    def rates(self) -> dict[str, float]:
        """Rows per second of each step."""
        ends = [began for _, _, began in self._began[1:]] + [time.perf_counter()]
        return {step: total / (end - began) for (step, total, began), end in zip(self._began, ends, strict=True)}


def measure(quick: bool) -> Report:
    """Fill a data directory, move it there and back."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import databases

    count = QUICK if quick else POINTS
    with directory() as place:
        url = databases.create()
        bare = _bare(url, min(count, BARE))
        _fill(place / "here", count)
        server = Server(url=url, connections=databases.CONNECTIONS)
        ends = [Location("here", place / "here"), Location("there", place, server), Location("back", place / "back")]
        figures = []
        for origin, target, name in zip(ends, ends[1:], ("to PostgreSQL", "back to a file"), strict=False):
            watch = Stopwatch()
            found = move(origin, target, KEY, release=lambda _: None, watcher=watch)
            if found.points != count:
                raise AssertionError(f"moved {found}")
            rates = watch.rates()
            aim = SHARE * bare if target.server else None
            figures += [
                Figure(
                    name=name, value=rates["moving"], unit="points/s", reference=bare if aim else None, at_least=aim
                ),
                Figure(name=f"compared, {name}", value=rates["verifying"], unit="points/s"),
            ]
        databases.drop(url.partition("?")[0].rpartition("/")[2])
    return Report(
        title=f"moving a store of {count:,} points in {SERIES} series",
        figures=figures,
        notes=[
            "read from one store, written to the other and committed, as `slackwater migrate-store` does it",
            f"reference: COPY of {min(count, BARE):,} rows in memory into a plain table with the same primary key",
        ],
    )


def _rows(number: int, count: int) -> list[tuple[int, int, float]]:
    return [(number, BEGIN + SECOND * n, (n % 977) / 4) for n in range(count)]


def _every(count: int) -> Iterator[list[tuple[int, int, float]]]:
    for number in range(1, SERIES + 1):
        yield _rows(number, count // SERIES)


def _fill(place: Path, count: int) -> None:
    store = Database.open(place, KEY)

    def name(c: Connection) -> None:
        c.execute(series.insert(), [{"owner": "w", "name": f"s{number}"} for number in range(SERIES)])

    def add(c: Connection, rows: Any) -> None:
        driver_of(c).add_points(c, rows)

    store.write(name).result()
    for rows in _every(count):
        store.write(partial(add, rows=rows)).result()
    store.close()


def _bare(url: str, count: int) -> float:
    """Return the rows per second of a COPY, in transactions as large as those of the move, into a table of its own."""
    with psycopg.connect(url, autocommit=True) as c:
        c.execute(PLAIN)
        took = 0.0
        for rows in _every(count):
            began = time.perf_counter()
            with c.cursor() as cursor, cursor.copy("COPY plain FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "int8", "float8"])
                for row in rows:
                    copy.write_row(row)
            took += time.perf_counter() - began
        c.execute("DROP TABLE plain")
    return count / took
