"""Builds the orders of a process: configuration without secrets, module, limits, and its way out."""

import ast
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, parse_iso
from slackwater.model.periodicity import parse_duration
from slackwater.model.planning import Wanted
from slackwater.model.source.config import ApiConfig, SourceConfig
from slackwater.model.source.secrets import SECRET_FIELDS, is_secret, without_secrets
from slackwater.model.wrapper import Origin, SourceType, WrapperRecord
from slackwater.pipe.frames import Discover, Limits, Prove, Read, SourceOrder
from slackwater.store.records import files
from slackwater.store.records.files import FileRecord
from slackwater.store.uploads.at_url import FilesPlace
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
    "recheck",
    "schedule",
    "stall_seconds",
    "run_seconds",
)
LOOKBACK_PERIODS = 12  # what a poll fetches again when the source declares no `lookback`
LOOKBACK_MOST = 20 * 366 * DAY  # µs, 20 years; chosen: revisions of annual statistics reach no farther


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms every process works: settings, read once by the composition root."""

    limits: Limits
    files_dir: Path
    files_place: FilesPlace | None = None  # where uploads are kept for all nodes
    confinement: Literal["best", "required"] = "best"
    discovery_requests: int = 30  # that discovery may send to a source


@dataclass(frozen=True)
class Task:
    """What a process is to do.

    Its orders, its way to the source, and the file it may read.
    """

    order: SourceOrder
    access: Access
    file: Path | None


class _AboutSource(TypedDict):
    """What all orders about a source hold."""

    limits: Limits
    confinement: Literal["best", "required"]
    source_type: str
    config: dict[str, Any]
    file_name: str
    has_file: bool
    wanted: NotRequired[Wanted | None]


def reading(record: WrapperRecord, file: FileRecord | None, terms: Terms, frontier: int | None = None) -> Task:
    """Return the orders to read a wrapper's source; it polls from `frontier` (µs) on.

    `file`: its upload.
    """
    definition = record.definition
    order = Read(
        **_of(record, file, terms, frontier),
        module=definition.generated_code or "",
        checkpoint=record.marks.checkpoint,
        prove_first=definition.code_origin is Origin.EDITED,
    )
    return _by_origin(record, _sent(order, definition.source_config, file, terms))


def discovering(record: WrapperRecord, file: FileRecord | None, terms: Terms) -> Task:
    """Return the orders to discover a wrapper's source. `file`: its upload."""
    order = Discover(**_of(record, file, terms), requests=terms.discovery_requests)
    return _by_origin(record, _sent(order, record.definition.source_config, file, terms))


def proving(
    record: WrapperRecord, file: FileRecord | None, terms: Terms, *, module: str | None, window: Interval | None
) -> Task:
    """Return the orders to try a wrapper's module, or `module` in its stead.

    `file`: its upload.
    """
    tried = (record.definition.generated_code or "") if module is None else module
    order = Prove(**_of(record, file, terms), module=tried, window=window)
    task = _sent(order, record.definition.source_config, file, terms)
    return _by_origin(record, task) if module is None else task


def first_look(config: SourceConfig, source_type: SourceType, file: FileRecord | None, terms: Terms) -> Task:
    """Return the orders to discover a source that no wrapper reads."""
    form = config.model_dump(exclude_none=True)
    order = Discover(**_about(form, source_type, file, terms), requests=terms.discovery_requests)
    return _sent(order, form, file, terms)


def second_look(task: Task, requests: int) -> Task:
    """Return the orders to discover the source of a task anew, with so many requests."""
    return replace(task, order=Discover(**_again(task.order), requests=requests))


def trial(task: Task, module: str) -> Task:
    """Return the orders to try a module on the source of a task."""
    return replace(task, order=Prove(**_again(task.order), module=module))


def _of(record: WrapperRecord, file: FileRecord | None, terms: Terms, frontier: int | None = None) -> _AboutSource:
    about = _about(record.definition.source_config, record.definition.source_type, file, terms)
    about["wanted"] = wanted(record, frontier)
    return about


def _about(form: dict[str, Any], source_type: SourceType, file: FileRecord | None, terms: Terms) -> _AboutSource:
    return {
        "limits": terms.limits,
        "confinement": terms.confinement,
        "source_type": source_type.value,
        "config": shown(form),
        "file_name": file.filename if file else "",
        "has_file": file is not None,
    }


def _again(order: SourceOrder) -> _AboutSource:
    return {
        "limits": order.limits,
        "confinement": order.confinement,
        "source_type": order.source_type,
        "config": order.config,
        "file_name": order.file_name,
        "has_file": order.has_file,
        "wanted": order.wanted,
    }


def _sent(order: SourceOrder, form: dict[str, Any], file: FileRecord | None, terms: Terms) -> Task:
    config = ApiConfig.model_validate(form) if file is None else None
    return Task(order, Access.of(config), files.path(terms.files_dir, file) if file else None)


def _by_origin(record: WrapperRecord, task: Task) -> Task:
    """Return a task bound to its source when a model has written its module."""
    if record.definition.code_origin is not Origin.MODEL:
        return task
    return replace(task, access=replace(task.access, bound=True))


def shown(source_config: dict[str, Any]) -> dict[str, Any]:
    """Return what a process may know of a source's configuration.

    No value that may be a secret.
    """
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
    """Return what a run of the wrapper shall have read when it ends.

    It polls from `frontier` (µs) on.
    """
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
    """Say at once what would make a wrapper module useless.

    BadInput for no Python, or no `wrapper` in it.
    """
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
