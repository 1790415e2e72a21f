"""Defines the kinds of text that the API accepts, and messages for refused ones."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, StringConstraints

from slackwater.model.instants import parse_iso
from slackwater.model.periodicity import parse_duration
from slackwater.model.time_zones import zone

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINES = "\t\n\r"  # control characters that a text of several lines has
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def without_blanks(form: type[BaseModel], given: Any) -> Any:
    """Return a form's input without the optional fields that are empty (`""`).

    An untouched HTML form sends them so. `null` for a field that has another default, and a list of nothing but empty
    texts, mean the same.
    """
    if not isinstance(given, dict):
        return given
    optional = {name: field.default for name, field in form.model_fields.items() if not field.is_required()}
    return {name: value for name, value in given.items() if name not in optional or not _blank(value, optional[name])}


def _blank(value: Any, default: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(each == "" for each in value)
    return value in ("", {"": ""}) or (value is None and default is not None)


def plain(text: str) -> str:
    """Return a text of one line; ValueError when it holds a control character."""
    if found := _CONTROL.search(text):
        raise ValueError(f"must not contain control characters such as U+{ord(found[0]):04X}")
    return text


def _lines(text: str) -> str:
    plain(text.translate(dict.fromkeys(map(ord, _LINES))))
    return text


def _tag(text: str) -> str:
    if "," in text:
        raise ValueError("must not contain a comma, which stands between two tags")
    return plain(text)


def _header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("is not the name of an HTTP header")
    return text


def _header_value(text: str) -> str:
    plain(text)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("goes into an HTTP header, which has only Latin-1 characters") from None
    return text


def _known_zone(name: str) -> str:
    zone(name)
    return name


def _a_duration(text: str) -> str:
    parse_duration(text)
    return text


def _a_time(text: str) -> str:
    try:
        parse_iso(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 date or time such as 1958-03-29") from None
    return text


Plain = Annotated[str, AfterValidator(plain)]
Lines = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_lines)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
# The constraints go first: those behind a validator would see a text that is not stripped yet.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(plain)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(_tag)]
Unit = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), AfterValidator(plain)]
Param = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""The name of a query parameter."""
ZoneName = Annotated[str, AfterValidator(_known_zone)]
Duration = Annotated[str, AfterValidator(_a_duration)]
Moment = Annotated[str, AfterValidator(_a_time)]
