"""How long a time range a source answers at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median_low
from typing import Any, TypeVar

import httpx

from slackwater.discover.api.probe import Probe, Refusal, Sample
from slackwater.discover.api.protocols import Known
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import spans_in
from slackwater.formats.payload.notes import error_is_no_data, tells_of_width
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, SECOND, YEAR, parse_iso
from slackwater.model.periodicity import parse_periodicity
from slackwater.model.planning import FIRST_STEP
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince

Ranged = TimeFilter | TimeRange
Kind = TypeVar("Kind", bound=TimeFilter | TimeRange | TimeSince)

HALVINGS = 4  # of a range that is refused
GROWN = 32  # times as wide as the first a window soon is where there is little
LONGEST = 100 * YEAR  # µs; chosen: what the oldest series of measurements need
LONG_AGO = parse_iso("1905-01-01")  # before what most sources have, and a date that they understand
NO_DATA = frozenset({404, 412})  # what some sources answer to a range without data
_REFUSED = frozenset({400, 413, 414, 416, 422})


async def with_longest(
    probe: Probe, layout: Layout, found: Ranged, known: Sequence[int], paged: Mapping[str, Any], protocol: Known
) -> Ranged:
    """Return the filter with the widest accepted range, where wider ones are refused."""
    if protocol.points and (step := _step(probe.location)):
        return replace(found, longest=_written(protocol.points * step))
    width = _first_step(known)
    if width <= 2 * (known[-1] - known[0] if known else 0) or known[-1] - width < EARLIEST + YEAR:
        return found
    answer = await probe.ask({**paged, **_params(found, layout, known[-1], width)})
    if answer or not _too_wide(answer):
        return found
    for narrower in _narrower(answer.words, width, found.unit):
        if await probe.ask({**paged, **_params(found, layout, known[-1], narrower - 2 * found.unit)}):
            return replace(found, longest=_written(narrower))
    return found


EARLIEST_DAYS = (None, "1905-01-01", "1970-01-01")  # what a source may understand as long ago


async def reaches_back(
    probe: Probe, layout: Layout, found: TimeSince, known: Sequence[int], paged: Mapping[str, Any]
) -> bool:
    """Check whether records older than the sample come on request."""
    for earliest in EARLIEST_DAYS:
        times = await _since_long_ago(probe, layout, replace(found, earliest=earliest), paged)
        if times:
            return min(times) < known[0]
    return False


async def with_earliest(
    probe: Probe, layout: Layout, found: TimeSince, known: Sequence[int], paged: Mapping[str, Any]
) -> TimeSince | None:
    """Return the filter with the earliest accepted day; None if history stays unreachable."""
    for earliest in EARLIEST_DAYS:
        candidate = replace(found, earliest=earliest)
        times = await _since_long_ago(probe, layout, candidate, paged)
        if times and min(times) <= known[0]:
            return candidate
    return None


async def with_nothing_newer(
    probe: Probe, layout: Layout, found: TimeSince, known: Sequence[int], paged: Mapping[str, Any]
) -> TimeSince:
    """Return the filter with the error status that means that nothing is newer."""
    ahead = max(known[-1], probe.now()) + max(DAY, found.unit)
    answer = await probe.ask({**paged, **found.params(Interval(ahead, ahead + 1), layout.zone)})
    return _with_status(found, answer)


async def _since_long_ago(probe: Probe, layout: Layout, candidate: TimeSince, paged: Mapping[str, Any]) -> list[int]:
    """Return the times that come when all is asked for."""
    answer = await probe.ask({**paged, **candidate.params(Interval(EARLIEST, EARLIEST + 1), layout.zone)})
    return [time for time in layout.times(answer.records) if time is not None] if answer else []


async def with_empty(
    probe: Probe, layout: Layout, found: Ranged, known: Sequence[int], paged: Mapping[str, Any]
) -> Ranged:
    """Return the filter with the error status that means an empty range.

    A long range is requested, as a back-fill does where there is little: a refusal may name the longest.
    """
    start = max(min(LONG_AGO, known[0] - 4 * found.unit) if known else LONG_AGO, EARLIEST + YEAR)
    shortest = max(DAY, found.unit)
    long = min(GROWN * _first_step(known), start - EARLIEST - YEAR, LONGEST) if found.longest is None else 0

    async def candidate(span: int) -> Sample | Refusal:
        return await probe.ask({**paged, **_params(found, layout, start, span)})

    if long > shortest:
        answer = await candidate(long)
        if answer or not _too_wide(answer):
            return _with_status(found, answer)
        for span in spans_in(answer.words)[:2]:
            if 3 * found.unit <= span < long:
                narrower = await candidate(span - 2 * found.unit)
                if narrower or not _too_wide(narrower):
                    return replace(_with_status(found, narrower), longest=_written(span))
    return _with_status(found, await candidate(shortest))


def _too_wide(refusal: Refusal) -> bool:
    """Check whether a range may have been refused for its width."""
    return refusal.status in _REFUSED or (refusal.by_source and tells_of_width(refusal.words))


def _with_status(found: Kind, answer: Sample | Refusal) -> Kind:
    """Return the filter with the status of an answer, if that means no data."""
    if answer or not (
        answer.status in NO_DATA
        or ((answer.status or 0) >= httpx.codes.INTERNAL_SERVER_ERROR and error_is_no_data(answer.words))
    ):
        return found
    return replace(found, empty=answer.status)


def _params(found: Ranged, layout: Layout, end: int, width: int) -> Mapping[str, str]:
    return found.params(Interval(end - max(width, found.unit), end), layout.zone)


def _narrower(refusal: str, width: int, unit: int) -> list[int]:
    """Return the spans to try: what the source says in its refusal, then by halves."""
    halves = [width >> halving for halving in range(1, HALVINGS + 1)]
    return [span for span in [*spans_in(refusal)[:2], *halves] if 3 * unit <= span < width]


def _first_step(known: Sequence[int]) -> int:
    """Return the expected width (µs) of the first back-fill window."""
    spacings = [later - earlier for earlier, later in pairwise(known)]
    return FIRST_STEP * median_low(spacings) if spacings else 0


def _step(url: str) -> int | None:
    """Return the distance of two points that a URL asks for, in µs."""
    text = httpx.URL(url).params.get("step", "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return round(float(text) * SECOND) or None
    try:
        return parse_periodicity(text)
    except ValueError:
        return None


def _written(span: int) -> str:
    """Return a span as an ISO 8601 duration."""
    return f"P{span // DAY}D" if span >= DAY and span % DAY == 0 else f"PT{span // SECOND}S"
