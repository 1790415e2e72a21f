"""Connections to sources: resolve, check, connect, and HTTP/1.1 over it (h11 does the grammar).

The address that is checked is the address that is connected to, so that a name that resolves differently a moment
later gains nothing. TLS verifies the name, not the address.
"""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal, NoReturn, TypeVar

import h11

from slackwater.supervise.access import Origin
from slackwater.supervise.hosts import is_public

HIGH_WATER = 1024 * 1024  # bytes received and not yet read, above which the source has to wait
MAX_HEAD = 64 * 1024  # bytes of status line and headers
KEPT_SECONDS = 15.0  # that an unused connection stays open
MAX_KEPT = 128  # unused connections, over all hosts
RESOLVERS = 8  # names looked up at once

Resolver = Callable[[str, int], Awaitable[list[tuple[int, Any]]]]
"""Host and port → (address family, socket address) in the order to try; OSError when there are none."""


class Fault(Exception):  # noqa: N818 - an outcome that becomes an answer
    """No usable answer: what happened, as a sentence for people, and whether asking again may help."""

    def __init__(
        self,
        kind: Literal["refused", "timeout", "connect", "protocol"],
        sentence: str,
        *,
        passing: bool = True,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.passing = passing and kind != "refused"


def place(origin: Origin) -> str:
    """Return an origin as it is shown to people: host and port."""
    _, host, port = origin
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Wire(asyncio.Protocol):
    """One connection to a source. `ask`, then `chunk` to the end; `reusable` says whether to ask again."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.asked = 0  # requests sent
        self.untouched = True  # nothing has come back for the request under way
        self.expiry: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._received: list[bytes] = []
        self._size = 0
        self._ended = False
        self._choked = False  # the transport's buffer is full
        self._change: asyncio.Future[None] | None = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Keep what has come in until it is read."""
        self.untouched = False
        self._received.append(data)
        self._size += len(data)
        if self._size > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        self._changed()

    def eof_received(self) -> None:
        """Note the end; the transport closes itself."""
        self._ended = True
        self._changed()

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end, orderly or not: h11 judges whether the answer was complete."""
        self._ended = True
        self._changed()

    def pause_writing(self) -> None:
        """Make `ask` wait."""
        self._choked = True

    def resume_writing(self) -> None:
        """Let `ask` go on."""
        self._choked = False
        self._changed()

    def _changed(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    # What the broker calls.

    @property
    def reusable(self) -> bool:
        """Whether another request can be sent: the last answer is complete, and neither side has closed."""
        return (
            not self._ended
            and not self._received
            and self._http.trailing_data == (b"", False)  # else the next answer would be one that nobody asked for
            and self._http.our_state is h11.IDLE
            and self._http.their_state is h11.IDLE
        )

    async def secure(self, context: ssl.SSLContext, timeout: float) -> None:
        """Put TLS on the connection and verify the host's name. Raises OSError (ssl.SSLError) or TimeoutError."""
        transport = await asyncio.get_running_loop().start_tls(
            self._open,
            self,
            context,
            server_hostname=self.origin[1].rstrip("."),
            ssl_handshake_timeout=max(timeout, 0.001),
        )
        if transport is None:
            raise ConnectionResetError("closed during the TLS handshake")
        self._transport = transport

    async def ask(self, request: h11.Request, content: bytes, timeout: float) -> h11.Response:
        """Send a request and return the head of its answer; Fault when none comes within `timeout` seconds."""
        self.asked += 1
        self.untouched = True
        head = self._http.send(request) or b""
        body = (self._http.send(h11.Data(data=content)) or b"") if content else b""
        self._http.send(h11.EndOfMessage())
        self._open.write(head + body)
        while self._choked and not self._ended:
            await self._news(timeout)
        while True:
            event = await self._event(timeout)
            if isinstance(event, h11.Response):
                return event

    async def chunk(self, timeout: float) -> bytes | bytearray | None:
        """Return what comes next of the answer's body, None at its end; Fault when it breaks off or stalls."""
        event = await self._event(timeout)
        if isinstance(event, h11.Data):
            return event.data
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return None

    def close(self) -> None:
        """Close at once, without waiting for the other side."""
        self._ended = True
        if self.expiry is not None:
            self.expiry.cancel()
        if self._transport is not None:
            self._transport.abort()

    @property
    def _open(self) -> asyncio.Transport:
        if self._transport is None:
            raise Fault("connect", f"The connection to {place(self.origin)} is not open.")
        return self._transport

    async def _event(self, timeout: float) -> Any:
        while True:
            try:
                event = self._http.next_event()
                if event is not h11.NEED_DATA:
                    return self._checked(event)
                self._http.receive_data(await self._bytes(timeout))
            except h11.RemoteProtocolError as error:
                self._break_off(error)

    def _checked(self, event: Any) -> Any:
        if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            raise Fault("protocol", f"{place(self.origin)} closed the connection without an answer.")
        return event

    def _break_off(self, error: h11.RemoteProtocolError) -> NoReturn:
        where = place(self.origin)
        if not self._ended:
            raise Fault("protocol", f"The answer of {where} is not HTTP/1.1: {error}.") from None
        if self.untouched:
            raise Fault("protocol", f"{where} closed the connection without an answer.") from None
        raise Fault("protocol", f"{where} broke off its answer before its end.") from None

    async def _bytes(self, timeout: float) -> bytes:
        while not self._received:
            if self._ended:
                return b""
            await self._news(timeout)
        data = self._received[0] if len(self._received) == 1 else b"".join(self._received)
        self._received.clear()
        if self._size > HIGH_WATER:
            self._open.resume_reading()
        self._size = 0
        return data

    async def _news(self, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        change = self._change = loop.create_future()
        # cheaper by half than asyncio.timeout, and it runs once for each chunk of each answer
        alarm = loop.call_later(timeout, self._too_late, change, timeout)
        try:
            await change
        finally:
            alarm.cancel()
            self._change = None

    def _too_late(self, change: "asyncio.Future[None]", timeout: float) -> None:
        if not change.done():
            change.set_exception(
                Fault("timeout", f"{place(self.origin)} has sent nothing for {timeout:g} seconds (timeout_seconds).")
            )


class Wires:
    """Opens connections, to checked addresses only, and keeps those that can be used again for a while."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._lookups = asyncio.Semaphore(RESOLVERS)
        self._resolve = resolve or self._look_up
        self._tls = tls
        self._kept: dict[Origin, list[Wire]] = {}
        self._kept_count = 0

    async def open(self, origin: Origin, timeout: float, *, fresh: bool) -> Wire:
        """Return a connection to `origin`: one that was kept, unless `fresh`, else a new one. Raises Fault."""
        while not fresh and (kept := self._kept.get(origin)):
            wire = self._forgotten(kept.pop())
            if wire.reusable:
                return wire
            wire.close()
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(origin)
                return await self._connected(origin, addresses, timeout)
        except TimeoutError:
            raise Fault("timeout", f"Cannot connect to {place(origin)} within {timeout:g} seconds.") from None

    def done(self, wire: Wire) -> None:
        """Take a connection back; it is kept when it can be used again, else closed."""
        if not wire.reusable or self._kept_count >= MAX_KEPT:
            wire.close()
            return
        wire.expiry = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._expired, wire)
        self._kept.setdefault(wire.origin, []).append(wire)
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
        if not self._kept[wire.origin]:
            del self._kept[wire.origin]
        return wire

    def _expired(self, wire: Wire) -> None:
        self._kept[wire.origin].remove(wire)
        self._forgotten(wire).close()

    async def _addresses(self, origin: Origin) -> list[tuple[int, Any]]:
        _, host, port = origin
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Fault("connect", f"Cannot connect to {place(origin)}: the name {host} cannot be resolved.")
        for _, address in addresses:
            # one address inside is enough to refuse: which of them is used would be the name server's choice
            if not self._allow_private and not is_public(address[0]):
                shown = address[0] if address[0] == host else f"{address[0]} of {host}"
                raise Fault(
                    "refused",
                    f"Host {shown} is not a public address; an administrator can allow it with "
                    "SLACKWATER_ALLOW_PRIVATE_SOURCES=true.",
                )
        return addresses

    async def _look_up(self, host: str, port: int) -> list[tuple[int, Any]]:
        def found(flags: int) -> list[tuple[int, Any]]:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
            return list(dict.fromkeys((family, address) for family, _, _, _, address in entries))

        with suppress(OSError):
            return found(socket.AI_NUMERICHOST)
        async with self._lookups:
            return await _in_thread(lambda: found(0))

    async def _connected(self, origin: Origin, addresses: list[tuple[int, Any]], timeout: float) -> Wire:
        reason = ""
        for number, (family, address) in enumerate(addresses):
            share = timeout / (len(addresses) - number + 1) if number + 1 < len(addresses) else timeout
            try:
                async with asyncio.timeout(share):
                    return await self._connect(origin, family, address, timeout)
            except TimeoutError:
                reason = "no answer"
            except ssl.SSLCertVerificationError as error:
                reason = f"its certificate is not valid: {error.verify_message}"
            except ssl.SSLError as error:
                reason = f"TLS failed: {(error.reason or 'the other side does not speak it').lower()}"
            except OSError as error:
                reason = os.strerror(error.errno).lower() if error.errno else str(error) or "it was closed"
        raise Fault("connect", f"Cannot connect to {place(origin)}: {reason}.")

    async def _connect(self, origin: Origin, family: int, address: Any, timeout: float) -> Wire:
        loop = asyncio.get_running_loop()
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
            _, wire = await loop.create_connection(lambda: Wire(origin), sock=sock)
        except BaseException:
            sock.close()
            raise
        try:
            if origin[0] == "https":
                await wire.secure(await self._context(), timeout)
        except BaseException:
            wire.close()
            raise
        return wire

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await _in_thread(_trusting_context)  # reads the certificates: some 20 ms
        return self._tls


T = TypeVar("T")


async def _in_thread(function: Callable[[], T]) -> T:
    """Call a function in a daemon thread of its own.

    An executor's threads are waited for when the service ends, and a name server may be silent for half a minute.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(setter: Callable[[Any], None], outcome: Any) -> None:
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
            loop.call_soon_threadsafe(tell, setter, outcome)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    return await done


def _trusting_context() -> ssl.SSLContext:
    import certifi

    context = ssl.create_default_context()  # the system's authorities, those of an administrator among them
    context.load_verify_locations(certifi.where())  # a slim container has none of its own
    context.set_alpn_protocols(["http/1.1"])
    return context
