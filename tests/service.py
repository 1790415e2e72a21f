"""A real service for tests: its own process, its own data directory, and a client that knows the contract."""

import contextlib
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import httpx
import psutil
import psycopg

import databases
from loaded import PROGRAM, Program, start
from slackwater.model.instants import parse_iso
from slackwater.store.engine.database import FILE_NAME

KEY = "test-admin-key-0123456789"
DEADLINE = 60.0  # seconds that anything may take before a test fails, on a machine that others use as well
SOON = 0.01  # seconds between the first two looks for what is waited for
PORTS = 15_000, 32_000  # below those that the kernel takes for connections
ENDS = 20.0  # seconds that the service may take to end
QUIET = 4  # times the pause between two looks while no store changes
GLANCE = 0.01  # seconds between two glances at whether a store has changed
IDLE = frozenset({"stopped", "completed", "error"})

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float = DEADLINE, every: float = 0.05) -> T:
    """Return the first true answer of `look`; AssertionError with its last answer after `within` seconds.

    It looks often at first, and then `every` so many seconds; more seldom while no store of the running services
    changes. Each look costs the service, and whoever shares the machine, as much as the work that is waited for.
    """
    deadline, pause = time.monotonic() + within, min(SOON, every)
    changed = _changes()
    while not (answer := look()):
        assert time.monotonic() < deadline, f"not within {within} s; at last: {answer!r}"
        time.sleep(pause)
        longest = time.monotonic() + pause * (QUIET - 1)
        while not changed() and time.monotonic() < longest:
            time.sleep(min(GLANCE, pause))
        pause = min(pause * 1.2, every)
    return answer


_with_stores: set["Service"] = set()  # those that run here on a file of SQLite


def _changes() -> Callable[[], bool]:
    """Return what says whether a store has changed since it was last asked: true where that cannot be known."""
    seen = [each.version() for each in _with_stores]

    def changed() -> bool:
        nonlocal seen
        before, seen = seen, [each.version() for each in _with_stores]
        return before != seen or not seen or None in seen

    return changed


def free_port() -> int:
    """Return a port that nobody has, nor gets by chance before it is used: the kernel gives others for connections."""
    while True:
        port = random.SystemRandom().randrange(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Service:
    """`slackwater serve` on a data directory; `with` starts and ends it."""

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "allow_private_sources": True,
            "api_key": KEY,
            "retry_base_seconds": 0.2,
            "log_level": "warning",
            **settings,
        }
        self.process: Program | subprocess.Popen[bytes] | None = None
        self.fresh = False  # whether it is an interpreter of its own, with its command line, that loads for a while
        self.program = list(PROGRAM)  # what Python is given to run
        self.environment: dict[str, str] = {}  # beside the settings
        self.output: IO[str] | None = None  # where its log goes; the test's own output otherwise
        self.http = httpx.Client(base_url=self.url, headers={"X-API-Key": KEY}, timeout=60)
        self._glance: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self.process is not None:
                self.end()
        finally:
            self._look_away()
            self.http.close()

    # The process

    def start(self) -> None:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {f"SLACKWATER_{name.upper()}": str(value) for name, value in self.settings.items()}
        if self.program == list(PROGRAM):
            environment = self.store_environment() | environment
        environment |= self.environment
        words = ["serve", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        home = self.data_dir.parent
        if self.fresh:
            argv = [sys.executable, *self.program, *words]
            self.process = subprocess.Popen(argv, env=environment, cwd=home, stdout=self.output)
        else:
            self.process = start(words, environment, program=self.program, cwd=home, stdout=self.output)
        eventually(self._answers)
        if self.program == list(PROGRAM) and not databases.on_postgresql():
            with contextlib.suppress(sqlite3.Error):  # its store is elsewhere
                self._glance = sqlite3.connect(f"file:{self.data_dir / FILE_NAME}?mode=ro", uri=True, timeout=0)
                _with_stores.add(self)

    def version(self) -> int | None:
        """Return a number that is another one when the store has changed; None where it cannot be told."""
        try:
            return self._glance and int(self._glance.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None

    def _look_away(self) -> None:
        """Close our connection to the store: who closes it last tidies it up, and that is the service."""
        _with_stores.discard(self)
        if self._glance is not None:
            self._glance.close()
            self._glance = None

    def store_environment(self) -> dict[str, str]:
        """The settings that lead the service, and commands beside it, to its store."""
        if not databases.on_postgresql():
            return {}
        return {
            "SLACKWATER_DATABASE_URL": databases.of(self.data_dir),
            "SLACKWATER_SECRET_KEY": "k" * 40,
            "SLACKWATER_DATABASE_CONNECTIONS": str(databases.CONNECTIONS),
        }

    @contextlib.contextmanager
    def store(self) -> Iterator[Any]:
        """Give a connection to the store past the service; what it executes counts at once."""
        if databases.on_postgresql():
            with psycopg.connect(databases.of(self.data_dir), autocommit=True) as connection:
                yield connection
        else:
            with contextlib.closing(sqlite3.connect(self.data_dir / FILE_NAME, isolation_level=None, timeout=10)) as c:
                yield c

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended with {self.process.returncode}"
        try:
            return self.http.get("/ready").status_code == 200
        except httpx.TransportError:
            return False

    def end(self) -> float:
        """Send SIGTERM; return the seconds that the service took to end."""
        assert self.process is not None
        self._look_away()
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(ENDS)
        self.process = None
        assert code == 0, f"the service ended with {code}"
        return time.monotonic() - began

    def kill(self) -> None:
        """End the service as a power cut would."""
        assert self.process is not None
        self._look_away()
        self.process.kill()
        self.process.wait()
        self.process = None

    def below(self) -> list[psutil.Process]:
        """Every living process that the service started, its fork server among them."""
        assert self.process is not None
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [process for process in found if alive(process.pid)]

    # The contract

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        answer = self.http.post("/resources/wrappers/files/upload", files={"file": (name, content)})
        answer.raise_for_status()
        return dict(answer.json())

    def generate(self, source_type: str, config: dict[str, Any], **metadata: Any) -> str:
        body = {"source_type": source_type, "source_config": config, "metadata": {"name": "a test", **metadata}}
        answer = self.http.post("/resources/wrappers/generate", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["wrapper_id"])

    def wrapper(self, wrapper_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/resources/wrappers/{wrapper_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def execute(self, wrapper_id: str, wait: float = 30) -> dict[str, Any]:
        answer = self.http.post(f"/resources/wrappers/{wrapper_id}/execute", params={"wait": wait})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def stop(self, wrapper_id: str) -> dict[str, Any]:
        answer = self.http.post(f"/resources/wrappers/{wrapper_id}/stop")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def patch(self, wrapper_id: str, **changes: Any) -> dict[str, Any]:
        answer = self.http.patch(f"/resources/wrappers/{wrapper_id}", json=changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def runs(self, wrapper_id: str) -> list[dict[str, Any]]:
        return list(self.http.get(f"/resources/wrappers/{wrapper_id}/runs", params={"limit": 100}).json())

    def logs(self, wrapper_id: str) -> str:
        return "\n".join(self.http.get(f"/resources/wrappers/{wrapper_id}/logs").json()["logs"])

    def process_id(self, wrapper_id: str) -> int | None:
        """Pid of the wrapper's process. Of a file wrapper the contract shows none: it must then be the only one."""
        details = self.http.get(f"/resources/wrappers/{wrapper_id}/monitoring").json()["monitoring_details"]
        if "process_id" in details:
            return None if details["process_id"] is None else int(details["process_id"])
        leaders = self.leaders()
        assert len(leaders) <= 1, "several wrappers run"
        return leaders[0].pid if leaders else None

    def leaders(self) -> list[psutil.Process]:
        """The processes that run modules: below the service, its fork server and their guard."""
        assert self.process is not None
        found = self.below()
        parents: dict[int, int] = {}
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
                parents[process.pid] = process.ppid()

        def depth(pid: int) -> int:
            return 0 if pid not in parents else 1 + depth(parents[pid])

        # What a module starts and abandons becomes a child of the guard as well; its leader was there first.
        oldest: dict[int, psutil.Process] = {}
        for process in found:
            if depth(process.pid) == 3:
                guard = parents[process.pid]
                oldest[guard] = min(oldest.get(guard, process), process, key=lambda each: each.create_time())
        return list(oldest.values())

    def wait_for(self, wrapper_id: str, *statuses: str, within: float = DEADLINE) -> dict[str, Any]:
        """Wait until the wrapper has one of the statuses; an unexpected `error` fails at once with its message."""

        def look() -> dict[str, Any] | None:
            wrapper = self.wrapper(wrapper_id)
            if wrapper["status"] in statuses:
                return wrapper
            assert wrapper["status"] != "error", wrapper["error_message"]
            return None

        return eventually(look, within=within)

    def caught_up(self, wrapper_id: str, within: float = DEADLINE) -> dict[str, Any]:
        """Wait until the history is in and no run is open."""

        def look() -> dict[str, Any] | None:
            wrapper = self.wrapper(wrapper_id)
            assert wrapper["status"] != "error", wrapper["error_message"]
            done = wrapper["status"] == "completed" or (
                wrapper["status"] == "executing" and wrapper["phase"] == "continuous"
            )
            if not done:
                return None
            return None if any(run["outcome"] == "running" for run in self.runs(wrapper_id)) else wrapper

        return eventually(look, within=within)

    def stored(self, wrapper_id: str) -> dict[str, dict[int, float]]:
        """Everything stored for a wrapper: series → {µs: value}, read through the contract's pages."""
        resource_id = self.wrapper(wrapper_id)["resource_id"]
        found: dict[str, dict[int, float]] = {}
        if resource_id is None:
            return found
        cursor = None
        while True:
            params = {"limit": 5000} | ({"cursor": cursor} if cursor else {})
            answer = self.http.get(f"/resources/{resource_id}/data", params=params)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            for point in body["data"]:
                line = found.setdefault(point["series"], {})
                when = parse_iso(point["x"])
                assert when not in line, f"doubled: {point}"
                line[when] = point["y"]
            cursor = body.get("next_cursor")
            if cursor is None:
                return found


def alive(pid: int) -> bool:
    """Whether any thread of that process runs: the state of a process is that of its first thread alone."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # it has ended since
        return False
    for thread in threads:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                return True
    return False
