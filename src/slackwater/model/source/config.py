"""Defines the source configurations: where the data is and how it is accessed.

What is not given is inferred.
"""

import json
import ssl
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from slackwater.model.periodicity import parse_duration
from slackwater.model.schedule import Polls
from slackwater.model.source.body_template import check
from slackwater.model.source.client_certificate import blocks, present
from slackwater.model.source.secrets import check_body, without_credentials
from slackwater.model.texts import (
    Duration,
    HeaderName,
    HeaderValue,
    Moment,
    Param,
    Text,
    ZoneName,
    plain,
    without_blanks,
)
from slackwater.model.wrapper import SourceType

STALL = "Seconds without progress after which a run is ended; 0 sets no limit. Without, as the service is set."
RUN = "Seconds that one run may take; 0 sets no limit. Without, as the service is set."
DECIMAL = "The mark before the decimals."
THOUSANDS = "The mark between thousands."


ZONE = "Of times that name none: an IANA name, or `+01:00`."


class FileConfig(BaseModel):
    """Where the points are in an uploaded file; what is not given is inferred."""

    model_config = ConfigDict(extra="forbid")

    file_id: Text = Field(description="The upload.")
    sheet_name: str | None = Field(default=None, description="The sheet of a workbook; `*`: all with the same columns.")
    time_column: str | None = Field(default=None, description="The column of the times.")
    time_columns: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=4,
        description="Instead of `time_column`: the columns that hold the time together, in order, such as year and "
        "month; `date_format` is then that of their cells with a blank between (`%Y %m`, `month`, `%d/%m/%Y %H`).",
    )
    value_columns: list[str] | None = Field(
        default=None,
        min_length=1,
        description="The columns of numbers, one series each; in a wide table those of its times that shall be read.",
    )
    series_columns: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=8,
        description="The columns whose cells name the series of their row, joined with ` / `.",
    )
    series_name: Text | None = Field(default=None, description="The series of a wide table that no column names.")
    layout: Literal["long", "wide"] | None = Field(
        default=None, description="`long`: a time for each row; `wide`: the times are in the headers of columns."
    )
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="The character between two cells of a CSV file."
    )
    encoding: str | None = Field(default=None, description="Of a CSV file: `utf-8`, `windows-1252`…")
    decimal: Literal[".", ","] | None = Field(default=None, description=DECIMAL)
    thousands: Literal[".", ",", " ", "'"] | None = Field(default=None, description=THOUSANDS)
    date_format: str | None = Field(
        default=None,
        description="How the times are written: a strptime format, `iso`, `year`, `month`, `quarter`, `half`, `week`, "
        "`day` (periods with words, such as `1.º T 2024` or `março 2024`), `dekad` (a third of a month), `epoch_s`, "
        "`epoch_ms`, `epoch_us` or `excel`; `mjd`, `julian_day`, `matlab_day`, `filetime` (Windows) and "
        "`ticks` (.NET); `hours since 1900-01-01`; `decimal_month`, `decimal_day`, `decimal_year` "
        "(1958.2027: the month or day that it lies in, or the instant); `%Y/%y` is the first of two years such as "
        "2023/24; `%b-%y|1900`: two-digit years are those of 1900 to 1999; `month:pl`: months in a language, "
        "`month:la` and `quarter:la` in Roman numerals; `%Y/%m/%d|minguo`, `year|buddhist`: years of Taiwan and "
        "Thailand; `iso/`: where intervals begin; `%Y-%m-%d #30m`: a date and the "
        "number of a period of its day (`#1h`, `#30m`, `#15m`; `#m`, `#s`: minutes or seconds since its midnight); "
        "`iso +m`: a time and by how many minutes it is ahead of UTC (`+h`, `+s`; `-m`: behind it).",
    )
    timezone: ZoneName | None = Field(default=None, description=ZONE)
    header_row: int | None = Field(default=None, ge=1, description="The first row of the column names.")
    header_rows: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="How many rows name the columns: their names are joined with ` / `, units put in parentheses.",
    )
    first_row: int | None = Field(default=None, ge=1, description="The first row of data, when not below the names.")
    last_row: int | None = Field(default=None, ge=1, description="The last row of data; what is below is no data.")
    fill_down: list[str] | None = Field(
        default=None,
        description="The columns whose blank cells mean what stands above them, as merged cells do; `[]` for none.",
    )
    missing_values: list[str] | None = Field(
        default=None,
        max_length=50,
        description="Words and numbers that stand for no value (`-999`), beside the usual ones.",
    )
    skip_totals: bool | None = Field(
        default=None, description="Leave out the rows whose time is a word such as Total; false: report them."
    )
    stall_seconds: float | None = Field(default=None, ge=0, le=604_800, description=STALL)
    run_seconds: float | None = Field(default=None, ge=0, le=604_800, description=RUN)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, given: Any) -> Any:
        return without_blanks(cls, given)

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


class ApiConfig(BaseModel):
    """Where an API is, how it is accessed, and where its points are.

    What is not given is inferred.
    """

    model_config = ConfigDict(extra="forbid")

    location: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)] = Field(
        description="The URL, with or without parameters; a key among them is kept as a secret of `query_params`."
    )
    auth_type: Literal["none", "api_key", "bearer", "basic", "oauth2"] = Field(
        default="none", description="How to authenticate; the credentials go to the origin of `location` alone."
    )
    api_key: HeaderValue | None = Field(default=None, description="With `api_key`: the key. A secret.")
    api_key_header: HeaderName = Field(default="X-API-Key", description="With `api_key`: the header that carries it.")
    api_key_param: Param | None = Field(
        default=None, description="With `api_key`: the query parameter that carries it, instead of the header."
    )
    bearer_token: HeaderValue | None = Field(default=None, description="With `bearer`: the token. A secret.")
    username: str | None = Field(default=None, description="With `basic`.")
    password: str | None = Field(default=None, description="With `basic`. A secret.")
    token_url: str | None = Field(default=None, description="With `oauth2`: where access tokens are given.")
    client_id: Text | None = Field(default=None, description="With `oauth2`: the id of the client.")
    client_secret: str | None = Field(default=None, description="With `oauth2`: the secret of the client. A secret.")
    refresh_token: HeaderValue | None = Field(
        default=None,
        description="With `oauth2`: a refresh token to begin with; without one the client's own credentials are used. "
        "A secret; a new one that the source gives in its stead is kept.",
    )
    scope: Text | None = Field(default=None, description="With `oauth2`: the scopes to request, with blanks between.")
    client_auth: Literal["basic", "body"] = Field(
        default="basic", description="With `oauth2`: where the client's id and secret are sent to `token_url`."
    )
    token_params: dict[str, str] = Field(
        default_factory=dict,
        description="With `oauth2`: further fields to send to `token_url`, such as `audience`; secrets where the name "
        "tells of a credential.",
    )
    client_certificate: str | None = Field(
        default=None,
        max_length=100_000,
        description="The certificate to show to the origin of `location` and `token_url`, with its private key: one "
        "text in PEM. A secret.",
    )
    client_certificate_password: str | None = Field(
        default=None, description="The password of the private key, if it has one. A secret."
    )
    secret_headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send whose values are all secrets, whatever their names."
    )
    custom_headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send; secrets where the name is that of a credential."
    )
    query_params: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Parameters to send; secrets where the name is that of a credential."
    )
    body: dict[str, Any] | None = Field(
        default=None,
        description="The JSON body to ask with, by POST (GraphQL, JSON-RPC, PxWeb…), as an object or its text. "
        "`{{start}}`, `{{end}}`, `{{cursor}}`, `{{offset}}`, `{{page}}` and `{{limit}}` say where these belong; "
        "secrets where a name tells of a credential.",
    )
    body_params: Param | None = Field(
        default=None,
        description="With `body`: the dotted path of the object whose fields are the parameters of pages and times. "
        "Without, `variables` of GraphQL, `params` of JSON-RPC, else the top.",
    )
    timeout_seconds: float = Field(default=30, gt=0, le=600, description="For an answer to begin, and to go on.")
    records_path: str | None = Field(
        default=None, description="Where the records are: `data.items`; `*` for every entry of a list or an object."
    )
    shape: str | None = Field(
        default=None,
        description="What they look like there: `list`, `rows`, `pairs`, `columns`, `steps`, `keyed`, `object`, "
        "`dated`, `covjson`, `jsonstat`, `sdmx`, `csv` or `ndjson`.",
    )
    date_field: str | None = Field(
        default=None, description="The field of the times; several, with commas between, that hold them together."
    )
    date_format: str | None = Field(
        default=None, description="How the times are written, as for files, and `epoch_ns`, `words`, `dotnet`."
    )
    timezone: ZoneName | None = Field(default=None, description=ZONE)
    value_field: str | None = Field(default=None, description="The field of the values.")
    value_fields: list[str] | None = Field(
        default=None, min_length=1, description="Instead of `value_field`: several, one series each."
    )
    series_field: str | list[str] | None = Field(
        default=None, description="The field that names the series; several as a list, or with commas between."
    )
    decimal: Literal[".", ","] | None = Field(default=None, description=DECIMAL)
    thousands: Literal[".", ",", " ", "'"] | None = Field(default=None, description=THOUSANDS)
    missing_values: list[str] | None = Field(
        default=None, max_length=50, description="Numbers that stand for no value (`-999`); `[]` for none."
    )
    paging: Literal["none", "link", "next", "cursor", "offset", "page"] | None = Field(
        default=None, description="How it hands out pages: by `Link` header, next URL, cursor, offset, page number."
    )
    page_param: Param | None = Field(
        default=None, description="The parameter of the cursor, the offset or the page number."
    )
    page_size_param: Param | None = Field(default=None, description="The parameter of the page size.")
    page_size: int | None = Field(default=None, ge=1, le=100_000, description="How many records to request at once.")
    time_filter: Literal["none"] | Annotated[list[Param], Field(min_length=1, max_length=2)] | None = Field(
        default=None,
        description="The parameters of a time range: from and to, one for both, or one for a start alone; or `none`.",
    )
    align: Literal["none"] | Duration | None = Field(
        default=None,
        description="The step in which it aggregates, for windows that cut no bucket: `PT1H`, `P1M`; or `none`.",
    )
    start: Moment | None = Field(
        default=None, description="How far back history goes: an ISO 8601 date or time. Without, as far as there is."
    )
    lookback: Duration | None = Field(
        default=None,
        description="What every poll fetches again, for revised data: an ISO 8601 duration. Without, twelve periods.",
    )
    recheck: Duration | None = Field(
        default=None,
        description="What is fetched again once a day, for values revised late: an ISO 8601 duration; `P0D` is none. "
        "Without, 200 periods, at least two days, and twice as far as values were seen to be revised.",
    )
    schedule: Polls | None = Field(
        default=None,
        description="When it is polled: a period (`6h`, `P1D`), or minute, hour, day, month and weekday of a cron "
        "expression with its time zone (`0 11 * * 1-5 Europe/Lisbon`; without one, UTC). Without, once a period, at "
        "least once a day.",
    )
    stall_seconds: float | None = Field(default=None, ge=0, le=604_800, description=STALL)
    run_seconds: float | None = Field(default=None, ge=0, le=604_800, description=RUN)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, given: Any) -> Any:
        return without_blanks(cls, given)

    @field_validator("time_filter", mode="before")
    @classmethod
    def _none_is_no_parameter(cls, given: Any) -> Any:
        return "none" if given == ["none"] else given

    @field_validator("align")
    @classmethod
    def _step_has_a_length(cls, step: str | None) -> str | None:
        if step not in (None, "none") and not parse_duration(step):
            raise ValueError(f"align {step!r} is no step; give a duration such as PT1H, or none")
        return step

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
        return plain(url)

    @field_validator("body", mode="before")
    @classmethod
    def _body_may_be_its_text(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given or None
        try:
            return json.loads(given) or None
        except (ValueError, RecursionError) as error:
            where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise ValueError(f"body is not JSON{where}") from None

    @field_validator("body")
    @classmethod
    def _body_can_be_filled(cls, body: dict[str, Any] | None) -> dict[str, Any] | None:
        if body is not None:
            try:
                check(body)
                check_body(body)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"body {error}") from None
        return body

    @field_validator("token_url")
    @classmethod
    def _tokens_are_at_a_url(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://x")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("token_url must be a URL such as https://id.example.org/oauth/token")
        return url

    @field_validator("client_certificate")
    @classmethod
    def _certificate_is_in_pem(cls, text: str | None) -> str | None:
        return None if text is None else blocks(text)

    @model_validator(mode="after")
    def _certificate_can_be_shown(self) -> Self:
        if self.client_certificate is not None:
            try:
                present(
                    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), self.client_certificate, self.client_certificate_password
                )
            except ValueError as error:
                raise ValueError(f"client_certificate {error}") from None
        return self

    @model_validator(mode="after")
    def _tokens_can_be_asked_for(self) -> Self:
        if self.auth_type != "oauth2":
            return self
        missing = [name for name in ("token_url", "client_id") if getattr(self, name) is None]
        if self.client_secret is None and self.refresh_token is None and self.client_certificate is None:
            missing.append("client_secret or refresh_token")
        if missing:
            raise ValueError(f"auth_type oauth2 needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _location_holds_no_credential(self) -> Self:
        # Among the parameters it is masked, kept from the module and its process, and may change without a new start.
        url, found = without_credentials(self.location, self.api_key_param)
        if self.api_key_param is not None and self.api_key_param in found:
            key = found.pop(self.api_key_param)
            self.location, self.api_key = url, self.api_key or key
        if found:
            self.location, self.query_params = url, {**self.query_params, **found}
        return self


SourceConfig = FileConfig | ApiConfig


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
