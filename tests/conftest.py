"""For all tests. Its place here makes `sources` importable everywhere below."""

import pytest
from hypothesis import settings

import budget
import databases
import loaded

# How long an example takes says more about the machine and its other work than about the code. `make test` tries the
# same examples each time, so that no run depends on luck; `make chaos` looks for others.
settings.register_profile("quick", deadline=None, derandomize=True, database=None)
settings.register_profile("full", deadline=None)
settings.load_profile("full" if budget.LONG else "quick")

# A file runs in one worker from its first test to its last: these come first, or one worker would have a long one left
# when the others are done. Their order changes nothing else.
LONGEST = (
    "test_campaign.py",
    "test_uploads.py",
    "test_kills.py",
    "test_model.py",
    "test_late_data.py",
    "test_confinement.py",
    "test_backup.py",
    "test_plants.py",
    "test_hostile_source.py",
    "test_wrapper_page.py",
    "test_overview.py",
    "test_pages.py",
    "test_session.py",
    "test_fuzz_api.py",
    "test_command_line.py",
    "test_resume.py",
    "test_apis.py",
    "test_api_laws.py",
    "test_files_law.py",
    "test_discover_api.py",
    "test_discover_windows.py",
    "test_stop.py",
    "test_language_model.py",
    "test_processes.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not (item.get_closest_marker("sqlite") and on_postgresql(item))]
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


if databases.ON_POSTGRESQL:
    databases.replace_files()


def on_postgresql(item: pytest.Item) -> bool:
    """Whether a test's stores are databases of a server."""
    given = getattr(item, "callspec", None)
    return databases.ON_POSTGRESQL or (given is not None and given.params.get("new_store") == "postgresql")


def pytest_unconfigure() -> None:
    loaded.end()
