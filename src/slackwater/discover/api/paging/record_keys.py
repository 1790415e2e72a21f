"""Detects pages that are requested by a key of a record.

What follows, or precedes, `id` 4711. Nothing in such an answer says that there is more. The key of a record in the
middle of the sample proves the parameter: the page must go on with the very next record that is known.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from slackwater.discover.api.group_test import GroupTest
from slackwater.discover.api.paging.next_page import KEYSETS, Followed
from slackwater.discover.api.parameter_names import styles_of
from slackwater.discover.api.probe import Probe, Sample
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.words import set_of, words_of
from slackwater.runtime.api.pagination import Cursor

ONWARDS = (*KEYSETS, "since", "from id", "min id", "search after", "start key")
BACKWARDS = ("before", "before id", "ending before", "end before", "max id", "until id", "to id", "until")
_KEYS = set_of("id _id uuid guid key seq sequence offset cursor rowid")
MOST_ALONE = 2  # names tried one by one; each costs a request of some 30, where none may be there at all
FEWEST = 4  # records, so that one in the middle has known ones on both sides


async def find_keyset(probe: Probe, layout: Layout, first: Sample) -> Followed | None:
    """Return the pagination by a key of a page's last or first record."""
    records = first.records
    if len(records) < FEWEST or layout.place.shape != "list":
        return None
    middle = len(records) // 2
    for field in list(_keys(records))[:1]:
        for words in (ONWARDS, BACKWARDS):
            names = list(styles_of(first, layout.records).names(words))
            search = _Keys(probe, layout, records, field, middle)
            async for name in GroupTest[str](probe, search.params, search.honoured).suspects(names, MOST_ALONE):
                if found := await search.proven(name):
                    return found
    return None


def _keys(records: Sequence[Any]) -> Iterator[str]:
    """Yield the fields that name each record, likeliest first."""
    if not all(isinstance(record, dict) for record in records):
        return
    named = [name for name in records[0] if isinstance(name, str) and _KEYS & set(words_of(name))]
    for name in sorted(named, key=lambda each: (each.lower() not in _KEYS, len(each))):
        cells = [record.get(name) for record in records]
        if all(type(cell) in (int, str) and cell != "" for cell in cells) and len(set(cells)) == len(cells):
            yield name


class _Keys:
    """The search for the parameter that takes the key of one record."""

    def __init__(self, probe: Probe, layout: Layout, records: Sequence[Any], field: str, middle: int) -> None:
        self.probe, self.layout, self.records = probe, layout, records
        self.field, self.middle = field, middle

    def params(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the question with the key of the record in the middle."""
        return dict.fromkeys(names, self.records[self.middle][self.field])

    def honoured(self, answer: Sample, names: Sequence[str]) -> list[str]:
        """Return all names if one of them was honoured."""
        return list(names) if self._side(answer) is not None else []

    def _side(self, answer: Sample) -> bool | None:
        """Check whether a page follows the middle record, or precedes it; else None."""
        key = self.layout.keys
        page, known, middle = answer.records, self.records, self.middle
        if not page:
            return None
        if key(page[:1]) == key(known[middle + 1 : middle + 2]):
            return True
        return False if key(page[-1:]) == key(known[middle - 1 : middle]) and key(page) != key(known) else None

    async def proven(self, name: str) -> Followed | None:
        """Return the pagination by a name that leads on from middle and end."""
        answer = await self.probe.ask(self.params([name]))
        side = self._side(answer) if answer else None
        if side is None:
            return None
        edge = self.records[-1 if side else 0]
        more = await self.probe.ask({name: edge[self.field]})
        if not more or self.layout.keys(more.records) & self.layout.keys(self.records):
            return None
        times = [time for time in self.layout.times(self.records) if time is not None]
        newest_first = bool(times) and times[0] > times[-1]
        # What leads to newer records leads to all of them only from the oldest on: then there is more.
        if bool(times) and side is not newest_first and (newest_first or not more.records):
            return None
        which = "last" if side else "first"
        second = "differs" if more.records else "is empty"
        note = f"Pages by `{name}`, which takes `{self.field}` of the {which} record: the second page {second}."
        return Followed(Cursor(name, self.field, of_last=side, of_first=not side), more.records, note)
