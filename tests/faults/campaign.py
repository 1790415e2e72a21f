"""The fault campaign: everything that may go wrong, on purpose and often, and one table of what it cost.

    make chaos                                    all of it: 1,000 and 100 kills, every boundary, every machine fault
    python tests/faults/campaign.py --short       the same faults, few of each
    python tests/faults/campaign.py "disk full"   that one

The store is watched from outside all the time (ledger.py): a promise that is broken for a moment is found, too.
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "acceptance")]

import psutil  # noqa: E402
from clocks_set import Clock  # noqa: E402
from ledger import everything  # noqa: E402
from lifetimes import Life, born  # noqa: E402

import scenes  # noqa: E402
from service import Service, alive, eventually  # noqa: E402
from slackwater.store.database import Database  # noqa: E402
from slackwater.supervise import transitions  # noqa: E402
from sources import SourceServer  # noqa: E402

WATCH = 0.01  # seconds between two looks of the watcher
GONE = 5.0  # seconds after which what should have ended is a zombie
RECOVERY = 60.0  # seconds that coming back may take
SEVERAL = 2  # boundaries of a wrapper; with more of them every way of cutting is tried
KEPT_IN_ROW = 3  # broken promises that are quoted


@dataclass(frozen=True)
class Place:
    """Where the campaign takes place. One store and one node today; another store or more nodes are further values."""

    store: str = "sqlite"
    nodes: int = 1
    plant: str | None = None  # a planted bug, to see that it is found
    slow: float | None = None  # seconds that every commit takes longer
    home: Path | None = None  # a directory to use instead of a temporary one
    stand: "Stand | None" = None  # one that several faults share, which saves the start of a service for each

    def __post_init__(self) -> None:
        if (self.store, self.nodes) != ("sqlite", 1):
            raise ValueError(f"no campaign for {self.nodes} nodes on {self.store} yet")


@dataclass
class Row:
    """What one fault has cost."""

    fault: str
    injected: int = 0
    lost: int = 0
    doubled: int = 0
    zombies: int = 0
    recovery: float = 0.0  # seconds, the longest
    broken: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.zombies or self.broken)


class Stand:
    """A service under fire, some wrappers with their truths, and a watcher."""

    def __init__(self, row: Row, place: Place, **settings: object) -> None:
        self.row = row
        self.place = place
        self.lives: list[Life] = []
        self.chance = random.Random(row.fault)
        self._own = tempfile.mkdtemp(prefix="slackwater-chaos-")
        self.home = place.home or Path(self._own)
        self.clock = Clock(Path(self._own) / "clock")
        self.source = SourceServer()
        self.service = Service(
            self.home / "data", **{"max_tries": 100, "retry_base_seconds": 0.05, "log_level": "critical",
                                   "stop_grace_seconds": 0.5, "request_tries": 1, **settings},
        )  # fmt: skip
        self.service.program = [str(HERE / "twisted.py")]
        self.service.environment = {"TWIST_CLOCK": str(self.clock.path)}
        if place.plant:
            self.service.environment["TWIST_PLANT"] = place.plant
        if place.slow:
            self.service.environment["TWIST_COMMIT"] = str(place.slow)
        self._watching = threading.Event()
        self.number = 0  # of the last wrapper

    def __enter__(self) -> Self:
        self.source.__enter__()
        self.service.start()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watching.set()
        self._watcher.join()
        try:
            below = self.below()
            if self.service.process is not None:
                with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                    self.service.end()
            if self.service.process is not None:
                self.service.kill()
            self.gone(below)
            for pid in below:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        finally:
            self.service.http.close()
            self.source.__exit__()
            shutil.rmtree(self._own, ignore_errors=True)

    def _watch(self) -> None:
        while not self._watching.wait(WATCH):
            for life in list(self.lives):
                try:
                    life.check()
                except AssertionError as error:
                    self.found(str(error))
                except Exception as error:  # noqa: BLE001 - the store may be out of reach, that is what faults do
                    del error

    def found(self, what: str) -> None:
        """Note a broken promise, once."""
        if "covered but not there" in what:
            self.row.lost = max(self.row.lost, 1)
        if len(self.row.broken) < KEPT_IN_ROW and what not in self.row.broken:
            self.row.broken.append(what)

    def below(self) -> list[int]:
        return [process.pid for process in self.service.below()] if self.service.process is not None else []

    def add(self, kind: str = "windows", **how: object) -> Life:
        self.number += 1
        life = born(self.service, self.source, kind, self.number, **how)
        self.lives.append(life)
        return life

    def load(self, count: int = 1400, delay: float = 0.02) -> None:
        """A wrapper of each kind, busy."""
        for kind in ("windows", "whole", "file"):
            self.add(kind, **({} if kind == "file" else {"count": count, "delay": delay}))

    def busy(self) -> None:
        """Begin everything that has come to its end anew, data and all."""
        for life in self.lives:
            with contextlib.suppress(Exception):
                wrapper = self.service.wrapper(life.wrapper_id)
                following = wrapper["status"] == "executing" and wrapper["phase"] == "continuous"
                if following or wrapper["status"] in ("completed", "stopped", "error"):
                    self.anew(life)

    def anew(self, life: Life) -> None:
        """Regenerate a wrapper: without data and checkpoint."""
        life.executing = True
        life.settled = {}
        self.service.http.post(f"/resources/wrappers/{life.wrapper_id}/regenerate").raise_for_status()
        life.settle()

    def clear(self) -> None:
        """Delete all wrappers and set the clock right."""
        self.lives, lives = [], self.lives
        self.clock.set(0)
        for life in lives:
            self.service.http.delete(f"/resources/wrappers/{life.wrapper_id}")

    def hit(self, times: int = 1) -> None:
        self.row.injected += times

    def gone(self, pids: list[int]) -> None:
        """Count what of these is still there after a while."""
        deadline = time.monotonic() + GONE
        while left := [pid for pid in pids if alive(pid)]:
            if time.monotonic() > deadline:
                self.row.zombies += len(left)
                return
            time.sleep(0.02)

    def recovers(self, since: float) -> None:
        """Wait until something is read and stored again, or all has been read; note the seconds since the fault."""
        before = self._progress()

        def going_on() -> bool:
            with contextlib.suppress(Exception):
                return self._progress() != before or self._idle()
            return False

        try:
            eventually(going_on, within=RECOVERY)
        except AssertionError:
            self.found(f"nothing goes on {RECOVERY:g} s after the fault")
        self.row.recovery = max(self.row.recovery, time.monotonic() - since)

    def _progress(self) -> list[object]:
        found = everything(self.service.data_dir)
        return [(each.epoch, each.points, each.covered, each.status) for each in found.values()]

    def _idle(self) -> bool:
        return all(not each.open_runs for each in everything(self.service.data_dir).values())

    def settle(self) -> None:
        """Let everything be read to its end, and count what is lost or doubled then."""
        for life in self.lives:
            began = time.monotonic()
            try:
                life.caught_up(self.clock.now(), within=RECOVERY)
            except (AssertionError, OSError) as error:
                self.found(str(error))
            self.row.recovery = max(self.row.recovery, time.monotonic() - began if self.row.injected == 0 else 0)
            entry = life.entry()
            if entry is None:
                self.row.lost += len(life.feed)
                continue
            now = self.clock.now()
            for series, line in life.feed.points().items():
                stored = entry.stored.get(series, {})
                due = [x for x in line if x not in life.unsure and (life.kind != "windows" or x < now)]
                self.row.lost += sum(x not in stored for x in due)
            self.row.doubled += max(0, entry.points - entry.count)
            self.gone([each.pid for each in self.service.leaders()])


@contextlib.contextmanager
def standing(row: Row, place: Place) -> Iterator[Stand]:
    """Give a stand of this fault's own, or the one that it shares with others, without their wrappers."""
    if place.stand is None:
        with Stand(row, place) as stand:
            yield stand
        return
    place.stand.row = row
    try:
        yield place.stand
    finally:
        place.stand.clear()


Fault = Callable[[Row, Place, int], None]


def kill_wrappers(row: Row, place: Place, times: int) -> None:
    """kill -9 of a process that runs a module, at a random moment under load."""
    with standing(row, place) as stand:
        stand.load()
        while row.injected < times:
            leaders = stand.service.leaders()
            if not leaders:
                stand.busy()
                time.sleep(0.02)
                continue
            time.sleep(stand.chance.random() * 0.15)
            victim = stand.chance.choice(leaders)
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            stand.hit()
            stand.gone([victim.pid])
            if row.injected % 5 == 0:
                stand.recovers(time.monotonic())
        stand.settle()


def kill_guards(row: Row, place: Place, times: int) -> None:
    """kill -9 of the guard of a run: the fork server has to end what it guarded."""
    with standing(row, place) as stand:
        stand.load()
        while row.injected < times:
            leaders = stand.service.leaders()
            if not leaders:
                stand.busy()
                continue
            try:
                guard = leaders[0].parent()
                if guard is None:
                    continue
                guard.kill()
            except psutil.NoSuchProcess:
                continue
            stand.hit()
            stand.gone([leaders[0].pid, guard.pid])
        stand.recovers(time.monotonic())
        stand.settle()


def kill_service(row: Row, place: Place, times: int) -> None:
    """kill -9 of the service under load, at a random moment."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.6)
            below = stand.below()
            began = time.monotonic()
            stand.service.kill()
            stand.hit()
            stand.gone(below)
            stand.service.start()
            stand.recovers(began)
        stand.settle()


def kill_fork_server(row: Row, place: Place, times: int) -> None:
    """kill -9 of the fork server under load."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.4)
            assert stand.service.process is not None
            for child in psutil.Process(stand.service.process.pid).children():
                began = time.monotonic()
                child.kill()
                stand.hit()
                stand.gone([child.pid])
                stand.recovers(began)
        stand.settle()


def every_boundary(row: Row, place: Place, times: int) -> None:
    """A kill at every commit boundary, of the process, of the service, by a stop and by a stop elsewhere; then resume.

    Boundaries are exact: the source holds each answer until the batch before it is committed. Phases: the back-fill by
    windows, the reading of a source as a whole, and following. Statuses: executing, and retrying after a failure.
    """
    from gates import Gate

    ways = ("process", "elsewhere", "stop", "retrying", "service")
    with standing(row, place) as stand:
        for kind in ("windows", "whole"):
            for way in ways[: 5 if times > SEVERAL else 2]:
                life = _held(stand, kind, pages=12 if way == "service" else 20)
                gate = Gate(life.endpoint)  # type: ignore[arg-type]
                stand.source.route(f"/v1/{stand.number}", gate)
                gate.let_generate(stand.service, life.wrapper_id)
                for boundary in range(times):
                    if not _step(stand, life, gate):
                        break
                    _cut(stand, life, way, boundary)
                gate.open()
                stand.recovers(time.monotonic())
        stand.settle()


def _held(stand: Stand, kind: str, *, pages: int) -> Life:
    return stand.add(kind, count=50 * pages, delay=0.0)


def _step(stand: Stand, life: Life, gate: object) -> bool:
    """Let one answer through and wait for its commit; False when nothing is asked for any more."""
    from gates import Gate

    assert isinstance(gate, Gate)
    service = stand.service

    def asks_or_done() -> str:
        if gate.waiting:
            return "asks"
        done = service.wrapper(life.wrapper_id)["phase"] == "continuous" and not life.entry().open_runs  # type: ignore[union-attr]
        return "done" if done else ""

    if eventually(asks_or_done, within=RECOVERY) == "done":
        return False
    before = life.entry()
    gate.step()
    assert before is not None

    def committed() -> bool:
        now = life.entry()
        return now is not None and ((now.points, now.covered) != (before.points, before.covered) or gate.waiting > 0)

    eventually(committed, within=RECOVERY)
    return True


def _cut(stand: Stand, life: Life, way: str, boundary: int) -> None:
    service, began = stand.service, time.monotonic()
    match way:
        case "process":
            for leader in service.leaders():
                with contextlib.suppress(psutil.NoSuchProcess):
                    leader.kill()
                stand.gone([leader.pid])
        case "stop":
            stopped(stand, life)
            life.executing = True
            service.execute(life.wrapper_id, wait=0)
        case "elsewhere":
            stop_elsewhere(stand, life)
            stopped(stand, life)
            life.executing = True
            service.execute(life.wrapper_id, wait=0)
        case "retrying":
            assert life.endpoint is not None
            life.endpoint.faults.answer(500, times=1)
        case "service":
            below = stand.below()
            service.kill()
            stand.gone(below)
            service.start()
    stand.hit()
    stand.row.recovery = max(stand.row.recovery, time.monotonic() - began)


def stopped(stand: Stand, life: Life) -> None:
    """Stop a wrapper and see that the stop is a barrier."""
    pids = [leader.pid for leader in stand.service.leaders()] if len(stand.lives) == 1 else []
    pid = stand.service.process_id(life.wrapper_id) if life.kind != "file" else None
    answer = stand.service.stop(life.wrapper_id)
    life.executing = False
    if not answer["success"]:
        stand.found(f"{life}: the stop did not succeed")
        return
    if left := [each for each in {*pids, *([] if pid is None else [pid])} if alive(each)]:
        stand.row.zombies += len(left)
        stand.found(f"{life}: the stop has answered, and {len(left)} of its processes live")
    before = life.entry()
    time.sleep(0.05)
    if life.entry() != before:
        stand.found(f"{life}: something was stored after the stop had answered")


def stop_elsewhere(stand: Stand, life: Life) -> None:
    """Write a stop as another node would; this one has not heard of it, and must not store anything any more."""
    database = Database.open(stand.service.data_dir)
    try:
        database.write(lambda c: transitions.ask_stop(c, life.wrapper_id, stand.clock.now()), urgent=True).result(20)
    finally:
        database.close()
    fenced = life.entry()
    time.sleep(0.15)
    now = life.entry()
    if fenced and now and (fenced.stored, fenced.covered) != (now.stored, now.covered):
        stand.row.doubled += abs(now.count - fenced.count)
        stand.found(f"{life}: a run of an epoch that is over has stored something")


def stops_elsewhere(row: Row, place: Place, times: int) -> None:
    """A stop that is written by another node while a run here, which has not heard of it, is storing."""
    with standing(row, place) as stand:
        life = stand.add("windows", count=2800, delay=0.01)
        for _ in range(times):
            began = time.monotonic()
            eventually(lambda: (e := life.entry()) and e.open_runs and e.points > 0, within=RECOVERY)
            stop_elsewhere(stand, life)
            stand.hit()
            stopped(stand, life)
            stand.anew(life)
            stand.recovers(began)
        stand.settle()


STUBBORN = """
import subprocess, sys
for _ in range(2):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setsid()
        while True:
            time.sleep(1)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    time.sleep(0.05)
yield
"""


def stubborn_groups(row: Row, place: Place, times: int) -> None:
    """A stop of a wrapper that ignores SIGTERM and has started others, which left its session."""
    with standing(row, place) as stand:
        scene = scenes.file(stand.service, "CSV", slow=False, count=20)
        stand.service.patch(scene.wrapper_id, generated_code=scenes.module(STUBBORN))
        for _ in range(times):
            stand.service.execute(scene.wrapper_id, wait=0)
            eventually(lambda: len(stand.below()) >= 5)  # fork server, guard, leader, two more
            below = [pid for pid in stand.below() if pid not in _fork_servers(stand)]
            stand.hit()
            began = time.monotonic()
            answer = stand.service.stop(scene.wrapper_id)
            left = [pid for pid in below if alive(pid)]
            if answer["success"] and left:
                row.zombies += len(left)
                stand.found(f"the stop has answered, and {len(left)} processes live")
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            row.recovery = max(row.recovery, time.monotonic() - began)


def _fork_servers(stand: Stand) -> set[int]:
    assert stand.service.process is not None
    return {child.pid for child in psutil.Process(stand.service.process.pid).children()}


def slow_disk(row: Row, place: Place, times: int) -> None:
    """Every commit takes 30 ms longer; the service is killed in between, and the store is watched."""
    with Stand(row, Place(store=place.store, nodes=place.nodes, plant=place.plant, slow=0.03)) as stand:
        stand.add("windows", count=700, delay=0.0)
        stand.add("file")
        for _ in range(times):
            time.sleep(1.2)
            began = time.monotonic()
            below = stand.below()
            stand.service.kill()
            stand.hit()
            stand.gone(below)
            stand.service.start()
            stand.recovers(began)
            stand.busy()
        if not (place.plant and row.broken):  # it is found
            stand.settle()


def disk_full(row: Row, place: Place, times: int) -> None:
    """The disk of the data directory is full for a while, under load."""
    with _small_disk() as disk:
        if disk is None:
            return _file_size_limit(row, place, times)
        with Stand(row, Place(store=place.store, nodes=place.nodes, plant=place.plant, home=disk)) as stand:
            stand.load(delay=0.01)
            for _ in range(times):
                stand.busy()
                time.sleep(0.3)
                ballast = disk / "ballast"
                with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                    while True:
                        file.write(b"\0" * 65536)
                stand.hit()
                time.sleep(1.5)
                ballast.unlink()
                stand.recovers(time.monotonic())
            stand.settle()
    return None


def _file_size_limit(row: Row, place: Place, times: int) -> None:
    """Without a disk of our own: no file of the service may grow any more."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(0.3)
            assert stand.service.process is not None
            service = psutil.Process(stand.service.process.pid)
            before = service.rlimit(psutil.RLIMIT_FSIZE)
            service.rlimit(psutil.RLIMIT_FSIZE, (4096, before[1]))
            stand.hit()
            time.sleep(1.5)
            service.rlimit(psutil.RLIMIT_FSIZE, before)
            stand.recovers(time.monotonic())
        stand.settle()


@contextlib.contextmanager
def _small_disk(size: str = "24m", options: str = "") -> Iterator[Path | None]:
    """A file system of our own, if we may mount one."""
    directory = tempfile.mkdtemp(prefix="slackwater-disk-")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755{options}", "tmpfs", directory]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Path(directory) if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", directory], check=False)
        shutil.rmtree(directory, ignore_errors=True)


def read_only(row: Row, place: Place, times: int) -> None:
    """The data directory becomes read-only: a running service keeps its data, a starting one says what is wrong."""
    with _small_disk(size="64m") as disk:
        if disk is None:
            row.skipped = "no file system can be mounted here"
            return
        with Stand(row, Place(store=place.store, nodes=place.nodes, plant=place.plant, home=disk)) as stand:
            stand.load()
            for _ in range(times):
                stand.busy()
                time.sleep(0.3)
                below = stand.below()
                stand.service.kill()
                stand.gone(below)
                subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
                stand.hit()
                try:
                    stand.service.start()
                    stand.found("it serves from a read-only directory")
                except AssertionError:
                    stand.service.process = None
                subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
                began = time.monotonic()
                stand.service.start()
                stand.recovers(began)
            stand.settle()


def out_of_descriptors(row: Row, place: Place, times: int) -> None:
    """The service may open no further file or socket for a while."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            assert stand.service.process is not None
            service = psutil.Process(stand.service.process.pid)
            before = service.rlimit(psutil.RLIMIT_NOFILE)
            service.rlimit(psutil.RLIMIT_NOFILE, (service.num_fds() + stand.chance.randrange(6), before[1]))
            stand.hit()
            time.sleep(1.2)
            service.rlimit(psutil.RLIMIT_NOFILE, before)
            stand.recovers(time.monotonic())
        stand.settle()


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


def set_clock(row: Row, place: Place, times: int) -> None:
    """The clock is set back and forth under load, by seconds and by years."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(stand.chance.random() * 0.3)
            step = stand.chance.choice([1, -1]) * stand.chance.choice([0.5, 2, 3600, 86400, 40 * 86400, 500 * 86400])
            stand.clock.set(stand.clock.ahead + step)
            stand.hit()
            stand.recovers(time.monotonic())
        stand.settle()
        stand.clock.set(0)
        stand.settle()


ZONES = ("America/Sao_Paulo", "Europe/Lisbon", "Pacific/Apia", "Australia/Lord_Howe")
SHIFTS = (1_774_746_000, 1_792_890_000)  # 2026-03-29 and 2026-10-25, 01:00 UTC: Europe sets its clocks


def set_zone(row: Row, place: Place, times: int) -> None:
    """The machine is in another time zone at each start, and its clock crosses a change to or from summer time."""
    with standing(row, place) as stand:
        stand.load()
        for number in range(times):
            stand.busy()
            below = stand.below()
            began = time.monotonic()
            stand.service.kill()
            stand.gone(below)
            stand.clock.set(SHIFTS[number % 2] - 2 - time.time())
            stand.service.environment["TZ"] = ZONES[number % len(ZONES)]
            stand.service.start()
            stand.hit()
            stand.recovers(began)
        stand.settle()


def crowd(row: Row, place: Place, times: int) -> None:
    """So many wrappers are started at once and stopped at once."""
    with standing(row, place) as stand:
        with ThreadPoolExecutor(8) as pool:
            scene = scenes.file(stand.service, "CSV", slow=False, count=50)
            file_id = stand.service.wrapper(scene.wrapper_id)["source_config"]["file_id"]
            ids = list(pool.map(lambda _: stand.service.generate("CSV", {"file_id": file_id}), range(times)))
            stand.hit(times)
            time.sleep(min(2.0, times / 50))
        with ThreadPoolExecutor(64) as pool:
            began = time.monotonic()
            answers = list(pool.map(stand.service.stop, ids))
            row.recovery = time.monotonic() - began
        if failed := sum(not answer["success"] for answer in answers):
            stand.found(f"{failed} of {times} stops did not succeed")
        row.zombies += len(stand.service.leaders())
        found = everything(stand.service.data_dir)
        for wrapper_id in ids:
            row.doubled += max(0, found[wrapper_id].points - found[wrapper_id].count)
            if found[wrapper_id].status not in ("stopped", "completed"):
                stand.found(f"a wrapper is {found[wrapper_id].status} after its stop")


@dataclass(frozen=True)
class Entry:
    """A fault, and how often it is injected: in the short campaign, and in the long one."""

    fault: Fault
    short: int
    long: int


FAULTS = {
    "kill -9 of wrapper processes": Entry(kill_wrappers, 12, 1000),
    "kill -9 of the service": Entry(kill_service, 2, 100),
    "kill -9 of guards": Entry(kill_guards, 3, 50),
    "kill -9 of the fork server": Entry(kill_fork_server, 2, 50),
    "a cut at every commit boundary": Entry(every_boundary, 3, 1000),
    "stop on another node": Entry(stops_elsewhere, 2, 50),
    "stop of stubborn groups": Entry(stubborn_groups, 2, 20),
    "slow disk, kill -9 of the service": Entry(slow_disk, 1, 20),
    "disk full": Entry(disk_full, 1, 20),
    "read-only data directory": Entry(read_only, 1, 5),
    "out of descriptors": Entry(out_of_descriptors, 1, 20),
    "out of memory": Entry(out_of_memory, 1, 10),
    "clock set back and forth": Entry(set_clock, 5, 100),
    "time zone and summer time": Entry(set_zone, 1, 8),
    "started and stopped at once": Entry(crowd, 25, 1000),
}


def perform(name: str, place: Place, *, short: bool) -> Row:
    """Inject one fault as often as that campaign does; return what it cost."""
    entry, row = FAULTS[name], Row(name)
    try:
        entry.fault(row, place, entry.short if short else entry.long)
    except AssertionError as error:
        row.broken.append(str(error))
    return row


def table(rows: list[Row]) -> str:
    """The one table."""
    head = ("fault", "injected", "lost", "doubled", "zombies", "recovery")
    cells = [head] + [
        (row.fault, f"{row.injected:,}", str(row.lost), str(row.doubled), str(row.zombies), f"{row.recovery:.2f} s")
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = []
    for line in cells:
        first, *others = (cell.ljust(width) if not number else cell.rjust(width)
                          for number, (cell, width) in enumerate(zip(line, widths, strict=True)))  # fmt: skip
        lines.append("  ".join([first, *others]))
    lines.insert(1, "-" * len(lines[0]))
    lines += [f"{row.fault}: skipped: {row.skipped}" for row in rows if row.skipped]
    lines += [f"{row.fault}: BROKEN: {what}" for row in rows for what in row.broken]
    return "\n".join(lines)


def main() -> int:
    """Run the campaign that the command line asks for; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"some of: {'; '.join(FAULTS)}")
    parser.add_argument("--short", action="store_true", help="few of each")
    parser.add_argument("--plant", help="with a planted bug, which it should find")
    parser.add_argument("--store", default="sqlite")
    parser.add_argument("--nodes", type=int, default=1)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    place = Place(store=asked.store, nodes=asked.nodes, plant=asked.plant)
    rows = []
    for name in asked.faults or FAULTS:
        began = time.monotonic()
        rows.append(perform(name, place, short=asked.short))
        verdict = rows[-1].skipped or ("kept" if rows[-1].clean else "BROKEN")
        sys.stderr.write(f"{name}: {verdict} ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row.clean for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
