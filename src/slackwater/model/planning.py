"""Which window to read next: wanted range − covered, newest data first. Pure.

It never looks at the marks.
"""

import msgspec

from slackwater.model.checkpoint import Checkpoint, Interval, gaps
from slackwater.model.instants import EARLIEST, YEAR, iso

FIRST_STEP = 500  # periods in the first back-fill window
HORIZON_YEARS = 10  # empty years before a back-fill ends; the contract says so
HORIZON_PERIODS = 1_000  # empty periods before a back-fill ends; the contract says so
READ_WHOLE = "the source was read whole"  # why a back-fill ended; such a source has no time filter


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is asked to have read when it ends.

    Times in µs since the epoch, spans in µs.
    """

    period: int
    start: int = EARLIEST  # how far back history goes
    lookback: int = 0  # what every poll fetches again, for revised and late data
    frontier: int | None = None  # where a poll begins, before `lookback`; see model/freshness.py

    @property
    def horizon(self) -> int:
        """The span (µs) of empty windows that ends a back-fill: 10 years or 1,000 periods."""
        return max(HORIZON_YEARS * YEAR, HORIZON_PERIODS * self.period)

    def poll_start(self, covered_until: int) -> int:
        """Return where a poll begins (µs): what follows the newest points is not published yet."""
        return min(covered_until, self.frontier or covered_until) - self.lookback

    @property
    def first_step(self) -> int:
        """Width of the first window, in µs."""
        return FIRST_STEP * self.period


class CaughtUp(msgspec.Struct, frozen=True):
    """There is nothing to read now. `reason` is set when the back-fill ends here."""

    reason: str | None = None


def next_window(checkpoint: Checkpoint, wanted: Wanted, now: int, *, poll: bool) -> Interval | CaughtUp:
    """Return the next window to read, or CaughtUp.

    `poll` marks the first plan of a run: only then is `lookback` fetched again; until the history is in, not more often
    than once a period, so that a back-fill that is interrupted again and again gets on.
    Order: an unfinished window; then forwards from the newest covered moment to `now`; then holes and history,
    backwards. No window reaches beyond `now`. `now` is in µs since the epoch.
    """
    if checkpoint.page is not None:
        return checkpoint.page.window
    # Never under a period: a source that ignores the window would be asked for ever smaller ones without end.
    step = max(checkpoint.step or wanted.first_step, wanted.period)
    covered = checkpoint.covered
    if covered and max(covered[-1].end, wanted.start) < now:
        since_last = now - covered[-1].end
        if poll or since_last >= wanted.period:
            again = poll and (checkpoint.backfill_done or since_last >= wanted.period)
            oldest = wanted.poll_start(covered[-1].end) if again else covered[-1].end
            begin = max(oldest, wanted.start, covered[0].start)
            return Interval(begin, min(now, max(begin, covered[-1].end) + step))
    start = covered[0].start if checkpoint.backfill_done and covered else wanted.start
    end = covered[-1].end if covered else now
    missing = gaps(covered, Interval(start, end)) if start < end else []
    if not missing:
        return CaughtUp(None if checkpoint.backfill_done else _reached(wanted.start, now))
    gap = missing[-1]
    at_old_end = bool(covered) and gap.end == covered[0].start
    if not checkpoint.backfill_done and at_old_end and checkpoint.empty_span >= wanted.horizon:
        return CaughtUp(_without_data(covered[0], checkpoint.empty_span))
    return Interval(max(gap.start, gap.end - step), gap.end)


def whole_window(checkpoint: Checkpoint, wanted: Wanted, now: int) -> Interval:
    """Return the window of a source without time filter: everything up to `now` (µs)."""
    if checkpoint.page is not None:
        return checkpoint.page.window
    return Interval(min(wanted.start, now - 1), now)


def onward_window(checkpoint: Checkpoint, wanted: Wanted, now: int) -> Interval:
    """Return the window up to `now` (µs) of a source that accepts a start alone.

    The first one is all of the history, since each request would bring what is newer again.
    """
    if checkpoint.page is not None:
        return checkpoint.page.window
    start = wanted.start
    if checkpoint.backfill_done and checkpoint.covered:
        start = max(start, wanted.poll_start(checkpoint.covered[-1].end))
    return Interval(min(start, now - 1), now)


def _reached(start: int, now: int) -> str:
    if start >= now:
        return f"nothing was requested, since the start, {iso(start)}, had not come"
    return "read back to the first year of the calendar" if start == EARLIEST else f"reached the start, {iso(start)}"


def _without_data(oldest: Interval, span: int) -> str:
    # The empty windows lie within the oldest stretch that was read; what is older has not been asked for.
    until = min(oldest.start + span, oldest.end)
    return f"no data from {iso(oldest.start)} to {iso(until)}, so nothing older was requested"
