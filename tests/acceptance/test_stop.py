"""The stop page of the contract, line by line, for the three source types and each status."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

import scenes
from budget import some
from databases import ON_POSTGRESQL
from service import Service, alive, eventually
from sources import Feed, SourceServer

STOPPED = "Wrapper stopped successfully"
GONE_SECONDS = 40  # a lease, its margin, and as long again: the machine may be busy


def test_an_api_wrapper_that_is_reading(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source)
    scenes.reading(scene)
    _stop_means_stopped(scene)
    assert service.execute(scene.wrapper_id)["success"]
    service.caught_up(scene.wrapper_id)
    scene.assert_complete()


@pytest.mark.parametrize("source_type", some(["CSV", "XLSX"], "CSV"))
def test_a_file_wrapper_that_is_reading(service: Service, source_type: str) -> None:
    scene = scenes.file(service, source_type)
    service.execute(scene.wrapper_id, wait=0)
    scenes.reading(scene)
    before = _stop_means_stopped(scene)
    assert 0 < before["checkpoint"]["page"]["token"] < scenes.ROWS
    # It resumes where it was: this run accounts for the rest of the rows alone.
    answer = service.execute(scene.wrapper_id)
    assert answer["success"], answer
    service.wait_for(scene.wrapper_id, "completed")
    assert answer["data_points_sent"] == scenes.ROWS - before["checkpoint"]["page"]["token"]
    scene.assert_complete()


def _stop_means_stopped(scene: scenes.Scene) -> dict:
    """Stop a reading wrapper and prove every word of the promise; return it with its checkpoint."""
    service, wrapper_id = scene.service, scene.wrapper_id
    pid = service.process_id(wrapper_id)
    assert pid is not None
    runs_before = len(service.runs(wrapper_id))
    answer = service.stop(wrapper_id)
    assert answer == {"wrapper_id": wrapper_id, "success": True, "message": STOPPED}
    assert not alive(pid)
    frozen = _frozen(service, wrapper_id)
    requests = len(scene.endpoint.requests) if scene.endpoint else 0
    time.sleep(0.5)
    assert _frozen(service, wrapper_id) == frozen
    assert len(scene.endpoint.requests) == requests if scene.endpoint else True
    assert frozen["wrapper"]["status"] == "stopped"
    assert frozen["wrapper"]["error_message"] is None
    # Logs and run history stay, the run says how it ended.
    assert len(frozen["runs"]) == runs_before
    assert frozen["runs"][0]["outcome"] == "stopped"
    assert frozen["runs"][0]["signal"] is not None
    assert frozen["wrapper"]["execution_log"]
    return frozen


def _frozen(service: Service, wrapper_id: str) -> dict:
    wrapper = service.wrapper(wrapper_id)
    wrapper.pop("monitoring_details")
    return {
        "wrapper": wrapper,
        "checkpoint": service.http.get(f"/resources/wrappers/{wrapper_id}/checkpoint").json(),
        "runs": service.runs(wrapper_id),
        "stored": {name: len(points) for name, points in service.stored(wrapper_id).items()},
        "log": service.logs(wrapper_id),
    }


def test_one_that_follows_its_source_between_two_polls(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0)
    service.caught_up(scene.wrapper_id)
    assert service.process_id(scene.wrapper_id) is None
    assert service.stop(scene.wrapper_id)["success"]
    assert service.wrapper(scene.wrapper_id)["status"] == "stopped"
    details = service.http.get(f"/resources/wrappers/{scene.wrapper_id}/monitoring").json()["monitoring_details"]
    assert details["next_poll_time"] is None


def test_one_that_is_retrying(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0)
    service.caught_up(scene.wrapper_id)
    service.stop(scene.wrapper_id)
    service.patch(scene.wrapper_id, generated_code=scenes.module("raise RuntimeError('broken on purpose')\nyield"))
    service.execute(scene.wrapper_id, wait=5)
    service.wait_for(scene.wrapper_id, "retrying")
    assert service.stop(scene.wrapper_id)["message"] == STOPPED
    wrapper = service.wrapper(scene.wrapper_id)
    assert wrapper["status"] == "stopped"
    runs = len(service.runs(scene.wrapper_id))
    time.sleep(1)
    assert len(service.runs(scene.wrapper_id)) == runs


def test_one_that_is_being_generated(service: Service, source: SourceServer) -> None:
    feed = Feed.regular(*scenes.FEED)
    endpoint = source.serve("/v1/slow", feed, paging="offset")
    endpoint.faults.hang()
    wrapper_id = service.generate("API", {"location": endpoint.url})
    service.wait_for(wrapper_id, "generating")
    eventually(lambda: len(service.below()) == 3)  # the fork server, a guard, and the process that looks
    eventually(lambda: endpoint.requests)  # the one that hangs; a stop before it would leave that to the next
    answer = service.stop(wrapper_id)
    assert answer["success"], answer
    assert service.wrapper(wrapper_id)["status"] == "stopped"
    eventually(lambda: len(service.below()) == 1)  # the fork server alone
    # Executed again it is generated, and then read.
    answer = service.execute(wrapper_id)
    assert answer["success"], answer
    service.caught_up(wrapper_id)
    assert service.stored(wrapper_id) == feed.points()


@pytest.mark.parametrize("source_type", some(["API", "CSV", "XLSX"], "API", "CSV"))
def test_one_that_is_pending_because_no_slot_is_free(tmp_path, source: SourceServer, source_type: str) -> None:
    with Service(tmp_path / "data", max_runs=1) as service:
        endpoint = source.serve("/slow", Feed.regular(*scenes.FEED))
        endpoint.faults.hang()
        holder = service.generate("API", {"location": endpoint.url})
        service.wait_for(holder, "generating")
        points = scenes.rows(10)
        files = {"CSV": ("a.csv", scenes.csv(points)), "XLSX": ("a.xlsx", scenes.xlsx(points))}
        config = (
            {"location": source.url + "/other"}
            if source_type == "API"
            else {"file_id": service.upload(*files[source_type])["file_id"]}
        )
        wrapper_id = service.generate(source_type, config)
        time.sleep(0.2)
        assert service.wrapper(wrapper_id)["status"] == "pending"
        assert service.stop(wrapper_id)["success"]
        service.stop(holder)
        time.sleep(0.3)
        assert service.wrapper(wrapper_id)["status"] == "stopped"
        assert service.runs(wrapper_id) == []


def test_a_stopped_one_stays_as_it_is(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0)
    service.caught_up(scene.wrapper_id)
    service.stop(scene.wrapper_id)
    before = _frozen(service, scene.wrapper_id)
    assert service.stop(scene.wrapper_id) == {"wrapper_id": scene.wrapper_id, "success": True, "message": STOPPED}
    assert _frozen(service, scene.wrapper_id) == before


@pytest.mark.parametrize("source_type", some(["CSV", "XLSX"], "CSV"))
def test_a_completed_one_stays_as_it_is(service: Service, source_type: str) -> None:
    scene = scenes.file(service, source_type, slow=False, count=20)
    before = _frozen(service, scene.wrapper_id)
    assert before["wrapper"]["status"] == "completed"
    assert service.stop(scene.wrapper_id)["success"]
    assert _frozen(service, scene.wrapper_id) == before


def test_one_in_error_becomes_stopped_and_keeps_its_message(service: Service, source: SourceServer) -> None:
    wrapper_id = service.generate("API", {"location": source.route("/empty", lambda _: _nothing())})
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error")
    message = service.wrapper(wrapper_id)["error_message"]
    assert message
    assert service.stop(wrapper_id)["success"]
    wrapper = service.wrapper(wrapper_id)
    assert (wrapper["status"], wrapper["error_message"]) == ("stopped", message)


def _nothing():
    from sources import Answer

    return Answer([])


@pytest.mark.parametrize("wrapper_id", ["67253d97-c348-416a-a51a-adf9340cc093", "not-an-id"])
def test_an_unknown_one(service: Service, wrapper_id: str) -> None:
    answer = service.http.post(f"/resources/wrappers/{wrapper_id}/stop")
    assert (answer.status_code, answer.json()) == (400, {"detail": "Stop error: Wrapper not found"})


def test_ten_stops_at_once_are_one_stop(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source)
    scenes.reading(scene)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: service.stop(scene.wrapper_id), range(10)))
    assert all(answer["success"] for answer in answers)
    stopped = [line for line in service.wrapper(scene.wrapper_id)["execution_log"] if line.endswith(" stopped")]
    assert len(stopped) == 1


def test_a_caller_that_hangs_up_does_not_undo_a_stop(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source)
    scenes.reading(scene)
    hand = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)\nyield"
    service.stop(scene.wrapper_id)
    service.patch(scene.wrapper_id, generated_code=scenes.module(hand))
    service.execute(scene.wrapper_id, wait=0.5)
    pid = eventually(lambda: service.process_id(scene.wrapper_id))
    with pytest.raises(httpx.ReadTimeout):
        service.http.post(f"/resources/wrappers/{scene.wrapper_id}/stop", timeout=0.2)
    service.wait_for(scene.wrapper_id, "stopped")
    assert not alive(pid)


def test_a_stop_survives_a_power_cut(tmp_path, source: SourceServer) -> None:
    with Service(tmp_path / "data", stop_grace_seconds=30) as service:
        scene = scenes.api(service, source)
        scenes.reading(scene)
        service.stop(scene.wrapper_id)
        hand = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nyield Point(window.end, 1)\nawait asyncio.sleep(60)"
        service.patch(scene.wrapper_id, generated_code=scenes.module(hand))
        service.execute(scene.wrapper_id, wait=1)
        pid = eventually(lambda: service.process_id(scene.wrapper_id))
        with pytest.raises(httpx.ReadTimeout):
            service.http.post(f"/resources/wrappers/{scene.wrapper_id}/stop", timeout=0.3)
        eventually(lambda: service.wrapper(scene.wrapper_id)["stopping"])
        service.kill()  # between «wanted: stopped» and the end of the process
        eventually(lambda: not alive(pid))
        service.start()
        # Among nodes nobody may know that its processes are gone before the lease of its earlier life is over.
        within = GONE_SECONDS if ON_POSTGRESQL else 5
        eventually(lambda: service.wrapper(scene.wrapper_id)["status"] == "stopped", within=within)
        time.sleep(0.5)
        assert service.process_id(scene.wrapper_id) is None


def test_a_locked_store_does_not_keep_the_process_alive(tmp_path, source: SourceServer) -> None:
    with Service(tmp_path / "data") as service, ThreadPoolExecutor(1) as pool:
        scene = scenes.api(service, source)
        scenes.reading(scene)
        pid = service.process_id(scene.wrapper_id)
        assert pid is not None
        with service.store() as store:
            store.execute("BEGIN")
            store.execute("UPDATE wrappers SET epoch = epoch")
            try:
                answer = pool.submit(service.stop, scene.wrapper_id)
                eventually(lambda: not alive(pid), within=10)
                assert not answer.done()  # nothing is answered before it is stored
            finally:
                store.execute("ROLLBACK")
        assert answer.result()["success"]
        assert service.wrapper(scene.wrapper_id)["status"] == "stopped"
        assert service.runs(scene.wrapper_id)[0]["outcome"] == "stopped"


def test_a_stop_that_is_not_done_is_shown(tmp_path, source: SourceServer) -> None:
    with Service(tmp_path / "data", stop_grace_seconds=3) as service, ThreadPoolExecutor(1) as pool:
        scene = scenes.api(service, source)
        hand = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nyield Point(window.end, 1)\nawait asyncio.sleep(60)"
        service.stop(scene.wrapper_id)
        service.patch(scene.wrapper_id, generated_code=scenes.module(hand))
        service.execute(scene.wrapper_id, wait=0)
        eventually(lambda: service.process_id(scene.wrapper_id))
        assert service.wrapper(scene.wrapper_id)["stopping"] is False
        answer = pool.submit(service.stop, scene.wrapper_id)
        seen = eventually(lambda: (it := service.wrapper(scene.wrapper_id))["stopping"] and it)
        assert seen["status"] == "executing"
        assert answer.result()["success"]
        assert service.wrapper(scene.wrapper_id)["stopping"] is False


@pytest.mark.sqlite
def test_no_stop_is_answered_with_success_once_the_store_is_gone(tmp_path, source: SourceServer) -> None:
    with Service(tmp_path / "data") as service:
        scene = scenes.api(service, source)
        scenes.reading(scene)
        pid = service.process_id(scene.wrapper_id)
        assert pid is not None
        shutil.rmtree(service.data_dir)
        answer = service.http.post(f"/resources/wrappers/{scene.wrapper_id}/stop")
        assert answer.status_code == 503
        assert "was removed or replaced" in answer.json()["detail"]
        eventually(lambda: not alive(pid))
        ready = service.http.get("/ready")
        assert ready.status_code == 503
        assert "was removed or replaced" in ready.json()["detail"]
        service.kill()  # an orderly end has nowhere to write to
