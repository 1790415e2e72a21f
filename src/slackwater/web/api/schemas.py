"""Defines the bodies of wrapper requests and answers, as in the contract."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WrapValidator

from slackwater.errors import NotFound
from slackwater.model.health import Health
from slackwater.model.instants import iso
from slackwater.model.labels import MOST, Label
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType

Responses = dict[int | str, dict[str, Any]]

LARGEST = 2**53  # the largest number that every JSON reader counts to
WRAPPER_ID = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
RESOURCE_ID = "65a1b2c3d4e5f60718293a4b"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Detail(BaseModel):
    """Why something was refused, in one sentence."""

    detail: str


TOTAL: Responses = {
    200: {"headers": {"X-Total-Count": {"description": "How many there are.", "schema": {"type": "integer"}}}}
}
_COMMON = {
    401: "Give an API key, as `Authorization: Bearer <key>` or `X-API-Key: <key>`.",
    403: "This API key may only read; use one with the role admin.",
    408: "The body of the request did not arrive in time.",
    429: "Too many requests with this API key; slow down.",
    500: "Something went wrong inside Slackwater; its log says more under the reference 5d1c0a93f2be.",
    503: "Service unavailable: The store is closed; the service is stopping.",
}


def answers(described: Mapping[int, str | list[str]], *common: int) -> Responses:
    """Return the `responses` of an operation: each refusal with the sentences it may come with."""
    every: dict[int, str | list[str]] = {**{code: _COMMON[code] for code in (*common, 500)}, **described}
    return {code: _refusal(sentences) for code, sentences in sorted(every.items())}


def guarded(
    described: Mapping[int, str | list[str]] | None = None, *, admin: bool = False, body: bool = False
) -> Responses:
    """Return an operation's `responses` for key, admin key and JSON body errors."""
    every = dict(described or {})
    if body:
        every[400] = [*_listed(every.get(400, [])), "The body could not be parsed; send JSON in UTF-8."]
        every[413] = "The body is larger than 4 MiB."
        every[408] = _COMMON[408]
    return answers(every, *((401, 403, 429, 503) if admin else (401, 429, 503)))


def _listed(sentences: str | list[str]) -> list[str]:
    return [sentences] if isinstance(sentences, str) else sentences


def _refusal(sentences: str | list[str]) -> dict[str, Any]:
    listed = _listed(sentences)
    examples = {each[:60]: {"value": {"detail": each}} for each in listed}
    return {"model": Detail, "description": listed[0], "content": {"application/json": {"examples": examples}}}


def moment(micros: int | None) -> str | None:
    """Return µs since the epoch as the contract's time."""
    return None if micros is None else iso(micros)


def wrapper_id_of(text: str) -> str:
    """Return the id in its one spelling; NotFound for what cannot be one."""
    if not _UUID.fullmatch(text.lower()):
        raise NotFound(what="Wrapper")
    return text.lower()


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


def _unread(value: Any, _handler: Any) -> Any:
    # Which of the two forms it must have depends on source_type: `parse_config` reads it, and names the right fields.
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value


PlainText = Annotated[str, AfterValidator(_no_nul)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time", "examples": ["1958-03-29T00:00:00Z"]})]
RawConfig = Annotated[FileConfig | ApiConfig, WrapValidator(_unread)]

_METADATA: dict[str, Any] = {
    "name": "Mauna Loa CO2",
    "domain": "Environment",
    "subdomain": "Air",
    "description": "Weekly averages",
    "unit": "ppm",
    "source": "Scripps",
    "scale": None,
    "governance_indicator": False,
    "carrying_capacity": None,
    "periodicity": "Weekly",
}
CONFIG: dict[str, Any] = {
    "location": "https://data.example.org/v1/measurements",
    "auth_type": "bearer",
    "bearer_token": "…",
    "date_field": "timestamp",
    "value_field": "value",
    "lookback": "P30D",
}


RUNS_ON = "Labels that a node must have, all of them, to run it; none: any node runs it."


class GenerateForm(BaseModel):
    """What `generate` needs to know."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"source_type": "API", "source_config": CONFIG, "metadata": _METADATA, "auto_create_resource": True},
                {
                    "source_type": "CSV",
                    "source_config": {"file_id": WRAPPER_ID, "time_column": "date", "value_columns": ["co2"]},
                    "metadata": {"name": "Mauna Loa CO2", "unit": "ppm", "periodicity": "Semanal"},
                },
            ]
        },
    )

    source_type: SourceType
    source_config: RawConfig
    metadata: Metadata
    auto_create_resource: bool = True
    runs_on: list[Label] = Field(default_factory=list, max_length=MOST, examples=[["site-a"]], description=RUNS_ON)
    discovery: str | None = Field(
        default=None, max_length=100, description="What `discover` has answered: its module is taken as it is."
    )


class PatchForm(BaseModel):
    """What to change; what is not sent stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"metadata": {"unit": "ppm"}, "source_config": {"bearer_token": "…"}}]},
    )

    metadata: dict[str, Any] | None = None
    source_config: dict[str, Any] | None = None
    generated_code: PlainText | None = Field(default=None, min_length=1)
    runs_on: list[Label] | None = Field(default=None, max_length=MOST, examples=[["site-a"]], description=RUNS_ON)


class WrapperShape(BaseModel):
    """A wrapper as every endpoint returns it."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    resource_id: str | None = Field(examples=[RESOURCE_ID], description="The resource that it feeds.")
    metadata: dict[str, Any] = Field(examples=[_METADATA])
    source_type: SourceType
    source_config: dict[str, Any] = Field(
        examples=[{**CONFIG, "bearer_token": "********"}], description="Secrets are shown as `********`."
    )
    generated_code: str | None = Field(description="The wrapper's Python module.")
    status: Status
    stopping: bool = Field(examples=[False], description="A stop is wanted and not done: the process may still live.")
    error_message: str | None
    runs_on: list[str] = Field(examples=[["site-a"]], description=RUNS_ON)
    reason: str | None = Field(examples=[None], description="Why it does not get on though it should.")
    phase: str = Field(examples=["historical", "continuous"])
    high_water_mark: Time | None
    low_water_mark: Time | None
    data_points_count: int
    execution_log: list[str]
    execution_result: dict[str, Any] | None
    monitoring_details: dict[str, Any]
    retry_count: int
    created_at: Time
    updated_at: Time
    completed_at: Time | None
    last_health_check: Time | None
    last_data_sent: Time | None


class ExecutedShape(BaseModel):
    """How an execution went, or goes."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    success: bool = Field(examples=[True])
    message: str = Field(examples=["Wrapper executed successfully", "Wrapper is executing"])
    data_points_sent: int | None = Field(examples=[2225], description="Null when it failed.")
    execution_time: float = Field(examples=[1.204], description="Seconds.")


class StoppedShape(BaseModel):
    """The result of a stop; after success nothing runs or is stored any more."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    success: bool = Field(examples=[True])
    message: str = Field(examples=["Wrapper stopped successfully", "Failed to stop wrapper"])


class DeletedWrapper(BaseModel):
    """A wrapper is gone; its resource and data stay."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    deleted: bool = Field(examples=[True])


class HealthShape(BaseModel):
    """How healthy a wrapper is."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    health_status: Health
    is_actively_executing: bool
    reason: str | None = Field(
        default=None, description="Why it does not get on (no progress, waits for a host or a slot), or is DEGRADED."
    )


class LogsShape(BaseModel):
    """The newest lines of a wrapper's log, oldest first."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    logs: list[str] = Field(examples=[["2026-11-24 08:00:00 - INFO - [STDOUT] reading 1958"]])
    total_lines: int = Field(examples=[1])


class MonitoringShape(BaseModel):
    """What a wrapper is doing."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    health_status: Health
    monitoring_details: dict[str, Any]


class IntervalShape(BaseModel):
    """A half-open interval of source time: `end` is the first moment outside it."""

    start: Time
    end: Time


class RunShape(BaseModel):
    """One execution."""

    run_id: str
    started_at: Time
    finished_at: Time | None
    outcome: str = Field(examples=["running", "succeeded", "failed", "stopped", "interrupted"])
    message: str | None
    points_received: int
    points_new: int
    points_changed: int
    points_rejected: int
    window: IntervalShape | None = Field(description="The source time that it covered.")
    exit_code: int | None
    signal: int | None
    node: str | None
    rows_unread: int = Field(description="Rows of the source, at least, that became no point and were not rejected.")
    points_overwritten: int = Field(description="Points of this run that it overwrote with another value.")
    points_withdrawn: int = Field(description="Stored points that the source gives no more; they stay stored.")
    fields_unread: list[str] = Field(
        description="Fields of numbers that were not there at discovery, at most 20; nothing of them is stored."
    )


class CheckpointForm(BaseModel):
    """A checkpoint to resume from; sent as `GET` gave it, it changes nothing.

    Derived fields are ignored.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"covered": [{"start": "1990-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}], "backfill_done": False}
            ]
        }
    )

    covered: list[IntervalShape] = Field(max_length=10_000, description="What counts as read completely.")
    page: dict[str, Any] | None = Field(
        default=None, description="As `GET` gave it. It stays if nothing else changes; else its window is read anew."
    )
    backfill_done: bool = False
    backfill_reason: PlainText | None = None
    version: int | None = Field(default=None, description="As `GET` gave it: 409 if the checkpoint changed since.")


class CheckpointShape(BaseModel):
    """How far a wrapper has read its source."""

    wrapper_id: str = Field(examples=[WRAPPER_ID])
    phase: str = Field(examples=["historical", "continuous"])
    covered: list[IntervalShape]
    page: dict[str, Any] | None = Field(description="A place inside a window that is not finished.")
    backfill_done: bool
    backfill_reason: str | None
    version: int
    high_water_mark: Time | None
    low_water_mark: Time | None
