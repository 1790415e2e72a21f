"""Names the state of a source in one word and one sentence. Pure.

It follows from a status, a health and a freshness.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from slackwater.model.freshness import Freshness
from slackwater.model.health import Health
from slackwater.model.status import Status
from slackwater.web.console.view.formats import Formats

STARTING = frozenset({Status.PENDING, Status.GENERATING, Status.CREATING_RESOURCE})


class State(StrEnum):
    """How a source is, the worst first: lists begin with it."""

    NEEDS_INPUT = "input"
    FAILING = "failing"
    LATE = "late"
    TROUBLED = "troubled"
    STARTING = "starting"
    LOADING = "loading"
    UP_TO_DATE = "fresh"
    STOPPED = "stopped"
    FINISHED = "finished"


RANK = {state: place for place, state in enumerate(State)}
PROBLEMS = (State.NEEDS_INPUT, State.FAILING, State.LATE, State.TROUBLED)
SIGNS = {
    State.NEEDS_INPUT: "warning",
    State.FAILING: "health-crashed",
    State.LATE: "health-stalled",
    State.TROUBLED: "health-degraded",
    State.STARTING: "status-generating",
    State.LOADING: "down",
    State.UP_TO_DATE: "check",
    State.STOPPED: "status-stopped",
    State.FINISHED: "status-completed",
}


class Source(msgspec.Struct, frozen=True, kw_only=True, gc=False):  # one for each source of a list
    """What is known of a source. Times in µs since the epoch, `period` in µs."""

    status: Status
    health: Health
    generated: bool  # there is a module
    retry_count: int  # failed runs in a row
    fault_count: int  # of these, the ones that were no mere outage of the source
    backfill_done: bool
    is_file: bool
    running: bool
    points: int
    newest: int | None
    oldest: int | None
    due_at: int | None
    period: int
    freshness: Freshness
    error: str | None
    hindrance: str | None = None


@dataclass(frozen=True, kw_only=True)
class Age:
    """The newest point's age and the age up to which it is fresh (µs)."""

    age: int
    allowed: int

    @property
    def share(self) -> float:
        """The age as a part of what is allowed; more than 1 is late."""
        return self.age / self.allowed


def state_of(source: Source) -> State:
    """Return the one word."""
    status, health = source.status, source.health
    if status is Status.STOPPED:
        return State.STOPPED
    if status is Status.ERROR:
        # Of a source that was down all the time nobody has anything to decide.
        return State.NEEDS_INPUT if source.fault_count and not source.generated else State.FAILING
    if status in STARTING:
        return State.FAILING if source.retry_count else State.STARTING
    if status is Status.RETRYING or health is Health.CRASHED:
        return State.FAILING
    if health is Health.STALLED:
        return State.LATE
    if health is Health.DEGRADED:
        return State.TROUBLED
    if status is Status.COMPLETED:
        return State.FINISHED
    return State.UP_TO_DATE if source.backfill_done else State.LOADING


def age_of(source: Source, now: int) -> Age | None:
    """Return the age of a polled source's data; None where unknown or unpromised.

    `now` is in µs since the epoch.
    """
    if source.is_file or source.newest is None or not source.freshness.advances or source.status is Status.STOPPED:
        return None
    return Age(age=max(0, now - source.newest), allowed=max(1, source.freshness.allowed_age(source.period)))


def sentence(source: Source, state: State, fmt: Formats) -> str:
    """Return why it is so, and what comes next."""
    t = fmt.t
    dated = fmt.dated(source.newest, source.oldest, period=source.period)
    newest = t("state.newest", day=_day(source.newest, dated)) if source.newest is not None else t("state.no_data")
    next_check = _next(source, fmt)
    match state:
        case State.NEEDS_INPUT | State.FAILING:
            return " · ".join(filter(None, (source.error or source.hindrance or newest, next_check)))
        case State.LATE:
            aged = age_of(source, fmt.now)
            expected = t("state.expected", span=fmt.duration(aged.allowed / 1e6)) if aged else None
            return " · ".join(filter(None, (source.hindrance, newest, expected, next_check)))
        case State.LOADING if source.oldest is not None and not source.is_file:
            return t("state.back_to", n=fmt.number(source.points), day=_day(source.oldest, dated))
        case State.LOADING:
            return t("state.points", n=fmt.number(source.points))
        case State.STARTING:
            return t("state.analysing")
        case State.FINISHED | State.STOPPED:
            return (
                f"{newest} · {t('state.points', n=fmt.number(source.points))}" if source.newest is not None else newest
            )
    return " · ".join(filter(None, (newest, next_check)))


def awaited(source: Source, state: State, fmt: Formats) -> str:
    """Return what a source without a point waits for; empty where there are points."""
    if source.points:
        return ""
    kind = {
        State.NEEDS_INPUT: "input",
        State.FAILING: "failing",
        State.STARTING: "starting",
        State.STOPPED: "stopped",
        State.FINISHED: "finished",
    }.get(state, "loading" if source.running or state is State.LOADING else "nothing")
    said = fmt.t(f"chart.awaits.{kind}")
    if kind not in ("failing", "nothing") or not _is_tried_again(source):
        return said
    if source.due_at is None or source.due_at <= fmt.now:
        return said
    return f"{said} {fmt.t('chart.awaits.next', when=fmt.away(source.due_at))}"


def _is_tried_again(source: Source) -> bool:
    """Check whether another run comes by itself."""
    started = source.status in (Status.EXECUTING, Status.RETRYING)
    return started or (source.status in STARTING and source.retry_count > 0)


def _day(moment: int | None, fmt: Formats) -> str:
    near = moment is not None and abs(fmt.now - moment) < 2 * 86_400_000_000
    return fmt.text(moment) if near else fmt.day(moment)


def _next(source: Source, fmt: Formats) -> str | None:
    if source.running:
        return fmt.t("state.checking")
    if source.due_at is None or not _is_tried_again(source):
        return None
    if source.due_at <= fmt.now:
        return fmt.t("state.due")
    return fmt.t("state.next", when=fmt.away(source.due_at))
