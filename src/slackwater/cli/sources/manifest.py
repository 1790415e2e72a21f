"""Sources written in a YAML file: what it declares, checked, with secrets by reference."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, TypeAdapter, ValidationError

from slackwater.cli.plain_words import plain
from slackwater.errors import BadInput
from slackwater.model.labels import Label, labels
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.source.secrets import MASK, masked, with_secrets
from slackwater.model.wrapper import Metadata, SourceType

KINDS = {".csv": SourceType.CSV, ".xlsx": SourceType.XLSX, ".xls": SourceType.XLSX}
PLACES = ("location", "file")
NOT_YET = "not yet uploaded"
RUNS_ON = TypeAdapter(Annotated[list[Label], AfterValidator(labels)])
_REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One source of the file, with secrets in clear; only the `file_id` is missing."""

    name: str
    kind: SourceType
    path: Path | None
    metadata: dict[str, Any]
    config: dict[str, Any] = field(repr=False)
    runs_on: tuple[str, ...] = ()


def read_manifest(path: Path, environment: Mapping[str, str]) -> list[Declared]:
    """Read the sources that a file declares; BadInput names the first error."""
    try:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is no text in UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise BadInput(f"{path} is no valid YAML{where}.") from None  # its own words could quote a secret
    listed = form.get("sources") if isinstance(form, dict) else None
    if not isinstance(listed, list):
        raise BadInput(f"{path} has no list `sources:` at its top level.")
    if unknown := sorted(map(str, form.keys() - {"sources"})):
        raise BadInput(f"{path}: {unknown[0]} is not known at the top level; only `sources` is.")
    found = [_declared(each, number, path, environment) for number, each in enumerate(listed, 1)]
    names = [each.name for each in found]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise BadInput(f"{path}: two sources are named {doubled!r}; the name tells them apart, give another.")
    return found


def json_schema() -> dict[str, Any]:
    """Return what a file of sources may hold, as a JSON Schema for editors."""
    definitions: dict[str, Any] = {}
    kinds = [_entry_schema(form, place, definitions) for form, place in ((ApiConfig, "location"), (FileConfig, "file"))]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The sources of a Slackwater",
        "type": "object",
        "properties": {"sources": {"type": "array", "items": {"oneOf": kinds}}},
        "required": ["sources"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def _entry_schema(form: type[ApiConfig] | type[FileConfig], place: str, definitions: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for part in (Metadata, form):
        schema = part.model_json_schema()
        definitions |= schema.get("$defs", {})
        fields |= schema["properties"]
    fields.pop("file_id", None)
    fields["runs_on"] = RUNS_ON.json_schema() | {"description": "Labels of the workers that may run it; none: any."}
    if place == "file":
        fields.pop("location", None)
        fields["file"] = {"type": "string", "description": "Path of the file, from the folder of this one."}
    return {"type": "object", "properties": fields, "required": ["name", place], "additionalProperties": False}


def exported(wrapper: Mapping[str, Any], filename: str | None) -> dict[str, Any]:
    """Return a wrapper as a file entry; secrets become references to variables."""
    metadata = {name: value for name, value in wrapper["metadata"].items() if value not in (None, False, [], {})}
    kind = FileConfig if filename else ApiConfig
    config = _given_only(kind, wrapper["source_config"])
    entry: dict[str, Any] = {"name": metadata.pop("name")}
    place = config.pop("location", None)  # of an upload: where the server has it
    config.pop("file_id", None)
    entry |= {"file": filename} if filename else {"location": place}
    stem = re.sub(r"\W+", "_", entry["name"]).strip("_").upper()
    numbers = iter(range(1, 1000))
    config = with_secrets(config, lambda _: f"${{env:{stem}_SECRET_{next(numbers)}}}")
    placed = {"runs_on": wrapper["runs_on"]} if wrapper["runs_on"] else {}
    return entry | placed | metadata | config


def differences(declared: Declared, wrapper: Mapping[str, Any]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return `metadata`, `source_config` and `runs_on` → field → (now, then), for what differs.

    A secret is compared by presence: the server shows none.
    """
    kind = ApiConfig if declared.path is None else FileConfig
    now_config = _given_only(kind, wrapper["source_config"])
    then_config = _given_only(kind, masked(declared.config))
    if declared.path is not None:
        for config in (now_config, then_config):
            config.pop("file_id", None)
            config.pop("location", None)
    now = {name: value for name, value in wrapper["metadata"].items() if value not in (None, False, [], {})}
    then = {name: value for name, value in declared.metadata.items() if value not in (None, False, [], {})}
    placed_now, placed_then = ({"runs_on": sorted(each)} for each in (wrapper["runs_on"], declared.runs_on))
    return {
        "metadata": _changed(now, then),
        "source_config": _changed(now_config, then_config),
        "runs_on": _changed(placed_now, placed_then),
    }


def _changed(now: dict[str, Any], then: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = sorted(now.keys() | then.keys())
    return {name: (now.get(name), then.get(name)) for name in names if now.get(name) != then.get(name)}


def _given_only(kind: type[ApiConfig] | type[FileConfig], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a configuration that are not what they would be by themselves."""
    defaults = {name: each.get_default(call_default_factory=True) for name, each in kind.model_fields.items()}
    return {name: value for name, value in config.items() if value is not None and value != defaults.get(name, MASK)}


def _declared(entry: object, number: int, file: Path, environment: Mapping[str, str]) -> Declared:
    where = f"{file}: source {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise BadInput(f"{where} has no `name`, a text.")
    where = f"{file}: {entry['name']!r}"
    places = [name for name in PLACES if entry.get(name)]
    if len(places) != 1:
        raise BadInput(f"{where} needs either `location` (a URL) or `file` (a path).")
    path = (file.parent / str(entry["file"])) if entry.get("file") else None
    kind = SourceType.API if path is None else KINDS.get(path.suffix.lower())
    if kind is None:
        raise BadInput(f"{where}: {path} is no .csv, .xlsx or .xls file.")
    form = FileConfig if path else ApiConfig
    _refuse_unknown(entry, {*Metadata.model_fields, *form.model_fields, "file", "runs_on"} - {"file_id"}, where)
    _refuse_literal_secrets(entry, where)
    given = {name: _resolved(value, where, file.parent, environment) for name, value in entry.items()}
    config = {name: value for name, value in given.items() if name in form.model_fields}
    if path is not None:
        config["file_id"] = NOT_YET
    name = None
    try:
        metadata = Metadata.model_validate({name: given[name] for name in given.keys() & Metadata.model_fields.keys()})
        dumped = form.model_validate(config).model_dump(exclude_none=True)
        name = "runs_on"
        runs_on = tuple(RUNS_ON.validate_python(given.get("runs_on") or []))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "source" if name is None else name
        raise BadInput(f"{where}: {name}: {plain(first)}.") from None
    return Declared(
        name=metadata.name, kind=kind, path=path, metadata=metadata.model_dump(), config=dumped, runs_on=runs_on
    )


def _refuse_unknown(entry: Mapping[Any, Any], known: Iterable[str], where: str) -> None:
    known = sorted(known)
    for name in entry:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise BadInput(f"{where}: {name} is no field of it; {hint}")


def _refuse_literal_secrets(entry: Mapping[str, Any], where: str) -> None:
    def check(value: Any) -> Any:
        if not _REFERENCE.search(str(value)):
            raise BadInput(f"{where} holds a secret in clear; write ${{env:NAME}} or ${{file:PATH}} in its place.")
        return value

    with_secrets(dict(entry), check)


def _resolved(value: Any, where: str, folder: Path, environment: Mapping[str, str]) -> Any:
    """Replace `${env:NAME}` and `${file:PATH}`, paths from the manifest's folder, wherever texts hold them."""
    if isinstance(value, dict):
        return {name: _resolved(each, where, folder, environment) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, where, folder, environment) for each in value]
    if not isinstance(value, str):
        return str(value) if hasattr(value, "isoformat") else value  # YAML reads 1958-03-29 as a date

    def one(found: re.Match[str]) -> str:
        kind, name = found.groups()
        if kind == "env":
            if name not in environment:
                raise BadInput(f"{where} refers to ${{env:{name}}}, which is not set.")
            return environment[name]
        try:
            return (folder / os.path.expanduser(name)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise BadInput(f"{where} refers to ${{file:{name}}}, which cannot be read.") from None

    return _REFERENCE.sub(one, value)
