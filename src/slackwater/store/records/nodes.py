"""Nodes that share the store, and their leases.

All moments in here are the database's own: what the clock of a node shows decides nothing.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from slackwater.errors import Conflict
from slackwater.model.instants import SECOND
from slackwater.store.engine import notices
from slackwater.store.engine.driver import driver_of
from slackwater.store.engine.vault import check_key
from slackwater.store.node_tables import nodes

_LOCK = 0x51AC_0017  # of the choice of names and of the sweep: one node at a time
LONGEST_NAME = 100  # characters: it stands in tables


_END_CONNECTIONS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE right(application_name, 32) = ANY(:ids) AND datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class NodeRecord:
    """One life of a node. Times are µs since the epoch, by the database's clock."""

    node_id: str
    name: str
    started_at: int
    renewed_at: int
    silence: int  # µs without a renewal after which nothing of it is alive
    draining: bool = False
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Renewed:
    """What a renewal tells. `present` in µs since the epoch."""

    present: int
    draining: bool
    leads: bool  # it has been there for longest


def present(c: sa.Connection) -> int:
    """Return the database's present, in µs since the epoch."""
    moment: int = c.execute(sa.select(_present())).scalar_one()
    return moment


def join(c: sa.Connection, node_id: str, name: str, silence: int, state: dict[str, Any]) -> NodeRecord:
    """Enter a node, under its name or, when another has it, that and a number.

    Unavailable while the store is being moved, or when its key was changed since it was opened.
    """
    driver_of(c).refuse_while_held(c)
    check_key(c)
    c.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    taken = set(c.execute(sa.select(nodes.c.name)).scalars())
    free = name[:LONGEST_NAME]
    number = 1
    while free in taken:
        number += 1
        free = f"{name[:LONGEST_NAME]}-{number}"
    moment = present(c)
    record = NodeRecord(
        node_id=node_id, name=free, started_at=moment, renewed_at=moment, silence=silence, state=dict(state)
    )
    c.execute(
        nodes.insert().values(
            node_id=node_id, name=free, started_at=moment, renewed_at=moment, silence=silence, state=json.dumps(state)
        )
    )
    _tell(c)
    return record


def renew(c: sa.Connection, node_id: str, state: dict[str, Any]) -> Renewed | None:
    """Renew the lease of a node; None when it was taken for gone meanwhile."""
    here = nodes.c.node_id == node_id
    change = nodes.update().where(here).values(renewed_at=_present(), state=json.dumps(state))
    row = c.execute(change.returning(nodes.c.renewed_at, nodes.c.draining)).one_or_none()
    if row is None:
        return None
    oldest = sa.select(nodes.c.node_id).order_by(nodes.c.started_at, nodes.c.node_id).limit(1)
    return Renewed(row.renewed_at, bool(row.draining), c.execute(oldest).scalar() == node_id)


def hold(c: sa.Connection, node_id: str) -> bool:
    """Say whether a node is there, and keep its row until the transaction ends."""
    query = sa.select(nodes.c.node_id).where(nodes.c.node_id == node_id).with_for_update(read=True, key_share=True)
    return c.execute(query).one_or_none() is not None


def leave(c: sa.Connection, node_id: str) -> None:
    """Remove a node that has no process any more."""
    c.execute(nodes.delete().where(nodes.c.node_id == node_id))
    _tell(c)


def take_out(c: sa.Connection, proven: Collection[str] = (), *, wait: bool = False) -> list[str]:
    """Remove the nodes that are known to have no process left; return their names.

    Those that have been silent for too long, and `proven`: ids of which that is known otherwise. One node does it at a
    time; the others have nothing to do then, or `wait`.
    """
    lock = sa.func.pg_advisory_xact_lock if wait else sa.func.pg_try_advisory_xact_lock
    if c.execute(sa.select(lock(_LOCK))).scalar() is False:
        return []
    silent = sa.or_(nodes.c.renewed_at + nodes.c.silence < _present(), nodes.c.node_id.in_(proven))
    states = [json.loads(state) for state in c.execute(sa.select(nodes.c.state).where(silent)).scalars()]
    if ids := [state["connections"] for state in states if "connections" in state]:
        # A node that is frozen in a transaction keeps its locks; in a COPY no time limit of the server ends it.
        c.execute(_END_CONNECTIONS, {"ids": ids})
    names = list(c.execute(nodes.delete().where(silent).returning(nodes.c.name)).scalars())
    if names:
        _tell(c)
    return names


def drain(c: sa.Connection, node: str) -> NodeRecord | None:
    """Want a node, named by its id or name, to run nothing any more."""
    mine = sa.or_(nodes.c.node_id == node, nodes.c.name == node)
    row = c.execute(nodes.update().where(mine).values(draining=True).returning(nodes)).one_or_none()
    _tell(c)
    return None if row is None else _record(row)


def list_all(c: sa.Connection) -> list[NodeRecord]:
    """Return all nodes, by name."""
    return [_record(row) for row in c.execute(sa.select(nodes).order_by(nodes.c.name))]


def refuse_living(c: sa.Connection) -> None:
    """Raise Conflict, with their names, when nodes may be alive.

    Those that are gone are taken out: one that was cut off, and comes back, has to join again.
    """
    if not list_all(c):
        return
    take_out(c, wait=True)
    found, moment = list_all(c), present(c)
    left = {each.name: (each.renewed_at + each.silence - moment) / SECOND for each in found}
    living = [name for name, seconds in left.items() if seconds > 0]
    if living:
        wait = max(left[name] for name in living)
        raise Conflict(
            f"{', '.join(living)} work{'s' if len(living) == 1 else ''} with this store, and would go on with the old "
            "key. Stop every node (draining is not enough), and call again. One that was killed counts as alive for "
            f"{wait:,.0f} s more."
        )


def label_sets(c: sa.Connection) -> list[frozenset[str]]:
    """Return the labels of each node that runs wrappers."""
    working = [each for each in list_all(c) if not each.draining and each.state.get("max_runs", 1)]
    return [frozenset(each.state.get("labels", ())) for each in working]


def _tell(c: sa.Connection) -> None:
    """Tell all nodes that others, and their labels, have come or gone: they look again."""
    notices.send(c, notices.DUE)


def _present() -> sa.ColumnElement[int]:
    """Return the moment of the call, not of the transaction's beginning, as SQL."""
    return sa.cast(sa.literal_column("extract(epoch from clock_timestamp())") * 1_000_000, sa.BigInteger)


def _record(row: Any) -> NodeRecord:
    values = dict(row._mapping)
    return NodeRecord(**values | {"draining": bool(values["draining"]), "state": json.loads(values["state"])})
