"""Point discovery at an API of the corpus, read what it found to the end, and judge the points."""

import asyncio
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from api import NOW, Api, credentials
from runs import Recorder
from slackwater.discover.api.pipeline import discover
from slackwater.errors import BadSource
from slackwater.model.instants import DAY, YEAR
from slackwater.model.planning import Wanted
from slackwater.pipe.frames import Found
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import SourceServer

Points = dict[str, dict[int, float]]

DEADLINE = 120.0  # seconds for the discovery, and for the reading, of one API: long, as machines of tests are busy
MOST_REQUESTS = 1_000  # of a reading; a walk that does not end is none
SECRET = frozenset({"api_key", "bearer_token", "username", "password", "query_params"})  # the broker's, not a run's


@dataclass(frozen=True)
class Outcome:
    """What came of an API with nothing but its URL.

    `exact`: every point, and no other. `question`: a person is asked. `incomplete`: nothing but true points, though
    not all. `wrong`: a point that the source does not hold. `failed`: anything else.
    """

    kind: str
    said: str = ""
    found: Found | None = None
    asked: int = 0  # requests of discovery
    read: int = 0  # requests of the reading
    unused: tuple[str, ...] = ()  # parameters that had to be used, and were not
    error: BadSource | None = None  # the question itself


class Key(httpx.Auth):
    """Adds the credentials to each request, as the broker does for a real run."""

    def __init__(self, auth: Mapping[str, Any]) -> None:
        self.headers, self.query = credentials(auth)
        self.left = MOST_REQUESTS

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self.left -= 1
        if self.left < 0:
            raise httpx.ReadError(f"more than {MOST_REQUESTS:,} requests")
        request.headers.update(self.headers)
        request.url = request.url.copy_merge_params(self.query) if self.query else request.url
        yield request


def keyed_client(auth: Mapping[str, Any]) -> httpx.AsyncClient:
    """A client for loopback with a provider's key."""
    return httpx.AsyncClient(verify=False, trust_env=False, follow_redirects=True, auth=Key(auth))


@dataclass
class Trial:
    """One API, served and read."""

    api: Api
    server: SourceServer
    config: Mapping[str, Any] = field(default_factory=dict)

    async def judge(self) -> Outcome:
        """Discover, read, compare."""
        before = len(self.server.requests)
        url = self.server.route(self.api.path, self.api.route).removesuffix(self.api.path) + self.api.target
        try:
            async with asyncio.timeout(DEADLINE):
                found = await self._discover(url)
        except BadSource as asked:
            return Outcome("question", str(asked), asked=len(self.server.requests) - before, error=asked)
        except (httpx.HTTPError, TimeoutError) as error:
            return Outcome("failed", f"discovery: {error!r}", asked=len(self.server.requests) - before)
        middle = len(self.server.requests)
        try:
            async with asyncio.timeout(DEADLINE):
                held = await self._read(found)
        except (BadSource, httpx.HTTPError, TimeoutError) as error:
            return Outcome("failed", f"reading: {error!r}", found, middle - before, len(self.server.requests) - middle)
        kind, said = compare(self.api, held)
        used = {name for request in self.server.requests[middle:] for name in request.query}
        unused = tuple(name for name in self.api.needs if name not in used)
        return Outcome(kind, said, found, middle - before, len(self.server.requests) - middle, unused)

    async def _discover(self, url: str) -> Found:
        shown = {name: value for name, value in self.api.auth.items() if name not in SECRET}
        config = {"location": url, **shown, **self.api.config, **self.config}
        run = Recorder(source_type="API", task="discover", config=config, now=NOW, http=keyed_client(self.api.auth))
        async with run.http:
            return await discover(run)

    async def _read(self, found: Found) -> Points:
        first = min((time for line in self.api.points.values() for time in line), default=NOW)
        wanted = Wanted(period=found.period or DAY, start=first - 3 * YEAR)
        run = Recorder(source_type="API", module=found.code, wanted=wanted, now=NOW, http=keyed_client(self.api.auth))
        async with run.http:
            await read(load(found.code), run)
        return run.points


def compare(api: Api, held: Points) -> tuple[str, str]:
    """Return the kind of outcome, and what is the matter.

    Without one natural name for its series, an API is compared by their points alone.
    """
    true = {**api.optional, **api.points}
    twins: dict[str, str] = {}  # our series → the source's
    for name, line in held.items():
        free = {each: points for each, points in true.items() if each not in twins.values()}
        twin = _twin(name, line, free, named=api.named)
        if twin is None:
            return "wrong", _difference(name, line, true)
        twins[name] = twin
    missing = [name for name in api.points if name not in twins.values()]
    short = [name for name, twin in twins.items() if len(held[name]) < len(true[twin])]
    if not missing and not short:
        return "exact", ""
    return "incomplete", "; ".join(
        [f"`{name}` is missing" for name in missing]
        + [f"`{name}` has {len(held[name]):,} of {len(true[twins[name]]):,} points" for name in short]
    )


def _twin(name: str, line: dict[int, float], true: Points, *, named: bool) -> str | None:
    """The series of the source that a line is, or is a part of."""
    within = [each for each, points in true.items() if line.items() <= points.items()]
    if named:
        return name if name in within else None
    return min(within, key=lambda each: len(true[each])) if within else None


def _difference(name: str, line: dict[int, float], true: Points) -> str:
    if name in true:
        strange = sorted(line.items() - true[name].items())[:2]
        return f"`{name}` has {len(line):,} points, such as {strange} that are not the source's"
    return f"`{name}` is no series of the source; it has {len(line):,} points, such as {sorted(line.items())[:2]}"
