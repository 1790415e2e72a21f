"""Several files at once, and another file in the place of the old one, with real uploads."""

from pathlib import Path

import pytest
from accessibility import faults
from browsing import PHONE
from playwright.sync_api import expect

CLEAR = "day,level\n" + "".join(f"2024-01-{1 + n:02},{n}\n" for n in range(28))
ASKED = "dia;nivel\n01/02/2024;1.5\n02/02/2024;1.7\n03/04/2024;2.5\n"


def files(tmp_path: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return [tmp_path / f"{name}.csv" for name in texts]


@pytest.mark.long
def test_clear_ones_are_created_at_once_and_the_others_are_opened(visit, service, tmp_path):
    page = visit("/new", viewport=PHONE)
    given = files(tmp_path, tide_gauge=CLEAR, lagos=CLEAR.replace("level", "height"), datas=ASKED, empty="")
    page.locator("#file").set_input_files(given)
    rows = page.locator("#batch-rows tr")
    expect(page.locator("#batch-rows tr[data-state=found]")).to_have_count(2)
    expect(page.locator("#batch-rows tr[data-state=asked]")).to_have_count(1)
    expect(rows.nth(3)).to_contain_text("Not possible")
    assert not faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_label("Name: lagos.csv").fill("Lagos <i>gauge</i>")
    page.get_by_role("button", name="Create 2 sources").click()
    expect(page.locator("#batch-rows tr[data-state=created]")).to_have_count(2)
    expect(page.locator("#batch-create")).to_be_disabled()
    names = {each["metadata"]["name"] for each in service.http.get("/resources/wrappers").json()}
    assert {"tide gauge", "Lagos <i>gauge</i>"} <= names
    again = visit(str(rows.nth(2).get_by_role("link").get_attribute("href")))
    expect(again.locator("#found [role=group]").first).to_be_visible()
    expect(again.locator("#file-said")).to_contain_text("datas.csv")
    rows.nth(0).get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("tide gauge")


@pytest.mark.long
def test_a_newer_file_is_read_in_the_place_of_the_old_one(visit, service, tmp_path):
    file_id = service.upload("level.csv", CLEAR.encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Level")
    service.caught_up(wrapper_id, within=60)
    [newer, other] = files(
        tmp_path, newer=CLEAR.replace("2024-01-28,27", "2024-01-28,99") + "2024-01-29,28\n", other=ASKED
    )
    page = visit(f"/wrappers/{wrapper_id}")

    def replaced_by(path: Path, how: str) -> None:
        page.locator("#more").click()
        page.get_by_role("button", name="Replace the file").click()
        page.locator("#replace-file").set_input_files(path)
        page.get_by_label(how).check()
        assert not faults(page)
        page.locator("#replace").get_by_role("button", name="Replace", exact=True).click()

    replaced_by(newer, "The same table, newer")
    expect(page.locator("#toasts")).to_contain_text("newer.csv is being read")
    expect(page.locator("#live")).to_have_attribute("data-points", "29")
    seen = service.wait_for(wrapper_id, "completed")
    points = service.http.get(f"/resources/{seen['resource_id']}/data").json()["data"]
    assert [point["y"] for point in points][-2:] == [99, 28]
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\x00\x01")
    replaced_by(broken, "The same table, newer")
    expect(page.locator("#toasts")).to_contain_text("The file was not replaced")
    assert service.wrapper(wrapper_id)["source_config"]["file_id"] == seen["source_config"]["file_id"]
    replaced_by(other, "Another table")
    expect(page.locator(".state-input")).to_be_visible()  # its dates have two readings
    page.get_by_role("button", name="Correct it in the settings").click()
    expect(page.locator("#panel-settings")).to_be_visible()
    assert service.wrapper(wrapper_id)["data_points_count"] == 0
