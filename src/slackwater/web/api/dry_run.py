"""`POST /resources/wrappers/{id}/dry-run`: what a module gives on a piece of its source, with nothing stored."""

from pydantic import BaseModel, ConfigDict, Field

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import LATEST, iso, parse_iso
from slackwater.pipe.frames import Failed, Fault, Proven
from slackwater.supervise.run.one_shot import Returned
from slackwater.web.api.context import Here
from slackwater.web.api.discovery import SampleShape
from slackwater.web.api.schemas import IntervalShape, guarded, wrapper_id_of
from slackwater.web.security.auth import guarded_router
from slackwater.web.transport.error_handlers import file_not_of_the_path

router = guarded_router("/resources/wrappers", "wrappers")


class DryRunForm(BaseModel):
    """A trial: a module instead of the stored one, and the window to read."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"window": {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}}]},
    )

    generated_code: str | None = Field(default=None, description="A module; the stored one unless given.")
    window: IntervalShape | None = Field(default=None, description="Where a first run would begin unless given.")


class DryRunShape(BaseModel):
    """The result of a trial; `success`: it ended without any fault found."""

    wrapper_id: str
    success: bool
    message: str = Field(description="Why it cannot be used, or that it can.")
    sample: list[SampleShape] = Field(max_length=20, description="The first points as they would be stored.")
    points: int = Field(description="Of the pages that were read, which need not be all of the window.")
    series: list[str] = Field(max_length=50)
    rejected: list[str] = Field(description="Examples of records that were refused, and why.")
    objections: list[str] = Field(description="Why what it gave cannot be believed, a sentence each.")
    window: IntervalShape | None
    traceback: str | None
    logs: list[str] = Field(description="What the module printed and logged.")


@router.post(
    "/{wrapper_id}/dry-run",
    summary="Try its module without storing anything",
    responses=guarded(
        {
            400: ["generated_code is not Python: invalid syntax in line 3", "Wrapper has no code yet"],
            404: "Wrapper not found",
            503: "Service unavailable: Too many sources are being analysed already; try again in a moment.",
        },
        admin=True,
        body=True,
    ),
)
async def dry_run(wrapper_id: str, form: DryRunForm, context: Here) -> DryRunShape:
    """Run the module, or `generated_code` instead, confined on one window of its source."""
    known = wrapper_id_of(wrapper_id)
    try:
        asked = form.window
        window = None if asked is None else Interval(parse_iso(asked.start), parse_iso(asked.end))
    except ValueError as error:
        raise BadInput(f"window must have ISO 8601 times, start before end: {error}") from None
    with file_not_of_the_path():
        returned = await context.previews.try_module(known, module=form.generated_code, window=window)
    return _shape(known, returned)


def _shape(wrapper_id: str, returned: Returned) -> DryRunShape:
    verdict = returned.verdict
    if not isinstance(verdict, Proven):
        return DryRunShape(
            wrapper_id=wrapper_id,
            success=False,
            message=verdict.message if isinstance(verdict, Failed) else "Nothing was tried.",
            sample=[],
            points=0,
            series=[],
            rejected=[],
            objections=[],
            window=None,
            traceback=(verdict.traceback or None) if isinstance(verdict, Fault) else None,
            logs=returned.lines,
        )
    proof = verdict.proof
    return DryRunShape(
        wrapper_id=wrapper_id,
        success=not proof.objections,
        message=" ".join(proof.objections) or "The module gives points.",
        sample=[SampleShape(x=iso(point.x), y=point.y, series=point.series) for point in proof.sample],
        points=proof.points,
        series=proof.series,
        rejected=[f"{each.where}: {each.reason}" for each in proof.rejected],
        objections=proof.objections,
        window=IntervalShape(start=iso(proof.window.start), end=iso(min(proof.window.end, LATEST))),
        traceback=None,
        logs=returned.lines,
    )
