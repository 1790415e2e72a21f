"""What an answer says of more records than it holds: a claim that no second page meets is a question."""

from collections.abc import Iterator
from typing import Any

from slackwater.discover.api.layout import Layout
from slackwater.discover.api.next_page import flag
from slackwater.discover.api.probe import Sample, called, told
from slackwater.discover.inference.words import set_of
from slackwater.errors import Question
from slackwater.runtime.api.pagination import HEADER, whole_number

TOTALS = set_of(
    "total totalcount totalresults totalrecords totalitems totalelements count numfound recordcount hits odatacount "
    "numbermatched nhits totalhits totalrows resultcount xtotalcount xtotal totalcountheader matched"
)
LASTS = set_of("totalpages pages pagecount lastpage numpages pagetotal totalpagecount nbpages xtotalpages xpagecount")
_VAGUE = set_of("count hits")  # of anything: events, stations, requests to the source


def told_with_headers(layout: Layout, sample: Sample) -> Iterator[tuple[str, Any]]:
    """Yield what an answer says outside its records and in its headers: place and single value."""
    yield from told(sample, layout.records).items()
    yield from ((HEADER + name, value) for name, value in sample.headers.items())


def hold_to_claims(layout: Layout, widest: Sample, in_range: Sample | None) -> None:
    """Raise a Question if a source without a proven second page says that it has more records than came.

    `in_range` is its answer to a time range, if it takes one: then totals may be of the whole source, and only a flag
    tells that the range did not come whole.
    """
    answer = in_range or widest
    claim = _flagged(layout, answer) or (None if in_range else _counted(layout, widest))
    if claim is None:
        return
    raise Question(
        f"The source says {claim}, but {len(answer.records):,} records came and no second page was found. Give "
        "page_param, the parameter that says which page, with paging (offset, page or cursor), or set paging to none "
        "if these are all.",
        field="paging",
        alternatives=[{"paging": "none"}],
    )


def _flagged(layout: Layout, sample: Sample) -> str | None:
    place = flag(layout, sample)
    return f"`{place}`: true" if place else None


def _counted(layout: Layout, sample: Sample) -> str | None:
    """Return the total or the number of pages that is above what came; of records in a list only."""
    if layout.place.shape != "list":
        return None
    for place, value in told_with_headers(layout, sample):
        number = None if isinstance(value, bool) else whole_number(value)
        name = called(place)
        if number is None or name in _VAGUE:
            continue
        if (name in TOTALS and number > len(sample.records)) or (name in LASTS and number > 1):
            return f"`{place.removeprefix(HEADER)}`: {number}"
    return None
