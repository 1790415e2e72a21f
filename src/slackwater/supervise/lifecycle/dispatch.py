"""Decides who runs what, and when: the port, and its implementation for a node alone.

A dispatch hands a node the wrappers that it is to run now. It looks at what is due in the store, which is the truth
about that: whatever else it keeps may be lost.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from slackwater.errors import Conflict, NotFound, SlackwaterError
from slackwater.model.instants import SECOND
from slackwater.model.labels import lacking
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import runs, wrappers
from slackwater.store.records.nodes import NodeRecord
from slackwater.supervise.lifecycle import transitions
from slackwater.supervise.lifecycle.schedule import plan
from slackwater.supervise.process.survivors import Survivors

SLOT_SECONDS = 60.0  # that a wrapper waits for a slot before health says so: as often as it is polled at the most
TROUBLE_PAUSE = 1.0  # seconds before it is tried again after trouble of our own
ENDING_SECONDS = 2.0  # that processes of a killed service get to end; they take milliseconds, more under load
ENDING_PAUSE = 0.02  # seconds between two looks whether they have
HELD_PAUSE = 0.5  # seconds between two looks whether what did not end by then has ended
HELD = (
    "A process of it has not ended since the service was killed: the kernel does not let go of it (ps shows state D). "
    "It goes on when that process has ended; what it waits for has to come back, or the machine to be started anew."
)

log = structlog.get_logger()


class Node(Protocol):
    """The runs of this process, as a dispatch sees them."""

    @property
    def taken(self) -> Collection[str]:
        """The ids of the wrappers that are being run here."""

    @property
    def free(self) -> int:
        """How many more may be run here; none while the node leaves."""

    @property
    def accepts(self) -> bool:
        """Whether more may be run here, at once or when a slot is free."""

    def begin(self, wrapper_id: str) -> None:
        """Run a wrapper, if it is due when its run is opened."""

    async def perform(self, wrapper_id: str) -> None:
        """Run a wrapper, if it is due when its run is opened, to its end."""

    def make_way(self) -> None:
        """End the run that has made no progress for longest; others wait for a slot."""

    async def end(self, wrapper_id: str) -> bool:
        """End the run of a wrapper; say whether nothing of it is left here."""


class Dispatch(Protocol):
    """Decides which wrapper is run where, and when."""

    @property
    def name(self) -> str:
        """The name of this node."""

    @property
    def labels(self) -> frozenset[str]:
        """The labels of this node: it runs what needs none, or some of these."""

    def lacking(self, runs_on: Collection[str]) -> str | None:
        """Return in a sentence that no node has these labels, None when one has."""

    def wake(self, *, everywhere: bool = False) -> None:
        """Look now for what is due; `everywhere`: on all nodes."""

    def freed(self) -> None:
        """Look now whether somebody waits for the slot of a run that was not due."""

    async def recover(self) -> None:
        """Finish what an earlier life of this node left open. Call once, before anything else."""

    async def work(self, node: Node) -> None:
        """Hand the node what it is to run until cancelled."""

    def held(self, wrapper_id: str) -> str | None:
        """Return in a sentence why what an earlier service has left holds a wrapper.

        None when nothing does.
        """

    def check(self, c: Connection) -> None:
        """Refuse, as Unavailable, to open a run while this node may not."""

    async def over_elsewhere(self, wrapper_id: str, within: float) -> bool:
        """Wait for the end of a wrapper's runs elsewhere; say whether none is left.

        Dry runs, too.

        `within`: seconds.
        """

    async def nodes(self) -> list[NodeRecord]:
        """Return all nodes, by name."""

    async def drain(self, node: str) -> NodeRecord:
        """Let a node, named by its id or name, run nothing any more.

        NotFound when there is none; Conflict when nobody else could run what it does.
        """

    def warning(self) -> str | None:
        """Return in a sentence what is wrong with this node, None when nothing is."""


class Alone:
    """The dispatch of a node that no other shares its store with."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        name: str,
        state: Callable[[], dict[str, Any]] = dict,
        labels: frozenset[str] = frozenset(),
        survivors: Survivors | None = None,
    ) -> None:
        self._name = name
        self._labels = labels
        self._workers: Sequence[frozenset[str]] = (labels,)  # the labels of all nodes that run wrappers
        self._state = state  # what is told of this node
        self._began = clock()
        self._database = database
        self._clock = clock
        self._wake = asyncio.Event()
        self._survivors = survivors
        self._held: frozenset[str] = frozenset()  # wrappers of which an earlier service may have left a process
        self._ahead: int | None = None  # µs by which our clock was before the loop's, which nobody can set

    @property
    def name(self) -> str:
        """The name of this node."""
        return self._name

    @property
    def labels(self) -> frozenset[str]:
        """The labels of this node."""
        return self._labels

    def lacking(self, runs_on: Collection[str]) -> str | None:
        """Return in a sentence that no node has these labels, None when one has."""
        return lacking(runs_on, self._workers)

    def wake(self, *, everywhere: bool = False) -> None:
        """Look now, not at the next due moment."""
        self._wake.set()

    def freed(self) -> None:
        """Look now: whoever waits for a slot is begun from here."""
        self._wake.set()

    async def recover(self) -> None:
        """Close what was open: the processes of it ended with the service.

        What may have one still is held until they have ended.
        """
        if await self._survived(ENDING_SECONDS):
            opened = await asyncio.wrap_future(self._database.read(runs.all_open))
            self._held = frozenset(run.wrapper_id for run in opened)
            log.error("processes of an earlier service have not ended", wrappers_held=len(self._held))
        held = self._held
        await self._recover(lambda wrapper_id: wrapper_id not in held)

    async def _recover(self, concerns: Callable[[str], bool]) -> None:
        recover = partial(transitions.recover, now=self._clock(), concerns=concerns)
        resumed = await asyncio.wrap_future(self._database.write(recover, urgent=True))
        if resumed:
            log.info("wrappers resumed", count=len(resumed))

    async def _survived(self, within: float) -> bool:
        """Wait for the end of what earlier services have left; say whether some is.

        `within`: seconds.
        """
        deadline = asyncio.get_running_loop().time() + within
        while left := self._survivors is not None and self._survivors.left():
            if asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(ENDING_PAUSE)
        return left

    def held(self, wrapper_id: str) -> str | None:
        """Return that a process of an earlier service is left, None when none is."""
        return HELD if wrapper_id in self._held else None

    async def work(self, node: Node) -> None:
        """Begin what is due, and sleep until the next is."""
        while True:
            self._wake.clear()
            try:
                if self._held and not await self._survived(0):
                    await self._recover(self._held.__contains__)
                    self._held = frozenset()
                sleep = min(await self._start_due(node), HELD_PAUSE if self._held else math.inf)
            except (SlackwaterError, OSError) as error:
                log.error("cannot start what is due", error=str(error))
                sleep = TROUBLE_PAUSE
            try:
                async with asyncio.timeout(sleep):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def check(self, c: Connection) -> None:
        """Refuse nothing: who is alone has nobody to ask."""

    async def over_elsewhere(self, wrapper_id: str, within: float) -> bool:
        """Wait for the end of what an earlier service has left of a wrapper.

        `within`: seconds.
        """
        deadline = asyncio.get_running_loop().time() + within
        while wrapper_id in self._held:
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(HELD_PAUSE)
        return True

    async def nodes(self) -> list[NodeRecord]:
        """Return this node."""
        state = self._state()
        return [NodeRecord(self.name, self.name, self._began, self._clock(), silence=0, state=state)]

    async def drain(self, node: str) -> NodeRecord:
        """Refuse: nobody else could run what this node does."""
        if node != self.name:
            raise NotFound(what="Node")
        raise Conflict("This node is alone: nobody else could run its sources. Stop the service instead.")

    def warning(self) -> str | None:
        """Return None: whoever is alone goes by its own clock."""
        return None

    async def _start_due(self, node: Node) -> float:
        now = self._clock()
        if back := self._set_back(now):
            log.warning("the clock was set back", seconds=back // SECOND)
            shift = partial(wrappers.shift_due, by=-back)
            await asyncio.wrap_future(self._database.write(shift, urgent=True))
        free, taken = node.free, node.taken
        if free <= 0 and await self._somebody_waits_long(now, taken):
            node.make_way()

        def look(c: Connection) -> tuple[list[str], int | None]:
            due = wrappers.due(c, now, free + len(taken), self.labels) if free > 0 else []
            return due, wrappers.next_due(c, after=now)

        due, next_due = await asyncio.wrap_future(self._database.read(look))
        plan_ = plan(due, taken, free, next_due, now)
        for wrapper_id in plan_.start:
            node.begin(wrapper_id)
        return plan_.sleep

    async def _somebody_waits_long(self, now: int, taken: Collection[str]) -> bool:
        before = now - round(SLOT_SECONDS * SECOND)
        late = partial(wrappers.due, now=before, limit=len(taken) + 1, labels=self.labels)
        due = await asyncio.wrap_future(self._database.read(late))
        return any(wrapper_id not in taken for wrapper_id in due)

    def _set_back(self, now: int) -> int:
        """Return the µs by which the clock was set back since the last look.

        What waits would else wait so much longer.

        Setting it forward needs nothing: what seems to be due then is polled early once.
        """
        ahead = now - round(asyncio.get_running_loop().time() * SECOND)
        before, self._ahead = self._ahead, ahead
        return before - ahead if before is not None and before - ahead > SECOND else 0
