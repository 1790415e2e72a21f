"""`POST /resources/wrappers/discover`: what a source is, with the evidence, and without creating anything."""

from typing import Any

from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from slackwater.errors import BadInput
from slackwater.model.instants import SECOND, iso
from slackwater.model.source.config import parse_config
from slackwater.model.wrapper import SourceType
from slackwater.pipe.frames import Failed, Finding, Found, SamplePoint, Unclear
from slackwater.supervise.run.one_shot import Returned
from slackwater.web.api.context import Here
from slackwater.web.api.schemas import CONFIG, RawConfig, Time, guarded
from slackwater.web.security.auth import guarded_router
from slackwater.web.transport.error_handlers import file_not_of_the_path, malformed
from slackwater.web.transport.leaving import while_there

router = guarded_router("/resources/wrappers", "wrappers")


class DiscoverForm(BaseModel):
    """A source to look at, as for `generate`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"source_type": "API", "source_config": CONFIG}]}
    )

    source_type: SourceType
    source_config: RawConfig


class AlternativeShape(BaseModel):
    """What a finding could have been instead."""

    value: Any = Field(examples=["updated_at"])
    reason: str = Field(description="Why it was not taken.")


class FindingShape(BaseModel):
    """One decision, with its evidence."""

    what: str = Field(examples=["time"])
    value: Any = Field(examples=["timestamp"], description="As the module declares it; null: not there.")
    confidence: float = Field(ge=0, le=1, description="1 given or proven by the source, 0.5 a coin's throw.")
    reason: str
    field: str | None = Field(examples=["date_field"], description="The field of source_config that decides otherwise.")
    alternatives: list[AlternativeShape]


class SampleShape(BaseModel):
    """A point as it would be stored."""

    x: Time
    y: float
    series: str = Field(examples=["value"])


class OfferShape(BaseModel):
    """A complete answer to a question: it was looked at, and stood its trial."""

    id: str = Field(examples=["1"], description="Within its question.")
    set: dict[str, Any] = Field(
        examples=[{"date_field": "measured"}], description="All fields of source_config to set."
    )
    preview: list[SampleShape] = Field(description="The first points that it would store.")


class QuestionShape(BaseModel):
    """What cannot be decided without somebody who knows the source."""

    id: str = Field(examples=["date_field"])
    field: str | None = Field(examples=["date_field"], description="The field of source_config that answers it.")
    message: str = Field(examples=["Two fields look like the time: `created`, `measured`. Give date_field."])
    text: str = Field(examples=["Two fields look like the time: `created`, `measured`."], description="As `message`.")
    choices: list[str] = Field(examples=[["created", "measured"]])
    alternatives: list[OfferShape] = Field(description="Of which one is to be taken; none: give the field.")


class DiscoveredShape(BaseModel):
    """The result of discovery: `found`, open `questions`, or the `message` of a failure."""

    found: bool
    discovery: str | None = Field(
        examples=["0f8c2a5e-5d4f-4a3c-9a57-2c1f6e0d9b11"],
        description="To be given to `generate` within an hour: it takes this module and asks the source nothing again.",
    )
    code: str | None = Field(description="The module that `generate` would write.")
    period_seconds: float | None = Field(examples=[86400], description="Between two points, as the sample shows.")
    findings: list[FindingShape]
    sample: list[SampleShape] = Field(max_length=20, description="The first points as they would be stored.")
    series: list[str] = Field(max_length=50, description="Names of the series that were seen.")
    questions: list[QuestionShape]
    message: str | None = Field(description="Why nothing was found, in one sentence; null when something was.")


@router.post(
    "/discover",
    summary="Look at a source without creating anything",
    responses=guarded(
        {
            400: [
                "File not found: 6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34",
                "Invalid request: readings.csv is no XLSX file; use source_type CSV",
            ],
            503: "Service unavailable: Too many sources are being analysed already; try again in a moment.",
        },
        admin=True,
        body=True,
    ),
)
async def discover(form: DiscoverForm, context: Here, request: Request) -> DiscoveredShape:
    """Return the findings with their reasons, and the first points as stored later.

    A source that is down or refuses is `found: false` with the sentence in `message` and no questions. Asking again
    within two minutes, with another `date_field` for example, does not ask the source again.
    """
    raw: object = form.source_config
    assert isinstance(raw, dict)
    with malformed("source_config"):
        config = parse_config(form.source_type, raw)
    try:
        with file_not_of_the_path():
            look = context.previews.discover(
                source_type=form.source_type, config=config, caller=request.state.caller.who
            )
            returned = await while_there(request, look)
    except BadInput as error:
        raise HTTPException(400, f"Invalid request: {error}") from None
    return discovered(returned)


def discovered(returned: Returned) -> DiscoveredShape:
    """Return what a look has found as the contract shows it."""
    verdict = returned.verdict
    if isinstance(verdict, Found) and verdict.proof is not None:
        return DiscoveredShape(
            found=True,
            discovery=returned.discovery,
            code=verdict.code,
            message=None,
            questions=[],
            findings=list(map(_finding, verdict.findings)),
            period_seconds=None if verdict.period is None else verdict.period / SECOND,
            series=verdict.proof.series,
            sample=list(map(_point, verdict.proof.sample)),
        )
    unclear = verdict if isinstance(verdict, Unclear) else None
    return DiscoveredShape(
        found=False,
        discovery=None,
        code=None,
        message=verdict.message if isinstance(verdict, Failed) else "Nothing was found.",
        questions=[_question(unclear)] if unclear else [],
        findings=list(map(_finding, unclear.findings)) if unclear else [],
        period_seconds=None,
        series=[],
        sample=[],
    )


def _question(failed: Unclear) -> QuestionShape:
    return QuestionShape(
        id=failed.field or "source",
        field=failed.field,
        message=failed.message,
        text=failed.message,
        choices=failed.choices,
        alternatives=[
            OfferShape(id=each.id, set=each.set, preview=list(map(_point, each.preview))) for each in failed.offers
        ],
    )


def _point(point: SamplePoint) -> SampleShape:
    return SampleShape(x=iso(point.x), y=point.y, series=point.series)


def _finding(finding: Finding) -> FindingShape:
    return FindingShape(
        what=finding.what,
        value=finding.value,
        confidence=finding.confidence,
        reason=finding.reason,
        field=finding.field,
        alternatives=[AlternativeShape(value=each.value, reason=each.reason) for each in finding.alternatives],
    )
