"""A next page that the source names itself: a URL in its answer or its Link header, or a token to ask on with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from slackwater.discover.api.layout import Layout
from slackwater.discover.api.probe import Probe, Sample, called, suggested, told
from slackwater.discover.inference.words import words_of
from slackwater.errors import BadSource
from slackwater.runtime.api.pagination import HEADER, Answer, Cursor, LinkHeader, NextUrl, Paging

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
    "next_cursor",
    "nextCursor",
    "page_token",
    "pageToken",
    "after",
    "next",
    "continuation",
    "token",
    "next_token",
    "nextToken",
    "continuationToken",
    "continuation_token",
    "scroll_id",
    "scrollId",
    "marker",
    "bookmark",
    "resumptionToken",
    "page[after]",
    "page[cursor]",
    "starting_after",
    "nextPageToken",
    "page",
    "offset",
    "start",
)
_OWN_TAKERS = {"LastEvaluatedKey": "ExclusiveStartKey"}  # a token whose parameter is called otherwise altogether
_FLAGS = frozenset(
    {
        "hasmore",
        "hasnext",
        "hasnextpage",
        "more",
        "morerecords",
        "moreresults",
        "moreavailable",
        "exceededtransferlimit",
        "ismore",
        "moredata",
        "hasmoreitems",
        "truncated",
        "istruncated",
        "incomplete",
    }
)
_KEYSETS = ("starting_after", "after", "after_id", "since_id", "last_id", "cursor")
_IDS = ("id", "_id", "uuid", "key", "seq", "sequence", "timestamp", "time")


@dataclass(frozen=True)
class Followed:
    """A style of paging, the records of the second page that proves it, and the proof in a sentence."""

    paging: Paging
    more: Sequence[Any]
    note: str


async def find_next(probe: Probe, layout: Layout, sample: Sample) -> Followed | None:
    """Return how the answer names its next page, proven by fetching one that differs."""
    return await _by_url(probe, layout, sample) or await _by_token(probe, layout, sample)


def differs(layout: Layout, page: Sequence[Any], before: Sequence[Any]) -> bool:
    """Say whether a page holds records, and none of those before. One new record at a live source must not do."""
    return bool(page) and not layout.keys(page) & layout.keys(before)


def flag(layout: Layout, sample: Sample) -> str | None:
    """Return the place where an answer that is not the last says that there is more."""
    for place, value in told(sample, layout.records).items():
        if called(place) in _FLAGS and (value is True or (isinstance(value, str) and value.lower() == "true")):
            return place
    return None


async def _by_url(probe: Probe, layout: Layout, sample: Sample) -> Followed | None:
    styles: list[tuple[Paging, str]] = [(LinkHeader(), "the Link header")] if sample.link else []
    styles += [(NextUrl(path), f"the URL at `{path}`") for path in _next_urls(layout, sample)]
    for style, where in styles:
        try:
            token = style.after(None, page_of(sample))
        except BadSource:
            continue
        answer = await probe.follow(token["url"]) if token else None
        if answer and differs(layout, answer.records, sample.records):
            return Followed(style, answer.records, f"Pages by {where}: the second differs.")
    return None


def _next_urls(layout: Layout, sample: Sample) -> Iterator[str]:
    """Yield the places outside the records where a URL is called next."""
    for place, value in told(sample, layout.records).items():
        if isinstance(value, str) and "next" in words_of(place) and value.startswith(("http://", "https://", "/", "?")):
            yield place


async def _by_token(probe: Probe, layout: Layout, sample: Sample) -> Followed | None:
    more = flag(layout, sample)
    for place, token in _tokens(layout, sample):
        names = _takers(place, sample)
        for name in await _likely(probe, layout, sample, names, token):
            answer = await probe.ask({name: token})
            if answer and differs(layout, answer.records, sample.records):
                return Followed(
                    Cursor(name, place, more=more),
                    answer.records,
                    f"Pages by the token at `{place}`, which `{name}` takes: the second page differs.",
                )
    return await _by_record(probe, layout, sample, more) if more else None


async def _likely(probe: Probe, layout: Layout, sample: Sample, names: list[str], token: Any) -> list[str]:
    """Return the parameters that may take the token, likeliest first, with as few questions as can be."""
    own = names[:2]
    for name in own:
        answer = await probe.ask({name: token})
        if answer and differs(layout, answer.records, sample.records):
            return [name]
    others = names[2:]
    answer = await probe.ask(dict.fromkeys(others, token))
    if answer and differs(layout, answer.records, sample.records):
        while len(others) > 1:
            half = others[: (len(others) + 1) // 2]
            answer = await probe.ask(dict.fromkeys(half, token))
            others = half if answer and differs(layout, answer.records, sample.records) else others[len(half) :]
        return others
    return suggested(others, probe.refusal)[:3] if probe.refused else []


async def _by_record(probe: Probe, layout: Layout, sample: Sample, more: str) -> Followed | None:
    """Try to ask for what follows the last record: there is more, and no word of how to come by it."""
    last = sample.records[-1] if sample.records else None
    fields = [name for name in _IDS if isinstance(last, dict) and isinstance(last.get(name), str | int)]
    for field in fields[:1]:
        token = last[field] if isinstance(last, dict) else None
        answer = await probe.ask(dict.fromkeys(_KEYSETS, token))
        names = list(_KEYSETS) if answer and differs(layout, answer.records, sample.records) else []
        for name in names or (suggested(_KEYSETS, probe.refusal)[:2] if probe.refused else []):
            answer = await probe.ask({name: token})
            if answer and differs(layout, answer.records, sample.records):
                return Followed(
                    Cursor(name, field, more=more, of_last=True),
                    answer.records,
                    f"Pages by `{name}`, which takes `{field}` of the last record: the second page differs.",
                )
    return None


def _tokens(layout: Layout, sample: Sample) -> Iterator[tuple[str, Any]]:
    """Yield the places outside the records where a token of the next page may be, likeliest first."""
    found: list[tuple[bool, bool, int, str, Any]] = []
    places = list(told(sample, layout.records).items())
    places += [
        (HEADER + name, value)
        for name, value in sample.headers.items()
        if {"next", "cursor", "continuation"} & set(words_of(name))
    ]
    for place, value in places:
        words = words_of(place.removeprefix(HEADER))
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            continue
        if isinstance(value, str) and (value.startswith(("http://", "https://", "/", "?")) or len(value) > 2_000):
            continue
        known = place.rpartition(".")[2] in _OWN_TAKERS
        if not known and (not _TOKEN_WORDS & set(words) or _NOT_TOKENS & set(words)):
            continue
        found.append(("next" not in words, "cursor" not in words, len(found), place, value))
    yield from ((place, value) for *_, place, value in sorted(found, key=lambda each: each[:3])[:2])


def _takers(place: str, sample: Sample) -> list[str]:
    """Return the names of parameters that may take the token found at `place`, its own first."""
    path = place.removeprefix(HEADER).removeprefix("X-").removeprefix("x-").replace("-", "_")
    name = path.rpartition(".")[2]
    own = [_OWN_TAKERS[name], name] if name in _OWN_TAKERS else [name]
    for prefix in ("next_", "Next_", "next", "Next"):
        if name.startswith(prefix) and len(name) > len(prefix):
            bare = name[len(prefix) :]
            own.insert(0, bare[:1].lower() + bare[1:])
            break
    words = words_of(path)
    if "cursor" in words or "cursors" in words:
        own.insert(0, "after" if "after" in words else "cursor")
    asked = [name for name in httpx.URL(sample.asked).params if name in _TAKERS]
    return list(dict.fromkeys([*asked, *own, *_TAKERS]))


def page_of(sample: Sample) -> Answer:
    """Return a sample as paging sees it."""
    return Answer(sample.url, sample.body, list(sample.records), sample.link, sample.headers)
