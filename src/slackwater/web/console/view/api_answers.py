"""Shows API answers in a browser as a page with a link to the console.

Programs get what they always get: a page is given to who asks for `text/html`, not for JSON, and brings no key.
"""

import json
import re
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slackwater.web.console.route import to_sign_in
from slackwater.web.console.view.render import page
from slackwater.web.security.auth import Doorkeeper

_HTML, _JSON = "text/html", "application/json"
_PLACES = (
    (re.compile(r"/resources/wrappers/files(?:/.*)?"), "/new"),
    (re.compile(r"/resources/wrappers/?"), "/"),
    (re.compile(r"/resources/wrappers/([0-9a-f-]{36})/(runs|checkpoint|logs)/?"), r"/wrappers/\1#\2"),
    (re.compile(r"/resources/wrappers/([0-9a-f-]{36})(?:/.*)?"), r"/wrappers/\1"),
    (re.compile(r"/alerts(?:/.*)?"), "/console/alerts"),
    (re.compile(r"/resources/?"), "/data"),
    (re.compile(r"/resources/([0-9a-f]{24})(?:/.*)?"), r"/data/\1"),
)


def place_of(path: str) -> str:
    """Return the page that shows people what the API has at a path."""
    for pattern, place in _PLACES:
        if found := pattern.fullmatch(path):
            return found.expand(place).replace("#logs", "#log")
    return "/"


class Pages:
    """Stands before the API, and makes pages of its JSON for browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _is_browser(request := Request(scope, receive)):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        passing = False

        async def kept(message: Message) -> None:
            nonlocal passing
            if message["type"] == "http.response.start":
                headers = {name.lower(): value for name, value in message["headers"]}
                passing = not headers.get(b"content-type", b"").startswith(_JSON.encode())
            if passing:  # a download, the live log
                await send(message)
            else:
                held.append(message)

        await self._app(scope, receive, kept)
        if held:
            answer = await _page(request, held)
            await answer(scope, receive, send)


def install(app: FastAPI) -> None:
    """Put the pages before the API."""
    app.add_middleware(Pages)


def _is_browser(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return (
        request.method in ("GET", "HEAD")
        and request.url.path.startswith(("/resources", "/alerts"))
        and _HTML in accepted
        and _JSON not in accepted
        and not {"authorization", "x-api-key"}.intersection(request.headers)
    )


async def _page(request: Request, held: list[Message]) -> ASGIApp:
    status: int = held[0]["status"]
    body = b"".join(message.get("body", b"") for message in held[1:])
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    request.state.visitor = await doorkeeper.sessions.visitor(request)
    if status == 401 and request.state.visitor is None:
        return to_sign_in(request)
    answer: Any = json.loads(body)
    text = json.dumps(answer, ensure_ascii=False, indent=2)
    place = place_of(request.url.path)
    return page(request, "api_answer.html", status=status, text=text, place=place)
