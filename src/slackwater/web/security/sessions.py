"""Who is signed in: the cookie of a browser → a caller.

And what tells a page of ours from somebody else's.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response

from slackwater.model.instants import SECOND
from slackwater.store.access import sessions
from slackwater.store.access.keys import KeyRecord, Role
from slackwater.store.engine.database import Database

COOKIE = "slackwater_session"
CSRF_HEADER = "X-CSRF-Token"
REMEMBERED_SECONDS = 1.0  # a session that was ended elsewhere, or whose key was revoked, lasts no longer than that
MAX_REMEMBERED = 10_000  # sessions at once; chosen: some MiB of memory
MAX_TOKEN = 200  # characters; our tokens have below 60

OTHERS_PAGE = "This request comes from a page of another site; use the console's own pages."
NO_CSRF = f"The request lacks the {CSRF_HEADER} of this session; load the page again."


@dataclass(frozen=True)
class Caller:
    """Who asks: `who` is a key's id or a token's subject."""

    who: str
    name: str | None
    role: Role | None


@dataclass(frozen=True)
class Visitor:
    """A browser that is signed in.

    `csrf`: what its pages send along to show that they are ours.
    """

    caller: Caller
    csrf: str
    expires_at: int  # µs since the epoch

    @property
    def is_admin(self) -> bool:
        """Whether this visitor may change something."""
        return self.caller.role is Role.ADMIN


class Sessions:
    """Opens, finds and ends sessions. `lasts` in seconds.

    `issuer` is the identity provider that counts today.
    """

    def __init__(
        self, database: Database, clock: Callable[[], int], lasts: float, issuer: str | None, public_url: str | None
    ) -> None:
        self.lasts = lasts
        self._database = database
        self._clock = clock
        self._issuer = issuer
        self._public_url = public_url
        self._known: dict[str, tuple[Visitor, float]] = {}  # hash of a token → visitor, until when

    async def visitor(self, request: Request) -> Visitor | None:
        """Return who is signed in in the browser that asks.

        None when nobody is (any more).
        """
        token = self.token_of(request)
        if not token:
            return None
        digest = hashlib.sha256(token.encode()).hexdigest()
        visitor, until = self._known.get(digest, (None, 0.0))
        if visitor is not None and time.monotonic() < until and self._clock() < visitor.expires_at:
            return visitor
        self._known.pop(digest, None)
        now = self._clock()
        found = await asyncio.wrap_future(self._database.read(lambda c: sessions.find(c, token, now)))
        if found is None or found.issuer not in (None, self._issuer):
            return None
        visitor = Visitor(Caller(found.who, found.name, found.role), csrf_of(token), found.expires_at)
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[digest] = (visitor, time.monotonic() + REMEMBERED_SECONDS)
        return visitor

    async def begin_by_key(self, key: KeyRecord) -> str:
        """Open a session for the holder of a key; return its token."""
        lasts, now = int(self.lasts * SECOND), self._clock()
        return await asyncio.wrap_future(
            self._database.write(lambda c: sessions.begin_by_key(c, key, now, lasts), urgent=True)
        )

    async def begin_by_issuer(self, caller: Caller) -> str:
        """Open a session for somebody whom the identity provider vouches for; return its token."""
        now = self._clock()
        assert caller.role is not None
        role = caller.role
        return await asyncio.wrap_future(
            self._database.write(
                lambda c: sessions.begin(
                    c,
                    who=caller.who,
                    name=caller.name,
                    role=role,
                    now=now,
                    expires_at=now + int(self.lasts * SECOND),
                    issuer=self._issuer,
                ),
                urgent=True,
            )
        )

    async def end(self, request: Request) -> None:
        """End the session of the browser that asks."""
        token = self.token_of(request)
        self._known.pop(hashlib.sha256(token.encode()).hexdigest(), None)
        await asyncio.wrap_future(self._database.write(lambda c: sessions.end(c, token), urgent=True))

    def token_of(self, request: Request) -> str:
        """Return the token that the browser sent, "" when it sent none."""
        token = request.cookies.get(self.cookie_name(request), "")
        return token if len(token) <= MAX_TOKEN and token.isascii() else ""

    def cookie_name(self, request: Request) -> str:
        """Return the cookie's name.

        Over https one that no other host and no plain http can set.
        """
        return f"__Host-{COOKIE}" if self.is_secure(request) else COOKIE

    def set_cookie(
        self,
        request: Request,
        response: Response,
        name: str,
        value: str,
        *,
        seconds: float,
        http_only: bool = True,
        same_site: Literal["lax", "strict"] = "lax",
    ) -> None:
        """Give the browser a cookie that it sends to us alone."""
        response.set_cookie(
            name,
            value,
            max_age=int(seconds),
            path="/",
            secure=self.is_secure(request),
            httponly=http_only,
            samesite=same_site,
        )

    def is_secure(self, request: Request) -> bool:
        """Say whether browsers reach us over https."""
        return self.base_url(request).startswith("https://")

    def base_url(self, request: Request) -> str:
        """Return the address under which browsers reach us, without a slash at its end."""
        return (self._public_url or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")

    def is_foreign(self, request: Request) -> bool:
        """Say whether a browser tells that the request comes from a page of another site.

        Browsers send Origin or Sec-Fetch-Site with whatever may change something; programs send neither.
        """
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = request.headers.get("origin")
        return origin is not None and urlsplit(origin).netloc not in (
            request.headers.get("host"),
            urlsplit(self.base_url(request)).netloc,
        )

    def must_be_ours(self, request: Request, visitor: Visitor, token: str | None = None) -> None:
        """Raise 403 unless a changing request comes from a page of this session.

        `token` is what a form without script has sent along instead of the header.
        """
        if self.is_foreign(request):
            raise HTTPException(403, OTHERS_PAGE)
        given = request.headers.get(CSRF_HEADER) or token or ""
        if not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
            raise HTTPException(403, NO_CSRF)


def csrf_of(token: str) -> str:
    """Return what the pages of a session send along.

    Known to who has the cookie, and of no use as one.
    """
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()
