"""Holds the console's words in all languages, one module per page."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from slackwater.web.console.words import (
    admin,
    alerts,
    data,
    newsource,
    overview,
    quality,
    settings,
    shell,
    states,
    validation,
    wrapper,
)

Language = Literal["en", "pt"]
Translate = Callable[..., str]
Table = Mapping[str, tuple[str, str]]

LANGUAGES: tuple[Language, ...] = get_args(Language)
OWN_NAMES = {"en": "English", "pt": "Português"}
_PAGES = (shell, states, overview, newsource, wrapper, quality, data, alerts, admin, validation, settings)
TABLES: tuple[Table, ...] = tuple(page.WORDS for page in _PAGES)
WORDS: dict[str, tuple[str, str]] = {key: said for table in TABLES for key, said in table.items()}


def translator(language: Language) -> Translate:
    """Return `t`: t(KEY, name=value) says it in that language; with `n`, `one|many` is told apart."""
    place = LANGUAGES.index(language)

    def t(key: str, **values: object) -> str:
        text = WORDS[key][place]
        if "n" in values and "|" in text:
            one, _, many = text.partition("|")
            text = one if values["n"] in (1, "1") else many
        return text.format(**values) if values else text

    return t


def chosen(cookie: str | None, accepted: str) -> Language:
    """Return the language of the cookie, else of `Accept-Language`, else English."""
    if cookie in LANGUAGES:
        return cookie
    weighed = sorted(map(_weighed, accepted.split(",")), key=lambda each: -each[0])
    return next((tag for weight, tag in weighed if weight > 0 and tag in LANGUAGES), "en")


def _weighed(part: str) -> tuple[float, str]:
    tag, _, quality = part.strip().partition(";")
    try:
        weight = float(quality.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().partition("-")[0]
