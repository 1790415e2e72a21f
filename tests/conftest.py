"""For all tests. Its place here makes `sources` importable everywhere below."""

import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import budget
import databases
import loaded

# How long an example takes says more about the machine and its other work than about the code. `make test` tries the
# same examples each time, so that no run depends on luck; `make chaos` looks for others.
settings.register_profile("quick", max_examples=30, deadline=None, derandomize=True, database=None)
settings.register_profile("full", deadline=None)
settings.load_profile("full" if budget.LONG else "quick")

# A file runs in one worker from its first test to its last: these come first, or one worker would have a long one left
# when the others are done. Those of the browser stand together, so that each worker starts it once. Their order changes
# nothing else.
LONGEST = (
    "test_confinement.py",
    "test_command_line.py",
    "test_nodes.py",
    "test_uploads.py",
    "test_resume.py",
    "test_wrapper_page.py",
    "test_processes.py",
    "test_stop.py",
    "test_apis.py",
    "test_watchdog.py",
    "test_hostile_source.py",
    "test_alerts_page.py",
    "test_contract_sources.py",
    "test_kills.py",
    "test_campaign.py",
    "test_fuzz_api.py",
    "test_new_source.py",
    "test_dry_run.py",
    "test_contract_changes.py",
    "test_migrate_store.py",
    "test_language_model.py",
    "test_time_filter_groups.py",
    "test_access_matrix.py",
    "test_log_stream.py",
    "test_rediscovery.py",
    "test_readings.py",
    "test_overview.py",
    "browser",
)


def rank(path: Path) -> int:
    """Return the place of a file among those that come first; a folder's name stands for the rest of it."""
    return min(LONGEST.index(name) if name in LONGEST else len(LONGEST) for name in (path.name, path.parent.name))


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker begin at another file: what one has compiled meanwhile, the others find in the cache."""
    if "PYTEST_XDIST_WORKER" in os.environ and config.args == ["tests"]:
        place, count = int(os.environ["PYTEST_XDIST_WORKER"][2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        left = {Path(each).absolute() for each in config.getoption("ignore") or ()}
        files = sorted(str(each) for each in Path("tests").rglob("test_*.py") if each.absolute() not in left)
        first = len(files) * place // count
        config.args = [*files[first:], *files[:first]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Collect the tests without looking for garbage, then or later: they stay, and it took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not budget.LONG:
        left = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if not (item.get_closest_marker("sqlite") and on_postgresql(item))]
    items.sort(key=lambda item: (rank(item.path), item.path))


if databases.ON_POSTGRESQL:
    databases.replace_files()


def on_postgresql(item: pytest.Item) -> bool:
    """Whether a test's stores are databases of a server."""
    given = getattr(item, "callspec", None)
    return databases.ON_POSTGRESQL or (
        given is not None and "postgresql" in map(given.params.get, ("new_store", "store_kind"))
    )


def pytest_unconfigure() -> None:
    loaded.end()
