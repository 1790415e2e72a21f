"""Builds the complete alternatives of a question, each tried, with its first points."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, BinaryIO

import httpx
import msgspec

from slackwater.errors import Question, SlackwaterError
from slackwater.model.checkpoint import Checkpoint
from slackwater.pipe.frames import Found, Offer
from slackwater.runtime.http_transport import AFRESH
from slackwater.runtime.source import DiscoveryRun, PageRead

MOST = 6  # alternatives of a question: as many as a person compares at a glance
_MOST_LOOKS = 10  # at what a source would be with other answers, of one question
_MOST_SECONDS = 10.0  # for all of them; a look at a file of a million rows takes 3
_PREVIEW = 5  # points of an alternative; chosen: enough to see which is right
TRIAL = 2  # requests, to read an alternative twice; what its look asks was mostly asked before
_FEW_REQUESTS = 8  # that find pages, and a time filter whose names the URL has
_LISTS = frozenset({"time_columns", "value_columns", "series_columns", "value_fields", "fill_down", "missing_values"})

Look = Callable[[DiscoveryRun], Awaitable[Found]]
Answers = dict[str, Any]


@dataclass
class Budget:
    """What may still be asked of the source, and for how long."""

    requests: int
    looks: int = _MOST_LOOKS
    asked: set[str] = field(default_factory=set)  # URLs; the service keeps their answers for a while
    until: float = inf  # from the question on: what a slow source took before it is no reason to offer nothing

    @property
    def spent(self) -> bool:
        """Whether no further look may be taken."""
        return self.looks <= 0 or self.requests < TRIAL or monotonic() > self.until


@asynccontextmanager
async def counted(run: DiscoveryRun, budget: Budget) -> AsyncIterator[None]:
    """Count the requests to an API that go out inside."""
    if run.orders.source_type != "API":
        yield
        return

    async def count(request: httpx.Request) -> None:
        url = str(request.url)
        if url not in budget.asked or AFRESH.items() <= request.headers.items() or request.method != "GET":
            budget.requests -= 1
        budget.asked.add(url)

    before = run.http.event_hooks
    run.http.event_hooks = {**before, "request": [*before.get("request", []), count]}
    try:
        yield
    finally:
        run.http.event_hooks = before


def answers_of(question: Question, config: Mapping[str, Any]) -> list[Answers]:
    """Return the possible answers to a question: its own, or its one field's choices."""
    answers: list[Answers] = list(question.alternatives)
    name = question.field
    if not answers and name and "," not in name:
        answers = [{name: [choice] if name in _LISTS else choice} for choice in question.choices]
    return [each for each in answers if any(config.get(name) != value for name, value in each.items())]


async def offers(question: Question, run: DiscoveryRun, look: Look, budget: Budget) -> list[Offer]:
    """Return at most MOST alternatives of a question that passed their trial.

    An answer that leads to a further question is completed by the answers to that one. What is refused, or cannot be
    examined for want of requests or time, is not offered.
    """
    found: list[Offer] = []
    budget.until = monotonic() + _MOST_SECONDS
    await _offer(question, {}, run, look, budget, found, deeper=True)
    return [msgspec.structs.replace(each, id=f"{number}") for number, each in enumerate(found, 1)]


async def _offer(
    question: Question,
    known: Answers,
    run: DiscoveryRun,
    look: Look,
    budget: Budget,
    found: list[Offer],
    *,
    deeper: bool,
) -> None:
    every = answers_of(question, {**run.orders.config, **known})[: budget.looks]
    for place, answer in enumerate(every):
        if budget.spent or len(found) >= MOST:
            return
        budget.looks -= 1
        answers = {**known, **answer}
        # What one look may ask is left to those after it, or only the first answer would ever be looked at.
        share = max(_FEW_REQUESTS, budget.requests // (len(every) - place))
        try:
            orders = {"requests": max(1, min(share, budget.requests) - TRIAL), "remembered": frozenset(budget.asked)}
            result = await look(_AnsweredRun(run, answers, **orders))
        except Question as further:
            if deeper:
                await _offer(further, answers, run, look, budget, found, deeper=False)
            continue
        except (SlackwaterError, httpx.HTTPError, ValueError):
            continue
        if result.proof is not None and not result.proof.objections:
            found.append(Offer(id="", set=answers, preview=result.proof.sample[:_PREVIEW]))


class _AnsweredRun:
    """The run of discovery with an answer applied: other orders, nothing logged or stored."""

    def __init__(self, run: DiscoveryRun, answers: Answers, **orders: Any) -> None:
        self._run = run
        config = {**run.orders.config, **answers}
        self.orders = msgspec.structs.replace(run.orders, config=config, **orders)
        self.checkpoint = Checkpoint()

    @property
    def http(self) -> httpx.AsyncClient:
        """The run's client."""
        return self._run.http

    def now(self) -> int:
        return self._run.now()

    def file(self) -> BinaryIO:
        return self._run.file()

    async def log(self, level: str, message: str) -> None:
        """Say nothing: it is no log of the wrapper's."""

    async def progress(self, done: int, total: int | None) -> None:
        """Say nothing: it is no progress of the wrapper's."""

    async def store(self, page: PageRead, window: Any) -> None:
        raise AssertionError("a look stores nothing")
