"""Who may come in.

Every route of a guarded router asks for a key before it reads a byte of the body.
"""

import asyncio
import hmac
import json
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.routing import Match
from starlette.types import Message, Receive, Scope

from slackwater.errors import BadInput
from slackwater.store.access import keys
from slackwater.store.access.audit import Entry, Kind
from slackwater.store.access.keys import KeyRecord, Role
from slackwater.store.engine.database import Database
from slackwater.web.security.audit_writer import Trail
from slackwater.web.security.rate_limit import CallerRates
from slackwater.web.security.sessions import Caller, Sessions
from slackwater.web.security.tokens import Verifier
from slackwater.web.transport.error_handlers import code_of

REMEMBERED_SECONDS = 1.0  # a revoked key is accepted no longer than that
MAX_BODY = 4 * 1024 * 1024  # bytes of a JSON body; uploads have a limit of their own
MAX_ANSWER_READ = 64 * 1024  # bytes of an answer in which the id of what was made is looked for

READING = frozenset({"GET"})  # HEAD has become GET at the edge
_BEARER = HTTPBearer(
    auto_error=False,
    description="An API key (`slackwater keys create` makes one), or a JWT of the configured identity provider.",
)
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key, in a header of its own.")


class Doorkeeper:
    """Knows whose a key or a token is.

    Remembers keys for a second, counts requests, and writes the trail.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        rates: CallerRates,
        trail: Trail,
        sessions: Sessions,
        verifier: Verifier | None = None,
        *,
        public_read: bool = False,
    ) -> None:
        self.public_read = public_read
        self.trail = trail
        self.sessions = sessions
        self._database = database
        self._clock = clock
        self._rates = rates
        self._verifier = verifier
        self._known: dict[str, tuple[KeyRecord, float]] = {}  # hash → key, until when

    async def admit(self, request: Request, *, admin: bool, form_token: str | None = None) -> Caller:
        """Return who asks, when they may; HTTPException otherwise, and an entry in the trail.

        A key or a token in a header counts before the session of a browser. `form_token`: see Sessions.must_be_ours.
        """
        credential = _credential_of(request)
        if not credential:
            caller = await self._signed_in(request, form_token)
        elif self._verifier is not None and self._verifier.is_token(credential):
            caller = await self._bearer(request, self._verifier, credential)
        else:
            caller = await self._holder(request, credential)
        await self._take(caller)
        if caller.role is None:
            raise self._forbidden(request, caller, "This token has neither the role admin nor viewer.")
        if admin and caller.role is not Role.ADMIN:
            raise self._forbidden(request, caller, "This API key may only read; use one with the role admin.")
        return caller

    async def _take(self, caller: Caller) -> None:
        if wait := await self._rates.admit(caller.who):
            raise HTTPException(
                429, "Too many requests with this API key; slow down.", headers={"Retry-After": str(math.ceil(wait))}
            )

    async def admit_reader(self, request: Request) -> Caller:
        """Return who reads what the setting `public_read` opens: a caller by credentials, else by address.

        A wrong key is refused there, too; an ended session is not, since browsers send its cookie unasked.
        """
        if _credential_of(request) or await self.sessions.visitor(request) is not None:
            return await self.admit(request, admin=False)
        return await self.admit_anonymous(request)

    async def admit_anonymous(self, request: Request) -> Caller:
        """Return whoever asks, by address, for what needs no credentials; HTTPException when too often."""
        caller = Caller(f"address:{request.client.host if request.client else ''}", None, Role.VIEWER)
        await self._take(caller)
        return caller

    async def _signed_in(self, request: Request, form_token: str | None) -> Caller:
        visitor = await self.sessions.visitor(request)
        if visitor is None and self.sessions.token_of(request):
            raise self._refused(request, "The session has ended; sign in again.", note="ended session")
        if visitor is None:
            raise self._refused(request, "Give an API key, as `Authorization: Bearer <key>` or `X-API-Key: <key>`.")
        if request.method not in READING:
            try:
                self.sessions.must_be_ours(request, visitor, form_token)
            except HTTPException:
                self.trail.refused(self._entry(request, Kind.REFUSAL, visitor.caller, 403, "not a page of ours"))
                raise
        return visitor.caller

    async def key_of(self, request: Request, key: str) -> KeyRecord:
        """Return the key that somebody signs in with.

        HTTPException when it accepts nobody, and an entry in the trail.

        Success is written as well: who signs in is a deed.
        """
        caller = await self._holder(request, key)
        await self.record(request, caller, 200, None)
        record = await self._record(key)
        assert record is not None
        return record

    async def _holder(self, request: Request, key: str) -> Caller:
        record = await self._record(key)
        caller = None if record is None else Caller(record.key_id, record.name, record.role)
        why = "unknown" if record is None else record.refusal(self._clock())
        if caller is None or why is not None:
            raise self._refused(
                request, "The API key is not valid; `slackwater keys create` makes a new one.", caller, f"{why} key"
            )
        return caller

    async def _record(self, key: str) -> KeyRecord | None:
        digest = keys.hash_of(key)
        record, until = self._known.get(digest, (None, 0.0))
        if record is not None and time.monotonic() < until:
            return record
        self._known.pop(digest, None)
        record = await asyncio.wrap_future(self._database.read(lambda c: keys.find_by_hash(c, digest)))
        if record is None or not hmac.compare_digest(record.hash, digest):
            return None
        self._known[digest] = (record, time.monotonic() + REMEMBERED_SECONDS)
        return record

    async def _bearer(self, request: Request, verifier: Verifier, token: str) -> Caller:
        try:
            bearer = await verifier.verify(token)
        except BadInput as error:
            raise self._refused(request, f"The token is not valid: {error}.", note=f"token: {error}") from None
        return Caller(f"sub:{bearer.subject}", bearer.name, bearer.role)

    def _refused(
        self, request: Request, sentence: str, caller: Caller | None = None, note: str = "no key"
    ) -> HTTPException:
        self.trail.refused(self._entry(request, Kind.REFUSAL, caller, 401, note))
        return HTTPException(401, sentence, headers={"WWW-Authenticate": "Bearer"})

    def _forbidden(self, request: Request, caller: Caller, sentence: str) -> HTTPException:
        self.trail.refused(self._entry(request, Kind.REFUSAL, caller, 403, None))
        return HTTPException(403, sentence)

    def record_refusal(self, request: Request, caller: Caller | None, status: int, note: str) -> None:
        """Write somebody whom the identity provider, or we, did not accept."""
        self.trail.refused(self._entry(request, Kind.REFUSAL, caller, status, note))

    async def record(self, request: Request, caller: Caller, status: int, made: str | None) -> None:
        """Write a change into the trail, before it is answered."""
        await self.trail.done(self._entry(request, Kind.DEED, caller, status, None, made))

    def _entry(
        self,
        request: Request,
        kind: Kind,
        caller: Caller | None,
        status: int,
        note: str | None,
        made: str | None = None,
    ) -> Entry:
        route = request.scope.get("route")
        target = next(iter(request.path_params.values()), None) or made
        return Entry(
            at=self._clock(),
            kind=kind,
            method=request.method,
            status=status,
            note=note,
            route=getattr(route, "path", request.url.path),
            target=None if target is None else str(target),
            who=caller.who if caller else None,
            name=caller.name if caller else None,
            role=caller.role if caller else None,
            address=request.client.host if request.client else None,
        )


class GuardedRoute(APIRoute):
    """A route for holders of a key.

    Any key for reading, an admin's for everything else.
    """

    admins_only = False
    may_be_public = False  # for reading, by the setting `public_read`

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take no path that is spelled out in another route for one with an id.

        There is no resource `wrappers`.
        """
        if self.param_convertors and scope["path"] in scope["app"].state.spelled_out:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the check before all that FastAPI does with a request."""
        handle = super().get_route_handler()
        has_body = self.body_field is not None

        async def guarded(request: Request) -> Response:
            doorkeeper: Doorkeeper = request.app.state.doorkeeper
            reading = request.method in READING
            if reading and self.may_be_public and doorkeeper.public_read:
                caller = request.state.caller = await doorkeeper.admit_reader(request)
            else:
                caller = request.state.caller = await doorkeeper.admit(request, admin=self.admins_only or not reading)
            if reading:
                return await handle(request)
            status, made = 500, None
            try:
                if has_body:
                    _refuse_large(request.headers.get("content-length", "0"))
                    request = Request(request.scope, limited(request.receive))
                response = await handle(request)
                status, made = response.status_code, _made(response)
                return response
            except Exception as error:
                status = code_of(error)
                raise
            finally:
                await doorkeeper.record(request, caller, status, made)

        return guarded


class AdminRoute(GuardedRoute):
    """A route for admins alone, reading included."""

    admins_only = True


class ResourceRoute(GuardedRoute):
    """A route of the published series, which the setting `public_read` opens for reading."""

    may_be_public = True


def guarded_router(prefix: str, tag: str, route_class: type[GuardedRoute] = GuardedRoute) -> APIRouter:
    """Return a router that requires a key.

    Its operations say so in the OpenAPI document.
    """
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=route_class, dependencies=[Security(_BEARER), Security(_HEADER)]
    )


def _credential_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key", "").strip()


def _made(response: Response) -> str | None:
    """Return the id of what a request without an id has made."""
    body = getattr(response, "body", b"")
    if not 0 < len(body) <= MAX_ANSWER_READ:
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    found = (
        [answer.get(name) for name in ("wrapper_id", "file_id", "share_id", "id")] if isinstance(answer, dict) else []
    )
    return next((each for each in found if isinstance(each, str)), None)


def _refuse_large(length: str) -> None:
    if length.isdecimal() and int(length[:20]) > MAX_BODY:
        raise HTTPException(413, f"The body is larger than {MAX_BODY // 2**20} MiB.")


def limited(receive: Receive) -> Receive:
    """Return `receive` with an end: 413 for a body larger than `MAX_BODY`."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise HTTPException(413, f"The body is larger than {MAX_BODY // 2**20} MiB.")
        return message

    return counted
