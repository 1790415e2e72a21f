"""A running service for each module, and a source for each test."""

from collections.abc import Iterator

import pytest

from service import Service
from sources import SourceServer


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server
