"""Tracks the dry runs of each wrapper: a stop ends them, too."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

from slackwater.pipe.frames import Fault
from slackwater.supervise.process.child import Child, Exit
from slackwater.supervise.run.one_shot import Returned

STOPPED = "The wrapper was stopped, and its dry run with it."


class Trials:
    """The dry runs that go on.

    What carries them out, and their processes until nothing of them is alive.
    """

    def __init__(self) -> None:
        self._works: dict[str, set[asyncio.Task[Returned]]] = defaultdict(set)
        self._processes: dict[str, set[asyncio.Future[Exit]]] = defaultdict(set)

    async def perform(self, wrapper_id: str, work: Coroutine[Any, Any, Returned]) -> Returned:
        """Carry out a dry run of a wrapper.

        When it is ended by a stop the answer says so.
        """
        task = asyncio.create_task(work)
        _keep(self._works, wrapper_id, task)
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            return Returned(Fault(message=STOPPED))

    def started(self, wrapper_id: str, child: Child) -> None:
        """Count a process as one of the wrapper until nothing of it is alive."""
        _keep(self._processes, wrapper_id, child.gone)

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


def _keep(known: dict[str, set[Any]], wrapper_id: str, what: "asyncio.Future[Any]") -> None:
    """Keep a future under its wrapper until it is done."""

    def forget(_: object) -> None:
        known[wrapper_id].discard(what)
        if not known[wrapper_id]:
            del known[wrapper_id]

    known[wrapper_id].add(what)
    what.add_done_callback(forget)
