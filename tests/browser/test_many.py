"""10,000 wrappers: the overview stays usable."""

import httpx
import psutil
import pytest
from playwright.sync_api import expect
from seeding import fill

from service import KEY, Service

COUNT = 10_000
# Seconds of the service's own work, so that a busy machine does not count. benchmarks/console.py measures; this only
# tells a page that reads all wrappers one by one.
BOUND = 3.0


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, COUNT, points=10, runs=2)
    with Service(data_dir) as running:
        yield running


def worked(service: Service) -> float:
    assert service.process is not None
    times = psutil.Process(service.process.pid).cpu_times()
    return times.user + times.system


@pytest.mark.parametrize(
    "path", ["/", "/?sort=name&page=200", "/?q=faro&sort=-points", "/?state=failing", "/?sort=-age", "/?sort=next"]
)
def test_each_view_is_made_within_bounds(service, path):
    with httpx.Client(base_url=service.url, timeout=30) as client:
        client.post("/login", data={"key": KEY})
        client.get(path)
        before = worked(service)
        answer = client.get(path)
        took = worked(service) - before
    assert answer.status_code == 200
    assert answer.text.count("<tr id=") == 50
    assert took < BOUND


def test_somebody_finds_sorts_and_leafs_through_them(visit):
    page = visit("/")
    expect(page.get_by_label("Totals").get_by_role("link", name="Sources")).to_contain_text("10,000")
    page.get_by_label("Name, domain, address or id").fill("Faro 00702")
    expect(page.locator("table.overview tbody tr")).to_have_count(1)
    page.get_by_label("Name, domain, address or id").fill("")
    expect(page.get_by_text("1–50 of 10,000")).to_be_visible()
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_label("Pages").get_by_role("link", name="Next").click()
    expect(page.get_by_text("51–100 of 10,000")).to_be_visible()
