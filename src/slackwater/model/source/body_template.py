"""Fills the JSON body of requests (GraphQL, JSON-RPC, PxWeb) from a template and parameters.

A request to such a source is written like any other, as a URL with parameters; `request` moves those that belong in the
body there. So pagination, time filters, loops and discovery are the same for both. A parameter takes the place of its
placeholder, `{{start}}`, wherever that stands; without one it is a field of the object at `place`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

PLACEHOLDERS = ("start", "end", "cursor", "offset", "page", "limit")
MOST_CHARACTERS = 100_000  # of a template, as JSON
DEEPEST = 20  # objects and lists within each other
FIRST = {"limit": 100, "offset": 0, "page": 1}  # what a first question has in a text
NUMBERS = frozenset({"offset", "page", "limit"})  # placeholders that stand for whole numbers
_HOLDER = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_DECLARED = re.compile(r"\$(\w+)\s*:\s*\[?\s*(\w+)")  # variables of a GraphQL query, and their types
_FIELD = re.compile(r"[A-Za-z_$@][\w$@-]*(\.[A-Za-z_$@][\w$@-]*)*")
_LONGEST_NUMBER = 15  # digits that every reader of JSON takes exactly
_TEXTS = re.compile(r"cursor|after|before|token|marker|bookmark|scroll|continuation", re.IGNORECASE)


def check(template: Any) -> None:
    """Refuse (ValueError) a template that is too large, too deep, or has unknown placeholders."""
    if len(json.dumps(template, ensure_ascii=False)) > MOST_CHARACTERS:
        raise ValueError(f"must not have more than {MOST_CHARACTERS:,} characters")
    names = set(_holders(template))
    if unknown := sorted(names - set(PLACEHOLDERS)):
        raise ValueError(
            f"has the placeholder {{{{{unknown[0]}}}}}; known are "
            f"{', '.join(f'{{{{{name}}}}}' for name in PLACEHOLDERS)}"
        )
    if "end" in names and "start" not in names:
        raise ValueError("has {{end}} without {{start}}")


@dataclass(frozen=True)
class Body:
    """A template of a body.

    `place` is the dotted path of the object that parameters are fields of, `url` the bare URL.
    """

    template: Mapping[str, Any]
    place: str
    url: str
    holders: frozenset[str]
    declared: Mapping[str, str] | None  # of GraphQL: variable → type; None for others

    @classmethod
    def of(cls, template: Mapping[str, Any], url: str, place: str | None = None) -> Self:
        """Return the body of a source.

        Without a `place` GraphQL's and JSON-RPC's is known, else it is the top.
        """
        query = template.get("query")
        graphql = isinstance(query, str) and "{" in query
        if place is None:
            place = "variables" if graphql else "params" if "jsonrpc" in template else ""
        declared = dict(_DECLARED.findall(query)) if graphql and isinstance(query, str) else None
        return cls(template, place, url, frozenset(_holders(template)), declared)

    @property
    def asks_for_times(self) -> bool:
        """Whether placeholders say where a time range belongs."""
        return "start" in self.holders

    @property
    def location(self) -> str:
        """The URL with the parameters that the template itself gives, as a question."""
        given = {name: value for name, value in _given(_at(self.template, self.place), "") if self.takes(name)}
        # Within a longer text nothing can be left out: the first question has a value there, too.
        given |= {name: value for name, value in FIRST.items() if name in _within_texts(self.template)}
        parts = urlsplit(self.url)
        query = urlencode({name: _written(value) for name, value in given.items()}, quote_via=quote)
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, query)))))

    def takes(self, name: str) -> bool:
        """Say whether a parameter can make a difference: GraphQL knows its variables, others any field."""
        if name in self.holders or name in self._kept:
            return True
        if self.declared is not None:
            return name.partition(".")[0] in self.declared
        return _FIELD.fullmatch(name) is not None and isinstance(_at(self.template, self.place), Mapping | None)

    def added(self, location: str) -> dict[str, str]:
        """Return the parameters of a question that neither the URL nor the template has."""
        known = self._kept | {name for name, _ in _pairs(self.location)}
        return {name: value for name, value in _pairs(location) if name not in known}

    def request(self, asked: str) -> tuple[str, bytes]:
        """Return the URL and the content that ask a question."""
        body = deepcopy(dict(self.template))
        values: dict[str, str] = {}
        for name, value in _pairs(asked):
            if name in self.holders:
                values[name] = value
            elif name not in self._kept:
                self._set(body, name, value)
        filled = _filled(body, values)
        parts = urlsplit(asked)
        kept = [(name, value) for name, value in _pairs(asked) if name in self._kept]
        return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote))), json.dumps(filled).encode()

    @property
    def _kept(self) -> frozenset[str]:
        return frozenset(name for name, _ in _pairs(self.url))

    def _set(self, body: dict[str, Any], name: str, text: str) -> None:
        here: dict[str, Any] = body
        for key in filter(None, self.place.split(".")):
            here = _below(here, key)
        *above, last = [name] if name in here else name.split(".")
        for key in above:
            here = _below(here, key)
        kind = self.declared.get(name) if self.declared is not None else None
        here[last] = _typed(text, here.get(last), kind, name)


def _below(here: dict[str, Any], key: str) -> dict[str, Any]:
    below = here.get(key)
    if not isinstance(below, dict):
        below = here[key] = {}
    return below


def _at(template: Any, place: str) -> Any:
    for key in filter(None, place.split(".")):
        template = template.get(key) if isinstance(template, Mapping) else None
    return template


def _given(here: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the single values of an object as parameters, nested ones by dotted path."""
    if not isinstance(here, Mapping):
        return
    for name, value in here.items():
        if isinstance(value, Mapping):
            yield from _given(value, f"{path}{name}.")
        elif isinstance(value, bool | int | float) or (isinstance(value, str) and not _HOLDER.search(value)):
            yield f"{path}{name}", value


def _within_texts(here: Any) -> set[str]:
    """Return the placeholders that are a part of a longer text."""
    if isinstance(here, str):
        return set() if _HOLDER.fullmatch(here) else set(_HOLDER.findall(here))
    if isinstance(here, Mapping | list):
        return set().union(*map(_within_texts, here.values() if isinstance(here, Mapping) else here))
    return set()


def _holders(here: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError(f"must not have more than {DEEPEST} objects and lists within each other")
    if isinstance(here, str):
        yield from _HOLDER.findall(here)
    elif isinstance(here, Mapping | list):
        for each in here.values() if isinstance(here, Mapping) else here:
            yield from _holders(each, depth + 1)


def _filled(here: Any, values: Mapping[str, str]) -> Any:
    """Return a body with its placeholders replaced.

    A field whose placeholder has no value yet is left out.
    """
    if isinstance(here, dict):
        return {name: _filled(each, values) for name, each in here.items() if not _open(each, values)}
    if isinstance(here, list):
        return [None if _open(each, values) else _filled(each, values) for each in here]
    if not isinstance(here, str):
        return here
    if whole := _HOLDER.fullmatch(here):
        text = values[whole[1]]
        return int(text) if whole[1] in NUMBERS and text.isdecimal() else text
    return _HOLDER.sub(lambda found: values.get(found[1], ""), here)


def _open(here: Any, values: Mapping[str, str]) -> bool:
    whole = _HOLDER.fullmatch(here) if isinstance(here, str) else None
    return whole is not None and whole[1] not in values


def _typed(text: str, example: Any, kind: str | None, name: str) -> Any:
    """Convert a parameter to the type of the example, or to the query's declared type."""
    number = re.fullmatch(r"-?(0|[1-9]\d*)", text) is not None and len(text) <= _LONGEST_NUMBER
    if isinstance(example, bool):
        return text.lower() == "true" if text.lower() in ("true", "false") else text
    if isinstance(example, int | float):
        return int(text) if number else _real(text)
    if isinstance(example, str):
        return text
    if kind is not None:
        return int(text) if kind == "Int" and number else _real(text) if kind == "Float" else text
    return int(text) if number and not _TEXTS.search(name) else text


def _real(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pairs(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def taken(body: Body | None, names: Iterable[str]) -> list[str]:
    """Return those of some parameters that can make a difference.

    All of them where there is no body.
    """
    return [name for name in names if body is None or body.takes(name)]
