"""Counts what nodes take together: requests to hosts, and of callers.

A rate is one number: the moment until which all that was taken is paid for. All moments are the database's own, in µs
since the epoch.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.model.host_shares import Use, allotted
from slackwater.model.instants import HOUR
from slackwater.store.node_tables import host_shares

KEPT = HOUR  # µs that a rate is kept that nobody counts with; it was full long before

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_TAKE = sa.text(
    f"""INSERT INTO rates AS rate (name, paid_until) VALUES (:name, {_NOW} - :full + :cost)
    ON CONFLICT (name) DO UPDATE SET paid_until = greatest(rate.paid_until, {_NOW} - :full) + :cost
    RETURNING paid_until, paused_until, paused_by, {_NOW} AS present"""  # noqa: S608 - of constants alone
)
_GIVE_BACK = sa.text("UPDATE rates SET paid_until = paid_until - :cost WHERE name = :name")
_PAUSE = sa.text(
    f"""INSERT INTO rates AS rate (name, paid_until, paused_until, paused_by)
    VALUES (:name, {_NOW}, {_NOW} + :pause, :status) ON CONFLICT (name) DO UPDATE
    SET paused_until = excluded.paused_until, paused_by = excluded.paused_by
    WHERE rate.paused_until < excluded.paused_until"""  # noqa: S608 - of constants alone
)
_FORGET = sa.text(
    f"DELETE FROM rates WHERE greatest(paid_until, paused_until) < {_NOW} - :kept AND NOT EXISTS "  # noqa: S608
    "(SELECT FROM host_shares WHERE host_shares.host = rates.name)"
)
_HUNGRY = sa.text(
    """SELECT DISTINCT mine.host FROM host_shares AS mine
    JOIN host_shares AS other ON other.host = mine.host AND other.node_id <> mine.node_id
    WHERE mine.node_id = :node AND other.held < other.wanted"""
)
_KEEP = sa.text(
    """INSERT INTO host_shares (host, node_id, held, wanted, since) VALUES (:host, :node, :held, :wanted, :since)
    ON CONFLICT (host, node_id) DO UPDATE
    SET held = excluded.held, wanted = excluded.wanted, since = excluded.since"""
)


@dataclass(frozen=True)
class Rate:
    """So many a second: what one costs, what may be saved up; in µs."""

    interval: float
    full: int

    @classmethod
    def of(cls, per_second: float, at_once: float) -> "Rate":
        """Return the rate of so many a second, and so many at once."""
        return cls(1_000_000 / per_second, round(1_000_000 * at_once / per_second))


@dataclass(frozen=True)
class Taken:
    """What a taking leaves. Moments in µs since the epoch."""

    paid_until: int  # the last of what was taken may be used then
    present: int
    paused_until: int
    paused_by: int


@dataclass(frozen=True)
class Demand:
    """What a node wants of a host: requests, and connections in all."""

    host: str
    requests: int
    in_use: int
    wanted: int


@dataclass(frozen=True)
class Grant:
    """What a node gets: requests, and connections that it may use.

    `held`: those that it is counted with until it reports again.
    """

    taken: Taken
    allowed: int
    held: int


def take(c: sa.Connection, name: str, count: int, rate: Rate) -> Taken:
    """Take so many, owing those that are not there yet."""
    given = {"name": name, "cost": round(count * rate.interval), "full": rate.full}
    row = c.execute(_TAKE, given).one()
    return Taken(row.paid_until, row.present, row.paused_until, row.paused_by)


def take_present(c: sa.Connection, name: str, count: int, rate: Rate) -> tuple[int, int]:
    """Take what is there, so many at most.

    Return how many, and the µs until there is one more.
    """
    taken = take(c, name, count, rate)
    lacking = min(count, max(0, -int((taken.present - taken.paid_until) // rate.interval)))
    if lacking:
        c.execute(_GIVE_BACK, {"name": name, "cost": round(lacking * rate.interval)})
    owed = taken.paid_until - round((lacking - 1) * rate.interval) - taken.present
    return count - lacking, max(0, owed) if lacking else 0


def pause(c: sa.Connection, name: str, length: int, status: int) -> None:
    """Let all nodes leave a host alone for so many µs, because it answered `status`."""
    c.execute(_PAUSE, {"name": name, "pause": length, "status": status})


def grant(c: sa.Connection, node_id: str, demand: Demand, rate: Rate, most: int) -> Grant:
    """Give a node what it may have of a host now.

    `most`: connections of all nodes together.
    """
    taken = take(c, demand.host, demand.requests, rate)  # from here on the row is locked
    rows = c.execute(sa.select(host_shares).where(host_shares.c.host == demand.host)).all()
    others = [Use(row.held, row.wanted, row.since) for row in rows if row.node_id != node_id]
    before = next((row for row in rows if row.node_id == node_id), None)
    mine = Use(before.held, demand.wanted, before.since) if before else Use(0, demand.wanted, taken.present)
    if not (demand.wanted or demand.in_use):
        if before is not None:
            mine_alone = (host_shares.c.host == demand.host) & (host_shares.c.node_id == node_id)
            c.execute(host_shares.delete().where(mine_alone))
        return Grant(taken, 0, 0)
    got = allotted(most, mine, demand.in_use, others, taken.present)
    kept = {"host": demand.host, "node": node_id, "held": got.held, "wanted": demand.wanted, "since": got.since}
    c.execute(_KEEP, kept)
    return Grant(taken, got.allowed, got.held)


def wanted_by_others(c: sa.Connection, node_id: str) -> list[str]:
    """Return the hosts of which a node has something that others wait for."""
    return list(c.execute(_HUNGRY, {"node": node_id}).scalars())


def forget_old(c: sa.Connection) -> None:
    """Forget the rates that nobody has counted with for long."""
    c.execute(_FORGET, {"kept": KEPT})
