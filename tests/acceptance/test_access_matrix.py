"""Every route × every kind of credential; then the rate of a key, the audit trail and what every answer carries."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import budget
import loaded
from issuer import AUDIENCE, Issuer, Key
from service import Service, eventually

OPEN = {"/health", "/ready", "/resources/version"}
ADMINS_ONLY = {"/audit", "/nodes", "/shares", "/alerts/channels", "/alerts/messages", "/alerts/messages/{message_id}"}
NOBODY = "00000000-0000-4000-8000-000000000000"  # of no wrapper and no file
NO_RESOURCE = "0" * 24
STRANGER = httpx.Client(timeout=30)  # has no key of its own; one for all, as each loads the certificates
IN_TURN = 1 if budget.LONG else 4  # bad credentials at each operation: every fourth, and in all every one
REMEMBERED = 1.5  # seconds after which a revoked key is no longer let in


@dataclass
class World:
    """A service with an issuer, and credentials of every kind: name → headers."""

    service: Service
    issuer: Issuer
    good: dict[str, dict[str, str]]  # role → headers, for tokens too
    bad: dict[str, dict[str, str]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def keys(service: Service, *words: str) -> str:
    words = ("keys", *words, "--data-dir", str(service.data_dir))
    done = loaded.run(words, cwd=service.data_dir.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def key_id(service: Service, name: str) -> str:
    import json

    return next(each["key_id"] for each in json.loads(keys(service, "list", "--json")) if each["name"] == name)


@pytest.fixture(scope="module", autouse=True)
def closed_afterwards() -> Iterator[None]:
    yield
    STRANGER.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        Issuer() as issuer,
        Issuer() as foreign,
        Service(
            tmp_path_factory.mktemp("matrix") / "data",
            oidc_issuer=issuer.url,
            oidc_audience=AUDIENCE,
            allow_private_sources=False,
        ) as service,
    ):
        admin, viewer = (keys(service, "create", role, "--role", role) for role in ("admin", "viewer"))
        expired = keys(service, "create", "expired", "--role", "admin", "--expires", "1s")
        revoked = keys(service, "create", "revoked", "--role", "admin")
        assert service.http.get("/resources", headers=bearer(revoked)).status_code == 200
        keys(service, "revoke", key_id(service, "revoked"))
        time.sleep(REMEMBERED)
        now = int(time.time())
        good = {
            "admin": bearer(admin),
            "admin in a header of its own": {"X-API-Key": admin},
            "admin with a token": bearer(issuer.token()),
            "admin with a token of an EC key": bearer(issuer.token(issuer.keys[2])),
            "viewer": bearer(viewer),
            "viewer in a header of its own": {"X-API-Key": viewer},
            "viewer with a token": bearer(issuer.token(realm_access=None, roles=["viewer"])),
            "nothing with a token": bearer(issuer.token(realm_access=None, roles=["cook"])),
        }
        bad = {
            "no key": {},
            "an empty key": {"Authorization": "Bearer"},
            "bad key": bearer("sw_" + "x" * 43),
            "bad key in a header of its own": {"X-API-Key": "nonsense"},
            "expired": bearer(expired),
            "revoked": bearer(revoked),
            "basic": {"Authorization": "Basic YWRtaW46YWRtaW4="},
            "key as basic": {"Authorization": f"Basic {admin}"},
            "key in lower case": bearer(admin.lower()),
            "key and more": bearer(admin + "x"),
            "token: alg none": bearer(issuer.with_alg_none()),
            "token: HMAC": bearer(issuer.signed_with_the_public_key()),
            "token: wrong audience": bearer(issuer.token(aud="somebody-else")),
            "token: no audience": bearer(issuer.token(aud=None)),
            "token: foreign issuer": bearer(foreign.token()),
            "token: foreign key": bearer(issuer.token(Key("rsa-1"))),
            "token: foreign issuer's name": bearer(issuer.token(iss=foreign.url)),
            "token: expired": bearer(issuer.token(exp=now - 3600)),
            "token: not yet": bearer(issuer.token(nbf=now + 3600)),
            "token: without end": bearer(issuer.token(exp=None)),
            "token: cut": bearer(issuer.token()[:-20]),
            "token as a key": {"X-API-Key": issuer.token(Key("rsa-1"))},
        }
        yield World(service, issuer, good, bad)


def routes(world: World) -> list[tuple[str, str, bool]]:
    """(method, path template, guarded) of every operation in the OpenAPI document."""
    document = world.service.http.get("/openapi.json").json()
    return [
        (method.upper(), path, "security" in operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def asked(world: World, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    filled = path.replace("{wrapper_id}", NOBODY).replace("{file_id}", NOBODY).replace("{resource_id}", NO_RESOURCE)
    for name in ("{channel_id}", "{message_id}", "{note_id}", "{share_id}", "{node}"):
        filled = filled.replace(name, NOBODY)
    assert "{" not in filled
    # A body that reaches an endpoint is refused there as malformed: nobody's request changes anything.
    body = {} if method == "GET" or path.endswith("upload") else {"json": {"nothing": "like this"}}
    params = {"wait": 0} if path.endswith("/execute") else None
    return STRANGER.request(method, world.service.url + filled, headers=headers, params=params, **body)


def expected(who: str, method: str, path: str) -> set[int] | None:
    """The refusal that a holder of a good credential gets; None when the door lets them through."""
    if who.startswith("nothing"):
        return {403}
    if who.startswith("viewer") and (method != "GET" or path in ADMINS_ONLY):
        return {403}
    return None


def test_everybody_gets_what_they_may_and_nothing_else(world: World):
    table = routes(world)
    assert {path for _, path, guarded in table if not guarded} == OPEN
    assert len(table) >= 25
    wrong: list[str] = []
    for place, (method, path, guarded) in enumerate(table):
        for turn, (who, headers) in enumerate({**world.good, **world.bad}.items()):
            if who in world.bad and (turn + place) % IN_TURN:
                continue
            answer = asked(world, method, path, headers)
            told = f"{method} {path} with {who}: {answer.status_code} {answer.text[:100]}"
            if not guarded:
                wrong += [told] * (answer.status_code != 200)
            elif who in world.bad:
                right = answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
                wrong += [told] * (not right or not isinstance(answer.json()["detail"], str))
            elif (refusal := expected(who, method, path)) is not None:
                wrong += [told] * (answer.status_code not in refusal)
            else:
                wrong += [told] * (answer.status_code in {401, 403, 429} or answer.status_code >= 500)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/"])
def test_the_document_and_its_pages_are_open(world: World, path: str):
    assert STRANGER.get(world.service.url + path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/audit/", "//audit", "/audit/.", "/audit%2f", "/AUDIT", "/resources//", "/./resources", "/resources/%2e"]
)
def test_no_spelling_of_a_path_avoids_the_door(world: World, path: str):
    answer = STRANGER.send(STRANGER.build_request("GET", world.service.url, extensions={"target": path.encode()}))
    assert answer.status_code in {401, 404}, answer.text


def test_methods_that_nobody_serves_change_nothing(world: World):
    for method in ("TRACE", "CONNECT", "PROPFIND", "OPTIONS"):
        answer = STRANGER.request(
            method, f"{world.service.url}/resources", headers={"X-HTTP-Method-Override": "DELETE"}
        )
        assert answer.status_code in {400, 401, 404, 405}, (method, answer.status_code)


def test_an_identity_provider_that_is_down_is_503_for_tokens_and_nothing_for_keys(tmp_path: Path):
    with Issuer() as issuer, Service(tmp_path / "data", oidc_issuer=issuer.url) as service:
        token = issuer.token(aud=None)
        issuer.down = True
        answer = STRANGER.get(f"{service.url}/resources", headers=bearer(token))
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("Service unavailable: The identity provider cannot be reached")
        assert service.http.get("/resources").status_code == 200
        issuer.down = False
        eventually(lambda: STRANGER.get(f"{service.url}/resources", headers=bearer(token)).status_code == 200)


# The trail


def trail(service: Service, **params: Any) -> list[dict[str, Any]]:
    answer = service.http.get("/audit", params={"limit": 1000, **params})
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def test_the_trail_says_who_did_what_when_and_from_where(world: World):
    service = world.service
    config = {"location": "https://data.example.org/v1", "auth_type": "bearer", "bearer_token": "planted-in-the-trail"}
    body = {"source_type": "API", "source_config": config, "metadata": {"name": "audited"}}
    made = service.http.post("/resources/wrappers/generate", json=body).json()["wrapper_id"]
    assert (
        STRANGER.post(
            f"{service.url}/resources/wrappers/{made}/stop", headers=world.good["admin with a token"]
        ).status_code
        == 200
    )
    assert STRANGER.delete(f"{service.url}/resources/wrappers/{made}", headers=world.good["viewer"]).status_code == 403
    service.http.post("/resources/wrappers/generate", json={**body, "source_type": "TELEX"})
    service.http.get(f"/resources/wrappers/{made}")
    mine = eventually(
        lambda: (found := [e for e in trail(service) if e["target"] == made]) and len(found) == 3 and found
    )
    refused, stopped, generated = mine
    assert (generated["name"], generated["role"], generated["status"]) == ("SLACKWATER_API_KEY", "admin", 200)
    assert (generated["method"], generated["route"]) == ("POST", "/resources/wrappers/generate")
    assert (generated["kind"], generated["address"]) == ("deed", "127.0.0.1")
    assert generated["at"] <= stopped["at"] <= refused["at"]
    assert (stopped["who"], stopped["name"], stopped["route"]) == (
        "sub:user-17",
        "ines",
        "/resources/wrappers/{wrapper_id}/stop",
    )
    assert (refused["kind"], refused["status"], refused["name"]) == ("refusal", 403, "viewer")
    malformed = eventually(lambda: (newest := trail(service, limit=1)[0])["status"] == 422 and newest)
    assert (malformed["kind"], malformed["name"]) == ("deed", "SLACKWATER_API_KEY"), malformed
    assert "planted-in-the-trail" not in service.http.get("/audit", params={"limit": 1000}).text


@pytest.mark.parametrize(
    ("who", "name", "note"),
    [
        ("no key", None, "no key"),
        ("bad key", None, "unknown key"),
        ("expired", "expired", "expired key"),
        ("revoked", "revoked", "revoked key"),
        ("token: alg none", None, "token: it is not signed"),
    ],
)
def test_the_trail_names_who_was_turned_away(world: World, who: str, name: str | None, note: str):
    path = f"/resources/wrappers/{NOBODY}/checkpoint"
    assert asked(world, "GET", path, world.bad[who]).status_code == 401

    def newest() -> dict[str, Any] | None:
        return next((each for each in trail(world.service) if each["route"].endswith("/checkpoint")), None)

    entry = eventually(lambda: (found := newest()) and (found["note"] or "").startswith(note) and found)
    assert (entry["kind"], entry["status"], entry["name"]) == ("refusal", 401, name)


def test_the_trail_comes_in_pages(world: World):
    for _ in range(5):
        assert world.service.http.delete(f"/resources/wrappers/{NOBODY}").status_code == 404
    first = world.service.http.get("/audit", params={"limit": 2})
    assert int(first.headers["X-Total-Count"]) > 4
    assert len(first.json()) == 2
    assert world.service.http.get("/audit", params={"limit": 0}).status_code == 422


@pytest.mark.long
def test_the_trail_is_bounded_and_refusals_push_no_deed_out(tmp_path: Path):
    with Service(tmp_path / "data", audit_entries=100) as service:
        service.http.delete(f"/resources/wrappers/{NOBODY}")
        for _ in range(1300):
            assert STRANGER.get(f"{service.url}/resources").status_code == 401
        eventually(lambda: len(trail(service)) < 700)
        entries = trail(service)
        assert [each["status"] for each in entries if each["kind"] == "deed"] == [404]


# The rate


def test_a_key_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path):
    with Service(tmp_path / "data", key_requests_per_second=2, key_request_burst=20) as service:
        other = keys(service, "create", "other", "--role", "viewer")
        answers = [service.http.get("/resources") for _ in range(40)]
        assert [answer.status_code for answer in answers[:10]] == [200] * 10
        late = next(answer for answer in answers if answer.status_code == 429)
        assert late.json() == {"detail": "Too many requests with this API key; slow down."}
        assert late.headers["Retry-After"] == "1"
        assert STRANGER.get(f"{service.url}/resources", headers=bearer(other)).status_code == 200
        assert service.http.get("/health").status_code == 200
        eventually(lambda: service.http.get("/resources").status_code == 200)


# What every answer carries


def test_every_answer_is_safe_to_show(world: World):
    service = world.service
    for method, path in (
        ("GET", "/health"),
        ("GET", "/docs"),
        ("GET", "/nowhere"),
        ("PUT", "/health"),
        ("GET", "/audit"),
    ):
        headers = STRANGER.request(method, service.url + path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "server" not in headers


def test_no_foreign_page_may_read_unless_it_is_named(world: World, tmp_path: Path):
    foreign = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "GET"}
    plain = STRANGER.get(f"{world.service.url}/health", headers=foreign)
    assert not any(name.startswith("access-control") for name in plain.headers)
    assert STRANGER.options(f"{world.service.url}/resources", headers=foreign).status_code == 405
    with Service(tmp_path / "data", cors_origins="https://app.example.org, https://b.example.org") as service:
        asked_before = STRANGER.options(f"{service.url}/resources", headers=foreign)
        assert asked_before.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert "Access-Control-Allow-Credentials" not in asked_before.headers
        other = STRANGER.get(f"{service.url}/health", headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


def test_no_answer_shows_a_path_a_trace_or_a_listing(world: World):
    service = world.service
    for target in (
        "/static/",
        "/files/",
        "/..%2f..%2fetc/passwd",
        "/resources/wrappers/files/../../../etc/passwd",
        "/%00",
    ):
        request = service.http.build_request("GET", "/", extensions={"target": target.encode()})
        answer = service.http.send(request)
        assert answer.status_code in {400, 401, 404, 422}, (target, answer.text)
        for word in ("Traceback", "site-packages", str(service.data_dir), "root:", 'File "'):
            assert word not in answer.text, target
