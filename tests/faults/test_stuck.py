"""Wrapper processes that not even SIGKILL ends, because the kernel does not let go of them."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

import scenes
from freezer import stuck
from scenes import Scene
from service import Service, alive, eventually
from sources import SourceServer

pytestmark = pytest.mark.sqlite  # nodes that share a store have a lease instead: cluster/


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


def _read(service: Service, source: SourceServer) -> tuple[Scene, Scene, int]:
    """Return a wrapper that is done, one that is being read, and the pid of its process."""
    other, scene = scenes.file(service, "CSV"), scenes.api(service, source, delay=0.1)
    scenes.reading(scene)
    leader = service.process_id(scene.wrapper_id)
    assert leader is not None
    return other, scene, leader


def _resumes(scene: Scene) -> None:
    scene.service.execute(scene.wrapper_id, wait=0)
    scene.service.caught_up(scene.wrapper_id)
    scene.assert_complete()


def _give_up_and_kill(service: Service, wrapper_id: str) -> None:
    assert not service.stop(wrapper_id)["success"]  # its guard and its fork server are killed for that
    service.kill()


def _end(service: Service, _: str) -> None:
    service.end()


@pytest.mark.long
def test_no_stop_is_answered_with_success_while_its_process_is_stuck(tmp_path: Path, source: SourceServer) -> None:
    with Service(tmp_path / "data", stop_deadline_seconds=1) as service:
        other, scene, leader = _read(service, source)
        with stuck(lambda: [leader]):
            for _ in range(2):
                answer = service.stop(scene.wrapper_id)
                assert not answer["success"], answer
            assert alive(leader)
            refused = service.http.post(f"/resources/wrappers/{scene.wrapper_id}/execute")
            assert refused.status_code == 400, refused.text
            stored = service.stored(scene.wrapper_id)
            service.execute(other.wrapper_id)
            other.assert_complete()
        assert eventually(lambda: service.stop(scene.wrapper_id)["success"])
        assert not alive(leader)
        assert service.stored(scene.wrapper_id) == stored
        _resumes(scene)


@pytest.mark.long
@pytest.mark.parametrize("leave", [lambda service, _: service.kill(), _give_up_and_kill, _end])
def test_a_new_service_waits_for_what_an_earlier_one_has_left(
    tmp_path: Path, source: SourceServer, leave: Callable[[Service, str], None]
) -> None:
    with Service(tmp_path / "data", stop_deadline_seconds=1) as service:
        other, scene, leader = _read(service, source)
        with stuck(lambda: [leader]):
            leave(service, scene.wrapper_id)
            service.start()
            stored = _held(scene, other)
            assert alive(leader)
        assert eventually(lambda: service.stop(scene.wrapper_id)["success"])
        assert not alive(leader)
        assert service.stored(scene.wrapper_id) == stored
        _resumes(scene)


def _guard(service: Service, leader: int) -> list[int]:
    return [psutil.Process(leader).ppid()]


def _fork_server(service: Service, leader: int) -> list[int]:
    return [psutil.Process(psutil.Process(leader).ppid()).ppid()]


def _everything(service: Service, leader: int) -> list[int]:
    return [process.pid for process in service.below()]


@pytest.mark.long
@pytest.mark.parametrize("whom", [_guard, _fork_server, _everything])
def test_whatever_an_earlier_service_has_left_is_waited_for(
    tmp_path: Path, source: SourceServer, whom: Callable[[Service, int], list[int]]
) -> None:
    with Service(tmp_path / "data", stop_deadline_seconds=1) as service:
        other, scene, leader = _read(service, source)
        left = whom(service, leader)
        with stuck(lambda: left):
            service.kill()
            service.start()
            stored = _held(scene, other)
        assert eventually(lambda: service.stop(scene.wrapper_id)["success"])
        assert not any(map(alive, [leader, *left]))
        assert service.stored(scene.wrapper_id) == stored
        _resumes(scene)


@pytest.mark.long
def test_a_process_that_a_module_has_hidden_is_waited_for(tmp_path: Path) -> None:
    hand = (
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nyield Point(window.end, 1)\nawait asyncio.sleep(600)"
    )
    with Service(tmp_path / "data", stop_deadline_seconds=1) as service:
        other, scene = scenes.file(service, "CSV"), scenes.file(service, "CSV", slow=False, count=30)
        service.patch(scene.wrapper_id, generated_code=scenes.module(hand))
        service.execute(scene.wrapper_id, wait=0)
        leader = eventually(service.leaders)[0]
        hidden = eventually(leader.children)[0].pid
        with stuck(lambda: [hidden]):
            service.kill()
            eventually(lambda: not alive(leader.pid))
            service.start()
            _held(scene, other)
            assert alive(hidden)
        assert eventually(lambda: service.stop(scene.wrapper_id)["success"])
        assert not alive(hidden)


def test_a_lock_that_something_of_an_earlier_service_holds_is_waited_for(tmp_path: Path, source: SourceServer) -> None:
    with Service(tmp_path / "data", stop_deadline_seconds=1) as service, ExitStack() as locks:
        other, scene, _ = _read(service, source)
        service.kill()
        for each in (service.data_dir / "processes").iterdir():
            lock = locks.enter_context(each.open())
            fcntl.flock(lock, fcntl.LOCK_EX)  # when all below that service have ended
        service.start()
        stored = _held(scene, other)
        locks.close()
        assert eventually(lambda: service.stop(scene.wrapper_id)["success"])
        assert service.stored(scene.wrapper_id) == stored
        _resumes(scene)


def _held(scene: Scene, other: Scene) -> dict[str, dict[int, float]]:
    """Find a wrapper that waits for an earlier service, and another that does not; return what is stored."""
    service = scene.service
    service.execute(other.wrapper_id)
    other.assert_complete()
    assert service.stop(other.wrapper_id)["success"]
    stored = service.stored(scene.wrapper_id)
    health = service.http.get(f"/resources/wrappers/{scene.wrapper_id}/health").json()
    assert "the kernel does not let go of it" in health["reason"]
    assert not service.stop(scene.wrapper_id)["success"]
    return stored
