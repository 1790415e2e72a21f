"""Planted secrets, and a run in which everything fails: not one of them may be found anywhere afterwards."""

import base64
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import loaded
from budget import some
from service import Service, eventually
from slackwater.store.engine.database import FILE_NAME
from sources import Answer, Recorded, SourceServer

PLANTED = {
    "api_key": "planted/API+key=one&1",
    "bearer_token": 'planted-bearer"two\\é',
    "password": "planted pass:three%3",
    "header": "planted-header-four-4",
    "parameter": "planted+param/five=5&parameter",
}
SERVICE_KEY = "planted-service-key-six-6666"
SEALING_KEY = "planted-sealing-key-seven-7777777777"
AUTHENTICATIONS: dict[str, dict[str, Any]] = {
    "api_key": {"auth_type": "api_key", "api_key": PLANTED["api_key"], "api_key_header": "X-Station-Key"},
    "basic": {"auth_type": "basic", "username": "reader", "password": PLANTED["password"]},
    "bearer": {"auth_type": "bearer", "bearer_token": "planted-bearer-two-2"},
    "parameter": {"query_params": {"access_key": PLANTED["parameter"], "station": "faro"}},
    "header": {"custom_headers": {"X-Auth-Token": PLANTED["header"], "Accept-Language": "pt"}},
}


def needles() -> dict[str, bytes]:
    """Every way in which a planted secret could be written: name → bytes to look for."""
    found: dict[str, bytes] = {}
    plain = {**PLANTED, "bearer sent": "planted-bearer-two-2", "service": SERVICE_KEY, "sealing": SEALING_KEY}
    plain["pair"] = f"reader:{PLANTED['password']}"
    for name, secret in plain.items():
        found |= {
            f"{name} plain": secret.encode(),
            f"{name} in a URL": quote(secret, safe="").encode(),
            f"{name} in JSON": json.dumps(secret)[1:-1].encode(),
            f"{name} in base64": base64.b64encode(secret.encode()),
            f"{name} backwards": secret[::-1].encode(),
            f"{name} in base64, backwards": base64.b64encode(secret.encode())[::-1],
        }
    return found


NEEDLES = needles()


def assert_clean(where: str, content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    assert [name for name, needle in NEEDLES.items() if needle in raw] == [], where


class Echo:
    """Tells whoever asks all that was asked, in every way that comes to mind, and fails."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[Recorded] = []

    def __call__(self, request: Recorded) -> Answer:
        self.heard.append(request)
        said = {**request.headers, **request.query}
        every = [form for text in said.values() for form in (text, quote(text, safe=""), in_base64(text))]
        if request.path.endswith("/redirect"):
            return Answer({}, 302, {"Location": f"/v1/broken?again={quote(' '.join(every), safe='')}"})
        records = [{"time": text, "value": text} for text in every]
        headers = {"X-Echo": quote(" ".join(every), safe=""), "Link": f"<{every[0]}>; rel=next"}
        return Answer({"error": f"not for {' '.join(every)}", "you": said, "items": records}, self.status, headers)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass
class World:
    service: Service
    source: SourceServer
    echo: Echo
    log: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("secrets")
    log = home / "service.log"
    settings = {"api_key": SERVICE_KEY, "secret_key": SEALING_KEY, "log_level": "debug", "max_tries": 2}
    with SourceServer() as source, log.open("wb") as file:
        service = Logged(home / "data", file, **settings)
        service.fresh = True  # its command line and environment are looked at
        service.http.headers["X-API-Key"] = SERVICE_KEY
        with service:
            echo = Echo()
            for path in ("/v1/broken", "/v1/redirect"):
                source.route(path, echo)
            yield World(service, source, echo, log)


class Logged(Service):
    """A service whose output goes to a file."""

    def __init__(self, data_dir: Path, output: Any, **settings: Any) -> None:
        super().__init__(data_dir, **settings)
        self._output = output

    def start(self) -> None:
        popen = subprocess.Popen

        def into_the_file(*given: Any, **named: Any) -> Any:
            return popen(*given, **{**named, "stdout": self._output, "stderr": subprocess.STDOUT})

        subprocess.Popen = into_the_file  # type: ignore[assignment,misc]
        try:
            super().start()
        finally:
            subprocess.Popen = popen  # type: ignore[misc]


MODULE = """
import os, sys, traceback
from slackwater import Point, Wrapper

class Hand(Wrapper):
    whole = True
    async def fetch(self, window, http):
        for path in ("broken", "redirect"):
            answer = await http.get("{base}/v1/" + path)
            print(answer.text, dict(answer.headers), str(answer.url))
            print(answer.text, file=sys.stderr)
            for told in answer.json()["you"].values() if path == "broken" else [str(answer.url)]:
                print(told[::-1])  # nothing that scrubs messages understands that: the module must not have it at all
        print(dict(os.environ), sys.argv)
        yield Point("2020-01-01T00:00:00Z", 1.0, series=answer.text[:150])
        raise ValueError(answer.text, answer.headers, answer.url)

wrapper = Hand()
"""


def everything_shown(world: World) -> Iterator[tuple[str, bytes]]:
    """Every answer that the service gives about what it has."""
    http = world.service.http
    wrappers = http.get("/resources/wrappers", params={"limit": 100})
    yield "the list", wrappers.content
    for wrapper in wrappers.json():
        one = f"/resources/wrappers/{wrapper['wrapper_id']}"
        for part in ("", "/health", "/logs?limit=10000", "/monitoring", "/runs?limit=100", "/checkpoint"):
            answer = http.get(one + part)
            yield one + part, answer.content + repr(answer.headers).encode()
        if wrapper["resource_id"]:
            yield "data", http.get(f"/resources/{wrapper['resource_id']}/data").content
            yield "csv", http.get(f"/resources/{wrapper['resource_id']}/data", params={"format": "csv"}).content
    for path in ("/resources", "/audit?limit=1000", "/openapi.json", "/health", "/ready"):
        yield path, http.get(path).content


def on_the_disk(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in home.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def rows(home: Path) -> str:
    with sqlite3.connect(f"file:{home / FILE_NAME}?mode=ro", uri=True) as plain:
        dump = "\n".join(plain.iterdump())
    plain.close()
    return dump


def processes(world: World) -> Iterator[tuple[str, bytes]]:
    """Command line and environment of every process of the service; its own environment is where its keys come from."""
    assert world.service.process is not None
    yield "the service's command line", Path(f"/proc/{world.service.process.pid}/cmdline").read_bytes()
    for process in world.service.below():
        for part in ("cmdline", "environ"):
            try:
                yield f"{part} of {process.pid}", Path(f"/proc/{process.pid}/{part}").read_bytes()
            except OSError:
                continue


def settled(world: World, wrapper_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        wrapper = world.service.wrapper(wrapper_id)
        return wrapper if wrapper["status"] in {"error", "stopped", "completed"} else None

    return eventually(look, within=40)


@pytest.mark.parametrize("status", some([200, 401, 500], 401))
@pytest.mark.parametrize("kind", AUTHENTICATIONS)
def test_no_planted_secret_is_found_after_everything_has_failed(world: World, kind: str, status: int) -> None:
    service = world.service
    world.echo.status = status
    world.echo.heard.clear()
    config = {"location": f"{world.source.url}/v1/broken", **AUTHENTICATIONS[kind]}
    # First the discovery fails on it, then a module of its own that does all it can to tell.
    wrapper_id = service.generate("API", config)
    eventually(lambda: world.echo.heard)
    service.stop(wrapper_id)
    service.patch(wrapper_id, generated_code=MODULE.replace("{base}", world.source.url))
    service.execute(wrapper_id, wait=15)
    for found in processes(world):
        assert_clean(*found)
    service.stop(wrapper_id)
    settled(world, wrapper_id)
    sent = [value for request in world.echo.heard for value in (*request.headers.values(), *request.query.values())]
    assert any("planted" in text or "cGxhbnRlZ" in text or "cmVhZGVyO" in text for text in sent), "nothing was at stake"
    for found in everything_shown(world):
        assert_clean(*found)
    assert "********" in service.logs(wrapper_id)
    assert_clean("the rows", rows(service.data_dir))
    for found in on_the_disk(service.data_dir):
        assert_clean(*found)
    assert_clean("the service's log", world.log.read_bytes())


def test_what_is_refused_is_not_repeated(world: World) -> None:
    http = world.service.http
    every = dict(zip(("api_key", "bearer_token", "password"), PLANTED.values(), strict=False))
    there = {"location": "http://h/"}
    for kind, config in (
        ("API", {**every, "location": 7}),
        ("API", {**every, "location": f"http://u:{PLANTED['header']}@h/"}),
        ("API", [every]),
        ("CSV", every),
        ("API", {**there, "custom_headers": [PLANTED["header"]]}),
        ("API", {**there, **every, "timeout_seconds": -1}),
        ("TELEX", {**there, **every}),
    ):
        body = {"source_type": kind, "source_config": config, "metadata": {"name": "x"}}
        answer = http.post("/resources/wrappers/generate", json=body)
        assert answer.status_code == 422
        assert_clean("a refusal", answer.content)
    broken = http.post(
        "/resources/wrappers/generate",
        content=json.dumps({"api_key": PLANTED["api_key"]})[:-1].encode(),
        headers={"Content-Type": "application/json"},
    )
    assert broken.status_code == 422
    assert_clean("a broken body", broken.content)
    for headers in ({"X-API-Key": PLANTED["header"]}, {"Authorization": f"Bearer {PLANTED['header']}"}):
        answer = http.get("/resources", headers={"X-API-Key": "", **headers})
        assert answer.status_code == 401
        assert_clean("a wrong key", answer.content)
    assert_clean("the audit trail", http.get("/audit", params={"limit": 1000}).content)
    assert_clean("the service's log", world.log.read_bytes())


def test_a_service_that_cannot_start_tells_no_secret(tmp_path: Path) -> None:
    def started(**environment: str) -> subprocess.CompletedProcess[str]:
        words = ["serve", "--port", "0", "--data-dir", str(tmp_path / "data")]
        return loaded.run(words, {"PATH": "/usr/bin:/bin", **environment})

    with Service(tmp_path / "data", secret_key=SEALING_KEY):
        pass
    for wrong in ({"SLACKWATER_SECRET_KEY": SEALING_KEY + "x"}, {}, {"SLACKWATER_SECRET_KEY": "planted-header-four-4"}):
        ended = started(SLACKWATER_API_KEY=SERVICE_KEY, **wrong)
        told = ended.stdout + ended.stderr
        assert ended.returncode in {1, 2}, told
        assert "Traceback" not in told
        assert "SECRET_KEY" in told
        assert_clean("what it said", told)


def test_a_rotation_says_clearly_that_the_service_runs(world: World) -> None:
    words = ["keys", "rotate-secret", "--data-dir", str(world.service.data_dir)]
    environment = {
        "PATH": "/usr/bin:/bin",
        "SLACKWATER_SECRET_KEY": SEALING_KEY,
        "SLACKWATER_NEXT_SECRET_KEY": "n" * 40,
    }
    ended = loaded.run(words, environment)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Another Slackwater already works in")


def test_the_scan_would_find_what_it_looks_for() -> None:
    for name, needle in NEEDLES.items():
        try:
            assert_clean("here", b"{" + needle + b"}")
        except AssertionError:
            continue
        pytest.fail(f"{name} was not found")
