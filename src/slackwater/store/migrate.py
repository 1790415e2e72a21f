"""Bringing a store to the newest schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

from slackwater.errors import Unavailable

HERE = Path(__file__).parent / "migrations"


def to_newest(engine: sa.Engine) -> None:
    """Apply the missing migrations, all in one transaction: an interrupted upgrade leaves the store as it was.

    Unavailable when the store was written by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(HERE))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        connection.execution_options(slackwater_write=True)
        with connection.begin():
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise Unavailable(
                    f"The store was written by a newer Slackwater ({error}). Install that version, or restore a backup."
                ) from None
