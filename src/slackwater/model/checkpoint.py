"""The checkpoint: which source time has been read completely, and where to go on.

An interval is covered only when all its pages are stored; the caller writes the advanced checkpoint in the
transaction that stores the last of them. An error never covers anything.
"""

from bisect import bisect_left
from typing import Any, Self

import msgspec

from slackwater.errors import BadInput, Conflict
from slackwater.model.instants import EARLIEST, LATEST, iso, parse_iso

SPARSE = 500  # points; a window with fewer lets the next one be twice as wide
FULL = 20_000  # points; a window with more makes the next one half as wide
MAX_REASON = 500  # characters of a reason; chosen: a checkpoint stays small


Proven = tuple[int, int]
"""Records in all, and of one series: so many came in answers that were proven to be whole."""


class Interval(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A half-open stretch of source time, [start, end), in µs since the epoch."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not EARLIEST <= self.start < self.end <= LATEST + 1:
            raise ValueError(f"not an interval: [{self.start}, {self.end})")

    @property
    def width(self) -> int:
        """Length in µs."""
        return self.end - self.start

    def __str__(self) -> str:
        return f"[{iso(self.start)}, {iso(min(self.end, LATEST))})"


class Page(msgspec.Struct, frozen=True):
    """A position inside an unfinished window: the window, and the wrapper's token."""

    window: Interval
    token: Any  # JSON-able
    points: int = 0  # stored of this window so far


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How far a wrapper has read its source."""

    covered: tuple[Interval, ...] = ()  # sorted, disjoint, coalesced
    page: Page | None = None
    backfill_done: bool = False
    backfill_reason: str | None = None
    step: int = 0  # width of the next back-fill window in µs; 0 = the planner's first guess
    empty_span: int = 0  # µs of confirmed-empty windows in a row at the old end
    seam: int | None = (
        None  # where the next run begins to look again, `lookback` before it; None = where `covered` ends
    )
    proven: Proven = (0, 0)  # what the source is known to give at once; `runtime.limits` says how
    version: int = 0  # grows by one with every change; lets two writers notice each other

    @property
    def phase(self) -> str:
        """`historical` while history is being filled in, then `continuous`."""
        return "continuous" if self.backfill_done else "historical"

    def turned(self, window: Interval, token: Any, points: int) -> Self:
        """Return the checkpoint after a page inside `window` was stored, with more pages to come."""
        before = self.page.points if self.page and self.page.window == window else 0
        return self._next(page=Page(window=window, token=token, points=before + points))

    def finished(self, window: Interval, points: int, *, exhausted: str | None = None, proven: Proven = (0, 0)) -> Self:
        """Return the checkpoint after the last page of `window` was stored.

        `points` counts the last page; earlier pages of the same window are remembered in `page`. `exhausted` is
        the source's word that there is nothing older, which ends the back-fill; `proven` what it was seen to give at
        once.
        """
        total = points + (self.page.points if self.page and self.page.window == window else 0)
        oldest = self.covered[0].start if self.covered else None
        at_old_end = oldest is None or window.end <= oldest or window.start < oldest
        step, empty_span = self.step, self.empty_span
        if at_old_end:
            empty_span = empty_span + window.width if total == 0 else 0
            step = window.width
            if total < SPARSE:
                step = window.width * 2
            elif total > FULL:
                step = max(1, window.width // 2)
        return self._next(
            covered=with_interval(self.covered, window),
            page=None,
            step=step,
            empty_span=empty_span,
            backfill_done=self.backfill_done or exhausted is not None,
            backfill_reason=self.backfill_reason if self.backfill_done else exhausted,
            proven=(max(self.proven[0], proven[0]), max(self.proven[1], proven[1])),
        )

    def looked_again(self, before: Self, window: Interval, lookback: int, at: int) -> Self:
        """Return the checkpoint with its seam at `at`, if `window` re-read the `lookback` before it.

        `before` is the checkpoint before the window was finished; `lookback` is in µs, `at` (µs) is not later than the
        beginning of the window's reading. What was dated earlier than `lookback` before then has been published by now
        and is final. What comes in later windows of the same run is read when it is young, so the next run reads it
        again.
        """
        covered = before.covered
        again = not covered or (
            window.end > covered[-1].end and window.start <= max(covered[-1].end - lookback, covered[0].start)
        )
        return self._next(seam=max(at, window.end)) if again else self

    def resumed(self) -> Self:
        """Return the checkpoint that a run begins with: without what was read too early.

        A back-fill or a long catch-up reads what appears meanwhile, too. What was published late among that, the next
        run shall find, as a poll finds what is late since the poll before it.
        """
        if self.seam is None or not self.covered or self.covered[-1].end <= self.seam:
            return self
        return self._next(covered=_before(self.covered, self.seam))

    def shrunk(self, least: int, first: int) -> Self:
        """Return the checkpoint with a next window half as wide, after a failed one.

        The width is never under `least` (µs). `first` is the planner's first guess (µs): a source that refuses even
        that one must not be sent it again and again.
        """
        return self._next(step=max(least, (self.step or first) // 2))

    def restarted(self) -> Self:
        """Return the checkpoint with its unfinished window restarted: the token may have expired.

        The proven number of records in one answer is to be proven again, too.
        """
        return self if self.page is None and self.proven == (0, 0) else self._next(page=None, proven=(0, 0))

    def backfilled(self, reason: str) -> Self:
        """Return the checkpoint in its continuous phase, and why the back-fill ended."""
        return self._next(backfill_done=True, backfill_reason=reason)

    def clipped(self, now: int) -> Self:
        """Return the checkpoint without coverage beyond `now` (µs), written under a wrong clock.

        What was covered then was not there to be read yet; `lookback` fetches the seam again.
        """
        kept = _before(self.covered, now)
        page = self.page if self.page and self.page.window.end <= now else None
        seam = None if self.seam is not None and self.seam > now else self.seam
        if (kept, page, seam) == (self.covered, self.page, self.seam):
            return self
        if not kept and self.covered:  # all it had seen, the end of history too, was in a time that has not come
            return self._next(covered=(), page=page, seam=None, empty_span=0, backfill_done=False, backfill_reason=None)
        return self._next(covered=kept, page=page, seam=seam)

    def reread(self) -> Self:
        """Return the checkpoint of a source to be read again from its first record."""
        return self._next(covered=(), page=None, seam=None, empty_span=0, backfill_done=False, backfill_reason=None)

    def _next(self, **changes: Any) -> Self:
        return msgspec.structs.replace(self, version=self.version + 1, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the form that clients read and may `PUT`: ISO times, `phase` included."""
        return {
            "phase": self.phase,
            "covered": [{"start": iso(part.start), "end": iso(min(part.end, LATEST))} for part in self.covered],
            "page": self.page
            and {
                "window": {"start": iso(self.page.window.start), "end": iso(min(self.page.window.end, LATEST))},
                "token": self.page.token,
            },
            "backfill_done": self.backfill_done,
            "backfill_reason": self.backfill_reason,
            "version": self.version,
        }

    def edited(self, form: dict[str, Any], *, now: int) -> Self:
        """Return the checkpoint requested by a client's `PUT`; unchanged if nothing differs.

        `now` is in µs. Conflict when `version` is sent and has moved on since; BadInput names the field.
        """
        if form.get("version") not in (None, self.version):
            raise Conflict(
                f"version is {form['version']}, but the checkpoint has changed since and is at {self.version}; "
                "GET it again, or leave version out to replace it whatever it is"
            )
        shown = self.to_json()
        if all(form.get(name) == shown[name] for name in ("covered", "page", "backfill_done", "backfill_reason")):
            return self
        return self.from_json(form, version=self.version, now=now)

    @classmethod
    def from_json(cls, form: dict[str, Any], *, version: int, now: int) -> Self:
        """Read what a client `PUT`s; BadInput names the field.

        Nothing may be covered beyond `now` (µs).
        """
        covered: tuple[Interval, ...] = ()
        try:
            for part in form.get("covered", []):
                covered = with_interval(covered, Interval(parse_iso(part["start"]), parse_iso(part["end"])))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(
                f"covered must be a list of {{start, end}} with ISO 8601 times and start before end: {error}"
            ) from None
        if covered and covered[-1].end > now:
            raise BadInput("covered must not reach into the future: what is not read yet would never be fetched")
        done, reason = form.get("backfill_done", False), form.get("backfill_reason")
        if not isinstance(done, bool):
            raise BadInput("backfill_done must be true or false")
        if reason is not None and not (isinstance(reason, str) and len(reason) <= MAX_REASON):
            raise BadInput(f"backfill_reason must be a text of at most {MAX_REASON} characters")
        return cls(
            covered=covered,
            backfill_done=done,
            backfill_reason=(reason or "set by hand") if done else None,
            version=version + 1,
        )


def with_interval(covered: tuple[Interval, ...], added: Interval) -> tuple[Interval, ...]:
    """Return `covered` and `added` as sorted, disjoint intervals; those that touch become one."""
    first = bisect_left(covered, added.start, key=lambda part: part.end)
    last = first
    start, end = added.start, added.end
    while last < len(covered) and covered[last].start <= end:
        start, end = min(start, covered[last].start), max(end, covered[last].end)
        last += 1
    return (*covered[:first], Interval(start, end), *covered[last:])


def _before(covered: tuple[Interval, ...], moment: int) -> tuple[Interval, ...]:
    return tuple(Interval(part.start, min(part.end, moment)) for part in covered if part.start < moment)


def gaps(covered: tuple[Interval, ...], wanted: Interval) -> list[Interval]:
    """Return the parts of `wanted` that are not covered, oldest first."""
    missing = []
    start = wanted.start
    for part in covered:
        if part.end <= start:
            continue
        if part.start >= wanted.end:
            break
        if part.start > start:
            missing.append(Interval(start, part.start))
        start = max(start, part.end)
    if start < wanted.end:
        missing.append(Interval(start, wanted.end))
    return missing
