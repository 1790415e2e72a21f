"""Bodies: which parameters go where, and how they are written there."""

import json
from typing import Any

import pytest

from slackwater.model.source.body_template import Body, check
from slackwater.model.source.secrets import masked, unmasked, with_missing, without_secrets

URL = "https://x.org/api?lang=pt"
GRAPHQL = "query Q($from: String!, $first: Int, $after: String, $ratio: Float) { a }"


def asked(template: dict[str, Any], query: str, place: str | None = None) -> tuple[str, Any]:
    url, content = Body.of(template, URL, place).request(f"{URL}&{query}")
    return url, json.loads(content)


@pytest.mark.parametrize(
    ("template", "query", "body"),
    [
        ({"a": 1}, "offset=20", {"a": 1, "offset": 20}),
        ({"a": {"b": "x"}}, "a.b=20", {"a": {"b": "20"}}),
        ({"page": {"number": 1}}, "page.number=2", {"page": {"number": 2}}),
        ({"page.number": 1}, "page.number=2", {"page.number": 2}),
        ({"cursor": None}, "cursor=20", {"cursor": "20"}),
        ({"cursor": 7}, "cursor=20", {"cursor": 20}),
        ({"flag": True}, "flag=false", {"flag": False}),
        ({}, "from=0123", {"from": "0123"}),
        ({}, "id=12345678901234567890", {"id": "12345678901234567890"}),
        ({"n": 1.5}, "n=2.5", {"n": 2.5}),
        (
            {"query": GRAPHQL},
            "first=5&after=5&from=2020&ratio=2",
            {"variables": {"first": 5, "after": "5", "from": "2020", "ratio": 2.0}},
        ),
        ({"jsonrpc": "2.0", "params": {"a": 1}}, "a=2&from=x", {"jsonrpc": "2.0", "params": {"a": 2, "from": "x"}}),
        ({"f": "{{start}}", "t": "{{end}}"}, "start=a", {"f": "a"}),
        ({"where": "t >= '{{ start }}' and t < '{{end}}'"}, "start=a&end=b", {"where": "t >= 'a' and t < 'b'"}),
        ({"p": "{{page}}", "c": "{{cursor}}"}, "page=2&cursor=3", {"p": 2, "c": "3"}),
        ({"list": ["{{limit}}", "{{cursor}}"]}, "limit=9", {"list": [9, None]}),
    ],
)
def test_where_parameters_go(template: dict[str, Any], query: str, body: Any) -> None:
    url, sent = asked(template, query)
    assert url == URL
    assert {name: each for name, each in sent.items() if name != "query"} == body


def test_parameters_of_the_url_stay_there() -> None:
    assert asked({"lang": "en"}, "a=1") == (URL, {"lang": "en", "a": 1})
    body = Body.of({"a": 1}, URL)
    assert body.request("https://x.org/api?lang=en&a=2") == ("https://x.org/api?lang=en", b'{"a": 2}')


def test_what_the_template_gives_is_part_of_the_question() -> None:
    body = Body.of({"query": GRAPHQL, "variables": {"from": "2020-01-01", "first": 5, "after": None}}, URL)
    assert body.location == f"{URL}&from=2020-01-01&first=5"
    assert body.added(f"{body.location}&ratio=2") == {"ratio": "2"}
    assert [name for name in ("first", "limit", "from", "lang") if body.takes(name)] == ["first", "from", "lang"]


def test_a_placeholder_within_a_text_has_a_value_from_the_first_question_on() -> None:
    body = Body.of({"query": '{ a(first: {{limit}}, after: "{{cursor}}") { b } }'}, URL)
    _, content = body.request(body.location)
    assert json.loads(content) == {"query": '{ a(first: 100, after: "") { b } }'}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({"a": "{{sometime}}"}, "the placeholder {{sometime}}; known are {{start}}"),
        ({"a": "{{end}}"}, "{{end}} without {{start}}"),
        ({"a": "x" * 200_000}, "100,000 characters"),
    ],
)
def test_a_template_that_cannot_be_filled(template: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the words are looked at
        check(template)
    assert words in str(refusal.value)


def test_secrets_within_a_body() -> None:
    body = {"apiKey": "k", "next_token": "{{cursor}}", "list": [{"password": "p", "a": 1}], "auth": {"token": "t"}}
    shown = masked({"body": body})
    hidden = {"apiKey": "********", "next_token": "{{cursor}}", "list": [{"password": "********", "a": 1}]}
    assert shown["body"] == {**hidden, "auth": {"token": "********"}}
    assert unmasked(shown, {"body": body}) == {"body": body}
    bare = without_secrets(body)
    assert bare == {"next_token": "{{cursor}}", "list": [{"a": 1}], "auth": {}}
    assert with_missing({**bare, "next_token": "5"}, body) == {**body, "next_token": "5"}
