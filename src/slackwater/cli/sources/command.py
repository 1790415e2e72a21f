"""`slackwater sources`: the sources of a server, one by one."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from slackwater.cli.options import DataDir
from slackwater.cli.server_options import (
    LOCAL,
    POLL_SECONDS,
    AsJson,
    Id,
    KeyFile,
    Url,
    Wait,
    Yes,
    awaited,
    confirmed,
    connected,
    full_id,
    print_json,
    show_result,
    source_path,
)
from slackwater.cli.sources import changes, points
from slackwater.cli.terminal import count, err, out, print_table, status_text

FOLLOWED_LINES = 5_000  # asked for at once when following

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the commands to the application."""
    changes.register(group)
    points.register(group)
    top.add_typer(group, name=name, help=summary)


@group.command("list")
def list_wrappers(
    *,
    status: Annotated[str | None, typer.Option(help="Only those in this status.")] = None,
    source_type: Annotated[str | None, typer.Option(metavar="TYPE", help="Only API, CSV or XLSX.")] = None,
    search: Annotated[str | None, typer.Option("--search", "-q", help="Only those whose name holds this.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="Only those with this tag; repeated: with all of them.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 100,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """List sources with their status, marks and points."""
    filters = {"status": status, "source_type": source_type and source_type.upper(), "q": search, "tag": tag}
    with connected(url, key_file, data_dir) as service:
        rows, total = service.wrappers(most=limit, **{name: value for name, value in filters.items() if value})
    if as_json:
        print_json(rows)
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
    """Show one source: status, health, marks, checkpoint, and what has happened to it."""
    with connected(url, key_file, data_dir) as service:
        wrapper = service.wrapper(full_id(service, wrapper_id))
        path = source_path(wrapper["wrapper_id"])
        health, checkpoint = service.get(f"{path}/health"), service.get(f"{path}/checkpoint")
    if as_json:
        print_json(wrapper)
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _facts(wrapper, health, checkpoint):
        table.add_row(f"[bold]{name}[/bold]", value)
    print_table(table)
    for line in wrapper["execution_log"][-10:]:
        out.print(f"  {escape(line)}", style="bright_black")
    if code and wrapper["generated_code"]:
        typer.echo(f"\n{wrapper['generated_code']}")


@group.command("run")
def run(
    wrapper_id: Id,
    *,
    wait: Wait = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Start, restart or resume a source."""
    with connected(url, key_file, data_dir) as service:
        wrapper_id = full_id(service, wrapper_id)
        with err.status("reading"):
            result = service.post(f"{source_path(wrapper_id)}/execute", params={"wait": 30 if wait else 0})
        if wait and result["success"]:
            result["message"] = awaited(service, wrapper_id)
    show_result(result, as_json)


group.command("execute", hidden=True)(run)


@group.command("stop")
def stop(
    wrapper_id: Id, *, as_json: AsJson = False, url: Url = LOCAL, key_file: KeyFile = None, data_dir: DataDir = None
) -> None:
    """Stop a source; afterwards it has no process and stores nothing."""
    with connected(url, key_file, data_dir) as service:
        result = service.post(f"{source_path(full_id(service, wrapper_id))}/stop")
    show_result(result, as_json)


@group.command("regenerate")
def regenerate(
    wrapper_id: Id,
    *,
    wait: Wait = False,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Analyse the source again and read it from its beginning.

    Its data and checkpoint are deleted. Asks for confirmation.
    """
    with connected(url, key_file, data_dir) as service:
        wrapper = service.wrapper(full_id(service, wrapper_id))
        name, points = wrapper["metadata"]["name"], count(wrapper["data_points_count"])
        confirmed(f"Delete the {points} points of {name} and read it again?", yes)
        wrapper = service.post(f"{source_path(wrapper['wrapper_id'])}/regenerate")
        said = awaited(service, wrapper["wrapper_id"]) if wait else "its generation goes on in the background"
    if as_json:
        print_json(wrapper)
    else:
        out.print(escape(f"{name}: {said}"))


@group.command("delete")
def delete(
    wrapper_id: Id,
    *,
    data: Annotated[
        bool, typer.Option("--data", help="Delete its data, too; they stay as a resource otherwise.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Stop a source and delete it with its runs and logs.

    Its data stay as a resource, unless --data. Asks for confirmation.
    """
    with connected(url, key_file, data_dir) as service:
        wrapper = service.wrapper(full_id(service, wrapper_id))
        what = (
            f"{wrapper['metadata']['name']} and its {count(wrapper['data_points_count'])} points"
            if data
            else (f"{wrapper['metadata']['name']}; its data stay")
        )
        confirmed(f"Delete {what}?", yes)
        if data and wrapper["resource_id"]:
            service.delete(f"/resources/{wrapper['resource_id']}?data=true")
        answer = service.delete(source_path(wrapper["wrapper_id"]))
    if as_json:
        print_json(answer)
    else:
        out.print(escape(f"{wrapper['metadata']['name']} is deleted."))


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
    """Print the log of a source, oldest line first."""
    with connected(url, key_file, data_dir) as service:
        path = f"{source_path(full_id(service, wrapper_id))}/logs"
        answer = service.get(path, limit=limit)
        _print_lines(answer["logs"], as_json)
        while follow:
            time.sleep(POLL_SECONDS)
            before, answer = answer, service.get(path, limit=FOLLOWED_LINES)
            _print_lines(_new_lines(before, answer), as_json)


def _facts(wrapper: dict[str, Any], health: dict[str, Any], checkpoint: dict[str, Any]) -> Iterator[tuple[str, str]]:
    config = wrapper["source_config"]
    yield "id", escape(wrapper["wrapper_id"])
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
