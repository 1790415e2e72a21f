"""Brings a store that an earlier version wrote to the newest schema.

By the migrations in migrations/.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from slackwater.errors import Unavailable

HERE = Path(__file__).parents[1] / "migrations"


def upgrade(connection: sa.Connection) -> None:
    """Apply the missing migrations within the connection's transaction.

    Unavailable when the store was written by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(
            f"The store was written by a newer Slackwater ({error}). Install that version, or restore a backup."
        ) from None
