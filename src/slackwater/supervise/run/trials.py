"""Tracks the dry runs of each wrapper: a stop ends them, too."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from slackwater.pipe.frames import Fault
from slackwater.supervise.process.child import Child, Exit
from slackwater.supervise.run.one_shot import Returned

STOPPED = "The wrapper was stopped, and its dry run with it."

Started = Callable[[Child], None]  # told of each process of a dry run


class Ledger(Protocol):
    """Tells the other nodes of the dry runs here."""

    async def enter(self, trial_id: str, wrapper_id: str) -> None:
        """Enter a dry run of a wrapper.

        NotFound for the wrapper, Unavailable when this node may not begin one.
        """

    async def leave(self, trial_id: str, wrapper_id: str) -> None:
        """Remove a dry run, if it was entered: nothing of it is alive."""


class Trials:
    """The dry runs that go on.

    What carries them out, and their processes until nothing of them is alive. `ledger`: None for a node alone.
    """

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._works: dict[str, set[asyncio.Task[Returned]]] = defaultdict(set)
        self._processes: dict[str, set[asyncio.Future[Exit]]] = defaultdict(set)

    async def perform(self, wrapper_id: str, work: Callable[[Started], Coroutine[Any, Any, Returned]]) -> Returned:
        """Carry out a dry run of a wrapper; `work` tells of its process.

        When it is ended by a stop the answer says so.
        """
        task = asyncio.create_task(self._entered(wrapper_id, work))
        _keep(self._works, wrapper_id, task)
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            return Returned(Fault(message=STOPPED))

    async def _entered(self, wrapper_id: str, work: Callable[[Started], Coroutine[Any, Any, Returned]]) -> Returned:
        processes: list[asyncio.Future[Exit]] = []

        def started(child: Child) -> None:
            processes.append(child.gone)
            _keep(self._processes, wrapper_id, child.gone)

        if self.ledger is None:
            return await work(started)
        trial_id = str(uuid.uuid4())
        entering = asyncio.ensure_future(self.ledger.enter(trial_id, wrapper_id))
        try:
            await asyncio.shield(entering)
            return await work(started)
        finally:
            task = asyncio.create_task(self._left(self.ledger, trial_id, wrapper_id, {entering, *processes}))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    @staticmethod
    async def _left(ledger: Ledger, trial_id: str, wrapper_id: str, before: "set[asyncio.Future[Any]]") -> None:
        """Remove a dry run when nothing of it is alive any more."""
        await asyncio.wait(before)
        await ledger.leave(trial_id, wrapper_id)

    async def end(self, wrapper_id: str, within: float) -> bool:
        """End the dry runs of a wrapper.

        Return whether nothing of them is alive within so many seconds.
        """
        for work in self._works.get(wrapper_id, ()):
            work.cancel()
        waiting = {*self._works.get(wrapper_id, ()), *self._processes.get(wrapper_id, ())}
        if waiting:
            await asyncio.wait(waiting, timeout=within)
        return not self._works.get(wrapper_id) and not self._processes.get(wrapper_id)

    def signal(self, wrapper_id: str) -> None:
        """Begin to end the dry runs of a wrapper."""
        for work in self._works.get(wrapper_id, ()):
            work.cancel()

    async def leave(self, within: float) -> None:
        """End all dry runs because the service stops."""
        await asyncio.gather(*(self.end(wrapper_id, within) for wrapper_id in [*self._works, *self._processes]))
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=within)


def _keep(known: dict[str, set[Any]], wrapper_id: str, what: "asyncio.Future[Any]") -> None:
    """Keep a future under its wrapper until it is done."""

    def forget(_: object) -> None:
        known[wrapper_id].discard(what)
        if not known[wrapper_id]:
            del known[wrapper_id]

    known[wrapper_id].add(what)
    what.add_done_callback(forget)
