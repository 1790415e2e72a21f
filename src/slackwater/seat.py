"""Gives a node its seat: alone on its store, or among others that share it."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil
import structlog

from slackwater import __version__
from slackwater.errors import KeyChanged, Unavailable
from slackwater.model.instants import SECOND
from slackwater.settings import Settings, listed
from slackwater.store.engine.connections import connections_id
from slackwater.store.engine.database import Database
from slackwater.store_settings import server_of
from slackwater.supervise.cluster.host_desk import HostDesk
from slackwater.supervise.cluster.membership import DatabaseClock, Membership
from slackwater.supervise.cluster.notified import NotifiedSignals
from slackwater.supervise.cluster.queued import Queued
from slackwater.supervise.cluster.trial_ledger import TrialLedger
from slackwater.supervise.lifecycle.dispatch import Alone, Dispatch
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.reconciler import Reconciler
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.lease import Lease
from slackwater.supervise.process.lives import Lives
from slackwater.supervise.process.survivors import Survivors
from slackwater.supervise.run.trials import Trials

log = structlog.get_logger()


@dataclass
class Seat:
    """Holds what a node goes by: clock, lease, dispatch, signals."""

    clock: Callable[[], int]
    own_clock: Callable[[], int]
    lease: Lease
    signals: Signals
    dispatch: Dispatch
    membership: Membership | None = None
    ledger: TrialLedger | None = None
    desk: HostDesk | None = None
    lives: Lives | None = None
    lock: int | None = None  # the descriptor that everything below this node keeps open
    reports: list[Callable[[], dict[str, Any]]] = field(default_factory=list)  # what is said of this node

    @property
    def leads(self) -> bool:
        """Whether this node does what one of them must do alone."""
        return self.membership is None or self.membership.leads

    @contextlib.contextmanager
    def unfit(self, end: Callable[[], None]) -> Iterator[None]:
        """Call `end` when this node cannot go on as it was started.

        After the block, raise why.
        """
        reasons: list[KeyChanged] = []

        def told(reason: KeyChanged) -> None:
            reasons.append(reason)
            end()

        if self.membership is not None:
            self.membership.unfit = told
        yield
        if reasons:
            raise reasons[0]

    @contextlib.asynccontextmanager
    async def taken(
        self, settings: Settings, link: ForkServerLink, reconciler: Reconciler, trials: Trials
    ) -> AsyncIterator[None]:
        """Keep the seat while the block lasts."""
        self.reports.append(reconciler.state)
        server = server_of(settings)
        if self.membership is None or server is None or not isinstance(self.signals, NotifiedSignals):
            yield
            return
        from slackwater.store.engine.postgresql_listener import Listener

        self.membership.renewed = link.renew

        def stop(wrapper_id: str) -> None:
            reconciler.signal(wrapper_id)
            trials.signal(wrapper_id)

        self.membership.body = reconciler
        self.membership.end_trials = trials.signal
        self.signals.on_stop = stop
        trials.ledger = self.ledger
        async with _beside(self.signals.work(partial(Listener, server))):
            yield


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let something go on while the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def seated(settings: Settings, database: Database, now: Callable[[], int], kind: str) -> AsyncIterator[Seat]:
    """Give this node its seat.

    `now`: the clock of the machine, in µs since the epoch.

    When the block is left nothing of the node is alive any more. Unavailable when it could run nothing, alone.
    """
    name, labels = settings.name or socket.gethostname(), frozenset(listed(settings.labels))
    reports: list[Callable[[], dict[str, Any]]] = [partial(_about, kind, settings)]

    def state() -> dict[str, Any]:
        return {key: value for report in reports for key, value in report().items()}

    server = server_of(settings)
    if server is None and not settings.max_runs:
        raise Unavailable(
            "max_runs is 0, and nobody else can run the sources of this data directory. Set max_runs to 1 or more, or "
            "share a database with other nodes (SLACKWATER_DATABASE_URL)."
        )
    if server is None:
        survivors = Survivors(settings.data_dir)
        if survivors.no_locks:
            why = survivors.no_locks
            log.warning("what a killed service leaves cannot be seen in this data directory", error=why)
        try:
            dispatch = Alone(database, now, name, state, labels, survivors)
            yield Seat(now, now, Lease(), Signals(), dispatch, lock=survivors.descriptor, reports=reports)
        finally:
            survivors.close()
        return
    clock = DatabaseClock(now)
    reports.append(lambda: {"connections": connections_id()})
    reports.append(lambda: {"clock_ahead_seconds": round(clock.ahead / SECOND, 3)})
    lease = Lease(settings.lease_seconds)
    signals = NotifiedSignals(database)
    lives = Lives(settings.data_dir)
    membership = Membership(database, lease, name, clock, state, lives)
    await membership.join()
    try:
        queued = Queued(database, clock, membership, signals, server, settings.lease_seconds, labels)
        desk = HostDesk(
            database,
            lambda: membership.node_id,
            lease,
            requests_per_second=settings.host_requests_per_second,
            connections=settings.host_connections,
            monotonic=time.monotonic,
        )
        async with _beside(membership.keep()), _beside(desk.keep()):
            ledger = TrialLedger(database, membership, signals)
            yield Seat(clock, clock.own, lease, signals, queued, membership, ledger, desk, lives, reports=reports)
    finally:
        await membership.leave()


def _about(kind: str, settings: Settings) -> dict[str, Any]:
    memory = psutil.Process().memory_info().rss
    return {
        "kind": kind,
        "version": __version__,
        "host": socket.gethostname(),
        "process_id": os.getpid(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": round(memory / 2**20, 1),
        "max_runs": settings.max_runs,
        "labels": list(listed(settings.labels)),
    }
