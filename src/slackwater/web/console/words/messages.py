"""Translates the service's sentences by the templates that they were made from.

A template has `{}` where the sentence has names, numbers and parts of its own; its translation has `{0}`, `{1}`… for
them. A part that is itself such a sentence is translated, too. What no template fits stays as it is.
"""

import re
from functools import cache, lru_cache

from slackwater.web.console.words import (
    messages_alerts,
    messages_calendars,
    messages_discovery,
    messages_earlier,
    messages_files,
    messages_reading,
    messages_rows,
    messages_service,
)

TABLES = (
    messages_service.MESSAGES,
    messages_discovery.MESSAGES,
    messages_files.MESSAGES,
    messages_calendars.MESSAGES,
    messages_reading.MESSAGES,
    messages_alerts.MESSAGES,
)
PARTS = {  # only within a sentence: on its own, half of it would stay in English
    "{} or {}": "{0} ou {1}",
    "{} and {}": "{0} e {1}",
    "a JSON object": "um objeto JSON",
    "a list": "uma lista",
    "a text": "um texto",
    "a truth value": "um valor lógico",
    "a number": "um número",
    "a list of rows": "uma lista de linhas",
    "a list of pairs": "uma lista de pares",
    "an object of lists": "um objeto de listas",
    "an object with a beginning, a step and values": "um objeto com um início, um passo e valores",
    "an object of records by their time": "um objeto de registos pelo seu tempo",
    "an object": "um objeto",
    "a list of objects with their time beside it": "uma lista de objetos com o tempo ao lado",
    "a CoverageJSON document": "um documento CoverageJSON",
    "a JSON-stat dataset": "um conjunto JSON-stat",
    "an SDMX-JSON message": "uma mensagem SDMX-JSON",
    "lines of JSON": "linhas de JSON",
    "records of the shape {}": "registos da forma {0}",
    " It has {}.": " Tem {0}.",
    " The records are no JSON objects.": " Os registos não são objetos JSON.",
    "no fields": "nenhum campo",
    "one column": "uma coluna",
    "{} columns": "{0} colunas",
    "{} rows": "{0} linhas",
    "column {}": "coluna {0}",
    "of all rows": "de todas as linhas",
    "{} days": "{0} dias",
    "{} hours": "{0} horas",
    "{} minutes": "{0} minutos",
    "{} seconds": "{0} segundos",
    **messages_rows.MESSAGES,
}
JOINED = " · "
DEEPEST = 3  # parts within parts; the sentences of the service have two
REMEMBERED = 2_000  # sentences; chosen: some hundred KiB
_ROW = re.compile(r"(row|record) (\d+): (.*)", re.DOTALL)
# The API's words for what the console calls a source and a time series; code is passed over.
_CONSOLE_WORDS = {"Wrapper": "Source", "wrapper": "source", "Resource": "Time series", "resource": "time series"}
_OF_THE_API = re.compile(r"`[^`]*`|" + "|".join(_CONSOLE_WORDS))
_END = re.compile(r"(?<=[.:;!?])\s+(?=[\w`'“])")


@lru_cache(REMEMBERED)
def said(text: str, *, language: str) -> str:
    """Return a sentence of the service in a language, or several of them."""
    if not text.strip() or (language == "en" and not _OF_THE_API.search(text)):
        return text
    whole = _translated(text, 0, language)
    if whole is None and text.endswith("."):  # the templates of some checks have no full stop
        bare = _translated(text[:-1], 0, language)
        whole = bare and f"{bare}."
    if whole is not None:
        return whole
    if JOINED in text:  # what a page has put together
        return JOINED.join(said(part, language=language) for part in text.split(JOINED))
    # What was put together of several sentences: the longest beginning that is known, then the rest.
    cuts = [found.start() for found in _END.finditer(text)]
    for cut in reversed(cuts):
        if (first := _translated(text[:cut], 0, language)) is not None:
            return f"{first} {said(text[cut:].lstrip(), language=language)}"
    if cuts:
        return f"{text[: cuts[0]]} {said(text[cuts[0] :].lstrip(), language=language)}"
    return text


def rejected(text: str, *, language: str) -> str:
    """Return a rejected row and its reason in a language."""
    place = _ROW.fullmatch(text)
    if language == "en" or place is None:
        return text
    kind, number, reason = place.groups()
    return f"{messages_rows.PLACES[kind]} {number}: {_translated(reason, 1, language) or reason}"


def _translated(text: str, depth: int, language: str) -> str | None:
    for pattern, translation in _patterns(within=depth > 0, language=language):
        if found := pattern.fullmatch(text):
            parts = found.groups("")
            if depth < DEEPEST:
                parts = tuple(_translated(part, depth + 1, language) or part for part in parts)
            return translation.format(*parts)
    return None


@cache
def _patterns(*, within: bool, language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the search patterns, those with the most fixed words first."""
    if language == "en":
        known = [each for table in TABLES for each in table] + list(messages_earlier.EARLIER)
        known.sort(key=lambda each: -len(each.replace("{}", "")))
        return [(_pattern(each), _in_console_words(each)) for each in known if _in_console_words(each) != each]
    tables = (*TABLES, PARTS) if within else TABLES
    pairs = [each for table in tables for each in table.items()]
    now = dict(reversed(pairs))  # of two, the first is the one that is used
    pairs += [(before, now[template]) for before, template in messages_earlier.EARLIER.items()]
    pairs.sort(key=lambda each: -len(each[0].replace("{}", "")))
    return [(_pattern(template), translation) for template, translation in pairs]


def _in_console_words(template: str) -> str:
    """Return a template with the words that the console has; code stays."""
    return _OF_THE_API.sub(lambda found: found[0] if found[0][0] == "`" else _CONSOLE_WORDS[found[0]], template)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, template.split("{}"))), re.DOTALL)
