"""Ends children and proves it: only a reaped process counts as gone."""

import contextlib
import os
import signal
from collections.abc import Callable

from slackwater.supervise.process.procfs import children_of

ANY_CHILD = os.WNOHANG | 0x40000000  # __WALL: children that do not end with SIGCHLD, too (clone(2))


def reap_ended() -> list[tuple[int, int]]:
    """Reap every child that has ended; return the pids and wait statuses."""
    ended: list[tuple[int, int]] = []
    while reaped := reap(-1):
        ended.append(reaped)
    return ended


def reap(pid: int) -> tuple[int, int] | None:
    """Reap one child if it has ended, -1 for any.

    None while it has not, or when it is no child.
    """
    try:
        found, status = os.waitpid(pid, ANY_CHILD)
    except ChildProcessError:
        return None
    return (found, status) if found else None


def childless() -> bool:
    """Return whether this process has no child left, zombies included.

    The kernel's proof that all below it is gone.
    """
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT | 0x40000000)
    except ChildProcessError:
        return True
    return False


def end_children(spared: Callable[[int], bool] = lambda _: False) -> bool:
    """Send SIGKILL to every child that is not spared, and reap those that have ended.

    Return whether there were any.

    When there were none, nothing below this process lives but the spared and what is below them: a process that
    loses its parent becomes a child of the nearest subreaper before that parent can be reaped.
    """
    found = [child for child in children_of(os.getpid()) if not spared(child)]
    for child in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
    for child in found:
        reap(child)
    return bool(found)
