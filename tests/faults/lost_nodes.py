"""Nodes that are killed, frozen, cut off, restarted, asked for very much at once, and a database that goes away."""

import contextlib
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from farm import LEASE, SILENCE, Farm, FarmLife, farming
from stand import Place, Row

from nodes import NodeService, Proxy, Worker, database, joined
from service import alive, eventually
from slackwater.store.engine.upgrade import HERE as MIGRATIONS

LATE = 3.0  # seconds beyond its lease after which a process of a lost node is a zombie, on a machine that is busy
SETTLED = 0.3  # seconds after which a renewal has been counted that was on its way when its node was lost
AT_ONCE = 64  # calls that wait for their answers
SLOW, STARTED = 20.0, 600.0  # seconds of an answer, and until so many run: none may have ended by then
UNHEARD = 2.5  # seconds in which a node hears of a fence by its own sweep, and a batch of before it would be stored
MOST_RUNS = 70  # of a worker that is asked for very much at once
NODES_AT_ONCE = 3  # that meet a database to be migrated

Event = Callable[[Farm, Worker], object]  # what happens to a worker


def _begun(farm: Farm, count: int, **how: float) -> list[FarmLife]:
    """Plant wrappers instead of those that there are, and wait until all are read."""
    farm.lives = []
    lives = farm.plant(count, **how)
    farm.reads(lives)
    return lives


def _victim(farm: Farm, lives: list[FarmLife]) -> Worker:
    """A worker that runs some of them."""
    return eventually(lambda: next(filter(None, map(farm.node_of, farm.chance.sample(lives, len(lives)))), None))


def _lost(row: Row, place: Place, times: int, lose: Event, found: Event, *, within: float) -> None:
    """A worker that runs things is lost; what it ran ends in `within` seconds and goes on elsewhere; it comes back."""
    with farming(row, place) as farm:
        for _ in range(times):
            lives = _begun(farm, 3)
            victim = _victim(farm, lives)
            time.sleep(farm.chance.uniform(0, 0.5))
            leaders, began = victim.leaders(), time.monotonic()
            before, ran = farm.lease_of(victim)
            lose(farm, victim)
            farm.hit()
            time.sleep(SETTLED)
            until, runs = farm.lease_of(victim)
            farm.gone(leaders, within=within)
            farm.goes_on(lives, began)
            farm.not_before(max(before, until), victim, ran & runs)
            found(farm, victim)
            farm.settle()
            farm.joined()


def killed_nodes(row: Row, place: Place, times: int) -> None:
    """kill -9 of a worker in the middle of its runs: they end with it, and go on elsewhere."""
    _lost(row, place, times, lambda _, worker: worker.kill(), lambda _, worker: worker.start(), within=LATE)


def frozen_nodes(row: Row, place: Place, times: int) -> None:
    """SIGSTOP of a worker: its guards end its runs with the lease, others go on, and it wakes after that."""

    def signalled(number: signal.Signals) -> Event:
        return lambda _, worker: worker.signal(number)

    _lost(row, place, times, signalled(signal.SIGSTOP), signalled(signal.SIGCONT), within=LEASE + LATE)


def cut_off_nodes(row: Row, place: Place, times: int) -> None:
    """A worker that cannot reach the database, while its sources go on answering."""

    def way(farm: Farm, worker: Worker) -> Proxy:
        return farm.proxies[farm.workers.index(worker)]

    _lost(row, place, times, lambda *at: way(*at).cut(), lambda *at: way(*at).mend(), within=LEASE + LATE)


def stops_while_nodes_die(row: Row, place: Place, times: int) -> None:
    """A stop through one node of what another runs, which is killed, frozen or cut off at about that moment."""
    with farming(row, place) as farm, ThreadPoolExecutor(AT_ONCE) as pool:
        for turn in range(times):
            lives = _begun(farm, 3)
            victim = _victim(farm, lives)
            leaders = farm.leaders()
            how = ("freeze", "kill", "cut")[turn % 3]
            moment = farm.chance.uniform(-0.1, 0.3)
            began = time.monotonic()
            death = threading.Timer(max(0.0, moment), _die, (farm, victim, how))
            death.start()
            time.sleep(max(0.0, -moment))
            list(pool.map(farm.stop, lives))
            death.join()
            farm.hit()
            row.recovery = max(row.recovery, time.monotonic() - began)
            farm.gone(leaders, within=SILENCE + LATE)
            stored = [farm.entry(life) for life in lives]
            _back(farm, victim, how)
            farm.joined()
            if [farm.entry(life) for life in lives] != stored:
                row.doubled += 1
                farm.found("a node that came back has changed what was stopped")
            for life in lives:
                life.executing = True
                assert farm.fronts[0].execute(life.wrapper_id, wait=0)["success"]
            farm.settle()


def _die(farm: Farm, victim: Worker, how: str) -> None:
    match how:
        case "kill":
            victim.kill()
        case "freeze":
            victim.signal(signal.SIGSTOP)
        case _:
            farm.proxies[farm.workers.index(victim)].cut()


def _back(farm: Farm, victim: Worker, how: str) -> None:
    match how:
        case "kill":
            victim.start()
        case "freeze":
            victim.signal(signal.SIGCONT)
        case _:
            farm.proxies[farm.workers.index(victim)].mend()


def unheard_stops(row: Row, place: Place, times: int) -> None:
    """A stop of which the node that runs it hears nothing: no notice comes, only the fence is there."""
    with farming(row, place, workers=1) as farm:
        for _ in range(times):
            [life] = _begun(farm, 1, points=2800, delay=0.05)
            with psycopg.connect(farm.url) as c:
                c.execute(
                    "UPDATE wrappers SET wanted = 'stopped', epoch = epoch + 1 WHERE wrapper_id = %s",
                    (life.wrapper_id,),
                )
            farm.hit()
            farm.still(life, UNHEARD)
            if row.broken:
                return  # what is stored after a fence needs no second proof, and cannot be read to its end
            began = time.monotonic()
            farm.stop(life)
            row.recovery = max(row.recovery, time.monotonic() - began)
            life.executing = True
            assert farm.fronts[0].execute(life.wrapper_id, wait=0)["success"]
            farm.settle()


def restarted_nodes(row: Row, place: Place, times: int) -> None:
    """Every node is restarted in turn while histories are read; somebody answers all the time."""
    with farming(row, place, fronts=2) as farm:
        for _ in range(times):
            lives = _begun(farm, 3, delay=0.3)
            for node in [*farm.workers, *farm.fronts]:
                leaders = node.leaders() if isinstance(node, Worker) else []
                began = time.monotonic()
                node.end()
                farm.hit()
                if left := [pid for pid in leaders if pid in farm.leaders()]:
                    row.zombies += len(left)
                    farm.found(f"{node.name} has left in good order, and {len(left)} of its processes live")
                for other in farm.fronts:
                    if other is not node and other.http.get(f"/resources/wrappers/{lives[0].wrapper_id}").is_error:
                        farm.found(f"{other.name} does not answer while {node.name} is away")
                node.start()
                farm.joined()
                farm.goes_on(lives, began)
            farm.settle()


def restarted_database(row: Row, place: Place, times: int) -> None:
    """PostgreSQL ends under load, in good order or by a crash, for a moment or for longer than the lease."""
    with farming(row, place, own=True) as farm:
        assert farm.server
        for turn in range(times):
            lives = _begun(farm, 4)
            time.sleep(farm.chance.uniform(0, 0.5))
            began = time.monotonic()
            farm.server.stop((signal.SIGINT, signal.SIGQUIT)[turn % 2])
            farm.hit()
            answer = farm.fronts[0].http.post(f"/resources/wrappers/{lives[0].wrapper_id}/stop")
            if answer.status_code != 503:
                farm.found(f"without a database a stop was answered with {answer.status_code} {answer.text[:200]}")
            if turn % 3 == 2:
                farm.gone(farm.leaders(), within=LEASE + LATE)
            farm.server.start()
            farm.goes_on(lives, began)
            farm.joined()
            farm.settle()


def crowd_on_nodes(row: Row, place: Place, times: int) -> None:
    """So many wrappers run on three workers at once, and are stopped at once."""
    with farming(row, place, workers=3, max_runs=MOST_RUNS) as farm, ThreadPoolExecutor(AT_ONCE) as pool:
        lives = farm.plant(times, delay=SLOW)
        watched, farm.lives = farm.lives, []  # as many looks would be most of the load
        eventually(lambda: all(life.living for life in lives), within=STARTED)
        leaders = farm.leaders()
        farm.hit(len(lives))
        began = time.monotonic()
        list(pool.map(farm.stop, lives))
        row.recovery = time.monotonic() - began
        if left := set(farm.leaders()) | {pid for pid in leaders if alive(pid)}:
            row.zombies += len(left)
            farm.found(f"all stops have answered, and {len(left)} processes live")
        if still := farm.store.rows("SELECT count(*) FROM runs WHERE outcome = 'running'")[0][0]:
            farm.found(f"all stops have answered, and {still} runs are open")
        for life in farm.chance.sample(lives, min(len(lives), 5)):
            life.executing = True
            assert life.endpoint
            life.endpoint.shape = replace(life.endpoint.shape, delay=0)
            assert farm.fronts[0].execute(life.wrapper_id, wait=0)["success"]
            farm.lives.append(life)
        farm.settle()
        farm.lives = watched
        for life in lives:
            with contextlib.suppress(AssertionError):
                life.check()
                continue
            farm.found(f"{life}: not as it should be")


def migrating_at_once(row: Row, place: Place, times: int) -> None:
    """Several nodes meet a store of an earlier version at once: one brings it forward, and nothing is lost."""
    for _ in range(times):
        with tempfile.TemporaryDirectory(prefix="slackwater-farm-") as home, database() as url:
            began = time.monotonic()
            first = NodeService(Path(home) / "first" / "data", url, "first", max_runs=0, log_level="error")
            with first:
                upload = first.upload("level.csv", b"time,level\n2020-01-01,1\n2020-01-02,2\n")
                wrapper_id = first.generate("CSV", {"file_id": upload["file_id"]})
                with Worker(Path(home) / "worker", url, "worker"):
                    first.wait_for(wrapper_id, "completed")
                    stored = first.stored(wrapper_id)
            _one_version_back(url)
            nodes = [
                NodeService(Path(home) / f"n{n}" / "data", url, "node", max_runs=0, log_level="error")
                for n in range(NODES_AT_ONCE)
            ]
            with ThreadPoolExecutor(len(nodes)) as pool:
                list(pool.map(NodeService.start, nodes))
            try:
                row.injected += 1
                joined(nodes[0], count=len(nodes))
                for node in nodes:
                    if node.stored(wrapper_id) != stored:
                        row.lost += 1
                        row.broken.append(f"{node.name} does not give what was stored before the migration")
                if set(nodes[0].nodes()) != {"node", *(f"node-{n}" for n in range(2, NODES_AT_ONCE + 1))}:
                    row.broken.append(f"the nodes are called {set(nodes[0].nodes())}")
            finally:
                for node in nodes:
                    node.end()
                    node.http.close()
            row.recovery = max(row.recovery, time.monotonic() - began)


def _one_version_back(url: str) -> None:
    """Make of a store what the version before the newest migration has written."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    engine.dispose()
