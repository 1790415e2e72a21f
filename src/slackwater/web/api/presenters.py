"""Builds the API's form of a wrapper: its record, observations and health."""

from typing import Any, Protocol

from slackwater.model.freshness import Freshness
from slackwater.model.health import Facts, Health, judge, rejects_too_many
from slackwater.model.instants import SECOND
from slackwater.model.source.secrets import masked
from slackwater.model.status import Status
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.records.observation import Observed
from slackwater.store.records.runs import FAILED, RunRecord
from slackwater.supervise.lifecycle.answers import Vitals
from slackwater.web.api.schemas import CheckpointShape, IntervalShape, RunShape, WrapperShape, moment

ACTIVE = frozenset({Status.EXECUTING, Status.RETRYING})


class Ending(Protocol):
    """What of a finished or running run health is judged by."""

    @property
    def outcome(self) -> str:
        """How it ended, or `running`."""

    @property
    def request_errors(self) -> int:
        """Requests that failed or were rate-limited."""

    @property
    def points_rejected(self) -> int:
        """Points that were no points."""

    @property
    def rows_processed(self) -> int:
        """Rows of the source that it accounts for."""


def health_of(seen: Observed, now: int, hindrance: str | None = None) -> Health:
    """Judge a wrapper's health; `now` in µs since the epoch, `hindrance`: its obstacle."""
    record = seen.record
    return health_from(
        status=record.control.status,
        now=now,
        period=record.period,
        last=seen.last_run,
        retry_count=record.control.retry_count,
        fault_count=record.control.fault_count,
        backfill_done=record.marks.checkpoint.backfill_done,
        last_data_sent=record.marks.last_data_sent,
        since=seen.since,
        newest=record.marks.high_water_mark,
        freshness=record.marks.freshness,
        hindered=hindrance is not None,
    )


def rejection_reason(last: RunRecord | None) -> str | None:
    """Return the sentence for a run with too many rejected rows, else None."""
    if last is None or not _is_rejecting(last):
        return None
    return (
        f"The last run rejected {last.points_rejected:,} of {last.rows_processed:,} rows; its log names the first "
        "ones. Correct the fields of source_config, or the source."
    )


def unread_reason(last: RunRecord | None) -> str | None:
    """Return the sentence for a run with unread numeric fields, else None."""
    if last is None or not last.fields_unread:
        return None
    named = ", ".join(f"`{name}`" for name in last.fields_unread)
    return (
        f"The source gives numbers in {named}, which were not there when it was discovered; nothing of them is stored. "
        "Discover it again to add them."
    )


def _is_rejecting(last: Ending | None) -> bool:
    return last is not None and rejects_too_many(last.points_rejected, last.rows_processed)


def health_from(
    *,
    status: Status,
    now: int,
    period: int,
    last: Ending | None,
    retry_count: int,
    fault_count: int,
    backfill_done: bool,
    last_data_sent: int | None,
    since: int | None,
    newest: int | None,
    freshness: Freshness,
    hindered: bool = False,
) -> Health:
    """Judge a wrapper's health by a list row; times in µs since the epoch."""
    failed = last is not None and last.outcome == FAILED
    return judge(
        Facts(
            status=status,
            now=now,
            period=period,
            ever_ran=last is not None,
            # A source that was merely down is no death: the wrapper is alive and tries again.
            last_run_died=failed and fault_count > 0,
            troubled=retry_count > 0 or failed or (last is not None and last.request_errors + last.points_rejected > 0),
            hindered=hindered,
            rejecting=_is_rejecting(last),
            pause=freshness.pause,
            backfilling=not backfill_done,
            last_new_data=last_data_sent,
            started_following=since,
            newest=newest,
            allowed_age=freshness.allowed_age(period) if freshness.advances else None,
        )
    )


def details(seen: Observed, vitals: Vitals | None, now: int) -> dict[str, Any]:
    """Return `monitoring_details`; `now` in µs since the epoch."""
    return _of_file(seen, vitals, now) if seen.record.definition.source_type.is_file else _of_api(seen, vitals, now)


def wrapper_shape(
    seen: Observed, vitals: Vitals | None, now: int, *, stopping: bool, reason: str | None = None
) -> WrapperShape:
    """Return the wrapper as every endpoint returns it."""
    record = seen.record
    return WrapperShape(
        wrapper_id=record.wrapper_id,
        resource_id=record.resource_id,
        metadata=record.definition.metadata,
        source_type=record.definition.source_type,
        source_config=_config(record),
        generated_code=record.definition.generated_code,
        status=record.control.status,
        stopping=stopping,
        error_message=record.control.error_message,
        runs_on=list(record.definition.runs_on),
        reason=reason,
        phase=record.marks.checkpoint.phase,
        high_water_mark=moment(record.marks.high_water_mark),
        low_water_mark=moment(record.marks.low_water_mark),
        data_points_count=record.counters.points,
        execution_log=list(record.execution_log),
        execution_result=record.marks.execution_result,
        monitoring_details=details(seen, vitals, now),
        retry_count=record.control.retry_count,
        created_at=moment(record.marks.created_at) or "",
        updated_at=moment(record.marks.updated_at) or "",
        completed_at=moment(record.marks.completed_at),
        last_health_check=moment(record.marks.last_health_check),
        last_data_sent=moment(record.marks.last_data_sent),
    )


def run_shape(run: RunRecord) -> RunShape:
    """Return a run as clients see it."""
    window = run.window and IntervalShape(start=moment(run.window.start) or "", end=moment(run.window.end) or "")
    return RunShape(
        run_id=run.run_id,
        started_at=moment(run.started_at) or "",
        finished_at=moment(run.finished_at),
        outcome=run.outcome,
        message=run.message,
        points_received=run.points_received,
        points_new=run.points_new,
        points_changed=run.points_changed,
        points_rejected=run.points_rejected,
        window=window,
        exit_code=run.exit_code,
        signal=run.signal,
        node=run.node,
        rows_unread=run.rows_unread,
        points_overwritten=run.points_overwritten,
        points_withdrawn=run.points_withdrawn,
        fields_unread=list(run.fields_unread),
    )


def checkpoint_shape(record: WrapperRecord) -> CheckpointShape:
    """Return a wrapper's checkpoint with its marks."""
    return CheckpointShape(
        wrapper_id=record.wrapper_id,
        high_water_mark=moment(record.marks.high_water_mark),
        low_water_mark=moment(record.marks.low_water_mark),
        **record.marks.checkpoint.to_json(),
    )


def _config(record: WrapperRecord) -> dict[str, Any]:
    shown = masked(record.definition.source_config)
    if record.definition.source_type.is_file:
        shown["location"] = f"/resources/wrappers/files/{shown['file_id']}"
    return shown


def _of_api(seen: Observed, vitals: Vitals | None, now: int) -> dict[str, Any]:
    record, last = seen.record, seen.last_run
    active = record.control.status in ACTIVE
    return {
        "process_id": vitals and vitals.process_id,
        "uptime_seconds": _seconds(seen.since, now) if active else None,
        "memory_mb": vitals and vitals.memory_mb,
        "cpu_percent": vitals and vitals.cpu_percent,
        "last_poll_time": moment(last.started_at) if last else None,
        "next_poll_time": moment(record.control.due_at) if active and vitals is None else None,
        "poll_count": record.counters.poll_count,
        "error_count": record.counters.error_count,
        "request_count": record.counters.request_count,
        "bytes_received": record.counters.bytes_received,
        "points_rejected": record.counters.points_rejected,
        "newest_age_seconds": None
        if record.marks.high_water_mark is None
        else _seconds(record.marks.high_water_mark, now),
        "publication_delay_seconds": None
        if record.marks.freshness.delay is None
        else record.marks.freshness.delay // SECOND,
        "late_after_seconds": _late_after(record),
        "revisions_within_seconds": (
            record.marks.freshness.reach(record.period) if record.recheck is None else record.recheck
        )
        // SECOND,
    }


def _late_after(record: WrapperRecord) -> int | None:
    fresh = record.marks.freshness
    return fresh.allowed_age(record.period) // SECOND if fresh.advances else None


def _of_file(seen: Observed, vitals: Vitals | None, now: int) -> dict[str, Any]:
    last, file = seen.last_run, seen.file
    return {
        "file_name": file and file.filename,
        "file_size_bytes": file and file.size,
        "rows_processed": vitals.rows_processed if vitals else last.rows_processed if last else 0,
        "rows_total": vitals.rows_total if vitals else last and last.rows_total,
        "processing_time_seconds": last and _seconds(last.started_at, last.finished_at or now),
        "points_rejected": seen.record.counters.points_rejected,
    }


def _seconds(start: int | None, end: int) -> float | None:
    return None if start is None else round(max(0, end - start) / SECOND, 3)
