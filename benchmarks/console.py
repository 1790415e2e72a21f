"""How long the console takes to make its pages when there is much to show, also in a real browser."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.ground import directory, service
from benchmarks.report import Figure, Report
from service import KEY
from sources import Feed, SourceServer

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))

WRAPPERS, QUICK, SOME = 10_000, 500, 300
CLICKS, STARTED = 3, 2.0  # from the address of an API to its first points: clicks at most, and seconds after discovery
AIM = 300.0  # ms
REPETITIONS = 15
WARM_UP = 2
VIEWS = (
    ("first page", "/"),
    ("searched, by points", "/?q=faro&sort=-points"),
    ("by name, last page", "/?sort=name&page={last}"),
    ("by health", "/?health=DEGRADED"),
)


def measure(quick: bool) -> Report:
    """Fill a store, then ask for each view of the overview and for the reference in turn; then in a browser."""
    count = QUICK if quick else WRAPPERS
    with directory() as place:
        # In a process of its own: what filling leaves in memory is not the service's.
        subprocess.run([sys.executable, "-c", _FILL, str(place / "data"), str(count)], check=True, env=_with_paths())
        with service(place) as running, httpx.Client(base_url=running.url, timeout=60) as client:
            assert client.post("/login", data={"key": KEY}).status_code == 303
            taken: dict[str, list[float]] = {name: [] for name, _ in VIEWS}
            reference: list[float] = []
            for turn in range(WARM_UP + REPETITIONS):
                for name, path in VIEWS:
                    took = _seconds(client, path.format(last=count // 50))
                    if turn >= WARM_UP:
                        taken[name].append(took)
                if turn >= WARM_UP:
                    reference.append(_seconds(client, "/resources/wrappers?limit=50"))
    bare = statistics.median(reference) * 1000
    return Report(
        title=f"the overview with {count:,} wrappers, whole request, median of {REPETITIONS}",
        figures=[
            Figure(name=name, value=statistics.median(taken[name]) * 1000, unit="ms", at_most=AIM, reference=bare)
            for name, _ in VIEWS
        ]
        + _in_a_browser((SOME, count)),
        notes=[
            "browser: until 50 sources are shown, and until a search shows its only one, median; not gated",
            "first source: clicks after the address is typed, and the time from the last one to the first stored point",
            "each wrapper with three runs and 60 points; a page shows 50 of them with health and sparkline, and totals",
            "reference: GET /resources/wrappers?limit=50 of the same service, which shows as many without totals",
        ],
    )


_FILL = "import sys; from pathlib import Path; from seeding import fill; fill(Path(sys.argv[1]), int(sys.argv[2]))"


def _with_paths() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def _seconds(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise AssertionError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
    return took


def _in_a_browser(counts: tuple[int, ...]) -> list[Figure]:
    """Measure what somebody waits for in Chromium; nothing where there is none."""
    from browsing import FLAGS, chromium, sign_in

    if not chromium():
        return []
    figures: list[Figure] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for count in counts:
            with directory() as place:
                subprocess.run(
                    [sys.executable, "-c", _FILL, str(place / "data"), str(count)], check=True, env=_with_paths()
                )
                with service(place) as running:
                    page = browser.new_page(base_url=running.url)
                    sign_in(page)
                    shown = [_until_shown(page) for _ in range(5)]
                    found = [_until_found(page) for _ in range(5)]
                    page.close()
            for name, taken in (("shown", shown), ("searched", found)):
                value = statistics.median(taken) * 1000
                figures.append(Figure(name=f"browser, {count:,} {name}", value=value, unit="ms"))
        clicks, seconds = _first_source(browser)
        browser.close()
    return [
        *figures,
        Figure(name="first source by URL", value=clicks, unit="clicks", at_most=CLICKS),
        Figure(name="its first points", value=seconds * 1000, unit="ms", at_most=STARTED * 1000),
    ]


def _until_shown(page: Page) -> float:
    began = time.perf_counter()
    page.goto("/")
    page.locator("table.overview tbody tr").nth(49).wait_for()
    return time.perf_counter() - began


def _until_found(page: Page) -> float:
    page.goto("/")
    field, rows = page.locator("input[type=search]"), page.locator("table.overview tbody tr")
    rows.nth(49).wait_for()
    began = time.perf_counter()
    field.fill("Faro 00202")
    rows.nth(1).wait_for(state="detached")
    return time.perf_counter() - began


def _first_source(browser: Browser) -> tuple[int, float]:
    """Make the first source of an empty service; return clicks, and seconds from the last one to its points."""
    from browsing import sign_in

    with directory() as place, SourceServer() as source, service(place) as running:
        url = source.serve("/v1/levels", Feed.regular("2024-11-01T06:00:00Z", 86_400_000_000, 250)).url
        page = browser.new_page(base_url=running.url)
        sign_in(page)
        clicks = 0
        for button in ("main a[href='/new']", "#look", "#create"):
            page.locator(button).first.wait_for()
            if button == "#look":
                page.locator("#location").fill(url)
            began = time.perf_counter()
            page.locator(button).first.click()
            clicks += 1
        page.wait_for_url("**/wrappers/*")
        wrapper_id = page.url.rpartition("/")[2]
        while not running.wrapper(wrapper_id)["data_points_count"]:
            time.sleep(0.01)
        took = time.perf_counter() - began
        page.close()
    return clicks, took
