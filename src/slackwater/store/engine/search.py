"""Searching as people do: no matter which accents, which case and which order of words.

The SQL function `plain`.
"""

import json
import sqlite3
import unicodedata
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

REMEMBERED = 50_000  # texts; ten thousand wrappers have three each


def install(connection: sqlite3.Connection) -> None:
    """Give a connection the function `plain(text, name, …)`.

    The named values of a JSON text, or all of a plain one.
    """
    connection.create_function("plain", -1, _plain, deterministic=True)


def matching(q: str, *texts: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Return the condition that each word of `q` is part of a text.

    `plain` has made the texts.
    """
    words = folded(q).split()
    found = [sa.or_(*(text.contains(word, autoescape=True) for text in texts)) for word in words]
    return sa.and_(sa.true(), *found)


def plain(column: sa.ColumnElement[Any], *names: str) -> sa.ColumnElement[str]:
    """Return a column as text to be searched.

    With `names`, these values of the JSON object that it holds.
    """
    return sa.func.plain(column, *names, type_=sa.String())


@lru_cache(REMEMBERED)
def folded(text: str) -> str:
    """Return a text without accents and case."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


@lru_cache(REMEMBERED)
def _plain(text: str | None, *names: str) -> str:
    if not text:
        return ""
    if not names:
        return folded(text)
    held = json.loads(text)
    found = [held[name] for name in names if held.get(name)]
    return folded(" ".join(" ".join(each) if isinstance(each, list) else str(each) for each in found))
