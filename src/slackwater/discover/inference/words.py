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


ENDS = set_of(
    "end ending until to last expires expire expiry expiration stop close fim fin ende bis hasta einde koniec"
)
"""Words in the names of times at which something ends."""
ONCE_A_DAY = set_of(
    "peak max min maximum minimum high low highest lowest sunrise sunset moonrise moonset pico maximo minimo"
)
"""Words of what a day has one of."""
_NODATA = set_of("nodatavalue nodata missingvalue fillvalue missing nullvalue undefinedvalue")


_KEEPING = re.compile(
    r"creat|updat|check|modif|insert|ingest|fetch|publish|receiv|process|load|chang|releas|result|import|retriev|sync|revis"
    r"|criad|criac|atualiz|actualiz|actual[ií]|mise|erstell|aktualis|ge[aä]ndert|bijgewerkt|gemaakt|utworz|zmodyf|aggiorn|creaz"
    r"|maj$|diffus|dif$"  # of French: when it was brought up to date, and when it was given out
)
"""How words begin that tell of the keeping of a record, and not of what it tells of."""


def is_about_keeping(name: str) -> bool:
    """Check whether a field or column says when its row was written, changed or published."""
    return any(_KEEPING.match(word) for word in words_of(name.rpartition(".")[2]))


def names_no_data(path: str) -> bool:
    """Check whether a field names the number that stands for no value."""
    return "".join(words_of(path.rpartition(".")[2])) in _NODATA
