"""A source for each test."""

from collections.abc import Iterator

import pytest

from sources import SourceServer


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server
