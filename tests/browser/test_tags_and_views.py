"""Tags and saved views in the browser: given to one and to many, narrowed by, kept by name, each person's own."""

import re

import pytest
from accessibility import faults
from browsing import PHONE
from keys import make_key
from playwright.sync_api import expect
from seeding import fill

from service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, 60)
    with Service(data_dir) as running:
        yield running


def rows(page):
    return page.locator("table.overview tbody tr")


def tags_of(service, wrapper_id):
    return service.wrapper(wrapper_id)["metadata"].get("tags")


@pytest.mark.long
def test_many_are_tagged_at_once_and_the_list_is_narrowed_by_it(visit, service):
    page = visit("/?q=Faro&sort=name")
    count = rows(page).count()
    assert count > 3
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Tag…").click()
    page.get_by_label("Tags, with commas between").fill("coast, to check")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(page.locator("#toasts")).to_contain_text(f"{count} done.")
    expect(rows(page).first.locator(".tag").nth(1)).to_have_text("to check")
    first = rows(page).first.get_attribute("id")[2:]
    assert tags_of(service, first) == ["coast", "to check"]
    page.goto("/")
    page.locator("#by-tag > summary").click()
    page.locator("#by-tag").get_by_text("coast", exact=True).click()
    expect(page).to_have_url(re.compile(r"tag=coast"))
    expect(rows(page)).to_have_count(count)
    expect(page.locator("#by-tag > summary")).to_have_text("Tags: 1")
    assert not faults(page)
    rows(page).first.get_by_role("link", name="to check").click()
    expect(page).to_have_url(re.compile(r"tag=coast&tag=to\+check"))
    page.get_by_label("Select all of this page").check()
    page.get_by_role("button", name="Tag…").click()
    page.get_by_label("Tags, with commas between").fill("To check")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert tags_of(service, first) == ["coast"]


@pytest.mark.long
def test_a_source_that_is_followed_gets_tags_on_its_page(visit, service):
    wrapper_id = service.http.get("/resources/wrappers", params={"status": "executing"}).json()[0]["wrapper_id"]
    page = visit(f"/wrappers/{wrapper_id}")
    page.get_by_role("button", name="Add tags").click()
    page.get_by_label("Tags, with commas between").fill("<b>odd</b>, sea")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#tags-line .tag").first).to_have_text("<b>odd</b>")
    page.get_by_role("button", name="Edit tags").click()
    assert not faults(page)
    page.get_by_label("Tags, with commas between").fill("Sea, tide")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#tags-line .tag").nth(1)).to_have_text("tide")
    assert tags_of(service, wrapper_id) == ["Sea", "tide"]
    page.locator("#tags-line").get_by_role("link", name="tide").click()
    expect(rows(page)).to_have_count(1)


@pytest.mark.long
def test_a_view_is_kept_by_name_for_who_saved_it_alone(visit, service):
    _, viewer = make_key(service.data_dir, "viewer")
    page = visit("/", key=viewer, viewport=PHONE)
    page.get_by_label("Name, domain, address or id").fill("lagos")
    expect(page).to_have_url(re.compile("q=lagos"))
    page.get_by_role("button", name="Filters").click()
    page.locator("#sort").select_option("-age")
    expect(page).to_have_url(re.compile("sort=-age"))
    page.locator("#views > summary").click()
    page.get_by_label("Save this view as").fill("Lagos, <i>late</i>")
    with page.expect_navigation():
        page.locator("#views").get_by_role("button", name="Save").click()
    page.goto("/")
    page.locator("#views > summary").click()
    assert not faults(page)
    page.get_by_role("link", name="Lagos, <i>late</i>").click()
    expect(page).to_have_url(re.compile(r"/\?q=lagos&sort=-age$"))
    expect(page.get_by_label("Name, domain, address or id")).to_have_value("lagos")
    other = visit("/")
    other.locator("#views > summary").click()
    expect(other.locator("#views")).not_to_contain_text("late")
    page.locator("#views > summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Delete the view Lagos").click()
    expect(page).to_have_url(re.compile(r"/\?q=lagos&sort=-age$"))
    page.locator("#views > summary").click()
    expect(page.locator("#views")).to_contain_text("give the view a name")
