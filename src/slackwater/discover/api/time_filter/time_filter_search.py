"""Searches the time filter: given names, the URL's and the protocol's first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median_low
from typing import Any

import httpx

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.protocols import UNKNOWN, Known
from slackwater.discover.api.records.layout import Layout, with_other_series
from slackwater.discover.api.time_filter.fixed_range import fixed_ranges, standing
from slackwater.discover.api.time_filter.time_filter_groups import Search
from slackwater.discover.api.time_filter.time_filter_names import SINGLE, Filter, in_path_of, in_url, starts_in_url
from slackwater.discover.api.time_filter.time_filter_proof import Filtered
from slackwater.discover.api.time_filter.url_span import Span, keep_without, without_span
from slackwater.discover.api.time_filter.window_alignment import with_alignment
from slackwater.discover.api.time_filter.window_limits import (
    with_earliest,
    with_empty,
    with_longest,
    with_nothing_newer,
)
from slackwater.errors import Question
from slackwater.model.instants import DAY, HOUR
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince
from slackwater.runtime.api.url_parameters import called

_DEFAULTS = frozenset({1, 2, 3, 5, 7, 10, 14, 28, 30, 31})  # days that sources give where no range is requested
_LATE = 2 * HOUR  # chosen: what is published every hour comes within the next


async def find_filter(
    probe: Probe,
    layout: Layout,
    pages: Pages,
    config: Mapping[str, Any] | None = None,
    known: Known = UNKNOWN,
    span: Span | None = None,
) -> Filtered:
    """Return the time filter that the source has been seen to honour.

    `config` may name the parameters (`time_filter`), or say `none`. A `span` that counts back from now stands in the
    URL; it is left out of it if the source honours a range without it.
    """
    given = (config or {}).get("time_filter")
    if given == "none":
        return Filtered("source_config says that no time range can be requested.", confidence=1.0)
    search = Search(probe, layout, pages)
    if span is not None and (answer := await without_span(probe, layout, pages, span)):
        search.default = search.times_of(answer)  # what comes of names that are not honoured
        before = probe.location, probe.begun
        keep_without(probe, span)
    found = await search.alone(_first(search, probe.location, given, known, layout))
    if found is None and given:
        raise Question(
            f"time_filter names {' and '.join(given)}, but a time range requested by them did not come. "
            "Correct time_filter, or give none to read the source whole.",
            field="time_filter",
        )
    if found is None:
        found = await search.together()
    if found is None and search.default is not None:
        probe.location, probe.begun = before
    if found is not None:
        if found.proof is not None and not (config or {}).get("series_field"):
            search.layout = with_other_series(layout, found.proof.records)
        spanned = await with_span(await aligned(found, search, (config or {}).get("align")), search, known)
        return spanned if search.layout is layout else replace(spanned, layout=search.layout)
    return replace(await _not_found(search), older=search.older)


async def aligned(found: Filtered, search: Search, given: str | None) -> Filtered:
    """Return the filter with aligned windows, where answers depend on their edges."""
    if found.filter is None:
        return found
    candidate, note = await with_alignment(
        search.probe, search.layout, found.filter, search.widest.records, search.paged, given
    )
    return replace(found, filter=candidate, note=f"{found.note} {note}".strip())


async def with_span(found: Filtered, search: Search, known: Known) -> Filtered:
    """Return the filter with the longest range that the source answers at once."""
    if found.filter is None:
        return found
    probe, layout, times, paged = search.probe, search.layout, search.times, search.paged
    if isinstance(found.filter, TimeSince):
        since = await with_earliest(probe, layout, found.filter, times, paged)
        if since is None:
            return await _not_found(search)
        return replace(found, filter=await with_nothing_newer(probe, layout, since, times, paged))
    longest = await with_longest(probe, layout, found.filter, times, paged, known)
    filtered = replace(await with_empty(probe, layout, longest, times, paged), most=search.most)
    note = f"{found.note} At most {filtered.longest} are requested at once." if filtered.longest else found.note
    return replace(found, filter=filtered, note=note)


def _first(search: Search, url: str, given: Sequence[str] | None, known: Known, layout: Layout) -> Iterator[Filter]:
    """Yield the first filters to try: given, in the URL, of the protocol."""
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
    for candidate in [*in_path_of(url, search.times), *in_url(url)][:2]:
        yield candidate
        others = dict.fromkeys([*search.forms[:1], "date"])
        yield from (replace(candidate, form=form) for form in others if form != candidate.form)
    if len(starts := starts_in_url(url)) == 1:
        yield starts[0]
    condition = httpx.URL(url).params.get(known.condition, "") if known.condition else ""
    yield from known.filters(layout.time[0].rpartition(".")[2], layout.form.form, condition)


async def _not_found(search: Search) -> Filtered:
    if fixed := await fixed_ranges(search.probe, search.layout, search.times):
        names = " and ".join(called(name, search.probe.begun) for name in standing(fixed[0], search.probe.begun))
        return Filtered(
            f"The URL selects a fixed time range by {names}, which could not be varied: nothing else is read. "
            "Leave it out of location, or correct it.",
            confidence=0.3,
        )
    if len(search.times) < 3:
        note = f"The sample's {len(search.times)} different times are too few to try a time range; it is read whole."
        return Filtered(note, confidence=0.6)
    if days := _last_days(search.times, search.probe.now()):
        note = (
            f"No pair of parameters for a time range is honoured, and what came is of just the last {days} days: if "
            "older records can be requested, they are missing. It is read whole each time."
        )
        return Filtered(note, confidence=0.6)
    return Filtered("No pair of parameters for a time range is honoured; it is read whole each time.", confidence=0.85)


def _last_days(times: Sequence[int], now: int) -> int:
    """Return how many whole days up to now the times fill, else 0.

    So much is given by default where a range may be requested; but so do sources that keep no more.
    """
    period = median_low(later - earlier for earlier, later in pairwise(times))
    extent = times[-1] - times[0] + period
    days = round(extent / DAY)
    recent = period <= HOUR and 0 <= now - times[-1] <= _LATE
    return days if recent and days in _DEFAULTS and abs(extent - days * DAY) <= period else 0
