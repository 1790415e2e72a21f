"""Prometheus, VictoriaMetrics and InfluxDB: what is stored over many windows and polls is what they give at once."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from discovering import look
from runs import Recorder
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, iso
from slackwater.model.planning import Wanted
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import client

NOW = int(time.time()) // 60 * 60  # seconds; the servers know no other clock
HELD = 12 * 3600  # seconds of raw values


def needed(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        assert not os.environ.get("CI"), f"{program} is missing: apt-get install {package}"
        pytest.skip(f"{program} IS MISSING, so it is not tested against: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], ready: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(ready, timeout=5)
                break
            except OSError:
                assert process.poll() is None, f"{command[0]} has ended"
                time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def raw(step: int) -> list[tuple[str, int, float]]:
    chance = Random(3)
    return [(host, at, chance.uniform(0, 100)) for host in "ab" for at in range(NOW - HELD, NOW, step)]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory) -> Iterator[str]:
    server, tool = needed("prometheus", "prometheus"), needed("promtool", "prometheus")
    folder: Path = tmp_path_factory.mktemp("prometheus")
    lines = [f'load{{host="{host}"}} {value:.3f} {at}' for host, at, value in raw(60)]
    (folder / "raw").write_text("\n".join(["# TYPE load gauge", *lines, "# EOF", ""]))
    (folder / "config.yml").write_text("global: {}\n")
    data = str(folder / "data")
    subprocess.run([tool, "tsdb", "create-blocks-from", "openmetrics", str(folder / "raw"), data], check=True)
    url = f"127.0.0.1:{free_port()}"
    command = [
        server,
        f"--config.file={folder}/config.yml",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address={url}",
    ]
    with running(command, f"http://{url}/-/ready"):
        yield f"http://{url}"


@pytest.fixture(scope="module")
def influxdb(tmp_path_factory) -> Iterator[str]:
    server = needed("influxd", "influxdb")
    folder: Path = tmp_path_factory.mktemp("influxdb")
    url = f"127.0.0.1:{free_port()}"
    (folder / "config").write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n[meta]\n  dir = "{folder}/meta"\n'
        f'[data]\n  dir = "{folder}/data"\n  wal-dir = "{folder}/wal"\n[http]\n  bind-address = "{url}"\n'
    )
    with running([server, "-config", str(folder / "config")], f"http://{url}/ping"):
        for path, body in (
            ("/query", "q=CREATE DATABASE x"),
            ("/write?db=x&precision=s", "\n".join(f"m v={v:.3f} {at}" for host, at, v in raw(60) if host == "a")),
        ):
            urllib.request.urlopen(f"http://{url}{path}", body.encode())
        yield f"http://{url}"


@pytest.fixture(scope="module")
def victoria(tmp_path_factory) -> Iterator[str]:
    server = needed("victoria-metrics", "victoria-metrics")
    folder: Path = tmp_path_factory.mktemp("victoria")
    url = f"127.0.0.1:{free_port()}"
    command = [server, f"-storageDataPath={folder}", f"-httpListenAddr={url}", "-search.latencyOffset=0s"]
    with running(command, f"http://{url}/health"):
        lines = [f'load{{host="{host}"}} {value:.3f} {at}000' for host, at, value in raw(60)]
        urllib.request.urlopen(f"http://{url}/api/v1/import/prometheus", "\n".join(lines).encode())
        urllib.request.urlopen(f"http://{url}/internal/force_flush")
        yield f"http://{url}"


async def followed(url: str, polls: int = 4, *, aligned: bool = True) -> tuple[Recorder, list[int]]:
    """Discover, fill back as of two hours ago, and poll while the clock goes on; requests of each poll."""
    found = await look(url, now=NOW * SECOND)
    assert "window=" in found.code, found.code
    assert ("align=" in found.code) is aligned, found.code
    http, sent, spent = client(), 0, []

    async def count(_: object) -> None:
        nonlocal sent
        sent += 1

    http.event_hooks = {"request": [count]}
    period = found.period or HOUR
    run = Recorder(source_type="API", http=http, now=(NOW - 2 * 3600) * SECOND, wanted=None)
    async with http:
        for poll in range(polls + 1):
            newest = max((max(line) for line in run.points.values()), default=None)
            wanted = Wanted(
                period=period, start=NOW * SECOND - DAY, lookback=12 * period if poll else 0, frontier=newest
            )
            run.orders = type(run.orders)(source_type="API", wanted=wanted, checkpoint=run.checkpoint)
            before = sent
            await read(load(found.code), run)
            spent.append(sent - before)
            run.clock += 23 * MINUTE + 11 * SECOND
    run.clock -= 23 * MINUTE + 11 * SECOND
    return run, spent[1:]


def answered(url: str) -> dict:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


@pytest.mark.parametrize("step", [60, 420])
async def test_prometheus(prometheus, step):
    def url(start: int, end: int) -> str:
        query = urllib.parse.urlencode({"query": "avg_over_time(load[5m])", "start": start, "end": end, "step": step})
        return f"{prometheus}/api/v1/query_range?{query}"

    run, spent = await followed(url(NOW - 4 * 3600 - 17, NOW - 600))
    whole = answered(url((NOW - 86400) // step * step, run.clock // SECOND))["data"]["result"]
    true = {line["metric"]["host"]: {at * SECOND: float(value) for at, value in line["values"]} for line in whole}
    assert run.points == true
    assert max(spent) <= 2, spent


@pytest.mark.parametrize("step", [None, 60, 420])
async def test_victoria_metrics(victoria, step):
    def url(start: int, end: int) -> str:
        query = {"query": "avg_over_time(load[5m])", "start": start, "end": end, **({"step": step} if step else {})}
        return f"{victoria}/api/v1/query_range?{urllib.parse.urlencode(query)}"

    grid = step or 300  # its own, where none is asked for
    run, spent = await followed(url(NOW - 4 * 3600 - 17, NOW - 600))
    whole = answered(url((NOW - 86400) // grid * grid, run.clock // SECOND // grid * grid))["data"]["result"]
    true = {line["metric"]["host"]: {at * SECOND: float(value) for at, value in line["values"]} for line in whole}
    assert run.points == true
    assert max(spent) <= 2, spent


async def test_victoria_metrics_exports_raw_points(victoria):
    def url(start: int, end: int) -> str:
        query = urllib.parse.urlencode({"match[]": "load", "start": start, "end": end})
        return f"{victoria}/api/v1/export?{query}"

    run, spent = await followed(url(NOW - 4 * 3600 - 17, NOW - 600), aligned=False)
    with urllib.request.urlopen(url(NOW - 86400, run.clock // SECOND)) as answer:
        lines = [json.loads(line) for line in answer]
    true = {
        line["metric"]["host"]: {at * 1000: value for at, value in zip(line["timestamps"], line["values"], strict=True)}
        for line in lines
    }
    assert run.points == true
    assert max(spent) <= 2, spent


async def test_influxdb(influxdb):
    def url(start: int, end: int) -> str:
        condition = f"time >= '{iso(start * SECOND)}' AND time < '{iso(end * SECOND)}'"
        query = {"db": "x", "q": f"SELECT mean(v) FROM m WHERE {condition} GROUP BY time(10m) fill(none)"}
        return f"{influxdb}/query?{urllib.parse.urlencode(query)}"

    run, spent = await followed(url(NOW - 6 * 3600, NOW - 600))
    closed = run.clock // SECOND // 600 * 600
    (line,) = answered(url((NOW - 86400) // 600 * 600, closed) + "&epoch=s")["results"][0]["series"]
    (stored,) = run.points.values()
    assert stored == {at * SECOND: value for at, value in line["values"]}
    assert max(spent) <= 2, spent
