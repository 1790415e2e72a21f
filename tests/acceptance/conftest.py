"""A running service for each module, and a source for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import databases
from budget import further
from service import Service
from sources import SourceServer

# Files whose tests are run on both stores: what the store does differently, they would see. `make chaos` tries more.
ON_BOTH = frozenset({"test_contract_changes.py", "test_contract_resources.py", "test_vintages.py"})
LEFT = frozenset({"test_contract_changes.py", "test_contract_resources.py"})  # on PostgreSQL in `make chaos` alone


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = Path(str(metafunc.module.__file__)).name
    if name in ON_BOTH and not databases.ON_POSTGRESQL:
        stores = ["sqlite", further("postgresql") if name in LEFT else "postgresql"]
        metafunc.parametrize("store_kind", stores, indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def store_kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database the services of a module have; what starts one for a module must ask for it."""
    wanted = getattr(request, "param", "postgresql" if databases.ON_POSTGRESQL else "sqlite")
    with databases.chosen(wanted):
        yield wanted


@pytest.fixture(scope="module")
def service(store_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server
