"""Decodes the body of an answer, and recognises answers that hold no data."""

import json
import re
from typing import Any

import httpx
import msgspec

from slackwater.errors import BadSource
from slackwater.formats.payload.notes import passing_note, refusal, standing_error
from slackwater.formats.payload.text import from_xml, json_lines, text_of

_FEW_LINES, _FEW_WORDS = 3, 3  # fewer lines than a table has, more words than a header

_OF_LINES = frozenset(  # content types of JSON lines, of which none is an answer too
    {
        "application/jsonl",
        "application/ndjson",
        "application/stream+json",
        "application/x-jsonlines",
        "application/x-ndjson",
    }
)
_GUARD = re.compile(rb"\s*(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*(?=[\[{])")

_decode = msgspec.json.Decoder().decode


def parsed(response: httpx.Response) -> Any:
    """Return the JSON of an answer, None of an empty 204.

    XML as JSON would say it, and any other text as it is.

    httpx.HTTPStatusError for an answer that is no success, BadSource for one that is a page or no text at all,
    Transient for one that reports a limit or an outage instead.
    """
    response.raise_for_status()
    if response.status_code == 204:
        return None
    content = _bare(response.content)
    try:
        return _sound(_decode(content))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        # The slow way knows other encodings, a byte order mark, and NaN.
        return _sound(
            json.loads(content if response.charset_encoding is None else response.text.removeprefix("\ufeff"))
        )
    except (ValueError, RecursionError):
        pass
    if (document := from_xml(content)) is not None:
        return _sound(document)
    kind = response.headers.get("content-type", "").partition(";")[0] or "no content type"
    if kind in _OF_LINES and not content.strip():
        return []
    text = text_of(content, response.charset_encoding)
    if "html" in kind or text.lstrip()[:1] in ("<", "{", "[") or "\0" in text[:1000]:
        if (lines := json_lines(text)) and len(lines) > 1:
            return text
        if text.lstrip()[:1] == "<":
            _sound(text)
        raise BadSource(no_data(text, kind), field="location")
    return _sound(text) if text.count("\n") < _FEW_LINES and len(text.split()) >= _FEW_WORDS else text


def _bare(content: bytes) -> bytes:
    """Return an answer without the guard that keeps browsers from running it."""
    return _GUARD.sub(b"", content, count=1) if content[:1] in (b")", b"w", b"f") else content


def _sound(body: Any) -> Any:
    """Return an answer.

    An error for one that is no data in spite of its status, whatever the source may hold.
    """
    if (words := standing_error(body)) is not None and passing_note({"error": words}) is None:
        raise BadSource(f"The source answered with an error: “{words}”. Correct body or location.", field="body")
    if (words := words or passing_note(body)) is not None:
        raise refusal(words)
    return body


def no_data(text: str, kind: str = "text") -> str:
    """Return the sentence about an answer that is neither JSON nor anything else with records."""
    return (
        f"The source's answer is not JSON ({kind}, it begins with {text[:60].strip()!r}), nor CSV, lines of "
        "JSON or XML. Give the URL of such a list in location."
    )
