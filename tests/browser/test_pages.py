"""Each page of the console's core: accessible in both themes and languages, and doing what it is there for."""

import re

import pytest
from accessibility import faults
from browsing import PHONE, WIDE
from playwright.sync_api import expect
from seeding import fill

from budget import LONG, further
from service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, 30)
    with Service(data_dir) as running:
        channel = {"name": "On call", "form": "webhook", "url": "http://127.0.0.1:9/", "group_seconds": 0}
        running.http.post("/alerts/channels", json=channel)
        yield running


ADMIN = ("/console/alerts", "/keys", "/console/audit", "/console/nodes")


# One of them here, each pair of them in `make chaos`: no rule of axe looks at all three.
@pytest.mark.parametrize(
    ("viewport", "dark", "language"),
    [further(WIDE, False, "en"), (WIDE, True, "pt"), further(PHONE, False, "pt"), further(PHONE, True, "en")],
    ids=["wide-light-en", "wide-dark-pt", "phone-light-pt", "phone-dark-en"],
)
def test_pages_are_accessible(visit, watch, viewport, dark, language):
    page = visit("/login", signed_in=False, viewport=viewport, dark=dark, language=language)
    assert not faults(page), "/login"
    page = visit("/", viewport=viewport, dark=dark, language=language)
    paths = ("/", *ADMIN, "/problems", "/new", "/data", "/?q=nothing-of-that-name")
    for path in paths if LONG else paths[::2]:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1
        assert not faults(page), path
    page.keyboard.press("?")
    assert not faults(page), "the dialog"


def test_a_key_is_made_shown_once_used_and_revoked(visit, service):
    page = visit("/keys")
    page.get_by_label("Who or what will use it").fill("<b>dashboard</b>")
    page.get_by_label("Valid for").select_option("30")
    page.get_by_role("button", name="Create a key").click()
    key = page.get_by_label("New key").input_value()
    assert key.startswith("sw_")
    assert service.http.get("/resources", headers={"X-API-Key": key}).status_code == 200
    assert service.http.post("/resources", headers={"X-API-Key": key}, json={}).status_code == 403  # a viewer's
    row = page.locator("tr", has_text="<b>dashboard</b>")
    expect(row).to_contain_text("Viewer")
    page.reload()
    assert key not in page.content()
    row.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot be undone")
    dialog.get_by_role("button", name="Cancel").click()
    assert service.http.get("/resources", headers={"X-API-Key": key}).status_code == 200
    row.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked")
    page.wait_for_timeout(1100)  # a key is remembered for a second
    assert service.http.get("/resources", headers={"X-API-Key": key}).status_code == 401


@pytest.mark.long
def test_the_last_admin_key_stays_and_the_reason_is_told(visit, watch):
    watch.expected.append("409")
    page = visit("/keys")
    page.locator("tr", has_text="this session").get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("#toasts")).to_contain_text("This is the last admin key")
    expect(page.locator("tr", has_text="this session")).to_contain_text("Valid")


@pytest.mark.long
def test_a_key_without_a_name_is_refused_in_words(visit, watch):
    watch.expected.append("422")
    page = visit("/keys")
    page.get_by_label("Who or what will use it").fill("   ")
    page.get_by_role("button", name="Create a key").click()
    expect(page.get_by_role("alert")).to_contain_text("at most 100 characters")


def test_the_audit_trail_tells_deeds_and_refusals_and_is_searched(visit, service):
    wrapper_id = service.http.get("/resources/wrappers", params={"status": "executing"}).json()[0]["wrapper_id"]
    service.stop(wrapper_id)
    service.http.get("/resources", headers={"X-API-Key": "nobody's"})
    page = visit("/console/audit")
    expect(page.get_by_role("row").filter(has_text="Stop a source").get_by_role("link")).to_have_attribute(
        "href", f"/wrappers/{wrapper_id}"
    )
    page.get_by_label("Show").select_option("refusal")
    expect(page).to_have_url(re.compile("kind=refusal"))
    expect(page.get_by_role("row").filter(has_text="unknown caller").first).to_contain_text("401")
    expect(page.get_by_role("row").filter(has_text="Stop a source")).to_have_count(0)
    page.get_by_label("Show").select_option("")
    page.get_by_label("Who, what, id or address").fill(wrapper_id)
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)


def test_the_node_tells_its_slots_and_its_confinement(visit, service):
    page = visit("/console/nodes")
    ready = service.http.get("/ready").json()
    for measure in ready["confinement"]:
        expect(page.get_by_role("rowheader", name=measure.replace("_", " "), exact=True)).to_be_visible()
    expect(page.get_by_text("0 of 64")).to_be_visible()
    assert service.process is not None
    expect(page.get_by_text(f"{service.process.pid}, ")).to_be_visible()


def test_assets_are_our_own_and_kept(visit, service):
    page = visit("/")
    addresses = page.evaluate("performance.getEntriesByType('resource').map(each => each.name)")
    assert any("htmx" in each for each in addresses)
    for address in addresses:
        assert address.startswith(service.url), "nothing comes from elsewhere"
        if "/console/static/" in address:
            answer = service.http.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"], address


MOST_MOVED, LOADS = 0.0005, 3
MOVED = """() => new Promise((done) => {
    let moved = 0;
    const add = (list) => list.getEntries().forEach((each) => { moved += each.hadRecentInput ? 0 : each.value; });
    new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
    setTimeout(() => done(moved), 100);
})"""


@pytest.mark.long
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_moves_while_a_page_loads(visit, service, viewport):
    wrapper, other = service.http.get("/resources/wrappers", params={"status": "executing"}).json()[:2]
    own, compared = f"/wrappers/{wrapper['wrapper_id']}", f"/compare?id={wrapper['resource_id']}"
    charts = (own, f"/data/{wrapper['resource_id']}", f"{compared}&id={other['resource_id']}")
    page = visit("/", viewport=viewport)
    for path in ("/", "/problems", "/new", "/data", *ADMIN, f"{own}#quality", *charts):
        # A busy machine paints a page of which half has come; what the page itself moves, it moves at each load.
        assert any(moved_while_loading(page, path) < MOST_MOVED for _ in range(LOADS)), path


def moved_while_loading(page, path: str) -> float:
    page.goto("about:blank")  # a fragment alone loads nothing
    page.goto(path)
    if page.locator("#chart").count():
        expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    if path.endswith("#quality"):
        page.locator("#panel-quality").scroll_into_view_if_needed()
        expect(page.locator("#panel-quality .quality")).to_be_visible()
    page.wait_for_timeout(500)
    return float(page.evaluate(MOVED))
