"""How an API of the corpus is written down: a function from a request to an answer, and the points it must yield.

    TIMES = every(HOUR, "2026-08-01", 500)
    LEVEL = wave(TIMES, 3.2, 1.4)

    @api("/v1/levels?station=7", {"level": LEVEL}, needs=("from", "to"), loose=("from", "to"))
    def a_provider(ask: Ask) -> Any:
        span = ask.span("from", "to", "date")
        return {"items": [{"at": iso(time), "level": LEVEL[time]} for time in span.of(TIMES)]}

Import the family in `api/__init__.py`, and both the runner and the laws of every API hold for it. Model it on what
the real provider does, its errors and its noise too, not on what discovery can read today.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sin
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from slackwater.model.instants import DAY, SECOND, from_micros, iso, parse_iso, to_micros
from sources import Answer, Recorded

Line = dict[int, float]  # time in µs → value
Points = dict[str, Line]

NOW = parse_iso("2026-11-20T12:00:00Z")  # what every provider here takes for the present
EVER, NEVER = parse_iso("0001-01-02"), parse_iso("9999-12-30")


class Refused(Exception):
    """The provider does not accept a request; the text goes into its own kind of error."""


# --- data ------------------------------------------------------------------------------------------------------------


def every(step: int, start: str, count: int) -> list[int]:
    """`count` instants, `step` µs apart."""
    begin = parse_iso(start)
    return [begin + step * n for n in range(count)]


def until(end: str | int, step: int, count: int) -> list[int]:
    """`count` instants, `step` µs apart, the last at `end`."""
    last = parse_iso(end) if isinstance(end, str) else end
    return [last - step * n for n in reversed(range(count))]


def months(first: int, count: int, step: int = 1) -> list[int]:
    """The first days of `count` months from January of `first` on; every third with `step` 3."""
    return [to_micros(datetime(first + n // 12, n % 12 + 1, 1, tzinfo=UTC)) for n in range(0, count * step, step)]


def years(first: int, count: int) -> list[int]:
    """The first days of `count` years."""
    return months(first, count, 12)


def wave(times: Iterable[int], base: float, swing: float, digits: int = 1, *, seed: int = 0, hole: int = 0) -> Line:
    """A value for each time that looks measured; every `hole`-th is missing."""
    return {
        time: round(base + swing * sin(n / 7 + seed) + swing * ((n * 7919 + seed * 7) % 1009) / 5045, digits)
        for n, time in enumerate(times)
        if not hole or (n + seed) % hole != hole - 1
    }


def text(value: float | None, digits: int = 1, mark: str = ".", thousands: str = "") -> str | None:
    """A number as text, with the marks that the provider writes."""
    if value is None:
        return None
    return f"{value:,.{digits}f}".translate({ord(","): thousands, ord("."): mark})


def wall(time: int, form: str) -> str:
    """A time in a form of strftime."""
    return from_micros(time).strftime(form)


def epoch(time: int) -> int:
    """A time as whole seconds since 1970."""
    return time // SECOND


def quarter(time: int, form: str = "{year}-Q{quarter}") -> str:
    """A time as its quarter."""
    moment = from_micros(time)
    return form.format(year=moment.year, quarter=(moment.month + 2) // 3)


# --- requests --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A time range that was asked for; `end` is not part of it."""

    start: int = EVER
    end: int = NEVER

    def of(self, times: Iterable[int]) -> list[int]:
        """The times inside."""
        return [time for time in times if self.start <= time < self.end]


@dataclass(frozen=True)
class Ask:
    """A request, in the words of the provider that answers it."""

    base: str  # scheme and host
    path: str
    query: dict[str, str]

    def get(self, name: str, default: str | None = None) -> str | None:
        """A parameter as it came."""
        return self.query.get(name, default)

    def integer(self, name: str, default: int, *, least: int = 0, most: int | None = None, cut: bool = False) -> int:
        """A whole number; one over `most` is refused, or cut down to it."""
        if name not in self.query:
            return default
        try:
            number = int(self.query[name])
        except ValueError:
            raise Refused(f"{name} must be an integer") from None
        if number < least or (most is not None and number > most and not cut):
            raise Refused(f"{name} must be between {least} and {most}")
        return number if most is None else min(number, most)

    def moment(self, name: str, form: str = "iso") -> int | None:
        """A time as `form` says (iso, date, epoch_s, epoch_ms, or strptime's), None if it was not asked for."""
        given = self.query.get(name)
        if given is None:
            return None
        try:
            return moment(given, form)
        except ValueError:
            raise Refused(f"{name}: {given!r} is not a valid time") from None

    def span(self, start: str, end: str, form: str = "iso", *, inclusive: bool = True) -> Span:
        """The range between two parameters. Of dates the last day belongs to it, unless not `inclusive`."""
        low, high = self.moment(start, form), self.moment(end, form)
        unit = DAY if form in ("date", "%Y%m%d", "%d/%m/%Y") else 1
        if low is not None and high is not None and low > high:
            raise Refused(f"{start} is after {end}")
        return Span(EVER if low is None else low, NEVER if high is None else high + unit * inclusive)

    def url(self, **changes: Any) -> str:
        """This request's own URL with other parameters, for a link to the next page."""
        return f"{self.base}{self.path}?{urlencode({**self.query, **changes})}"


def moment(given: str, form: str) -> int:
    """Read a time as a provider would that accepts this form and no other."""
    if form == "iso":
        return parse_iso(given)
    if form in ("epoch_s", "epoch_ms"):
        return int(given) * (SECOND if form == "epoch_s" else 1000)
    return to_micros(datetime.strptime(given, "%Y-%m-%d" if form == "date" else form).replace(tzinfo=UTC))


# --- an API ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Api:
    """A provider: what it answers, and what a complete and exact reading of it holds."""

    name: str
    target: str  # path and query, as a person would paste them behind the host
    answer: Callable[[Ask], Any]
    points: Points
    optional: Points = field(default_factory=dict)  # true of the source, but nobody misses them: errors, quantiles
    named: bool = False  # whether the source leaves one natural name for each series, so that names are compared
    needs: tuple[str, ...] = ()  # parameters without which the history cannot be read
    loose: tuple[str, ...] = ()  # parameters of the target that may be left out or changed
    known: tuple[str, ...] | None = None  # parameters beside the target's that are not refused; None: any is ignored
    auth: Mapping[str, Any] = field(default_factory=dict)  # source_config that lets one in
    config: Mapping[str, Any] = field(default_factory=dict)  # source_config that a person has to give
    refusal: Callable[[str], Answer] = lambda said: Answer({"error": said}, 400)

    @property
    def path(self) -> str:
        """Where it is served."""
        return urlsplit(self.target).path

    def route(self, request: Recorded) -> Answer:
        """Answer a request as the provider would."""
        headers, query = credentials(self.auth)
        if any(request.headers.get(name.lower()) != value for name, value in headers.items()) or any(
            request.query.get(name) != value for name, value in query.items()
        ):
            return Answer({"error": "missing or invalid credentials"}, 401)
        fixed = dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))
        asked = {name: value for name, value in request.query.items() if name not in query}
        try:
            for name, value in fixed.items():
                if name not in self.loose and asked.get(name) != value:
                    raise Refused(f"{name} is missing or unknown")
            if self.known is not None and (unknown := asked.keys() - fixed.keys() - set(self.known)):
                raise Refused(f"unknown parameter: {', '.join(sorted(unknown))}")
            said = self.answer(Ask(f"http://{request.headers['host']}", request.path, asked))
        except Refused as refused:
            return self.refusal(str(refused))
        return said if isinstance(said, Answer) else Answer(said)


def credentials(auth: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the parameters that the broker adds for a source_config."""
    match auth.get("auth_type"):
        case "api_key":
            return {auth.get("api_key_header", "X-API-Key"): auth["api_key"]}, {}
        case "bearer":
            return {"Authorization": f"Bearer {auth['bearer_token']}"}, {}
        case "basic":
            pair = f"{auth['username']}:{auth['password']}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, {}
    return {}, dict(auth.get("query_params", {}))


APIS: dict[str, Api] = {}


def api(target: str, points: Points, **traits: Any) -> Callable[[Callable[[Ask], Any]], Callable[[Ask], Any]]:
    """Enter a function into the corpus, under its own name; the keywords are those of Api."""

    def enter(answer: Callable[[Ask], Any]) -> Callable[[Ask], Any]:
        name = answer.__name__
        assert name not in APIS, f"two APIs are called {name}"
        APIS[name] = Api(name=name, target=target, answer=answer, points=points, **traits)
        return answer

    return enter


def csv(rows: Iterable[Iterable[Any]], delimiter: str = ",", kind: str = "text/csv; charset=utf-8") -> Answer:
    """A table as CSV over HTTP."""
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
    return Answer("\r\n".join([*lines, ""]).encode(), headers={"Content-Type": kind})


def only(line: Line, times: Iterable[int]) -> Line:
    """The part of a line at these times."""
    return {time: line[time] for time in times if time in line}


__all__ = [
    "APIS",
    "EVER",
    "NEVER",
    "NOW",
    "Answer",
    "Api",
    "Ask",
    "Line",
    "Points",
    "Refused",
    "Span",
    "api",
    "credentials",
    "csv",
    "epoch",
    "every",
    "iso",
    "moment",
    "months",
    "only",
    "quarter",
    "text",
    "until",
    "wall",
    "wave",
    "years",
]
