"""Detects time filters that use another time of the records than the one read.

Such as that of the last change. Mostly both fit the requested window. So the end of one is put between the two times of
one record: by the time that is read it comes, by the other it does not, and a history read by that filter would lack
it.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.columns import cell_of, columns_of
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.records.time_field import time_candidates
from slackwater.formats.timestamps import time_parser
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange

LOOKED_AT = 400  # records; chosen: a request among them is likely, and quick
APART = 8  # units of the filter, at least, between two times of one record that tell them apart
BEFORE = 8  # known times that the window begins before its end: few, so that they are one page


async def by_another_clock(
    probe: Probe, layout: Layout, candidate: TimeFilter | TimeRange, records: Sequence[Any], paged: Mapping[str, Any]
) -> bool:
    """Check whether a filter omits a due record because of a later time."""
    if candidate.unit >= DAY:
        return False
    records = layout.flat(list(records)[:LOOKED_AT])
    times = layout.times(records)
    known = sorted({time for time in times if time is not None})
    columns = columns_of(records)
    for path, form in time_candidates(columns).items():
        if path in layout.time or path not in columns:
            continue
        later = time_parser(form.form, layout.zone)([cell_of(record, path) for record in records])
        apart = [
            (end - time, time, record)
            for record, time, end in zip(records, times, later, strict=True)
            if time is not None and end is not None and end - time >= APART * candidate.unit and time > known[0]
        ]
        if not apart:
            continue
        gap, time, record = min(apart, key=lambda each: each[0])
        end = time + gap // 2
        start = min(known[max(0, bisect_left(known, end) - BEFORE)], time - candidate.unit)
        answer = await probe.ask({**paged, **candidate.params(Interval(start, end), layout.zone)})
        if answer and not layout.keys([record]) <= layout.keys(answer.records):
            return True
    return False
