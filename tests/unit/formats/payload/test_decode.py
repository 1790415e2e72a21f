"""Bodies of answers: what is data, what is none, what is an error."""

import httpx
import pytest

from slackwater.errors import BadSource
from slackwater.formats.payload.decode import parsed
from slackwater.formats.payload.shapes import Place
from slackwater.formats.payload.text import from_xml


def answer(content: bytes, kind: str) -> httpx.Response:
    request = httpx.Request("GET", "http://localhost/")
    return httpx.Response(200, content=content, headers={"content-type": kind}, request=request)


@pytest.mark.parametrize("kind", ["application/stream+json; charset=utf-8", "application/x-ndjson"])
def test_no_lines_are_no_records(kind):
    body = parsed(answer(b"\n", kind))
    assert Place("*", "columns").records(body) == []
    assert Place(None, "ndjson").records(body) == []


def test_an_empty_page_is_no_answer():
    with pytest.raises(BadSource):
        parsed(answer(b"", "text/html"))


@pytest.mark.parametrize("order", ["le", "be"])
def test_documents_in_utf_16_are_read(order):
    text = '\ufeff<?xml version="1.0" encoding="UTF-16"?><r><água>1.5</água></r>'
    body = parsed(answer(text.encode(f"utf-16-{order}"), "application/xml"))
    assert body == {"r": {"água": "1.5"}}
    assert from_xml(text.encode(f"utf-16-{order}")[:-1]) is None
