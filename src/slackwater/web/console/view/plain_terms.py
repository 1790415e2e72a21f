"""Says forms of dates and fields of source_config in words. Pure."""

import re
from datetime import UTC, datetime
from functools import cache, lru_cache

from slackwater.model.instants import to_micros
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.web.console.words import WORDS, Translate, messages, settings, translator
from slackwater.web.console.words.messages import REMEMBERED

_DIRECTIVE = r"%[A-Za-z]"
# Directives with what stands between two of them: `%d/%m/%Y %H:%M`, `%b %d, %Y`.
_FORM = rf"{_DIRECTIVE}(?:(?:, |[-/.:T ])?{_DIRECTIVE})*"
_PIECES = re.compile(rf"{_DIRECTIVE}|[^%]+")
_OPENS = {"en": "(?:give|set|correct|check)", "pt": "(?:indique|defina|corrija|verifique)"}
_THERE = {"en": "in source_config", "pt": "em source_config"}
# The same text in every form of numbers, so that one sees how each reads it.
_NUMBERS = {"d": "03", "m": "03", "Y": "2021", "y": "21"}
# A field whose name is a word as well: only where it is surely meant.
_LOCATION = r"(?:(?<=\b(?:at|in|of|em|de) )location|Location(?= must\b))"
_SECOND = "04"  # the day or the month, whichever stands behind the other


def said(text: str, *, language: str) -> str:
    """Return sentences of the service in a language and in the console's terms."""
    return plain(messages.said(text, language=language), language)


def form_in_words(form: str, t: Translate) -> str:
    """Return a form of dates in words: `%d/%m/%Y` is day/month/year; what is unknown stays."""
    if (key := f"form.{form}") in WORDS:
        return t(key)
    if not re.search(_DIRECTIVE, form):
        return form
    return "".join(_piece(each, t) for each in _PIECES.findall(form))


def form_with_example(form: str, t: Translate, day: str) -> str:
    """Return a form in words, and how a date of it is read.

    `day` says that date.
    """
    return f"{form_in_words(form, t)}: {_example(form)} → {day}" if _example(form) else form_in_words(form, t)


def example_of(form: str) -> int | None:
    """Return the moment (µs since the epoch) of a form's example; None without one."""
    if not _example(form):
        return None
    day, month = (3, 4) if form.index("%d") < form.index("%m") else (4, 3)
    return to_micros(datetime(2021, month, day, tzinfo=UTC))


def _example(form: str) -> str:
    pieces = _PIECES.findall(form)
    letters = [each[1] for each in pieces if each[0] == "%"]
    if sorted(letters) not in (["Y", "d", "m"], ["d", "m", "y"]):
        return ""
    later = max(letters.index("d"), letters.index("m"))
    numbers = {**_NUMBERS, letters[later]: _SECOND}
    return "".join(numbers[each[1]] if each[0] == "%" else each for each in pieces)


def _piece(piece: str, t: Translate) -> str:
    return t(key) if (key := f"form.part.{piece[1:]}") in WORDS and piece[0] == "%" else piece


@lru_cache(REMEMBERED)
def plain(text: str, language: str) -> str:
    """Return a text with forms of dates in words, and fields by their labels."""
    t = translator("pt" if language == "pt" else "en")

    def told(found: re.Match[str]) -> str:
        if form := found["form"]:
            return form_in_words(form, t)
        if found["config"]:
            return t("settings.placed").strip()
        if not (name := found["asked"] or found["named"] or found["placed"]):
            return found[0]
        where = t("settings.placed") if found["there"] or found["placed"] else ""
        return f"{found['verb'] or ''}{t('settings.quoted', label=t(f'settings.field.{name.lower()}'))}{where}"

    return _terms(language).sub(told, text)


def names_a_setting(text: str) -> bool:
    """Check whether an English sentence of the service names source_config or a field of it."""
    return bool(named_in(text)) or any(each["config"] for each in _terms("en").finditer(text))


def named_in(text: str) -> set[str]:
    """Return the fields of source_config that an English sentence of the service names."""
    found = (each[kind] for each in _terms("en").finditer(text) for kind in ("asked", "named", "placed"))
    return {name.lower() for name in found if name}


def forms_in(text: str) -> list[str]:
    """Return the forms of dates that a sentence of the service names."""
    return [each["form"] for each in _terms("en").finditer(text) if each["form"]]


@cache
def _terms(language: str) -> re.Pattern[str]:
    """Return what is said otherwise; quoted texts and code are passed over."""
    known = {*FileConfig.model_fields, *ApiConfig.model_fields}
    names = sorted((each for each in known if f"settings.field.{each}" in settings.WORDS), key=len, reverse=True)
    every, plainly = "|".join(names), "|".join(each for each in names if "_" in each)
    there = _THERE[language]
    return re.compile(
        r"`[^`]*`|“[^”]*”|(?<!\w)'[^']*'|"
        rf"(?P<form>{_FORM})|"
        rf"(?P<verb>\b(?i:{_OPENS[language]}) )(?P<asked>{every})\b(?P<there> {there})?|"
        rf"\b(?P<placed>{every}) {there}|"
        rf"\b(?P<named>{plainly}|{_LOCATION})\b|"
        rf"\b(?P<config>{there})\b"
    )
