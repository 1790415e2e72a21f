"""Dispatches among nodes that share a store."""

import asyncio
from collections.abc import Callable
from functools import partial

from slackwater.errors import NotFound
from slackwater.store.cluster import trials
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import nodes, runs
from slackwater.store.records.nodes import NodeRecord
from slackwater.supervise.cluster.membership import Membership
from slackwater.supervise.cluster.notified import NotifiedSignals
from slackwater.supervise.lifecycle.dispatch import Alone

LOOK_SECONDS = 0.25  # between two looks for the end of a run elsewhere, when no notice comes; chosen


class Shared(Alone):
    """Looks for what is due; the lock on a wrapper's row decides between nodes."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        membership: Membership,
        signals: NotifiedSignals,
        labels: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(database, clock, membership.name, labels=labels)
        self._membership = membership
        self._signals = signals
        signals.on_due = self.wake
        membership.released = self.wake

    @property
    def name(self) -> str:
        """The name of this node, which it may get anew."""
        return self._membership.name

    def wake(self, *, everywhere: bool = False) -> None:
        """Look now; `everywhere`: on all nodes, for this one may have no free slot."""
        super().wake()
        if everywhere:
            self._signals.due()

    async def recover(self) -> None:
        """Release what nodes have left that are gone. What others run is theirs."""
        await self._membership.sweep()

    def check(self, c: Connection) -> None:
        """Refuse to open a run when this node does not hold its lease."""
        self._membership.check(c)

    async def over_elsewhere(self, wrapper_id: str, within: float) -> bool:
        """Wait for the end of a wrapper's run, and dry runs, on other nodes.

        `within`: seconds.
        """
        deadline = asyncio.get_running_loop().time() + within

        def look(c: Connection) -> bool:
            run = runs.open_run(c, wrapper_id)
            here = run is None or run.node == self.name
            return here and not trials.are_ending(c, wrapper_id, besides=self._membership.node_id)

        with self._signals.listening(wrapper_id) as changed:
            while True:
                changed.clear()
                if await asyncio.wrap_future(self._database.read(look)):
                    return True
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    return False
                try:
                    async with asyncio.timeout(min(LOOK_SECONDS, left)):
                        await changed.wait()
                except TimeoutError:
                    continue

    async def nodes(self) -> list[NodeRecord]:
        """Return all nodes that live, or may live, by name."""
        return await asyncio.wrap_future(self._database.read(nodes.list_all))

    async def drain(self, node: str) -> NodeRecord:
        """Let a node run nothing any more; it hears of it with its next renewal."""
        found = await asyncio.wrap_future(self._database.write(partial(nodes.drain, node=node), urgent=True))
        if found is None:
            raise NotFound(what="Node")
        return found

    def warning(self) -> str | None:
        """Return that the clock of this node is wrong, None when it is right."""
        return self._membership.clock.off

    def _set_back(self, now: int) -> int:
        """Return 0: the clock is the database's, and what waits goes by it."""
        return 0
