"""The command line from the outside: real processes, a real service, a real source."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

import loaded
from budget import some
from gates import Gate
from service import KEY, Service, alive, eventually
from slackwater import __version__
from slackwater.cli.demo.source import DATA, co2_points, sunspot_points
from slackwater.model.instants import DAY, iso
from sources import Answer, Feed, SourceServer

DEMO_SECONDS = 120


def command(*words: str, **environment: str) -> tuple[list[str], dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    return [sys.executable, "-m", "slackwater.cli", *words], {**kept, "COLUMNS": "160", **environment}


def called(*words: str, cwd: Path, within: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    return loaded.run(words, command(**environment)[1], cwd=cwd, timeout=within)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes to end, whatever the test finds."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def begun(started: list[subprocess.Popen[str]], *words: str, cwd: Path) -> subprocess.Popen[str]:
    argv, env = command(*words)
    process = subprocess.Popen(argv, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    started.append(process)
    return process


def until_it_says(process: subprocess.Popen[str], words: str) -> None:
    """Read its lines until one holds `words`; the test's own time limit ends a wait in vain."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        if words in line:
            return
    raise AssertionError(f"it ended with {process.wait(10)}: {process.stderr and process.stderr.read()}")


def written(path: Path) -> dict[str, float]:
    with path.open() as file:
        return {row["time"]: float(row["value"]) for row in csv.DictReader(file)}


# run


def test_run_turns_a_file_into_a_series(tmp_path: Path):
    result = called("run", str(DATA / "sunspots.csv"), "--output", "out.csv", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "309 stored, 309 of them new" in result.stdout
    assert "nowhere" in result.stdout
    expected = {f"{when:%Y-%m-%dT%H:%M:%SZ}": value for when, value in sunspot_points().items()}
    assert written(tmp_path / "out.csv") == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv"]


def test_run_writes_to_stdout_and_speaks_on_stderr(tmp_path: Path):
    result = called("run", str(DATA / "co2.csv"), "-o", "-", cwd=tmp_path)
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert len(rows) == len(co2_points()), result.stderr
    assert rows[0] == {"time": "1958-03-29T00:00:00Z", "series": "co2", "value": "316.1"}
    assert "2,225 stored" in result.stderr


def test_run_fetches_a_url_and_the_second_time_only_what_is_new(tmp_path: Path, source: SourceServer):
    feed = Feed.regular("2024-01-01", DAY, 300)
    endpoint = source.serve("/v1/levels", feed, records="items", paging="offset", page_size=100)
    words = ("run", endpoint.url, "--periodicity", "Daily", "--data-dir", "kept", "--output", "out.csv")
    first = called(*words, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "300 stored, 300 of them new" in first.stdout
    feed.add("2025-01-01", 7.5)
    second = called(*words, cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert "301 stored, 1 of them new" in second.stdout
    assert written(tmp_path / "out.csv")["2025-01-01T00:00:00Z"] == 7.5


def test_run_takes_every_field_of_source_config(tmp_path: Path, source: SourceServer):
    rows = [{"begun": f"2024-01-{d:02}", "done": f"2025-01-{d:02}", "level": d} for d in range(1, 29)]
    url = source.route("/v1", lambda request: Answer(rows if request.query.get("unit") == "m" else {"hello": "world"}))
    words = ("run", url, "--set", "date_field=done", "--set", "query_params.unit=m", "-o", "-")
    result = called(*words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [row["time"][:10] for row in csv.DictReader(result.stdout.splitlines())] == [row["done"] for row in rows]
    doubled = called(*words, "--date-field", "begun", cwd=tmp_path)
    assert (doubled.returncode, doubled.stdout) == (2, "")
    assert "date_field is given twice" in doubled.stderr
    secret = called("run", url, "--set", "api_key=s3cr3t", cwd=tmp_path)
    assert secret.returncode == 2
    assert "--auth-file" in secret.stderr


def test_run_sends_the_credentials_of_its_file_and_shows_them_nowhere(tmp_path: Path, source: SourceServer):
    secret = "a-token-that-nobody-may-see"
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 30), records="items")
    (tmp_path / "auth.toml").write_text(f"bearer_token = '{secret}'\n")
    result = called("run", endpoint.url, "--auth-file", "auth.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert {request.headers.get("authorization") for request in endpoint.requests} == {f"Bearer {secret}"}
    assert secret not in result.stdout + result.stderr


@pytest.mark.parametrize("number", some([signal.SIGINT, signal.SIGTERM], signal.SIGINT))
def test_run_is_interrupted_cleanly_and_the_same_command_goes_on(
    number: signal.Signals, tmp_path: Path, source: SourceServer, started: list[subprocess.Popen[str]]
):
    count = 4_000
    feed = Feed.regular("2010-01-01", DAY, count)
    endpoint = source.serve("/v1/levels", feed, records="items", paging="offset", page_size=50, max_page_size=50)
    gate = Gate(endpoint)
    source.route("/v1/levels", gate)
    words = ("run", endpoint.url, "--periodicity", "Daily", "--data-dir", "kept", "--output", "out.csv")
    process = begun(started, *words, cwd=tmp_path)
    reading = "SELECT points FROM wrappers"

    def some_stored() -> bool:
        if gate.waiting:
            gate.step()
        return _number(tmp_path / "kept" / "slackwater.db", reading) > 0

    eventually(some_stored)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    gate.forget()
    assert process.returncode == 130, err
    assert "the same command goes on" in err.replace("\n", " ")
    assert "Traceback" not in out + err
    assert not [each for each in below if alive(each.pid)]
    before = _number(tmp_path / "kept" / "slackwater.db", reading)
    assert 0 < before < count
    gate.open()
    result = called(*words, cwd=tmp_path)
    assert f"{count:,} stored, {count - before:,} of them new" in result.stdout, result.stderr
    assert written(tmp_path / "out.csv") == {iso(time): value for time, value in feed.points()["value"].items()}


def test_run_says_why_a_source_cannot_be_read(tmp_path: Path, source: SourceServer):
    (tmp_path / "empty.csv").write_text("")
    result = called("run", "empty.csv", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 30), records="items")
    endpoint.faults.answer(404)
    result = called("run", endpoint.url, cwd=tmp_path)
    assert result.returncode == 1
    assert "404" in result.stderr
    assert "Traceback" not in result.stderr


def _number(database: Path, query: str) -> int:
    import sqlite3

    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        row = connection.execute(query).fetchone()
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    return int(row[0]) if row else 0


# keys


def test_keys_are_made_listed_and_revoked_beside_a_running_service(service: Service, tmp_path: Path):
    where = ("--data-dir", str(service.data_dir))
    made = called("keys", "create", "a dashboard", "--role", "viewer", *where, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert len(made.stdout.split()) == 1
    assert key not in made.stderr
    with httpx.Client(base_url=service.url, headers={"X-API-Key": key}) as http:
        assert http.get("/resources/wrappers").status_code == 200
        assert http.post("/resources/wrappers/generate", json={}).status_code == 403
        listed = called("keys", "list", "--json", *where, cwd=tmp_path)
        mine = next(each for each in json.loads(listed.stdout) if each["name"] == "a dashboard")
        assert (mine["role"], mine["revoked_at"]) == ("viewer", None)
        assert key not in listed.stdout
        assert "a dashboard" in called("keys", "list", *where, cwd=tmp_path).stdout
        assert called("keys", "revoke", mine["key_id"], *where, cwd=tmp_path).returncode == 0
        eventually(lambda: http.get("/resources/wrappers").status_code == 401)  # within a second, as the docs say


def test_the_version_is_printed(tmp_path: Path):
    told = called("--version", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, f"slackwater {__version__}\n")


@pytest.mark.parametrize(
    "words", [("keys", "list"), ("keys", "create", "me"), ("keys", "revoke", "k"), ("backup", "b.tar")]
)
def test_a_data_directory_without_a_store_is_not_made_one(tmp_path: Path, words: tuple[str, ...]):
    told = called(*words, "--data-dir", "mistyped", cwd=tmp_path)
    assert told.returncode in (1, 2)
    assert "There is no store in mistyped" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_last_admin_key_is_revoked_only_by_force(tmp_path: Path):
    called("keys", "create", "me", "--role", "admin", "--new-store", cwd=tmp_path)
    key_id = json.loads(called("keys", "list", "--json", cwd=tmp_path).stdout)[0]["key_id"]
    refused = called("keys", "revoke", key_id, cwd=tmp_path)
    assert refused.returncode == 1
    assert "is the last admin key. Create another one first, or give --force." in refused.stderr
    assert called("keys", "revoke", key_id, "--force", cwd=tmp_path).returncode == 0
    unknown = called("keys", "revoke", "none", cwd=tmp_path)
    assert (unknown.returncode, unknown.stderr.strip()) == (
        1,
        "There is no key none; `slackwater keys list` shows all.",
    )


# wrappers


def test_wrappers_are_listed_shown_stopped_executed_and_logged(service: Service, source: SourceServer, tmp_path: Path):
    feed = Feed.regular("2024-01-01", DAY, 200)
    endpoint = source.serve("/v1/levels", feed, records="items", paging="offset", page_size=50)
    wrapper_id = service.generate("API", {"location": endpoint.url}, name="levels [of] a river", periodicity="Daily")
    service.caught_up(wrapper_id)

    def steer(*words: str) -> subprocess.CompletedProcess[str]:
        return called("wrappers", *words, "--url", service.url, cwd=tmp_path, SLACKWATER_API_KEY=KEY)

    listed = steer("list")
    assert wrapper_id in listed.stdout, listed.stderr
    assert "levels [of] a river" in listed.stdout
    assert wrapper_id in [each["wrapper_id"] for each in json.loads(steer("list", "--json").stdout)]
    assert wrapper_id not in steer("list", "--status", "error").stdout
    shown = steer("show", wrapper_id[:13], "--code")
    assert "executing" in shown.stdout, shown.stderr
    assert "wrapper = ApiWrapper(" in shown.stdout
    assert steer("stop", wrapper_id[:13]).stdout.strip() == "Wrapper stopped successfully"
    assert service.wrapper(wrapper_id)["status"] == "stopped"
    executed = steer("execute", wrapper_id, "--wait")
    assert executed.stdout.startswith("executing, 200 points stored"), executed.stderr
    assert service.wrapper(wrapper_id)["status"] == "executing"
    assert steer("logs", wrapper_id).stdout.strip()
    unknown = steer("show", "ffffff")
    assert (unknown.returncode, unknown.stderr.strip()) == (
        2,
        "ffffff is neither the id nor the name of a source; `slackwater sources list` shows them.",
    )
    gone = steer("stop", "00000000-0000-4000-8000-000000000000")
    assert (gone.returncode, gone.stderr.strip()) == (1, "Stop error: Wrapper not found")


def test_executing_a_wrapper_that_fails_is_told_by_the_exit_code(
    service: Service, source: SourceServer, tmp_path: Path
):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 20), records="items")
    wrapper_id = service.generate("API", {"location": endpoint.url})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    service.patch(wrapper_id, generated_code="raise RuntimeError('no wrapper today')\nwrapper = None\n")
    words = ("wrappers", "execute", wrapper_id, "--wait", "--url", service.url)
    result = called(*words, cwd=tmp_path, SLACKWATER_API_KEY=KEY)
    assert result.returncode == 1
    assert "no wrapper today" in result.stderr
    service.stop(wrapper_id)


def test_a_wrong_key_is_one_sentence(service: Service, tmp_path: Path):
    (tmp_path / "key").write_text("sw_wrong\n")
    result = called("wrappers", "list", "--url", service.url, "--key-file", "key", cwd=tmp_path)
    assert (result.returncode, result.stderr.strip()) == (
        1,
        "The server wants a valid key: set SLACKWATER_API_KEY, or give --key-file or --data-dir.",
    )


@pytest.mark.long
def test_a_log_is_followed_until_it_is_interrupted(
    service: Service, source: SourceServer, tmp_path: Path, started: list[subprocess.Popen[str]]
):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 20), records="items")
    wrapper_id = service.generate("API", {"location": endpoint.url})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    (tmp_path / "key").write_text(KEY)
    words = ("wrappers", "logs", wrapper_id, "--follow", "--url", service.url, "--key-file", "key")
    process = begun(started, *words, cwd=tmp_path)
    until_it_says(process, "")
    service.patch(
        wrapper_id,
        generated_code=(
            "from slackwater import Wrapper\n\n\nclass Loud(Wrapper):\n    async def fetch(self, window, http):\n"
            "        print('a line for whoever follows')\n        return\n        yield\n\n\nwrapper = Loud()\n"
        ),
    )
    service.execute(wrapper_id)
    until_it_says(process, "a line for whoever follows")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    service.stop(wrapper_id)


# demo


def test_the_demo_runs_to_its_end_and_leaves_nothing(tmp_path: Path):
    # What the person has set up for a service of their own must not reach the demo's.
    (tmp_path / "slackwater.toml").write_text("max_runs = 0\n")
    result = called("demo", cwd=tmp_path, within=DEMO_SECONDS, TMPDIR=str(tmp_path), SLACKWATER_PORT="1")
    assert result.returncode == 0, result.stdout + result.stderr
    text = " ".join(result.stdout.split())
    assert "Wrapper stopped successfully, half-way" in text
    assert "nothing has moved" in text
    assert "is gone" in text
    assert " 0 of these asked for a window that was covered, " in text
    assert "Nothing lost, nothing doubled." in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slackwater.toml"]


@pytest.mark.long
@pytest.mark.parametrize("number", some([signal.SIGINT, signal.SIGTERM], signal.SIGTERM))
def test_an_interrupted_demo_ends_its_service_and_removes_its_directory(
    number: signal.Signals, tmp_path: Path, started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = begun(started, "demo", cwd=tmp_path)
    until_it_says(process, "2.")
    below = psutil.Process(process.pid).children(recursive=True)
    assert below
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    eventually(lambda: not [each for each in below if alive(each.pid)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_terminal_with_latin_1_shows_what_it_can(tmp_path: Path):
    (tmp_path / "höhe.csv").write_text("day,level\n2001-12-29,1\n2001-12-30,2\n2001-12-31,4\n", encoding="utf-8")
    shown = called("run", "höhe.csv", cwd=tmp_path, PYTHONIOENCODING="latin-1", LC_ALL="C")
    assert shown.returncode == 0, shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.long
def test_a_dead_address_is_told_at_once_and_given_up_soon(tmp_path: Path, started: list[subprocess.Popen[str]]):
    begin = time.monotonic()
    process = begun(started, "run", "http://127.0.0.1:9/levels", cwd=tmp_path)
    assert process.stderr is not None
    told = next(filter(str.strip, process.stderr))
    assert told == "Trying again: Cannot connect to 127.0.0.1:9: connection refused.\n"
    assert process.wait(60) == 1
    assert time.monotonic() - begin < 45, "58 s before"


@pytest.mark.long
def test_a_reader_that_has_gone_is_no_fault_of_the_source(tmp_path: Path, started: list[subprocess.Popen[str]]):
    lines = "".join(f"{iso(day * DAY)},{day}\n" for day in range(8_000))
    (tmp_path / "levels.csv").write_text(f"day,level\n{lines}")
    process = begun(started, "run", "levels.csv", "--output", "-", cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 1
    assert "levels.csv cannot be used" not in (process.stderr.read() if process.stderr else "")
