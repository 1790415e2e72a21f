"""300 wrappers and 10,000: the overview stays usable."""

import httpx
import psutil
import pytest
from browsing import PHONE
from playwright.sync_api import expect
from seeding import fill

from budget import some
from service import KEY, Service

COUNTS = (300, 10_000)
# Seconds of the service's own work, so that a busy machine does not count. benchmarks/console.py measures; this only
# tells a page that reads all wrappers one by one.
BOUND = 3.0


@pytest.fixture(scope="module", params=some(COUNTS, 300))
def count(request):
    return request.param


@pytest.fixture(scope="module")
def service(tmp_path_factory, count):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, count, points=10, runs=2)
    with Service(data_dir) as running:
        yield running


def worked(service: Service) -> float:
    assert service.process is not None
    times = psutil.Process(service.process.pid).cpu_times()
    return times.user + times.system


@pytest.mark.parametrize(
    "path", ["/", "/?sort=name&page={last}", "/?q=faro&sort=-points", "/?state=failing", "/?sort=-age", "/?sort=next"]
)
def test_each_view_is_made_within_bounds(service, count, path):
    path = path.format(last=count // 50)
    with httpx.Client(base_url=service.url, timeout=30) as client:
        client.post("/login", data={"key": KEY})
        client.get(path)
        before = worked(service)
        answer = client.get(path)
        took = worked(service) - before
    assert answer.status_code == 200
    assert answer.text.count("<tr id=") == (min(50, count // 10) if "faro" in path else 50)  # one in ten is at Faro
    assert took < BOUND


@pytest.mark.long
def test_somebody_finds_sorts_and_leafs_through_them(visit, count):
    page, number = visit("/"), count // 10 * 7 + 2  # the places come in turn: its place is Faro
    expect(page.get_by_label("Totals").get_by_role("link", name="Sources")).to_contain_text(f"{count:,}")
    page.get_by_label("Name, domain, address or id").fill(f"Faro {number:05}")
    expect(page.locator("table.overview tbody tr")).to_have_count(1)
    page.get_by_label("Name, domain, address or id").fill("")
    expect(page.get_by_text(f"1–50 of {count:,}")).to_be_visible()
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_label("Pages").get_by_role("link", name="Next").click()
    expect(page.get_by_text(f"51–100 of {count:,}")).to_be_visible()


@pytest.mark.long
def test_on_a_phone_a_source_takes_a_name_a_sentence_and_a_line(visit):
    page = visit("/", viewport=PHONE)
    rows = page.locator("table.overview tbody tr")
    heights = sorted(rows.evaluate_all("(rows) => rows.map((row) => row.getBoundingClientRect().height)"))
    assert heights[len(heights) // 2] < 150
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    first = rows.first
    for part in (".state-cell .chip", ".recent .value", ".age .small"):
        box, row = first.locator(part).bounding_box(), first.bounding_box()
        assert row["x"] <= box["x"], part
        assert box["x"] + box["width"] <= row["x"] + row["width"], part
