"""Every setting, its default, its unit and one line of help.

Nothing else reads the environment.

Order: command line, then `SLACKWATER_*`, then the TOML file, then the default.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from slackwater.database_url import check_url
from slackwater.files_url import check_files_url
from slackwater.model.labels import joined, labels
from slackwater.outbound import Proxy, check_authorities, check_hosts, hosts

DEFAULT_CONFIG = Path("slackwater.toml")
PREFIX = "SLACKWATER_"
NO_PROXY = "none"  # a proxy that is none, whatever the environment says


class Settings(BaseSettings):
    """How the service runs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data_dir: Path = Field(default=Path("slackwater-data"), description="Directory of the store, uploads and keys.")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL database that holds the store instead of a file in the data directory: "
        "postgresql://user:password@host:5432/database; needs `slackwater[postgresql]`.",
    )
    wait_for_database: float = Field(
        default=30.0, ge=0, le=3600, description="Seconds at the start for a database server that cannot be reached."
    )
    database_connections: int = Field(
        default=20, ge=10, le=1000, description="Connections of this process to the database server, at most."
    )
    files_url: SecretStr | None = Field(
        default=None,
        description="Place of uploaded files that all nodes reach, instead of the database or the data directory: "
        "s3://bucket/prefix, file:///shared/directory; needs `slackwater[files]`, and s3fs for s3://.",
    )
    api_key: SecretStr | None = Field(
        default=None, min_length=16, description="Admin key to use instead of a generated one (at least 16 characters)."
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Random text that the credentials of sources are encrypted with (at least 32 characters), instead "
        "of the file `secret.key` in the data directory.",
    )
    next_secret_key: SecretStr | None = Field(
        default=None, min_length=32, description="The key that `slackwater keys rotate-secret` changes to."
    )
    public_read: bool = Field(
        default=False,
        description="Let everybody read resources and their data (`GET /resources`, `/resources/{id}…`) without a key; "
        "wrappers, files and the console stay closed.",
    )
    key_requests_per_second: float = Field(
        default=500.0, ge=0, description="Requests per second of one API key or token; 0 sets no limit."
    )
    key_request_burst: int = Field(
        default=1000, ge=1, description="Requests that a key may make at once before its rate counts."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Issuer whose JWTs are accepted besides API keys, such as https://id.example.org/realms/a.",
    )
    oidc_audience: str | None = Field(default=None, description="Audience that a JWT must be made for.")
    oidc_jwks_url: str | None = Field(
        default=None, description="Where the issuer's keys are, instead of where its discovery document says."
    )
    oidc_client_id: str | None = Field(
        default=None, description="Client id at the issuer; with it people sign in to the console through the issuer."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Client secret at the issuer; none for a public client."
    )
    session_seconds: float = Field(
        default=43_200.0, ge=60, le=2_592_000, description="Seconds that somebody stays signed in to the console."
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which browsers reach the service, when a proxy in front of it does not say it: "
        "https://tides.example.org.",
    )
    cors_origins: str = Field(
        default="", description="Web origins, separated by commas, whose pages may use the API; none by default."
    )
    request_body_seconds: float = Field(
        default=600.0, gt=0, description="Seconds in which the body of a request, an upload too, must have arrived."
    )
    audit_entries: int = Field(
        default=100_000, ge=100, description="Entries of the audit trail kept; as many refusals are kept besides."
    )
    allow_private_sources: bool = Field(
        default=False,
        description="Let wrappers read hosts with private, loopback or link-local addresses. Metadata services of "
        "clouds and this service itself stay closed.",
    )
    private_sources: str = Field(
        default="",
        description="Host names, addresses and networks, separated by commas, that wrappers may read though they are "
        "private: nas.local, 10.1.0.0/16. A metadata service needs its very address, this service host:port.",
    )
    proxy: SecretStr | None = Field(
        default=None,
        description="Forward proxy for all requests of the service, such as http://name:password@proxy:3128, "
        "in place of the variables HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; `none` uses none.",
    )
    no_proxy: str | None = Field(
        default=None,
        description="Hosts, domains, addresses and networks, separated by commas, that are reached without the proxy, "
        "instead of the variable NO_PROXY; this machine always is.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of certificate authorities to trust beside the usual ones, instead of the variable "
        "SSL_CERT_FILE.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="Collector of OpenTelemetry traces (OTLP over HTTP) that stops, runs and requests are reported to, "
        "such as http://127.0.0.1:4318; needs `slackwater[tracing]`.",
    )
    max_runs: int = Field(
        default=64,
        ge=0,
        le=10_000,
        description="Wrapper processes at once; others wait in line. With 0 a node only answers requests; others run "
        "the wrappers.",
    )
    name: str = Field(default="", max_length=100, description="Name of this node; the machine's name by default.")
    labels: str = Field(
        default="",
        description="Label of this node, such as gpu; sources whose `runs_on` names labels run only where all of them "
        "are. May be repeated; separated by commas in variable and file.",
    )
    lease_seconds: float = Field(
        default=15.0,
        ge=2,
        le=600,
        description="Seconds without the database after which a node that shares it ends all its runs; five later "
        "others go on with them.",
    )
    discovery_seconds: float = Field(
        default=60.0, gt=0, le=600, description="Seconds that discovery, or a trial of a module, may take."
    )
    discoveries_at_once: int = Field(
        default=4, ge=1, le=100, description="Analyses of sources and trials of modules at once; others wait in line."
    )
    llm_model: str = Field(
        default="",
        description="Language models to ask what discovery cannot decide, such as openai:gpt-5, separated by commas "
        "in the order in which they are tried; none by default.",
    )
    llm_api_key: SecretStr | None = Field(
        default=None,
        description="API key of the first model's provider; else its own variable, such as OPENAI_API_KEY.",
    )
    llm_base_url: str | None = Field(
        default=None, description="Where the provider's API is, instead of its usual place."
    )
    llm_seconds: float = Field(default=120.0, gt=0, le=3600, description="Seconds for the models in one generation.")
    llm_budget: int = Field(default=200_000, ge=1_000, description="Tokens for the models in one generation.")
    stop_grace_seconds: float = Field(
        default=2.0, ge=0, le=60, description="Seconds from SIGTERM to SIGKILL when a wrapper is stopped."
    )
    stop_deadline_seconds: float = Field(
        default=10.0, gt=0, le=300, description="Seconds after which a stop answers that it has not succeeded yet."
    )
    stall_seconds: float = Field(
        default=1800.0,
        ge=0,
        description="Seconds without progress after which a run is ended and has failed; 0 sets no limit. "
        "`stall_seconds` of a wrapper's source_config goes before it.",
    )
    run_seconds: float = Field(
        default=0.0,
        ge=0,
        description="Seconds that one run may take in all; 0 sets no limit. `run_seconds` of a wrapper's "
        "source_config goes before it.",
    )
    max_tries: int = Field(
        default=5, ge=1, le=100, description="Failed runs in a row after which a wrapper ends in `error`."
    )
    retry_base_seconds: float = Field(
        default=5.0, gt=0, le=3600, description="Seconds before the first retry; each further one doubles it."
    )
    alert_seconds: float = Field(
        default=30.0, ge=0, le=86_400, description="Seconds between two checks of all sources for alerts; 0 sends none."
    )
    host_requests_per_second: float = Field(
        default=200.0, gt=0, description="Requests per second to one source host, over all wrappers."
    )
    host_connections: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Requests at once to one source host, over all wrappers; one run has at most half of them.",
    )
    request_tries: int = Field(
        default=3, ge=1, le=10, description="Tries of one HTTP request to a source before its run fails."
    )
    discovery_requests: int = Field(
        default=30, ge=1, le=200, description="Requests to an API, at most, to detect how it is read."
    )
    max_wait_seconds: float = Field(
        default=30.0,
        ge=0,
        description="Longest Retry-After, in seconds, that a run waits for; a longer one ends the run until then.",
    )
    max_answer_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, le=64 * 1024 * 1024, description="Largest HTTP answer of a source, in bytes."
    )
    max_upload_bytes: int = Field(default=50 * 1024 * 1024, gt=0, description="Largest upload, in bytes.")
    memory_limit_bytes: int = Field(
        default=2 * 1024**3, ge=256 * 1024**2, description="Address space of a wrapper process, in bytes."
    )
    cpu_limit_seconds: int = Field(default=3600, ge=1, description="CPU time of one run, in seconds.")
    process_limit: int = Field(default=64, ge=8, le=4096, description="Processes and threads of one run.")
    open_files_limit: int = Field(default=256, ge=64, le=65_536, description="Open files of a wrapper process.")
    file_size_limit_bytes: int = Field(
        default=64 * 1024**2, ge=0, description="Largest file that a wrapper process may write, in bytes."
    )
    scratch_limit_bytes: int = Field(
        default=256 * 1024**2, ge=0, description="All that a run may write to its scratch directory, in bytes."
    )
    confinement: Literal["best", "required"] = Field(
        default="best", description="`required` runs no wrapper when the kernel lacks a measure of confinement."
    )
    run_as_uid: int = Field(
        default=66_000,
        ge=1000,
        le=2**31,
        description="First of the 4,000 user ids that wrapper processes get when the service runs as root; 60,600 to "
        "61,099 where it does not exist. Services on one machine take different ones.",
    )
    log_lines: int = Field(default=10_000, ge=100, description="Log lines kept for each wrapper.")
    vintage_days: int = Field(
        default=0,
        ge=0,
        description="Days that replaced values are kept, for `as_of` and `/revisions`; 0 keeps them for ever.",
    )
    run_history: int = Field(default=1_000, ge=1, description="Finished runs kept for each wrapper.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Service log: debug, info, warning or error."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Service log: `text` for people, `json` with one object a line."
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _in_lower_case(cls, text: object) -> object:
        return text.lower() if isinstance(text, str) else text

    @field_validator("private_sources")
    @classmethod
    def _are_hosts(cls, text: str) -> str:
        for host in listed(text):
            if "://" in host or any(char.isspace() or char in "@?#*" for char in host):
                raise ValueError(f"{host} is no host, address or network such as nas.local or 10.1.0.0/16")
            if "/" in host:
                ip_network(host, strict=False)
        return text

    @field_validator("database_url", "files_url", "proxy")
    @classmethod
    def _is_an_address(cls, secret: SecretStr | None, given: ValidationInfo) -> SecretStr | None:
        if given.field_name == "database_url":
            return check_url(secret)
        if given.field_name == "files_url":
            return check_files_url(secret)
        if secret is not None and secret.get_secret_value() not in ("", NO_PROXY):
            Proxy.of(secret.get_secret_value())
        return secret

    @field_validator("labels", mode="before")
    @classmethod
    def _are_labels(cls, given: object) -> object:
        parts = given.split(",") if isinstance(given, str) and given else given
        return joined(labels(str(each).strip() for each in parts)) if isinstance(parts, list | tuple) else given

    @field_validator("no_proxy", "ca_file")
    @classmethod
    def _can_be_used(cls, given: Any) -> Any:
        check_authorities(str(given)) if isinstance(given, Path) else check_hosts(hosts(given or ""))
        return given

    @field_validator("llm_model")
    @classmethod
    def _name_providers(cls, text: str) -> str:
        for model in listed(text):
            provider, colon, name = model.partition(":")
            if not (provider and colon and name):
                raise ValueError(f"{model} is no PROVIDER:MODEL such as openai:gpt-5")
        return text

    @field_validator("oidc_issuer", "oidc_jwks_url", "public_url", "llm_base_url", "otlp_endpoint")
    @classmethod
    def _is_a_url(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://x")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("it must be a URL such as https://id.example.org/realms/a")
        return url

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in listed(text):
            parts = urlsplit(origin)
            bare = origin == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
            if origin != "*" and not (bare and parts.hostname and parts.scheme in {"http", "https"}):
                raise ValueError(f"{origin} is no origin such as https://app.example.org")
        return text

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the TOML file below the environment and the command line."""
        secret_files = InitSettingsSource(settings_cls, secrets_from_files(os.environ))
        config = TomlConfigSettingsSource(settings_cls, toml_file=_config_file())
        return init_settings, env_settings, secret_files, config


def is_secret_setting(field: FieldInfo) -> bool:
    """Check whether a setting is secret: everybody on the machine can read argv."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


def secrets_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secret settings that `SLACKWATER_…_FILE` variables name files for.

    ValueError when a file cannot be read, or the secret is given by its own variable, too.
    """
    found = {}
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        path = environment.get(f"{variable}_FILE")
        if not path or not is_secret_setting(field):
            continue
        if variable in environment:
            raise ValueError(f"{variable} and {variable}_FILE are both set; unset one.")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise ValueError(f"{variable}_FILE names {path}, which is no text in UTF-8.") from None
    return found


def _config_file() -> Path | None:
    if named := os.environ.get("SLACKWATER_CONFIG"):
        return Path(named)
    return DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None


def load(**overrides: Any) -> Settings:
    """Return the settings; `overrides` (None = not given) go before all else. pydantic.ValidationError if wrong."""
    return Settings(**{name: value for name, value in overrides.items() if value is not None})


def text_of(secret: SecretStr | None) -> str | None:
    """Return a secret setting in clear, None when it is not set."""
    return None if secret is None else secret.get_secret_value()


def listed(text: str) -> tuple[str, ...]:
    """Return what a setting lists, separated by commas."""
    return tuple(filter(None, map(str.strip, text.split(","))))
