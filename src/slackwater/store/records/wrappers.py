"""Wrappers and their lifecycle events.

A status changes only in `update`, by an event of the one table.

The secrets of a source configuration are sealed on their way in and opened on their way out.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any, Unpack

import msgspec
import sqlalchemy as sa

from slackwater.errors import NotFound
from slackwater.model.checkpoint import Checkpoint
from slackwater.model.events import Change
from slackwater.model.freshness import Freshness
from slackwater.model.instants import DAY, from_micros
from slackwater.model.labels import joined, parted
from slackwater.model.status import ENDED, IDLE, Event, Status, advance
from slackwater.model.wrapper import Changes, Origin, SourceType, WantedState, WrapperRecord, changed, from_flat
from slackwater.store.engine.search import matching, plain
from slackwater.store.engine.vault import vault_of, vault_to_seal
from slackwater.store.records import logs, notes
from slackwater.store.records.tags import tagged
from slackwater.store.schema import events, wrappers

KEPT_EVENTS = 200  # of one wrapper; chosen: months of ordinary life
LONGEST_WAIT = 2 * DAY  # µs until a wrapper is looked at again; polls and retries are a day apart at the most

_encode_checkpoint = msgspec.json.Encoder().encode
_decode_freshness = msgspec.json.Decoder(Freshness).decode
_decode_checkpoint = msgspec.json.Decoder(Checkpoint).decode
_IDLE, _ENDED = [each.value for each in IDLE], [each.value for each in ENDED]
_JSON = ("source_config", "metadata", "execution_result", "findings")

# Built once: what a stop executes is on the way to an answer that somebody waits for.
_GET = sa.select(wrappers).where(wrappers.c.wrapper_id == sa.bindparam("id"))
_GET_AND_LOCK = _GET.with_for_update(key_share=True)  # to which rows of other tables may be added meanwhile
_CHANGE = wrappers.update().where(wrappers.c.wrapper_id == sa.bindparam("id"))  # the other parameters: columns
_ADD_EVENT = events.insert()
_FORGET_EVENTS = events.delete().where(
    events.c.wrapper_id == sa.bindparam("id"),
    events.c.event_id
    <= sa.select(events.c.event_id)
    .where(events.c.wrapper_id == sa.bindparam("id"))
    .order_by(events.c.event_id.desc())
    .offset(KEPT_EVENTS)
    .limit(1)
    .scalar_subquery(),
)


def insert(c: sa.Connection, record: WrapperRecord, event: str) -> WrapperRecord:
    """Store a new wrapper and the first line of its execution log."""
    definition, control, marks = record.definition, record.control, record.marks
    c.execute(
        wrappers.insert().values(
            wrapper_id=record.wrapper_id,
            source_type=definition.source_type.value,
            source_config=json.dumps(vault_to_seal(c).seal(definition.source_config)),
            metadata=json.dumps(definition.metadata),
            name=definition.metadata["name"],
            auto_create_resource=definition.auto_create_resource,
            identity=definition.identity,
            wanted=control.wanted.value,
            status=control.status.value,
            epoch=control.epoch,
            due_at=control.due_at,
            created_at=marks.created_at,
            updated_at=marks.updated_at,
            checkpoint=_encode_checkpoint(marks.checkpoint),
            runs_on=joined(definition.runs_on),
        )
    )
    add_event(c, record.wrapper_id, marks.created_at, event)
    return record


def get(c: sa.Connection, wrapper_id: str, *, with_log: bool = True, lock: bool = False) -> WrapperRecord:
    """Return a wrapper; NotFound if there is none.

    `lock` holds its row until the transaction ends.
    """
    row = c.execute(_GET_AND_LOCK if lock else _GET, {"id": wrapper_id}).one_or_none()
    if row is None:
        raise NotFound(what="Wrapper")
    return _record(c, row, log=event_lines(c, wrapper_id) if with_log else ())


def names(c: sa.Connection, wrapper_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of those wrappers that there are."""
    query = sa.select(wrappers.c.wrapper_id, wrappers.c.name).where(wrappers.c.wrapper_id.in_(list(wrapper_ids)))
    return {row.wrapper_id: row.name for row in c.execute(query)}


def found_by(q: str) -> sa.ColumnElement[bool]:
    """Return the condition that somebody who searches for `q` means a wrapper.

    By words of it, or an id.
    """
    texts = (
        plain(wrappers.c.name),
        plain(wrappers.c.metadata, "domain", "subdomain", "source", "description", "unit", "tags"),
        plain(wrappers.c.source_config, "location"),
    )
    return matching(q, *texts) | (wrappers.c.wrapper_id == q.strip()) | (wrappers.c.resource_id == q.strip())


def list_page(
    c: sa.Connection,
    *,
    skip: int,
    limit: int,
    status: str | None = None,
    source_type: str | None = None,
    q: str | None = None,
    tags: Iterable[str] = (),
) -> tuple[list[WrapperRecord], int]:
    """Return a page of wrappers, newest first, and how many match. `q`: see `found_by`.

    `tags`: all of these.
    """
    conditions = []
    if status is not None:
        conditions.append(wrappers.c.status == status)
    if source_type is not None:
        conditions.append(wrappers.c.source_type == source_type)
    if q:
        conditions.append(found_by(q))
    conditions += [tagged(each) for each in tags]
    total = c.execute(sa.select(sa.func.count()).select_from(wrappers).where(*conditions)).scalar_one()
    order = wrappers.c.created_at.desc(), wrappers.c.wrapper_id
    # What is skipped is counted in an index: only the rows of the page itself are fetched, which are wide.
    here = sa.select(wrappers.c.wrapper_id).where(*conditions).order_by(*order).offset(skip).limit(limit)
    ids = list(c.execute(here).scalars())
    rows = {row.wrapper_id: row for row in c.execute(sa.select(wrappers).where(wrappers.c.wrapper_id.in_(ids)))}
    logged = _event_lines_of(c, ids)
    return [_record(c, rows[each], log=logged.get(each, ())) for each in ids if each in rows], total


def label_sets(c: sa.Connection) -> list[str]:
    """Return the sets of labels that wrappers need, as their rows hold them."""
    return list(c.execute(sa.select(wrappers.c.runs_on).where(wrappers.c.runs_on != "").distinct()).scalars())


def due(c: sa.Connection, now: int, limit: int, labels: Collection[str] = ()) -> list[str]:
    """Return the ids of the wrappers that are due at `now`, longest waiting first.

    Of those that a node with `labels` may run.

    Nobody waits longer than `LONGEST_WAIT`: what seems to was written when the clock was ahead.
    `now` is in µs since the epoch.
    """
    query = sa.select(wrappers.c.wrapper_id).where(_due_at(now)).order_by(wrappers.c.due_at).limit(limit)
    if sets := label_sets(c):
        query = query.where(wrappers.c.runs_on.in_(["", *(each for each in sets if set(parted(each)) <= set(labels))]))
    return list(c.execute(query).scalars())


def count_due(c: sa.Connection, now: int) -> int:
    """Return how many wrappers are due at `now`, in µs since the epoch."""
    return c.execute(sa.select(sa.func.count()).where(wrappers.c.due_at <= now)).scalar_one()


def is_due(record: WrapperRecord, now: int) -> bool:
    """Say of one wrapper what `due` says of all.

    `now` is in µs since the epoch.
    """
    due_at = record.control.due_at
    return due_at is not None and not now < due_at <= now + LONGEST_WAIT


def seems_due(c: sa.Connection, wrapper_id: str, now: int) -> bool:
    """Say whether a wrapper is there and due, without keeping its row.

    `now` is in µs since the epoch.
    """
    mine = sa.select(wrappers.c.wrapper_id).where(wrappers.c.wrapper_id == wrapper_id, _due_at(now))
    return c.execute(mine).first() is not None


def _due_at(now: int) -> sa.ColumnElement[bool]:
    return sa.or_(wrappers.c.due_at <= now, wrappers.c.due_at > now + LONGEST_WAIT)


def next_due(c: sa.Connection, after: int) -> int | None:
    """Return when the next wrapper becomes due after that moment, in µs since the epoch.

    None when none waits.
    """
    moment: int | None = c.execute(sa.select(sa.func.min(wrappers.c.due_at)).where(wrappers.c.due_at > after)).scalar()
    return moment


def shift_due(c: sa.Connection, by: int) -> None:
    """Move the moment at which each waiting wrapper is due.

    By so many µs, because the clock was set.
    """
    c.execute(wrappers.update().where(wrappers.c.due_at.isnot(None)).values(due_at=wrappers.c.due_at + by))


def wanted_but_idle(c: sa.Connection) -> list[WrapperRecord]:
    """Return the wrappers whose wanted and observed state may differ after a crash."""
    query = sa.select(wrappers).where(
        sa.or_(
            sa.and_(
                wrappers.c.wanted == WantedState.EXECUTING.value,
                wrappers.c.status.notin_(_IDLE),
                wrappers.c.due_at.is_(None),
            ),
            sa.and_(wrappers.c.wanted == WantedState.STOPPED.value, wrappers.c.status.notin_(_ENDED)),
        )
    )
    return [_record(c, row) for row in c.execute(query.with_for_update(key_share=True))]


def reading_file(c: sa.Connection, file_id: str) -> list[str]:
    """Return the ids of the wrappers that may still read that upload."""
    query = sa.select(wrappers.c.wrapper_id, wrappers.c.source_config).where(
        wrappers.c.source_type != SourceType.API.value,
        wrappers.c.status.notin_(_IDLE),
        wrappers.c.source_config.contains(file_id, autoescape=True),
    )
    return [row.wrapper_id for row in c.execute(query) if json.loads(row.source_config).get("file_id") == file_id]


def update(
    c: sa.Connection,
    record: WrapperRecord,
    *,
    now: int,
    event: Event | None = None,
    note: str | None = None,
    change: Change | None = None,
    logged: logs.LogLine | None = None,
    **changes: Unpack[Changes],
) -> WrapperRecord:
    """Change a wrapper and return it as it is then.

    The only place where a status changes.

    `event` goes through the transition table (IllegalTransition otherwise); `note` is a line for its execution log,
    and `change` what it is about. `logged` stands in its log instead of the note.
    """
    changes["updated_at"] = now
    if event is not None:
        changes["status"] = advance(record.control.status, event)
    columns: dict[str, Any] = {}
    value: Any
    for name, value in changes.items():
        if name == "source_config":
            columns[name] = json.dumps(vault_to_seal(c).seal(value))
        elif name in _JSON:
            columns[name] = None if value is None else json.dumps(value)
        elif name == "checkpoint":
            columns[name] = _encode_checkpoint(value)
        elif name == "runs_on":
            columns[name] = joined(value)
        elif name == "freshness":
            columns[name] = msgspec.json.encode(value).decode()
        else:
            columns[name] = getattr(value, "value", value)
    if "metadata" in changes:
        columns["name"] = changes["metadata"]["name"]
    c.execute(_CHANGE, {"id": record.wrapper_id, **columns})
    if note is not None:
        add_event(c, record.wrapper_id, now, note, change, logged)
    return changed(record, changes)


def delete(c: sa.Connection, wrapper_id: str) -> None:
    """Remove a wrapper with its runs, events and logs; its resource and data stay."""
    c.execute(wrappers.delete().where(wrappers.c.wrapper_id == wrapper_id))


def add_event(
    c: sa.Connection,
    wrapper_id: str,
    at: int,
    text: str,
    change: Change | None = None,
    logged: logs.LogLine | None = None,
) -> None:
    """Add a line to the execution log of a wrapper, and to its log.

    The execution log keeps its last 200. `logged` stands in the log instead of the text.
    """
    c.execute(_ADD_EVENT, {"wrapper_id": wrapper_id, "at": at, "text": text, "kind": change})
    c.execute(_FORGET_EVENTS, {"id": wrapper_id})
    if change is not None:
        notes.mark_change(c, wrapper_id, at, change)
    logs.append(c, wrapper_id, [logged or logs.LogLine(at, "INFO", text)])


def event_lines(c: sa.Connection, wrapper_id: str) -> tuple[str, ...]:
    """Return the execution log of a wrapper, oldest first, as `2001-12-29T00:00:00Z text`."""
    return tuple(_event_lines_of(c, [wrapper_id]).get(wrapper_id, ()))


def _event_lines_of(c: sa.Connection, wrapper_ids: list[str]) -> dict[str, list[str]]:
    e, lines = events.c, dict[str, list[str]]()
    query = sa.select(e.wrapper_id, e.at, e.text).where(e.wrapper_id.in_(wrapper_ids)).order_by(e.event_id)
    for wrapper_id, at, text in c.execute(query):
        lines.setdefault(wrapper_id, []).append(f"{from_micros(at):%Y-%m-%dT%H:%M:%SZ} {text}")
    return lines


def freshness_of(kept: str | None) -> Freshness:
    """Return what was learned of a source, as its row keeps it."""
    return Freshness() if kept is None else _decode_freshness(kept)


def _record(c: sa.Connection, row: Any, log: Iterable[str] = ()) -> WrapperRecord:
    values = dict(row._mapping)
    values.pop("name")
    for name in _JSON:
        values[name] = None if values[name] is None else json.loads(values[name])
    values["source_config"] = vault_of(c).open(values["source_config"])
    values["source_type"] = SourceType(values["source_type"])
    values["code_origin"] = values["code_origin"] and Origin(values["code_origin"])
    values["rediscovered"] = bool(values["rediscovered"])
    values["wanted"] = WantedState(values["wanted"])
    values["status"] = Status(values["status"])
    values["checkpoint"] = _decode_checkpoint(values["checkpoint"])
    values["freshness"] = freshness_of(values["freshness"])
    values["runs_on"] = parted(values["runs_on"])
    return from_flat(values, tuple(log))
