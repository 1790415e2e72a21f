"""Tests many parameter names with few requests: together, or singly where strict.

Each name is sent with a value of its own, so that the answer shows whose was honoured; where it does not, halves are
requested. A source that refuses names it does not know may say which, or which it accepts: what it has said once, of
pages or times, is never requested again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from slackwater.discover.api.probe import NOT_SENT, Probe, Refusal, Sample
from slackwater.discover.api.refusals import about_values, named

FEW = 3  # suspects that are not worth a further question together

MOST_PARTS = 5  # questions about parts of what was refused together

T = TypeVar("T")


@dataclass(frozen=True)
class GroupTest(Generic[T]):
    """Requests several candidates at once and finds in the answer the honoured ones.

    `honoured` returns the candidates that explain an answer, likeliest first; none where none was honoured.
    """

    probe: Probe
    params: Callable[[Sequence[T]], Mapping[str, Any]]
    honoured: Callable[[Sample, Sequence[T]], list[T]]
    always: Mapping[str, Any] = field(default_factory=dict)
    spoiled: bool = True  # whether one of the names may be what a refusal is about, and not the values of all

    async def suspects(self, candidates: Sequence[T], most: int) -> AsyncIterator[T]:
        """Yield at most `most` possibly honoured candidates, likeliest first; each needs its own proof.

        Of a source that refuses unknown names, and does not say which it accepts, they are the first that it has not
        refused yet.
        """
        async for each in self._suspects(self._possible(candidates)):
            if most <= 0:
                return
            if self._possible([each]):
                most -= 1
                yield each

    async def _suspects(self, left: list[T]) -> AsyncIterator[T]:
        names = self.probe.names
        answer: Sample | Refusal = NOT_SENT
        if left and not (names.strict and (names.lists is False or len(left) == 1)):
            answer = await self.ask(left)
            if not answer and not answer.by_source:
                return  # enough has been asked
        if answer:
            honoured = await self._narrowed(self.honoured(answer, left))
            if not honoured and not answer.records and self.spoiled and not await self.probe.empties_on_unknown():
                honoured = await self._in_halves(left)  # one name is of a field here, and none has such a value
            for each in honoured:
                yield each
            return
        said = [] if names.strict else named(self.params(left), answer.words)
        if said and (about_values(answer.words, said) or not await self.probe.refuses_unknown()):
            # What it says something about, it knows; it may know others, too.
            about = [each for each in left if not set(said).isdisjoint(self.params([each]))]
            for each in about[: 2 * FEW]:
                yield each
            rest = [each for each in left if each not in about]
            for each in await self._honoured_of(rest) if rest and self.spoiled else []:
                yield each
            return
        if names.strict or await self.probe.refuses_unknown():
            for each in self._possible(left):
                yield each
            return
        for each in await self._in_halves(left) if self.spoiled else []:
            yield each

    async def _honoured_of(self, some: list[T]) -> list[T]:
        answer = await self.ask(some)
        return await self._narrowed(self.honoured(answer, some)) if answer else []

    def _possible(self, candidates: Sequence[T]) -> list[T]:
        """Return the candidates without refused names; those that the source accepts come first."""
        names = self.probe.names
        left = [each for each in candidates if names.possible(self.params([each]))]
        return sorted(left, key=lambda each: not set(names.taken) >= set(self.params([each]))) if names.taken else left

    async def ask(self, some: Sequence[T]) -> Sample | Refusal:
        """Send the request that has these candidates."""
        return await self.probe.ask({**self.params(some), **self.always})

    async def _narrowed(self, suspects: list[T]) -> list[T]:
        """Halve many suspects until few are left."""

        async def honours(half: Sequence[T]) -> bool:
            answer = await self.ask(half)
            return bool(self.honoured(answer, half)) if answer else False

        return suspects if len(suspects) <= FEW else await narrowed(suspects, honours, FEW)

    async def _in_halves(self, candidates: list[T]) -> list[T]:
        """Request parts of the candidates, as one name with another meaning spoils all."""
        found: list[T] = []
        parts, questions = _halves(candidates), 0
        while parts and not found and questions < MOST_PARTS:
            part, questions = parts.pop(0), questions + 1
            answer = await self.ask(part)
            if answer:
                found = await self._narrowed(self.honoured(answer, part))
            if not found and (not answer or not answer.records) and len(part) > 1:
                parts += _halves(part)
        return found


def _halves(some: list[T]) -> list[list[T]]:
    middle = (len(some) + 1) // 2
    return [part for part in (some[:middle], some[middle:]) if part]


async def narrowed(some: list[T], honours: Callable[[Sequence[T]], Awaitable[bool]], most: int = 1) -> list[T]:
    """Return at most `most` candidates with an honoured one, found by halving."""
    while len(some) > most:
        half = some[: (len(some) + 1) // 2]
        some = half if await honours(half) else some[len(half) :]
    return some
