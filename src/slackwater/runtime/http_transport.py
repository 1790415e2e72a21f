"""The `http` of a wrapper: an ordinary httpx client whose transport asks the supervisor."""

from collections.abc import Awaitable, Callable

import httpx

from slackwater.pipe.frames import Response

Send = Callable[[str, str, list[tuple[str, str]], bytes, float | None], Awaitable[Response]]
"""Method, URL, headers, content and timeout in seconds (None = the source's own) → the supervisor's answer."""

AFRESH = {"Cache-Control": "no-cache"}  # nobody on the way may answer for the source
DOWN = frozenset({408, 425, 429, 502, 503, 504})  # no answer to the question, but a source that is not there

_UNDONE = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # the supervisor has undone them


class HostRefused(httpx.RequestError):
    """The supervisor may not send this request, or not pass on its answer.

    The message says which rule forbids it.
    """


_ERRORS: dict[str, type[httpx.RequestError]] = {
    "refused": HostRefused,
    "timeout": httpx.ReadTimeout,
    "connect": httpx.ConnectError,
    "protocol": httpx.RemoteProtocolError,
}


class SupervisorTransport(httpx.AsyncBaseTransport):
    """Sends requests up the pipe.

    Makes httpx answers, or httpx errors, of what comes back.

    `response.extensions["retry_after"]` holds the seconds that the source has asked for, if it has.
    """

    def __init__(self, send: Send) -> None:
        self._send = send

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer of the source; HostRefused, ReadTimeout, ConnectError or RemoteProtocolError without."""
        answer = await self._send(
            request.method,
            str(request.url),
            request.headers.multi_items(),
            await request.aread(),
            request.extensions.get("timeout", {}).get("read"),
        )
        if answer.error is not None:
            raise _ERRORS[answer.error_kind](answer.error, request=request)
        if answer.url and answer.url != str(request.url):
            request.url = httpx.URL(answer.url)  # links in the answer are relative to where it came from
        return httpx.Response(
            answer.status,
            headers=[header for header in answer.headers if header[0].lower() not in _UNDONE],
            content=answer.content,
            extensions={} if answer.retry_after is None else {"retry_after": answer.retry_after},
        )


def client(send: Send) -> httpx.AsyncClient:
    """Return a client that reaches sources through `send` alone.

    No environment, no cookies, no TLS of its own.

    Redirects are followed by the supervisor. Without a timeout of its own a request has the source's.
    """
    return httpx.AsyncClient(
        transport=SupervisorTransport(send),
        cookies=None,
        follow_redirects=False,
        timeout=None,  # noqa: S113
        trust_env=False,
        verify=False,  # noqa: S501
    )
