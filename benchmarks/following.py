"""What a very great number of sources costs that are polled hourly: the scheduler, and those who look at them."""

import statistics
import time
from pathlib import Path

import httpx
import psutil
import psycopg
import sqlalchemy as sa

import nodes
from benchmarks.cluster import NOTHING
from benchmarks.ground import _planted, directory, service
from benchmarks.report import Figure, Report
from service import KEY, Service
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR
from slackwater.model.source.config import ApiConfig
from slackwater.model.status import Status
from slackwater.model.wrapper import WantedState
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.engine.postgresql_queue import MOST
from slackwater.store.records import runs

COUNT, QUICK, MANY = 100_000, 1_000, 1_000_000
RUNS = 3  # that each source has behind it
WATCHED, WATCHED_QUICK = 30.0, 5.0  # seconds in which the scheduler is watched
ASKED = 30  # times that each page is asked for
AIM = 100.0  # ms of a page of the contract (p50): what it may take with few sources
PATIENCE = 20.0  # seconds after which a page is not asked for again
TURN = 1.0  # seconds between two turns of what stands for the workers

PAGES = {
    "list": "/resources/wrappers?limit=50",
    "list, page 1,000": "/resources/wrappers?limit=50&skip=49950",
    "list of one status": "/resources/wrappers?limit=50&status=executing",
    "search": "/resources/wrappers?limit=50&q=planted",
    "get": "/resources/wrappers/{wrapper_id}",
    "its runs": "/resources/wrappers/{wrapper_id}/runs",
    "overview": "/",
    "nodes": "/nodes",
    "metrics": "/metrics",
}

# Workers that take no time: what they took is due again in an hour. They leave the scheduler alone on the machine.
_TAKE = """WITH taken AS (DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING queueing_lock)
    UPDATE wrappers SET due_at = due_at + %s FROM taken WHERE wrapper_id = taken.queueing_lock"""


def measure(quick: bool) -> Report:
    """Fill the store of each kind, watch the scheduler, ask for pages."""
    sizes = {"PostgreSQL": QUICK if quick else COUNT, "SQLite": QUICK if quick else COUNT}
    figures: list[Figure] = []
    with directory() as place:
        for kind, count in sizes.items():
            figures += _on_postgresql(place, count, quick) if kind == "PostgreSQL" else _on_sqlite(place, count, quick)
    return Report(
        title=f"{sizes['PostgreSQL']:,} sources that are polled hourly",
        figures=figures,
        notes=[
            f"each source has a resource, a series and {RUNS} runs; it has read its history and is due once an hour",
            "PostgreSQL: jobs are taken once a second and by nobody's processes; scheduler: CPU of one node that runs "
            "nothing itself, and all transactions of the database meanwhile",
            "SQLite: the next poll of all is half a day away, so the scheduler has nothing to begin",
            f"pages: median of {ASKED} whole requests, while the scheduler works",
        ],
    )


def many(count: int = MANY) -> Report:
    """Watch the scheduler with a million sources: `python -m benchmarks.following`."""
    with directory() as place:
        return Report(title=f"{count:,} sources", figures=_on_postgresql(place, count, False), notes=[])


def _on_postgresql(place: Path, count: int, quick: bool) -> list[Figure]:
    with nodes.database() as url, psycopg.connect(url, autocommit=True) as c:
        database = Database.open(place, nodes.SECRET, server=Server(url=url))
        try:
            began = time.perf_counter()
            wrapper_id = _fill(database, count, postgresql=True)
            filled = time.perf_counter() - began
        finally:
            database.close()
        c.execute("VACUUM ANALYZE")
        front = nodes.NodeService(place / "front" / "data", url, "front", max_runs=0, lease_seconds=15)
        with front:
            taken = MOST
            while taken >= MOST / 2:  # what has become due while the store was filled
                time.sleep(TURN)
                taken = c.execute(_TAKE, (HOUR,)).rowcount
            taken = 0
            before, cpu, began = _transactions(c), _cpu(front), time.monotonic()
            ends = began + (WATCHED_QUICK if quick else WATCHED)
            while time.monotonic() < ends:
                time.sleep(TURN)
                taken += c.execute(_TAKE, (HOUR,)).rowcount
            took = time.monotonic() - began
            figures = [
                Figure(name="PostgreSQL: filled", value=filled, unit="s"),
                Figure(name="PostgreSQL: jobs", value=taken / took, unit="1/s", reference=count / 3600),
                Figure(name="PostgreSQL: scheduler", value=100 * (_cpu(front) - cpu) / took, unit="% CPU"),
                Figure(name="PostgreSQL: transactions", value=(_transactions(c) - before) / took - 1, unit="1/s"),
            ]
            return figures + _asked("PostgreSQL", front, wrapper_id)


def _on_sqlite(place: Path, count: int, quick: bool) -> list[Figure]:
    database = Database.open(place / "alone" / "data", nodes.SECRET)
    try:
        began = time.perf_counter()
        wrapper_id = _fill(database, count, postgresql=False)
        filled = time.perf_counter() - began
    finally:
        database.close()
    with service(place / "alone", secret_key=nodes.SECRET) as running:
        time.sleep(TURN)
        cpu, began = _cpu(running), time.monotonic()
        time.sleep(WATCHED_QUICK if quick else WATCHED)
        used = 100 * (_cpu(running) - cpu) / (time.monotonic() - began)
        figures = [
            Figure(name="SQLite: filled", value=filled, unit="s"),
            Figure(name="SQLite: scheduler", value=used, unit="% CPU"),
        ]
        return figures + _asked("SQLite", running, wrapper_id)


def _fill(database: Database, count: int, *, postgresql: bool) -> str:
    """Put so many sources into a store, copies of one; return the id of one of them."""
    now = time.time_ns() // 1000
    covered = Checkpoint(covered=(Interval(now - YEAR, now - 1),), backfill_done=True, backfill_reason="planted")
    far = now + DAY // 2
    state = {"wanted": WantedState.EXECUTING, "status": Status.EXECUTING, "due_at": far, "checkpoint": covered}
    form = ApiConfig(location="https://tides.example.org/levels", timeout_seconds=600).model_dump(exclude_none=True)
    least = "WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < {}) SELECT n FROM each"
    numbers = "SELECT n::bigint AS n FROM generate_series(1, {}) AS n" if postgresql else least
    # Ids as others are, nowhere near that of the neighbour.
    digits = "md5(m.n::text)" if postgresql else "printf('%08x%024x', (m.n * 2654435761) % 4294967296, m.n)"
    unlike = {
        "wrapper_id": f"substr({digits}, 1, 8) || '-0000-4000-8000-' || substr({digits}, 21, 12)",
        "resource_id": f"substr({digits}, 1, 8) || substr({digits}, 17, 16)",
        "created_at": f"{now} - m.n * {SECOND}",
        "due_at": f"{now} + m.n * {HOUR // count}" if postgresql else str(far),
        "name": "'planted ' || m.n",
    }

    def store(c: Connection) -> str:
        wrapper_id = _planted(c, "planted 0", form, NOTHING, now, state)
        names = [each["name"] for each in sa.inspect(c).get_columns("wrappers")]
        c.exec_driver_sql(f"CREATE TEMPORARY TABLE many AS {numbers.format(count - 1)}")
        c.exec_driver_sql(
            f"INSERT INTO wrappers ({', '.join(names)}) SELECT {', '.join(unlike.get(n, 'w.' + n) for n in names)} "
            f"FROM many AS m, wrappers AS w WHERE w.wrapper_id = '{wrapper_id}'"
        )
        c.exec_driver_sql(
            "INSERT INTO resources (id, wrapper_id, name, type, source_type, created_at) "
            "SELECT resource_id, wrapper_id, name, 'benchmark', 'API', created_at FROM wrappers "
            f"WHERE wrapper_id <> '{wrapper_id}'"
        )
        c.exec_driver_sql("INSERT INTO series (owner, name) SELECT wrapper_id, 'level' FROM wrappers")
        for number in range(1, RUNS + 1):
            fresh = "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))"
            started = f"{now - number * HOUR} - (created_at - created_at / {MINUTE} * {MINUTE})"
            c.exec_driver_sql(
                "INSERT INTO runs (run_id, wrapper_id, epoch, task, started_at, finished_at, outcome, points_new) "
                f"SELECT {fresh}, wrapper_id, epoch, 'read', {started}, {started} + {SECOND}, "
                f"'{runs.SUCCEEDED}', 1 FROM wrappers"
            )
        c.exec_driver_sql("DROP TABLE many")
        return wrapper_id

    return database.write(store).result()


def _cpu(running: Service) -> float:
    assert running.process
    used = psutil.Process(running.process.pid).cpu_times()
    return used.user + used.system


def _transactions(c: "psycopg.Connection[tuple[int]]") -> int:
    c.execute("SELECT pg_stat_clear_snapshot()")
    return c.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()").fetchone()[0]


def _asked(kind: str, running: Service, wrapper_id: str) -> list[Figure]:
    figures = []
    with httpx.Client(base_url=running.url, headers={"X-API-Key": KEY}, timeout=120) as client:
        assert client.post("/login", data={"key": KEY}).status_code == 303
        for name, path in PAGES.items():
            took = []
            while len(took) < ASKED and sum(took) < PATIENCE:
                began = time.perf_counter()
                answer = client.get(path.format(wrapper_id=wrapper_id))
                took.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise AssertionError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            figures.append(Figure(name=f"{kind}: {name}", value=1000 * statistics.median(took), unit="ms", at_most=AIM))
    return figures


if __name__ == "__main__":
    print(many())
