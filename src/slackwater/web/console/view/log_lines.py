"""Translates the lines of a source's log that are the service's own. Pure."""

from slackwater.store.records.row_problems import REJECTED
from slackwater.web.console.view.plain_terms import plain
from slackwater.web.console.words import WORDS, messages, translator

PARTS = 2  # that stand before a line's message: its time and its level


def translated(text: str, *, language: str) -> str:
    """Return a line of the log in a language.

    What a source or a module has said stays as it is.
    """
    if language == "en":
        return text
    *head, message = text.split(" - ", PARTS)
    if len(head) < PARTS:
        return text
    return " - ".join([*head, _message(message, language)])


def _message(message: str, language: str) -> str:
    if message.startswith(REJECTED):
        said = messages.rejected(message.removeprefix(REJECTED), language=language)
        return translator("pt")("log.rejected", what=said)
    what, _, reason = message.partition(": ")
    if reason and (key := f"new.what.{what}") in WORDS:  # a finding of discovery
        return f"{translator('pt')(key)}: {plain(messages.said(reason, language=language), language)}"
    said = messages.said(message, language=language)
    return message if said == message else plain(said, language)
