"""Writing the audit trail.

A change is in it before it is answered, of a flood of refusals a part.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import structlog

from slackwater.errors import SlackwaterError
from slackwater.store.access import audit
from slackwater.store.access.audit import Entry
from slackwater.store.engine.database import Connection, Database
from slackwater.web.security.rate_limit import Rates

REFUSALS_PER_SECOND = 20.0  # that are written; chosen: a storm of them must not fill the store
REFUSALS_AT_ONCE = 1_000  # that are written before the rate applies; chosen: a person's mistakes never reach it
BETWEEN_CLEANINGS = 500  # entries between two deletions of old ones; chosen: rare beside the writes

log = structlog.get_logger("slackwater.web")


class Trail:
    """Writes entries, and keeps the newest `kept` of each kind."""

    def __init__(self, database: Database, kept: int, rates: Rates | None = None) -> None:
        self._database = database
        self._kept = kept
        self._rates = rates or Rates(REFUSALS_PER_SECOND, REFUSALS_AT_ONCE)
        self._left_out = 0
        self._written = 0

    async def done(self, entry: Entry) -> None:
        """Write a change; it is on the disk when this returns.

        What keeps it from being written is logged.
        """
        try:
            await asyncio.wrap_future(self._database.write(self._adding(entry), urgent=True))
        except SlackwaterError as error:
            log.error("audit entry lost", who=entry.who, method=entry.method, route=entry.route, error=str(error))

    def refused(self, entry: Entry) -> None:
        """Write a refusal soon.

        Beyond a rate they are counted only, or whoever hammers would fill the disk.
        """
        if self._rates.take("refusals"):
            self._left_out += 1
            return
        if self._left_out:
            entry = replace(entry, note=f"{entry.note or ''} ({self._left_out} refusals before it not written)".strip())
            self._left_out = 0
        try:
            self._database.write(self._adding(entry)).add_done_callback(_log_failure)
        except SlackwaterError as error:
            log.error("audit entry lost", error=str(error))

    def _adding(self, entry: Entry) -> Callable[[Connection], None]:
        self._written += 1
        clean = self._written % BETWEEN_CLEANINGS == 1

        def add(c: Connection) -> None:
            audit.add(c, entry)
            if clean:
                audit.forget_old(c, self._kept)

        return add


def _log_failure(future: "Future[None]") -> None:
    if not future.cancelled() and (error := future.exception()):
        log.error("audit entry lost", error=str(error))
