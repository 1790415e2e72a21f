"""Bounds the memory of answers in transit, per run and for the service."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from slackwater.supervise.http.http11 import Fault

RUN_BYTES = 96 * 1024 * 1024  # of one run's answers: the largest allowed one, and some beside it
SERVICE_BYTES = 512 * 1024 * 1024  # of all answers: eight of the largest


class AnswerMemory:
    """The bytes of all answers being received or not yet read."""

    def __init__(self, service_bytes: int = SERVICE_BYTES, run_bytes: int = RUN_BYTES) -> None:
        self.used = 0
        self.most = service_bytes
        self._run_bytes = run_bytes

    def share(self) -> "Share":
        """Return the share of one run."""
        return Share(self, self._run_bytes)


class Share:
    """What the answers of one run may take.

    Beyond it all wait but the oldest, so that one can always be finished.
    """

    def __init__(self, memory: AnswerMemory, most: int) -> None:
        self.memory = memory
        self.most = most
        self.used = 0
        self.waiting: list[Held] = []  # in the order of their coming
        self.freed = asyncio.Event()

    @contextmanager
    def held(self) -> Iterator["Held"]:
        """Count an answer's bytes from the first until its process has read it."""
        held = Held(self)
        self.waiting.append(held)
        try:
            yield held
        finally:
            self.waiting.remove(held)
            held.drop()


class Held:
    """The bytes of one answer."""

    def __init__(self, share: Share) -> None:
        self.size = 0
        self._share = share

    def drop(self) -> None:
        """Count nothing any more: the answer is read, or is fetched once again."""
        self._share.used -= self.size
        self._share.memory.used -= self.size
        self.size = 0
        self._share.freed.set()

    async def grow(self, size: int) -> None:
        """Count `size` bytes more.

        Waits for the run's older answers, Fault when the service has no room at all.
        """
        share = self._share
        while share.used + size > share.most and share.waiting[0] is not self:
            share.freed.clear()
            await share.freed.wait()
        if share.memory.used + size > share.memory.most:
            raise Fault(
                "connect",
                f"The answers that wrappers are fetching take more than {share.memory.most:,} bytes together; "
                "it is tried again.",
            )
        self.size += size
        share.used += size
        share.memory.used += size
