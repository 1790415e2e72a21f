"""Validation errors in plain words, each for the field that it is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from slackwater.web.console.words import WORDS, Translate

KEYS = "invalid."  # of the words
OWN = "Value error, "  # what pydantic puts before the sentences of our own checks


def by_field(errors: Sequence[Mapping[str, Any]], t: Translate) -> dict[str, str]:
    """Map fields to their errors; the innermost field name counts, "" without one."""
    said: dict[str, str] = {}
    for each in errors:
        names = [part for part in each["loc"] if isinstance(part, str)]
        said.setdefault(names[-1] if names else "", sentence(each, t))
    return said


def plain_words(t: Translate) -> dict[str, str]:
    """Map kinds of error to sentences, with placeholders in braces."""
    return {key.removeprefix(KEYS): t(key) for key in WORDS if key.startswith(KEYS)}


def sentence(error: Mapping[str, Any], t: Translate) -> str:
    """Return one error as a sentence that says what to do."""
    key = f"{KEYS}{error['type']}"
    if key not in WORDS:
        return plain(str(error["msg"]))
    return t(key, **{name: str(value) for name, value in (error.get("ctx") or {}).items()})


def plain(text: str) -> str:
    """Return the sentence of one of our own checks as a sentence of its own."""
    text = text.removeprefix(OWN)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
