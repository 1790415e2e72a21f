"""Tells other nodes of the dry runs here.

A stop through any of them waits for their end.
"""

import asyncio

import structlog

from slackwater.errors import SlackwaterError
from slackwater.store.cluster import trials
from slackwater.store.engine.database import Connection, Database
from slackwater.supervise.cluster.membership import Membership
from slackwater.supervise.cluster.notified import NotifiedSignals
from slackwater.supervise.lifecycle.dispatch import TROUBLE_PAUSE

log = structlog.get_logger()


class TrialLedger:
    """Keeps a row for each dry run here; satisfies `trials.Ledger`.

    The rows of a node that is gone end with its own.
    """

    def __init__(self, database: Database, membership: Membership, signals: NotifiedSignals) -> None:
        self._database = database
        self._membership = membership
        self._signals = signals

    async def enter(self, trial_id: str, wrapper_id: str) -> None:
        """Enter a dry run.

        NotFound for the wrapper, Unavailable while this node does not hold its lease.
        """

        def entered(c: Connection) -> None:
            self._membership.check(c)
            trials.enter(c, trial_id, wrapper_id, self._membership.node_id)

        await asyncio.wrap_future(self._database.write(entered, urgent=True))

    async def leave(self, trial_id: str, wrapper_id: str) -> None:
        """Remove a dry run, however long the store refuses: a stop waits for it."""
        while True:
            try:
                left = self._database.write(lambda c: trials.leave(c, trial_id), urgent=True)
                await asyncio.wrap_future(left)
                break
            except (SlackwaterError, OSError) as error:
                log.warning("the end of a dry run cannot be told yet", error=str(error))
                await asyncio.sleep(TROUBLE_PAUSE)
        self._signals.changed(wrapper_id)
