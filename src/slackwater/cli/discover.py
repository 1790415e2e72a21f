"""`slackwater discover`: what a source is, with the evidence, from the terminal and without a server."""

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from rich.markup import escape

from slackwater.cli.options import read_settings
from slackwater.cli.run import AUTH_FIELDS, credentials, described, header_pair
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, err, fail
from slackwater.errors import SlackwaterError
from slackwater.model.wrapper import SECRET_FIELDS, ApiConfig, FileConfig

if TYPE_CHECKING:
    from slackwater.cli.ingest import Source
    from slackwater.settings import Settings
    from slackwater.supervise.errands import Returned

QUESTION = 1  # somebody who knows the source can help
TROUBLE = 2  # the source is down, refuses, or cannot be looked at

_FIELDS = (FileConfig.model_fields | ApiConfig.model_fields).items()


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(
        name,
        help=f"{summary}\n\nNothing is created. Leaves with 0 when all was found, with 1 when a question is left, and "
        "with 2 when the source cannot be seen.",
    )(discover)


def discover(
    source: Annotated[
        str, typer.Argument(metavar="FILE_OR_URL", help="A .csv, .xlsx or .xls file, or an http(s) URL.")
    ],
    *,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of source_config; may be repeated: date_field=day."),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="API: a header to send; no secrets, argv is public."),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"API: TOML file with the credentials: {', '.join(AUTH_FIELDS)}."),
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Print the wrapper module, and nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the HTTP API would answer.")] = False,
) -> None:
    """Look at one source."""
    form = _fields(given or [])
    if auth_file is not None:
        form |= credentials(auth_file)
    if header:
        form["custom_headers"] = form.get("custom_headers", {}) | dict(map(header_pair, header))
    looked_at = described(source, form, None)
    with tempfile.TemporaryDirectory(prefix="slackwater-discover-") as directory:
        # Whoever types an address at a terminal may reach it anyway.
        returned = _looked(read_settings(data_dir=Path(directory), allow_private_sources=True), looked_at)
    _tell(returned, looked_at.label, code=code, as_json=as_json)


def _looked(settings: "Settings", source: "Source") -> "Returned":
    try:
        with err.status(f"looking at {escape(source.label)}"):
            return asyncio.run(_look(settings, source))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(INTERRUPTED) from None
    except SlackwaterError as error:
        fail(str(error), code=TROUBLE)
    except OSError as error:
        fail(f"{error.filename or source.label} cannot be used: {error.strerror or error}.", code=TROUBLE)


async def _look(settings: "Settings", source: "Source") -> "Returned":
    from slackwater.cli.ingest import only_errors_to_stderr
    from slackwater.serve import Workbench

    only_errors_to_stderr()
    async with Workbench.open(settings) as bench:
        config = source.config
        if source.path is not None:
            config = config.model_copy(update={"file_id": await bench.add_file(source.path)})
        return await bench.scout.discover(source_type=source.kind, config=config)


def _tell(returned: "Returned", label: str, *, code: bool, as_json: bool) -> None:
    from slackwater.cli import evidence
    from slackwater.pipe.frames import Failed, Found
    from slackwater.web.discovery import discovered

    verdict = returned.verdict
    if as_json:
        typer.echo(discovered(returned).model_dump_json(indent=2))
    elif isinstance(verdict, Found):
        if code:
            typer.echo(verdict.code, nl=False)
        else:
            evidence.show(verdict, label, returned.requests)
    elif isinstance(verdict, Failed):
        evidence.show_failure(verdict)
    if not isinstance(verdict, Found):
        raise typer.Exit(QUESTION if isinstance(verdict, Failed) and verdict.unclear else TROUBLE)


def _fields(given: list[str]) -> dict[str, Any]:
    """Return the fields of `--set`; a field that holds a list may be named several times."""
    lists = {name for name, field in _FIELDS if _is_list(field.annotation)}
    form: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            fail(f"--set {each!r} is not of the form FIELD=VALUE.", code=WRONG_USAGE)
        if name in SECRET_FIELDS:
            fail(f"--set {name} would show a secret to everybody here; put it into --auth-file.", code=WRONG_USAGE)
        if name in lists:
            form.setdefault(name, []).append(value)
        else:
            form[name] = value
    return form


def _is_list(annotation: Any) -> bool:
    return any(getattr(each, "__origin__", None) is list for each in (annotation, *get_args(annotation)))
