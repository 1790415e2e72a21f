"""`slackwater purge`: deletes data that nothing shows any more, and gives its space back."""

from contextlib import nullcontext
from functools import partial
from typing import Annotated

import typer

from slackwater.cli.options import DatabaseUrl, DataDir, read_settings
from slackwater.cli.terminal import count, fail, out
from slackwater.errors import SlackwaterError


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(name, help=summary)(_purge)


def _purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    from slackwater.store.engine import space
    from slackwater.store.engine.database import FILE_NAME
    from slackwater.store.engine.lock import alone_in
    from slackwater.store.series import points
    from slackwater.store_settings import visited

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    directory, in_a_file = settings.data_dir, settings.database_url is None
    if in_a_file and not (directory / FILE_NAME).is_file():
        fail(f"There is no store in {directory}; give --data-dir.")
    try:
        # A file is written anew at the end, so nobody else may use it; a server gives space back by itself.
        with alone_in(directory) if in_a_file else nullcontext(), visited(settings) as database:
            owners = database.read(points.unreachable).result()
            out.print(f"Data of {count(len(owners))} deleted wrappers that no resource shows.")
            if dry_run:
                return
            before = database.read(space.size).result()
            for owner in owners:
                database.write(partial(points.detach, wrapper_id=owner)).result()
            while database.write(points.purge).result():
                pass
            database.rebuild()
            after = database.read(space.size).result()
    except SlackwaterError as error:
        fail(str(error))
    out.print(f"The store has {count(after)} bytes; it had {count(before)}.")
