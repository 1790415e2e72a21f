"""Dotted paths into parsed JSON."""

from functools import lru_cache
from typing import Any

MISSING: Any = object()
"""What `at` returns where there is nothing; JSON's null is something."""


def at(body: Any, path: str) -> Any:
    """Return what lies at a dotted path of parsed JSON, MISSING if nothing does.

    A key may itself contain dots (`@odata.nextLink`). From a list a number picks one by its place, and `rel=next` the
    first object whose field `rel` is `next`.
    """
    if isinstance(body, list):
        head, _, rest = path.partition(".")
        found = _picked(body, head)
        return at(found, rest) if rest and found is not MISSING else found
    if not isinstance(body, dict):
        return MISSING
    if path in body:
        return body[path]
    for head, rest in _divided(path):
        above = body.get(head, MISSING)
        if type(above) is dict and rest in above:  # as most are
            return above[rest]
        if above is not MISSING and (found := at(above, rest)) is not MISSING:
            return found
    return MISSING


@lru_cache(maxsize=1024)  # paths; chosen: the fields of an answer, which are read in each of its records
def _divided(path: str) -> list[tuple[str, str]]:
    """Return a path divided at each of its dots."""
    dots = [] if path.startswith(".") else [place for place, char in enumerate(path) if char == "."]
    return [(path[:dot], path[dot + 1 :]) for dot in dots]


def _picked(body: list[Any], head: str) -> Any:
    if head.isdecimal():
        return body[int(head)] if int(head) < len(body) else MISSING
    field, equals, value = head.partition("=")
    if not equals:
        return MISSING
    return next((each for each in body if isinstance(each, dict) and each.get(field) == value), MISSING)
