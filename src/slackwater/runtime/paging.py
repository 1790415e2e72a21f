"""How an API hands out its records: page by page, and by time range. Declarations, and the decisions they make.

A paging style turns a resume token into the URL of a page, and the answer to it into the token of the next page.
A token is JSON-able and says all that is needed to go on in another process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

import httpx
import msgspec

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, from_micros

Token = dict[str, Any]
MISSING: Any = object()
"""What `at` returns where there is nothing; JSON's null is something."""


def at(body: Any, path: str) -> Any:
    """Return what lies at a dotted path of parsed JSON, MISSING if nothing does.

    A key may itself contain dots (`@odata.nextLink`); a number picks from a list.
    """
    if isinstance(body, list):
        head, _, rest = path.partition(".")
        found = body[int(head)] if head.isdecimal() and int(head) < len(body) else MISSING
        return at(found, rest) if rest and found is not MISSING else found
    if not isinstance(body, dict):
        return MISSING
    if path in body:
        return body[path]
    end = path.find(".")
    while end > 0:
        if path[:end] in body and (found := at(body[path[:end]], path[end + 1 :])) is not MISSING:
            return found
        end = path.find(".", end + 1)
    return MISSING


@dataclass(frozen=True)
class Answer:
    """One answer of a source, as paging sees it: where it came from, what it said, and the records in it."""

    url: str
    body: Any
    records: list[Any]
    link: str | None = None  # the URL of the Link header's rel=next


class Paging(Protocol):
    """A way to walk through the pages of a source."""

    def place(self, url: str, token: Token | None) -> str:
        """Return the URL of the page at `token`; None is the first page of `url`."""
        ...

    def after(self, token: Token | None, answer: Answer) -> Token | None:
        """Return the token of the page after this answer, None at the end; BadSource if there is no way on."""
        ...


@dataclass(frozen=True)
class Offset:
    """Pages by the number of records to skip. `total` is the path of the record count in the body, if it has one."""

    limit: int = 500
    limit_param: str | None = "limit"
    offset_param: str = "offset"
    total: str | None = None

    def __post_init__(self) -> None:
        _at_least_one("limit", self.limit)

    def place(self, url: str, token: Token | None) -> str:
        """Return the URL with its limit and offset."""
        asked = {self.limit_param: self.limit} if self.limit_param else {}
        return _with(url, {**asked, self.offset_param: token["offset"] if token else 0})

    def after(self, token: Token | None, answer: Answer) -> Token | None:
        """Go on behind the last record, unless the page was short, empty, or reached the total."""
        here = (token["offset"] if token else 0) + len(answer.records)
        if (total := _total(answer.body, self.total)) is not None:
            if here >= total:
                return None
            if not answer.records:
                raise BadSource(
                    f"The source says at `{self.total}` that it holds {total:,} records, but gives none after the "
                    f"first {here:,}. Remove `total` from the Offset(...) if it counts something else, or ask for "
                    "shorter time windows."
                )
            return {"offset": here, "size": _size(token, answer)}
        if _short(token, answer, self.limit):
            return None
        return {"offset": here, "size": _size(token, answer)}


@dataclass(frozen=True)
class PageNumber:
    """Pages by their number. `size` is how many records a full page holds; `size_param` asks for that many."""

    size: int = 500
    page_param: str = "page"
    size_param: str | None = None
    first: int = 1

    def __post_init__(self) -> None:
        _at_least_one("size", self.size)

    def place(self, url: str, token: Token | None) -> str:
        """Return the URL with its page number."""
        asked = {self.size_param: self.size} if self.size_param else {}
        return _with(url, {**asked, self.page_param: token["page"] if token else self.first})

    def after(self, token: Token | None, answer: Answer) -> Token | None:
        """Go on with the next number, unless the page was short or empty."""
        if _short(token, answer, self.size):
            return None
        return {"page": (token["page"] if token else self.first) + 1, "size": _size(token, answer)}


@dataclass(frozen=True)
class LinkHeader:
    """Pages by the URL in the header `Link: <…>; rel="next"`."""

    def place(self, url: str, token: Token | None) -> str:
        """Return the URL that the page before gave."""
        return token["url"] if token else url

    def after(self, token: Token | None, answer: Answer) -> Token | None:
        """Follow the link, if there is one."""
        return _followed(answer, answer.link)


@dataclass(frozen=True)
class NextUrl:
    """Pages by a URL in the body, absolute or relative; no URL there is the end."""

    path: str

    def place(self, url: str, token: Token | None) -> str:
        """Return the URL that the page before gave."""
        return token["url"] if token else url

    def after(self, token: Token | None, answer: Answer) -> Token | None:
        """Follow the URL, if there is one; BadSource if what is there is none."""
        url = at(answer.body, self.path)
        if url is MISSING or url is None or url is False or url == "":
            return None
        if not isinstance(url, str):
            raise BadSource(f"`{self.path}` should be the URL of the next page, but it is {url!r:.100}.")
        return _followed(answer, url)


@dataclass
class Trail:
    """The pages that have been seen on one walk. It makes a walk that comes round again an error.

    Without it, a source that ignores the parameters of its pages would be read for ever, or lose what it did not show.
    """

    places: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)

    @classmethod
    def resumed(cls, token: Token | None) -> "Trail":
        """Return the trail of a walk that goes on at `token`: the page before it has been seen."""
        before = token.get("before") if token else None
        return cls(contents={before} if before else set())

    def enter(self, url: str) -> None:
        """Note that the page at `url` is asked for; BadSource if it has been already."""
        if url in self.places:
            raise BadSource(
                f"The next page of the source is one that was read already ({_shown(url)}). Correct `pages` in the "
                "wrapper's code, or ask for shorter pages."
            )
        self.places.add(url)

    def turn(self, url: str, records: list[Any], following: Token | None) -> Token | None:
        """Note what the page at `url` held and return the token of the following page, made to remember it.

        BadSource if an earlier page held the same records.
        """
        if not records:
            return following
        held = blake2b(msgspec.json.encode(records), digest_size=8).hexdigest()
        if held in self.contents:
            raise BadSource(
                f"Two pages of the source hold the same records (again at {_shown(url)}): it does not honour the "
                "page that was asked for. Correct `pages` in the wrapper's code."
            )
        self.contents.add(held)
        return None if following is None else {**following, "before": held}


_UNITS = {"iso": SECOND, "date": DAY, "epoch_s": SECOND, "epoch_ms": 1000}  # form → µs that it can tell apart
_DIRECTIVES = (  # finest first: the unit of a strptime form is that of the finest directive in it
    ("%f", 1), ("%S", SECOND), ("%X", SECOND), ("%T", SECOND), ("%M", MINUTE), ("%H", HOUR), ("%I", HOUR),
    ("%d", DAY), ("%j", DAY), ("%x", DAY), ("%F", DAY), ("%m", 31 * DAY), ("%b", 31 * DAY), ("%B", 31 * DAY),
    ("%Y", 366 * DAY), ("%y", 366 * DAY),
)  # fmt: skip


@dataclass(frozen=True)
class TimeFilter:
    """The pair of query parameters that asks for a time range.

    `form` is `iso`, `date`, `epoch_s`, `epoch_ms` or a strptime format. A form that is coarser than the range asks for
    more, never for less. `inclusive_start` and `inclusive_end` say whether a record at exactly that moment comes back;
    where it does not, one unit more is asked for.
    """

    from_param: str
    to_param: str
    form: str = "iso"
    inclusive_start: bool = True
    inclusive_end: bool = True

    def __post_init__(self) -> None:
        if self.form not in _UNITS and _unit(self.form) is None:
            raise BadSource(
                f"TimeFilter: form {self.form!r} is none of {', '.join(_UNITS)}, nor a format such as %Y-%m-%d %H:%M."
            )

    @property
    def unit(self) -> int:
        """The span in µs that the form can tell apart."""
        return _UNITS.get(self.form) or _unit(self.form) or SECOND

    def params(self, window: Interval, zone: tzinfo = UTC) -> Mapping[str, str]:
        """Return the query parameters for `window`; `zone` is that of forms that name none."""
        # A day with a change of clocks has 25 hours.
        unit = self.unit + (HOUR if self.unit >= DAY and zone is not UTC else 0)
        start = window.start - (0 if self.inclusive_start else unit)
        end = window.end + unit - 1 + (0 if self.inclusive_end else unit)
        return {self.from_param: self.written(start, zone), self.to_param: self.written(end, zone)}

    def written(self, moment: int, zone: tzinfo = UTC) -> str:
        """Return a moment (µs) in the form, cut to its unit."""
        # A day from either end of the calendar, so that every zone can say it.
        moment = min(max(moment, EARLIEST + DAY), LATEST - DAY)
        if self.form.startswith("epoch"):
            return str(moment // self.unit)
        if self.form == "iso":
            return from_micros(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        local = from_micros(moment).astimezone(zone)
        if self.form == "date":
            return local.date().isoformat()
        # strftime leaves out the zeros of a year before 1000.
        return local.strftime(self.form.replace("%Y", f"{local.year:04}"))


def _unit(form: str) -> int | None:
    try:
        datetime.strptime(datetime(2001, 12, 29, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007 - only tried
    except ValueError:
        return None
    return next((unit for directive, unit in _DIRECTIVES if directive in form), None)


def _with(url: str, params: Mapping[str, Any]) -> str:
    """Return the URL with these query parameters set; on the way of every page, so it parses a URL once only."""
    parts, pairs = _split(url)
    kept = [(name, value) for name, value in pairs if name not in params]
    query = urlencode([*kept, *((name, str(value)) for name, value in params.items())], quote_via=quote)
    return urlunsplit(parts._replace(query=query))


@lru_cache(maxsize=64)
def _split(url: str) -> tuple[SplitResult, tuple[tuple[str, str], ...]]:
    parts = urlsplit(url)
    return parts, tuple(parse_qsl(parts.query, keep_blank_values=True))


def _total(body: Any, path: str | None) -> int | None:
    if path is None:
        return None
    total = at(body, path)
    if isinstance(total, str) and total.strip().isdecimal():
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool):
        raise BadSource(f"`{path}` should be the number of records, but it is {_seen(total)}. Remove `total`.")
    return total


def _size(token: Token | None, answer: Answer) -> int:
    """Return how many records a full page holds: what the first page gave, whatever was asked for."""
    return int(token["size"]) if token else len(answer.records)


def _short(token: Token | None, answer: Answer, asked: int) -> bool:
    """Say whether the page was the last.

    A first page that is short may have been capped by the source; then the next one tells, and only an empty page or
    one shorter than the first is the end.
    """
    if not answer.records:
        return True
    return token is not None and len(answer.records) < min(asked, int(token["size"]))


def _followed(answer: Answer, link: str | None) -> Token | None:
    if not link:
        return None
    here = httpx.URL(answer.url)
    try:
        url = here.join(link)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadSource(f"The URL of the next page cannot be used: {link!r:.200} ({error}).") from None
    if here.scheme == "https" and url.scheme == "http" and url.host == here.host:
        url = url.copy_with(scheme="https", port=here.port)  # it does not know of the proxy in front of it
    if url == here:
        raise BadSource(f"The next page of the source is the page itself ({_shown(str(url))}); it does not move.")
    return {"url": str(url)}


def _shown(url: str) -> str:
    """Return a URL without its query, which may carry a key."""
    return re.sub(r"[?#].*", "", url)


def _seen(value: Any) -> str:
    return "missing" if value is MISSING else f"{value!r:.100}"


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise BadSource(f"{name} must be at least 1, not {value}.")
