"""Sends HTTP requests for wrappers: host policy, credentials, redirects, limits, retries."""

import asyncio
import math
import random as chance
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Self

import h11
import httpx
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from slackwater.model.source.quota import quota
from slackwater.outbound import Outbound
from slackwater.pipe.frames import Request, Response
from slackwater.supervise.http.access_tokens import Tokens
from slackwater.supervise.http.address_policy import Policy
from slackwater.supervise.http.answer_body import read_body
from slackwater.supervise.http.answer_memory import AnswerMemory, Held
from slackwater.supervise.http.call import Call, call_of, headers_of, redirected, url_of
from slackwater.supervise.http.connections import Resolver, Wires
from slackwater.supervise.http.credentials import Access, Header, origin_of
from slackwater.supervise.http.host_limits import LONGEST_PAUSE, Hosts, Paused, SharedPlaces, Tally
from slackwater.supervise.http.http11 import Fault, Wire, place
from slackwater.supervise.http.request_counts import RequestCounts

__all__ = ["Access", "Broker", "Tally"]

MAX_REDIRECTS = 5  # of one request; the maximum that HTTP once recommended (RFC 9110, 15.4)
TOTAL = 10  # times the timeout that all exchanges of one request may take together, waiting not counted
BACK_OFF = 0.5  # seconds, at most, before the second try; doubles with each further one
TOO_MANY = 429  # requests
AT_ONCE = 1.0  # seconds for which a host rests that says `Retry-After: 0`; doubles with each further one
PATIENT_TRIES = 5  # of a request to it: it has 15 seconds in all; chosen: most limits are of a second to 10
LONGEST_BACK_OFF = 10.0  # seconds between two tries; chosen: a longer outage is the scheduler's

_PASSING = frozenset({429, 500, 502, 503, 504})  # statuses that may be better a moment later
_REFUSED = 400  # the first status of requests without an answer
_FAILED = 500  # which some sources also say to a parameter that they do not know
_BUSY = frozenset({429, 503})  # statuses whose Retry-After speaks for the whole host
UNKNOWN = 401  # the status of a token that is no longer good, among others
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_FROM_SOURCE = frozenset({"connection", "keep-alive", "proxy-authenticate", "set-cookie", "upgrade"})
_IN_THREAD = 256 * 1024  # bytes of an answer from which on its secrets are looked for in a thread: 10 ms and more

tracer = trace.get_tracer("slackwater")


@dataclass(frozen=True)
class _Answer:
    """What a source has answered."""

    status: int
    url: httpx.URL
    headers: list[Header]
    content: bytes = b""
    retry_after: float | None = None  # seconds, when the source named them

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name), None)


class Broker:
    """Sends what wrappers ask for. One for the whole service, on one event loop.

    `aclose` it at the end.

    `requests_per_second` and `connections` hold for each host over all wrappers, and over all nodes when `shared` makes
    the places; `max_wait` is the longest Retry-After in seconds that a request waits for, `max_answer` the largest body
    in bytes, decompressed.
    `own_port` is that of the service itself, which wrappers may not ask.
    `clock` gives seconds since the epoch (for Retry-After dates), `monotonic` seconds, `random` a number in [0, 1).
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        requests_per_second: float,
        connections: int,
        tries: int,
        max_wait: float,
        max_answer: int,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = chance.random,
        private_sources: Iterable[str] = (),
        own_port: int | None = None,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        outbound: Outbound | None = None,
        tokens: Tokens | None = None,
        shared: SharedPlaces | None = None,
    ) -> None:
        self._hosts = Hosts(requests_per_second, connections, monotonic, shared)
        policy = Policy(allow_private=allow_private, sources=private_sources, own_port=own_port)
        self._wires = Wires(policy=policy, resolve=resolve, tls=tls, outbound=outbound)
        self._tokens = tokens or Tokens()
        self.answers = AnswerMemory()
        self.counts = RequestCounts()
        self._tries = tries
        self._max_wait = max_wait
        self._max_answer = max_answer
        self._clock = clock
        self._monotonic = monotonic
        self._random = random

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the kept connections.

        Requests under way belong to whoever sent them: cancel those first. A refresh token that is being
        replaced is waited for: the one before may be void already.
        """
        await self._tokens.settled()
        self._wires.close()

    async def send(self, request: Request, access: Access, tally: Tally, held: Held | None = None) -> Response:
        """Send a wrapper's request and return the answer, or the failure.

        `held` counts the answer's bytes; whoever gives it ends it when the process has read them. Nothing that a source
        or a wrapper does makes this raise. A cancellation passes through; afterwards the connection is closed and its
        slot free.
        """
        with tracer.start_as_current_span("request", kind=SpanKind.CLIENT) as span:
            try:
                call = call_of(request, access, held)
            except Fault as fault:
                tally.errors += 1
                span.set_status(StatusCode.ERROR, fault.kind)
                return _without_answer(request, fault, access)
            span.set_attributes({"http.request.method": call.method, "server.address": call.url.host})
            try:
                answer, access = await self._let_in(call, access, tally)
            except Fault as fault:
                span.set_status(StatusCode.ERROR, fault.kind)
                return _without_answer(request, fault, access)
            span.set_attributes(
                {"http.response.status_code": answer.status, "http.response.body.size": len(answer.content)}
            )
            return await _scrubbed(answer, request, call, access)

    async def _let_in(self, call: Call, access: Access, tally: Tally) -> tuple[_Answer, Access]:
        """Return the answer and its access; a refused token is replaced once."""
        if access.grant is None:
            return await self._persistently(call, access, tally), access
        post = partial(self._post, access, tally)
        token = await self._tokens.token(access.grant, post)
        bearing = access.bearing(token)
        answer = await self._persistently(call, bearing, tally)
        if answer.status == UNKNOWN and origin_of(answer.url) == access.origin:
            bearing = access.bearing(await self._tokens.token(access.grant, post, instead_of=token))
            answer = await self._persistently(call, bearing, tally)
        return answer, bearing

    async def _post(
        self, access: Access, tally: Tally, url: str, headers: list[Header], content: bytes
    ) -> tuple[int, bytes]:
        """Ask for an access token.

        No redirect is followed: the request carries the secret of the client.
        """
        call = Call("POST", url_of(url), tuple(headers), content, access.timeout, None)
        origin = origin_of(call.url)
        try:
            async with self._hosts.at(origin[1], origin[2]).turn(tally, self._max_wait):
                bare = Access(origin=origin, certificate=access.certificate)
                answer = await self._exchanged(call, bare, tally, TOTAL * call.timeout)
        except Paused as paused:
            raise Fault("connect", f"{place(origin)} requests a pause of {paused.seconds:g} seconds.") from None
        return answer.status, answer.content

    async def _persistently(self, call: Call, access: Access, tally: Tally) -> _Answer:
        """Retry until the answer is final: good, permanent, or the last allowed."""
        budget = TOTAL * call.timeout
        last: _Answer | None = None
        tries, number = self._tries, 0
        while True:
            number += 1
            begun = _Spent()
            outcome: _Answer | Fault
            try:
                outcome = last = await self._followed(call, access, tally, begun, budget)
            except Paused as paused:
                return replace(last, retry_after=paused.seconds) if last else _paused(call, paused, tally)
            except Fault as fault:
                tally.errors += 1
                outcome = fault
            budget -= begun.seconds
            if isinstance(outcome, _Answer) and self._says_at_once(outcome):
                tries = max(self._tries, PATIENT_TRIES)
            final = number >= tries or not access.reads(call.method, call.url) or budget <= 0
            if isinstance(outcome, _Answer) and outcome.status == _FAILED:
                # What stayed so after all tries is what it says to such a question: the next one is not asked for long.
                # Where it has an answer to the same parameters, it may fail now and then.
                final = final or (tally.fails and call.kind not in tally.answered)
                tally.fails = final and not tally.insists
            if isinstance(outcome, _Answer) and outcome.status < _REFUSED:
                tally.answered.add(call.kind)
            elif final:
                tally.answered.discard(call.kind)
            if final or not _may_pass(outcome):
                return _given(outcome)
            await self._back_off(outcome, number, tally)

    async def _back_off(self, outcome: "_Answer | Fault", number: int, tally: Tally) -> None:
        if isinstance(outcome, _Answer) and outcome.retry_after:
            return  # the source named its time: the host's own pause keeps it, for every wrapper
        if isinstance(outcome, _Answer) and self._says_at_once(outcome):
            _, name, port = origin_of(outcome.url)
            self._hosts.at(name, port).rest(AT_ONCE * 2 ** (number - 1), outcome.status)
            return
        tally.waiting += 1
        try:
            await asyncio.sleep(self._random() * min(LONGEST_BACK_OFF, BACK_OFF * 2 ** (number - 1)))
        finally:
            tally.waiting -= 1

    def _says_at_once(self, answer: "_Answer") -> bool:
        """Check for a refusal of too many requests that names no time to wait."""
        return answer.status == TOO_MANY and self._wanted_pause(answer) == 0

    async def _followed(self, call: Call, access: Access, tally: Tally, spent: "_Spent", budget: float) -> _Answer:
        """Send a request and follow its redirects, each checked like a request.

        `budget` is in seconds.
        """
        first = call
        for _ in range(MAX_REDIRECTS + 1):
            if reason := access.forbids(call.method, call.url):
                raise Fault("refused", reason)
            _, name, port = origin_of(call.url)
            host = self._hosts.at(name, port)
            async with host.turn(tally, self._max_wait):
                begun = self._monotonic()
                try:
                    answer = await self._exchanged(call, access, tally, budget - spent.seconds)
                finally:
                    spent.seconds += self._monotonic() - begun
            if answer.status in _PASSING:
                tally.errors += 1
            if answer.status in _BUSY and (wanted := self._wanted_pause(answer)):
                answer = replace(answer, retry_after=wanted)
                host.rest(wanted, answer.status)
            elif (until := self._until_more(answer)) > 0:
                host.rest(until, 429)  # what it would answer to the next request
            onwards = answer.header("location")
            if answer.status not in _REDIRECTS or onwards is None:
                return answer
            call = redirected(call, answer.status, onwards)
        raise Fault("refused", f"{place(origin_of(first.url))} redirects more than {MAX_REDIRECTS} times.")

    async def _exchanged(self, call: Call, access: Access, tally: Tally, budget: float) -> _Answer:
        origin = origin_of(call.url)
        try:
            async with asyncio.timeout(budget):
                while True:
                    # what is not idempotent goes over a new connection: a kept one may turn out to be dead half-way
                    wire = await self._wires.open(
                        origin,
                        call.timeout,
                        fresh=not access.reads(call.method, call.url),
                        certificate=access.certificate_for(origin),
                    )
                    kept = wire.asked > 0
                    try:
                        answer = await self._sent(wire, call, access, tally)
                        self.counts.count(origin[1], str(answer.status))
                        return answer
                    except Fault as fault:
                        self.counts.count(origin[1], fault.kind)
                        if not (kept and wire.untouched and fault.kind == "protocol"):
                            raise
                        # closed by the source while it lay unused, which says nothing about the source
                    finally:
                        self._wires.done(wire)
        except TimeoutError:
            raise Fault(
                "timeout",
                f"{place(origin)} has not finished its answer within {TOTAL * call.timeout:g} seconds "
                f"({TOTAL} times timeout_seconds).",
                passing=False,
            ) from None

    async def _sent(self, wire: Wire, call: Call, access: Access, tally: Tally) -> _Answer:
        tally.requests += 1
        call = replace(call, content=access.content(call.method, call.url, call.content))
        try:
            target, sent = access.target(call.url), headers_of(call, access)
            if wire.proxy is not None and call.url.scheme == "http":
                target, sent = b"http://" + call.url.netloc + target, sent + wire.proxy.headers
            request = h11.Request(method=call.method, target=target, headers=sent)
        except h11.LocalProtocolError:
            # h11's own words quote the header, which may be a credential
            raise Fault(
                "refused",
                "The request cannot be sent: the URL or a header (custom_headers, credentials) has a line break or "
                "another character that HTTP does not allow.",
            ) from None
        head = await wire.ask(request, call.content, call.timeout)
        wire.check_proxy(head.status_code)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()]
        content = await read_body(wire, head, timeout=call.timeout, most=self._max_answer, tally=tally, held=call.held)
        return _Answer(head.status_code, call.url, headers, content)

    def _until_more(self, answer: _Answer) -> float:
        """Return the seconds until the source allows more requests, bounded; 0.0 while some are left."""
        return min(quota({name.lower(): value for name, value in answer.headers}).wait(self._clock()), LONGEST_PAUSE)

    def _wanted_pause(self, answer: _Answer) -> float | None:
        """Return the seconds that Retry-After asks for, bounded.

        None when it is missing or not understood.
        """
        text = (answer.header("retry-after") or "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text[:9]), LONGEST_PAUSE)
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return min(max(0.0, aware.timestamp() - self._clock()), LONGEST_PAUSE)


@dataclass
class _Spent:
    """Time used by the exchanges of one try."""

    seconds: float = 0.0


async def _scrubbed(answer: _Answer, request: Request, call: Call, access: Access) -> Response:
    """Return an answer without the source's credentials, which some sources echo."""
    scrub = access.answers.content
    long = len(answer.content) > _IN_THREAD
    content = await asyncio.to_thread(scrub, answer.content) if long else scrub(answer.content)
    return Response(
        number=request.number,
        status=answer.status,
        url=request.url if answer.url is call.url else access.answers(access.shown(answer.url, request.url)),
        headers=[
            (name, access.answers(value)) for name, value in answer.headers if name.lower() not in _NOT_FROM_SOURCE
        ],
        content=content,
        retry_after=answer.retry_after,
    )


def _without_answer(request: Request, fault: Fault, access: Access) -> Response:
    return Response(number=request.number, url=request.url, error=access.messages(str(fault)), error_kind=fault.kind)


def _may_pass(outcome: _Answer | Fault) -> bool:
    return outcome.passing if isinstance(outcome, Fault) else outcome.status in _PASSING


def _given(outcome: _Answer | Fault) -> _Answer:
    if isinstance(outcome, Fault):
        raise outcome
    return outcome


def _paused(call: Call, paused: Paused, tally: Tally) -> _Answer:
    """Answer for a host that has asked for silence, without asking it."""
    tally.errors += 1
    seconds = math.ceil(paused.seconds)
    return _Answer(paused.status, call.url, [("Retry-After", str(seconds))], b"", paused.seconds)
