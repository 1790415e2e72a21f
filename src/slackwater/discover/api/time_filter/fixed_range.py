"""Tells whether a URL selects a fixed time range, which excludes all else."""

from collections.abc import Sequence
from typing import Any

import httpx

from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.time_filter.time_filter_names import Filter, names_of, selecting
from slackwater.discover.api.time_filter.time_filter_proof import Filtered
from slackwater.errors import Question
from slackwater.model.checkpoint import Interval
from slackwater.runtime.api.url_parameters import called, in_path

_NOTHING_THERE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


async def fixed_ranges(probe: Probe, layout: Layout, times: Sequence[int]) -> list[Filter]:
    """Return the time filters in the URL that select.

    What its path says is a name, such as `temperature_1990_2025.json`, where a part of the sample's own time is not
    found there, or brings all of the sample.
    """
    found = selecting(probe.begun, times)
    return [
        each for each in found if not any(map(in_path, names_of(each))) or await _selects(probe, layout, times, each)
    ]


async def _selects(probe: Probe, layout: Layout, times: Sequence[int], found: Filter) -> bool:
    known = sorted(set(times))
    within = Interval(known[0], known[len(known) // 2] + 1)
    answer = await probe.ask(found.params(within, layout.zone), probe.begun)
    if answer:
        return not set(known) <= set(layout.times(answer.records))
    return answer.status not in _NOTHING_THERE


def standing(found: Filter, url: str) -> list[str]:
    """Return the names of a time filter that a URL has."""
    return [name for name in names_of(found) if in_path(name) or name in httpx.URL(url).params]


async def refuse_fixed_range(
    probe: Probe, layout: Layout, records: Sequence[Any], filtered: Filtered, config: dict[str, Any]
) -> None:
    """Raise a Question if the URL holds a fixed time range that excludes data."""
    if filtered.filter is not None or config.get("time_filter"):
        return
    times = [time for time in layout.times(records) if time is not None]
    if fixed := await fixed_ranges(probe, layout, times):
        names = " and ".join(called(name, probe.begun) for name in standing(fixed[0], probe.begun))
        raise Question(
            f"The URL selects a time range by {names}, and no other range came when it was requested: what lies "
            "outside would be missing. Leave it out of location, give time_filter with the names and a form that the "
            "source understands, or set time_filter to none to keep to this range.",
            field="time_filter",
            alternatives=[{"time_filter": "none"}],
        )
