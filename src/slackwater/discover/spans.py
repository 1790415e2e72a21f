"""How long a time range a source answers at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median_low
from typing import Any

import httpx

from slackwater.discover.asking import Probe
from slackwater.discover.candidates import Filter
from slackwater.discover.fields import Layout
from slackwater.discover.known import Known
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, MINUTE, SECOND, WEEK, YEAR, parse_iso
from slackwater.model.periodicity import parse_periodicity
from slackwater.model.planning import FIRST_STEP

HALVINGS = 4  # of a range that is refused
LONG_AGO = parse_iso("1905-01-01")  # before what most sources have, and a date that they understand
NO_DATA = frozenset({404, 412})  # what some sources answer to a range without data
_REFUSED = frozenset({400, 413, 414, 416, 422})
_SPANS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": WEEK, "month": 30 * DAY, "year": YEAR,
          "dia": DAY, "mes": 30 * DAY, "ano": YEAR, "hora": HOUR}  # fmt: skip


async def with_longest(
    probe: Probe, layout: Layout, found: Filter, known: Sequence[int], paged: Mapping[str, Any], protocol: Known
) -> Filter:
    """Return the filter with the longest range that may be asked for, where the source refuses a wider one."""
    if protocol.points and (step := _step(probe.location)):
        return replace(found, longest=_written(protocol.points * step))
    spacings = [later - earlier for earlier, later in pairwise(known)]
    width = FIRST_STEP * median_low(spacings) if spacings else 0
    if width <= 2 * (known[-1] - known[0] if known else 0) or known[-1] - width < EARLIEST + YEAR:
        return found
    answer = await probe.ask({**paged, **_params(found, layout, known[-1], width)})
    if answer is not None or probe.status not in _REFUSED:
        return found
    for narrower in _narrower(probe.refusal, width, found.unit):
        answer = await probe.ask({**paged, **_params(found, layout, known[-1], narrower - 2 * found.unit)})
        if answer is not None:
            return replace(found, longest=_written(narrower))
    return found


async def with_empty(
    probe: Probe, layout: Layout, found: Filter, known: Sequence[int], paged: Mapping[str, Any]
) -> Filter:
    """Return the filter with the status that the source answers to a range without data, where that is no success."""
    start = max(min(LONG_AGO, known[0] - 4 * found.unit) if known else LONG_AGO, EARLIEST + YEAR)
    window = Interval(start - max(DAY, found.unit), start)
    answer = await probe.ask({**paged, **found.params(window, layout.zone)})
    return replace(found, empty=probe.status) if answer is None and probe.status in NO_DATA else found


def _params(found: Filter, layout: Layout, end: int, width: int) -> Mapping[str, str]:
    return found.params(Interval(end - max(width, found.unit), end), layout.zone)


def _narrower(refusal: str, width: int, unit: int) -> list[int]:
    """Return the spans to try: what the source says in its refusal, then by halves."""
    said = [
        int(number) * span
        for number, word in re.findall(r"(\d{1,5})[\s-]*([a-zA-Zê]{3,})", refusal.lower())
        for name, span in _SPANS.items()
        if word.startswith(name)
    ]
    halves = [width >> halving for halving in range(1, HALVINGS + 1)]
    return [span for span in [*said[:2], *halves] if 3 * unit <= span < width]


def _step(url: str) -> int | None:
    """Return the distance of two points that a URL asks for, in µs."""
    text = httpx.URL(url).params.get("step", "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return round(float(text) * SECOND) or None
    try:
        return parse_periodicity(text)
    except ValueError:
        return None


def _written(span: int) -> str:
    """Return a span as an ISO 8601 duration."""
    return f"P{span // DAY}D" if span >= DAY and span % DAY == 0 else f"PT{span // SECOND}S"
