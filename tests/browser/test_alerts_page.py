"""Alerts in the browser: channels made, tested, changed and deleted, messages sent again; problems that are seen."""

import pytest
from accessibility import faults
from browsing import PHONE
from keys import make_key
from playwright.sync_api import expect
from seeding import fill
from test_portuguese import english

from service import KEY, Service
from sources import Answer


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("service") / "data"
    fill(data_dir, 12)
    with Service(data_dir, alert_seconds=0.2) as running:
        yield running


@pytest.fixture
def forget(service):
    yield
    for channel in service.http.get("/alerts/channels").json():
        service.http.delete(f"/alerts/channels/{channel['channel_id']}")


def test_a_channel_is_made_tested_changed_and_deleted(visit, service, source, forget):
    gone = source.route("/hook", Answer({}, 410))
    page = visit("/console/alerts")
    expect(page.locator("#new-channel")).to_have_attribute("open", "")
    page.get_by_label("Recipient").fill("On <b>call</b>")
    page.locator("select[name=form]").select_option("webhook")
    page.get_by_label("Address", exact=True).fill(gone)
    page.get_by_label("Only these:").check()
    page.get_by_label("Name, domain, address or id").fill("sines")
    found = page.locator("#channel-sources label")
    expect(found).to_have_count(1)
    chosen = found.get_by_role("checkbox").get_attribute("value")
    found.get_by_role("checkbox").check()
    page.get_by_label("Late").uncheck()
    assert not faults(page)
    page.get_by_role("button", name="Make the channel").click()
    assert page.get_by_label("Secret of the webhook").input_value().startswith("whsec_")
    [made] = service.http.get("/alerts/channels").json()
    assert (made["name"], made["wrapper_ids"]) == ("On <b>call</b>", [chosen])
    assert made["kinds"] == ["error", "rejected", "schema_changed", "recovered"]
    page.reload()
    assert "whsec_" not in page.content()
    assert gone not in page.content()

    page.get_by_role("button", name="Send a test to On").click()
    message = page.locator("#alerts tr[id^=m-]").first
    expect(message).to_contain_text("Given up")
    expect(message).to_contain_text("The receiver answered 410")
    page.get_by_role("navigation", name="Messages").get_by_role("link", name="Given up 1").click()
    assert not faults(page)
    source.route("/hook", Answer({}))
    page.get_by_role("button", name="Send again: the message to On").click()
    expect(page.get_by_text("No messages.")).to_be_visible()
    page.get_by_role("link", name="All 1").click()
    expect(message).to_contain_text("Sent")

    page.get_by_role("link", name="Edit the channel On").click()
    assert gone not in page.content()
    assert page.get_by_label("Address", exact=True).input_value() == ""
    expect(page.get_by_role("checkbox", name="Sines")).to_be_checked()
    page.get_by_label("Recipient").fill("Night shift")
    page.get_by_label("Once a day").check()
    page.get_by_label("At", exact=True).fill("06:30")
    page.get_by_role("textbox", name="Time zone").fill("Europe/Lisbon")
    assert not faults(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Night shift is changed.")).to_be_visible()
    expect(page).to_have_url(f"{service.url}/console/alerts")
    [changed] = service.http.get("/alerts/channels").json()
    assert (changed["digest_at"], changed["timezone"], changed["wrapper_ids"]) == ("06:30", "Europe/Lisbon", [chosen])
    page.get_by_role("button", name="Send a test to Night shift").click()
    expect(page.get_by_role("link", name="Sent 2")).to_be_visible()  # the address has stayed
    page.get_by_role("button", name="Delete the channel Night shift").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No channels yet")).to_be_visible()
    assert service.http.get("/alerts/channels").json() == []


@pytest.mark.long
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_stays(visit, watch, service, forget):
    watch.expected += ["422", "401"]
    page = visit("/console/alerts", language="pt", viewport=PHONE, dark=True)
    page.get_by_label("Destinatário").fill("Equipa")
    page.get_by_label("Endereço", exact=True).fill("isto não é um endereço")
    page.get_by_label("Esperar por mais").fill("muito")
    page.get_by_role("button", name="Criar o canal").click()
    expect(page.locator("#channel-group_seconds-error")).to_have_text("Escreva um número.")
    expect(page.get_by_label("Destinatário")).to_have_value("Equipa")
    page.get_by_label("Esperar por mais").fill("10")
    page.context.clear_cookies()  # the session ends while somebody types
    page.get_by_role("button", name="Criar o canal").click()
    dialog = page.locator("#session")
    dialog.locator("#session-key").fill(KEY)
    dialog.locator("[type=submit]").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Destinatário")).to_have_value("Equipa")
    page.get_by_role("button", name="Criar o canal").click()
    expect(page.locator("#channel-url-error")).to_contain_text("O endereço não pode ser usado")
    assert not faults(page)
    assert english(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert service.http.get("/alerts/channels").json() == []


@pytest.mark.long
def test_a_page_full_of_alerts_has_no_english_word_left(visit, service, source, forget):
    hook = source.route("/hook", Answer({}, 503))
    channel = {"name": "Equipa", "form": "webhook", "url": hook, "group_seconds": 0, "quiet_from": "23:58"}
    service.http.post("/alerts/channels", json=channel | {"quiet_to": "23:59"})
    page = visit("/console/alerts", language="pt")
    page.get_by_role("button", name="Enviar um teste a Equipa").click()
    expect(page.locator("#alerts tr[id^=m-]")).to_contain_text("O destinatário respondeu 503")
    page.locator("#alert-history > summary").click()
    expect(page.locator("#alert-history")).to_contain_text("O ponto mais recente tem")
    page.locator("#new-channel > summary").click()
    assert english(page) == []
    page.goto(f"/console/alerts/{service.http.get('/alerts/channels').json()[0]['channel_id']}")
    assert english(page) == []


@pytest.mark.long
def test_alerts_are_for_admins_alone(visit, service, watch):
    watch.expected.append("403")
    _, viewer = make_key(service.data_dir, "viewer")
    page = visit("/console/alerts", key=viewer)
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
    expect(page.get_by_role("link", name="Alerts")).to_have_count(0)


@pytest.mark.long
def test_a_browser_at_the_api_of_alerts_is_led_to_the_page(visit):
    page = visit("/alerts/channels")
    page.get_by_role("link", name="Open the page").click()
    expect(page.get_by_role("heading", name="Alerts", level=1)).to_be_visible()


def test_a_problem_that_somebody_has_seen_counts_no_more_and_says_who(visit, service):
    _, viewer = make_key(service.data_dir, "viewer")
    page = visit("/problems")
    counted = page.locator("#problem-count .count [aria-hidden]")
    before = int(counted.inner_text())
    first = page.locator(".problems li").first
    name = first.get_by_role("link").first.inner_text()
    first.get_by_role("button", name="Seen: ").click()
    row = page.locator(".problems li", has_text=name)
    expect(row).to_contain_text("Seen by SLACKWATER_API_KEY")
    expect(counted).to_have_text(str(before - 1))
    assert not faults(page)
    other = visit("/problems", key=viewer)
    expect(other.locator(".problems li", has_text=name)).to_contain_text("Seen by SLACKWATER_API_KEY")
    expect(other.get_by_role("button", name="Seen: ")).to_have_count(0)
    row.get_by_role("button", name="Not seen: ").click()
    expect(counted).to_have_text(str(before))
    fine = next(w for w in service.http.get("/resources/wrappers").json() if w["status"] == "stopped")
    headers = {"Accept": "application/json", "Origin": service.url}
    headers |= {"X-CSRF-Token": page.locator('meta[name="csrf-token"]').get_attribute("content")}
    refused = page.request.post(f"/problems/{fine['wrapper_id']}/seen", headers=headers)
    assert (refused.status, refused.json()["detail"]) == (409, "Nothing is wrong with the source any more")
