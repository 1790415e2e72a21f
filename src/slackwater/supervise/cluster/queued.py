"""Dispatches by a queue: one node fills it, whichever is free takes from it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from slackwater.model.instants import SECOND
from slackwater.model.labels import lacking, parted, sets_of
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.records import nodes, wrappers
from slackwater.supervise.cluster.membership import MARGIN_SECONDS, RENEWALS, Membership
from slackwater.supervise.cluster.notified import NotifiedSignals
from slackwater.supervise.cluster.shared import Shared
from slackwater.supervise.lifecycle.dispatch import TROUBLE_PAUSE, Node

GATHER_SECONDS = 0.1  # between two looks at what is due when ends of runs wake us: many ends are one look; chosen
SWEEP_SECONDS = 1.0  # between two looks at what is due when nothing wakes us: so long may a crash delay a run; chosen
END_SECONDS = 5.0  # in which the ends of jobs are stored when we are to end: runs have ended before then; chosen
FEW = 6  # labels of a node whose sets are all listened to; chosen: 64 queues

log = structlog.get_logger()


@dataclass(frozen=True)
class Labels:
    """The sets of labels that wrappers need, and those that nodes have."""

    wanted: list[str]
    workers: list[frozenset[str]]

    @property
    def served(self) -> list[str]:
        """The sets that a node has all of."""
        return [each for each in self.wanted if lacking(parted(each), self.workers) is None]


def _labels(c: Connection) -> Labels:
    return Labels(wrappers.label_sets(c), nodes.label_sets(c))


class Queued(Shared):
    """Fills the queue and takes from it.

    A job says «run this wrapper if it is due»: one that came twice, or too late, does nothing.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        membership: Membership,
        signals: NotifiedSignals,
        server: Server,
        lease: float,
        labels: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(database, clock, membership, signals, labels)
        self._server = server
        self._lease = lease  # seconds
        self._looked_at = 0.0  # by the loop's clock
        self._queues: list[str] = []  # that this node takes from; changed in place, for the worker looks here

    async def recover(self) -> None:
        """Release what nodes have left that are gone, and see that there is a queue."""
        from slackwater.store.engine import postgresql_queue

        await asyncio.wrap_future(self._database.write(postgresql_queue.prepare, urgent=True))
        self._look_at(await asyncio.wrap_future(self._database.read(_labels)))
        await super().recover()

    def freed(self) -> None:
        """Do nothing: whoever has a free slot takes from the queue."""

    async def work(self, node: Node) -> None:
        """Fill the queue and take from it until cancelled."""
        async with asyncio.TaskGroup() as group:
            if node.free > 0:
                group.create_task(self._take(node))
            await super().work(node)

    async def _take(self, node: Node) -> None:
        from slackwater.store.engine.postgresql_queue import Queue

        at_once = node.free
        while node.accepts:
            queue = Queue(self._server, node.perform)
            work = queue.work(self.name, self._queues, at_once, self._lease / RENEWALS, self._lease + MARGIN_SECONDS)
            taking = asyncio.create_task(work)
            asked = False
            try:
                while not taking.done():
                    await asyncio.wait({taking}, timeout=SWEEP_SECONDS)
                    # Once: asked again, it would close its connections before the ends of its jobs are stored.
                    if not (node.accepts or asked):
                        asked = taking.cancel()
                await taking
            except asyncio.CancelledError:
                if not asked:
                    taking.cancel()
                await asyncio.wait({taking}, timeout=END_SECONDS)
                taking.cancel()  # a run that does not end, or a database that is away, must not keep us
                await asyncio.gather(taking, return_exceptions=True)
                if node.accepts:
                    raise
                return
            except Exception as error:  # noqa: BLE001 - whatever the queue or its connection has: it is begun anew
                log.warning("the queue cannot be read", error=str(error) or repr(error))
            await asyncio.sleep(TROUBLE_PAUSE)

    async def _start_due(self, node: Node) -> float:
        from slackwater.store.engine import postgresql_queue

        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._looked_at + GATHER_SECONDS - loop.time())
        self._looked_at = loop.time()
        self._wake.clear()
        now = self._clock()
        if node.free <= 0 and await self._somebody_waits_long(now, node.taken):
            node.make_way()

        def fill(c: Connection) -> tuple[int | None, Labels]:
            labels = _labels(c)
            silence, never = self._lease + MARGIN_SECONDS, now + wrappers.LONGEST_WAIT
            postgresql_queue.mend_and_fill(c, silence, now, never, bool(labels.wanted), labels.served)
            return wrappers.next_due(c, after=now), labels

        next_due, labels = await asyncio.wrap_future(self._database.write(fill, urgent=True))
        self._look_at(labels)
        wait = SWEEP_SECONDS if next_due is None else (next_due - self._clock()) / SECOND
        return min(SWEEP_SECONDS, max(0.0, wait))

    def _look_at(self, labels: Labels) -> None:
        from slackwater.store.engine.postgresql_queue import queue_of

        self._workers = labels.workers
        if len(self.labels) <= FEW:  # a queue that is listened to before it is needed is heard at once
            self._queues = self._queues or list(map(queue_of, sets_of(self.labels)))
            return
        self._queues[:] = [queue_of(each) for each in ("", *labels.wanted) if self.labels >= {*parted(each)}]
