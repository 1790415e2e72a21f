"""Connects to the outside: directly or through a forward proxy, with trusted certificates.

One rule for all that sends requests: sources, the identity provider, language models, and the command line's client.
"""

import os
import ssl
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

WRITTEN = "it must be a URL such as http://proxy.example.org:3128 or http://name:password@proxy.example.org:3128"
CA_VARIABLE = "SSL_CERT_FILE"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proxy:
    """A forward proxy. `repr` and `place` show no credentials."""

    scheme: str  # how the proxy itself is spoken to
    host: str
    port: int
    credentials: str | None = field(default=None, repr=False)  # name:password

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the proxy that a URL or `host:port` names.

        ValueError, which never quotes the text, if none does.
        """
        try:
            parts = urlsplit(text.strip() if "://" in text else f"http://{text.strip()}")
            port, host = parts.port, parts.hostname
        except ValueError:
            raise ValueError(WRITTEN) from None
        if parts.scheme not in _PORTS:
            raise ValueError(f"{WRITTEN}; {parts.scheme} proxies are not spoken to")
        if not host or parts.path not in ("", "/") or parts.query or not host.isascii():
            raise ValueError(WRITTEN)
        named = parts.username is not None
        credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if named else None
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], credentials)

    @property
    def place(self) -> str:
        """Host and port, as people are shown them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The header with the proxy's credentials; for the proxy alone."""
        if self.credentials is None:
            return []
        return [(b"Proxy-Authorization", b"Basic " + b64encode(self.credentials.encode()))]

    @property
    def url(self) -> str:
        """The URL with its credentials: a secret."""
        name, _, password = (self.credentials or "").partition(":")
        user = f"{quote(name, safe='')}:{quote(password, safe='')}@" if self.credentials is not None else ""
        return f"{self.scheme}://{user}{self.place}"


@dataclass(frozen=True)
class Outbound:
    """The ways out, as they are set.

    `direct` are the hosts that no proxy is asked for, as in NO_PROXY.
    """

    http: Proxy | None = None
    https: Proxy | None = None
    direct: tuple[str, ...] = ()
    ca_file: str | None = None  # authorities to trust beside the usual ones

    def proxy(self, scheme: str, host: str, port: int | None = None) -> Proxy | None:
        """Return the proxy for a host.

        None where it is reached straight: this machine always is.
        """
        proxy = self.https if scheme == "https" else self.http
        if proxy is None:
            return None
        name = host.lower().strip("[]").rstrip(".")
        if _is_here(name) or any(_names(each, name, port or _PORTS.get(scheme)) for each in self.direct):
            return None
        return proxy

    def context(self) -> ssl.SSLContext:
        """Return a context that trusts the system's authorities, the public ones, and those of `ca_file`.

        ValueError says why `ca_file` cannot be used.
        """
        import certifi

        context = ssl.create_default_context()  # the system's authorities, those of an administrator among them
        context.load_verify_locations(certifi.where())  # a slim container has none of its own
        if self.ca_file is not None:
            trust(context, self.ca_file)
        return context

    def secrets(self) -> Iterator[str]:
        """Yield the proxies' secrets in each encoding in which they may occur."""
        for proxy in filter(None, (self.http, self.https)):
            if proxy.credentials is not None:
                yield from (proxy.url, proxy.credentials, proxy.credentials.partition(":")[2])

    def environment(self) -> dict[str, str]:
        """Return the environment variables with the same meaning for libraries."""
        found = {"http_proxy": self.http, "https_proxy": self.https}
        variables = {name: proxy.url for name, proxy in found.items() if proxy is not None}
        if variables:
            variables["no_proxy"] = ",".join(("localhost", "127.0.0.1", "::1", *self.direct))
        return variables | ({CA_VARIABLE: os.path.abspath(self.ca_file)} if self.ca_file is not None else {})


def bundle(path: str) -> str:
    """Return the in-memory path of the public authorities plus a PEM file.

    Libraries that are given one file trust nobody else.
    """
    import certifi

    memory = os.memfd_create("authorities", os.MFD_CLOEXEC)
    for each in (certifi.where(), path):
        os.write(memory, Path(each).read_bytes() + b"\n")
    return f"/proc/self/fd/{memory}"


@cache
def check_authorities(path: str) -> None:
    """Refuse, as ValueError, a PEM file that cannot be trusted.

    A long one takes a tenth of a second: each is read once in a process.
    """
    trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)


def trust(context: ssl.SSLContext, path: str) -> None:
    """Add the authorities of a PEM file; ValueError says why they cannot be."""
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def client_options(outbound: Outbound, url: str) -> dict[str, Any]:
    """Return the arguments of an httpx client for `url`: proxy and trust, no environment."""
    import httpx

    parts = urlsplit(url)
    proxy = outbound.proxy(parts.scheme, parts.hostname or "", parts.port)
    options: dict[str, Any] = {"trust_env": False}
    if proxy is not None:
        name, _, password = (proxy.credentials or "").partition(":")
        login = (name, password) if proxy.credentials is not None else None
        secure = outbound.context() if proxy.scheme == "https" else None
        options["proxy"] = httpx.Proxy(f"{proxy.scheme}://{proxy.place}", auth=login, ssl_context=secure)
    if parts.scheme == "https":
        options["verify"] = outbound.context()
    return options


def hosts(text: str) -> tuple[str, ...]:
    """Return the hosts that NO_PROXY, or our setting in its stead, lists."""
    return tuple(filter(None, (each.strip().lower() for each in text.replace(",", " ").split())))


def check_hosts(listed: Iterable[str]) -> None:
    """Refuse, as ValueError, what names no host, domain, address or network."""
    for each in listed:
        if "://" in each or any(char in each for char in "@?#"):
            raise ValueError(f"{each} is no host, domain, address or network such as .example.org or 10.0.0.0/8")
        if "/" in each:
            ip_network(each, strict=False)


def _is_here(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _names(entry: str, name: str, port: int | None) -> bool:
    """Check whether a NO_PROXY entry matches a host: `*`, a domain, an address, a network."""
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return ip_address(name) in ip_network(entry, strict=False)
        except ValueError:
            return False
    if entry.count(":") == 1 or entry.startswith("["):
        entry, _, wanted = entry.rpartition(":") if not entry.endswith("]") else (entry, "", "")
        if wanted and wanted != str(port):
            return False
    domain = entry.strip("[]").removeprefix("*").removeprefix(".")
    return name == domain or name.endswith(f".{domain}")
