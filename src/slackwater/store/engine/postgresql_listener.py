"""Hears what the nodes that share a PostgreSQL tell each other: LISTEN."""

import contextlib
import threading
from collections.abc import Callable

import psycopg
from psycopg import sql

from slackwater.store.engine.database import Server
from slackwater.store.engine.notices import CHANNELS
from slackwater.store.engine.postgresql_trouble import Address

LOOK_SECONDS = 0.5  # between two looks whether the listener shall end; chosen: nobody waits longer for it
AGAIN_SECONDS = 1.0  # before a connection that was lost is made again; chosen: a server restarts in a few

Receive = Callable[[str, list[str]], None]  # channel, ids


class Listener:
    """Hears what nodes tell each other, on a thread and a connection of its own."""

    def __init__(self, server: Server, receive: Receive, lost: Callable[[], None]) -> None:
        self._address = Address(server.url)
        self._receive = receive
        self._lost = lost  # called when notices may have been missed
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._listen_on, name="notices", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._ends.set()
        self._thread.join()

    def _listen_on(self) -> None:
        while not self._ends.is_set():
            with contextlib.suppress(psycopg.Error, OSError):
                self._listen()
            self._lost()
            self._ends.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(**self._address.parts, autocommit=True) as connection:
            for channel in CHANNELS:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self._lost()  # what was told before we listened
            while not self._ends.is_set():
                for notice in connection.notifies(timeout=LOOK_SECONDS):
                    self._receive(notice.channel, notice.payload.split())
