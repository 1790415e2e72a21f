"""Detects answers cut at an untold limit, of sources read whole.

A provider that gives its oldest hundred records, and takes no parameter for more, shows its newest records to nobody;
nothing in the answer says so. What shows it is a number of records that people choose as a limit, an end that is long
past, and no page behind it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import httpx

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.errors import Question
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, WEEK, YEAR, iso
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, WindowFilter
from slackwater.runtime.api.url_parameters import without_params

MOST_AT_ONCE = 100_000  # records asked for
TIMES_MORE = 10  # as many are asked for after an answer that is full
LEAST = 100  # records; so few by chance are common, and the finding about pages tells of them
DIGITS = frozenset("15")  # before the zeros of a limit
OTHERS = frozenset({2000, 128, 256, 512, 1024, 2048, 4096, 8192})
FEW = frozenset({10, 20, 25, 50, 100, 150, 200, 250, 300, 500})  # no number of hours of days, nor of minutes of hours
LISTS = frozenset({"list", "rows", "pairs", "csv", "ndjson"})  # of which sources count the entries
COUNTED = LISTS | {"columns"}  # what may be cut at a limit at all
RECENT = 60 * DAY  # what ended then may well go on; what ended before has mostly ended
_DAY = re.compile(r"\d{4}-\d\d-\d\d|(?<!\d)(?:19|20)\d{6}(?!\d)")
_LIMIT = r"(?:limit|top|rows|size|count|take|first|max[a-z]*|per_?page)\W{{1,3}}{}(?!\w)"  # of a number
PAST_PERIODS = 10  # without anything newer


async def all_at_once(probe: Probe, pages: Pages) -> Pages:
    """Return the pages of a size that all records fit into."""
    if len(pages.params) != 1:
        return pages
    ((name, size),) = pages.params.items()
    widest = pages.widest
    while len(widest.records) == size and size * TIMES_MORE <= MOST_AT_ONCE:
        answer = await probe.ask({name: size * TIMES_MORE})
        if not answer or len(answer.records) <= len(widest.records):
            break
        widest, size = answer, size * TIMES_MORE
    return replace(pages, params={name: size}, widest=widest)


async def without_size(probe: Probe, layout: Layout, pages: Pages, found: WindowFilter | None) -> Pages:
    """Return the pages without a size that hides what lies before the newest records.

    Some sources take the newest so many first, and of them those of the requested range.
    """
    if pages.paging is not None or len(pages.params) != 1 or not isinstance(found, TimeFilter | TimeRange):
        return pages
    ((name, size),) = pages.params.items()
    times = [time for time in layout.times(pages.widest.records) if time is not None]
    if not times or len(pages.widest.records) < size or name not in httpx.URL(probe.begun).params:
        return pages
    end = min(times) - found.unit
    start = end - min(max(times) - min(times) + found.unit, found.widest or YEAR)
    asked = found.params(Interval(max(start, EARLIEST + YEAR), end), layout.zone)
    sized = await probe.ask({**pages.params, **asked})
    if not sized or sized.records:
        return pages
    location = without_params(probe.location, {name})
    free = await probe.ask(asked, location)
    if not free or not free.records:
        return pages
    probe.location = location
    return replace(pages, params={})


def hold_to_end(layout: Layout, pages: Pages, url: str, now: int, older: int | None = None) -> None:
    """Raise a Question if the oldest or newest records may be missing.

    They lie behind a limit then. `url` is what the person gave, `now` is in µs, and so is `older`, a time that came
    when names of filters were tried.
    """
    records = pages.widest.records
    count, period = len(records), layout.period(records) or 0
    times = [time for time in layout.times(records) if time is not None]
    if not times:
        return
    if older is not None and older < min(times):
        raise Question(
            f"{count:,} records came, of {iso(min(times))} to {iso(max(times))}, and older ones, of {iso(older)}, when "
            "names of time filters were tried: the source has more than it gives at once. Give time_filter, the names "
            "that request a time range, or page_param, the parameter that says which page, or set paging to none to "
            "keep to these.",
            field="time_filter",
            alternatives=[{"paging": "none"}],
        )
    if _chosen(url, count):
        # What was asked for is there. Of a history from its beginning on it hides whatever is new.
        if _limited(url, count) and times[0] == min(times) and now - max(times) > max(PAST_PERIODS * period, WEEK):
            raise Question(
                f"The URL asks for {count:,} records at most, and just so many came, the last of them of "
                f"{iso(max(times))}: what is newer would never come. Take the limit out of location, or set paging to "
                "none to keep to these.",
                field="paging",
                alternatives=[{"paging": "none"}],
            )
        return
    sizes = [size for size in pages.params.values() if isinstance(size, int)]
    # The source heeds how many are asked for, and gave a round number of more: so many at most, as it seems.
    capped = any(count < size for size in sizes) and count >= LEAST and (count in FEW or is_usual_limit(count))
    # Tables of 10 or 20 years, or 50 months, are common, and so are twice 25 records of two series.
    full = all(count >= size for size in sizes)
    often = capped or (full and 0 < period <= DAY and _is_cut(layout, records, period))
    late = now - max(times) > (RECENT if times[0] == max(times) else PAST_PERIODS * period)
    # A history of 250 days that has ended may be all that there is; 200 hours of one are none.
    if capped and late and 0 < period < DAY:
        rises = times[0] != max(times)
        came = f"{count:,} records came, of {iso(min(times))} to {iso(max(times))}"
        raise _question(came, "newer" if rises else "older")
    if often and not late and max(times) <= now:
        raise _question(f"{count:,} records came, of {iso(min(times))} to {iso(max(times))}", "older")
    if times[0] == max(times) or now - times[-1] <= max(PAST_PERIODS * period, WEEK):
        return  # its newest ones come first, or are there
    if is_usual_limit(count) or (often and now - times[-1] <= RECENT):
        raise _question(f"{count:,} records came, the last of them of {iso(times[-1])}", "newer")


def _is_cut(layout: Layout, records: Sequence[Any], period: int) -> bool:
    """Check for a count that neither a span nor equal series explain.

    A history of 1,000 days may be all that there is; the newest 1,000 hours are none.
    """
    count, even = len(records), layout.even_series(records)
    if count in FEW and not even:
        return layout.place.shape in LISTS
    return is_usual_limit(count) and layout.place.shape in COUNTED and (even or period < DAY)


def _question(came: str, missing: str) -> Question:
    return Question(
        f"Just {came}, and no second page was found: if the source gives no more at once, what is {missing} is "
        "missing. Give page_size_param, the parameter that says how many to give, or page_param, the one that says "
        "which page, or set paging to none if these are all.",
        field="paging",
        alternatives=[{"paging": "none"}],
    )


def _chosen(url: str, count: int) -> bool:
    """Check whether a URL names the number of records, or a day."""
    asked = httpx.URL(url)
    numbers = re.findall(r"(?<!\w)\d+(?!\w)", f"{asked.path}?{unquote_plus(asked.query.decode())}")
    return _DAY.search(asked.path) is not None or str(count) in numbers


def _limited(url: str, count: int) -> bool:
    """Check whether a URL gives the number as a limit, as in `LIMIT 100`."""
    return re.search(_LIMIT.format(count), unquote_plus(url), re.IGNORECASE) is not None


def is_usual_limit(count: int) -> bool:
    """Check whether people choose such a number as a limit: 100, 500, 1,000."""
    return count in OTHERS or (count >= LEAST and str(count).rstrip("0") in DIGITS)
