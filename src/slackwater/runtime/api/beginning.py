"""Detects the beginning of a source that refuses requests before its first data.

A refusal alone proves nothing: a key may have expired, an address may have moved. So what is newer is requested once
more, as wide as what was refused, and older stretches, ever farther back. The source begins there if it answers the
first and has nothing in the others. If it has, the refusal is its way to say that a range is empty, provided that it
answers one that has data in one half.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from slackwater.errors import Refused
from slackwater.formats.payload.notes import error_is_no_data, note_in
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import SECOND, iso
from slackwater.model.planning import Wanted
from slackwater.runtime.source import NothingBefore

STATUSES = frozenset({400, 402, 403, 404, 410, 416, 422})  # of times that a source does not know
FARTHER = 2  # times as far back as before each older stretch lies
STRETCHES = 10  # older ones that are looked into at most
HALVINGS = 9  # of the newer stretch, where that is too wide
_WORDS = re.compile(
    r"out of (range|bounds)|outside|before|earliest|oldest|prior to|too (old|early|far)|not available|"
    r"no (data|records)|start.?date|date.{0,20}(invalid|range)|invalid.{0,20}date|minimum|history|retention|archive",
    re.I,
)
_QUOTED = 200  # characters of what the source says

Refusal = httpx.HTTPStatusError | Refused


@dataclass(frozen=True)
class Gap:
    """A refused stretch without data; older records exist."""

    refusal: Refusal

    @property
    def said(self) -> str:
        """What the source answers there: a status, or a message."""
        return f"“{said(self.refusal)}”" if isinstance(self.refusal, Refused) else str(status_of(self.refusal))


@dataclass
class NoData:
    """The answers that mean a time range without data: statuses, and messages in a 200."""

    statuses: set[int | None]
    messages: set[str] = field(default_factory=set)

    def learn(self, gap: Gap) -> None:
        """Take over what a gap is answered with."""
        if isinstance(gap.refusal, Refused):
            self.messages.add(_without_numbers(gap.refusal))
        else:
            self.statuses.add(status_of(gap.refusal))

    def means(self, response: httpx.Response, read: Callable[[httpx.Response], Any]) -> bool:
        """Check whether an answer means that; `read` raises Refused for a message."""
        status = response.status_code
        if status in self.statuses and (status < httpx.codes.INTERNAL_SERVER_ERROR or error_is_no_data(response.text)):
            return True
        try:
            if self.messages and response.is_success:
                read(response)
        except Refused as refused:
            return _without_numbers(refused) in self.messages
        return False


@dataclass(frozen=True)
class Beginning:
    """Decides whether a source begins at a moment; `ask` counts a stretch's records.

    `ask` returns None for a stretch that is refused.
    """

    checkpoint: Checkpoint
    wanted: Wanted
    ask: Callable[[Interval], Awaitable[int | None]]

    def may_be_before(self, part: Interval, refused: Refusal) -> bool:
        """Check whether a refused part of a window may precede the source's first data."""
        older = any(each.start < part.end for each in self.checkpoint.covered)
        may_be_about_times = isinstance(refused, Refused) or _is_about_times(refused)
        return not (self.checkpoint.backfill_done or older) and may_be_about_times

    async def proven(self, part: Interval, window: Interval, refused: Refusal) -> NothingBefore | Gap | None:
        """Return the end of the back-fill behind a refused part, or its gap, or None."""
        moment = part.end
        if moment == window.end and all(each.start != moment for each in self.checkpoint.covered):
            return None  # nothing newer was read yet
        newest = self.checkpoint.covered[-1].end if self.checkpoint.covered else window.end
        # As wide as windows are, not as the part, which may be a second: it would find nothing anywhere.
        width = await self._answered(moment, newest, window.width)
        if width is None:
            return None
        oldest = max(self.wanted.start, moment - self.wanted.horizon)
        reach = width
        for _ in range(STRETCHES):
            reach *= FARTHER
            if moment - reach < oldest:
                break
            if await self.ask(Interval(moment - reach, moment - reach + width)):
                # One that refuses whatever reaches into a gap would refuse data, too.
                across = await self.ask(Interval(moment - width // 2, min(newest, moment + width // 2) + 1))
                return Gap(refused) if across else None
        if not _is_about_times(refused):
            return None
        return NothingBefore(moment, _reason(moment, refused))

    async def _answered(self, moment: int, newest: int, width: int) -> int | None:
        """Return the width (µs) of a newer stretch that the source answers, else None.

        `moment`, `newest` and `width` are in µs.
        """
        for _ in range(HALVINGS):
            if await self.ask(Interval(moment, max(moment + 1, min(newest, moment + width)))) is not None:
                return width
            width = max(1, width // 2)
        return None


def status_of(refused: Refusal) -> int:
    """Return the status of a refusal; 200 of a message instead of data."""
    return refused.response.status_code if isinstance(refused, httpx.HTTPStatusError) else 200


def _without_numbers(refused: Refused) -> str:
    return re.sub(r"\d+", "0", str(refused))  # the range that is asked for may be named in it


def _is_about_times(refused: Refusal) -> bool:
    status = status_of(refused)
    return status in STATUSES or (status in (200, 500) and _WORDS.search(said(refused)) is not None)


def said(refused: Refusal) -> str:
    """Return what a source says when it refuses."""
    if isinstance(refused, Refused):
        return str(refused)
    text = refused.response.text
    try:
        body: Any = refused.response.json()
    except ValueError:
        body = text
    return (note_in(body) or " ".join(re.sub(r"<[^>]*>", " ", text).split()))[:_QUOTED]


def _reason(moment: int, refused: Refusal) -> str:
    before = f"the source refuses what lies before {iso(moment // SECOND * SECOND)}"
    if isinstance(refused, Refused):
        return f"{before}: {refused}".rstrip(".")
    words = said(refused)
    quoted = f", “{words}”" if words else ""
    return f"{before}: it answered {status_of(refused)}{quoted}"
