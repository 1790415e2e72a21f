"""The browser: where it is, how it is started, what it may not do, and how somebody signs in with it."""

import os
import shutil

from playwright.sync_api import BrowserContext, Page

from service import KEY

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
MISSING = "the browser tests need Chromium: `apt-get install chromium`, or say where one is in SLACKWATER_CHROMIUM"
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
        self.contexts: list[BrowserContext] = []
        self.expected: list[str] = []  # parts of errors that a test provokes: "401", "403"…

    def over(self, context: BrowserContext) -> None:
        self.contexts.append(context)
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", lambda said: said.type == "error" and self.errors.append(f"{said.text} {said.location}"))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin, *self.others, "data:", "blob:", "about:")):
            self.strayed.append(url)

    def leave(self) -> None:
        """Close every page."""
        while self.contexts:
            self.contexts.pop().close()

    def check(self) -> None:
        assert not self.strayed, f"asked other hosts: {self.strayed}"
        unexpected = [error for error in self.errors if not any(part in error for part in (*GIVEN_UP, *self.expected))]
        assert not unexpected, f"errors in the console: {unexpected}"


def sign_in(page: Page, key: str = KEY) -> None:
    """Sign in through the form."""
    page.goto("/login")
    page.locator("input[name=key]").fill(key)
    page.locator("form[action='/login'] button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)
