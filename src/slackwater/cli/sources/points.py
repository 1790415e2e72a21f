"""Implements `slackwater sources data` and `export`: points on the terminal and in files."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from slackwater.cli.client import Refused, Service
from slackwater.cli.options import DataDir
from slackwater.cli.output_target import STDOUT, OutputTarget
from slackwater.cli.server_options import LOCAL, AsJson, Id, KeyFile, Url, connected, full_id, print_json
from slackwater.cli.terminal import WRONG_USAGE, err, fail, out, print_table
from slackwater.errors import BadInput

FORMATS = ("csv", "xlsx", "parquet")
MOST = 5_000  # points of one answer: the largest that the API gives

From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Not before that time: 2024-01-01.")]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Not after that time.")]
Series = Annotated[str | None, typer.Option(help="Only that series.")]
Granularity = Annotated[str | None, typer.Option(help="In buckets: hour, day, week, month, year or auto.")]
Aggregate = Annotated[str | None, typer.Option(help="With --granularity: avg, min, max, sum or last.")]
AsOf = Annotated[str | None, typer.Option(metavar="TIME", help="As the data stood then.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("data")(data)
    group.command("export")(export)


def data(
    wrapper_id: Id,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, help="How many points, the newest.")] = 20,
    begin: From = None,
    end: To = None,
    series: Series = None,
    granularity: Granularity = None,
    aggregate: Aggregate = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Print the newest points of a source, oldest first."""
    with connected(url, key_file, data_dir) as service:
        path = _data_path(service, wrapper_id)
        params = _params(begin, end, series, granularity, aggregate, as_of)
        answer = service.get(path, limit=limit, order="desc", **params)
    answer["data"].reverse()
    if as_json:
        print_json(answer)
        return
    table = Table("time", "series")
    table.add_column("value", justify="right")
    for point in answer["data"]:
        table.add_row(point["x"].removesuffix("T00:00:00Z"), escape(point["series"]), f"{point['y']:.15g}")
    print_table(table)
    if not answer["data"]:
        err.print("It has no points there.")


def export(
    wrapper_id: Id,
    *,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there; its ending is the format. - is stdout."),
    ] = STDOUT,
    file_format: Annotated[
        str | None, typer.Option("--format", help="csv, xlsx or parquet, instead of the ending.")
    ] = None,
    begin: From = None,
    end: To = None,
    series: Series = None,
    granularity: Granularity = None,
    aggregate: Aggregate = None,
    as_of: AsOf = None,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Write all points of a source to a file: CSV, XLSX or Parquet."""
    place = output or STDOUT
    form = file_format or (Path(place).suffix.lstrip(".").lower() if place != STDOUT else "csv")
    if form not in FORMATS:
        fail(
            f"The format cannot be {form!r}: give a file that ends in .csv, .xlsx or .parquet, or --format.",
            code=WRONG_USAGE,
        )
    try:
        target = OutputTarget.checked(place, None)
    except BadInput as refusal:
        fail(str(refusal), code=WRONG_USAGE)
    with connected(url, key_file, data_dir) as service:
        params = _params(begin, end, series, granularity, aggregate, as_of)
        path = _data_path(service, wrapper_id)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("reading", total=None)
            with target.opened_binary() as file:
                for piece in service.stream(path, format=form, **params):
                    file.write(piece)
                    progress.advance(task, len(piece))
    if place != STDOUT:
        out.print(escape(f"{place} is written."))


def _data_path(service: Service, given: str) -> str:
    wrapper = service.wrapper(full_id(service, given))
    if wrapper["resource_id"] is None:
        raise Refused("The source has no data yet.")
    return f"/resources/{wrapper['resource_id']}/data"


def _params(
    begin: str | None,
    end: str | None,
    series: str | None,
    granularity: str | None,
    aggregate: str | None,
    as_of: str | None,
) -> dict[str, Any]:
    named = {
        "from": begin,
        "to": end,
        "series": series,
        "granularity": granularity,
        "aggregate": aggregate,
        "as_of": as_of,
    }
    return {name: value for name, value in named.items() if value is not None}
