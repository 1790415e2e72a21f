"""Decides which addresses a wrapper may reach (the SSRF rule).

The special ranges are those of the IANA registries for IPv4 and IPv6, as of 2026: the interpreter's own list changes
with its patch level.
"""

import re
import socket
from collections.abc import Iterable
from contextlib import closing
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
UNICAST_V6 = IPv6Network("2000::/3")  # the one range that IANA hands out for global unicast
SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: leads to an IPv4 address of the writer's choice
            "3fff::/20",  # documentation
        ),
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # how an IPv6-only network writes an IPv4 address

# Where clouds hand out credentials to whoever asks from the machine. Some lie in ranges that are public otherwise.
METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Azure, Google, Oracle, OpenStack, DigitalOcean…
            "169.254.170.2",  # AWS, containers
            "169.254.170.23",  # AWS, pods
            "169.254.169.253",  # AWS, names
            "169.254.42.42",  # Scaleway
            "168.63.129.16",  # Azure, the host
            "100.100.100.200",  # Alibaba
            "192.0.0.192",  # Oracle
            "fd00:ec2::254",  # AWS
            "fd00:ec2::23",  # AWS, pods
            "fd00:ec2::253",  # AWS, names
            "fd20:ce::254",  # Google
            "fd00:42::42",  # Scaleway
            "fe80::a9fe:a9fe",  # OpenStack
        ),
    )
)

_INSIDE = re.compile(r"\.(internal|intranet|local|localhost|localdomain|lan|home|corp|private|arpa)$")


def is_public(address: str) -> bool:
    """Check whether a numeric address belongs to the public internet.

    A zone such as `%eth0` may follow. IPv4 addresses inside IPv6 ones (mapped, NAT64) are judged by themselves; 6to4
    and Teredo never are public. ValueError when it is not an address.
    """
    parsed = _judged(address)
    if parsed in METADATA:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in SPECIAL_V4)
    return parsed in UNICAST_V6 and not any(parsed in network for network in SPECIAL_V6)


class Policy:
    """What wrappers may reach, as an administrator has set it.

    `sources` are host names, addresses, networks such as 10.1.0.0/16, and `host:port`. `own_port` is the port of the
    service itself, which stays closed on every address of this machine unless `host:port` is named.
    """

    def __init__(self, *, allow_private: bool, sources: Iterable[str] = (), own_port: int | None = None) -> None:
        self._allow_private = allow_private
        self._own_port = own_port
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for source in sources:
            try:
                self._networks.append(ip_network(source, strict=False))
            except ValueError:
                self._names.add(source.lower().rstrip("."))

    def refusal_of_name(self, host: str) -> str | None:
        """Return why an unresolvable name may not go to a proxy, else None.

        The proxy's own network may know it. What is certainly no public name needs to be allowed like a private one.
        """
        name = host.lower().rstrip(".")
        if self._allow_private or name in self._names or not (_INSIDE.search(name) or "." not in name):
            return None
        return (
            f"Host {host} is no public name; an administrator can allow it alone with "
            f"SLACKWATER_PRIVATE_SOURCES={name}."
        )

    def refusal(self, host: str, port: int, address: str) -> str | None:
        """Return why `host`, which has this numeric address, may not be reached.

        None when it may.
        """
        name, inside = host.lower().rstrip("."), _judged(address)
        shown = address if address == host else f"{address} of {host}"
        alone = any(network.num_addresses == 1 and inside in network for network in self._networks)
        own = f"{name}:{port}" in self._names
        named = own or alone or name in self._names or any(inside in network for network in self._networks)
        if not self._allow_private and not named and not is_public(address):
            return (
                f"Host {shown} is not a public address; an administrator can allow it alone with "
                f"SLACKWATER_PRIVATE_SOURCES={name}."
            )
        if inside in METADATA and not alone:
            return (
                f"Host {shown} hands out the credentials of this machine; an administrator can allow the very address "
                "with SLACKWATER_PRIVATE_SOURCES."
            )
        if port == self._own_port and not own and _is_ours(inside):
            return f"Host {shown} with port {port} is this service itself, which wrappers may not reach."
        return None


def _judged(address: str) -> Address:
    """Return an address without its zone, and the IPv4 address inside an IPv6 one."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return parsed
    if parsed in NAT64:
        return IPv4Address(int(parsed) & 0xFFFFFFFF)
    return parsed.ipv4_mapped or parsed


def _is_ours(address: Address) -> bool:
    """Say whether an address is one of this machine: only those can be bound."""
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
