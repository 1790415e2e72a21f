"""The dry runs that go on, on nodes that share the store."""

import sqlalchemy as sa

from slackwater.store.node_tables import trials
from slackwater.store.records import wrappers


def enter(c: sa.Connection, trial_id: str, wrapper_id: str, node_id: str) -> None:
    """Enter a dry run before it has a process; NotFound for the wrapper.

    A stop comes before it or after it, by the lock on the wrapper.
    """
    wrappers.get(c, wrapper_id, with_log=False, lock=True)
    c.execute(trials.insert().values(trial_id=trial_id, wrapper_id=wrapper_id, node_id=node_id))


def leave(c: sa.Connection, trial_id: str) -> None:
    """Remove a dry run: nothing of it is alive."""
    c.execute(trials.delete().where(trials.c.trial_id == trial_id))


def end(c: sa.Connection, wrapper_id: str) -> None:
    """Want the dry runs of a wrapper, whose row is locked, to end."""
    if c.dialect.name == "postgresql":
        c.execute(trials.update().where(trials.c.wrapper_id == wrapper_id).values(unwanted=True))


def unwanted(c: sa.Connection, node_id: str) -> list[str]:
    """Return the wrappers whose dry runs a node shall end."""
    mine = sa.select(trials.c.wrapper_id).where(trials.c.node_id == node_id, trials.c.unwanted)
    return list(c.execute(mine.distinct()).scalars())


def are_ending(c: sa.Connection, wrapper_id: str, besides: str) -> bool:
    """Say whether dry runs that shall end go on elsewhere.

    `besides`: the id of the node that asks.
    """
    theirs = sa.select(trials.c.trial_id).where(
        trials.c.wrapper_id == wrapper_id, trials.c.node_id != besides, trials.c.unwanted
    )
    return c.execute(theirs.limit(1)).first() is not None
