"""What the use cases answer.

How an execution or a stop went, what is seen of a process, how busy a node is.
"""

from dataclasses import dataclass

import psutil

from slackwater.model.instants import SECOND
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.records import runs
from slackwater.supervise.lifecycle.dispatch import SLOT_SECONDS
from slackwater.supervise.run.ingest import Run

DONE = "Wrapper executed successfully"
MANY = 1_000  # wrappers that wait are counted so far: more are reported as "or more"
BUSY = "Wrapper is executing"


@dataclass(frozen=True)
class Executed:
    """The answer of `execute`."""

    wrapper_id: str
    success: bool
    message: str
    data_points_sent: int | None
    execution_time: float  # seconds


@dataclass(frozen=True)
class Stopped:
    """The answer of `stop`."""

    wrapper_id: str
    success: bool

    @property
    def message(self) -> str:
        """The contract's sentence."""
        return "Wrapper stopped successfully" if self.success else "Failed to stop wrapper"


@dataclass(frozen=True)
class Vitals:
    """What can be seen of a living wrapper process."""

    process_id: int
    started_at: int  # µs since the epoch
    memory_mb: float
    cpu_percent: float
    rows_processed: int
    rows_total: int | None


@dataclass(frozen=True)
class Slots:
    """How busy a node is.

    Runs that go on, of how many at once, and how many of them have a process.
    """

    node: str
    ready: bool
    used: int
    total: int
    processes: int


@dataclass(frozen=True)
class Activity:
    """What a node has done since its start."""

    runs: dict[tuple[str, str], int]  # by task and outcome
    requests: dict[tuple[str, str], int]  # by host and status code, or the kind of fault


def vitals_of(run: Run, now: int) -> Vitals | None:
    """Return what can be seen of a run's process, None when it has none.

    `now` in µs since the epoch.
    """
    if run.child is None:
        return None
    try:
        process = psutil.Process(run.child.pid)
        with process.oneshot():
            memory = process.memory_info().rss
            used = sum(process.cpu_times()[:2])
    except psutil.Error:
        return None
    alive = max(0.001, (now - run.started_at) / SECOND)
    return Vitals(
        run.child.pid,
        run.started_at,
        round(memory / 2**20, 1),
        round(100 * used / alive, 1),
        run.rows_done,
        run.rows_total,
    )


def executed(
    current: WrapperRecord, epoch: int, run: runs.RunRecord | None, seconds: float, *, started: bool
) -> Executed | None:
    """Return how an execution went, None while it goes on.

    `run` is the newest of the execution's `epoch`; `started`: there was something to do.
    """
    wrapper_id = current.wrapper_id
    if run is None:
        if current.control.epoch != epoch:
            return Executed(wrapper_id, False, "Wrapper was stopped", None, seconds)
        # Executing what follows its source already: nothing was to be done, and all is well.
        return Executed(wrapper_id, True, DONE, 0, seconds) if not started and current.following else None
    if run.outcome == runs.RUNNING:
        return None
    if run.task == "discover" and run.outcome == runs.SUCCEEDED:
        return None  # the module is written; what it reads comes next
    if run.outcome == runs.SUCCEEDED:
        return Executed(wrapper_id, True, DONE, run.points_received, seconds)
    return Executed(wrapper_id, False, run.message or run.outcome, None, seconds)


def crowded(late: int, used: int, total: int, hindered: int) -> str:
    """Return in a sentence that wrappers wait for a free slot.

    `hindered`: how many of the slots that are used are taken by runs that make no progress.
    """
    count = f"{MANY:,} wrappers or more" if late >= MANY else f"{late:,} wrapper(s)"
    return (
        f"{count} wait longer than {SLOT_SECONDS:g} seconds for a free slot: {used:,} of {total:,} are taken, "
        f"{hindered:,} by runs that make no progress. Set max_runs or stall_seconds."
    )
