"""Remembers what came in a window that is read again.

What came no more can be reported then.
"""

from array import array
from collections.abc import Sequence

from slackwater.model.checkpoint import Interval
from slackwater.model.points import with_visible_names
from slackwater.pipe.frames import Batch
from slackwater.store.series.vintages import Reread

MOST_POINTS = 1_000_000  # of one window, 8 bytes each; a larger one is not compared


class RereadWindow:
    """Gathers the times of the window that is being read, when it was covered before.

    A window that an earlier run began, or one that grows too large, is not compared: not all of it is known.
    """

    def __init__(self, left_over: Interval | None) -> None:
        self._left_over = left_over
        self._window: Interval | None = None
        self._times: dict[str, array[int]] | None = None

    def note(self, batch: Batch, covered: Sequence[Interval]) -> Reread | None:
        """Take a batch.

        Return its window with all that came in it, when it is complete and was covered before.
        """
        window = batch.window
        if window is None:
            return None
        if window != self._window:
            again = window != self._left_over and any(c.start < window.end and window.start < c.end for c in covered)
            self._window, self._times = window, {} if again else None
        if self._times is None:
            return None
        for column in with_visible_names(batch.columns):
            if len(column):
                self._times.setdefault(column.series, array("q")).extend(column.times())
        if sum(map(len, self._times.values())) > MOST_POINTS:
            self._times = None
            return None
        if not batch.complete:
            return None
        times, self._window, self._times = self._times, None, None
        return Reread(window, times)
