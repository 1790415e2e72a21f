"""Limits how fast all wrappers together may ask one host."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

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
    fails: bool = False  # with status 500 after all tries, so that the next 500 is taken at its word
    answered: set[tuple[str, frozenset[str]]] = field(default_factory=set)  # paths, each with names of parameters
    insists: bool = False  # on each request, as runs that read do: what failed may be a window before the beginning


class Paused(Exception):  # noqa: N818 - a state of the host, not a fault
    """The host has asked for silence for longer than the request may wait."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(status, seconds)
        self.status = status  # what the host answered when it asked
        self.seconds = seconds  # until it may be asked again


def at_once(requests_per_second: float) -> float:
    """Return how many requests may be sent at once: a second's worth, or one."""
    return max(1.0, requests_per_second)


class Places(Protocol):
    """Slots and rate of one host."""

    async def acquire(self) -> None:
        """Wait for a slot."""

    def release(self) -> None:
        """Give a slot back."""

    async def token(self) -> None:
        """Wait until the rate allows one request more."""

    def rest(self, seconds: float, status: int) -> None:
        """Tell that the host has asked for silence."""

    @property
    def idle(self) -> bool:
        """Whether new places would be the same."""


class OwnPlaces:
    """The places of a host that no other node asks."""

    def __init__(self, requests_per_second: float, connections: int, monotonic: Callable[[], float]) -> None:
        self.rate = TokenBucket(requests_per_second, at_once(requests_per_second), monotonic())
        self._slots = asyncio.Semaphore(connections)
        self._monotonic = monotonic

    async def acquire(self) -> None:
        """Wait for a slot."""
        await self._slots.acquire()

    def release(self) -> None:
        """Give a slot back."""
        self._slots.release()

    async def token(self) -> None:
        """Wait until the rate allows one request more."""
        if delay := self.rate.take(self._monotonic()):
            await asyncio.sleep(delay)

    def rest(self, seconds: float, status: int) -> None:
        """Tell nobody: the host's own pause is enough."""

    @property
    def idle(self) -> bool:
        """Whether new places would be the same."""
        return self.rate.is_full(self._monotonic())


class Host:
    """A source's host and port: slots, rate and requested pause, shared by wrappers."""

    def __init__(self, places: Places, connections: int, monotonic: Callable[[], float]) -> None:
        self._places = places
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
        return not self.users and self._paused_until <= now and self._places.idle

    @property
    def pause(self) -> float:
        """Seconds for which the host still wants silence; 0.0 when it may be asked."""
        return max(0.0, self._paused_until - self._monotonic())

    def rest(self, seconds: float, status: int) -> None:
        """Let every wrapper leave the host alone for `seconds`, because it answered `status` with Retry-After."""
        if self.pause_for(seconds, status):
            self._places.rest(min(seconds, LONGEST_PAUSE), status)

    def pause_for(self, seconds: float, status: int) -> bool:
        """Let every wrapper here leave the host alone for `seconds`; return whether that was news."""
        until = self._monotonic() + min(seconds, LONGEST_PAUSE)
        news = until > self._paused_until
        if news:
            self._paused_until = until
            self._paused_by = status
        return news

    @asynccontextmanager
    async def turn(self, tally: Tally, max_wait: float) -> AsyncIterator[None]:
        """Wait for the pause, a slot and the rate; inside, one request may be sent.

        Paused at once when the pauses would add up to more than `max_wait` seconds. The rate comes last, so that a
        request is sent as soon as it is counted. A cancelled wait leaves no slot behind.
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
                    self._places.release()
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
                await self._places.acquire()
                try:
                    if not self.pause:
                        await self._places.token()
                    admitted = not self.pause
                except BaseException:
                    self._places.release()
                    raise
                if admitted:
                    return
                self._places.release()  # another request was told to wait while this one stood in line
        finally:
            tally.waiting -= 1


class TellingPlaces(Places, Protocol):
    """Places that tell when another node was asked for silence."""

    paused: Callable[[float, int], object]  # seconds, status


class SharedPlaces(Protocol):
    """Makes the places of hosts that other nodes ask, too."""

    def places(self, host: str) -> TellingPlaces:
        """Return the places of a host, `name:port`, in which nothing is in use."""


class Hosts:
    """All hosts that are being asked, bounded in number."""

    def __init__(
        self,
        requests_per_second: float,
        connections: int,
        monotonic: Callable[[], float],
        shared: "SharedPlaces | None" = None,
    ) -> None:
        self._limits = (requests_per_second, connections, monotonic)
        self._shared = shared  # with other nodes; None for a node alone
        self._known: dict[tuple[str, int], Host] = {}

    def at(self, name: str, port: int) -> Host:
        """Return the host of that name and port, with what is remembered of it."""
        key = (name.rstrip("."), port)
        host = self._known.get(key)
        if host is None:
            if len(self._known) >= MAX_HOSTS:
                self._forget()
            host = self._known[key] = self._made(key)
        return host

    def _made(self, key: tuple[str, int]) -> Host:
        _, connections, monotonic = self._limits
        if self._shared is None:
            return Host(OwnPlaces(*self._limits), connections, monotonic)
        places = self._shared.places(f"{key[0]}:{key[1]}")
        host = Host(places, connections, monotonic)
        places.paused = host.pause_for
        return host

    def _forget(self) -> None:
        unused = [key for key, host in self._known.items() if not host.users]
        idle = [key for key in unused if self._known[key].idle]
        for key in idle or unused[:1]:
            del self._known[key]
