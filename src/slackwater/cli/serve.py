"""`slackwater serve`."""

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from slackwater.cli.options import parameters, read_settings, secrets_help
from slackwater.cli.terminal import INTERRUPTED, fail
from slackwater.errors import SlackwaterError

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
    command = _work if name == "worker" else _serve
    top.command(name, help=f"{summary}\n\n{order} {secrets_help()}")(command)


def _serve(**given: Any) -> None:
    settings = read_settings(given.pop("config"), **given)
    from slackwater.serve import run

    try:
        run(settings)
    except SlackwaterError as error:
        fail(str(error))
    except KeyboardInterrupt:  # before the service takes its signals itself
        raise typer.Exit(INTERRUPTED) from None


def _work(**given: Any) -> None:
    settings = read_settings(given.pop("config"), **given)
    from slackwater.serve import run_worker

    try:
        run_worker(settings)
    except SlackwaterError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


_work.__signature__ = inspect.Signature([_CONFIG, *parameters()])  # type: ignore[attr-defined]
_work.__annotations__ = {}
_serve.__signature__ = inspect.Signature([_CONFIG, *parameters()])  # type: ignore[attr-defined]
_serve.__annotations__ = {}
