"""JWTs of an identity provider (OpenID Connect): whose they are, or why they are nobody's.

PyJWT verifies; it was taken over joserfc because one call checks signature, `iss`, `aud`, `exp` and `nbf` with the
skew, it needs nothing but `cryptography`, and most people know it. Its own key client is not used: that blocks the
loop, and anybody could make it ask the provider with every unknown key id.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from jwt import PyJWK

from slackwater.errors import BadInput, Unavailable
from slackwater.outbound import Outbound, client_options
from slackwater.store.access.keys import Role

SKEW = 60  # seconds that clocks may differ
KEPT_SECONDS = 600.0  # that keys are trusted without asking the provider again
REFETCH_SECONDS = 10.0  # between two fetches because of a key that is not known
RETRY_SECONDS = 5.0  # after a fetch that failed
FETCH_SECONDS = 5.0  # for the provider to answer; chosen: a request of a client waits for it
MAX_DOCUMENT = 1024 * 1024  # bytes of a provider's document; usual ones have some KiB
MAX_TOKEN = 16 * 1024  # characters; servers accept headers of 8 to 16 KiB
LEAST_RSA_BITS = 2048  # RFC 7518 section 3.3

# Signatures that only the provider's private key makes. Never `none`, and never HS*: its "secret" would be public.
_KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", None),
}


@dataclass(frozen=True)
class Bearer:
    """Whose a token is. `role` is None for somebody known who may nothing here."""

    subject: str
    name: str | None
    role: Role | None


class IssuerKeys:
    """The public keys of an issuer.

    Kept for a while, and fetched again when one is missing.
    """

    def __init__(
        self,
        issuer: str,
        jwks_url: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        outbound: Outbound | None = None,
    ) -> None:
        self._client = partial(client_for, outbound or Outbound())
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._monotonic = monotonic
        self._keys: list[dict[str, Any]] = []
        self._fetched = self._failed = float("-inf")
        self._turn = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """Return the key that a token names, None when there is none.

        Unavailable when the issuer cannot be asked.
        """
        if self._age() > KEPT_SECONDS:
            await self._fetch(older_than=KEPT_SECONDS)
        found = self._known(kid, algorithm)
        if found is None and self._age() > REFETCH_SECONDS:
            await self._fetch(older_than=REFETCH_SECONDS)
            found = self._known(kid, algorithm)
        return found

    def _age(self) -> float:
        return self._monotonic() - self._fetched

    def _known(self, kid: str | None, algorithm: str) -> PyJWK | None:
        fitting = [key for key in self._keys if _fits(key, algorithm) and kid in (None, key.get("kid"))]
        if len(fitting) != 1:  # without a key id it must be clear which one is meant
            return None
        try:
            key = PyJWK(fitting[0], algorithm)
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        return key if getattr(key.key, "key_size", LEAST_RSA_BITS) >= LEAST_RSA_BITS or key.key_type != "RSA" else None

    async def _fetch(self, older_than: float) -> None:
        async with self._turn:
            if self._age() <= older_than:
                return  # somebody else has fetched them meanwhile
            if self._monotonic() - self._failed < RETRY_SECONDS:
                raise down("did not answer a moment ago")
            try:
                self._keys = await self._asked()
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
                self._failed = self._monotonic()
                raise down("cannot be reached") from None
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                self._failed = self._monotonic()
                raise down(f"answers what cannot be used: {error}") from None
            self._fetched = self._monotonic()

    async def _asked(self) -> list[dict[str, Any]]:
        async with asyncio.timeout(FETCH_SECONDS):
            url = self._jwks_url or await self._discovered()
            async with self._client(url) as client:
                keys = (await document(client, url))["keys"]
        if not isinstance(keys, list):
            raise ValueError("its key set has no list `keys`")
        return [key for key in keys if isinstance(key, dict)]

    async def _discovered(self) -> str:
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        async with self._client(url) as client:
            found = await document(client, url)
        if found.get("issuer") != self._issuer:
            raise ValueError("its discovery document is of another issuer")
        url = str(found["jwks_uri"])
        if urlsplit(url).scheme not in {"https", urlsplit(self._issuer).scheme}:
            raise ValueError("its keys are not at an https address")
        return url


class Verifier:
    """Tells whose a token is.

    `audience` is whom it must be made for, None for anybody.
    """

    def __init__(self, issuer: str, audience: str | None, keys: IssuerKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    @staticmethod
    def is_token(text: str) -> bool:
        """Say whether a credential is a JWT, not an API key."""
        return text.count(".") == 2 and text.startswith("eyJ")

    async def verify(self, token: str) -> Bearer:
        """Return whose a token is.

        BadInput says why it is nobody's, Unavailable that the provider cannot be asked.
        """
        return bearer_of(await self.claims(token))

    async def claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, once it is known that it is true.

        Raises as `verify` does.
        """
        if len(token) > MAX_TOKEN:
            raise BadInput("it is too long")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise BadInput("it cannot be read") from None
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in _KEY_TYPES:
            raise BadInput("it is not signed by an algorithm that is accepted here")
        if "crit" in header:
            raise BadInput("it demands an extension that is not known here")
        key = await self._keys.find(kid if isinstance(kid, str) else None, algorithm)
        if key is None:
            raise BadInput("its issuer has no such key")
        return self._claims(token, key, algorithm)

    def _claims(self, token: str, key: PyJWK, algorithm: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=SKEW,
                options={"require": ["exp", "iss"], "verify_aud": self._audience is not None},
            )
        except jwt.PyJWTError as error:
            raise BadInput(next((told for kind, told in _TOLD.items() if isinstance(error, kind)), _UNSIGNED)) from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise BadInput(_UNSIGNED) from None
        return claims


_UNSIGNED = "its signature or form is wrong"
_TOLD: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidAudienceError: "it was made for another audience",
    jwt.MissingRequiredClaimError: "it lacks `exp`, `iss` or `aud`",
}


def bearer_of(claims: dict[str, Any]) -> Bearer:
    """Return whose the verified claims are."""
    roles = {role for role in _roles(claims) if isinstance(role, str)}
    role = next((each for each in (Role.ADMIN, Role.VIEWER) if each.value in roles), None)
    subject = next((str(claims[name]) for name in ("sub", "azp", "client_id") if claims.get(name)), "nobody named")
    name = claims.get("preferred_username") or claims.get("name")
    return Bearer(subject=subject, name=name if isinstance(name, str) else None, role=role)


def _roles(claims: dict[str, Any]) -> list[Any]:
    access = claims.get("realm_access")
    lists = (access.get("roles") if isinstance(access, dict) else None, claims.get("roles"))
    return [role for each in lists if isinstance(each, list) for role in each]


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    kind, curve = _KEY_TYPES[algorithm]
    declared = key.get("alg") in (None, algorithm) and key.get("use") in (None, "sig")
    return declared and key.get("kty") == kind and curve in (None, key.get("crv"))


def client_for(outbound: Outbound, url: str) -> httpx.AsyncClient:
    """Return a client for the provider at a URL, through its proxy."""
    return httpx.AsyncClient(timeout=FETCH_SECONDS, **client_options(outbound, url))


async def document(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    """Return a JSON object of at most 1 MiB from the provider."""
    body = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MAX_DOCUMENT:
                raise ValueError("a document larger than 1 MiB")
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("a document that is no JSON object")
    return told


def down(what: str) -> Unavailable:
    """Return the error for a provider of which something cannot be had."""
    return Unavailable(f"The identity provider {what}; try again, or use an API key.")
