"""Planted bugs: each breaks one promise as a tired person might. The campaign must find every one of them."""

import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


def skip_epoch() -> None:
    """A batch is stored whatever the epoch is by now: a stop is no barrier any more, a zombie may write."""
    import sqlalchemy as sa

    from slackwater.store.schema import wrappers
    from slackwater.store.series import points

    honest = points.commit

    def commit(c: Any, *, wrapper_id: str, epoch: int, **given: Any) -> Any:
        newest = c.execute(sa.select(wrappers.c.epoch).where(wrappers.c.wrapper_id == wrapper_id)).scalar()
        return honest(c, wrapper_id=wrapper_id, epoch=epoch if newest is None else newest, **given)

    points.commit = commit


def mark_before_points() -> None:
    """The checkpoint is committed in a transaction of its own, before the points that it is about."""
    import asyncio
    from functools import partial

    from slackwater.supervise.run import ingest, intake

    honest = intake.points.commit

    class Twice(intake.Intake):  # type: ignore[name-defined, misc]
        async def _commit(self, batch: Any) -> None:
            write = self._database.write

            class Split:
                def write(self, work: Any, **how: Any) -> Any:
                    given = dict(work.keywords)
                    first = partial(honest, **(given | {"columns": []}))
                    write(first, **how).result()
                    return write(partial(honest, **(given | {"checkpoint": None, "window": None})), **how)

            before, self._database = self._database, Split()
            try:
                await super()._commit(batch)
            finally:
                self._database = before
            await asyncio.sleep(0)

    ingest.Intake = Twice  # type: ignore[misc]


def points_before_mark() -> None:
    """The points are committed, the counters and marks in a transaction of their own, afterwards."""
    from slackwater.store.engine.sqlite import SqliteDatabase
    from slackwater.store.series import points

    count = points._count_for_wrapper
    commit = SqliteDatabase._commit
    later: list[tuple[Any, ...]] = []
    points._count_for_wrapper = lambda *given: later.append(given)

    def twice(self: Any, group: Any) -> None:
        commit(self, group)
        waiting, later[:] = later[:], []
        for _, *given in waiting:
            time.sleep(0.03)  # the disk is busy
            with self.engine.connect().execution_options(slackwater_write=True) as connection, connection.begin():
                count(connection, *given)

    SqliteDatabase._commit = twice


def forget_group() -> None:
    """The end of a run ends its first process alone; what that has started lives on."""
    from slackwater.supervise.process import orphans

    async def nothing(*_: Any) -> None:
        return None

    orphans.end_orphans = nothing  # type: ignore[assignment]
    _another_fork_server("forgetful_fork_server")


def _another_fork_server(name: str) -> None:
    """Let the fork server be a function of this module."""
    from slackwater.supervise.process import fork_server_link

    class Popen(fork_server_link.subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **how: Any) -> None:
            at = command.index("slackwater.supervise.process.fork_server")
            super().__init__([command[0], "-P", "-X", f"plant={name}", __file__, *command[at + 1 :]], **how)

    fork_server_link.subprocess = SimpleNamespace(**{**vars(fork_server_link.subprocess), "Popen": Popen})  # type: ignore[assignment]


def no_reap() -> None:
    """A stop takes a signal that was sent for an end that was seen."""
    from slackwater.supervise.lifecycle.reconciler import Reconciler

    async def end(self: Any, wrapper_id: str) -> bool:
        active = self._active.get(wrapper_id)
        if active is not None:
            active.stop()
        return True

    Reconciler.end = end  # type: ignore[method-assign]


def lease_ignored() -> None:
    """The node does not end its processes when its lease is over, nor do its guards."""
    from slackwater.supervise.lifecycle.reconciler import Reconciler

    interrupt = Reconciler.interrupt

    def only_for_good(self: Any, *, for_good: bool) -> None:
        if for_good:
            interrupt(self, for_good=True)

    Reconciler.interrupt = only_for_good  # type: ignore[method-assign]
    _another_fork_server("endless_fork_server")


def early_success() -> None:
    """A stop answers success although the node that runs it has said nothing, and its lease is not over."""
    from slackwater.supervise.cluster.shared import Shared

    async def over(*_: Any) -> bool:
        return True

    Shared.over_elsewhere = over  # type: ignore[method-assign]


def impatient() -> None:
    """A node is taken for gone while its lease is still in force: another one starts what it runs."""
    from slackwater.store.engine import postgresql_queue
    from slackwater.store.records import nodes

    join, mend_and_fill = nodes.join, postgresql_queue.mend_and_fill

    def hasty(c: Any, node_id: str, name: str, silence: int, state: Any) -> Any:
        return join(c, node_id, name, silence // 6, state)

    nodes.join = hasty
    postgresql_queue.mend_and_fill = lambda c, seconds, *given: mend_and_fill(c, seconds / 6, *given)


def endless_fork_server() -> None:
    """Be the fork server of guards that look at no lease. Called in its own process."""
    from slackwater.supervise.process import fork_server, guard

    guard.passed = lambda _until: False
    fork_server.main()


def forgetful_fork_server() -> None:
    """Be the fork server, without the end of groups. Called in its own process."""
    from slackwater.supervise.process import cgroup, fork_server, guard

    guard._sweep = lambda _leader: None
    fork_server.end_children = lambda **_: False
    cgroup.kill = lambda _path: None
    fork_server.main()


PLANTS: dict[str, Callable[[], None]] = {
    "skip_epoch": skip_epoch,
    "mark_before_points": mark_before_points,
    "points_before_mark": points_before_mark,
    "forget_group": forget_group,
    "no_reap": no_reap,
    "lease_ignored": lease_ignored,
    "early_success": early_success,
    "impatient": impatient,
}

if __name__ == "__main__":
    globals()[str(sys._xoptions["plant"])]()
