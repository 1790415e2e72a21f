"""Where the campaign takes place: a service under fire, wrappers with their truths, and one who watches the store."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil
from clocks_set import Clock
from cuts import Cut
from ledger import Pulse, changes, pulses
from lifetimes import Life, born

from service import Service, alive, eventually
from sources import SourceServer

HERE = Path(__file__).parent
WATCH = 0.01  # seconds between two looks of the watcher
GONE, PLANTED_GONE = 20.0, 3.0  # seconds after which what should have ended is a zombie; if that is to be found
RECOVERY = 120.0  # seconds that coming back may take, on a machine that others use as well
PATIENCE = 3  # failures in a row after which the next try is not waited for
KEPT_IN_ROW = 3  # broken promises that are quoted


@dataclass(frozen=True)
class Place:
    """Where the campaign takes place."""

    plant: str | None = None  # a planted bug, to see that it is found
    slow: float | None = None  # seconds that every commit takes longer
    home: Path | None = None  # a directory to use instead of a temporary one
    stand: "Stand | None" = None  # one that several faults share, which saves the start of a service for each


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
    notes: str = ""  # what the numbers alone do not say

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
            self.home / "data",
            **{
                "max_tries": 100,
                "retry_base_seconds": 0.05,
                "log_level": "error",
                "stop_grace_seconds": 0.5,
                "request_tries": 1,
                **settings,
            },
        )
        self.service.program = [str(HERE / "twisted.py")]
        self.cut = Cut(Path(self._own) / "cut")
        self.service.environment = {"TWIST_CLOCK": str(self.clock.path), "TWIST_CUT": str(self.cut.path)}
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
        """Look after every commit, as far as there is time: a third of it, or the watched would come to nothing."""
        seen: object = None
        pause = WATCH
        while not self._watching.wait(pause):
            began = time.monotonic()
            with contextlib.suppress(OSError):
                now = changes(self.service.data_dir)
                if now != seen:
                    seen = now
                    self._look()
            pause = max(WATCH, 2 * (time.monotonic() - began))

    def _look(self) -> None:
        for life in list(self.lives):
            try:
                life.check()
            except AssertionError as error:
                if life in self.lives:
                    self.found(str(error))
            except Exception as error:  # noqa: BLE001 - the store may be out of reach, that is what faults do
                del error

    def found(self, what: str) -> None:
        """Note a broken promise, once."""
        if "covered but not there" in what:
            self.row.lost = max(self.row.lost, 1)
        if len(self.row.broken) < KEPT_IN_ROW and what not in self.row.broken:
            self.row.broken.append(what)

    def process(self) -> psutil.Process:
        """The service."""
        assert self.service.process is not None
        return psutil.Process(self.service.process.pid)

    def ended(self) -> bool:
        """Whether the service has ended by itself."""
        return self.service.process is not None and self.service.process.poll() is not None

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
        """Have everything read: what has come to its end begins anew, what waits long for its next try goes on.

        Each kill in a row makes the wait for the next try twice as long, up to a day.
        """
        for life in self.lives:
            with contextlib.suppress(Exception):
                wrapper = self.service.wrapper(life.wrapper_id)
                following = wrapper["status"] == "executing" and wrapper["phase"] == "continuous"
                waits = wrapper["retry_count"] > PATIENCE
                if wrapper["status"] == "retrying" and waits:
                    self.service.execute(life.wrapper_id, wait=0)
                elif following or wrapper["status"] in ("completed", "stopped", "error") or waits:
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

    def restart(self, between: Callable[[], None] = lambda: None) -> None:
        """End the service as a power cut would, do what is to be done meanwhile, and have it back."""
        below, began = self.below(), time.monotonic()
        self.service.kill()
        self.gone(below)
        between()
        self.service.start()
        self.recovers(began)

    def hit(self, times: int = 1) -> None:
        self.row.injected += times

    def gone(self, pids: list[int]) -> None:
        """Count what of these is still there after a while."""
        deadline = time.monotonic() + (PLANTED_GONE if self.place.plant else GONE)
        while left := [pid for pid in pids if alive(pid)]:
            if time.monotonic() > deadline:
                self.row.zombies += len(left)
                return
            time.sleep(0.02)

    def recovers(self, since: float) -> None:
        """Wait until something is read and stored again, or all has been read; note the seconds since the fault."""
        before = self._pulses()

        def going_on() -> bool:
            with contextlib.suppress(Exception):
                now = self._pulses()
                return now != before or not any(each.open_runs for each in now.values())
            return False

        try:
            eventually(going_on, within=RECOVERY)
        except AssertionError:
            self.found(f"nothing goes on {RECOVERY:g} s after the fault")
        self.row.recovery = max(self.row.recovery, time.monotonic() - since)

    def _pulses(self) -> dict[str, Pulse]:
        return pulses(self.service.data_dir)

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
        # Not before all is read: until then the others' processes are there because they read.
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
