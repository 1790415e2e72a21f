"""Charts of several units and sources: panels, legends, a logarithmic scale, and addresses that keep it all."""

import json
import math
import re
from datetime import date, timedelta

import pytest
from accessibility import faults
from browsing import PHONE
from playwright.sync_api import expect

from service import Service

START = 1_700_000_000


def made(service: Service, name: str, header: str, rows: list[str], **metadata: object) -> tuple[str, str]:
    file_id = service.upload(f"{name}.csv", "\n".join([header, *rows]).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name=name, **metadata)
    service.caught_up(wrapper_id, within=60)
    return wrapper_id, str(service.wrapper(wrapper_id)["resource_id"])


@pytest.fixture(scope="module")
def mixed(service: Service) -> tuple[str, str]:
    rows = [f"{START + n * 3600},{10 + n % 7},{2 ** (n % 14)},{n % 5}" for n in range(200)]
    return made(service, "mixed", "time,Temp (°C),Price (€),depth", rows, unit="m")


@pytest.fixture(scope="module")
def waves(service: Service) -> tuple[str, str]:
    rows = [f"{START + n * 600},{round(12 + 3 * math.sin(n / 50), 3)}" for n in range(6000)]
    return made(service, "waves", "time,height (°C)", rows)


def chart(page):
    found = page.locator("#chart")
    expect(found).to_have_attribute("data-state", "ready")
    return found


@pytest.mark.long
def test_each_unit_has_its_panel_its_legend_and_its_readout(visit, mixed):
    page = visit(f"/data/{mixed[1]}")
    found = chart(page)
    assert json.loads(found.get_attribute("data-panels")) == ["€", "°C", "m"]
    legend = page.locator("#chart-legend")
    expect(legend).to_contain_text("8,192 €")
    expect(legend).to_contain_text("16 °C")
    expect(legend).to_contain_text("4 m")
    page.locator("#chart .u-over").hover(position={"x": 300, "y": 60})
    readout = page.locator("#chart-readout")
    expect(readout).to_contain_text(re.compile(r"€.*°C.* m", re.DOTALL))
    page.get_by_role("button", name="Temp (°C)").click()
    expect(found).to_have_attribute("data-panels", '["°C"]')


@pytest.mark.long
def test_a_logarithmic_scale_is_a_part_of_the_address(visit, mixed):
    page = visit(f"/data/{mixed[1]}")
    chart(page)
    page.get_by_role("button", name="log", exact=True).click()
    expect(page.locator("#chart")).to_have_attribute("data-scale", "log")
    expect(page.locator("#chart-note")).to_contain_text("values of zero and below are not shown")
    assert page.url.endswith("?scale=log")
    page.reload()
    expect(page.get_by_role("button", name="log", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Show").click()  # the form keeps it
    expect(chart(page)).to_have_attribute("data-scale", "log")
    assert not faults(page)


@pytest.mark.long
def test_people_say_units_while_the_source_is_followed(visit, service, mixed):
    page = visit(f"/wrappers/{mixed[0]}")
    chart(page)
    page.get_by_role("button", name="Units").click()
    expect(page.get_by_label("Price (€)", exact=True)).to_have_attribute("placeholder", "€")
    page.get_by_label("depth", exact=True).fill("<b>fathoms</b>")
    assert not faults(page)
    page.locator("#units").get_by_role("button", name="Save").click()
    expect(page.locator("#chart-legend")).to_contain_text("4 <b>fathoms</b>")
    assert service.wrapper(mixed[0])["metadata"]["units"] == {"depth": "<b>fathoms</b>"}
    assert service.http.get(f"/resources/{mixed[1]}/series").json() == [
        {"series": "Price (€)", "unit": "€"},
        {"series": "Temp (°C)", "unit": "°C"},
        {"series": "depth", "unit": "<b>fathoms</b>"},
    ]
    wrong = service.http.put(f"/resources/wrappers/{mixed[0]}/units", json={"units": {"depth": ""}})
    assert wrong.status_code == 422
    service.http.put(f"/resources/wrappers/{mixed[0]}/units", json={"units": {}})


def test_sources_are_compared_and_the_address_holds_which(visit, service, mixed, waves):
    page = visit("/")
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url(re.compile("/compare"))
    found = chart(page)
    names = json.loads(found.get_attribute("data-series"))
    assert sorted(names) == ["mixed · Price (€)", "mixed · Temp (°C)", "mixed · depth", "waves"]
    assert set(json.loads(found.get_attribute("data-panels"))) == {"°C", "€", "m"}
    page.get_by_role("button", name="7 d").click()
    expect(page).to_have_url(re.compile("from=2023"))
    expect(found).to_have_attribute("data-state", "ready")
    page.get_by_role("link", name="Leave mixed out").click()
    expect(page).to_have_url(re.compile("from=2023"))
    assert json.loads(chart(page).get_attribute("data-series")) == ["waves"]
    page.get_by_label("Name or id").fill("mix")
    page.locator("#compare-search button").click()
    page.locator(".offered a", has_text="mixed").click()
    assert len(json.loads(chart(page).get_attribute("data-series"))) == 4
    page.locator("#views > summary").click()
    page.get_by_label("Save this view as").fill("Both")
    with page.expect_navigation():
        page.locator("#views").get_by_role("button", name="Save").click()
    page.goto("/")
    page.locator("#views > summary").click()
    page.get_by_role("link", name="Both").click()
    expect(page).to_have_url(re.compile("/compare.*from=2023"))
    assert len(json.loads(chart(page).get_attribute("data-series"))) == 4
    again = visit(page.url, viewport=PHONE, dark=True, language="pt")
    assert len(json.loads(chart(again).get_attribute("data-series"))) == 4
    assert not faults(again)
    assert again.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


# Whether anything has the colour of a series about the 90th, the 110th and the 130th day.
PAINTED = """() => {
    const canvas = document.querySelector("#chart canvas"), ink = canvas.getContext("2d"), scale = devicePixelRatio;
    const over = document.querySelector("#chart .u-over").getBoundingClientRect();
    const left = over.left - canvas.getBoundingClientRect().left;
    const { from, to } = document.querySelector("#chart").dataset;
    const colors = [1, 2].map((n) => slackwater.color(`--series-${n}`).match(/\\d+/g).map(Number));
    return [90, 110, 130].map((day) => {
        const at = (day * 86400 + Date.parse("2024-01-01") / 1000 - from) / (to - from);
        const { data } = ink.getImageData(scale * (left + over.width * at - 3), 0, scale * 6, canvas.height);
        const like = (n, color) => color.every((part, k) => Math.abs(part - data[4 * n + k]) < 24);
        return [...Array(data.length / 4).keys()].some((n) => colors.some((color) => like(n, color)));
    });
}"""


@pytest.mark.long
def test_a_gap_of_series_whose_times_alternate_is_a_gap(visit, service):
    days = [n for n in range(200) if not 100 <= n < 120]
    text = "".join(f"{date(2024, 1, 1) + timedelta(days=n)},{'ab'[n % 2]},{n % 7}\n" for n in days)
    file_id = service.upload("gap.csv", ("day,place,level\n" + text).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id, "series_columns": ["place"]}, name="gap", unit="m")
    service.caught_up(wrapper_id)
    page = visit(f"/data/{service.wrapper(wrapper_id)['resource_id']}")
    assert len(json.loads(chart(page).get_attribute("data-series"))) == 2
    assert page.evaluate(PAINTED) == [True, False, True]


@pytest.mark.long
def test_what_cannot_be_compared_is_left_out(visit, waves):
    page = visit(f"/compare?id={'0' * 24}&id=nonsense&id={waves[1]}")
    assert json.loads(chart(page).get_attribute("data-series")) == ["waves"]
    page.goto("/compare")
    expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
    assert not faults(page)
