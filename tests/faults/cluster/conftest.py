"""A PostgreSQL for all, and a database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import nodes
from sources import SourceServer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with nodes.server() as url:
        yield url


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    with nodes.database(postgresql) as url:
        yield url


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Where the nodes of a test have their data directories."""
    return tmp_path
