"""A power cut at a given commit: the service counts its commits down and kills itself before or after the last.

Before: the work of the transaction is done, and nothing of it may remain. After: it is on the disk, and nobody has
been told.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIDES = ("before", "after")


class Cut:
    """The hand that orders it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = path.with_suffix(".at")

    def order(self, commit: int, side: str) -> None:
        """Let the service die at the so-manyth commit from now on."""
        self._at.unlink(missing_ok=True)
        ordered = self.path.with_suffix(".new")
        ordered.write_text(f"{commit} {side}")
        ordered.replace(self.path)

    def forget(self) -> str | None:
        """Take the order back; return what was being committed when the service died, None if it did not."""
        self.path.unlink(missing_ok=True)
        return self._at.read_text() if self._at.exists() else None


def await_order(path: str) -> None:
    """Let this process, the service, obey the orders in the file."""
    from slackwater.store.engine.sqlite import SqliteDatabase

    commit = SqliteDatabase._commit
    at = Path(path).with_suffix(".at")

    def counted(self: Any, group: list[Any]) -> None:
        side = _countdown(path)
        if side is None:
            return commit(self, group)
        at.write_text(", ".join(_name(order.work) for order in group))
        if side == "after":  # the futures are told when it is committed
            for order in group:
                order.future.set_result = order.future.set_exception = lambda _: _die()
            return commit(self, group)
        last = group[-1]
        work = last.work

        def fatal(connection: Any) -> None:
            work(connection)
            _die()

        last.work = fatal
        return commit(self, group)

    SqliteDatabase._commit = counted  # type: ignore[method-assign]


def _countdown(path: str) -> str | None:
    try:
        with open(path, "r+") as file:
            left, side = file.read().split()
            file.seek(0)
            file.write(f"{int(left) - 1} {side}")
            file.truncate()
    except OSError:  # there is no order; or it cannot be read for want of descriptors, as the service may be told to
        return None
    return side if left == "1" else None


def _name(work: Callable[..., Any]) -> str:
    work = getattr(work, "func", work)
    name = getattr(work, "__qualname__", "work").replace(".<locals>", "")
    return name.split(".")[-1] if name.split(".")[-1] not in ("write", "ask", "store", "change", "<lambda>") else name


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
