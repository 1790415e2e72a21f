"""Signing in and out, roles, and requests that are not ours."""

import re

import httpx
import pytest
from browsing import sign_in
from keys import make_key, revoke_key
from playwright.sync_api import expect

from service import KEY, Service, eventually
from slackwater.web.security.sessions import COOKIE

LOGIN = re.compile(r"/login")
RENEWED = 5_000  # ms after which a page renews itself


@pytest.fixture
def client(service):
    """A client without a browser's manners, with the cookie of a session and the CSRF token of its pages."""
    with httpx.Client(base_url=service.url) as client:
        answer = client.post("/login", data={"key": KEY})
        assert answer.status_code == 303, answer.text
        client.csrf = re.search(r'name="csrf-token" content="(\w+)"', client.get("/keys").text)[1]
        yield client


def test_a_page_leads_to_signing_in_and_back(visit):
    page = visit("/keys?x=1", signed_in=False)
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fkeys%3Fx%3D1$"))
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/keys\?x=1$"))
    [cookie] = [each for each in page.context.cookies() if each["name"] == COOKIE]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert KEY not in cookie["value"]


def test_a_bad_key_is_told_and_lets_nobody_in(visit, watch):
    watch.expected.append("401")
    page = visit("/login", signed_in=False)
    page.get_by_label("API key").fill("sw_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    page.goto("/")
    expect(page).to_have_url(LOGIN)


def test_a_viewer_sees_and_an_admin_acts(visit, service):
    _, viewer = make_key(service.data_dir, "viewer", name="vera")
    page = visit("/", key=viewer)
    expect(page.get_by_role("link", name="Data")).to_be_visible()
    for name in ("New source", "Keys", "Audit", "Nodes"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    # And the service refuses what its pages do not offer.
    for path in ("/keys", "/console/audit", "/console/nodes"):
        assert page.request.get(path).status == 403
    csrf = page.locator("meta[name=csrf-token]").get_attribute("content")
    headers = {"X-CSRF-Token": csrf}
    assert page.request.post("/keys", form={"name": "mine", "role": "admin"}, headers=headers).status == 403
    refused = page.request.post("/resources/wrappers/generate", data={}, headers=headers)
    assert refused.status == 403
    assert "may only read" in refused.json()["detail"]


def test_the_session_of_a_key_ends_with_it(visit, service):
    key_id, key = make_key(service.data_dir, "admin")
    page = visit("/", key=key)
    revoke_key(service.data_dir, key_id)
    eventually(lambda: page.request.get("/resources").status == 401)
    page.goto("/keys")
    expect(page).to_have_url(LOGIN)


@pytest.mark.long
def test_a_session_expires_with_its_key(visit, service):
    _, key = make_key(service.data_dir, "admin", seconds=10)  # to sign in on a busy machine
    page = visit("/", key=key)
    eventually(lambda: page.request.get("/resources").status == 401)
    page.goto("/")
    expect(page).to_have_url(LOGIN)


@pytest.mark.long
def test_a_page_that_renews_itself_notices_that_its_session_has_ended(visit, service, watch):
    watch.expected.append("401")
    key_id, key = make_key(service.data_dir, "viewer")
    page = visit("/", key=key, hurry=True)
    revoke_key(service.data_dir, key_id)
    eventually(lambda: page.request.get("/resources").status == 401)  # a session is remembered for a second
    page.clock.fast_forward(RENEWED)
    expect(page).to_have_url(LOGIN)


def test_signing_out_ends_the_session_on_the_server(visit, service):
    page = visit("/login", signed_in=False)
    sign_in(page)
    [cookie] = [each for each in page.context.cookies() if each["name"] == COOKIE]
    page.locator(".menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    stolen = httpx.get(f"{service.url}/resources", cookies={COOKIE: cookie["value"]})
    assert stolen.status_code == 401


def test_a_session_works_on_the_api_but_changes_nothing_without_its_csrf_token(client):
    assert client.get("/resources/wrappers").status_code == 200
    body = {"name": "n", "type": "t", "wrapper_id": "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"}
    for headers in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": ""}):
        answer = client.post("/resources", json=body, headers=headers)
        assert answer.status_code == 403, headers
        assert "X-CSRF-Token" in answer.json()["detail"]
    right = {"X-CSRF-Token": client.csrf}
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/resources", json=body, headers=right | foreign)
        assert answer.status_code == 403, foreign
        assert "another site" in answer.json()["detail"]
    assert client.post("/resources", json=body, headers=right).status_code == 400  # let in: the wrapper is unknown


def test_a_key_in_a_header_needs_no_csrf_token_and_goes_before_the_session(client, service):
    _, viewer = make_key(service.data_dir, "viewer")
    assert client.post("/resources", json={}, headers={"X-API-Key": KEY}).status_code == 422
    assert client.post("/resources", json={}, headers={"X-API-Key": viewer}).status_code == 403
    assert client.get("/resources", headers={"X-API-Key": "wrong"}).status_code == 401


def test_forms_of_pages_are_protected_too(client):
    assert client.post("/keys", data={"name": "x"}).status_code == 403
    assert client.post("/logout").status_code == 403
    made = client.post("/keys", data={"name": "x", "csrf_token": client.csrf})
    assert made.status_code == 200
    assert "sw_" in made.text
    assert client.post("/login", data={"key": KEY}, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_after_signing_in_one_stays_on_this_site(client, target):
    answer = client.post("/login", data={"key": KEY, "next": target})
    assert answer.headers["location"] == "/"


def test_pages_forbid_scripts_frames_and_other_hosts(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "'unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text)
    assert client.get("/openapi.json").json()["paths"].keys().isdisjoint({"/", "/login", "/keys", "/console/nodes"})


def test_signing_in_and_wrong_keys_are_in_the_trail(client):
    client.post("/login", data={"key": "sw_wrong"})

    def in_trail():
        entries = client.get("/audit").json()
        mine = [(each["kind"], each["status"], each["note"]) for each in entries if each["route"] == "/login"]
        return ("deed", 200, None) in mine and ("refusal", 401, "unknown key") in mine

    eventually(in_trail)


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path):
    with Service(tmp_path / "data", public_url="https://tides.example.org") as running:
        answer = httpx.post(f"{running.url}/login", data={"key": KEY}, headers={"Origin": "https://tides.example.org"})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "Secure" in cookie


@pytest.mark.long
def test_wrong_keys_are_slowed_down(tmp_path):
    with Service(tmp_path / "data") as running:
        codes = [httpx.post(f"{running.url}/login", data={"key": f"sw_{n}"}).status_code for n in range(12)]
        assert codes[:10] == [401] * 10
        assert codes[-1] == 429
        answer = httpx.post(f"{running.url}/login", data={"key": KEY})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.long
def test_somebody_who_is_signed_in_is_led_on(visit):
    page = visit("/login?next=/keys")
    expect(page).to_have_url(re.compile(r"/keys$"))


def test_a_browser_at_an_address_of_the_api_gets_a_page(visit, service, client):
    page = visit("/resources/wrappers")
    expect(page.locator("h1")).to_have_text("An address of the API")
    expect(page.get_by_role("link", name="Open the page")).to_have_attribute("href", "/")
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.get("/resources/wrappers", headers=browser).headers["content-type"].startswith("text/html")
    for accept in ("*/*", "application/json", "text/html, application/json"):
        assert client.get("/resources/wrappers", headers={"Accept": accept}).json() == [], accept
    with_key = httpx.get(f"{service.url}/resources/wrappers", headers={**browser, "X-API-Key": KEY})
    assert with_key.json() == [], "whoever brings a key is a program"
    stranger = httpx.get(f"{service.url}/resources/wrappers", headers=browser)
    assert stranger.status_code == 303
    assert stranger.headers["location"].startswith("/login")
