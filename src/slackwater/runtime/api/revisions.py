"""Keeps of several records of one series and time the latest revision. Pure."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from slackwater.formats.payload.json_path import at
from slackwater.model.instants import parse_iso

NEVER = -math.inf  # the place of a record that was never revised


@dataclass
class Revisions:
    """The latest revision of each record in one walk, whatever their order is.

    `keys` returns what the records of one point share, None for one that is no point.
    """

    path: str
    keys: Callable[[list[Any]], Sequence[Any]]
    latest: dict[Any, float] = field(default_factory=dict)

    def take(self, records: list[Any]) -> list[Any]:
        """Return the records without those that another one, here or before, replaces."""
        keys = self.keys(records)
        ranks = [rank_of(at(record, self.path)) for record in records]
        for key, rank in zip(keys, ranks, strict=True):
            if key is not None and rank >= self.latest.get(key, rank):
                self.latest[key] = rank
        return [
            record
            for record, key, rank in zip(records, keys, ranks, strict=True)
            if key is None or rank >= self.latest[key]
        ]


def rank_of(cell: Any) -> float:
    """Return the place of a revision, by its number or its time.

    One that says neither was never revised: it comes first.
    """
    for read in (float, parse_iso):  # times compare as moments: their texts may have several zones
        with suppress(AttributeError, OverflowError, TypeError, ValueError):
            rank = float(read(cell))
            return NEVER if math.isnan(rank) else rank
    return NEVER
