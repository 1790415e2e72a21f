"""An empty, migrated store for each test, on both databases: one store for all of them, swept in between."""

import pytest
from lives import Lives

import databases
from slackwater.store.engine.database import Database, Server
from slackwater.store.schema import metadata, vault, vintages


@pytest.fixture(scope="session", params=["postgresql"] if databases.ON_POSTGRESQL else ["sqlite", "postgresql"])
def new_store(request):
    """Open the store that a test means by a directory."""

    def opened(data_dir, **given):
        if request.param == "sqlite":
            return Database.open(data_dir, **given)
        server = Server(url=databases.of(data_dir), connections=databases.CONNECTIONS)
        return Database.open(data_dir, server=server, **given)

    return opened


@pytest.fixture(scope="session")
def migrated(new_store, tmp_path_factory):
    database = new_store(tmp_path_factory.mktemp("migrated"))
    yield database
    database.close()


@pytest.fixture
def lives(migrated):
    yield Lives(migrated)

    def sweep(c):
        for table in reversed(metadata.sorted_tables):
            if table not in (vintages, vault):
                c.execute(table.delete())
        c.execute(vintages.update().values(since=0))

    migrated.write(sweep).result()
