"""Gets places at source hosts from all nodes' common stock.

What requests here wait for is gathered while the last asking is under way, and asked for in one transaction. Without
the database nothing is given, and requests wait until the lease ends their runs.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from functools import partial

import structlog

from slackwater.errors import Unavailable
from slackwater.model.instants import SECOND
from slackwater.store.cluster import rates
from slackwater.store.cluster.rates import Demand, Grant, Rate
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import nodes
from slackwater.supervise.http.host_limits import at_once
from slackwater.supervise.lifecycle.dispatch import TROUBLE_PAUSE
from slackwater.supervise.process.lease import Lease

HOARD_SECONDS = 0.2  # of requests that a node may take in advance, and for which they hold; chosen: 5 askings a second
FORGET_SECONDS = 600.0  # between two looks for rates that nobody counts with any more; chosen: they are small
LOOK_SECONDS = 1.0  # between two looks whether others wait for what we have; chosen: so long may they wait
AGAIN_SECONDS = 0.1  # before a connection that was not given is asked for again; chosen
IDLE_SECONDS = 5.0  # without a request after which a host's connections are given back; chosen

log = structlog.get_logger()


class NodePlaces:
    """The places of one host that this node has; satisfies `host_limits.TellingPlaces`."""

    def __init__(self, desk: "HostDesk", host: str) -> None:
        self.host = host
        self.paused: Callable[[float, int], object] = lambda *_: None
        self.used_at = desk.monotonic()
        self._desk = desk
        self._allowed = self._held = self._reported = 0  # may use; are counted with; have reported to want
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()  # for a connection
        self._tokens: deque[float] = deque()  # moments from which on a request may be sent
        self._thirsty: deque[asyncio.Future[None]] = deque()  # for a token
        self._batch = 1
        self._in_turn = asyncio.Lock()

    @property
    def idle(self) -> bool:
        """Whether new places would be the same."""
        return not (self._in_use or self._held or self._reported or self._waiting or self._thirsty)

    async def acquire(self) -> None:
        """Wait for a connection that all nodes together may have."""
        self.used_at = self._desk.monotonic()
        if self._in_use < self._allowed and not self._waiting and not self._desk.over:
            self._in_use += 1
            return
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        self._desk.ask(self)
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self.release()
            elif given in self._waiting:
                self._waiting.remove(given)
            self._desk.ask(self)  # others need not wait for us
            raise

    def release(self) -> None:
        """Give a connection back."""
        self._in_use -= 1
        self.used_at = self._desk.monotonic()
        self._wake()
        if self._held > max(self._allowed, self._in_use):
            self._desk.ask(self)

    async def token(self) -> None:
        """Wait until the rate of all nodes together allows one request more."""
        async with self._in_turn:
            now = self._desk.monotonic()
            while self._tokens and (self._tokens[0] + self._desk.keeps < now or self._desk.over):
                self._tokens.popleft()
                self._batch = 1  # more than are used
            if not self._tokens:
                given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._thirsty.append(given)
                self._desk.ask(self)
                try:
                    await given
                finally:
                    if given in self._thirsty:
                        self._thirsty.remove(given)
            if delay := max(0.0, self._tokens.popleft() - self._desk.monotonic()):
                await asyncio.sleep(delay)

    def rest(self, seconds: float, status: int) -> None:
        """Tell the other nodes that the host has asked for silence."""
        self._desk.rest(self.host, seconds, status)

    @property
    def hungry(self) -> bool:
        """Whether requests wait for a connection."""
        return bool(self._waiting)

    def demand(self) -> Demand:
        """Return what is wanted now; until the answer no further connection is used."""
        self._allowed = min(self._allowed, self._in_use)
        idle = self._desk.monotonic() - self.used_at > IDLE_SECONDS
        wanted = self._in_use + len(self._waiting)
        if not idle and not wanted and self._held:
            wanted = 1  # kept for a while
        self._reported = wanted
        return Demand(self.host, min(self._batch, self._desk.most_tokens) if self._thirsty else 0, self._in_use, wanted)

    def take(self, demand: Demand, grant: Grant, answered: float) -> None:
        """Take what was given. `answered`: seconds of the clock, when the answer was there."""
        self._allowed, self._held = grant.allowed, grant.held
        taken = grant.taken
        if taken.paused_until > taken.present:
            self.paused((taken.paused_until - taken.present) / SECOND, taken.paused_by)
        for number in range(demand.requests):
            owed = taken.paid_until - (demand.requests - 1 - number) * self._desk.rate.interval - taken.present
            self._tokens.append(answered + max(0.0, owed / SECOND))
        if demand.requests:
            self._batch = min(2 * self._batch, self._desk.most_tokens)
            while self._thirsty:
                given = self._thirsty.popleft()
                if not given.done():
                    given.set_result(None)
                    break
        self._wake()

    def begin_anew(self) -> None:
        """Forget what this node had before it was taken for gone."""
        self._allowed = self._held = 0
        self._tokens.clear()
        self._desk.ask(self)

    def _wake(self) -> None:
        while self._waiting and self._in_use < self._allowed:
            given = self._waiting.popleft()
            if not given.done():
                self._in_use += 1
                given.set_result(None)


class HostDesk:
    """Asks for all hosts of a node; satisfies `host_limits.SharedPlaces`."""

    def __init__(
        self,
        database: Database,
        node_id: Callable[[], str],
        lease: Lease,
        *,
        requests_per_second: float,
        connections: int,
        monotonic: Callable[[], float],
    ) -> None:
        self.monotonic = monotonic
        self.most_tokens = max(1, int(requests_per_second * HOARD_SECONDS))
        hoard = self.most_tokens if self.most_tokens > 1 else 0  # what is taken in advance is not saved up besides
        self.keeps = HOARD_SECONDS if hoard else 0.0
        self.rate = Rate.of(requests_per_second, max(1.0, at_once(requests_per_second) - hoard))
        self._database = database
        self._node_id = node_id
        self._asked_as = ""  # our id when we asked last
        self._lease = lease
        self._connections = connections
        self._known: dict[str, NodePlaces] = {}
        self._asking: set[str] = set()
        self._rests: dict[str, tuple[float, int]] = {}
        self._asked = asyncio.Event()
        self._forgets_at = monotonic()

    @property
    def over(self) -> bool:
        """Whether what was given is ours no more."""
        return self._lease.over

    def places(self, host: str) -> NodePlaces:
        """Return the places of a host, `name:port`."""
        return self._known.setdefault(host, NodePlaces(self, host))

    def ask(self, places: NodePlaces) -> None:
        """Ask for what a host's requests wait for, with the next transaction."""
        self._known[places.host] = places
        self._asking.add(places.host)
        self._asked.set()

    def rest(self, host: str, seconds: float, status: int) -> None:
        """Tell the other nodes of a host that has asked for silence."""
        self._rests[host] = seconds, status
        self._asked.set()

    async def keep(self) -> None:
        """Ask for what is waited for, and give back what is not used, until cancelled."""
        look_at = again_at = self.monotonic()
        while True:
            hungry = any(each.hungry for each in self._known.values())
            until = min(look_at, again_at) if hungry else look_at
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, until - self.monotonic())):
                    await self._asked.wait()
            self._asked.clear()
            now = self.monotonic()
            try:
                if now >= again_at:
                    again_at = now + AGAIN_SECONDS
                    self._asking |= {each.host for each in self._known.values() if each.hungry}
                if now >= look_at:
                    look_at = now + LOOK_SECONDS
                    await self._look()
                await self._ask()
            except Exception as error:  # noqa: BLE001 - whatever the database has: without us no request is sent at all
                log.warning("no places at hosts can be had now", error=str(error) or repr(error))
                await asyncio.sleep(TROUBLE_PAUSE)

    async def _look(self) -> None:
        """Find out what others wait for, and what is not used any more."""
        now = self.monotonic()
        if now >= self._forgets_at:
            self._forgets_at = now + FORGET_SECONDS
            await asyncio.wrap_future(self._database.write(rates.forget_old))
        if not self._known:
            return
        wanted = partial(rates.wanted_by_others, node_id=self._node_id())
        self._asking |= set(await asyncio.wrap_future(self._database.read(wanted)))
        for host, each in [*self._known.items()]:
            if now - each.used_at > IDLE_SECONDS:
                if each.idle:
                    del self._known[host]
                else:
                    self._asking.add(host)

    async def _ask(self) -> None:
        node_id = self._node_id()
        if node_id != self._asked_as:
            self._asked_as = node_id
            for each in [*self._known.values()]:
                each.begin_anew()
        asking, self._asking = self._asking, set()
        rests, self._rests = self._rests, {}
        demands = [self._known[host].demand() for host in sorted(asking) if host in self._known]
        if not (demands or rests):
            return

        def granted(c: Connection) -> list[Grant]:
            if not nodes.hold(c, node_id):
                raise Unavailable("This node does not hold its lease.")
            for host, (seconds, status) in sorted(rests.items()):
                rates.pause(c, host, round(seconds * SECOND), status)
            return [rates.grant(c, node_id, demand, self.rate, self._connections) for demand in demands]

        try:
            grants = await asyncio.wrap_future(self._database.write(granted, urgent=True))
        except BaseException:
            self._asking |= asking
            self._rests = rests | self._rests
            raise
        answered = self.monotonic()
        for demand, grant in zip(demands, grants, strict=True):
            self._known[demand.host].take(demand, grant, answered)
