"""Detects the time, value and series columns of a table with one time per row."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.module_text import marks
from slackwater.discover.file.number_columns import (
    contradiction,
    missing_values,
    number_form,
    refuse_packed,
    refuse_quantities,
    refuse_unread_numbers,
    settled,
)
from slackwater.discover.file.sample import FileSample
from slackwater.discover.file.series_columns import dimensions, with_units
from slackwater.discover.file.time_columns import Moments, moments, named, zone_told
from slackwater.discover.inference.calendars import refuse_other_calendars
from slackwater.discover.inference.evidence import Evidence
from slackwater.discover.inference.ledger import refuse_account
from slackwater.discover.inference.local_time import (
    of_local_clocks,
    refuse_disorder,
    within_an_hour,
    without_the_hour,
    zones_of,
)
from slackwater.discover.inference.mixed_units import Line, refuse_mixed_units
from slackwater.discover.inference.period_numbers import refuse_days_of_change
from slackwater.discover.inference.period_parts import not_a_series, part_of_time
from slackwater.discover.inference.plausibility import (
    FILE,
    refuse_series,
    refuse_times,
    refuse_untimed,
    refuse_value_names,
)
from slackwater.discover.inference.roles import Roles, assigned, partitions, why_left_out
from slackwater.discover.inference.signals import confidence, weighed
from slackwater.errors import BadSource, Question
from slackwater.formats.annotations import is_nothing
from slackwater.formats.cells import cell_text, is_sum
from slackwater.formats.counted_times import tells_again
from slackwater.formats.numbers import NumberForm
from slackwater.model.time_zones import zone
from slackwater.pipe.frames import Alternative


def long_table(
    sample: FileSample, delimiter: str | None, config: Mapping[str, Any], evidence: Evidence
) -> dict[str, Any]:
    """Return the arguments of a long table, with its `times` and an `example`."""
    time = moments(sample, config, evidence)
    times = time.times(config.get("timezone"))
    if not config.get("timezone"):
        refuse_days_of_change(time.form, time.cells[: sample.consecutive], " ".join(time.names))
    _about_totals(time, evidence)
    values, certain = _value_columns(sample, time, times, delimiter, config, evidence)
    alone = without_the_hour(time.times())
    apart = [None if at is None else when for at, when in zip(alone, times, strict=True)]
    series = _series(sample, time, _valued(apart, values), values, config, evidence)
    values = [(column, form) for column, form in values if column not in series]
    if not config.get("series_columns"):
        rows = sample.consecutive
        read = {column.name: column.as_numbers(form).numbers[:rows] for column, form in values}
        refuse_account(read, _rows(series, rows), [column.name for column in series], time.names)
    _refuse_absurd(time, times, values, series, config)
    timezone = config.get("timezone") or zone_told(sample, time, evidence)
    if timezone not in (None, "UTC"):
        home = zone(str(timezone))
        if not time.says_zone():
            others = [column for column in sample.columns if column.name not in time.names]
            beside = [column.texts[: len(times)] for column in others]
            numbers = [column.as_numbers(form).numbers[: len(times)] for column, form in values]
            keys = _rows(series, len(times))
            refuse_disorder(time.names, time.instants(home), keys, home, beside=[*beside, *numbers])
    if timezone is None:
        _refuse_local_clocks(time, _rows(series, len(times)), [column for column, _ in values], sample.doubled)
    if not values:
        raise Question(
            f"no column holds numbers over time; give value_columns. There are {sample.names}", field="value_columns"
        )
    names = [column.name for column, _ in values]
    lines = _lines([column for column, _ in values], series, times)
    if not config.get("value_columns"):
        refuse_mixed_units(lines, names, FILE)
    missing = missing_values(values, lines if series else (), sample.above, config, evidence)
    evidence.add("values", names, certain, _described(values), "value_columns")
    return {
        "time": time.names[0] if len(time.names) == 1 else time.names,
        "values": names,
        "series": [column.name for column in series],
        **marks({column.name: form for column, form in values}),
        "date_format": time.form,
        "timezone": None if timezone == "UTC" else timezone,
        "missing": missing,
        "times": [at for at in times[: sample.consecutive] if at is not None],
        "example": " ".join(column.examples(1) for column in time.columns),
    }


def _refuse_local_clocks(
    time: Moments, keys: Sequence[object], values: Sequence[Column], doubled: Collection[int]
) -> None:
    """Raise a Question where times stand twice in the hour that clocks repeat.

    `keys` name the series of each row; `doubled` are the places of rows that the file has twice.
    """
    times = time.times()
    if len(set(zip(keys, times, strict=True))) == len(times) and not doubled:
        return
    held: dict[tuple[object, int], set[object]] = {}
    for at, key, row in zip(times, keys, _rows(values, len(times)), strict=True):
        if at is not None:
            held.setdefault((key, at), set()).add(row)
    twice = [at for (_, at), different in held.items() if len(different) > 1]
    alike = [at for place in doubled if (at := times[place]) is not None]
    zones = zones_of(within_an_hour(twice)) or (not twice and zones_of(alike)) or []
    if zones:
        raise of_local_clocks(time.names, zones)


def _rows(columns: Sequence[Column], count: int) -> list[tuple[str, ...]]:
    """Return the cells of several columns row by row."""
    return list(zip(*(column.texts[:count] for column in columns), strict=True)) if columns else [()] * count


def _lines(columns: Sequence[Column], series: Sequence[Column], times: Sequence[int | None]) -> list[Line]:
    """Return the cells of each series in each column, in rows with a time."""
    places: dict[object, list[int]] = {}
    for place, (key, time) in enumerate(zip(_rows(series, len(times)), times, strict=True)):
        if time is not None:
            places.setdefault(key, []).append(place)
    return [(column.name, [column.cells[at] for at in line]) for column in columns for line in places.values()]


def _valued(times: list[int | None], values: Sequence[tuple[Column, NumberForm]]) -> list[int | None]:
    """Return the times of rows with a value; others, such as events, are ignored."""
    cells = zip(*(column.cells for column, _ in values), strict=True)
    return (
        [None if all(map(is_nothing, row)) else at for at, row in zip(times, cells, strict=True)] if values else times
    )


def _refuse_absurd(
    time: Moments,
    times: list[int | None],
    values: list[tuple[Column, NumberForm]],
    series: list[Column],
    config: Mapping[str, Any],
) -> None:
    """Raise a Question for an implausible reading; given fields are not questioned."""
    # Where all are understood nobody asks which of them need not be.
    told = [None if is_sum(cell) or is_nothing(cell) else cell for cell in time.cells] if None in times else time.cells
    if values and not (config.get("fill_down") is not None or config.get("time_column") or config.get("time_columns")):
        valued = _valued(list(range(len(times))), values)
        untimed = sum(at is not None and not cell_text(time.cells[at]) for at in valued)
        ways: list[dict[str, Any]] = [
            {"fill_down": time.names},
            {"time_columns": time.names} if len(time.names) > 1 else {"time_column": time.names[0]},
        ]
        name = " ".join(map(repr, time.names))
        refuse_untimed(untimed, sum(at is not None for at in valued), name, ways, FILE)
    bad = next((str(cell) for at, cell in zip(times, told, strict=True) if at is None and cell is not None), "")
    if not config.get("date_format"):
        name = " ".join(map(repr, time.names))
        refuse_times(times, told, name, repr(bad[:60]), FILE)
        refuse_other_calendars(times, name, time.form, FILE)
    if not config.get("series_columns"):
        refuse_series({column.name: column.cells for column in series}, times, time.names, FILE)
    if not config.get("value_columns"):
        refuse_value_names([column.name for column, _ in values], FILE)


def _about_totals(time: Moments, evidence: Evidence) -> None:
    words = {cell_text(cell) for column in time.columns for cell in column.filled if is_sum(cell)}
    if words:
        reason = f"rows whose time is {', '.join(map(repr, sorted(words)))} sum up the others"
        evidence.add("total rows", sorted(words), 0.95, reason, "skip_totals")


def _value_columns(
    sample: FileSample,
    time: Moments,
    times: list[int | None],
    delimiter: str | None,
    config: Mapping[str, Any],
    evidence: Evidence,
) -> tuple[list[tuple[Column, NumberForm]], float]:
    """Return the value columns with their forms, and the least confidence of all columns."""
    if config.get("value_columns"):
        return settled(_given_values(sample, config), delimiter, evidence), 1.0
    others = [column for column in sample.columns if column not in time.columns]
    forms = {column.name: number_form(column, config) for column in others}
    numeric: list[tuple[Column, NumberForm]] = []
    for column in others:
        form = forms[column.name]
        why = "holds no numbers" if form is None else _of_time(column, times)
        if form is not None and why is None:
            numeric.append((column, form))
        else:
            evidence.note(f"column {column.name!r} is left out: it {why}")
    if question := contradiction(others):
        raise question
    texts = [column.cells for column in others if column.time_rank == 0 and _names_rows(column, forms[column.name])]
    groups = partitions(texts)
    roles = assigned([column.as_numbers(form, groups) for column, form in numeric], times)
    chosen = [(column, form) for column, form in numeric if column.name in roles.values]
    words = {column.name: column.cells for column in others if forms[column.name] is None}
    if not chosen:
        refuse_unread_numbers(others, [], config, needed=True)
        refuse_quantities(words, [])
        left = "; ".join(why_left_out(name, verdict) for name, verdict in roles.left_out.items())
        raise Question(
            f"no column holds numbers over time; give value_columns. There are {sample.names}"
            + (f"; of those {left}" if left else ""),
            field="value_columns",
            choices=list(roles.left_out),
        )
    refuse_packed(chosen)
    _about_left_out(roles, evidence)
    unclear = not any(roles.verdicts[name].is_value for name in roles.values)
    refuse_unread_numbers(others, chosen, config, needed=unclear)
    refuse_quantities(words, chosen)
    return settled(chosen, delimiter, evidence), roles.confidence


def _given_values(sample: FileSample, config: Mapping[str, Any]) -> list[tuple[Column, NumberForm]]:
    chosen = []
    for name in config["value_columns"]:
        column = named(sample, name, "value_columns")
        form = number_form(column, config)
        if form is None and column.filled:
            raise BadSource(
                f"value column {column.name!r} does not hold numbers: {column.examples()}; give value_columns, or "
                "decimal and thousands",
                field="value_columns",
            )
        chosen.append((column, form or NumberForm(config.get("decimal") or ".", config.get("thousands"))))
    if question := contradiction(column for column, _ in chosen):
        raise question
    return chosen


def _of_time(column: Column, times: list[int | None]) -> str | None:
    """Return why a numeric column is a time or its part, else None."""
    if column.part is not None:
        return "holds a part of the time"
    if column.time_rank > 1 or column.decimal_year:
        return "holds times"
    numbers = column.as_numbers(column.number_form).numbers if column.number_form else []
    return "says the time again" if numbers and tells_again(numbers, times) else None


def _names_rows(column: Column, form: NumberForm | None) -> bool:
    """Check whether a column may name the series: by texts, or by numbers called identifiers."""
    return form is None or (column.as_numbers(form).whole and weighed(column.as_numbers(form)).by_name)


def _about_left_out(roles: Roles, evidence: Evidence) -> None:
    if roles.left_out:
        left = "; ".join(why_left_out(name, verdict) for name, verdict in roles.left_out.items())
        reason = f"these numbers are not stored: {left}; give value_columns with all that are to be stored"
        certain = min(confidence(verdict.margin) for verdict in roles.left_out.values())
        evidence.add("left out", list(roles.left_out), certain, reason, "value_columns")


def _series(
    sample: FileSample,
    time: Moments,
    times: list[int | None],
    values: list[tuple[Column, NumberForm]],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> list[Column]:
    given = config.get("series_columns")
    if given:
        evidence.add("series", list(given), 1, "given", "series_columns")
        return [named(sample, name, "series_columns") for name in given]
    taken = {column.name for column, _ in values} | set(time.names)
    others = [column for column in sample.columns if column.name not in taken and column.filled]
    candidates = [
        column
        for column in others
        if column.part is None and column.time_rank < 2 and not column.decimal_year and not column.counts
    ]
    chosen = dimensions(candidates, times)
    if chosen is not None:
        chosen = with_units(chosen, candidates)
    for column in chosen or ():
        if part_of_time(" ".join(sorted(column.words)), column.filled):
            raise not_a_series(column.name, " ".join(time.names), "time_columns")
    if chosen:
        names = [column.name for column in chosen]
        evidence.add(
            "series",
            names,
            0.9,
            "as few columns as tell rows of the same time apart",
            "series_columns",
            [
                Alternative(value=[each.name], reason="not needed to tell rows apart")
                for each in candidates
                if each not in chosen
            ],
        )
        return chosen
    if chosen is None:
        _about_repeats(sample, time, times, values, config, evidence)
    return []


def _about_repeats(
    sample: FileSample,
    time: Moments,
    times: list[int | None],
    values: list[tuple[Column, NumberForm]],
    config: Mapping[str, Any],
    evidence: Evidence,
) -> None:
    """Refuse a table with several rows per time: only the last would stay."""
    known = [at for at in times if at is not None]
    counts = Counter(known)
    repeated = sum(count > 1 for count in counts.values())
    [(_, most)] = counts.most_common(1) or [(0, 0)]
    name = " ".join(time.names)
    found = f"column {name!r} repeats its times, up to {most} rows for one"
    given = config.get("time_column") or config.get("time_columns")
    if given or repeated * 50 <= len(counts):  # a stray double is a correction, not a dimension
        evidence.note(f"{found}: the last row of each time is what is kept")
        return
    if sample.again is not None:
        end = sample.above_again or sample.again - 1
        raise Question(
            f"{found}, and row {sample.again} says the names of the columns again: below it may be another "
            f"table. Give last_row, {end} for the one above, or header_row, {sample.again} for the other",
            field="last_row",
            alternatives=[{"last_row": end}, {"header_row": sample.again}],
        )
    telling = [column for column, _ in values if dimensions([column], times) and _few(column)]
    if telling and len(values) > 1:
        raise Question(
            f"{found}; does column {telling[0].name!r} name the series? Then give series_columns; otherwise give "
            f"time_column {time.names[0]!r}, to keep the last row of each time",
            field="series_columns",
            choices=[column.name for column in telling],
            alternatives=[{"series_columns": [telling[0].name]}, {"time_column": time.names[0]}],
        )
    unused = [
        column.name
        for column in sample.columns
        if column.filled and column.name not in {*time.names, *(value.name for value, _ in values)}
    ]
    raise Question(
        f"{found}; a series needs one row for each time. Give series_columns, or time_column with another column, "
        f"or with {time.names[0]!r} to keep the last row of each time",
        field="time_column",
        alternatives=[
            *({"time_columns": [time.names[0], name]} for name in unused),
            *({"series_columns": [name]} for name in unused),
            {"time_column": time.names[0]},
        ],
    )


def _few(column: Column) -> bool:
    return len(set(map(cell_text, column.filled))) * 2 <= len(column.filled)


def _described(values: list[tuple[Column, NumberForm]]) -> str:
    shown = "; ".join(f"{column.name!r}, such as {column.examples(1)}" for column, _ in values[:5])
    counted = "one column" if len(values) == 1 else f"{len(values)} columns"
    return f"{counted} of numbers: {shown}"
