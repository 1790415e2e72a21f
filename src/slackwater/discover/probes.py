"""Questions to a source that prove how it hands out its records. What is not proven is not declared.

At most 20 requests. A source that ignores unknown parameters answers every one of these questions with the same
records; that is what each proof excludes.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from slackwater.discover.answers import set_of, words_of
from slackwater.discover.fields import Layout
from slackwater.errors import BadSource, Refused
from slackwater.runtime.paging import Answer as PageAnswer
from slackwater.runtime.paging import LinkHeader, NextUrl, Offset, PageNumber, Paging
from slackwater.runtime.reading import Run
from slackwater.runtime.records import parsed

MOST_REQUESTS = 20
LARGEST_PAGE = 1_000  # records asked for at once
SMALL_PAGE = 20  # records in a page of a proof
_LIMITS = ("limit", "per_page", "page_size", "pageSize", "$top", "perPage", "size", "rows")
_OFFSETS = ("offset", "skip", "$skip", "startIndex")
_PAGES = ("page", "pageNumber", "page_number", "p")
_TOTALS = set_of("total totalcount totalresults totalrecords totalitems totalelements count numfound recordcount hits")
_DOWN = frozenset({408, 425, 429, 502, 503, 504})  # no answer to the question, but a source that is not there


@dataclass(frozen=True)
class Sample:
    """One answer of the source."""

    asked: str
    url: str
    body: Any
    link: str | None = None
    records: Sequence[Any] = ()


class Probe:
    """Asks the source, and counts. Without a layout yet, an answer's records are not looked for."""

    def __init__(self, run: Run, location: str) -> None:
        self._run = run
        self.location = location
        self.left = MOST_REQUESTS
        self.refused = False  # whether the last question was
        self.layout: Layout | None = None
        self._answers: dict[str, Sample | None] = {}

    async def first(self) -> Sample:
        """Return the answer to the bare location; BadSource for one that a person has to do something about."""
        self.left -= 1
        response = await self._run.http.get(self.location)
        if reason := _refusals(response):
            raise Refused(reason)
        body = parsed(response)
        if body is None:
            raise BadSource("The sample holds no record: the source answered 204 (no content). Give another location.")
        return Sample(self.location, str(response.url), body, _link(response))

    async def ask(self, params: Mapping[str, Any], url: str | None = None) -> Sample | None:
        """Return the answer with these parameters; None when the source refuses them or enough has been asked.

        What has been asked before is not asked again. Raises httpx's errors for a source that is down: that proves
        nothing.
        """
        asked = str(httpx.URL(url or self.location).copy_merge_params(dict(params)))
        if asked not in self._answers and self.left > 0:
            self.left -= 1
            self._answers[asked] = await self._asked(asked)
        answer = self._answers.get(asked)
        self.refused = asked in self._answers and answer is None
        return answer

    async def _asked(self, asked: str) -> Sample | None:
        response = await self._run.http.get(asked)
        if response.status_code in _DOWN:
            response.raise_for_status()
        if not response.is_success:
            return None
        try:
            body = parsed(response)
        except BadSource:
            return None
        records = self.layout.list_of(body) if self.layout else None
        if records is None:
            return None
        return Sample(asked, str(response.url), body, _link(response), records)


@dataclass(frozen=True)
class Pages:
    """How the source pages, with the parameters that belong to it, the sample that knows most, and what was found."""

    paging: Paging | None
    params: dict[str, int]
    widest: Sample
    more: Sequence[Any] = ()  # records of a second page
    notes: tuple[str, ...] = ()


async def find_pages(probe: Probe, layout: Layout, first: Sample) -> Pages:
    """Return how the source pages, each style proven by a second page that differs from the first."""
    second = await _followed(probe, layout, first)
    limit_param, small = await _limit(probe, layout, first)
    if second is None and small is not None:
        second = await _followed(probe, layout, small)
    if second is not None:
        return await _largest(probe, layout, first, limit_param, *second)
    base = small or first
    step = len(base.records)
    asked = {limit_param: step} if limit_param else {}
    numbered = await _numbered(probe, layout, base, asked)
    if numbered is None:
        return await _largest(probe, layout, first, limit_param, None, (), _unproven(len(first.records), limit_param))
    paging, more = numbered
    if isinstance(paging, Offset):
        paging = replace(paging, total=_total(small, layout, len(first.records)))
    return await _largest(probe, layout, first, limit_param, paging, more, _told(paging))


# --- a next page that the source names itself ------------------------------------------------------------------------


async def _followed(probe: Probe, layout: Layout, sample: Sample) -> tuple[Paging, Sequence[Any], str] | None:
    styles: list[Paging] = [LinkHeader()] if sample.link else []
    styles += [NextUrl(path) for path in _next_paths(sample.body, layout.records)]
    for style in styles:
        try:
            token = style.after(None, PageAnswer(sample.url, sample.body, list(sample.records), sample.link))
        except BadSource:
            continue
        answer = await probe.ask({}, token["url"]) if token else None
        if answer and _differs(layout, answer.records, sample.records):
            where = "the Link header" if isinstance(style, LinkHeader) else f"the URL at `{_path(style)}`"
            return style, answer.records, f"Pages by {where}: the second differs."
    return None


def _next_paths(body: Any, records: str | None, path: str = "", depth: int = 4) -> Iterator[str]:
    """Yield the places outside the records where a URL is called next."""
    if not isinstance(body, dict) or not depth:
        return
    for key, value in body.items():
        here = f"{path}.{key}" if path else str(key)
        if here == records:
            continue
        if isinstance(value, dict):
            yield from _next_paths(value, records, here, depth - 1)
        elif isinstance(value, str) and "next" in words_of(here) and _like_a_url(value):
            yield here


def _like_a_url(text: str) -> bool:
    return text.startswith(("http://", "https://", "/", "?"))


# --- size, offset and number -----------------------------------------------------------------------------------------


async def _limit(probe: Probe, layout: Layout, first: Sample) -> tuple[str | None, Sample | None]:
    """Return the parameter of the page size, and the small page that proves it."""
    size = min(len(first.records) // 2, SMALL_PAGE)
    if size < 1:
        return None, None
    names = _hinted(_LIMITS, first)

    async def cut(some: Sequence[str]) -> Sample | None:
        answer = await probe.ask(dict.fromkeys(some, size))
        return answer if answer is not None and len(answer.records) == size else None

    async def cuts(some: Sequence[str]) -> bool:
        return await cut(some) is not None

    likely = names[:1]
    if not await cuts(likely):
        if await cuts(names[1:]):
            likely = [await single_out(names[1:], cuts)]
        elif probe.refused:  # perhaps for the sake of one of them
            likely = names[1:3]
    for name in likely:
        if answer := await cut([name]):
            return name, answer
    return None, None


async def _numbered(
    probe: Probe, layout: Layout, base: Sample, asked: dict[str, int]
) -> tuple[Paging, Sequence[Any]] | None:
    offsets, pages = _hinted(_OFFSETS, base), _hinted(_PAGES, base)
    step = len(base.records)
    values = {**dict.fromkeys(offsets, step), **dict.fromkeys(pages, 2)}
    held = layout.keys(base.records)

    async def turns(some: Sequence[str]) -> bool:
        answer = await probe.ask({**asked, **{name: values[name] for name in some}})
        return answer is not None and layout.keys(answer.records) != held

    if await turns(list(values)):
        names = [await single_out(list(values), turns)]
    else:
        names = [offsets[0], pages[0], offsets[1]] if probe.refused else []
    for name in names:
        if name in offsets and (found := await _offset(probe, layout, base, asked, name)):
            return found
        if name in pages and (found := await _page_number(probe, layout, base, asked, name)):
            return found
    return None


async def single_out(names: Sequence[str], honoured: Callable[[Sequence[str]], Awaitable[bool]]) -> str:
    """Return the first of `names` that must be honoured, given that they are together; by halves, to ask little."""
    while len(names) > 1:
        half = names[: (len(names) + 1) // 2]
        names = half if await honoured(half) else names[len(half) :]
    return names[0]


async def _offset(
    probe: Probe, layout: Layout, base: Sample, asked: dict[str, int], name: str
) -> tuple[Paging, Sequence[Any]] | None:
    """Prove an offset; where all records come at once, by asking for their second half."""
    step = len(base.records)
    found = Offset(limit=step, limit_param=next(iter(asked), None), offset_param=name)
    answer = await probe.ask({**asked, name: step})
    if answer and _differs(layout, answer.records, base.records):
        return found, answer.records
    if answer and not answer.records and not asked and step > 1:
        half = await probe.ask({name: step // 2})
        if half and layout.keys(half.records) == layout.keys(base.records[step // 2 :]):
            return found, half.records
    return None


async def _page_number(
    probe: Probe, layout: Layout, base: Sample, asked: dict[str, int], name: str
) -> tuple[Paging, Sequence[Any]] | None:
    """Prove a page number; where page 1 is not the first, the source counts from 0."""
    size = next(iter(asked), None)
    one = await probe.ask({**asked, name: 1})
    if one is None:
        return None
    if _differs(layout, one.records, base.records):
        return PageNumber(len(base.records), page_param=name, size_param=size, first=0), one.records
    two = await probe.ask({**asked, name: 2})
    if two and _differs(layout, two.records, base.records):
        return PageNumber(len(base.records), page_param=name, size_param=size), two.records
    return None


async def _largest(
    probe: Probe,
    layout: Layout,
    first: Sample,
    limit_param: str | None,
    paging: Paging | None,
    more: Sequence[Any],
    note: str,
) -> Pages:
    """Ask once for the largest page, and declare what the source gives then."""
    notes = [note] if note else []
    usual = len(first.records)
    wide = await probe.ask({limit_param: LARGEST_PAGE}) if limit_param and usual < LARGEST_PAGE else None
    if wide is None or len(wide.records) < usual:
        wide, size = first, usual
    else:
        size = LARGEST_PAGE
        if isinstance(paging, PageNumber) and len(wide.records) < LARGEST_PAGE:
            size = await _true_size(probe, paging, len(wide.records))
    if limit_param is not None:
        notes.append(f"`{limit_param}` sets the page size; {size:,} are asked for, {len(wide.records):,} came.")
    if isinstance(paging, Offset):
        return Pages(replace(paging, limit=size), {}, wide, more, tuple(notes))
    if isinstance(paging, PageNumber):
        return Pages(replace(paging, size=size), {}, wide, more, tuple(notes))
    return Pages(paging, {limit_param: size} if limit_param else {}, wide, more, tuple(notes))


async def _true_size(probe: Probe, paging: PageNumber, came: int) -> int:
    """Return the page size to declare where fewer came than asked for.

    A source may cap the size and yet count its pages by what was asked: then records would fall between the pages.
    """
    second = await probe.ask({str(paging.size_param): LARGEST_PAGE, paging.page_param: paging.first + 1})
    return came if second is not None and second.records else LARGEST_PAGE


def _total(small: Sample | None, layout: Layout, known: int) -> str | None:
    """Return where the answer to a small page tells how many records there are in all."""
    if small is None:
        return None
    for path, value in _numbers(small.body, layout.records):
        name = "".join(words_of(path.rpartition(".")[2]))
        if name in _TOTALS and value >= known > len(small.records):
            return path
    return None


def _numbers(body: Any, records: str | None, path: str = "", depth: int = 3) -> Iterator[tuple[str, int]]:
    for key, value in body.items() if isinstance(body, dict) and depth else ():
        here = f"{path}.{key}" if path else str(key)
        if here != records and isinstance(value, dict):
            yield from _numbers(value, records, here, depth - 1)
        elif type(value) is int:
            yield here, value


# --- shared ----------------------------------------------------------------------------------------------------------


def _hinted(names: Sequence[str], sample: Sample) -> list[str]:
    """Return the names, those first that the URL or the answer mentions."""
    url = httpx.URL(sample.asked)
    told = set(url.params) | {path.rpartition(".")[2] for path, _ in _numbers(sample.body, None)}
    return sorted(names, key=lambda name: name not in told)


def _differs(layout: Layout, page: Sequence[Any], before: Sequence[Any]) -> bool:
    """Say whether a page holds records, and none of those before. One new record at a live source must not do."""
    return bool(page) and not layout.keys(page) & layout.keys(before)


def _unproven(count: int, limit_param: str | None) -> str:
    capped = count >= 10 and (count % 10 == 0 or count & (count - 1) == 0)
    doubt = f" If it holds more than the {count:,} records it gave, the others cannot be reached." if capped else ""
    if limit_param is None and not doubt:
        return "No second page was found; all records come in one answer."
    return f"No second page was found.{doubt}"


def _told(paging: Paging) -> str:
    if isinstance(paging, Offset):
        return f"Pages by `{paging.offset_param}`, the number of records to skip: the second differs."
    if isinstance(paging, PageNumber):
        return f"Pages by `{paging.page_param}`, counted from {paging.first}: the second differs."
    return ""


def _path(style: Paging) -> str:
    return style.path if isinstance(style, NextUrl) else ""


def _link(response: httpx.Response) -> str | None:
    return response.links.get("next", {}).get("url")


def _refusals(response: httpx.Response) -> str | None:
    status = response.status_code
    if status in (401, 403):
        return (
            f"The source answered {status} {response.reason_phrase}: it does not let us in. Give auth_type (api_key, "
            "bearer or basic) with its credentials in source_config, or correct them."
        )
    if status in (404, 410):
        return f"The source answered {status} {response.reason_phrase}: there is nothing at location. Correct location."
    if 400 <= status < 500 and status not in _DOWN:
        return (
            f"The source answered {status} {response.reason_phrase}. Correct location, or give the parameters that it "
            "needs in query_params."
        )
    response.raise_for_status()
    return None
