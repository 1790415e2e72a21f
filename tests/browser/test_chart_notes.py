"""Notes on charts in the browser: written, flagged, listed, deleted; and changes of the source beside them."""

import pytest
from accessibility import faults
from keys import make_key
from playwright.sync_api import expect

from service import Service, eventually

ROWS = "".join(f"2024-0{1 + n // 28}-{1 + n % 28:02},{n % 9}\n" for n in range(140))


@pytest.fixture(scope="module")
def source(service: Service) -> tuple[str, str]:
    file_id = service.upload("level.csv", ("day,level\n" + ROWS).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Level", unit="m")
    service.caught_up(wrapper_id, within=60)
    return wrapper_id, str(service.wrapper(wrapper_id)["resource_id"])


def chart(page):
    found = page.locator("#chart")
    expect(found).to_have_attribute("data-state", "ready")
    return found


@pytest.mark.long
def test_a_note_is_written_told_at_the_pointer_and_deleted(visit, service, source):
    page = visit(f"/data/{source[1]}")
    chart(page)
    page.get_by_role("button", name="Note", exact=True).click()
    assert not faults(page)
    page.get_by_label("Moment in the data (UTC)").fill("2024-03-01T12:00")
    page.get_by_label("What there is to know").fill("<i>New</i> sensor")
    page.locator("#note").get_by_role("button", name="Save").click()
    expect(page.locator("#chart")).to_have_attribute("data-marks", "1")
    page.locator(".marks summary").click()
    expect(page.locator("#chart-marks li")).to_contain_text("<i>New</i> sensor")
    [kept] = service.http.get(f"/resources/{source[1]}/notes").json()
    assert (kept["kind"], kept["at"], kept["text"]) == ("note", "2024-03-01T12:00:00Z", "<i>New</i> sensor")
    at = page.evaluate(
        "() => { const box = document.querySelector('#chart'), over = box.querySelector('.u-over');"
        "const share = (1709294400 - box.dataset.from) / (box.dataset.to - box.dataset.from);"
        "return share * over.clientWidth; }"
    )
    page.locator("#chart .u-over").hover(position={"x": at, "y": 80})
    expect(page.locator("#chart-readout .mark")).to_contain_text("<i>New</i> sensor")
    assert not faults(page)
    _, viewer = make_key(service.data_dir, "viewer")
    reader = visit(f"/wrappers/{source[0]}", key=viewer)
    chart(reader)
    reader.locator(".marks summary").click()
    expect(reader.locator("#chart-marks li")).to_contain_text("sensor")
    expect(reader.locator("#chart-marks li button")).to_have_count(1)
    expect(reader.get_by_role("button", name="Note", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Delete the note").click()
    expect(page.locator("#chart-marks li")).to_have_count(0)
    assert service.http.get(f"/resources/{source[1]}/notes").json() == []


@pytest.mark.long
def test_what_was_changed_of_a_source_is_marked(visit, service, source):
    code = service.wrapper(source[0])["generated_code"]
    service.patch(source[0], generated_code=code + "\n# edited\n")
    service.patch(source[0], metadata={"unit": "cm"})
    marks = service.http.get(f"/resources/{source[1]}/notes").json()
    assert [mark["kind"] for mark in marks] == ["module"]
    page = visit(f"/data/{source[1]}", language="pt")
    chart(page)
    page.locator(".marks summary").click()
    expect(page.locator("#chart-marks li")).to_contain_text("O módulo foi alterado")


def test_what_is_no_note_is_refused(service, source):
    url = f"/resources/{source[1]}/notes"
    for form in ({"at": "yesterday", "text": "x"}, {"at": "2024-01-01", "text": "  "}, {"at": "2024-01-01"}):
        assert service.http.post(url, json=form).status_code == 422, form
    gone = service.http.delete(f"{url}/6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34")
    assert (gone.status_code, gone.json()) == (404, {"detail": "Note not found"})


@pytest.mark.long
def test_a_flag_tells_how_many_values_have_changed_and_what_they_were(visit, service, source):
    wrapper_id, resource_id = source
    revised = ROWS.replace("2024-03-01,2\n", "2024-03-01,600\n").replace("2024-03-02,3\n", "2024-03-02,700\n")
    assert revised != ROWS
    file_id = service.upload("level.csv", ("day,level\n" + revised).encode())["file_id"]
    service.patch(wrapper_id, source_config={"file_id": file_id})
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint")
    service.execute(wrapper_id)
    eventually(lambda: any(run["points_changed"] == 2 for run in service.runs(wrapper_id)))
    page = visit(f"/data/{resource_id}", dark=True)
    chart(page)
    expect(page.locator("#chart")).to_have_attribute("data-flags", "1709337600")
    at = page.evaluate(
        "() => { const box = document.querySelector('#chart'), over = box.querySelector('.u-over');"
        "return (1709337600 - box.dataset.from) / (box.dataset.to - box.dataset.from) * over.clientWidth; }"
    )
    page.locator("#chart .u-over").click(position={"x": at + 2, "y": 60})
    dialog = page.locator("#flag")
    expect(dialog.get_by_role("heading")).to_contain_text("2 values changed in the check of")
    expect(dialog.locator("tbody tr")).to_have_count(2)
    expect(dialog.locator("tbody tr").filter(has_text="1 Mar 2024")).to_contain_text("600")
    assert not faults(page)
    dialog.get_by_role("button", name="Close").click()
    page.locator(".marks summary").click()
    page.get_by_role("button", name="What they were: 2 values").click()
    expect(dialog.locator("tbody tr")).to_have_count(2)
