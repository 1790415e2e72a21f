"""How many runs several workers carry out, how quickly one takes over, and how long a stop on another node takes."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

import nodes
from benchmarks.ground import PATIENCE, _planted, directory, posted
from benchmarks.report import Figure, Report, percentile
from benchmarks.source import ENDLESS, Pages
from service import Service, eventually
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import HOUR, SECOND, YEAR
from slackwater.model.source.config import ApiConfig
from slackwater.model.status import Status
from slackwater.model.wrapper import WantedState
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.engine.postgresql_queue import MOST, QUEUE, TASK, prepare

RUNS, STOPS = 200, 50
AT_ONCE = 16  # runs or jobs of a worker
P50, P99 = 100, 1_000  # ms aimed at, of a stop
START = 15 * SECOND  # in which a service has started
FAIL_OVER = 30  # seconds aimed at

NEEDLESS = """INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
SELECT %s, %s, wrapper_id, wrapper_id, jsonb_build_object('wrapper_id', wrapper_id) FROM wrappers"""
NOTHING = """from slackwater import Point, Wrapper

class Nothing(Wrapper):
    async def fetch(self, window, http):
        yield Point(window.end, 1.0)

wrapper = Nothing()
"""
MODULE = """from slackwater import ApiWrapper, Offset

wrapper = ApiWrapper(url="{url}", records="items", time="time", value="value", pages=Offset(limit=100))
"""
BARE = """
import asyncio, sys, procrastinate
connector = procrastinate.PsycopgConnector(conninfo=sys.argv[1], min_size=1, max_size=4)
app = procrastinate.App(connector=connector)

@app.task(name="nothing", queue="bare")
async def nothing():
    pass

async def main():
    async with app.open_async():
        await app.run_worker_async(queues=["bare"], concurrency=int(sys.argv[2]), delete_jobs="successful",
                                   install_signal_handlers=False)

asyncio.run(main())
"""


def measure(quick: bool) -> Report:
    """Carry out the runs with 1, 2 and 4 workers, then kill one, then stop what another runs."""
    runs, jobs, stops = (20, 100, 5) if quick else (RUNS, MOST, STOPS)
    figures = []
    with directory() as place, Pages(ENDLESS, size=100, delay=0.2) as source:
        for count in (1, 2) if quick else (1, 2, 4):
            with nodes.database() as url:
                reference = _bare(url, count, jobs)
            of = f"of {count} worker{'s' if count > 1 else ''}"
            with nodes.database() as url:
                rate = _rate(url, place / f"jobs-{count}", count, jobs, job=True)
            figures.append(Figure(name=f"jobs that find nothing due {of}", value=rate, unit="/s", reference=reference))
            alone = _alone(place / f"alone-{count}", runs)  # each time: what else the machine does comes and goes
            with nodes.database() as url:
                rate = _rate(url, place / f"rate-{count}", count, runs)
            figures.append(Figure(name=f"runs {of}", value=rate, unit="runs/s", reference=alone))
        with nodes.database() as url:
            over, took = _lost_and_stopped(url, place / "stops", source.url, stops, lease=4 if quick else 15)
    figures += [
        Figure(name="fail-over after kill -9", value=over, unit="s", at_most=FAIL_OVER),
        Figure(name="stop on another node, p50", value=1000 * percentile(took, 50), unit="ms", at_most=P50),
        Figure(name="stop on another node, p99", value=1000 * percentile(took, 99), unit="ms", at_most=P99),
    ]
    return Report(
        title=f"Nodes on one PostgreSQL, {AT_ONCE} runs at once for each worker",
        figures=figures,
        notes=[
            "a run: its job is taken, its process forked, confined and reaped, one point stored, the run closed; "
            "reference: the same runs of one service on SQLite, without a queue: what the processes alone let through",
            "a job that finds nothing due: taken, looked up, finished, without a process; "
            "reference: no-op jobs of bare Procrastinate workers, as many, with as many jobs at once, without locks",
            "fail-over: from the kill to the opening of the run elsewhere; the lease is "
            f"{4 if quick else 15} s, and five more must pass",
        ],
    )


@contextmanager
def _workers(url: str, place: Path, count: int, **settings: object) -> Iterator[list[nodes.Worker]]:
    place.mkdir(parents=True)
    with ExitStack() as stack:
        yield [
            stack.enter_context(nodes.Worker(place / f"w{n}", url, f"w{n}", max_runs=AT_ONCE, **settings))
            for n in range(count)
        ]


def _rate(url: str, place: Path, count: int, runs: int, *, job: bool = False) -> float:
    """Return the runs per second of so many workers, from the first that is due to the last that has ended.

    `job`: of jobs instead whose wrappers are not due.
    """
    with _workers(url, place, count, lease_seconds=15), psycopg.connect(url, autocommit=True) as c:
        eventually(lambda: _there(c, count), within=PATIENCE)
        with _opened(url) as database:
            _plant(database, runs, NOTHING, "https://tides.example.org/levels", after=HOUR if job else 0)
        began = time.perf_counter()
        if job:
            c.execute(NEEDLESS, (QUEUE, TASK))
            eventually(lambda: c.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()[0] == 0, within=PATIENCE)
        else:
            eventually(lambda: _ended(c) >= runs, within=10 * PATIENCE)
        return runs / (time.perf_counter() - began)


def _alone(place: Path, runs: int) -> float:
    """Return the runs per second of a service on SQLite, from the beginning of the first to the end of the last."""
    (place / "data").mkdir(parents=True)
    database = Database.open(place / "data")
    try:
        _plant(database, runs, NOTHING, "https://tides.example.org/levels", after=START)
    finally:
        database.close()
    with Service(place / "data", max_runs=AT_ONCE) as service, service.store() as c:
        ended = "SELECT count(*), min(started_at), max(finished_at) FROM runs WHERE outcome <> 'running'"
        _, first, last = eventually(
            lambda: found if (found := c.execute(ended).fetchone())[0] >= runs else None, within=10 * PATIENCE
        )
        return runs * SECOND / (last - first)


def _bare(url: str, count: int, jobs: int) -> float:
    """Return the no-op jobs per second of so many bare workers."""
    database = Database.open(Path(), sealed=True, server=Server(url=url))
    database.write(prepare).result()
    database.close()
    workers = [subprocess.Popen([sys.executable, "-c", BARE, url, str(AT_ONCE)]) for _ in range(count)]
    try:
        with psycopg.connect(url, autocommit=True) as c:
            left = "SELECT count(*) FROM procrastinate_jobs"
            there = "SELECT count(*) FROM procrastinate_workers"
            eventually(lambda: c.execute(there).fetchone()[0] >= count, within=PATIENCE)
            began = time.perf_counter()
            c.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name) SELECT 'bare', 'nothing' "
                "FROM generate_series(1, %s)",
                (jobs,),
            )
            eventually(lambda: c.execute(left).fetchone()[0] == 0, within=10 * PATIENCE)
            return jobs / (time.perf_counter() - began)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _lost_and_stopped(url: str, place: Path, source: str, stops: int, *, lease: int) -> tuple[float, list[float]]:
    """Return the seconds of a fail-over, and of stops through a node that runs nothing."""
    front = nodes.NodeService(place / "front" / "data", url, "front", max_runs=0, lease_seconds=lease)
    with _workers(url, place / "workers", 2, lease_seconds=lease) as workers, front:
        nodes.joined(front, count=3)
        with _opened(url) as database:
            _plant(database, stops, MODULE.format(url=source), source)
        with psycopg.connect(url, autocommit=True) as c:
            eventually(lambda: _reading(c) >= min(stops, 2 * AT_ONCE), within=PATIENCE)
            took = []
            for wrapper_id in [row[0] for row in c.execute("SELECT wrapper_id FROM runs WHERE outcome = 'running'")][
                1:
            ]:
                [(seconds, body)] = posted(front, [f"/resources/wrappers/{wrapper_id}/stop"])
                assert json.loads(body)["success"], body
                took.append(seconds)
            wrapper_id, node = eventually(
                lambda: c.execute("SELECT wrapper_id, node FROM runs WHERE outcome = 'running'").fetchone()
            )
            workers[int(node[1:])].kill()
            killed = time.perf_counter()
            again = "SELECT count(*) FROM runs WHERE wrapper_id = %s AND outcome = 'running' AND node <> %s"
            eventually(lambda: c.execute(again, (wrapper_id, node)).fetchone()[0], within=PATIENCE)
            return time.perf_counter() - killed, took


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database.open(Path(), nodes.SECRET, server=Server(url=url))
    try:
        yield database
    finally:
        database.close()


def _plant(database: Database, count: int, code: str, location: str, after: int = 0) -> None:
    """Put wrappers into the store that have their history and are due `after` so many µs."""
    now = time.time_ns() // 1000
    covered = Checkpoint(covered=(Interval(now - YEAR, now - 1),), backfill_done=True, backfill_reason="planted")
    state = {"wanted": WantedState.EXECUTING, "status": Status.EXECUTING, "due_at": now + after, "checkpoint": covered}
    form = ApiConfig(location=location, timeout_seconds=600).model_dump(exclude_none=True)

    def store(c: Connection) -> None:
        for number in range(count):
            _planted(c, f"planted {number}", form, code, now, state)

    database.write(store).result()


def _there(c: "psycopg.Connection[tuple[int]]", count: int) -> bool:
    try:
        return c.execute("SELECT count(*) FROM nodes").fetchone() == (count,)
    except psycopg.errors.UndefinedTable:
        return False


def _ended(c: "psycopg.Connection[tuple[int]]") -> int:
    return c.execute("SELECT count(*) FROM runs WHERE outcome <> 'running'").fetchone()[0]


def _reading(c: "psycopg.Connection[tuple[int]]") -> int:
    return c.execute("SELECT count(*) FROM runs WHERE outcome = 'running' AND points_received > 0").fetchone()[0]
