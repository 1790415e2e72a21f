"""The wrapper record, its metadata and its source configurations, as they come through the door and are kept."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from hashlib import sha256
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin
from urllib.parse import unquote_plus, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from slackwater.model.checkpoint import Checkpoint
from slackwater.model.instants import DAY, from_micros, parse_iso
from slackwater.model.periodicity import parse_duration, parse_periodicity
from slackwater.model.status import Status

MASK = "********"
SECRET_FIELDS = frozenset({"api_key", "bearer_token", "password"})
_SECRET_ENDINGS = (
    "auth", "authorization", "cookie", "cookies", "key", "passwd", "password", "pwd", "secret", "sig", "signature",
    "token",
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINES = "\t\n\r"  # control characters that a text of several lines has
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(0\d|1[0-4]):([0-5]\d)")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def _plain(text: str) -> str:
    if found := _CONTROL.search(text):
        raise ValueError(f"must not contain control characters such as U+{ord(found[0]):04X}")
    return text


def _lines(text: str) -> str:
    _plain(text.translate(dict.fromkeys(map(ord, _LINES))))
    return text


def _header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("is not the name of an HTTP header")
    return text


def _header_value(text: str) -> str:
    _plain(text)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("goes into an HTTP header, which has only Latin-1 characters") from None
    return text


Plain = Annotated[str, AfterValidator(_plain)]
Lines = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_lines)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
# The constraints go first: those behind a validator would see a text that is not stripped yet.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_plain)]


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


def _known_zone(name: str) -> str:
    zone(name)
    return name


def zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name or an offset such as +01:00; ValueError when there is none."""
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not an IANA time zone such as Europe/Lisbon, nor an offset such as +01:00"
        ) from None


def _a_duration(text: str) -> str:
    parse_duration(text)
    return text


def _a_time(text: str) -> str:
    try:
        parse_iso(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 date or time such as 1958-03-29") from None
    return text


ZoneName = Annotated[str, AfterValidator(_known_zone)]


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
    periodicity: str | None = Field(
        default=None, description="How often the source has new data: `Hourly`, `Diário`, `Mensal`, `15m`, `P1M`…"
    )

    @field_validator("periodicity")
    @classmethod
    def _periodicity_is_known(cls, text: str | None) -> str | None:
        if text is not None:
            parse_periodicity(text)
        return text


class FileConfig(BaseModel):
    """Where the points are in an uploaded file; what is not given is inferred."""

    model_config = ConfigDict(extra="forbid")

    file_id: Text
    sheet_name: str | None = None
    time_column: str | None = None
    value_columns: list[str] | None = Field(default=None, min_length=1)
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None
    date_format: str | None = None
    timezone: ZoneName | None = None
    header_row: int | None = Field(default=None, ge=1, description="The row of the column names; the first row is 1.")
    header_rows: int | None = Field(default=None, ge=1, le=5, description="How many rows name the columns together.")
    first_row: int | None = Field(default=None, ge=1, description="The first row of data, when not below the names.")
    last_row: int | None = Field(default=None, ge=1, description="The last row of data; what is below is no data.")
    layout: Literal["long", "wide"] | None = Field(
        default=None, description="`long`: a time for each row; `wide`: the times are in the headers of columns."
    )
    time_columns: list[str] | None = Field(
        default=None, min_length=1, max_length=4, description="The columns that hold the time together, in that order."
    )
    series_columns: list[str] | None = Field(
        default=None, min_length=1, max_length=8, description="The columns whose cells name the series of their row."
    )
    series_name: Text | None = Field(default=None, description="The series of a wide table that no column names.")
    fill_down: list[str] | None = Field(
        default=None, description="The columns whose blank cells mean what stands above them; [] for none."
    )
    missing_values: list[str] | None = Field(
        default=None, max_length=50, description="Words and numbers that stand for no value, beside the usual ones."
    )
    skip_totals: bool | None = Field(
        default=None, description="Leave out rows whose time is a word such as Total (the default); false: report them."
    )

    @model_validator(mode="after")
    def _time_is_named_once(self) -> Self:
        if self.time_column is not None and self.time_columns is not None:
            raise ValueError("time_column and time_columns name the same thing; give one of them")
        if self.first_row and self.last_row and self.last_row < self.first_row:
            raise ValueError(f"last_row {self.last_row} is above first_row {self.first_row}")
        return self

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except (LookupError, ValueError):
                raise ValueError(f"{name!r} is not an encoding such as utf-8 or windows-1252") from None
        return name


Param = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""The name of a query parameter."""


class ApiConfig(BaseModel):
    """Where an API is, how to be let in, and where its points are; what is not given is inferred."""

    model_config = ConfigDict(extra="forbid")

    location: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    auth_type: Literal["none", "api_key", "bearer", "basic"] = "none"
    api_key: HeaderValue | None = None
    api_key_header: Annotated[str, AfterValidator(_header_name)] = "X-API-Key"
    bearer_token: HeaderValue | None = None
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    date_field: str | None = None
    value_field: str | None = None
    custom_headers: dict[Annotated[str, AfterValidator(_header_name)], HeaderValue] = Field(default_factory=dict)
    query_params: dict[str, str | int | float | bool] = Field(default_factory=dict)
    records_path: str | None = None
    series_field: str | list[str] | None = None
    value_fields: list[str] | None = Field(default=None, min_length=1, description="As value_field, several.")
    shape: str | None = Field(default=None, description="What the records look like: `rows`, `columns`, `keyed`…")
    date_format: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None
    timezone: ZoneName | None = None
    paging: Literal["none", "link", "next", "cursor", "offset", "page"] | None = None
    page_param: Param | None = None
    page_size_param: Param | None = None
    page_size: int | None = Field(default=None, ge=1, le=100_000)
    time_filter: Literal["none"] | Annotated[list[Param], Field(min_length=1, max_length=2)] | None = Field(
        default=None, description="The parameters of a time range: from and to, or one for both; or `none`."
    )
    lookback: Annotated[str, AfterValidator(_a_duration)] | None = None
    start: Annotated[str, AfterValidator(_a_time)] | None = None

    @field_validator("time_filter", mode="before")
    @classmethod
    def _none_is_no_parameter(cls, given: Any) -> Any:
        return "none" if given == ["none"] else given

    @field_validator("location")
    @classmethod
    def _location_is_a_url(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"location is not a URL: {error}") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("location must be a URL that begins with http:// or https://")
        if parts.username or parts.password:
            raise ValueError("location must not contain credentials; use auth_type, username and password")
        return _plain(url)

    @model_validator(mode="after")
    def _location_holds_no_credential(self) -> Self:
        # Among the parameters it is masked, kept from the module and its process, and may change without a new start.
        url, found = without_credentials(self.location)
        if found:
            self.location, self.query_params = url, {**self.query_params, **found}
        return self


SourceConfig = FileConfig | ApiConfig
IDENTITY_FIELDS = frozenset(FileConfig.model_fields) | {
    "location", "date_field", "value_field", "query_params", "records_path", "series_field", "timezone", "start",
    "value_fields", "shape", "date_format", "decimal", "thousands",
    "paging", "page_param", "page_size_param", "page_size", "time_filter",
}  # fmt: skip
"""Fields of `source_config` that decide which data comes: changing one needs `regenerate` or `DELETE checkpoint`."""


def identity(config: dict[str, Any]) -> str:
    """Return a digest of what decides which data a configuration brings: unequal digests, unrelated checkpoints."""
    decisive = {name: config[name] for name in IDENTITY_FIELDS & config.keys()}
    # A key in a parameter opens the source; it does not choose what is read.
    params = {name: value for name, value in (config.get("query_params") or {}).items() if not is_secret(name)}
    decisive = {
        name: value for name, value in (decisive | {"query_params": params}).items() if value not in (None, {}, [])
    }
    return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def parse_config(source_type: SourceType, form: dict[str, Any]) -> SourceConfig:
    """Return the validated configuration of a source; pydantic.ValidationError names each field that is wrong."""
    return (FileConfig if source_type.is_file else ApiConfig).model_validate(form)


def takes_several(form: type[BaseModel], name: str) -> bool:
    """Say whether a field of a form may hold a list."""
    known = form.model_fields.get(name)
    return known is not None and any(each is list for each in _kinds(known.annotation))


def _kinds(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        yield from (kind for each in get_args(annotation) for kind in _kinds(each))
    else:
        yield origin or annotation


def without_credentials(url: str) -> tuple[str, dict[str, str]]:
    """Return a URL without the parameters whose names tell of a credential, and these; ValueError if one is doubled."""
    parts = urlsplit(url)
    kept: list[str] = []
    found: dict[str, str] = {}
    for pair in parts.query.split("&"):
        name, _, value = (unquote_plus(each) for each in pair.partition("="))
        if not is_secret(name):
            kept.append(pair)
        elif name in found:
            raise ValueError(f"location has the parameter {name} twice; give it once, in query_params")
        else:
            found[name] = value
    return (parts._replace(query="&".join(kept)).geturl(), found) if found else (url, {})


def is_secret(name: str) -> bool:
    """Say whether a header or parameter of that name most likely carries a credential."""
    return any(word.lower().endswith(_SECRET_ENDINGS) for word in _WORD.findall(name))


def with_secrets(config: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a source configuration with each secret value that it has replaced by what `change` makes of it.

    The one place that knows where secrets are: what is shown, what is kept and what is scrubbed all come through here.
    """
    changed = dict(config)
    for name in SECRET_FIELDS & changed.keys():
        changed[name] = change(changed[name]) if changed[name] else changed[name]
    for group in ("custom_headers", "query_params"):
        if isinstance(changed.get(group), dict):
            changed[group] = {
                name: change(value) if is_secret(name) and value not in (None, "") else value
                for name, value in changed[group].items()
            }
    return changed


def masked(config: dict[str, Any]) -> dict[str, Any]:
    """Return a source configuration as it may be shown: every secret is `********`."""
    return with_secrets(config, lambda _: MASK)


def unmasked(sent: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return what a client sent, with every `********` replaced by the secret that is kept."""
    merged = dict(sent)
    for name, value in sent.items():
        if value == MASK and name in SECRET_FIELDS:
            merged[name] = kept.get(name)
        elif name in ("custom_headers", "query_params") and isinstance(value, dict):
            before = kept.get(name) or {}
            merged[name] = {key: before.get(key, each) if each == MASK else each for key, each in value.items()}
    return merged


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
    execution_log: tuple[str, ...] = ()

    @property
    def period(self) -> int:
        """How often the source has new data, in µs: as declared, else as discovery saw it, else a day."""
        declared = self.metadata.get("periodicity")
        return parse_periodicity(declared) if declared else self.inferred_period or DAY

    @property
    def following(self) -> bool:
        """Whether it is an API wrapper with its history in, waiting for or making its polls."""
        return self.status is Status.EXECUTING and self.checkpoint.backfill_done


def utc(micros: int | None) -> datetime | None:
    """Return µs as an aware datetime, None as None."""
    return None if micros is None else from_micros(micros)
