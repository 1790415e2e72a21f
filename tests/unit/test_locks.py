"""The lock files hold what pyproject.toml asks for, each version with its hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = {
    "run.txt": (),
    "dev.txt": ("dev", "llm", "tracing", "postgresql", "files"),
    "docs.txt": ("docs",),
    "llm.txt": ("llm",),
    "tracing.txt": ("tracing",),
    "postgresql.txt": ("postgresql",),
    "files.txt": ("files",),
}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)((?:(?!\n\S).|\n(?!\S))*)", re.MULTILINE)


def locked(name: str) -> dict[str, list[tuple[Version, str]]]:
    """Return package → its versions (one for each of several markers) and what stands behind them."""
    found: dict[str, list[tuple[Version, str]]] = {}
    for package, version, rest in PINNED.findall((ROOT / "locks" / name).read_text()):
        found.setdefault(canonicalize_name(package), []).append((Version(version), rest))
    return found


def asked(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(line for name in extras for line in project["optional-dependencies"][name])]
    return [requirement for requirement in map(Requirement, lines) if requirement.name != "slackwater"]


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_what_is_asked_for_is_locked(name: str, extras: tuple[str, ...]) -> None:
    pinned = locked(name)
    lacking = [
        str(each)
        for each in asked(*extras)
        if not any(version in each.specifier for version, _ in pinned.get(canonicalize_name(each.name), []))
    ]
    assert not lacking, "call `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_version_has_its_hashes(name: str) -> None:
    pinned = locked(name)
    assert len(pinned) > 30
    assert all("--hash=sha256:" in rest for versions in pinned.values() for _, rest in versions)
