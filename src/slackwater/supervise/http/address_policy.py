"""Decides which addresses a wrapper may reach (the SSRF rule)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from slackwater.supervise.http.host_limits import _DOCUMENTATION, _NAT64, _TUNNELS, _UNICAST


def is_public(address: str) -> bool:
    """Say whether a numeric address (a zone such as `%eth0` may follow) belongs to the public internet.

    IPv4 addresses inside IPv6 ones (mapped, NAT64) are judged by themselves; 6to4 and Teredo never are public.
    ValueError when it is not an address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    return _is_public_v6(parsed)


class Allowed:
    """The sources inside that an administrator has named: host names, addresses, networks such as 10.1.0.0/16."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for source in sources:
            try:
                self._networks.append(ip_network(source, strict=False))
            except ValueError:
                self._names.add(source.lower().rstrip("."))

    def __call__(self, host: str, address: str) -> bool:
        """Say whether the host was named, or the address that it has is in a network that was."""
        inside = ip_address(address.partition("%")[0])
        return host.lower().rstrip(".") in self._names or any(inside in network for network in self._networks)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_public_v6(address: IPv6Address) -> bool:
    inner = address.ipv4_mapped
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public_v4(inner)
    if address not in _UNICAST or address in _DOCUMENTATION or any(address in tunnel for tunnel in _TUNNELS):
        return False
    return address.is_global
