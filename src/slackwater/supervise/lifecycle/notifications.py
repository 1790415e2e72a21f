"""Notifies waiting tasks that a wrapper may have changed. In-process."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Signals:
    """Wake-ups by wrapper id. A wake-up says «look again», never what to find."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.closed = False  # the service stops: nobody should go on listening

    @contextmanager
    def listening(self, wrapper_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set at every change of the wrapper.

        Clear it before you look.
        """
        event = asyncio.Event()
        if self.closed:
            event.set()
        self._waiting[wrapper_id].add(event)
        try:
            yield event
        finally:
            self._waiting[wrapper_id].discard(event)
            if not self._waiting[wrapper_id]:
                del self._waiting[wrapper_id]

    def changed(self, wrapper_id: str) -> None:
        """Wake everybody who waits for a change of that wrapper."""
        for event in self._waiting.get(wrapper_id, ()):
            event.set()

    def due(self) -> None:
        """Tell other nodes that something has become due; there are none."""

    def tell_look(self, caller: str, asked: int, latest: str) -> None:
        """Tell other nodes what a caller's look asks; nothing when it is over."""

    def look_elsewhere(self, caller: str) -> tuple[int, str] | None:
        """Return the requests of the caller's look on another node, and the last URL."""
        return None

    def close(self) -> None:
        """Wake everybody, because the service stops."""
        self.closed = True
        self._wake_all()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
