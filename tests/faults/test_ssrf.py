"""Addresses inside, however they are written or reached: refused through the front door, and never connected to.

A module asks for them with its own hands; a server that listens on every address of this machine counts who comes.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import scenes
from service import Service, eventually
from sources import Answer, SourceServer

LITERALS = {
    "loopback": "127.0.0.1",
    "another loopback": "127.8.8.8",
    "short": "127.1",
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "dotted hexadecimal": "0x7f.0x0.0x0.0x1",
    "octal": "017700000001",
    "dotted octal": "0177.0.0.01",
    "mixed": "0x7f.1",
    "nothing": "0",
    "any": "0.0.0.0",
    "name": "localhost",
    "name with a dot": "localhost.",
    "name in capitals": "LOCALHOST",
    "IPv6 loopback": "[::1]",
    "IPv6 any": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped in hexadecimal": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "unique local": "[fd00::1]",
    "link-local": "[fe80::1]",
    "metadata": "169.254.169.254",
    "metadata in decimal": "2852039166",
    "metadata in hexadecimal": "0xa9fea9fe",
    "metadata mapped": "[::ffff:a9fe:a9fe]",
    "metadata in octal": "0251.0376.0251.0376",
    "private A": "10.0.0.1",
    "private B": "172.16.0.1",
    "private C": "192.168.0.1",
    "carrier": "100.64.0.1",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
    "full-width digits": "１２７.０.０.１",
    "circled digits": "①②⑦.⓪.⓪.①",
    "ideographic stop": "127。0。0。1",
}

ASK = """
import httpx, json
for url in {urls!r}:
    try:
        answer = await http.get(url)
        print("ANSWERED", url, answer.status_code, answer.text[:50])
    except httpx.HTTPError as error:
        print("REFUSED", url, type(error).__name__, str(error)[:120])
    except Exception as error:
        print("REFUSED", url, type(error).__name__, str(error)[:120])
print("DONE")
yield Point("2020-01-01T00:00:00Z", 1.0)
"""


class Bait:
    """A server on every address of this machine; `visits` are those who came."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            with visitor:
                visitor.recv(65536)
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbait")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def bait() -> Iterator[Bait]:
    server = Bait()
    yield server
    server.close()


@contextmanager
def asking(service: Service, urls: list[str]) -> Iterator[str]:
    """The log of a wrapper whose module has asked for the addresses."""
    file_id = service.upload("a.csv", b"time,level\n2020-01-01,1\n2020-01-02,2\n")["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id})
    service.wait_for(wrapper_id, "completed")
    service.patch(wrapper_id, generated_code=scenes.module(ASK.replace("{urls!r}", repr(urls))))
    service.execute(wrapper_id)
    eventually(lambda: "DONE" in service.logs(wrapper_id))
    yield service.http.get(f"/resources/wrappers/{wrapper_id}/logs", params={"limit": 1000}).text


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("ssrf") / "data", allow_private_sources=False, request_tries=1) as running:
        yield running


def test_no_address_inside_is_reached_however_it_is_written(strict: Service, bait: Bait) -> None:
    urls = [f"http://{host}:{bait.port}/" for host in LITERALS.values()]
    urls += [
        f"http://user@{LITERALS['loopback']}:{bait.port}/",
        f"http://example.org@127.0.0.1:{bait.port}/",
        f"https://127.0.0.1:{bait.port}/",
        f"http://127.0.0.1:{strict.port}/resources",
    ]
    with asking(strict, urls) as log:
        assert log.count("REFUSED") == len(urls), log
        assert "ANSWERED" not in log
    assert bait.visits == 0


def test_only_web_addresses_are_asked(strict: Service) -> None:
    urls = [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:70/_x",
        "data:text/plain,x",
        "unix:///run/docker.sock",
        "//127.0.0.1/",
        "http:///etc/passwd",
    ]
    with asking(strict, urls) as log:
        assert log.count("REFUSED") == len(urls), log
        assert "ANSWERED" not in log


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:169.254.169.254]", "localhost"]
)
def test_a_wrapper_of_an_address_inside_cannot_be_generated(strict: Service, bait: Bait, host: str) -> None:
    wrapper_id = strict.generate("API", {"location": f"http://{host}:{bait.port}/v1", "auth_type": "none"})

    def look() -> dict[str, Any] | None:
        wrapper = strict.wrapper(wrapper_id)
        return wrapper if wrapper["error_message"] else None

    told = eventually(look)["error_message"]
    assert "is not a public address" in told
    assert "SLACKWATER_PRIVATE_SOURCES" in told
    strict.stop(wrapper_id)
    assert bait.visits == 0


def test_a_redirect_leads_nowhere_inside(tmp_path: Path, bait: Bait) -> None:
    """The source's own address is allowed by name; what it redirects to is judged by itself."""
    outside = "127.0.0.77"
    with SourceServer() as source:
        targets = [f"http://{host}:{bait.port}/" for host in LITERALS.values()]
        targets += [f"//127.0.0.1:{bait.port}/", "file:///etc/passwd", f"http://127.0.0.1:{bait.port}\\@x.example/"]
        for number, target in enumerate(targets):
            for status in (301, 307):
                answer = Answer({}, status, {"Location": target.encode("ascii", "ignore").decode()})
                source.route(f"/{status}/{number}", answer)
        port = source.url.rpartition(":")[2]
        with Service(
            tmp_path / "data", allow_private_sources=False, private_sources=f"{outside}, 127.0.0.78/32", request_tries=1
        ) as service:
            urls = [
                f"http://{outside}:{port}/{status}/{number}" for number in range(len(targets)) for status in (301, 307)
            ]
            with asking(service, urls) as log:
                assert log.count("REFUSED") == len(urls), log
                assert "bait" not in log
    assert bait.visits == 0


def test_what_is_allowed_by_name_is_reached_and_nothing_beside_it(tmp_path: Path, bait: Bait) -> None:
    with Service(tmp_path / "data", allow_private_sources=False, private_sources="127.0.9.0/24, localhost") as service:
        good = [f"http://127.0.9.{n}:{bait.port}/" for n in (1, 200)] + [f"http://LocalHost:{bait.port}/"]
        bad = [f"http://127.0.8.1:{bait.port}/", f"http://127.0.0.1:{bait.port}/", f"http://[::1]:{bait.port}/"]
        with asking(service, good + bad) as log:
            assert log.count("ANSWERED") == len(good), log
            assert log.count("REFUSED") == len(bad), log
    assert bait.visits == len(good)


def test_this_service_and_metadata_stay_closed_though_all_private_sources_are_allowed(
    tmp_path: Path, bait: Bait
) -> None:
    with Service(tmp_path / "data", allow_private_sources=True, request_tries=1) as service:
        ours = [f"http://{host}:{service.port}/health" for host in ("127.0.0.1", "localhost", "0.0.0.0")]
        clouds = ["http://169.254.169.254/latest/", "http://[fd00:ec2::254]/", "http://[::ffff:168.63.129.16]/"]
        with asking(service, [*ours, *clouds, f"http://127.0.0.1:{bait.port}/"]) as log:
            assert log.count("this service itself") == len(ours), log
            assert log.count("hands out the credentials") == len(clouds), log
    assert bait.visits == 1
