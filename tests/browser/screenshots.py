"""`make screenshots`: the main pages, of a real service on real sources, into docs/images or into a named folder."""

import base64
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from browsing import FLAGS, MISSING, PATIENCE, PHONE, WIDE, chromium, sign_in
from playwright.sync_api import Browser, Page, sync_playwright
from seeding import fill

from service import Service, eventually
from slackwater.cli.demo.source import DATA, DemoSource

IMAGES = Path(__file__).parents[2] / "docs" / "images"
QUALITY = 80  # of 100; chosen: letters are as sharp to the eye as in PNG
HALF = 1_000  # points of the record after which its back-fill is stopped, so that one sees what is missing
COMPARED = 4, 12, 16  # of the seeded: of three units, with a point of the hour that goes on
POINTS = 24 * 21  # of each seeded series: the hours of three weeks
# Nothing is on its way to the page any more: fonts, parts of it, the number of problems in its head, its chart.
WHOLE = """() => document.fonts.status === "loaded" && !document.querySelector(".htmx-request")
    && document.querySelector("#problem-count").textContent.trim() !== ""
    && !document.querySelector("#chart:not([hidden], [data-state=ready])")"""


@dataclass(frozen=True)
class Shot:
    """One picture: of which page, how wide, in which theme; `before` does what a person would do there."""

    name: str
    path: str
    phone: bool = False
    dark: bool = False
    whole: bool = True  # from top to bottom; a long list is cut off instead
    before: Callable[[Page], None] = lambda _: None


def half_read(service: Service, url: str) -> str:
    """Let the service read a part of the Mauna Loa record and stop; return the wrapper's id."""
    wrapper_id = service.generate(
        "API", {"location": url}, name="CO₂ at Mauna Loa", unit="ppm", periodicity="Weekly", domain="Climate"
    )

    def far_enough() -> bool:
        return bool(service.wrapper(wrapper_id)["data_points_count"] >= HALF)

    eventually(far_enough, within=60)
    service.stop(wrapper_id)
    return wrapper_id


def look_at_a_file(page: Page) -> None:
    """Do the first step of a new source with a workbook."""
    page.locator("#file").set_input_files(DATA / "elnino.xlsx")
    page.locator("#create").wait_for()


def new_channel(page: Page) -> None:
    """Open the form of a channel, behind one that there is and its first message."""
    page.locator("[id^='m-']").first.wait_for(timeout=3 * PATIENCE)
    page.locator("#new-channel > summary").click()


def picture(page: Page, *, whole: bool) -> bytes:
    """Return a page as WebP, a quarter of PNG's bytes, which Playwright does not offer."""
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    area = {"x": 0, "y": 0, "width": width, "height": height if whole else page.evaluate("innerHeight"), "scale": 1}
    given = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": whole, "clip": area}
    return base64.b64decode(page.context.new_cdp_session(page).send("Page.captureScreenshot", given)["data"])


def take(browser: Browser, service: Service, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    context = browser.new_context(
        base_url=service.url,
        viewport=PHONE if shot.phone else WIDE,
        color_scheme="dark" if shot.dark else "light",
        locale="en-GB",
        timezone_id="Europe/Lisbon",
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page)
    page.goto(shot.path)
    shot.before(page)
    page.wait_for_function(WHOLE, timeout=PATIENCE)
    path = folder / f"{shot.name}.webp"
    path.write_bytes(picture(page, whole=shot.whole))
    context.close()
    sys.stdout.write(f"{path}\n")


def main(folder: Path) -> None:
    """Take all pictures."""
    if not chromium():
        sys.exit(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, DemoSource() as source, sync_playwright() as playwright:
        seeded = fill(Path(home) / "data", 40, points=POINTS)
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        with Service(Path(home) / "data") as service:
            wrapper = f"/wrappers/{half_read(service, source.url)}"
            channel = {"name": "On call", "url": "mailtos://ops:secret@smtp.example.org?to=ops@example.org"}
            # Once a day: nothing is sent meanwhile.
            service.http.post("/alerts/channels", json=channel | {"digest_at": "08:00", "timezone": "Europe/Lisbon"})
            resources = [service.wrapper(seeded[number])["resource_id"] for number in COMPARED]
            by_day, compared = resources[-1], "&".join(f"id={each}" for each in resources)
            for shot in (
                Shot("overview", "/", whole=False),
                Shot("overview-groups", "/?sort=group&open=Climate&open=Tourism", whole=False),
                Shot("overview-phone", "/", phone=True, whole=False),
                Shot("wrapper-dark", wrapper, dark=True),
                Shot("new-source", "/new", before=look_at_a_file),
                Shot("compare", f"/compare?{compared}"),
                Shot("data", f"/data/{by_day}?granularity=day", whole=False),
                Shot("alerts", "/console/alerts", before=new_channel),
            ):
                take(browser, service, shot, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
