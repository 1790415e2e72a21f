"""Reads the vocabulary of column names: role → words, in eight languages."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import zip_longest

_GERMANIC = frozenset({"en", "de", "nl"})  # whose compound names end in their noun


@cache
def _vocabulary() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("slackwater.discover.inference").joinpath("vocabulary.toml").read_text("utf-8"))


@cache
def words_for(role: str) -> frozenset[str]:
    """Return the words of a role in all languages."""
    return frozenset(word for words in _vocabulary()[role].values() for word in words)


@cache
def range_pairs() -> tuple[tuple[str, str], ...]:
    """Return the pairs of words that begin and end a time range, bare ones first."""
    bare, beside = _vocabulary()["range"], _vocabulary()["range_subject"]
    pairs = {language: [tuple(each.split(" ")) for each in said] for language, said in bare.items()}
    found = [(first, last) for each in zip_longest(*pairs.values()) for first, last in filter(None, each)]
    found += [
        (f"{subject} {first}", f"{subject} {last}")
        for language, subjects in beside.items()
        for subject in subjects
        for first, last in pairs[language]
    ]
    found += [
        (f"{edge[0]} {subject}", f"{edge[1]} {subject}")
        for language, subjects in beside.items()
        for subject in subjects[:1]
        for edge in (("start", "end"),)
    ]
    return tuple(dict.fromkeys(found))


@cache
def _heads(role: str, *, last: bool) -> frozenset[str]:
    said = _vocabulary()[role].items()
    return frozenset(word for language, words in said for word in words if (language in _GERMANIC) is last)


def plain_words(name: str) -> list[str]:
    """Return a name's lower-case words without accents: `Nº Cliente_ID` → no, cliente, id."""
    marked = re.sub(r"\bn[.º°]+(?=\W|$|[A-Z])", "no ", name, flags=re.IGNORECASE)
    split = re.sub(r"([a-zà-ÿ])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", marked))
    plain = "".join(char for char in unicodedata.normalize("NFKD", split) if not unicodedata.combining(char))
    return re.findall(r"[a-z]+", plain.lower().replace("ß", "ss"))


def has_head(words: list[str], role: str) -> bool:
    """Check whether a name's noun fits a role: its last or first word.

    It is the last in Germanic languages, the first in others.
    """
    return bool(words) and (words[-1] in _heads(role, last=True) or words[0] in _heads(role, last=False))
