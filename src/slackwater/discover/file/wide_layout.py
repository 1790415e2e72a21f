"""Detects the values of a wide table, and what is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from slackwater.discover.file.number_columns import (
    contradiction,
    missing_values,
    number_form,
    refuse_unread_numbers,
    settled,
)
from slackwater.discover.file.sample import FileSample
from slackwater.discover.file.wide_detection import Across
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.mixed_units import refuse_mixed_units
from slackwater.discover.inference.period_numbers import refuse_days_of_change
from slackwater.discover.inference.plausibility import FILE
from slackwater.discover.inference.timezones import zone_above, zone_matters, zone_of_columns
from slackwater.errors import Question
from slackwater.formats.annotations import bare_time, is_nothing
from slackwater.formats.cells import cell_text, is_sum
from slackwater.formats.table.headers import joined
from slackwater.model.points import DEFAULT_SERIES


def wide_table(
    sample: FileSample, wide: Across, delimiter: str | None, config: Mapping[str, Any], evidence: Evidence
) -> dict[str, Any]:
    """Return the arguments of a wide table, with its `times` and an `example`."""
    if question := contradiction([wide.values]):
        raise question
    form = number_form(wide.values, config)
    if form is None:
        raise Question(
            f"the cells under the times do not hold numbers: {wide.values.examples()}; give decimal and thousands, or "
            "layout: long",
            field="layout",
            choices=["long"],
        )
    refuse_unread_numbers([wide.values], [(wide.values, form)], config)
    count = len(wide.values.cells) // len(wide.header.times)
    lines = [(wide.values.name, wide.values.cells[row::count]) for row in range(count)]
    if not config.get("value_columns"):
        refuse_mixed_units(lines, [], FILE)
    values = settled([(wide.values, form)], delimiter, evidence)
    if not config.get("timezone"):
        refuse_days_of_change(wide.form, _told(sample, wide), " ".join(column.name for column in wide.time))
    _about_left_out(sample, wide, evidence)
    timezone = config.get("timezone") or _zone(sample, wide, evidence)
    name = config.get("series_name") or ("" if wide.series else sample.region.title)
    return {
        "layout": "wide",
        "time": wide.time[0].name if len(wide.time) == 1 else [column.name for column in wide.time],
        "values": config.get("value_columns"),
        "series": [column.name for column in wide.series],
        "name": name if name and name != DEFAULT_SERIES else None,
        "decimal": None if values[0][1].decimal == "." else values[0][1].decimal,
        "thousands": values[0][1].thousands,
        "date_format": wide.form,
        "timezone": None if timezone == "UTC" else timezone,
        "missing": missing_values(values, lines if wide.series else (), sample.above, config, evidence),
        "times": wide.times,
        "example": ", ".join(repr(cell_text(cell)) for cell in list(wide.header.times.values())[:2]),
    }


def _told(sample: FileSample, wide: Across) -> Iterator[object]:
    """Yield the times below which there is a value, as one text each."""
    for row in range(sample.consecutive):
        rest = [bare_time(column.cells[row]) for column in wide.time]
        for at, cell in wide.header.times.items():
            if not is_nothing(sample.columns[at].cells[row]):
                yield joined([*rest, cell])


def _zone(sample: FileSample, wide: Across, evidence: Evidence) -> str | None:
    """Return the time zone that the file names, None where its times need none."""
    if not zone_matters(wide.times, wide.elsewhere):
        return None
    others = {column.name: list(column.cells) for column in (*wide.series, *wide.time)}
    told = zone_of_columns([column.name for column in wide.time], others) or zone_above(sample.above_names)
    if told is not None:
        evidence.add("timezone", told, 0.9, f"the file says that its times are in {told}", "timezone")
    return told


def _about_left_out(sample: FileSample, wide: Across, evidence: Evidence) -> None:
    kept = {*(column.name for column in (*wide.time, *wide.series))}
    sums = []
    for at, column in enumerate(sample.columns):
        if at in wide.header.times or column.name in kept or not column.filled:
            continue
        if is_sum(column.name):
            sums.append(column.name)
        evidence.note(f"column {column.name!r} is left out: its header is no time")
    if sums:
        evidence.add("total rows", sums, 0.95, f"columns {', '.join(map(repr, sums))} sum up the others", "skip_totals")
