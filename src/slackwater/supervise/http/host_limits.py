"""Limits how fast all wrappers together may ask one host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slackwater.model.token_bucket import TokenBucket

MAX_HOSTS = 1024  # remembered at once, besides those that have a request under way
LONGEST_PAUSE = 3600.0  # seconds; a Retry-After beyond it is cut, so that one bad answer cannot silence a host for good


@dataclass
class Tally:
    """What the requests of one run add up to; the broker counts, the run reads."""

    requests: int = 0  # sent, each try and each redirect
    errors: int = 0  # tries that failed or were turned down for now: no answer, 429, 5xx
    bytes_received: int = 0  # of answer bodies, as they came over the wire, before decompression
    waiting: int = 0  # requests that wait right now: for a slot, a rate limit, a Retry-After or a back-off


class Paused(Exception):  # noqa: N818 - a state of the host, not a fault
    """The host has asked for silence for longer than the request may wait."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(status, seconds)
        self.status = status  # what the host answered when it asked
        self.seconds = seconds  # until it may be asked again


class Host:
    """A source's host and port: slots, rate and requested pause, shared by wrappers."""

    def __init__(self, requests_per_second: float, connections: int, monotonic: Callable[[], float]) -> None:
        at_once = max(1.0, requests_per_second)  # a second's worth
        self._rate = TokenBucket(requests_per_second, at_once, monotonic())
        self._slots = asyncio.Semaphore(connections)
        self._share = max(1, connections // 2)  # slots that one run may have: others must find one while it hangs
        self._shares: dict[int, tuple[asyncio.Semaphore, int]] = {}  # by the run's tally; and how many use it
        self._paused_until = 0.0
        self._paused_by = 0
        self._monotonic = monotonic
        self.users = 0

    @property
    def idle(self) -> bool:
        """Whether forgetting the host would change nothing."""
        now = self._monotonic()
        return not self.users and self._paused_until <= now and self._rate.is_full(now)

    @property
    def pause(self) -> float:
        """Seconds for which the host still wants silence; 0.0 when it may be asked."""
        return max(0.0, self._paused_until - self._monotonic())

    def rest(self, seconds: float, status: int) -> None:
        """Let every wrapper leave the host alone for `seconds`, because it answered `status` with Retry-After."""
        until = self._monotonic() + min(seconds, LONGEST_PAUSE)
        if until > self._paused_until:
            self._paused_until = until
            self._paused_by = status

    @asynccontextmanager
    async def turn(self, tally: Tally, max_wait: float) -> AsyncIterator[None]:
        """Wait for the pause, the rate and a slot; inside, one request may be sent.

        Paused at once when the pauses would add up to more than `max_wait` seconds. No slot is held while waiting,
        and a cancelled wait leaves none behind.
        """
        self.users += 1
        share = self._share_of(tally)
        try:
            tally.waiting += 1
            try:
                await share.acquire()
            finally:
                tally.waiting -= 1
            try:
                await self._admitted(tally, max_wait)
                try:
                    yield
                finally:
                    self._slots.release()
            finally:
                share.release()
        finally:
            self.users -= 1
            self._leave_share(tally)

    def _share_of(self, tally: Tally) -> asyncio.Semaphore:
        """Return the slots of this host for the run of a tally."""
        share, users = self._shares.get(id(tally)) or (asyncio.Semaphore(self._share), 0)
        self._shares[id(tally)] = share, users + 1
        return share

    def _leave_share(self, tally: Tally) -> None:
        share, users = self._shares.pop(id(tally))
        if users > 1:
            self._shares[id(tally)] = share, users - 1

    async def _admitted(self, tally: Tally, max_wait: float) -> None:
        patience = max_wait
        tally.waiting += 1
        try:
            while True:
                while pause := self.pause:
                    if pause > patience:
                        raise Paused(self._paused_by, pause)
                    patience -= pause
                    await asyncio.sleep(pause)
                if delay := self._rate.take(self._monotonic()):
                    await asyncio.sleep(delay)
                await self._slots.acquire()
                if not self.pause:
                    return
                self._slots.release()  # another request was told to wait while this one stood in line
        finally:
            tally.waiting -= 1


class Hosts:
    """All hosts that are being asked, bounded in number."""

    def __init__(self, requests_per_second: float, connections: int, monotonic: Callable[[], float]) -> None:
        self._limits = (requests_per_second, connections, monotonic)
        self._known: dict[tuple[str, int], Host] = {}

    def at(self, name: str, port: int) -> Host:
        """Return the host of that name and port, with what is remembered of it."""
        key = (name.rstrip("."), port)
        host = self._known.get(key)
        if host is None:
            if len(self._known) >= MAX_HOSTS:
                self._forget()
            host = self._known[key] = Host(*self._limits)
        return host

    def _forget(self) -> None:
        unused = [key for key, host in self._known.items() if not host.users]
        idle = [key for key in unused if self._known[key].idle]
        for key in idle or unused[:1]:
            del self._known[key]
