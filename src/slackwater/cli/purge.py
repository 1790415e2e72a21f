"""`slackwater purge`: deletes data that nothing shows any more, and gives its space back."""

from functools import partial
from typing import Annotated

import typer

from slackwater.cli.options import DataDir, read_settings
from slackwater.cli.terminal import count, fail, out
from slackwater.errors import SlackwaterError


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    top.command(name, help=summary)(_purge)


def _purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
    data_dir: DataDir = None,
) -> None:
    from slackwater.store.engine import space
    from slackwater.store.engine.database import FILE_NAME, Database
    from slackwater.store.engine.lock import alone_in
    from slackwater.store.series import points

    directory = read_settings(data_dir=data_dir).data_dir
    store = directory / FILE_NAME
    if not store.is_file():
        fail(f"There is no store in {directory}; give --data-dir.")
    try:
        with alone_in(directory):
            database = Database.open(directory, sealed=True)
            try:
                owners = database.read(points.unreachable).result()
                out.print(f"Data of {count(len(owners))} deleted wrappers that no resource shows.")
                if dry_run:
                    return
                before = store.stat().st_size
                for owner in owners:
                    database.write(partial(points.detach, wrapper_id=owner)).result()
                while database.write(points.purge).result():
                    pass
                space.rebuild(database.engine)
            finally:
                database.close()
    except SlackwaterError as error:
        fail(str(error))
    out.print(f"The store has {count(store.stat().st_size)} bytes; it had {count(before)}.")
