"""The composition root: builds everything, joins it, and hands in clock, settings and randomness."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog
import uvicorn
import uvloop
from pydantic import SecretStr

from slackwater import __version__
from slackwater.errors import BadInput, Unavailable
from slackwater.log import configure
from slackwater.model.scrub import Redactor
from slackwater.pipe.frames import Limits
from slackwater.settings import Settings, listed, model_keys, text_of
from slackwater.store import files, keys
from slackwater.store.database import Connection, Database
from slackwater.store.durable import settle
from slackwater.store.lock import alone_in
from slackwater.supervise.advising import Adviser, Model
from slackwater.supervise.bounds import Bounds
from slackwater.supervise.broker import Broker
from slackwater.supervise.errands import Errands
from slackwater.supervise.forkserver import PR_SET_DUMPABLE, prctl
from slackwater.supervise.inspecting import Inspector
from slackwater.supervise.lifecycle import Lifecycle
from slackwater.supervise.mending import Mender
from slackwater.supervise.orders import Terms
from slackwater.supervise.probing import missing, probe
from slackwater.supervise.process import ForkServerLink
from slackwater.supervise.reconcile import Reconciler, Rules
from slackwater.supervise.retrying import Patience
from slackwater.supervise.scouting import Scout
from slackwater.supervise.scratch import scratch_root
from slackwater.supervise.signals import Signals

if TYPE_CHECKING:
    from slackwater.web.context import Guard

ENTRY = "slackwater.discover.entry:main"
PRELOAD = ("slackwater", "slackwater.runtime.api", "slackwater.runtime.tabular", "slackwater.discover.api",
           "slackwater.discover.tabular", "encodings.idna", "encodings.cp1252", "_strptime")  # fmt: skip
LEAVE_SECONDS = 3.0  # for all wrappers to end when the service stops
CONNECTIONS_SECONDS = 1  # for open HTTP connections after that

log = structlog.get_logger()


def now() -> int:
    """Return the present in µs since the epoch."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Workbench:
    """Everything that runs wrappers on a data directory; the service is this and its HTTP API."""

    settings: Settings
    database: Database
    lifecycle: Lifecycle
    reconciler: Reconciler
    scout: Scout
    files_dir: Path

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, settings: Settings, redactor: Redactor | None = None) -> AsyncIterator[Self]:
        """Open the store, sweep up after the last time, and run wrappers until the block is left.

        `redactor` learns the secrets of the wrappers that run, for the log.

        Unavailable when the data directory cannot be used, or another service uses it.
        """
        files_dir = settings.data_dir / "files"
        with alone_in(settings.data_dir), scratch_root(settings.data_dir) as scratch_dir:
            files_dir.mkdir(mode=0o700, exist_ok=True)
            database = await asyncio.to_thread(Database.open, settings.data_dir, text_of(settings.secret_key))
            try:
                async with _broker(settings) as broker:
                    link = ForkServerLink(ENTRY, _bounds(settings, scratch_dir), PRELOAD)
                    await link.start()
                    try:
                        bench = cls._joined(settings, database, broker, link, files_dir, redactor or Redactor())
                        bench.lifecycle.confinement = await _confinement(settings, link)
                        async with bench._working():
                            yield bench
                    finally:
                        await link.close()
            finally:
                await asyncio.to_thread(database.close)

    @classmethod
    def _joined(
        cls, settings: Settings, database: Database, broker: Broker, link: ForkServerLink, files_dir: Path,
        redactor: Redactor,
    ) -> Self:  # fmt: skip
        limits = _limits(settings)
        terms = Terms(
            limits=limits, files_dir=files_dir, confinement=settings.confinement,
            discovery_requests=settings.discovery_requests,
        )  # fmt: skip
        rules = Rules(
            max_runs=settings.max_runs, grace=settings.stop_grace_seconds, deadline=settings.stop_deadline_seconds,
            patience=Patience(settings.max_tries, settings.retry_base_seconds, random.SystemRandom()),
            terms=terms, kept_lines=settings.log_lines, kept_runs=settings.run_history, redactor=redactor,
        )  # fmt: skip
        signals = Signals()
        errands = Errands(link, broker, at_once=settings.discoveries_at_once, seconds=settings.discovery_seconds)
        inspector = Inspector(link, limits, settings.confinement)
        counsel = _counsel(settings, errands, broker, inspector)
        reconciler = Reconciler(database, link, broker, signals, Mender(errands, counsel), rules, now)
        lifecycle = Lifecycle(database, reconciler, signals, inspector, now)
        return cls(settings, database, lifecycle, reconciler, Scout(database, errands, terms, counsel), files_dir)

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        await self.reconciler.recover()
        working = asyncio.create_task(self.reconciler.work())
        self.lifecycle.ready = True
        try:
            yield
        finally:
            self.lifecycle.ready = False
            await self.leave()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def leave(self) -> None:
        """End all wrapper processes because the service stops; safe to call twice."""
        await self.lifecycle.leave(LEAVE_SECONDS)

    async def add_file(self, path: Path) -> str:
        """Take a copy of a local file in, look at it, and return its file id; BadInput says why it cannot be read."""
        kind = path.suffix.lower().lstrip(".")
        if kind not in files.KINDS:
            raise BadInput(f"{path.name}: only .csv, .xlsx and .xls files can be read")
        file_id = str(uuid.uuid4())
        copy = self.files_dir / f"{file_id}.{kind}"
        await asyncio.to_thread(shutil.copyfile, path, copy)
        report = await self.lifecycle.inspect(copy, path.name)
        record = files.FileRecord(
            file_id=file_id, filename=path.name, kind=kind, size=copy.stat().st_size, uploaded_at=now(),
            preview=report.preview, columns=tuple(report.columns), row_count=report.row_count,
            sheets=tuple(report.sheets), errors=tuple(report.errors),
        )  # fmt: skip
        await asyncio.to_thread(settle, copy)
        await asyncio.wrap_future(self.database.write(lambda c: files.add(c, record)))
        if not record.valid:
            raise BadInput(f"{path.name}: {'; '.join(record.errors)}")
        return file_id


def _counsel(settings: Settings, errands: Errands, broker: Broker, inspector: Inspector) -> Adviser | None:
    names = list(listed(settings.llm_model))
    if not names:
        return None
    model = Model(
        names=names, keys=model_keys(settings), base_url=settings.llm_base_url, seconds=settings.llm_seconds,
        tokens=settings.llm_budget,
    )  # fmt: skip
    return Adviser(model, errands, broker, inspector, settings.discoveries_at_once)


def _limits(settings: Settings) -> Limits:
    return Limits(
        memory=settings.memory_limit_bytes, cpu=settings.cpu_limit_seconds, files=settings.open_files_limit,
        written=settings.file_size_limit_bytes, processes=settings.process_limit,
    )  # fmt: skip


def _bounds(settings: Settings, scratch_dir: Path) -> Bounds:
    return Bounds(
        scratch_dir=str(scratch_dir), first_uid=settings.run_as_uid, memory=settings.memory_limit_bytes,
        cpu=settings.cpu_limit_seconds, processes=settings.process_limit, scratch=settings.scratch_limit_bytes,
    )  # fmt: skip


async def _confinement(settings: Settings, link: ForkServerLink) -> dict[str, str]:
    """Find out how wrappers are confined here, and say once what is missing."""
    found = await probe(link, _limits(settings))
    if lacking := missing(found):
        if settings.confinement == "required":
            log.error("no wrapper will run: SLACKWATER_CONFINEMENT=required cannot be had here", missing=lacking)
        else:
            log.warning("wrappers are not fully confined", missing=lacking)
    return found


def _guard(settings: Settings) -> "Guard":
    from slackwater.web.context import Guard

    return Guard(
        requests_per_second=settings.key_requests_per_second, burst=settings.key_request_burst,
        audit_entries=settings.audit_entries, body_seconds=settings.request_body_seconds,
        oidc_issuer=settings.oidc_issuer, oidc_audience=settings.oidc_audience, oidc_jwks_url=settings.oidc_jwks_url,
        cors_origins=listed(settings.cors_origins), session_seconds=settings.session_seconds,
        public_url=settings.public_url, oidc_client_id=settings.oidc_client_id,
        oidc_client_secret=text_of(settings.oidc_client_secret),
    )  # fmt: skip


def _broker(settings: Settings) -> Broker:
    return Broker(
        allow_private=settings.allow_private_sources, private_sources=listed(settings.private_sources),
        requests_per_second=settings.host_requests_per_second,
        connections=settings.host_connections, tries=settings.request_tries, max_wait=settings.max_wait_seconds,
        max_answer=settings.max_answer_bytes,
    )  # fmt: skip


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; Unavailable when the port or the data directory cannot be used."""
    with contextlib.suppress(OSError):
        prctl(PR_SET_DUMPABLE, 0)  # our memory and environment hold keys: no process of our own user may look into them
    # The event loop and the writer share one interpreter lock; at the default of 5 ms each hand-over between them may
    # cost that much, and a stop has several.
    sys.setswitchinterval(0.0005)
    listening = _listen(settings.host, settings.port)
    with listening:
        uvloop.run(_serve(settings, listening))


async def _serve(settings: Settings, listening: socket.socket) -> None:
    from slackwater.web import app
    from slackwater.web.patience import PatientProtocol

    redactor = Redactor(filter(None, map(text_of, _secrets_of(settings))))
    configure(settings.log_level, redactor)
    async with Workbench.open(settings, redactor) as bench:
        await asyncio.wrap_future(bench.database.write(lambda c: _first_key(c, settings), urgent=True))
        context = app.Context(
            database=bench.database, lifecycle=bench.lifecycle, scout=bench.scout, files_dir=bench.files_dir,
            max_upload=settings.max_upload_bytes, clock=now, version=__version__, guard=_guard(settings),
        )  # fmt: skip
        config = uvicorn.Config(
            app.build(context), log_config=None, http=PatientProtocol, timeout_graceful_shutdown=CONNECTIONS_SECONDS,
            lifespan="off", access_log=False, server_header=False, ws="none",
        )  # fmt: skip
        host, port = listening.getsockname()[:2]
        log.info("serving", url=f"http://{host}:{port}", data_dir=str(settings.data_dir))
        await _Server(config, bench).serve(sockets=[listening])


def _secrets_of(settings: Settings) -> tuple[SecretStr | None, ...]:
    return (
        settings.api_key,
        settings.secret_key,
        settings.next_secret_key,
        settings.oidc_client_secret,
        settings.llm_api_key,
    )


class _Server(uvicorn.Server):
    """Ends the wrappers before the connections, so that whoever waits for a run gets an answer."""

    def __init__(self, config: uvicorn.Config, bench: Workbench) -> None:
        super().__init__(config)
        self._bench = bench

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave in good order on SIGTERM and SIGINT, and with exit code 0: uvicorn would raise the signal again."""
        loop = asyncio.get_running_loop()
        asked = (signal.SIGTERM, signal.SIGINT)
        for number in asked:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in asked:
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._bench.leave()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Inherited by its connections; asyncio does not see that they are TCP. Without it each answer takes 40 ms more.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another --port."
        ) from None


def _first_key(c: Connection, settings: Settings) -> None:
    """Make sure that somebody can get in: the key of the settings, or on an empty store a new one."""
    if settings.api_key is not None:
        keys.ensure(c, settings.api_key.get_secret_value(), keys.Role.ADMIN, "SLACKWATER_API_KEY", now())
        return
    if keys.list_all(c):
        return
    _, key = keys.create(c, "first admin key", keys.Role.ADMIN, now())
    path = settings.data_dir / "admin.key"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(key + "\n")
    print(f"The admin key, shown this once and kept in {path}:\n{key}", flush=True)  # noqa: T201 - its one showing
