"""`slackwater serve`."""

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from slackwater.cli.options import parameters, read_settings, secrets_help
from slackwater.cli.terminal import INTERRUPTED, fail
from slackwater.errors import SlackwaterError
from slackwater.settings import Settings

_CONFIG = inspect.Parameter(
    "config",
    inspect.Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="TOML file of settings (max_runs = 16). SLACKWATER_CONFIG; default slackwater.toml, if it is there.",
        ),
    ],
)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    order = "An option goes before its environment variable, that before the TOML file, that before the default."

    def command(**given: Any) -> None:
        _start(name, read_settings(given.pop("config"), **given))

    command.__signature__ = inspect.Signature([_CONFIG, *parameters()])  # type: ignore[attr-defined]
    command.__annotations__ = {}
    top.command(name, help=f"{summary}\n\n{order} {secrets_help()}")(command)


def _start(name: str, settings: Settings) -> None:
    from slackwater import serve

    try:
        (serve.run_worker if name == "worker" else serve.run)(settings)
    except SlackwaterError as error:
        fail(str(error))
    except KeyboardInterrupt:  # before the service takes its signals itself
        raise typer.Exit(INTERRUPTED) from None
