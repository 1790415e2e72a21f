"""Detects a span in the user's URL that counts back from now.

Such as `period=P7D`, `days=7`, or the number of times that came. It hides what is older, and sources refuse it beside a
time range. So the request without it is tried, and if no range can be requested then, longer spans. What comes must
hold the same records: `days=90` may as well mean another step.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import httpx
import msgspec

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.parameter_names import small_number
from slackwater.discover.api.probe import Probe, Sample
from slackwater.discover.api.records.columns import cell_of
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import SPANS, numbers_in
from slackwater.discover.inference.words import set_of, words_of
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, WEEK, YEAR
from slackwater.model.periodicity import parse_duration
from slackwater.runtime.api.url_parameters import merged, without_params

_UNITS = {
    "s": SECOND,
    "sec": SECOND,
    "m": MINUTE,
    "min": MINUTE,
    "h": HOUR,
    "hr": HOUR,
    "hour": HOUR,
    "d": DAY,
    "day": DAY,
    "w": WEEK,
    "week": WEEK,
    "mo": 30 * DAY,
    "month": 30 * DAY,
    "y": YEAR,
    "year": YEAR,
}
_SPAN = re.compile(r"(?P<sign>-?)(?P<iso>PT?)?(?P<number>\d{1,5})(?P<unit>[a-zA-Z]{1,6}?)(-ago)?")
_OF_NAMES = {**{f"{name}s": length for name, length in SPANS.items()}, "hrs": HOUR, "meses": SPANS["mes"]}
_NOW = set_of("latest recent today now current last newest")  # values that ask for the newest alone
_LEAST, _MOST = 0.5, 1.2  # of the span that the sample covers: it may have gaps, and whole days or hours around
_WIDER = (10, 100, 1000)  # times as long; each is a request
_FEW = 2  # times, of which no gap is the usual one
_COARSER = 1.5  # times the known step; chosen: between the same one and twice as much
_ANY = (DAY, HOUR, MINUTE, WEEK, 30 * DAY, YEAR)  # units of a number whose name tells none
_CLOSE = 0.05  # of the span; chosen: months and years are not all as long, and a day of many may be missing
LEAST_COUNTED = 3  # times; so few as one or two are any number's by chance
_ALIKE = 0.9  # of the known records that must come again: the oldest may have gone out of a span that ends now


@dataclass(frozen=True)
class Span:
    """A parameter of the URL and its value: a number of units, or a word."""

    name: str
    text: str
    number: int | None = None
    length: int = 0  # µs of one
    counted: bool = False  # told by what came alone: so many times, or so many units of time

    def times(self, factor: int) -> str:
        """Return the value for a span that is so many times as long."""
        return self.written((self.number or 0) * factor)

    def written(self, number: int) -> str:
        """Return the value for so many of its unit."""
        return re.sub(r"\d+", str(number), self.text, count=1)


def span_in(url: str, layout: Layout, pages: Pages) -> Span | None:
    """Return the span in a URL that the sample fills, else None."""
    times = [time for time in layout.times(pages.widest.records) if time is not None]
    if not times:
        return None
    extent = max(times) - min(times) + (layout.period(pages.widest.records) or 0)
    for span in _spans(url):
        if span.number is None or _LEAST * span.number * span.length <= extent <= _MOST * span.number * span.length:
            return span
    return _counted(url, len(set(times)), extent, pages)


def _counted(url: str, times: int, extent: int, pages: Pages) -> Span | None:
    """Return the parameter that may say how many times, or days, to give.

    Its name does not matter. A size of pages counts records, and was found before.
    """
    taken = {*pages.params, *(vars(pages.paging).values() if pages.paging else ())}
    for name, value in httpx.URL(url).params.items():
        number = small_number(value)
        if times < LEAST_COUNTED or name in taken or number is None:
            continue
        if number == times:
            return Span(name, value, times, counted=True)
        units = (unit for unit in _ANY if number >= LEAST_COUNTED and abs(extent - number * unit) <= _CLOSE * extent)
        if length := next(units, 0):
            return Span(name, value, number, length, counted=True)
    return None


async def _counts(probe: Probe, layout: Layout, pages: Pages, span: Span) -> bool:
    """Check whether half of a number brings half of the times: then it counts them."""
    half = (span.number or 0) // 2
    answer = await probe.ask({**pages.params, span.name: span.written(half)})
    if not answer:
        return False
    known, came = ({time for time in layout.times(each.records) if time is not None} for each in (pages.widest, answer))
    if not came or not span.length:
        return len(came) == half and came < known
    extent = max(came) - min(came) + (layout.period(answer.records) or 0)
    return abs(extent - half * span.length) <= _CLOSE * (max(known) - min(known)) and came < known


def _spans(url: str) -> Iterator[Span]:
    for name, value in httpx.URL(url).params.items():
        words = set(words_of(name))
        if match := _SPAN.fullmatch(value):
            unit = match["unit"].lower().removesuffix("s") if len(match["unit"]) > 1 else match["unit"].lower()
            length = parse_duration(f"{match['iso']}1{match['unit']}") if match["iso"] else _UNITS.get(unit)
            if length:
                yield Span(name, value, int(match["number"]), length)
        elif value.isdecimal() and len(value) <= len("9999") and (length := _unit_of_name(words)):
            yield Span(name, value, int(value), length)
        elif value.lower() in _NOW:
            yield Span(name, value)


def _unit_of_name(words: set[str]) -> int | None:
    return next((length for name, length in _OF_NAMES.items() if name in words), None)


async def without_span(probe: Probe, layout: Layout, pages: Pages, span: Span) -> Sample | None:
    """Return the answer without the span, if it agrees with the known records."""
    if span.counted and not await _counts(probe, layout, pages, span):
        return None
    location = without_params(probe.location, {span.name})
    answer = await probe.ask(pages.params, location)
    if not answer or not answer.records:
        return None
    known, came = layout.keys(pages.widest.records), layout.keys(answer.records)
    if span.counted and not _same_lines(layout, pages.widest, answer):
        return None
    alike = len(known & came) >= _ALIKE * min(len(known), len(came))
    return answer if alike else None


def _same_lines(layout: Layout, known: Sample, answer: Sample) -> bool:
    """Check for the known records among others of just their series.

    A number may select anything: without it, other stations may come of the same times.
    """
    before, now = ({msgspec.json.encode(record) for record in each.records} for each in (known, answer))
    alone = all(_once(layout, layout.flat(each.records)) for each in (known, answer))
    step = layout.period(known.records) == layout.period(answer.records)
    return alone and step and len(before & now) >= _ALIKE * len(before)


def _once(layout: Layout, records: Sequence[Any]) -> bool:
    lines = [repr([cell_of(record, path) for path in layout.series]) for record in records]
    return len(set(zip(lines, layout.times(records), strict=True))) == len(records)


def keep_without(probe: Probe, span: Span) -> None:
    """Ask without the span from now on."""
    probe.location = without_params(probe.location, {span.name})
    probe.begun = without_params(probe.begun, {span.name})


async def widened(probe: Probe, layout: Layout, pages: Pages, span: Span) -> Pages:
    """Return the pages of the longest span with the known records and older ones.

    It is part of `probe.location` then.
    """
    if span.number is None or (span.counted and not await _counts(probe, layout, pages, span)):
        return pages
    asked = [span.times(factor) for factor in _WIDER]
    refused: set[str] = set()
    while asked:
        value = asked.pop(0)
        answer = await probe.ask({**pages.params, span.name: value})
        if answer:
            if not _holds_more(layout, span, pages.widest, answer):
                break
            probe.location = probe.begun = merged(probe.location, {span.name: value})
            pages = replace(pages, widest=answer)
        elif answer.by_source:
            refused.add(value)
            asked = [each for each in _offered(answer.words, span) if each not in refused]
        else:
            break
    return pages


def _offered(refusal: str, span: Span) -> list[str]:
    """Return the longest span that a refusal names."""
    found = [
        (int(match["number"]) * length, match[0])
        for match in _SPAN.finditer(refusal)
        if (length := _UNITS.get(match["unit"].lower().removesuffix("s") or "s"))
    ]
    number = span.number or 0
    spans = sorted((each for each in found if each[0] > number * span.length), reverse=True)
    if spans and not span.text.isdecimal():
        return [spans[0][1]]
    return [span.written(each) for each in numbers_in(refusal) if each > number][:1]


def _holds_more(layout: Layout, span: Span, known: Sample, answer: Sample) -> bool:
    """Check whether an answer holds the known records, and older ones."""
    old, came = layout.keys(known.records), layout.keys(answer.records)
    if span.counted and not _same_lines(layout, known, answer):
        return False
    if len(old & came) < _ALIKE * len(old):
        return False
    before, now = ([t for t in layout.times(each.records) if t is not None] for each in (known, answer))
    if not before or not now or min(now) >= min(before):
        return False
    step, older = layout.period(known.records), [time for time in now if time <= min(before)]
    # Fewer records of what is older are means of it, and no records of this step.
    return not step or len(older) <= _FEW or _usual_gap(older) <= _COARSER * _usual_gap(before)


def _usual_gap(times: list[int]) -> int:
    gaps = sorted(later - earlier for earlier, later in pairwise(sorted(set(times))))
    return gaps[len(gaps) // 2] if gaps else 0
