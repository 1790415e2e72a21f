"""Several nodes on one database: what one is asked, another runs; nothing is lost and nothing doubled."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from freezer import stuck
from loaded import start
from nodes import LEASE, SECRET, NodeService, Proxy, Worker, database, joined
from scenes import Scene, api, file
from service import alive, eventually
from sources import SourceServer

LONG_LEASE = 300.0  # seconds: longer than anything here takes


class Cluster:
    """A service that runs nothing itself, and two workers."""

    def __init__(self, room: Path, url: str, stack: ExitStack) -> None:
        self.url = url
        self.service = NodeService(room / "front" / "data", url, "front", max_runs=0, stop_deadline_seconds=2)
        self.proxies = {name: Proxy(url) for name in ("one", "two")}
        for proxy in self.proxies.values():
            stack.callback(proxy.close)
        self.workers = {name: Worker(room / name, self.proxies[name].url, name) for name in ("one", "two")}
        for worker in self.workers.values():  # all at once: they meet an empty database
            stack.enter_context(worker)
        stack.enter_context(self.service)
        joined(self.service, count=3)

    def running(self, wrapper_id: str) -> Worker:
        """Wait until a run stores points, and return the worker that runs it."""

        def look() -> Worker | None:
            for run in self.service.runs(wrapper_id):
                if run["outcome"] == "running" and run["points_received"] > 0:
                    return self.workers[run["node"].split("-")[0]]  # one that comes back soon gets a number
            return None

        return eventually(look)

    def other(self, worker: Worker) -> Worker:
        return next(each for each in self.workers.values() if each is not worker)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        url = stack.enter_context(database())
        yield Cluster(tmp_path_factory.mktemp("nodes"), url, stack)


def outcomes(scene: Scene) -> list[str]:
    return [run["outcome"] for run in scene.service.runs(scene.wrapper_id)]


def complete(scene: Scene) -> None:
    """Wait until all is read; what is stored then equals the source. Its wrapper is stopped."""
    scene.service.caught_up(scene.wrapper_id)
    scene.assert_complete()
    scene.service.stop(scene.wrapper_id)


def test_a_stop_through_one_node_ends_what_another_runs(cluster: Cluster, source: SourceServer) -> None:
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    assert leaders
    assert cluster.service.stop(scene.wrapper_id)["success"] is True
    assert not any(map(alive, leaders))
    assert outcomes(scene)[0] == "stopped"
    stored = cluster.service.stored(scene.wrapper_id)
    assert sum(map(len, stored.values())) < sum(map(len, scene.truth().values()))
    result = cluster.service.execute(scene.wrapper_id, wait=60)  # its end is told by the node that runs it
    assert result["success"], result
    complete(scene)


def test_a_worker_that_is_killed_is_followed_by_another(cluster: Cluster, source: SourceServer) -> None:
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    worker.kill()
    killed = time.monotonic()
    eventually(lambda: not any(map(alive, leaders)))
    eventually(lambda: outcomes(scene)[0] == "running" and len(outcomes(scene)) > 2, within=30)
    assert time.monotonic() - killed > LEASE, "nobody may know before the end of the lease that it has none left"
    assert cluster.running(scene.wrapper_id) is cluster.other(worker)
    complete(scene)
    assert "interrupted" in outcomes(scene)
    worker.start()


@pytest.mark.long
def test_a_node_that_was_killed_takes_its_own_runs_back_when_nothing_of_it_is_left(
    tmp_path: Path, source: SourceServer
) -> None:
    with database() as url, NodeService(tmp_path / "one" / "data", url, "one", lease_seconds=LONG_LEASE) as node:
        scene = api(node, source, delay=0.1)
        eventually(lambda: scene.service.stored(scene.wrapper_id))
        leaders = [each.pid for each in node.leaders()]
        assert leaders
        killed = time.monotonic()
        node.kill()
        node.start()
        eventually(lambda: outcomes(scene)[0] == "running" and outcomes(scene)[1] == "interrupted")
        assert time.monotonic() - killed < LONG_LEASE, "it was its lease that ended"
        assert not any(map(alive, leaders))
        assert list(node.nodes()) == ["one"], "it has its name again"
        complete(scene)


def _stopped(cluster: Cluster, scene: Scene) -> bool:
    """Stop a wrapper; say whether that was a success."""
    answer = cluster.service.http.post(f"/resources/wrappers/{scene.wrapper_id}/stop")
    if answer.status_code == 503:  # its node was frozen in a transaction, which ends with its lease
        return False
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["success"])


def test_a_frozen_worker_has_no_processes_when_others_go_on(cluster: Cluster, source: SourceServer) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    worker.signal(signal.SIGSTOP)

    def stopped() -> bool:
        success = _stopped(cluster, scene)
        assert not (success and any(map(alive, leaders))), "an answer was a lie"
        return success

    eventually(stopped)
    stored = cluster.service.stored(scene.wrapper_id)
    worker.signal(signal.SIGCONT)
    joined(cluster.service, count=3)
    assert cluster.service.stored(scene.wrapper_id) == stored
    assert cluster.service.wrapper(scene.wrapper_id)["status"] == "stopped"
    cluster.service.execute(scene.wrapper_id, wait=0)
    complete(scene)


@pytest.mark.long
def test_a_node_that_is_paused_whole_stores_nothing_after_a_stop_that_was_answered(
    cluster: Cluster, source: SourceServer
) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    assert leaders
    process = worker.process
    assert process is not None
    with stuck(lambda: [process.pid, *(each.pid for each in worker.below())]):  # its guards as little as its modules
        frozen = time.monotonic()
        eventually(lambda: _stopped(cluster, scene))
        assert time.monotonic() - frozen > LEASE / 2, "success was answered while the lease ran"
        assert all(map(alive, leaders)), "they were not paused"
        stored = cluster.service.stored(scene.wrapper_id)
    eventually(lambda: not any(map(alive, leaders)))
    joined(cluster.service, count=3)
    assert cluster.service.stored(scene.wrapper_id) == stored
    assert cluster.service.wrapper(scene.wrapper_id)["status"] == "stopped"
    cluster.service.execute(scene.wrapper_id, wait=0)
    complete(scene)


@pytest.mark.long
def test_no_stop_is_answered_while_a_module_is_stuck_on_a_node_that_lives(
    cluster: Cluster, source: SourceServer
) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    with stuck(lambda: leaders):
        began = time.monotonic()
        while time.monotonic() - began < LEASE + 5:  # the node lives: no silence of it lets a stop succeed
            assert not cluster.service.stop(scene.wrapper_id)["success"]
        assert all(map(alive, leaders))
        stored = cluster.service.stored(scene.wrapper_id)
    assert eventually(lambda: cluster.service.stop(scene.wrapper_id)["success"])
    assert not any(map(alive, leaders))
    assert cluster.service.stored(scene.wrapper_id) == stored
    cluster.service.execute(scene.wrapper_id, wait=0)
    complete(scene)


@pytest.mark.long
def test_a_worker_that_is_cut_off_from_the_database_ends_its_runs(cluster: Cluster, source: SourceServer) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    leaders = worker.leaders()
    cluster.proxies[worker.name].cut()  # the source still answers it
    eventually(lambda: not any(map(alive, leaders)))
    eventually(lambda: cluster.running(scene.wrapper_id) is cluster.other(worker))
    cluster.proxies[worker.name].mend()
    complete(scene)
    joined(cluster.service, count=3)


@pytest.mark.long
def test_every_node_is_restarted_while_a_history_is_read(cluster: Cluster, source: SourceServer) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.5)
    first = cluster.running(scene.wrapper_id)
    for worker in (first, cluster.other(first)):
        worker.end()
        worker.start()
        joined(cluster.service, count=3)
    complete(scene)
    assert "interrupted" in outcomes(scene)


@pytest.mark.long
def test_a_drained_node_hands_over_what_it_runs(cluster: Cluster, source: SourceServer) -> None:
    joined(cluster.service, count=3)
    scene = api(cluster.service, source, delay=0.1)
    worker = cluster.running(scene.wrapper_id)
    node = next(run["node"] for run in cluster.service.runs(scene.wrapper_id) if run["outcome"] == "running")
    answer = cluster.service.http.post(f"/nodes/{node}/drain")
    assert answer.json()["draining"] is True
    eventually(lambda: cluster.running(scene.wrapper_id) is cluster.other(worker))
    complete(scene)
    assert not worker.leaders()
    worker.end()
    worker.start()


@pytest.mark.long
def test_a_service_that_was_cut_off_while_the_key_was_changed_ends(tmp_path: Path, source: SourceServer) -> None:
    with database() as url, contextlib.closing(Proxy(url)) as proxy:
        node = NodeService(tmp_path / "one" / "data", proxy.url, "one", max_runs=0, lease_seconds=2)
        node.start()
        proxy.cut()
        told = {"SLACKWATER_SECRET_KEY": SECRET, "SLACKWATER_NEXT_SECRET_KEY": SECRET + ", changed"}
        words = ["keys", "rotate-secret", "--data-dir", str(tmp_path / "elsewhere"), "--database-url", url]

        def changed() -> bool:
            return start(words, {"PATH": os.environ["PATH"], **told}, cwd=tmp_path).wait(60) == 0

        eventually(changed, every=1)  # its lease has to be over
        proxy.mend()
        assert node.process is not None
        assert node.process.wait(60) == 1
        node.http.close()


def test_a_file_that_one_node_has_taken_is_read_by_another(cluster: Cluster) -> None:
    joined(cluster.service, count=3)
    scene = file(cluster.service, "CSV", slow=False, count=2_000)
    scene.assert_complete()


@pytest.mark.long
def test_names_are_told_apart_and_keys_are_not(cluster: Cluster, tmp_path: Path) -> None:
    other = Worker(tmp_path / "other", cluster.url, "one", secret_key="another secret key than that of all others")
    other.start()
    assert other.process is not None
    assert other.process.wait(60) == 1
    other.process = None
    names = set(cluster.service.nodes())
    with Worker(tmp_path / "twin", cluster.url, "front"):
        eventually(lambda: set(cluster.service.nodes()) == {*names, "front-2"})
    eventually(lambda: set(cluster.service.nodes()) == names)
