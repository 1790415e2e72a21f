"""Opens the store and the place of uploaded files that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from slackwater.database_url import passwords_in
from slackwater.errors import Unavailable
from slackwater.files_url import secrets_in, without_user
from slackwater.settings import Settings, text_of
from slackwater.store.engine.database import Database, Server
from slackwater.store.engine.driver import driver_of
from slackwater.store.engine.lock import MOVING, not_moving
from slackwater.store.uploads.at_url import FilesPlace


def server_of(settings: Settings) -> Server | None:
    """Return the database server of the settings, None for the data directory."""
    if settings.database_url is None:
        return None
    return Server(
        url=settings.database_url.get_secret_value(),
        wait=settings.wait_for_database,
        connections=settings.database_connections,
    )


def open_store(settings: Settings, *, sealed: bool = False) -> Database:
    """Open the store of the settings; see `Database.open`.

    Unavailable when nodes would share a database, and not the key of its secrets.
    """
    if settings.database_url is not None and settings.secret_key is None and not sealed:
        raise Unavailable(
            "SLACKWATER_SECRET_KEY is not set. All that share a database need the same key of its secrets: set it to a "
            "random text of 32 characters or more, and keep it apart from the database."
        )
    return Database.open(
        settings.data_dir, None if sealed else text_of(settings.secret_key), sealed=sealed, server=server_of(settings)
    )


@contextmanager
def visited(settings: Settings) -> Iterator[Database]:
    """Open the store beside a service, or without one; nobody can move it meanwhile.

    Unavailable while somebody does.
    """
    with not_moving(settings.data_dir) if settings.database_url is None else nullcontext():
        database = open_store(settings, sealed=True)
        try:
            with database.engine.connect() as holding:
                holding.execution_options(isolation_level="AUTOCOMMIT")
                if not driver_of(holding).share(holding):
                    raise Unavailable(MOVING)
                yield database
        finally:
            database.close()


def files_place_of(settings: Settings) -> FilesPlace | None:
    """Return the place of uploaded files, None for the store's own.

    Unavailable when there is no library for it.
    """
    url = text_of(settings.files_url)
    return None if url is None else FilesPlace(url, without_user(url), secrets_in(url))


def address_secrets(settings: Settings) -> list[str]:
    """Return the passwords of database and place of files, and their addresses."""
    url = text_of(settings.database_url)
    found = [] if url is None else passwords_in(url)
    of_files = secrets_in(text_of(settings.files_url) or "")
    return [*([url, *found] if url is not None and found else []), *of_files]
