"""How runs end: what the supervisor saw, made sane, and what that comes to."""

from dataclasses import dataclass, replace

import msgspec

from slackwater.model.checkpoint import MAX_REASON
from slackwater.model.wrapper import Origin, WrapperRecord
from slackwater.pipe.frames import Done, Failed, Fault, Found, Outage
from slackwater.store.records import runs
from slackwater.supervise.process.child import Exit

MAX_MESSAGE = 2_000  # characters of what a process may have shown to people


@dataclass(frozen=True)
class Ended:
    """How a run ended, as the supervisor saw it."""

    verdict: Done | Found | Failed | None  # the process's own word; None when it had none
    exit: Exit
    interrupted: bool = False  # the service is stopping: nobody's fault, to be resumed
    rows_total: int | None = None
    origin: Origin = Origin.DISCOVERED  # who has written the module that was found
    rediscovered_source: bool = False  # its source, that is understood no more, was discovered once again
    found_again: Found | None = None  # the other module that came of it


@dataclass(frozen=True)
class Opened:
    """A run that may start: the wrapper as it was when the run was opened."""

    run_id: str
    task: str
    wrapper: WrapperRecord
    frontier: int | None = None  # µs since the epoch; where a poll begins, before `lookback`


def sane(ended: Ended, task: str) -> Ended:
    """Return the end of a run with a last word that fits its task.

    It is short enough to be shown.

    The process may run hostile code: a `Found` from a run that reads would move the wrapper by an event that its
    status does not allow, and its run would stay open for ever.
    """
    match ended.verdict:
        case Failed(message=message) as failed:
            verdict: Done | Found | Failed | None = msgspec.structs.replace(failed, message=message[:MAX_MESSAGE])
        case Done(reason=reason) if task == "read":
            verdict = Done(reason=reason and reason[:MAX_REASON])
        case None:
            verdict = None
        case Found() as found if task == "discover":
            verdict = found
        case other:
            verdict = Fault(message=f"The wrapper process ended a `{task}` run with {type(other).__name__}.")
    return replace(ended, verdict=verdict)


def outcome_of(ended: Ended, *, over: bool) -> tuple[str, str]:
    """Return the outcome of a run, and the sentence for it.

    `over`: its epoch has passed, so it was stopped.
    """
    if over:
        return runs.STOPPED, "Wrapper was stopped."
    if ended.interrupted:
        return runs.INTERRUPTED, "The service is stopping; the run goes on at its next start."
    if isinstance(ended.verdict, Failed):
        return runs.FAILED, ended.verdict.message
    if ended.verdict is None:
        return runs.FAILED, f"The wrapper did not finish: {ended.exit}."
    return runs.SUCCEEDED, "Wrapper executed successfully"


def unsaid(task: str, message: str) -> Failed:
    """Return the failure of a process that ended without a last word.

    In a discovery that says nothing about the source, so it is tried again; it is given up when the tries are.
    """
    return Outage(message=message) if task == "discover" else Fault(message=message)
