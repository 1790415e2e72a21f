"""`slackwater apply` and `slackwater export`: the sources of a server as one YAML file."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.markup import escape

from slackwater.cli.client import WRAPPERS, Refused, Service
from slackwater.cli.options import DataDir
from slackwater.cli.server_options import LOCAL, KeyFile, Url, connected, print_json
from slackwater.cli.sources.changes import changed
from slackwater.cli.sources.manifest import Declared, differences, exported, json_schema, read_manifest
from slackwater.cli.terminal import WRONG_USAGE, err, fail, out
from slackwater.errors import BadInput

MOST = 100_000  # wrappers that are looked at; more than one server holds


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    if name == "apply":
        more = "Sources are known by their names: what is there already is changed only where it differs."
        top.command(name, help=f"{summary}\n\n{more}")(apply)
    else:
        top.command(name, help=f"{summary}\n\nSecrets become references to variables, ${{env:NAME}}.")(export)


def _show_schema(wanted: bool) -> None:
    if wanted:
        print_json(json_schema())
        raise typer.Exit


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file with a list `sources`.")],
    *,
    _schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema of FILE and exit.", is_eager=True, callback=_show_schema),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be changed, and change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete sources that the file does not have; asks.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --prune: do not ask.")] = False,
    send_secrets: Annotated[
        bool, typer.Option("--resend", help="Send all secrets again: whether they differ cannot be seen.")
    ] = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Bring the sources of a server to what a file declares."""
    try:
        declared = read_manifest(file, os.environ)
    except BadInput as wrong:
        fail(str(wrong), code=WRONG_USAGE)
    failed = 0
    with connected(url, key_file, data_dir) as service:
        there = _by_name(service)
        for source in declared:
            try:
                said = _applied(service, source, there.get(source.name, []), dry_run=dry_run, secrets=send_secrets)
            except Refused as refused:
                failed += 1
                err.print(f"[red]{escape(f'{source.name}: {refused}')}[/red]")
                continue
            for line in said:
                out.print(escape(line))
        if prune:
            surplus = [each for name, found in there.items() for each in found if name not in _names(declared)]
            _prune(service, surplus, dry_run=dry_run, yes=yes)
    if failed:
        fail(f"{failed} of {len(declared)} sources could not be applied.")


def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to that file; default stdout.")
    ] = None,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Write the sources of a server as a file for `slackwater apply`."""
    with connected(url, key_file, data_dir) as service:
        rows, _ = service.wrappers(most=MOST)
        entries = [exported(row, _filename(service, row)) for row in rows]
    entries.sort(key=lambda entry: str(entry["name"]))
    text = yaml.safe_dump({"sources": entries}, allow_unicode=True, sort_keys=False, width=120)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}.")


def _by_name(service: Service) -> dict[str, list[dict[str, Any]]]:
    rows, _ = service.wrappers(most=MOST)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["metadata"]["name"], []).append(row)
    return found


def _names(declared: list[Declared]) -> set[str]:
    return {source.name for source in declared}


def _applied(
    service: Service, source: Declared, there: list[dict[str, Any]], *, dry_run: bool, secrets: bool
) -> Iterator[str]:
    if len(there) > 1:
        raise Refused("more than one source there has this name; rename or delete the others first.")
    if not there:
        if not dry_run:
            _create(service, source)
        return iter([f"+ {source.name}"])
    wrapper = there[0]
    _refuse_other_kind(source, wrapper)
    changes = differences(source, wrapper)
    if not any(changes.values()) and not secrets:
        return iter([f"= {source.name}"])
    if not dry_run:
        _change(service, source, wrapper, changes)
    shown = [f"    {name}: {now!r} → {then!r}" for each in changes.values() for name, (now, then) in each.items()]
    return iter([f"~ {source.name}", *shown])


def _refuse_other_kind(source: Declared, wrapper: dict[str, Any]) -> None:
    if wrapper["source_type"] != source.kind.value:
        raise Refused(f"it is of type {wrapper['source_type']} there; delete it or give another name.")
    location = wrapper["source_config"].get("location")
    if source.path is None and location != source.config["location"]:
        # Its checkpoint and data are about the old place: to go on would mix two sources in one series.
        raise Refused(f"it reads {location} there, so its data are of another source; delete it or give another name.")


def _create(service: Service, source: Declared) -> None:
    config = dict(source.config)
    if source.path is not None:
        if not source.path.is_file():
            raise Refused(f"the file {source.path} does not exist.")
        config["file_id"] = service.upload(source.path)["file_id"]
    body = {
        "source_type": source.kind.value,
        "source_config": config,
        "metadata": source.metadata,
        "runs_on": source.runs_on,
    }
    service.post(f"{WRAPPERS}/generate", json=body)


def _change(
    service: Service, source: Declared, wrapper: dict[str, Any], changes: dict[str, dict[str, tuple[Any, Any]]]
) -> None:
    config = {name: source.config.get(name) for name in changes["source_config"]}
    secret = ("api_key", "bearer_token", "password", "custom_headers", "query_params")
    config |= {name: source.config[name] for name in secret if source.config.get(name)}
    metadata = {name: source.metadata.get(name) for name in changes["metadata"]}
    parts = (("metadata", metadata), ("source_config", config))
    placed = {"runs_on": source.runs_on} if changes["runs_on"] else {}
    changed(service, wrapper, {name: part for name, part in parts if part} | placed)


def _prune(service: Service, surplus: list[dict[str, Any]], *, dry_run: bool, yes: bool) -> None:
    for wrapper in surplus:
        out.print(escape(f"- {wrapper['metadata']['name']}"))
    if not surplus or dry_run:
        return
    if not yes and not typer.confirm(f"Delete {len(surplus)} sources? Their data stay as resources", err=True):
        fail("Nothing was deleted.")
    for wrapper in surplus:
        service.delete(f"{WRAPPERS}/{wrapper['wrapper_id']}")


def _filename(service: Service, wrapper: dict[str, Any]) -> str | None:
    file_id = wrapper["source_config"].get("file_id")
    return None if file_id is None else str(service.get(f"{WRAPPERS}/files/{file_id}")["filename"])
