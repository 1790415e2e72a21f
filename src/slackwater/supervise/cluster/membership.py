"""Keeps a node among others: its lease, theirs, their common clock.

docs/decisions/0017-nodes-and-leases.md says why a node that is silent for long enough has no process left.
"""

import asyncio
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from slackwater.errors import KeyChanged, SlackwaterError, Unavailable
from slackwater.model.instants import SECOND
from slackwater.store.cluster import trials
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import nodes, runs
from slackwater.supervise.lifecycle import transitions
from slackwater.supervise.process.lease import Lease, boottime
from slackwater.supervise.process.lives import Lives

MARGIN_SECONDS = 5.0  # from the end of a lease until nothing of its node is alive; guards look 5 times a second
RENEWALS = 5  # of a lease in its time: four may be lost; chosen
END_PAUSE = 0.02  # seconds between two looks whether an earlier life has ended, before we join
END_LOOKS = 50  # of them, a second in all; chosen: ten times what the end of a life takes
CLOCK_WARNING = 5.0  # seconds that a node's clock may be off before it is told; chosen

log = structlog.get_logger()


class DatabaseClock:
    """Gives the database's present, in µs since the epoch."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.ahead = 0  # µs by which our own clock is ahead of the database's

    def __call__(self) -> int:
        """Return the present."""
        return self._clock() - self.ahead

    def own(self) -> int:
        """Return what our own clock shows."""
        return self._clock()

    @property
    def off(self) -> str | None:
        """That the clock of this node is wrong, None while it is right."""
        seconds = self.ahead / SECOND
        if abs(seconds) <= CLOCK_WARNING:
            return None
        return (
            f"The clock of this node is {abs(seconds):,.0f} seconds {'ahead of' if seconds > 0 else 'behind'} the "
            "database's. Set it; a time service such as chrony keeps it right."
        )


class Body(Protocol):
    """Ends the runs of its node when the membership asks."""

    def signal(self, wrapper_id: str) -> None:
        """Begin to end the run of a wrapper."""

    def interrupt(self, *, for_good: bool) -> None:
        """Begin to end all runs as interrupted; `for_good`: and begin no more."""


class _Bodiless:
    """A node that has no runs yet."""

    def signal(self, wrapper_id: str) -> None:
        pass

    def interrupt(self, *, for_good: bool) -> None:
        pass


@dataclass(frozen=True)
class _Swept:
    renewed: nodes.Renewed | None
    stale: list[str]
    silent: list[str]
    resumed: list[str]
    trials: list[str] = field(default_factory=list)


class Membership:
    """Holds the row of this node, and sweeps those that are gone."""

    def __init__(
        self,
        database: Database,
        lease: Lease,
        name: str,
        clock: DatabaseClock,
        state: Callable[[], dict[str, Any]],
        lives: Lives,
    ) -> None:
        self.name = name
        self.node_id = ""
        self.clock = clock
        self._wanted_name = name
        self._database = database
        self._lease = lease
        self._state = state
        self._lives = lives
        self._leads = False
        self.body: Body = _Bodiless()
        self.renewed: Callable[[int], None] = lease.renewed  # told of each renewal: when it was asked for
        self.end_trials: Callable[[str], None] = lambda _: None  # told of wrappers whose dry runs shall end
        self.unfit: Callable[[KeyChanged], None] = lambda _: None  # told when it cannot join again as it is
        self.released: Callable[[], None] = lambda: None  # told when wrappers of gone nodes are to go on

    @property
    def leads(self) -> bool:
        """Whether this node has been there for longest, as far as it knows."""
        return self._leads and not self._lease.over

    async def join(self) -> None:
        """Enter this node; its name gets a number when another has it.

        What an earlier life of it has left goes on at once when it is proven to have no process left.
        """
        self.node_id = str(uuid.uuid4())
        self._lives.joined(self.node_id)
        await self._until_proven()
        over = self._lives.over()
        silence = round((self._lease.seconds + MARGIN_SECONDS) * SECOND)
        asked, before = boottime(), self.clock.own()

        def enter(c: Connection) -> tuple[nodes.NodeRecord, _Swept]:
            swept = self._sweep(c, over, wait=True)  # before we have its name: runs are told apart by that
            return nodes.join(c, self.node_id, self._wanted_name, silence, self._state()), swept

        entered, swept = await asyncio.wrap_future(self._database.write(enter, urgent=True))
        self._lives.forget(over)
        self._tell(swept)
        self._set_clock(before, entered.renewed_at)
        self.name = entered.name
        self.renewed(asked)
        log.info("joined", node=self.name)

    async def leave(self) -> None:
        """Remove this node: nothing of it is alive."""
        try:
            await asyncio.wrap_future(self._database.write(lambda c: nodes.leave(c, self.node_id), urgent=True))
        except (SlackwaterError, OSError) as error:
            log.warning("the others will wait for the end of our lease", error=str(error))
        else:
            self._lives.close()

    def check(self, c: Connection) -> None:
        """Refuse, as Unavailable, to open a run while the lease is not held."""
        if self._lease.over or not nodes.hold(c, self.node_id):
            raise Unavailable("This node does not hold its lease: it has had no word from the database for too long.")

    async def keep(self) -> None:
        """Renew the lease, and look after the others, until cancelled."""
        draining = over = False
        while True:
            renewal = asyncio.create_task(self._renew())
            # A database that does not answer must not keep us from seeing the end of the lease.
            while not renewal.done():
                await asyncio.wait({renewal}, timeout=self._lease.seconds / RENEWALS)
                if self._lease.over and not over:
                    over = True
                    log.error("the lease is over: all runs are ended")
                    self.body.interrupt(for_good=False)
            try:
                swept = await renewal
            except (SlackwaterError, OSError) as error:
                log.warning("the lease could not be renewed", error=str(error))
                await asyncio.sleep(self._lease.seconds / RENEWALS)
                continue
            if swept.renewed is None:
                log.error("this node was taken for gone: all runs are ended, and it joins again")
                self.body.interrupt(for_good=False)
                await self._join_again()
                draining = over = False
                continue
            over = False
            for wrapper_id in swept.stale:
                self.body.signal(wrapper_id)
            for wrapper_id in swept.trials:
                self.end_trials(wrapper_id)
            self._tell(swept)
            if swept.renewed.draining and not draining:
                draining = True
                log.info("draining")
                self.body.interrupt(for_good=True)
            await asyncio.sleep(self._lease.seconds / RENEWALS)

    async def sweep(self) -> None:
        """Release what nodes have left that are gone."""
        swept = await asyncio.wrap_future(self._database.write(self._sweep, urgent=True))
        if swept.resumed:
            log.info("wrappers resumed", count=len(swept.resumed))

    async def _join_again(self) -> None:
        while True:
            try:
                return await self.join()
            except KeyChanged as error:
                log.error("this node must be started with the new key", error=str(error))
                self.unfit(error)
            except (SlackwaterError, OSError) as error:
                log.error("this node cannot join again yet", error=str(error))
            await asyncio.sleep(self._lease.seconds / RENEWALS)

    async def _renew(self) -> _Swept:
        asked, before = boottime(), self.clock.own()
        state = self._state()

        def renew(c: Connection) -> _Swept:
            renewed = nodes.renew(c, self.node_id, state)
            if renewed is None:
                return _Swept(None, [], [], [])
            return _Swept(renewed, runs.stale(c, self.name), [], [], trials.unwanted(c, self.node_id))

        mine = await asyncio.wrap_future(self._database.write(renew, urgent=True))
        if mine.renewed is None:
            return mine
        self._leads = mine.renewed.leads
        self._set_clock(before, mine.renewed.present)
        self.renewed(asked)
        over = self._lives.over()
        others = await asyncio.wrap_future(self._database.write(lambda c: self._sweep(c, over), urgent=True))
        self._lives.forget(over)
        return _Swept(mine.renewed, mine.stale, others.silent, others.resumed, mine.trials)

    def _sweep(self, c: Connection, over: Collection[str] = (), *, wait: bool = False) -> _Swept:
        from slackwater.store.engine import postgresql_queue

        if silent := nodes.take_out(c, over, wait=wait):
            postgresql_queue.forget(c, [run.wrapper_id for run in runs.abandoned(c)])
        return _Swept(None, [], silent, transitions.release(c, nodes.present(c)))

    def _tell(self, swept: _Swept) -> None:
        if swept.silent or swept.resumed:
            log.warning("nodes are gone", nodes=swept.silent, wrappers_resumed=len(swept.resumed))
            self.released()

    async def _until_proven(self) -> None:
        """Wait for the end of an earlier life that was killed just now."""
        for _ in range(END_LOOKS):
            if not self._lives.unproven:
                return
            await asyncio.sleep(END_PAUSE)

    def _set_clock(self, before: int, present: int) -> None:
        """Compare the clocks: the database's moment lies between our question and its answer."""
        self.clock.ahead = (before + self.clock.own()) // 2 - present
