"""Learns a source's publication delay; decides where polls begin and when data is late. Pure.

Times are µs since the epoch, spans µs. What lies after the newest point of a series that still lives is not covered: an
empty answer about it says "not published yet". So a poll begins at the oldest of these newest points.
"""

from collections.abc import Sequence
from typing import Self

import msgspec

from slackwater.model.instants import DAY

LATE_PERIODS = 3  # without anything newer, beyond the learned delay, before data counts as late; the contract says so
LIVE_PERIODS = 100  # a series with a newer point is live; longer pauses than these are years even of monthly data
LIVE_DELAYS = 3  # a series is live for so many times the delay that it has shown
DEEP_PERIODS = 10_000  # that a deep poll looks back at the most: some twenty first windows
DEEP_LEAST = 14 * DAY  # that a deep poll may look back whatever the period: sources of seconds lag by days, too
DEEP_EVERY = DAY  # between two deep polls; of twice the reach every second day, of four times every fourth…
DEEP_SHORT = 200  # periods that each of them looks back at least: they fit into a first window
RECHECK_EVERY = DAY  # between two polls that look for values that were revised late
RECHECK_PERIODS = 200  # that such a poll looks back at least: it fits into a first window, so it is one question
RECHECK_LEAST, RECHECK_DENSE = 2 * DAY, 3_000  # at least two days, if these are no more than so many periods
RECHECK_REVISED = 2  # times as far back as a value was ever seen to be revised
LONG_EVERY = 30 * DAY  # between two of them that look so much farther, or nothing old would ever be seen:
LONG_TIMES = 5  # as far as an ordinary recheck; chosen: five times as far, thirty times as seldom
UNPROVEN_MOST = 90 * DAY  # believed as the delay of a source that was read once: official statistics take a quarter
PAST_WEIGHT = 4  # of the learned delay against one new observation


class Frontier(msgspec.Struct, frozen=True):
    """The newest point of a series, its observed delay, and its number of advances."""

    newest: int
    delay: int | None = None
    advances: int = 0

    def is_live(self, period: int, now: int) -> bool:
        """Check whether each poll should bring new data (`period` and `now` in µs)."""
        age = now - self.newest
        proven = self.advances > 1 and self.delay is not None
        return age <= LIVE_PERIODS * period or (proven and age <= LIVE_DELAYS * (self.delay or 0) + period)


def poll_start(series: Sequence[Frontier], period: int, now: int, *, deep: int, since: int | None = None) -> int:
    """Return where a poll begins (µs): at the oldest newest point of the live series.

    Live are those at the last poll, `since`; `period` and `now` are in µs, too. A series that lags and has not been
    seen to advance yet looks like one that is dead. A poll with `deep`, how far back it looks (µs), includes both, so
    that the first is found to be live. When no series is live, the source has paused: such a poll begins at the newest
    point of all, the others look at the youngest stretch alone. So they do while nothing is stored.
    """
    seen = now if since is None else min(since, now)
    youngest = seen - LIVE_PERIODS * period
    if not series:
        return youngest
    chosen = [each.newest for each in series if each.is_live(period, seen) or each.newest >= now - deep]
    if chosen:
        return min(chosen)
    last = max(each.newest for each in series)
    return last if deep >= _deepest(period) else max(last, youngest)


class Freshness(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What runs have learned about a source: its publication delay and its revisions."""

    delay: int | None = None  # age of the newest point when a run first saw it; weighted over runs
    rhythm: int = 0  # between two runs that brought something newer
    advances: int = 0  # runs that brought something newer
    advanced_at: int | None = None  # the last of these
    deep_at: int | None = None  # when the last deep poll began
    revised: int = 0  # age at which values were seen to be revised; less of it with each long look
    rechecked_at: int | None = None  # when the last poll began that looked for late revisions
    long_at: int | None = None  # the last of these that looked farther
    pause: int = 0  # the longest between two polls, where people have said when it is polled

    def is_deep_due(self, now: int) -> bool:
        """Check whether the next poll (at `now`, µs) must include series that seem dead."""
        return self.deep_at is None or not 0 <= now - self.deep_at < DEEP_EVERY

    def deep_reach(self, period: int, now: int) -> int:
        """Return how far back (µs) the next poll looks for dead series; else 0.

        The longer one is dead, the rarer that is, so that its cost does not grow with its age.
        """
        if not self.is_deep_due(now):
            return 0
        deepest = _deepest(period)
        reach, every = min(max(DEEP_LEAST, DEEP_SHORT * period), deepest), 2 * DEEP_EVERY
        while reach < deepest and (self.deep_at is None or now // every != self.deep_at // every):
            reach, every = min(2 * reach, deepest), 2 * every
        return reach

    def is_recheck_due(self, now: int) -> bool:
        """Check whether the next poll (at `now`, µs) must look for late revisions."""
        return self.rechecked_at is not None and not 0 <= now - self.rechecked_at < RECHECK_EVERY

    def recheck(self, period: int, now: int, declared: int | None = None) -> int:
        """Return how far back a recheck looks (µs): as declared, else as learned."""
        if declared is not None:
            return declared
        reach = self.reach(period)
        is_long = self.long_at is not None and now - self.long_at >= LONG_EVERY
        return min(reach * LONG_TIMES, _deepest(period)) if is_long else reach

    def reach(self, period: int) -> int:
        """Return the age (µs) up to which a revision is found within a day.

        A poll that looks farther back may come first.
        """
        least = max(RECHECK_PERIODS * period, min(RECHECK_LEAST, RECHECK_DENSE * period))
        return min(max(least, RECHECK_REVISED * self.revised), _deepest(period))

    def revising(self, age: int) -> Self:
        """Return the state after a run that found a value of that age (µs) revised."""
        return msgspec.structs.replace(self, revised=max(self.revised, age))

    def rechecked(self, began: int) -> Self:
        """Return the state after a recheck, or the first run, begun at `began` (µs).

        What was learned shrinks from one long look to the next alone: some sources revise once a month.
        """
        if self.long_at is not None and began - self.long_at < LONG_EVERY:
            return msgspec.structs.replace(self, rechecked_at=began)
        shrunk = PAST_WEIGHT * self.revised // (PAST_WEIGHT + 1)
        return msgspec.structs.replace(self, rechecked_at=began, long_at=began, revised=shrunk)

    def learned(self, newest: int, now: int) -> Self:
        """Return the state after a run that ended at `now` (µs) with newer data.

        `newest` (µs) is the time of the newest point.
        """
        gap = 0 if self.advanced_at is None else max(0, now - self.advanced_at)
        return msgspec.structs.replace(
            self,
            delay=weighted(self.delay if self.advances > 1 else None, max(0, now - newest)),
            rhythm=weighted(self.rhythm if self.advances > 1 else None, gap),
            advances=self.advances + 1,
            advanced_at=now,
        )

    def allowed_age(self, period: int) -> int:
        """Return the age of the newest point up to which data is not late.

        Before something newer has come the delay is not proven: it may be the age of a source that has ended.
        """
        known = (self.delay or 0) + self.rhythm if self.advances > 1 else min(self.delay or 0, UNPROVEN_MOST)
        return known + LATE_PERIODS * period + self.pause


def _deepest(period: int) -> int:
    return max(DEEP_PERIODS * period, DEEP_LEAST)


def weighted(past: int | None, seen: int) -> int:
    """Return the learned span (µs): longer ones count at once, shorter ones gradually."""
    return seen if past is None else max(seen, (PAST_WEIGHT * past + seen) // (PAST_WEIGHT + 1))
