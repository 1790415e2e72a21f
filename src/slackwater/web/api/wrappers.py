"""`/resources/wrappers`: the chapter of the contract about wrappers."""

from typing import Annotated

from fastapi import HTTPException, Query, Response
from pydantic import ValidationError

from slackwater.errors import BadInput
from slackwater.model.labels import labels
from slackwater.model.source.config import parse_config
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType, WrapperRecord
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, observation, runs, wrappers
from slackwater.store.records.observation import Observed
from slackwater.supervise.lifecycle.answers import Vitals
from slackwater.web.api.context import Context, Here
from slackwater.web.api.presenters import (
    checkpoint_shape,
    details,
    health_of,
    rejection_reason,
    run_shape,
    unread_reason,
    wrapper_shape,
)
from slackwater.web.api.schemas import (
    LARGEST,
    TOTAL,
    CheckpointForm,
    CheckpointShape,
    DeletedWrapper,
    ExecutedShape,
    GenerateForm,
    HealthShape,
    LogsShape,
    MonitoringShape,
    PatchForm,
    PlainText,
    RunShape,
    StoppedShape,
    WrapperShape,
    guarded,
    wrapper_id_of,
)
from slackwater.web.security.auth import guarded_router
from slackwater.web.transport.error_handlers import file_not_of_the_path, malformed, said_as, unusable

UNKNOWN = {404: "Wrapper not found"}
BUSY = "The wrapper is executing; stop it first."

router = guarded_router("/resources/wrappers", "wrappers")
Skip = Annotated[int, Query(ge=0, le=LARGEST, description="How many to leave out.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many to return at most.")]


@router.post(
    "/generate",
    summary="Turn a source into a wrapper",
    responses=guarded(
        {
            400: [
                "File not found: 6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34",
                "Invalid request: readings.csv is no XLSX file; use source_type CSV",
            ],
            503: "Service unavailable: The store is closed; the service is stopping.",
        },
        admin=True,
        body=True,
    ),
)
async def generate(form: GenerateForm, context: Here) -> WrapperShape:
    """Create a wrapper and return it; generation and first run follow in the background."""
    # The form's own type is what the OpenAPI document shows; its value is still what the client sent.
    raw: object = form.source_config
    assert isinstance(raw, dict)
    with malformed("source_config"):
        config = parse_config(form.source_type, raw)
    try:
        approved = form.discovery and context.previews.discoveries.get(form.discovery, form.source_type, config)
        with file_not_of_the_path():
            record = await context.lifecycle.generate(
                source_type=form.source_type,
                config=config,
                metadata=form.metadata,
                auto_create_resource=form.auto_create_resource,
                discovery=approved or None,
                runs_on=labels(form.runs_on),
            )
    except BadInput as error:
        raise HTTPException(400, f"Invalid request: {error}") from None
    return await _shown(context, record)


@router.get("", summary="List wrappers, newest first", responses={**guarded(), **TOTAL})
async def list_wrappers(
    context: Here,
    response: Response,
    skip: Skip = 0,
    limit: Limit = 10,
    status: Status | None = None,
    source_type: SourceType | None = None,
    q: Annotated[PlainText | None, Query(max_length=300, description="Words of name, domain or URL; or an id.")] = None,
    tag: Annotated[list[PlainText] | None, Query(max_length=50, description="Only those with all these tags.")] = None,
) -> list[WrapperShape]:
    """Return a page of wrappers; the total is in `X-Total-Count`."""

    def look(c: Connection) -> tuple[list[Observed], int]:
        records, total = wrappers.list_page(
            c,
            skip=skip,
            limit=limit,
            status=status and status.value,
            source_type=source_type and source_type.value,
            q=q,
            tags=tuple(tag or ()),
        )
        return [observation.observe(c, record) for record in records], total

    observed, total = await context.read(look)
    response.headers["X-Total-Count"] = str(total)
    return [_shape(context, seen) for seen in observed]


@router.get("/{wrapper_id}", summary="Show a wrapper", responses=guarded(UNKNOWN))
async def show(wrapper_id: str, context: Here) -> WrapperShape:
    """Return a wrapper."""
    return _shape(context, await _observed(context, wrapper_id))


@router.post(
    "/{wrapper_id}/execute",
    summary="Start, restart or resume",
    responses=guarded(
        {
            400: [
                "Execution error: Wrapper not found",
                "Execution error: Wrapper has no code yet",
                "Execution error: File not found",
            ],
            503: "Service unavailable: The store is closed; the service is stopping.",
        },
        admin=True,
    ),
)
async def execute(
    wrapper_id: str,
    context: Here,
    wait: Annotated[
        float, Query(ge=0, le=3600, allow_inf_nan=False, description="Seconds to wait for the run's end at most.")
    ] = 30,
) -> ExecutedShape:
    """Resume from the checkpoint and wait for the run's end.

    A run that failed is `success: false` with the reason.
    """
    with said_as("Execution error"):
        executed = await context.lifecycle.execute(wrapper_id_of(wrapper_id), wait=wait)
    return ExecutedShape(
        wrapper_id=executed.wrapper_id,
        success=executed.success,
        message=executed.message,
        data_points_sent=executed.data_points_sent,
        execution_time=executed.execution_time,
    )


@router.post(
    "/{wrapper_id}/stop",
    summary="Stop",
    responses=guarded(
        {400: ["Stop error: Wrapper not found", "Stop error: Process not found", "Stop error: Permission denied"]},
        admin=True,
    ),
)
async def stop(wrapper_id: str, context: Here) -> StoppedShape:
    """End the wrapper's process and everything it started; checkpoint, logs, history and data stay."""
    with said_as("Stop error"):
        stopped = await context.lifecycle.stop(wrapper_id_of(wrapper_id))
    return StoppedShape(wrapper_id=stopped.wrapper_id, success=stopped.success, message=stopped.message)


@router.post(
    "/{wrapper_id}/regenerate",
    summary="Regenerate a wrapper",
    responses=guarded(
        {**UNKNOWN, 400: "File not found", 409: "The wrapper could not be stopped in time; try again"}, admin=True
    ),
)
async def regenerate(wrapper_id: str, context: Here) -> WrapperShape:
    """Stop the wrapper, delete its data and checkpoint, and generate it again."""
    known = wrapper_id_of(wrapper_id)
    with file_not_of_the_path():
        record = await context.lifecycle.regenerate(known)
    return await _shown(context, record)


@router.patch(
    "/{wrapper_id}",
    summary="Change metadata, source_config, generated_code or runs_on",
    responses=guarded(
        {**UNKNOWN, 400: "generated_code is not Python: invalid syntax in line 3", 409: BUSY}, admin=True, body=True
    ),
)
async def patch(wrapper_id: str, form: PatchForm, context: Here) -> WrapperShape:
    """Change a wrapper that is not executing; a secret sent as `********` stays."""
    known = wrapper_id_of(wrapper_id)
    try:
        with file_not_of_the_path():
            record = await context.lifecycle.patch(
                known,
                metadata=form.metadata,
                source_config=form.source_config,
                generated_code=form.generated_code,
                runs_on=None if form.runs_on is None else labels(form.runs_on),
            )
    except ValidationError as error:
        raise unusable(error, "metadata" if error.title == Metadata.__name__ else "source_config") from None
    return await _shown(context, record)


@router.delete(
    "/{wrapper_id}",
    summary="Stop and remove",
    responses=guarded({**UNKNOWN, 409: "The wrapper could not be stopped in time; try again"}, admin=True),
)
async def delete(wrapper_id: str, context: Here) -> DeletedWrapper:
    """Remove a wrapper with its runs and logs; its resource and data stay."""
    known = wrapper_id_of(wrapper_id)
    await context.lifecycle.delete(known)
    return DeletedWrapper(wrapper_id=known, deleted=True)


@router.get(
    "/{wrapper_id}/health",
    summary="How healthy is it?",
    responses=guarded(UNKNOWN),
    response_model_exclude_none=True,  # `reason` is there when there is one
)
async def health(wrapper_id: str, context: Here) -> HealthShape:
    """Judge a wrapper by its status, last run and fresh data; changes nothing."""
    seen = await _observed(context, wrapper_id)
    hindrance = _hindrance(context, seen.record)
    return HealthShape(
        wrapper_id=seen.record.wrapper_id,
        health_status=health_of(seen, context.clock(), hindrance),
        is_actively_executing=seen.record.control.status is Status.EXECUTING,
        reason=hindrance or rejection_reason(seen.last_run) or unread_reason(seen.last_run),
    )


@router.get("/{wrapper_id}/logs", summary="The newest log lines", responses=guarded(UNKNOWN))
async def show_logs(wrapper_id: str, context: Here, limit: Annotated[int, Query(ge=1, le=10_000)] = 200) -> LogsShape:
    """Return the newest `limit` lines, oldest first; what the module prints is there too."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[list[str], int]:
        wrappers.get(c, known, with_log=False)
        return logs.tail(c, known, limit)

    lines, total = await context.read(look)
    return LogsShape(wrapper_id=known, logs=lines, total_lines=total)


@router.get("/{wrapper_id}/monitoring", summary="What is it doing?", responses=guarded(UNKNOWN))
async def monitoring(wrapper_id: str, context: Here) -> MonitoringShape:
    """Return the figures of a wrapper; those of its process are null between two polls."""
    seen, now = await _observed(context, wrapper_id), context.clock()
    return MonitoringShape(
        wrapper_id=seen.record.wrapper_id,
        health_status=health_of(seen, now, _hindrance(context, seen.record)),
        monitoring_details=details(seen, _vitals(context, wrapper_id), now),
    )


@router.get("/{wrapper_id}/runs", summary="Its executions, newest first", responses={**guarded(UNKNOWN), **TOTAL})
async def list_runs(
    wrapper_id: str, context: Here, response: Response, skip: Skip = 0, limit: Limit = 10
) -> list[RunShape]:
    """Return a page of a wrapper's runs; the total is in `X-Total-Count`."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[list[runs.RunRecord], int]:
        wrappers.get(c, known, with_log=False)
        return runs.list_page(c, known, skip=skip, limit=limit)

    found, total = await context.read(look)
    response.headers["X-Total-Count"] = str(total)
    return [run_shape(run) for run in found]


@router.get("/{wrapper_id}/checkpoint", summary="How far has it read?", responses=guarded(UNKNOWN))
async def show_checkpoint(wrapper_id: str, context: Here) -> CheckpointShape:
    """Return the checkpoint."""
    known = wrapper_id_of(wrapper_id)
    return checkpoint_shape(await context.read(lambda c: wrappers.get(c, known, with_log=False)))


@router.put(
    "/{wrapper_id}/checkpoint",
    summary="Rewind or skip ahead",
    responses=guarded(
        {
            **UNKNOWN,
            400: "covered must not reach into the future: what is not read yet would never be fetched",
            409: BUSY,
        },
        admin=True,
        body=True,
    ),
)
async def replace_checkpoint(wrapper_id: str, form: CheckpointForm, context: Here) -> CheckpointShape:
    """Say what counts as read; only while the wrapper is not executing."""
    return checkpoint_shape(await context.lifecycle.replace_checkpoint(wrapper_id_of(wrapper_id), form.model_dump()))


@router.delete("/{wrapper_id}/checkpoint", summary="Start over", responses=guarded({**UNKNOWN, 409: BUSY}, admin=True))
async def reset_checkpoint(wrapper_id: str, context: Here) -> CheckpointShape:
    """Reset the checkpoint, not the data: the next run reads from the start."""
    return checkpoint_shape(await context.lifecycle.reset_checkpoint(wrapper_id_of(wrapper_id)))


async def _observed(context: Context, wrapper_id: str) -> Observed:
    known = wrapper_id_of(wrapper_id)
    return await context.read(lambda c: observation.observe(c, wrappers.get(c, known)))


async def _shown(context: Context, record: WrapperRecord) -> WrapperShape:
    # The record as it was committed, not as it is a moment later: `generate` answers with `pending`.
    return _shape(context, await context.read(lambda c: observation.observe(c, record)))


def _shape(context: Context, seen: Observed) -> WrapperShape:
    vitals = context.lifecycle.vitals(seen.record.wrapper_id)
    stopping, reason = context.lifecycle.stopping(seen.record), _hindrance(context, seen.record)
    return wrapper_shape(seen, vitals, context.clock(), stopping=stopping, reason=reason)


def _hindrance(context: Context, record: WrapperRecord) -> str | None:
    return context.lifecycle.hindrance(record.wrapper_id, record.control.due_at, record.definition.runs_on)


def _vitals(context: Context, wrapper_id: str) -> Vitals | None:
    return context.lifecycle.vitals(wrapper_id_of(wrapper_id))
