"""Draws a wrapper's coverage on a time axis: read, missing, oldest and newest point."""

from dataclasses import dataclass

from slackwater.model.checkpoint import Interval, gaps
from slackwater.model.instants import EARLIEST
from slackwater.model.planning import READ_WHOLE
from slackwater.model.wrapper import WrapperRecord

WIDTH = 1_000  # of the drawing, in its own units
MARGIN = 0.25  # of the data's span: how far what was read and found empty is shown before it
LEAST_SHARE = 500  # of the axis: what is narrower is not to be seen


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The drawing: bars as (x, width), marks as x, and a text alternative."""

    start: int
    end: int
    bars: list[tuple[float, float]]
    unfinished: tuple[float, float] | None
    low: float | None
    high: float | None
    now: float
    covered: list[Interval]
    missing: list[Interval]


def is_read_whole(record: WrapperRecord) -> bool:
    """Check whether the source is read end to end, without coverage by time."""
    if record.definition.source_type.is_file:
        return True
    checkpoint = record.marks.checkpoint
    if checkpoint.page is not None and checkpoint.page.window.start <= EARLIEST:
        return True
    filters = [each for each in record.definition.findings or () if each.get("what") == "time filter"]
    return filters[0].get("value") is None if filters else checkpoint.backfill_reason == READ_WHOLE


def strip(record: WrapperRecord, *, wanted_from: int | None, now: int) -> Strip | None:
    """Return the drawing of a wrapper's checkpoint; None when nothing is read yet.

    Of a source that is read whole there is none: see `is_read_whole`.
    """
    if is_read_whole(record):
        return None
    covered = record.marks.checkpoint.covered
    window = None if record.marks.checkpoint.page is None else record.marks.checkpoint.page.window
    low, high = record.marks.low_water_mark, record.marks.high_water_mark
    known = [each for each in (low, wanted_from, None if window is None else window.start) if each is not None]
    if not known and not covered:
        return None
    end = max(now, high or now)
    start = min(known) if known else covered[0].start
    if covered and covered[0].start < start:
        start = max(covered[0].start, start - round(MARGIN * max(1, end - start)))
    if start >= end:
        return None
    shown = [
        Interval(max(part.start, start), min(part.end, end))
        for part in covered
        if part.end > start and part.start < end
    ]
    # What is newer than the last poll is not missing, as long as nobody could see it on this axis.
    seen = (end - start) // LEAST_SHARE
    missing = [part for part in gaps(covered, Interval(start, now)) if part.end < now or part.width > seen]

    def place(moment: int) -> float:
        return round((min(max(moment, start), end) - start) * WIDTH / (end - start), 2)

    def bar(part: Interval) -> tuple[float, float]:
        return place(part.start), max(1.0, round(place(part.end) - place(part.start), 2))

    return Strip(
        start=start,
        end=end,
        bars=[bar(part) for part in shown],
        unfinished=None if window is None else bar(window),
        low=None if low is None else place(low),
        high=None if high is None else place(high),
        now=place(now),
        covered=shown,
        missing=missing,
    )
