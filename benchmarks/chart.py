"""How long the page of a wrapper takes that holds ten million points, until its first chart is drawn."""

import statistics
import sys
import time
from pathlib import Path

import httpx

from benchmarks.ground import directory, service
from benchmarks.history import QUICK, SIZES, Shelf
from benchmarks.report import Figure, Report
from service import KEY

sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))

AIM = 300.0  # ms
REPETITIONS = 15
WARM_UP = 2
DAY_IN_IT = "from=1990-02-01&to=1990-02-01"  # of the days that the ten million points fill, one a second


def measure(quick: bool) -> Report:
    """Fill a store, then ask for the page and for charts of all and of a day in turn; then look at it in a browser."""
    count = QUICK[-1] if quick else SIZES[-1]
    with directory() as place:
        Shelf(place / "shelf", count)
        with service(place / "shelf") as running, httpx.Client(base_url=running.url, timeout=60) as client:
            assert client.post("/login", data={"key": KEY}).status_code == 303
            wrapper = client.get("/resources/wrappers?limit=1").json()[0]
            chart = f"/data/{wrapper['resource_id']}/chart"
            views = {
                "the page": f"/wrappers/{wrapper['wrapper_id']}",
                "its live part": f"/wrappers/{wrapper['wrapper_id']}/live",
                "chart of everything": f"{chart}?stretches=700",
                "chart of a day": f"{chart}?stretches=700&{DAY_IN_IT}",
            }
            taken: dict[str, list[float]] = {name: [] for name in views}
            for turn in range(WARM_UP + REPETITIONS):
                for name, path in views.items():
                    began = time.perf_counter()
                    answer = client.get(path)
                    took = time.perf_counter() - began
                    if answer.status_code != 200:
                        raise AssertionError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
                    taken[name] += [took] * (turn >= WARM_UP)
            seen = _until_first_chart(running.url, views["the page"])
    figures = [
        Figure(name=name, value=statistics.median(took) * 1000, unit="ms", at_most=AIM) for name, took in taken.items()
    ]
    if seen is not None:
        figures.append(Figure(name="page opened to first chart", value=seen, unit="ms", at_most=AIM))
    return Report(
        title=f"the page of a wrapper with {count:,} points, whole request, median of {REPETITIONS}",
        figures=figures,
        notes=[
            "one point a second, stored by store.points.commit; 700 stretches with average, least and greatest value",
            "to first chart: from the start of the navigation until the chart is drawn, in headless Chromium with a "
            "warm cache, median of 5" + ("" if seen is not None else "; not measured: no Chromium here"),
        ],
    )


def _until_first_chart(url: str, path: str) -> float | None:
    """Return the ms until the chart is drawn; None without a browser."""
    from browsing import FLAGS, chromium, sign_in
    from playwright.sync_api import sync_playwright

    if chromium() is None:
        return None
    marks: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900}).new_page()
        sign_in(page)
        for _ in range(6):
            page.goto(path)
            page.wait_for_selector("#chart[data-state=ready]")
            marks.append(page.evaluate("performance.getEntriesByName('slackwater:first-chart')[0].startTime"))
        browser.close()
    return statistics.median(marks[1:])
