"""The transactions of a wrapper's life.

Each is one function of a connection, so it happens wholly or not at all.

Two columns: the use cases write what is *wanted* (`wanted_state`), the reconciler what is *observed* (here). Whatever
could bring a wrapper back reads wanted state and epoch in its own transaction.
"""

import uuid
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from slackwater.model.events import Change
from slackwater.model.freshness import poll_start
from slackwater.model.instants import EARLIEST, SECOND, iso
from slackwater.model.periodicity import poll_interval
from slackwater.model.planning import FIRST_STEP
from slackwater.model.status import ENDED, UNBORN, Event, Status
from slackwater.model.wrapper import Changes, Origin, SourceType, WantedState, WrapperRecord, changed
from slackwater.pipe.frames import Done, Failed, Final, Found, Outage
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, runs, wrappers
from slackwater.store.records.runs import RunRecord
from slackwater.store.series import frontier, revisions
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.lifecycle.generated import code_of, generated
from slackwater.supervise.lifecycle.module_diff import changes
from slackwater.supervise.run.outcomes import MAX_MESSAGE, Ended, Opened, outcome_of, sane, unsaid

DOUBT_THE_TOKEN = 2  # faults in a row after which a page token is no longer believed
SPREAD = SECOND // 50  # between two wrappers that resume after a start of the service


def open_run(c: Connection, wrapper_id: str, now: int, node: str, labels: Collection[str] = ()) -> Opened | None:
    """Open a run of a wrapper that is due.

    None when meanwhile it shall not run, or already does, or needs more than the `labels` of this node. `now` is in µs
    since the epoch.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is not WantedState.EXECUTING or not wrappers.is_due(record, now):
        return None
    if record.idle or runs.open_run(c, wrapper_id) is not None or not set(record.definition.runs_on) <= set(labels):
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
        note="discovery started" if task == "discover" else None,
        checkpoint=record.marks.checkpoint.clipped(now).resumed(),
    )
    if task == "discover":
        return Opened(run_id, task, record)
    deep = record.marks.freshness.deep_reach(record.period, now)
    covered = record.marks.checkpoint.covered
    since = covered[-1].end if covered else None
    begin = poll_start(frontier.of(c, wrapper_id), record.period, now, deep=deep, since=since)
    if record.marks.checkpoint.backfill_done and record.marks.freshness.is_recheck_due(now):
        begin = min(begin, max(EARLIEST, now - record.marks.freshness.recheck(record.period, now, record.recheck)))
    return Opened(run_id, task, record, begin)


def close_run(
    c: Connection, opened: Opened, ended: Ended, now: int, patience: Patience
) -> tuple[WrapperRecord, str] | None:
    """Close a run with what was observed and move its wrapper on.

    Return the wrapper and how the run counts; None when the wrapper is gone meanwhile.

    When the wanted state is `stopped`, or the epoch has passed, it was no crash, whatever the process said.
    `now` is in µs since the epoch.
    """
    run = runs.get(c, opened.run_id)
    if run is None:
        return None
    ended = sane(ended, opened.task)
    record = wrappers.get(c, opened.wrapper.wrapper_id, lock=True, with_log=False)
    over = record.control.epoch != opened.wrapper.control.epoch
    outcome, message = outcome_of(ended, over=over)
    how = {"exit_code": ended.exit.code, "signal": ended.exit.signal, "rows_total": ended.rows_total}
    mine = runs.end(c, opened.run_id, outcome=outcome, now=now, message=message, **how)
    record = _moved_on(c, record, opened, run, ended, (outcome, message), now, patience)
    # It was closed before when its node was taken for gone.
    closed = None if mine else runs.get(c, opened.run_id)
    return record, closed.outcome if closed else outcome


def _moved_on(
    c: Connection,
    record: WrapperRecord,
    opened: Opened,
    run: RunRecord,
    ended: Ended,
    told: tuple[str, str],
    now: int,
    patience: Patience,
) -> WrapperRecord:
    outcome, message = told
    if record.control.wanted is WantedState.STOPPED and record.control.status not in ENDED:
        return wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)
    if record.control.epoch != opened.wrapper.control.epoch:
        return record
    if outcome == runs.INTERRUPTED:
        return wrappers.update(c, record, now=now, due_at=now, note="run interrupted: the service is stopping")
    seen: Changes = {}  # written with what follows: each writing is one more version of the row
    if opened.task == "read":
        if outcome == runs.SUCCEEDED:
            logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", _summary(run, now))])
        seen = _result(record, run, outcome, message, now)
    if outcome == runs.FAILED:
        failed = ended.verdict if isinstance(ended.verdict, Failed) else unsaid(opened.task, message)
        # A long back-fill meets many troubles in its time: they are in a row only while it gets nowhere.
        if run.points_new:
            record = changed(record, {"retry_count": 0, "fault_count": 0})
        record = (
            _take_rediscovered(c, record, ended, now) if opened.task == "read" and ended.rediscovered_source else record
        )
        return _failed(c, record, opened.task, failed, run.started_at, now, patience, seen)
    if isinstance(ended.verdict, Found):
        return generated(c, record, ended.verdict, ended.origin, now)
    return _read(c, _learned(c, record, opened, run, now), ended.verdict, run.started_at, now, seen)


def observe_stop(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
    """Return a wrapper whose process is known to be gone, as stopped.

    `close_run` has seen to it already, unless the store failed just then: a run must not stay open for ever.
    `now` is in µs since the epoch.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is not WantedState.STOPPED or record.control.status in ENDED:
        return record
    if run := runs.open_run(c, wrapper_id):
        runs.end(c, run.run_id, outcome=runs.STOPPED, now=now, message="Wrapper was stopped.")
    return wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)


def recover(c: Connection, now: int, concerns: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Finish what a crash of the service cut off.

    Return the ids of the wrappers that are resumed. `concerns` says of an id whether that wrapper is looked at.

    Open runs are closed as interrupted (their processes died with the service), stops that were wanted are
    completed, and what should be running becomes due, spread out in time. `now` is in µs since the epoch.
    """
    for run in runs.all_open(c):
        if concerns(run.wrapper_id):
            runs.end(c, run.run_id, outcome=runs.INTERRUPTED, now=now, message="The service ended while it ran.")
    resumed: list[str] = []
    for record in wrappers.wanted_but_idle(c):
        if not concerns(record.wrapper_id):
            continue
        if record.control.wanted is WantedState.STOPPED:
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


def release(c: Connection, now: int) -> list[str]:
    """Close the runs of nodes that are known to have no process left.

    Return the ids of the wrappers that go on elsewhere; those that are wanted stopped are stopped. `now` in µs since
    the epoch.
    """
    resumed: list[str] = []
    for run in runs.abandoned(c):
        record = wrappers.get(c, run.wrapper_id, lock=True, with_log=False)
        message = f"Its node {run.node} was lost while it ran."
        if not runs.end(c, run.run_id, outcome=runs.INTERRUPTED, now=now, message=message):
            continue
        if record.control.wanted is WantedState.STOPPED:
            if record.control.status not in ENDED:
                wrappers.update(c, record, now=now, event=Event.STOP, note="stopped", due_at=None)
            continue
        # The epoch is raised so that nothing of that node can be stored, should any of it come back.
        note = f"goes on elsewhere: node {run.node} was lost"
        epoch = record.control.epoch + 1
        wrappers.update(c, record, now=now, epoch=epoch, due_at=now + SPREAD * len(resumed), note=note)
        resumed.append(record.wrapper_id)
    return resumed


def _next_look(record: WrapperRecord, now: int) -> int | None:
    """Return when a wrapper waits to be polled by its schedule.

    None when it is to go on now.
    """
    due_at = record.control.due_at
    waits = record.following and record.schedule is not None and due_at is not None and due_at > now
    return due_at if waits else None


def _result(record: WrapperRecord, run: runs.RunRecord, outcome: str, message: str, now: int) -> Changes:
    ok = outcome == runs.SUCCEEDED
    result = {
        "wrapper_id": record.wrapper_id,
        "success": ok,
        "message": message,
        "data_points_sent": run.points_received if ok else None,
        "execution_time": round((now - run.started_at) / SECOND, 3),
    }
    return {"execution_result": result, "last_health_check": now, "poll_count": record.counters.poll_count + 1}


def _summary(run: RunRecord, now: int) -> str:
    requests = "1 request" if run.request_count == 1 else f"{run.request_count:,} requests"
    return (
        f"Run finished: {run.points_new:,} new, {run.points_changed:,} changed, {run.points_rejected:,} rejected "
        f"points; {requests} in {(now - run.started_at) / SECOND:.1f} s."
    )


def _learned(c: Connection, record: WrapperRecord, opened: Opened, run: RunRecord, now: int) -> WrapperRecord:
    """Learn how late the source publishes and revises.

    From a run that has read to its end.
    """
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


def _take_rediscovered(c: Connection, record: WrapperRecord, ended: Ended, now: int) -> WrapperRecord:
    """Let the next try read by what was found anew.

    Data and checkpoint stay, because it is the same source.
    """
    found = ended.found_again
    if found is None:
        return wrappers.update(
            c, record, now=now, rediscovered=True, note="its source was discovered again: nothing better was found"
        )
    lines = ["the source has changed; it was discovered again:", *changes(record, found)]
    logs.append(c, record.wrapper_id, [logs.LogLine(now, "WARNING", line[:MAX_MESSAGE]) for line in lines])
    code = code_of(found, ended.origin) | {"rediscovered": True, "checkpoint": record.marks.checkpoint.restarted()}
    note = "its source has changed; its module is a new one, see its log"
    return wrappers.update(c, record, now=now, note=note, change=Change.REDISCOVERED, **code)


def _read(
    c: Connection, record: WrapperRecord, verdict: Any, started_at: int, now: int, seen: Changes
) -> WrapperRecord:
    fresh: Changes = {**seen, "retry_count": 0, "fault_count": 0, "error_message": None}
    fresh["freshness"] = record.marks.freshness
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
    c: Connection,
    record: WrapperRecord,
    task: str,
    failed: Failed,
    started_at: int,
    now: int,
    patience: Patience,
    seen: Changes,
) -> WrapperRecord:
    tries = record.control.retry_count + 1
    down = isinstance(failed, Outage)
    faults = record.control.fault_count + (not down)
    discovering = task == "discover"
    # A source that is down is no broken wrapper; one that was never seen answering may not exist at all.
    counted = tries if discovering else faults
    given_up = isinstance(failed, Final) or counted >= patience.tries or (discovering and not down)
    # The process has mostly said it in the log: once is enough there.
    known = logs.has_error(c, record.wrapper_id, failed.message, started_at)
    tried: Changes = {**seen, "error_message": failed.message, "retry_count": tries, "fault_count": faults}
    if given_up:
        tried["due_at"] = None
        note = f"given up: {failed.message}"
        event = Event.GENERATION_FAILED if discovering else Event.TRIES_USED_UP
        return wrappers.update(
            c,
            record,
            now=now,
            event=event,
            note=note,
            logged=logs.LogLine(now, "ERROR", "given up" if known else note),
            **tried,
        )
    retry_after = failed.retry_after if isinstance(failed, Outage) else None
    due_at = now + patience.delay(tries, poll_interval(record.period), retry_after)
    first = FIRST_STEP * record.period
    checkpoint = record.marks.checkpoint if discovering else record.marks.checkpoint.shrunk(record.period, first)
    if faults >= DOUBT_THE_TOKEN and not down:
        checkpoint = checkpoint.restarted()
    tried["checkpoint"], tried["due_at"] = checkpoint, due_at
    line = f"failed, next try at {iso(due_at - due_at % SECOND)}"
    note = f"{line}: {failed.message}"
    return wrappers.update(
        c,
        record,
        now=now,
        event=None if discovering else Event.RUN_FAILED,
        note=note,
        logged=logs.LogLine(now, "WARNING", line if known else note),
        **tried,
    )
