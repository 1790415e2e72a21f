"""Implements `slackwater nodes`: which nodes run the sources of a server, and draining one."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from slackwater.cli.options import DataDir
from slackwater.cli.server_options import LOCAL, AsJson, KeyFile, Url, Yes, confirmed, connected, print_json
from slackwater.cli.terminal import out, print_table

group = typer.Typer(no_args_is_help=True)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the commands to the application."""
    top.add_typer(group, name=name, help=summary)


@group.command("list")
def list_nodes(as_json: AsJson = False, url: Url = LOCAL, key_file: KeyFile = None, data_dir: DataDir = None) -> None:
    """List the nodes, what they run, and when each gave a sign of life."""
    with connected(url, key_file, data_dir) as service:
        nodes: list[dict[str, Any]] = service.get("/nodes")
    if as_json:
        print_json(nodes)
        return
    table = Table(Column("name", no_wrap=True), "kind", "labels", "version", "runs", "silent for", "memory", "")
    for node in nodes:
        memory = "–" if node["memory_mb"] is None else f"{node['memory_mb']:,.0f} MiB"
        cells = (
            node["name"],
            node["kind"],
            ", ".join(node["labels"]) or "–",
            node["version"],
            f"{node['runs']:,} of {node['max_runs']:,}",
            f"{node['silent_seconds']:,.1f} s",
            memory,
            "draining" if node["draining"] else "",
        )
        table.add_row(*map(escape, cells))
    print_table(table)


@group.command("drain")
def drain(
    node: Annotated[str, typer.Argument(metavar="NODE", help="The name or id that `slackwater nodes list` shows.")],
    yes: Yes = False,
    as_json: AsJson = False,
    url: Url = LOCAL,
    key_file: KeyFile = None,
    data_dir: DataDir = None,
) -> None:
    """Let a node run nothing any more; what it runs goes on elsewhere at once."""
    confirmed(f"End all runs of {node}?", yes)
    with connected(url, key_file, data_dir) as service:
        drained: dict[str, Any] = service.post(f"/nodes/{node}/drain")
    if as_json:
        print_json(drained)
        return
    out.print(f"{escape(drained['name'])} drains; it runs nothing until it is started again.")
