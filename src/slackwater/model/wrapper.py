"""The wrapper record and its metadata, as they come through the door and are kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from slackwater.model.checkpoint import Checkpoint
from slackwater.model.freshness import Freshness
from slackwater.model.instants import DAY
from slackwater.model.periodicity import known_periodicity
from slackwater.model.status import Status
from slackwater.model.texts import Lines, Plain, Tag, Text, without_blanks

MOST_TAGS = 50  # of one source


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


class Wish(StrEnum):
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

    @field_validator("tags", mode="before")
    @classmethod
    def _text_with_commas(cls, given: Any) -> Any:
        return given.split(",") if isinstance(given, str) else given

    @field_validator("tags")
    @classmethod
    def _each_once(cls, given: list[str]) -> list[str]:
        return tags_once(given)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, given: Any) -> Any:
        return without_blanks(cls, given)


@dataclass(frozen=True, kw_only=True)
class WrapperRecord:
    """One managed source as the store keeps it. Times are µs since the epoch; None = not yet."""

    wrapper_id: str
    source_type: SourceType
    source_config: dict[str, Any]  # validated form, secrets in clear: never leaves without `masked`
    metadata: dict[str, Any]
    auto_create_resource: bool = True
    resource_id: str | None = None
    generated_code: str | None = None
    code_origin: Origin | None = None
    findings: list[dict[str, Any]] | None = None  # what the code was written from
    rediscovered: bool = False  # since the last run that went well: its source was looked at anew, which is done once
    identity: str | None = None  # of the source that code and checkpoint are about
    inferred_period: int | None = None  # µs, found by discovery; metadata.periodicity goes before it
    wanted: Wish = Wish.EXECUTING
    status: Status = Status.PENDING
    epoch: int = 1
    error_message: str | None = None
    retry_count: int = 0  # failed runs in a row
    fault_count: int = 0  # of these, the ones that were no mere outage of the source
    due_at: int | None = None  # when the reconciler shall look at it next
    execution_result: dict[str, Any] | None = None
    created_at: int
    updated_at: int
    completed_at: int | None = None
    last_health_check: int | None = None
    last_data_sent: int | None = None
    poll_count: int = 0
    error_count: int = 0
    request_count: int = 0
    bytes_received: int = 0
    points_rejected: int = 0
    points: int = 0  # distinct points stored
    high_water_mark: int | None = None
    low_water_mark: int | None = None
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    freshness: Freshness = field(default_factory=Freshness)
    execution_log: tuple[str, ...] = ()

    @property
    def period(self) -> int:
        """How often the source has new data, in µs: as declared, else as discovery inferred it, else a day."""
        return known_periodicity(self.metadata.get("periodicity")) or self.inferred_period or DAY

    @property
    def following(self) -> bool:
        """Whether it is an API wrapper with its history in, waiting for or making its polls."""
        return self.status is Status.EXECUTING and self.checkpoint.backfill_done
