"""The command line without a server: settings as options, sentences for what is wrong, and what the docs say."""

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from slackwater.cli.application import COMMANDS, build
from slackwater.cli.demo.check import compare, reread
from slackwater.cli.demo.source import (
    DATA,
    PAGE,
    DemoSource,
    Served,
    co2_points,
    co2_records,
    elnino_points,
    sunspot_points,
)
from slackwater.cli.options import flag, is_secret_setting, may_be_an_option, parameters, settings_table, variable
from slackwater.cli.sources.command import _new_lines
from slackwater.settings import Settings

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
SECRET = "hush-hush"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "URL", *map(str.upper, Settings.model_fields)):
        monkeypatch.delenv(f"SLACKWATER_{name}", raising=False)
    # Restored after the test, as `--config` sets it.
    monkeypatch.setenv("SLACKWATER_CONFIG", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def called(*words: str):
    return CliRunner().invoke(build(words[0]), list(words), prog_name="slackwater")


# Help and docs


def test_the_first_help_names_every_command_and_loads_nothing_heavy():
    script = (
        "import sys\nfrom slackwater.cli import main\nsys.argv = ['slackwater', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print([name for name in ('pydantic', 'httpx', 'sqlalchemy', 'uvicorn') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert shown.rstrip().endswith("[]")


def test_serve_help_names_every_setting_its_variable_and_its_default():
    shown = " ".join(called("serve", "--help").stdout.split())
    for name, field in Settings.model_fields.items():
        assert variable(name) in shown
        if not is_secret_setting(field):
            assert flag(name) in shown
    assert "SLACKWATER_MAX_RUNS; default 64." in shown


def test_no_secret_is_an_option_of_any_command():
    assert is_secret_setting(Settings.model_fields["api_key"])
    assert "api_key" not in {parameter.name for parameter in parameters()}
    for name in COMMANDS:
        for option in options_of(name):
            assert not any(word in option for word in ("api-key", "password", "token", "secret")), option


@pytest.mark.parametrize("name", COMMANDS)
def test_the_docs_name_every_command_and_option(name: str):
    assert f"slackwater {name}" in DOCS
    for option in options_of(name):
        assert option in DOCS, f"{name} {option}"


def test_the_table_of_settings_in_the_docs_is_the_generated_one():
    how = "python -c 'from slackwater.cli.options import settings_table; print(settings_table())'"
    assert settings_table() in DOCS, f"replace the table in docs/cli.md by what this prints: {how}"


def options_of(name: str) -> set[str]:
    top = typer.main.get_command(build(name))
    waiting, found = [top.commands[name]], set()
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            found |= {word for word in parameter.opts if word.startswith("--")} - {"--help"}
    return found


# Settings


def test_each_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACKWATER_MAX_TRIES", "none")
    result = called("serve", "--max-runs", "-1", "--port", "http")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["port", "max_runs", "max_tries"]
    assert lines[1] == ("max_runs (--max-runs, SLACKWATER_MAX_RUNS) cannot be '-1': it must be 0 or more.")


@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_secret_is_never_shown(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / "settings.toml"
    file.write_text(f"api_key = '{SECRET}'\n" if place == "file" else "")
    if place == "environment":
        monkeypatch.setenv("SLACKWATER_API_KEY", SECRET)
    result = called("serve", "--config", str(file))
    assert result.exit_code == 2
    assert result.stderr.startswith("api_key (SLACKWATER_API_KEY) cannot be used: ")
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("max_run = 3", "max_run in settings.toml is no setting; did you mean max_runs?"),
        ("colour = 'blue'", "colour in settings.toml is no setting; `slackwater serve --help` names all settings."),
        ("max_runs = ", "The settings file settings.toml is not valid TOML: Invalid value (at end of document)."),
        (None, "The settings file settings.toml does not exist. Give another one with --config."),
    ],
)
def test_a_wrong_file_of_settings(content: str | None, sentence: str):
    if content is not None:
        Path("settings.toml").write_text(content)
    result = called("serve", "--config", "settings.toml")
    assert (result.exit_code, result.stderr.strip()) == (2, sentence)


def test_an_option_goes_before_the_environment_and_that_before_the_file(monkeypatch: pytest.MonkeyPatch):
    served: list[Settings] = []
    monkeypatch.setattr("slackwater.serve.run", served.append)
    Path("slackwater.toml").write_text("port = 1\nmax_runs = 1\nmax_tries = 1\nallow_private_sources = true\n")
    monkeypatch.setenv("SLACKWATER_PORT", "2")
    monkeypatch.setenv("SLACKWATER_MAX_RUNS", "2")
    result = called("serve", "--port", "3", "--no-allow-private-sources")
    assert result.exit_code == 0, result.output
    settings = served[0]
    assert (settings.port, settings.max_runs, settings.max_tries, settings.allow_private_sources) == (3, 2, 1, False)


def test_every_setting_but_a_secret_is_an_option():
    names = [name for name, field in Settings.model_fields.items() if may_be_an_option(name, field)]
    assert set(Settings.model_fields) - set(names) >= {"api_key", "secret_key", "proxy"}
    assert [parameter.name for parameter in parameters()] == names
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters())


# run: what is refused before anything is read


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["series.txt"], "series.txt is neither a URL nor a .csv, .xlsx or .xls file."),
        (["absent.csv"], "The file absent.csv does not exist."),
        (["folder.csv"], "folder.csv is a directory; give a file in it."),
        (["pipe.csv"], "pipe.csv is a pipe or device; only a regular file can be read again after a stop."),
        (["link.csv"], "link.csv is a link to nowhere.csv, which does not exist."),
        (["http://example.org/x", "--sheet", "A"], "sheet_name does not apply to a URL; leave it out."),
        (["here.csv", "--start", "1958-03-29"], "start does not apply to a file; leave it out."),
        (
            ["http://example.org/x", "--start", "then"],
            "start: 'then' is not an ISO 8601 date or time such as 1958-03-29.",
        ),
        (
            ["http://example.org/x", "--header", f"X-API-Key: {SECRET}"],
            "--header X-API-Key would show a secret to everybody here; put it into --auth-file.",
        ),
        (["http://example.org/x", "--header", "Accept"], "--header 'Accept' is not of the form 'NAME: VALUE'."),
        (
            ["http://example.org/x", "--auth-file", "broken.toml"],
            "The file of credentials broken.toml is not valid TOML; write, for example, bearer_token = '…'.",
        ),
    ],
)
def test_run_refuses_in_one_sentence(words: list[str], sentence: str):
    Path("here.csv").write_text("day,level\n2001-12-29,1\n")
    Path("broken.toml").write_text(f"password = {SECRET}")
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    Path("link.csv").symlink_to("nowhere.csv")
    result = called("run", *words)
    assert (result.exit_code, result.stderr.strip()) == (2, sentence)
    assert SECRET not in result.output


# wrappers


def test_a_server_that_is_not_there_is_one_sentence():
    result = called("wrappers", "list", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert result.stderr.startswith("No Slackwater answers at http://127.0.0.1:9 (")


def test_following_a_log_prints_each_line_once():
    def answer(*lines: str, total: int) -> dict[str, object]:
        return {"logs": list(lines), "total_lines": total}

    assert _new_lines(answer("a", total=1), answer("a", total=1)) == []
    assert _new_lines(answer("a", total=1), answer("a", "a", "b", total=3)) == ["a", "b"]
    assert _new_lines(answer("b", "c", total=9), answer("c", "d", total=8)) == ["d"]
    assert _new_lines(answer("a", total=9), answer("x", "y", total=2)) == ["x", "y"]


# The demo's sources, and what it proves


def test_the_data_of_the_demo_are_what_their_readme_says():
    assert (len(co2_records()), len(co2_points())) == (2284, 2225)
    assert (len(sunspot_points()), len(elnino_points())) == (309, 732)
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 200_000


@pytest.fixture
def source() -> Iterator[DemoSource]:
    with DemoSource(delay=0) as running:
        yield running


def test_the_pages_of_the_demo_api_are_the_record(source: DemoSource):
    found, query = [], {}
    while True:
        answer = source.answer(query)
        assert len(answer["items"]) <= PAGE
        found += answer["items"]
        if answer["next"] is None:
            break
        query = {**query, "offset": str(len(found))}
        assert f"offset={len(found)}" in answer["next"]
    assert found == co2_records()
    assert answer["total"] == len(found)


def test_the_demo_api_keeps_to_its_window(source: DemoSource):
    answer = source.answer({"from": "1980-01-05", "to": "1980-01-19T00:00:00Z"})
    assert [row["date"] for row in answer["items"]] == ["1980-01-05", "1980-01-12", "1980-01-19"]
    assert source.served[-1].dates == ("1980-01-05", "1980-01-12", "1980-01-19")
    with pytest.raises(ValueError, match="from=soon is not an ISO 8601"):
        source.answer({"from": "soon"})


def test_comparing_finds_what_is_missing_extra_doubled_and_different():
    first, second = datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 1, 8, tzinfo=UTC)
    expected = {first: 1.0, second: 2.0}
    stored = [{"x": "2001-01-01T00:00:00Z", "y": 1.0}, {"x": "2001-01-08T00:00:00Z", "y": 2.0}]
    assert compare(expected, stored).same
    assert compare(expected, stored[:1]).missing == 1
    assert compare({first: 1.0}, stored).extra == 1
    assert compare(expected, [*stored, stored[0]]).extra == 1
    assert compare({first: 1.5, second: 2.0}, stored).different == 1


def test_rereading_is_a_request_that_reaches_into_a_covered_window():
    covered = [{"start": "2001-01-01T03:00:00Z", "end": "2002-01-01T03:00:00Z"}]
    start, end = (datetime.fromisoformat(covered[0][edge]) for edge in ("start", "end"))

    def asked(since: datetime | None, until: datetime | None, *dates: str) -> tuple[int, int]:
        found = reread([Served(since, until, dates)], covered, {"2001-06-01"})
        return found.requests, found.records

    hours = timedelta(hours=12)
    assert asked(end - hours, end + timedelta(days=9)) == (0, 0)
    assert asked(start - timedelta(days=9), start + hours) == (0, 0)
    assert asked(start + timedelta(days=9), end + timedelta(days=9)) == (1, 0)
    assert asked(None, None, "2001-06-01", "2003-01-01") == (1, 1)
