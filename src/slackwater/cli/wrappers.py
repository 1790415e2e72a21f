"""`slackwater wrappers`: the wrappers of a server."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from slackwater.cli.client import WRAPPERS, Refused, Service, key_for
from slackwater.cli.options import DataDir, read_settings
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, count, err, fail, out, print_table, status_text
from slackwater.errors import Unavailable
from slackwater.settings import outbound_of

POLL_SECONDS = 1.0  # between two looks at the log or at a run
FOLLOWED_LINES = 5_000  # asked for at once when following

Url = Annotated[str, typer.Option("--url", envvar="SLACKWATER_URL", metavar="URL", help="Address of the server.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="File with the API key. Otherwise SLACKWATER_API_KEY, or admin.key in the data directory.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the server's JSON.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a wrapper, or a beginning of it that is unique.")]
LOCAL = "http://127.0.0.1:8080"

group = typer.Typer(no_args_is_help=True)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the commands to the application."""
    top.add_typer(group, name=name, help=summary)


@group.command("list")
def list_wrappers(
    *,
    status: Annotated[str | None, typer.Option(help="Only those in this status.")] = None,
    source_type: Annotated[str | None, typer.Option(metavar="TYPE", help="Only API, CSV or XLSX.")] = None,
    search: Annotated[str | None, typer.Option("--search", "-q", help="Only those whose name holds this.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """List wrappers with their status, marks and points."""
    filters = {"status": status, "source_type": source_type and source_type.upper(), "q": search}
    with connected(url, key_file, data_dir) as service:
        rows, total = service.wrappers(most=limit, **{name: value for name, value in filters.items() if value})
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(Column("id", no_wrap=True), "name", "type", "status", "phase", "oldest", "newest")
    table.add_column("points", justify="right")
    for row in rows:
        marks = (_day(row["low_water_mark"]), _day(row["high_water_mark"]))
        # A beginning is enough for all commands; through a pipe the whole id is at hand.
        head = (
            row["wrapper_id"][:8] if out.is_terminal else row["wrapper_id"],
            escape(row["metadata"]["name"]),
            row["source_type"],
        )
        table.add_row(*head, status_text(row["status"]), row["phase"], *marks, count(row["data_points_count"]))
    print_table(table)
    if total > len(rows):
        err.print(f"{len(rows)} of {total:,}; --limit shows more.")


@group.command("show")
def show(
    wrapper_id: Id,
    *,
    as_json: AsJson = False,
    code: Annotated[bool, typer.Option("--code", help="Print its module, too.")] = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Show one wrapper: status, health, marks, checkpoint, and what has happened to it."""
    with connected(url, key_file, data_dir) as service:
        wrapper = service.wrapper(_full_id(service, wrapper_id))
        path = f"{WRAPPERS}/{wrapper['wrapper_id']}"
        health, checkpoint = service.get(f"{path}/health"), service.get(f"{path}/checkpoint")
    if as_json:
        typer.echo(json.dumps(wrapper, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _facts(wrapper, health, checkpoint):
        table.add_row(f"[bold]{name}[/bold]", value)
    print_table(table)
    for line in wrapper["execution_log"][-10:]:
        out.print(f"  {escape(line)}", style="bright_black")
    if code and wrapper["generated_code"]:
        typer.echo(f"\n{wrapper['generated_code']}")


@group.command("execute")
def execute(
    wrapper_id: Id,
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has read all there is, or has failed.")] = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Start, restart or resume a wrapper."""
    with connected(url, key_file, data_dir) as service:
        wrapper_id = _full_id(service, wrapper_id)
        path = f"{WRAPPERS}/{wrapper_id}/execute"
        result = service.post(path, params={"wait": 30 if wait else 0})
        if wait and result["success"]:
            result["message"] = _awaited(service, wrapper_id)
    _tell(result, as_json)


@group.command("stop")
def stop(
    wrapper_id: Id, *, as_json: AsJson = False, url: Url = LOCAL, key_file: KeyFile = None, data_dir: DataDir = None
) -> None:
    """Stop a wrapper; when this succeeds, no process of it is alive and nothing more is stored."""
    with connected(url, key_file, data_dir) as service:
        result = service.post(f"{WRAPPERS}/{_full_id(service, wrapper_id)}/stop")
    _tell(result, as_json)


@group.command("logs")
def logs(
    wrapper_id: Id,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many lines, the newest.")] = 200,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each line as a JSON text of its own.")] = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Print the log of a wrapper, oldest line first."""
    with connected(url, key_file, data_dir) as service:
        path = f"{WRAPPERS}/{_full_id(service, wrapper_id)}/logs"
        answer = service.get(path, limit=limit)
        _print_lines(answer["logs"], as_json)
        while follow:
            time.sleep(POLL_SECONDS)
            before, answer = answer, service.get(path, limit=FOLLOWED_LINES)
            _print_lines(_new_lines(before, answer), as_json)


@contextmanager
def connected(url: str, key_file: Path | None, data_dir: Path | None) -> Iterator[Service]:
    """Give the server that the options name; what it refuses is a sentence and exit code 1."""
    settings = read_settings(data_dir=data_dir)
    try:
        with Service(url, key_for(settings, key_file), outbound_of(settings)) as service:
            yield service
    except (Refused, Unavailable) as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _full_id(service: Service, given: str) -> str:
    """Return the id that `given` is, or is the unique beginning of."""
    if len(given) >= 36:
        return given
    rows, _ = service.wrappers(most=10_000)
    found = [row["wrapper_id"] for row in rows if row["wrapper_id"].startswith(given.lower())]
    if len(found) != 1:
        reason = "is the beginning of more than one wrapper id" if found else "is not the id of a wrapper"
        fail(f"{given} {reason}; `slackwater wrappers list` shows them.", code=WRONG_USAGE)
    return str(found[0])


def _awaited(service: Service, wrapper_id: str) -> str:
    """Wait until the wrapper has caught up with its source, and say how it stands; fails with the wrapper's reason."""
    while True:
        wrapper = service.wrapper(wrapper_id)
        status = wrapper["status"]
        if status == "completed" or (status == "executing" and wrapper["phase"] == "continuous"):
            return f"{status}, {count(wrapper['data_points_count'])} points stored"
        if status in ("error", "stopped"):
            fail(f"The wrapper is {status}: {wrapper['error_message'] or 'it was stopped meanwhile'}")
        time.sleep(POLL_SECONDS)


def _tell(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
    if not result["success"]:
        if as_json:
            raise typer.Exit(1)
        fail(result["message"])
    if not as_json:
        sent = result.get("data_points_sent")
        out.print(escape(result["message"]) + (f" ({count(sent)} points in this run)" if sent else ""))


def _facts(wrapper: dict[str, Any], health: dict[str, Any], checkpoint: dict[str, Any]) -> Iterator[tuple[str, str]]:
    config = wrapper["source_config"]
    yield "wrapper", escape(wrapper["wrapper_id"])
    yield "name", escape(wrapper["metadata"]["name"])
    yield "source", escape(f"{wrapper['source_type']} {config.get('location') or config.get('file_id')}")
    yield "resource", escape(wrapper["resource_id"] or "–")
    yield "status", f"{status_text(wrapper['status'])}, {wrapper['phase']}, {health['health_status']}"
    if wrapper["error_message"]:
        yield "problem", f"[red]{escape(wrapper['error_message'])}[/red]"
    yield "points", count(wrapper["data_points_count"])
    yield "data", f"{_day(wrapper['low_water_mark'])} to {_day(wrapper['high_water_mark'])}"
    parts = [f"{_day(part['start'])} to {_day(part['end'])}" for part in checkpoint["covered"]]
    yield "covered", ", ".join(parts) or "nothing yet"
    if checkpoint.get("backfill_reason"):
        yield "history", escape(checkpoint["backfill_reason"])


def _new_lines(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the lines of a log that came between two answers."""
    grown = after["total_lines"] - before["total_lines"]
    lines: list[str] = after["logs"]
    if grown >= 0:
        return lines[len(lines) - min(grown, len(lines)) :]
    # Old lines were dropped in between, so that the count says nothing: go on behind the last line that was printed.
    seen = before["logs"][-1]
    return lines[lines.index(seen) + 1 :] if seen in lines else lines


def _print_lines(lines: list[str], as_json: bool) -> None:
    for line in lines:
        sys.stdout.write(f"{json.dumps(line, ensure_ascii=False) if as_json else line}\n")
    sys.stdout.flush()


def _day(moment: str | None) -> str:
    """Return a time without its clock when that is midnight, or without its fraction."""
    return "–" if moment is None else moment.removesuffix("T00:00:00Z").partition(".")[0]
