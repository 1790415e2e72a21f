"""Secrets in text: every form of them goes, and nothing else."""

import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.model.scrub import Redactor, Scrubber, forms, secrets_of

SECRET = 'a "b"\\c/d+é=?&%'
CONFIG = {
    "location": "https://data.example.org/",
    "auth_type": "basic",
    "username": "reader",
    "password": "pass-word-1",
    "custom_headers": {"Authorization": "Token token-22222222", "Accept": "text/plain"},
    "query_params": {"api_key": "key-3333", "session_token": "token-444444444444", "station": "faro-station-number-1"},
}


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET)[1:-1].replace("/", "\\/"),
        repr(SECRET)[1:-1],
        b64encode(SECRET.encode()).decode(),
        b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_goes_however_it_is_written(written: str):
    scrub = Scrubber([SECRET])
    assert scrub(f"<{written}>") == "<********>"
    assert scrub.content(f"<{written}>".encode()) == b"<********>"


def test_what_is_no_secret_stays():
    scrub = Scrubber.for_messages(CONFIG)
    text = "https://data.example.org/ reader faro-station-number-1 text/plain Token basic"
    assert scrub(text) == text
    content = text.encode()
    assert scrub.content(content) is content


def test_the_secrets_of_a_configuration():
    found = secrets_of(CONFIG)
    assert {"pass-word-1", "reader:pass-word-1", "token-22222222", "key-3333", "token-444444444444"} <= set(found)
    assert not {"faro-station-number-1", "reader", "text/plain"} & set(found)


def test_short_secrets_stay_in_answers_because_they_may_be_data():
    answers, messages = Scrubber.for_answers(CONFIG), Scrubber.for_messages(CONFIG)
    assert answers("key-3333 token-444444444444 token-22222222 pass-word-1") == ("key-3333 ******** ******** ********")
    assert messages("key-3333") == "********"
    assert Scrubber(["abc"])("abc") == "abc"


def test_of_two_secrets_that_begin_alike_both_go_whole():
    assert Scrubber(["secret", "secret-and-more"])("secret-and-more secret") == "******** ********"


def test_repr_shows_nothing():
    assert SECRET not in repr(Scrubber([SECRET]))


def test_the_log_knows_the_secrets_of_those_who_run_and_its_own():
    redactor = Redactor(["own-secret"])
    with redactor.knowing(Scrubber(["theirs-1"])):
        assert redactor("own-secret theirs-1") == "******** ********"
    assert redactor("own-secret theirs-1") == "******** theirs-1"


@given(secret=st.text(min_size=4, max_size=40), around=st.text(max_size=20))
def test_no_form_of_any_secret_stays(secret: str, around: str):
    scrub = Scrubber([secret])
    for form in forms(secret):
        assert "********" in scrub(around + form + around) or len(form) < 4


def test_a_text_is_cut_without_leaving_half_a_secret():
    scrub = Scrubber(["a-long-secret-value"])
    for before in range(60):
        cut = scrub.cut("x" * before + "a-long-secret-value" + "y" * 100_000, 40)
        assert len(cut) <= 40
        assert "a-lo" not in cut.replace("a-long-secret-value", "")
        assert not cut.endswith("a")
    assert scrub.cut("plain", 40) == "plain"
    assert Scrubber(()).cut("x" * 100, 40) == "x" * 40
