"""A wrapper gets its module, and a resource for its data."""

import msgspec

from slackwater.model.status import Event
from slackwater.model.wrapper import Changes, Origin, WrapperRecord
from slackwater.pipe.frames import Found
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, resources, wrappers
from slackwater.supervise.run.outcomes import MAX_MESSAGE

MAX_FINDINGS = 64 * 1024  # bytes of JSON that are kept of what a module was written from


def generated(c: Connection, record: WrapperRecord, found: Found, origin: Origin, now: int) -> WrapperRecord:
    """Give a wrapper its module, and a resource when it is to have one.

    It is due at once. `now` is in µs since the epoch.
    """
    code: Changes = {**code_of(found, origin), "error_message": None, "rediscovered": False}
    if origin is Origin.MODEL:  # what the process of discovery has found, its run has told already
        logs.append(c, record.wrapper_id, [logs.LogLine(now, "INFO", note[:MAX_MESSAGE]) for note in found.notes])
    fresh: Changes = {"retry_count": 0, "fault_count": 0, "due_at": now}
    if record.resource_id is not None or not record.definition.auto_create_resource:
        return wrappers.update(c, record, now=now, event=Event.READY, note="module ready", **(code | fresh))
    record = wrappers.update(c, record, now=now, event=Event.MODULE_READY, note="module ready", **code)
    fresh["resource_id"] = new_resource(c, record, now)
    note = f"resource {fresh['resource_id']} created"
    return wrappers.update(c, record, now=now, event=Event.READY, note=note, **fresh)


def code_of(found: Found, origin: Origin) -> Changes:
    """Return what changes with a module; findings beyond `MAX_FINDINGS` are not kept."""
    findings = msgspec.to_builtins(found.findings)
    kept = findings if len(msgspec.json.encode(findings)) <= MAX_FINDINGS else None
    return {"generated_code": found.code, "inferred_period": found.period, "code_origin": origin, "findings": kept}


def new_resource(c: Connection, record: WrapperRecord, now: int) -> str:
    """Make a resource for the data of a wrapper; return its id.

    `now` is in µs since the epoch.
    """
    return resources.create(
        c,
        wrapper_id=record.wrapper_id,
        name=record.definition.metadata["name"],
        type=record.definition.metadata.get("domain") or "time series",
        legend=record.definition.metadata.get("unit"),
        source_type=record.definition.source_type.value,
        now=now,
    ).id
