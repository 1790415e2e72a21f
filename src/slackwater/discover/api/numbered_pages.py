"""Pages by count: the parameter of their size, and the one that says which page. Each proven.

Several names are tried in one question, each with a value of its own: how many records come, and which, tells whose
value was heard. A source that refuses names it does not know is asked one by one.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from slackwater.discover.api.layout import Layout
from slackwater.discover.api.next_page import differs
from slackwater.discover.api.probe import Probe, Sample, suggested, told
from slackwater.runtime.api.pagination import Offset, PageNumber, whole_number

LIMITS = (
    "limit",
    "per_page",
    "page_size",
    "pageSize",
    "$top",
    "perPage",
    "size",
    "rows",
    "$limit",
    "pagesize",
    "count",
    "max_results",
    "maxResults",
    "page[size]",
    "page[limit]",
    "results_per_page",
    "itemsPerPage",
    "resultRecordCount",
    "take",
    "num",
    "top",
    "n",
    "results",
    "first",
)
OFFSETS = (
    "offset",
    "skip",
    "$skip",
    "$offset",
    "startIndex",
    "start",
    "start_index",
    "startAt",
    "page[offset]",
    "resultOffset",
    "firstResult",
)
PAGES = (
    "page",
    "pageNumber",
    "page_number",
    "p",
    "page[number]",
    "pageNo",
    "pageIndex",
    "page_index",
    "currentPage",
    "pageNum",
    "page_no",
    "pg",
)
COMMON = 8  # of the names of a limit, asked for together at first; the others may mean something else
FEW = 5  # records of a page that a live source might replace between two questions
LONG_NUMBER = 8  # digits; a number as long is no page, but an epoch or a date
MOST_ALONE = 3  # names tried one by one at a source that refuses unknown ones
_LIMIT_WORDS = re.compile(r"limit|size|per_?page|rows|count|top|max|num", re.IGNORECASE)


@dataclass(frozen=True)
class Numbered:
    """A style of paging by count, and the records of a page that proves it."""

    paging: Offset | PageNumber
    more: Sequence[Any]
    note: str


@dataclass(frozen=True)
class _Place:
    """What an answer has been explained by: a parameter, and how it counts."""

    name: str
    is_offset: bool
    first: int


async def find_limit(probe: Probe, layout: Layout, first: Sample, given: str | None) -> tuple[str, Sample] | None:
    """Return the parameter of the page size, and the small page that proves it."""
    held = len(first.records)
    if held < 2:
        return None
    size = max(1, min(held // 12, 20))
    hinted, others = ([given], []) if given else _hinted(LIMITS, layout, first, list(_limits_in(first)))

    async def cut(names: Sequence[str]) -> Sample | None:
        answer = await probe.ask(dict.fromkeys(names, size))
        return answer if answer is not None and len(answer.records) == size else None

    for name in hinted[:2]:
        if answer := await cut([name]):
            return name, answer
    refused = False
    for names in (others[:COMMON], others[COMMON:]):
        if not names:
            continue
        for name in await _heard(probe, names, held):
            if answer := await cut([name]):
                return name, answer
        if probe.refused:
            refused = True
            others = suggested(names, probe.refusal) + [name for name in others if name not in names]
            break
    for name in others[:MOST_ALONE] if refused else []:
        if answer := await cut([name]):
            return name, answer
    return None


async def _heard(probe: Probe, names: Sequence[str], held: int) -> list[str]:
    """Return the names whose value the source may have heard, when it is asked with one of its own for each."""
    sizes = {name: 1 + place % (held - 1) for place, name in enumerate(names)}
    answer = await probe.ask(sizes)
    if answer is None or len(answer.records) >= held:
        return []
    same = [name for name, size in sizes.items() if size == len(answer.records)]
    if len(same) < 2:
        return same

    async def cuts(some: Sequence[str]) -> bool:
        again = await probe.ask({name: sizes[name] for name in some})
        return again is not None and len(again.records) == sizes[same[0]]

    return [await single_out(same, cuts)]


async def find_number(
    probe: Probe, layout: Layout, first: Sample, limit: tuple[str, Sample] | None, given: str | None
) -> Numbered | None:
    """Return how the source counts its pages: by records to skip, or by number."""
    base = limit[1] if limit else first
    asked = {limit[0]: len(base.records)} if limit else {}
    names = _Names.of(layout, first, given)
    for place in names.mentioned:
        if found := await _proven(probe, layout, first, base, asked, place):
            return found if await _stands_still(probe, layout, base) else None
    values = names.values(len(base.records))
    answer = await probe.ask({**asked, **values})
    if answer is not None and answer.records:
        places = names.explained(layout, first, base, answer, values, has_limit=bool(limit))
        if not places and differs(layout, answer.records, base.records):
            places = await _single_pages(probe, layout, base, asked, names)
    else:  # refused, or one of the names has another meaning here
        alone = suggested(names.all, probe.refusal)[: MOST_ALONE + 1]
        places = [place for name in alone for place in names.places(name)]
    for place in places:
        if found := await _proven(probe, layout, first, base, asked, place):
            return found if await _stands_still(probe, layout, base) else None
    return None


async def _stands_still(probe: Probe, layout: Layout, base: Sample) -> bool:
    """Say whether the same question has the same answer: a few records may be other ones because time goes by."""
    if len(base.records) >= FEW:
        return True
    again = await probe.again(base)
    return again is not None and layout.keys(again.records) == layout.keys(base.records)


async def _single_pages(
    probe: Probe, layout: Layout, base: Sample, asked: dict[str, int], names: "_Names"
) -> list[_Place]:
    async def turns(some: Sequence[str]) -> bool:
        answer = await probe.ask({**asked, **dict.fromkeys(some, 2)})
        return answer is not None and differs(layout, answer.records, base.records)

    if await turns(names.pages[:1]):
        return names.places(names.pages[0])
    return names.places(await single_out(names.pages[1:], turns)) if len(names.pages) > 1 else []


@dataclass(frozen=True)
class _Names:
    """The parameters that may say which page, likeliest first; `mentioned` are those that the source speaks of."""

    offsets: list[str]
    pages: list[str]
    mentioned: list[_Place]

    @classmethod
    def of(cls, layout: Layout, first: Sample, given: str | None) -> "_Names":
        if given:
            places = [_Place(given, True, 0), _Place(given, False, 1)]
            return cls([given], [given], places if "age" not in given.lower() else places[::-1])
        said, offsets = _hinted(OFFSETS, layout, first, [])
        numbered, pages = _hinted(PAGES, layout, first, [])
        mentioned = [_Place(name, True, 0) for name in said[:1]] + [_Place(name, False, 1) for name in numbered[:1]]
        return cls(said[1:] + offsets, numbered[1:] + pages, mentioned)

    @property
    def all(self) -> list[str]:
        """Both kinds, taking turns."""
        longest = max(len(self.offsets), len(self.pages))
        return [each[place] for place in range(longest) for each in (self.offsets, self.pages) if place < len(each)]

    def places(self, name: str) -> list[_Place]:
        """Return what a name may be."""
        return [_Place(name, True, 0)] if name in self.offsets else [_Place(name, False, 1)]

    def values(self, size: int) -> dict[str, int]:
        """Return a value for each name, so that the place of what comes tells which one was heard."""
        offsets = {name: 2 + 2 * place for place, name in enumerate(self.offsets)}
        return {**offsets, **{name: 2 + 2 * place for place, name in enumerate(self.pages)}}

    def explained(
        self, layout: Layout, first: Sample, base: Sample, answer: Sample, values: dict[str, int], *, has_limit: bool
    ) -> list[_Place]:
        """Return what explains where in the known records the answer begins."""
        if (begin := _found_at(layout, first.records, answer.records)) is None or begin == 0:
            return []
        size = len(base.records)
        places = []
        for name, value in values.items():
            for counted in (0, 1):
                is_offset = name in self.offsets
                step = 1 if is_offset else size
                if (value - counted) * step == begin and (is_offset or has_limit):
                    places.append(_Place(name, is_offset, counted))
        return places


async def _proven(
    probe: Probe, layout: Layout, first: Sample, base: Sample, asked: dict[str, int], place: _Place
) -> Numbered | None:
    if place.is_offset:
        return await _offset(probe, layout, first, base, asked, place)
    return await _page_number(probe, layout, base, asked, place.name)


async def _offset(
    probe: Probe, layout: Layout, first: Sample, base: Sample, asked: dict[str, int], place: _Place
) -> Numbered | None:
    """Prove an offset by the page that follows; where all records come at once, by asking for their second half."""
    step = len(base.records)
    found = Offset(step, next(iter(asked), None), place.name, first=place.first)
    note = f"Pages by `{place.name}`, the number of records to skip: the second differs."
    answer = await probe.ask({**asked, place.name: step + place.first})
    if answer and not place.first and step > 1 and _found_at(layout, first.records, answer.records) == step - 1:
        return await _offset(probe, layout, first, base, asked, replace(place, first=1))  # it counts from 1
    if answer and differs(layout, answer.records, base.records) and _continues(layout, first, answer, step):
        return Numbered(found, answer.records, note)
    if answer and not answer.records and not asked and step > 1:
        half = await probe.ask({place.name: step // 2 + place.first})
        if half and layout.keys(half.records) == layout.keys(base.records[step // 2 :]):
            return Numbered(found, half.records, note)
    return None


def _continues(layout: Layout, first: Sample, answer: Sample, step: int) -> bool:
    """Say whether a page begins where the one before ended, as far as the records between are known."""
    if step >= len(first.records):
        return True
    begin = _found_at(layout, first.records, answer.records)
    return begin is None or begin == step


async def _page_number(probe: Probe, layout: Layout, base: Sample, asked: dict[str, int], name: str) -> Numbered | None:
    """Prove a page number; where page 1 is not the first, the source counts from 0."""
    size, count = next(iter(asked), None), len(base.records)
    stands = whole_number(httpx.URL(base.asked).params.get(name))  # what the user's own URL asks for
    one = await probe.ask({**asked, name: 1})
    zero = await probe.ask({**asked, name: 0}) if stands else None
    before: Sample | None = zero if zero is not None and zero.records else base
    if stands and stands > 1:
        before = zero if zero is not None and differs(layout, zero.records, one.records if one else ()) else one
    if one is None or before is None:
        return None
    if differs(layout, one.records, before.records):
        note = f"Pages by `{name}`, counted from 0: the second differs."
        return Numbered(PageNumber(count, name, size, first=0), one.records, note)
    two = await probe.ask({**asked, name: 2})
    if two and differs(layout, two.records, one.records):
        note = f"Pages by `{name}`, counted from 1: the second differs."
        return Numbered(PageNumber(count, name, size), two.records, note)
    return None


async def single_out(names: Sequence[str], honoured: Callable[[Sequence[str]], Awaitable[bool]]) -> str:
    """Return the first of `names` that must be honoured, given that they are together; by halves, to ask little."""
    while len(names) > 1:
        half = names[: (len(names) + 1) // 2]
        names = half if await honoured(half) else names[len(half) :]
    return names[0]


def _hinted(names: Sequence[str], layout: Layout, sample: Sample, before: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names that the URL or the answer mentions, and the others."""
    given = httpx.URL(sample.asked).params
    # What the URL says at length is a time or a word; it must not be asked for as if it were a page.
    taken = {name for name, value in given.items() if not (value.isdecimal() and len(value) < LONG_NUMBER)}
    said = given.keys() - taken
    said |= {
        place.rpartition(".")[2]
        for place, value in told(sample, layout.records).items()
        if whole_number(value) is not None
    }
    hinted = list(dict.fromkeys([*before, *(name for name in names if name in said and name not in taken)]))
    return hinted, [name for name in names if name not in hinted and name not in taken]


def _limits_in(sample: Sample) -> Iterator[str]:
    """Yield the parameters of the URL that say how many records came, or that are called like it."""
    for name, value in httpx.URL(sample.asked).params.items():
        number = whole_number(value)
        if number and (number == len(sample.records) or (name not in PAGES and _LIMIT_WORDS.search(name))):
            yield name


def _found_at(layout: Layout, known: Sequence[Any], page: Sequence[Any]) -> int | None:
    """Return the place in the known records at which a page begins; None where it is not one stretch of them."""
    if not page:
        return None
    keys = [frozenset(layout.keys([record])) for record in known]
    mine = [frozenset(layout.keys([record])) for record in page]
    for begin in range(len(keys)):
        width = min(len(mine), len(keys) - begin)
        if keys[begin] == mine[0] and keys[begin : begin + width] == mine[:width]:
            return begin
    return None
