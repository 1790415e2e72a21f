"""Connections to sources: resolve, check, connect, and keep what can be used again.

The address that is checked is the address that is connected to, so that a name that resolves differently a moment
later gains nothing. TLS verifies the name, not the address. A forward proxy resolves the name itself: then it is
checked as far as it resolves here, and which address is connected to is the proxy's choice.
"""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from slackwater.model.source.client_certificate import present
from slackwater.outbound import Outbound, Proxy
from slackwater.supervise.http.address_policy import Policy
from slackwater.supervise.http.credentials import ClientCertificate, Origin
from slackwater.supervise.http.http11 import Fault, Wire, place

KEPT_SECONDS = 15.0  # that an unused connection stays open
MAX_KEPT = 128  # unused connections, over all hosts
RESOLVERS = 8  # names looked up at once
PROXIED_LOOKUP = 2.0  # seconds for a name that the proxy resolves anyway; many networks behind one know no others

T = TypeVar("T")
Way = tuple[Origin, ClientCertificate | None]
Resolver = Callable[[str, int], Awaitable[list[tuple[int, Any]]]]
"""Host and port → (address family, socket address) in the order to try; OSError when there are none."""


class Wires:
    """Opens connections to checked addresses and keeps reusable ones for a while."""

    def __init__(
        self,
        *,
        policy: Policy,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        outbound: Outbound | None = None,
    ) -> None:
        self._policy = policy
        self._outbound = outbound or Outbound()
        self._lookups = asyncio.Semaphore(RESOLVERS)
        self._resolve = resolve or self._look_up
        self._tls = tls
        self._shown: dict[ClientCertificate, ssl.SSLContext] = {}
        self._kept: dict[Way, list[Wire]] = {}
        self._kept_count = 0

    async def open(
        self, origin: Origin, timeout: float, *, fresh: bool, certificate: ClientCertificate | None = None
    ) -> Wire:
        """Return a connection to `origin`: one that was kept, unless `fresh`, else a new one.

        Raises Fault.

        One that has shown a client certificate serves nobody who does not have it. `timeout` is in seconds.
        """
        certificate = certificate if origin[0] == "https" else None
        while not fresh and (kept := self._kept.get((origin, certificate))):
            wire = self._forgotten(kept.pop())
            if wire.reusable:
                return wire
            wire.close()
        try:
            async with asyncio.timeout(timeout):
                proxy = self._outbound.proxy(*origin)
                if proxy is None:
                    addresses = await self._addresses(origin)
                    self._check(origin, addresses)
                    return await self._connected(origin, addresses, timeout, None, certificate)
                await self._check_name(origin)
                addresses = await self._addresses((proxy.scheme, proxy.host, proxy.port), "the proxy ")
                return await self._connected(origin, addresses, timeout, proxy, certificate)
        except TimeoutError:
            raise Fault("timeout", f"Cannot connect to {place(origin)} within {timeout:g} seconds.") from None

    def done(self, wire: Wire) -> None:
        """Take a connection back; it is kept when it can be used again, else closed."""
        if not wire.reusable or self._kept_count >= MAX_KEPT:
            wire.close()
            return
        wire.expiry = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._expired, wire)
        self._kept.setdefault((wire.origin, wire.certificate), []).append(wire)
        self._kept_count += 1

    def close(self) -> None:
        """Close what is kept."""
        for kept in self._kept.values():
            for wire in kept:
                wire.close()
        self._kept.clear()
        self._kept_count = 0

    def _forgotten(self, wire: Wire) -> Wire:
        self._kept_count -= 1
        if wire.expiry is not None:
            wire.expiry.cancel()
        way = wire.origin, wire.certificate
        if not self._kept[way]:
            del self._kept[way]
        return wire

    def _expired(self, wire: Wire) -> None:
        self._kept[wire.origin, wire.certificate].remove(wire)
        self._forgotten(wire).close()

    async def _addresses(self, origin: Origin, what: str = "") -> list[tuple[int, Any]]:
        _, host, port = origin
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Fault("connect", f"Cannot connect to {what}{place(origin)}: the name {host} cannot be resolved.")
        return addresses

    async def _check_name(self, origin: Origin) -> None:
        """Refuse a host name for the proxy that is recognisably private."""
        try:
            async with asyncio.timeout(PROXIED_LOOKUP):
                addresses = await self._addresses(origin)
        except (Fault, TimeoutError):
            if reason := self._policy.refusal_of_name(origin[1]):
                raise Fault("refused", reason) from None
        else:
            self._check(origin, addresses)

    def _check(self, origin: Origin, addresses: list[tuple[int, Any]]) -> None:
        _, host, port = origin
        for _, address in addresses:
            # one address inside is enough to refuse: which of them is used would be the name server's choice
            if reason := self._policy.refusal(host, port, address[0]):
                raise Fault("refused", reason)

    async def _look_up(self, host: str, port: int) -> list[tuple[int, Any]]:
        def found(flags: int) -> list[tuple[int, Any]]:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
            return list(dict.fromkeys((family, address) for family, _, _, _, address in entries))

        with suppress(OSError):
            return found(socket.AI_NUMERICHOST)
        async with self._lookups:
            return await _in_thread(lambda: found(0))

    async def _connected(
        self,
        origin: Origin,
        addresses: list[tuple[int, Any]],
        timeout: float,
        proxy: Proxy | None,
        certificate: ClientCertificate | None,
    ) -> Wire:
        def wire() -> Wire:
            return Wire(origin, proxy, certificate)

        reason = ""
        for number, (family, address) in enumerate(addresses):
            share = timeout / (len(addresses) - number + 1) if number + 1 < len(addresses) else timeout
            try:
                async with asyncio.timeout(share):
                    return await self._connect(wire, family, address, timeout)
            except TimeoutError:
                reason = "no answer"
            except ssl.SSLCertVerificationError as error:
                reason = f"its certificate is not valid: {error.verify_message}"
            except ssl.SSLError as error:
                reason = f"TLS failed: {(error.reason or 'the other side does not speak it').lower()}"
            except OSError as error:
                reason = os.strerror(error.errno).lower() if error.errno else str(error) or "it was closed"
        through = f" through the proxy {proxy.place}" if proxy is not None else ""
        raise Fault("connect", f"Cannot connect to {place(origin)}{through}: {reason}.")

    async def _connect(self, made: Callable[[], Wire], family: int, address: Any, timeout: float) -> Wire:
        loop = asyncio.get_running_loop()
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
            _, wire = await loop.create_connection(made, sock=sock)
        except BaseException:
            sock.close()
            raise
        origin, proxy = wire.origin, wire.proxy
        try:
            if proxy is not None:
                if proxy.scheme == "https":
                    await wire.secure(await self._context(), proxy.host, timeout)
                if origin[0] == "https":
                    await wire.tunnel(timeout)
            if origin[0] == "https":
                await wire.secure(await self._context(wire.certificate), origin[1], timeout)
        except BaseException:
            wire.close()
            raise
        return wire

    async def _context(self, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
        if certificate is not None:
            if certificate not in self._shown:
                context = await _in_thread(self._outbound.context)
                context.set_alpn_protocols(["http/1.1"])
                try:
                    present(context, certificate.pem, certificate.password)
                except ValueError as error:
                    raise Fault("refused", f"client_certificate {error}.") from None
                while len(self._shown) >= MAX_KEPT:
                    del self._shown[next(iter(self._shown))]
                self._shown[certificate] = context
            return self._shown[certificate]
        if self._tls is None:
            context = await _in_thread(self._outbound.context)
            context.set_alpn_protocols(["http/1.1"])
            self._tls = context  # reads the certificates: some 20 ms
        return self._tls


async def _in_thread(function: Callable[[], T]) -> T:
    """Call a function in a daemon thread of its own.

    An executor's threads are waited for when the service ends, and a name server may be silent for half a minute.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def resolve(setter: Callable[[Any], None], outcome: Any) -> None:
        if not done.done():
            setter(outcome)

    def work() -> None:
        setter: Callable[[Any], None] = done.set_result
        outcome: Any
        try:
            outcome = function()
        except (OSError, ValueError) as error:
            setter, outcome = done.set_exception, error
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(resolve, setter, outcome)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    return await done
