"""A real HTTP source on loopback: what the tests read, and what the fault campaign breaks.

    feed = Feed([(parse_iso("2020-01-01"), 1.5)])
    with SourceServer() as server:
        endpoint = server.serve("/v1/levels", feed, records="items", paging="offset", page_size=100)
        endpoint.url, endpoint.requests                  # where it is, and what has been asked of it
        endpoint.faults.answer(429, times=2, retry_after=1)

Everything runs in threads of the test's own process over real sockets (HTTP/1.1, keep-alive).
"""

import base64
import contextlib
import socket
import ssl
import threading
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import msgspec

from slackwater.model.instants import DAY, SECOND, from_micros, iso, parse_iso

DEFAULT_SERIES = "value"
HANG = 60.0  # seconds a hanging answer keeps its connection, unless it is let go before


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived. `time` is time.monotonic()."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    time: float
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What a route gives back; `body` is sent as JSON unless it is bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None  # a Content-Length that is not kept


class Drop(Exception):
    """Raised by a route: the connection is closed without an answer."""


Route = Callable[[Recorded], Answer]


def client() -> httpx.AsyncClient:
    """An HTTP client for loopback; it loads no certificates, which takes longer than most tests."""
    return httpx.AsyncClient(verify=False, trust_env=False, follow_redirects=True)


class Feed:
    """The points a source holds; (series, time) is unique. Safe to change while it is served."""

    def __init__(self, points: Iterable[tuple[int, float] | tuple[int, float, str]] = ()) -> None:
        self._lock = threading.RLock()
        self._values: dict[tuple[int, str], float | None] = {}
        self._ordered: list[tuple[int, str]] | None = None
        self.extend(points)

    @classmethod
    def regular(cls, start: str, step: int, count: int, *, series: Iterable[str] = (DEFAULT_SERIES,)) -> Self:
        """`count` times from `start` on, `step` µs apart, each with a value for every series."""
        begin = parse_iso(start)
        names = list(series)
        return cls(
            (begin + step * n, round(n * 1.25 + 100 * k, 2), name) for n in range(count) for k, name in enumerate(names)
        )

    def add(self, when: int | str, value: float | None, series: str = DEFAULT_SERIES) -> None:
        """Publish a point."""
        self.extend([(parse_iso(when) if isinstance(when, str) else when, value, series)])  # type: ignore[list-item]

    def extend(self, points: Iterable[tuple[int, float] | tuple[int, float, str]]) -> None:
        """Publish points."""
        with self._lock:
            self._values.update({(p[0], p[2] if len(p) > 2 else DEFAULT_SERIES): p[1] for p in points})
            self._ordered = None

    def revise(self, when: int | str, value: float, series: str = DEFAULT_SERIES) -> None:
        """Change the value of a point that is published; KeyError if it is not."""
        key = (parse_iso(when) if isinstance(when, str) else when, series)
        with self._lock:
            _ = self._values[key]
            self._values[key] = value

    def withdraw(self, when: int, series: str = DEFAULT_SERIES) -> None:
        """Publish a point no more; KeyError if it was not."""
        with self._lock:
            del self._values[when, series]
            self._ordered = None

    def __len__(self) -> int:
        return len(self._values)

    def points(self) -> dict[str, dict[int, float]]:
        """Everything a complete reading must hold: series → {time: value}."""
        with self._lock:
            held: dict[str, dict[int, float]] = {}
            for (when, series), value in self._values.items():
                if value is not None:
                    held.setdefault(series, {})[when] = value
            return held

    def between(self, start: int | None, end: int | None, *, inclusive_end: bool) -> "Stretch":
        """The points of a time range, oldest first."""
        with self._lock:
            if self._ordered is None:
                self._ordered = sorted(self._values)
            low = 0 if start is None else bisect_left(self._ordered, (start, ""))
            if end is None:
                high = len(self._ordered)
            elif inclusive_end:
                high = bisect_right(self._ordered, (end, chr(0x10FFFF)))
            else:
                high = bisect_left(self._ordered, (end, ""))
            return Stretch(self, self._ordered, low, max(low, high))

    def value(self, key: tuple[int, str]) -> float | None:
        """The value of (time, series)."""
        return self._values[key]


@dataclass(frozen=True)
class Stretch:
    """A part of a feed, without a copy of it."""

    feed: Feed
    ordered: list[tuple[int, str]]
    low: int
    high: int

    def __len__(self) -> int:
        return self.high - self.low

    def cut(self, skip: int, count: int, *, newest_first: bool) -> list[tuple[int, str, float | None]]:
        """`count` points after the first `skip`."""
        if newest_first:
            keys = self.ordered[max(self.low, self.high - skip - count) : max(self.low, self.high - skip)][::-1]
        else:
            keys = self.ordered[min(self.high, self.low + skip) : min(self.high, self.low + skip + count)]
        return [(when, series, self.feed.value((when, series))) for when, series in keys]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How an endpoint serves its feed."""

    records: str | None = "items"  # dotted place of the list in the answer; None: the answer is the list
    time_field: str = "timestamp"
    value_field: str = "value"  # with `wide`, each series is a field of its own instead
    series_field: str | None = None
    wide: bool = False  # a record for each time, with a field for each series
    time_form: str = "iso"  # iso, date, year, epoch_s, epoch_ms
    extra: Mapping[str, Any] = field(default_factory=dict)  # further fields in each record
    order: Literal["asc", "desc"] = "asc"
    paging: Literal["link", "next", "cursor", "offset", "page"] | None = None
    page_size: int = 100  # what it gives when not asked for a size
    max_page_size: int = 1000  # asked for more, it gives this many
    limit_param: str | None = "limit"  # None: the size cannot be asked for
    offset_param: str = "offset"
    page_param: str = "page"
    first_page: int = 1
    next_path: str = "paging.next"  # where `next` has its URL and `cursor` its token
    next_header: str | None = None  # the header where `cursor` has it instead
    cursor_param: str = "cursor"
    more_path: str | None = None  # a flag that says whether there is more
    total_path: str | None = None
    total_header: str | None = None
    ignores_pages: bool = False  # gives the first page whatever is asked
    repeats_last: bool = False  # gives its last page again for every page behind it
    past_end: int = 200  # the status of a page behind the last
    time_filter: tuple[str, str] | None = None
    since_param: str | None = None  # asks for a start alone
    filter_form: Literal["iso", "date", "epoch_s", "epoch_ms"] = "iso"
    filter_ignored: bool = False
    begins: int | None = None  # a range that reaches before it is refused
    inclusive_end: bool = True
    strict: bool = False  # 400 for a parameter it does not know
    auth: tuple[str, ...] | None = None  # ("api_key", header, key), ("bearer", token) or ("basic", user, password)
    delay: float = 0.0  # seconds before each answer


class Faults:
    """What shall go wrong with the next requests, in the order given; then all is well again."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[Recorded], Answer | None]] = deque()
        self._released = threading.Event()
        self.struck = 0  # faults that have happened

    def answer(self, status: int, *, times: int = 1, retry_after: float | str | None = None, body: Any = None) -> None:
        """Answer the next `times` requests with `status`."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        bad = Answer(body or {"error": responses.get(status, "?")}, status, headers)
        self._waiting.extend([lambda _: bad] * times)

    def drop(self, *, times: int = 1) -> None:
        """Close the connection of the next `times` requests without an answer."""

        def dropped(_: Recorded) -> Answer:
            raise Drop

        self._waiting.extend([dropped] * times)

    def truncate(self, *, times: int = 1) -> None:
        """Break the next `times` answers off in their middle."""
        self._waiting.extend([lambda _: Answer(b'{"items": [', promised=10_000)] * times)

    def hang(self, *, times: int = 1, seconds: float = HANG) -> None:
        """Say nothing to the next `times` requests for `seconds`, or until `release`; then close the connection."""

        def hanging(_: Recorded) -> Answer:
            self._released.wait(seconds)
            raise Drop

        self._released.clear()
        self._waiting.extend([hanging] * times)

    def slow(self, seconds: float, *, times: int = 1) -> None:
        """Answer the next `times` requests well, but `seconds` later."""

        def slowly(_: Recorded) -> None:
            self._released.wait(seconds)

        self._released.clear()
        self._waiting.extend([slowly] * times)

    def release(self) -> None:
        """Let go of what hangs."""
        self._released.set()

    def clear(self) -> None:
        """Let all be well from now on."""
        self._waiting.clear()
        self.release()

    def strike(self, request: Recorded) -> Answer | None:
        """Perform the next fault; None if the request shall be answered as usual."""
        try:
            fault = self._waiting.popleft()
        except IndexError:
            return None
        self.struck += 1
        return fault(request)


class Endpoint:
    """A feed under a path, in a shape."""

    def __init__(self, url: str, feed: Feed, shape: Shape) -> None:
        self.url = url
        self.feed = feed
        self.shape = shape
        self.faults = Faults()
        self.requests: list[Recorded] = []

    def __call__(self, request: Recorded) -> Answer:
        self.requests.append(request)
        if self.shape.delay:
            time.sleep(self.shape.delay)
        return self.faults.strike(request) or self._refused(request) or self._page(request)

    def _refused(self, request: Recorded) -> Answer | None:
        match self.shape.auth:
            case ("api_key", header, key):
                let_in = request.headers.get(header.lower()) == key
            case ("bearer", token):
                let_in = request.headers.get("authorization") == f"Bearer {token}"
            case ("basic", user, password):
                expected = base64.b64encode(f"{user}:{password}".encode()).decode()
                let_in = request.headers.get("authorization") == f"Basic {expected}"
            case _:
                let_in = True
        if not let_in:
            return Answer({"error": "who are you?"}, 401, {"WWW-Authenticate": "Bearer"})
        if self.shape.strict and (unknown := request.query.keys() - self._known()):
            return Answer({"error": f"unknown parameters {sorted(unknown)}"}, 400)
        return None

    def _known(self) -> set[str]:
        shape = self.shape
        paging = {
            "offset": {shape.offset_param},
            "page": {shape.page_param},
            "link": {"cursor"},
            "next": {"cursor"},
            "cursor": {shape.cursor_param},
        }.get(shape.paging or "", set())
        known = paging | ({shape.limit_param} if shape.limit_param else set()) | set(shape.time_filter or ())
        return known | ({shape.since_param} if shape.since_param else set())

    def _page(self, request: Recorded) -> Answer:
        try:
            stretch = self._stretch(request)
            skip, size = self._place(request)
        except ValueError as error:
            return Answer({"error": str(error)}, 400)
        if self.shape.wide:
            return self._answer(request, *self._wide(stretch, skip, size))
        if self.shape.repeats_last and skip >= len(stretch) > 0:
            skip = (len(stretch) - 1) // size * size
        if self.shape.paging is None and (
            self.shape.limit_param is None or self.shape.limit_param not in request.query
        ):
            skip, size = 0, len(stretch)
        points = stretch.cut(skip, size, newest_first=self.shape.order == "desc")
        return self._answer(request, [self._record(*point) for point in points], skip, size, len(stretch))

    def _answer(self, request: Recorded, records: list[dict[str, Any]], skip: int, size: int, total: int) -> Answer:
        shape = self.shape
        if not records and skip and shape.past_end != 200:
            return Answer({"error": "no such page"}, shape.past_end)
        more = skip + size < total
        following = None
        if more and shape.paging in ("link", "next"):
            following = "?".join([self.url, urlencode({**request.query, "cursor": skip + size})])
        elif more and shape.paging == "cursor":
            following = f"c{skip + size}"
        headers = (
            {"Link": f'<{following}>; rel="next", <{self.url}>; rel="first"'}
            if shape.paging == "link" and following
            else {}
        )
        if shape.next_header and following:
            headers[shape.next_header] = following
        if shape.total_header:
            headers[shape.total_header] = str(total)
        if shape.records is None:
            return Answer(records, headers=headers)
        body: dict[str, Any] = {}
        _put(body, shape.records, records)
        if shape.paging == "next" or (shape.paging == "cursor" and not shape.next_header):
            _put(body, shape.next_path, following)
        if shape.more_path:
            _put(body, shape.more_path, more)
        if shape.total_path:
            _put(body, shape.total_path, total)
        return Answer(body, headers=headers)

    def _stretch(self, request: Recorded) -> Stretch:
        shape = self.shape
        start = end = None
        if shape.time_filter and not shape.filter_ignored:
            start, end = (
                None if name not in request.query else _moment(request.query[name], shape.filter_form)
                for name in shape.time_filter
            )
        if shape.begins is not None and start is not None and start < shape.begins:
            raise ValueError("date out of range")
        if shape.since_param and shape.since_param in request.query:
            start = _moment(request.query[shape.since_param], shape.filter_form)
        return self.feed.between(start, end, inclusive_end=shape.inclusive_end)

    def _place(self, request: Recorded) -> tuple[int, int]:
        shape, query = self.shape, request.query
        size = shape.page_size
        if shape.limit_param and shape.limit_param in query:
            size = min(int(query[shape.limit_param]), shape.max_page_size)
        if size < 1:
            raise ValueError("the limit must be at least 1")
        if shape.ignores_pages:
            return 0, size
        match shape.paging:
            case "offset":
                return int(query.get(shape.offset_param, 0)), size
            case "page":
                return (int(query.get(shape.page_param, shape.first_page)) - shape.first_page) * size, size
            case "link" | "next":
                return int(query.get("cursor", 0)), size
            case "cursor":
                return int(query.get(shape.cursor_param, "c0").removeprefix("c")), size
        return 0, size

    def _wide(self, stretch: Stretch, skip: int, size: int) -> tuple[list[dict[str, Any]], int, int, int]:
        rows: dict[int, dict[str, Any]] = {}
        for when, series, value in stretch.cut(0, len(stretch), newest_first=self.shape.order == "desc"):
            row = rows.setdefault(when, {self.shape.time_field: _written(when, self.shape.time_form)})
            _put(row, series, value)
        records = [{**row, **self.shape.extra} for row in rows.values()]
        if self.shape.paging is None:
            return records, 0, len(records), len(records)
        return records[skip : skip + size], skip, size, len(records)

    def _record(self, when: int, series: str, value: float | None) -> dict[str, Any]:
        shape = self.shape
        record: dict[str, Any] = {}
        _put(record, shape.time_field, _written(when, shape.time_form))
        _put(record, shape.value_field, value)
        if shape.series_field:
            _put(record, shape.series_field, series)
        return {**record, **shape.extra} if shape.extra else record


class SourceServer:
    """Serves routes on a free loopback port while it is entered, over TLS with `tls`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._http = _Server(("127.0.0.1", 0), _Handler)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._http.answer = self._answer
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="source", daemon=True)
        self._routes: dict[str, Route] = {}
        self._endpoints: list[Endpoint] = []
        self.requests: list[Recorded] = []  # of all routes, in the order of their arrival

    @property
    def url(self) -> str:
        """The server's own URL, without a path."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for endpoint in self._endpoints:
            endpoint.faults.clear()
        self._http.shutdown()
        self._thread.join()
        self._http.close_all()

    def serve(self, path: str, feed: Feed, **shape: Any) -> Endpoint:
        """Serve a feed under `path`; the keywords are those of Shape."""
        endpoint = Endpoint(self.url + path, feed, Shape(**shape))
        self._endpoints.append(endpoint)
        self._routes[path] = endpoint
        return endpoint

    def route(self, path: str, answer: Route | Answer) -> str:
        """Answer requests for `path` with a function of the request, or always the same; return its URL.

        One that ends in `*` is of all paths that begin so.
        """
        self._routes[path] = answer if callable(answer) else lambda _: answer
        return self.url + path

    def forget(self) -> None:
        """Forget the requests so far, which would grow without bound."""
        for each in (self, *self._endpoints):
            each.requests.clear()

    def _answer(self, request: Recorded) -> Answer:
        self.requests.append(request)
        route = self._routes.get(request.path) or next(
            (each for path, each in self._routes.items() if path.endswith("*") and request.path.startswith(path[:-1])),
            None,
        )
        return route(request) if route else Answer({"error": "nothing here"}, 404)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    answer: Route

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close_all(self) -> None:
        """Close the listening socket, and end the threads of connections that are kept alive."""
        self.server_close()
        deadline = time.monotonic() + 5
        while self._open and time.monotonic() < deadline:
            with self._lock:
                for each in self._open:
                    with contextlib.suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
            time.sleep(0.002)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        request = Recorded(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            time=time.monotonic(),
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        try:
            answer = self.server.answer(request)
        except Drop:
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
        length = len(body) if answer.promised is None else answer.promised
        head = {"Content-Type": "application/json", "Content-Length": str(length), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '?')}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        if length != len(body):
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """The requests are recorded; nothing needs to be printed."""


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for key in above:
        body = body.setdefault(key, {})
    body[last] = value


def _written(when: int, form: str) -> Any:
    match form:
        case "iso":
            return iso(when)
        case "date":
            return from_micros(when).date().isoformat()
        case "year":
            return from_micros(when).year
        case "epoch_s":
            return when // SECOND
        case "epoch_ms":
            return when // 1000
    return from_micros(when).strftime(form)


def _moment(text: str, form: str) -> int:
    """Read a parameter of the time filter; ValueError where this source would refuse it."""
    match form:
        case "iso":
            if "T" not in text:
                raise ValueError(f"{text!r} is no date-time")
            return parse_iso(text)
        case "date":
            if len(text) != 10:
                raise ValueError(f"{text!r} is no date")
            moment = parse_iso(text)
            if moment % DAY:
                raise ValueError(f"{text!r} is no date")
            return moment
        case "epoch_s":
            return int(text) * SECOND
    return int(text) * 1000
