"""The overview in the browser: what it shows, finding, sorting, live renewal, and names that are markup."""

import re

import pytest
from accessibility import faults
from browsing import PHONE
from keys import make_key
from playwright.sync_api import expect
from seeding import fill

from budget import some
from service import Service, eventually
from slackwater.store.engine.database import Database
from slackwater.store.schema import wrappers

RENEWED = 5_000  # ms after which the overview renews itself
MARKUP = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>{{7*7}}&amp;"\''


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, 120)
    [odd] = fill(data_dir, 1, name=MARKUP)
    database = Database.open(data_dir)
    change = wrappers.update().where(wrappers.c.wrapper_id == odd).values(error_message=MARKUP, status="error")
    database.write(lambda c: c.execute(change)).result()
    database.close()
    with Service(data_dir) as running:
        yield running


def rows(page):
    return page.locator("table.overview tbody tr")


def test_it_shows_what_there_is(visit):
    page = visit("/")
    row = rows(page).first
    expect(row.locator(".chip").first).to_have_text(re.compile("Failing|Late|Up to date|Stopped|Finished"))
    drawn = re.compile(r"^2\.0,[\d.]+( [\d.]+,[\d.]+){20,}$")
    expect(row.locator(".spark polyline")).to_have_attribute("points", drawn)
    fresh = page.locator("tr.is-fresh").first
    expect(fresh).to_contain_text(re.compile(r"newest .+ UTC · next check in"))
    expect(fresh.locator(".age")).to_contain_text(" of ")
    expect(fresh.locator(".mini-beats rect")).to_have_count(3)
    totals = page.get_by_label("Totals")
    expect(totals.get_by_role("link", name="Sources")).to_contain_text("121")
    expect(totals.get_by_role("link", name="Failing")).to_contain_text("22")
    order = [each.get_attribute("class") for each in page.locator("table.overview tbody tr").all()]
    assert order == sorted(order, key=["is-failing", "is-late", "is-fresh", "is-stopped", "is-finished"].index)


def test_an_error_stands_beside_its_wrapper(visit):
    page = visit("/?state=failing")
    expect(rows(page).nth(2).locator(".fault")).to_contain_text("The source answered 404")


@pytest.mark.long
def test_markup_in_names_and_errors_shows_as_text(visit):
    page = visit("/?state=failing&q=owned")
    expect(rows(page).last.locator("th a")).to_have_text(MARKUP)
    expect(rows(page).last.locator(".fault")).to_have_text(MARKUP)
    assert page.title() == "Overview · Slackwater"
    assert page.locator("main img, main script").count() == 0
    page.goto("/?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.locator("main script").count() == 0
    expect(page.get_by_label("Name, domain, address or id")).to_have_value('"><script>alert(1)</script>')


@pytest.mark.long
def test_searching_filtering_and_sorting_keep_the_focus_and_make_an_address(visit):
    page = visit("/")
    search = page.get_by_label("Name, domain, address or id")
    search.press_sequentially("faro", delay=20)
    expect(rows(page)).to_have_count(12)
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=faro"))
    page.locator("#by-state").select_option("fresh")
    expect(page).to_have_url(re.compile(r"state=fresh"))
    assert all("Up to date" in text for text in rows(page).all_inner_texts())
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    names = page.locator("table.overview tbody th a").all_inner_texts()
    assert names == sorted(names, key=str.lower)
    assert len(names) > 3
    # The address reproduces the view, and going back takes the last step away.
    address = page.url
    page.goto(address)
    assert page.locator("table.overview tbody th a").all_inner_texts() == names
    page.go_back()
    expect(page).to_have_url(re.compile(r"state=fresh$"))
    expect(page.get_by_role("columnheader", name="Name")).not_to_have_attribute("aria-sort", "ascending")


def test_the_order_and_what_is_unfolded_stay_when_the_list_renews_itself(visit):
    page = visit("/")
    renew = "document.body.dispatchEvent(new CustomEvent('slackwater:changed'))"
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.locator("#sort")).to_have_value("name")
    with page.expect_response(re.compile(r"sort=name")):
        page.evaluate(renew)
    page.locator("#sort").select_option("group")
    energy = page.get_by_role("button", name="Environment")
    expect(energy).to_have_attribute("aria-expanded", "false")
    before = rows(page).count()
    energy.click()
    expect(energy).to_have_attribute("aria-expanded", "true")
    expect(page).to_have_url(re.compile(r"sort=group&open=Environment"))
    with page.expect_response(re.compile(r"open=Environment")):
        page.evaluate(renew)
    expect(energy).to_have_attribute("aria-expanded", "true")
    assert rows(page).count() > before


@pytest.mark.long
def test_words_are_found_without_accents_in_any_order_and_in_what_is_known_of_a_source(visit):
    page = visit("/?q=delgada+PONTA")
    expect(rows(page).first).to_contain_text("Ponta Delgada")
    for words in ("leixoes", "LEIXÕES", "data.example.org leixoes", "environment leixoes"):
        page.goto(f"/?q={words.replace(' ', '+')}")
        assert rows(page).count() >= 8, words  # those of files have no address, and some another domain
        assert all("Leixões" in text for text in rows(page).all_inner_texts()), words


@pytest.mark.long
def test_a_search_is_kept_over_an_outage(visit, watch):
    watch.expected += ["ERR_FAILED", "htmx:sendError"]
    page = visit("/", hurry=True)
    page.route("**/?*", lambda route: route.abort())
    page.get_by_label("Name, domain, address or id").fill("leixoes")
    page.clock.fast_forward(RENEWED)
    expect(page.locator("#offline")).to_be_visible()
    page.unroute("**/?*")
    page.clock.fast_forward(RENEWED)
    expect(rows(page).first).to_contain_text("Leixões")
    expect(page).to_have_url(re.compile("q=leixoes"))
    expect(page.locator("#offline")).to_be_hidden()


def test_problems_are_a_page_and_a_figure_in_the_head_of_each_page(visit, service):
    page = visit("/data")
    counted = page.locator("#problem-count .count")
    expect(counted).to_be_visible()
    page.get_by_role("link", name="Problems").click()
    expect(page.locator(".problems").first).to_contain_text("The source answered 404")
    listed = {each.get_attribute("id")[2:] for each in page.locator(".problems li").all()}
    assert int(counted.locator("[aria-hidden]").inner_text()) == len(listed)
    for wrapper in service.http.get("/resources/wrappers", params={"limit": 100}).json():
        if wrapper["status"] in ("error", "retrying"):
            assert wrapper["wrapper_id"] in listed
        elif wrapper["status"] in ("stopped", "completed"):
            assert wrapper["wrapper_id"] not in listed
    assert faults(page) == []


@pytest.mark.long
def test_pages_go_on_and_back(visit):
    page = visit("/?sort=name")
    expect(page.get_by_text("1–50 of 121")).to_be_visible()
    first = rows(page).first.inner_text()
    page.get_by_label("Pages").get_by_role("link", name="Next").click()
    expect(page.get_by_text("51–100 of 121")).to_be_visible()
    page.get_by_label("Pages").get_by_role("link", name="Previous").click()
    expect(page.get_by_text("1–50 of 121")).to_be_visible()
    assert rows(page).first.inner_text() == first


@pytest.mark.long
def test_health_is_filtered_as_the_api_judges_it(visit, service):
    page = visit("/?state=late")
    expect(rows(page).first).to_be_visible()
    ids = [each.get_attribute("id")[2:] for each in rows(page).all()]
    assert len(ids) >= 3
    for wrapper in service.http.get("/resources/wrappers", params={"limit": 100}).json():
        judged = service.http.get(f"/resources/wrappers/{wrapper['wrapper_id']}/health").json()["health_status"]
        late = judged == "STALLED" and wrapper["status"] == "executing"
        assert (wrapper["wrapper_id"] in ids) == late, wrapper["metadata"]["name"]


@pytest.mark.long
def test_groups_and_freshness_are_chosen_and_the_address_keeps_them(visit):
    page = visit("/")
    page.locator("#by-group").select_option("Environment/Sea")
    page.locator("#sort").select_option("-age")
    expect(page).to_have_url(re.compile(r"group=Environment%2FSea&sort=-age"))
    expect(page.get_by_text("1–50 of 53")).to_be_visible()
    shares = [float(each.get_attribute("width") or 0) for each in page.locator(".freshness .used").all()]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 100
    page.reload()
    expect(page.locator("#by-group")).to_have_value("Environment/Sea")


def test_several_are_stopped_at_once_on_a_page_and_on_all_that_match(visit, service):
    page = visit("/?state=fresh&q=Setúbal")
    count = rows(page).count()
    assert count > 3
    page.get_by_label("Select all of this page").check()
    expect(page.locator("#bulk-count")).to_have_text(f"{count} selected")
    page.locator("[data-bulk='POST stop']").click()
    expect(page.locator("#confirm-text")).to_contain_text(f"{count} sources are stopped")
    page.locator("#confirm-yes").click()
    expect(page.locator("#toasts")).to_contain_text(f"{count} done.")
    expect(page.locator("#bulk")).to_be_hidden()
    page.goto("/")
    page.locator("[data-pick]").first.check()
    page.locator("#bulk-all").click()
    expect(page.locator("#bulk-count")).to_have_text("121 selected")
    page.get_by_label("Pages").get_by_role("link", name="Next").click()
    expect(page.get_by_text("51–100 of 121")).to_be_visible()
    expect(page.locator("[data-pick]").first).to_be_checked()


@pytest.mark.long
def test_on_a_phone_several_are_chosen_and_get_a_tag(visit, service):
    page = visit("/?q=Sines", viewport=PHONE)
    count = rows(page).count()
    assert count > 1
    expect(page.locator("[data-pick]").first).to_be_hidden()
    page.get_by_role("button", name="Select", exact=True).click()
    expect(page.locator("#bulk-count")).to_have_text("0 selected")
    expect(page.locator("[data-bulk='DELETE']")).to_be_disabled()
    page.locator("td.pick").first.click(position={"x": 6, "y": 30})  # beside the box, where a thumb may come down
    expect(page.locator("#bulk-count")).to_have_text("1 selected")
    page.locator("#bulk").get_by_label("All of this page").check()
    expect(page.locator("#bulk-count")).to_have_text(f"{count} selected")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not faults(page)
    page.get_by_role("button", name="Tag…").click()
    page.locator("#bulk-tags-text").fill("by thumb")
    page.locator("#bulk-tags-form [value=add]").click()
    expect(page.locator("#toasts")).to_contain_text(f"{count} done.")
    expect(rows(page).first.locator(".tag", has_text="by thumb")).to_be_visible()
    tagged = service.http.get("/resources/wrappers", params={"tag": "by thumb", "limit": 50}).json()
    assert len(tagged) == count
    change = {"wrapper_ids": [each["wrapper_id"] for each in tagged], "remove": ["by thumb"]}
    assert service.http.post("/resources/wrappers/tags", json=change).status_code == 200
    page.locator("#bulk-none").click()
    expect(page.locator("[data-pick]").first).to_be_hidden()


def test_what_happens_elsewhere_shows_without_a_reload_and_without_losing_the_place(visit, service):
    page = visit("/?q=Lagos&sort=name", hurry=True)
    page.evaluate("window.same = true")
    wanted = page.locator("tr:has(.state-fresh)").first
    wrapper_id = wanted.get_attribute("id")[2:]
    link = page.locator(f"#a-{wrapper_id}")
    link.focus()
    page.evaluate("window.scrollTo(0, 40)")
    service.stop(wrapper_id)
    page.clock.fast_forward(RENEWED)
    expect(page.locator(f"#w-{wrapper_id} .state-stopped")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("[window.same, window.scrollY]") == [True, 40]


@pytest.mark.long
def test_an_admin_stops_from_the_list_and_a_viewer_has_no_button(visit, service):
    page = visit("/?q=Sines&state=fresh")
    name = rows(page).first.locator("th a").inner_text()
    page.get_by_role("button", name=f"Stop {name}").click()
    expect(page.locator("#toasts")).to_contain_text("Source stopped successfully")
    expect(page.get_by_role("button", name=f"Stop {name}")).to_have_count(0)
    _, viewer = make_key(service.data_dir, "viewer")
    seen = visit("/?q=Sines", key=viewer)
    expect(rows(seen).first).to_be_visible()
    expect(seen.locator("[data-call]")).to_have_count(0)


def test_it_can_be_walked_with_the_keyboard_alone(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.get_by_label("Name, domain, address or id")).to_be_focused()
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("table.overview tbody th a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("table.overview tbody th a").nth(0)).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(r"/$"))


def test_an_empty_service_leads_to_the_first_source(tmp_path, browser):
    from browsing import sign_in

    with Service(tmp_path / "data") as running:
        context = browser.new_context(base_url=running.url)
        try:
            page = context.new_page()
            page.clock.install()
            sign_in(page)
            expect(page.get_by_role("heading", name="No sources yet")).to_be_visible()
            expect(page.get_by_role("link", name="Add the first source")).to_have_attribute("href", "/new")
            assert not faults(page)
            upload = running.upload("a.csv", b"day,level\n2024-01-01,1.5\n2024-01-02,1.7\n")
            running.generate("CSV", {"file_id": upload["file_id"]})
            page.clock.fast_forward(RENEWED)
            expect(page.get_by_role("link", name="a test")).to_be_visible()
            expect(page.get_by_label("Name, domain, address or id")).to_be_visible()
        finally:
            context.close()


@pytest.mark.long
def test_on_a_phone_nothing_is_wider_than_the_screen(visit):
    page = visit("/login", signed_in=False, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "/login"
    page = visit("/", viewport=PHONE)
    for path in ("/", "/keys", "/console/audit", "/console/nodes"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    details = page.locator("[aria-labelledby=confinement] td:last-child").all()
    assert all(each.bounding_box()["width"] > PHONE["width"] / 3 for each in details), "a word in each line"
    page.goto("/problems")
    acts = [each.bounding_box() for each in page.locator(".problems .acts:has(a)").first.locator(".button").all()]
    assert len(acts) == 3
    assert max(each["y"] for each in acts) < min(each["y"] + each["height"] for each in acts), "more than one row"
    page.goto("/compare")
    page.locator("#views > summary").click()
    box = page.locator("#views .panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"], "what was saved ends beside the screen"


# Whether a long number is seen whole on a phone, not under a long age, which ends on the screen.
WHOLE_NUMBER = """() => {
    const row = document.querySelector(".overview tbody tr:has(.recent b):has(.age span)");
    const [number, age] = [row.querySelector(".recent b"), row.querySelector(".age span")];
    [number.textContent, age.textContent] = ["1 123 456,75", "1 721 d of 90 d"];
    const [room, mine, other] = [number.closest("td"), number, age].map((each) => each.getBoundingClientRect());
    const apart = mine.right <= other.left || mine.bottom <= other.top;
    return [mine.left >= room.left && mine.right <= room.right, apart, other.right <= innerWidth];
}"""


@pytest.mark.parametrize("width", some([PHONE["width"], 620], PHONE["width"]))
def test_on_a_phone_the_first_source_is_seen_at_once(visit, width):
    page = visit("/", viewport=PHONE | {"width": width})
    assert rows(page).first.bounding_box()["y"] < PHONE["height"] / 2
    assert page.evaluate(WHOLE_NUMBER) == [True, True, True]
    expect(page.get_by_label("State")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("State").select_option("stopped")
    expect(rows(page).first).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Filters: 1")).to_be_visible()
    page = visit("/?state=stopped", viewport=PHONE | {"width": width}, language="pt")  # its words are longer
    expect(page.get_by_role("button", name="Filtros: 1")).to_be_visible()
    chosen, choose, field = (page.locator(each).bounding_box() for each in ("#filters", "#choose", "#q"))
    assert chosen["y"] == choose["y"], "it has fallen into a row of its own"
    assert field["x"] + field["width"] <= choose["x"], "the field is under the button"


@pytest.mark.long
def test_the_switch_of_language_and_theme_stays(visit):
    page = visit("/")
    page.locator(".menu > summary").click()
    page.get_by_label("Theme").select_option("dark")
    page.get_by_label("Language").select_option("pt")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="Visão geral")).to_be_visible()
    page.reload()
    assert page.locator("html").get_attribute("lang") == "pt"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 20, 23)"


@pytest.mark.long
def test_the_local_time_comes_on_hover(visit):
    page = visit("/?q=Lagos")
    page.locator("table.overview tbody th a").first.click()
    time = page.locator("#below .figures time").first
    time.hover()
    eventually(lambda: "your time" in (time.get_attribute("title") or ""))
