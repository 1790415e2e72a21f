"""Stores points with their checkpoint in one transaction, fenced by the epoch.

`commit` is the only way to write points.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import msgspec
import sqlalchemy as sa

from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.points import Column
from slackwater.store.schema import points, resources, runs, series, wrappers
from slackwater.store.series import blocks, daily, epoch_fence, revisions, storing, vintages
from slackwater.store.series.vintages import Change, Reread

PURGE_ROWS = 20_000  # points deleted in one transaction, so that a purge never holds up a stop

_RUN_COUNTERS = (
    runs.update()
    .where(runs.c.run_id == sa.bindparam("id"))
    .values(
        points_received=runs.c.points_received + sa.bindparam("received"),
        points_new=runs.c.points_new + sa.bindparam("new"),
        points_changed=runs.c.points_changed + sa.bindparam("changed"),
        points_rejected=runs.c.points_rejected + sa.bindparam("rejected"),
        request_count=runs.c.request_count + sa.bindparam("requests"),
        request_errors=runs.c.request_errors + sa.bindparam("errors"),
        bytes_received=runs.c.bytes_received + sa.bindparam("bytes"),
        rows_unread=runs.c.rows_unread + sa.bindparam("unread"),
        points_overwritten=runs.c.points_overwritten + sa.bindparam("overwritten"),
        points_withdrawn=runs.c.points_withdrawn + sa.bindparam("withdrawn"),
        rows_processed=runs.c.rows_processed + sa.bindparam("rows"),
    )
)
_FROM, _TO = sa.bindparam("start", type_=sa.BigInteger), sa.bindparam("end", type_=sa.BigInteger)
_RUN_COUNTERS_AND_WINDOW = _RUN_COUNTERS.values(
    window_start=sa.case((runs.c.window_start < _FROM, runs.c.window_start), else_=_FROM),
    window_end=sa.case((runs.c.window_end > _TO, runs.c.window_end), else_=_TO),
)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a commit did with its points.

    `contradicted`: by a later value of the same time among them; `overwritten`: those, and points that this very run
    had stored; `withdrawn`: (series, time, value) of stored points that the source gives no more.
    """

    received: int
    new: int
    changed: int
    contradicted: int = 0
    overwritten: int = 0
    withdrawn: tuple[tuple[str, int, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a run has used since its last commit.

    Added to the counters of the run and the wrapper.
    """

    requests: int = 0
    request_errors: int = 0
    bytes_received: int = 0
    rows: int = 0
    rejected: int = 0
    unread: int = 0  # rows, at least, that became no point and were not rejected
    fields_unread: tuple[str, ...] = ()  # all that the run has met so far, () when there is no news of them


def commit(
    c: sa.Connection,
    *,
    wrapper_id: str,
    run_id: str,
    epoch: int,
    columns: Sequence[Column],
    checkpoint: Checkpoint | None,
    window: Interval | None,
    spent: Spent,
    now: int,
    reread: Sequence[Reread] = (),
) -> Stored:
    """Store a batch and the checkpoint that it leads to; both or neither.

    Promise: once a newer epoch of the wrapper is committed, nothing of an older one is stored any more, by whatever
    process on whatever machine: the epoch is read in this very transaction (StaleEpoch). Storing a point again
    changes nothing but a revised value, so a batch that is sent twice is stored once.
    """
    epoch_fence.check(c, wrapper_id, epoch)
    latest = _by_series(columns)
    received = sum(map(len, columns))
    change = Change(run_id, now)
    tally = storing.store(c, wrapper_id, latest, change)
    doubled = received > sum(map(len, latest.values()))
    contradicted = _contradicted(columns, latest) if doubled else 0
    stored = Stored(
        received=received,
        new=tally.new,
        changed=tally.changed,
        contradicted=contradicted,
        overwritten=tally.own + contradicted,
        withdrawn=tuple(_withdrawn(c, wrapper_id, reread, change)),
    )
    if flagged := [*tally.flagged, *(x for _, x, _ in stored.withdrawn)]:
        revisions.flag(c, wrapper_id, flagged, change)
    _count_for_wrapper(c, wrapper_id, stored, latest, checkpoint, spent, now)
    _count_for_run(c, run_id, stored, spent, window)
    if stored.new:  # last, because others that store today's points share this row
        daily.count(c, wrapper_id, stored.new, now)
    return stored


def detach(c: sa.Connection, wrapper_id: str) -> None:
    """Take all data from a wrapper at once, whatever its size.

    `purge` deletes it later, a little at a time.
    """
    gone = f"gone:{secrets.token_hex(16)}"
    revisions.forget_flags(c, wrapper_id)
    c.execute(series.update().where(series.c.owner == wrapper_id).values(owner=gone))


def unreachable(c: sa.Connection) -> list[str]:
    """Return the owners of data without wrapper or visible resource."""
    shown = sa.select(resources.c.wrapper_id).where(resources.c.deleted_at.is_(None))
    owners = (
        sa.select(series.c.owner)
        .distinct()
        .where(
            series.c.owner.not_like("gone:%"),
            series.c.owner.not_in(sa.select(wrappers.c.wrapper_id)),
            series.c.owner.not_in(shown),
        )
    )
    return list(c.execute(owners.order_by(series.c.owner)).scalars())


def purge(c: sa.Connection) -> bool:
    """Delete some of the detached data; False when there is none left."""
    row = c.execute(sa.select(series.c.series_id).where(series.c.owner.like("gone:%")).limit(1)).one_or_none()
    if row is None:
        return False
    blocks.forget(c, row.series_id)
    vintages.forget(c, row.series_id)
    mine = points.c.series_id == row.series_id
    last = c.execute(sa.select(points.c.x).where(mine).order_by(points.c.x).offset(PURGE_ROWS).limit(1)).scalar()
    c.execute(points.delete().where(mine, points.c.x < last) if last is not None else points.delete().where(mine))
    if last is None:
        c.execute(series.delete().where(series.c.series_id == row.series_id))
    return True


def _by_series(columns: Sequence[Column]) -> dict[str, list[tuple[int, float]]]:
    """Return the points of each series in the order of their keys.

    Of a time that comes twice the last value wins.

    Sorted keys touch each page of the tree once.
    """
    latest: dict[str, dict[int, float]] = {}
    for column in columns:
        if len(column):
            latest.setdefault(column.series, {}).update(zip(column.times(), column.values(), strict=True))
    return {name: sorted(values.items()) for name, values in latest.items()}


def _contradicted(columns: Sequence[Column], latest: dict[str, list[tuple[int, float]]]) -> int:
    """Return how many points had another value than the last of their time."""
    last = {name: dict(values) for name, values in latest.items()}
    return sum(
        last[column.series][x] != y for column in columns for x, y in zip(column.times(), column.values(), strict=True)
    )


def _withdrawn(
    c: sa.Connection, owner: str, reread: Sequence[Reread], change: Change
) -> Iterator[tuple[str, int, float]]:
    for window in reread:
        numbered = storing.numbered(c, owner, list(window.times))
        for name, times in window.times.items():
            gone = vintages.withdraw(c, numbered[name][0], times, change)
            yield from ((name, x, y) for x, y in gone)


def _count_for_wrapper(
    c: sa.Connection,
    wrapper_id: str,
    stored: Stored,
    latest: dict[str, list[tuple[int, float]]],
    checkpoint: Checkpoint | None,
    spent: Spent,
    now: int,
) -> None:
    given: dict[str, object] = {
        "id": wrapper_id,
        "new": stored.new,
        "now": now,
        "spent_rejected": spent.rejected,
        "spent_requests": spent.requests,
        "spent_errors": spent.request_errors,
        "spent_bytes": spent.bytes_received,
    }
    if checkpoint is not None:
        given["place"] = msgspec.json.encode(checkpoint)
    if latest:
        given["newest"] = max(values[-1][0] for values in latest.values())
        given["oldest"] = min(values[0][0] for values in latest.values())
    # Every poll fetches some points again; a source that gives no others stalls.
    news = bool(stored.new or stored.changed)
    c.execute(_wrapper_counters(points=bool(latest), news=news, checkpoint=checkpoint is not None), given)


@cache
def _wrapper_counters(*, points: bool, news: bool, checkpoint: bool) -> sa.Update:
    """Return the statement for a commit with or without points, news and a checkpoint.

    Each is built once.
    """
    w, given = wrappers.c, sa.bindparam
    values: dict[str, object] = {
        "points": w.points + given("new"),
        "points_rejected": w.points_rejected + given("spent_rejected"),
        "request_count": w.request_count + given("spent_requests"),
        "error_count": w.error_count + given("spent_errors"),
        "bytes_received": w.bytes_received + given("spent_bytes"),
        "updated_at": given("now"),
    }
    if checkpoint:
        values["checkpoint"] = given("place")
    if points:
        newest, oldest = given("newest", type_=sa.BigInteger), given("oldest", type_=sa.BigInteger)
        values["high_water_mark"] = sa.case((w.high_water_mark > newest, w.high_water_mark), else_=newest)
        values["low_water_mark"] = sa.case((w.low_water_mark < oldest, w.low_water_mark), else_=oldest)
    if news:
        values["last_data_sent"] = given("now")
    return wrappers.update().where(w.wrapper_id == given("id")).values(**values)


def _count_for_run(c: sa.Connection, run_id: str, stored: Stored, spent: Spent, window: Interval | None) -> None:
    given: dict[str, object] = {
        "id": run_id,
        "received": stored.received,
        "new": stored.new,
        "changed": stored.changed,
        "rejected": spent.rejected,
        "requests": spent.requests,
        "errors": spent.request_errors,
        "bytes": spent.bytes_received,
        "unread": spent.unread,
        "overwritten": stored.overwritten,
        "withdrawn": len(stored.withdrawn),
        "rows": spent.rows,
    }
    if window is None:
        c.execute(_RUN_COUNTERS, given)
    else:
        c.execute(_RUN_COUNTERS_AND_WINDOW, {**given, "start": window.start, "end": window.end})
    if spent.fields_unread:
        c.execute(runs.update().where(runs.c.run_id == run_id).values(fields_unread=json.dumps(spent.fields_unread)))
