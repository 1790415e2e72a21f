"""The whole life of a source from the command line, against a real service."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import loaded
from service import KEY, Service, eventually
from slackwater.model.instants import DAY
from sources import Feed, SourceServer

VISITORS = "month;visitors\n2024-01;1250\n2024-02;1310\n2024-03;1402\n"


@pytest.fixture
def steer(service: Service, tmp_path: Path):
    def called(*words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
        env = kept | {"SLACKWATER_URL": service.url, "SLACKWATER_API_KEY": KEY, "COLUMNS": "160"} | environment
        return loaded.run(words, env, cwd=tmp_path, text=given)

    return called


@pytest.mark.long
def test_the_life_of_a_file(service: Service, tmp_path: Path, steer):
    (tmp_path / "visitors.csv").write_text(VISITORS)
    made = steer("sources", "create", "visitors.csv", "--name", "Visitors [all]", "--unit", "people", "--wait")
    assert made.returncode == 0, made.stderr
    assert "completed, 3 points stored" in made.stderr
    wrapper_id = made.stdout.strip()
    assert service.wrapper(wrapper_id)["metadata"]["unit"] == "people"

    shown = json.loads(steer("sources", "data", "Visitors [all]", "-n", "2", "--json").stdout)
    assert [point["y"] for point in shown["data"]] == [1310, 1402]
    assert "2024-03-01" in steer("sources", "data", wrapper_id[:9]).stdout

    assert steer("sources", "export", wrapper_id, "-o", "v.csv").returncode == 0
    with (tmp_path / "v.csv").open() as file:
        assert [float(row["y"]) for row in csv.DictReader(file)] == [1250, 1310, 1402]
    refused = steer("sources", "export", wrapper_id, "-o", "v.doc")
    assert (refused.returncode, "ends in .csv, .xlsx or .parquet" in refused.stderr) == (2, True)

    edited = steer("sources", "edit", "Visitors [all]", "--name", "Visitors", "--unit", "", "--about", "domain=Tourism")
    assert edited.stdout == "Visitors is changed.\n", edited.stderr
    now = service.wrapper(wrapper_id)["metadata"]
    assert (now["name"], now["unit"], now["domain"]) == ("Visitors", None, "Tourism")
    assert steer("sources", "edit", "Visitors").returncode == 2
    unknown = steer("sources", "edit", "Visitors", "--about", "colour=red")
    assert unknown.returncode == 1
    assert "colour: it is not known here" in unknown.stderr

    asked = steer("sources", "regenerate", "Visitors", given="n\n")
    assert (asked.returncode, service.wrapper(wrapper_id)["status"]) == (1, "completed")
    again = steer("sources", "regenerate", "Visitors", "--yes", "--wait")
    assert again.stdout == "Visitors: completed, 3 points stored\n", again.stderr

    resource_id = service.wrapper(wrapper_id)["resource_id"]
    assert steer("sources", "delete", "Visitors", given="n\n").returncode == 1
    assert steer("sources", "delete", "Visitors", "--data", "--yes").stdout == "Visitors is deleted.\n"
    assert service.http.get(f"/resources/wrappers/{wrapper_id}").status_code == 404
    assert service.http.get(f"/resources/{resource_id}").status_code == 404


@pytest.mark.long
def test_a_source_that_runs_is_changed_and_goes_on(service: Service, source: SourceServer, steer):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 40), records="items")
    made = steer("sources", "create", endpoint.url, "--name", "Levels", "--periodicity", "Daily", "--wait", "--json")
    wrapper_id = json.loads(made.stdout)["wrapper_id"]
    assert steer("wrappers", "edit", "Levels", "--set", "timeout_seconds=7").returncode == 0
    now = service.wrapper(wrapper_id)
    assert (now["status"], now["source_config"]["timeout_seconds"]) == ("executing", 7)

    def next_poll() -> str | None:
        details = service.http.get(f"/resources/wrappers/{wrapper_id}/monitoring").json()["monitoring_details"]
        return details["next_poll_time"]

    lisbon = "0 11 * * 1-5 Europe/Lisbon"
    assert steer("sources", "edit", "Levels", "--schedule", lisbon).returncode == 0
    eventually(lambda: re.search(r"T1[01]:00:00", str(next_poll())))  # summer or winter
    assert service.wrapper(wrapper_id)["source_config"]["schedule"] == lisbon
    refused = steer("sources", "edit", "Levels", "--schedule", "0 11 * * 1-5 Lisbon")
    assert (refused.returncode, "'Lisbon' is not an IANA time zone" in refused.stderr) == (1, True), refused.stderr
    assert steer("sources", "edit", "Levels", "--schedule", "").returncode == 0
    assert "schedule" not in service.wrapper(wrapper_id)["source_config"]
    assert steer("sources", "stop", "Levels").returncode == 0
    assert steer("sources", "run", "Levels", "--wait").stdout.startswith("executing, 40 points stored")
    service.stop(wrapper_id)


@pytest.mark.long
def test_the_shell_completes_commands_ids_and_names(service: Service, tmp_path: Path, steer):
    (tmp_path / "tides.csv").write_text(VISITORS)
    wrapper_id = steer("sources", "create", "tides.csv", "--name", "Tides").stdout.strip()

    def completed(*words: str) -> list[str]:
        asked = {"_SLACKWATER_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(("slackwater", *words))}
        answer = steer(COMP_CWORD=str(len(words)), **asked)
        return answer.stdout.split()

    assert "sources" in completed("sour")
    assert "regenerate" in completed("sources", "regen")
    assert completed("sources", "stop", "Tid") == ["Tides"]
    assert wrapper_id in completed("sources", "stop", wrapper_id[:4])
    asked = {"SLACKWATER_URL": "http://127.0.0.1:9", "COMP_WORDS": "slackwater sources stop x", "COMP_CWORD": "3"}
    silent = steer(_SLACKWATER_COMPLETE="complete_bash", **asked)
    assert (silent.stdout.strip(), silent.stderr) == ("", "")


def test_what_is_wrongly_used_exits_with_2(steer):
    assert steer("sources", "list", "--key-file", "nowhere").returncode == 2
    assert steer("sources", "list", "--url", "http://[").returncode == 2
    assert steer("sources", "show", "nobody").returncode == 2
    assert steer("sources", "lists").returncode == 2


def test_an_interrupt_while_it_starts_shows_no_traceback(tmp_path: Path):
    script = (
        "import slackwater.cli as it, sys; print(1, flush=True); "
        "sys.argv = ['slackwater', 'serve', '--help']; it.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.1)  # into the loading of the libraries
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode in (0, 130), told
    assert "Traceback" not in told
