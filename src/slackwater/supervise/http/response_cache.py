"""Caches a source's answers for two minutes, so that rediscovery sends no requests.

Reading twice on purpose is not undone by it: a request with `Cache-Control: no-cache` gets the next answer of the
source, and the same one when the whole look is repeated.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from slackwater.pipe.frames import Request, Response

KEPT_SECONDS = 120.0  # chosen: a person answers a question of discovery in that time
MOST_BYTES = 64 * 1024 * 1024  # bytes of all answers together; chosen: bounded memory of a small machine
LARGEST = 16 * 1024 * 1024  # bytes of one answer; chosen: four of them fit into the cache
AFRESH = ("cache-control", "no-cache")

Key = tuple[bytes, str]  # scope, request
Ask = Callable[[Request], Awaitable[Response]]

_ACCESS = (
    "auth_type",
    "api_key",
    "api_key_header",
    "bearer_token",
    "username",
    "password",
    "api_key_param",
    "token_url",
    "client_id",
    "client_secret",
    "refresh_token",
    "scope",
    "token_params",
    "client_certificate",
    "secret_headers",
    "body",
    "custom_headers",
    "query_params",
    "location",
)


@dataclass
class _Remembered:
    until: float  # time.monotonic()
    answers: list[Response] = field(default_factory=list)
    size: int = 0


class Memory:
    """The answers of all looks, the oldest of them forgotten first."""

    def __init__(
        self, *, seconds: float = KEPT_SECONDS, most: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.size = 0
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[Key, _Remembered] = OrderedDict()

    def look(self, scope: str, *, posts: bool = False) -> "Look":
        """Return a cache view of a scope: one caller, source and credential.

        `posts` says that the source is asked by POST, which then changes nothing.
        """
        return Look(self, sha256(scope.encode()).digest(), posts)

    def answer(self, key: Key, number: int) -> Response | None:
        """Return the answer to a request when it was asked the time before that."""
        self._forget()
        kept = self._kept.get(key)
        return kept.answers[number] if kept is not None and number < len(kept.answers) else None

    def keep(self, key: Key, number: int, answer: Response) -> None:
        """Keep the answer, if it follows those that are kept."""
        size = len(answer.content)
        if size > LARGEST or answer.error is not None or answer.status == 429 or answer.status >= 500:
            return
        kept = self._kept.setdefault(key, _Remembered(self._clock() + self._seconds))
        if number == len(kept.answers):
            kept.answers.append(answer)
            kept.size += size
            self.size += size
        self._forget()

    def _forget(self) -> None:
        now = self._clock()
        while self._kept and (self.size > self._most or next(iter(self._kept.values())).until <= now):
            _, kept = self._kept.popitem(last=False)
            self.size -= kept.size


class Look:
    """A cache view: repeated requests are answered from memory, unless fresh ones are requested."""

    def __init__(self, memory: Memory, scope: bytes, posts: bool) -> None:
        self._memory = memory
        self._posts = posts
        self._scope = scope
        self._times: Counter[Key] = Counter()
        self.asked = 0  # requests, also those that are answered from memory
        self.latest = ""  # URL of the last of them

    async def send(self, request: Request, ask: Ask) -> Response:
        """Return the answer to a request: from memory, or else by `ask`."""
        self.asked, self.latest = self.asked + 1, request.url
        if request.method != "GET" and not (request.method == "POST" and self._posts):
            return await ask(request)
        headers = sorted((name.lower(), value) for name, value in request.headers)
        content = sha256(request.content).hexdigest() if request.content else ""
        key = self._scope, f"{request.method} {request.url}\n{content}\n{[each for each in headers if each != AFRESH]}"
        if AFRESH in headers:
            self._times[key] += 1
        number = self._times[key]
        known = self._memory.answer(key, number)
        if known is not None:
            return msgspec.structs.replace(known, number=request.number)
        answer = await ask(request)
        self._memory.keep(key, number, answer)
        return answer


def scope_of(caller: str, source_config: dict[str, Any]) -> str:
    """Return what tells one caller's source and credentials from another's."""
    access = {name: source_config.get(name) for name in _ACCESS}
    return f"{caller}\n{msgspec.json.encode(access).decode()}"
