"""Several real nodes on one PostgreSQL: services and workers, each a process tree and a data directory of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import psutil

import databases
from loaded import PROGRAM, Program, start
from service import ENDS, Service, alive, eventually

LEASE = 4  # seconds
SECRET = "a secret key that all nodes of these tests have in common"


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Give the URL of an empty database, which is gone with the block."""
    url = databases.create()
    try:
        yield url
    finally:
        databases.drop(url.partition("?")[0].rpartition("/")[2])


class NodeService(Service):
    """`slackwater serve` as one of several nodes."""

    def __init__(self, data_dir: Path, url: str, name: str, **settings: Any) -> None:
        super().__init__(data_dir, **node_settings(url, name, settings))
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        self.name = name

    def nodes(self) -> dict[str, dict[str, Any]]:
        answer = self.http.get("/nodes")
        assert answer.status_code == 200, answer.text
        return {node["name"]: node for node in answer.json()}


class Proxy:
    """A way to the database that can be cut: nothing goes through any more, and no end is told."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self._to = query.get("host", [parts.hostname or "127.0.0.1"])[0], parts.port or 5432
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open = threading.Event()
        self._open.set()
        self._ends = False
        who = parts.netloc.rpartition("@")[0]
        self.url = f"postgresql://{who + '@' if who else ''}127.0.0.1:{self._listening.getsockname()[1]}{parts.path}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._ends = True
        self._open.set()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ends:
                near, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._open.wait()
        # While the server is away a connection ends at once, as one to the server itself does.
        with near, contextlib.suppress(OSError), self._far() as far:
            back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
            back.start()
            self._carry(near, far)
            back.join()

    def _far(self) -> socket.socket:
        place, port = self._to
        if not place.startswith("/"):
            return socket.create_connection((place, port))
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(f"{place}/.s.PGSQL.{port}")
        except OSError:
            far.close()
            raise
        return far

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65536):
                self._open.wait()
                target.sendall(said)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class Worker:
    """`slackwater worker`; `with` starts and ends it."""

    def __init__(self, data_dir: Path, url: str, name: str, **settings: Any) -> None:
        self.data_dir = data_dir
        self.name = name
        self.settings = {"allow_private_sources": True, "retry_base_seconds": 0.2, "log_level": "warning"}
        self.settings |= node_settings(url, name, settings)
        self.process: Program | None = None
        self.program = list(PROGRAM)  # what Python is given to run
        self.environment: dict[str, str] = {}  # beside the settings

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.end()

    def start(self) -> None:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {f"SLACKWATER_{name.upper()}": str(value) for name, value in self.settings.items()}
        environment |= self.environment
        words = ["worker", "--data-dir", str(self.data_dir)]
        self.process = start(words, environment, program=self.program, cwd=self.data_dir.parent)

    def end(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(ENDS) == 0
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait(ENDS)
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def leaders(self) -> list[int]:
        """Pids of the processes that run modules."""
        assert self.process is not None
        return [each.pid for each in Service.leaders(self) if alive(each.pid)]  # type: ignore[arg-type]

    def below(self) -> list[psutil.Process]:
        return Service.below(self)  # type: ignore[arg-type]


def node_settings(url: str, name: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "database_url": url,
        "secret_key": SECRET,
        "name": name,
        "lease_seconds": LEASE,
        "database_connections": 10,
        **more,
    }


def joined(service: NodeService, *, count: int) -> None:
    """Wait until so many nodes are there, which have all given a sign of life."""

    def all_there() -> bool:
        found = service.nodes().values()
        return len(found) == count and all(each["silent_seconds"] < LEASE for each in found)

    eventually(all_there)
