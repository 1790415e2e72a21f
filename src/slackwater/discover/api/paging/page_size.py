"""Detects the page size parameter; a page of the requested size is the proof."""

from collections.abc import Iterator, Sequence

import httpx

from slackwater.discover.api.group_test import GroupTest
from slackwater.discover.api.parameter_names import SIGNS, in_brackets, small_number, styles_of
from slackwater.discover.api.probe import Probe, Sample, called, values_outside
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import numbers_in
from slackwater.discover.inference.words import words_of

LIMITS = (
    "limit",
    "per page",
    "page size",
    "$top",
    "size",
    "rows",
    "max results",
    "page[size]",
    "page[limit]",
    "$limit",
    "results per page",
    "items per page",
    "result record count",
    "max records",
    "records per page",
    "page limit",
    "take",
    "max items",
    "max",
    "paginate by",
    "por pagina",
)
VAGUE = (
    "count",
    "results",
    "num",
    "top",
    "n",
    "first",
    "num results",
    "length",
    "amount",
    "last",
    "last n",
    "n records",
    "num rows",
    "max count",
    "limite",
)
"""Names that may mean something else: requested when none of the others is honoured."""
MOST_ALONE = 2  # names tried one by one at a source that refuses unknown ones
HINTED = 3  # names that the URL or the answer speaks of
_WORDS = frozenset({"limit", "size", "per", "rows", "top", "max", "take"})
_IN_URL = _WORDS | {"count", "num", "results", "length"}
_NUMBERS = frozenset({"number", "num", "no", "index"})  # of a page
_NOT_SIZES = frozenset({"total", "skip", "offset", "number", "current", "next", "last", "pages", "left", "remaining"})


async def find_limit(
    probe: Probe, layout: Layout, first: Sample, given: str | None, *, needed: bool = True
) -> tuple[str, Sample] | None:
    """Return the page size parameter, and a page of another size as proof.

    Where it is not needed, as pages are known already, few requests go to a source that refuses unknown names.
    """
    held = len(first.records)
    if held < 1 or (held < 2 and layout.place.shape != "list"):
        return None
    size = max(1, min(held // 12, 20)) if held > 1 else 2
    given_sizes = httpx.URL(first.requested).params

    async def cut(name: str) -> Sample | None:
        answer = await probe.ask({name: size})
        if answer:
            # Some give one more than the URL asks for: so many before the newest.
            one_more = small_number(given_sizes.get(name, "")) == held - 1
            return answer if len(answer.records) == size + one_more else None
        for other in _other_sizes(answer.words, held) if probe.names.possible([name]) else ():
            allowed = await probe.ask({name: other})
            if allowed and len(allowed.records) == other:
                return allowed
        return None

    hinted = [given] if given else list(dict.fromkeys(_hinted(layout, first)))[:HINTED]
    for name in hinted:
        if probe.names.possible([name]) and (answer := await cut(name)):
            return name, answer
    if given:
        return None
    styles = styles_of(first, layout.records)
    in_url = given_sizes
    for words in (LIMITS, VAGUE) if held > 1 else (LIMITS[:5],):
        names = [name for name in styles.names(words) if name not in hinted and name not in in_url]
        for some in ([name for name in names if in_brackets(name) is bracketed] for bracketed in (False, True)):
            async for name in _group(probe, some, held).suspects(some, MOST_ALONE):
                if not needed and probe.names.strict and not (probe.names.lists or name in probe.names.taken):
                    break
                if answer := await cut(name):
                    return name, answer
        if probe.names.strict:
            return None
    return None


def _group(probe: Probe, names: Sequence[str], held: int) -> GroupTest[str]:
    """Return the group test: each name with a size of its own."""
    values = {name: 1 + place % (held - 1) if held > 1 else 2 + place for place, name in enumerate(names)}

    def honoured(answer: Sample, some: Sequence[str]) -> list[str]:
        came = len(answer.records)
        return [name for name in some if values[name] == came] if came != held else []

    return GroupTest(probe, lambda some: {name: values[name] for name in some}, honoured)


def _hinted(layout: Layout, first: Sample) -> Iterator[str]:
    """Yield URL parameters that equal the record count, and the answer's size names."""
    held = len(first.records)
    in_url = httpx.URL(first.requested).params
    for name, value in in_url.items():
        number = small_number(value)
        words = set(words_of(name))
        if number and (number == held or (words & _IN_URL and not ("page" in words and words & _NUMBERS))):
            yield name
    for place, value in values_outside(first, layout.records).items():
        words = set(words_of(place.rpartition(".")[2]))
        known = {"".join(words_of(each)) for each in LIMITS}
        if small_number(value) == held and not words & _NOT_SIZES and (words & _WORDS or called(place) in known):
            name = place.rpartition(".")[2]
            yield name
            if name[0] not in SIGNS:  # some set their own parameters apart from those of fields, and echo them bare
                yield f"_{name}"


def _other_sizes(refusal: str, held: int) -> list[int]:
    """Return allowed sizes from a refusal that differ visibly: `between 10 and 100`."""
    return [number for number in numbers_in(refusal)[::-1] if 0 < number < held][:2]
