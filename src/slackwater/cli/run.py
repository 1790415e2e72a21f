"""`slackwater run`: one source, once, from the terminal, without a server."""

import asyncio
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from slackwater.cli.options import read_settings
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, count, err, fail, out, print_table
from slackwater.errors import SlackwaterError
from slackwater.model.instants import iso
from slackwater.model.wrapper import ApiConfig, FileConfig, Metadata, SourceType, is_secret

if TYPE_CHECKING:
    from slackwater.cli.ingest import Ingested, Source
    from slackwater.settings import Settings

KINDS = {".csv": SourceType.CSV, ".xlsx": SourceType.XLSX, ".xls": SourceType.XLSX}
AUTH_FIELDS = ("auth_type", "api_key", "api_key_header", "bearer_token", "username", "password", "custom_headers")
STDOUT = "-"


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(
        name,
        help=f"{summary}\n\nWhat is not said about the source is found out. With --data-dir everything is kept, and "
        "after an interruption the same command goes on where it was; without it, only --output is.",
    )(run)


def run(
    source: Annotated[
        str, typer.Argument(metavar="FILE_OR_URL", help="A .csv, .xlsx or .xls file, or an http(s) URL.")
    ],
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
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="API: a header to send; no secrets, argv is public."),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"API: TOML file with the credentials: {', '.join(AUTH_FIELDS)}."),
    ] = None,
) -> None:
    """Ingest one source."""
    fields = {
        "time_column": time_column, "value_columns": value_column or None, "sheet_name": sheet, "delimiter": delimiter,
        "encoding": encoding, "decimal": decimal, "date_format": date_format, "timezone": timezone,
        "date_field": date_field, "value_field": value_field, "series_field": series_field,
        "records_path": records_path, "start": start,
    }  # fmt: skip
    form: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    if auth_file is not None:
        form |= credentials(auth_file)
    if header:
        form["custom_headers"] = form.get("custom_headers", {}) | dict(map(header_pair, header))
    described_source = described(source, form, periodicity)
    with ExitStack() as stack:
        directory = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slackwater-run-")))
        # Whoever types an address at a terminal may reach it anyway.
        settings = read_settings(data_dir=directory, allow_private_sources=True)
        ingested = _ingest(settings, described_source, output, kept=data_dir)
    _summarise(ingested, err if output == STDOUT else out, output, data_dir)


def _ingest(settings: "Settings", described: "Source", output: str | None, *, kept: Path | None) -> "Ingested":
    from slackwater.cli.ingest import ingest

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
    except OSError as error:
        fail(f"{error.filename or described.label} cannot be used: {error.strerror or error}.")


def described(given: str, form: dict[str, Any], periodicity: str | None) -> "Source":
    """Return the source that was named, or leave with a sentence for each thing that is wrong with it."""
    from slackwater.cli.ingest import Source, fingerprint

    is_url = "://" in given
    path = Path(given)
    kind = SourceType.API if is_url else KINDS.get(path.suffix.lower())
    if kind is None:
        fail(f"{given} is neither a URL nor a .csv, .xlsx or .xls file.", code=WRONG_USAGE)
    if not is_url and not path.is_file():
        fail(f"The file {given} does not exist.", code=WRONG_USAGE)
    label = given.partition("?")[0] if is_url else str(path.resolve())
    name = (label if is_url else path.stem)[:300]
    try:
        metadata = Metadata(
            name=name, source=label, periodicity=periodicity, description=None if is_url else fingerprint(path)
        )
        config: FileConfig | ApiConfig
        if is_url:
            config = ApiConfig.model_validate({**form, "location": given})
        else:
            config = FileConfig.model_validate({**form, "file_id": "not yet known"})
    except ValidationError as error:
        fail(*_wrong(error, "a URL" if is_url else "a file"), code=WRONG_USAGE)
    except OSError as error:
        fail(f"The file {given} cannot be read: {error.strerror}.")
    return Source(kind=kind, label=label, path=None if is_url else path, config=config, metadata=metadata)


def _wrong(error: ValidationError, kind: str) -> list[str]:
    return [
        f"{'.'.join(map(str, each['loc']))} does not apply to {kind}; leave it out."
        if each["type"] == "extra_forbidden"
        else f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}."
        for each in error.errors()
    ]


def credentials(path: Path) -> dict[str, Any]:
    """Return the credentials of a TOML file, or leave with a sentence that quotes none of them."""
    try:
        form = tomllib.loads(path.read_text())
    except OSError as error:
        fail(f"The file of credentials {path} cannot be read: {error.strerror}.", code=WRONG_USAGE)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's own message could quote a secret.
        fail(
            f"The file of credentials {path} is not valid TOML; write, for example, bearer_token = '…'.",
            code=WRONG_USAGE,
        )
    if unknown := sorted(form.keys() - set(AUTH_FIELDS)):
        fail(f"{path}: {', '.join(unknown)} is none of {', '.join(AUTH_FIELDS)}.", code=WRONG_USAGE)
    if "auth_type" not in form:
        kinds = (("bearer_token", "bearer"), ("api_key", "api_key"), ("password", "basic"))
        form["auth_type"] = next((kind for field, kind in kinds if field in form), "none")
    return form


def header_pair(text: str) -> tuple[str, str]:
    """Return the name and value of `--header`; one that may hold a secret is refused."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        fail(f"--header {text!r} is not of the form 'NAME: VALUE'.", code=WRONG_USAGE)
    if is_secret(name):
        fail(
            f"--header {name.strip()} would show a secret to everybody here; put it into --auth-file.", code=WRONG_USAGE
        )
    return name.strip(), value.strip()


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
