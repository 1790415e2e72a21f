"""A service that reaches the world through a forward proxy with a login, and trusts a private authority."""

import os
import subprocess
from pathlib import Path

import pytest

import loaded
from certificates import Authority
from forward_proxy import ForwardProxy
from issuer import AUDIENCE, Issuer
from provider import KEY as PROVIDER_KEY
from provider import Call, Provider
from service import KEY, Service, eventually
from sources import Answer, Feed, SourceServer

PASSWORD = "p4ssw0rd-of-the-proxy"


def called(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return loaded.run(words, kept | environment)


def test_sources_and_the_identity_provider_are_reached_through_the_proxy(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    log = tmp_path / "log.txt"
    with (
        SourceServer(authority.server("source.test")) as source,
        Issuer() as issuer,
        ForwardProxy(f"clerk:{PASSWORD}", tls=authority.server("127.0.0.1")) as proxy,
        log.open("w") as output,
    ):
        port = source.url.rpartition(":")[2]
        source.serve("/levels", Feed.regular("2024-01-01", 86_400_000_000, 30))
        # The provider goes by a name that only the proxy knows.
        issuer.url = issuer.url.replace("127.0.0.1", "issuer.test")
        service = Service(
            tmp_path / "data",
            allow_private_sources=False,
            oidc_issuer=issuer.url,
            oidc_audience=AUDIENCE,
            log_level="debug",
        )
        service.environment = {
            "HTTPS_PROXY": proxy.url,
            "HTTP_PROXY": proxy.url,
            "SSL_CERT_FILE": str(authority.ca_file),
        }
        service.output = output
        with service:
            source_id = service.generate("API", {"location": f"https://source.test:{port}/levels"}, periodicity="Daily")
            eventually(lambda: service.wrapper(source_id)["data_points_count"] == 30)
            answer = service.http.get(
                "/resources", headers={"Authorization": f"Bearer {issuer.token()}", "X-API-Key": ""}
            )
            assert answer.status_code == 200, answer.text

            shown = called(
                {**service.environment, "SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY}, "wrappers", "list"
            )
            assert (shown.returncode, "API" in shown.stdout) == (0, True), shown.stderr
            logs = service.http.get(f"/resources/wrappers/{source_id}/logs").text
    assert f"CONNECT source.test:{port} HTTP/1.1" in proxy.asked
    assert any(line.startswith("GET http://issuer.test:") for line in proxy.asked)
    assert not any("127.0.0.1" in line for line in proxy.asked), "the command line went around by the proxy"
    assert PASSWORD not in logs + log.read_text() + shown.stdout + shown.stderr


def test_a_server_far_away_behind_the_proxy_with_a_private_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with SourceServer(authority.server("slackwater.test")) as server, ForwardProxy(f"clerk:{PASSWORD}") as proxy:
        server.route("/resources/wrappers", lambda request: _list(request.headers))
        url = f"https://slackwater.test:{server.url.rpartition(':')[2]}"
        given = {"SLACKWATER_URL": url, "SLACKWATER_API_KEY": KEY, "SLACKWATER_PROXY": proxy.url}
        known = called({**given, "SLACKWATER_CA_FILE": str(authority.ca_file)}, "wrappers", "list", "--json")
        unknown = called(given, "wrappers", "list")
    assert (known.returncode, known.stdout.strip()) == (0, "[]"), known.stderr
    assert unknown.returncode == 1
    assert "certificate" in unknown.stderr
    assert len(proxy.asked) >= 2
    assert KEY not in "".join(proxy.heads)


def _list(headers: dict[str, str]) -> Answer:
    assert headers["x-api-key"] == KEY
    return Answer([], headers={"X-Total-Count": "0"})


def test_settings_that_cannot_be_used_are_named_and_not_quoted(tmp_path: Path) -> None:
    wrong = f"socks5://clerk:{PASSWORD}@proxy.test"
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate\n")
    serve = ("serve", "--data-dir", str(tmp_path / "data"), "--port", "0")
    for environment, words in (
        ({"SLACKWATER_PROXY": wrong}, "proxy (SLACKWATER_PROXY) cannot be used: it must be a URL such as"),
        ({"HTTPS_PROXY": wrong}, "The variable HTTPS_PROXY cannot be used: it must be a URL such as"),
        ({"SLACKWATER_CA_FILE": str(empty)}, "holds no certificate in PEM"),
        ({"SSL_CERT_FILE": str(tmp_path / "none.pem")}, "The variable SSL_CERT_FILE cannot be used"),
        ({"SLACKWATER_NO_PROXY": "http://a"}, "http://a is no host, domain, address or network"),
    ):
        ended = called(environment, *serve)
        said = " ".join(ended.stderr.split())
        assert ended.returncode in (1, 2), said
        assert words in said
        assert PASSWORD not in said
        assert "Traceback" not in said


@pytest.mark.long
def test_a_language_model_is_asked_through_the_proxy(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    rows = [{"done": f"2024-01-{day:02}", "due": f"2024-02-{day:02}", "level": day / 2} for day in range(1, 29)]
    with SourceServer() as source, Provider() as provider, ForwardProxy(f"clerk:{PASSWORD}") as proxy:
        url = source.route("/v1", Answer(rows))
        provider.over(authority.server("llm.test"))
        provider.says(Call("declare", {"url": url, "time": "done", "value": "level"}))
        service = Service(
            tmp_path / "data",
            llm_model="openai-chat:a-model",
            llm_api_key=PROVIDER_KEY,
            llm_base_url=f"https://llm.test:{provider.url.rpartition(':')[2]}/v1",
            ca_file=authority.ca_file,
            proxy=proxy.url,
        )
        with service:
            wrapper_id = service.generate("API", {"location": url})
            eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == len(rows))
    assert [line.split(":")[0] for line in proxy.asked] == ["CONNECT llm.test"], proxy.asked
