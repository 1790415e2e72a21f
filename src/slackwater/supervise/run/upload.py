"""Brings the uploaded file of a wrapper here, and opens it for its process."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from slackwater.errors import BadSource
from slackwater.store.engine.database import Database
from slackwater.store.records import files
from slackwater.store.records.files import FileRecord
from slackwater.store.uploads.at_url import not_set
from slackwater.supervise.run.job import Terms


async def bring(database: Database, terms: Terms, record: FileRecord | None) -> None:
    """Bring the bytes of an upload to the data directory, from wherever they are kept.

    Unavailable when they cannot be had now; BadInput or BadSource when they are others, or gone.
    """
    if record is None:
        return
    here = files.path(terms.files_dir, record)
    if not record.at_url:
        await asyncio.wrap_future(database.read(lambda c: files.fetch(c, terms.files_dir, record)))
    elif terms.files_place is not None:
        if not here.exists():
            await terms.files_place.bring(record, here)
    elif not here.exists():
        raise not_set(record)


@contextlib.contextmanager
def upload(path: Path | None) -> Iterator[int | None]:
    """Give a descriptor of an uploaded file, None without one.

    BadSource when it is gone from the disk.
    """
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BadSource(
            "The uploaded file is gone from the disk. Upload it again and set file_id in source_config."
        ) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)
