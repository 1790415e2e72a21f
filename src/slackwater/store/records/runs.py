"""Runs: what each execution of a wrapper did and how it ended."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from slackwater.model.checkpoint import Interval
from slackwater.store.node_tables import nodes
from slackwater.store.schema import runs, wrappers

RUNNING, SUCCEEDED, FAILED, STOPPED, INTERRUPTED = "running", "succeeded", "failed", "stopped", "interrupted"

_GET = sa.select(runs).where(runs.c.run_id == sa.bindparam("id"))
_OPEN = sa.select(runs).where(runs.c.wrapper_id == sa.bindparam("id"), runs.c.outcome == RUNNING)
_END = runs.update().where(runs.c.run_id == sa.bindparam("id"), runs.c.outcome == RUNNING)  # the others: columns


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run. Times are µs since the epoch."""

    run_id: str
    wrapper_id: str
    epoch: int
    task: str
    started_at: int
    finished_at: int | None
    outcome: str
    message: str | None
    points_received: int
    points_new: int
    points_changed: int
    points_rejected: int
    request_count: int
    request_errors: int
    bytes_received: int
    rows_processed: int
    rows_total: int | None
    window: Interval | None
    exit_code: int | None
    signal: int | None
    node: str | None
    rows_unread: int = 0  # of the source, at least, that became no point and were not rejected
    points_overwritten: int = 0  # by another value of the same time in the same run
    points_withdrawn: int = 0  # stored points that the source gives no more
    fields_unread: tuple[str, ...] = ()  # fields of numbers that nobody reads and discovery did not see


def begin(c: sa.Connection, *, run_id: str, wrapper_id: str, epoch: int, task: str, now: int, node: str) -> None:
    """Open a run. The store itself refuses a second open run of one wrapper (IntegrityError)."""
    c.execute(
        runs.insert().values(
            run_id=run_id, wrapper_id=wrapper_id, epoch=epoch, task=task, started_at=now, outcome=RUNNING, node=node
        )
    )


def end(c: sa.Connection, run_id: str, *, outcome: str, now: int, **values: Any) -> bool:
    """Close an open run.

    False when it was closed before, which then stays as it is. `now` is in µs since the epoch.
    """
    changed = c.execute(_END, {"id": run_id, "outcome": outcome, "finished_at": now, **values})
    return bool(changed.rowcount)


def get(c: sa.Connection, run_id: str) -> RunRecord | None:
    """Return a run, None when there is none of that id."""
    row = c.execute(_GET, {"id": run_id}).one_or_none()
    return None if row is None else _record(row)


def open_run(c: sa.Connection, wrapper_id: str) -> RunRecord | None:
    """Return the open run of a wrapper, None when it has none."""
    row = c.execute(_OPEN, {"id": wrapper_id}).one_or_none()
    return None if row is None else _record(row)


def all_open(c: sa.Connection) -> list[RunRecord]:
    """Return every open run."""
    return [_record(row) for row in c.execute(sa.select(runs).where(runs.c.outcome == RUNNING))]


def stale(c: sa.Connection, node: str) -> list[str]:
    """Return the wrappers whose open run on a node is wanted no more."""
    query = (
        sa.select(runs.c.wrapper_id)
        .join(wrappers, wrappers.c.wrapper_id == runs.c.wrapper_id)
        .where(runs.c.outcome == RUNNING, runs.c.node == node, runs.c.epoch != wrappers.c.epoch)
    )
    return list(c.execute(query).scalars())


def abandoned(c: sa.Connection) -> list[RunRecord]:
    """Return the open runs of nodes that are gone."""
    there = sa.select(nodes.c.name)
    query = sa.select(runs).where(runs.c.outcome == RUNNING, sa.func.coalesce(runs.c.node, "").notin_(there))
    return [_record(row) for row in c.execute(query)]


def last(c: sa.Connection, wrapper_id: str, *, epoch: int | None = None) -> RunRecord | None:
    """Return the newest `read` run of a wrapper, of `epoch` alone when it is given."""
    query = sa.select(runs).where(runs.c.wrapper_id == wrapper_id, runs.c.task == "read")
    if epoch is not None:
        query = query.where(runs.c.epoch == epoch)
    row = c.execute(query.order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


def list_page(c: sa.Connection, wrapper_id: str, *, skip: int, limit: int) -> tuple[list[RunRecord], int]:
    """Return a page of a wrapper's runs, newest first, and how many there are."""
    mine = runs.c.wrapper_id == wrapper_id
    total = c.execute(sa.select(sa.func.count()).select_from(runs).where(mine)).scalar_one()
    query = sa.select(runs).where(mine).order_by(runs.c.started_at.desc(), runs.c.run_id).offset(skip).limit(limit)
    return [_record(row) for row in c.execute(query)], total


def forget_old(c: sa.Connection, wrapper_id: str, keep: int) -> None:
    """Delete the finished runs of a wrapper beyond its newest `keep`."""
    mine = runs.c.wrapper_id == wrapper_id
    oldest_kept = (
        sa.select(runs.c.started_at).where(mine).order_by(runs.c.started_at.desc()).offset(keep).limit(1)
    ).scalar_subquery()
    c.execute(runs.delete().where(mine, runs.c.outcome != RUNNING, runs.c.started_at <= oldest_kept))


def _record(row: Any) -> RunRecord:
    values = dict(row._mapping)
    start, end = values.pop("window_start"), values.pop("window_end")
    window = None if start is None or end is None else Interval(start, end)
    return RunRecord(**values | {"fields_unread": tuple(json.loads(values["fields_unread"]))}, window=window)
