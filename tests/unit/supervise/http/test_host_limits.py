"""How a host's rate is kept, and how many hosts are remembered."""

import asyncio
from collections.abc import Callable

import pytest

from slackwater.supervise.http.host_limits import LONGEST_PAUSE, MAX_HOSTS, Host, Hosts, OwnPlaces, Paused, Tally


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def alone(rate: float, connections: int, clock: Callable[[], float]) -> Host:
    return Host(OwnPlaces(rate, connections, clock), connections, clock)


def test_a_host_takes_a_second_of_requests_at_once_then_keeps_its_rate() -> None:
    clock = Clock()
    host = OwnPlaces(10, 8, clock)
    delays = [host.rate.take(clock()) for _ in range(13)]
    assert delays[:10] == pytest.approx([0.0] * 10)
    assert delays[10:] == pytest.approx([0.1, 0.2, 0.3])
    clock.now += 100
    assert host.rate.take(clock()) == pytest.approx(0.0)


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_a_slow_rate_lets_the_first_request_go_at_once(rate: float) -> None:
    clock = Clock()
    host = OwnPlaces(rate, 8, clock)
    assert host.rate.take(clock()) == 0.0
    assert host.rate.take(clock()) == pytest.approx(1 / rate)


async def test_a_pause_longer_than_the_patience_is_told_at_once_and_bounded() -> None:
    host, tally = alone(10, 8, Clock()), Tally()
    host.rest(10 * LONGEST_PAUSE, 429)
    with pytest.raises(Paused) as paused:
        async with host.turn(tally, 30):
            pytest.fail("the host must not be asked")
    assert (paused.value.status, paused.value.seconds) == (429, LONGEST_PAUSE)
    assert (tally.waiting, host.users) == (0, 0)


async def test_a_cancelled_wait_leaves_the_slot_free() -> None:
    host, tally = alone(1000, 1, asyncio.get_running_loop().time), Tally()
    async with host.turn(tally, 30):
        waiting = asyncio.ensure_future(host.turn(tally, 30).__aenter__())
        await asyncio.sleep(0.01)
        assert tally.waiting == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(1), host.turn(tally, 30):
        assert (tally.waiting, host.users) == (0, 1)


def test_hosts_are_bounded_and_busy_ones_are_never_forgotten() -> None:
    clock = Clock()
    hosts = Hosts(10, 8, clock)
    busy, paused = hosts.at("busy.example", 443), hosts.at("paused.example", 443)
    busy.users += 1
    paused.rest(60, 429)
    for number in range(3 * MAX_HOSTS):
        hosts.at(f"h{number}.example", 443)
    assert len(hosts._known) <= MAX_HOSTS
    assert hosts.at("busy.example.", 443) is busy
    assert hosts.at("paused.example", 443) is paused
