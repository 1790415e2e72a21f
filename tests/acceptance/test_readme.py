"""The commands of README, word for word, by the shell of whoever follows it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service import free_port

README = (Path(__file__).parents[2] / "README.md").read_text()
SECONDS = 60


def quick_start() -> str:
    """Return the commands of the section, for an environment that is set up already."""
    found = re.search(r"## From an upload.*?```bash\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1].replace("make setup ", "true ")


def followed(script: str, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Run the script with its output in a pipe, whose end tells that nothing was left behind that holds it."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    program = folder / ".venv" / "bin" / "slackwater"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m slackwater.cli "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    return subprocess.run(
        ["bash", "-c", f"{script.replace('localhost:8080', f'localhost:{port}')}\necho $! > service.pid"],
        cwd=folder,
        env=kept | {"SLACKWATER_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to follow README in; the service that was started there is ended."""
    yield tmp_path
    process = psutil.Process(int((tmp_path / "service.pid").read_text()))
    process.terminate()
    process.wait(20)


def test_the_quick_start_does_what_it_says(folder: Path):
    done = followed(quick_start(), folder, free_port())
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"status": "completed"' in done.stdout
    assert '{"x":"2024-03-01T00:00:00Z","y":1402.0,"series":"visitors"}' in done.stdout
    assert '"message":"Wrapper stopped successfully"' in done.stdout
    assert '"data_points_sent":6' in done.stdout
    log = (folder / "slackwater.log").read_text()
    assert "The admin key is in slackwater-data/admin.key." in log
    assert (folder / "slackwater-data" / "admin.key").read_text().strip() not in log


@pytest.mark.long
def test_the_quick_start_ends_when_the_file_cannot_be_read(folder: Path):
    rows = r"2024-01;1250;3,5\n2024-02;1310;3,7\n2024-03;1402;4,1\n"
    assert rows in quick_start()
    done = followed(quick_start().replace(rows, ""), folder, free_port())
    assert "the file has column names, but no row of data" in done.stderr
