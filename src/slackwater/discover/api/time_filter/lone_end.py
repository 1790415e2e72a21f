"""Detects sources that accept an end alone: they give their newest records before it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slackwater.discover.api.group_test import narrowed
from slackwater.discover.api.paging.whole_answer import FEW, is_usual_limit
from slackwater.discover.api.probe import Sample
from slackwater.discover.api.time_filter.time_filter_names import Filter
from slackwater.discover.api.time_filter.time_filter_proof import Filtered
from slackwater.model.instants import HOUR
from slackwater.runtime.api.backward_pagination import Earlier
from slackwater.runtime.api.time_filters import TimeFilter

if TYPE_CHECKING:
    from slackwater.discover.api.time_filter.time_filter_groups import Search

_MOST_LEFT = 0.75  # of the known times, where half of a span lies ahead: between that half and all
_ALIKE = 1.05  # times as long; chosen: spans of which the first or last value is missing are no shorter than that
NEXT = 3  # known records before the end that was asked for, which must come: a page holds more


def comes_before(search: "Search", times: set[int]) -> bool:
    """Check whether an answer ends and begins earlier than the sample."""
    known = search.times
    return bool(times and known) and min(times) < known[0] and known[0] <= max(times) < known[-1]


async def _alike(search: "Search", found: Earlier, pages: Sequence[Sample]) -> bool:
    """Check whether pages hold as many records as the sample, but where the source begins.

    Those of a span before its end hold more, or fewer: where values are missing, or the newest are not there yet.
    """
    full = len(search.widest.records)
    begins = {min(search.times_of(page)) for page in pages if len(page.records) < full}
    if len(begins) > 1 or any(len(page.records) > full for page in pages):
        return False
    for begin in begins:
        answer = await search.probe.ask({**search.paged, **found.params(begin, search.layout.zone)})
        if not answer or search.times_of(answer) != {begin}:
            return False
    return True


async def _counts(search: "Search", found: Earlier, pages: Sequence[Sample]) -> bool:
    """Check whether a page is a number of records, and no span before its end.

    As many records in spans of another length are a number of them. Of a span before a moment to come a part is left;
    and behind a gap that is longer nothing would lead.
    """
    if search.most is not None:
        return True  # of a size that is asked for, and honoured
    known = search.times
    count, length = (
        len(search.widest.records),
        known[-1] - known[0] + (search.layout.period(search.widest.records) or 0),
    )
    held = [sorted(search.times_of(page)) for page in pages if len(page.records) == count]
    lengths = [known[-1] - known[0], *(times[-1] - times[0] for times in held)]
    alike = max(lengths) <= _ALIKE * min(lengths)
    if alike and length % HOUR == 0 and count not in FEW and not is_usual_limit(count):
        return False  # whole hours, and no number that a page has: a source may take a moment to come for now
    ahead = known[-1] + (known[-1] - known[0]) // 2
    answer = await search.probe.ask({**search.paged, **found.params(ahead, search.layout.zone)})
    times = search.times_of(answer) if answer else set()
    return len(times.intersection(known)) > _MOST_LEFT * len(known)


async def lone_end(search: "Search", candidates: Sequence[Filter]) -> Filtered | None:
    """Return the pagination by the end among the candidates' names, if one alone is honoured."""
    names = list(dict.fromkeys(each.to_param for each in candidates if isinstance(each, TimeFilter)))
    if search.pages.paging is not None or not names or len(search.times) <= 2 * NEXT:
        return None
    form = candidates[0].form
    moment = search.times[len(search.times) // 2]

    async def honours(some: Sequence[str]) -> bool:
        asked = Earlier("", form).params(moment, search.layout.zone)[""]
        answer = await search.probe.ask({**search.paged, **dict.fromkeys(some, asked)})
        return comes_before(search, search.times_of(answer)) if answer else False

    (name,) = await narrowed(names, honours, 1)
    for inclusive in (False, True):
        found = Earlier(name, form, inclusive)
        params = found.params(moment, search.layout.zone)
        answer = await search.probe.ask({**search.paged, **params})
        times = search.times_of(answer) if answer else set()
        known = [time for time in search.times if time <= moment][-NEXT:]
        if not answer or not comes_before(search, times):
            return None
        if set(known) <= times and max(times) == moment:
            break
    else:
        return None
    oldest = await search.probe.ask({**search.paged, **found.params(search.times[0], search.layout.zone)})
    if not oldest or search.times[0] not in search.times_of(oldest) or min(search.times_of(oldest)) >= search.times[0]:
        return None
    if not await _alike(search, found, [answer, oldest]) or not await _counts(search, found, [answer, oldest]):
        return None
    note = f"`{name}` alone selects what is older ({form}): each page begins where the one before ended."
    return Filtered(note, None, None, 0.93, earlier=found)
