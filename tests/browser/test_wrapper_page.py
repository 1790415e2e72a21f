"""The page of a wrapper, watched and used by somebody with a browser."""

import re
from collections.abc import Iterator

import pytest
from accessibility import faults
from browsing import PHONE, WIDE
from keys import make_key
from playwright.sync_api import Page, expect

from budget import some
from service import Service, eventually
from slackwater.model.instants import DAY, HOUR, parse_iso
from sources import Answer, Feed, Recorded, SourceServer

MARKUP = '<img src=x onerror="window.hacked=1"><b>bold</b>'
SHAPE = {"records": "items", "paging": "offset", "page_size": 200, "max_page_size": 200, "time_filter": ("from", "to")}
FEED = Feed.regular("2015-01-01T00:00:00Z", 6 * HOUR, 14_000)
PRINTING = """
from slackwater import Point, Wrapper

class Hand(Wrapper):
    whole = True

    async def fetch(self, window, http):
        print("{said}")
        yield Point("2020-01-01T00:00:00Z", 7.5, series="{series}")

wrapper = Hand()
"""


@pytest.fixture
def filling(service: Service, source: SourceServer) -> Iterator[str]:
    """A wrapper whose back-fill takes a while."""
    endpoint = source.serve("/v1/levels", FEED, **SHAPE, delay=0.15)
    wrapper_id = service.generate(
        "API", {"location": endpoint.url, "start": "2015-01-01"}, name="Filling", unit="m", periodicity="6h"
    )
    service.wait_for(wrapper_id, "executing")
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] > 0)
    yield wrapper_id
    service.http.delete(f"/resources/wrappers/{wrapper_id}")


@pytest.fixture(scope="module")
def month(service: Service) -> str:
    """A wrapper of a file of two series that is read, a point a minute for a month; for tests that change nothing."""
    return read_minutes(service, "Month", 43_200)


@pytest.fixture
def filled(service: Service) -> str:
    """As `month`, of a day alone, for a test that changes it."""
    return read_minutes(service, "Day", 1_440)


def read_minutes(service: Service, name: str, count: int) -> str:
    start = 1_700_000_000
    lines = "".join(f"{start + n * 60},{n % 97 / 4},{(n % 31) / 2}\n" for n in range(count))
    file_id = service.upload("minutes.csv", ("time,a,b\n" + lines).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name=name, unit="m")
    service.caught_up(wrapper_id, within=60)
    return wrapper_id


def ready(page: Page) -> None:
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")


def chart(page: Page, name: str) -> float:
    return float(page.locator("#chart").get_attribute(f"data-{name}") or "nan")


def test_a_back_fill_is_watched_stopped_and_resumed(visit, service, filling):
    page = visit(f"/wrappers/{filling}")
    expect(page.locator("#progress")).to_contain_text("points/s")
    expect(page.locator("#left")).to_contain_text("left")
    first = int(page.locator("#live").get_attribute("data-points") or 0)
    page.wait_for_function("before => Number(document.querySelector('#live').dataset.points) > before", arg=first)
    page.locator("#do-stop").click()
    expect(page.locator("#do-execute")).to_be_visible()
    assert service.wrapper(filling)["status"] == "stopped"
    expect(page.locator("#live")).to_have_attribute("data-status", "stopped")
    stopped = service.wrapper(filling)["data_points_count"]
    expect(page.locator("#points")).to_have_text(f"{stopped:,}")
    expect(page.locator("#progress")).to_have_count(0)
    page.locator("#do-execute").click()
    expect(page.locator("#live")).to_have_attribute("data-status", "executing")
    page.wait_for_function("before => Number(document.querySelector('#live').dataset.points) > before", arg=stopped)


@pytest.mark.long
def test_what_somebody_else_does_is_seen_within_a_moment(visit, service, filling):
    page = visit(f"/wrappers/{filling}")
    expect(page.locator("#live")).to_have_attribute("data-status", "executing")
    service.stop(filling)
    expect(page.locator("#live")).to_have_attribute("data-status", "stopped")


def test_coverage_and_marks_are_drawn_as_they_are(visit, service, filling):
    service.stop(filling)
    checkpoint = service.http.get(f"/resources/wrappers/{filling}/checkpoint").json()
    page = visit(f"/wrappers/{filling}")
    ready(page)
    page.wait_for_function("document.querySelector('#chart').dataset.drawnLow !== undefined")
    low, high = (parse_iso(checkpoint[name]) / 1e6 for name in ("low_water_mark", "high_water_mark"))
    assert chart(page, "drawn-low") == pytest.approx(low)
    assert chart(page, "drawn-high") == pytest.approx(high)
    if checkpoint["page"]:  # a window that nobody reads any more is not being loaded
        expect(page.locator("#coverage figcaption")).to_contain_text("Partly loaded")
    since, until = chart(page, "from"), chart(page, "to")
    covered = [(parse_iso(part["start"]) / 1e6, parse_iso(part["end"]) / 1e6) for part in checkpoint["covered"]]
    expected = [(max(a, since), min(b, until)) for a, b in covered if b > since and a < until]
    drawn = [
        tuple(map(float, part.split(",")))
        for part in (page.locator("#chart").get_attribute("data-drawn-covered") or "").split(";")
        if part
    ]
    assert drawn == [pytest.approx(part) for part in expected]
    strip = page.locator("svg.strip")
    start, end = (float(strip.get_attribute(f"data-{name}") or 0) for name in ("start", "end"))
    bars = page.locator("svg.strip rect.read")
    assert bars.count() == len(covered)
    left = start + float(bars.first.get_attribute("x") or 0) * (end - start) / 1000
    assert left == pytest.approx(covered[0][0], abs=(end - start) / 500)
    told = strip.get_attribute("aria-label") or ""
    assert "Loaded: " in told
    assert "Missing: " in told


@pytest.mark.long
def test_zooming_fetches_finer_data_by_button_key_and_drag(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    wide, span = chart(page, "width"), chart(page, "to") - chart(page, "from")
    assert wide > 60
    for way in (lambda: page.locator('[data-chart="in"]').click(), lambda: page.locator("#chart").press("+")):
        way()
        page.wait_for_function(
            "span => { const d = document.querySelector('#chart').dataset; "
            "return d.state === 'ready' && d.to - d.from < span * 0.6 }",
            arg=span,
        )
        narrower = chart(page, "to") - chart(page, "from")
        assert narrower == pytest.approx(span / 2, rel=0.01)
        span = narrower
    assert chart(page, "width") < wide
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 110, box["y"] + 60, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "span => { const d = document.querySelector('#chart').dataset; "
        "return d.state === 'ready' && d.to - d.from < span * 0.1 }",
        arg=span,
    )
    assert page.locator("#chart").get_attribute("data-width") == "", "so near every point is shown"
    expect(page.locator("#chart-note")).to_contain_text("Every point is shown")
    page.locator("#chart").press("0")
    page.wait_for_function("wide => Number(document.querySelector('#chart').dataset.width) === wide", arg=wide)


def test_a_click_shows_a_series_alone_and_all_again_and_ctrl_switches_one(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    a, b = (page.locator("#chart-legend").get_by_role("button", name=name, exact=True) for name in "ab")
    expect(a).to_have_attribute("aria-pressed", "true")
    b.click()
    expect(a).to_have_attribute("aria-pressed", "false")
    expect(b).to_have_attribute("aria-pressed", "true")
    b.click()
    expect(a).to_have_attribute("aria-pressed", "true")
    b.click(modifiers=["Control"])
    expect(b).to_have_attribute("aria-pressed", "false")
    expect(a).to_have_attribute("aria-pressed", "true")


def test_the_legend_tells_values_and_the_pointer_all_series_without_moving_the_page(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    expect(page.locator("#chart-legend tbody tr").first).to_contain_text("24")  # the maximum of `a`
    page.evaluate(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries()"
        ".forEach(each => window.moved += each.value)).observe({ type: 'layout-shift' })"
    )
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    for x in range(20, int(box["width"]), 60):
        page.mouse.move(box["x"] + x, box["y"] + 60)
    expect(page.locator("#chart-readout p")).to_have_count(3)  # the moment, and each series
    values = [float(text.split()[0].replace("−", "-")) for text in page.locator("#chart-readout b").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert page.evaluate("window.moved") == 0


@pytest.mark.long
def test_presets_show_the_newest_stretch(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    page.get_by_role("button", name="7 d").click()
    page.wait_for_function(
        "() => { const d = document.querySelector('#chart').dataset; "
        "return d.state === 'ready' && d.to - d.from < 604801 }"
    )
    assert chart(page, "to") == 1_700_000_000 + 43_199 * 60


@pytest.mark.long
def test_two_fingers_zoom_and_one_moves(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    span = chart(page, "to") - chart(page, "from")
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    page.evaluate(
        """([left, top, width]) => {
            const chart = document.getElementById('chart');
            const touch = (kind, id, share) => chart.dispatchEvent(new PointerEvent(kind, {
                pointerType: 'touch', pointerId: id, bubbles: true,
                clientX: left + share * width, clientY: top + 50 }));
            touch('pointerdown', 1, 0.4); touch('pointerdown', 2, 0.6);
            touch('pointermove', 1, 0.2); touch('pointermove', 2, 0.8);
            touch('pointerup', 1, 0.2); touch('pointerup', 2, 0.8);
        }""",
        [box["x"], box["y"], box["width"]],
    )
    page.wait_for_function(
        "span => { const d = document.querySelector('#chart').dataset; "
        "return d.state === 'ready' && Math.abs(d.to - d.from - span / 3) < span / 30 }",
        arg=span,
    )


@pytest.mark.long
def test_the_chart_is_saved_as_an_image(visit, month):
    page = visit(f"/wrappers/{month}")
    ready(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="PNG").click()
    assert waiting.value.suggested_filename == "Month.png"
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_run_of_the_strip_tells_what_it_did_and_logged(visit, service, filled):
    page = visit(f"/wrappers/{filled}")
    page.locator(".beat").last.click()
    expect(page.locator("#run-detail")).to_contain_text("2,880 new")
    expect(page.locator("#run-detail")).to_contain_text("Run finished: 2,880 new, 0 changed, 0 rejected points")
    expect(page.locator("#log")).to_contain_text("Run finished")
    expect(page.locator("#log")).to_contain_text("discovery started")
    page.locator(".beat").last.press("ArrowLeft")
    expect(page.locator(".beat").nth(-2)).to_be_focused()


@pytest.mark.long
def test_of_a_source_that_is_read_whole_nothing_is_claimed_and_the_rest_is_counted(visit, service, source):
    feed = Feed.regular("2015-01-01T00:00:00Z", DAY, 3_000)
    endpoint = source.serve(
        "/v1/whole",
        feed,
        records="items",
        paging="offset",
        page_size=50,
        max_page_size=50,
        total_path="total",
        delay=0.1,
    )
    wrapper_id = service.generate("API", {"location": endpoint.url}, name="Whole", periodicity="daily")
    service.wait_for(wrapper_id, "executing")
    page = visit(f"/wrappers/{wrapper_id}")
    expect(page.locator("#progress")).to_contain_text("of 3,000 records")
    expect(page.locator("#left")).to_contain_text(re.compile(r"about .+ left"))
    page.locator("#do-stop").click()
    expect(page.locator("#do-execute")).to_be_visible()
    expect(page.locator("#whole")).to_contain_text("read from one end to the other")
    expect(page.locator("#coverage")).not_to_contain_text(re.compile(r"\b1 Jan 1\b|Missing"))
    page.locator("#tab-checkpoint").click()
    expect(page.locator("#no-rewind")).to_contain_text("nothing to rewind to")
    expect(page.locator("#rewind-from")).to_have_count(0)
    service.http.delete(f"/resources/wrappers/{wrapper_id}")


def test_the_log_is_live_filtered_and_paused(visit, service, filled, watch):
    service.patch(filled, generated_code=PRINTING.format(said="first words", series="x"))
    page = visit(f"/wrappers/{filled}")
    expect(page.locator("#log-state")).to_have_text("live")
    service.execute(filled)
    expect(page.locator("#log")).to_contain_text("first words")
    page.locator("#log-level").select_option("ERROR")
    expect(page.locator("#log p", has_text="first words")).to_be_hidden()
    page.locator("#log-level").select_option("")
    expect(page.locator("#log p", has_text="first words")).to_be_visible()
    page.locator("#log-pause").click()
    service.patch(filled, generated_code=PRINTING.format(said="second words", series="x"))
    service.execute(filled)
    expect(page.locator("#log-pause")).to_have_text(re.compile(r"Go on \([1-9]\d* new\)"))
    expect(page.locator("#log")).not_to_contain_text("second words")
    page.locator("#log-pause").click()
    expect(page.locator("#log")).to_contain_text("second words")


@pytest.mark.long
def test_code_is_tried_before_it_is_saved(visit, service, filled):
    page = visit(f"/wrappers/{filled}#code")
    expect(page.locator("#code-shown")).to_contain_text("FileWrapper")
    page.locator("#code-edit").click()
    page.locator("#code-text").fill(PRINTING.format(said="tried it", series="by hand").replace("7.5", "1 / 0"))
    page.locator("#code-try").click()
    expect(page.locator("#code-result .note.bad")).to_contain_text("ZeroDivisionError")
    page.locator("#code-text").fill(PRINTING.format(said="tried it", series="by hand"))
    page.locator("#code-try").click()
    expect(page.locator("#code-result table")).to_contain_text("by hand")
    expect(page.locator("#code-result")).to_contain_text("tried it")
    assert "by hand" not in service.wrapper(filled)["generated_code"]
    page.locator("#code-save").click()
    expect(page.locator("#code-shown")).to_contain_text("by hand")
    assert "by hand" in service.wrapper(filled)["generated_code"]


@pytest.mark.long
def test_code_is_not_saved_while_the_wrapper_executes(visit, filling):
    page = visit(f"/wrappers/{filling}#code")
    page.locator("#code-edit").click()
    expect(page.locator("#code-save")).to_be_disabled()
    expect(page.locator("#code-editor .note.warn")).to_contain_text("Stop it first")


def test_settings_are_changed_and_secrets_stay_secret(visit, service, source, watch):
    watch.expected.append("422")
    endpoint = source.serve("/v1/kept", Feed.regular("2020-01-01T00:00:00Z", HOUR, 50), auth=("bearer", "planted-1"))
    config = {"location": endpoint.url, "auth_type": "bearer", "bearer_token": "planted-1"}
    wrapper_id = service.generate("API", config, name="Secretive", periodicity="hourly")
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    page = visit(f"/wrappers/{wrapper_id}#settings")
    assert "planted-1" not in page.content()
    expect(page.get_by_label("Date field")).to_have_attribute("placeholder", "detected: timestamp")
    expect(page.locator("#config-bearer_token")).to_have_value("********")
    expect(page.locator("[data-auth]:visible")).to_have_count(1)
    page.get_by_label("Authentication").select_option("basic")
    expect(page.locator("#config-bearer_token")).to_be_hidden()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    page.get_by_label("Authentication").select_option("bearer")
    page.locator("#unset > summary").click()
    page.locator("#metadata-unit").fill("dm³")
    page.locator("#config-timeout_seconds").fill("12.5")
    page.locator("#config-custom_headers").fill("not json")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#config-custom_headers-error")).to_contain_text("Write a JSON object")
    page.get_by_label("Longest wait for an answer (s)").fill("soon")
    page.locator("#config-custom_headers").fill("{}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#config-timeout_seconds-error")).not_to_be_empty()
    page.locator("#config-timeout_seconds").fill("12.5")
    page.locator("#config-custom_headers").fill('{"X-Station": "7"}')
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    wrapper = service.wrapper(wrapper_id)
    assert wrapper["metadata"]["unit"] == "dm³"
    assert wrapper["source_config"]["timeout_seconds"] == 12.5
    assert wrapper["source_config"]["custom_headers"] == {"X-Station": "7"}
    assert service.execute(wrapper_id)["success"], "the token is gone"


@pytest.mark.long
def test_rewinding_says_what_will_be_fetched_again(visit, service, source):
    endpoint = source.serve("/v1/rewound", FEED, **SHAPE)
    wrapper_id = service.generate("API", {"location": endpoint.url, "start": "2015-01-01"}, periodicity="6h")
    service.caught_up(wrapper_id, within=60)
    service.stop(wrapper_id)
    page = visit(f"/wrappers/{wrapper_id}#checkpoint")
    page.locator("#rewind-from").fill("2022-03-01T00:00")
    page.get_by_role("button", name="Rewind").click()
    expect(page.locator("#confirm-text")).to_contain_text("1 Mar 2022")
    page.locator("#confirm-yes").click()
    expect(page.locator("#toasts")).to_contain_text("Rewound")
    covered = service.http.get(f"/resources/wrappers/{wrapper_id}/checkpoint").json()["covered"]
    assert covered[-1]["end"] == "2022-03-01T00:00:00Z"
    assert covered[0]["start"] < "2015-01-02"
    expect(page.locator("svg.strip")).to_have_attribute("aria-label", re.compile(r"Missing: 1 Mar 2022 to"))


@pytest.mark.long
def test_starting_over_keeps_the_points(visit, service, filled):
    page = visit(f"/wrappers/{filled}#checkpoint")
    page.locator("#start-over").click()
    expect(page.locator("#confirm-text")).to_contain_text("2,880 stored points stay")
    page.locator("#confirm-yes").click()
    eventually(lambda: service.http.get(f"/resources/wrappers/{filled}/checkpoint").json()["covered"] == [])
    assert service.wrapper(filled)["data_points_count"] == 2_880


def test_deleting_and_regenerating_tell_the_consequence(visit, service, filled):
    phone = visit(f"/wrappers/{filled}", viewport=PHONE)
    phone.locator("#more").click()
    menu, more = (phone.locator(each).bounding_box() for each in ("#more-actions", "#more"))
    ends = more["x"] + more["width"]  # below its button, and none of its words in two lines for lack of room
    assert menu["x"] == pytest.approx(max(8, ends - menu["width"]), abs=1)
    assert menu["x"] + menu["width"] <= PHONE["width"]
    page = visit(f"/wrappers/{filled}")
    page.locator("#more").click()
    place = page.locator("#more-actions").bounding_box()
    page.wait_for_timeout(1_500)  # the head of the page has renewed itself
    assert page.locator("#more-actions").bounding_box() == place
    assert place["y"] > 60
    page.locator("#do-regenerate").click()
    expect(page.locator("#confirm-text")).to_contain_text("2,880 points and the checkpoint of “Day” will be deleted")
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    assert service.wrapper(filled)["data_points_count"] == 2_880
    page.locator("#more").click()
    page.locator("#do-delete").click()
    expect(page.locator("#confirm-text")).to_contain_text("Its 2,880 points stay")
    page.locator("#confirm-yes").click()
    page.wait_for_url("**/")
    assert service.http.get(f"/resources/wrappers/{filled}").status_code == 404


@pytest.mark.long
def test_who_looks_at_a_wrapper_that_is_deleted_is_told(visit, service, filled):
    page = visit(f"/wrappers/{filled}")
    ready(page)
    assert service.http.delete(f"/resources/wrappers/{filled}").status_code == 200
    expect(page.get_by_role("alert")).to_contain_text("This source was deleted.")
    expect(page.locator("#log-state")).to_have_text("the log has ended")


def test_a_viewer_sees_everything_and_can_do_nothing(visit, service, month, watch):
    _, key = make_key(service.data_dir, "viewer")
    page = visit(f"/wrappers/{month}", key=key)
    ready(page)
    expect(page.locator("#log-state")).to_have_text("live")
    for name in ("#do-stop", "#do-execute", "#do-regenerate", "#do-delete", "#code-edit", "#rewind", "#code-editor"):
        expect(page.locator(name)).to_have_count(0)
    watch.expected.append("403")
    status = page.evaluate(f"slackwater.call('POST', '/resources/wrappers/{month}/stop').then(a => a.status)")
    assert status == 403
    assert (
        page.evaluate(f"slackwater.call('POST', '/resources/wrappers/{month}/dry-run', {{}}).then(a => a.status)")
        == 403
    )


def test_what_a_source_needs_is_chosen_by_charts_on_its_page(visit, service):
    file_id = service.upload("level.csv", b"day;level\n01/02/2024;1.5\n02/02/2024;1.7\n04/03/2024;2.5\n")["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id})
    service.wait_for(wrapper_id, "error")
    page = visit(f"/wrappers/{wrapper_id}")
    page.get_by_role("button", name="Show the choices").click()
    offers = page.locator("#choices .offer")
    expect(offers).to_have_count(2)
    expect(offers.locator("canvas")).to_have_count(2)
    offers.filter(has_text="month/day/year: ").get_by_role("button", name="Use this").click()
    page.get_by_role("dialog").get_by_role("button", name="Use this").click()
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "completed")
    assert min(service.stored(wrapper_id)["level"]) == parse_iso("2024-01-02")
    expect(offers).to_have_count(0)


def test_markup_is_text_everywhere(visit, service, source):
    def answer(request: Recorded) -> Answer:
        return Answer([{"time": "2024-01-01T00:00:00Z", "value": 1.5}, {"time": "2024-01-02T00:00:00Z", "value": 2.5}])

    url = source.route("/v1/hostile", answer)
    wrapper_id = service.generate(
        "API", {"location": url}, name=MARKUP, unit=MARKUP, description=MARKUP, periodicity="daily"
    )
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    escaped = MARKUP.replace('"', '\\"')
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint")
    service.patch(wrapper_id, generated_code=PRINTING.format(said=escaped, series=escaped))
    service.execute(wrapper_id)
    service.stop(wrapper_id)
    page = visit(f"/wrappers/{wrapper_id}")
    ready(page)
    expect(page.locator("#wrapper-name")).to_have_text(MARKUP)
    expect(page.locator("#chart-legend")).to_contain_text(MARKUP)
    expect(page.locator("#log")).to_contain_text(MARKUP)
    box = page.locator("#chart .u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.locator("#tab-code").click()
    expect(page.locator("#code-shown")).to_contain_text("onerror")
    page.locator("#code-edit").click()
    page.locator("#code-try").click()
    expect(page.locator("#code-result table")).to_contain_text(MARKUP)
    page.locator("#more").click()
    page.locator("#do-delete").click()
    expect(page.locator("#confirm-text")).to_contain_text(MARKUP)
    page.keyboard.press("Escape")
    rid = service.wrapper(wrapper_id)["resource_id"]
    page.goto(f"/data/{rid}")
    ready(page)
    expect(page.locator("h1")).to_have_text(MARKUP)
    expect(page.locator("#rows")).to_contain_text(MARKUP)
    page.goto("/data")
    expect(page.locator("#live")).to_contain_text(MARKUP)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main b, main img").count() == 0


@pytest.mark.long
@pytest.mark.parametrize("dark", some([False, True], True))
def test_the_page_has_no_fault_that_axe_finds(visit, month, dark):
    page = visit(f"/wrappers/{month}", dark=dark, viewport=PHONE if dark else WIDE)
    ready(page)
    for tab in ("log", "runs", "code", "settings", "checkpoint"):
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
        assert faults(page) == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{tab} is wider than the window"


@pytest.mark.long
def test_tabs_work_by_keyboard_and_the_page_speaks_portuguese(visit, month):
    page = visit(f"/wrappers/{month}", language="pt")
    tab = page.get_by_role("tab", name="Registo")
    tab.focus()
    tab.press("ArrowRight")
    expect(page.get_by_role("tab", name="Execuções")).to_be_focused()
    expect(page.locator("#panel-runs")).to_contain_text("com êxito")
    page.locator("#more").click()
    expect(page.get_by_role("button", name="Gerar de novo")).to_be_visible()


def test_an_unknown_wrapper_is_a_page_that_says_so(visit, watch):
    watch.expected.append("404")
    page = visit("/wrappers/6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34")
    expect(page.locator("main")).to_contain_text("Source not found")
