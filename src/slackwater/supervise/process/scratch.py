"""Where the runs have their scratch directories.

Outside the data directory, through which their users may not pass.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from slackwater.errors import Unavailable

LINK = "scratch"  # in the data directory: leads to what a killed service has left


@contextlib.contextmanager
def scratch_root(data_dir: Path) -> Iterator[Path]:
    """Make the directory in which guards make those of their runs.

    What the last life of the service left goes.

    Unavailable when the data directory cannot be changed.
    """
    link = data_dir / LINK
    _remove(link)
    root = Path(tempfile.mkdtemp(prefix="slackwater-"))
    os.chmod(root, 0o711)  # noqa: S103 - each run's user passes through it to a directory that is its own
    try:
        link.symlink_to(root)
    except OSError as error:
        root.rmdir()
        sentence = f"{link} cannot be replaced: {error.strerror}. Remove it, or give another --data-dir."
        raise Unavailable(sentence) from None
    try:
        yield root
    finally:
        _remove(link)


def _remove(link: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()
