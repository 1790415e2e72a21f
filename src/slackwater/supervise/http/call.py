"""Builds one checked request of a wrapper, with its headers, for one hop."""

import math
from dataclasses import dataclass, replace
from importlib.metadata import version

import httpx

from slackwater.pipe.frames import Request
from slackwater.supervise.http.answer_memory import Held
from slackwater.supervise.http.credentials import Access, Header, origin_of
from slackwater.supervise.http.decompression import OFFERED
from slackwater.supervise.http.http11 import Fault

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_CONNECTION = frozenset(
    {
        "host",
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
        "content-length",
        "accept-encoding",
    }
)
# Credentials are the broker's to add. Half an answer may hold half a credential, which no scrubber would recognise.
_NOT_FROM_BELOW = _CONNECTION | {"authorization", "cookie", "range", "if-range"}
MAX_HEADERS = 100  # of a wrapper's request; servers commonly allow as many
MAX_HEADER_BYTES = 64 * 1024  # names and values together; common servers allow 8 to 64 KiB
MAX_URL = 64 * 1024  # characters; chosen: eight times what servers accept by default
_AGENT = f"Slackwater/{version('slackwater')}"


@dataclass(frozen=True)
class Call:
    """One hop: what to send where."""

    method: str
    url: httpx.URL
    headers: tuple[Header, ...]
    content: bytes
    timeout: float  # seconds to connect, and for each read
    held: Held | None  # where the bytes of the answer are counted

    @property
    def kind(self) -> tuple[str, frozenset[str]]:
        """The path and the names of its parameters: what a source knows, or does not."""
        return self.url.path, frozenset(self.url.params)


def call_of(request: Request, access: Access, held: Held | None) -> Call:
    """Return the first hop of a wrapper's request, checked; Fault when it breaks a rule."""
    if request.method not in _METHODS:
        raise Fault("refused", f"The method of a request must be one of {', '.join(sorted(_METHODS))}.")
    _check_size(request)
    wanted = request.timeout
    given = wanted is not None and math.isfinite(wanted) and wanted > 0
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in _NOT_FROM_BELOW)
    return Call(
        method=request.method,
        url=url_of(request.url),
        headers=headers,
        content=request.content,
        timeout=min(wanted, access.timeout) if given and wanted is not None else access.timeout,
        held=held,
    )


def _check_size(request: Request) -> None:
    size = sum(len(name) + len(value) for name, value in request.headers)
    if len(request.headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
        raise Fault(
            "refused",
            f"A request has {len(request.headers):,} headers of {size:,} characters together; {MAX_HEADERS} headers of "
            f"{MAX_HEADER_BYTES:,} are the most.",
        )
    if len(request.url) > MAX_URL:
        raise Fault("refused", f"The URL of a request has {len(request.url):,} characters; {MAX_URL:,} are the most.")


def url_of(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Return a URL that can be asked, without user and fragment; Fault when it cannot."""
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        if url.scheme in {"http", "https"} and url.raw_host:
            return url.copy_with(userinfo=b"", fragment=None) if url.userinfo or url.fragment else url
    except (httpx.InvalidURL, ValueError) as error:
        raise Fault("refused", f"The URL of a request or redirect cannot be used: {error}") from None
    raise Fault(
        "refused", f"Only http:// and https:// URLs can be requested, not {url.scheme or 'a URL without a scheme'}."
    )


def redirected(call: Call, status: int, location: str) -> Call:
    """Return the hop that a redirect asks for; Fault when its URL cannot be asked."""
    url = url_of(location, call.url)
    to_get = (status == 303 and call.method != "HEAD") or (status in {301, 302} and call.method == "POST")
    if not to_get:
        return replace(call, url=url)
    headers = tuple(header for header in call.headers if not header[0].lower().startswith("content-"))
    return replace(call, url=url, method="GET", content=b"", headers=headers)


def headers_of(call: Call, access: Access) -> list[tuple[bytes, bytes]]:
    """Return the headers of a hop.

    Those of the source's own access go before the module's.
    """
    ours = access.headers if origin_of(call.url) == access.origin else ()
    chosen: dict[str, list[Header]] = {"user-agent": [("User-Agent", _AGENT)], "accept": [("Accept", "*/*")]}
    for group in (call.headers, tuple(header for header in ours if header[0].lower() not in _CONNECTION)):
        named: dict[str, list[Header]] = {}
        for header in group:
            named.setdefault(header[0].lower(), []).append(header)
        chosen |= named
    sent = [(b"Host", call.url.netloc), (b"Accept-Encoding", OFFERED)]
    if call.content or call.method not in {"GET", "HEAD", "OPTIONS", "DELETE"}:
        sent.append((b"Content-Length", str(len(call.content)).encode("ascii")))
    return sent + [(name.encode(), value.encode()) for group in chosen.values() for name, value in group]
