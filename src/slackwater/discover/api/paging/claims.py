"""Detects answers that claim more records than they hold; unproven, a question follows."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.discover.api.probe import Sample, called, values_outside
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.words import set_of, words_of
from slackwater.errors import Question
from slackwater.formats.payload.nodes import EVERY
from slackwater.runtime.api.pagination import HEADER, whole_number

TOTALS = set_of(
    "total totalcount totalresults totalrecords totalitems totalelements count numfound recordcount hits odatacount "
    "numbermatched nhits totalhits totalrows resultcount xtotalcount xtotal totalcountheader matched"
)
LASTS = set_of("totalpages pages pagecount lastpage numpages pagetotal totalpagecount nbpages xtotalpages xpagecount")
_ALL = set_of("total count")
_NUMBER = set_of("number num")  # of the records, or of one record where no `of` stands between
_OF_RECORDS = set_of("list records record rows row results result items item elements entries matches observations")
_NO = frozenset({"", "null", "none", "no", "false"})
_OF_USE = set_of(  # what else is counted in headers: the use of the source, and what the answer took
    "rate limit ratelimit quota credit credits cost request requests call calls usage time byte bytes elapsed duration "
    "took latency runtime ms msec millis milliseconds seconds sec processing response queries query sql db database "
    "memory cpu cache cached age retries attempts"
)
_OF_HEADERS = re.compile(r"x[a-z]*(?P<what>total(pages|count|results|items|records)?|pagecount)")  # `X-WP-TotalPages`
NEXTS = set_of(
    "next nextpage nextcursor nexttoken nextlink nexturl nexturi nextpagetoken nextpageurl nextpageuri nextpagelink "
    "nextcontinuationtoken continuationtoken continuation odatanextlink nextrecordsurl nextmarker"
)
_FLAGS = frozenset(
    {
        "hasmore",
        "hasnext",
        "hasnextpage",
        "more",
        "morerecords",
        "moreresults",
        "moreavailable",
        "exceededtransferlimit",
        "ismore",
        "moredata",
        "hasmoreitems",
        "truncated",
        "istruncated",
        "incomplete",
        "partial",
        "ispartial",
    }
)
_HERE = set_of("page currentpage pagenumber")
LIMITS = set_of("limit perpage pagesize pagelimit itemsperpage resultsperpage maxresults maxrecords xperpage xlimit")
LINKS = set_of("links link paging pages pagination page meta cursors")
_PARTS_OF_SERVERS = set_of("shards shard nodes node workers")  # as of Elasticsearch, which counts those that answered
_VAGUE = set_of("count hits")  # of anything: events, stations, requests to the source


def counted_as(place: str) -> str:
    """Return the name of a count as one word, without a header's prefix."""
    name = called(place)
    of_records = place.startswith(HEADER) and not _OF_USE & set(words_of(place))  # `X-RateLimit-Total` counts requests
    match = _OF_HEADERS.fullmatch(name) if of_records else None
    if match:
        return match["what"]
    words = set(words_of(place.rpartition(".")[2]))
    counts = words & (_ALL | _NUMBER if {"of", "total"} & words else _ALL)
    known = words <= {"of"} | _ALL | _NUMBER | _OF_RECORDS
    return "total" if counts and known else name


def values_with_headers(layout: Layout, sample: Sample) -> Iterator[tuple[str, Any]]:
    """Yield the values outside the records, headers included, with their places."""
    yield from values_outside(sample, layout.records).items()
    yield from ((HEADER + name, value) for name, value in sample.headers.items())


def hold_to_claims(layout: Layout, widest: Sample, in_range: Sample | None) -> None:
    """Raise a Question if a source without proven pagination claims more records.

    `in_range` is its answer to a time range, if it accepts one: a total that is the same there is of the whole source,
    and says nothing of the range.
    """
    answer = in_range or widest
    claim = _flagged(layout, answer) or _following(layout, answer) or _counted(layout, answer, widest)
    claim = claim or (_filled(layout, widest) if in_range is None else None)
    if claim is None:
        return
    raise Question(
        f"The source says {claim}, but {len(answer.records):,} records came and no second page was found. Give "
        "page_param, the parameter that says which page, with paging (offset, page or cursor), or set paging to none "
        "if these are all.",
        field="paging",
        alternatives=[{"paging": "none"}],
    )


def flag(layout: Layout, sample: Sample) -> str | None:
    """Return the place of the flag that says there is more."""
    for place, value in values_outside(sample, layout.records).items():
        if called(place) in _FLAGS and _is_true(value):
            return place
    return _flag_of_entry(layout, sample.records)


def _flag_of_entry(layout: Layout, records: Sequence[Any]) -> str | None:
    """Return the flag that says the last of several lists was cut.

    What the lists before it say is of them alone: they go on in the next one.
    """
    if EVERY not in (layout.place.path or "") or not records or not isinstance(records[-1], dict):
        return None
    beside = layout.known or ()
    return next((name for name in beside if called(name) in _FLAGS and _is_true(records[-1].get(name))), None)


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_opaque(place: str, value: Any) -> bool:
    """Say whether an offset is a token of the next page.

    It is of letters and digits then. Others are the hours of a zone, or durations: `UTC+01:00`, `PT15M`.
    """
    token = isinstance(value, str) and _TOKEN.fullmatch(value) is not None and _SPAN.fullmatch(value) is None
    return token and words_of(place.rpartition(".")[2]) == ["offset"]


_TOKEN = re.compile(
    r"(?=.*\d)(?=.*[A-Za-z])[\w/=.~][\w/+=.~-]{7,}", re.ASCII
)  # chosen: shorter ones have been no tokens
_SPAN = re.compile(r"P[\dYMWDTHS.]+|(?:UTC|GMT|Etc)\W.*", re.IGNORECASE)


def _flagged(layout: Layout, sample: Sample) -> str | None:
    place = flag(layout, sample)
    return f"`{place}`: true" if place else None


def _following(layout: Layout, sample: Sample) -> str | None:
    """Return the answer's next page: a token, number, URL, or header link."""
    if layout.place.shape != "list" or not sample.records:
        return None
    if sample.link:
        return "in its Link header that there is a next page"
    held = dict(values_with_headers(layout, sample))
    here = [number for place, value in held.items() if called(place) in _HERE and (number := whole_number(value))]
    for place, value in held.items():
        stands = (
            isinstance(value, str | int)
            and not isinstance(value, bool)
            and value != 0
            and str(value).lower() not in _NO
            and whole_number(value) not in here  # the last page is followed by itself, as some write it
        )
        name = place.removeprefix(HEADER)
        leads = called(place) in NEXTS or is_opaque(name, value) or _is_link(name) or "continuation" in words_of(name)
        if stands and leads and str(value) != sample.url:
            return f"`{name}`: {str(value)[:60]}"
    return None


def _filled(layout: Layout, sample: Sample) -> str | None:
    """Return the limit that the answer tells of itself, if just so many records came."""
    for place, value in values_with_headers(layout, sample):
        came = len(sample.records)
        if called(place) in LIMITS and came > 1 and not isinstance(value, bool) and whole_number(value) == came:
            return f"`{place.removeprefix(HEADER)}`: {came}"
    return None


def _is_link(place: str) -> bool:
    """Say whether a place is that of a next page among links: `links.next`, `links.rel=next.href`."""
    *above, last = place.split(".")
    return bool(above) and ((last == "next" and bool(set(words_of(above[-1])) & LINKS)) or above[-1] == "rel=next")


def _counted(layout: Layout, sample: Sample, whole: Sample) -> str | None:
    """Return the total, or page count, if it exceeds the received records.

    Of records in a list only.
    """
    if layout.place.shape != "list":
        return None
    before = dict(values_with_headers(layout, whole)) if sample is not whole else {}
    for place, value in values_with_headers(layout, sample):
        number = None if isinstance(value, bool) else whole_number(value)
        name = counted_as(place.removesuffix(".value"))  # Elasticsearch counts in `hits.total.value`
        if (
            number is None
            or name in _VAGUE
            or _PARTS_OF_SERVERS & set(words_of(place))
            or (sample is not whole and before.get(place) == value)
        ):
            continue
        if (name in TOTALS and number > len(sample.records)) or (name in LASTS and number > 1):
            return f"`{place.removeprefix(HEADER)}`: {number}"
    return None
