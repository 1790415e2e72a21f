"""The transactions of a wrapper's life. Each is one function of a connection, so it happens wholly or not at all.

Two hands, two columns: the use cases write what is *wanted* (`ask_…`), the reconciler what is *observed* (`open_run`,
`close_run`, `recover`). Whatever could bring a wrapper back reads wanted state and epoch in its own transaction.
"""

import contextlib
import uuid
from typing import Any

import msgspec

from slackwater.errors import BadInput, Conflict, NotFound
from slackwater.model.alerts import SOURCE_CHANGED
from slackwater.model.checkpoint import Checkpoint
from slackwater.model.config import identity
from slackwater.model.freshness import Freshness, poll_start
from slackwater.model.instants import EARLIEST, SECOND, iso
from slackwater.model.periodicity import known_periodicity, poll_interval
from slackwater.model.planning import FIRST_STEP
from slackwater.model.status import ENDED, IDLE, UNBORN, Event, Status
from slackwater.model.wrapper import Changes, Origin, SourceType, Wish, WrapperRecord, changed
from slackwater.pipe.frames import Done, Failed, Final, Found, Outage
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, resources, runs, wrappers
from slackwater.store.records.runs import RunRecord
from slackwater.store.series import frontier, points, revisions
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.lifecycle.module_diff import changes
from slackwater.supervise.run.outcomes import MAX_MESSAGE, Ended, Opened, outcome_of, sane, unsaid

DOUBT_THE_TOKEN = 2  # faults in a row after which a page token is no longer believed
SPREAD = SECOND // 50  # between two wrappers that resume after a start of the service
MAX_FINDINGS = 64 * 1024  # bytes of JSON that are kept of what a module was written from


def ask_generate(c: Connection, record: WrapperRecord) -> WrapperRecord:
    """Store a new wrapper that is wanted to run, with its resource: clients link it from the answer alone."""
    wrappers.insert(c, record, f"generation from {record.definition.source_type} asked for")
    if record.definition.auto_create_resource:
        resource_id = _new_resource(c, record, record.marks.created_at)
        wrappers.add_event(c, record.wrapper_id, record.marks.created_at, f"resource {resource_id} created")
    _log_unknown_periodicity(c, record.wrapper_id, record.definition.metadata, record.marks.created_at)
    return wrappers.get(c, record.wrapper_id)


def take_discovery(c: Connection, record: WrapperRecord, found: Found, origin: Origin) -> WrapperRecord:
    """Give a new wrapper the module that was approved: nothing is to be generated any more."""
    now = record.marks.created_at
    note = "the module is that of the discovery that was approved"
    record = wrappers.update(c, record, now=now, event=Event.GENERATION_STARTED, note=note)
    if origin is not Origin.MODEL:  # the notes of a model are logged with its module
        logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", line[:MAX_MESSAGE]) for line in found.notes])
    return _generated(c, record, found, origin, now)


def ask_execute(c: Connection, wrapper_id: str, now: int) -> tuple[WrapperRecord, bool]:
    """Want a wrapper to run; return it and whether that was news. BadInput says why it cannot run."""
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is Wish.EXECUTING and record.control.status is Status.EXECUTING:
        return _poll_now(c, record, now)
    if record.definition.generated_code is None:
        return _generate_again(c, record, now), True
    if record.control.status not in IDLE | {Status.RETRYING}:
        raise BadInput(f"Wrapper is {record.control.status}; stop it first or wait a moment")
    if record.definition.identity != identity(record.definition.source_config):
        raise BadInput(
            "source_config now names other data than the checkpoint is about; "
            "regenerate the wrapper, or delete its checkpoint to read the new source from the start"
        )
    changes: Changes = _begun_again(record, now)
    if record.control.status is Status.COMPLETED:
        changes["checkpoint"] = record.marks.checkpoint.reread()
    if record.resource_id is None and record.definition.auto_create_resource:  # the one it fed was deleted
        changes["resource_id"] = _new_resource(c, record, now)
    event = Event.RETRY_DUE if record.control.status is Status.RETRYING else Event.EXECUTE
    changes["completed_at"] = None
    return wrappers.update(c, record, now=now, event=event, note="execution asked for", **changes), True


def _begun_again(record: WrapperRecord, now: int) -> Changes:
    """Return what changes when people want a wrapper to run: it is due, in a new epoch, and no failure counts."""
    return {
        "wanted": Wish.EXECUTING,
        "epoch": record.control.epoch + 1,
        "due_at": now,
        "retry_count": 0,
        "fault_count": 0,
        "error_message": None,
        "rediscovered": False,
    }


def _poll_now(c: Connection, record: WrapperRecord, now: int) -> tuple[WrapperRecord, bool]:
    """Make a wrapper that waits for its next poll due; one that reads, or is due, is left alone."""
    if record.control.due_at is None or record.control.due_at <= now or runs.open_run(c, record.wrapper_id) is not None:
        return record, False
    # An epoch of its own tells this poll from the one before, whose result the caller must not be given.
    return wrappers.update(c, record, now=now, note="poll asked for", epoch=record.control.epoch + 1, due_at=now), True


def _generate_again(c: Connection, record: WrapperRecord, now: int) -> WrapperRecord:
    """Want the module that a stopped or failed generation did not write."""
    if not record.idle:
        raise BadInput("Wrapper has no code yet")
    changes = _begun_again(record, now)
    changes["identity"] = identity(record.definition.source_config)
    return wrappers.update(c, record, now=now, event=Event.REGENERATE, note="generation asked for again", **changes)


def ask_stop(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
    """Want a wrapper stopped, and fence off what it may still send.

    Promise: once this is committed nothing of the epochs before is stored any more, and nothing starts the wrapper
    but a new `execute`. Without an open run it is stopped at once; else `close_run` observes the end.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.status in ENDED:
        return record
    if runs.open_run(c, wrapper_id) is None:
        return wrappers.update(
            c,
            record,
            now=now,
            event=Event.STOP,
            note="stopped",
            wanted=Wish.STOPPED,
            epoch=record.control.epoch + 1,
            due_at=None,
        )
    if record.control.wanted is Wish.STOPPED:
        return record
    return wrappers.update(
        c, record, now=now, note="stop asked for", wanted=Wish.STOPPED, epoch=record.control.epoch + 1, due_at=None
    )


def ask_regenerate(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
    """Want a wrapper, that does not run, generated anew: without its data, checkpoint and code."""
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if not record.idle:
        raise Conflict("The wrapper was started again meanwhile; try once more")
    points.detach(c, wrapper_id)
    changes = _begun_again(record, now) | _nothing_read(record)
    changes |= {
        "generated_code": None,
        "code_origin": None,
        "findings": None,
        "inferred_period": None,
        "execution_result": None,
        "completed_at": None,
        "freshness": Freshness(),
    }
    note = "regeneration asked for; data and checkpoint deleted"
    return wrappers.update(c, record, now=now, event=Event.REGENERATE, note=note, **changes)


def _nothing_read(record: WrapperRecord) -> Changes:
    """Return what changes when a wrapper's data is deleted: it has read nothing of the source that is declared now."""
    return {
        "checkpoint": Checkpoint(version=record.marks.checkpoint.version + 1),
        "identity": identity(record.definition.source_config),
        "points": 0,
        "high_water_mark": None,
        "low_water_mark": None,
        "last_data_sent": None,
    }


def delete_resource_and_data(c: Connection, resource_id: str, now: int) -> None:
    """Hide a resource and delete its data; its wrapper, which must not run, then counts nothing as read.

    Conflict when the wrapper runs, or another resource shows the same data.
    """
    record = resources.get(c, resource_id)
    if others := resources.others_of(c, record):
        raise Conflict(f"Resource {others[0]} shows the same data; delete that one first, or leave out data=true.")
    with contextlib.suppress(NotFound):  # the wrapper was deleted before
        wrapper = idle(c, record.wrapper_id)
        changes = _nothing_read(wrapper)
        changes["epoch"] = wrapper.control.epoch + 1
        note = f"data deleted with resource {record.id}; checkpoint deleted"
        wrappers.update(c, wrapper, now=now, note=note, **changes)
    points.detach(c, record.wrapper_id)
    resources.hide(c, record.id, now)


def change_checkpoint(c: Connection, wrapper_id: str, checkpoint: Checkpoint | None, now: int) -> WrapperRecord:
    """Set a checkpoint by hand, or begin anew with None; Conflict while the wrapper may run."""
    record = idle(c, wrapper_id)
    fresh = checkpoint or Checkpoint(version=record.marks.checkpoint.version + 1)
    note = "checkpoint deleted" if checkpoint is None else "checkpoint set by hand"
    changes: Changes = {"checkpoint": fresh, "epoch": record.control.epoch + 1}
    if checkpoint is None:
        changes["identity"] = identity(record.definition.source_config)
    return wrappers.update(c, record, now=now, note=note, **changes)


def idle(c: Connection, wrapper_id: str) -> WrapperRecord:
    """Return a wrapper that does not run; Conflict when it does."""
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if not record.idle:
        raise Conflict(f"The wrapper is {record.control.status}; stop it first")
    return record


def change_definition(
    c: Connection,
    wrapper_id: str,
    now: int,
    *,
    metadata: dict[str, Any] | None = None,
    source_config: dict[str, Any] | None = None,
    generated_code: str | None = None,
) -> WrapperRecord:
    """Replace parts of a wrapper that does not run; Conflict when it does."""
    record = idle(c, wrapper_id)
    values: Changes = {}
    if metadata is not None:
        values["metadata"] = metadata
    if source_config is not None:
        values["source_config"] = source_config
    if generated_code is not None:
        values["generated_code"] = generated_code
    if not values:
        return record
    note = f"changed: {', '.join(values)}"
    if generated_code not in (None, record.definition.generated_code):
        values["code_origin"] = Origin.EDITED
    if metadata is not None and metadata.get("periodicity") != record.definition.metadata.get("periodicity"):
        _log_unknown_periodicity(c, wrapper_id, metadata, now)
    return wrappers.update(c, record, now=now, note=note, **values)


def delete(c: Connection, wrapper_id: str) -> None:
    """Remove a wrapper that does not run with its runs and logs; its resource keeps its data and period."""
    record = idle(c, wrapper_id)
    resources.keep_periods(c, record.wrapper_id)
    wrappers.delete(c, wrapper_id)


def open_run(c: Connection, wrapper_id: str, now: int, node: str) -> Opened | None:
    """Open a run of a wrapper that is due; None when meanwhile it shall not run, or already does."""
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is not Wish.EXECUTING or not wrappers.is_due(record, now):
        return None
    if record.idle or runs.open_run(c, wrapper_id) is not None:
        return None
    event = {Status.PENDING: Event.GENERATION_STARTED, Status.RETRYING: Event.RETRY_DUE}.get(record.control.status)
    task = "discover" if record.control.status in UNBORN else "read"
    run_id = str(uuid.uuid4())
    runs.begin(c, run_id=run_id, wrapper_id=wrapper_id, epoch=record.control.epoch, task=task, now=now, node=node)
    record = wrappers.update(
        c,
        record,
        now=now,
        event=event,
        due_at=None,
        note="generation started" if task == "discover" else None,
        checkpoint=record.marks.checkpoint.clipped(now).resumed(),
    )
    if task == "discover":
        return Opened(run_id, task, record)
    deep = record.marks.freshness.is_deep_due(now)
    covered = record.marks.checkpoint.covered
    since = covered[-1].end if covered else None
    begin = poll_start(frontier.of(c, wrapper_id), record.period, now, deep=deep, since=since)
    if record.marks.checkpoint.backfill_done and record.marks.freshness.is_recheck_due(now):
        begin = min(begin, max(EARLIEST, now - record.marks.freshness.recheck(record.period, now, record.recheck)))
    return Opened(run_id, task, record, begin)


def close_run(c: Connection, opened: Opened, ended: Ended, now: int, patience: Patience) -> WrapperRecord | None:
    """Close a run with what was observed and move its wrapper on; None when the wrapper is gone meanwhile.

    When the wanted state is `stopped`, or the epoch has passed, it was no crash, whatever the process said.
    """
    run = runs.get(c, opened.run_id)
    if run is None:
        return None
    ended = sane(ended, opened.task)
    record = wrappers.get(c, opened.wrapper.wrapper_id, lock=True, with_log=False)
    over = record.control.epoch != opened.wrapper.control.epoch
    outcome, message = outcome_of(ended, over=over)
    runs.end(
        c,
        opened.run_id,
        outcome=outcome,
        now=now,
        message=message,
        exit_code=ended.exit.code,
        signal=ended.exit.signal,
        rows_total=ended.rows_total,
    )
    if record.control.wanted is Wish.STOPPED and record.control.status not in ENDED:
        return wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)
    if over:
        return record
    if outcome == runs.INTERRUPTED:
        return wrappers.update(c, record, now=now, due_at=now, note="run interrupted: the service is stopping")
    if opened.task == "read":
        if outcome == runs.SUCCEEDED:
            logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", _summary(run, now))])
        record = _with_result(c, record, run, outcome, message, now)
    if outcome == runs.FAILED:
        failed = ended.verdict if isinstance(ended.verdict, Failed) else unsaid(opened.task, message)
        # A long back-fill meets many troubles in its time: they are in a row only while it gets nowhere.
        if run.points_new:
            record = changed(record, {"retry_count": 0, "fault_count": 0})
        record = _looked_at_anew(c, record, ended, now) if opened.task == "read" and ended.looked_anew else record
        return _failed(c, record, opened.task, failed, now, patience)
    if isinstance(ended.verdict, Found):
        return _generated(c, record, ended.verdict, ended.origin, now)
    return _read(c, _learned(c, record, opened, run, now), ended.verdict, run.started_at, now)


def observe_stop(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
    """Return a wrapper whose process is known to be gone, as stopped.

    `close_run` has seen to it already, unless the store failed just then: a run must not stay open for ever.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is not Wish.STOPPED or record.control.status in ENDED:
        return record
    if run := runs.open_run(c, wrapper_id):
        runs.end(c, run.run_id, outcome=runs.STOPPED, now=now, message="Wrapper was stopped.")
    return wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)


def recover(c: Connection, now: int) -> list[str]:
    """Finish what a crash of the service cut off; return the ids of the wrappers that are resumed.

    Open runs are closed as interrupted (their processes died with the service), stops that were wanted are
    completed, and what should be running becomes due, spread out in time.
    """
    for run in runs.all_open(c):
        runs.end(c, run.run_id, outcome=runs.INTERRUPTED, now=now, message="The service ended while it ran.")
    resumed: list[str] = []
    for record in wrappers.wanted_but_idle(c):
        if record.control.wanted is Wish.STOPPED:
            wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)
            continue
        # The epoch is raised so that nothing of the former service can be stored, should any of it be left.
        wrappers.update(
            c,
            record,
            now=now,
            epoch=record.control.epoch + 1,
            due_at=_next_look(record, now) or now + SPREAD * len(resumed),
            note="resumed after a restart of the service",
        )
        resumed.append(record.wrapper_id)
    return resumed


def _next_look(record: WrapperRecord, now: int) -> int | None:
    """Return when a wrapper waits to be polled by its schedule, None when it is to go on now."""
    due_at = record.control.due_at
    waits = record.following and record.schedule is not None and due_at is not None and due_at > now
    return due_at if waits else None


def _with_result(
    c: Connection, record: WrapperRecord, run: runs.RunRecord, outcome: str, message: str, now: int
) -> WrapperRecord:
    ok = outcome == runs.SUCCEEDED
    result = {
        "wrapper_id": record.wrapper_id,
        "success": ok,
        "message": message,
        "data_points_sent": run.points_received if ok else None,
        "execution_time": round((now - run.started_at) / SECOND, 3),
    }
    return wrappers.update(
        c, record, now=now, execution_result=result, last_health_check=now, poll_count=record.counters.poll_count + 1
    )


def _summary(run: RunRecord, now: int) -> str:
    return (
        f"Run finished: {run.points_new:,} new, {run.points_changed:,} changed, {run.points_rejected:,} rejected "
        f"points; {run.request_count:,} requests in {(now - run.started_at) / SECOND:.1f} s."
    )


def _learned(c: Connection, record: WrapperRecord, opened: Opened, run: RunRecord, now: int) -> WrapperRecord:
    """Learn from a run that has read to its end how late the source publishes, and how late it revises."""
    started_at = run.started_at
    if record.definition.source_type is not SourceType.API:
        return record
    frontier.learn(c, record.wrapper_id, started_at, now)
    before, newest = opened.wrapper, record.marks.high_water_mark
    fresh = record.marks.freshness
    if newest is not None and (before.marks.high_water_mark is None or newest > before.marks.high_water_mark):
        fresh = fresh.learned(newest, now)
    if before.marks.freshness.is_deep_due(started_at):
        fresh = msgspec.structs.replace(fresh, deep_at=started_at)
    if fresh.rechecked_at is None or before.marks.freshness.is_recheck_due(started_at):
        fresh = fresh.rechecked(started_at)
    if run.points_changed and (oldest := revisions.oldest_of(c, run.run_id, run.points_changed)) is not None:
        fresh = fresh.revising(max(0, started_at - oldest))
    pause = record.schedule.longest_pause(started_at) if record.schedule else 0
    fresh = msgspec.structs.replace(fresh, pause=pause)
    return record if fresh == record.marks.freshness else changed(record, {"freshness": fresh})


def _looked_at_anew(c: Connection, record: WrapperRecord, ended: Ended, now: int) -> WrapperRecord:
    """Let the next try read by what was found anew; data and checkpoint stay, because it is the same source."""
    found = ended.anew
    if found is None:
        return wrappers.update(
            c, record, now=now, rediscovered=True, note="its source was looked at anew: nothing better was found"
        )
    lines = ["the source has changed; it was looked at anew:", *changes(record, found)]
    logs.append(c, record.wrapper_id, [logs.LogLine(now, "WARNING", line[:MAX_MESSAGE]) for line in lines])
    code = _code(found, ended.origin) | {"rediscovered": True, "checkpoint": record.marks.checkpoint.begun_anew()}
    return wrappers.update(c, record, now=now, note=SOURCE_CHANGED, **code)


def _code(found: Found, origin: Origin) -> Changes:
    findings = msgspec.to_builtins(found.findings)
    kept = findings if len(msgspec.json.encode(findings)) <= MAX_FINDINGS else None
    return {"generated_code": found.code, "inferred_period": found.period, "code_origin": origin, "findings": kept}


def _generated(c: Connection, record: WrapperRecord, found: Found, origin: Origin, now: int) -> WrapperRecord:
    code: Changes = {**_code(found, origin), "error_message": None, "rediscovered": False}
    if origin is Origin.MODEL:  # what the process of discovery has found, its run has told already
        logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", note[:MAX_MESSAGE]) for note in found.notes])
    fresh: Changes = {"retry_count": 0, "fault_count": 0, "due_at": now}
    if record.resource_id is not None or not record.definition.auto_create_resource:
        return wrappers.update(c, record, now=now, event=Event.READY, note="code ready", **(code | fresh))
    record = wrappers.update(c, record, now=now, event=Event.CODE_READY, note="code ready", **code)
    fresh["resource_id"] = _new_resource(c, record, now)
    note = f"resource {fresh['resource_id']} created"
    return wrappers.update(c, record, now=now, event=Event.READY, note=note, **fresh)


def _new_resource(c: Connection, record: WrapperRecord, now: int) -> str:
    return resources.create(
        c,
        wrapper_id=record.wrapper_id,
        name=record.definition.metadata["name"],
        type=record.definition.metadata.get("domain") or "time series",
        legend=record.definition.metadata.get("unit"),
        source_type=record.definition.source_type.value,
        now=now,
    ).id


def _log_unknown_periodicity(c: Connection, wrapper_id: str, metadata: dict[str, Any], now: int) -> None:
    text = metadata.get("periodicity")
    if text and known_periodicity(text) is None:
        line = (
            f"The periodicity {text[:100]!r} is kept as text, but names no period: the period that discovery infers is "
            "used. Set metadata.periodicity to a word such as Monthly or a duration such as P1M to decide otherwise."
        )
        logs.append(c, wrapper_id, [logs.LogLine(now, "WARNING", line)])


def _read(c: Connection, record: WrapperRecord, verdict: Any, started_at: int, now: int) -> WrapperRecord:
    fresh: Changes = {"retry_count": 0, "fault_count": 0, "error_message": None, "freshness": record.marks.freshness}
    if record.control.rediscovered:
        fresh["rediscovered"] = False
    if record.definition.code_origin is Origin.EDITED:
        fresh["code_origin"] = Origin.HAND
    if record.definition.source_type is not SourceType.API:
        fresh["completed_at"] = now
        return wrappers.update(c, record, now=now, event=Event.FILE_FINISHED, note="file read to its end", **fresh)
    reason = verdict.reason if isinstance(verdict, Done) else None
    if reason and not record.marks.checkpoint.backfill_done:
        fresh["checkpoint"] = record.marks.checkpoint.backfilled(reason)
    schedule = record.schedule
    fresh["due_at"] = max(schedule.after(started_at) if schedule else started_at + poll_interval(record.period), now)
    note = f"back-fill done: {reason}" if reason else None
    return wrappers.update(c, record, now=now, note=note, **fresh)


def _failed(
    c: Connection, record: WrapperRecord, task: str, failed: Failed, now: int, patience: Patience
) -> WrapperRecord:
    tries = record.control.retry_count + 1
    down = isinstance(failed, Outage)
    faults = record.control.fault_count + (not down)
    discovering = task == "discover"
    # A source that is down is no broken wrapper; one that was never seen answering may not exist at all.
    counted = tries if discovering else faults
    given_up = isinstance(failed, Final) or counted >= patience.tries or (discovering and not down)
    if given_up:
        event = Event.GENERATION_FAILED if discovering else Event.TRIES_USED_UP
        return wrappers.update(
            c,
            record,
            now=now,
            event=event,
            note=f"given up: {failed.message}",
            error_message=failed.message,
            retry_count=tries,
            fault_count=faults,
            due_at=None,
        )
    retry_after = failed.retry_after if isinstance(failed, Outage) else None
    due_at = now + patience.delay(tries, poll_interval(record.period), retry_after)
    first = FIRST_STEP * record.period
    checkpoint = record.marks.checkpoint if discovering else record.marks.checkpoint.shrunk(record.period, first)
    if faults >= DOUBT_THE_TOKEN and not down:
        checkpoint = checkpoint.begun_anew()
    return wrappers.update(
        c,
        record,
        now=now,
        event=None if discovering else Event.RUN_FAILED,
        error_message=failed.message,
        note=f"failed, next try at {iso(due_at - due_at % SECOND)}: {failed.message}",
        checkpoint=checkpoint,
        retry_count=tries,
        fault_count=faults,
        due_at=due_at,
    )
