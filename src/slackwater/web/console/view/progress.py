"""Estimates a reading's progress, rate and remaining time, as far as known."""

from dataclasses import dataclass

from slackwater.model.checkpoint import Interval, gaps
from slackwater.model.instants import SECOND
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.records.runs import RunRecord

TOO_EARLY = 1.0  # seconds; before that nothing can be said of a speed


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Of an open run: `share` (0 to 1), `rate` (points/s), `left` (s); None: unknown."""

    share: float | None
    rate: float | None
    left: float | None
    backfilling: bool
    rows_done: int | None = None
    rows_total: int | None = None


def of_run(
    record: WrapperRecord, run: RunRecord, *, wanted_from: int | None, rows: tuple[int, int | None] | None, now: int
) -> Progress:
    """Estimate an open run's progress; times in µs since the epoch.

    `wanted_from`: where its history begins, when that is known; `rows`: read and to be read.
    """
    elapsed = max(0, now - run.started_at) / SECOND
    rate = run.points_received / elapsed if elapsed >= TOO_EARLY else None
    backfilling = not record.marks.checkpoint.backfill_done
    if record.definition.source_type.is_file or (rows is not None and rows[1] is not None):
        done, total = rows or (0, None)
        share = min(1.0, done / total) if total else None
        left = (total - done) * elapsed / done if total and done and elapsed >= TOO_EARLY else None
        return Progress(
            share=share,
            rate=rate,
            left=left and max(0.0, left),
            backfilling=backfilling,
            rows_done=done,
            rows_total=total,
        )
    if not backfilling or wanted_from is None or wanted_from >= now:
        return Progress(share=None, rate=rate, left=None, backfilling=backfilling)
    wanted = Interval(wanted_from, now)
    missing = sum(part.width for part in gaps(record.marks.checkpoint.covered, wanted))
    told = run.window is not None and elapsed >= TOO_EARLY and not _is_empty(run.window, record.marks.high_water_mark)
    speed = run.window.width / elapsed if run.window is not None and told else None
    left = missing / speed if speed else None
    return Progress(share=1 - missing / wanted.width, rate=rate, left=left, backfilling=True)


def _is_empty(window: Interval, newest: int | None) -> bool:
    """Check whether most of a window had no points.

    It was read in no time, and tells no speed.
    """
    return newest is None or newest < window.start + window.width // 2
