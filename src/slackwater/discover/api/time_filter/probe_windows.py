"""Time ranges to ask a source for, so that its answer proves something. Pure.

`known` are the times of the sample, in µs and in their order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, LATEST

MONTH = 30 * DAY  # µs; the width of a window where the sample shows no period


@dataclass(frozen=True)
class ProbeWindow:
    """A test window: the times that must come back, and the allowed bounds."""

    window: Interval
    inside: Sequence[int]
    low: int
    high: int

    def proven_by(self, times: set[int]) -> bool:
        """Check whether the answer holds all known times, and nothing outside."""
        return bool(times) and self.low <= min(times) and max(times) <= self.high and times.issuperset(self.inside)

    def in_days(self, times: set[int]) -> bool:
        """Check whether the answer holds the whole days that the window begins and ends in."""
        first, last = min(times), max(times)
        return first % DAY == 0 and first == self.window.start // DAY * DAY and last // DAY == self.window.end // DAY


def window_inside(unit: int, known: Sequence[int]) -> ProbeWindow | None:
    """Return a window with known times around it; None where `unit` (µs) is too coarse."""
    count = len(known)
    if count < 3:
        return None
    for start, end in ((known[count // 3], known[2 * count // 3]), (known[count // 2], known[count // 2] + unit)):
        if found := _window(unit, known, start, end):
            return found
    return None


def window_since(unit: int, known: Sequence[int]) -> ProbeWindow | None:
    """Return an open window that excludes some known times, else None.

    `unit` is in µs, as the known times are.
    """
    for place in (len(known) // 2, len(known) - 1):
        if len(known) > 2 and known[0] < known[place] - 2 * unit:
            inside = [time for time in known if time > known[place]]
            return ProbeWindow(Interval(known[place], LATEST), inside, known[place] - 2 * unit, LATEST)
    return None


def several(unit: int, known: Sequence[int], most: int) -> list[ProbeWindow]:
    """Return up to `most` such windows, no two of them alike."""
    count = len(known)
    if count < 6:
        one = window_inside(unit, known)
        return [one] if one else []
    # More than half of the known times: whichever of them are honoured together, something lies in all of them.
    wide = _spread(unit, known, most, count // 2 + 1)
    if 2 * len(wide) >= most:
        return wide
    narrow = _spread(unit, known, most, max(1, count // 3))
    return wide if 2 * len(wide) >= len(narrow) else narrow


def _spread(unit: int, known: Sequence[int], most: int, width: int) -> list[ProbeWindow]:
    found: dict[Interval, ProbeWindow] = {}
    room = len(known) - width - 2
    for begin in dict.fromkeys(1 + place * room // most for place in range(most if room >= 0 else 0)):
        if candidate := _window(unit, known, known[begin], known[begin + width]):
            found.setdefault(candidate.window, candidate)
    return list(found.values())


def window_before(unit: int, known: Sequence[int]) -> ProbeWindow | None:
    """Return a window before all known times, for samples too short to split.

    `unit` is in µs, as the known times are.
    """
    if not known:
        return None
    span = max(2 * unit, min(known[-1] - known[0], 12 * MONTH), MONTH if len(known) < 3 else 0)
    gap = 3 * unit
    end = known[0] - gap
    start = end - span
    if start - 2 * unit < EARLIEST:
        return None
    return ProbeWindow(Interval(start, end), (), start - 2 * unit, min(end + 2 * unit, known[0] - 1))


def _window(unit: int, known: Sequence[int], start: int, end: int) -> ProbeWindow | None:
    window = Interval(start, min(max(end, start + unit), LATEST))
    low, high = window.start - 2 * unit, window.end + 2 * unit
    if not (known[0] < low and high < known[-1]):
        return None
    inside = known[bisect_right(known, window.start) : bisect_left(known, window.end)]
    return ProbeWindow(window, inside, low, high)
