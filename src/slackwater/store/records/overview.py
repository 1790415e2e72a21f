"""All wrappers at a glance.

All that match, sorted, with what their health is judged by, totals, recent values.

None of it reads a wrapper's code or its secrets, and no query is made once for each of all wrappers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from slackwater.model.freshness import Freshness
from slackwater.model.instants import DAY
from slackwater.model.labels import parted
from slackwater.model.periodicity import known_periodicity
from slackwater.model.status import Status
from slackwater.model.wrapper import SourceType
from slackwater.store.engine.driver import driver_of
from slackwater.store.records.wrappers import found_by, freshness_of
from slackwater.store.schema import runs, wrappers
from slackwater.store.series.daily import points_of_today

RECENT = 48  # points of a sparkline; chosen: two days of hours, one to two pixels each
BEATS = 20  # newest runs of a strip


class Sort(StrEnum):
    """What a list of wrappers may be sorted by."""

    NAME = "name"
    POINTS = "points"
    NEWEST = "newest"
    NEXT_POLL = "next"
    CREATED = "created"


_ORDER: dict[Sort, sa.ColumnElement[Any]] = {
    Sort.NAME: sa.func.lower(wrappers.c.name),
    Sort.POINTS: wrappers.c.points,
    Sort.NEWEST: wrappers.c.high_water_mark,
    Sort.NEXT_POLL: wrappers.c.due_at,
    Sort.CREATED: wrappers.c.created_at,
}


@dataclass(frozen=True, kw_only=True)
class WrapperQuery:
    """Which wrappers to show, and in which order."""

    q: str | None = None  # words of a name, domain, URL; or an id
    source_type: SourceType | None = None
    sort: Sort = Sort.CREATED
    descending: bool = True


class LastRun(msgspec.Struct, frozen=True, gc=False):
    """How the newest run of a wrapper went."""

    outcome: str
    request_errors: int
    points_rejected: int
    rows_processed: int


# `gc=False`: a hundred thousand of them are made for one page, and looking for circles, which they cannot be part of,
# took longer than making them.
class WrapperLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One wrapper of the list. Times are µs since the epoch, `period` in µs.

    `since`: when its execution began.
    """

    wrapper_id: str
    name: str
    unit: str | None
    domain: str | None
    subdomain: str | None
    scale: str | None
    tags: tuple[str, ...]
    source_type: SourceType
    resource_id: str | None
    status: Status
    generated: bool  # it has a module
    error_message: str | None
    retry_count: int
    fault_count: int
    due_at: int | None
    runs_on: tuple[str, ...]
    last_data_sent: int | None
    points: int
    high_water_mark: int | None
    low_water_mark: int | None
    backfill_done: bool
    freshness: Freshness
    period: int
    last_run: LastRun | None
    since: int | None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Over all wrappers. `today`: points that were new since midnight, UTC."""

    by_status: dict[Status, int]
    points: int
    today: int

    @property
    def wrappers(self) -> int:
        """How many there are."""
        return sum(self.by_status.values())


class _Metadata(msgspec.Struct, gc=False):
    """What of a wrapper's metadata a list needs."""

    periodicity: str | None = None
    unit: str | None = None
    domain: str | None = None
    subdomain: str | None = None
    scale: str | None = None
    tags: tuple[str, ...] = ()


class _Place(msgspec.Struct, gc=False):
    """What of a checkpoint a list needs."""

    backfill_done: bool = False


_period = lru_cache(maxsize=1_000)(known_periodicity)
_STATUS, _SOURCE_TYPE = {each.value: each for each in Status}, {each.value: each for each in SourceType}
_metadata = msgspec.json.Decoder(_Metadata).decode
_place = msgspec.json.Decoder(_Place).decode

_w, _r = wrappers.c, runs.c
_MINE = (_r.wrapper_id == _w.wrapper_id, _r.task == "read")
# One look into ix_runs_epoch and one at the run; a join would look three times, which counts at 10,000 wrappers.
_LAST_RUN = (
    sa.select(
        _r.outcome
        + " "
        + sa.cast(_r.request_errors, sa.String)
        + " "
        + sa.cast(_r.points_rejected, sa.String)
        + " "
        + sa.cast(_r.rows_processed, sa.String)
    )
    .where(*_MINE)
    .order_by(_r.epoch.desc(), _r.started_at.desc())
    .limit(1)
    .correlate(wrappers)
    .scalar_subquery()
)
_SINCE = (
    sa.select(_r.started_at)
    .where(*_MINE, _r.epoch == _w.epoch)
    .order_by(_r.started_at)
    .limit(1)
    .correlate(wrappers)
    .scalar_subquery()
)
_LINES = sa.select(
    _w.wrapper_id,
    _w.name,
    _w.metadata,
    _w.source_type,
    _w.resource_id,
    _w.status,
    _w.generated_code.is_not(None),
    _w.error_message,
    _w.retry_count,
    _w.fault_count,
    _w.due_at,
    _w.runs_on,
    _w.last_data_sent,
    _w.points,
    _w.high_water_mark,
    _w.low_water_mark,
    _w.checkpoint,
    _w.freshness,
    _w.inferred_period,
    _LAST_RUN,
    _SINCE,
)

# By the driver itself: a page asks for both of each of its sources.
_RECENT = (
    "SELECT x, y FROM points WHERE series_id = (SELECT series_id FROM series WHERE owner = ? ORDER BY name LIMIT 1) "
    "ORDER BY x DESC LIMIT ?"
)
_BEATS = "SELECT outcome FROM runs WHERE wrapper_id = ? ORDER BY started_at DESC LIMIT ?"


def lines(c: sa.Connection, query: WrapperQuery) -> Iterator[WrapperLine]:
    """Yield all wrappers that match, in order.

    How each one is, is judged of the line.
    """
    return map(_line, c.execute(_LINES.where(*_conditions(query)).order_by(*_order(query))))


def failing_first(c: sa.Connection, most: int) -> list[WrapperLine]:
    """Return so many wrappers, those that fail before the others."""
    order = _w.status != Status.ERROR.value, _w.retry_count.desc(), _w.created_at.desc(), _w.wrapper_id
    # Of the others nothing is looked up beside what they are sorted by.
    ids = list(c.execute(sa.select(_w.wrapper_id).order_by(*order).limit(most)).scalars())
    found = {line.wrapper_id: line for line in map(_line, c.execute(_LINES.where(_w.wrapper_id.in_(ids))))}
    return [found[each] for each in ids if each in found]


def all_lines(c: sa.Connection) -> Iterator[WrapperLine]:
    """Yield all wrappers in no order.

    Sorting a hundred thousand costs as much as finding them.
    """
    return map(_line, c.execute(_LINES))


def totals(c: sa.Connection, now: int) -> Totals:
    """Return what there is in all.

    `now` is in µs since the epoch.
    """
    counted = sa.select(_w.status, sa.func.count(), sa.func.sum(_w.points)).group_by(_w.status)
    rows = [(Status(status), number, held) for status, number, held in c.execute(counted)]
    return Totals(
        by_status={status: number for status, number, _ in rows},
        points=sum(held for _, _, held in rows),
        today=points_of_today(c, now),
    )


def recent(c: sa.Connection, wrapper_ids: Sequence[str]) -> dict[str, list[tuple[int, float]]]:
    """Return the newest (x, y) of each wrapper's first series, oldest first."""
    rows = driver_of(c).rows
    return {each: [(x, y) for x, y in reversed(rows(c, _RECENT, (each, RECENT)))] for each in wrapper_ids}


def beats(c: sa.Connection, wrapper_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the outcomes of the newest runs of each wrapper, oldest first."""
    rows = driver_of(c).rows
    return {each: [outcome for (outcome,) in reversed(rows(c, _BEATS, (each, BEATS)))] for each in wrapper_ids}


def _conditions(query: WrapperQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if query.source_type is not None:
        conditions.append(_w.source_type == query.source_type.value)
    if query.q:
        conditions.append(found_by(query.q))
    return conditions


def _order(query: WrapperQuery) -> tuple[sa.ColumnElement[Any], ...]:
    by = _ORDER[query.sort]
    way = by.desc() if query.descending else by.asc()
    if query.sort is Sort.CREATED:  # all have it, and an index is in this order
        return (way, _w.wrapper_id.asc())
    # Who has no such time comes last, whichever way.
    return (by.is_(None), way, _w.wrapper_id.asc())


def _line(row: Any) -> WrapperLine:
    # By position: at 10,000 rows, looking names up costs more than the query.
    (
        wrapper_id,
        name,
        metadata,
        source_type,
        resource_id,
        status,
        generated,
        error_message,
        retry_count,
        fault_count,
        due_at,
        runs_on,
        last_data_sent,
        held,
        high,
        low,
        checkpoint,
        freshness,
        inferred,
        last_run,
        since,
    ) = row
    described = _metadata(metadata)
    return WrapperLine(
        wrapper_id=wrapper_id,
        name=name,
        unit=described.unit,
        domain=described.domain,
        subdomain=described.subdomain,
        scale=described.scale,
        tags=described.tags,
        source_type=_SOURCE_TYPE[source_type],
        resource_id=resource_id,
        status=_STATUS[status],
        generated=bool(generated),
        error_message=error_message,
        retry_count=retry_count,
        fault_count=fault_count,
        due_at=due_at,
        runs_on=parted(runs_on),
        last_data_sent=last_data_sent,
        points=held,
        high_water_mark=high,
        low_water_mark=low,
        backfill_done=_place(checkpoint).backfill_done,
        freshness=freshness_of(freshness),
        period=_period(described.periodicity) or inferred or DAY,
        last_run=None if last_run is None else _last_run(last_run),
        since=since,
    )


@lru_cache(maxsize=10_000)
def _last_run(packed: str) -> LastRun:
    outcome, errors, rejected, rows = packed.split(" ")
    return LastRun(outcome, int(errors), int(rejected), int(rows))
