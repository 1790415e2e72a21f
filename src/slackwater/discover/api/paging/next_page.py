"""Detects next pages named by the source: URLs, Link headers, or tokens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from slackwater.discover.api.group_test import GroupTest
from slackwater.discover.api.paging.claims import LASTS, counted_as, flag, is_opaque, values_with_headers
from slackwater.discover.api.parameter_names import spelt, styles_of
from slackwater.discover.api.probe import Probe, Sample, values_outside
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.words import words_of
from slackwater.errors import BadSource
from slackwater.runtime.api.pagination import HEADER, Answer, Cursor, LinkHeader, NextUrl, Paging, whole_number

_TOKEN_WORDS = frozenset(
    {"next", "cursor", "continuation", "after", "token", "scroll", "marker", "bookmark", "resumption", "resume"}
)
_NOT_TOKENS = frozenset(
    {
        "prev",
        "previous",
        "before",
        "back",
        "last",
        "first",
        "self",
        "current",
        "access",
        "csrf",
        "auth",
        "session",
        "total",
        "count",
        "limit",
    }
)
_TAKERS = (
    "cursor",
    "next cursor",
    "page token",
    "after",
    "next",
    "continuation",
    "token",
    "next token",
    "continuation token",
    "scroll id",
    "marker",
    "bookmark",
    "resumption token",
    "page[after]",
    "page[cursor]",
    "starting after",
    "start after",
    "next page token",
    "page cursor",
    "start cursor",
    "page",
    "offset",
    "start",
)
OWN = 2  # names that the token's own suggests, asked for before the others
MOST_ALONE = 6  # names tried one by one
_OWN_TAKERS = {"LastEvaluatedKey": "ExclusiveStartKey"}  # a token whose parameter is called otherwise altogether
KEYSETS = ("starting after", "start after", "after", "after id", "since id", "last id", "cursor")
_IDS = ("id", "_id", "uuid", "key", "seq", "sequence", "timestamp", "time")
_URL = re.compile(
    r"(https?:)?//\S+|\.{0,2}/\S*|[^\s?#]*\?\S+|&\S+=\S+"
)  # whole, or relative as in RFC 3986: `Readings?$skip=100`, or the end of a query: `&page[number]=2`
_COUNTS = frozenset({"total", "count", "last", "size", "per", "limit", "prev", "previous"})
_ID_WORDS = frozenset({"id", "uuid", "guid", "key"})


@dataclass(frozen=True)
class Followed:
    """A pagination style, the second page's records as proof, and its sentence."""

    paging: Paging
    more: Sequence[Any]
    note: str


async def find_next(probe: Probe, layout: Layout, sample: Sample, given: str | None = None) -> Followed | None:
    """Return how the answer names its next page, proven by fetching one that differs.

    `given` is the parameter that takes the token, where a person has said it.
    """
    if given:
        return await _by_token(probe, layout, sample, given)
    return await _by_url(probe, layout, sample) or await _by_token(probe, layout, sample)


def differs(layout: Layout, page: Sequence[Any], before: Sequence[Any]) -> bool:
    """Check whether a page holds records, and none of the page before.

    One new record at a live source must not do.
    """
    return bool(page) and not layout.keys(page) & layout.keys(before)


async def _by_url(probe: Probe, layout: Layout, sample: Sample) -> Followed | None:
    styles: list[tuple[Paging, str]] = [(LinkHeader(), "the Link header")] if sample.link else []
    styles += [(NextUrl(path), f"the URL at `{path}`") for path in _next_urls(layout, sample)]
    for style, where in styles:
        try:
            token = style.after(None, page_of(sample))
        except BadSource:
            continue
        try:
            answer = await probe.follow(token.url) if token and token.url else None
        except httpx.TransportError:
            if token is None or token.url is None or httpx.URL(token.url).host == httpx.URL(sample.url).host:
                raise
            continue  # the source names a host that only its own network reaches
        if answer and differs(layout, answer.records, sample.records):
            return Followed(style, answer.records, f"Pages by {where}: the second differs.")
        if answer and sample.records and not answer.records:
            return Followed(style, (), f"Pages by {where}: the second is empty.")
    return None


def _next_urls(layout: Layout, sample: Sample) -> Iterator[str]:
    """Yield the places outside the records, headers included, where a URL is called next."""
    for place, value in values_with_headers(layout, sample):
        if isinstance(value, str) and "next" in words_of(place) and _URL.fullmatch(value):
            yield place


async def _by_token(probe: Probe, layout: Layout, sample: Sample, given: str | None = None) -> Followed | None:
    more = flag(layout, sample)
    for place, token in _tokens(layout, sample):
        found = await _taken(probe, layout, sample, [given] if given else _takers(place, sample, layout), token)
        if found:
            name, records = found
            second = "differs" if records else "is empty"
            note = f"Pages by the token at `{place}`, which `{name}` takes: the second page {second}."
            return Followed(Cursor(name, place, more=more, last=_last(layout, sample, token)), records, note)
    return await _by_record(probe, layout, sample, more, given) if more or given else None


def _last(layout: Layout, sample: Sample, token: Any) -> str | None:
    """Return where the last page's number stands, if the token is a page's number."""
    if (second := whole_number(token)) is None:
        return None
    around = values_outside(sample, layout.records).items()
    counts = [place for place, value in around if counted_as(place) in LASTS and (whole_number(value) or 0) >= second]
    return counts[0] if counts else None


async def _taken(
    probe: Probe, layout: Layout, sample: Sample, names: list[str], token: Any
) -> tuple[str, Sequence[Any]] | None:
    """Return the parameter that accepts a token, and its page, with few requests."""

    async def leads_on(name: str, *, to_nothing: bool = False) -> tuple[str, Sequence[Any]] | None:
        answer = await probe.ask({name: token}) if probe.names.possible([name]) else None
        if not answer or not (differs(layout, answer.records, sample.records) or (to_nothing and not answer.records)):
            return None
        return name, answer.records

    for name in names[:OWN]:
        # Some sources give a token on their last page, too: it leads to an empty one.
        if found := await leads_on(name, to_nothing=bool(sample.records)):
            return found

    def honoured(answer: Sample, some: Sequence[str]) -> list[str]:
        return list(some) if differs(layout, answer.records, sample.records) else []

    test = GroupTest[str](probe, lambda some: dict.fromkeys(some, token), honoured)
    async for name in test.suspects(names[OWN:], MOST_ALONE):
        if found := await leads_on(name):
            return found
    return None


async def _by_record(
    probe: Probe, layout: Layout, sample: Sample, more: str | None, given: str | None
) -> Followed | None:
    """Try to request what follows the last record, where nothing else leads on."""
    last = sample.records[-1] if sample.records else None
    if not isinstance(last, dict):
        return None
    fields = [name for name in _IDS if isinstance(last.get(name), str | int)]
    fields += [name for name in last if set(words_of(name)) & _ID_WORDS and isinstance(last[name], str | int)]
    names = [given] if given else list(styles_of(sample, layout.records).names(KEYSETS))
    for field in list(dict.fromkeys(fields))[: 3 if given else 1]:
        if found := await _taken(probe, layout, sample, names, last[field]):
            name, records = found
            note = f"Pages by `{name}`, which takes `{field}` of the last record: the second page differs."
            return Followed(Cursor(name, field, more=more, of_last=True), records, note)
    return None


def _tokens(layout: Layout, sample: Sample) -> Iterator[tuple[str, Any]]:
    """Yield possible places of the next page's token outside the records, likeliest first."""
    found: list[tuple[bool, bool, int, str, Any]] = []
    places = list(values_outside(sample, layout.records).items())
    places += [
        (HEADER + name, value)
        for name, value in sample.headers.items()
        if {"next", "cursor", "continuation"} & set(words_of(name))
    ]
    for place, value in places:
        words = words_of(place.removeprefix(HEADER))
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            continue
        if isinstance(value, str) and (_URL.fullmatch(value) or len(value) > 2_000):
            continue
        known = place.rpartition(".")[2] in _OWN_TAKERS or is_opaque(place, value)
        if not known and (not _TOKEN_WORDS & set(words) or _NOT_TOKENS & set(words)):
            continue
        found.append(("next" not in words, "cursor" not in words, len(found), place, value))
    yield from ((place, value) for *_, place, value in sorted(found, key=lambda each: each[:3])[:2])


def _takers(place: str, sample: Sample, layout: Layout) -> list[str]:
    """Return the parameters that may accept the token at `place`, its own name first."""
    path = place.removeprefix(HEADER).removeprefix("X-").removeprefix("x-").replace("-", "_")
    name = path.rpartition(".")[2]
    own = [_OWN_TAKERS[name], name] if name in _OWN_TAKERS else [name]
    if place.startswith(HEADER) and (last := _as_sent(sample, path).rpartition("_")[2]) != last.lower():
        own.insert(0, last)  # `x-ms-continuation-NextRowKey`
    for prefix in ("next_", "Next_", "next", "Next"):
        if name.startswith(prefix) and len(name) > len(prefix):
            bare = name[len(prefix) :]
            own.insert(0, bare[:1].lower() + bare[1:])
            break
    words = words_of(path)
    if "cursor" in words or "cursors" in words:
        own.insert(0, "after" if "after" in words else "cursor")
    styles = styles_of(sample, layout.records)
    own += [
        spelt(" ".join(words_of(own[0])), style) for style in (*styles.order[:1], "kebab", "camel", "snake", "pascal")
    ]
    own[:0] = _counting(place, sample, layout)
    known = {"".join(words_of(each)) for each in _TAKERS}
    requested = [name for name in httpx.URL(sample.requested).params if "".join(words_of(name)) in known]
    return list(dict.fromkeys([*requested, *own, *styles.names(_TAKERS)]))


def _as_sent(sample: Sample, path: str) -> str:
    """Return the name of a header with the capitals that the source writes."""
    raw = [name.decode("ascii", "replace") for name, _ in getattr(sample.headers, "raw", ())]
    return next((name.replace("-", "_") for name in raw if name.replace("-", "_").lower().endswith(path)), path)


def _counting(place: str, sample: Sample, layout: Layout) -> Iterator[str]:
    """Yield the names of the previous page: `current_page: 1` beside `next_page: 2`."""
    around = values_outside(sample, layout.records)
    number = whole_number(around.get(place))
    if number is not None:
        for other, value in around.items():
            name = other.rpartition(".")[2]
            words = set(words_of(name))
            if whole_number(value) == number - 1 and words & {"page", "current"} and not words & _COUNTS:
                yield name


def page_of(sample: Sample) -> Answer:
    """Return a sample as paging sees it."""
    return Answer(sample.url, sample.body, list(sample.records), sample.link, sample.headers)
