"""Decodes the body of an answer, and recognises answers that hold no data."""

import json
import re
from typing import Any

import httpx
import msgspec

from slackwater.errors import BadSource
from slackwater.formats.payload.text import from_xml, json_lines, text_of

_NO_DATA = re.compile(
    r"\bno (matching )?(data|records?|results?|observations?|values?)\b.*\b(found|available|exist)", re.I
)

_EMPTY_ERROR = re.compile(
    r"\b(no|without|sem|sin|keine) (\w+ ){0,2}(data|dados|datos|daten|records?|results?)\b(?! received)", re.I
)

_QUOTED = 300  # characters of an error that are shown

_decode = msgspec.json.Decoder().decode


def parsed(response: httpx.Response) -> Any:
    """Return the JSON of an answer, None of an empty 204; XML as JSON would say it, and any other text as it is.

    httpx.HTTPStatusError for an answer that is no success, BadSource for one that is a page or no text at all.
    """
    response.raise_for_status()
    if response.status_code == 204:
        return None
    content = response.content
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
        return document
    kind = response.headers.get("content-type", "").partition(";")[0] or "no content type"
    text = text_of(content, response.charset_encoding)
    if "html" in kind or text.lstrip()[:1] in ("<", "{", "[") or "\0" in text[:1000]:
        if (lines := json_lines(text)) and len(lines) > 1:
            return text
        raise BadSource(no_data(text, kind))
    return text


def _sound(body: Any) -> Any:
    """Return an answer; BadSource for one that is an error in spite of its status: GraphQL's and JSON-RPC's are."""
    if not isinstance(body, dict):
        return body
    said: list[Any] = []
    errors = body.get("errors")
    if isinstance(errors, list) and errors and all(isinstance(each, dict) and "message" in each for each in errors):
        said = [each["message"] for each in errors]
    elif "jsonrpc" in body and isinstance(error := body.get("error"), dict):
        said = [error.get("message", error)]
    words = "; ".join(" ".join(str(each).split()) for each in said[:3])[:_QUOTED]
    if said and not error_is_no_data(words):
        raise BadSource(f"The source answered with an error: “{words}”. Correct body or location.", field="body")
    return body


def no_data(text: str, kind: str = "text") -> str:
    """Return the sentence about an answer that is neither JSON nor anything else with records."""
    return (
        f"The source's answer is not JSON ({kind}, it begins with {text[:60].strip()!r}), nor CSV, lines of "
        "JSON or XML. Give the URL of such a list in location."
    )


def error_is_no_data(text: str) -> bool:
    """Say whether an error is none, but the source's words for a time range without data."""
    return _EMPTY_ERROR.search(text[:10_000]) is not None


def says_no_data(body: Any, depth: int = 3) -> bool:
    """Say whether an answer without records tells in words that there are none."""
    if isinstance(body, str):
        return _NO_DATA.search(body) is not None
    return depth > 0 and isinstance(body, dict) and any(says_no_data(each, depth - 1) for each in body.values())
