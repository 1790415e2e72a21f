"""Implements `slackwater discover`: findings with evidence in the terminal, without a server."""

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from slackwater.cli.options import settings_of
from slackwater.cli.sources.arguments import AuthFile, Fields, Headers, Place, described, form_of
from slackwater.cli.terminal import INTERRUPTED, err, fail
from slackwater.errors import SlackwaterError

if TYPE_CHECKING:
    from slackwater.cli.one_off_ingest import Source
    from slackwater.settings import Settings
    from slackwater.supervise.run.one_shot import Returned

QUESTION = 1  # somebody who knows the source can help
TROUBLE = 2  # the source is down, refuses, or cannot be looked at


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(
        name,
        help=f"{summary}\n\nNothing is created. Leaves with 0 when all was found, with 1 when a question is left, and "
        "with 2 when the source cannot be seen.",
    )(discover)


def discover(
    source: Place,
    *,
    given: Fields = None,
    header: Headers = None,
    auth_file: AuthFile = None,
    code: Annotated[bool, typer.Option("--code", help="Print the wrapper module, and nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the HTTP API would answer.")] = False,
) -> None:
    """Look at one source."""
    form = form_of(given, header, auth_file)
    looked_at = described(source, form, None)
    with tempfile.TemporaryDirectory(prefix="slackwater-discover-") as directory:
        returned = _looked(settings_of(Path(directory)), looked_at)
    _show(returned, looked_at.label, code=code, as_json=as_json)


def _looked(settings: "Settings", source: "Source") -> "Returned":
    try:
        with err.status(f"looking at {escape(source.label)}"):
            return asyncio.run(_look(settings, source))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(INTERRUPTED) from None
    except SlackwaterError as error:
        fail(str(error), code=TROUBLE)
    except BrokenPipeError:
        raise  # whoever read our output has gone; the source is not to blame
    except OSError as error:
        fail(f"{error.filename or source.label} cannot be used: {error.strerror or error}.", code=TROUBLE)


async def _look(settings: "Settings", source: "Source") -> "Returned":
    from slackwater.cli.one_off_ingest import only_errors_to_stderr
    from slackwater.workbench import Workbench

    only_errors_to_stderr()
    async with Workbench.open(settings) as bench:
        config = source.config
        if source.path is not None:
            config = config.model_copy(update={"file_id": await bench.add_file(source.path)})
        return await bench.previews.discover(source_type=source.kind, config=config)


def _show(returned: "Returned", label: str, *, code: bool, as_json: bool) -> None:
    from slackwater.cli import findings_view
    from slackwater.pipe.frames import Failed, Found, Unclear
    from slackwater.web.api.discovery import discovered

    verdict = returned.verdict
    if as_json:
        typer.echo(discovered(returned).model_dump_json(indent=2))
    elif isinstance(verdict, Found):
        if code:
            typer.echo(verdict.code, nl=False)
        else:
            findings_view.show(verdict, label, returned.requests)
    elif isinstance(verdict, Failed):
        findings_view.show_failure(verdict)
    if not isinstance(verdict, Found):
        raise typer.Exit(QUESTION if isinstance(verdict, Unclear) else TROUBLE)
