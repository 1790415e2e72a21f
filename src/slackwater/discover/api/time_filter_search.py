"""Does a source honour a time range? Proven by asking for one that lies inside what is known of it.

Where it ignores parameters that it does not know, many names are tried in one question, each with a window of its
own: the times that come back tell whose window was heard. Where it refuses them, they are tried one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from slackwater.discover.api.layout import Layout
from slackwater.discover.api.pagination import Pages
from slackwater.discover.api.probe import Probe, Sample, named, refuses_names, suggested
from slackwater.discover.api.probe_windows import Asked, asked_before, asked_inside, asked_since, several
from slackwater.discover.api.protocols import UNKNOWN, Known
from slackwater.discover.api.time_filter_names import (
    PAIRS,
    RISKY,
    SINGLE,
    YEARS,
    Filter,
    derived,
    forms,
    in_url,
    names_of,
    starts_in_url,
)
from slackwater.discover.api.window_alignment import with_alignment
from slackwater.discover.api.window_limits import with_earliest, with_empty, with_longest
from slackwater.errors import Question
from slackwater.pipe.frames import Finding
from slackwater.runtime.api.pagination import Offset, PageNumber
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, written

ROUNDS = (
    (0, 0),
    (1, 0),
    (0, 2),
    (0, 1),
    (2, 0),
    (1, 1),
    (3, 0),
)  # (which form, which group of names) are tried together
YEAR = "%Y"
MOST_ALONE = 8  # pairs tried one by one
CHECKED = 3  # candidates that one answer to several windows may leave


@dataclass(frozen=True)
class Filtered:
    """What was found about the time filter, in a sentence, and the answer that proves it."""

    note: str
    filter: Filter | None = None
    proof: Sample | None = None
    confidence: float = 0.9

    @property
    def finding(self) -> Finding:
        """The decision, as discovery tells it."""
        value = None
        if self.filter is not None:
            value = {name: each for name, each in vars(self.filter).items() if each is not None}
            if "align" not in value:
                value.pop("label", None)
        return Finding(
            what="time filter", value=value, confidence=self.confidence, reason=self.note, field="time_filter"
        )


async def find_filter(
    probe: Probe, layout: Layout, pages: Pages, config: Mapping[str, Any] | None = None, known: Known = UNKNOWN
) -> Filtered:
    """Return the time filter that the source has been seen to honour.

    `config` may name the parameters (`time_filter`), or say `none`.
    """
    given = (config or {}).get("time_filter")
    if given == "none":
        return Filtered("source_config says that no time range can be asked for.", confidence=1.0)
    search = _Search(probe, layout, pages)
    found = await search.alone(_first(search, probe.location, given, known, layout))
    if found is None and given:
        raise Question(
            f"time_filter names {' and '.join(given)}, but a time range asked for by them did not come. "
            "Correct time_filter, or give none to read the source whole.",
            field="time_filter",
        )
    if found is None:
        found = await search.together()
    if found is not None:
        return await with_span(await aligned(found, search, (config or {}).get("align")), search, known)
    return _not_found(search, probe.location)


async def aligned(found: Filtered, search: "_Search", given: str | None) -> Filtered:
    """Return the filter whose windows lie on multiples of a step, where the source's answer depends on that."""
    if found.filter is None:
        return found
    asked, note = await with_alignment(
        search.probe, search.layout, found.filter, search.widest.records, search.paged, given
    )
    return replace(found, filter=asked, note=f"{found.note} {note}".strip())


async def with_span(found: Filtered, search: "_Search", known: Known) -> Filtered:
    """Return the filter with the longest range that the source answers at once."""
    if found.filter is None:
        return found
    probe, layout, times, paged = search.probe, search.layout, search.times, search.paged
    if isinstance(found.filter, TimeSince):
        since = await with_earliest(probe, layout, found.filter, times, paged)
        return replace(found, filter=since) if since else _not_found(search, probe.location)
    longest = await with_longest(probe, layout, found.filter, times, paged, known)
    filtered = replace(await with_empty(probe, layout, longest, times, paged), most=search.most)
    note = f"{found.note} At most {filtered.longest} are asked for at once." if filtered.longest else found.note
    return replace(found, filter=filtered, note=note)


def _first(search: "_Search", url: str, given: Sequence[str] | None, known: Known, layout: Layout) -> Iterator[Filter]:
    """Yield what is tried before anything else: the names given, those of the URL, those of the protocol."""
    if given and len(given) == 1:
        template = dict(SINGLE).get(given[0])
        templates = dict.fromkeys((template or "{start}/{end}", "{start}/{end}", "{start}:{end}", "{start},{end}"))
        ranges = [TimeRange(given[0], text, form) for form in search.forms for text in templates]
        starts = [TimeSince(given[0], form) for form in search.forms[:2]]
        first = ranges[: len(templates)] if template else []
        yield from first
        yield from starts
        yield from ranges
        return
    if given:
        yield from (TimeFilter(given[0], given[1], form) for form in search.forms)
        return
    for asked in in_url(url)[:2]:
        yield asked
        yield from (replace(asked, form=form) for form in search.forms[:1] if form != asked.form)
    if len(starts := starts_in_url(url)) == 1:
        yield starts[0]
    condition = httpx.URL(url).params.get(known.condition, "") if known.condition else ""
    yield from known.filters(layout.time[0].rpartition(".")[2], layout.form.form, condition)


def _not_found(search: "_Search", url: str) -> Filtered:
    if fixed := in_url(url):
        names = " and ".join(f"`{name}`" for name in names_of(fixed[0]))
        return Filtered(
            f"The URL asks for a fixed range of time by {names}, which could not be varied: nothing else is read. "
            "Leave it out of location, or correct it.",
            confidence=0.3,
        )
    if len(search.times) < 3:
        note = f"The sample's {len(search.times)} different times are too few to try a time range; it is read whole."
        return Filtered(note, confidence=0.6)
    return Filtered("No pair of parameters for a time range is honoured; it is read whole each time.", confidence=0.85)


class _Search:
    """The questions about one source's time range, and what is known of its times."""

    def __init__(self, probe: Probe, layout: Layout, pages: Pages) -> None:
        self.probe = probe
        self.layout = layout
        self.widest = pages.widest
        self.times = sorted({time for time in layout.times(pages.widest.records) if time is not None})
        self.forms = forms(layout, pages.widest.records)
        self.paged = _paged(pages)
        self.open_end = False  # whether what was heard last came up to the end of what is known
        # Without pages, nothing behind the largest page can be reached but by shorter time ranges.
        self.most = next(iter(pages.params.values()), None) if pages.paging is None else None
        plain = [TimeFilter(*pair) for pair in dict.fromkeys([*PAIRS, *derived(layout.time[0])])]
        apart, sharing = _apart(plain)
        risky: list[Filter] = [TimeRange(name, text) for name, text in SINGLE]
        yearly, _ = _apart([TimeFilter(*pair, YEAR) for pair in YEARS])
        rest = [*sharing, *(TimeFilter(*pair) for pair in RISKY), *risky]
        self.groups: tuple[list[Filter], ...] = (apart, rest, yearly)

    async def alone(self, candidates: Iterator[Filter]) -> Filtered | None:
        """Try candidates one by one."""
        for asked in list(candidates)[:MOST_ALONE]:
            if found := await self._proven(asked):
                return found
        return None

    async def together(self) -> Filtered | None:
        """Try many names in one question, form by form; where names are refused, the likeliest one by one."""
        refused: dict[str, str] = {}
        for which, group in ROUNDS:
            if which >= len(self.forms):
                continue
            candidates = [_formed(asked, self.forms[which]) for asked in self.groups[group]]
            form = candidates[0].form
            if group and form in refused:
                continue
            heard = await self._heard(candidates)
            if heard is None and self.probe.refused:
                refused[form] = self.probe.refusal
                if refuses_names(self.probe.refusal):
                    break
            for asked in heard or ():
                # Where a pair is heard, but not proven, its start may be all that is heeded.
                if found := await self._proven(asked) or await self._proven_start(asked):
                    return found
        return await self.alone(self._likely(refused)) if refused else None

    async def _proven_start(self, asked: Filter) -> Filtered | None:
        """Return the pair that shares the start of one that is heard, else the filter by that start alone."""
        if not self.open_end or not isinstance(asked, TimeFilter):
            return None
        for other in (each for each in self.groups[1] if names_of(each)[0] == asked.from_param):
            if found := await self._proven(_formed(other, asked.form)):
                return found
        return await self._proven(TimeSince(asked.from_param, asked.form))

    def _likely(self, refused: Mapping[str, str]) -> Iterator[Filter]:
        """Yield the pairs that are likeliest after a refusal, in the forms refused and those not tried."""
        refusal = next(iter(refused.values()))
        likely = [*self.groups[0], *self.groups[2]]
        names = suggested(list(dict.fromkeys(names_of(asked)[0] for asked in likely)), refusal)
        known = {each for asked in likely for each in names_of(asked) if named([each], refusal)}
        for name in names[:2]:
            # A source that offers a name, and none that would go with it, knows no end.
            if name in known and not known & {names_of(each)[1] for each in likely if names_of(each)[0] == name}:
                yield from (TimeSince(name, each) for each in self.forms[:2])
        others = [each for each in self.forms if each not in refused] if refuses_names(refusal) else []
        for each in [*refused, *others][:2]:
            count = MOST_ALONE // 2
            yield from (
                _formed(asked, each) for name in names[:count] for asked in likely if names_of(asked)[0] == name
            )

    async def _heard(self, candidates: Sequence[Filter]) -> list[Filter] | None:
        """Return the candidates whose windows explain what came back, likeliest first; None if nothing was proven."""
        unit = candidates[0].unit
        windows = several(unit, self.times, len(candidates)) or [
            each for each in (asked_before(unit, self.times),) if each
        ]
        if not windows:
            return []
        params: dict[str, str] = {}
        asked = {}
        for place, candidate in enumerate(candidates):
            asked[candidate] = windows[place % len(windows)]
            mine = candidate.params(asked[candidate].window, self.layout.zone)
            params.update({name: text for name, text in mine.items() if name not in params})
        answer = await self.probe.ask({**self.paged, **params})
        if answer is None:
            return None
        times = self._times(answer)
        if not times or times == set(self.times):
            return []
        self.open_end = max(times) >= self.times[-1]
        by_start = sorted(candidates, key=lambda each: abs(asked[each].window.start - min(times)))
        by_end = sorted(candidates, key=lambda each: abs(asked[each].window.end - max(times)))
        fitting = [each for each in by_start if asked[each].proven_by(times)]
        if len(windows) == 1 and len(fitting) > CHECKED:
            return await self._halved(fitting, windows[0])
        # A start that is not part of what it asks for moves the first time on to that of another candidate.
        nearest = by_start[: 1 if fitting else 2]
        return list(dict.fromkeys([*fitting, *nearest, *by_end[:1]]))[:CHECKED]

    async def _halved(self, candidates: Sequence[Filter], asked: Asked) -> list[Filter]:
        """Return the candidate that is heard, of several that were asked with the same window, by halves."""
        left = list(candidates)
        while len(left) > 1:
            half = left[: (len(left) + 1) // 2]
            params = {name: text for each in half for name, text in each.params(asked.window, self.layout.zone).items()}
            answer = await self.probe.ask({**self.paged, **params})
            heard = answer is not None and asked.proven_by(self._times(answer))
            left = half if heard else left[len(half) :]
        return left

    async def _proven(self, asked: Filter) -> Filtered | None:
        """Return the filter if the source honours it."""
        if isinstance(asked, TimeSince):
            return await self._since(asked)
        inside = asked_inside(asked.unit, self.times)
        question = inside or asked_before(asked.unit, self.times)
        if question is None:
            return None
        answer = await self.probe.ask({**self.paged, **asked.params(question.window, self.layout.zone)})
        if answer is None or not question.proven_by(self._times(answer)):
            return None
        if not inside and self._times(answer) >= set(self.times):
            return None
        return self._filtered(asked, question, answer)

    async def _since(self, asked: TimeSince) -> Filtered | None:
        """Return the filter by a start alone if the source leaves out what was before it, and nothing else."""
        question = asked_since(asked.unit, self.times)
        if question is None:
            return None
        answer = await self.probe.ask({**self.paged, **asked.params(question.window, self.layout.zone)})
        if answer is None or not question.proven_by(self._times(answer)):
            return None
        inclusive = question.window.start in self._times(answer)
        return Filtered(
            f"`{asked.param}` selects what is newer ({asked.form}): asked for a moment inside the sample, the source "
            f"gave {len(answer.records):,} records, none of them older, instead of {len(self.widest.records):,}. It "
            "heeds no parameter for an end.",
            replace(asked, inclusive_start=inclusive),
            answer,
            0.93,
        )

    def _filtered(self, asked: TimeFilter | TimeRange, question: Asked, answer: Sample) -> Filtered:
        times, known = self._times(answer), set(self.times)
        start, end = question.window.start, question.window.end
        zone, form = self.layout.zone, asked.form

        def left_out(edge: int) -> bool:
            begins = written(edge, form, zone) != written(edge - 1, form, zone)
            return begins and edge in known and edge not in times

        exactly = written(end + asked.unit - 1, form, zone) == written(end, form, zone)
        begins, ends = not left_out(start), not (exactly and left_out(end))
        found = replace(asked, inclusive_start=begins, inclusive_end=ends)
        names = " and ".join(f"`{name}`" for name in names_of(found))
        verb = "selects" if isinstance(found, TimeRange) else "select"
        where = "one inside the sample" if question.inside else "one before the sample"
        return Filtered(
            f"{names} {verb} a time range ({form}): asked for {where}, the source gave {len(answer.records):,} "
            f"records, all of them in it, instead of {len(self.widest.records):,}.",
            found,
            answer,
            0.97 if question.inside else 0.85,
        )

    def _times(self, answer: Sample) -> set[int]:
        return {time for time in self.layout.times(answer.records) if time is not None}


def _formed(asked: Filter, form: str) -> Filter:
    """Return a candidate in a form, unless it is one of whole years."""
    return asked if asked.form == YEAR else replace(asked, form=form)


def _apart(pairs: Sequence[Filter]) -> tuple[list[Filter], list[Filter]]:
    """Return the pairs of which no two have a name in common, and the others: of these not both can be asked for."""
    taken: set[str] = set()
    apart: list[Filter] = []
    sharing: list[Filter] = []
    for pair in pairs:
        (sharing if taken & set(names_of(pair)) else apart).append(pair)
        taken |= set(names_of(pair))
    return apart, sharing


def _paged(pages: Pages) -> Mapping[str, Any]:
    """Return what asks for pages as large as the sample that the answer is compared with."""
    match pages.paging:
        case Offset(limit_param=str(param), limit=size) | PageNumber(size_param=str(param), size=size):
            return {**pages.params, param: size}
    return pages.params
