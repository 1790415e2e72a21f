"""kill -9 at random moments, of the wrapper process and of the service: after catch-up stored equals source."""

import random
import time

import psutil

import scenes
from service import Service, alive, eventually
from sources import Feed, SourceServer

KILLS, RESTARTS = 12, 3  # `make chaos` does it a thousand times


def test_kill_9_of_the_wrapper_process(tmp_path) -> None:
    chance = random.Random(11)
    with SourceServer() as source, Service(tmp_path / "data", max_tries=100, retry_base_seconds=0.05) as service:
        scene = scenes.api(service, source, delay=0.02, feed=Feed.regular("1990-01-01", scenes.WEEK, 1900))
        killed = 0
        while killed < KILLS:
            pid = eventually(lambda: _running(service, scene.wrapper_id))
            time.sleep(chance.random() * 0.12)
            try:
                psutil.Process(pid).kill()
            except psutil.NoSuchProcess:
                continue
            killed += 1
            eventually(lambda pid=pid: not alive(pid))
        service.caught_up(scene.wrapper_id, within=60)
        scene.assert_complete()
        eventually(lambda: len(service.below()) == 1)  # the guard of the last run ends a moment after it
        assert {run["signal"] for run in service.runs(scene.wrapper_id)} >= {9}


def _running(service: Service, wrapper_id: str) -> int | None:
    """Pid of the process that reads.

    One that has caught up is made to begin again, data and all; one that waits for its next try, longer after each
    kill, need not wait.
    """
    wrapper = service.wrapper(wrapper_id)
    if wrapper["status"] == "retrying" and wrapper["retry_count"] > 4:
        service.execute(wrapper_id, wait=0)
    elif wrapper["status"] == "executing" and wrapper["phase"] == "continuous":
        service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate").raise_for_status()
    # A kill within 0.12 s of the start would for ever hit discovery, which takes longer than that.
    return service.process_id(wrapper_id) if wrapper["status"] == "executing" else None


def test_kill_9_of_the_service(tmp_path) -> None:
    chance = random.Random(13)
    with SourceServer() as source, Service(tmp_path / "data") as service:
        scene = scenes.api(service, source, delay=0.02, feed=Feed.regular("1980-01-01", scenes.WEEK, 2400))
        file = scenes.file(service, "CSV", count=40_000)
        for _ in range(RESTARTS):
            service.execute(file.wrapper_id, wait=0)
            time.sleep(chance.random() * 0.5)
            below = [process.pid for process in service.below()]
            service.kill()
            eventually(lambda below=below: not any(map(alive, below)))
            service.start()
        service.caught_up(scene.wrapper_id, within=60)
        service.caught_up(file.wrapper_id, within=60)
        scene.assert_complete()
        file.assert_complete()
        outcomes = {run["outcome"] for run in service.runs(file.wrapper_id)}
        assert "interrupted" in outcomes
        assert "running" not in outcomes


def test_sigterm_ends_the_service_and_stubborn_wrappers_first(tmp_path) -> None:
    stubborn = scenes.module("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)\nyield")
    with SourceServer() as source, Service(tmp_path / "data") as service:
        scene = scenes.api(service, source)
        file = scenes.file(service, "CSV", slow=False, count=20)
        service.patch(file.wrapper_id, generated_code=stubborn)
        service.execute(file.wrapper_id, wait=0)
        scenes.reading(scene)
        eventually(lambda: len(service.leaders()) == 2)
        below = [process.pid for process in service.below()]
        service.end()
        assert not any(map(alive, below))
        service.start()
        # What was wanted still is: both go on.
        service.caught_up(scene.wrapper_id)
        scene.assert_complete()
        eventually(lambda: [run["outcome"] for run in service.runs(file.wrapper_id)].count("running") == 1)
