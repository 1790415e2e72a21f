"""Declares the pagination styles of APIs and decides the next page.

A pagination style turns a page token into the URL of a page, and the answer to it into the token of the next page. A
token says all that is needed to go on in another process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from slackwater.errors import BadSource
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.url_parameters import with_params

HEADER = "header:"
"""Begins the name of a place that is a header of the answer: `header:X-Total-Count`."""
_NO = frozenset({"", "false", "0", "no", "n"})


class OutOfReach(BadSource):
    """A question to the source has more records than it hands out to one."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The source hands out no more than {most:,} records to one question, and this one has more.")
        self.most = most


@dataclass(frozen=True)
class Answer:
    """One answer of a source, as pagination needs it: URL, body, headers and records."""

    url: str
    body: Any
    records: list[Any]
    link: str | None = None  # the URL of the Link header's rel=next
    headers: Mapping[str, str] = field(default_factory=dict)

    def value_at(self, place: str) -> Any:
        """Return the value at a place: a dotted path of the body, or `header:Name`.

        MISSING without one.
        """
        if place.startswith(HEADER):
            return self.headers.get(place[len(HEADER) :], MISSING)
        return at(self.body, place)


class Paging(Protocol):
    """A way to walk through the pages of a source."""

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL of the page at `token`; None is the first page of `url`."""
        ...

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Return the next page's token, None at the end; BadSource without a way on."""
        ...

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Check whether this status, for the page at `token`, marks the end."""
        ...


@dataclass(frozen=True)
class Offset:
    """Pages by the number of records to skip.

    `first` is how the source writes that it skips none. `total` is the place of the record count, `more` that of a flag
    which says whether there are further records; both are dotted paths of the body, or `header:Name`. `past_end` is the
    status of a page behind the last, where that is no success; `repeats` that such a page is one that came before, the
    last as a rule; `doubtful` that it was full, so that at a usual depth others may lie behind it. `most` is how far
    the source pages at all: what lies beyond is read in shorter time windows.
    """

    limit: int = 500
    limit_param: str | None = "limit"
    offset_param: str = "offset"
    total: str | None = None
    more: str | None = None
    first: int = 0
    past_end: int | None = None
    most: int | None = None
    repeats: bool = False
    doubtful: bool = False

    def __post_init__(self) -> None:
        _at_least_one("limit", self.limit)

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL with its limit and offset."""
        asked = {self.limit_param: self.limit} if self.limit_param else {}
        return with_params(url, {**asked, self.offset_param: self.first + _offset(token)})

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Return the next offset, or None: the page was short, empty, or reached the total.

        OutOfReach when the source has more records than it hands out to one question.
        """
        if not answer.records and (self.total is None or answer.value_at(self.total) is MISSING):
            return None
        here = _offset(token) + len(answer.records)
        more = _further(answer, self.more)
        if more is not None and not more:
            return None
        if (total := _count(answer, self.total)) is not None:
            if here >= total:
                return None
            if self.most is not None and total > self.most:
                raise OutOfReach(most=self.most)
            if not answer.records:
                raise _cut_off(self, total, here)
        elif not answer.records or (more is None and _short(token, answer, self.limit)):
            return None
        if self.most is not None and here + self.limit > self.most:
            raise OutOfReach(most=self.most)
        return PageToken(offset=here, size=_size(token, answer))

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Say whether the source has been asked for a page behind its last."""
        return token is not None and status == self.past_end


@dataclass(frozen=True)
class PageNumber:
    """Pages by their number.

    `size` is how many records a full page holds; `size_param` requests that many. `total` is the place of the record
    count, `last` of the number of pages, `more` of a flag which says whether there are further pages: dotted paths of
    the body, or `header:Name`. `past_end` is the status of a page behind the last, where that is no success; `repeats`
    that such a page is one that came before, the last as a rule; `doubtful` that it was full, so that at a usual depth
    others may lie behind it. `uneven` says that pages are not all full, so that none but an empty one is the end.
    """

    size: int = 500
    page_param: str = "page"
    size_param: str | None = None
    first: int = 1
    total: str | None = None
    last: str | None = None
    more: str | None = None
    past_end: int | None = None
    repeats: bool = False
    doubtful: bool = False
    uneven: bool = False

    def __post_init__(self) -> None:
        _at_least_one("size", self.size)

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL with its page number."""
        asked = {self.size_param: self.size} if self.size_param else {}
        return with_params(url, {**asked, self.page_param: self._number(token)})

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Return the next number, or None: the page was short, empty, or the last.

        BadSource when pages end before the total.
        """
        page = self._number(token)
        seen = ((token.seen or 0) if token else 0) + len(answer.records)
        more = _further(answer, self.more)
        last, total = _count(answer, self.last, "last"), _count(answer, self.total)
        if not answer.records and token is not None and more is None and total is not None and seen < total:
            raise _cut_off(self, total, seen)
        if not answer.records or (more is not None and not more):
            return None
        if last is not None and page - self.first + 1 >= last:
            return None
        if total is not None and seen >= total:
            return None
        if more is last is total is None and not self.uneven and _short(token, answer, self.size):
            return None
        return PageToken(page=page + 1, size=_size(token, answer), seen=seen if self.total else None)

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Say whether the source has been asked for a page behind its last."""
        return token is not None and status == self.past_end

    def _number(self, token: PageToken | None) -> int:
        """Return the number of the page at a token."""
        return token.page if token and token.page is not None else self.first


@dataclass(frozen=True)
class LinkHeader:
    """Pages by the URL in the header `Link: <…>; rel="next"`."""

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL that the page before gave."""
        return token.url if token and token.url is not None else url

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Follow the link, if there is one and the page holds something."""
        return _followed(answer, answer.link) if answer.records else None

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Never end at an error status: a page that the source has named must exist."""
        return False


@dataclass(frozen=True)
class NextUrl:
    """Pages by a URL in the body, absolute or relative; without URL it ends.

    `path` is dotted; `links.rel=next.href` is the `href` of the entry of `links` whose `rel` is `next`.
    """

    path: str

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL that the page before gave."""
        return token.url if token and token.url is not None else url

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Follow the URL, if there is one; BadSource if what is there is none.

        An empty page is the end: some sources go on to name a next page behind their last.
        """
        url = answer.value_at(self.path)
        if not answer.records or url is MISSING or url is None or url is False or url == "":
            return None
        if not isinstance(url, str):
            raise BadSource(f"`{self.path}` should be the URL of the next page, but it is {url!r:.100}.")
        return _followed(answer, url)

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Never end at an error status: a page that the source has named must exist."""
        return False


@dataclass(frozen=True)
class Cursor:
    """Pages by a token from each answer for the parameter `param`; without token it ends.

    `path` is where the token is: a dotted path of the body, or `header:Name`. With `of_last` it is a path in the last
    record instead: the source is asked for what follows that record; with `of_first` in the first, of a source that
    gives what precedes it. `more` is the place of a flag that says whether there are further pages, `last` of the
    number of the last page, of a source whose tokens are numbers of pages.
    """

    param: str
    path: str
    more: str | None = None
    last: str | None = None
    of_last: bool = False
    of_first: bool = False

    def place(self, url: str, token: PageToken | None) -> str:
        """Return the URL with the token of its page."""
        return with_params(url, {self.param: token.cursor}) if token and token.cursor is not None else url

    def after(self, token: PageToken | None, answer: Answer) -> PageToken | None:
        """Return the next page's token, if any; BadSource if the value is none."""
        more = _further(answer, self.more)
        if more is not None and not more:
            return None
        if self.of_last or self.of_first:
            cursor = at(answer.records[-1 if self.of_last else 0], self.path) if answer.records else None
        else:
            cursor = answer.value_at(self.path)
        if cursor is MISSING or cursor is None or cursor is False or cursor == "":
            return None
        if isinstance(cursor, bool) or not isinstance(cursor, str | int | float):
            raise BadSource(f"`{self.path}` should be the token of the next page, but it is {cursor!r:.100}.")
        if token is not None and str(cursor) == token.cursor:
            if not answer.records or self._is_last(token, answer):  # it has nothing more, and repeats where it stands
                return None
            raise BadSource(f"`{self.path}` gives the token of the page itself again; the source does not move.")
        numbered = str(cursor).isdecimal() and not (self.of_last or self.of_first)
        return PageToken(cursor=str(cursor), size=_size(token, answer) if numbered else None)

    def _is_last(self, token: PageToken, answer: Answer) -> bool:
        """Say whether a numbered page is the last: by the source, or not full."""
        if self.last is not None and whole_number(answer.value_at(self.last)) is not None:
            return str(whole_number(answer.value_at(self.last))) == token.cursor
        return token.size is not None and len(answer.records) < token.size

    def ends(self, token: PageToken | None, status: int) -> bool:
        """Never end at an error status: a page that the source has named must exist."""
        return False


def shown(url: str) -> str:
    """Return a URL without its query, which may carry a key."""
    return re.sub(r"[?#].*", "", url)


def counted(paging: Paging, token: PageToken | None, answer: Answer) -> tuple[int, int] | None:
    """Return (records so far, total), None where the source gives no total."""
    if not isinstance(paging, Offset | PageNumber) or paging.total is None:
        return None
    total = whole_number(answer.value_at(paging.total))
    before = 0 if token is None else token.offset or token.seen or 0
    done = before + len(answer.records)
    return None if total is None or total < done else (done, total)


def whole_number(value: Any) -> int | None:
    """Parse a source's value as a whole number, also from text, else None."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if type(value) is int else None


def _cut_off(paging: Offset | PageNumber, total: int, read: int) -> BadSource:
    return BadSource(
        f"The source says at `{paging.total}` that it holds {total:,} records, but gives none after the first "
        f"{read:,}. Remove `total` from the {type(paging).__name__}(...) if it counts something else, or ask for "
        "shorter time windows."
    )


def _count(answer: Answer, place: str | None, name: str = "total") -> int | None:
    if place is None:
        return None
    said = answer.value_at(place)
    if (count := whole_number(said)) is None:
        what = "pages" if name == "last" else "records"
        raise BadSource(f"`{place}` should be the number of {what}, but it is {_seen(said)}. Remove `{name}`.")
    return count


def _further(answer: Answer, place: str | None) -> bool | None:
    """Return the flag's value; None if none is declared, false if it is missing."""
    if place is None:
        return None
    said = answer.value_at(place)
    if isinstance(said, str):
        return said.strip().lower() not in _NO
    return said is not MISSING and bool(said)


def _offset(token: PageToken | None) -> int:
    """Return the number of records before a page."""
    return (token.offset or 0) if token else 0


def _size(token: PageToken | None, answer: Answer) -> int:
    """Return the size of a full page: the first page's, whatever was requested."""
    return len(answer.records) if token is None or token.size is None else token.size


def _short(token: PageToken | None, answer: Answer, asked: int) -> bool:
    """Say whether the page was the last.

    A first page that is short may have been capped by the source; then the next one tells, and only an empty page or
    one shorter than the first is the end.
    """
    if not answer.records:
        return True
    return token is not None and len(answer.records) < (asked if token.size is None else min(asked, token.size))


def _followed(answer: Answer, link: str | None) -> PageToken | None:
    if not link:
        return None
    here = httpx.URL(answer.url)
    if link.startswith("&"):  # the end of a query: what is asked for otherwise
        link = str(here.copy_merge_params(httpx.QueryParams(link[1:])))
    try:
        url = here.join(link)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadSource(f"The URL of the next page cannot be used: {link!r:.200} ({error}).") from None
    if here.scheme == "https" and url.scheme == "http" and url.host == here.host:
        url = url.copy_with(scheme="https", port=here.port)  # it does not know of the proxy in front of it
    if url == here:
        raise BadSource(f"The next page of the source is the page itself ({shown(str(url))}); it does not move.")
    return PageToken(url=str(url))


def _seen(value: Any) -> str:
    return "missing" if value is MISSING else f"{value!r:.100}"


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise BadSource(f"{name} must be at least 1, not {value}.")
