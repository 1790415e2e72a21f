"""The browser: where it is, how it is started, what it may not do, and how somebody signs in with it."""

import os
import shutil
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from service import KEY

# The shell is Chromium without its window: the same pages for a fifth less of the processor's time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without the network flags Chromium asks its maker's hosts at every start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    # Each window loads two pages of its own for an address bar that nobody sees (the last two): four times what a page
    # of ours costs. The others are those of Playwright that would count no more, and could matter here.
    "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding,WebUIOmniboxAimPopup,WebUIOmniboxPopup",
)
MISSING = "the browser tests need Chromium: `apt-get install chromium-headless-shell`, or set SLACKWATER_CHROMIUM"
PATIENCE = 30_000  # ms that anything may take before a test fails, on a machine that others use as well
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def chromium() -> str | None:
    """Where the browser is; None when there is none."""
    named = os.environ.get("SLACKWATER_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


# What htmx says of a renewal that was given up for a newer request; one that fails says htmx:sendError besides.
GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")


class Watch:
    """What a browser did that it should not: requests to other hosts, errors in its console."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.others: list[str] = []  # hosts that a test sends the browser to on purpose
        self.strayed: list[str] = []
        self.errors: list[str] = []
        self.left: list[Callable[[], None]] = []  # what leaves each page
        self.expected: list[str] = []  # parts of errors that a test provokes: "401", "403"…

    def over(self, context: BrowserContext, leave: Callable[[], None] | None = None) -> None:
        """Watch the pages of a context until they are left, by `leave` or else for good."""
        heard: list[tuple[Any, Callable[[Any], Any]]] = [
            ("request", lambda request: self._asked(request.url)),
            ("console", lambda said: said.type == "error" and self.errors.append(f"{said.text} {said.location}")),
            ("weberror", lambda error: self.errors.append(str(error.error))),
        ]
        for event, handler in heard:
            context.on(event, handler)

        def left() -> None:
            for event, handler in heard:
                context.remove_listener(event, handler)
            (leave or context.close)()

        self.left.append(left)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin, *self.others, "data:", "blob:", "about:")):
            self.strayed.append(url)

    def leave(self) -> None:
        """Leave every page."""
        while self.left:
            self.left.pop()()

    def check(self) -> None:
        assert not self.strayed, f"asked other hosts: {self.strayed}"
        unexpected = [error for error in self.errors if not any(part in error for part in (*GIVEN_UP, *self.expected))]
        assert not unexpected, f"errors in the console: {unexpected}"


class Spare:
    """Pages that a test has left, for the next one that wants one that looks the same.

    A page costs more to open, with the process that Chromium starts for it, than to load. What a test has left in it
    is taken away: cookies, what it had stored, routes. A page that shows another host, or has been joined by a second
    one, is closed instead.
    """

    def __init__(self) -> None:
        self._pages: list[tuple[dict[str, Any], Page]] = []

    def take(self, looks: dict[str, Any]) -> Page | None:
        """Return a page of these looks, and keep it no more; None when there is none."""
        found = next((each for each in self._pages if each[0] == looks and not each[1].is_closed()), None)
        if found is None:
            return None
        self._pages.remove(found)
        return found[1]

    def leave(self, page: Page, looks: dict[str, Any]) -> None:
        """Keep a page for the next test, with nothing of this one in it."""
        context, origin = page.context, looks["base_url"]
        if page.is_closed() or len(context.pages) > 1 or not page.url.startswith(origin):
            context.close()
            return
        try:
            page.unroute_all()
            # The page of before is gone with its streams, and the process stays: about:blank would start another.
            page.goto(f"{origin}/ready")
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
            context.clear_cookies()
        except Error:  # its service has ended
            context.close()
        else:
            self._pages.append((looks, page))

    def close(self) -> None:
        """Close all that are kept."""
        while self._pages:
            self._pages.pop()[1].context.close()


def sign_in(page: Page, key: str = KEY) -> None:
    """Sign in through the form."""
    page.goto("/login")
    page.locator("input[name=key]").fill(key)
    page.locator("form[action='/login'] button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)
