"""A real Chromium in front of a real service. Whatever asks another host, or logs an error, fails the test."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import FLAGS, MISSING, PATIENCE, WIDE, Spare, Watch, chromium, sign_in
from playwright.sync_api import Browser, Page, Playwright, StorageState, expect, sync_playwright

from service import KEY, Service
from sources import SourceServer

SignIn = Callable[..., Page]
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium():
        return
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    if not here:
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        raise pytest.UsageError(MISSING)
    config.stash[_LOUD] = MISSING
    for item in here:
        item.add_marker(pytest.mark.skip(reason=MISSING))


_LOUD = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if told := config.stash.get(_LOUD, None):
        terminalreporter.write_line(f"SKIPPED: {told}", yellow=True, bold=True)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for the module; a module with another name for this fixture has its own."""
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture
def source() -> Iterator[SourceServer]:
    with SourceServer() as server:
        yield server


class Kept:
    """The browser of this worker: kept from module to module, until a test of another folder comes.

    Playwright has an event loop of its own, which must be gone when others have theirs.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self.end()
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        return self._browser

    def end(self) -> None:
        if self._playwright is not None:
            if self._browser is not None:
                self._browser.close()
            self._playwright.stop()
        self._playwright = self._browser = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if not item.path.is_relative_to(Path(__file__).parent):
            self.end()

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        self.end()


KEPT = Kept()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(KEPT)  # the hooks of this file itself are called for the tests of this folder alone


@pytest.fixture
def browser() -> Browser:
    return KEPT.browser()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Leave the pages before anything that they look at is put away: one that asks for what is gone tells an error."""
    if isinstance(watch := getattr(item, "funcargs", {}).get("watch"), Watch):
        watch.leave()


@pytest.fixture
def watch(service: Service) -> Iterator[Watch]:
    watch = Watch(service.url)
    yield watch
    watch.check()


@pytest.fixture(scope="module")
def sessions(service: Service) -> dict[str, StorageState]:
    """The cookies of who has signed in once: key → cookies. What ends a session signs in for itself."""
    return {}


@pytest.fixture(scope="module")
def spare(service: Service) -> Iterator[Spare]:
    """The pages that the tests of a module have left."""
    with contextlib.closing(Spare()) as spare:
        yield spare


@pytest.fixture
def visit(browser: Browser, service: Service, watch: Watch, sessions: dict[str, StorageState], spare: Spare) -> SignIn:
    """Open a page as in a fresh browser: visit("/keys", key=…, viewport=PHONE, dark=True, language="pt").

    `hurry`: time can be made to pass there, by page.clock. `signed_in`: false where nobody is.
    """

    def opened(
        path: str = "/",
        *,
        key: str = KEY,
        signed_in: bool = True,
        viewport: dict[str, int] = WIDE,
        dark: bool = False,
        language: str = "en",
        hurry: bool = False,
    ) -> Page:
        looks = {
            "base_url": service.url,
            "viewport": viewport,
            "locale": {"en": "en-GB", "pt": "pt-PT"}[language],
            "color_scheme": "dark" if dark else "light",
        }
        page = None if hurry else spare.take(looks)
        if page is None:
            context = browser.new_context(timezone_id="Europe/Lisbon", reduced_motion="reduce", **looks)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
        watch.over(page.context, None if hurry else lambda: spare.leave(page, looks))
        if signed_in and key in sessions:
            page.context.add_cookies(sessions[key]["cookies"])
        elif signed_in:
            sign_in(page, key)
            sessions[key] = page.context.storage_state()
        if hurry:
            page.clock.install()
        page.goto(path)
        return page

    return opened
