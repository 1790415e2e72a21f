"""Signing in through an identity provider, all the way, in the browser."""

import httpx
import pytest
from playwright.sync_api import expect

from issuer import AUDIENCE, Issuer
from service import Service


@pytest.fixture(scope="module")
def issuer():
    with Issuer() as running:
        running.client_secret = "a-client-secret-0123456789"
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory, issuer):
    with Service(
        tmp_path_factory.mktemp("service") / "data",
        oidc_issuer=issuer.url,
        oidc_audience=AUDIENCE,
        oidc_client_id="console",
        oidc_client_secret=issuer.client_secret,
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(issuer, watch):
    issuer.who, issuer.in_access_token, issuer.down = {}, False, False
    watch.others.append(issuer.url)  # the one other host that a browser is sent to


def test_an_admin_signs_in_and_comes_back_to_where_he_was_going(visit):
    page = visit("/console/nodes", signed_in=False)
    page.get_by_role("link", name="Sign in with your organisation").click()
    expect(page.get_by_role("heading", name="Nodes")).to_be_visible()
    expect(page.locator(".menu > summary")).to_contain_text("ines")


def test_roles_in_the_access_token_count(visit, issuer):
    issuer.in_access_token = True
    issuer.who = {"realm_access": {"roles": ["viewer"]}}
    page = visit("/login/oidc", signed_in=False)
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    expect(page.get_by_role("link", name="Keys")).to_have_count(0)


def test_who_has_no_role_is_told_so(visit, issuer, watch):
    watch.expected.append("403")
    issuer.who = {"realm_access": {"roles": ["cook"]}}
    page = visit("/login/oidc", signed_in=False)
    expect(page.get_by_role("alert")).to_contain_text("neither the role admin nor viewer")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"azp": "another-client"},
    ],
)
def test_a_token_that_is_not_of_this_sign_in_lets_nobody_in(visit, issuer, watch, claims):
    watch.expected.append("401")
    issuer.who = claims
    page = visit("/login/oidc", signed_in=False)
    expect(page.get_by_role("alert")).to_contain_text("denied access")
    assert not [each for each in page.context.cookies() if "session" in each["name"]]


def test_an_answer_without_its_attempt_is_refused(service, issuer):
    with httpx.Client(base_url=service.url) as victim, httpx.Client(base_url=service.url) as attacker:
        away = attacker.get("/login/oidc").headers["location"]
        back = httpx.get(away).headers["location"]
        # The attacker's answer in the victim's browser: signing him in to a foreign account must not work.
        victim.get("/login/oidc")
        answer = victim.get(back)
        assert answer.status_code == 400
        assert "begin again" in answer.text
        assert attacker.get(back).status_code == 303
        assert attacker.get(back).status_code in (400, 401)  # and once only


@pytest.mark.long
def test_a_provider_that_is_down_is_told(service, issuer):
    with Service(service.data_dir.parent / "other", oidc_issuer=issuer.url, oidc_client_id="console") as other:
        issuer.down = True
        answer = httpx.get(f"{other.url}/login/oidc")
        assert answer.status_code == 503
        assert "identity provider" in answer.text


@pytest.mark.long
def test_without_a_client_id_there_is_no_such_way_in(tmp_path, issuer):
    with Service(tmp_path / "data", oidc_issuer=issuer.url) as other:
        assert "organisation" not in httpx.get(f"{other.url}/login").text
        assert httpx.get(f"{other.url}/login/oidc").status_code == 404
