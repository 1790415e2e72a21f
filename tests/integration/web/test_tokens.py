"""JWTs against a real issuer on the loopback: who is let in, who is not, and how often the issuer is asked."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from issuer import AUDIENCE, Issuer, Key, encoded
from slackwater.errors import BadInput, Unavailable
from slackwater.store.access.keys import Role
from slackwater.web.security import tokens
from slackwater.web.security.tokens import IssuerKeys, Verifier


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Iterator[Issuer]:
    keys = list(running.keys)
    running.asked, running.down = 0, False
    yield running
    running.keys = keys


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> Verifier:
    return Verifier(issuer.url, AUDIENCE, IssuerKeys(issuer.url, monotonic=clock))


@pytest.mark.parametrize("number", range(4))
async def test_a_good_token_of_each_kind_of_key(verifier: Verifier, issuer: Issuer, number: int):
    bearer = await verifier.verify(issuer.token(issuer.keys[number]))
    assert (bearer.subject, bearer.name, bearer.role) == ("user-17", "ines", Role.ADMIN)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"realm_access": {"roles": ["viewer"]}}, Role.VIEWER),
        ({"realm_access": None, "roles": ["viewer", "admin"]}, Role.ADMIN),
        ({"realm_access": {"roles": ["Admin", "admins"]}}, None),
        ({"realm_access": None}, None),
        ({"realm_access": "admin", "roles": "admin"}, None),
        ({"realm_access": {"roles": {"admin": True}}, "roles": [["admin"], 7, None]}, None),
        ({"realm_access": None, "scope": "admin", "groups": ["admin"]}, None),
    ],
)
async def test_the_role_is_what_the_claims_say(
    verifier: Verifier, issuer: Issuer, claims: dict[str, Any], role: Role | None
):
    assert (await verifier.verify(issuer.token(**claims))).role is role


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": -120}, "it has expired"),
        ({"exp": None}, "it lacks"),
        ({"nbf": 600}, "it is not valid yet"),
        ({"aud": "somebody-else"}, "it was made for another audience"),
        ({"aud": None}, "it lacks"),
        ({"aud": ["a", "b"]}, "it was made for another audience"),
        ({"iss": "https://evil.example/realms/tests"}, "it is of another issuer"),
        ({"iss": None}, "it lacks"),
        ({"exp": "never"}, "signature or form"),
    ],
)
async def test_what_a_token_says_of_itself_must_hold(
    verifier: Verifier, issuer: Issuer, claims: dict[str, Any], why: str
):
    with pytest.raises(BadInput, match=why):
        await verifier.verify(issuer.token(**from_now(claims)))


def from_now(claims: dict[str, Any]) -> dict[str, Any]:
    """Numbers are seconds from now."""
    return {name: int(time.time()) + value if isinstance(value, int) else value for name, value in claims.items()}


async def test_an_issuer_that_only_begins_like_ours_is_another_one(verifier: Verifier, issuer: Issuer):
    for other in (issuer.url + "/", issuer.url + ".evil.example", issuer.url.upper()):
        with pytest.raises(BadInput, match="another issuer"):
            await verifier.verify(issuer.token(iss=other))


@pytest.mark.parametrize("claims", [{"exp": -30}, {"nbf": 30}, {"iat": 30}, {"aud": ["x", AUDIENCE]}])
async def test_clocks_may_differ_by_a_minute(verifier: Verifier, issuer: Issuer, claims: dict[str, Any]):
    assert (await verifier.verify(issuer.token(**from_now(claims)))).role is Role.ADMIN


async def test_signatures_that_prove_nothing(verifier: Verifier, issuer: Issuer):
    good = issuer.token()
    head, body, signature = good.split(".")
    other = encoded(issuer.claims(sub="root"))
    stranger = Key("rsa-1")
    small = Key("rsa-1", "ES256")
    for token in (
        issuer.with_alg_none(),
        issuer.with_alg_none("NONE"),
        issuer.with_alg_none("nOnE"),
        issuer.with_alg_none(""),
        issuer.signed_with_the_public_key(),
        issuer.token(stranger),
        issuer.token(small),
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        issuer.token(headers={"alg": "RS256", "crit": ["x"]}),
        issuer.token(headers={"kid": "unknown"}),
        issuer.token(issuer.keys[2], headers={"kid": "rsa-1"}),
        "eyJ.eyJ.x",
        "eyJhbGciOiJub25lIn0..",
        f"{encoded({'alg': ['RS256']})}.{body}.{signature}",
        "eyJ" + "W" * 20_000 + "..",
        f"{encoded({'alg': 'RS256', 'kid': {'a': 1}})}.{body}.{signature}",
        issuer.token(stranger, headers={"jwk": stranger.jwk}),
        issuer.token(stranger, headers={"jku": issuer.url}),
    ):
        with pytest.raises(BadInput):
            await verifier.verify(token)


async def test_keys_are_asked_for_once(verifier: Verifier, issuer: Issuer):
    await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(20)))
    assert issuer.asked == 1


async def test_a_new_key_is_fetched_and_an_invented_one_only_now_and_then(
    verifier: Verifier, issuer: Issuer, clock: Clock
):
    await verifier.verify(issuer.token())
    new = Key("rsa-2")
    issuer.keys = [*issuer.keys, new]
    clock.now += tokens.REFETCH_SECONDS + 1
    assert (await verifier.verify(issuer.token(new))).role is Role.ADMIN
    assert issuer.asked == 2
    for number in range(20):
        with pytest.raises(BadInput, match="no such key"):
            await verifier.verify(issuer.token(headers={"kid": f"invented-{number}"}))
    assert issuer.asked == 2
    clock.now += tokens.REFETCH_SECONDS + 1
    with pytest.raises(BadInput, match="no such key"):
        await verifier.verify(issuer.token(headers={"kid": "invented"}))
    assert issuer.asked == 3


async def test_a_key_that_the_issuer_has_withdrawn_ends(verifier: Verifier, issuer: Issuer, clock: Clock):
    token = issuer.token()
    await verifier.verify(token)
    issuer.keys = issuer.keys[1:]
    clock.now += tokens.KEPT_SECONDS + 1
    with pytest.raises(BadInput, match="no such key"):
        await verifier.verify(token)


async def test_an_issuer_that_is_down_is_no_fault_of_the_token(verifier: Verifier, issuer: Issuer, clock: Clock):
    token = issuer.token()
    issuer.down = True
    with pytest.raises(Unavailable, match="identity provider cannot be reached"):
        await verifier.verify(token)
    with pytest.raises(Unavailable, match="a moment ago"):
        await verifier.verify(token)
    issuer.down = False
    clock.now += tokens.RETRY_SECONDS
    await verifier.verify(token)
    issuer.down = True
    clock.now += tokens.KEPT_SECONDS / 2
    await verifier.verify(token)  # its key is known
    clock.now += tokens.KEPT_SECONDS
    with pytest.raises(Unavailable, match="cannot be reached"):
        await verifier.verify(token)


async def test_a_discovery_document_of_somebody_else_is_not_followed(issuer: Issuer):
    verifier = Verifier(issuer.url + "/", AUDIENCE, IssuerKeys(issuer.url + "/"))
    with pytest.raises(Unavailable, match="of another issuer"):
        await verifier.verify(issuer.token(iss=issuer.url + "/"))


async def test_the_address_of_the_keys_may_be_given(issuer: Issuer):
    verifier = Verifier("https://id.example.org/", None, IssuerKeys("https://id.example.org/", f"{issuer.url}/keys"))
    bearer = await verifier.verify(issuer.token(iss="https://id.example.org/", aud="whoever"))
    assert bearer.role is Role.ADMIN
