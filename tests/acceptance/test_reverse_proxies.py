"""The examples in deploy/proxy, run by a real nginx and a real Caddy in front of a real service, over TLS."""

import io
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from budget import some
from certificates import Authority
from scenes import module
from service import KEY, Service, eventually, free_port
from slackwater.web.security.sessions import COOKIE

PROXY = Path(__file__).parents[2] / "deploy" / "proxy"
NAME = "tides.example.org"  # as the examples call the service
TALK = """
for number in range(200):
    print(f"line {number}", flush=True)
    await asyncio.sleep(0.1)
yield Point("2020-01-01T00:00:00Z", 1.0)
"""
NGINX = """
{user}
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    {server}
}}
"""


def needed(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        assert not os.environ.get("CI"), f"{program} is missing: apt-get install {program}"
        pytest.skip(f"{program} IS MISSING, so its example is not tested: apt-get install {program}")
    return found


def nginx(place: Path, service: Service, port: int, pem: Path) -> list[str]:
    """Return the command that runs the example with our port and certificate."""
    text = (PROXY / "nginx.conf").read_text()
    server = (
        text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        .replace(f"/etc/ssl/certs/{NAME}.pem", str(pem))
        .replace(f"/etc/ssl/private/{NAME}.key", str(pem))
        .replace("http://127.0.0.1:8080", service.url)
    )
    assert server.count(str(pem)) == 2
    user = "user root;" if os.geteuid() == 0 else ""  # its workers write into our directory
    (place / "nginx.conf").write_text(NGINX.format(user=user, place=place, server=server))
    return [needed("nginx"), "-p", str(place), "-c", str(place / "nginx.conf")]


def caddy(place: Path, service: Service, port: int, pem: Path) -> list[str]:
    """Return the command that runs the example with our port and certificate."""
    text = (PROXY / "Caddyfile").read_text()
    changed = text.replace(f"{NAME} {{", f"{NAME}:{port} {{\n\ttls {pem} {pem}\n", 1)
    changed = changed.replace("127.0.0.1:8080", service.url.removeprefix("http://"))
    assert str(pem) in changed
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (place / "Caddyfile").write_text(options + changed)
    return [needed("caddy"), "run", "--adapter", "caddyfile", "--config", str(place / "Caddyfile")]


@pytest.fixture(scope="module", params=some([nginx, caddy], nginx), ids=["nginx", "caddy"])
def outside(request, service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Give a client that reaches the service through a proxy, by the name and the authority of the example."""
    place = tmp_path_factory.mktemp("proxy")
    authority = Authority(place)
    pem, port = place / "server.pem", free_port()
    pem.write_text(authority.pem(NAME))
    command = request.param(place, service, port, pem)
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "XDG_DATA_HOME": str(place)}
    with (place / "output").open("w") as output:
        proxy = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        with httpx.Client(
            base_url=f"https://127.0.0.1:{port}",
            headers={"Host": f"{NAME}:{port}"},
            verify=ssl.create_default_context(cafile=authority.ca_file),
            timeout=60,
            event_hooks={"request": [lambda request: request.extensions.update(sni_hostname=NAME)]},
        ) as client:
            eventually(lambda: answers(client, proxy, place))
            yield client
    finally:
        proxy.send_signal(signal.SIGTERM)
        proxy.wait(20)


def answers(client: httpx.Client, proxy: subprocess.Popen[bytes], place: Path) -> bool:
    assert proxy.poll() is None, (place / "output").read_text()
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_lines_of_the_log_come_as_they_are_written(outside: httpx.Client, service: Service) -> None:
    upload = service.upload("level.csv", b"time,level\n2020-01-01,1\n2020-01-02,2\n")
    wrapper_id = service.generate("CSV", {"file_id": upload["file_id"]})
    service.wait_for(wrapper_id, "completed")
    service.patch(wrapper_id, generated_code=module(TALK))
    path = f"/resources/wrappers/{wrapper_id}/logs/stream"
    with outside.stream("GET", path, headers={"X-API-Key": KEY}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        began = time.monotonic()
        service.execute(wrapper_id, wait=0)
        assert any("] line 3" in line for line in answer.iter_lines())
        # 200 lines take 20 seconds: what came so soon was not kept back until the run or a buffer was full.
        assert time.monotonic() - began < 15
        assert service.process_id(wrapper_id)
    service.stop(wrapper_id)


def test_the_largest_upload_passes_and_a_larger_one_is_refused(outside: httpx.Client) -> None:
    row = b"2020-01-01T00:00:00Z,1," + b"x" * 2_000 + b"\n"  # few rows: the size is what is tested
    most = 50 * 1024 * 1024
    content = b"time,level,note\n" + row * ((most - 5_000) // len(row))
    headers = {"X-API-Key": KEY}
    files = {"file": ("large.csv", io.BytesIO(content), "text/csv")}
    answer = outside.post("/resources/wrappers/files/upload", files=files, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["file_size"] == len(content)
    larger = {"file": ("larger.csv", io.BytesIO(content + row * 10), "text/csv")}
    assert outside.post("/resources/wrappers/files/upload", files=larger, headers=headers).status_code == 413


def test_signing_in_works_and_the_cookie_is_for_tls_alone(outside: httpx.Client) -> None:
    host = outside.headers["Host"]
    answer = outside.post("/login", data={"key": KEY}, headers={"Origin": f"https://{host}"})
    assert answer.status_code == 303, answer.text
    assert answer.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
    page = outside.get("/", headers={"Cookie": answer.headers["set-cookie"].split(";")[0]})
    assert page.status_code == 200
    assert re.search(r'name="csrf-token" content="\w+"', page.text)


def test_a_download_arrives_whole(outside: httpx.Client, service: Service) -> None:
    rows = b"".join(b"%d,%d\n" % (1_600_000_000 + 60 * n, n) for n in range(20_000))
    upload = service.upload("minutes.csv", b"time,level\n" + rows)
    wrapper_id = service.generate("CSV", {"file_id": upload["file_id"]})
    resource = service.wait_for(wrapper_id, "completed", within=120)["resource_id"]
    answer = outside.get(f"/resources/{resource}/data", params={"format": "csv"}, headers={"X-API-Key": KEY})
    assert answer.status_code == 200
    assert answer.text.count("\n") == 20_001
