"""Sources that ask for more than a key: OAuth tokens that end and rotate, keys in parameters, certificates."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import loaded
from certificates import Authority
from service import KEY, Service, eventually
from sources import Answer, Feed, SourceServer
from token_server import CLIENT, FIRST, SECRET, TokenServer

DAY = 86_400_000_000
OAUTH = {"auth_type": "oauth2", "client_id": CLIENT, "client_secret": SECRET}
APP_ID = "appid-0123456789-of-the-source"


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


def leaves_no_trace(service: Service, wrapper_id: str, *secrets: str, log: str = "") -> None:
    """Nothing that people see or the disk holds has a secret in clear."""
    shown = service.http.get(f"/resources/wrappers/{wrapper_id}").text
    shown += service.http.get(f"/resources/wrappers/{wrapper_id}/logs?limit=1000").text
    shown += service.http.get(f"/resources/wrappers/{wrapper_id}/checkpoint").text
    shown += service.http.get(f"/resources/wrappers/{wrapper_id}/code").text + log
    kept = b"".join(path.read_bytes() for path in service.data_dir.rglob("*") if path.is_file())
    for secret in secrets:
        assert secret not in shown
        assert secret.encode() not in kept


def test_a_refresh_token_that_rotates_survives_previews_restarts_and_new_keys(source: SourceServer, tmp_path: Path):
    tokens = TokenServer(source, lifetime=2)
    feed = Feed.regular("2024-01-01", DAY, 40)
    endpoint = source.serve("/levels", feed, page_size=10, paging="offset")
    source.route("/levels", tokens.guarded(endpoint))
    config = {**OAUTH, "location": endpoint.url, "token_url": tokens.url, "refresh_token": FIRST, "scope": "read all"}
    with Service(tmp_path / "data") as service:
        looked = service.http.post("/resources/wrappers/discover", json={"source_type": "API", "source_config": config})
        assert looked.json()["sample"], looked.text
        wrapper_id = service.generate("API", config, periodicity="Daily")
        eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 40)
        shown = service.wrapper(wrapper_id)["source_config"]
        assert shown["client_secret"] == shown["refresh_token"] == "********"
        assert tokens.forms[0] == {"grant_type": "refresh_token", "refresh_token": FIRST, "scope": "read all"}
        secrets = [SECRET, FIRST, tokens.refresh, *tokens.issued]
        leaves_no_trace(service, wrapper_id, *secrets)
    rotated = loaded.run(("keys", "rotate-secret", "--data-dir", str(tmp_path / "data")))
    assert rotated.returncode == 0, rotated.stderr
    feed.add("2024-03-01", 5.0)
    with Service(tmp_path / "data") as service:
        for _ in range(3):
            service.execute(wrapper_id)
        eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 41)
        assert not tokens.revoked, "an old refresh token was used"
        assert len(tokens.forms) > 1
        # One that somebody has used meanwhile cannot be mended by us: it is said once, with the way out.
        tokens.refresh = "refresh-of-somebody-else"
        tokens.issued.clear()
        feed.add("2024-03-02", 6.0)

        def told() -> str:
            service.execute(wrapper_id)
            return str(service.wrapper(wrapper_id)["error_message"] or "")

        eventually(lambda: "invalid_grant" in told())
        assert "Correct token_url, refresh_token or client_auth" in told()


@pytest.mark.long
def test_many_wrappers_ask_for_one_token(source: SourceServer, service: Service):
    tokens = TokenServer(source, in_body=True)
    location = {**OAUTH, "token_url": tokens.url, "client_auth": "body", "token_params": {"audience": "tides"}}
    made = []
    for number in range(3):
        endpoint = source.serve(f"/levels/{number}", Feed.regular("2024-01-01", DAY, 20))
        source.route(f"/levels/{number}", tokens.guarded(endpoint))
        made.append(service.generate("API", {**location, "location": endpoint.url}, periodicity="Daily"))
    for each in made:  # to the end of its run: who executes it before gets that one
        assert service.caught_up(each)["data_points_count"] == 20
    assert len(tokens.forms) == 1
    assert tokens.forms[0]["audience"] == "tides"
    # A token that the source has taken back before its time is replaced at once, and nobody notices.
    tokens.issued.clear()
    assert service.execute(made[0])["success"]
    assert len(tokens.forms) == 2


def test_a_token_endpoint_that_refuses_is_an_error_and_one_that_is_down_is_none(source: SourceServer, service: Service):
    tokens = TokenServer(source)
    endpoint = source.serve("/levels", Feed.regular("2024-01-01", DAY, 20))
    source.route("/levels", tokens.guarded(endpoint))
    config: dict[str, Any] = {**OAUTH, "location": endpoint.url, "token_url": tokens.url}

    def looked(**more: Any) -> str:
        form = {"source_type": "API", "source_config": {**config, **more}}
        return str(service.http.post("/resources/wrappers/discover", json=form).json()["message"])

    wrong = looked(client_secret="another-secret-of-a-client")
    assert f"{tokens.url} answered 401 to the request for an access token (invalid_client" in wrong
    assert "another-secret" not in wrong
    tokens.down = True
    assert "answered 503 to the request for an access token" in looked()


def test_a_key_in_a_parameter_is_shown_nowhere(source: SourceServer, service: Service, tmp_path: Path):
    feed = Feed.regular("2024-01-01", DAY, 60)
    endpoint = source.serve("/levels", feed, paging="next", page_size=10)

    def answer(request: Any) -> Answer:
        if request.query.get("appid") != APP_ID:
            return Answer({"error": "who are you?"}, 401)
        given = endpoint(request)
        url = given.body.get("next") if isinstance(given.body, dict) else None
        return given if not url else Answer({**given.body, "next": f"{url}&appid={APP_ID}"})

    source.route("/levels", answer)
    config = {"auth_type": "api_key", "api_key_param": "appid", "location": f"{endpoint.url}?appid={APP_ID}"}
    wrapper_id = service.generate("API", config, periodicity="Daily")
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 60)
    shown = service.wrapper(wrapper_id)["source_config"]
    assert (shown["api_key"], shown["location"]) == ("********", endpoint.url)
    leaves_no_trace(service, wrapper_id, APP_ID)
    service.stop(wrapper_id)
    service.patch(wrapper_id, source_config={**shown, "timeout_seconds": 5})
    assert service.execute(wrapper_id)["success"]


def test_headers_whose_names_do_not_tell(source: SourceServer, service: Service, tmp_path: Path):
    endpoint = source.serve("/levels", Feed.regular("2024-01-01", DAY, 20))
    hidden = "tenant-0123456789-of-the-source"
    source.route(
        "/levels",
        lambda request: endpoint(request) if request.headers.get("x-tenant") == hidden else Answer({"a": 1}, 403),
    )
    config = {"location": endpoint.url, "secret_headers": {"X-Tenant": hidden}}
    wrapper_id = service.generate("API", config, periodicity="Daily")
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 20)
    assert service.wrapper(wrapper_id)["source_config"]["secret_headers"] == {"X-Tenant": "********"}
    leaves_no_trace(service, wrapper_id, hidden)
    service.stop(wrapper_id)
    service.patch(wrapper_id, source_config={"secret_headers": {"X-Tenant": "********"}, "timeout_seconds": 5})
    assert service.execute(wrapper_id)["success"]

    called = {**os.environ, "SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY, "TENANT": hidden}

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return loaded.run(words, called, cwd=tmp_path)

    entry = {"name": "Tenant", "location": endpoint.url, "secret_headers": {"X-Tenant": "${env:TENANT}"}}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump({"sources": [entry]}))
    applied = command("apply", "sources.yaml")
    assert applied.returncode == 0, applied.stderr
    exported = command("export")
    assert hidden not in exported.stdout
    assert "${env:TENANT_SECRET_1}" in exported.stdout
    (tmp_path / "sources.yaml").write_text(
        yaml.safe_dump({"sources": [{**entry, "secret_headers": {"X-Tenant": hidden}}]})
    )
    clear = command("apply", "sources.yaml")
    assert "holds a secret in clear" in clear.stderr


def test_a_source_that_wants_a_certificate(tmp_path: Path):
    authority, stranger = Authority(tmp_path), Authority(tmp_path / "..")
    pem = authority.pem("a client", password="p4ss-of-the-key")
    with SourceServer(authority.server("127.0.0.1", wants_certificate=True)) as source:
        endpoint = source.serve("/levels", Feed.regular("2024-01-01", DAY, 20))
        url = endpoint.url.replace("http://", "https://")
        with Service(tmp_path / "data", ca_file=authority.ca_file, request_tries=1) as service:
            config = {
                "location": url,
                "client_certificate": pem.replace("\n", " "),
                "client_certificate_password": "p4ss-of-the-key",
            }
            wrapper_id = service.generate("API", config, periodicity="Daily")
            eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == 20)
            assert service.wrapper(wrapper_id)["source_config"]["client_certificate"] == "********"
            body = pem.split("PRIVATE KEY-----")[1].split("\n")[1]
            leaves_no_trace(service, wrapper_id, body, "p4ss-of-the-key")

            def looked(**config: str) -> Any:
                form = {"source_type": "API", "source_config": {"location": url, **config}}
                return service.http.post("/resources/wrappers/discover", json=form)

            assert "certificate required" in looked().json()["message"]
            unknown = looked(client_certificate=stranger.pem("somebody")).json()["message"]
            assert "ended the TLS connection: tlsv1 alert unknown ca; give client_certificate, or another" in unknown
            wrong = looked(client_certificate=pem, client_certificate_password="another-password")
            assert wrong.status_code == 422
            assert "client_certificate cannot be used: client_certificate_password is wrong" in wrong.text
            assert body not in wrong.text + looked(client_certificate=pem).text
            assert "must hold a certificate and its private key in PEM" in looked(client_certificate="x").text
