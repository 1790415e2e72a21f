"""The quality of a source's data: what is known of a made-up file is what the API and the page tell."""

from datetime import date, timedelta

import pytest
from accessibility import faults
from browsing import PHONE
from playwright.sync_api import expect

from budget import further
from service import Service, eventually

FIRST = date(2024, 1, 1)
HOLE = range(100, 120)  # days without a row


@pytest.fixture(scope="module")
def wrapper_id(service: Service) -> str:
    days = [FIRST + timedelta(days=n) for n in range(360)]
    rows = [f"{day},{500 if n == 300 else n % 5},{n}" for n, day in enumerate(days) if n not in HOLE]
    rows += ["2025-01-02,bad,1", "2025-01-03,worse,2"]
    file_id = service.upload("level.csv", "\n".join(["day,level,total", *rows]).encode())["file_id"]
    config = {"file_id": file_id, "value_columns": ["level"], "time_column": "day"}
    found = service.generate("CSV", config, name="Level", unit="m")
    service.caught_up(found, within=60)
    return found


@pytest.mark.long
def test_gaps_jumps_and_rejected_rows_are_those_of_the_file(service, wrapper_id):
    told = service.http.get(f"/resources/wrappers/{wrapper_id}/quality").json()
    [level] = told["series"]
    assert (told["granularity"], level["step_seconds"], level["expected"]) == ("week", 86_400, 7)
    assert level["points"] == 340
    assert sum(cell["points"] for cell in level["cells"]) == 340
    assert level["gaps"] == [{"start": "2024-04-09T00:00:00Z", "end": "2024-04-30T00:00:00Z", "missing": 20}]
    assert 0.9 < level["complete"] < 0.96
    jump = FIRST + timedelta(days=300)
    assert {each["x"][:10] for each in level["jumps"]} == {str(jump), str(jump + timedelta(days=1))}
    assert told["runs"]["points_rejected"] == 2
    assert "bad" in told["rejected"][-1]["text"]
    assert service.http.get("/resources/wrappers/6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34/quality").status_code == 404


@pytest.mark.parametrize(("viewport", "dark"), [({"width": 1440, "height": 900}, False), further(PHONE, True)])
def test_the_tab_tells_it_and_leads_to_the_gap(visit, wrapper_id, viewport, dark):
    page = visit(f"/wrappers/{wrapper_id}#quality", viewport=viewport, dark=dark)
    tab = page.locator("#panel-quality")
    page.locator("#tab-quality").click()
    tab.evaluate("panel => panel.scrollIntoView()")  # it is read when it is seen, which may be below the screen
    expect(tab.locator(".heat")).to_have_attribute("aria-label", "2 of 52 cells without points")
    expect(tab.locator(".heat .level-4")).to_have_count(47)  # two are empty, two beside them and the last one not full
    expect(tab).to_contain_text("bad")
    assert not faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    tab.get_by_text("One gap").click()
    tab.get_by_role("link", name="9 Apr 2024").click()
    expect(page.locator("#from")).to_have_value("2024-04-09T00:00:00Z")


@pytest.mark.long
def test_a_field_that_is_not_read_becomes_a_series(visit, service):
    rows = "".join(f"{FIRST + timedelta(days=n)};{n * 37 % 11};{n * 5 % 13};{700 + n}\n" for n in range(90))
    file_id = service.upload("nights.csv", ("day;nights;price;Contador\n" + rows).encode())["file_id"]
    found = service.generate("CSV", {"file_id": file_id}, name="Nights")
    service.caught_up(found)
    assert set(service.stored(found)) == {"nights", "price"}
    page = visit(f"/wrappers/{found}#quality")
    page.locator("#tab-quality").click()
    page.get_by_role("button", name="Add as a series: Contador").click()
    expect(page.get_by_role("dialog")).to_contain_text("180 points are deleted and read again")
    page.get_by_role("dialog").get_by_role("button", name="Add as a series").click()
    eventually(lambda: set(service.stored(found)) == {"nights", "price", "Contador"})


@pytest.mark.long
def test_a_source_without_points_has_a_page_as_well(visit, service):
    file_id = service.upload("two.csv", b"day,level\n2024-01-01,1\n2024-01-02,2\n")["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Two")
    service.caught_up(wrapper_id, within=60)
    told = service.http.get(f"/resources/wrappers/{wrapper_id}/quality").json()
    assert told["series"][0]["step_seconds"] is None
    service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate")
    page = visit(f"/wrappers/{wrapper_id}#quality", language="pt")
    page.locator("#tab-quality").click()
    expect(page.locator("#panel-quality")).to_contain_text("Linhas rejeitadas")
