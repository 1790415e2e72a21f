"""Runs that hang are seen, told and ended, and do not keep others from their slots and hosts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import scenes
from service import Service, eventually
from sources import SourceServer

HANGS = "yield Point(window.end - timedelta(days=1), 1)\nwhile True:\n    print('still here')\n    time.sleep(0.05)"


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "data", max_runs=1, stall_seconds=600, max_tries=2) as service:
        yield service


def health(service: Service, wrapper_id: str) -> dict:
    return dict(service.http.get(f"/resources/wrappers/{wrapper_id}/health").json())


def test_a_run_without_progress_is_seen_and_ended(service: Service) -> None:
    wrapper_id = scenes.file(service, "CSV", slow=False, count=20).wrapper_id
    service.patch(wrapper_id, generated_code=scenes.module(HANGS), source_config={"stall_seconds": 3})
    service.execute(wrapper_id, wait=0)
    seen = eventually(lambda: (answer := health(service, wrapper_id))["health_status"] == "STALLED" and answer)
    assert "no progress" in seen["reason"]
    assert "stall_seconds" in seen["reason"]
    page = service.http.get(f"/resources/wrappers/{wrapper_id}/monitoring").json()
    assert page["health_status"] == "STALLED"
    ended = eventually(lambda: next((run for run in service.runs(wrapper_id) if run["outcome"] == "failed"), None))
    assert ended["message"] == "The run made no progress for 3 seconds, so it was ended (stall_seconds)."
    assert service.stop(wrapper_id)["success"]
    assert "reason" not in health(service, wrapper_id)


def test_a_run_that_takes_too_long_is_ended_though_it_gets_on(service: Service) -> None:
    wrapper_id = scenes.file(service, "CSV", slow=False, count=20).wrapper_id
    gets_on = (
        "n = 0\nwhile True:\n    n += 1\n    yield Point(window.end - timedelta(minutes=n), n)\n    time.sleep(0.01)"
    )
    changes = {"run_seconds": 1.5, "stall_seconds": 0}
    service.patch(wrapper_id, generated_code=scenes.module(gets_on), source_config=changes)
    answer = service.execute(wrapper_id)
    assert answer["message"] == "The run took more than 1.5 seconds, so it was ended (run_seconds)."
    service.stop(wrapper_id)


def test_a_limit_of_time_is_no_other_source(service: Service) -> None:
    wrapper_id = scenes.file(service, "CSV", slow=False, count=20).wrapper_id
    service.patch(wrapper_id, source_config={"stall_seconds": 60})
    assert service.execute(wrapper_id)["success"]
    refused = service.http.patch(f"/resources/wrappers/{wrapper_id}", json={"source_config": {"stall_seconds": -1}})
    assert refused.status_code in (400, 422)
    assert "stall_seconds" in refused.text


def test_hanging_requests_of_one_run_leave_the_host_to_others(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0)
    service.caught_up(scene.wrapper_id)
    assert scene.endpoint is not None
    stuck = source.serve("/v1/stuck", scenes.Feed.regular(*scenes.FEED))
    stuck.faults.hang(times=8)
    hog = service.generate("API", {"location": scene.endpoint.url}, periodicity="weekly")
    service.caught_up(hog)
    service.stop(hog)
    module = scenes.module(
        f"""
        await asyncio.gather(*(http.get({stuck.url!r} + f"?n={{n}}") for n in range(8)))
        yield
        """
    )
    service.patch(hog, generated_code=module)
    service.execute(hog, wait=0)
    eventually(lambda: len(stuck.requests) >= 4)
    assert len(stuck.requests) == 4  # half of the eight that may be under way
    service.stop(scene.wrapper_id)
    assert service.execute(scene.wrapper_id, wait=20)["message"] == "Wrapper executed successfully"
    assert service.stop(hog)["success"]


def test_ready_is_not_busy_while_nobody_waits_long(busy: Service) -> None:
    first = scenes.file(busy, "CSV", slow=False, count=20).wrapper_id
    busy.patch(first, generated_code=scenes.module(HANGS))
    busy.execute(first, wait=0)
    eventually(busy.leaders)
    assert busy.http.get("/ready").json()["status"] == "ready"


def test_a_run_without_progress_gives_its_slot_to_those_who_wait(busy: Service) -> None:
    hog = scenes.file(busy, "CSV", slow=False, count=20).wrapper_id
    busy.patch(hog, generated_code=scenes.module(HANGS), source_config={"stall_seconds": 60})
    waiting = scenes.file(busy, "CSV", slow=False, count=20).wrapper_id
    busy.execute(hog, wait=0)
    eventually(lambda: health(busy, hog)["health_status"] == "STALLED")
    busy.execute(waiting, wait=0)
    with busy.store() as store:  # it has waited for two minutes
        store.execute(f"UPDATE wrappers SET due_at = due_at - 120000000 WHERE wrapper_id = '{waiting}'")
    busy.execute(waiting, wait=0)  # makes the service look
    ended = eventually(lambda: next((run for run in busy.runs(hog) if run["outcome"] == "failed"), None))
    assert "while others waited for its slot" in ended["message"]
    busy.wait_for(waiting, "completed")
    assert busy.stop(hog)["success"]
