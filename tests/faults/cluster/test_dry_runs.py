"""Dry runs and looks on one node, asked about through another: a stop that succeeds leaves none alive anywhere."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import psutil
import pytest

from nodes import NodeService, database, joined
from scenes import api, module
from service import KEY, alive, eventually
from sources import Answer, Recorded, SourceServer

OTHER_KEY = "another key of an admin"
GOOD = 'yield Point("2020-01-01T00:00:00Z", 1)'
HANGS = """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    time.sleep(600)
    yield
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeService, NodeService]]:
    room = tmp_path_factory.mktemp("pair")
    with ExitStack() as stack:
        url = stack.enter_context(database())
        asked = NodeService(room / "asked" / "data", url, "asked", stop_deadline_seconds=2)
        tries = NodeService(room / "tries" / "data", url, "tries", api_key=OTHER_KEY)
        stack.enter_context(asked)
        stack.enter_context(tries)
        joined(asked, count=2)
        yield asked, tries


@pytest.fixture
def wrapper_id(pair: tuple[NodeService, NodeService], source: SourceServer) -> str:
    scene = api(pair[0], source)
    pair[0].wait_for(scene.wrapper_id, "executing")
    pair[0].stop(scene.wrapper_id)
    return scene.wrapper_id


def hanging(node: NodeService, wrapper_id: str, pool: ThreadPoolExecutor) -> tuple[Future[httpx.Response], list[int]]:
    """Begin a dry run that does not end; return its answer, and the module's processes."""

    def look() -> list[int]:
        below = node.below()
        guards = {each.pid for each in below if each.ppid() == node.process.pid}  # the fork server
        guards |= {each.pid for each in below if each.ppid() in guards}
        found = [each.pid for each in below if each.pid not in guards]
        return found if len(found) >= 2 else []

    body = {"generated_code": module(HANGS)}
    answer = pool.submit(node.http.post, f"/resources/wrappers/{wrapper_id}/dry-run", json=body, timeout=100)
    return answer, eventually(look)


def test_a_stop_waits_for_dry_runs_on_other_nodes(pair: tuple[NodeService, NodeService], wrapper_id: str) -> None:
    asked, tries = pair
    with ThreadPoolExecutor() as pool:
        answer, processes = hanging(tries, wrapper_id, pool)
        assert asked.stop(wrapper_id)["success"] is True
        assert not any(map(alive, processes))
        assert answer.result().json()["message"] == "The wrapper was stopped, and its dry run with it."
    again = tries.http.post(f"/resources/wrappers/{wrapper_id}/dry-run", json={"generated_code": module(GOOD)})
    assert again.json()["points"] == 1, "a stop ends what has begun, and nothing that begins later"


@pytest.mark.long
def test_a_dry_run_of_a_frozen_node_is_not_taken_for_ended(
    pair: tuple[NodeService, NodeService], wrapper_id: str
) -> None:
    asked, tries = pair
    with ThreadPoolExecutor() as pool:
        answer, processes = hanging(tries, wrapper_id, pool)
        assert tries.process is not None
        frozen = psutil.Process(tries.process.pid)
        frozen.send_signal(signal.SIGSTOP)
        try:
            assert asked.stop(wrapper_id)["success"] is False
            assert any(map(alive, processes))

            def stopped() -> bool:
                success = bool(asked.stop(wrapper_id)["success"])
                assert not (success and any(map(alive, processes))), "an answer was a lie"
                return success

            eventually(stopped)
        finally:
            frozen.send_signal(signal.SIGCONT)
        answer.result()
    joined(asked, count=2)


def test_what_a_look_asks_is_told_by_whichever_node_its_caller_asks(
    pair: tuple[NodeService, NodeService], source: SourceServer
) -> None:
    looks, other = pair
    go_on = threading.Event()

    def answer(_: Recorded) -> Answer:
        go_on.wait(60)
        return Answer([{"time": f"2024-03-{n:02}", "value": n} for n in range(1, 20)])

    url = source.route("/v1/slow", answer)
    body = {"source_type": "API", "source_config": {"location": url}}
    with ThreadPoolExecutor() as pool, httpx.Client(base_url=other.url) as ana, httpx.Client(base_url=other.url) as rui:
        ana.post("/login", data={"key": KEY})
        rui.post("/login", data={"key": OTHER_KEY})

        def told(who: httpx.Client) -> str:
            said = who.get("/new/looking")
            assert said.status_code == 200
            return said.text

        found = pool.submit(looks.http.post, "/resources/wrappers/discover", json=body, timeout=100)
        try:
            eventually(lambda: url in told(ana))
            assert told(rui) == "", "it is somebody else's"
        finally:
            go_on.set()
        assert found.result().json()["found"] is True
        eventually(lambda: told(ana) == "")
