"""Bringing a store to the newest schema.

An empty one at once, an earlier one by the migrations. One that a move still fills has a schema of no version, so that
nobody serves half a store.
"""

from enum import Enum, auto

import sqlalchemy as sa

from slackwater.errors import Unavailable
from slackwater.store import node_tables, schema
from slackwater.store.engine.driver import driver_of

# Alembic's own table, as Alembic makes it.
_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_REVISION = sa.select(_VERSION.c.version_num)
_MOVING = f"moving-{schema.REVISION}"  # while a move fills the store
_ALL = node_tables.nodes.metadata
UNFINISHED = (
    "This store is not whole: `slackwater migrate-store` was interrupted while it filled it. Call it again as before; "
    "it goes on where it was."
)
TABLES_SHOWN = 3  # in a sentence; chosen


class Received(Enum):
    """What a move finds in its target."""

    EMPTY = auto()
    PARTLY = auto()
    WHOLE = auto()


def to_newest(engine: sa.Engine) -> None:
    """Make the store what `schema` says, in one transaction.

    What is interrupted leaves it as it was.

    Unavailable when the store was written by a newer version.
    """
    with engine.connect() as connection:
        connection.execution_options(slackwater_write=True)
        driver = driver_of(connection)
        with connection.begin():
            driver.before_migration(connection)
            tables = sa.inspect(connection).get_table_names()
            version = connection.execute(_REVISION).scalar() if _VERSION.name in tables else None
            if version == schema.REVISION:
                return
            if str(version).startswith("moving-"):
                raise Unavailable(UNFINISHED)
            if not schema.metadata.tables.keys() & set(tables):
                _create(connection, schema.REVISION)
                connection.execute(schema.vintages.insert().values(vintages_id=1, since=0))
                return
            from slackwater.store.engine.upgrade import upgrade  # Alembic: a quarter of the time that a start takes

            upgrade(connection)
            driver.equip(connection)


def existing(engine: sa.Engine) -> None:
    """Make a store that is there what `schema` says; Unavailable when there is none."""
    with engine.connect() as connection:
        if not schema.metadata.tables.keys() & set(sa.inspect(connection).get_table_names()):
            raise Unavailable("There is no store of Slackwater in the database; correct SLACKWATER_DATABASE_URL.")
    to_newest(engine)


def receive(connection: sa.Connection, proof: str) -> Received:
    """Make an empty database ready for a move, or say how far one has come.

    `proof`, of the key of its secrets, says which store is moved. Unavailable when the database holds anything else.
    The caller sees to it that nobody else works with it.
    """
    tables = sorted(sa.inspect(connection).get_table_names())
    if not tables:
        _create(connection, _MOVING)
        connection.execute(schema.vault.insert().values(vault_id=1, proof=proof))
        return Received.EMPTY
    version = connection.execute(_REVISION).scalar() if _VERSION.name in tables else None
    ours = version is not None and schema.vault.name in tables
    if not ours or connection.execute(sa.select(schema.vault.c.proof)).scalar_one_or_none() != proof:
        shown = ", ".join(tables[:TABLES_SHOWN]) + (", …" if len(tables) > TABLES_SHOWN else "")
        raise Unavailable(f"It holds something else already ({shown}).")
    if version in (_MOVING, schema.REVISION):
        return Received.PARTLY if version == _MOVING else Received.WHOLE
    if str(version).startswith("moving-"):
        begin_anew(connection, proof)
        return Received.EMPTY
    raise Unavailable("It holds this store already, as another version of Slackwater has left it.")


def begin_anew(connection: sa.Connection, proof: str) -> None:
    """Empty what a move has filled in so far."""
    _ALL.drop_all(connection)
    _VERSION.drop(connection)
    _create(connection, _MOVING)
    connection.execute(schema.vault.insert().values(vault_id=1, proof=proof))


def finish(connection: sa.Connection) -> None:
    """Let the store be served: all of it has come."""
    connection.execute(_VERSION.update().values(version_num=schema.REVISION))


def _create(connection: sa.Connection, version: str) -> None:
    _ALL.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=version))
    driver_of(connection).equip(connection)
