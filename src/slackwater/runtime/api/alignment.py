"""Aligns the windows of sources that aggregate to the multiples of their step. Pure.

A source that answers in buckets cuts the first and the last of them where the requested range begins and ends, and one
that evaluates at steps from the requested start gives other times for each start. So every edge is moved outwards to a
multiple of the step, and only the buckets that lie inside and are over by now become points.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, LATEST, from_micros, to_micros
from slackwater.model.periodicity import parse_duration

LABELS = ("start", "end", "moment")
_MONTHS = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?", re.IGNORECASE)
_ROOM = 1000 * 366 * DAY  # from either end of the calendar, in which nothing is aligned


@dataclass(frozen=True)
class Steps:
    """The multiples of a step (µs, or months); days and months follow the zone's calendar."""

    width: int  # µs; of months the shortest
    months: int = 0
    anchor: int = 0  # µs since the epoch; one of the multiples
    zone: tzinfo = UTC

    def floor(self, moment: int) -> int:
        """Return the latest multiple that is not after a moment."""
        if not EARLIEST + _ROOM < moment < LATEST - _ROOM:
            return moment
        if not self.months and not self._local:
            return moment - (moment - self.anchor) % self.width
        local = from_micros(moment).astimezone(self.zone).replace(tzinfo=UTC)
        if self.months:
            count = (local.year * 12 + local.month - 1) // self.months * self.months
            return self._moment(datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC))
        wall = to_micros(local)
        return self._moment(from_micros(wall - (wall - self.anchor) % self.width))

    def ceil(self, moment: int) -> int:
        """Return the earliest multiple that is not before a moment."""
        floor = self.floor(moment)
        return floor if floor == moment else self.after(floor)

    def after(self, multiple: int) -> int:
        """Return the next multiple."""
        if not EARLIEST + _ROOM < multiple < LATEST - _ROOM:
            return multiple
        # The longest month has three days more than the shortest, the longest day an hour more than others.
        room = 4 * DAY * self.months if self.months else DAY // 4 if self._local else 0
        return self.floor(multiple + self.width + room)

    @property
    def _local(self) -> bool:
        return self.zone is not UTC and self.width % DAY == 0

    def _moment(self, wall: datetime) -> int:
        return to_micros(wall.replace(tzinfo=self.zone))


def steps_of(align: str, anchor: int = 0, zone: tzinfo = UTC) -> Steps:
    """Parse an ISO 8601 duration into its multiples; ValueError if it is none.

    Months and years are those of the calendar.
    """
    match = _MONTHS.fullmatch(align.strip())
    months = int(match[1] or 0) * 12 + int(match[2] or 0) if match else 0
    width = months * 28 * DAY if months else parse_duration(align)
    if width < 1:
        raise ValueError(f"{align!r} is no time at all")
    return Steps(width, months, anchor, zone)


@dataclass(frozen=True)
class Stretch:
    """What to ask for, and the times of what comes that are points."""

    requested: Interval
    kept: Interval | None = None  # None: all


def closed(steps: Steps, label: str, part: Interval, now: int) -> Stretch | None:
    """Return the finished buckets that a part of a window touches; None without any.

    `now` is in µs since the epoch.
    """
    start, end, over = steps.floor(part.start), steps.ceil(part.end), steps.floor(now)
    if label == "start":
        end = min(end, over)
        return Stretch(Interval(start, end), Interval(start, end)) if start < end else None
    until = min(end, over)  # what ends, or is, at that very moment is over
    if start > until:
        return None
    return Stretch(Interval(start if start < until else steps.floor(start - 1), until), Interval(start, until + 1))
