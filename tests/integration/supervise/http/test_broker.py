"""The broker against real sockets: what it sends where, what it refuses, how long it waits, what it leaves behind."""

import asyncio
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from slackwater.model.source.config import ApiConfig
from slackwater.pipe.frames import Request, Response
from slackwater.runtime.http_transport import HostRefused, client
from slackwater.supervise.http.answer_memory import AnswerMemory
from slackwater.supervise.http.broker import Access, Broker, Tally

MIB = 1024 * 1024
Writer = asyncio.StreamWriter
Handler = Callable[["Seen", Writer], Awaitable[None] | None]


class Seen:
    """One request as it arrived."""

    def __init__(self, head: bytes, body: bytes, at: float) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body = body
        self.at = at


class Source:
    """A source whose every byte the test decides on."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.seen: list[Seen] = []
        self.connections = 0
        self.closed = asyncio.Event()  # a client has closed a connection
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                seen = Seen(head[:-4], b"", time.monotonic())
                seen.body = await reader.readexactly(int(seen.headers.get("content-length", 0)))
                self.seen.append(seen)
                done = self.handler(seen, writer)
                if done is not None:
                    await done
                if writer.is_closing():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.set()
            writer.close()


def answer(status: int = 200, body: bytes = b"{}", **headers: Any) -> bytes:
    lines = {"content-length": len(body), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + body


def script(*answers: bytes) -> Handler:
    """Give each answer once, the last for ever."""
    left = list(answers)

    def handle(_: Seen, writer: Writer) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return handle


@asynccontextmanager
async def source(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Source]:
    made = Source(handler)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


def broker(**given: Any) -> Broker:
    defaults: dict[str, Any] = {
        "allow_private": True,
        "requests_per_second": 1000.0,
        "connections": 4,
        "tries": 3,
        "max_wait": 5.0,
        "max_answer": 1024 * 1024,
        "random": lambda: 0.0,
    }
    return Broker(**(defaults | given))


async def get(
    asked: Broker, url: str, access: Access | None = None, tally: Tally | None = None, **more: Any
) -> Response:
    request = Request(number=7, url=url, **({"method": "GET"} | more))
    return await asked.send(request, access or Access.of(None), tally or Tally())


def api(location: str, **more: Any) -> Access:
    return Access.of(ApiConfig(location=location, **more))


# What is sent where.


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"auth_type": "api_key", "api_key": "s3cret"}, "x-api-key", "s3cret"),
        ({"auth_type": "api_key", "api_key": "s3cret", "api_key_header": "Apikey"}, "apikey", "s3cret"),
        ({"auth_type": "bearer", "bearer_token": "s3cret"}, "authorization", "Bearer s3cret"),
        ({"auth_type": "basic", "username": "u", "password": "s3cret"}, "authorization", "Basic dTpzM2NyZXQ="),
        ({"custom_headers": {"X-Tenant": "s3cret"}}, "x-tenant", "s3cret"),
    ],
)
async def test_credentials_go_to_the_configured_origin_only(given: dict[str, Any], name: str, value: str) -> None:
    async with source(script(answer())) as ours, source(script(answer())) as other, broker() as asked:
        access = api(ours.url + "/v1", **given)
        assert (await get(asked, ours.url + "/v1/data", access, headers=[(name, "forged")])).status == 200
        assert (await get(asked, other.url + "/v1/data", access)).status == 200
    assert ours.seen[0].headers[name] == value
    assert name not in other.seen[0].headers
    assert "s3cret" not in repr(access)


async def test_headers_of_the_module_pass_but_for_those_that_are_not_its_own() -> None:
    sent = [
        ("Accept", "text/csv"),
        ("X-Own", "1"),
        ("Host", "evil.example"),
        ("Authorization", "forged"),
        ("Cookie", "a=b"),
        ("Connection", "close"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "99"),
        ("Accept-Encoding", "br"),
    ]
    async with source(script(answer())) as ours, broker() as asked:
        await get(asked, ours.url, headers=sent)
        await get(asked, ours.url, method="POST", content=b"question", headers=[("Content-Type", "text/plain")])
    first, second = (seen.headers for seen in ours.seen)
    assert first.pop("user-agent").startswith("Slackwater/")
    assert first == {
        "host": f"127.0.0.1:{ours.port}",
        "accept": "text/csv",
        "x-own": "1",
        "accept-encoding": "gzip, deflate",
    }
    assert ours.seen[1].body == b"question"
    assert second["content-type"] == "text/plain"


async def test_query_parameters_are_added_where_the_url_lacks_them() -> None:
    async with source(script(answer())) as ours, broker() as asked:
        access = api(ours.url, query_params={"key": "a b&c", "limit": 5, "all": True})
        got = await get(asked, ours.url + "/d", access)
        await get(asked, ours.url + "/d?limit=9&x=", access)
        await get(asked, ours.url + "/d?", access)
    assert [seen.target for seen in ours.seen] == [
        "/d?key=a+b%26c&limit=5&all=true",
        "/d?limit=9&x=&key=a+b%26c&all=true",
        "/d?key=a+b%26c&limit=5&all=true",
    ]
    assert got.url == ours.url + "/d"


async def test_a_redirect_carries_credentials_inside_the_origin_only() -> None:
    def ours_answers(seen: Seen, writer: Writer) -> None:
        if seen.target.startswith("/away"):
            writer.write(answer(302, location=f"{other.url}/there"))
        elif seen.target.startswith("/v1"):
            writer.write(answer(302, location="/v2?key=s3cret"))
        else:
            writer.write(answer(body=b"[1]", set_cookie="session=s3cret"))

    async with source(script(answer())) as other, source(ours_answers) as ours, broker() as asked:
        access = api(ours.url, auth_type="bearer", bearer_token="s3cret", query_params={"key": "s3cret"})
        assert (await get(asked, ours.url + "/away", access)).url == other.url + "/there"
        moved = await get(asked, ours.url + "/v1?a=1", access)
    assert "authorization" not in other.seen[0].headers
    assert "s3cret" not in other.seen[0].target
    assert ours.seen[-1].headers["authorization"] == "Bearer s3cret"
    assert ours.seen[-1].target == "/v2?key=s3cret"
    # what the source has copied of our parameters does not get down to the wrapper, nor do its cookies
    assert (moved.url, moved.content) == (ours.url + "/v2", b"[1]")
    assert "s3cret" not in repr(moved.headers)


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (303, "HEAD", "HEAD"),
        (302, "GET", "GET"),
    ],
)
async def test_the_method_after_a_redirect(status: int, method: str, then: str) -> None:
    answers = script(answer(status, b"", location="/b"), answer(body=b"" if then == "HEAD" else b"x"))
    async with source(answers) as ours, broker() as asked:
        await get(asked, ours.url + "/a", method=method, content=b"q" if method == "POST" else b"")
    assert [(seen.method, seen.body) for seen in ours.seen[1:]] == [(then, b"q" if then == "POST" else b"")]


async def test_redirects_have_an_end() -> None:
    async with source(script(answer(302, location="/again"))) as ours, broker() as asked:
        got = await get(asked, ours.url + "/?secret=1")
    assert (got.error_kind, got.error) == ("refused", f"127.0.0.1:{ours.port} redirects more than 5 times.")
    assert len(ours.seen) == 6


# Hosts.


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]", "[::ffff:7f00:1]"]
)
async def test_private_hosts_are_refused_however_they_are_written(host: str) -> None:
    async with source(script(answer())) as ours, broker(allow_private=False) as asked:
        got = await get(asked, f"http://{host}:{ours.port}/")
    assert got.error_kind == "refused"
    assert got.error is not None
    assert "is not a public address; an administrator can allow it alone with SLACKWATER_PRIVATE_SOURCES=" in got.error
    assert ours.connections == 0


PUBLIC = "198.51.101.7"  # judged as public; `routed` keeps the test on this machine


@pytest.fixture
async def routed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lead connections to PUBLIC to loopback, as a router would; returns the addresses that were connected to."""
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect
    addresses: list[str] = []

    async def route(sock: socket.socket, address: Any) -> None:
        addresses.append(address[0])
        await connect(sock, ("127.0.0.1" if address[0] == PUBLIC else address[0], address[1]))

    monkeypatch.setattr(loop, "sock_connect", route)
    return addresses


async def test_a_name_that_resolves_inside_the_second_time_is_refused_then(routed: list[str]) -> None:
    answers = iter([PUBLIC, "127.0.0.1"])

    async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
        return [(socket.AF_INET, (next(answers), port))]

    handler = script(answer(connection="close"))
    async with source(handler) as ours, broker(allow_private=False, resolve=resolve) as asked:
        first = await get(asked, f"http://rebind.example:{ours.port}/")
        second = await get(asked, f"http://rebind.example:{ours.port}/")
    assert first.status == 200
    assert second.error == (
        "Host 127.0.0.1 of rebind.example is not a public address; an administrator can allow it alone with "
        "SLACKWATER_PRIVATE_SOURCES=rebind.example."
    )
    assert routed == [PUBLIC]  # one look-up for one connection, and to that very address


@pytest.mark.parametrize("inside", ["http://127.0.0.1:{port}/", "http://169.254.169.254/latest/", "//[::1]:{port}/"])
async def test_a_redirect_that_leads_inside_is_refused(routed: list[str], inside: str) -> None:
    async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
        address = PUBLIC if host == "outside.example" else host
        return [(socket.AF_INET6 if ":" in host else socket.AF_INET, (address, port))]

    def lead_inside(_: Seen, writer: Writer) -> None:
        writer.write(answer(307, location=inside.format(port=ours.port)))

    async with source(lead_inside) as ours, broker(allow_private=False, resolve=resolve) as asked:
        got = await get(asked, f"http://outside.example:{ours.port}/")
    assert got.error_kind == "refused"
    assert "is not a public address" in (got.error or "")
    assert (routed, len(ours.seen)) == ([PUBLIC], 1)


async def test_an_answer_that_nobody_asked_for_is_never_given_to_anybody() -> None:
    twice = answer(body=b"right") + answer(body=b"planted")
    async with source(script(twice)) as ours, broker() as asked:
        assert [(await get(asked, ours.url)).content for _ in range(3)] == [b"right"] * 3
    assert ours.connections == 3


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
        return [(socket.AF_INET, ("8.8.8.8", port)), (socket.AF_INET, ("10.0.0.5", port))]

    async with broker(allow_private=False, resolve=resolve) as asked:
        got = await get(asked, "http://intranet.example/?token=s3cret")
    assert got.error_kind == "refused"
    assert (got.error or "").startswith("Host 10.0.0.5 of intranet.example is not a public address")


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with source(script(answer())) as proxy, source(script(answer())) as ours, broker() as asked:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert (await get(asked, ours.url)).status == 200
    assert (proxy.connections, ours.connections) == (0, 1)


@pytest.mark.parametrize("url", ["ftp://x.example/", "file:///etc/passwd", "http://", "nonsense", "http://0177.0.0.1/"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    async with broker() as asked:
        got = await get(asked, url)
    assert got.error_kind == "refused"


async def test_tls_verifies_the_name(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += [
        "-subj",
        "/CN=source.test",
        "-addext",
        "subjectAltName=DNS:source.test",
        "-keyout",
        "key",
        "-out",
        "cert",
    ]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert"))
    body = b"x" * 300_000

    async with source(script(answer(body=body)), server_side) as ours:

        async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
            return [(socket.AF_INET, ("127.0.0.1", port))]

        async with broker(resolve=resolve, tls=trusting, tries=1) as asked:
            for _ in range(2):
                assert (await get(asked, f"https://source.test:{ours.port}/")).content == body
            assert ours.connections == 1
            got = await get(asked, f"https://other.test:{ours.port}/")
        async with broker(resolve=resolve, tries=1) as strict:
            unknown = await get(strict, f"https://source.test:{ours.port}/")
    assert got.error_kind == "connect"
    assert (got.error or "").startswith(
        f"Cannot connect to other.test:{ours.port}: its certificate is not valid: Hostname"
    )
    assert "self-signed certificate" in (unknown.error or "")


# Waiting and trying again.


async def test_retry_after_in_seconds_is_waited_for_by_every_wrapper() -> None:
    async with source(script(answer(429, retry_after="1"), answer())) as ours, broker() as asked:
        tallies = Tally(), Tally()
        first = asyncio.create_task(get(asked, ours.url + "/a", tally=tallies[0]))
        while not ours.seen:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        second = asyncio.create_task(get(asked, ours.url + "/b", tally=tallies[1]))
        await asyncio.sleep(0.05)
        assert (tallies[0].waiting, tallies[1].waiting) == (1, 1)
        assert [(await task).status for task in (first, second)] == [200, 200]
    assert len(ours.seen) == 3
    assert min(seen.at for seen in ours.seen[1:]) - ours.seen[0].at >= 0.98
    assert (tallies[0].requests, tallies[0].errors, tallies[0].waiting) == (2, 1, 0)
    assert (tallies[1].requests, tallies[1].errors) == (1, 0)


async def test_retry_after_no_time_at_all_is_waited_for_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that says so, and counts the requests of some seconds, would never be read otherwise."""
    monkeypatch.setattr("slackwater.supervise.http.broker.AT_ONCE", 0.02)
    turned_away = [answer(429, retry_after="0")] * 4
    async with source(script(*turned_away, answer())) as ours, broker() as asked:
        assert (await get(asked, ours.url)).status == 200
    pauses = [later.at - earlier.at for earlier, later in pairwise(ours.seen)]
    assert len(pauses) == 4
    assert all(pause >= 0.02 * 2**number for number, pause in enumerate(pauses))


async def test_retry_after_as_a_date_counts_from_the_clock() -> None:
    now = 1_700_000_000.0
    late, soon = formatdate(now + 120, usegmt=True), formatdate(now - 5, usegmt=True)
    async with source(script(answer(503, retry_after=late))) as ours, broker(clock=lambda: now) as asked:
        got = await get(asked, ours.url)
        assert (got.status, len(ours.seen)) == (503, 1)
        assert got.retry_after == pytest.approx(120, abs=1)
        again = await get(asked, ours.url)  # the host has asked for silence: it gets it
        assert (again.status, len(ours.seen)) == (503, 1)
        assert again.retry_after == pytest.approx(120, abs=1)
    async with source(script(answer(503, retry_after=soon), answer())) as ours, broker(clock=lambda: now) as asked:
        assert (await get(asked, ours.url)).status == 200


@pytest.mark.parametrize(
    ("names", "reset"),
    [
        (("X-RateLimit-Remaining", "X-RateLimit-Reset"), "1700000040"),
        (("RateLimit-Remaining", "RateLimit-Reset"), "40"),
    ],
)
async def test_a_quota_that_is_used_up_is_kept_by_every_wrapper(names: tuple[str, str], reset: str) -> None:
    spent = answer(200, **{names[0]: "0", names[1]: reset})
    async with source(script(spent, answer())) as ours, broker(clock=lambda: 1_700_000_000.0) as asked:
        assert (await get(asked, ours.url)).status == 200
        turned_away = await get(asked, ours.url)
        assert (turned_away.status, len(ours.seen)) == (429, 1)
        assert turned_away.retry_after == pytest.approx(40, abs=1)
    left = answer(200, **{names[0]: "3", names[1]: reset})
    async with source(script(left, answer())) as ours, broker(clock=lambda: 1_700_000_000.0) as asked:
        assert [(await get(asked, ours.url)).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_passing_failures_are_tried_again_with_growing_pauses(status: int) -> None:
    drawn: list[float] = []

    def random() -> float:
        drawn.append(0.1)
        return 0.1

    tally = Tally()
    answers = script(answer(status), answer(status), answer(body=b"x"))
    async with source(answers) as ours, broker(random=random) as asked:
        got = await get(asked, ours.url, tally=tally)
    assert (got.status, got.retry_after) == (200, None)
    assert len(drawn) == 2
    gaps = [later.at - earlier.at for earlier, later in zip(ours.seen, ours.seen[1:], strict=False)]
    assert gaps[0] >= 0.045
    assert gaps[1] >= 0.095
    assert (tally.requests, tally.errors, tally.bytes_received) == (3, 2, 5)


@pytest.mark.parametrize(
    ("status", "method", "sent"), [(500, "GET", 3), (500, "POST", 1), (404, "GET", 1), (401, "GET", 1)]
)
async def test_the_last_answer_is_passed_on(status: int, method: str, sent: int) -> None:
    async with source(script(answer(status, b"sorry"))) as ours, broker() as asked:
        got = await get(asked, ours.url, method=method)
    assert (got.status, got.content, got.error) == (status, b"sorry", None)
    assert len(ours.seen) == sent


async def test_a_closed_port_is_tried_again_and_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tally = Tally()
    async with broker() as asked:
        got = await get(asked, f"http://127.0.0.1:{port}/?token=s3cret", tally=tally)
    assert (got.error_kind, got.error) == ("connect", f"Cannot connect to 127.0.0.1:{port}: connection refused.")
    assert tally.errors == 3


async def test_a_name_of_this_machine_is_looked_up() -> None:
    async with source(script(answer())) as ours, broker() as asked:
        assert (await get(asked, f"http://localhost:{ours.port}/")).status == 200


async def test_an_unknown_name_is_named() -> None:
    async def resolve(host: str, port: int) -> list[tuple[int, Any]]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async with broker(resolve=resolve) as asked:
        got = await get(asked, "https://nowhere.example/x")
    assert got.error == "Cannot connect to nowhere.example:443: the name nowhere.example cannot be resolved."


async def test_requests_of_all_wrappers_keep_the_rate_of_a_host() -> None:
    async with source(script(answer())) as ours, broker(requests_per_second=20.0) as asked:
        begun = time.monotonic()
        await asyncio.gather(*(get(asked, ours.url) for _ in range(30)))
        took = time.monotonic() - begun
    assert took >= 0.45  # 20 at once, 10 more at 20 a second
    assert all(ours.seen[number + 20].at - begun >= number / 20 for number in range(10))


async def test_connections_to_a_host_are_bounded_and_kept() -> None:
    now, most = 0, 0

    async def slowly(_: Seen, writer: Writer) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        writer.write(answer())

    async with source(slowly) as ours, broker(connections=3) as asked:
        await asyncio.gather(*(get(asked, ours.url) for _ in range(12)))
    assert most == 3
    assert ours.connections == 3


async def test_a_kept_connection_that_the_source_has_closed_costs_no_try() -> None:
    def close_after(_: Seen, writer: Writer) -> None:
        writer.write(answer())
        asyncio.get_running_loop().call_later(0.02, writer.close)

    tally = Tally()
    async with source(close_after) as ours, broker(tries=1) as asked:
        for _ in range(3):
            assert (await get(asked, ours.url, tally=tally)).status == 200
            await asyncio.sleep(0.04)
    assert (tally.errors, ours.connections) == (0, 3)


async def test_a_request_that_a_dying_connection_swallows_is_sent_again() -> None:
    def swallow_second(seen: Seen, writer: Writer) -> None:
        if len(ours.seen) == 2:
            writer.close()
        else:
            writer.write(answer())

    async with source(swallow_second) as ours, broker(tries=1) as asked:
        assert [(await get(asked, ours.url)).status for _ in range(2)] == [200, 200]
    assert len(ours.seen) == 3


# Hostile and broken answers.


async def test_compressed_answers_arrive_decompressed() -> None:
    body = json.dumps(list(range(30_000))).encode()
    raw = zlib.compressobj(wbits=-15)
    forms = {
        "gzip": gzip.compress(body),
        "x-gzip": gzip.compress(body[:1000]) + gzip.compress(body[1000:]),
        "deflate": zlib.compress(body),
        "Deflate": raw.compress(body) + raw.flush(),
        "identity": body,
    }
    for name, packed in forms.items():
        tally = Tally()
        async with source(script(answer(body=packed, content_encoding=name))) as ours, broker() as asked:
            assert (await get(asked, ours.url, tally=tally)).content == body, name
        assert tally.bytes_received == len(packed)


async def test_a_head_answer_of_a_compressed_page_is_no_broken_one() -> None:
    async with source(script(answer(body=b"", content_encoding="gzip", content_length=50))) as ours, broker() as asked:
        got = await get(asked, ours.url, method="HEAD")
    assert (got.status, got.content) == (200, b"")


@pytest.mark.parametrize("bomb", [False, True])
async def test_an_answer_over_the_limit_is_refused_while_it_comes(bomb: bool) -> None:
    sent = 0

    async def flood(_: Seen, writer: Writer) -> None:
        nonlocal sent
        if bomb:
            packed = gzip.compress(bytes(200_000_000), 1)
            writer.write(answer(body=packed, content_encoding="gzip"))
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with source(flood) as ours, broker() as asked:
        got = await get(asked, ours.url)
        await asyncio.wait_for(ours.closed.wait(), 5)
    assert got.error_kind == "refused"
    assert (got.error or "").startswith(f"The answer of 127.0.0.1:{ours.port} is larger than 1,048,576 bytes;")
    assert len(ours.seen) == 1
    assert sent < 32 * 1024 * 1024


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(answer(content_length=50), id="shorter than its length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", id="no last chunk"),
        pytest.param(answer(body=gzip.compress(b"x" * 500)[:-6], content_encoding="gzip"), id="half a gzip"),
        pytest.param(answer(body=b"not gzip", content_encoding="gzip"), id="no gzip"),
        pytest.param(answer(content_encoding="br"), id="not offered"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a head"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000, id="endless head"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_half_an_answer_is_no_answer(broken: bytes) -> None:
    def handle(_: Seen, writer: Writer) -> None:
        writer.write(broken)
        writer.close()

    tally = Tally()
    async with source(handle) as ours, broker(tries=2) as asked:
        got = await get(asked, ours.url, tally=tally)
    assert (got.error_kind, got.status, got.content) == ("protocol", 0, b"")
    assert (got.error or "").endswith(".")
    assert (tally.errors, len(ours.seen)) == (2, 2)


async def test_a_source_that_says_nothing_is_a_timeout() -> None:
    async with source(lambda seen, writer: None) as ours, broker(tries=2) as asked:
        got = await get(asked, ours.url, api(ours.url, timeout_seconds=0.1))
        await asyncio.wait_for(ours.closed.wait(), 5)
    assert (got.error_kind, len(ours.seen)) == ("timeout", 2)
    assert got.error == f"127.0.0.1:{ours.port} has sent nothing for 0.1 seconds (timeout_seconds)."


async def test_a_source_that_drips_cannot_hold_a_request_for_ever() -> None:
    async def drip(_: Seen, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with source(drip) as ours, broker() as asked:
        begun = time.monotonic()
        got = await asyncio.wait_for(get(asked, ours.url, api(ours.url, timeout_seconds=0.06)), 60)
        took = time.monotonic() - begun
    assert (got.error_kind, len(ours.seen)) == ("timeout", 1)
    assert took >= 0.5


@pytest.mark.parametrize("timeout", [float("nan"), float("inf"), -1.0, 0.0, None, 500.0])
async def test_a_timeout_of_the_module_can_only_shorten(timeout: float | None) -> None:
    async with source(lambda seen, writer: None) as ours, broker(tries=1) as asked:
        got = await get(asked, ours.url, api(ours.url, timeout_seconds=0.05), timeout=timeout)
    assert got.error_kind == "timeout"


@pytest.mark.parametrize(
    "more",
    [
        {"headers": [("X-A", "b\r\nEvil: 1")]},
        {"headers": [("a b", "c")]},
        {"method": "CONNECT"},
        {"method": "GET / HTTP/1.1\r\nX:"},
    ],
)
async def test_a_request_that_smuggles_is_refused(more: dict[str, Any]) -> None:
    async with source(script(answer())) as ours, broker() as asked:
        got = await get(asked, ours.url, **more)
    assert (got.error_kind, len(ours.seen)) == ("refused", 0)
    assert "Evil" not in (got.error or "")


async def test_a_cancelled_request_frees_slot_and_connection() -> None:
    def only_later(seen: Seen, writer: Writer) -> None:
        if len(ours.seen) > 1:
            writer.write(answer())

    tally = Tally()
    async with source(only_later) as ours, broker(connections=1) as asked:
        held = asyncio.create_task(get(asked, ours.url, tally=tally))
        while not ours.seen:
            await asyncio.sleep(0.01)
        in_line = asyncio.create_task(get(asked, ours.url, tally=tally))
        await asyncio.sleep(0.02)
        for task in (in_line, held):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await asyncio.wait_for(ours.closed.wait(), 5)
        assert tally.waiting == 0
        async with asyncio.timeout(5):
            assert (await get(asked, ours.url)).status == 200


# As a wrapper sees it.


def http(asked: Broker, access: Access) -> httpx.AsyncClient:
    async def send(
        method: str, url: str, headers: list[tuple[str, str]], content: bytes, timeout: float | None
    ) -> Response:
        request = Request(number=1, method=method, url=url, headers=headers, content=content, timeout=timeout)
        return await asked.send(request, access, Tally())

    return client(send)


async def test_the_client_of_a_wrapper_is_an_ordinary_httpx_client() -> None:
    packed = gzip.compress(b'{"items": [1, 2]}')

    def handle(seen: Seen, writer: Writer) -> None:
        if seen.target.startswith("/old"):
            writer.write(answer(301, location="/new/page?x=1"))
        elif seen.target.startswith("/busy"):
            writer.write(answer(429, retry_after="90"))
        else:
            writer.write(
                answer(body=packed, content_encoding="gzip", content_type="application/json", set_cookie="a=b")
            )

    async with source(handle) as ours, broker(tries=1) as asked, http(asked, api(ours.url)) as wrapper:
        got = await wrapper.get(ours.url + "/old", params={"q": "ü"})
        assert got.json() == {"items": [1, 2]}
        assert str(got.url) == ours.url + "/new/page?x=1"
        assert str(got.url.join("?x=2")) == ours.url + "/new/page?x=2"
        assert ours.seen[0].target == "/old?q=%C3%BC"
        assert "retry_after" not in got.extensions
        assert not wrapper.cookies
        posted = await wrapper.post(ours.url + "/p", json={"a": 1})
        assert posted.json() == {"items": [1, 2]}
        assert json.loads(ours.seen[-1].body) == {"a": 1}
        busy = await wrapper.get(ours.url + "/busy")
        assert busy.status_code == 429
        assert busy.extensions["retry_after"] == 90.0


async def test_faults_become_the_errors_of_httpx() -> None:
    cases: list[tuple[Handler, type[Exception], str]] = [
        (script(answer(302, location="/")), HostRefused, "redirects more than 5 times"),
        (lambda seen, writer: None, httpx.ReadTimeout, "has sent nothing for 0.1 seconds"),
        (lambda seen, writer: writer.close(), httpx.RemoteProtocolError, "closed the connection without an answer"),
    ]
    for handler, error, sentence in cases:
        async with source(handler) as ours, broker(tries=1) as asked, http(asked, api(ours.url)) as wrapper:
            with pytest.raises(error, match=sentence):
                await wrapper.get(ours.url, timeout=0.1)
    async with broker(tries=1) as asked, http(asked, Access.of(None)) as wrapper:
        with pytest.raises(httpx.ConnectError, match="connection refused"):
            await wrapper.get("http://127.0.0.1:1/")


def test_making_the_client_loads_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a TLS context costs 20 ms of every run")

    monkeypatch.setattr(ssl, "create_default_context", refuse)
    monkeypatch.setattr(ssl, "SSLContext", refuse)
    client(lambda *_: pytest.fail("nothing is sent"))


class Latency:
    """The most processor time, in seconds, that this process spent between two turns of the event loop.

    For so long the loop would answer nobody on a machine of its own; what other processes take does not count.
    """

    def __init__(self) -> None:
        self.worst = 0.0

    async def __aenter__(self) -> "Latency":
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)  # what comes last counts too
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            before = time.process_time()
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.process_time() - before)


async def test_twenty_thousand_request_headers_are_refused_at_once() -> None:
    async with source(script(answer())) as here, broker() as asked, Latency() as loop:
        got = await get(asked, here.url, headers=[(f"x-{n}", "v") for n in range(24_000)])
    assert got.error is not None
    assert "headers" in got.error
    assert loop.worst < 0.5
    assert not here.seen


async def test_headers_of_the_same_name_are_all_sent() -> None:
    async with source(script(answer())) as here, broker() as asked:
        got = await get(asked, here.url, headers=[("X-A", "1"), ("x-b", "2"), ("x-a", "3")])
    assert got.status == 200
    assert here.seen[0].headers["x-b"] == "2"
    assert here.seen[0].headers["x-a"] == "3"  # the later of two lines


async def test_a_url_without_end_is_refused() -> None:
    async with source(script(answer())) as here, broker() as asked:
        got = await get(asked, f"{here.url}/{'a' * 100_000}")
    assert got.error is not None
    assert "URL" in got.error
    assert not here.seen


async def test_a_module_cannot_choose_a_range_of_bytes() -> None:
    """A credential that an answer echoes could be read in two halves, neither of which is recognised."""
    async with source(script(answer())) as here, broker() as asked:
        await get(asked, here.url, headers=[("Range", "bytes=0-3"), ("If-Range", '"x"')])
    assert "range" not in here.seen[0].headers
    assert "if-range" not in here.seen[0].headers


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


async def test_an_answer_in_chunks_of_one_byte_is_refused_and_stalls_nobody() -> None:
    async with source(script(chunked(*[b"x"] * 500_000))) as here, broker() as asked, Latency() as loop:
        got = await get(asked, here.url)
    assert got.error is not None
    assert "chunks" in got.error
    assert loop.worst < 0.3


async def test_a_long_answer_in_small_chunks_is_read_and_stalls_nobody() -> None:
    async with source(script(chunked(*[b"x" * 64] * 15_000))) as here, broker() as asked, Latency() as loop:
        got = await get(asked, here.url)
    assert got.content == b"x" * 64 * 15_000
    assert loop.worst < 0.3


async def test_thousands_of_empty_gzip_streams_stall_nobody() -> None:
    body = gzip.compress(b"", mtime=0) * 50_000
    coded = answer(body=body, content_encoding="gzip")
    async with source(script(coded)) as here, broker(max_answer=4 * 1024 * 1024) as asked, Latency() as loop:
        began = time.monotonic()
        await get(asked, here.url)
    assert time.monotonic() - began < 5
    assert loop.worst < 0.3


async def test_taking_secrets_out_of_a_large_answer_stalls_nobody() -> None:
    secret = "a-secret-of-some-length"
    config = ApiConfig(location="http://127.0.0.1/", auth_type="bearer", bearer_token=secret)
    body = (b"a" * 100 + secret.encode()) * 250_000
    async with source(script(answer(body=body))) as here, broker(max_answer=64 * 1024 * 1024) as asked:
        await get(asked, here.url)
        async with Latency() as loop:
            got = await get(asked, here.url, Access.of(config))
    assert secret.encode() not in got.content
    assert loop.worst < 0.5


async def test_answers_that_nobody_reads_take_bounded_memory() -> None:
    memory = AnswerMemory(service_bytes=8 * MIB, run_bytes=3 * MIB)
    share = memory.share()
    read = asyncio.Event()
    most = 0

    async def one(asked: Broker, url: str) -> None:
        nonlocal most
        with share.held() as held:
            got = await asked.send(Request(number=1, method="GET", url=url), Access.of(None), Tally(), held)
            assert len(got.content) == MIB
            most = max(most, memory.used)
            await read.wait()

    async with source(script(answer(body=b"x" * MIB))) as here, broker(connections=8) as asked:
        requests = [asyncio.create_task(one(asked, here.url)) for _ in range(8)]
        while memory.used < 2 * MIB:
            await asyncio.sleep(0.01)
        await asyncio.wait(requests, timeout=0.2)
        assert memory.used <= 4 * MIB  # the oldest answer may go beyond the share, so that one is always finished
        read.set()
        await asyncio.gather(*requests)
    assert most <= 4 * MIB
    assert memory.used == 0


async def test_an_answer_that_the_service_has_no_room_for_is_tried_again_later() -> None:
    memory = AnswerMemory(service_bytes=MIB, run_bytes=3 * MIB)
    async with source(script(answer(body=b"x" * MIB))) as here, broker() as asked:
        with memory.share().held() as other, memory.share().held() as held:
            await other.grow(10)
            got = await asked.send(Request(number=1, method="GET", url=here.url), Access.of(None), Tally(), held)
    assert got.error_kind == "connect"
    assert "together" in (got.error or "")
    assert memory.used == 0


async def test_a_source_that_says_500_to_the_end_is_taken_at_its_word_from_then_on() -> None:
    """Some say so to each parameter that they do not know; another status is tried again as ever."""
    tally = Tally()
    answers = script(*[answer(500)] * 4, answer(body=b"x"), answer(503), answer(body=b"y"))
    async with source(answers) as ours, broker() as asked:
        got = [(await get(asked, ours.url, tally=tally)).status for _ in range(4)]
    assert got == [500, 500, 200, 200]
    assert tally.requests == 3 + 1 + 1 + 2


async def test_what_was_answered_before_is_asked_again_after_a_500_though_other_parameters_stayed_one() -> None:
    tally = Tally()
    bad, good = answer(500), answer(body=b"x")
    answers = script(good, bad, bad, bad, bad, good, bad, bad, bad, bad)
    async with source(answers) as ours, broker() as asked:
        urls = [f"{ours.url}?{query}" for query in ("from=1", "since=1", "from=2", "from=3", "from=4")]
        got = [(await get(asked, url, tally=tally)).status for url in urls]
    assert got == [200, 500, 200, 500, 500]
    assert tally.requests == 1 + 3 + 2 + 3 + 1  # what stayed so to the end is taken at its word there, too


async def test_a_run_that_reads_insists_after_a_500_that_stayed() -> None:
    tally = Tally(insists=True)
    answers = script(*[answer(500)] * 3, answer(500), answer(body=b"x"))
    async with source(answers) as ours, broker() as asked:
        got = [(await get(asked, ours.url, tally=tally)).status for _ in range(2)]
    assert got == [500, 200]
