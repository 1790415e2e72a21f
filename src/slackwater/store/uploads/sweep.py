"""Sweeps what uploads have left at the files URL that a crash cut off."""

import asyncio
from collections.abc import Callable

import structlog

from slackwater.errors import SlackwaterError
from slackwater.store.engine import vault
from slackwater.store.engine.database import Database
from slackwater.store.records import files
from slackwater.store.uploads.at_url import FilesPlace

EVERY = 3_600.0  # seconds between two sweeps: one lists the whole place; chosen: a file lies for two hours at the most
LOOK_AGAIN = 60.0  # seconds until a node that does not lead looks whether it does; chosen

log = structlog.get_logger()


async def know_owner(place: FilesPlace, database: Database) -> None:
    """Tell a place whose marks are ours."""
    place.owner = await asyncio.wrap_future(database.read(vault.mark_of))


async def keep_sweeping(
    place: FilesPlace, database: Database, clock: Callable[[], int], leads: Callable[[], bool]
) -> None:
    """Sweep the place until cancelled, while this node leads."""

    async def is_known(file_id: str) -> bool:
        return await asyncio.wrap_future(database.read(lambda c: files.is_known(c, file_id)))

    while True:
        if not leads():
            await asyncio.sleep(LOOK_AGAIN)
            continue
        try:
            removed = await place.sweep(clock(), is_known)
        except (SlackwaterError, OSError) as error:
            log.warning("what uploads have left cannot be swept", error=str(error))
        else:
            if removed:
                log.info("uploads that were cut off are removed", files=removed)
        await asyncio.sleep(EVERY)
