"""Dotted paths into parsed JSON."""

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
    end = path.find(".")
    while end > 0:
        above = body.get(path[:end], MISSING)
        if type(above) is dict and path[end + 1 :] in above:  # as most are
            return above[path[end + 1 :]]
        if above is not MISSING and (found := at(above, path[end + 1 :])) is not MISSING:
            return found
        end = path.find(".", end + 1)
    return MISSING


def _picked(body: list[Any], head: str) -> Any:
    if head.isdecimal():
        return body[int(head)] if int(head) < len(body) else MISSING
    field, equals, value = head.partition("=")
    if not equals:
        return MISSING
    return next((each for each in body if isinstance(each, dict) and each.get(field) == value), MISSING)
