"""`slackwater keys`: API keys, directly in the store, so that it works with and without a running server."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Column, Table

from slackwater.cli.options import DataDir, read_settings
from slackwater.cli.terminal import err, fail, out, print_table
from slackwater.errors import Conflict, NotFound, SlackwaterError
from slackwater.model.instants import iso
from slackwater.store.keys import KeyRecord, Role

if TYPE_CHECKING:
    from slackwater.store.database import Database

T = TypeVar("T")

group = typer.Typer(no_args_is_help=True)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the commands to the application."""
    top.add_typer(group, name=name, help=summary)


@group.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    role: Annotated[Role, typer.Option(help="admin may do everything, viewer may only read.")] = Role.VIEWER,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it, this once: only its hash is stored."""
    from slackwater.store import keys

    if not name.strip():
        fail("NAME is empty; say who or what will use the key.", code=2)
    record, key = _write(data_dir, lambda c: keys.create(c, name.strip(), role, _now()))
    err.print(f"{role} key {record.key_id} for {escape(record.name)}. Keep it now; it cannot be shown again:")
    typer.echo(key)


@group.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data_dir: DataDir = None
) -> None:
    """List all keys, oldest first; the keys themselves are not stored."""
    from slackwater.store import keys

    with _store(data_dir) as store:
        records = store.read(keys.list_all).result()
    if as_json:
        typer.echo(json.dumps([_shown(record) for record in records], indent=2))
        return
    table = Table(Column("id", no_wrap=True), "name", "role", "created", "revoked")
    for record in records:
        form = _shown(record)
        cells = (form["key_id"], form["name"], form["role"], form["created_at"][:10], (form["revoked_at"] or "–")[:10])
        table.add_row(*map(escape, cells), style="bright_black" if record.revoked_at else None)
    print_table(table)


@group.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `slackwater keys list` shows.")],
    force: Annotated[bool, typer.Option("--force", help="Revoke even the last admin key.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Let a key in no more, from its next request on."""
    from slackwater.store import keys

    try:
        record = _write(data_dir, lambda c: keys.revoke(c, key_id, _now(), force=force))
    except NotFound:
        fail(f"There is no key {key_id}; `slackwater keys list` shows all.")
    except Conflict:
        fail(f"{key_id} is the last admin key. Create another one first, or give --force.")
    out.print(f"Revoked {record.key_id} ({escape(record.name)}).")


def _write(data_dir: Path | None, work: Callable[[Any], T]) -> T:
    with _store(data_dir) as store:
        return store.write(work).result()


@contextmanager
def _store(data_dir: Path | None) -> Iterator["Database"]:
    from slackwater.store.database import Database

    directory = read_settings(data_dir=data_dir).data_dir
    try:
        store = Database.open(directory)
    except SlackwaterError as error:
        fail(str(error))
    try:
        yield store
    finally:
        store.close()


def _now() -> int:
    return time.time_ns() // 1000


def _shown(record: KeyRecord) -> dict[str, Any]:
    form = asdict(record)
    del form["hash"]
    form["created_at"] = iso(record.created_at)
    form["revoked_at"] = None if record.revoked_at is None else iso(record.revoked_at)
    return form
