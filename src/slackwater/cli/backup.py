"""`slackwater backup` and `slackwater restore`: a data directory as one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slackwater.cli.options import DataDir, read_settings
from slackwater.cli.terminal import count, err, fail, out
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

    try:
        found = backup.save(read_settings(data_dir=data_dir).data_dir, file, with_key=with_key)
    except SlackwaterError as error:
        fail(str(error))
    out.print(f"{file}: {_told(found)}")
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
    out.print(f"{directory}: {_told(found)}")
    if not found.with_key and not (directory / "secret.key").exists():
        err.print(KEY_NEEDED)


def _told(found: "Contents") -> str:
    return f"{count(found.wrappers)} wrappers, {count(found.points)} points, {count(found.uploads)} uploads"
