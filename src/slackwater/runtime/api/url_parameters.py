"""Sets the parameters of a URL, in its query and in its path.

Those of the query go by name, the parts of the path by their place (`/5`).
"""

import re
from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import httpx

_PLACES = re.compile(r"/(?P<first>\d{1,2})(?:-(?P<last>\d{1,2}))?", re.ASCII)  # `/5`, or `/5-7` for three parts
_AS_IS = "=:,;+@$!*'()~"  # characters of a part of a path that need no escape


def in_path(name: str) -> bool:
    """Say whether a parameter is a part of the path."""
    return name.startswith("/")


def called(name: str, url: str) -> str:
    """Return a parameter as a sentence names it.

    A part of the path goes by what it says.
    """
    said = dict([*parts_of_path(url), *days_in_path(url)]).get(name)
    return f"`{name}`" if said is None else f"`/{said}`"


def with_params(url: str, params: Mapping[str, Any]) -> str:
    """Return the URL with these parameters set; a URL is parsed only once.

    It is called for every page.
    """
    url, params = _with_parts(url, params)
    parts, pairs = _split(url)
    kept = [(name, value) for name, value in pairs if name not in params]
    query = urlencode([*kept, *((name, str(value)) for name, value in params.items())], quote_via=quote)
    return urlunsplit(parts._replace(query=query))


def merged(url: str, params: Mapping[str, Any]) -> str:
    """Return the URL with these parameters set, written as httpx writes it, but for blanks.

    A plus sign is a blank in forms alone: servers of OData, among others, take it for what it is.
    """
    url, params = _with_parts(url, params)
    before, given, after = _around_query(url)
    query = str(given.merge(dict(params))).replace("+", "%20")
    return f"{before}?{query}{after}" if query else before + after


def without_params(url: str, names: Container[str]) -> str:
    """Return the URL without these query parameters; unchanged if it has none of them."""
    parts, pairs = _split(url)
    kept = [(name, value) for name, value in pairs if name not in names]
    if len(kept) == len(pairs):
        return url
    return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote)))


def parts_of_path(url: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a path with their places.

    Of `StartDate=2026-01-01` it is what stands behind the sign.
    """
    for place, part in enumerate(urlsplit(url).path.split("/")[1:], 1):
        yield f"/{place}", unquote(part).rpartition("=")[2]


def days_in_path(url: str) -> Iterator[tuple[str, str]]:
    """Yield what several parts of a path say together, such as `2026/11/18`, with their places."""
    parts = list(parts_of_path(url))
    for place, (_, part) in enumerate(parts, 1):
        for more in (2, 1):
            behind = [each for _, each in parts[place : place + more]]
            if re.fullmatch(r"(?:19|20)\d\d", part, re.ASCII) and len(behind) == more and all(map(_short, behind)):
                yield f"/{place}-{place + more}", "/".join([part, *behind])
                break


def _short(part: str) -> bool:
    """Say whether a part of a path may be a month or a day."""
    return bool(re.fullmatch(r"\d{1,2}", part, re.ASCII))


def _with_parts(url: str, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the URL with the parts of its path set, and the other parameters."""
    if not any(map(in_path, params)):
        return url, params
    split = urlsplit(url)
    path = split.path.split("/")
    for name, value in params.items():
        if match := _PLACES.fullmatch(name):
            first, last = int(match["first"]), int(match["last"] or match["first"])
            texts = str(value).split("/") if last > first else [str(value)]
            for place, text in zip(range(first, min(last, len(path) - 1) + 1), texts, strict=False):
                before = "".join(path[place].rpartition("=")[:2])
                path[place] = before + quote(text, safe=_AS_IS)
    left = {name: value for name, value in params.items() if not in_path(name)}
    return urlunsplit(split._replace(path="/".join(path))), left


@lru_cache(maxsize=64)
def as_url(url: str) -> httpx.URL:
    """Return a text as a URL, which is parsed once.

    Parsing takes long where many parameters are tried.
    """
    return httpx.URL(url)


@lru_cache(maxsize=64)
def _around_query(url: str) -> tuple[str, httpx.QueryParams, str]:
    """Return the parts of a URL before the query, of it and behind it."""
    before, _, after = str(as_url(url).copy_with(query=b"")).partition("?")
    return before, as_url(url).params, after


@lru_cache(maxsize=64)
def _split(url: str) -> tuple[SplitResult, tuple[tuple[str, str], ...]]:
    parts = urlsplit(url)
    return parts, tuple(parse_qsl(parts.query, keep_blank_values=True))
