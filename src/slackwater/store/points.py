"""Points. `commit` is the one way in: points and checkpoint in one transaction, fenced by the epoch."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from slackwater.errors import StaleEpoch
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.points import Column
from slackwater.store.schema import points, runs, series, wrappers

PURGE_ROWS = 20_000  # points deleted in one transaction, so that a purge never holds up a stop

_INSERT = "INSERT INTO points (series_id, x, y) VALUES (?, ?, ?) ON CONFLICT (series_id, x) DO NOTHING"
_REVISE = "UPDATE points SET y = ? WHERE series_id = ? AND x = ? AND y <> ?"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a commit did with its points."""

    received: int
    new: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a run has used since its last commit; added to the counters of the run and the wrapper."""

    requests: int = 0
    request_errors: int = 0
    bytes_received: int = 0
    rows: int = 0
    rejected: int = 0


def commit(
    c: sa.Connection, *, wrapper_id: str, run_id: str, epoch: int, columns: Sequence[Column],
    checkpoint: Checkpoint | None, window: Interval | None, spent: Spent, now: int,
) -> Stored:  # fmt: skip
    """Store a batch and the checkpoint that it leads to; both or neither.

    Promise: once a newer epoch of the wrapper is committed, nothing of an older one is stored any more, by whatever
    process on whatever machine: the epoch is read in this very transaction (StaleEpoch). Storing a point again
    changes nothing but a revised value, so a batch that is sent twice is stored once.
    """
    current = c.execute(
        sa.select(wrappers.c.epoch).where(wrappers.c.wrapper_id == wrapper_id).with_for_update()
    ).scalar_one_or_none()
    if current != epoch:
        raise StaleEpoch(wrapper_id=wrapper_id, epoch=epoch)
    received = new = changed = 0
    for column in columns:
        if len(column):
            added, revised = _upsert(c, _series_id(c, wrapper_id, column.series), column)
            received, new, changed = received + len(column), new + added, changed + revised
    _count(c, wrapper_id, run_id, Stored(received=received, new=new, changed=changed), columns, checkpoint, spent, now)
    if window is not None:
        _widen(c, run_id, window)
    return Stored(received=received, new=new, changed=changed)


def detach(c: sa.Connection, wrapper_id: str) -> None:
    """Take all data from a wrapper at once, whatever its size; `purge` deletes it later, a little at a time."""
    gone = f"gone:{secrets.token_hex(16)}"
    c.execute(series.update().where(series.c.owner == wrapper_id).values(owner=gone))


def purge(c: sa.Connection) -> bool:
    """Delete some of the detached data; False when there is none left."""
    row = c.execute(sa.select(series.c.series_id).where(series.c.owner.like("gone:%")).limit(1)).one_or_none()
    if row is None:
        return False
    mine = points.c.series_id == row.series_id
    last = c.execute(sa.select(points.c.x).where(mine).order_by(points.c.x).offset(PURGE_ROWS).limit(1)).scalar()
    c.execute(points.delete().where(mine, points.c.x < last) if last is not None else points.delete().where(mine))
    if last is None:
        c.execute(series.delete().where(series.c.series_id == row.series_id))
    return True


def _series_id(c: sa.Connection, owner: str, name: str) -> int:
    query = sa.select(series.c.series_id).where(series.c.owner == owner, series.c.name == name)
    found = c.execute(query).scalar_one_or_none()
    if found is None:
        insert = series.insert().values(owner=owner, name=name).returning(series.c.series_id)
        found = c.execute(insert).scalar_one()
    return int(found)


def _upsert(c: sa.Connection, series_id: int, column: Column) -> tuple[int, int]:
    """Return how many points were new and how many changed their value; costs the same whatever is stored already."""
    # The last value of a repeated time wins, and sorted keys touch each page of the tree once.
    latest = sorted(dict(zip(column.times(), column.values(), strict=True)).items())
    inserted = c.exec_driver_sql(_INSERT, [(series_id, x, y) for x, y in latest]).rowcount
    if inserted == len(latest):
        return inserted, 0
    revised = c.exec_driver_sql(_REVISE, [(y, series_id, x, y) for x, y in latest]).rowcount
    return inserted, revised


def _count(
    c: sa.Connection, wrapper_id: str, run_id: str, stored: Stored, columns: Sequence[Column],
    checkpoint: Checkpoint | None, spent: Spent, now: int,
) -> None:  # fmt: skip
    w, r = wrappers.c, runs.c
    values: dict[str, object] = {
        "points": w.points + stored.new,
        "points_rejected": w.points_rejected + spent.rejected,
        "request_count": w.request_count + spent.requests,
        "error_count": w.error_count + spent.request_errors,
        "bytes_received": w.bytes_received + spent.bytes_received,
        "updated_at": now,
    }
    if checkpoint is not None:
        values["checkpoint"] = msgspec.json.encode(checkpoint)
    if stored.received:
        times = [column.times() for column in columns if len(column)]
        newest, oldest = max(map(max, times)), min(map(min, times))
        values["last_data_sent"] = now
        values["high_water_mark"] = sa.case((w.high_water_mark > newest, w.high_water_mark), else_=newest)
        values["low_water_mark"] = sa.case((w.low_water_mark < oldest, w.low_water_mark), else_=oldest)
    c.execute(wrappers.update().where(w.wrapper_id == wrapper_id).values(**values))
    c.execute(
        runs.update()
        .where(r.run_id == run_id)
        .values(
            points_received=r.points_received + stored.received,
            points_new=r.points_new + stored.new,
            points_changed=r.points_changed + stored.changed,
            points_rejected=r.points_rejected + spent.rejected,
            request_count=r.request_count + spent.requests,
            request_errors=r.request_errors + spent.request_errors,
            bytes_received=r.bytes_received + spent.bytes_received,
            rows_processed=r.rows_processed + spent.rows,
        )
    )


def _widen(c: sa.Connection, run_id: str, window: Interval) -> None:
    r = runs.c
    c.execute(
        runs.update()
        .where(r.run_id == run_id)
        .values(
            window_start=sa.case((r.window_start < window.start, r.window_start), else_=window.start),
            window_end=sa.case((r.window_end > window.end, r.window_end), else_=window.end),
        )
    )
