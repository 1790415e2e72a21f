"""`slackwater backup` and `slackwater restore`: a data directory as one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slackwater.cli.options import DataDir, read_settings
from slackwater.cli.terminal import WRONG_USAGE, count, err, fail, out
from slackwater.errors import SlackwaterError

if TYPE_CHECKING:
    from slackwater.store.engine.backup import Contents

KEY_STAYS = (
    "The key of the secrets is not in it: keep secret.key of the data directory (or SLACKWATER_SECRET_KEY) apart, in a "
    "safe place. Without it the stored credentials of sources cannot be read again."
)
KEY_INSIDE = "The key of the secrets is in it: whoever reads this file reads the credentials of all sources."
KEY_NEEDED = (
    "The key of the secrets was not in it: put secret.key there, or set SLACKWATER_SECRET_KEY, before you serve."
)
AT_URL = (
    "{count} uploads are kept at the URL of SLACKWATER_FILES_URL, and are not in it: back them up there, too, after "
    "this backup."
)
AT_URL_NEEDED = (
    "{count} uploads were not in it: set SLACKWATER_FILES_URL to the place where they are, before you serve."
)
AT_URL_BESIDE = " Uploaded files are at the URL of SLACKWATER_FILES_URL: back them up there, too, after the dump."
ON_A_SERVER = (
    "The store is on a PostgreSQL server, whose own programs back it up. Run: pg_dump --format=custom "
    "--file=slackwater.dump ADDRESS, with the address that SLACKWATER_DATABASE_URL holds. Back up {directory} beside "
    "it: uploaded files and secret.key are there. Back: pg_restore --dbname=ADDRESS slackwater.dump, into an empty "
    "database."
)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add one of the two commands to the application."""
    command = top.command(name, help=summary)
    if name == "backup":
        command(_backup)
    else:
        command(_restore)


def _backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tar file to write; it must not exist yet.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put secret.key in too; the file then gives all credentials away.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    from slackwater.store.engine import backup

    settings = read_settings(data_dir=data_dir)
    if settings.database_url is not None:
        beside = "" if settings.files_url is None else AT_URL_BESIDE
        fail(ON_A_SERVER.format(directory=settings.data_dir) + beside, code=WRONG_USAGE)
    try:
        found = backup.save(settings.data_dir, file, with_key=with_key)
    except SlackwaterError as error:
        fail(str(error))
    out.print(f"{file}: {_summary(found)}")
    if found.elsewhere:
        err.print(AT_URL.format(count=count(found.elsewhere)))
    err.print(KEY_INSIDE if with_key else KEY_STAYS)


def _restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `slackwater backup` has written.")],
    data_dir: DataDir = None,
) -> None:
    from slackwater.store.engine import backup

    directory = read_settings(data_dir=data_dir).data_dir
    try:
        found = backup.restore(file, directory)
    except SlackwaterError as error:
        fail(str(error))
    out.print(f"{directory}: {_summary(found)}")
    if found.elsewhere:
        err.print(AT_URL_NEEDED.format(count=count(found.elsewhere)))
    if not found.with_key and not (directory / "secret.key").exists():
        err.print(KEY_NEEDED)


def _summary(found: "Contents") -> str:
    return f"{count(found.wrappers)} wrappers, {count(found.points)} points, {count(found.uploads)} uploads"
