"""Sources as a file: applied, changed, pruned, exported and moved, against a real service."""

import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

import loaded
from service import KEY, Service, eventually
from sources import Feed, SourceServer

TOKEN = "tides-token-0123456789"


@pytest.fixture(scope="module")
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "data") as running:
        yield running


def called(service: Service, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    env = {**kept, "SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY, "TIDES_TOKEN": TOKEN}
    return loaded.run(words, env, cwd=cwd)


def written(folder: Path, *sources: dict[str, object]) -> None:
    (folder / "sources.yaml").write_text(yaml.safe_dump({"sources": list(sources)}))


def wrappers(service: Service) -> dict[str, dict[str, object]]:
    return {row["metadata"]["name"]: row for row in service.http.get("/resources/wrappers").json()}


def test_the_life_of_a_file_of_sources(service: Service, source: SourceServer, tmp_path: Path):
    feed = Feed.regular("2020-01-01", 86_400_000_000, 30)
    levels = source.serve("/levels", feed)
    (tmp_path / "visitors.csv").write_text("month;visitors\n2024-01;1250\n2024-02;1310\n2024-03;1402\n")
    tides = {
        "name": "Tides",
        "location": levels.url,
        "periodicity": "Daily",
        "auth_type": "bearer",
        "bearer_token": "${env:TIDES_TOKEN}",
    }
    visitors = {"name": "Visitors", "file": "visitors.csv", "unit": "people"}
    written(tmp_path, tides, visitors)

    dry = called(service, "apply", "sources.yaml", "--dry-run", cwd=tmp_path)
    assert (dry.returncode, dry.stdout) == (0, "+ Tides\n+ Visitors\n"), dry.stderr
    assert wrappers(service) == {}

    first = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, "+ Tides\n+ Visitors\n"), first.stderr
    ids = {name: row["wrapper_id"] for name, row in wrappers(service).items()}
    service.wait_for(str(ids["Visitors"]), "completed")
    assert any(TOKEN in request.headers.get("authorization", "") for request in levels.requests)

    again = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "= Tides\n= Visitors\n"), again.stderr

    written(tmp_path, tides | {"unit": "m"}, visitors)
    changed = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert (changed.returncode, changed.stdout) == (0, "~ Tides\n    unit: None → 'm'\n= Visitors\n"), changed.stderr
    now = wrappers(service)
    assert now["Tides"]["wrapper_id"] == ids["Tides"]
    assert now["Tides"]["metadata"]["unit"] == "m"  # type: ignore[index]

    weekdays = tides | {"unit": "m", "schedule": "0 11 * * 1-5 Europe/Lisbon"}
    for schedule, told in (("at noon", "'at noon' is no schedule"), ("0 11 * * 1-5 Mars/North", "Mars/North")):
        written(tmp_path, weekdays | {"schedule": schedule}, visitors)
        wrong = called(service, "apply", "sources.yaml", cwd=tmp_path)
        assert wrong.returncode != 0
        assert told in wrong.stderr
    written(tmp_path, weekdays, visitors)
    scheduled = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert "    schedule: None → '0 11 * * 1-5 Europe/Lisbon'\n" in scheduled.stdout, scheduled.stderr
    service.caught_up(str(ids["Tides"]))
    waits = eventually(lambda: service.wrapper(str(ids["Tides"]))["monitoring_details"]["next_poll_time"])
    due = datetime.fromisoformat(waits).astimezone(ZoneInfo("Europe/Lisbon"))
    assert (due.hour, due.minute) == (11, 0)
    assert due.weekday() < 5
    again = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "= Tides\n= Visitors\n"), again.stderr

    exported = called(service, "export", cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    assert TOKEN not in exported.stdout
    entries = {entry["name"]: entry for entry in yaml.safe_load(exported.stdout)["sources"]}
    assert entries["Tides"] == weekdays | {"bearer_token": "${env:TIDES_SECRET_1}"}
    assert entries["Visitors"] == visitors

    placed = visitors | {"runs_on": ["site-b", "site-a"]}
    written(tmp_path, weekdays, placed)
    moved = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert moved.stdout == "= Tides\n~ Visitors\n    runs_on: [] → ['site-a', 'site-b']\n", moved.stderr
    assert wrappers(service)["Visitors"]["runs_on"] == ["site-a", "site-b"]
    again = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "= Tides\n= Visitors\n"), again.stderr
    listed = yaml.safe_load(called(service, "export", cwd=tmp_path).stdout)["sources"]
    assert [entry.get("runs_on") for entry in listed] == [None, ["site-a", "site-b"]]

    written(tmp_path, weekdays)
    asked = called(service, "apply", "sources.yaml", "--prune", cwd=tmp_path)
    assert asked.returncode == 1
    assert set(wrappers(service)) == {"Tides", "Visitors"}
    pruned = called(service, "apply", "sources.yaml", "--prune", "--yes", cwd=tmp_path)
    assert (pruned.returncode, pruned.stdout) == (0, "= Tides\n- Visitors\n"), pruned.stderr
    assert set(wrappers(service)) == {"Tides"}

    written(tmp_path, weekdays | {"location": f"{source.url}/elsewhere"})
    moved = called(service, "apply", "sources.yaml", cwd=tmp_path)
    assert moved.returncode == 1
    assert "its data are of another source" in moved.stderr
