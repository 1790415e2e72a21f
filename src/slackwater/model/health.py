"""Facts about a wrapper → how healthy it is. Reading health never writes."""

from enum import StrEnum

import msgspec

from slackwater.model.status import Status

STALLED_AFTER = 3  # periods without data


class Health(StrEnum):
    """What `GET /health` of a wrapper answers."""

    HEALTHY = "HEALTHY"
    STALLED = "STALLED"
    DEGRADED = "DEGRADED"
    CRASHED = "CRASHED"
    UNKNOWN = "UNKNOWN"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What health is judged by. Times in µs since the epoch, `period` in µs; None = never."""

    status: Status
    now: int
    period: int
    ever_ran: bool
    last_run_died: bool = False  # failed, or its process was killed
    troubled: bool = False  # failed or rate-limited requests, rejected points or retries in the last run
    backfilling: bool = False
    last_new_data: int | None = None  # when a point was last stored
    started_following: int | None = None


def judge(facts: Facts) -> Health:
    """Return the health that the facts add up to; the worst that applies wins."""
    if facts.status is Status.COMPLETED:
        return Health.HEALTHY
    if facts.status is Status.STOPPED or not facts.ever_ran:
        return Health.CRASHED if facts.status is Status.ERROR else Health.UNKNOWN
    if facts.status is Status.ERROR or facts.last_run_died:
        return Health.CRASHED
    last_sign = max(facts.last_new_data or 0, facts.started_following or 0)
    if last_sign and not facts.backfilling and facts.now - last_sign > STALLED_AFTER * facts.period:
        return Health.STALLED
    if facts.troubled or facts.status is Status.RETRYING:
        return Health.DEGRADED
    return Health.HEALTHY
