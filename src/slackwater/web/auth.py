"""Who may come in. Every route of a guarded router asks for a key before it reads a byte of the body."""

import asyncio
import hmac
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.routing import Match
from starlette.types import Message, Receive, Scope

from slackwater.store import keys
from slackwater.store.database import Database
from slackwater.store.keys import Role

REMEMBERED_SECONDS = 1.0  # a revoked key is let in no longer than that
MAX_BODY = 4 * 1024 * 1024  # bytes of a JSON body; uploads have a limit of their own

READING = frozenset({"GET"})  # HEAD has become GET at the edge
_BEARER = HTTPBearer(auto_error=False, description="An API key. `slackwater keys create` makes one.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, in a header of its own.")


class Doorkeeper:
    """Knows the role of a key, and remembers it for a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[Role, float]] = {}  # hash → role, until when

    async def role_of(self, key: str) -> Role | None:
        """Return the role of a key; None when it is unknown or revoked."""
        digest = keys.hash_of(key)
        role, until = self._known.get(digest, (None, 0.0))
        if role is not None and time.monotonic() < until:
            return role
        self._known.pop(digest, None)
        record = await asyncio.wrap_future(self._database.read(lambda c: keys.find_by_hash(c, digest)))
        if record is None or record.revoked_at is not None or not hmac.compare_digest(record.hash, digest):
            return None
        self._known[digest] = (record.role, time.monotonic() + REMEMBERED_SECONDS)
        return record.role


class GuardedRoute(APIRoute):
    """A route for holders of a key: any key for reading, an admin's for everything else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take no path that is spelled out in another route for one with an id: there is no resource `wrappers`."""
        if self.param_convertors and scope["path"] in scope["app"].state.spelled_out:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the check before all that FastAPI does with a request."""
        handle = super().get_route_handler()
        has_body = self.body_field is not None

        async def guarded(request: Request) -> Response:
            await _admit(request)
            if has_body:
                _refuse_large(request.headers.get("content-length", "0"))
                request = Request(request.scope, _limited(request.receive))
            return await handle(request)

        return guarded


def guarded_router(prefix: str, tag: str) -> APIRouter:
    """Return a router that lets nobody in without a key, and whose operations say so in the OpenAPI document."""
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=GuardedRoute, dependencies=[Security(_BEARER), Security(_HEADER)]
    )


async def _admit(request: Request) -> None:
    key = _key_of(request)
    if not key:
        raise _unknown("Give an API key, as `Authorization: Bearer <key>` or `X-API-Key: <key>`.")
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    role = await doorkeeper.role_of(key)
    if role is None:
        raise _unknown("The API key is not valid; `slackwater keys create` makes a new one.")
    if role is not Role.ADMIN and request.method not in READING:
        raise HTTPException(403, "This API key may only read; use one with the role admin.")


def _key_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key", "").strip()


def _unknown(sentence: str) -> HTTPException:
    return HTTPException(401, sentence, headers={"WWW-Authenticate": "Bearer"})


def _refuse_large(length: str) -> None:
    if length.isdecimal() and int(length[:20]) > MAX_BODY:
        raise HTTPException(413, f"The body is larger than {MAX_BODY // 2**20} MiB.")


def _limited(receive: Receive) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise HTTPException(413, f"The body is larger than {MAX_BODY // 2**20} MiB.")
        return message

    return counted
