"""Learns how late a source publishes, and decides where a poll begins and when data is late. Pure.

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
DEEP_EVERY = DAY  # between two deep polls
RECHECK_EVERY = DAY  # between two polls that look for values that were revised late
RECHECK_PERIODS = 200  # that such a poll looks back at least: it fits into a first window, so it is one question
RECHECK_LEAST, RECHECK_DENSE = 2 * DAY, 3_000  # at least two days, if these are no more than so many periods
RECHECK_REVISED = 2  # times as far back as a value was ever seen to be revised
LONG_EVERY = 30 * DAY  # between two of them that look so much farther, or nothing old would ever be seen:
LONG_TIMES = 5
UNPROVEN_MOST = 90 * DAY  # believed as the delay of a source that was read once: official statistics take a quarter
PAST_WEIGHT = 4  # of the learned delay against one new observation


class Frontier(msgspec.Struct, frozen=True):
    """The newest point of a series, the delay it has shown, and how many runs have brought something newer."""

    newest: int
    delay: int | None = None
    advances: int = 0

    def is_live(self, period: int, now: int) -> bool:
        """Whether new data of the series is to be expected at each poll."""
        age = now - self.newest
        proven = self.advances > 1 and self.delay is not None
        return age <= LIVE_PERIODS * period or (proven and age <= LIVE_DELAYS * (self.delay or 0) + period)


def poll_start(series: Sequence[Frontier], period: int, now: int, *, deep: bool, since: int | None = None) -> int:
    """Return where a poll begins: at the oldest newest point of the series that were live at the last poll, `since`.

    A series that lags and has not been seen to advance yet looks like one that is dead. A deep poll includes both,
    within bounds, so that the first is found to be live and the second does not make every poll long. When no series
    is live, the source has paused: a deep poll begins at the newest point of all, the others look at the youngest
    stretch alone. So they do while nothing is stored.
    """
    seen = now if since is None else min(since, now)
    youngest = seen - LIVE_PERIODS * period
    if not series:
        return youngest
    reach = now - _deepest(period)
    chosen = [each.newest for each in series if each.is_live(period, seen) or (deep and each.newest >= reach)]
    if chosen:
        return min(chosen)
    last = max(each.newest for each in series)
    return last if deep else max(last, youngest)


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """What runs have taught of a source: how late it publishes, and how often something newer comes."""

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
        """Whether the next poll is to look after series that seem dead, too."""
        return self.deep_at is None or not 0 <= now - self.deep_at < DEEP_EVERY

    def is_recheck_due(self, now: int) -> bool:
        """Whether the next poll is to look for values that were revised late."""
        return self.rechecked_at is not None and not 0 <= now - self.rechecked_at < RECHECK_EVERY

    def recheck(self, period: int, now: int, declared: int | None = None) -> int:
        """Return how far back such a poll looks, in µs: as declared, else as far as values are known to be revised."""
        if declared is not None:
            return declared
        reach = self.reach(period)
        is_long = self.long_at is not None and now - self.long_at >= LONG_EVERY
        return min(reach * LONG_TIMES, _deepest(period)) if is_long else reach

    def reach(self, period: int) -> int:
        """Return the age up to which a value that is revised is found within a day, or with the next poll."""
        least = max(RECHECK_PERIODS * period, min(RECHECK_LEAST, RECHECK_DENSE * period))
        return min(max(least, RECHECK_REVISED * self.revised), _deepest(period))

    def revising(self, age: int) -> Self:
        """Return what is known after a run that has found a value of that age revised."""
        return msgspec.structs.replace(self, revised=max(self.revised, age))

    def rechecked(self, began: int) -> Self:
        """Return what is known after a run that has looked for revisions, or was the first of all.

        What was learned shrinks from one long look to the next alone: some sources revise once a month.
        """
        if self.long_at is not None and began - self.long_at < LONG_EVERY:
            return msgspec.structs.replace(self, rechecked_at=began)
        shrunk = PAST_WEIGHT * self.revised // (PAST_WEIGHT + 1)
        return msgspec.structs.replace(self, rechecked_at=began, long_at=began, revised=shrunk)

    def learned(self, newest: int, now: int) -> Self:
        """Return what is known after a run that ended at `now` and brought something newer, up to `newest`."""
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
    """Return the learned span: a longer one is believed at once, a shorter one little by little."""
    return seen if past is None else max(seen, (PAST_WEIGHT * past + seen) // (PAST_WEIGHT + 1))
