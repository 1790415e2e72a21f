"""Proves that nothing is alive any more of an earlier life of this node.

A life is one process of the service in a data directory, with the fork servers that it starts. It has a file there, to
which lines are added: `node ID`, under which it has joined others; `began`, before it starts a fork server; `ended`, by
a fork server when its service is gone and it has no child left. What guards leave falls to their fork server, so a life
that has begun, with as many ends as beginnings, has no process left, and never will have one. It is so in a copy of the
file, too, whenever it was made.

A fork server that was killed says nothing. Then nothing is proven here, and the end of the lease has to be waited for.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from slackwater.errors import Unavailable

FOLDER = "lives"  # in the data directory
KEPT = 3_600.0  # seconds that older lives without proof are kept; six of the longest leases: their nodes are gone
BEGAN, ENDED, NODE = b"began", b"ended", b"node "


class Lives:
    """Keeps the life of this process, and what is known of earlier ones.

    Only for who is alone in the data directory.

    Unavailable when the data directory cannot be changed.
    """

    def __init__(self, data_dir: Path) -> None:
        folder = data_dir / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            found = sorted(folder.iterdir(), key=_written)
            # The last one may be ending just now, and may have been written to for the last time long ago.
            self._earlier = [each for each in found[:-1] if not _forgotten(each)] + found[-1:]
            self._own: Path | None = folder / str(uuid.uuid4())
            self._own.touch(mode=0o600)
        except OSError as error:
            raise Unavailable(f"{folder} cannot be used: {error.strerror}.") from None

    def joined(self, node_id: str) -> None:
        """Note the id of this node, before it joins the others."""
        self._add(NODE + node_id.encode())

    @contextlib.contextmanager
    def fork_server(self) -> Iterator[int | None]:
        """Give what a fork server that is started in the block writes to.

        None when nothing can be proven.
        """
        self._add(BEGAN)
        if self._own is None:
            yield None
            return
        word = os.open(self._own, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            yield word
        finally:
            os.close(word)

    @property
    def unproven(self) -> bool:
        """Whether an earlier life may have processes still, as far as is known here."""
        return len(self.over()) < len(self._earlier)

    def over(self) -> dict[str, Path]:
        """Return node id → file of the earlier lives that are over."""
        return {node: each for each in self._earlier if (node := _over(each)) is not None}

    def forget(self, lives: dict[str, Path]) -> None:
        """Drop earlier lives that others know to be over."""
        for each in lives.values():
            self._earlier.remove(each)
            with contextlib.suppress(OSError):
                each.unlink(missing_ok=True)

    def close(self) -> None:
        """Drop this life: it has left the others, in good order."""
        if self._own is not None:
            with contextlib.suppress(OSError):
                self._own.unlink(missing_ok=True)

    def _add(self, line: bytes) -> None:
        if self._own is None:
            return
        try:
            file = os.open(self._own, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            try:
                if os.write(file, line + b"\n") == len(line) + 1:
                    return
            finally:
                os.close(file)
        except OSError:
            pass
        # A beginning that is not written down would make a proof of what is none: rather none at all.
        own, self._own = self._own, None
        try:
            own.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{own} cannot be changed: {error.strerror}.") from None


def say_ended(word: int | None) -> None:
    """Say as a fork server: my service is gone, and I have no child left."""
    if word is not None:
        with contextlib.suppress(OSError):
            os.write(word, ENDED + b"\n")


def _over(life: Path) -> str | None:
    """Return the last id of a life that is over.

    None while that is not proven.
    """
    try:
        lines = life.read_bytes().splitlines()
    except OSError:
        return None
    nodes = [line.removeprefix(NODE).decode(errors="replace") for line in lines if line.startswith(NODE)]
    return nodes[-1] if nodes and 0 < lines.count(BEGAN) == lines.count(ENDED) else None


def _written(life: Path) -> float:
    """Return when a life was last written to; seconds since the epoch."""
    return life.stat().st_mtime


def _forgotten(life: Path) -> bool:
    """Drop a life that is of no use any more; say whether it was."""
    if time.time() - _written(life) < KEPT:
        return False
    life.unlink(missing_ok=True)
    return True
