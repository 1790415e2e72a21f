"""One connection to a source: HTTP/1.1 over it, whose grammar is h11's."""

import asyncio
import ssl
from typing import Any, Literal, NoReturn

import h11

from slackwater.outbound import Proxy
from slackwater.supervise.http.credentials import ClientCertificate, Origin

HIGH_WATER = 1024 * 1024  # bytes received and not yet read, above which the source has to wait
MAX_HEAD = 64 * 1024  # bytes of status line and headers
PROXY_LOGIN = 407  # the status of a proxy that asks for credentials


class Fault(Exception):  # noqa: N818 - an outcome that becomes an answer
    """A failed request: its sentence for people, and whether a retry may help."""

    def __init__(
        self, kind: Literal["refused", "timeout", "connect", "protocol"], sentence: str, *, passing: bool = True
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.passing = passing and kind != "refused"


def place(origin: Origin) -> str:
    """Return an origin as it is shown to people: host and port."""
    _, host, port = origin
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Wire(asyncio.Protocol):
    """One connection to a source. `ask`, then `chunk` to the end.

    `reusable` says whether to ask again.
    """

    def __init__(
        self, origin: Origin, proxy: Proxy | None = None, certificate: ClientCertificate | None = None
    ) -> None:
        self.origin = origin
        self.certificate = certificate  # that it has shown
        self.proxy = proxy  # that is asked in our stead
        self.asked = 0  # requests sent
        self.untouched = True  # nothing has come back for the request under way
        self.expiry: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._received: list[bytes] = []
        self._size = 0
        self._ended = False
        self._lost: Exception | None = None
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
        self._lost = error
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
        """Whether another request can be sent: last answer complete, neither side closed."""
        return (
            not self._ended
            and not self._received
            and self._http.trailing_data == (b"", False)  # else the next answer would be one that nobody asked for
            and self._http.our_state is h11.IDLE
            and self._http.their_state is h11.IDLE
        )

    async def tunnel(self, timeout: float) -> None:
        """Have the proxy connect us to the origin; Fault when it does not."""
        assert self.proxy is not None
        target = place(self.origin).encode("ascii")
        request = h11.Request(method=b"CONNECT", target=target, headers=[(b"Host", target), *self.proxy.headers])
        answer = await self.ask(request, b"", timeout)
        self.check_proxy(answer.status_code)
        if not 200 <= answer.status_code < 300:
            raise Fault(
                "connect",
                f"The proxy {self.proxy.place} does not connect to {place(self.origin)}: it answered "
                f"{answer.status_code}.",
            )
        if self._received or self._http.trailing_data[0]:
            raise Fault("protocol", f"The proxy {self.proxy.place} speaks in the place of {place(self.origin)}.")
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self.asked, self.untouched = 0, True

    def check_proxy(self, status: int) -> None:
        """Raise Fault when the proxy does not let us in."""
        if status == PROXY_LOGIN and self.proxy is not None:
            raise Fault(
                "connect",
                f"The proxy {self.proxy.place} answered 407: it asks for a name and a password, or for others; set "
                "SLACKWATER_PROXY.",
            )

    async def secure(self, context: ssl.SSLContext, host: str, timeout: float) -> None:
        """Put TLS on the connection and verify the host's name. Raises OSError (ssl.SSLError) or TimeoutError.

        `timeout` is in seconds.
        """
        transport = await asyncio.get_running_loop().start_tls(
            self._open, self, context, server_hostname=host.rstrip("."), ssl_handshake_timeout=max(timeout, 0.001)
        )
        if transport is None:
            raise ConnectionResetError("closed during the TLS handshake")
        self._transport = transport

    async def ask(self, request: h11.Request, content: bytes, timeout: float) -> h11.Response:
        """Send a request and return the head of its answer.

        Fault when none comes within `timeout` seconds.
        """
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
        """Return what comes next of the answer's body, None at its end.

        Fault when it breaks off or stalls.
        """
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
        if isinstance(self._lost, ssl.SSLError):  # such as a client certificate that it does not accept
            reason = (self._lost.reason or "it gave no reason").lower().replace("_", " ")
            ours = "certificate" in reason or "unknown ca" in reason  # an alert of the other side is about ours
            raise Fault(
                "refused" if ours else "connect",
                f"{where} ended the TLS connection: {reason}"
                f"{'; give client_certificate, or another one' if ours else ''}.",
            ) from None
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
