"""Detects pagination by offset or page number; a consecutive page is the proof.

Several names are tried in one request, each with a value of its own: where in the known records the answer begins shows
whose value was honoured.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from slackwater.discover.api.group_test import GroupTest
from slackwater.discover.api.paging.next_page import differs
from slackwater.discover.api.parameter_names import in_brackets, small_number, styles_of
from slackwater.discover.api.probe import Probe, Refusal, Sample, values_outside
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.words import set_of, words_of
from slackwater.runtime.api.pagination import Offset, PageNumber

OFFSETS = (
    "offset",
    "skip",
    "$skip",
    "start",
    "$offset",
    "start index",
    "start at",
    "page[offset]",
    "result offset",
    "first result",
    "start row",
    "start record",
    "row start",
    "skip count",
)
PAGES = (
    "page",
    "page number",
    "p",
    "page[number]",
    "page no",
    "page index",
    "current page",
    "page num",
    "pg",
    "pagina",
    "seite",
    "page id",
    "page nr",
    "skip pages",
)
FEW = 5  # records of a page that a live source might replace between two questions
MOST_ALONE = 3  # names tried one by one at a source that refuses unknown ones
MENTIONED = 4  # names that the URL or the answer speaks of
FIRST = 14  # names asked for together at first
_SKIPS = frozenset({"offset", "skip", "skipped", "start", "from", "begin", "first", "row", "record", "position"})
_TURNS = frozenset({"page", "pagina", "seite", "current", "index", "pg", "p"})
_ABOUT_PLACES = re.compile(
    r"(^|[_.-]|min|max|center|start|end)(lat|lon|lng|elev|alt|depth|radius|zoom)(itude|gitude|ation|$|[_.-])",
    re.IGNORECASE,
)
_NOT_PAGES = set_of(
    "size limit per rows count total totals pages last max min top take previous prev id year month day week hour date "
    "time version api lat lon lng latitude longitude level depth height interval step station sensor site"
)


@dataclass(frozen=True)
class Numbered:
    """A style of paging by count, and the records of a page that proves it."""

    paging: Offset | PageNumber
    more: Sequence[Any]
    note: str


@dataclass(frozen=True)
class _Place:
    """A possible page parameter and its counting; `sure` where its name is clear."""

    name: str
    is_offset: bool
    first: int
    sure: bool = True


async def find_number(
    probe: Probe, layout: Layout, first: Sample, limit: tuple[str, Sample] | None, given: str | None
) -> Numbered | None:
    """Return how the source counts its pages: by records to skip, or by number."""
    base = limit[1] if limit else first
    search = _NumberSearch(probe, layout, first, base, {limit[0]: len(base.records)} if limit else {})
    async for place in search.places(given):
        if found := await search.proven(place):
            return found if await _stands_still(probe, layout, base) else None
    return None


async def _stands_still(probe: Probe, layout: Layout, base: Sample) -> bool:
    """Check whether a repeated request has the same answer, apart from few new records."""
    if len(base.records) >= FEW:
        return True
    again = await probe.again(base)
    return layout.keys(again.records) == layout.keys(base.records) if again else False


@dataclass(frozen=True)
class _NumberSearch:
    """The search for one source's page parameter, with usual and small pages."""

    probe: Probe
    layout: Layout
    first: Sample
    base: Sample
    requested: dict[str, int]

    async def places(self, given: str | None) -> AsyncIterator[_Place]:
        """Yield what may say which page, likeliest first."""
        if given:
            places = [_Place(given, True, 0), _Place(given, False, 1)]
            for place in places if "age" not in given.lower() else places[::-1]:
                yield place
            return
        mentioned = list(self._in_the_url())
        for name in mentioned:
            if (counted := await self._classified(name)) is not None:
                yield counted
        shown = [place for place in self._named_like_pages() if place.name not in mentioned][:MENTIONED]
        for place in shown:
            if self.probe.names.possible([place.name]):
                yield place
        in_url = httpx.URL(self.first.requested).params
        known = {*mentioned, *(place.name for place in shown), *in_url}
        styles = styles_of(self.base, self.layout.records)  # with the parameter of the size, if it is known
        # `from` counts records at some sources, and asks for times at more: those do not refuse strange names, mostly.
        skips = (*OFFSETS[:4], "from", *OFFSETS[4:]) if self.probe.names.strict else OFFSETS
        offsets, pages = ([name for name in styles.names(words) if name not in known] for words in (skips, PAGES))
        for group in _in_groups(offsets, pages, len(self.first.records) if self.requested else 2 * FIRST):
            async for place in self._group(group).suspects(group, MOST_ALONE):
                yield place
            if self.probe.names.strict and not self.probe.names.lists:
                return

    def _in_the_url(self) -> Iterator[str]:
        """Yield the parameters of the URL that are small whole numbers, whatever they are called."""
        found: list[tuple[bool, bool, int, str]] = []
        for name, value in httpx.URL(self.first.requested).params.items():
            words = set(words_of(name))
            number = small_number(value)
            if (
                number is None
                or name in self.requested
                or words & {"size", "per", "limit"}
                or _ABOUT_PLACES.search(name)
            ):
                continue
            if words & _NOT_PAGES and not words & _TURNS:
                continue
            found.append((not words & (_SKIPS | _TURNS), number > 1, len(found), name))
        yield from (name for *_, name in sorted(found)[:MENTIONED])

    async def _classified(self, name: str) -> _Place | None:
        """Return whether a number in the URL counts records or pages, by the next."""
        stands = small_number(httpx.URL(self.first.requested).params[name]) or 0
        answer = await self.probe.ask({name: stands + 1})
        words = set(words_of(name))
        known = bool(words & (_SKIPS | _TURNS))
        if not answer or not answer.records:
            # All may have come on the first page; a name that is known is tried as what it says.
            return _Place(name, bool(words & _SKIPS), 0) if known and len(self.first.records) > 1 else None
        if len(self.first.records) > 1 and self._begin(answer) == 1:
            return _Place(name, True, 0)
        if not differs(self.layout, answer.records, self.first.records):
            return None
        return _Place(name, False, 1, sure=known)

    def _named_like_pages(self) -> Iterator[_Place]:
        """Yield the small numbers of the answer that are named like pages."""
        for place, value in values_outside(self.first, self.layout.records).items():
            name = place.rpartition(".")[2]
            words = words_of(name)
            if small_number(value) not in (0, 1) or set(words) & _NOT_PAGES:
                continue
            if set(words) & _SKIPS:
                yield _Place(name, True, 0)
            elif set(words) & _TURNS:
                yield _Place(name, False, 1)

    def _group(self, places: Sequence[_Place]) -> GroupTest[_Place]:
        """Return the group test: each place with a value that identifies it."""
        small = dict.fromkeys(self.requested, 1)  # pages of one record, so that many of them are known
        step = 1 if small else len(self.base.records)
        values = {place.name: 2 + 2 * number if small or place.is_offset else 2 for number, place in enumerate(places)}

        def honoured(answer: Sample, some: Sequence[_Place]) -> list[_Place]:
            begin = self._begin(answer)
            if begin == 0:
                return []
            found = []
            for place in some:
                for counted in (0, 1):
                    if (values[place.name] - counted) * (1 if place.is_offset else step) == begin:
                        found.append(replace(place, first=counted) if place.is_offset else place)
            if found or not differs(self.layout, answer.records, self.first.records):
                return found if answer.records else list(some)
            return [place for place in some if not place.is_offset]

        return GroupTest(
            self.probe, lambda some: {place.name: values[place.name] for place in some}, honoured, always=small
        )

    def _begin(self, answer: Sample) -> int | None:
        return found_at(self.layout, self.first.records, answer.records)

    async def proven(self, place: _Place) -> Numbered | None:
        """Return the style if a page by it goes on where the one before ended."""
        return await (self._offset(place) if place.is_offset else self._page_number(place))

    async def _offset(self, place: _Place) -> Numbered | None:
        """Prove an offset by the following page, or by the second half.

        Halves serve where all records come at once.
        """
        step, layout = len(self.base.records), self.layout
        found = Offset(step, next(iter(self.requested), None), place.name, first=place.first)
        note = f"Pages by `{place.name}`, the number of records to skip: the second differs."
        answer = await self.probe.ask({**self.requested, place.name: step + place.first})
        if answer and not place.first and step > 1 and self._begin(answer) == step - 1:
            return await self._offset(replace(place, first=1))  # it counts from 1
        if answer and differs(layout, answer.records, self.base.records) and self._continues(answer, step):
            return Numbered(found, answer.records, note)
        if answer and not answer.records and not self.requested and step > 1:
            half = await self.probe.ask({place.name: step // 2 + place.first})
            if half and layout.keys(half.records) == layout.keys(self.base.records[step // 2 :]):
                return Numbered(found, half.records, note)
        return None

    def _continues(self, answer: Sample, step: int) -> bool:
        """Check whether a page begins where the one before ended, within known records."""
        if step >= len(self.first.records):
            return True
        begin = self._begin(answer)
        return begin is None or begin == step

    async def _page_number(self, place: _Place) -> Numbered | None:
        """Prove a page number; counting is from 0 where page 1 is second."""
        name, base, layout = place.name, self.base, self.layout
        size, count = next(iter(self.requested), None), len(base.records)
        stands = small_number(httpx.URL(base.requested).params.get(name))  # what the user's own URL asks for
        one = await self.probe.ask({**self.requested, name: 1})
        zero = await self.probe.ask({**self.requested, name: 0}) if stands else None
        before: Sample | Refusal = zero if zero and zero.records else base
        if stands and stands > 1:
            before = zero if zero and differs(layout, zero.records, one.records if one else ()) else one
        if not one or not before:
            return None
        if differs(layout, one.records, before.records):
            if not place.sure and not self._follows(before, one):
                return None
            note = f"Pages by `{name}`, counted from 0: the second differs."
            return Numbered(PageNumber(count, name, size, first=0), one.records, note)
        two = await self.probe.ask({**self.requested, name: 2})
        if two and differs(layout, two.records, one.records) and (place.sure or self._follows(one, two)):
            note = f"Pages by `{name}`, counted from 1: the second differs."
            return Numbered(PageNumber(count, name, size), two.records, note)
        return None

    def _follows(self, before: Sample, after: Sample) -> bool:
        """Check whether a page continues in time, in the same series.

        Of a parameter whose name says nothing, another answer may be that of another station.
        """
        if len(before.records) < len(self.first.records) and found_at(self.layout, self.first.records, after.records):
            return True
        times = [[time for time in self.layout.times(each.records) if time is not None] for each in (before, after)]
        earlier, later = times
        return bool(earlier and later) and (max(earlier) <= min(later) or max(later) <= min(earlier))


def _in_groups(offsets: list[str], pages: list[str], held: int) -> Iterator[list[_Place]]:
    """Yield groups of names of both kinds, as many as an answer distinguishes."""
    longest = max(len(offsets), len(pages))
    places = [
        _Place(each[number], is_offset, 0 if is_offset else 1)
        for number in range(longest)
        for each, is_offset in ((offsets, True), (pages, False))
        if number < len(each)
    ]
    size = max(FIRST, held // 2 - 2)
    plain = [place for place in places if not in_brackets(place.name)]
    yield plain[:size]
    yield [place for place in places if in_brackets(place.name)]
    if plain[size : 2 * size]:
        yield plain[size : 2 * size]


def found_at(layout: Layout, known: Sequence[Any], page: Sequence[Any]) -> int | None:
    """Return the position of a page within the known records, else None."""
    if not page:
        return None
    if page == known:  # mostly, and keys take long to make
        return 0
    keys = [frozenset(layout.keys([record])) for record in known]
    mine = [frozenset(layout.keys([record])) for record in page]
    for begin in range(len(keys)):
        width = min(len(mine), len(keys) - begin)
        if keys[begin] == mine[0] and keys[begin : begin + width] == mine[:width]:
            return begin
    return None
