"""Stop, wait, and prove that the process and its children are gone, whatever they do against it."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import scenes
from service import Service, alive, eventually

MISCHIEF = {
    "ignores SIGTERM": """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        yield Point(window.end - timedelta(days=1), 1)
        while True:
            time.sleep(1)
        """,
    "has spawned others": """
        for _ in range(3):
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    time.sleep(1)
        yield Point(window.end - timedelta(days=1), 1)
        await asyncio.sleep(600)
        """,
    "has spawned others that left its session and lost their parents": """
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    while True:
                        time.sleep(1)
                os._exit(0)
        yield Point(window.end - timedelta(days=1), 1)
        await asyncio.sleep(600)
        """,
    "has spawned others whose first threads have ended": """
        import ctypes, platform, threading
        leave = 60 if platform.machine() == "x86_64" else 93  # exit(2): of the calling thread alone
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                threading.Thread(target=time.sleep, args=(600,)).start()
                ctypes.CDLL(None).syscall(leave, 0)
        yield Point(window.end - timedelta(days=1), 1)
        await asyncio.sleep(600)
        """,
    "has no first thread itself": """
        import ctypes, platform, threading
        yield Point(window.end - timedelta(days=1), 1)
        threading.Thread(target=time.sleep, args=(600,)).start()
        ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
        """,
    "is in a blocking system call": """
        yield Point(window.end - timedelta(days=1), 1)
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 30))
        reading, writing = os.pipe()
        os.read(reading, 1)
        """,
    "floods the pipe": """
        n = 0
        while True:
            n += 1
            yield Point(window.end - timedelta(seconds=n), n)
        """,
    "floods its output": """
        yield Point(window.end - timedelta(days=1), 1)
        while True:
            print("x" * 200)
        """,
    "spins": """
        yield Point(window.end - timedelta(days=1), 1)
        while True:
            pass
        """,
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own: these tests count every process below it."""
    with Service(tmp_path_factory.mktemp("processes") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def one(service: Service) -> str:
    return scenes.file(service, "CSV", slow=False, count=20).wrapper_id


@pytest.fixture
def wrapper_id(service: Service, one: str) -> Iterator[str]:
    yield one
    service.stop(one)  # a test that fails must not take the next ones with it


@pytest.mark.parametrize("what", MISCHIEF)
def test_stop_ends_a_wrapper_that(what: str, service: Service, wrapper_id: str) -> None:
    service.patch(wrapper_id, generated_code=scenes.module(MISCHIEF[what]))
    service.execute(wrapper_id, wait=0)
    pid = eventually(lambda: service.process_id(wrapper_id))
    if "spawned" in what:
        eventually(lambda: len(service.below()) >= 6)  # fork server, guard, leader, three more
    else:
        time.sleep(0.5)
    below = [process.pid for process in service.below()]
    assert pid in below
    fork_server = psutil.Process(service.process.pid).children()[0]
    ours = {fork_server.pid, *(process.pid for process in fork_server.children())}
    answer = service.stop(wrapper_id)
    assert answer["success"], answer
    assert not {process.pid for process in service.below()} - ours
    assert not any(alive(process) for process in below if process not in ours)
    eventually(lambda: service.below() == [fork_server])  # the guard has said that all is gone, and ends itself
    before = service.wrapper(wrapper_id)["data_points_count"], service.stored(wrapper_id)
    time.sleep(0.4)
    assert (service.wrapper(wrapper_id)["data_points_count"], service.stored(wrapper_id)) == before
    assert service.runs(wrapper_id)[0]["outcome"] == "stopped"
    assert service.http.get("/health").status_code == 200


def test_children_are_gone_after_a_clean_end_too(service: Service, wrapper_id: str) -> None:
    body = """
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
        yield Point(window.end - timedelta(days=1), 1)
        """
    service.patch(wrapper_id, generated_code=scenes.module(body))
    answer = service.execute(wrapper_id)
    assert answer["success"], answer
    assert service.leaders() == []
    eventually(lambda: len(service.below()) == 1)


def test_a_wrapper_lets_the_service_and_its_guard_go_before_it(service: Service, wrapper_id: str) -> None:
    """A stop waits for both: beside many busy wrappers they would get a small share of the processors."""
    service.patch(wrapper_id, generated_code=scenes.module(MISCHIEF["spins"]))
    service.execute(wrapper_id, wait=0)
    leader = eventually(service.leaders)[0]
    ours = os.nice(0)
    eventually(lambda: leader.nice() == min(19, ours + 10))
    group = Path(f"/proc/{leader.pid}/autogroup")
    if group.exists():  # the kernel shares between sessions first
        eventually(lambda: group.read_text().endswith(" nice 10\n"))
    assert (service.process and psutil.Process(service.process.pid).nice(), leader.parent().nice()) == (ours, ours)
    assert service.stop(wrapper_id)["success"]


def test_a_killed_guard_leaves_nothing_behind(service: Service, wrapper_id: str) -> None:
    service.patch(wrapper_id, generated_code=scenes.module(MISCHIEF["has spawned others"]))
    service.execute(wrapper_id, wait=0)
    eventually(lambda: len(service.below()) >= 6)
    pid = eventually(lambda: service.process_id(wrapper_id))
    leader = next(process for process in service.below() if process.pid == pid)
    leader.parent().kill()
    eventually(lambda: service.wrapper(wrapper_id)["status"] in ("retrying", "executing", "error"))
    assert service.stop(wrapper_id)["success"]
    eventually(lambda: len(service.below()) == 1)


def test_a_stop_right_after_its_guard_was_killed(service: Service, wrapper_id: str) -> None:
    """The control socket of a guard ends before its children have another parent."""
    slow_end = """
        ballast = [os.urandom(4096) for _ in range(8_000)]
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
                ballast += [os.urandom(4096) for _ in range(2_000)]
                while True:
                    time.sleep(1)
        yield Point(window.end - timedelta(days=1), 1)
        await asyncio.sleep(600)
        """
    service.patch(wrapper_id, generated_code=scenes.module(slow_end))
    for _ in range(8):
        service.execute(wrapper_id, wait=0)
        eventually(lambda: len(service.below()) >= 7)
        [leader] = service.leaders()
        guard = leader.parent()
        below = [guard.pid, *(each.pid for each in guard.children(recursive=True))]
        guard.kill()
        answer = service.stop(wrapper_id)
        living = [pid for pid in below if alive(pid)]
        assert (answer["success"], living) == (True, [])


@pytest.mark.parametrize("stubborn", [False, True])
def test_guard_and_fork_server_killed_at_once(service: Service, wrapper_id: str, stubborn: bool) -> None:
    what = "has spawned others that left its session and lost their parents"
    service.patch(wrapper_id, generated_code=scenes.module(MISCHIEF[what]))
    service.execute(wrapper_id, wait=0)
    eventually(lambda: len(service.below()) >= 6)
    [leader] = service.leaders()
    guard = leader.parent()
    fork_server = guard.parent()
    below = [each.pid for each in fork_server.children(recursive=True)]
    if stubborn:
        guard.suspend()
    fork_server.kill()
    if not stubborn:
        guard.kill()
    answer = service.stop(wrapper_id)
    assert (answer["success"], [pid for pid in below if alive(pid)]) == (True, [])
    service.patch(wrapper_id, generated_code=scenes.module("yield Point(window.end - timedelta(days=2), 7)"))
    assert service.execute(wrapper_id)["success"]
    eventually(lambda: len(service.below()) == 1)
    assert len(psutil.Process(service.process.pid).children()) == 1  # no zombies either


def test_a_hung_fork_server_is_replaced_and_its_orders_are_void(service: Service, wrapper_id: str) -> None:
    service.patch(wrapper_id, generated_code=scenes.module("yield Point(window.end - timedelta(days=2), 7)"))
    [fork_server] = psutil.Process(service.process.pid).children()
    fork_server.suspend()
    service.execute(wrapper_id, wait=0)
    eventually(lambda: service.runs(wrapper_id)[0]["outcome"] == "running")
    answer = service.stop(wrapper_id)
    assert answer["success"], answer
    runs = len(service.runs(wrapper_id))
    with contextlib.suppress(psutil.NoSuchProcess):
        fork_server.resume()
    assert service.leaders() == []
    assert service.execute(wrapper_id)["success"]
    assert len(service.runs(wrapper_id)) == runs + 1
    assert not alive(fork_server.pid)


def test_a_killed_fork_server_is_replaced(service: Service, wrapper_id: str) -> None:
    service.patch(wrapper_id, generated_code=scenes.module("yield Point(window.end - timedelta(days=2), 7)"))
    [fork_server] = psutil.Process(service.process.pid).children()
    fork_server.kill()
    eventually(lambda: not alive(fork_server.pid))
    answer = service.execute(wrapper_id)
    assert answer["success"], answer
