"""Opens the uploaded file of a wrapper for its process."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from slackwater.errors import BadSource


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
