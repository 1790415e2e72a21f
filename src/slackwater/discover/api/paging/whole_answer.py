"""Detects answers cut at an untold limit, of sources read whole.

A provider that gives its oldest hundred records, and takes no parameter for more, shows its newest records to nobody;
nothing in the answer says so. What shows it is a number of records that people choose as a limit, an end that is long
past, and no page behind it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.errors import Question
from slackwater.model.instants import WEEK, iso

MOST_AT_ONCE = 100_000  # records asked for
TIMES_MORE = 10  # as many are asked for after an answer that is full
LEAST = 100  # records; so few by chance are common, and the finding about pages tells of them
DIGITS = frozenset("15")  # before the zeros of a limit
OTHERS = frozenset({2000, 128, 256, 512, 1024, 2048, 4096, 8192})
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


def hold_to_end(layout: Layout, records: Sequence[Any], now: int) -> None:
    """Raise a Question if the newest records may be missing.

    They lie behind a limit then; `now` is in µs.
    """
    if not is_usual_limit(len(records)):
        return
    times = [time for time in layout.times(records) if time is not None]
    if not times or times[0] == max(times):
        return  # its newest ones come first
    period = layout.period(records) or 0
    if now - times[-1] <= max(PAST_PERIODS * period, WEEK):
        return
    raise Question(
        f"Just {len(records):,} records came, the last of them of {iso(times[-1])}, and no second page was found: if "
        "the source gives no more at once, what is newer is missing. Give page_size_param, the parameter that says how "
        "many to give, or page_param, the one that says which page, or set paging to none if these are all.",
        field="paging",
        alternatives=[{"paging": "none"}],
    )


def is_usual_limit(count: int) -> bool:
    """Check whether people choose such a number as a limit: 100, 500, 1,000."""
    return count in OTHERS or (count >= LEAST and str(count).rstrip("0") in DIGITS)
