"""Two hundred runs on three workers, stopped at once through a fourth node: no answer is a lie."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

import scenes
from nodes import NodeService, Worker, database
from service import eventually

RUNS = 200
WORKERS = ("one", "two", "three")
SLOTS = 70  # of each worker: all runs fit, and none of the workers can be left out
SECONDS = 240.0  # until all run, and for a stop, on a machine with much other work
QUIET = 3.0  # seconds after the last answer, in which a run that goes on would store something: it does twice a second

# It never ends by itself, and stores a point twice a second.
ENDLESS = """
from datetime import datetime, UTC
for n in range(1_000_000):
    yield Point(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=n), n)
    await asyncio.sleep(0.5)
"""
COUNT = (
    "SELECT (SELECT count(*) FROM points JOIN series USING (series_id) WHERE owner = wrapper_id), "
    "(SELECT count(*) FROM runs WHERE runs.wrapper_id = wrappers.wrapper_id AND outcome = 'running') "
    "FROM wrappers WHERE wrapper_id = %s"
)


class Ledger:
    """What the database holds, past all nodes."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._alone = threading.Lock()

    def of(self, wrapper_id: str) -> tuple[int, int]:
        """Count the points and open runs of a wrapper."""
        with self._alone:
            row = self._connection.execute(COUNT, (wrapper_id,)).fetchone()
        assert row is not None
        return row[0], row[1]

    def running(self) -> dict[str, int]:
        """Count the runs that have stored points since they began, by node."""
        query = "SELECT node, count(*) FROM runs WHERE outcome = 'running' AND points_received > 0 GROUP BY node"
        with self._alone:
            return dict(self._connection.execute(query).fetchall())

    def completed(self) -> int:
        """Count the wrappers that have read their file."""
        with self._alone:
            return self._connection.execute("SELECT 1 FROM wrappers WHERE status = 'completed'").rowcount

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def ledger_and_nodes(tmp_path: Path) -> Iterator[tuple[Ledger, NodeService, list[Worker]]]:
    with ExitStack() as stack:
        url = stack.enter_context(database())
        service = NodeService(tmp_path / "front" / "data", url, "front", max_runs=0, stop_deadline_seconds=SECONDS)
        stack.enter_context(service)
        workers = [Worker(tmp_path / name, url, name, max_runs=SLOTS, lease_seconds=30) for name in WORKERS]
        for worker in workers:
            stack.enter_context(worker)
        eventually(lambda: len(service.nodes()) == 1 + len(WORKERS))
        ledger = Ledger(url)
        stack.callback(ledger.close)
        yield ledger, service, workers


@pytest.mark.long
@pytest.mark.timeout(900)  # most of it is the beginning of so many runs
def test_two_hundred_stops_at_once_over_three_workers(
    ledger_and_nodes: tuple[Ledger, NodeService, list[Worker]], record_property: Callable[[str, object], None]
) -> None:
    ledger, service, workers = ledger_and_nodes
    file_id = service.upload("level.csv", scenes.csv_of(20))["file_id"]
    answered: dict[str, tuple[bool, tuple[int, int], float]] = {}

    def begin(wrapper_id: str) -> None:
        service.patch(wrapper_id, generated_code=scenes.module(ENDLESS))
        service.execute(wrapper_id, wait=0)

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: service.generate("CSV", {"file_id": file_id}), range(RUNS)))
        eventually(lambda: ledger.completed() == RUNS, within=SECONDS, every=1)
        list(pool.map(begin, ids))
    eventually(lambda: sum(ledger.running().values()) == RUNS, within=SECONDS, every=1)
    by_node = ledger.running()
    assert set(by_node) == set(WORKERS), by_node
    leaders = sum(len(worker.leaders()) for worker in workers)
    assert leaders >= RUNS
    together = threading.Barrier(RUNS)

    def stop(wrapper_id: str) -> None:
        # A client of its own: one whose pool two hundred threads share closes sockets that others still read.
        with httpx.Client(base_url=service.url, headers=dict(service.http.headers), timeout=SECONDS) as client:
            client.get("/ready")
            together.wait()
            began = time.monotonic()
            answer = client.post(f"/resources/wrappers/{wrapper_id}/stop")
            took = time.monotonic() - began
        assert answer.status_code == 200, answer.text
        answered[wrapper_id] = bool(answer.json()["success"]), ledger.of(wrapper_id), took

    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(stop, ids))
    assert [worker.leaders() for worker in workers] == [[]] * len(workers), "all stops have answered"
    assert [each for each in ids if not answered[each][0]] == [], "nothing kept these from ending"
    assert [each for each in ids if answered[each][1][1]] == [], "a run was open behind the answer"
    time.sleep(QUIET)
    assert {each: ledger.of(each)[0] for each in ids} == {each: answered[each][1][0] for each in ids}
    assert all(points > 20 for _, (points, _), _ in answered.values()), "beside the points of the file each has its own"
    for each in ids[:: RUNS // 10]:
        assert sum(map(len, service.stored(each).values())) == answered[each][1][0]
    took = sorted(seconds for _, _, seconds in answered.values())
    record_property("p50_seconds", took[RUNS // 2])
    record_property("slowest_seconds", took[-1])
