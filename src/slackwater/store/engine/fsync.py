"""Files that must outlive a power cut.

On the disk with their names, before anything depends on them.
"""

import os
from pathlib import Path


def settle(path: Path) -> None:
    """Have a file that was written on the disk, and its name too.

    OSError when the disk refuses.
    """
    _sync(path, os.O_RDONLY)
    settle_names(path.parent)


def settle_names(directory: Path) -> None:
    """Have the names in a directory on the disk as they are now."""
    _sync(directory, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
