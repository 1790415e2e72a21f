"""Keeps OAuth 2.0 access tokens of sources until expiry; refreshes each once.

Two grants are supported: the client's own credentials, and a refresh token. A refresh token that the source replaces is
stored before the access token that came with it is used: the old one may be void from then on.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from slackwater.supervise.http.access_grant import Grant
from slackwater.supervise.http.http11 import Fault

MARGIN = 30.0  # seconds before its end that a token is no longer used; a tenth of a short life
MOST_KEPT = 10_000  # tokens of as many sources
LAST_WAIT = 3.0  # seconds, as long as the runs have to end; chosen: service managers wait for 10 and more
MOST_SAID = 200  # characters of what a source says

Post = Callable[[str, list[tuple[str, str]], bytes], Awaitable[tuple[int, bytes]]]
"""URL, headers and form → status and body; Fault when nothing comes."""


class Kept(Protocol):
    """Where refresh tokens that a source has given outlive the service."""

    async def load(self, key: str) -> str | None:
        """Return the newest refresh token, None when there is none but the configured one."""
        ...

    async def save(self, key: str, token: str) -> None:
        """Keep a refresh token; it is on the disk when this returns."""
        ...


@dataclass
class _Token:
    text: str = ""
    until: float = 0.0  # time.monotonic()
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tokens:
    """The access tokens of all sources.

    One request at a time for each grant, however many wrappers need it.
    """

    def __init__(self, kept: Kept | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept = kept
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._under_way: set[asyncio.Future[str]] = set()

    async def token(self, grant: Grant, post: Post, *, instead_of: str | None = None) -> str:
        """Return an access token that is good for now, another than `instead_of`.

        Fault says why there is none.
        """
        while len(self._tokens) >= MOST_KEPT and grant.key not in self._tokens:
            del self._tokens[next(iter(self._tokens))]
        held = self._tokens.setdefault(grant.key, _Token())
        wanted = self._wanted(held, grant, post, instead_of)
        if grant.refresh_token is None:
            return await wanted
        # Whoever asked may be gone before the answer, which may hold the only refresh token that is still good.
        task = asyncio.ensure_future(wanted)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Wait, not for long, for the refresh tokens that are on their way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_WAIT)

    async def _wanted(self, held: _Token, grant: Grant, post: Post, instead_of: str | None) -> str:
        async with held.turn:
            if not held.text or held.text == instead_of or self._clock() >= held.until:
                held.text, held.until = await self._requested(grant, post)
            return held.text

    async def _requested(self, grant: Grant, post: Post) -> tuple[str, float]:
        refresh = grant.refresh_token
        if refresh is not None and self._kept is not None:
            refresh = await self._kept.load(grant.key) or refresh
        begun = self._clock()
        headers, form = grant.request(refresh)
        status, body = await post(grant.url, headers, form)
        answer = _read(status, body, grant)
        text = answer.get("access_token")
        if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()) or " " in text:
            raise Fault("refused", f"{grant.url} gave no access_token that can be used (token_url).")
        kind = answer.get("token_type", "bearer")
        if str(kind).lower() != "bearer":
            raise Fault("refused", f"{grant.url} gave a token of the type {str(kind)[:40]!r}; only bearer is spoken.")
        replaced = answer.get("refresh_token")
        if refresh is not None and isinstance(replaced, str) and replaced and replaced != refresh and self._kept:
            await asyncio.shield(self._kept.save(grant.key, replaced))
        return text, begun + _lifetime(answer.get("expires_in"))


def _lifetime(answer: Any) -> float:
    """Return for how many seconds a token is used.

    One that names no end is used until it is refused.
    """
    try:
        seconds = float(answer)
    except (TypeError, ValueError):
        return float("inf")
    return max(0.0, seconds - min(MARGIN, seconds / 10))


def _read(status: int, body: bytes, grant: Grant) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if status == 200 and isinstance(answer, dict):
        return answer
    if status == 429 or status >= 500:
        raise Fault("connect", f"{grant.url} answered {status} to the request for an access token.")
    words = [answer.get(name) for name in ("error", "error_description")] if isinstance(answer, dict) else []
    said = ": ".join(" ".join(str(each).split()) for each in words if each)[:MOST_SAID]
    which = "refresh_token" if grant.refresh_token is not None else "client_id, client_secret"
    raise Fault(
        "refused",
        f"{grant.url} answered {status} to the request for an access token{f' ({said})' if said else ''}. Correct "
        f"token_url, {which} or client_auth.",
    )
