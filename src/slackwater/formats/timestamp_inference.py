"""Infers the time form of a whole column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date

from slackwater.formats.centuries import centuries
from slackwater.formats.civil_time import new_year_of
from slackwater.formats.periods import PERIODS, period_reader
from slackwater.formats.timestamps import (
    _FORMS,
    _PACKED,
    _PLAUSIBLE_PACKED,
    _PLAUSIBLE_YEARS,
    _RIVALS,
    _SEASON,
    _SPANS,
    _YEAR_FIRST,
    _YEAR_LAST,
    NUMERIC_FORMS,
    _first_read,
    time_parser,
)
from slackwater.model.instants import from_micros


@dataclass(frozen=True)
class TimeForm:
    """How a column writes its times; `rivals` are the forms that fit the sample as well and mean other times."""

    form: str
    rivals: tuple[str, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """Whether a person has to say which form is meant."""
        return bool(self.rivals)

    @property
    def numeric(self) -> bool:
        """Whether the samples are plain numbers, so that only the column's name can tell that they are times."""
        return self.form in NUMERIC_FORMS or self.form in _PACKED.values()


def infer_time_form(samples: Sequence[object], least: float = 0.9) -> TimeForm | None:
    """Return the form that at least `least` of the samples with content have, None when they are no times.

    Day-first and month-first dates are told apart by the whole of the sample: by a number over 12, or by one of the
    two that is always 1 in more than 12 dates over more than two years. Otherwise the form has a rival.
    """
    cells = [cell for cell in samples if cell is not None and cell == cell and str(cell).strip()]  # noqa: PLR0124 - NaN
    if not cells or any(isinstance(cell, bool) for cell in cells):
        return None
    needed = least * len(cells)
    numbers = [number for cell in cells if (number := _as_number(cell)) is not None]
    if len(numbers) >= needed:
        return _numeric_form(numbers, needed)
    if _are_seasons(cells):
        return None
    few = cells[:: max(1, len(cells) // 20)]
    scores = {form: _fitting(form, cells) for form in _FORMS if _fitting(form, few)}
    best = max(scores, key=lambda form: scores[form], default="")
    if not best or scores[best] < needed:
        return None
    return in_its_century(_between(best, scores, cells), cells)


def in_its_century(found: TimeForm, cells: Sequence[object]) -> TimeForm:
    """Return the form with the century of its two-digit years, or with both where the column does not decide."""
    if found.ambiguous:
        return found
    form, *others = centuries(found.form, lambda each: time_parser(each, UTC), cells)
    return TimeForm(form, tuple(others))


def _are_seasons(cells: Sequence[object]) -> bool:
    """Say whether all cells are two years that follow one another, as `2009/10` is: no months, wherever they begin."""
    pairs = {match.groups() if (match := _SEASON.fullmatch(str(cell).strip())) else None for cell in cells}
    return len(pairs) > 1 and all(pair and (int(pair[0]) + 1) % 100 == int(pair[1]) for pair in pairs)


def _fitting(form: str, cells: Sequence[object]) -> int:
    if form in PERIODS or form == "period":  # `2024 1` is a quarter only where a person or a column's name says so
        strict = [period_reader(each, loose=False) for each in (sorted(PERIODS) if form == "period" else [form])]
        readers = [new_year_of, *strict] if form == "period" else strict
        return sum(
            isinstance(cell, date) or (isinstance(cell, str) and _first_read(readers, cell) is not None)
            for cell in cells
        )
    return sum(time is not None for time in time_parser(form, UTC)(cells))


def _as_number(cell: object) -> int | float | None:
    text = str(cell).strip()
    try:
        number = cell if isinstance(cell, int | float) else int(text) if text.isdecimal() else float(text)
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):  # an integer beyond all floats is no time either
        return None


def _numeric_form(numbers: Sequence[int | float], needed: float) -> TimeForm | None:
    if sum(number == int(number) and int(number) in _PLAUSIBLE_YEARS for number in numbers) >= needed:
        return TimeForm("year")
    whole = [int(number) for number in numbers if number == int(number)]
    packed = _PACKED.get(len(str(whole[0]))) if whole else None
    if packed:
        times = [time for time in time_parser(packed, UTC)(whole) if time is not None]
        if sum(from_micros(time).year in _PLAUSIBLE_PACKED for time in times) >= needed:
            return TimeForm(packed)
    for form, (low, high) in _SPANS.items():
        if sum(low <= number < high for number in numbers) >= needed:
            return TimeForm(form)
    return None


def _between(best: str, scores: dict[str, int], cells: Sequence[object]) -> TimeForm:
    """Choose between day-first, month-first and year-first, where several fit."""
    if _YEAR_LAST in best and scores.get(other := best.replace(_YEAR_LAST, _YEAR_FIRST)) == scores[best]:
        if _runs(other, cells) and not _runs(best, cells):
            return TimeForm(other)
        if (_runs(other, cells) or not _runs(best, cells)) and not _more_days_than_years(best, cells):
            return TimeForm(best, (other,))
    rivals = [best.replace(day, month) for day, month in _RIVALS.items() if day in best]
    rival = next((form for form in rivals if scores.get(form) == scores[best]), None)
    if rival is None or time_parser(best, UTC)(cells) == time_parser(rival, UTC)(cells):
        return TimeForm(best)
    monthly = [form for form in (best, rival) if _always_the_first(form, cells)]
    return TimeForm(monthly[0]) if len(monthly) == 1 else TimeForm(best, (rival,))


def _runs(form: str, cells: Sequence[object]) -> bool:
    """Say whether the times only rise, or only fall, by that form."""
    times = [time for time in time_parser(form, UTC)(cells) if time is not None]
    return times in (sorted(times), sorted(times, reverse=True))


def _more_days_than_years(form: str, cells: Sequence[object]) -> bool:
    moments = [from_micros(time) for time in time_parser(form, UTC)(cells) if time is not None]
    return len({moment.day for moment in moments}) >= len({moment.year for moment in moments})


def _always_the_first(form: str, cells: Sequence[object]) -> bool:
    """Say whether every date is the first of a month by that form, for over 12 months in more than two years."""
    moments = {from_micros(time) for time in time_parser(form, UTC)(cells) if time is not None}
    years = {moment.year for moment in moments}
    return {moment.day for moment in moments} == {1} and len(moments) > 12 and len(years) > 2
