"""Public links in the browser: made, seen by a stranger and within another page, and closed."""

import re
import sqlite3

import pytest
from accessibility import faults
from browsing import PHONE
from keys import make_key
from playwright.sync_api import expect

from service import Service
from sources import Answer

ROWS = "".join(f"2024-0{1 + n // 28}-{1 + n % 28:02},{n % 9},{n}\n" for n in range(140))


@pytest.fixture(scope="module")
def resource_id(service: Service) -> str:
    file_id = service.upload("level.csv", ("day,level (m),secret\n" + ROWS).encode())["file_id"]
    config = {"file_id": file_id, "value_columns": ["level (m)", "secret"]}
    wrapper_id = service.generate("CSV", config, name="Level <b>x</b>", unit="m")
    service.caught_up(wrapper_id, within=60)
    return str(service.wrapper(wrapper_id)["resource_id"])


def made(service: Service, **form: object) -> dict:
    answer = service.http.post("/shares", json={"name": "for the town", **form})
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(page):
    expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
    return page.locator("#chart")


def test_a_link_is_made_seen_by_a_stranger_and_revoked(visit, service, resource_id, watch):
    page = visit(f"/data/{resource_id}?from=2024-02-01&to=2024-03-01&series=level+(m)")
    page.locator("#public > summary").click()
    page.get_by_label("Who or what it is for").fill("the <i>town</i>")
    page.get_by_label("Only the range in view").check()
    page.get_by_role("button", name="Make a link").click()
    url = page.get_by_label("Public link", exact=True).input_value()
    assert url.startswith(f"{service.url}/shared/sws_")
    expect(page.locator("#shares table")).to_contain_text("the <i>town</i>")
    assert not faults(page)
    stranger = visit(url, signed_in=False, viewport=PHONE, language="pt")
    chart = shown(stranger)
    assert chart.get_attribute("data-series") == '["level (m)"]'
    assert stranger.locator("h1").inner_text() == "Level <b>x</b>"
    assert stranger.locator("nav, [data-dialog=note]").count() == 0
    assert stranger.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not faults(stranger)
    with stranger.expect_download() as waiting:
        stranger.get_by_role("link", name="CSV").click()
    rows = waiting.value.path().read_text().splitlines()[1:]
    assert {row.split(",")[2] for row in rows} == {"level (m)"}
    assert rows[0].startswith("2024-02-01")
    assert rows[-1].startswith("2024-03-01")
    wider = service.http.get(
        f"{url}/chart", params={"from": "1990-01-01", "series": "secret"}, headers={"X-API-Key": ""}
    )
    assert {line["name"] for line in wider.json()["series"]} == {"level (m)"}
    assert wider.json()["series"][0]["x"][0] == 1706745600
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("#shares table")).to_have_count(0)
    watch.expected.append("404")
    stranger.reload()
    expect(stranger.locator("main")).to_contain_text("Ligação pública não encontrada")
    assert service.http.get(f"{url}/data").status_code == 404


def test_it_stands_within_another_page_and_nothing_else_does(visit, service, resource_id, source, watch):
    url = made(service, resource_id=resource_id)["url"]
    frame = f'<iframe src="{url}?embed=true" width="900" height="600" title="chart"></iframe>'
    inside = source.route("/page", Answer(f"<h1>A page</h1>{frame}".encode(), headers={"Content-Type": "text/html"}))
    watch.others.append(inside.rsplit("/", 1)[0])
    watch.expected.append("favicon")
    page = visit(inside, signed_in=False)
    expect(page.frame_locator("iframe").locator("#chart")).to_have_attribute("data-state", "ready")
    assert page.frame_locator("iframe").locator("header").count() == 0
    headers = service.http.get(f"{url}?embed=true").headers
    assert "frame-ancestors *" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    assert headers["referrer-policy"] == "no-referrer"
    assert service.http.get("/login").headers["x-frame-options"] == "DENY"


@pytest.mark.long
def test_a_comparison_is_shared_cut_to_a_range_and_revoked(visit, service, resource_id):
    text = "day,depth (cm)\n" + "".join(f"2024-0{1 + n // 28}-{1 + n % 28:02},{n}\n" for n in range(140))
    file_id = service.upload("depth.csv", text.encode())["file_id"]
    config = {"file_id": file_id, "value_columns": ["depth (cm)"]}
    other = service.generate("CSV", config, name="Depth", unit="cm")
    service.caught_up(other, within=60)
    ids = [resource_id, str(service.wrapper(other)["resource_id"])]
    page = visit(f"/compare?id={ids[0]}&id={ids[1]}&from=2024-02-01T00:00:00Z&to=2024-03-01T00:00:00Z&scale=log")
    shown(page)
    page.locator("#public > summary").click()
    page.get_by_label("Who or what it is for").fill("the board")
    page.get_by_label("Only the range in view").check()
    assert not faults(page)
    page.get_by_role("button", name="Make a link").click()
    url = page.get_by_label("Public link", exact=True).input_value()
    assert url.endswith("?scale=log")
    expect(page.locator("#shares table")).to_contain_text("this comparison")
    assert not faults(page)
    stranger = visit(f"{url}&embed=true", signed_in=False, viewport=PHONE, language="pt")
    assert shown(stranger).get_attribute("data-panels") == '["m","cm"]'
    assert stranger.locator("h1").inner_text() == "Level <b>x</b> · Depth"
    assert not faults(stranger)
    token, nobody = url.partition("?")[0], {"X-API-Key": ""}
    wider = service.http.get(f"{token}/chart", params={"from": "1990-01-01", "to": "2199-01-01"}, headers=nobody)
    times = [x for line in wider.json()["series"] for x in line["x"]]
    assert (min(times), max(times)) == (1706745600, 1709251200), "nothing outside the range of the link"
    rows = service.http.get(f"{token}/data", params={"id": ids[1]}).text.splitlines()[1:]
    assert (rows[0][:10], rows[-1][:10]) == ("2024-02-01", "2024-03-01")
    assert service.http.get(f"{token}/data", params={"id": "0" * 24}).status_code == 404
    page.get_by_role("button", name="Revoke the board").click()
    expect(page.locator("#shares table")).to_have_count(0)
    assert service.http.get(f"{token}/chart").status_code == 404
    for form in ({"resource_ids": ids, "series": ["x"]}, {"resource_ids": ids, "resource_id": ids[0]}, {}):
        assert service.http.post("/shares", json={"name": "x", **form}).status_code == 422
    assert service.http.post("/shares", json={"name": "x", "resource_ids": [ids[0], "0" * 24]}).status_code == 404


def test_what_is_stored_of_a_link_opens_nothing(service, resource_id):
    share = made(service, resource_id=resource_id, series=["level (m)"], since="2024-02-01", expires_at="2199-01-01")
    token = share["url"].rsplit("/", 1)[1]
    listed = service.http.get("/shares", params={"resource_id": resource_id}).json()
    assert listed[0] == {name: value for name, value in share.items() if name != "url"}
    with sqlite3.connect(service.data_dir / "slackwater.db") as store:
        kept = store.execute("SELECT * FROM shares WHERE share_id = ?", (share["share_id"],)).fetchone()
    assert token not in map(str, kept)
    for wrong in (token[:-1] + "x", "sws_", kept[1], "x" * 5000):
        assert service.http.get(f"/shared/{wrong}/chart").status_code == 404
    gone = service.http.delete(f"/shares/{share['share_id']}").json()
    assert gone["revoked_at"] is not None
    assert service.http.get(f"/shared/{token}/chart").status_code == 404


def test_what_cannot_be_shared_is_refused(service, resource_id):
    wrong = [
        ({"resource_id": "0" * 24, "name": "x"}, 404),
        ({"resource_id": "nonsense", "name": "x"}, 400),
        ({"resource_id": resource_id, "name": " "}, 422),
        ({"resource_id": resource_id, "name": "x", "expires_at": "2001-01-01"}, 400),
        ({"resource_id": resource_id, "name": "x", "since": "2024-02-01", "until": "2024-01-01"}, 400),
        ({"resource_id": resource_id, "name": "x", "since": "soon"}, 422),
    ]
    for form, status in wrong:
        assert service.http.post("/shares", json=form).status_code == status, form
    _, viewer = make_key(service.data_dir, "viewer")
    for method in ("GET", "POST"):
        answer = service.http.request(method, "/shares", headers={"X-API-Key": viewer}, json={})
        assert answer.status_code == 403


@pytest.mark.long
def test_a_link_with_an_odd_time_is_refused_in_words(visit, resource_id, watch):
    watch.expected.append("422")
    page = visit(f"/data/{resource_id}?from=soon")
    page.locator("#public > summary").click()
    page.get_by_label("Who or what it is for").fill("x")
    page.get_by_label("Only the range in view").check()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#shares").get_by_role("alert")).to_have_text(re.compile("Give a name, and times"))
