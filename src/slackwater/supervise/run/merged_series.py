"""Detects several series read as one, by points that change within a run."""

from collections.abc import Iterable
from typing import Self

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.series.points import Stored

FEW = 20  # points that may come again with another value: an hour that summer time doubles, a revision while we read
SHARE = 0.05  # of the points received that are no longer few


class Doubles:
    """What a run has overwritten of what was never stored before it began.

    A source that is sorted by station shows discovery pages of one station alone; the next one would overwrite it. The
    oldest and newest time stored tell what is new: inside them a changed value is a revision, and welcome. A first walk
    through a source that goes on after a stop is still new: `walk` is its window, if all that is stored came from it.
    """

    def __init__(self, low: int | None, high: int | None, walk: Interval | None = None, *, file: bool = False) -> None:
        self._low = low
        self._high = high
        self._walk = walk
        self._file = file
        self._received = 0
        self._overwritten = 0

    @classmethod
    def of(cls, wrapper: WrapperRecord) -> Self:
        """Return what a run of a wrapper is to begin with."""
        page = wrapper.marks.checkpoint.page
        first = page is not None and not wrapper.marks.checkpoint.covered and wrapper.counters.points <= page.points
        walk = page.window if page and first else None
        # Who names the time column of a file by hand wants its last row where a time stands twice.
        decided = wrapper.definition.source_type.is_file and not wrapper.definition.source_config.get("time_column")
        return cls(wrapper.marks.low_water_mark, wrapper.marks.high_water_mark, walk, file=decided)

    def note(self, windows: Iterable[Interval | None], stored: Stored) -> None:
        """Count what a commit of batches of these windows did.

        BadSource once too much was overwritten.
        """
        if not all(map(self._never_stored, windows)):
            return
        self._received += stored.received
        self._overwritten += stored.changed + stored.contradicted
        if self._file and self._overwritten:  # a file does not change while it is read: each of them would be lost
            raise BadSource(
                f"{self._overwritten:,} of {self._received:,} points have a time that stood in the file before, with "
                "another value. Give timezone if clocks go back in these times, series_columns if several series are "
                "read as one, or time_column to keep the last row of each time; then regenerate the wrapper."
            )
        if self._overwritten > max(FEW, SHARE * self._received):
            raise BadSource(
                f"{self._overwritten:,} of {self._received:,} points came again with another value: several series are "
                "read as one. Give series_field, the field that tells them apart, and regenerate the wrapper."
            )

    def _never_stored(self, window: Interval | None) -> bool:
        if self._low is None or self._high is None or (window is not None and window == self._walk):
            return True
        return window is not None and (window.end <= self._low or window.start > self._high)
