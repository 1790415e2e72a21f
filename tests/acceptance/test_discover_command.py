"""`slackwater discover`: what it prints, what it takes, and the code it leaves with."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import loaded
from budget import further
from slackwater.model.instants import DAY
from sources import Answer, Feed, SourceServer

SECRET = "s3cr3t-that-nobody-sees"
FEED = ("2024-01-01", DAY, 60)


def discover(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return loaded.run(("discover", *words), cwd=directory)


def test_a_source_that_is_understood(tmp_path: Path, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), paging="offset")
    done = discover(tmp_path, endpoint.url)
    assert done.returncode == 0, done.stderr
    assert "2024-01-01T00:00:00Z" in done.stdout
    assert "value: 0 … 23.75" in done.stdout
    assert "1 series, daily" in done.stdout
    assert "▁" in done.stdout
    assert "█" in done.stdout
    code = discover(tmp_path, endpoint.url, "--code").stdout
    assert "wrapper = ApiWrapper(" in code
    shown = json.loads(discover(tmp_path, endpoint.url, "--json").stdout)
    assert (shown["found"], shown["code"], len(shown["sample"])) == (True, code, 20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("discover",), further(("run", "-o", "-"))])
def test_what_a_service_has_set_for_its_store_is_not_needed(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "level.csv").write_text("time,level\n" + "".join(f"2024-01-{d:02},{d}\n" for d in range(1, 29)))
    elsewhere = {"SLACKWATER_FILES_URL": "nowhere://bucket", "SLACKWATER_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    done = loaded.run((*words, "level.csv"), {**os.environ, **elsewhere}, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "level" in done.stdout


def test_a_question_and_its_answer(tmp_path: Path, source: SourceServer) -> None:
    rows = [{"begun": f"2024-01-{d:02}", "done": f"2025-01-{d:02}", "level": d} for d in range(1, 29)]
    url = source.route("/v1", Answer(rows))
    asked = discover(tmp_path, url)
    assert asked.returncode == 1
    assert "date_field" in asked.stderr
    told = discover(tmp_path, url, "--set", "date_field=done")
    assert told.returncode == 0, told.stderr
    assert "2025-01-01T00:00:00Z" in told.stdout
    assert json.loads(discover(tmp_path, url, "--json").stdout)["found"] is False


@pytest.mark.long
def test_a_question_shows_what_was_found_before(tmp_path: Path, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), records="items")
    asked = discover(tmp_path, endpoint.url, "--set", "time_filter=a", "--set", "time_filter=b")
    assert asked.returncode == 1
    assert "time_filter names a and b" in asked.stderr
    assert "--set date_field=…" in asked.stdout
    assert "timestamp" in asked.stdout
    shown = json.loads(discover(tmp_path, endpoint.url, "--set", "paging=page", "--json").stdout)
    assert [each["field"] for each in shown["questions"]] == ["paging"]
    assert {"records", "time", "values"} <= {each["what"] for each in shown["findings"]}


def test_a_file_and_its_fields(tmp_path: Path) -> None:
    file = tmp_path / "tides.csv"
    file.write_text("day,flood,ebb\n" + "".join(f"2024-01-{d:02},{d},{-d}\n" for d in range(1, 29)))
    done = discover(tmp_path, "tides.csv", "--set", "value_columns=ebb", "--set", "header_row=1")
    assert done.returncode == 0, done.stderr
    assert "ebb: -20 … -1" in done.stdout
    assert "flood" not in done.stdout.partition("time  ")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["http://127.0.0.1:1/v1"], "127.0.0.1"),
        (["nowhere.csv"], "The file nowhere.csv does not exist"),
        (["http://127.0.0.1:1/", "--set", "date_field"], "FIELD=VALUE"),
        (["http://127.0.0.1:1/", "--set", f"bearer_token={SECRET}"], "--auth-file"),
        (["http://127.0.0.1:1/", "--set", f"query_params.api_key={SECRET}"], "--auth-file"),
        (["http://127.0.0.1:1/", "--set", "sheet_name=A"], "sheet_name does not apply to a URL"),
    ],
)
def test_what_cannot_be_looked_at(tmp_path: Path, words: list[str], said: str) -> None:
    done = discover(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_come_from_a_file(tmp_path: Path, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), auth=("bearer", SECRET))
    file = tmp_path / "auth.toml"
    file.write_text(f"bearer_token = '{SECRET}'\n")
    done = discover(tmp_path, endpoint.url, "--auth-file", str(file))
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert discover(tmp_path, endpoint.url).returncode == 2
