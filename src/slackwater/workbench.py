"""Builds a workbench: everything needed to run wrapper processes, without a server."""

import asyncio
import contextlib
import os
import random
import shutil
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import structlog

from slackwater.errors import BadInput
from slackwater.model.scrub import Redactor
from slackwater.outbound import Outbound
from slackwater.outbound_settings import outbound_of
from slackwater.pipe.frames import Limits, Measure
from slackwater.seat import Seat, seated
from slackwater.settings import Settings, listed, text_of
from slackwater.store.engine.database import Database
from slackwater.store.engine.fsync import settle
from slackwater.store.engine.lock import alone_in
from slackwater.store.records import files, refresh_tokens
from slackwater.store.uploads import sweep
from slackwater.store.uploads.at_url import FilesPlace
from slackwater.store_settings import files_place_of, open_store
from slackwater.supervise.http.access_tokens import Tokens
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.lifecycle.commands import Lifecycle
from slackwater.supervise.lifecycle.previews import Previews
from slackwater.supervise.lifecycle.reconciler import Reconciler
from slackwater.supervise.lifecycle.rediscovery import Rediscovery
from slackwater.supervise.lifecycle.rules import Rules
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.process.scratch import scratch_root
from slackwater.supervise.run.confinement_probe import missing, probe
from slackwater.supervise.run.file_inspection import Inspector
from slackwater.supervise.run.job import Terms
from slackwater.supervise.run.model_advice import Adviser, Model
from slackwater.supervise.run.one_shot import OneShots
from slackwater.supervise.run.trials import Trials
from slackwater.supervise.run.watchdog import TimeLimits

log = structlog.get_logger()

ENTRY = "slackwater.discover.main:main"

PRELOAD = (
    "slackwater",
    "slackwater.runtime.wrapper",
    "slackwater.runtime.api.wrapper",
    "slackwater.runtime.file.wrapper",
    "slackwater.discover.api.pipeline",
    "slackwater.discover.file.pipeline",
    "slackwater.discover.preload",
    "encodings.idna",
    "encodings.cp1252",
    "_strptime",
)

LEAVE_SECONDS = 3.0  # for all wrappers to end when the service stops


def now() -> int:
    """Return the present in µs since the epoch."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Workbench:
    """Everything that runs wrappers on a data directory.

    The service is this and its HTTP API.
    """

    settings: Settings
    database: Database
    lifecycle: Lifecycle
    reconciler: Reconciler
    previews: Previews
    files_dir: Path
    files_place: FilesPlace | None
    seat: Seat

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        redactor: Redactor | None = None,
        own_port: int | None = None,
        kind: Literal["serve", "worker"] = "serve",
    ) -> AsyncIterator[Self]:
        """Open the store, recover from the last run, and run wrappers within the block.

        `redactor` learns the secrets of the wrappers that run, for the log. `own_port` is the service's own, which
        wrappers may not ask.

        Unavailable when the data directory cannot be used, or another service uses it.
        """
        files_dir = settings.data_dir / "files"
        files_place = files_place_of(settings)
        outbound = outbound_of(settings)
        with alone_in(settings.data_dir), scratch_root(settings.data_dir) as scratch_dir:
            files_dir.mkdir(mode=0o700, exist_ok=True)
            database = await asyncio.to_thread(open_store, settings)
            try:
                async with (
                    seated(settings, database, now, kind) as seat,
                    _broker(settings, own_port, outbound, Tokens(_RefreshTokens(database)), seat) as broker,
                ):
                    link = ForkServerLink(
                        ENTRY, _bounds(settings, scratch_dir, seat.lock), PRELOAD, seat.lease, seat.lives
                    )
                    await link.start()
                    try:
                        trials = Trials()
                        known = redactor or Redactor()
                        bench = cls._joined(
                            settings, database, broker, link, files_dir, files_place, known, seat, trials
                        )
                        async with seat.taken(settings, link, bench.reconciler, trials):
                            bench.lifecycle.confinement = await _confinement(settings, link)
                            async with bench._working():
                                yield bench
                    finally:
                        await link.close()
            finally:
                await asyncio.to_thread(database.close)

    @classmethod
    def _joined(
        cls,
        settings: Settings,
        database: Database,
        broker: Broker,
        link: ForkServerLink,
        files_dir: Path,
        files_place: FilesPlace | None,
        redactor: Redactor,
        seat: Seat,
        trials: Trials,
    ) -> Self:
        limits = _limits(settings)
        terms = Terms(
            limits=limits,
            files_dir=files_dir,
            files_place=files_place,
            confinement=settings.confinement,
            discovery_requests=settings.discovery_requests,
        )
        rules = Rules(
            max_runs=settings.max_runs,
            grace=settings.stop_grace_seconds,
            deadline=settings.stop_deadline_seconds,
            time_limits=TimeLimits(settings.stall_seconds, settings.run_seconds),
            patience=Patience(settings.max_tries, settings.retry_base_seconds, random.SystemRandom()),
            terms=terms,
            kept_lines=settings.log_lines,
            kept_runs=settings.run_history,
            vintage_days=settings.vintage_days,
            redactor=redactor,
        )
        one_shots = OneShots(link, broker, at_once=settings.discoveries_at_once, seconds=settings.discovery_seconds)
        inspector = Inspector(link, limits, settings.confinement)
        adviser = _adviser(settings, one_shots, broker, inspector)
        rediscovery = Rediscovery(one_shots, adviser, terms.discovery_requests)
        reconciler = Reconciler(
            database, link, broker, seat.signals, rediscovery, rules, seat.clock, seat.dispatch, seat.own_clock
        )
        lifecycle = Lifecycle(database, reconciler, seat.signals, inspector, trials, seat.clock)
        previews = Previews(database, one_shots, trials, terms, seat.signals, adviser)
        return cls(settings, database, lifecycle, reconciler, previews, files_dir, files_place, seat)

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        await self.reconciler.recover()
        working = [asyncio.create_task(self.reconciler.work())]
        if self.files_place is not None:
            await sweep.know_owner(self.files_place, self.database)
            sweeping = sweep.keep_sweeping(self.files_place, self.database, self.seat.clock, lambda: self.seat.leads)
            working.append(asyncio.create_task(sweeping))
        self.lifecycle.ready = True
        try:
            yield
        finally:
            self.lifecycle.ready = False
            await self.leave()
            for each in working:
                each.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def leave(self) -> None:
        """End all wrapper processes because the service stops; safe to call twice."""
        await self.lifecycle.leave(LEAVE_SECONDS)

    async def add_file(self, path: Path) -> str:
        """Copy a local file in, inspect it, and return its file id.

        BadInput says why it cannot be read.
        """
        kind = path.suffix.lower().lstrip(".")
        if kind not in files.KINDS:
            raise BadInput(f"{path.name}: only .csv, .xlsx and .xls files can be read")
        file_id = str(uuid.uuid4())
        copy = self.files_dir / f"{file_id}.{kind}"
        await asyncio.to_thread(shutil.copyfile, path, copy)
        report = await self.lifecycle.inspect(copy, path.name)
        record = files.FileRecord(
            file_id=file_id,
            filename=path.name,
            kind=kind,
            size=copy.stat().st_size,
            uploaded_at=now(),
            preview=report.preview,
            columns=tuple(report.columns),
            row_count=report.row_count,
            sheets=tuple(report.sheets),
            errors=tuple(report.errors),
        )
        await asyncio.to_thread(settle, copy)
        await asyncio.wrap_future(self.database.write(lambda c: files.add(c, record, copy)))
        if not record.valid:
            raise BadInput(f"{path.name}: {'; '.join(record.errors)}")
        return file_id


def _adviser(settings: Settings, one_shots: OneShots, broker: Broker, inspector: Inspector) -> Adviser | None:
    names = list(listed(settings.llm_model))
    if not names:
        return None
    model = Model(
        names=names,
        keys=_model_keys(settings),
        base_url=settings.llm_base_url,
        environment=outbound_of(settings).environment(),
        seconds=settings.llm_seconds,
        tokens=settings.llm_budget,
    )
    return Adviser(model, one_shots, broker, inspector, settings.discoveries_at_once)


def _model_keys(settings: Settings) -> dict[str, str]:
    """Return provider → API key of the language models, as far as they are set."""
    keys: dict[str, str] = {}
    for place, name in enumerate(listed(settings.llm_model)):
        provider = name.partition(":")[0]
        brand = provider.partition("-")[0].upper()
        own = (os.environ.get(f"{brand}_API_KEY"), os.environ.get("GEMINI_API_KEY") if brand == "GOOGLE" else None)
        ours = text_of(settings.llm_api_key) if place == 0 or not any(own) else None
        if key := next(filter(None, (ours, *own)), None):
            keys.setdefault(provider, key)
    return keys


def _limits(settings: Settings) -> Limits:
    return Limits(
        memory=settings.memory_limit_bytes,
        cpu=settings.cpu_limit_seconds,
        files=settings.open_files_limit,
        written=settings.file_size_limit_bytes,
        processes=settings.process_limit,
    )


def _bounds(settings: Settings, scratch_dir: Path, lock: int | None) -> Bounds:
    return Bounds(
        scratch_dir=str(scratch_dir),
        first_uid=settings.run_as_uid,
        memory=settings.memory_limit_bytes,
        cpu=settings.cpu_limit_seconds,
        processes=settings.process_limit,
        scratch=settings.scratch_limit_bytes,
        lock=lock,
    )


async def _confinement(settings: Settings, link: ForkServerLink) -> dict[str, Measure]:
    """Find out how wrappers are confined here, and say once what is missing."""
    found = await probe(link, _limits(settings))
    if lacking := missing(found):
        if settings.confinement == "required":
            log.error("no wrapper will run: SLACKWATER_CONFINEMENT=required cannot be had here", missing=lacking)
        else:
            log.warning("wrappers are not fully confined", missing=lacking)
    return found


class _RefreshTokens:
    """Keeps the refresh tokens of sources in the store; satisfies `access_tokens.Kept`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, key: str) -> str | None:
        return await asyncio.wrap_future(self._database.read(lambda c: refresh_tokens.load(c, key)))

    async def save(self, key: str, token: str) -> None:
        await asyncio.wrap_future(
            self._database.write(lambda c: refresh_tokens.save(c, key, token, now()), urgent=True)
        )


def _broker(settings: Settings, own_port: int | None, outbound: Outbound, tokens: Tokens, seat: Seat) -> Broker:
    return Broker(
        shared=seat.desk,
        tokens=tokens,
        outbound=outbound,
        allow_private=settings.allow_private_sources,
        private_sources=listed(settings.private_sources),
        own_port=own_port,
        requests_per_second=settings.host_requests_per_second,
        connections=settings.host_connections,
        tries=settings.request_tries,
        max_wait=settings.max_wait_seconds,
        max_answer=settings.max_answer_bytes,
    )
