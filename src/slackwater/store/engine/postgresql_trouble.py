"""Says why a database server cannot be used, and never its password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict

from slackwater.errors import Unavailable
from slackwater.store.engine.connections import connections_id

OLDEST = 14  # version of PostgreSQL that is supported
SETTING = "SLACKWATER_DATABASE_URL"
NO_URL = f"{SETTING} is no address such as postgresql://user:password@host:5432/database."


@dataclass(frozen=True)
class Refusal:
    """Why there is no connection. `passing`: it may be there in a moment."""

    sentence: str
    passing: bool


class Address:
    """Where the database is, without the password."""

    def __init__(self, url: str) -> None:
        try:
            parts: dict[str, Any] = conninfo_to_dict(url)
        except psycopg.Error:
            raise Unavailable(NO_URL) from None
        hosts = str(parts.get("host") or parts.get("hostaddr") or "").split(",")
        ports = str(parts.get("port") or "5432").split(",")
        several = len(hosts) > 1
        self.parts = {
            "connect_timeout": "5",
            "client_encoding": "utf8",
            # A machine that is gone without a word is noticed within some seconds, not hours.
            "keepalives_idle": "5",
            "keepalives_interval": "2",
            "keepalives_count": "3",
            "tcp_user_timeout": "10000",
            **({"target_session_attrs": "read-write"} if several else {}),
            **parts,
            # By it another node ends what this one has left open, when its lease is over.
            "application_name": f"{str(parts.get('application_name') or 'slackwater')[:30]} {connections_id()}",
        }
        self.user, self.database = parts.get("user") or "the own one", parts.get("dbname") or parts.get("user") or ""
        self.server = ", ".join(
            f"{host}:{ports[place if len(ports) > 1 else 0]}" if host and not host.startswith("/") else host or "socket"
            for place, host in enumerate(hosts)
        )

    def refusal(self, error: psycopg.Error) -> Refusal:
        """Return what to tell of a connection that was not made."""
        words = reason(error)
        where = f"the database server at {self.server}"
        for pattern, sentence in (
            (
                "password authentication failed|no password supplied|role .* does not exist",
                f"{where} does not let the user {self.user} in: {words}. Correct user and password in {SETTING}.",
            ),
            (
                "database .* does not exist",
                f"{where} has no database {self.database}; make it (createdb {self.database}), or correct {SETTING}.",
            ),
            (
                "permission denied for database",
                f"The user {self.user} may not use the database {self.database}; as its owner run: "
                f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {self.database} TO {self.user}.",
            ),
            (
                "pg_hba",
                f"{where} takes no connection of the user {self.user} from here: {words}. Add it to pg_hba.conf.",
            ),
        ):
            if re.search(pattern, words):
                return Refusal(sentence[:1].upper() + sentence[1:], passing=False)
        return Refusal(f"The database server at {self.server} cannot be reached: {words}.", passing=True)

    def no_rights(self, error: BaseException) -> Unavailable:
        """Return what to tell when the user may not make tables."""
        return Unavailable(
            f"The user {self.user} may not make tables in the database {self.database}: {reason(error)}. As the "
            f"database's owner run: GRANT ALL ON SCHEMA public TO {self.user}."
        )


def original(error: BaseException) -> BaseException:
    """Return the driver's own error."""
    return error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error


def reason(error: BaseException) -> str:
    """Return what the driver says, in one line without a full stop."""
    lines = [line.strip() for line in str(original(error)).splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith("Multiple connection attempts")), "no reason given")
    # `connection failed: connection to server at "h", port 1 failed: FATAL:  why` → why
    return re.sub(r"^.*failed: (FATAL: +)?|^(FATAL|ERROR): +", "", first).rstrip(".")


def is_trouble(error: BaseException) -> bool:
    """Say whether an error is no fault of the work.

    The server is gone, full, overloaded or read-only.
    """
    found = original(error)
    if isinstance(found, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.IdleInTransactionSessionTimeout):
        return True
    return isinstance(found, psycopg.OperationalError | psycopg.InterfaceError | sa.exc.TimeoutError)


@contextmanager
def troubles_as_unavailable() -> Iterator[None]:
    """Raise Unavailable for what is no fault of the work."""
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.Error) as error:
        if not is_trouble(error):
            raise
        raise Unavailable(f"The store cannot be used right now: {reason(error)}.") from error
