"""What people want of wrappers, written down.

Each function is a transaction, so it happens wholly or not at all.

Promise: nothing but what is in here changes what is wanted. `transitions` writes what is observed.
"""

import contextlib
from typing import Any

from slackwater.errors import BadInput, Conflict, NotFound
from slackwater.model.checkpoint import Checkpoint
from slackwater.model.events import Change
from slackwater.model.freshness import Freshness
from slackwater.model.periodicity import known_periodicity
from slackwater.model.source.identity import identity
from slackwater.model.status import ENDED, IDLE, Event, Status
from slackwater.model.wrapper import Changes, Origin, WantedState, WrapperRecord
from slackwater.pipe.frames import Found
from slackwater.store.cluster import trials
from slackwater.store.engine import notices
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, resources, runs, wrappers
from slackwater.store.series import points
from slackwater.supervise.lifecycle.generated import generated, new_resource
from slackwater.supervise.run.outcomes import MAX_MESSAGE


def request_generate(c: Connection, record: WrapperRecord) -> WrapperRecord:
    """Store a new wrapper that is wanted to run, with its resource.

    Clients link it from the answer alone.
    """
    wrappers.insert(c, record, f"created; discovery of its source ({record.definition.source_type}) requested")
    if record.definition.auto_create_resource:
        resource_id = new_resource(c, record, record.marks.created_at)
        wrappers.add_event(c, record.wrapper_id, record.marks.created_at, f"resource {resource_id} created")
    _log_unknown_periodicity(c, record.wrapper_id, record.definition.metadata, record.marks.created_at)
    return wrappers.get(c, record.wrapper_id)


def take_discovery(c: Connection, record: WrapperRecord, found: Found, origin: Origin) -> WrapperRecord:
    """Give a new wrapper the module that was approved.

    Nothing is to be generated any more.
    """
    now = record.marks.created_at
    note = "the module is that of the discovery that was approved"
    record = wrappers.update(c, record, now=now, event=Event.GENERATION_STARTED, note=note)
    if origin is not Origin.MODEL:  # the notes of a model are logged with its module
        logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", line[:MAX_MESSAGE]) for line in found.notes])
    return generated(c, record, found, origin, now)


def request_execute(c: Connection, wrapper_id: str, now: int) -> tuple[WrapperRecord, bool]:
    """Want a wrapper to run; return it and whether that was news.

    BadInput says why it cannot run. `now` is in µs since the epoch.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    if record.control.wanted is WantedState.EXECUTING and record.control.status is Status.EXECUTING:
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
        changes["resource_id"] = new_resource(c, record, now)
    event = Event.RETRY_DUE if record.control.status is Status.RETRYING else Event.EXECUTE
    changes["completed_at"] = None
    return wrappers.update(c, record, now=now, event=event, note="execution requested", **changes), True


def _begun_again(record: WrapperRecord, now: int) -> Changes:
    """Return what changes when people want a wrapper to run.

    It is due, in a new epoch, and no failure counts.
    """
    return {
        "wanted": WantedState.EXECUTING,
        "epoch": record.control.epoch + 1,
        "due_at": now,
        "retry_count": 0,
        "fault_count": 0,
        "error_message": None,
        "rediscovered": False,
    }


def _poll_now(c: Connection, record: WrapperRecord, now: int) -> tuple[WrapperRecord, bool]:
    """Make a wrapper that waits for its next poll due.

    One that reads, or is due, is left alone.
    """
    if record.control.due_at is None or record.control.due_at <= now or runs.open_run(c, record.wrapper_id) is not None:
        return record, False
    # An epoch of its own tells this poll from the one before, whose result the caller must not be given.
    return wrappers.update(c, record, now=now, note="poll requested", epoch=record.control.epoch + 1, due_at=now), True


def _generate_again(c: Connection, record: WrapperRecord, now: int) -> WrapperRecord:
    """Want the module that a stopped or failed generation did not write."""
    if not record.idle:
        raise BadInput("Wrapper has no code yet")
    changes = _begun_again(record, now)
    changes["identity"] = identity(record.definition.source_config)
    return wrappers.update(c, record, now=now, event=Event.REGENERATE, note="discovery requested again", **changes)


def request_stop(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
    """Want a wrapper stopped, and fence off what it may still send.

    Promise: once this is committed nothing of the epochs before is stored any more, and nothing starts the wrapper
    but a new `execute`. Without an open run it is stopped at once; else `close_run` observes the end.
    `now` is in µs since the epoch.
    """
    record = wrappers.get(c, wrapper_id, lock=True, with_log=False)
    trials.end(c, wrapper_id)
    notices.send(c, notices.STOP, [wrapper_id])  # its dry runs on other nodes, too
    if record.control.status in ENDED:
        return record
    if runs.open_run(c, wrapper_id) is None:
        return wrappers.update(
            c,
            record,
            now=now,
            event=Event.STOP,
            note="stopped",
            wanted=WantedState.STOPPED,
            epoch=record.control.epoch + 1,
            due_at=None,
        )
    if record.control.wanted is WantedState.STOPPED:
        return record
    return wrappers.update(
        c,
        record,
        now=now,
        note="stop requested",
        wanted=WantedState.STOPPED,
        epoch=record.control.epoch + 1,
        due_at=None,
    )


def request_regenerate(c: Connection, wrapper_id: str, now: int) -> WrapperRecord:
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
    note = "regeneration requested; data and checkpoint deleted"
    return wrappers.update(c, record, now=now, event=Event.REGENERATE, note=note, change=Change.BEGUN, **changes)


def _nothing_read(record: WrapperRecord) -> Changes:
    """Return what changes when a wrapper's data is deleted.

    It has read nothing of the source that is declared now.
    """
    return {
        "checkpoint": Checkpoint(version=record.marks.checkpoint.version + 1),
        "identity": identity(record.definition.source_config),
        "points": 0,
        "high_water_mark": None,
        "low_water_mark": None,
        "last_data_sent": None,
    }


def delete_resource_and_data(c: Connection, resource_id: str, now: int) -> None:
    """Hide a resource and delete its data.

    Its wrapper, which must not run, then counts nothing as read.

    Conflict when the wrapper runs, or another resource shows the same data. `now` is in µs since the epoch.
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
    """Set a checkpoint by hand, or begin anew with None.

    Conflict while the wrapper may run.
    """
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
    runs_on: tuple[str, ...] | None = None,
) -> WrapperRecord:
    """Replace parts of a wrapper that does not run; Conflict when it does.

    `now` is in µs since the epoch.
    """
    record = idle(c, wrapper_id)
    values: Changes = {}
    if metadata is not None:
        values["metadata"] = metadata
    if source_config is not None:
        values["source_config"] = source_config
    if generated_code is not None:
        values["generated_code"] = generated_code
    if runs_on is not None:
        values["runs_on"] = runs_on
    if not values:
        return record
    note = f"changed: {', '.join(values)}"
    change = Change.MODULE if "generated_code" in values else Change.SOURCE if "source_config" in values else None
    if generated_code not in (None, record.definition.generated_code):
        values["code_origin"] = Origin.EDITED
    if metadata is not None and metadata.get("periodicity") != record.definition.metadata.get("periodicity"):
        _log_unknown_periodicity(c, wrapper_id, metadata, now)
    return wrappers.update(c, record, now=now, note=note, change=change, **values)


def delete(c: Connection, wrapper_id: str) -> None:
    """Remove a wrapper that does not run with its runs and logs.

    Its resource keeps its data and period.
    """
    record = idle(c, wrapper_id)
    resources.keep_periods(c, record.wrapper_id)
    wrappers.delete(c, wrapper_id)


def _log_unknown_periodicity(c: Connection, wrapper_id: str, metadata: dict[str, Any], now: int) -> None:
    text = metadata.get("periodicity")
    if text and known_periodicity(text) is None:
        line = (
            f"The periodicity {text[:100]!r} is kept as text, but names no period: the period that discovery infers is "
            "used. Set metadata.periodicity to a word such as Monthly or a duration such as P1M to decide otherwise."
        )
        logs.append(c, wrapper_id, [logs.LogLine(now, "WARNING", line)])
