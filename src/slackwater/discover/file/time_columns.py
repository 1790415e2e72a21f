"""Detects the time columns of a table, also split ones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import pairwise
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.own_times import of_another, refuse_times_of_their_own, side_by_side
from slackwater.discover.file.sample import FileSample
from slackwater.discover.file.time_writing import day_and_clock, has_clock, joined_cells, no_time, without_ends, written
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.offset_columns import offsets_of_local_times
from slackwater.discover.inference.period_numbers import period_length
from slackwater.discover.inference.period_parts import in_two_years
from slackwater.discover.inference.planned import lies_ahead
from slackwater.discover.inference.swapped_days import refuse_swapped_days
from slackwater.discover.inference.timezones import zone_above, zone_columns, zone_matters, zone_of_columns
from slackwater.discover.inference.words import is_about_keeping
from slackwater.errors import BadSource, Question
from slackwater.formats.annotations import lenient_times
from slackwater.formats.cells import cell_text
from slackwater.formats.repeated_hour import ELSEWHERE, RepeatedHour
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, HOUR
from slackwater.model.time_zones import zone
from slackwater.pipe.frames import Alternative

_FINER = ("month", "quarter", "half", "week", "dekad")  # the parts that divide a year
_OF_DAYS = ("dekad", "day", "hour", "minute", "second", "clock")  # what divides a month
_IN_PARTS = "the year and the rest of the time are in columns of their own"
_UTC = re.compile(r"(?<![a-z])(?<!not )(?<!no )(?:utc|gmt)(?![a-z]|\s*[+-]\s*\d)", re.IGNORECASE)
_OFFSETS = 3  # of clocks of a place from UTC; days apart count as one
_FEW = 4  # intervals that follow one another by no chance


@dataclass(frozen=True)
class Moments:
    """The time columns, their form for the module (None: ISO 8601), and times."""

    columns: list[Column]
    form: str | None
    cells: list[object] = field(default_factory=list)

    def says_zone(self) -> bool:
        """Check whether its cells are the same instants in any zone."""
        return self.instants(UTC) == self.instants(ELSEWHERE)

    def times(self, given: str | None = None) -> list[int | None]:
        """Return the time of each row (µs), zones ignored but the given one."""
        home = zone(given) if given else UTC
        times = self.instants(home)
        if home is UTC or self.says_zone():
            return times
        settled = list(times)
        RepeatedHour(home).settle(settled, None)
        return settled if len(set(settled)) == len(settled) else times  # of several series each hour stands twice

    def instants(self, home: tzinfo) -> list[int | None]:
        """Return the time of each row (µs), of the repeated hour the first."""
        return lenient_times(time_parser(self.form, home))(self.cells)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


def moments(sample: FileSample, config: Mapping[str, Any], evidence: Evidence) -> Moments:
    """Return the time columns of a table; a Question names the deciding field."""
    given = config.get("time_columns") or ([config["time_column"]] if config.get("time_column") else None)
    option = "time_columns" if config.get("time_columns") else "time_column"
    date_format = config.get("date_format")
    if given:
        columns = [named(sample, name, option) for name in given]
        form = written(columns, date_format)
        evidence.add("time", list(given), 1, "given", option)
    else:
        columns = _alone_or_parts(sample, date_format, evidence)
        form = written(columns, date_format)
        if not date_format and len(columns) == 1:
            refuse_swapped_days(form, columns[0].moments, columns[0].name)
    evidence.add(
        "dates",
        form or "iso",
        1 if date_format else 0.95,
        f"written as {form or 'ISO 8601'}, such as {columns[0].examples(1)}" if not date_format else "given",
        "date_format",
    )
    return Moments(columns, form, joined_cells(columns))


def named(sample: FileSample, name: str, option: str) -> Column:
    """Return a column that the configuration names; BadSource when there is none."""
    column = sample.column(name)
    if column is None:
        raise BadSource(f"{option} {name!r} is not in the file; there are {sample.names}", field=option)
    return column


def zone_told(sample: FileSample, time: Moments, evidence: Evidence) -> str | None:
    """Return the time zone named in the file, None for irrelevant ones."""
    elsewhere = time.instants(ELSEWHERE)
    if not zone_matters(time.times(), elsewhere):
        return None
    others = {column.name: list(column.cells) for column in sample.columns if column not in time.columns}
    told = zone_of_columns(time.names, others) or zone_above(sample.above_names)
    if told is None:
        return None
    evidence.add("timezone", told, 0.9, f"the file says that its times are in {told}", "timezone")
    return told


def _alone_or_parts(sample: FileSample, date_format: str | None, evidence: Evidence) -> list[Column]:
    if date_format and (together := _fitting_together(sample, date_format)):
        reason = f"a date and its hour in two columns, which fit the date_format {date_format!r} together"
        evidence.add("time", [column.name for column in together], 0.95, reason, "time_columns")
        return together
    if date_format and (fitting := _fitting(sample, date_format)):
        evidence.add("time", [fitting.name], 0.9, f"its cells fit the date_format {date_format!r}", "time_column")
        return [fitting]
    whole = [column for column in sample.columns if column.time_rank > 1 and column.part not in _PARTS]
    whole = [column for column in whole if not (column.time_form and column.time_form.form == "year")]
    years = [column for column in sample.columns if column.time_rank and _is_year(column)]
    whole = _without_keeping(whole, years)
    if not whole and not years:
        whole = [column for column in sample.columns if column.time_rank and column.counts_things]
    if whole:
        refuse_times_of_their_own(sample, whole)
        chosen = _one_of(whole, sample, evidence)
        clocks = [column for column in sample.columns if column.part in {"hour", "clock"} and not has_clock(chosen)]
        clocks = [clock for clock in clocks if not of_another(clock, sample)]
        clocks = _needed(chosen, _of_the_same(chosen, clocks), sample)
        clocks = without_ends(clocks)
        if len(clocks) == 1 and clocks[0] is not chosen:
            evidence.add(
                "time", [chosen.name, clocks[0].name], 0.9, "a date and its hour in two columns", "time_columns"
            )
            return [chosen, clocks[0], *_behind(clocks[0], sample)]
        if has_clock(chosen) and (halves := _behind(chosen, sample)):
            evidence.add("time", [column.name for column in (chosen, *halves)], 0.95, _IN_PARTS, "time_columns")
            return [chosen, *halves]
        offsets = [column for column in sample.columns if column.part == "offset"]
        local = has_clock(chosen) and not _says_zone(chosen)
        if len(offsets) == 1 and local:
            reason = f"column {offsets[0].name!r} has the offsets of the times from UTC"
            evidence.add("time", [chosen.name, offsets[0].name], 0.95, reason, "time_columns")
            return [chosen, offsets[0]]
        if local and (counted := _counted_offsets(chosen, sample)):
            reason = f"the numbers of column {counted.name!r} change when clocks do: they are offsets from UTC"
            evidence.add("time", [chosen.name, counted.name], 0.9, reason, "time_columns")
            return [chosen, counted]
        numbered = [
            column
            for column in sample.columns
            if column is not chosen and not has_clock(chosen) and period_length(chosen.cells, column.cells)
        ]
        if len(numbered) == 1:
            reason = f"column {numbered[0].name!r} numbers the periods of each day"
            evidence.add("time", [chosen.name, numbered[0].name], 0.95, reason, "time_columns")
            return [chosen, numbered[0]]
        return [chosen]
    if years:
        named_years = [column for column in years if column.time_rank == max(each.time_rank for each in years)]
        year = _one_of(named_years, sample, evidence)
        parts = _parts(sample, year)
        if parts:
            _refuse_two_years(year, parts, sample)
            columns = _ordered(year, parts)
            columns += [half for part in ("hour", "clock") if part in parts for half in _halves(parts[part], sample)]
            evidence.add("time", [column.name for column in columns], 0.9, _IN_PARTS, "time_columns")
            return columns
        if days := day_and_clock(sample):
            evidence.add("time", [year.name, *(column.name for column in days)], 0.9, _IN_PARTS, "time_columns")
            return [year, *days]
        return [year]
    raise no_time(sample)


def _counted_offsets(time: Column, sample: FileSample) -> Column | None:
    """Return the column of numbers that are offsets; Question for one that may be."""
    if time.time_form is None:
        return None
    for column in sample.columns:
        if column.part or column is time:
            continue
        places = [other.cells for other in sample.columns if not other.number_form and other is not time]
        unit, certain = offsets_of_local_times(column.name, column.cells, time.instants, places) or (None, False)
        if certain:
            return column
        if unit:
            both = {"time_columns": [time.name, column.name]}
            # Below a name of zones, nothing but a given zone says that the numbers are values.
            zone_said = {"timezone": "UTC"} if zone_columns({column.name: list(column.cells)}) else {}
            west = [both | {"date_format": f"{time.time_form.form} -m"}] if unit == "m" else []
            raise Question(
                f"column {column.name!r} has {column.examples()} beside local times in column {time.name!r}: they may "
                "be the offsets of the times from UTC. Give time_columns with both, or time_column without them",
                field="time_columns",
                alternatives=[both, *west, {"time_column": time.name, **zone_said}],
            )
    return None


def _says_zone(time: Column) -> bool:
    """Check whether times, or their name, say their zone: offsets beside them are for information."""
    if _UTC.search(time.name):
        return True
    return time.time_form is not None and Moments([time], time.time_form.form, list(time.cells)).says_zone()


def _refuse_two_years(year: Column, parts: Mapping[str, Column], sample: FileSample) -> None:
    """Raise a Question for months or quarters that end in another year than they begin."""
    column = next((parts[part] for part in ("month", "quarter") if part in parts), None)
    count = sample.consecutive
    if column is None or not in_two_years(year.cells[:count], column.cells[:count]):
        return
    raise Question(
        f"the {column.part}s of each year in column {year.name!r} begin with {column.examples()} and end in another "
        "year: nothing tells which of them are of the year that stands there. Give time_columns if all are",
        field="time_columns",
        alternatives=[{"time_columns": [each.name for each in _ordered(year, parts)]}],
    )


def _behind(clock: Column, sample: FileSample) -> list[Column]:
    """Return the columns of minutes and seconds behind hours, or of `AM` and `PM`."""
    finer = ("minute", "second") if clock.part == "hour" else ()
    return [*(column for part in finer for column in sample.columns if column.part == part), *_halves(clock, sample)]


def _halves(clock: Column, sample: FileSample) -> list[Column]:
    """Return the column of `AM` and `PM` that clocks need."""
    halves = [column for column in sample.columns if column.halves_the_day]
    return halves if len(halves) == 1 and clock.lacks_half(halves[0]) else []


def _without_keeping(whole: list[Column], years: list[Column]) -> list[Column]:
    """Drop the times of writing rows, where rows have a time of their own.

    A time that lies ahead of the writing of each row is no such time.
    """
    kept = [column for column in whole if is_about_keeping(column.name)]
    own = [column for column in whole if column not in kept and len(set(map(str, column.filled))) > 1]
    if not kept or any(lies_ahead(column.instants, each.instants) for column in own for each in kept):
        return whole
    named_years = [column for column in years if column.time_rank > 1]
    return own if own or named_years else whole


def _of_the_same(date: Column, clocks: list[Column]) -> list[Column]:
    """Return the clocks, or the one sharing a word with the date: `from time`."""
    shared = [clock for clock in clocks if date.words & clock.words]
    return shared if len(shared) == 1 else clocks


def _needed(date: Column, clocks: list[Column], sample: FileSample) -> list[Column]:
    """Return the clocks without one that another column's value has: `tmin`, `hora tmin`.

    Where dates alone tell rows apart, a clock is a question that is not called one, or of something in the day.
    """
    texts = [column for column in sample.columns if column is date or (not column.number_form and not column.time_rank)]
    texts = [column for column in texts if column not in clocks]
    rows = list(zip(*(column.texts for column in texts), strict=True))
    if len(clocks) != 1 or len(set(rows)) < len(rows) or len(set(map(cell_text, clocks[0].filled))) == 1:
        return clocks
    [clock] = clocks
    if clock.named_as_time and not clock.once_a_day:
        return clocks
    raise Question(
        f"column {clock.name!r} has clocks, and each row has a date of its own in column {date.name!r}: nothing tells "
        "whether they are the time of the row; give time_columns with both, or time_column with the date",
        field="time_columns",
        alternatives=[{"time_columns": [date.name, clock.name]}, {"time_column": date.name}],
    )


_PARTS = frozenset({"month", "quarter", "half", "week", "dekad", "day", "hour", "minute", "second", "clock", "offset"})


def _is_year(column: Column) -> bool:
    return column.time_form is not None and column.time_form.form == "year"


def _fitting(sample: FileSample, date_format: str) -> Column | None:
    """Return the single column that fits a given format alone, else None."""
    try:
        parse = lenient_times(time_parser(date_format, UTC))
    except ValueError as error:
        raise BadSource(f"date_format: {error}", field="date_format") from None
    shares = {}
    for column in sample.columns:
        if not column.moments or any(isinstance(cell, float) and not column.named_as_time for cell in column.moments):
            continue
        fitting = sum(time is not None for time in parse(column.moments)) / len(column.moments)
        if fitting > 0.5 or (fitting and column.named_as_time):
            shares[column.name] = fitting + column.named_as_time
    best = [name for name, share in shares.items() if share == max(shares.values())]
    return sample.column(best[0]) if len(best) == 1 else None


def _fitting_together(sample: FileSample, date_format: str) -> list[Column]:
    """Return the date and hour columns that together fit a given format, else []."""
    day = [column for column in sample.columns if column.part is None]
    clock = [column for column in sample.columns if column.part in {"hour", "clock"}]
    days = [column for column in day if column.time_rank > 1 and not has_clock(column)]
    if " " not in date_format or len(days) != 1 or len(clock) != 1:
        return []
    cells = joined_cells([days[0], clock[0]])
    return [days[0], clock[0]] if None not in time_parser(date_format, UTC)(cells) else []


def _one_of(columns: list[Column], sample: FileSample, evidence: Evidence) -> Column:
    """Choose between several columns of times, or ask."""
    best = max(column.time_rank for column in columns)
    rivals = [column for column in columns if column.time_rank == best]
    told = {column.name: column.instants for column in rivals}
    rivals = _in_utc(rivals, told)
    rivals = [
        column for column in rivals if not any(_ends(told[column.name], told[other.name]) for other in rivals)
    ] or rivals
    # Of two columns of times, the one that says when a row was written repeats itself.
    distinct = {column.name: len(set(map(str, column.filled))) for column in rivals}
    most = max(distinct.values())
    rivals = [column for column in rivals if distinct[column.name] * 2 > most]
    if len(rivals) > 1 and any(told[column.name] != told[rivals[0].name] for column in rivals):
        listed = " and ".join(f"{column.name!r} ({column.examples(2)})" for column in rivals[:4])
        raise Question(
            f"columns {listed} could each be the time; give time_column",
            field="time_column",
            choices=[column.name for column in rivals],
            alternatives=side_by_side(rivals, sample),
        )
    others = [column for column in columns if column is not rivals[0]]
    evidence.add(
        "time",
        [rivals[0].name],
        0.95 if not others else 0.8,
        f"column {rivals[0].name!r} holds times, such as {rivals[0].examples(1)}",
        "time_column",
        [Alternative(value=[column.name], reason="it holds times as well") for column in others],
    )
    return rivals[0]


def _in_utc(rivals: list[Column], told: Mapping[str, list[int | None]]) -> list[Column]:
    """Return the column in UTC, if the others tell its times by other clocks."""
    named = [column for column in rivals if _UTC.search(column.name)]
    if len(named) != 1:
        return rivals
    for other in rivals:
        both = zip(told[named[0].name], told[other.name], strict=True)
        apart = {here - there for here, there in both if here is not None and there is not None}
        if any(abs(far) > DAY or far % (HOUR // 4) for far in apart) or len(apart) > _OFFSETS:
            return rivals
    return named


def _ends(times: Sequence[int | None], begun: Sequence[int | None]) -> bool:
    """Check whether times end the intervals that `begun` starts, perhaps a day later.

    Both are in µs.
    """
    spans = sorted({(b, e) for b, e in zip(begun, times, strict=True) if b is not None and e is not None})
    if len(spans) < _FEW or any(begin > end for begin, end in spans) or all(begin == end for begin, end in spans):
        return False
    near = sum(0 <= later - end <= min(DAY, later - begin) for (begin, end), (later, _) in pairwise(spans))
    return near >= 0.9 * (len(spans) - 1)


def _parts(sample: FileSample, year: Column) -> dict[str, Column]:
    parts = {column.part: column for column in reversed(sample.columns) if column is not year and column.part in _PARTS}
    finer = [part for part in _FINER if part in parts]
    if not finer:
        return {}
    wanted = {finer[0], *(_OF_DAYS if finer[0] == "month" else ())}
    return {part: column for part, column in parts.items() if part in wanted and part}


def _ordered(year: Column, parts: Mapping[str, Column]) -> list[Column]:
    first = [parts[part] for part in (*_FINER[:-1], *_OF_DAYS) if part in parts]
    if "day" in parts and parts["month"].number_form is None:
        return [parts["day"], parts["month"], year]  # 5 março 2024
    return [year, *first]
