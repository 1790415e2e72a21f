"""Bringing a store to the newest schema.

An empty one at once, an earlier one by the migrations.
"""

import sqlalchemy as sa

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
            if _VERSION.name in tables and connection.execute(_REVISION).scalar() == schema.REVISION:
                return
            if not schema.metadata.tables.keys() & set(tables):
                node_tables.nodes.metadata.create_all(connection, checkfirst=False)
                connection.execute(schema.vintages.insert().values(vintages_id=1, since=0))
                _VERSION.create(connection)
                connection.execute(_VERSION.insert().values(version_num=schema.REVISION))
                driver.equip(connection)
                return
            from slackwater.store.engine.upgrade import upgrade  # Alembic: a quarter of the time that a start takes

            upgrade(connection)
            driver.equip(connection)
