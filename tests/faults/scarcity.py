"""The machine has no more of something: descriptors, address space, memory."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from stand import Place, Row, Stand, standing

import scenes
from service import eventually

WHILE = 1.2  # seconds that nothing more is to be had
MEMORY = Path("/sys/fs/cgroup/memory")  # cgroup v1; a v2 machine gives its groups to whoever owns them
HEADROOM = 48 * 2**20  # bytes that the service's group has left when the other one begins to eat


def out_of_descriptors(row: Row, place: Place, times: int) -> None:
    """The service may open no further file or socket for a while."""
    if os.geteuid() != 0:
        row.skipped = "only root may count the descriptors of the service, which is not dumpable"
        return
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            most = stand.process().num_fds() + stand.chance.randrange(6)
            _limited(stand, psutil.RLIMIT_NOFILE, most)
        stand.settle()


def out_of_address_space(row: Row, place: Place, times: int) -> None:
    """The service gets no further memory for a while, and every allocation may fail."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            most = stand.process().memory_info().vms + stand.chance.randrange(8) * 2**20
            _limited(stand, psutil.RLIMIT_AS, most)
        stand.settle()


def _limited(stand: Stand, what: int, most: int) -> None:
    """Limit the service for a while; what has made it end is its own affair, but not that it goes on."""
    service = stand.process()
    before = service.rlimit(what)
    assert before is not None
    service.rlimit(what, (most, before[1]))
    stand.hit()
    time.sleep(WHILE)
    with contextlib.suppress(psutil.NoSuchProcess):
        service.rlimit(what, before)
    began = time.monotonic()
    if stand.ended():
        stand.restart()
    stand.recovers(began)


HUNGRY = """
hoard = []
while True:
    hoard.append(bytearray(os.urandom(1) * 20_000_000))
    yield Point(window.end - timedelta(days=len(hoard)), 1)
"""


def out_of_memory(row: Row, place: Place, times: int) -> None:
    """A wrapper takes all the memory that it may; the others must not notice."""
    with Stand(row, place, memory_limit_bytes=300 * 2**20) as stand:
        stand.load()
        scene = scenes.file(stand.service, "CSV", slow=False, count=20)
        stand.service.patch(scene.wrapper_id, generated_code=scenes.module(HUNGRY))
        for _ in range(times):
            stand.busy()
            answer = stand.service.execute(scene.wrapper_id, wait=20)
            if answer["success"]:
                stand.found(f"a wrapper took all memory, and {answer['message']}")
            stand.hit()
            stand.service.stop(scene.wrapper_id)
        stand.service.http.delete(f"/resources/wrappers/{scene.wrapper_id}").raise_for_status()
        stand.settle()


EATER = """
import sys
sys.stdin.readline()
hoard = []
while True:
    hoard.append(bytearray(b"x" * 2**20))
"""


def killed_for_memory(row: Row, place: Place, times: int) -> None:
    """Another program eats all memory, and the kernel chooses the service to be killed for it."""
    with _memory_group() as group:
        if group is None:
            row.skipped = "no memory cgroup can be made here"
            return
        with Stand(row, place) as stand:
            stand.load()
            for _ in range(times):
                stand.busy()
                time.sleep(stand.chance.random() * 0.5)
                pid = stand.process().pid
                (group / "cgroup.procs").write_text(str(pid))
                Path(f"/proc/{pid}/oom_score_adj").write_text("1000")  # it, and not who eats
                with _eating(group):
                    stand.hit()
                    eventually(stand.ended)
                stand.restart()
            stand.settle()


@contextlib.contextmanager
def _memory_group() -> Iterator[Path | None]:
    group = MEMORY / f"slackwater-chaos-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return
    try:
        yield group
    finally:
        eventually(lambda: not (group / "cgroup.procs").read_text())
        group.rmdir()


@contextlib.contextmanager
def _eating(group: Path) -> Iterator[None]:
    """Let another program in the same group eat until somebody is killed."""
    limit = group / "memory.limit_in_bytes"
    with (
        tempfile.TemporaryFile() as nowhere,
        subprocess.Popen([sys.executable, "-c", EATER], stdin=subprocess.PIPE, stderr=nowhere) as eater,
    ):
        try:
            (group / "cgroup.procs").write_text(str(eater.pid))
            limit.write_text(str(int((group / "memory.usage_in_bytes").read_text()) + HEADROOM))
            assert eater.stdin is not None
            eater.stdin.write(b"eat\n")
            eater.stdin.flush()
            yield
        finally:
            eater.kill()
            limit.write_text("-1")
