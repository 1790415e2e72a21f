"""Facts about a wrapper → how healthy it is. Reading health never writes."""

from enum import StrEnum

import msgspec

from slackwater.model.freshness import LATE_PERIODS
from slackwater.model.status import Status

REJECTED_SHARE = 0.1  # of a run's rows; the same tenth that makes a rejected column a question in discovery


class Health(StrEnum):
    """What `GET /health` of a wrapper answers."""

    HEALTHY = "HEALTHY"
    STALLED = "STALLED"
    DEGRADED = "DEGRADED"
    CRASHED = "CRASHED"
    UNKNOWN = "UNKNOWN"


def rejects_too_many(rejected: int, rows: int) -> bool:
    """Say whether a run rejected more of its rows than single faults explain."""
    return rejected > REJECTED_SHARE * rows


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):  # one for each source of a list
    """What health is judged by. Times in µs since the epoch, `period` in µs.

    None = never.
    """

    status: Status
    now: int
    period: int
    ever_ran: bool
    last_run_died: bool = False  # failed, or its process was killed
    troubled: bool = False  # failed or rate-limited requests, rejected points or retries in the last run
    hindered: bool = False  # its run makes no progress, or waits for a host or a slot
    rejecting: bool = False  # more than a tenth of the last run's rows
    backfilling: bool = False
    last_new_data: int | None = None  # when a point was last stored
    started_following: int | None = None
    newest: int | None = None  # time of the newest point
    pause: int = 0  # the longest between two polls, where people have said when it is polled
    allowed_age: int | None = None  # of the newest point, in µs; None = nothing was learned of the source yet


def judge(facts: Facts) -> Health:
    """Return the health that the facts add up to; the worst that applies wins."""
    if facts.status is Status.COMPLETED:
        return Health.DEGRADED if facts.rejecting else Health.HEALTHY
    if facts.hindered and facts.status is not Status.STOPPED and not facts.ever_ran:
        return Health.STALLED
    if facts.status is Status.STOPPED or not facts.ever_ran:
        return Health.CRASHED if facts.status is Status.ERROR else Health.UNKNOWN
    if facts.status is Status.ERROR or facts.last_run_died:
        return Health.CRASHED
    if facts.hindered or (not facts.backfilling and _is_late(facts)):
        return Health.STALLED
    if facts.troubled or facts.status is Status.RETRYING:
        return Health.DEGRADED
    return Health.HEALTHY


def _is_late(facts: Facts) -> bool:
    """Check whether the newest point is older than period and learned delay allow.

    With no point, whether none came.
    """
    if facts.newest is not None and facts.allowed_age is not None:
        return facts.now - facts.newest > facts.allowed_age
    last_sign = max(facts.last_new_data or 0, facts.started_following or 0)
    return bool(last_sign) and facts.now - last_sign > LATE_PERIODS * facts.period + facts.pause
