"""Detects answers that depend on the range's edges, by shifting it half a step.

Buckets that are cut at the edges show other values there, or a time of their own; steps that are counted from the asked
start show other times throughout. Either is mended by asking at multiples of the step alone, and that is proven too.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from itertools import pairwise
from math import gcd
from typing import Any
from urllib.parse import unquote_plus

import httpx

from slackwater.discover.api.probe import Probe, Refusal
from slackwater.discover.api.records.columns import cell_of
from slackwater.discover.api.records.layout import Layout
from slackwater.errors import Question
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, YEAR, from_micros, iso, to_micros
from slackwater.model.time_zones import zone as zone_of
from slackwater.runtime.api.alignment import Steps, steps_of
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, unit_of

REFUSED = frozenset({400, 416, 422})
MOSTLY = 0.9  # of the times of a sample that aggregates; the first and the last may be cut
NARROW = 12  # times in a stretch that is moved: some sources round the edges of wide ranges alone
SPARSE = 12  # steps between two neighbours; where more are missing there is no step
_AGGREGATES = re.compile(
    r"\b(step|interval|granularity|bucket\w*|resolution|aggregat\w*|every|group_?by|period|downsample|freq\w*|rollup)\b",
    re.IGNORECASE,
)

_ZONE = re.compile(r"\b[A-Z][a-z]+(?:/[A-Z][A-Za-z_]+)+")  # as in `tz('Europe/Berlin')`

Filter = TimeFilter | TimeRange | TimeSince
Readings = dict[tuple[str, int], str]
"""Series and time → what its values are."""


@dataclass(frozen=True)
class _AlignmentProbe:
    """One source, and how a time range of it is asked for."""

    probe: Probe
    layout: Layout
    filter: Filter
    paged: Mapping[str, Any]

    async def readings(self, start: int, end: int, *, afresh: bool = False) -> Readings | Refusal:
        """Return the readings of a range (µs)."""
        params = {**self.paged, **self.filter.params(Interval(start, end), self.layout.zone)}
        answer = await self.probe.ask(params)
        if afresh and answer:
            answer = await self.probe.again(answer)
        return readings(self.layout, answer.records) if answer else answer


async def with_alignment(
    probe: Probe, layout: Layout, found: Filter, sample: Sequence[Any], paged: Mapping[str, Any], given: str | None
) -> tuple[Filter, str]:
    """Return the filter, aligned where answers depend on edges, and its sentence.

    `given` is the step that the configuration declares, or `none`. A Question says that it can be neither proven
    independent nor aligned.
    """
    known = readings(layout, sample)
    times = sorted({time for _, time in known})
    if given == "none" or len(times) < 4:
        return _declared(found, given), ""
    steps = _given(given, times, layout.zone) if given else steps_in(times, layout)
    if steps is None or not _mostly([t for t in times if steps.floor(t) == t], times):
        return _declared(found, given), ""
    begin = max(1, len(times) // 3, len(times) - NARROW - 3 if isinstance(found, TimeSince) else 0)
    first, last = times[begin], times[max(begin + 1, min(2 * len(times) // 3, begin + NARROW))]
    unit = unit_of(found.form) or SECOND
    shifts = [shift for part in (2, 4) if (shift := steps.width // part // unit * unit)]
    if not shifts or first >= last or last + shifts[0] > times[-1]:
        return _declared(found, given), ""
    aggregates = _AGGREGATES.search(str(httpx.URL(probe.location).query, "ascii").replace("+", " ")) is not None
    whole = _AlignmentProbe(probe, layout, _as_requested(found), paged)
    trial = _Trial(whole, steps, known, first, last)
    for shift in shifts if aggregates else shifts[:1]:
        if (verdict := await trial.moved_by(shift)) is not None:
            break
    if verdict is None:
        return _declared(found, given), ""
    if verdict == "moment":
        return await _on_the_grid(whole, replace(found, label="moment"), steps, first, last)
    return await _in_whole_buckets(trial, found, verdict)


def _as_requested(found: Filter) -> Filter:
    """Return the filter that asks for just what it is told to."""
    if isinstance(found, TimeSince):
        return replace(found, inclusive_start=True)
    return replace(found, inclusive_start=True, inclusive_end=True)


@dataclass(frozen=True)
class _Trial:
    """A stretch inside the sample that is requested again in other ways."""

    source: _AlignmentProbe
    steps: Steps
    known: Readings
    first: int
    last: int

    async def moved_by(self, shift: int) -> str | None:
        """Return how times depend on the edges, moved by `shift` (µs); None if not."""
        start, end = self.first + shift, self.last + shift
        came = await self.source.readings(start, end)
        if isinstance(came, Refusal):
            return "start" if came.status in REFUSED else None
        times = sorted({time for _, time in came})
        off = [time for time in times if self.steps.floor(time) != time]
        if times and len(off) * 2 > len(times):
            return "moment"
        differing = [time for (name, time), value in came.items() if self.known.get((name, time), value) != value]
        edges = {times[0], times[-1]} if times else set()
        edges |= {self.first, self.last, self.steps.after(self.first), self.steps.after(self.last)}
        if any(time not in edges for time in differing):
            again = await self.source.readings(start, end, afresh=True)
            if isinstance(again, Refusal) or any(again.get(key, value) != value for key, value in came.items()):
                return None  # other values each time: that is not for the range
            raise _unlike(min(differing))
        if not off and not differing and not (self._flat() and times and times[0] < start):
            return None
        return "start" if times[0] <= self.first else "end"

    async def whole_in(self, label: str) -> bool:
        """Check whether aligned requests return the same buckets as the sample."""
        came = await self.source.readings(self.first, self.last)
        if isinstance(came, Refusal):
            return False
        inside = Interval(self.first, self.last) if label == "start" else Interval(self.first + 1, self.last + 1)
        whole = {key: value for key, value in self.known.items() if inside.start <= key[1] < inside.end}
        return all(came.get(key) == value for key, value in whole.items())

    def _flat(self) -> bool:
        """Check whether partial edge buckets would have the same values."""
        lines: dict[str, set[str]] = {}
        for (name, _), value in self.known.items():
            lines.setdefault(name, set()).add(value)
        return all(len(values) == 1 for values in lines.values())


async def _on_the_grid(
    source: _AlignmentProbe, found: Filter, steps: Steps, first: int, last: int
) -> tuple[Filter, str]:
    """Return the filter of a source that counts steps from the start.

    They are made the multiples from 1970 on; `first` and `last` are in µs.
    """
    even = replace(steps, anchor=0)
    came = await source.readings(even.floor(first), even.ceil(last))
    if not isinstance(came, Refusal) and any(even.floor(time) != time for _, time in came):
        raise _unlike(first)
    return (
        replace(found, align=_written(even)),
        f"The times depend on where the range begins: ranges begin at multiples of {_written(even)}.",
    )


async def _in_whole_buckets(trial: _Trial, found: Filter, label: str) -> tuple[Filter, str]:
    """Return the filter of a source that cuts buckets at the range's edges."""
    steps = trial.steps
    if steps.width % DAY == 0 and steps.anchor % DAY and not steps.months and steps.zone is UTC:
        times = sorted({time for _, time in trial.known})
        named = dict.fromkeys(_ZONE.findall(unquote_plus(trial.source.probe.begun)))
        raise Question(
            f"The source adds up days that begin at {iso(steps.anchor + 10 * YEAR // DAY * DAY)[11:16]} UTC. Give "
            "timezone, whose days they are, so that no day is cut.",
            field="timezone",
            alternatives=[{"timezone": name} for name in named if _begins_days(name, times)],
        )
    if not await trial.whole_in(label):
        raise _unlike(trial.first)
    anchor = None if steps.months or steps.anchor == 0 else iso(steps.anchor)
    return (
        replace(found, align=_written(steps), anchor=anchor, label=label),
        f"Buckets are cut where the range begins and ends: ranges are requested in multiples of {_written(steps)}, and "
        "a bucket that is not over yet is left for a later poll.",
    )


def _unlike(time: int) -> Question:
    return Question(
        f"What the source gives depends on the requested range: at {iso(time)} it gave another value or other "
        "times. Give align, the step in which it aggregates (such as PT1H), or none if that is no matter.",
        field="align",
    )


def _declared(found: Filter, given: str | None) -> Filter:
    """Return the filter with the configured step, where the source shows none."""
    if given in (None, "none"):
        return found
    return replace(found, align=given)


def readings(layout: Layout, records: Sequence[Any]) -> Readings:
    """Return what records say of each series and time."""
    names = [*layout.series]
    return {
        (repr([cell_of(record, path) for path in names]), time): repr([cell_of(record, path) for path in layout.values])
        for record, time in zip(layout.flat(records), layout.times(records), strict=True)
        if time is not None
    }


def steps_in(times: Sequence[int], layout: Layout) -> Steps | None:
    """Return the step that all times are multiples of, None without one."""
    inner = times[1:-1]
    spacings = [later - earlier for earlier, later in pairwise(inner)] or [times[1] - times[0]]
    usual = sorted(spacings)[len(spacings) // 2]
    for zone in dict.fromkeys((layout.zone, UTC)):
        walls = [_wall(time, zone) for time in times]
        if usual >= 28 * DAY and _mostly([wall // DAY for wall in walls if wall % DAY == 0 and _first(wall)], times):
            months = [at.year * 12 + at.month for at in map(from_micros, walls)]
            step = gcd(*(later - earlier for earlier, later in pairwise(months))) or 1
            if all((month - 1) % step == 0 for month in months):
                return Steps(step * 28 * DAY, step, 0, zone)
            return Steps(28 * DAY, 1, 0, zone)
        if usual >= DAY - HOUR and zone is not UTC and _mostly([w for w in walls if w % DAY == 0], times):
            width = gcd(*(_wall(b, zone) - _wall(a, zone) for a, b in pairwise(inner)), 0) or DAY
            return Steps(width, 0, _wall(inner[0], zone) % width, zone)
    width = gcd(*spacings)
    if width < SECOND or width * SPARSE < usual:
        return None
    anchor = Counter(time % width for time in times).most_common(1)[0][0]
    matching = [time for time in times if time % width == anchor]
    return Steps(width, 0, anchor) if _mostly(matching, times) else None


def _mostly(some: Sequence[int], times: Sequence[int]) -> bool:
    return len(some) >= min(MOSTLY * len(times), len(times) - 2)


def _given(given: str, times: Sequence[int], zone: tzinfo) -> Steps:
    steps = steps_of(given, 0, zone)
    if steps.months:
        return steps
    home = zone if steps.width % DAY == 0 else UTC
    return replace(steps, zone=home, anchor=_wall(times[len(times) // 2], home) % steps.width)


def _begins_days(name: str, times: Sequence[int]) -> bool:
    """Check whether the times are midnights of a zone."""
    try:
        home = zone_of(name)
    except ValueError:
        return False
    return _mostly([time for time in times if _wall(time, home) % DAY == 0], times)


def _wall(time: int, zone: tzinfo) -> int:
    """Return the clock of a zone at a moment, as µs."""
    return time if zone is UTC else to_micros(from_micros(time).astimezone(zone).replace(tzinfo=UTC))


def _first(wall: int) -> bool:
    return from_micros(wall).day == 1


def _written(steps: Steps) -> str:
    """Return a step as an ISO 8601 duration."""
    if steps.months:
        return f"P{steps.months // 12}Y" if steps.months % 12 == 0 else f"P{steps.months}M"
    for span, mark in ((DAY, "P{}D"), (HOUR, "PT{}H"), (MINUTE, "PT{}M")):
        if steps.width % span == 0:
            return mark.format(steps.width // span)
    return f"PT{steps.width / SECOND:.6f}".rstrip("0").rstrip(".") + "S"
