"""The pages of data: a view that its address repeats, and files of exactly that view."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from accessibility import faults
from browsing import PHONE, WIDE
from playwright.sync_api import expect

from budget import some
from service import Service

START = 1_700_000_000


@pytest.fixture(scope="module")
def resource_id(service: Service) -> str:
    lines = "".join(f"{START + n * 3600},{n % 97 / 4},{(n % 31) / 2}\n" for n in range(5_000))
    file_id = service.upload("hours.csv", ("time,level,flow\n" + lines).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Hours", unit="m")
    service.caught_up(wrapper_id, within=60)
    return str(service.wrapper(wrapper_id)["resource_id"])


def test_a_view_is_chosen_and_its_address_repeats_it(visit, resource_id):
    page = visit(f"/data/{resource_id}")
    page.locator("#from").fill("2023-12-01")
    page.locator("#to").fill("2023-12-10")
    page.locator(".picker summary").click()
    page.get_by_role("checkbox", name="level").check()
    page.locator("#granularity").select_option("day")
    page.locator("#aggregate").select_option("max")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    expect(page.locator("#rows tbody tr")).to_have_count(10)
    assert page.locator("#chart").get_attribute("data-series") == '["level"]'
    assert page.locator("#chart").get_attribute("data-shown") == "10"
    given = parse_qs(urlsplit(page.url).query)
    assert given == {
        "from": ["2023-12-01"],
        "to": ["2023-12-10"],
        "series": ["level"],
        "granularity": ["day"],
        "aggregate": ["max"],
    }
    again = visit(page.url)
    expect(again.locator("#from")).to_have_value("2023-12-01")
    expect(again.locator("#rows tbody tr")).to_have_count(10)


def test_downloads_and_the_curl_line_are_of_exactly_that_view(visit, service, resource_id):
    page = visit(f"/data/{resource_id}?from=2023-12-01&to=2023-12-10&series=level&granularity=day&aggregate=max")
    with page.expect_download() as waiting:
        page.locator("#download-csv").click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text())))
    shown = page.locator("#rows tbody tr")
    assert len(rows) == shown.count() == 10
    assert {row["series"] for row in rows} == {"level"}
    for kind in ("xlsx", "parquet"):
        with page.expect_download() as waiting:
            page.locator(f"#download-{kind}").click()
        assert waiting.value.suggested_filename == f"Hours-{resource_id}.{kind}"
        assert waiting.value.path().stat().st_size > 300
    page.locator("details summary", has_text="API request").click()
    line = page.locator("#snippet-curl").inner_text()
    assert line.startswith('curl -H "X-API-Key: $SLACKWATER_KEY" ')
    url = line.split("'")[1]
    assert len(list(csv.DictReader(io.StringIO(service.http.get(url).text)))) == 10


def test_the_request_of_a_long_view_gives_every_point(visit, service, resource_id):
    page = visit(f"/data/{resource_id}")
    page.locator("details summary", has_text="API request").click()
    url = page.locator("#snippet-curl").inner_text().split("'")[1]
    assert len(list(csv.DictReader(io.StringIO(service.http.get(url).text)))) == 10_000


def test_the_end_of_a_line_is_dashed_while_its_period_goes_on(visit, service):
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = (today - timedelta(days=60)).replace(day=15)  # within a month, whatever day it is
    days = [(today - timedelta(days=n)).date().isoformat() for n in range((today - first).days + 1)]
    rows = "day,level,old\n" + "".join(f"{day},{n},{n if n > 40 else ''}\n" for n, day in enumerate(days))
    wrapper_id = service.generate("CSV", {"file_id": service.upload("level.csv", rows.encode())["file_id"]})
    resource_id = service.wait_for(wrapper_id, "completed")["resource_id"]
    page = visit(f"/data/{resource_id}?granularity=month&aggregate=sum")
    expect(page.locator("#chart")).to_have_attribute("data-unfinished", '["level"]')
    chart = page.request.get(f"/data/{resource_id}/chart?granularity=month").json()
    assert chart["from"] == min(each["x"][0] for each in chart["series"]), "the first month is cut off"
    page.goto(f"/data/{resource_id}")
    expect(page.locator("#chart")).to_have_attribute("data-unfinished", "[]")


def test_moving_the_chart_moves_the_address_and_the_downloads(visit, resource_id):
    page = visit(f"/data/{resource_id}")
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    last = page.locator("#rows tbody time").first.get_attribute("datetime") or ""
    assert last > (page.locator("#rows tbody time").last.get_attribute("datetime") or ""), "the newest first"
    page.locator('[data-chart="in"]').click()
    page.wait_for_url("**from=*")
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    given = parse_qs(urlsplit(page.url).query)
    href = page.locator("#download-xlsx").get_attribute("href") or ""
    assert parse_qs(urlsplit(href).query) == {**given, "format": ["xlsx"]}
    assert page.locator("#from").input_value() == given["from"][0]
    assert re.fullmatch(r"[-\d]{10}( \d\d:\d\d)?", given["from"][0]), "as people write it"
    newest = page.locator("#rows tbody time").first
    expect(newest).not_to_have_attribute("datetime", last)
    assert (newest.get_attribute("datetime") or "") <= given["to"][0].replace(" ", "T") + "Z"
    page.locator('[data-chart="all"]').click()
    page.wait_for_url(lambda url: "from=" not in url)


def test_the_rows_are_read_on_and_a_wrong_time_is_said_beside_the_form(visit, resource_id):
    page = visit(f"/data/{resource_id}")
    expect(page.locator("#rows tbody tr")).to_have_count(100)
    first = page.locator("#rows tbody tr").first.inner_text()
    page.locator("#more-rows").click()
    expect(page.locator("#rows tbody tr").first).not_to_have_text(first)
    expect(page.locator("#rows tbody tr")).to_have_count(100)


@pytest.mark.long
def test_a_wrong_time_is_said(visit, resource_id, watch):
    watch.expected.append("422")
    page = visit(f"/data/{resource_id}?from=yesterday")
    expect(page.get_by_role("alert")).to_contain_text("'yesterday' is not an ISO 8601 date or time")
    expect(page.locator("#from")).to_have_value("yesterday")


@pytest.mark.long
def test_the_list_is_searched(visit, resource_id):
    page = visit("/data")
    page.locator("#q").fill("nothing like this")
    expect(page.locator("#live")).to_contain_text("Nothing matches")
    page.locator("#q").fill("hour")
    page.get_by_role("link", name="Hours", exact=True).click()
    expect(page.locator("h1")).to_have_text("Hours")


@pytest.mark.long
@pytest.mark.parametrize("dark", some([False, True], False))
def test_no_fault_that_axe_finds(visit, resource_id, dark):
    page = visit("/data", dark=dark, viewport=PHONE if dark else WIDE)
    for path in ("/data", f"/data/{resource_id}", f"/data/{resource_id}?granularity=week"):
        page.goto(path)
        if path != "/data":
            expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.long
def test_portuguese(visit, resource_id):
    page = visit(f"/data/{resource_id}", language="pt")
    expect(page.get_by_role("button", name="Mostrar")).to_be_visible()
    expect(page.locator("#chart-note")).to_contain_text("Cada ponto abrange")
