"""Signing in through an identity provider.

Authorization code flow with PKCE, state and nonce (OpenID Connect Core).

The library that verifies bearer tokens verifies these, too; the rest is two addresses, one redirect and one POST.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx

from slackwater.errors import BadInput
from slackwater.outbound import Outbound
from slackwater.web.security.tokens import (
    FETCH_SECONDS,
    KEPT_SECONDS,
    Bearer,
    Verifier,
    bearer_of,
    client_for,
    document,
    down,
)

SCOPE = "openid profile"


class Attempt(NamedTuple):
    """One sign-in on its way.

    What the browser keeps of it until it comes back from the provider.
    """

    state: str  # ties the answer to the browser that asked
    nonce: str  # ties the token to this attempt
    verifier: str  # ties the code to it (PKCE)
    next: str  # where to go afterwards

    @classmethod
    def begin(cls, target: str) -> "Attempt":
        """Return a new attempt; nobody can guess any of its secrets."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), target)


class Provider:
    """An OpenID Connect provider at which we are a client.

    `identity` verifies tokens that are made for us.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        identity: Verifier,
        access: Verifier,
        outbound: Outbound | None = None,
    ) -> None:
        self._client = partial(client_for, outbound or Outbound())
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._identity = identity
        self._access = access
        self._metadata: dict[str, Any] = {}
        self._fetched = float("-inf")

    async def authorization_url(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return where to send the browser; Unavailable when the provider cannot be asked."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = await self._address("authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    async def redeem(self, code: str, attempt: Attempt, redirect_uri: str) -> Bearer:
        """Return who has signed in.

        BadInput says why it is nobody, Unavailable that the provider cannot be asked.
        """
        answer = await self._exchanged(code, attempt, redirect_uri)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise BadInput("it gave no id_token")
        claims = await self._identity.claims(token)
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
            raise BadInput("its token is not of this sign-in")
        if claims.get("azp", self._client_id) != self._client_id:
            raise BadInput("its token was made for another client")
        who = bearer_of(claims)
        access = answer.get("access_token")
        if who.role is None and isinstance(access, str) and self._access.is_token(access):
            # Some providers, Keycloak among them, put the roles into the access token alone.
            granted = await self._access.verify(access)
            who = Bearer(who.subject, who.name, granted.role if granted.subject == who.subject else None)
        return who

    async def _exchanged(self, code: str, attempt: Attempt, redirect_uri: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": self._client_id,
        }
        if self._client_secret is not None:
            form["client_secret"] = self._client_secret
        address = await self._address("token_endpoint")
        try:
            async with self._client(address) as client, asyncio.timeout(FETCH_SECONDS):
                answer = await client.post(address, data=form, headers={"Accept": "application/json"})
                document = answer.json()
        except (httpx.HTTPError, TimeoutError, OSError):
            raise down("cannot be reached") from None
        except (ValueError, RecursionError):
            raise down("answers what cannot be used") from None
        if answer.status_code >= 500 or not isinstance(document, dict):
            raise down("cannot give a token right now")
        if answer.status_code != 200:
            raise BadInput(f"it refused the code ({str(document.get('error', answer.status_code))[:60]})")
        return document

    async def _address(self, name: str) -> str:
        if time.monotonic() - self._fetched > KEPT_SECONDS:
            self._metadata = await self._discovered()
            self._fetched = time.monotonic()
        url = str(self._metadata.get(name, ""))
        if urlsplit(url).scheme not in {"https", urlsplit(self._issuer).scheme} or not urlsplit(url).hostname:
            raise down(f"has no {name} at an https address")
        return url

    async def _discovered(self) -> dict[str, Any]:
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with self._client(url) as client, asyncio.timeout(FETCH_SECONDS):
                found = await document(client, url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            raise down("cannot be reached") from None
        except (ValueError, RecursionError):
            raise down("answers what cannot be used") from None
        if found.get("issuer") != self._issuer:
            raise down("answers for another issuer")
        return found
