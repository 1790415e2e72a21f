"""Builds the application: every command named, the chosen one in full."""

import io
import os
import sys
from importlib import import_module
from typing import Annotated

import typer

COMMANDS = {
    "serve": ("slackwater.cli.serve", "Run the service."),
    "worker": ("slackwater.cli.serve", "Run wrappers for the services that share a database, without an API."),
    "demo": ("slackwater.cli.demo.command", "See three real sources stored, stopped and resumed."),
    "discover": ("slackwater.cli.discover", "Analyse a file or URL: findings, their reasons, and the first points."),
    "run": ("slackwater.cli.run", "Ingest a file or URL once, here, without a server."),
    "sources": (
        "slackwater.cli.sources.command",
        "The sources of a server: create, list, run, stop, change, delete, read.",
    ),
    "wrappers": ("slackwater.cli.sources.command", "Another name of `sources`."),
    "apply": ("slackwater.cli.sources.apply", "Bring the sources of a server to what a YAML file declares."),
    "export": ("slackwater.cli.sources.apply", "Write the sources of a server as a YAML file."),
    "keys": ("slackwater.cli.keys", "Create, list and revoke API keys in the store."),
    "nodes": ("slackwater.cli.nodes", "List the nodes that run the sources of a server, and drain one."),
    "backup": ("slackwater.cli.backup", "Write the store and the uploads to one file, while the service runs."),
    "migrate-store": ("slackwater.cli.migrate_store", "Move the store from the data directory to PostgreSQL, or back."),
    "purge": ("slackwater.cli.purge", "Delete data that nothing shows any more, and give its space back."),
    "restore": ("slackwater.cli.backup", "Bring a backup back into an empty data directory."),
}


def start() -> None:
    """Run the command that argv names, or complete the words that a shell asks about."""
    _print_any_character()
    words = sys.argv[1:]
    if "_SLACKWATER_COMPLETE" in os.environ:
        line = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
        words = line.split()[1:]
    build(next((word for word in words if not word.startswith("-")), None))(prog_name="slackwater")


def _print_any_character() -> None:
    """Replace what the terminal's encoding lacks, such as Latin-1's dash, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if stream.isatty() else "backslashreplace")


def build(chosen: str | None) -> typer.Typer:
    """Return the application with every command named, and the chosen one in full."""
    top = typer.Typer(
        help="Turn any REST API, CSV or Excel file into a live, resumable time series.",
        no_args_is_help=True,
        # Plain help is quicker, and never cuts the name of a setting to fit a column.
        rich_markup_mode=None,
        # A traceback with local variables could show a key.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Begin with: slackwater demo",
    )
    top.callback()(_top)
    for name, (module, summary) in COMMANDS.items():
        if name == chosen:
            import_module(module).register(top, name, summary)
        else:
            top.command(name, help=summary)(_named_only)
    return top


def _show_version(wanted: bool) -> None:
    if wanted:
        from slackwater import __version__

        typer.echo(f"slackwater {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _named_only() -> None:
    raise AssertionError("a command that is not chosen is never called")
