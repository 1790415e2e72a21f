"""Implements `slackwater sources create` and `edit`: creates and changes sources of a server."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from slackwater.cli.client import WRAPPERS, Refused, Service
from slackwater.cli.options import DataDir
from slackwater.cli.server_options import (
    LOCAL,
    AsJson,
    Id,
    KeyFile,
    Url,
    Wait,
    awaited,
    connected,
    full_id,
    print_json,
    source_path,
)
from slackwater.cli.sources.arguments import AuthFile, Fields, Headers, Place, described, form_of
from slackwater.cli.terminal import WRONG_USAGE, err, fail, out

RUNNING = frozenset({"executing", "retrying", "generating", "pending", "creating_resource"})

Name = Annotated[str | None, typer.Option("--name", help="What people call it; otherwise the address or file name.")]
Periodicity = Annotated[str | None, typer.Option(help="How often there is new data: Weekly, Mensal, 6h, P1M…")]
Schedule = Annotated[
    str | None, typer.Option(help="API: when it is polled: '0 11 * * 1-5 Europe/Lisbon' (cron and time zone), 6h, P1D…")
]
Unit = Annotated[str | None, typer.Option(help="Unit of the values.")]
About = Annotated[
    list[str] | None,
    typer.Option("--about", metavar="FIELD=VALUE", help="A field of metadata; may be repeated: domain=Tourism."),
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("create")(create)
    group.command("edit")(edit)


def create(
    source: Place,
    *,
    name: Name = None,
    periodicity: Periodicity = None,
    schedule: Schedule = None,
    unit: Unit = None,
    about: About = None,
    given: Fields = None,
    header: Headers = None,
    auth_file: AuthFile = None,
    wait: Wait = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Create a source from a file or URL; discovery and reading follow in the background."""
    form = form_of(given, header, auth_file) | _scheduled(schedule)
    described_source = described(source, form, periodicity)
    metadata = {"name": described_source.metadata.name} | _about(about, name=name, unit=unit, periodicity=periodicity)
    with connected(url, key_file, data_dir) as service:
        config = described_source.config.model_dump(exclude_none=True, exclude_unset=True)
        if described_source.path is not None:
            err.print(escape(f"Sending {described_source.path.name}."))
            config["file_id"] = service.upload(described_source.path)["file_id"]
        body = {"source_type": described_source.kind.value, "source_config": config, "metadata": metadata}
        wrapper = service.post(f"{WRAPPERS}/generate", json=body)
        err.print(escape(f"{wrapper['metadata']['name']} is created; it is being analysed."))
        if wait:
            said = awaited(service, wrapper["wrapper_id"])
            wrapper = service.wrapper(wrapper["wrapper_id"])
            err.print(escape(said))
    if as_json:
        print_json(wrapper)
    else:
        out.print(escape(wrapper["wrapper_id"]))


def edit(
    wrapper_id: Id,
    *,
    name: Annotated[str | None, typer.Option("--name", help="What people call it.")] = None,
    periodicity: Periodicity = None,
    schedule: Schedule = None,
    unit: Unit = None,
    about: About = None,
    given: Fields = None,
    header: Headers = None,
    auth_file: AuthFile = None,
    code: Annotated[Path | None, typer.Option(metavar="FILE", help="File with its module.")] = None,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Change a source; a running one is stopped for it and continues afterwards.

    An empty VALUE removes a field.
    """
    form = form_of(given, header, auth_file) | _scheduled(schedule)
    config = {field: value or None for field, value in form.items()}
    changes: dict[str, Any] = {
        "metadata": {k: v or None for k, v in _about(about, name=name, unit=unit, periodicity=periodicity).items()},
        "source_config": config,
    }
    if code is not None:
        try:
            changes["generated_code"] = code.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"The module {code} cannot be read: {error}.", code=WRONG_USAGE)
    changes = {part: value for part, value in changes.items() if value}
    if not changes:
        fail(
            "Nothing is to be changed; give --name, --unit, --periodicity, --schedule, --about, --set or --code.",
            code=WRONG_USAGE,
        )
    with connected(url, key_file, data_dir) as service:
        wrapper = changed(service, service.wrapper(full_id(service, wrapper_id)), changes)
    if as_json:
        print_json(wrapper)
    else:
        out.print(escape(f"{wrapper['metadata']['name']} is changed."))


def changed(service: Service, wrapper: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Change a source and return it; restart it, if it ran, also after errors."""
    path = source_path(wrapper["wrapper_id"])
    runs = wrapper["status"] in RUNNING
    if runs and not service.post(f"{path}/stop")["success"]:
        raise Refused("It could not be stopped to be changed; try again.")
    try:
        return dict(service.patch(path, json=changes))
    finally:
        if runs:
            service.post(f"{path}/execute", params={"wait": 0})


def _scheduled(schedule: str | None) -> dict[str, Any]:
    return {} if schedule is None else {"schedule": schedule}


def _about(about: list[str] | None, **named: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in about or ():
        field, equals, value = each.partition("=")
        if not equals or not field.strip():
            fail(f"--about {each!r} is not of the form FIELD=VALUE.", code=WRONG_USAGE)
        found[field.strip()] = value
    return found | {field: value for field, value in named.items() if value is not None}
