"""Lays out a list of sources in groups that fold. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from slackwater.web.console.view.states import RANK, State

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Group:
    """The head of a group: sources of one domain, or of none (the name "")."""

    name: str
    is_open: bool
    states: tuple[tuple[State, int], ...]  # with how many sources each, the worst first

    @property
    def worst(self) -> State:
        """The worst state of its sources."""
        return self.states[0][0]

    @property
    def count(self) -> int:
        """How many sources it has."""
        return sum(count for _, count in self.states)


@dataclass(frozen=True)
class Entry(Generic[T]):
    """A line of the list: a source, or the head of those that follow."""

    group: Group | None = None
    source: T | None = None


def grouped(sources: Iterable[tuple[str, State, T]], opened: Collection[str]) -> list[Entry[T]]:
    """Return heads by name, open ones followed by their sources, the worst first.

    Sources are (name of the group, state, what stands for it). Those without a group come last.
    """
    members: dict[str, list[tuple[State, T]]] = {}
    for name, state, source in sources:
        members.setdefault(name, []).append((state, source))
    found: list[Entry[T]] = []
    for name in sorted(members, key=lambda each: (not each, each.casefold(), each)):
        mine = sorted(members[name], key=lambda pair: RANK[pair[0]])
        counts = Counter(state for state, _ in mine)
        states = tuple((state, counts[state]) for state in State if counts[state])
        found.append(Entry(group=Group(name=name, is_open=name in opened, states=states)))
        if name in opened:
            found += [Entry(source=source) for _, source in mine]
    return found


def page_of(entries: Sequence[Entry[T]], skip: int, count: int) -> list[Entry[T]]:
    """Return a page of a list, under the head of its group."""
    here = list(entries[skip : skip + count])
    goes_on = bool(here) and here[0].group is None
    return [entry for entry in reversed(entries[:skip]) if goes_on and entry.group][:1] + here
