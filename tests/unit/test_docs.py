"""The docs say what the code does: generated parts are up to date, and nothing that people can meet is missing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from slackwater.discover.api.protocols import PROTOCOLS
from slackwater.formats.payload.shapes import SHAPES
from slackwater.model.health import Health
from slackwater.model.status import Event, Status

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))


def test_generated_parts_are_up_to_date() -> None:
    import generate

    assert generate.outdated() == [], "run make docs"


@pytest.mark.parametrize("word", [*Status, *Health])
def test_the_contract_names_every_status_and_health(word: str) -> None:
    assert f"`{word}`" in (DOCS / "contract.md").read_text()


@pytest.mark.parametrize("event", Event)
def test_the_architecture_names_every_event(event: str) -> None:
    assert event.value in (DOCS / "architecture.md").read_text()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_contract_names_every_shape(shape: str) -> None:
    assert f"`{shape}`" in (DOCS / "contract.md").read_text()


@pytest.mark.parametrize("protocol", [known.name for known in PROTOCOLS])
def test_the_docs_of_discovery_name_every_protocol(protocol: str) -> None:
    assert protocol.partition(" ")[0] in (DOCS / "discovery.md").read_text()


def test_links_inside_the_docs_lead_somewhere() -> None:
    for document in [DOCS.parent / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_benchmarks_can_be_called() -> None:
    called = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"], cwd=DOCS.parent, capture_output=True, text=True, check=False
    )
    assert called.returncode == 0, called.stderr
    assert "ingest" in called.stdout
