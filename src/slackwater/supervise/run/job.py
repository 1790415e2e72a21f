"""What a process is told: the source's configuration without its secrets, the module, the limits; and its way out."""

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.model.config import ApiConfig, SourceConfig
from slackwater.model.instants import DAY, parse_iso
from slackwater.model.periodicity import parse_duration
from slackwater.model.planning import Wanted
from slackwater.model.secrets import SECRET_FIELDS, is_secret, without_secrets
from slackwater.model.wrapper import Origin, SourceType, WrapperRecord
from slackwater.pipe.frames import Limits, Start
from slackwater.store.records import files
from slackwater.store.records.files import FileRecord
from slackwater.supervise.http.credentials import Access

NOT_OF_THE_MODULE = (  # fields of `source_config`
    "custom_headers",
    "secret_headers",
    "query_params",
    "token_url",
    "token_params",
    "client_id",
    "scope",
    "client_auth",
    "schedule",
    "stall_seconds",
    "run_seconds",
)
LOOKBACK_PERIODS = 12  # what a poll fetches again when the source declares no `lookback`
LOOKBACK_MOST = 20 * 366 * DAY


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms every process works: settings, read once by the composition root."""

    limits: Limits
    files_dir: Path
    confinement: Literal["best", "required"] = "best"
    discovery_requests: int = 20  # that discovery may send to a source


@dataclass(frozen=True)
class Task:
    """What a process is to do: its orders, its way to the source, and the file it may read."""

    start: Start
    access: Access
    file: Path | None


def task(
    record: WrapperRecord,
    file: FileRecord | None,
    terms: Terms,
    what: Literal["read", "discover", "prove"],
    *,
    module: str | None = None,
    window: Interval | None = None,
    frontier: int | None = None,
) -> Task:
    """Return the orders for a wrapper; `module` instead of its own. `file` is the upload of a file wrapper."""
    start = Start(
        task=what,
        source_type=record.definition.source_type.value,
        config=shown(record.definition.source_config),
        module=(record.definition.generated_code or "") if module is None else module,
        file_name=file.filename if file else "",
        has_file=file is not None,
        wanted=wanted(record, frontier),
        checkpoint=record.marks.checkpoint,
        window=window,
        prove_first=record.definition.code_origin is Origin.EDITED,
        discovery_requests=terms.discovery_requests,
        limits=terms.limits,
        confinement=terms.confinement,
    )
    config = ApiConfig.model_validate(record.definition.source_config) if file is None else None
    ordered = _sent(start, config, file, terms)
    if module is None and record.definition.code_origin is Origin.MODEL:
        return replace(ordered, access=replace(ordered.access, bound=True))
    return ordered


def first_look(config: SourceConfig, source_type: SourceType, file: FileRecord | None, terms: Terms) -> Task:
    """Return the orders to discover a source that no wrapper reads."""
    start = Start(
        task="discover",
        source_type=source_type.value,
        config=shown(config.model_dump(exclude_none=True)),
        file_name=file.filename if file else "",
        has_file=file is not None,
        discovery_requests=terms.discovery_requests,
        limits=terms.limits,
        confinement=terms.confinement,
    )
    return _sent(start, config if isinstance(config, ApiConfig) else None, file, terms)


def _sent(start: Start, config: ApiConfig | None, file: FileRecord | None, terms: Terms) -> Task:
    return Task(start, Access.of(config), files.path(terms.files_dir, file) if file else None)


def shown(source_config: dict[str, Any]) -> dict[str, Any]:
    """Return what a process may know of a source's configuration: no value that may be a secret."""
    known = {
        name: value
        for name, value in source_config.items()
        if name not in SECRET_FIELDS and name not in NOT_OF_THE_MODULE and value is not None
    }
    # Names alone: a value that the source copies into its links must not get into a checkpoint, and the broker
    # adds it anyway.
    if "body" in known:
        known["body"] = without_secrets(known["body"])
    params = source_config.get("query_params", {})
    known["query_params"] = sorted(params)
    known["hidden_params"] = sorted({*filter(is_secret, params), *key_param(source_config)})
    return known


def key_param(source_config: dict[str, Any]) -> tuple[str, ...]:
    """Return the query parameter that carries the key, if one does."""
    param = source_config.get("api_key_param")
    return (param,) if param and source_config.get("auth_type") == "api_key" else ()


def wanted(record: WrapperRecord, frontier: int | None = None) -> Wanted:
    """Return what a run of the wrapper shall have read when it ends; it polls from `frontier` (µs) on."""
    if record.definition.source_type is not SourceType.API:
        return Wanted(period=record.period)
    config = record.definition.source_config
    lookback = config.get("lookback")
    again = parse_duration(lookback) if lookback else min(LOOKBACK_PERIODS * record.period, LOOKBACK_MOST)
    start = {"start": parse_iso(config["start"])} if config.get("start") else {}
    return Wanted(period=record.period, lookback=again, frontier=frontier, **start)


MAX_MODULE = 256 * 1024  # characters of a wrapper module


def check_location(config: ApiConfig) -> None:
    """Refuse, as BadInput, a location that cannot be asked."""
    try:
        Access.of(config)
    except ValueError as error:
        raise BadInput(str(error)) from None


def check_module(text: str) -> None:
    """Say at once what would make a wrapper module useless: BadInput for no Python, or no `wrapper` in it."""
    if len(text) > MAX_MODULE:
        raise BadInput(f"generated_code must not have more than {MAX_MODULE:,} characters")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise BadInput(f"generated_code is not Python: {error.msg} in line {error.lineno}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"generated_code is not Python: {error}") from None
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    if "wrapper" not in names:
        raise BadInput("generated_code must define `wrapper`, for example `wrapper = ApiWrapper(...)`")
