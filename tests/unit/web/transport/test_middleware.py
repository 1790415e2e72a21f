"""What the outermost layer answers when all else has failed."""

import asyncio
from typing import Any

import pytest
from fastapi.responses import HTMLResponse

from slackwater.web.transport.middleware import Edge

SENTENCE = "Something went wrong inside Slackwater"


async def broken(*_: Any) -> None:
    raise ZeroDivisionError


async def page(_request: Any, error: Any) -> HTMLResponse:
    return HTMLResponse(f"<p>{error.detail}</p>", error.status_code)


async def no_page(*_: Any) -> HTMLResponse:
    raise OSError


def answered(lost: Any, accept: str, method: str = "GET") -> tuple[int, str, str]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"accept", accept.encode())]
    scope = {"type": "http", "method": method, "path": "/", "headers": headers, "query_string": b"", "scheme": "http"}
    asyncio.run(Edge(broken, lost=lost)(scope, receive, send))
    kind = dict(sent[0]["headers"])[b"content-type"].decode()
    return sent[0]["status"], kind.partition(";")[0], b"".join(each.get("body", b"") for each in sent[1:]).decode()


@pytest.mark.parametrize(
    ("lost", "accept", "method", "kind"),
    [
        (page, "text/html,*/*", "GET", "text/html"),
        (page, "application/json", "GET", "application/json"),
        (page, "text/html", "POST", "application/json"),
        (no_page, "text/html", "GET", "application/json"),
        (None, "text/html", "GET", "application/json"),
    ],
)
def test_a_browser_gets_a_page_of_a_fault_of_ours_if_there_can_be_one(lost, accept, method, kind):
    status, told, body = answered(lost, accept, method)
    assert (status, told) == (500, kind)
    assert SENTENCE in body
