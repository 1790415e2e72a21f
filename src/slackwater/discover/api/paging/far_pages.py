"""Samples far pages, for series that begin later and lists sorted by series."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx

from slackwater.discover.api.paging.claims import TOTALS, values_with_headers
from slackwater.discover.api.paging.last_page import NO_SUCH_PAGE, with_an_end
from slackwater.discover.api.paging.next_page import page_of
from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.paging.whole_answer import is_usual_limit
from slackwater.discover.api.probe import Probe, Sample, called
from slackwater.discover.api.records.layout import Layout
from slackwater.runtime.api.pagination import LinkHeader, NextUrl, Offset, PageNumber, whole_number

ENOUGH = 300  # records of a page; chosen: as many as are looked at of each place
LEAST_LEFT = 10  # questions that are kept for time ranges
_FACTORS = (30, 8, 3)  # pages behind the first, where nobody tells how many there are


async def far_records(probe: Probe, layout: Layout, pages: Pages) -> list[Any]:
    """Return records from middle and end of pages with numbers, [] otherwise."""
    paging = pages.paging if isinstance(pages.paging, Offset | PageNumber) else _counted(layout, pages)
    if paging is None or not pages.widest.records:
        return []
    found: list[Any] = []
    begins: int | None = None
    total = _total(paging, pages) or next(iter(_claimed(layout, pages).values()), None)
    for skipped in _places(paging, pages, total):
        if probe.left <= LEAST_LEFT:
            break
        answer = await probe.ask({**pages.params, **_page(paging, skipped)})
        if answer and answer.records:
            found += answer.records[:ENOUGH]
            begins = _begin(layout, pages.widest.records, answer.records, skipped)
            if total is None:
                break
    if begins is not None and probe.left > LEAST_LEFT:
        size = paging.size if isinstance(paging, PageNumber) else 1
        answer = await probe.ask({**pages.params, **_page(paging, round(begins / size) * size)})
        found += answer.records[:ENOUGH] if answer else []
    return found


def _begin(layout: Layout, near: Sequence[Any], far: Sequence[Any], skipped: int) -> int | None:
    """Return how many records to skip to where the series of a far page begins.

    In lists sorted by station more records have passed than times: those of other stations. There are the times of the
    first page, at which the stations differ. None for the first series itself.
    """
    first, there = (next((time for time in layout.times(each) if time is not None), None) for each in (near, far))
    period = layout.period(near)
    if layout.series or first is None or there is None or not period:
        return None
    begins = skipped - abs(there - first) // period
    return begins if len(near) <= begins < skipped else None


async def with_true_total(probe: Probe, layout: Layout, pages: Pages) -> Pages:
    """Return the pages without a total that is too high or too low.

    Estimates are. The last page that it promises has been asked for already, but where that one is full. Of pages that
    are not all full no total is believed: it may count what they leave out.
    """
    paging = pages.paging
    if isinstance(paging, PageNumber) and await _is_uneven(probe, paging, pages):
        return await _without_total(probe, layout, pages, paging)
    if not isinstance(paging, Offset | PageNumber) or paging.total is None or getattr(paging, "most", None) is not None:
        return pages
    total = _total(paging, pages)
    skipped = 0 if total is None else _last(paging, total, len(pages.widest.records))
    if total is None or total <= len(pages.widest.records) or skipped == 0:
        return pages
    answer = await probe.ask({**pages.params, **_page(paging, skipped)})
    last = answer or None
    if answer.status in NO_SUCH_PAGE if not answer else not answer.records:
        last, skipped = await _end_before(probe, paging, pages, skipped)
    if last is None:
        return pages  # nothing at all may as well lie beyond what is handed out
    told = whole_number(page_of(last).value_at(paging.total))
    left = (total if told is None else told) - skipped  # of a source that lives, one more may have come meanwhile
    if len(last.records) == left and not await _goes_on(probe, layout, pages, last, skipped + left):
        return pages
    return await _without_total(probe, layout, pages, paging)


async def _without_total(probe: Probe, layout: Layout, pages: Pages, paging: Offset | PageNumber) -> Pages:
    """Return the pages that end at an empty one.

    What a total counts too many may be left out anywhere.
    """
    plain = replace(paging, total=None, uneven=True) if isinstance(paging, PageNumber) else replace(paging, total=None)
    return replace(pages, paging=await with_an_end(probe, layout, plain, pages.widest))


async def _is_uneven(probe: Probe, paging: PageNumber, pages: Pages) -> bool:
    """Check for a page that is not full though others follow.

    So they are where hidden records are left out.
    """
    lengths = {0: len(pages.widest.records)}
    for place in [paging.size, *_places(paging, pages, _total(paging, pages))]:
        if (number := place // paging.size) not in lengths and probe.left > LEAST_LEFT:
            answer = await probe.ask({**pages.params, **_page(paging, place)})
            lengths[number] = len(answer.records) if answer else 0
    reached = [lengths[number] for number in sorted(lengths) if lengths[number]]
    return len(set(reached[:-1])) > 1 or max(reached[:-1], default=reached[-1]) < reached[-1]


async def _end_before(probe: Probe, paging: Offset | PageNumber, pages: Pages, empty: int) -> tuple[Sample | None, int]:
    """Return the short page before an empty one, and what it skips.

    None where all are full: then handing out may have ended, as it may at a usual depth.
    """
    size = paging.size if isinstance(paging, PageNumber) else len(pages.widest.records)
    last, low, high = pages.widest, 0, -(-empty // size)
    while high - low > 1 and probe.left > LEAST_LEFT:
        middle = (low + high) // 2
        answer = await probe.ask({**pages.params, **_page(paging, middle * size)})
        if not answer and answer.status not in NO_SUCH_PAGE:
            return None, empty
        if answer and answer.records:
            last, low = answer, middle
        else:
            high = middle
    skipped, came = low * size, len(last.records)
    ends = high - low == 1 and came < size and not is_usual_limit(skipped + came)
    return (last if ends else None), skipped


async def _goes_on(probe: Probe, layout: Layout, pages: Pages, last: Sample, total: int) -> bool:
    """Check for others behind a last page that has no room for them."""
    paging = pages.paging
    if not isinstance(paging, PageNumber) or total % paging.size:
        return False
    answer = await probe.ask({**pages.params, **_page(paging, total)})
    came = layout.keys(answer.records) if answer else set()
    return bool(came) and not came & layout.keys(last.records)


def _counted(layout: Layout, pages: Pages) -> Offset | PageNumber | None:
    """Return the style of links to next pages that differ by one counting parameter."""
    sample, came = pages.widest, len(pages.widest.records)
    if not isinstance(pages.paging, NextUrl | LinkHeader) or not (link := pages.paging.after(None, page_of(sample))):
        return None
    here, there = httpx.URL(sample.url).params, httpx.URL(sample.url).join(link.url or "").params
    moved = [name for name in there if there[name] != here.get(name) and name not in pages.params]
    number = whole_number(there[moved[0]]) if len(moved) == 1 else None
    if number is None:
        return None
    first = whole_number(here.get(moved[0], ""))
    total = next(iter(_claimed(layout, pages)), None)
    if number == (first or 0) + came:
        return Offset(limit=came, limit_param=None, offset_param=moved[0], total=total, first=first or 0)
    if number in (1, 2):  # the page behind the first, counted from 0 or from 1
        return PageNumber(page_param=moved[0], size=came, size_param=None, total=total, first=number - 1)
    return None


def _claimed(layout: Layout, pages: Pages) -> dict[str, int]:
    """Return the totals of an answer that are more than came, by their places."""
    found = {
        place: whole_number(value) or 0
        for place, value in values_with_headers(layout, pages.widest)
        if called(place) in TOTALS and not isinstance(value, bool)
    }
    return {place: total for place, total in found.items() if total > len(pages.widest.records)}


def _total(paging: Offset | PageNumber, pages: Pages) -> int | None:
    answer = page_of(pages.widest)
    if paging.total is not None:
        return whole_number(answer.value_at(paging.total))
    if isinstance(paging, PageNumber) and paging.last is not None:
        last = whole_number(answer.value_at(paging.last))
        return None if last is None else last * paging.size
    return None


def _places(paging: Offset | PageNumber, pages: Pages, total: int | None) -> Iterator[int]:
    """Yield how many records to skip."""
    came = len(pages.widest.records)
    size = min(paging.limit, came) if isinstance(paging, Offset) else paging.size
    if total is None:
        yield from (factor * size for factor in _FACTORS)
    elif total > came:
        if total > 2 * size:
            yield total // 2 // size * size
        yield _last(paging, total, came)


def _last(paging: Offset | PageNumber, total: int, came: int) -> int:
    """Return how many records to skip for the last page of so many.

    No page holds more records than came. Of an offset it leaves room for one that the total does not count.
    """
    if isinstance(paging, PageNumber):
        return (total - 1) // paging.size * paging.size
    return total - max(min(paging.limit, came, ENOUGH) - 1, 1)


def _page(paging: Offset | PageNumber, skipped: int) -> dict[str, Any]:
    if isinstance(paging, Offset):
        sized = {paging.limit_param: paging.limit} if paging.limit_param else {}
        reached = skipped if paging.most is None else min(skipped, paging.most - paging.limit)
        return {**sized, paging.offset_param: paging.first + reached}
    sized = {paging.size_param: paging.size} if paging.size_param else {}
    return {**sized, paging.page_param: paging.first + skipped // paging.size}
