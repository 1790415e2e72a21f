"""Prints for all commands: results to stdout, remarks to stderr, errors with exit codes."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

FAILED = 1  # the command could not do what it was asked
WRONG_USAGE = 2  # an option, setting or argument is wrong
INTERRUPTED = 130  # exit code after Ctrl-C: 128 + SIGINT, as shells have it

PIPE_WIDTH = 10_000  # characters at most in a line that no terminal shows

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

STATUS_COLOURS = {
    "pending": "cyan",
    "generating": "cyan",
    "creating_resource": "cyan",
    "executing": "green",
    "retrying": "yellow",
    "stopped": "magenta",
    "completed": "blue",
    "error": "red",
}


def print_table(table: Table, console: Console = out) -> None:
    """Print a table as wide as the terminal, or its longest row without one."""
    if not console.is_terminal:
        # Whoever reads it through a pipe must not find an id cut off.
        width = Measurement.get(console, console.options.update(max_width=PIPE_WIDTH), table).maximum
        console = Console(file=console.file, width=width, highlight=False)
    console.print(table, soft_wrap=False)


def fail(*sentences: str, code: int = FAILED) -> NoReturn:
    """Say on stderr why it does not go on, and leave with `code`."""
    for sentence in sentences:
        err.print(f"[red]{escape(sentence)}[/red]")
    raise typer.Exit(code)


def status_text(status: str) -> str:
    """Return a status in its colour, as rich markup."""
    colour = STATUS_COLOURS.get(status, "white")
    return f"[{colour}]{escape(status)}[/{colour}]"


def count(number: int | None) -> str:
    """Return a number with thousands separated, a dash for None."""
    return "–" if number is None else f"{number:,}"


@contextmanager
def leaving_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, so that every `with` block cleans up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
