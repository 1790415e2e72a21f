"""A source becomes a wrapper in three steps, in a real browser: an API, a CSV file, an Excel file."""

import json
import re
from io import BytesIO

import openpyxl
import pytest
from browsing import PHONE
from keys import make_key, revoke_key
from playwright.sync_api import Page, expect

from budget import further
from post_sources import GRAPHQL, graphql
from service import KEY, Service, eventually
from slackwater.model.instants import DAY
from sources import Answer, Feed
from token_server import CLIENT, SECRET, TokenServer
from workbooks import workbook as make_workbook

CSV = "month;visitors;rate\n2024-01;1250;3,5\n2024-02;1310;3,7\n2024-03;1402;4,1\n2024-04;1390;4,0\n"
AMBIGUOUS = "day;level\n01/02/2024;1.5\n02/02/2024;1.7\n03/02/2024;1.9\n04/03/2024;2.5\n"


# Between the last news of a source and its second chart: the first one is empty.
WAITED = """() => {
    const all = performance.getEntriesByType("resource");
    const [, chart] = all.filter((each) => each.name.includes("/chart?"));
    const news = all.filter((each) => each.name.endsWith("/live") && each.responseEnd <= chart.startTime).at(-1);
    return chart.startTime - news.responseEnd;
}"""


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Ano", "Total", "Algarve"])
    for year in range(2000, 2020):
        sheet.append([year, year * 2.5, year * 1.5])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def create(page: Page, service, name: str, unit: str) -> dict:
    """Do the third step and return the wrapper that came of it, once it has points."""
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=unit]").fill(unit)
    page.locator("#create").click()
    page.wait_for_url("**/wrappers/*")
    wrapper_id = page.url.rpartition("/")[2]

    def filled() -> dict | None:
        wrapper = service.http.get(f"/resources/wrappers/{wrapper_id}").json()
        assert wrapper["status"] != "error", wrapper["error_message"]
        return wrapper if wrapper["data_points_count"] else None

    wrapper = eventually(filled)
    assert wrapper["metadata"]["name"] == name
    assert wrapper["metadata"]["unit"] == unit
    return wrapper


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service") / "data", labels="gpu,site-a") as running:
        yield running


def test_an_api_becomes_a_series_in_three_steps(service, source, visit, watch):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-11-01T06:00:00Z", DAY, 250))
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    expect(page.locator(".sample tbody tr")).not_to_have_count(0)
    expect(page.locator("#sample-chart canvas")).to_be_visible()
    expect(page.locator(".sample tbody tr")).to_have_count(20)
    page.locator("#found section details:has([name=runs_on]) > summary").click()
    expect(page.locator("#runs_on-hint")).to_contain_text("gpu, site-a")
    page.locator("input[name=runs_on]").fill("Site A")
    page.locator("#create").click()
    expect(page.locator("#runs_on-error")).to_have_text(
        "'Site' is no label: 1 to 63 of the characters a-z, 0-9, . _ and -."
    )
    page.locator("input[name=runs_on]").fill("site-a")
    wrapper = create(page, service, "Tide gauge", "m")
    wrapper_id = wrapper["wrapper_id"]
    assert wrapper["runs_on"] == ["site-a"]
    assert eventually(lambda: service.http.get(f"/resources/wrappers/{wrapper_id}").json()["data_points_count"] == 250)
    service.stop(wrapper_id)
    watch.expected.append("422")
    page.locator("#tab-settings").click()
    labels = page.get_by_label("Labels of the workers that may run it")
    expect(labels).to_have_value("site-a")
    for text, said in (("gpu, Site-B", "'Site-B' is no label"), ("gpu", "Saved.")):
        labels.fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#runs_on-error") if "label" in said else page.locator("#toasts")).to_contain_text(said)
    assert service.wrapper(wrapper_id)["runs_on"] == ["gpu"]


@pytest.mark.long
def test_a_source_that_is_asked_by_post_with_tokens(service, source, visit):
    tokens = TokenServer(source)
    feed = Feed.regular("2024-11-01T06:00:00Z", DAY, 120)
    url = source.route("/graphql", tokens.guarded(graphql(feed)))
    page = visit("/new")
    page.locator("#location").fill(url)
    page.locator("#by-url summary").first.click()
    expect(page.locator("input[name=token_url]")).not_to_be_visible()
    page.locator("#auth-type").select_option("oauth2")
    for name, value in (("token_url", tokens.url), ("client_id", CLIENT), ("client_secret", SECRET)):
        page.locator(f"input[name={name}]").fill(value)
    page.locator("#by-url summary").nth(1).click()
    page.locator("textarea[name=body]").fill(json.dumps(GRAPHQL))
    page.locator("#look").click()
    expect(page.locator(".sample tbody tr")).to_have_count(20)
    wrapper = create(page, service, "Readings", "m")
    shown = wrapper["source_config"]
    assert (shown["client_secret"], shown["body"]) == ("********", GRAPHQL)


@pytest.mark.parametrize(
    ("name", "content", "kind"), [("visitors.csv", CSV.encode(), "CSV"), further("turismo.xlsx", workbook(), "XLSX")]
)
def test_a_file_becomes_a_series_in_three_steps(service, visit, name, content, kind):
    page = visit("/new")
    upload(page, name, content)
    expect(page.locator(".sample tbody tr")).not_to_have_count(0)
    expect(page.locator("input[name=name]")).to_have_value(name.partition(".")[0].capitalize())
    period = "detected: monthly" if kind == "CSV" else "detected: yearly"
    expect(page.locator("input[name=periodicity]")).to_have_attribute("placeholder", period)
    assert create(page, service, "Visitantes <b>", "pessoas")["source_type"] == kind


@pytest.mark.long
def test_a_finding_that_is_changed_is_looked_at_again_with_fewer_questions(service, source, visit):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-11-01T00:00:00Z", DAY, 250), time_form="date")
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    expect(page.locator(".sample tbody tr")).to_have_count(20)
    asked = len(endpoint.requests)
    first = page.locator(".sample time").first.get_attribute("datetime")
    page.locator("#advanced > summary").click()
    page.locator("[name='set.timezone']").fill("Asia/Tokyo")
    page.locator("[name='set.timezone']").press("Tab")
    expect(page.locator(".list.code code")).to_contain_text("Asia/Tokyo")
    expect(page.locator(".sample time").first).not_to_have_attribute("datetime", first or "")
    assert len(endpoint.requests) - asked < asked  # what was answered a moment ago is not asked for again


@pytest.mark.long
def test_numbers_that_are_left_out_are_told_and_stored_only_when_asked_for(visit):
    months = [(year, month) for year in range(2010, 2016) for month in range(1, 13)]
    rows = "".join(f"{m:02}/{y};{1000 + m * y % 37};{m * 3.5};{12 * y + m}\n" for y, m in months)
    page = visit("/new")
    upload(page, "nights.csv", ("month;nights;price;Contador\n" + rows).encode())
    left_out = page.get_by_role("group", name="Left out")
    expect(left_out).to_contain_text("Contador")
    page.get_by_role("checkbox", name="price").uncheck()
    expect(page.locator(".sample")).not_to_contain_text("price")
    expect(page.locator(".sample")).not_to_contain_text("Contador")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".sample")).to_contain_text("price")
    left_out.get_by_role("button", name="Use it: Contador").click()
    expect(page.locator(".sample")).to_contain_text("Contador")
    expect(page.locator(".sample")).to_contain_text("price")


def test_a_question_is_put_and_its_answer_taken(service, visit):
    page = visit("/new")
    upload(page, "levels.csv", AMBIGUOUS.encode())
    answer = page.locator(".answer [name='set.date_format']")
    expect(answer).to_be_visible()
    expect(page.locator("#question-1")).to_contain_text("day/month/year or month/day/year")
    expect(page.locator(".offer figcaption").last).to_have_text("Date format: month/day/year: 03/04/2021 → 4 Mar 2021")
    expect(page.locator("#create")).to_have_count(0)
    expect(page.locator("#advanced")).to_contain_text("the columns are named in row 1")  # what is known rides with it
    if answer.evaluate("it => it.tagName") == "SELECT":
        answer.select_option("%d/%m/%Y")
    else:
        answer.fill("%d/%m/%Y")
        answer.press("Tab")
    expect(page.locator(".sample time").first).to_have_attribute("datetime", "2024-02-01T00:00:00Z")
    expect(page.get_by_role("group", name="Dates")).to_contain_text("day/month/year: 03/04/2021 → 3 Apr 2021")


@pytest.mark.long
def test_of_a_workbook_with_two_tables_one_is_chosen_by_its_chart(service, visit):
    years = [["Ano", "Norte", "Algarve"], *([2000 + n, 10 * n + 5, 3 * n + 1] for n in range(12))]
    prices = [["Mês", "Preço (€)"], *([f"2020-{m:02}", 60 + m] for m in range(1, 13))]
    page = visit("/new")
    upload(page, "two.xlsx", make_workbook(Dormidas=years, Preços=prices))
    expect(page.locator(".offer")).to_have_count(2)
    expect(page.locator(".offer canvas")).to_have_count(2)
    expect(page.locator(".offer").first.locator(".sample-names")).to_have_text("AlgarveNorte")
    page.locator(".offer", has_text="Sheet: Preços").get_by_role("button", name="Use this").click()
    wrapper = create(page, service, "Prices", "€")
    assert service.stored(wrapper["wrapper_id"]).keys() == {"Preço (€)"}


def test_what_is_wrong_is_said_where_it_is_wrong(service, source, visit):
    page = visit("/new", viewport=PHONE, language="pt")
    page.locator("#look").click()
    expect(page.locator("#location-error")).to_contain_text("https://")
    expect(page.locator("#location")).to_have_attribute("aria-describedby", re.compile("location-error"))
    page.locator("#location").fill("http://127.0.0.1:9/nothing")
    page.locator("#look").click()
    expect(page.locator("#found [role=alert]")).to_contain_text("127.0.0.1")
    upload(page, "empty.csv", b"a\n1\n")
    expect(page.locator(".toast.bad")).to_be_visible()


@pytest.mark.long
def test_what_was_approved_is_created_without_asking_the_source_again(service, source, visit):
    endpoint = source.serve("/v1/approved", Feed.regular("2024-11-01T00:00:00Z", DAY, 250))
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    expect(page.locator("#create")).to_be_visible()
    asked = len(endpoint.requests)
    page.locator("input[name=name]").fill(" ")
    page.locator("#create").click()
    expect(page.locator("#name-error")).to_contain_text("Give the source a name.")
    assert len(endpoint.requests) == asked, "a missing name asks the source nothing"
    page.locator("input[name=name]").fill("Approved")
    endpoint.faults.slow(1.5)  # the page is there before the first points
    page.locator("#create").click()
    page.wait_for_url("**/wrappers/*")
    expect(page.locator("#chart")).to_have_attribute("data-shown", re.compile("^[1-9]"))  # no reload is needed
    assert page.evaluate(WAITED) < 600, "ms from the news of the first points to the asking for their chart"
    wrapper = service.wrapper(page.url.rpartition("/")[2])
    assert not [run for run in service.runs(wrapper["wrapper_id"]) if not run["points_received"]], "no second discovery"
    assert any("discovery that was approved" in line for line in wrapper["execution_log"])


@pytest.mark.long
def test_a_schedule_is_given_with_the_name(service, source, visit):
    endpoint = source.serve("/v1/scheduled", Feed.regular("2024-11-01T00:00:00Z", DAY, 250))
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    page.locator("input[name=name]").fill("Scheduled")
    page.locator("details:has(input[name=schedule]) > summary").click()
    page.locator("input[name=schedule]").fill("0 11 * * 1-5 Lisbon")
    page.locator("#create").click()
    expect(page.locator("#found")).to_contain_text("is not an IANA time zone such as Europe/Lisbon")
    page.locator("input[name=schedule]").fill("0 11 * * 1-5 Europe/Lisbon")
    page.locator("#create").click()
    page.wait_for_url("**/wrappers/*")
    wrapper = service.wrapper(page.url.rpartition("/")[2])
    assert wrapper["source_config"]["schedule"] == "0 11 * * 1-5 Europe/Lisbon"


def test_a_wrong_answer_keeps_what_was_typed_and_can_be_corrected(source, visit):
    endpoint = source.serve("/v1/wrong", Feed.regular("2024-11-01T00:00:00Z", DAY, 250))
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    page.locator("input[name=name]").fill("Typed before")
    page.locator("#advanced > summary").click()
    page.locator("[name='set.records_path']").fill("not.there")
    page.locator("[name='set.records_path']").press("Tab")
    wrong = page.locator(".answer [name='set.records_path']")
    expect(wrong).to_have_value("not.there")
    wrong.fill("items")
    wrong.press("Tab")
    expect(page.locator("#create")).to_be_visible()
    expect(page.locator("input[name=name]")).to_have_value("Typed before")
    page.locator("#undo").click()
    expect(wrong).to_have_value("not.there")
    page.locator("#undo").click()
    expect(page.locator("#create")).to_be_visible()
    expect(page.locator("#undo")).to_be_hidden()
    # At once: before what came is settled in its place, which takes htmx another moment.
    page.evaluate("""() => document.addEventListener("htmx:afterSwap", () => {
        const [undo, looked] = [document.getElementById("undo"), document.getElementById("found").innerText];
        window.undone = { hidden: undo.hidden, asks: looked.includes("not.there") };
        undo.click();
    }, { once: true })""")
    if page.locator("#advanced").get_attribute("open") is None:
        page.locator("#advanced > summary").click()
    page.locator("[name='set.records_path']").fill("not.there")
    page.locator("[name='set.records_path']").press("Tab")
    page.wait_for_function("() => window.undone")
    assert page.evaluate("window.undone") == {"hidden": False, "asks": True}
    expect(page.locator("#create")).to_be_visible()
    expect(page.locator("[name='set.records_path']")).to_have_value("")
    expect(page.locator("#undo")).to_be_hidden()


def test_a_setting_that_cannot_be_keeps_what_was_found_and_says_so_beside_it(source, visit):
    endpoint = source.serve("/v1/unlike", Feed.regular("2024-11-01T00:00:00Z", DAY, 250), paging="offset")
    page = visit("/new", language="pt")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    page.locator("input[name=name]").fill("Escrito antes")
    page.locator("#advanced > summary").click()
    size = page.locator("[name='set.page_size']")
    size.fill("muitos")
    size.press("Tab")
    expect(page.locator("#page_size-error")).to_have_text("Escreva um número inteiro.")
    expect(size).to_have_value("muitos")
    expect(size).to_be_visible()
    expect(page.locator("input[name=name]")).to_have_value("Escrito antes")
    page.locator("#create").click()  # as little as it is analysed, it is created
    expect(page.locator("#page_size-error")).to_be_visible()
    page.locator("#undo").click()
    expect(page.locator("#page_size-error")).to_have_count(0)
    expect(page.locator(".sample tbody tr")).not_to_have_count(0)


def test_an_address_that_the_root_of_an_api_lists_is_taken(source, visit):
    endpoint = source.serve("/v1/levels", Feed.regular("2024-11-01T00:00:00Z", DAY, 250), time_form="date")
    listed = {"levels": endpoint.url, "users": source.route("/v1/users", Answer([]))}
    page = visit("/new")
    page.locator("#location").fill(source.route("/v1/", Answer(listed)))
    page.locator("#look").click()
    page.locator(".offer", has_text="/v1/levels").get_by_role("button", name="Use this").click()
    expect(page.locator(".sample tbody tr")).to_have_count(20)
    expect(page.locator("#location")).to_have_value(endpoint.url)


def test_a_source_that_asks_for_credentials_opens_their_fields(service, source, visit):
    endpoint = source.serve("/v1/locked", Feed.regular("2024-11-01T00:00:00Z", DAY, 50), auth=("bearer", "planted-7"))
    page = visit("/new")
    page.locator("#location").fill(endpoint.url)
    page.locator("#look").click()
    expect(page.locator("#found [role=alert]")).to_contain_text("asks for credentials")
    page.locator("#auth-type").select_option("bearer")  # is open, and needs no click
    page.locator("[name=bearer_token]").fill("not this one")
    page.locator("#look").click()
    expect(page.locator("#found [role=alert]")).to_contain_text("does not accept these credentials")
    page.locator("[name=bearer_token]").fill("planted-7")
    page.locator("#look").click()
    expect(page.locator("#create")).to_be_visible()


@pytest.mark.long
def test_a_session_that_ends_keeps_the_form(service, source, visit, watch):
    watch.expected.append("401")
    endpoint = source.serve("/v1/kept-form", Feed.regular("2024-11-01T00:00:00Z", DAY, 50))
    key_id, key = make_key(service.data_dir, "admin")
    page = visit("/new", key=key)
    page.locator("#location").fill(endpoint.url)
    revoke_key(service.data_dir, key_id)
    eventually(lambda: page.request.get("/resources").status == 401)
    page.locator("#look").click()
    expect(page.locator("#session")).to_be_visible()
    page.locator("#session-key").fill("no key of ours")
    page.locator("#session-form [type=submit]").click()
    expect(page.locator("#session-error")).not_to_be_empty()
    page.locator("#session-key").fill(KEY)
    page.locator("#session-form [type=submit]").click()
    expect(page.locator("#session")).to_be_hidden()
    expect(page.locator("#location")).to_have_value(endpoint.url)
    page.locator("#look").click()
    expect(page.locator("#create")).to_be_visible()


@pytest.mark.long
def test_markup_in_a_source_is_text(service, visit):
    page = visit("/new")
    upload(page, "x.csv", b"month;<img src=x onerror=alert(1)>\n2024-01;1\n2024-02;2\n2024-03;3\n")
    expect(page.locator(".sample tbody tr").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#found img").count() == 0
