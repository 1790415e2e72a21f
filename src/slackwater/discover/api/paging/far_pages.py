"""Samples far pages, for series that begin later and lists sorted by series."""

from collections.abc import Iterator
from typing import Any

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import Probe
from slackwater.runtime.api.pagination import Answer, Offset, PageNumber, whole_number

ENOUGH = 300  # records of a page; chosen: as many as are looked at of each place
LEAST_LEFT = 10  # questions that are kept for time ranges
_FACTORS = (30, 8, 3)  # pages behind the first, where nobody tells how many there are


async def far_records(probe: Probe, pages: Pages) -> list[Any]:
    """Return records from middle and end of numbered pages, [] otherwise."""
    paging = pages.paging
    if not isinstance(paging, Offset | PageNumber) or not pages.widest.records:
        return []
    found: list[Any] = []
    total = _total(paging, pages)
    for skipped in _places(paging, pages, total):
        if probe.left <= LEAST_LEFT:
            break
        answer = await probe.ask({**pages.params, **_page(paging, skipped)})
        if answer and answer.records:
            found += answer.records[:ENOUGH]
            if total is None:
                break
    return found


def _total(paging: Offset | PageNumber, pages: Pages) -> int | None:
    widest = pages.widest
    answer = Answer(widest.url, widest.body, [], None, widest.headers)
    if paging.total is not None:
        return whole_number(answer.value_at(paging.total))
    if isinstance(paging, PageNumber) and paging.last is not None:
        last = whole_number(answer.value_at(paging.last))
        return None if last is None else last * paging.size
    return None


def _places(paging: Offset | PageNumber, pages: Pages, total: int | None) -> Iterator[int]:
    """Yield how many records to skip."""
    size = paging.limit if isinstance(paging, Offset) else paging.size
    came = len(pages.widest.records)
    if total is None:
        yield from (factor * size for factor in _FACTORS)
    elif total > came:
        last = total - min(size, ENOUGH) if isinstance(paging, Offset) else (total - 1) // size * size
        if total > 2 * size:
            yield total // 2 // size * size
        yield max(last, 0)


def _page(paging: Offset | PageNumber, skipped: int) -> dict[str, Any]:
    if isinstance(paging, Offset):
        sized = {paging.limit_param: paging.limit} if paging.limit_param else {}
        reached = skipped if paging.most is None else min(skipped, paging.most - paging.limit)
        return {**sized, paging.offset_param: paging.first + reached}
    sized = {paging.size_param: paging.size} if paging.size_param else {}
    return {**sized, paging.page_param: paging.first + skipped // paging.size}
