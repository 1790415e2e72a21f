"""Holds a wrapper that is being run here."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from slackwater.supervise.run.ingest import Run
from slackwater.supervise.run.outcomes import Ended


class Active:
    """Carries out one run, from before it is opened until after it is closed."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None]
        self.run: Run | None = None
        self.stopped = False
        self.interrupted = False  # ended because of its node: it goes on elsewhere, or later
        self._aside: asyncio.Task[Ended] | None = None

    def stop(self) -> None:
        """End the run, and what is done about it."""
        self.stopped = True
        if self.run is not None:
            self.run.stop()
        if self._aside is not None:
            self._aside.cancel()

    async def aside(self, work: Coroutine[Any, Any, Ended], *, otherwise: Ended) -> Ended:
        """Return what more is done about a run that has ended.

        When it is stopped, the end as it was.

        Promise: once this returns nothing of that work is alive: what it has started ends with its cancellation.
        """
        self._aside = asyncio.create_task(work)
        if self.stopped:
            self._aside.cancel()
        try:
            return await self._aside
        except asyncio.CancelledError:
            if not self.stopped:
                raise
            return otherwise
        finally:
            self._aside = None
