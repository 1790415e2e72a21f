"""Every `slackwater …` that README and docs name is a command that is there, with options that it has."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from slackwater.cli.application import COMMANDS, build

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PLANNED = {"worker"}  # said to be planned where it is named
INLINE = re.compile(r"`(slackwater [^`]*)`")
BLOCK = re.compile(r"```(?:bash|sh)\n(.*?)```", re.DOTALL)
LINE = re.compile(r"^(?:\.venv/bin/)?(slackwater [^\n#|>&;]*)", re.MULTILINE)


def named() -> list[str]:
    found: dict[str, None] = {}
    for page in PAGES:
        text = page.read_text()
        for command in INLINE.findall(text):
            found[command.replace("…", "").replace("|", " ")] = None
        for block in BLOCK.findall(text):
            found.update(dict.fromkeys(map(str.strip, LINE.findall(block))))
    return list(found)


@pytest.mark.parametrize("line", named())
def test_it_is_there(line: str) -> None:
    _, *words = shlex.split(line)
    if not words or words[0].startswith("-") or words[0] in {*PLANNED, "COMMAND"}:
        return
    assert words[0] in COMMANDS, line
    command = typer.main.get_command(build(words[0])).commands[words.pop(0)]
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"no command {words[0]!r} in {line!r}"
        command = command.commands[words.pop(0)]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
    options = [word.split("=")[0] for word in words if word.startswith("-") and word != "-"]
    assert set(options) <= known, f"{line!r}: {set(options) - known}"


def test_the_pages_name_many() -> None:
    assert len(named()) > 40
