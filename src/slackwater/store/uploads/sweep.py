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

NOT_REMOVED = (
    "what an upload that was cut off has left cannot be removed; let Slackwater remove it, or remove it and its mark, "
    "the name with .begun- before it, by hand"
)

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

    told: set[str] = set()  # what cannot be removed is told once
    while True:
        if not leads():
            await asyncio.sleep(LOOK_AGAIN)
            continue
        try:
            swept = await place.sweep(clock(), is_known)
        except (SlackwaterError, OSError) as error:
            log.warning("what uploads have left cannot be swept", error=str(error))
        else:
            if swept.removed:
                log.info("uploads that were cut off are removed", files=swept.removed)
            for name in swept.failed.keys() - told:
                log.warning(NOT_REMOVED, file=name, place=place.name, error=swept.failed[name])
            told = set(swept.failed)
        await asyncio.sleep(EVERY)
