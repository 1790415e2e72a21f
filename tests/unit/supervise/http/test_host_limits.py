"""Which addresses are public, how a host's rate is kept, and how many hosts are remembered."""

import asyncio
import socket

import pytest

from slackwater.supervise.http.address_policy import is_public
from slackwater.supervise.http.host_limits import LONGEST_PAUSE, MAX_HOSTS, Host, Hosts, Paused, Tally

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("form", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "017700000001"])
def test_other_forms_of_writing_loopback_are_judged_as_what_the_resolver_makes_of_them(form: str) -> None:
    entries = socket.getaddrinfo(form, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    assert entries
    assert not any(is_public(str(entry[4][0])) for entry in entries)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_host_takes_a_second_of_requests_at_once_then_keeps_its_rate() -> None:
    clock = Clock()
    host = Host(10, 8, clock)
    delays = [host._booked_delay() for _ in range(13)]
    assert delays[:10] == pytest.approx([0.0] * 10)
    assert delays[10:] == pytest.approx([0.1, 0.2, 0.3])
    clock.now += 100
    assert host._booked_delay() == pytest.approx(0.0)


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_a_slow_rate_lets_the_first_request_go_at_once(rate: float) -> None:
    host = Host(rate, 8, Clock())
    assert host._booked_delay() == 0.0
    assert host._booked_delay() == pytest.approx(1 / rate)


async def test_a_pause_longer_than_the_patience_is_told_at_once_and_bounded() -> None:
    host, tally = Host(10, 8, Clock()), Tally()
    host.rest(10 * LONGEST_PAUSE, 429)
    with pytest.raises(Paused) as paused:
        async with host.turn(tally, 30):
            pytest.fail("the host must not be asked")
    assert (paused.value.status, paused.value.seconds) == (429, LONGEST_PAUSE)
    assert (tally.waiting, host.users) == (0, 0)


async def test_a_cancelled_wait_leaves_the_slot_free() -> None:
    host, tally = Host(1000, 1, asyncio.get_running_loop().time), Tally()
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
