"""`slackwater run`: one source, once, from the terminal, without a server."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from slackwater.cli.options import settings_of
from slackwater.cli.output_target import STDOUT, OutputTarget
from slackwater.cli.sources.arguments import AuthFile, Fields, Headers, Place, described, form_of
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, count, err, fail, out, print_table
from slackwater.errors import BadInput, SlackwaterError
from slackwater.model.instants import iso

if TYPE_CHECKING:
    from slackwater.cli.one_off_ingest import Ingested, Source
    from slackwater.settings import Settings

RETRY_SECONDS = 1.0  # before the first retry: somebody waits at a terminal, who can call again later


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(
        name,
        help=f"{summary}\n\nWhat is not said about the source is detected. With --data-dir everything is kept, and "
        "after an interruption the same command goes on where it was; without it, only --output is.",
    )(run)


def run(
    source: Place,
    *,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write time,series,value as CSV; - is stdout.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", metavar="DIR", help="Keep series and checkpoint there.")
    ] = None,
    periodicity: Annotated[
        str | None, typer.Option(help="How often there is new data: Weekly, Mensal, 6h, P1M…")
    ] = None,
    time_column: Annotated[str | None, typer.Option(help="File: the column of the times.")] = None,
    value_column: Annotated[list[str] | None, typer.Option(help="File: a column of values; may be repeated.")] = None,
    sheet: Annotated[str | None, typer.Option(help="File: the sheet of a workbook.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="File: the character between two cells.")] = None,
    encoding: Annotated[str | None, typer.Option(help="File: utf-8, windows-1252…")] = None,
    decimal: Annotated[str | None, typer.Option(help="File: the decimal mark, . or a comma.")] = None,
    date_format: Annotated[str | None, typer.Option(help="File: how times are written, such as %d/%m/%Y.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone of times that name none: Europe/Lisbon…")] = None,
    date_field: Annotated[str | None, typer.Option(help="API: the field of the times.")] = None,
    value_field: Annotated[str | None, typer.Option(help="API: the field of the values.")] = None,
    series_field: Annotated[str | None, typer.Option(help="API: the field that names the series.")] = None,
    records_path: Annotated[
        str | None, typer.Option(help="API: where the list of records is, such as data.items.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="API: how far back history goes, such as 1958-03-29.")] = None,
    given: Fields = None,
    header: Headers = None,
    auth_file: AuthFile = None,
) -> None:
    """Ingest one source."""
    fields = {
        "time_column": time_column,
        "value_columns": value_column or None,
        "sheet_name": sheet,
        "delimiter": delimiter,
        "encoding": encoding,
        "decimal": decimal,
        "date_format": date_format,
        "timezone": timezone,
        "date_field": date_field,
        "value_field": value_field,
        "series_field": series_field,
        "records_path": records_path,
        "start": start,
    }
    form = form_of(given, header, auth_file)
    named = {name: value for name, value in fields.items() if value is not None}
    if twice := sorted(form.keys() & named.keys()):
        fail(f"{twice[0]} is given twice: by --set and by an option of its own.", code=WRONG_USAGE)
    described_source = described(source, form | named, periodicity)
    try:
        target = None if output is None else OutputTarget.checked(output, described_source.path)
    except BadInput as refusal:
        fail(str(refusal), code=WRONG_USAGE)
    with ExitStack() as stack:
        directory = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slackwater-run-")))
        settings = settings_of(directory, retry_base_seconds=RETRY_SECONDS)
        ingested = _ingest(settings, described_source, target, kept=data_dir)
    _summarise(ingested, err if output == STDOUT else out, output, data_dir)


def _ingest(settings: "Settings", described: "Source", output: OutputTarget | None, *, kept: Path | None) -> "Ingested":
    from slackwater.cli.one_off_ingest import ingest

    try:
        return asyncio.run(ingest(settings, described, output))
    except (KeyboardInterrupt, asyncio.CancelledError):
        again = (
            f"the same command goes on from the checkpoint in {kept}" if kept else "nothing is kept without --data-dir"
        )
        err.print(f"\nStopped; {escape(again)}.")
        raise typer.Exit(INTERRUPTED) from None
    except SlackwaterError as error:
        fail(str(error))
    except BrokenPipeError:
        raise  # whoever read our output has gone; the source is not to blame
    except OSError as error:
        fail(f"{error.filename or described.label} cannot be used: {error.strerror or error}.")


def _summarise(ingested: "Ingested", console: Console, output: str | None, data_dir: Path | None) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    names = ingested.series
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    table.add_row("series", f"{len(names)}: {escape(shown)}" if names else "none")
    table.add_row("points", f"{count(ingested.points)} stored, {count(ingested.new)} of them new")
    if ingested.first is not None and ingested.last is not None:
        table.add_row("from … to", f"{iso(ingested.first)} … {iso(ingested.last)}")
    table.add_row("rejected", count(ingested.rejected))
    table.add_row("took", f"{ingested.seconds:.1f} s, {count(round(ingested.rate))} points/s while reading")
    if output not in (None, STDOUT):
        table.add_row("written to", escape(str(output)))
    nowhere = "nowhere; --data-dir DIR keeps it" + ("" if output else ", --output FILE writes it")
    table.add_row("kept in", escape(str(data_dir)) if data_dir else nowhere)
    print_table(table, console)
    for line in ingested.warnings:
        console.print(f"[yellow]{escape(line)}[/yellow]")
    if data_dir:
        console.print(f"Serve it: slackwater serve --data-dir {escape(str(data_dir))}")
