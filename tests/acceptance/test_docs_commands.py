"""The commands of the guides, block by block as they stand, against a real service and a real source."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service import KEY, Service, free_port
from sources import Feed, SourceServer
from stand_in import StandIn

DOCS = Path(__file__).parents[2] / "docs"
VISITORS = b"month;visitors\n2024-01;1250\n2024-02;1310\n2024-03;1402\n"
TIDES = """from slackwater import Point, Wrapper

class Tides(Wrapper):
    whole = True
    async def fetch(self, window, http):
        yield Point("2024-01-01T00:00:00Z", 1.5, series="level")

wrapper = Tides()
"""


def block(page: str, beginning: str) -> str:
    """Return the block of commands of a page that has such a line."""
    blocks = re.findall(r"```(?:bash|sh)\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    [found] = [each for each in blocks if re.search(f"^{re.escape(beginning)}", each, re.MULTILINE)]
    return found


class Reader:
    """Somebody who follows the guides, in a folder with a service's data and a file."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.service = service
        program = folder / ".venv" / "bin" / "slackwater"
        program.parent.mkdir(parents=True)
        self.stand_in = StandIn(program)
        (folder / "visitors.csv").write_bytes(VISITORS)
        (folder / "measurements.csv").write_bytes(VISITORS)
        (folder / "tides.py").write_text(TIDES)
        (folder / "levels.toml").write_text(f'auth_type = "api_key"\napi_key = "{KEY}"\n')
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
        self.environment = kept | {
            "PATH": f"{program.parent}:{kept['PATH']}",
            "SLACKWATER_URL": service.url,
            "SLACKWATER_API_KEY": KEY,
            "SLACKWATER_ALLOW_PRIVATE_SOURCES": "true",
        }

    def follows(self, script: str, **environment: str) -> str:
        """Run a block; return what it prints. Every command of it must succeed."""
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("reader")
    with Service(folder / "slackwater-data") as service:
        reader = Reader(folder, service)
        with closing(reader.stand_in):
            yield reader


def levels(source: SourceServer) -> str:
    """Return the address of a source as the guides have it."""
    return source.serve("/v1/levels", Feed.regular("2024-01-01", 86_400_000_000, 60), time_field="measured_at").url


def test_keys(reader: Reader) -> None:
    script = block("cli.md", "slackwater keys create dashboard")
    made = [line for line in script.splitlines() if "revoke" not in line]
    told = reader.follows("\n".join(made))
    assert "dashboard" in told
    assert "import" in told
    assert (reader.folder / "first.key").read_text().startswith("sw_")
    [key_id] = re.findall(r"[0-9a-f-]{36}", next(line for line in told.splitlines() if "dashboard" in line))
    [revoke] = [line for line in script.splitlines() if "revoke" in line]
    reader.follows(re.sub(r"[0-9a-f-]{36}", key_id, revoke))
    assert "revoked" in reader.follows("slackwater keys list")


@pytest.mark.long
def test_the_life_of_a_source(reader: Reader, source: SourceServer) -> None:
    script = block("cli.md", "slackwater sources create visitors.csv")
    script = script.replace("https://data.example.org/v1/levels", levels(source))
    create, rest = script.split("slackwater sources list", 1)
    reader.follows(create)
    [known] = [each for each in reader.service.http.get("/resources/wrappers").json() if each["source_type"] == "API"]
    # `--follow` has no end of its own.
    rest = rest.replace("3f2a", known["wrapper_id"][:8]).replace("sources logs", "sources logs --limit 5")
    rest = rest.replace(" --follow", "").replace("--data\n", "--data --yes\n")
    told = reader.follows("slackwater sources list" + rest)
    assert "Visitors" in told
    assert (reader.folder / "visitors.parquet").stat().st_size > 100
    reader.follows(block("cli.md", "slackwater export --output"))
    assert "Visitors" in (reader.folder / "sources.yaml").read_text()


@pytest.mark.long
def test_looks_and_runs_without_a_service(reader: Reader, source: SourceServer) -> None:
    url = levels(source)
    for page, beginning in [
        ("cli.md", "slackwater discover visitors.csv"),
        ("cli.md", "slackwater run measurements.csv"),
        ("tutorial.md", ".venv/bin/slackwater discover visitors.csv"),
    ]:
        script = block(page, beginning).replace("https://data.example.org/v1/levels", url)
        assert "2024" in reader.follows(script.replace("Hourly", "Daily"))
    assert len((reader.folder / "series.csv").read_text().splitlines()) == 4


def test_a_module_is_put_in_place(reader: Reader) -> None:
    upload = reader.service.upload("v.csv", VISITORS)
    wrapper_id = reader.service.generate("CSV", {"file_id": upload["file_id"]})
    reader.service.wait_for(wrapper_id, "completed")
    script = block("writing-a-wrapper.md", "curl -X POST  $URL/wrappers/$ID/stop").replace("curl", "curl -sf")
    reader.follows(script, URL=f"{reader.service.url}/resources", ID=wrapper_id, KEY=KEY)
    assert "level" in reader.service.stored(wrapper_id)


def test_a_channel_for_alerts_and_a_key_for_prometheus(reader: Reader) -> None:
    reader.follows(block("monitoring.md", "slackwater keys create prometheus"))
    script = block("monitoring.md", "curl -H").replace("localhost:8080", f"localhost:{reader.service.port}")
    create, _, test = script.rpartition("curl ")
    reader.follows(create.replace("curl ", "curl -sf "), KEY=KEY)
    [channel] = [each for each in reader.service.http.get("/alerts/channels").json() if each["name"] == "On call"]
    # The channel is nobody's: that it cannot be reached is said.
    told = reader.follows(f"curl -s {test}".replace("CHANNEL_ID", channel["channel_id"]), KEY=KEY)
    assert "detail" in told or "error" in told


@pytest.mark.long
def test_a_service_starts_as_the_guide_says_and_a_backup_is_made(reader: Reader, tmp_path: Path) -> None:
    port = free_port()
    serve = block("cli.md", "slackwater serve --port 8080").replace("8080", str(port))
    serve = serve.replace("/var/lib/slackwater", shlex.quote(str(tmp_path / "data"))).strip()
    serve = serve.replace("slackwater serve", f"{sys.executable} -m slackwater.cli serve")  # a signal ends it
    reader.follows(
        f"{serve} & curl -sf --retry 60 --retry-delay 1 --retry-connrefused localhost:{port}/ready; kill $!; wait $!"
    )
    backup = block("operations.md", 'slackwater backup "/backup').replace("/backup/", f"{tmp_path}/")
    reader.follows(backup.replace("/var/lib/slackwater", str(tmp_path / "data")))
    assert list(tmp_path.glob("slackwater-*.tar"))
