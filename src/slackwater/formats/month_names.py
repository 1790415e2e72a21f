"""Names of months in the languages of the world → their numbers. Pure.

Without a language a name means what it means in English, Portuguese, Spanish, French and German, if that is one month
only. A time form that ends in `:pl` reads names of that language (`month:pl`), in `:la` Roman numerals.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

_PLAIN = ("en", "pt", "es", "fr", "de")  # languages that need not be named
_SHORTEST = 3  # letters of a month's name
ROMAN = "la"
"""Stands for a language where months are Roman numerals: `V 2024`."""
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
ROMAN_MONTHS = {text: number for number, text in enumerate(_NUMERALS, 1)}
_WORD = re.compile(r"[^\W\d_]{3,}")
_SUFFIX = re.compile(r"(.+):([a-z]{2,3})")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a text in lower case, without accents, its white space tidied."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


@cache
def _languages() -> dict[str, dict[str, int]]:
    """Load language → name → month: full names, abbreviations and unambiguous beginnings."""
    source = tomllib.loads(files("slackwater.formats").joinpath("months.toml").read_text("utf-8"))
    return {language: _unique([names]) for language, text in source.items() if (names := _months_of(text))}


def _months_of(text: str) -> list[list[str]]:
    return [month.split() for month in text.split("|")]


def _unique(languages: Iterable[list[list[str]]]) -> dict[str, int]:
    """Return every name, and every beginning of one, that means one month only."""
    months: dict[str, set[int]] = {}
    whole: dict[str, set[int]] = {}
    for names in languages:
        for number, each in enumerate(names, 1):
            for name in each:
                whole.setdefault(name, set()).add(number)
                for length in range(_SHORTEST, len(name) + 1):
                    months.setdefault(name[:length], set()).add(number)
    meant = {name: whole.get(name, numbers) for name, numbers in months.items()}
    return {name: next(iter(numbers)) for name, numbers in meant.items() if len(numbers) == 1}


@cache
def months(language: str | None = None) -> Mapping[str, int]:
    """Return name → month in one language, or what needs none.

    ValueError for a language that is not known.
    """
    if language is None:
        source = tomllib.loads(files("slackwater.formats").joinpath("months.toml").read_text("utf-8"))
        return _unique([_months_of(source[each]) for each in _PLAIN])
    if language == ROMAN:
        return ROMAN_MONTHS
    if language not in _languages():
        raise ValueError(f"{language!r} is no language whose months are known; there are {', '.join(_languages())}")
    return _languages()[language]


@cache
def _any() -> frozenset[str]:
    return frozenset(name for names in _languages().values() for name in names)


def month_number(text: str, language: str | None = None) -> int | None:
    """Return the month that a text names, None when it names none."""
    return months(language).get(plain(text).rstrip("."))


def names_month(text: str) -> bool:
    """Say whether a text names a month in any language."""
    return plain(text).rstrip(".") in _any()


@lru_cache(maxsize=1024)
def same_month(first: str, second: str) -> bool:
    """Say whether two texts name one month in two languages: `Ocak` and `January`."""
    one, two = ({names.get(plain(text)) for names in _languages().values()} - {None} for text in (first, second))
    return not one.isdisjoint(two)


def languages_of(texts: Iterable[str]) -> list[str]:
    """Return the languages in which every month name among the texts is one."""
    words = {word for text in texts for word in _WORD.findall(plain(text)) if word in _any()}
    return [language for language, names in _languages().items() if words and words <= names.keys()]


def split_language(form: str) -> tuple[str, str | None]:
    """Return a time form without its `:pl`, and the language; None where there is none."""
    match = _SUFFIX.fullmatch(form) if "%" not in form else None
    return (match[1], match[2]) if match else (form, None)
