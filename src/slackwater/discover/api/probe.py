"""Sends counted requests to a source; refusals are evidence, outages are not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal, final

import httpx

from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.refusals import UNKNOWN_NAME, KnownNames
from slackwater.discover.inference.words import words_of
from slackwater.errors import BadSource
from slackwater.formats.payload.decode import parsed
from slackwater.formats.payload.notes import error_is_no_data, note_in
from slackwater.model.source.body_template import Body, taken
from slackwater.model.source.quota import quota
from slackwater.runtime.api.requester import Requester
from slackwater.runtime.api.url_parameters import as_url, merged
from slackwater.runtime.http_transport import DOWN
from slackwater.runtime.source import DiscoveryRun

MOST_BYTES = 100_000_000  # of answers; chosen: what is read and looked at in half a minute
REFUSAL = 10_000  # characters of a refusal that are looked at
NO = frozenset({400, 403, 404, 409, 412, 422})  # of a refusal


@final
@dataclass(frozen=True)
class Sample:
    """One answer of the source."""

    requested: str
    url: str
    body: Any
    link: str | None = None
    records: Sequence[Any] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Refusal:
    """What came instead of an answer.

    It is false: `if answer` is enough where the reason does not matter.
    """

    status: int | None  # None: no request was left, so that none was sent
    words: str = ""  # what the source said

    def __bool__(self) -> Literal[False]:
        return False

    @property
    def by_source(self) -> bool:
        """Whether the source said no; else no request was left."""
        return self.status is not None


NOT_SENT = Refusal(None)


class Probe:
    """Sends requests to the source, within the allowed number.

    Without a layout, records are not looked for.
    """

    def __init__(self, run: DiscoveryRun, location: str, body: Body | None = None) -> None:
        self._run = run
        self._requester = Requester(run.http, body)
        self.body = body
        self.location = location if body is None else body.location
        self.begun = self.location  # before anything was added to it
        self.left = run.orders.requests
        self._bytes = 0  # of all answers
        self._remembered = run.orders.remembered if self.body is None else frozenset()
        self.layout: Layout | None = None
        self.names = KnownNames()
        self._answers: dict[str, Sample | Refusal] = {}
        self._bodies: dict[tuple[int, bytes, str | None], Any] = {}
        self._records: dict[int, list[Any] | None] = {}  # of bodies by their id, as those are kept

    def now(self) -> int:
        """Return the present in µs since the epoch."""
        return self._run.now()

    async def get(self, url: str, *, link: bool = False) -> httpx.Response:
        """Return what the source answers, be it good or bad.

        It counts, unless the answer is kept.
        """
        if str(as_url(url)) not in self._remembered:
            self.left -= 1
        response = await self._requester.get(url, behind=self.location if link else None)
        self._bytes += len(response.content)
        if self._bytes > MOST_BYTES:
            self.left = 0  # a source that ignores what it is asked sends all it has each time
        if (rest := quota({name.lower(): value for name, value in response.headers.items()}).remaining) is not None:
            self.left = min(self.left, rest)  # the last ones of a source's quota are not for questions
        return response

    def body_of(self, response: httpx.Response) -> Any:
        """Return the body of an answer as `parsed` does.

        Most parameters make no difference to a source: an answer that says the same again is decoded once.
        """
        said = blake2b(response.content, digest_size=16).digest()  # the bytes themselves need not stay
        key = response.status_code, said, response.headers.get("content-type")
        if key not in self._bodies:
            self._bodies[key] = parsed(response)
        return self._bodies[key]

    def remember(self, sample: Sample) -> None:
        """Keep an answer, so that its question is not asked again."""
        self._answers[str(as_url(sample.requested))] = sample

    async def follow(self, link: str) -> Sample | Refusal:
        """Return the answer to a link that the source gave."""
        return await self._answer(link, link=True)

    async def ask(self, params: Mapping[str, Any], url: str | None = None) -> Sample | Refusal:
        """Send a request with these parameters.

        Of the parameters those are sent that can make a difference: a GraphQL query has the variables it declares. A
        repeated request is answered from memory. Raises httpx's errors for a source that is down: that proves nothing.
        """
        possible = taken(self.body, params)
        if params and not possible:
            return Refusal(400)
        return await self._answer(merged(url or self.location, {name: params[name] for name in possible}))

    async def _answer(self, requested: str, *, link: bool = False) -> Sample | Refusal:
        if requested not in self._answers:
            if self.left <= 0 and str(as_url(requested)) not in self._remembered:
                return NOT_SENT
            self._answers[requested] = await self._requested(requested, link=link)
        answer = self._answers[requested]
        if not answer and answer.status in NO:
            ours = as_url(self.location).params
            self.names.learn([name for name in as_url(requested).params if name not in ours], answer.words)
        return answer

    async def refuses_unknown(self) -> bool:
        """Check whether the source refuses an unknown parameter name; the result is remembered."""
        answer = await self.ask({UNKNOWN_NAME: 1})
        # What fails at a name that means nothing, and at no other time, fails at each that it does not know.
        if not answer and answer.status in NO | {httpx.codes.INTERNAL_SERVER_ERROR}:
            self.names.learn_unknown(answer.words)
        return self.names.strict

    async def empties_on_unknown(self) -> bool:
        """Check whether an unknown parameter empties the answer, as a filter does."""
        if self.names.empties is None:
            answer = await self.ask({UNKNOWN_NAME: 1})
            if not answer and not answer.by_source:
                return False
            self.names.empties = not answer.records if answer else False
        return self.names.empties

    async def again(self, sample: Sample) -> Sample | Refusal:
        """Return a new answer to the question of a sample."""
        self._answers.pop(str(as_url(sample.requested)), None)
        return await self.ask({}, sample.requested)

    def _records_of(self, body: Any) -> list[Any] | None:
        if self.layout is None:
            return None
        if id(body) not in self._records:
            self._records[id(body)] = self.layout.list_of(body)
        return self._records[id(body)]

    async def _requested(self, requested: str, *, link: bool) -> Sample | Refusal:
        response = await self.get(requested, link=link)
        status = response.status_code
        if status in DOWN and not _says_no_data(response):
            response.raise_for_status()
        if not response.is_success or status == 204:
            return Refusal(status, words_in(response))
        try:
            body = self.body_of(response)
        except BadSource as error:
            return Refusal(status, str(error) if error.field == "body" else "")
        records = self._records_of(body)
        if records is None:
            return Refusal(400 if body is not None and note_in(body) else status, words_in(response))
        return sample_of(response, requested, body, records)


def _says_no_data(response: httpx.Response) -> bool:
    """Check for an error in JSON that tells of no data.

    A proxy's page tells of an answer without any.
    """
    return response.text.lstrip()[:1] in ("{", "[") and error_is_no_data(response.text)


def words_in(response: httpx.Response) -> str:
    """Return what a source says when it refuses, as one line of text."""
    return " ".join(re.sub(r"</?[A-Za-z!][^<>]*>", " ", response.text[:REFUSAL]).split())


def values_outside(sample: Sample, records: str | None) -> dict[str, Any]:
    """Return the values that the answer holds outside its records, by place."""
    return dict(_values_outside(sample.body, records or "", "", 4))


def _values_outside(body: Any, records: str, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(body, dict) or not depth:
        return
    for key, value in list(body.items())[:200]:
        here = f"{path}.{key}" if path else str(key)
        if records and (here == records or records.startswith((f"{here}.*", f"{here}[]"))):
            continue
        if isinstance(value, dict):
            yield from _values_outside(value, records, here, depth - 1)
        elif isinstance(value, list):
            yield from _links(value, here)
        else:
            yield here, value


def _links(entries: list[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Yield the URL of the entry that is called next in a list of links."""
    for entry in entries[:20]:
        if isinstance(entry, dict):
            for name in ("rel", "relation"):
                if isinstance(rel := entry.get(name), str) and rel.lower() == "next":
                    yield from (
                        (f"{path}.{name}={rel}.{key}", entry[key]) for key in ("href", "url", "uri") if key in entry
                    )


def called(place: str) -> str:
    """Return the last part of a place as one word of small letters."""
    return "".join(words_of(place.removeprefix("header:").rpartition(".")[2]))


def sample_of(response: httpx.Response, requested: str, body: Any, records: Sequence[Any] = ()) -> Sample:
    """Return an answer as the proofs look at it."""
    link = response.links.get("next", {}).get("url")
    return Sample(requested, str(response.url), body, link, records, response.headers)
