"""Implements `slackwater keys`: API keys in the store, with or without a running server."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Column, Table

from slackwater.cli.options import DatabaseUrl, DataDir, read_settings
from slackwater.cli.terminal import WRONG_USAGE, err, fail, out, print_table
from slackwater.errors import Conflict, NotFound, SlackwaterError, Unavailable
from slackwater.model.instants import iso
from slackwater.model.periodicity import parse_periodicity
from slackwater.settings import Settings, text_of
from slackwater.store.access.keys import KeyRecord, Role

if TYPE_CHECKING:
    from slackwater.store.engine.database import Database

T = TypeVar("T")

group = typer.Typer(no_args_is_help=True)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the commands to the application."""
    top.add_typer(group, name=name, help=summary)


@group.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    role: Annotated[Role, typer.Option(help="admin may do everything, viewer may only read.")] = Role.VIEWER,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="Let it in no longer than that: 90d, 12h, P1Y. Default: no end.")
    ] = None,
    new_store: Annotated[
        bool, typer.Option("--new-store", help="Make a store in --data-dir where there is none yet.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print it, this once: only its hash is stored."""
    from slackwater.store.access import keys

    if not name.strip():
        fail("NAME is empty; say who or what will use the key.", code=2)
    ends = None if expires is None else _now() + _lasting(expires)
    record, key = _write(
        read_settings(data_dir=data_dir, database_url=database_url),
        lambda c: keys.create(c, name.strip(), role, _now(), ends),
        new=new_store,
    )
    until = "" if ends is None else f", valid until {iso(ends)}"
    err.print(f"{role} key {record.key_id} for {escape(record.name)}{until}. Keep it now; it cannot be shown again:")
    typer.echo(key)


@group.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List all keys, oldest first; the keys themselves are not stored."""
    from slackwater.store.access import keys

    with _store(read_settings(data_dir=data_dir, database_url=database_url)) as store:
        records = store.read(keys.list_all).result()
    if as_json:
        typer.echo(json.dumps([_shown(record) for record in records], indent=2))
        return
    table = Table(Column("id", no_wrap=True), "name", "role", "created", "expires", "revoked")
    for record in records:
        form = _shown(record)
        days = ((form[name] or "–")[:10] for name in ("created_at", "expires_at", "revoked_at"))
        cells = (form["key_id"], form["name"], form["role"], *days)
        table.add_row(*map(escape, cells), style="bright_black" if record.refusal(_now()) else None)
    print_table(table)


@group.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `slackwater keys list` shows.")],
    force: Annotated[bool, typer.Option("--force", help="Revoke even the last admin key.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let a key in no more, from its next request on."""
    from slackwater.store.access import keys

    try:
        record = _write(
            read_settings(data_dir=data_dir, database_url=database_url),
            lambda c: keys.revoke(c, key_id, _now(), force=force),
        )
    except NotFound:
        fail(f"There is no key {key_id}; `slackwater keys list` shows all.")
    except Conflict:
        fail(f"{key_id} is the last admin key. Create another one first, or give --force.")
    out.print(f"Revoked {record.key_id} ({escape(record.name)}).")


@group.command("rotate-secret")
def rotate_secret(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Encrypt the secrets of all sources with a new key; needs a stopped service.

    A running service or node would go on with the old key. The new key goes to secret.key in the data directory, or is
    the one of SLACKWATER_NEXT_SECRET_KEY.
    """
    from slackwater.store.engine import vault
    from slackwater.store.engine.lock import alone_in
    from slackwater.store.records import nodes

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    given, new = text_of(settings.secret_key), text_of(settings.next_secret_key)
    try:
        with alone_in(settings.data_dir), _store(settings) as store:
            changed = vault.rotate(store.engine, settings.data_dir, given, new, nodes.refuse_living)
    except SlackwaterError as error:
        fail(str(error))
    what = f"The secrets of {changed} wrapper{'' if changed == 1 else 's'} are encrypted with a new key"
    if new is None:
        out.print(f"{what}, kept in {escape(str(settings.data_dir / vault.KEY_FILE))}.")
    else:
        out.print(f"{what}. From now on give it as SLACKWATER_SECRET_KEY, and unset SLACKWATER_NEXT_SECRET_KEY.")


def _lasting(text: str) -> int:
    try:
        return parse_periodicity(text)
    except ValueError:
        fail(f"--expires {text!r} is no time such as 90d, 12h or P1Y, from 1 second to 1,000 years.", code=2)


def _write(settings: Settings, work: Callable[[Any], T], *, new: bool = False) -> T:
    with _store(settings, new=new) as store:
        return store.write(work).result()


@contextmanager
def _store(settings: Settings, *, new: bool = False) -> Iterator["Database"]:
    from slackwater.store.engine.database import FILE_NAME
    from slackwater.store_settings import visited

    if settings.database_url is None and not new and not (settings.data_dir / FILE_NAME).is_file():
        fail(
            f"There is no store in {settings.data_dir}; give the --data-dir of a service that has run once, "
            "or create the first key with --new-store.",
            code=WRONG_USAGE,
        )
    try:
        with visited(settings) as store:
            yield store
    except Unavailable as error:
        fail(str(error))


def _now() -> int:
    return time.time_ns() // 1000


def _shown(record: KeyRecord) -> dict[str, Any]:
    form = asdict(record)
    del form["hash"]
    form["created_at"] = iso(record.created_at)
    for name in ("revoked_at", "expires_at"):
        form[name] = None if form[name] is None else iso(form[name])
    return form
