"""Through a real forward proxy: what reaches it, what it refuses, and which rules of ours still hold."""

import socket
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from forward_proxy import ForwardProxy
from slackwater.model.source.config import ApiConfig
from slackwater.outbound import Outbound, Proxy
from slackwater.pipe.frames import Request, Response
from slackwater.supervise.http.broker import Access, Broker, Tally
from sources import Answer, SourceServer

LOGIN = "clerk:p4ss/w@rd"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def ask(url: str, outbound: Outbound, times: int = 1, **given: Any) -> Response:
    """Ask `times` over with one broker, and return the last answer; names resolve as the system says."""
    allowed = {"allow_private": False, "tries": 1} | given
    async with Broker(
        requests_per_second=1000.0, connections=4, max_wait=1.0, max_answer=1024 * 1024, outbound=outbound, **allowed
    ) as broker:
        access = Access.of(ApiConfig(location=url, auth_type="bearer", bearer_token="token-of-the-source"))
        for number in range(times):
            answer = await broker.send(Request(number=number, method="GET", url=url), access, Tally())
    return answer


def both(proxy: ForwardProxy, ca_file: Path | None = None, direct: tuple[str, ...] = ()) -> Outbound:
    way = Proxy.of(proxy.url.replace(LOGIN, "clerk:p4ss%2Fw%40rd"))
    return Outbound(way, way, direct, str(ca_file) if ca_file else None)


async def test_plain_requests_go_to_the_proxy_in_absolute_form() -> None:
    with SourceServer() as source, ForwardProxy(LOGIN) as proxy:
        port = httpport(source)
        source.route("/levels", Answer({"level": 1}))
        answer = await ask(f"http://source.test:{port}/levels?day=1", both(proxy), times=2)
    assert answer.content == b'{"level":1}', answer
    assert proxy.asked == [f"GET http://source.test:{port}/levels?day=1 HTTP/1.1"] * 2
    assert "Authorization: Bearer token-of-the-source" in proxy.heads[0]


async def test_a_tunnel_is_kept_and_hides_the_credentials_of_the_source(authority: Authority) -> None:
    with SourceServer(authority.server("source.test")) as source, ForwardProxy(LOGIN) as proxy:
        port = httpport(source)
        seen = []
        source.route("/levels", lambda request: seen.append(request.headers) or Answer({}))
        answer = await ask(f"https://source.test:{port}/levels", both(proxy, authority.ca_file), times=3)
    assert answer.status == 200, answer
    assert proxy.asked == [f"CONNECT source.test:{port} HTTP/1.1"]
    assert "token-of-the-source" not in proxy.heads[0]
    assert len(seen) == 3
    assert all("proxy-authorization" not in headers for headers in seen)


async def test_a_proxy_that_itself_speaks_tls(authority: Authority) -> None:
    with (
        SourceServer(authority.server("source.test")) as source,
        ForwardProxy(LOGIN, tls=authority.server("127.0.0.1")) as proxy,
    ):
        source.route("/levels", Answer({}))
        answer = await ask(f"https://source.test:{httpport(source)}/levels", both(proxy, authority.ca_file))
    assert answer.status == 200, answer


async def test_an_authority_that_is_not_trusted(authority: Authority) -> None:
    with SourceServer(authority.server("source.test")) as source, ForwardProxy() as proxy:
        port = httpport(source)
        unknown = await ask(f"https://source.test:{port}/", both(proxy))
        other = await ask(f"https://other.test:{port}/", both(proxy, authority.ca_file))
    assert "its certificate is not valid: unable to get local issuer" in (unknown.error or "")
    assert "its certificate is not valid: Hostname mismatch" in (other.error or "")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_does_not_know_us(scheme: str) -> None:
    with ForwardProxy("clerk:another") as proxy:
        outbound = both(proxy)
        wrong = Outbound(*[Proxy("http", "127.0.0.1", outbound.http.port, LOGIN)] * 2)  # type: ignore[union-attr]
        answer = await ask(f"{scheme}://source.test/", wrong)
    assert answer.error_kind == "connect"
    assert answer.error == (
        f"The proxy 127.0.0.1:{proxy.port} answered 407: it asks for a name and a password, or for others; set "
        "SLACKWATER_PROXY."
    )


async def test_a_proxy_that_does_not_connect() -> None:
    with ForwardProxy(forbids="source.test") as proxy:
        answer = await ask("https://source.test/", both(proxy))
    assert answer.error == f"The proxy 127.0.0.1:{proxy.port} does not connect to source.test:443: it answered 403."


async def test_a_proxy_that_is_not_there() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        way = Proxy("http", "127.0.0.1", nobody.getsockname()[1], LOGIN)
        answer = await ask("https://source.test/", Outbound(way, way))
    assert answer.error == f"Cannot connect to source.test:443 through the proxy {way.place}: connection refused."


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "https://169.254.169.254/latest",
        "http://[fd00::1]/",
        "https://0x0a000001/",
        "http://intranet/",
        "https://metadata.google.internal/",
        "http://printer.local./",
    ],
)
async def test_what_is_inside_is_refused_before_the_proxy_hears_of_it(url: str) -> None:
    with ForwardProxy() as proxy:
        answer = await ask(url, both(proxy))
    assert answer.error_kind == "refused", answer
    assert proxy.asked == []


async def test_a_name_that_resolves_to_an_address_inside_is_refused() -> None:
    async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
        return [(socket.AF_INET, ("10.9.8.7" if host == "rebound.test" else "127.0.0.1", port))]

    with ForwardProxy() as proxy:
        answer = await ask("https://rebound.test/", both(proxy), resolve=resolve)
    assert (answer.error or "").startswith("Host 10.9.8.7 of rebound.test is not a public address")
    assert proxy.asked == []


async def test_this_machine_is_never_asked_through_a_proxy() -> None:
    with SourceServer() as source, ForwardProxy() as proxy:
        source.route("/levels", Answer({}))
        port = httpport(source)
        refused = await ask(f"http://127.0.0.1:{port}/levels", both(proxy))
        allowed = await ask(f"http://localhost:{port}/levels", both(proxy), allow_private=True)
    assert refused.error_kind == "refused"
    assert allowed.status == 200
    assert proxy.asked == []


async def test_a_redirect_is_judged_like_any_other_request() -> None:
    with SourceServer() as source, ForwardProxy() as proxy:
        source.route("/levels", Answer({}, status=302, headers={"Location": "http://192.168.0.1/admin"}))
        answer = await ask(f"http://source.test:{httpport(source)}/levels", both(proxy))
    assert answer.error_kind == "refused"
    assert len(proxy.asked) == 1


def httpport(source: SourceServer) -> int:
    return int(source.url.rpartition(":")[2])


@pytest.mark.parametrize(
    ("direct", "host", "through"),
    [
        ("", "data.example.org", True),
        ("example.org", "data.example.org", False),
        (".example.org", "data.example.org", False),
        ("*.example.org", "data.example.org", False),
        ("ample.org", "data.example.org", True),
        ("example.org:8443", "data.example.org", True),
        ("example.org:443", "data.example.org", False),
        ("*", "data.example.org", False),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("2001:db8::1", "[2001:db8::1]", False),
        ("", "localhost", False),
        ("", "a.localhost.", False),
        ("", "127.8.8.8", False),
        ("", "[::1]", False),
    ],
)
def test_hosts_that_are_reached_straight(direct: str, host: str, through: bool) -> None:
    way = Proxy.of("proxy.example.net:3128")
    assert (Outbound(way, way, tuple(direct.split())).proxy("https", host, 443) is way) is through


@pytest.mark.parametrize("text", ["socks5://u:s3cret@proxy:1", "http://u:s3cret@", "http://u:s3cret@p:x", "//u:s3cret"])
def test_a_proxy_that_cannot_be_used_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="it must be a URL") as refusal:
        Proxy.of(text)
    assert "s3cret" not in str(refusal.value)


def test_credentials_are_not_shown() -> None:
    proxy = Proxy.of("http://clerk:p4ss%2Fw%40rd@proxy:3128")
    assert proxy.credentials == LOGIN
    assert "p4ss" not in f"{proxy!r} {Outbound(proxy, proxy)!r} {proxy.place}"
    assert proxy.url == "http://clerk:p4ss%2Fw%40rd@proxy:3128"
