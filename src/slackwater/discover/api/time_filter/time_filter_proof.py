"""Proves a time filter: a window inside the sample returns its records, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, final

import httpx

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import NOT_SENT, Probe, Refusal, Sample
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.time_filter.filter_clock import by_another_clock
from slackwater.discover.api.time_filter.probe_windows import ProbeWindow, window_before, window_inside, window_since
from slackwater.discover.api.time_filter.time_filter_names import Filter, forms, names_of
from slackwater.model.checkpoint import Interval
from slackwater.pipe.frames import Finding
from slackwater.runtime.api.backward_pagination import Earlier
from slackwater.runtime.api.pagination import Offset, PageNumber
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, written
from slackwater.runtime.api.url_parameters import in_path


@final
@dataclass(frozen=True)
class Filtered:
    """The time filter, its finding in a sentence, and the proving answer."""

    note: str
    filter: Filter | None = None
    proof: Sample | None = None
    confidence: float = 0.9
    older: int | None = None  # a time (µs) that came by names of filters, and is older than all others
    earlier: Earlier | None = None  # the pagination by an end, where no start is honoured
    layout: Layout | None = None  # where the answer to a time range showed series that the first answers had not

    @property
    def finding(self) -> Finding:
        """The decision, as discovery reports it."""
        value = None
        if self.filter is not None:
            value = {name: each for name, each in vars(self.filter).items() if each is not None}
            if "align" not in value:
                value.pop("label", None)
        return Finding(
            what="time filter", value=value, confidence=self.confidence, reason=self.note, field="time_filter"
        )


@final
@dataclass(frozen=True)
class Unproven:
    """The answer that proves no filter.

    It is false: `if found` is enough where the answer does not matter.
    """

    answer: Sample | Refusal = NOT_SENT

    def __bool__(self) -> Literal[False]:
        return False


class Proofs:
    """The known times of a source, and the requests that prove filters."""

    def __init__(self, probe: Probe, layout: Layout, pages: Pages) -> None:
        self.probe = probe
        self.layout = layout
        self.pages = pages
        self.widest = pages.widest
        self.times = sorted({time for time in layout.times(pages.widest.records) if time is not None})
        self.forms = forms(layout, pages.widest.records)
        self.paged = _paged(pages)
        self.older: int | None = None  # the oldest time (µs) that came of those before the sample
        # Without pages, nothing behind the largest page can be reached but by shorter time ranges.
        self.most = next(iter(pages.params.values()), None) if pages.paging is None else None

    async def proven(self, candidate: Filter) -> Filtered | Unproven:
        """Return the filter if the source honours it."""
        if isinstance(candidate, TimeSince):
            return await self._since(candidate)
        inside = window_inside(candidate.unit, self.times)
        question = inside or window_before(candidate.unit, self.times)
        if question is None:
            return Unproven()
        answer = await self.probe.ask({**self.paged, **candidate.params(question.window, self.layout.zone)})
        if not answer or not question.proven_by(self.times_of(answer)):
            return Unproven(answer)
        if not inside and (
            self.times_of(answer) >= set(self.times)
            or self._one_unit(candidate, question, answer)
            or await self._deaf(candidate, question, answer)
        ):
            return Unproven(answer)
        if inside and await by_another_clock(self.probe, self.layout, candidate, self.widest.records, self.paged):
            return Unproven(answer)
        return self._filtered(candidate, question, answer)

    async def _deaf(self, candidate: Filter, question: ProbeWindow, answer: Sample) -> bool:
        """Check for an answer whose start makes no difference.

        As many records as always, or a span of always the same length, fill a range that is as long as the sample.
        """
        window = question.window
        later = Interval(window.start + max(candidate.unit, (window.end - window.start) // 2), window.end)
        full = len(answer.records) == len(self.widest.records)
        tells = full or min(self.times_of(answer)) + candidate.unit <= later.start
        if not tells or later.start >= later.end:
            return False
        other = await self.probe.ask({**self.paged, **candidate.params(later, self.layout.zone)})
        if not other:
            return not other.by_source  # with no request left, nothing is proven
        return min(self.times_of(other), default=later.start) <= min(self.times_of(answer))

    def _one_unit(self, candidate: TimeFilter | TimeRange, question: ProbeWindow, answer: Sample) -> bool:
        """Check whether nothing came after the window's first day, its end unheard.

        `date=2024-05-01` alone may ask for that day, whatever else is asked for with it.
        """
        if not isinstance(candidate, TimeFilter) or _in_url(candidate.to_param, self.probe.begun):
            return False
        begun = question.window.start + candidate.unit
        return question.window.end > begun and max(self.times_of(answer)) < begun

    async def _since(self, candidate: TimeSince) -> Filtered | Unproven:
        """Return the filter by start alone, if it excludes only earlier records."""
        question = window_since(candidate.unit, self.times)
        if question is None:
            return Unproven()
        answer = await self.probe.ask({**self.paged, **candidate.params(question.window, self.layout.zone)})
        if not answer or not question.proven_by(self.times_of(answer)):
            return Unproven(answer)
        inclusive = question.window.start in self.times_of(answer)
        return Filtered(
            f"`{candidate.param}` selects what is newer ({candidate.form}): requested from a moment inside the sample, "
            f"the source gave {len(answer.records):,} records, none of them older, instead of "
            f"{len(self.widest.records):,}. It honours no parameter for an end.",
            replace(candidate, inclusive_start=inclusive),
            answer,
            0.93,
        )

    def _filtered(self, candidate: TimeFilter | TimeRange, question: ProbeWindow, answer: Sample) -> Filtered:
        times, known = self.times_of(answer), set(self.times)
        start, end = question.window.start, question.window.end
        zone, form = self.layout.zone, candidate.form

        def left_out(edge: int) -> bool:
            begins = written(edge, form, zone) != written(edge - 1, form, zone)
            return begins and edge in known and edge not in times

        exactly = written(end + candidate.unit - 1, form, zone) == written(end, form, zone)
        begins, ends = not left_out(start), not (exactly and left_out(end))
        found = replace(candidate, inclusive_start=begins, inclusive_end=ends)
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

    def times_of(self, answer: Sample) -> set[int]:
        """Return the times in an answer."""
        if answer.records == self.widest.records:  # mostly, and times take long to read
            return set(self.times)
        times = {time for time in self.layout.times(answer.records) if time is not None}
        if times and self.times and min(times) < self.times[0]:
            self.older = min([*times, *([self.older] if self.older is not None else [])])
        return times


def _in_url(name: str, url: str) -> bool:
    return in_path(name) or name in httpx.URL(url).params


def _paged(pages: Pages) -> Mapping[str, Any]:
    """Return the page parameters for pages as large as the compared sample."""
    match pages.paging:
        case Offset(limit_param=str(param), limit=size) | PageNumber(size_param=str(param), size=size):
            return {**pages.params, param: size}
    return pages.params
