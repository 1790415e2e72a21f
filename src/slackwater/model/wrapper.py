"""The wrapper record and its metadata, as they come through the door and are kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, TypedDict

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from slackwater.model.checkpoint import Checkpoint
from slackwater.model.freshness import Freshness
from slackwater.model.instants import DAY
from slackwater.model.periodicity import known_periodicity, parse_duration
from slackwater.model.schedule import Schedule, parse_schedule
from slackwater.model.status import IDLE, Status
from slackwater.model.texts import Lines, Plain, Tag, Text, Unit, without_blanks

MOST_TAGS = 50  # of one source; chosen: more than fit on its page


def tags_once(given: Iterable[str]) -> list[str]:
    """Return tags without those that differ in case alone from one before them."""
    kept: dict[str, str] = {}
    for each in given:
        kept.setdefault(each.casefold(), each)
    return list(kept.values())


class SourceType(StrEnum):
    """The three kinds of source."""

    API = "API"
    CSV = "CSV"
    XLSX = "XLSX"

    @property
    def is_file(self) -> bool:
        """Whether the source is an uploaded file."""
        return self is not SourceType.API


class WantedState(StrEnum):
    """What people want of a wrapper; written by the use cases alone."""

    EXECUTING = "executing"
    STOPPED = "stopped"


class Origin(StrEnum):
    """Who has written a wrapper's module."""

    DISCOVERED = "discovered"
    MODEL = "model"  # a language model
    EDITED = "edited"  # a person, and no run has gone well with it yet
    HAND = "hand"  # a person


class Metadata(BaseModel):
    """What the data is: shown to people, copied to the resource."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    domain: Plain | None = None
    subdomain: Plain | None = None
    description: Lines | None = None
    unit: Plain | None = None
    source: Lines | None = None
    scale: Plain | None = None
    governance_indicator: bool = False
    carrying_capacity: float | None = Field(default=None, allow_inf_nan=False)
    periodicity: Lines | None = Field(
        default=None,
        description="How often the source has new data: `Hourly`, `Diário`, `Mensal`, `15m`, `P1M`… Any other text is "
        "kept as it is, and the period that discovery infers is used.",
    )

    tags: list[Tag] = Field(
        default_factory=list, max_length=MOST_TAGS, description="Words to find it by; a text with commas is taken, too."
    )

    units: dict[Text, Unit] = Field(
        default_factory=dict, max_length=1000, description="Units of single series by their names, beside `unit`."
    )

    @field_validator("tags", mode="before")
    @classmethod
    def _text_with_commas(cls, given: Any) -> Any:
        return given.split(",") if isinstance(given, str) else given

    @field_validator("tags")
    @classmethod
    def _each_once(cls, given: list[str]) -> list[str]:
        return tags_once(given)

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Clients that know neither tags nor units see none of them where nobody uses them.
        return {name: value for name, value in handler(self).items() if value or name not in ("tags", "units")}

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, given: Any) -> Any:
        return without_blanks(cls, given)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What the source is and how it is read: user input and module."""

    source_type: SourceType
    source_config: dict[str, Any]  # validated form, secrets in clear: never leaves without `masked`
    metadata: dict[str, Any]
    auto_create_resource: bool = True
    generated_code: str | None = None
    code_origin: Origin | None = None
    findings: list[dict[str, Any]] | None = None  # what the code was written from
    identity: str | None = None  # of the source that code and checkpoint are about
    inferred_period: int | None = None  # µs, found by discovery; metadata.periodicity goes before it
    runs_on: tuple[str, ...] = ()  # labels of the node that runs it; none: any node


@dataclass(frozen=True, kw_only=True)
class Control:
    """The wanted state of a wrapper, its status, and its next step."""

    wanted: WantedState = WantedState.EXECUTING
    status: Status = Status.PENDING
    epoch: int = 1  # what a run of an earlier one sends is not stored
    due_at: int | None = None  # when the reconciler shall look at it next
    retry_count: int = 0  # failed runs in a row
    fault_count: int = 0  # of these, the ones that were no mere outage of the source
    error_message: str | None = None
    rediscovered: bool = False  # since the last run that went well: its source was discovered again, which is done once


@dataclass(frozen=True, kw_only=True)
class Counters:
    """Counts over all runs of a wrapper; `points` counts the distinct stored points."""

    poll_count: int = 0
    error_count: int = 0
    request_count: int = 0
    bytes_received: int = 0
    points_rejected: int = 0
    points: int = 0


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Remembers how far a wrapper has come, and when what happened last.

    Times are µs since the epoch; None = never.
    """

    created_at: int
    updated_at: int
    completed_at: int | None = None
    last_health_check: int | None = None
    last_data_sent: int | None = None
    high_water_mark: int | None = None  # the newest point stored
    low_water_mark: int | None = None  # the oldest point stored
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    freshness: Freshness = field(default_factory=Freshness)
    execution_result: dict[str, Any] | None = None  # of the last run, as `execute` answers


@dataclass(frozen=True, kw_only=True)
class WrapperRecord:
    """One managed source as the store keeps it."""

    wrapper_id: str
    definition: Definition
    control: Control = field(default_factory=Control)
    counters: Counters = field(default_factory=Counters)
    marks: Marks
    resource_id: str | None = None
    execution_log: tuple[str, ...] = ()

    @property
    def period(self) -> int:
        """How often the source has new data (µs): declared, inferred, or a day."""
        definition = self.definition
        return known_periodicity(definition.metadata.get("periodicity")) or definition.inferred_period or DAY

    @property
    def schedule(self) -> Schedule | None:
        """When it is polled, where people have said so."""
        text = self.definition.source_config.get("schedule")
        return parse_schedule(text) if text else None

    @property
    def recheck(self) -> int | None:
        """How far back values are fetched again once a day (µs), if set."""
        text = self.definition.source_config.get("recheck")
        return parse_duration(text) if text else None

    @property
    def following(self) -> bool:
        """Whether it is an API wrapper that has finished its back-fill and polls."""
        return self.control.status is Status.EXECUTING and self.marks.checkpoint.backfill_done

    @property
    def idle(self) -> bool:
        """Whether it does not run, and will not by itself."""
        return self.control.status in IDLE


class Changes(TypedDict, total=False):
    """Lists the fields of a wrapper that may change after its creation, by name."""

    source_config: dict[str, Any]
    metadata: dict[str, Any]
    generated_code: str | None
    code_origin: Origin | None
    findings: list[dict[str, Any]] | None
    identity: str | None
    inferred_period: int | None
    runs_on: tuple[str, ...]

    wanted: WantedState
    status: Status
    epoch: int
    due_at: int | None
    retry_count: int
    fault_count: int
    error_message: str | None
    rediscovered: bool

    poll_count: int
    points: int

    updated_at: int
    completed_at: int | None
    last_health_check: int | None
    last_data_sent: int | None
    high_water_mark: int | None
    low_water_mark: int | None
    checkpoint: Checkpoint
    freshness: Freshness
    execution_result: dict[str, Any] | None

    resource_id: str | None


PARTS: dict[str, type] = {"definition": Definition, "control": Control, "counters": Counters, "marks": Marks}
PART_OF = {each.name: part for part, kind in PARTS.items() for each in fields(kind)}


def from_flat(values: Mapping[str, Any], execution_log: tuple[str, ...] = ()) -> WrapperRecord:
    """Build the record from flat `values`, which name the fields of all its parts."""
    parts = {part: kind(**_of(part, values)) for part, kind in PARTS.items()}
    rest = {name: value for name, value in values.items() if name not in PART_OF}
    return WrapperRecord(**rest, **parts, execution_log=execution_log)


def changed(record: WrapperRecord, changes: Changes) -> WrapperRecord:
    """Return a record with other values in the fields that `changes` names."""
    parts = {part: replace(getattr(record, part), **mine) for part in PARTS if (mine := _of(part, changes))}
    rest: dict[str, Any] = {name: value for name, value in changes.items() if name not in PART_OF}
    return replace(record, **rest, **parts)


def _of(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if PART_OF.get(name) == part}
