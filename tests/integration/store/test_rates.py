"""What nodes that share a PostgreSQL take together: no more than one of them might."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

import databases
from slackwater.model.instants import SECOND
from slackwater.store.cluster import rates
from slackwater.store.cluster.rates import Demand, Rate
from slackwater.store.engine.database import Database, Server
from slackwater.store.records import nodes
from slackwater.supervise.cluster.host_desk import HostDesk
from slackwater.supervise.http.host_limits import Hosts, Paused, Tally
from slackwater.supervise.process.lease import Lease
from slackwater.web.security.rate_limit import SharedRates

SLOW = Rate.of(0.001, 3)  # three at once, and the next one in a quarter of an hour


@pytest.fixture
def database(tmp_path) -> Iterator[Database]:
    server = Server(url=databases.fresh(), connections=databases.CONNECTIONS)
    database = Database.open(tmp_path, "a key of its own for the secrets of this test", server=server)
    yield database
    database.close()


def joined(database: Database) -> str:
    node_id = str(uuid.uuid4())
    database.write(lambda c: nodes.join(c, node_id, "node", 600 * SECOND, {})).result()
    return node_id


@asynccontextmanager
async def hosts_of(database: Database, *, rate: float, connections: int) -> AsyncIterator[Hosts]:
    """The hosts of one more node."""
    node_id = await asyncio.to_thread(joined, database)
    desk = HostDesk(
        database, lambda: node_id, Lease(), requests_per_second=rate, connections=connections, monotonic=time.monotonic
    )
    keeping = asyncio.create_task(desk.keep())
    yield Hosts(rate, connections, time.monotonic, desk)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


def test_what_is_there_is_taken_and_the_rest_waited_for(database: Database) -> None:
    def take(count: int) -> tuple[int, int]:
        return database.write(lambda c: rates.take_present(c, "caller", count, SLOW)).result()

    assert take(2) == (2, 0)
    taken, wait = take(5)
    assert (taken, 990 * SECOND < wait <= 1000 * SECOND) == (1, True)
    assert take(1)[0] == 0
    assert 990 * SECOND < take(1)[1] <= 1000 * SECOND, "who is refused owes nothing"


def test_a_node_that_is_gone_leaves_its_connections_to_the_others(database: Database) -> None:
    one, two = joined(database), joined(database)

    def granted(node_id: str, in_use: int, wanted: int) -> int:
        demand = Demand("host:443", 0, in_use, wanted)
        return database.write(lambda c: rates.grant(c, node_id, demand, SLOW, 4)).result().allowed

    assert granted(one, 0, 9) == 4
    assert granted(two, 0, 9) == 0
    assert database.read(lambda c: rates.wanted_by_others(c, one)).result() == ["host:443"]
    assert granted(one, 4, 9) == 2, "it may use no more than that when what goes on is over"
    assert granted(two, 0, 9) == 0
    database.write(lambda c: nodes.leave(c, one)).result()
    assert granted(two, 0, 9) == 4


async def test_callers_of_two_nodes_share_their_rate(database: Database) -> None:
    per_second, burst = 50.0, 20
    began = time.monotonic()
    every = [SharedRates(database, per_second, burst) for _ in range(2)]

    async def ask(shared: SharedRates) -> int:
        return [await shared.admit("k-1") for _ in range(400)].count(0.0)

    admitted = sum(await asyncio.gather(*map(ask, every)))
    assert burst / 2 < admitted <= burst + 1 + per_second * (time.monotonic() - began)
    assert await every[0].admit("k-2") == 0.0


async def test_requests_of_two_nodes_share_rate_and_connections(database: Database) -> None:
    rate, connections, inside, most, times = 40.0, 3, 0, 0, []
    async with AsyncExitStack() as stack:
        every = [
            await stack.enter_async_context(hosts_of(database, rate=rate, connections=connections)) for _ in range(2)
        ]

        async def ask(hosts: Hosts) -> None:
            nonlocal inside, most
            tally = Tally()
            for _ in range(20):
                async with hosts.at("host.example", 443).turn(tally, 30):
                    times.append(time.monotonic())
                    inside += 1
                    most = max(most, inside)
                    await asyncio.sleep(0.005)
                    inside -= 1

        await asyncio.gather(*(ask(hosts) for hosts in every for _ in range(4)))
    assert (len(times), most <= connections) == (160, True)
    windows = [(last - first + 1, times[last] - times[first]) for first in range(160) for last in range(first, 160)]
    assert not [each for each in windows if each[0] > rate + rate * (each[1] + 0.5)]  # a busy machine sends late


async def test_a_host_that_asks_one_node_for_silence_is_left_alone_by_the_others(database: Database) -> None:
    async with hosts_of(database, rate=5, connections=4) as one, hosts_of(database, rate=5, connections=4) as two:
        async with one.at("host.example", 443).turn(Tally(), 30):
            one.at("host.example", 443).rest(600, 429)

        async def ask_on() -> None:
            while True:
                async with two.at("host.example", 443).turn(Tally(), 30):
                    await asyncio.sleep(0)

        with pytest.raises(Paused) as paused:
            await asyncio.wait_for(ask_on(), 60)
    assert paused.value.status == 429
    assert 500 < paused.value.seconds <= 600


async def test_without_the_database_no_request_is_sent(database: Database) -> None:
    async with hosts_of(database, rate=5, connections=4) as hosts:
        await asyncio.to_thread(lambda: database.write(lambda c: c.exec_driver_sql("DELETE FROM nodes")).result())
        tally = Tally()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1), hosts.at("host.example", 443).turn(tally, 30):
                pytest.fail("nobody has allowed it")
        assert tally.waiting == 0
