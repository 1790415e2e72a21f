"""Which addresses are public, and what stays closed whatever is allowed."""

import socket

import pytest

from slackwater.supervise.http.address_policy import METADATA, SPECIAL_V4, SPECIAL_V6, Policy, is_public

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
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "168.63.129.16",
    "100.100.100.200",
    "198.51.100.7",
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
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "fd00:ec2::254",
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


@pytest.mark.parametrize("network", [*SPECIAL_V4, *SPECIAL_V6], ids=str)
def test_both_ends_of_a_special_range_are_inside(network) -> None:
    assert not is_public(str(network[0]))
    assert not is_public(str(network[-1]))


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
@pytest.mark.parametrize("sources", [(), ("0.0.0.0/0", "::/0"), ("metadata.internal",)], ids=str)
def test_a_metadata_service_stays_closed_though_private_sources_are_allowed(address, sources) -> None:
    policy = Policy(allow_private=True, sources=sources)
    assert "credentials" in (policy.refusal("metadata.internal", 80, address) or "")
    assert policy.refusal(address, 80, address) is not None
    assert Policy(allow_private=False, sources=sources).refusal("metadata.internal", 80, address) is not None


def test_a_metadata_service_written_as_ipv6_stays_closed() -> None:
    policy = Policy(allow_private=True)
    for address in ("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::a9fe:a9fe%eth0"):
        assert policy.refusal("x", 80, address) is not None


def test_a_metadata_service_whose_very_address_is_named_is_open() -> None:
    assert Policy(allow_private=False, sources=["169.254.169.254"]).refusal("x", 80, "169.254.169.254") is None


def test_the_service_itself_stays_closed() -> None:
    policy = Policy(allow_private=True, sources=["127.0.0.1"], own_port=8080)
    for host, address in (
        ("localhost", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("x", "::1"),
        ("x", "0.0.0.0"),
        ("x", _own()),
    ):
        assert "this service itself" in (policy.refusal(host, 8080, address) or "")
        assert policy.refusal(host, 8081, address) is None
    assert policy.refusal("10.255.255.254", 8080, "10.255.255.254") is None  # another machine


def test_the_service_itself_is_open_when_it_is_named_with_its_port() -> None:
    policy = Policy(allow_private=True, sources=["localhost:8080"], own_port=8080)
    assert policy.refusal("localhost", 8080, "127.0.0.1") is None
    assert policy.refusal("127.0.0.1", 8080, "127.0.0.1") is not None


def _own() -> str:
    """Return an address of this machine that is not loopback, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])
