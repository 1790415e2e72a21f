"""Ends processes that have lost their guard and their fork server.

The service, a subreaper, becomes their parent.
"""

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterator

from slackwater.supervise.process.endings import end_children, reap
from slackwater.supervise.process.guard import PR_SET_CHILD_SUBREAPER, prctl
from slackwater.supervise.process.procfs import children_of, gains_no_privileges

PAUSE = 0.02  # seconds between two attempts to end what is left
_own: set[int] = set()  # children that this process has started itself
_starting = 0  # children that it is starting just now, whose pids are not known yet


def adopt() -> None:
    """Make this process a subreaper: what loses its parent anywhere below it becomes its child."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Keep sweeps from taking for an orphan a child that is being started.

    Call `own` before the block is left.
    """
    global _starting  # noqa: PLW0603 - children belong to the process, not to an object of it
    _starting += 1
    try:
        yield
    finally:
        _starting -= 1


def own(pid: int) -> None:
    """Remember a child that this process has started for itself."""
    _own.add(pid)


def disown(pid: int) -> None:
    """Forget a child that has been reaped."""
    _own.discard(pid)


async def end_orphans(guards: Collection[int]) -> None:
    """End and reap every orphan; `guards` lost only their fork server and go on.

    Returns when none is left.

    The fork server has set no_new_privs for everything below it: a child without it is no wrapper's.
    """

    def spared(child: int) -> bool:
        return child in _own or child in guards or not gains_no_privileges(child)

    while _starting or end_children(spared):  # noqa: ASYNC110 - nothing tells of the end of a child that is not ours
        await asyncio.sleep(PAUSE)


async def reaped(guard: int) -> None:
    """Wait until a guard that has lost its fork server has ended, and reap it."""
    while guard in children_of(os.getpid()) and reap(guard) is None:  # noqa: ASYNC110 - as above
        await asyncio.sleep(PAUSE)
