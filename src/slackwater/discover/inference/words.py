"""Compares names by their words."""

import re
from typing import Any


def set_of(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


def listed(names: Any, most: int = 12) -> str:
    """Return names as people read them: `a`, `b`, …"""
    names = list(names)
    text = ", ".join(f"`{name!s:.60}`" for name in names[:most])
    return text + (f" and {len(names) - most} more" if len(names) > most else "") if names else "nothing"


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case: `observedAt` → observed, at."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-zà-ÿ])|[A-Z]?[a-zà-ÿ]+|\d+", name)]


def name_of(path: str) -> str:
    """Return the last part of a path as one word."""
    return "".join(words_of(path.rpartition(".")[2]))


_NODATA = set_of("nodatavalue nodata missingvalue fillvalue missing nullvalue undefinedvalue")


def names_no_data(path: str) -> bool:
    """Say whether a field tells which number stands for no value."""
    return "".join(words_of(path.rpartition(".")[2])) in _NODATA
