"""Opens the store that the settings name, in a file or on a server."""

from slackwater.database_url import passwords_in
from slackwater.errors import Unavailable
from slackwater.settings import Settings, text_of
from slackwater.store.engine.database import Database, Server


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


def database_secrets(settings: Settings) -> list[str]:
    """Return the password of the database server, and the address that holds it."""
    url = text_of(settings.database_url)
    found = [] if url is None else passwords_in(url)
    return [url, *found] if url is not None and found else []
