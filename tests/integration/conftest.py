"""An empty, migrated store for each test: one file for all of them, swept in between."""

import pytest
from lives import Lives

from slackwater.store.engine.database import Database
from slackwater.store.schema import metadata, vintages


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    database = Database.open(tmp_path_factory.mktemp("migrated"))
    yield database
    database.close()


@pytest.fixture
def lives(migrated):
    yield Lives(migrated)

    def sweep(c):
        for table in reversed(metadata.sorted_tables):
            if table is not vintages:
                c.execute(table.delete())
        c.execute(vintages.update().values(since=0))

    migrated.write(sweep).result()
