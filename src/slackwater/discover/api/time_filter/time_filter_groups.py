"""The time filter of a source, among all names that are likely.

Where it ignores parameters that it does not know, many names are tried in one question, each with a window of its
own: the times that come back show whose window was honoured. Where it refuses them, and does not say which it takes,
they are tried one by one.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import httpx

from slackwater.discover.api.group_test import FEW, GroupTest
from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.parameter_names import in_brackets, styles_of
from slackwater.discover.api.probe import Probe, Refusal, Sample
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import mask_in, named
from slackwater.discover.api.time_filter.lone_end import comes_before, lone_end
from slackwater.discover.api.time_filter.probe_windows import several, window_before
from slackwater.discover.api.time_filter.time_filter_names import (
    OTHER_FORMS,
    RISKY,
    SINGLE,
    Filter,
    are_years,
    begins,
    compared,
    form_of,
    in_url,
    known_pairs,
    names_of,
    pairs,
    yearly_pairs,
)
from slackwater.discover.api.time_filter.time_filter_proof import Filtered, Proofs, Unproven
from slackwater.discover.api.time_filter.window_limits import reaches_back
from slackwater.discover.inference.words import words_of
from slackwater.model.instants import DAY
from slackwater.runtime.api.pagination import Cursor, Offset, PageNumber
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, unit_of

LATER = ((1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (3, 0))
"""(which form, which group of names) are tried when no group was honoured in the likeliest form, nor refused."""
YEAR = "%Y"
MOST_ALONE = 8  # filters tried before all others
MOST_SUSPECTS = 4  # filters proven alone; each costs a request or two of some 30
TIME_TEXT = 24  # characters of a time in a question
MOST_CHARACTERS = 5_500  # of the names and times of one question
TOO_LONG = frozenset({413, 414, 431})  # a question
KEPT = 3  # questions that are kept for what a found filter can do


class Search(Proofs):
    """Looks for the time filter of one source among all names that are likely."""

    def __init__(self, probe: Probe, layout: Layout, pages: Pages) -> None:
        super().__init__(probe, layout, pages)
        self.answered = False  # whether the last question with many names was
        self.ends: list[str] = []  # names of ends that may have been honoured
        self.fallback: Filtered | None = None  # a filter by a start alone that brings nothing older
        self.default: set[int] | None = (
            None  # times that come without a range, where the sample was asked for otherwise
        )
        self.behind: Sequence[Filter] = ()  # candidates of which an end alone was honoured
        self.open_end = False  # whether what was honoured last came up to the end of what is known
        styles = styles_of(pages.widest, layout.records)
        in_time = {name for candidate in in_url(probe.location) for name in names_of(candidate)}
        taken = ({*httpx.URL(probe.location).params} - in_time) | _names_in(pages) | {*self.paged}
        usual = pairs(layout.time[0], styles, days=self.forms[0] == "date")
        self.usual = [TimeFilter(*pair) for pair in usual if taken.isdisjoint(pair)]
        yearly = [TimeFilter(*pair, YEAR) for pair in yearly_pairs(styles) if taken.isdisjoint(pair)]
        risky: list[Filter] = [TimeRange(name, text) for name, text in SINGLE if name not in taken]
        risky += [TimeFilter(*pair) for pair in RISKY if taken.isdisjoint(pair)]
        self.groups: list[list[Filter]] = [*_apart(self.usual), _apart(risky)[0], _apart(yearly)[0]]

    async def alone(self, candidates: Iterator[Filter]) -> Filtered | None:
        """Try candidates one by one."""
        for candidate in list(candidates)[:MOST_ALONE]:
            if found := await self.proven(candidate):
                return found
        return None

    async def together(self) -> Filtered | None:
        """Try many names in one request, or singly where the source is strict."""
        names = self.probe.names
        if names.strict and not names.taken:
            await self.probe.empties_on_unknown()
        for group in self.groups:
            if not (names.taken or names.empties or (names.strict and names.lists is False)) and (
                found := await self._in_forms(group)
            ):
                return found
        if names.empties:
            return await self._compared() or self.fallback
        if names.strict:
            told = names.taken or names.lists is False
            return (await self._one_by_one(self._likely()) if told else None) or self.fallback
        for which, number in LATER:
            if which < len(self.forms) and number < len(self.groups) - 2:
                candidates = self._formed(self.groups[number], self.forms[which])
                if self.probe.left >= KEPT and (found := await self._honoured(candidates)):
                    return found
        return self.fallback

    async def _compared(self) -> Filtered | None:
        """Return the filter that compares the time's field."""
        written = [form for cell in self.layout.written(self.widest.records)[:1] if (form := form_of(str(cell)))]
        for pair in compared(self.layout.time[0]):
            for form in dict.fromkeys([*written, *self.forms]):
                if self.probe.left < KEPT:
                    return None
                found = await self.proven(TimeFilter(*pair, form))
                if found:
                    return found
                if not found.answer or not found.answer.records:
                    break  # there is no such field
        return None

    async def _in_forms(self, group: Sequence[Filter]) -> Filtered | None:
        """Try a group of names in its likeliest form, others after a refusal.

        A refusal of the form shows that one name was honoured.
        """
        forms = list(self.forms)
        for form in forms:
            if self.probe.left < KEPT:
                return None
            candidates, before = self._formed(group, form), self.fallback
            if found := await self._honoured(candidates):
                return found
            if self.fallback is not before:  # what it hid may show without it
                candidates = self._formed(group, form)
                if found := await self._honoured(candidates):
                    return found
            if self.answered or self.probe.names.strict or candidates[0].form == YEAR:
                return None
            answer = await self._group(candidates).ask(candidates)  # from memory
            if not answer and answer.status in TOO_LONG:
                break
            if answer and await self.probe.empties_on_unknown():
                return None
            if form == self.forms[-1] and not answer:  # it may want days in another form
                said = [each] if (each := mask_in(answer.words)) and unit_of(each) else OTHER_FORMS
                forms += [each for each in said if each not in forms]
        # In no form: one of the names has another meaning here.
        return await self._honoured(self._formed(group, self.forms[0]), spoiled=True)

    def _formed(self, group: Sequence[Filter], form: str) -> list[Filter]:
        """Return candidates in a form, but those that were honoured and brought nothing older."""
        names = names_of(self.fallback.filter) if self.fallback and self.fallback.filter else ()
        return [formed(candidate, form) for candidate in group if not set(names) & set(names_of(candidate))]

    async def _honoured(self, candidates: Sequence[Filter], *, spoiled: bool = False) -> Filtered | None:
        """Return the one of many candidates of one form that the source honours."""
        self.answered = False
        names = self.probe.names
        async for candidate in self._group(candidates, spoiled=spoiled).suspects(candidates, MOST_SUSPECTS):
            if self.behind and (earlier := await self._earlier()):
                return earlier
            if not names.strict:
                # Where a pair is honoured, but not proven, its start may be all that is.
                found = await self.tried(candidate)
                if self.behind and (earlier := await self._earlier()):
                    return earlier
                other = found or await self._proven_start(candidate) or await self._reformed(candidate, found)
            elif names.lists is False:
                return None  # they are tried one by one
            else:
                other = await self._one_by_one([candidate])
            if other:
                return other
        return None

    def _group(self, candidates: Sequence[Filter], *, spoiled: bool = False) -> GroupTest[Filter]:
        """Return the group test of candidates in one form, each with its window."""
        unit = candidates[0].unit
        windows = several(unit, self.times, len(candidates)) or [
            each for each in (window_before(unit, self.times),) if each
        ]
        ranges = {each: windows[place % len(windows)] for place, each in enumerate(candidates) if windows}

        own = {each: each.params(proof.window, self.layout.zone) for each, proof in ranges.items()}

        def params(some: Sequence[Filter]) -> Mapping[str, str]:
            merged: dict[str, str] = {}
            for each in some:
                merged |= {name: text for name, text in own.get(each, {}).items() if name not in merged}
            return merged

        def honoured(answer: Sample, some: Sequence[Filter]) -> list[Filter]:
            times = self.times_of(answer)
            self.answered = bool(times)  # nothing at all may come of a time in another form
            if not times or times >= set(self.times) or times == self.default:
                return []
            self.open_end = max(times) >= self.times[-1]
            if comes_before(self, times):
                self.behind = some
            fitting = [each for each in some if ranges[each].proven_by(times)]
            if fitting:
                return sorted(fitting, key=lambda each: abs(ranges[each].window.start - min(times)))
            if whole := [each for each in some if ranges[each].in_days(times)]:
                return whole
            # A start that is not part of what it asks for moves the first time on to the one behind it.
            starting = self._near(some, lambda each: ranges[each].window.start, min(times), (0, 1))
            ending = (
                [] if self.open_end else self._near(some, lambda each: ranges[each].window.end, max(times), (0, -1))
            )
            self.ends = [name for each in ending for name in names_of(each)[1:]][:FEW]
            return starting or ending

        return GroupTest(self.probe, params, honoured, always=self.paged, spoiled=spoiled)

    async def tried(self, candidate: Filter) -> Filtered | Unproven:
        """Return the filter if it is proven; an answer by its end alone is remembered."""
        found = await self.proven(candidate)
        if not found and found.answer and comes_before(self, self.times_of(found.answer)):
            self.behind = (candidate,)
        return found

    async def _earlier(self) -> Filtered | None:
        """Return the pagination by an end alone, of the candidates that brought older records."""
        candidates, self.behind = self.behind, ()
        return await lone_end(self, candidates)

    def _near(
        self, some: Sequence[Filter], edge: Callable[[Filter], int], seen: int, moved: tuple[int, int]
    ) -> list[Filter]:
        """Return the candidates whose edge explains the first or last time.

        Else the nearest two.
        """
        place = bisect_left(self.times, seen)
        near = [each for each in some if place - bisect_left(self.times, edge(each)) in moved]
        return near or sorted(some, key=lambda each: abs(edge(each) - seen))[:2]

    async def _proven_start(self, candidate: Filter) -> Filtered | None:
        """Return the pair with an honoured start, else the filter by start alone."""
        if not isinstance(candidate, TimeFilter):
            return None
        for other in self._with_start(candidate):
            if found := await self.proven(other):
                return found
        return await self._proven_since(candidate.from_param, candidate.form) if self.open_end else None

    async def _proven_since(self, name: str, form: str) -> Filtered | None:
        """Return the filter by start alone, if it brings older records.

        Else it is kept for the end: a source that gives its newest records first, and not all, gives no more by a
        start; a pair may be there, too.
        """
        found = await self.proven(TimeSince(name, form))
        if not found or self.fallback is not None:
            return None
        if await reaches_back(self.probe, self.layout, TimeSince(name, form), self.times, self.paged):
            return found
        self.fallback = found
        return None

    def _with_start(self, candidate: TimeFilter) -> list[TimeFilter]:
        """Return other pairs with this start, and an honoured or matching end."""
        start, end = names_of(candidate)
        alike = [each.to_param for each in self.usual if each.from_param == start]
        ends = [name for name in dict.fromkeys([*self.ends, *alike]) if name not in (start, end)]
        return [replace(candidate, to_param=name) for name in ends[:2]]

    async def _reformed(self, candidate: Filter, tried: Unproven) -> Filtered | None:
        """Return the filter in another form, after a refusal of the form or whole days."""
        if tried.answer and min(self.times_of(tried.answer), default=1) % DAY == 0:
            return await self.proven(formed(candidate, "date")) or None
        if tried.answer or not named(names_of(candidate), tried.answer.words):
            return None
        return await self._in_other_forms(candidate, tried.answer)

    async def _in_other_forms(self, candidate: Filter, no: Sample | Refusal) -> Filtered | None:
        """Return the filter in another form, those first that the source names.

        Forms of days come last, and only where it has understood none of the others.
        """
        words = "" if no else no.words
        said = [form] if (form := mask_in(words)) and unit_of(form) else []
        usual = [each for each in self.forms if each != candidate.form][:FEW]
        days = OTHER_FORMS if named(names_of(candidate), words) else ()
        understood = False
        for form in dict.fromkeys([*said, *usual, *days]):
            if self.probe.left < KEPT or (understood and form not in usual):
                return None
            found = await self.tried(formed(candidate, form))
            other = found or (await self._earlier() if self.behind else None)
            if other:
                return other
            understood = understood or (not isinstance(found, Filtered) and bool(found.answer))
        return None

    async def _one_by_one(self, candidates: Iterable[Filter]) -> Filtered | None:
        """Return the first filter that a strict source honours; known names are pursued."""
        for candidate in candidates:
            if self.probe.left < KEPT:
                return None
            if not self.probe.names.possible(names_of(candidate)):
                continue
            tried = await self.tried(candidate)
            if self.behind and (earlier := await self._earlier()):
                return earlier
            if found := tried or await self._known(candidate, tried):
                return found
        return None

    def _likely(self) -> Iterator[Filter]:
        """Yield the filters with accepted names; without any, the likeliest ones."""
        taken = self.probe.names.taken
        if not taken:
            yield from (replace(candidate, form=self.forms[0]) for candidate in self.usual)
            return
        free = [name for name in taken if name not in httpx.URL(self.probe.location).params]
        known = [pair for pair in known_pairs() if set(pair) <= set(free)]
        own = [(each.from_param, each.to_param) for each in self.usual if {each.from_param, each.to_param} <= set(free)]
        near = [(a, b) for a, b in pairwise(free) if set(words_of(a)) & set(words_of(b)) or begins(a)]
        for pair in dict.fromkeys([*own, *known, *near]):
            yield TimeFilter(*pair, YEAR if are_years(pair) else self.forms[0])
        yield from (TimeRange(name, text, self.forms[0]) for name, text in SINGLE if name in free)
        yield from (TimeSince(name, form) for name in free if begins(name) for form in self.forms[:2])

    async def _known(self, candidate: Filter, tried: Unproven) -> Filtered | None:
        """Return the working variant of a pair whose names the source knows."""
        names = self.probe.names
        if names.possible(names_of(candidate)):
            no = tried.answer
            if candidate.form == YEAR or (
                isinstance(no, Refusal) and no.by_source and names.like_unknown(names_of(candidate), no.words)
            ):
                return None
            if reformed := await self._in_other_forms(candidate, no):
                return reformed
        elif not isinstance(candidate, TimeFilter) or not names.possible([candidate.from_param]):
            return None
        elif candidate.to_param < candidate.from_param:
            return None  # it has said nothing of the start: names are often looked at in the order of the alphabet
        if not isinstance(candidate, TimeFilter):
            return None
        for other in self._with_start(candidate):
            if names.possible(names_of(other)) and (found := await self.proven(other)):
                return found
        for form in self.forms[:2]:
            if since := await self._proven_since(candidate.from_param, form):
                return since
            if not names.possible([candidate.from_param]):
                return None
        return None


def formed(candidate: Filter, form: str) -> Filter:
    """Return a candidate in a form, unless it is one of whole years."""
    return candidate if candidate.form == YEAR else replace(candidate, form=form)


def _apart(pairs: Sequence[Filter]) -> list[list[Filter]]:
    """Return groups of filters without shared names, likeliest first, each for one request."""
    groups: list[list[Filter]] = [[]]
    names: list[set[str]] = [set()]
    kinds: list[set[bool]] = [set()]
    sizes = [0]
    for pair in pairs:
        own = names_of(pair)
        kind = in_brackets(own[0])
        size = sum(len(name) + TIME_TEXT for name in own)
        for number in range(len(groups) + 1):
            if number == len(groups):
                groups.append([])
                names.append(set())
                kinds.append(set())
                sizes.append(0)
            alike = kinds[number] <= {kind}
            if alike and names[number].isdisjoint(own) and sizes[number] + size <= MOST_CHARACTERS:
                groups[number].append(pair)
                names[number] |= set(own)
                kinds[number] |= set(map(in_brackets, own))
                sizes[number] += size
                break
    return groups


def _names_in(pages: Pages) -> set[str]:
    """Return the parameters that ask for pages."""
    match pages.paging:
        case Offset(limit_param=size, offset_param=place) | PageNumber(size_param=size, page_param=place):
            return {place, *([size] if size else [])}
        case Cursor(param=param):
            return {param}
    return set()
