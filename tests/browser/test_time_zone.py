"""The time zone in which times are shown: chosen once, right on every page, also where the clocks are changed."""

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from accessibility import faults
from browsing import PHONE
from playwright.sync_api import Page, expect

from service import Service
from slackwater.model.instants import HOUR, SECOND, iso, parse_iso

LISBON, ST_JOHNS = "Europe/Lisbon", "America/St_Johns"
HALF = HOUR // 2
BEGIN = parse_iso("2025-10-20T00:00:00Z")  # both zones put their clocks back within the two weeks that follow
COUNT = 16 * 48


@pytest.fixture(scope="module")
def gauge(service: Service) -> tuple[str, str]:
    """A source of half-hours: its id, and that of its data."""
    return _kept(service, "gauge.csv", "".join(f"{iso(BEGIN + n * HALF)},{n % 48}\n" for n in range(COUNT)), "Gauge")


@pytest.fixture(scope="module")
def nights(service: Service) -> tuple[str, str]:
    """A source of days, which have no hour."""
    return _kept(service, "nights.csv", "".join(f"2025-03-{1 + n:02},{n}\n" for n in range(31)), "Nights")


def _kept(service: Service, file: str, rows: str, name: str) -> tuple[str, str]:
    file_id = service.upload(file, ("time,level\n" + rows).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name=name, unit="m")
    service.caught_up(wrapper_id, within=60)
    return wrapper_id, str(service.wrapper(wrapper_id)["resource_id"])


@pytest.fixture
def seen(visit):
    """Open a page in a zone: seen("/data/…", "America/St_Johns")."""

    def opened(path: str, zone: str, **how: object) -> Page:
        page = visit("/keys", **how)
        choose(page, zone)
        page.goto(path)
        return page

    return opened


def choose(page: Page, zone: str) -> None:
    page.locator(".menu > summary").click()
    page.locator("#timezone").select_option("browser" if zone == "browser" else "UTC" if zone == "UTC" else "other")
    if page.locator("#zone-name").is_visible():
        page.locator("#zone-name").fill(zone)
    page.locator("#preferences button[type=submit]").click()
    shown = LISBON if zone == "browser" else zone
    expect(page.locator("#zone")).to_contain_text(shown)


def drawn(page: Page) -> Page:
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    return page


def told_at(page: Page, moment: str) -> str:
    """Point at a moment of the chart; return what is told of it."""
    at = page.evaluate(
        """(at) => { const box = document.querySelector('#chart'), over = box.querySelector('.u-over');
        return (at - box.dataset.from) / (box.dataset.to - box.dataset.from) * over.clientWidth; }""",
        parse_iso(moment) / SECOND,
    )
    page.locator("#chart .u-over").hover(position={"x": at, "y": 60})
    return page.locator("#chart-readout .moment").inner_text()


def test_a_zone_is_chosen_kept_and_named_wherever_times_are(seen, gauge):
    page = drawn(seen(f"/data/{gauge[1]}?from=2025-11-02T02:00:00Z&to=2025-11-02T08:00:00Z", ST_JOHNS))
    assert told_at(page, "2025-11-02T04:00:00Z") == "2 Nov 2025, 01:30 UTC−2:30"
    assert told_at(page, "2025-11-02T05:00:00Z") == "2 Nov 2025, 01:30 UTC−3:30"
    assert page.locator("#chart").get_attribute("data-zone") == ST_JOHNS
    expect(page.locator("#rows thead")).to_contain_text(f"Time ({ST_JOHNS})")
    rows = page.locator("#rows tbody time").all_inner_texts()
    twice = [row for row in rows if ", 01:30" in row]
    assert twice == ["2 Nov 2025, 01:30 UTC−3:30", "2 Nov 2025, 01:30 UTC−2:30"]
    assert len(set(rows)) == len(rows) == 13
    expect(page.locator("#range-hint")).to_contain_text(ST_JOHNS)
    expect(page.locator("#from")).to_have_value("2025-11-01 23:30")
    expect(page.locator("#to")).to_have_value("2025-11-02 04:30")
    expect(page.locator("#files-utc")).to_be_visible()
    page.reload()
    expect(page.locator("#zone")).to_contain_text(ST_JOHNS)
    assert not faults(page)


@pytest.mark.long
def test_what_is_typed_is_of_the_zone_and_files_stay_in_utc(seen, service, gauge):
    page = drawn(seen(f"/data/{gauge[1]}", ST_JOHNS))
    page.locator("#from").fill("2025-11-02")
    page.locator("#to").fill("2025-11-02")
    page.get_by_role("button", name="Show").click()
    drawn(page)
    # A day of 25 hours.
    expect(page.locator("#rows tbody tr")).to_have_count(50)
    assert page.locator("#rows tbody time").last.get_attribute("datetime") == "2025-11-02T02:30:00Z"
    expect(page.locator("#from")).to_have_value("2025-11-02")
    expect(page.locator("#to")).to_have_value("2025-11-02")
    for address in (
        page.locator("#download-csv").get_attribute("href") or "",
        urlsplit(page.locator("#snippet-curl").text_content().split("'")[1])._replace(scheme="", netloc="").geturl(),
    ):
        [since] = parse_qs(urlsplit(address).query)["from"]
        assert iso(parse_iso(since)) == "2025-11-02T02:30:00Z"
        rows = list(csv.DictReader(io.StringIO(service.http.get(address).text)))
        assert len(rows) == 50
        assert (rows[0]["x"], rows[-1]["x"]) == ("2025-11-02T02:30:00Z", "2025-11-03T03:00:00Z")
    # Who opens the same address in another zone sees the same stretch, in its own times.
    link = page.locator("#view-link").input_value()
    choose(page, LISBON)
    page.goto(link)
    expect(page.locator("#rows tbody tr")).to_have_count(50)
    expect(page.locator("#from")).to_have_value("2025-11-02 02:30")


@pytest.mark.long
def test_a_chart_that_is_moved_into_an_hour_that_comes_twice(seen, service, gauge):
    """From 01:15 to 01:45 of the second time: the fields, the table and the files say which."""
    page = drawn(seen(f"/data/{gauge[1]}?from=2025-11-02T04:30:00Z&to=2025-11-02T05:30:00Z", ST_JOHNS))
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    page.locator('[data-chart="in"]').click()
    page.wait_for_url("**tz=America*")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert page.locator("#rows tbody time").get_attribute("datetime") == "2025-11-02T05:00:00Z"
    assert re.fullmatch(r"2025-11-02 01:1\d-03:30", page.locator("#from").input_value())
    href = page.locator("#download-csv").get_attribute("href") or ""
    rows = list(csv.DictReader(io.StringIO(service.http.get(href).text)))
    assert [row["x"] for row in rows] == ["2025-11-02T05:00:00Z"]
    page.reload()
    expect(page.locator("#rows tbody tr")).to_have_count(1)


def test_the_axis_goes_by_the_clocks_of_the_zone_not_by_the_browsers(visit, gauge):
    """Each line is at a round time, also after a change; the browser is in Lisbon."""
    page = drawn(visit(f"/data/{gauge[1]}"))
    cases = {
        (LISBON, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"): 6 * 3600,
        (ST_JOHNS, "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"): 1800,  # the browser's clocks leave out an hour
        (ST_JOHNS, "2026-11-01T00:00:00Z", "2026-11-02T12:00:00Z"): 6 * 3600,
        ("Australia/Lord_Howe", "2026-04-03T00:00:00Z", "2026-04-06T00:00:00Z"): 12 * 3600,
        ("UTC", "2026-03-28T00:00:00Z", "2026-04-20T00:00:00Z"): 86400,
        (LISBON, "2026-03-20T00:00:00Z", "2026-04-20T00:00:00Z"): 86400,
        (ST_JOHNS, "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"): 365 * 86400,
    }
    for (zone, since, until), step in cases.items():
        low, high = parse_iso(since) / SECOND, parse_iso(until) / SECOND
        found = page.evaluate(
            """([name, low, high, step]) => { const zone = slackwater.zone(name);
            return zone.lines(low, high, step).map((at) => [at, zone.clock(at)]); }""",
            [zone, low, high, step],
        )
        if step < 365 * 86400:
            assert all(clock % step == 0 for _, clock in found), (zone, found)
            assert len(found) >= (high - low) / step - 1, (zone, found)
        else:
            assert [page.evaluate("(at) => new Date(at * 1000).toISOString().slice(5, 19)", c) for _, c in found] == [
                "01-01T00:00:00"
            ] * 6


@pytest.mark.long
def test_a_clock_is_read_as_the_service_reads_it(visit, watch, gauge):
    watch.expected.append("400")  # a day that was not ends before it begins
    page = drawn(visit(f"/data/{gauge[1]}"))
    for zone, text in (
        (LISBON, "2026-03-29 01:30"),  # left out
        (LISBON, "2025-10-26 01:30"),  # twice
        (ST_JOHNS, "2025-11-02 01:30"),
        (ST_JOHNS, "2025-11-02 01:30-03:30"),
        (ST_JOHNS, "2025-11-02"),
        ("Pacific/Apia", "2011-12-30"),  # a day that was not
        ("Africa/Monrovia", "1960-05-01 12:00"),
    ):
        script = page.evaluate(
            "([zone, text]) => [false, true].map((last) => Math.floor(slackwater.zone(zone).read(text, last) * 1000))",
            [zone, text],
        )
        page.goto(f"/data/{gauge[1]}?from={text}&to={text}&tz={zone}".replace("+", "%2B"))
        query = parse_qs(urlsplit(page.locator("#download-csv").get_attribute("href") or "").query)
        assert [parse_iso(query[name][0]) // 1000 for name in ("from", "to")] == script, (zone, text)


@pytest.mark.long
def test_days_without_an_hour_are_moved_by_no_zone(seen, service, nights):
    page = drawn(seen(f"/data/{nights[1]}", ST_JOHNS))
    expect(page.locator("#rows tbody time").first).to_have_text("31 Mar 2025")
    expect(page.locator("#rows thead")).to_contain_text("Time (UTC)")
    expect(page.locator("#zone")).to_contain_text("UTC")
    assert told_at(page, "2025-03-10T00:00:00Z") == "10 Mar 2025"
    page.goto(f"/wrappers/{nights[0]}")
    drawn(page)
    assert told_at(page, "2025-03-10T00:00:00Z") == "10 Mar 2025"
    expect(page.locator("#sentence")).to_contain_text("31 Mar 2025")
    page.goto("/data")
    expect(page.locator("tr", has_text="Nights").locator("time").first).to_have_text("1 Mar 2025")


@pytest.mark.long
def test_buckets_of_the_calendar_are_those_of_utc_and_say_so(seen, gauge):
    page = drawn(seen(f"/data/{gauge[1]}?granularity=day", ST_JOHNS))
    expect(page.locator("#rows thead")).to_contain_text("Time (UTC)")
    expect(page.locator("#rows tbody time").first).to_have_text("4 Nov 2025")
    assert page.locator("#chart").get_attribute("data-zone") == "UTC"


@pytest.mark.long
def test_the_page_of_a_source_its_log_and_its_quality(seen, service, gauge):
    page = drawn(seen(f"/wrappers/{gauge[0]}", ST_JOHNS))
    assert told_at(page, "2025-10-25T12:00:00Z") == "25 Oct 2025, 09:30 UTC−2:30"
    line = service.wrapper(gauge[0])["execution_log"][0]
    page.locator("#tab-log").click()
    expect(page.locator("#log p").first).to_contain_text("UTC−")
    first = page.locator("#log p").first.inner_text()
    assert not first.startswith(line[:19])
    page.locator("#tab-quality").click()
    expect(page.locator("#panel-quality")).to_contain_text("(in UTC)")
    page.locator(".beat").last.click()
    expect(page.locator("#run-detail h3 time")).to_contain_text("UTC−")
    expect(page.locator("#run-detail .log p").first).to_contain_text("UTC−")


@pytest.mark.long
def test_a_note_is_written_at_the_clock_of_the_zone(seen, service, gauge):
    page = drawn(seen(f"/data/{gauge[1]}", ST_JOHNS))
    page.get_by_role("button", name="Note", exact=True).click()
    page.get_by_label(f"Moment in the data ({ST_JOHNS})").fill("2025-10-25T12:00")
    page.get_by_label("What there is to know").fill("new sensor")
    page.locator("#note").get_by_role("button", name="Save").click()
    expect(page.locator("#chart")).to_have_attribute("data-marks", "1")
    [kept] = service.http.get(f"/resources/{gauge[1]}/notes").json()
    assert kept["at"] == "2025-10-25T14:30:00Z"
    service.http.delete(f"/resources/{gauge[1]}/notes/{kept['note_id']}")


@pytest.mark.long
def test_the_browsers_zone_is_followed(seen, browser, service, gauge):
    page = drawn(seen(f"/data/{gauge[1]}?from=2025-10-26T00:00:00Z&to=2025-10-26T02:00:00Z", "browser"))
    texts = page.locator("#rows tbody time").all_inner_texts()
    assert [text for text in texts if ", 01:30" in text] == ["26 Oct 2025, 01:30 UTC", "26 Oct 2025, 01:30 UTC+1"]
    # The same person, elsewhere.
    state = page.context.storage_state()
    with browser.new_context(base_url=service.url, timezone_id=ST_JOHNS, storage_state=state) as moved:
        elsewhere = moved.new_page()
        elsewhere.goto("/keys")
        expect(elsewhere.locator("#zone")).to_contain_text(ST_JOHNS)


@pytest.mark.long
def test_a_name_that_is_none_is_said_beside_the_field(visit, service):
    page = visit("/keys", language="pt", viewport=PHONE)
    page.locator(".menu > summary").click()
    page.locator("#timezone").select_option("other")
    page.locator("#zone-name").fill("Lisboa")
    page.locator("#preferences button[type=submit]").click()
    assert page.locator("#zone-name").evaluate("(field) => field.validationMessage").startswith("Escreva um fuso")
    assert not faults(page)
    answer = page.request.post("/preferences", form={"timezone": "other", "zone": "Lisboa"})
    assert answer.status == 400
    assert "&#39;Lisboa&#39; is not a time zone" in answer.text() or "Lisboa" in answer.text()
    page.locator("#zone-name").fill("europe/lisbon")
    page.locator("#preferences button[type=submit]").click()
    expect(page.locator("#zone")).to_contain_text("As horas estão em Europe/Lisbon.")


@pytest.mark.long
def test_a_public_link_is_in_utc_or_in_the_zone_that_it_names(seen, visit, gauge):
    page = seen(f"/data/{gauge[1]}?from=2025-11-02&to=2025-11-02&tz={ST_JOHNS}", ST_JOHNS)
    page.locator("#public > summary").click()
    page.get_by_label("Who or what it is for").fill("the town")
    page.get_by_label("Only the range in view").check()
    page.get_by_label(f"Times in {ST_JOHNS}").check()
    page.get_by_role("button", name="Make a link").click()
    url = page.get_by_label("Public link", exact=True).input_value()
    assert parse_qs(urlsplit(url).query)["tz"] == [ST_JOHNS]
    stranger = drawn(visit(url, signed_in=False))
    assert told_at(stranger, "2025-11-02T12:00:00Z").endswith("08:30 UTC−3:30")
    assert stranger.locator("#chart").get_attribute("data-shown") == "50", "the day of that zone, and no more"
    expect(stranger.locator("#zone")).to_contain_text("Times in files and in API requests are UTC.")
    stranger.goto(url.partition("?")[0])
    drawn(stranger)
    assert told_at(stranger, "2025-11-02T12:00:00Z").endswith("12:00 UTC")
    stranger.locator("#zone-switch").click()
    expect(stranger.locator("#zone")).to_contain_text(LISBON)
    assert stranger.request.get(url.partition("?")[0] + "?tz=Lisboa").status == 400


@pytest.mark.long
def test_a_new_source_and_a_new_channel_begin_in_the_zone_of_the_person(seen):
    page = seen("/new", ST_JOHNS)
    rows = "".join(f"{iso(BEGIN + n * HALF)},{n}\n" for n in range(48))
    page.locator("#file").set_input_files(
        {"name": "g.csv", "mimeType": "text/csv", "buffer": b"time,m\n" + rows.encode()}
    )
    expect(page.locator(".sample th").first).to_have_text(f"Time ({ST_JOHNS})")
    expect(page.locator(".sample td").first).to_have_text("19 Oct 2025, 21:30 UTC−2:30")
    expect(page.locator("#zone")).to_contain_text(ST_JOHNS)
    page.goto("/console/alerts")
    expect(page.locator("#channel-timezone")).to_have_value(ST_JOHNS)


@pytest.mark.long
def test_what_is_in_utc_whatever_was_chosen_says_no_other_zone(seen, gauge):
    page = seen(f"/data/{gauge[1]}/api", ST_JOHNS)
    expect(page.locator("#zone")).to_have_text("Times in files and in API requests are UTC.")
    page.goto(f"/resources/{gauge[1]}")
    expect(page.get_by_role("heading", name="An address of the API")).to_be_visible()
    expect(page.locator("#zone")).to_have_count(0)
    page.goto(f"/data/{gauge[1]}")
    drawn(page)
    expect(page.locator("#chart-note")).to_contain_text(f"Times are in {ST_JOHNS}.")
