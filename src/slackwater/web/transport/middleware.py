"""The outermost layer.

One spelling of each path, safe headers on each answer, and no bare 500.
"""

import asyncio
import contextlib
import secrets
import traceback

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slackwater.web.transport.error_handlers import Lost, is_for_a_browser

log = structlog.get_logger("slackwater.web")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"  # for answers that are data
# For pages that bring no policy of their own.
_PAGE = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_MAY_BE_FRAMED = "frame-ancestors *"
_HTTPS_ONLY = "max-age=31536000"
PAUSE_SECONDS = 30.0  # between two pieces of a body


class Edge:
    """Wraps the application. `body_seconds`: in which the whole body of a request must have arrived.

    `lost` makes the page that a browser gets of an error.
    """

    def __init__(self, app: ASGIApp, body_seconds: float = 600.0, lost: Lost | None = None) -> None:
        self._app = app
        self._body_seconds = body_seconds
        self._lost = lost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, receive, send = _as_get(scope, send)
        begun = False

        async def guarded_send(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _add_headers(MutableHeaders(scope=message), secure=scope.get("scheme") == "https")
            await send(message)

        try:
            await self._app(_without_slash(scope), _in_time(receive, self._body_seconds), guarded_send)
        except Exception as error:  # noqa: BLE001 - the outer edge: whatever it was, the client gets a sentence
            reference = secrets.token_hex(6)
            _report(error, reference, scope)
            # After its first byte an answer cannot be taken back; breaking it off tells the client that it is cut.
            if not begun:
                sentence = f"Something went wrong inside Slackwater; its log says more under the reference {reference}."
                await (await self._broken(scope, sentence))(scope, receive, guarded_send)

    async def _broken(self, scope: Scope, sentence: str) -> Response:
        request = Request(scope)
        if self._lost is not None and is_for_a_browser(request):
            with contextlib.suppress(Exception):  # a page may fail for the same reason
                return await self._lost(request, HTTPException(500, sentence))
        return JSONResponse({"detail": sentence}, 500)


def _as_get(scope: Scope, send: Send) -> tuple[Scope, Receive, Send]:
    """Let HEAD be answered wherever GET is, by the same route.

    What would come after the headers is not produced.
    """
    asked, answered = False, asyncio.Event()

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await answered.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            answered.set()

    return {**scope, "method": "GET"}, receive, send_head


def _without_slash(scope: Scope) -> Scope:
    path = scope["path"]
    if len(path) == 1 or not path.endswith("/"):
        return scope
    return {**scope, "path": path.rstrip("/") or "/", "raw_path": (scope.get("raw_path") or b"").rstrip(b"/") or b"/"}


def _in_time(receive: Receive, seconds: float) -> Receive:
    """Return `receive` with an end.

    A client that drips its body holds a request for ever.
    """
    deadline: float | None = None
    arrived = False

    async def timed() -> Message:
        nonlocal deadline, arrived
        if arrived:
            return await receive()  # what comes now is the client's leaving, which may take its time
        now = asyncio.get_running_loop().time()
        deadline = deadline or now + seconds
        try:
            async with asyncio.timeout_at(min(deadline, now + PAUSE_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise HTTPException(
                408, "The body of the request did not arrive in time.", headers={"Connection": "close"}
            ) from None
        arrived = not message.get("more_body", False)
        return message

    return timed


def _add_headers(headers: MutableHeaders, *, secure: bool) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if _MAY_BE_FRAMED in headers.get("content-security-policy", ""):
        del headers["X-Frame-Options"]  # which knows no way to say it
    page = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", _PAGE if page else _NO_PAGE)
    if secure:
        headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)


def _report(error: Exception, reference: str, scope: Scope) -> None:
    # The error's own text may quote what a client sent, credentials too; its type and the lines it passed do not.
    lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error(
        "request failed", reference=reference, method=scope["method"], error=type(error).__qualname__, at=lines[-8:]
    )
