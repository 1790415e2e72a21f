"""Statuses, events, and the one table that says which event leads where."""

from enum import StrEnum

from slackwater.errors import IllegalTransition


class Status(StrEnum):
    """Where a wrapper is in its life, as every client sees it."""

    PENDING = "pending"  # asked for; generation has not begun
    GENERATING = "generating"  # its module is being written
    CREATING_RESOURCE = "creating_resource"  # code is there; the resource is being made
    EXECUTING = "executing"  # reading, or following its source between two polls
    RETRYING = "retrying"  # the last run failed; waiting for the next try
    STOPPED = "stopped"  # stopped by a person; the checkpoint waits
    COMPLETED = "completed"  # a file that was read to its end
    ERROR = "error"  # failed for good: error_message says what to change


class Event(StrEnum):
    """What may happen to a wrapper."""

    GENERATION_STARTED = "generation starts"
    MODULE_READY = "module ready, resource wanted"
    READY = "ready"
    GENERATION_FAILED = "failed for good"
    EXECUTE = "execute"
    FILE_FINISHED = "file read to its end"
    RUN_FAILED = "run failed, tries left"
    RETRY_DUE = "due"
    TRIES_USED_UP = "tries used up"
    STOP = "stop"
    REGENERATE = "regenerate"


IDLE = frozenset({Status.STOPPED, Status.COMPLETED, Status.ERROR})  # nothing runs, and nothing will by itself
UNBORN = frozenset({Status.PENDING, Status.GENERATING, Status.CREATING_RESOURCE})  # there is nothing to read with yet
ENDED = frozenset({Status.STOPPED, Status.COMPLETED})  # idle, with nothing left that a stop could change


TRANSITIONS: dict[tuple[Status, Event], Status] = {
    (Status.PENDING, Event.GENERATION_STARTED): Status.GENERATING,
    (Status.GENERATING, Event.MODULE_READY): Status.CREATING_RESOURCE,
    (Status.GENERATING, Event.READY): Status.EXECUTING,
    (Status.CREATING_RESOURCE, Event.READY): Status.EXECUTING,
    (Status.GENERATING, Event.GENERATION_FAILED): Status.ERROR,
    (Status.STOPPED, Event.EXECUTE): Status.EXECUTING,
    (Status.COMPLETED, Event.EXECUTE): Status.EXECUTING,
    (Status.ERROR, Event.EXECUTE): Status.EXECUTING,
    (Status.EXECUTING, Event.FILE_FINISHED): Status.COMPLETED,
    (Status.EXECUTING, Event.RUN_FAILED): Status.RETRYING,
    (Status.RETRYING, Event.RETRY_DUE): Status.EXECUTING,
    (Status.EXECUTING, Event.TRIES_USED_UP): Status.ERROR,
    (Status.RETRYING, Event.TRIES_USED_UP): Status.ERROR,
    **{(status, Event.STOP): Status.STOPPED for status in Status if status not in ENDED},
    **{(status, Event.REGENERATE): Status.PENDING for status in Status if status is not Status.GENERATING},
}


def advance(status: Status, event: Event) -> Status:
    """Return the status that `event` leads to; IllegalTransition when the table has no such row."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(status=status, event=event) from None


def allows(status: Status, event: Event) -> bool:
    """Say whether the table lets `event` happen to a wrapper in `status`."""
    return (status, event) in TRANSITIONS
