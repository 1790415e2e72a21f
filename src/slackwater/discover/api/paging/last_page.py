"""Detects how a source with numbered pages answers behind its last page."""

import re
from dataclasses import replace
from typing import Any

from slackwater.discover.api.probe import Probe, Sample
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import numbers_in
from slackwater.runtime.api.pagination import Answer, Offset, PageNumber, whole_number

FAR = 1_000_000  # records; a page behind the last, wherever that is
DEEP = 10_000  # records that many sources page through at most
NO_SUCH_PAGE = frozenset({404, 410, 416})  # of any page: there is no such page
_NO_PAGE = re.compile(
    r"number of pages|(total|available|last) page|beyond the (last|end)|no (more|such) page"
    r"|page (number )?(does not exist|not found)|invalid.page",
    re.IGNORECASE,
)
_LIKELY = frozenset({400, 422})  # of a page that is known to be behind the last

Counted = Offset | PageNumber


async def with_an_end(probe: Probe, layout: Layout, paging: Counted, widest: Sample) -> Counted:
    """Return the style with the end that the source has been seen to have.

    A total that the largest page contradicts is not believed. A refusal is the end only when it says that there is no
    such page, or when the page is known to be behind the last: it might as well be the end of what is handed out. So it
    is with a page that comes again wherever one asks: it is the end where it is shorter than others.
    """
    paging = _with_true_counts(paging, widest)
    came = len(widest.records)
    complete = came < (paging.limit if isinstance(paging, Offset) else paging.size)
    total = _total_of(paging, widest)
    if total is not None:
        return await _with_reach(probe, paging, total)
    if paging.more or (isinstance(paging, PageNumber) and paging.last):
        return paging
    answer = await probe.ask(_requested(paging, came if complete else FAR))
    if answer and answer.records and complete:  # it gives fewer than it is asked for
        complete = False
        answer = await probe.ask(_requested(paging, FAR))
    if not answer:
        # A number that was not asked for is of what is handed out at most.
        limited = set(numbers_in(answer.words)) - {whole_number(each) for each in _requested(paging, FAR).values()}
        said = complete or (_NO_PAGE.search(answer.words) is not None and not limited)
        is_end = answer.status in NO_SUCH_PAGE or (said and answer.status in _LIKELY)
        return replace(paging, past_end=answer.status) if is_end else paging
    if not complete and await _repeats(probe, paging, answer, widest):
        size = paging.limit if isinstance(paging, Offset) else paging.size
        alone = list(answer.records) == list(widest.records)
        return replace(paging, repeats=True, doubtful=not alone and len(answer.records) >= size)
    return paging


async def _repeats(probe: Probe, paging: Counted, far: Sample, widest: Sample) -> bool:
    """Say whether the source gives its last page for any page behind it.

    One that is full may as well be the last that is handed out: the reading looks at how many came until then.
    """
    alone = list(far.records) == list(widest.records)
    if not far.records:
        return False
    other = await probe.ask(_requested(paging, len(widest.records) if alone else 2 * FAR))
    return list(other.records) == list(far.records) if other else False


def within_a_range(paging: Counted, proof: Sample) -> Counted:
    """Return the style without whole-source totals, which a time range never reaches."""
    answer = Answer(proof.url, proof.body, [], None, proof.headers)
    came = len(proof.records)
    if paging.total is not None and whole_number(answer.value_at(paging.total)) != came:
        paging = replace(paging, total=None)
    if isinstance(paging, PageNumber) and paging.last is not None:
        last = whole_number(answer.value_at(paging.last))
        if last is None or (last - 1) * paging.size >= came:
            paging = replace(paging, last=None)
    return paging


def _requested(paging: Counted, skipped: int) -> dict[str, Any]:
    if isinstance(paging, Offset):
        sized = {paging.limit_param: paging.limit} if paging.limit_param else {}
        return {**sized, paging.offset_param: paging.first + skipped}
    sized = {paging.size_param: paging.size} if paging.size_param else {}
    return {**sized, paging.page_param: paging.first + max(1, -(-skipped // paging.size))}


def _total_of(paging: Counted, widest: Sample) -> int | None:
    if paging.total is None:
        return None
    return whole_number(Answer(widest.url, widest.body, [], None, widest.headers).value_at(paging.total))


def _with_true_counts(paging: Counted, widest: Sample) -> Counted:
    answer = Answer(widest.url, widest.body, list(widest.records), widest.link, widest.headers)
    came = len(answer.records)
    size = paging.limit if isinstance(paging, Offset) else paging.size
    if paging.total is not None:
        total = whole_number(answer.value_at(paging.total))
        if total is None or total < came:
            paging = replace(paging, total=None)
    if isinstance(paging, PageNumber) and paging.last is not None:
        last = whole_number(answer.value_at(paging.last))
        if last is None or last * size < came or (last > 1 and came * 2 < size):
            paging = replace(paging, last=None)
    return paging


async def _with_reach(probe: Probe, paging: Counted, total: int) -> Counted:
    """Return the style with its page limit, where the source holds back records."""
    if not isinstance(paging, Offset) or paging.most is not None or total <= DEEP:
        return paging
    answer = await probe.ask(_requested(paging, DEEP))
    if answer or not answer.by_source:
        return paging
    named = [int(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\d", answer.words)]
    reach = [number for number in named if paging.limit < number < total]
    return replace(paging, most=min(reach, default=DEEP))
