"""Every page and state of the console on one service: for a test, and for pictures.

`PYTHONPATH=tests .venv/bin/python tests/browser/every_page.py FOLDER [PART OF A SCENE'S NAME …]` takes these.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from browsing import FLAGS, PHONE, chromium, sign_in
from playwright.sync_api import Browser, Error, Page, sync_playwright
from seeding import fill

from service import Service, eventually
from slackwater.model.instants import DAY, HOUR
from sources import Answer, Feed, SourceServer

LAPTOP = {"width": 1280, "height": 800}
COMBINATIONS = tuple(product((LAPTOP, PHONE), (False, True), ("en", "pt")))  # width, whether dark, language
MONTHS = "mês;dormidas;preço médio (€)\n" + "".join(
    f"{2019 + n // 12}-{1 + n % 12:02};{12_000 + (n * 379) % 4_000};{61 + n % 9},5\n" for n in range(70)
)
DAYS = "dia;nível\n01/02/2024;1,5\n02/02/2024;1,7\n03/04/2024;2,5\n05/04/2024;2,6\n"


def nothing(_: Page) -> None:
    """Do nothing on a page."""


@dataclass(frozen=True)
class Scene:
    """One state: of which page, and what somebody has done there."""

    name: str
    path: str
    before: Callable[[Page], None] = nothing
    signed_in: bool = True
    ours: bool = True  # a page of the console
    errors: tuple[str, ...] = ()  # parts of the browser's complaints that belong to it


@dataclass(frozen=True)
class Stage:
    """A service on which all of it is to be seen."""

    service: Service
    scenes: list[Scene] = field(default_factory=list)


def ready(page: Page) -> None:
    """Wait for what a page loads by itself."""
    if page.locator("#chart").count():
        page.locator("#chart:is([data-state=ready], [data-state=empty])").wait_for(state="attached")


def tab(name: str) -> Callable[[Page], None]:
    """Open a tab of a source."""

    def opened(page: Page) -> None:
        page.locator(f"#tab-{name}").click()
        page.wait_for_load_state("networkidle")

    return opened


def looked_at(place: str = "", *, file: tuple[str, str] | None = None) -> Callable[[Page], None]:
    """Do the first step of a new source."""

    def done(page: Page) -> None:
        if file:
            content = {"name": file[0], "mimeType": "text/csv", "buffer": file[1].encode()}
            page.locator("#file").set_input_files(content)
        else:
            page.locator("#location").fill(place)
            page.locator("#look").click()
        page.locator("#found > *:visible, #location-error:visible").first.wait_for()
        page.locator("#looking").wait_for(state="hidden")
        page.evaluate("document.querySelectorAll('#found section > details').forEach((each) => { each.open = true; })")

    return done


def pressed(*targets: str) -> Callable[[Page], None]:
    """Press what the selectors name, one after the other."""

    def done(page: Page) -> None:
        for each in targets:
            page.locator(each).first.click()
        page.wait_for_load_state("networkidle")

    return done


def chosen(count: int) -> Callable[[Page], None]:
    """Choose the first sources of the list."""

    def done(page: Page) -> None:
        page.locator("#choose").click() if page.locator("#choose:visible").count() else None
        for each in page.locator("[data-pick]").all()[:count]:
            each.check()

    return done


@contextmanager
def stage(home: Path) -> Iterator[Stage]:
    """Set up a service with everything on it."""
    home.mkdir()
    fill(home / "data", 316)
    with SourceServer() as source, Service(home / "data", labels="gpu,site-a") as service:
        yield Stage(service, list(_scenes(service, source)))


@contextmanager
def empty_stage(home: Path) -> Iterator[Stage]:
    """Set up a service with nothing on it."""
    home.mkdir()
    with Service(home / "data") as service:
        paths = {"nothing": "/", "no-problems": "/problems", "no-data": "/data", "no-alerts": "/console/alerts"}
        yield Stage(service, [Scene(name, path) for name, path in paths.items()])


def _scenes(service: Service, source: SourceServer) -> Iterator[Scene]:
    file = service.upload("dormidas.csv", MONTHS.encode())["file_id"]
    read = service.generate("CSV", {"file_id": file}, name="Dormidas no Algarve", unit="n.º", domain="Turismo")
    hourly = Feed.regular("2024-11-01T00:00:00Z", HOUR, 900)
    named = {"time_field": "data", "value_field": "nivel"}
    followed = service.generate(
        "API", {"location": source.serve("/v1/nivel", hourly, **named).url}, name="Nível do mar, Leixões", unit="m"
    )
    for wrapper_id in (read, followed):
        service.caught_up(wrapper_id, within=60)
    resource = service.wrapper(followed)["resource_id"]
    changed = _changed(service, source)
    asked = service.generate(
        "CSV", {"file_id": service.upload("dias.csv", DAYS.encode())["file_id"]}, name="Nível, dias"
    )
    eventually(lambda: service.wrapper(asked)["status"] == "error", within=60)
    fresh = _emptied(service, source)
    loading = _loading(service, source)
    seeded = {
        name: service.http.get("/resources/wrappers", params={"status": name, "limit": 1, "skip": 3}).json()[0]
        for name in ("executing", "stopped", "retrying", "error", "completed")
    }
    service.http.post("/views", json={"name": "Só o mar", "query": "group=Environment"})
    service.http.post(
        "/alerts/channels",
        json={"name": "Equipa", "form": "webhook", "url": "http://127.0.0.1:9/", "digest_at": "08:00"},
    )
    share = service.http.post("/shares", json={"name": "câmara", "resource_id": resource}).json()
    yield from _overview()
    for name, each in seeded.items():
        yield Scene(f"source-{name}", f"/wrappers/{each['wrapper_id']}", ready)
    yield Scene("source-file", f"/wrappers/{read}", ready)
    yield Scene("source-followed", f"/wrappers/{followed}", ready)
    yield Scene("source-changed", f"/wrappers/{changed}", ready)
    yield Scene("source-asks", f"/wrappers/{asked}", ready)
    yield Scene("source-empty", f"/wrappers/{fresh}", ready)
    yield Scene("source-loading", f"/wrappers/{loading}", ready)
    for name in ("log", "runs", "revisions", "quality", "code", "settings", "checkpoint"):
        yield Scene(f"tab-{name}", f"/wrappers/{changed if name == 'log' else followed}", tab(name))
    yield Scene("source-menu", f"/wrappers/{followed}", pressed("[popovertarget]"))
    yield Scene("source-run", f"/wrappers/{followed}", pressed(".beat"))
    yield from _new(service, source, hourly)
    pair = f"/compare?id={resource}&id={service.wrapper(read)['resource_id']}"
    yield Scene("compare", pair, ready)
    yield Scene("compare-none", "/compare")
    yield Scene("data", f"/data/{resource}", ready)
    yield Scene("data-list", "/data")
    yield Scene("programs", f"/data/{resource}/api")
    yield Scene("alerts", "/console/alerts")
    yield Scene("alerts-form", "/console/alerts", pressed("#new-channel > summary"))
    yield Scene("problems", "/problems")
    yield Scene("keys", "/keys")
    yield Scene("audit", "/console/audit")
    yield Scene("nodes", "/console/nodes")
    if "url" in share:
        yield Scene("shared", share["url"], ready, signed_in=False)
        yield Scene("embedded", share["url"] + "?embed=true", ready, signed_in=False)
    yield Scene("login", "/login", signed_in=False)
    yield Scene("api-docs", "/docs", ours=False)
    yield Scene("api-answer", f"/resources/wrappers/{followed}")
    yield Scene("missing", "/nothing-here", errors=("404",))
    yield Scene("missing-source", "/wrappers/6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34", errors=("404",))


def _overview() -> Iterator[Scene]:
    yield Scene("overview", "/")
    yield Scene("overview-one", "/?q=Leixões+nível")
    yield Scene("overview-none", "/?q=nada-assim")
    yield Scene("overview-failing", "/?state=failing&group=Environment/Sea&sort=name")
    yield Scene("overview-chosen", "/", chosen(3))
    yield Scene("overview-filters", "/", pressed("#filters:visible, #q"))
    yield Scene("overview-views", "/", pressed("#views > summary, .picker summary"))
    yield Scene("account", "/", pressed(".menu > summary"))


def _new(service: Service, source: SourceServer, hourly: Feed) -> Iterator[Scene]:
    locked = source.serve("/v1/fechada", hourly, auth=("bearer", "x")).url
    yield Scene("new", "/new")
    yield Scene("new-found", "/new", looked_at(source.serve("/v1/novo", hourly).url))
    yield Scene("new-file", "/new", looked_at(file=("dormidas.csv", MONTHS)))
    yield Scene("new-asks", "/new", looked_at(file=("dias.csv", DAYS)))
    yield Scene("new-locked", "/new", looked_at(locked))
    yield Scene("new-broken", "/new", looked_at(source.route("/v1/nada", Answer({"error": "nada"}, 404))))
    yield Scene("new-texts", "/new", looked_at(source.route("/v1/textos", Answer([{"a": "x", "b": "y"}] * 5))))
    yield Scene("new-wrong", "/new", looked_at("ftp://nada"))


def _changed(service: Service, source: SourceServer) -> str:
    """Make a source that has changed so that nothing fits any more."""
    place = source.serve("/v1/mudou", Feed.regular("2024-01-01", DAY, 60), value_field="caudal").url
    wrapper_id = service.generate("API", {"location": place}, name="Caudal do Tejo", unit="m³/s")
    service.caught_up(wrapper_id, within=60)
    source.route("/v1/mudou", Answer({"hello": "world"}))
    service.stop(wrapper_id)
    service.http.post(f"/resources/wrappers/{wrapper_id}/execute", params={"wait": 0})
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error", within=60)
    return wrapper_id


def _emptied(service: Service, source: SourceServer) -> str:
    """Make a source that is polled and has given no point yet."""
    feed = Feed.regular("2024-11-01T00:00:00Z", HOUR, 300)
    place = source.serve("/v1/vazia", feed, value_field="nivel", time_filter=("from", "to")).url
    start = "2026-11-01"  # behind all points
    wrapper_id = service.generate("API", {"location": place, "start": start}, name="Ainda nada", unit="m")
    eventually(lambda: service.runs(wrapper_id), within=60)
    return wrapper_id


def _loading(service: Service, source: SourceServer) -> str:
    """Make a source whose history is being loaded for as long as anybody looks."""
    feed = Feed.regular("1990-01-01T00:00:00Z", HOUR, 200_000)
    slowly = {"paging": "offset", "max_page_size": 100, "delay": 0.7}  # 200,000 points at 140 a second: 24 minutes
    place = source.serve("/v1/longa", feed, value_field="nivel", time_filter=("from", "to"), **slowly).url
    wrapper_id = service.generate("API", {"location": place}, name="Nível, desde 1990", unit="m")
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] > 0, within=120)
    return wrapper_id


def open_in(browser: Browser, service: Service, combination: tuple[dict[str, int], bool, str], *, keyed: bool) -> Page:
    """Open a browser of one width, theme and language."""
    viewport, dark, language = combination
    context = browser.new_context(
        base_url=service.url,
        viewport=viewport,
        color_scheme="dark" if dark else "light",
        locale={"en": "en-GB", "pt": "pt-PT"}[language],
        timezone_id="Europe/Lisbon",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if keyed:
        sign_in(page)
    return page


def main(folder: Path, names: list[str]) -> None:
    """Take pictures of all in all combinations, or of the scenes that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for setting in (stage(Path(home) / "all"), empty_stage(Path(home) / "none")):
            with setting as there:
                for combination in COMBINATIONS:
                    pages = {
                        keyed: open_in(browser, there.service, combination, keyed=keyed) for keyed in (True, False)
                    }
                    for scene in there.scenes:
                        if names and not any(each in scene.name for each in names):
                            continue
                        page = pages[scene.signed_in]
                        page.goto("about:blank")
                        page.goto(scene.path)
                        try:
                            scene.before(page)
                        except (AssertionError, Error) as error:  # the picture shows what there is instead
                            sys.stderr.write(f"{scene.name}: {str(error)[:200]}\n")
                        page.wait_for_timeout(400)
                        width = "wide" if combination[0] is LAPTOP else "phone"
                        theme = "dark" if combination[1] else "light"
                        kept = folder / f"{scene.name}--{width}-{theme}-{combination[2]}.png"
                        page.screenshot(path=kept, full_page=True)
                    for page in pages.values():
                        page.context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
