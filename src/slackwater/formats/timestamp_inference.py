"""Infers the time form of a whole column."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from itertools import pairwise

from slackwater.formats.centuries import centuries
from slackwater.formats.civil_time import new_year_of
from slackwater.formats.column_memo import ColumnMemo
from slackwater.formats.counted_times import clock_forms
from slackwater.formats.intervals import is_season, parts
from slackwater.formats.month_names import ROMAN, languages_of, split_language
from slackwater.formats.periods import PERIODS, period_reader, period_readers
from slackwater.formats.time_forms import FORMS, NUMBERED_DATES, PACKED, SPANS, may_be
from slackwater.formats.time_parts import PARTS, is_parts
from slackwater.formats.timestamps import NUMERIC_FORMS, first_read, time_parser
from slackwater.model.instants import from_micros

_SEASON = re.compile(r"(\d{4})([-/])(\d{2})", re.ASCII)
_LETTERED_YEAR = re.compile(r"(?P<before>[^\W\d]*[ .-]?)(?P<year>(?:1[89]|20|21)\d\d)(?P<behind>[ .-]?[^\W\d]*)")
_FEW_YEARS = 3  # years; chosen: so many that are evenly apart are no chance
_MONTH_AND_YEAR = re.compile(r"(0[1-9]|1[0-2])\.(1[5-9]|2[01])\d{2}", re.ASCII)  # no number is written 01.2004
_YEAR_AND_MONTH = re.compile(r"(1[89]|2[01])\d{2}\.(0?[1-9]|1[0-2])", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?[\d.]*\d,\d+", re.ASCII)  # as no time is written
_MANY, _SPREAD = 400, 40  # cells, and those looked at first; chosen: nine in ten have to be times, so one of these is
_PLAUSIBLE_YEARS = range(1500, 2200)
_PLAUSIBLE_PACKED = range(1800, 2200)
_LONGEST_PAUSE = 10  # steps of a series; chosen: longer pauses speak for a wrong order of day and month
_SECONDS_OR_HOURS = (1_901_010_100, 1_920_000_000)  # `1901010100`: an hour of 1901, or a second of 2030
_MINUTE = 60  # seconds
_EVEN = 5  # different times that are evenly apart by no chance
_QUARTERS = 4  # of a year
_SEVERAL_PERIODS = 3  # of a year; chosen: `X-1500`, `X-1600` are no Octobers
_NAMED = ("month", "day", "words")  # forms with names of months


@dataclass(frozen=True)
class TimeForm:
    """How a column writes its times.

    `rivals` are the forms that fit the sample as well and mean other times.
    """

    form: str
    rivals: tuple[str, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """Whether a person has to say which form is meant."""
        return bool(self.rivals)

    @property
    def numeric(self) -> bool:
        """Whether the samples are plain numbers: only the column's name shows that they are times."""
        return self.form in NUMERIC_FORMS or self.form in PACKED.values()


def infer_time_form(samples: Sequence[object], least: float = 0.9) -> TimeForm | None:
    """Return the form that at least `least` of the samples with content have.

    None when they are no times.

    Day-first and month-first dates are told apart by the whole of the sample: by a number over 12, or by one of the
    two that is always 1 in more than 12 dates over more than two years. Otherwise the form has a rival.
    """
    return _inferred(samples, least)


def _infer_time_form(samples: Sequence[object], least: float) -> TimeForm | None:
    cells = [cell for cell in samples if _has_content(cell)]
    if not cells or bool in map(type, cells):
        return None
    needed = least * len(cells)
    if _are_measurements(cells):
        return None
    if isinstance(cells[0], tuple):
        return TimeForm(PARTS) if sum(map(is_parts, cells)) >= needed else None
    months = [isinstance(cell, str) and bool(_MONTH_AND_YEAR.fullmatch(cell.strip())) for cell in cells]
    if sum(months) >= needed and any(str(cell).strip().startswith("0") for cell in cells):
        return TimeForm("%m.%Y")
    if pointed_months(cells):
        return TimeForm("%Y.%m")
    numbers = [number for cell in cells if (number := _as_number(cell)) is not None]
    if len(numbers) >= needed:
        return _numeric_form(numbers, needed)
    if season_form(cells):
        return None
    if sides := _begins(cells, needed):
        found = infer_time_form(sides, least)
        return found and TimeForm(f"{found.form}/", tuple(f"{rival}/" for rival in found.rivals))
    few = cells[:: max(1, len(cells) // 20)]
    texts = [str(cell).strip() for cell in few if not isinstance(cell, date)]
    forms = [form for form in FORMS if may_be(form, texts)] if texts else ["iso"]
    scores = {form: _fitting(form, cells) for form in forms if _fitting(form, few)}
    best = max(scores, key=lambda form: scores[form], default="")
    most = scores.get(best, 0)
    if most < len(cells) and (named := _in_a_language(cells, most)):
        found = named
    elif not best or most < needed:
        return _roman_months(cells, needed)
    else:
        found = _between(best, scores, cells)
    return in_its_century(found, cells)


def _has_content(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None and cell == cell  # noqa: PLR0124 - NaN


def _are_measurements(cells: Sequence[object]) -> bool:
    """Check at little cost whether none of some spread cells of many is a time."""
    if len(cells) < _MANY:
        return False
    few = cells[:: len(cells) // _SPREAD]
    texts = [str(cell).strip() for cell in few]
    if all(_WITH_COMMA.fullmatch(text) for text in texts):
        return True
    numbers = [number for cell in few if (number := _as_number(cell)) is not None]
    if len(numbers) < len(few) or any(map(_YEAR_AND_MONTH.fullmatch, texts)):
        return False
    return _numeric_form(numbers, 1) is None and not any(map(_MONTH_AND_YEAR.fullmatch, texts))


_inferred = ColumnMemo(_infer_time_form)


def pointed_months(cells: Sequence[object]) -> bool:
    """Check whether all cells are a year, a point and a month, evenly apart.

    The month is `01` or `1`.
    """
    texts = [f"{cell:.2f}" if isinstance(cell, float) else cell for cell in cells]
    matches = [_YEAR_AND_MONTH.fullmatch(text.strip()) if isinstance(text, str) else None for text in texts]
    if not any(match and len(match[2]) > 1 for match in matches) or not all(matches):
        return False  # 2012.5 and 2013.5 are numbers
    return _even(time_parser("%Y.%m", UTC)(cells))


def numbered_times(cells: Sequence[object]) -> TimeForm | None:
    """Return the form of numbers that run on as times do: `20230101`, `2023.01`.

    Years are none: they stand above columns of values as often as in them.
    """
    found = infer_time_form(cells) if len(cells) >= _FEW_YEARS else None
    if found is None or found.ambiguous or found.form == "year" or not (found.numeric or found.form == "%Y.%m"):
        return None
    times = time_parser(found.form, UTC)(cells)
    known = sorted(time for time in times if time is not None)
    if len(known) < len(cells) or known not in (times, times[::-1]) or len(set(known)) < len(known):
        return None
    whole_days = found.form in PACKED.values() and found.form not in ("%Y%m", "%Y%m%d%H")
    return found if whole_days or _evenly(known) else None


def in_a_language(form: str, cells: Sequence[object]) -> TimeForm:
    """Return a form of periods with the possible languages of its month names."""
    return _in_a_language(cells, _fitting(form, cells), (form,)) or TimeForm(form)


def _in_a_language(cells: Sequence[object], most: int, forms: Sequence[str] = _NAMED) -> TimeForm | None:
    """Return the form with a language by which more than `most` cells are times.

    None where there is none.
    """
    best: dict[str, list[int | None]] = {}
    for language in languages_of([cell for cell in cells if isinstance(cell, str)]):
        for form in (f"{each}:{language}" for each in forms):
            count = _fitting(form, cells)
            if count > most:
                best, most = {form: time_parser(form, UTC)(cells)}, count
            elif count == most and best:
                best[form] = time_parser(form, UTC)(cells)
    if not best:
        return None
    first, *others = best
    return TimeForm(first, tuple(form for form in others if best[form] != best[first]))


def in_its_century(found: TimeForm, cells: Sequence[object]) -> TimeForm:
    """Return the form with the century, or both possible ones, of its two-digit years."""
    if found.ambiguous:
        return found
    form, *others = centuries(found.form, lambda each: time_parser(each, UTC), cells)
    return TimeForm(form, tuple(others))


def _roman_months(cells: Sequence[object], needed: float) -> TimeForm | None:
    """Return the form of months in Roman numerals; None where all may be quarters."""
    for form in (f"month:{ROMAN}", f"day:{ROMAN}"):
        times = [from_micros(time) for time in time_parser(form, UTC)(cells) if time is not None]
        several = len({(time.month, time.day) for time in times}) >= min(_SEVERAL_PERIODS, len(set(times)))
        if len(times) >= needed and several and any(time.month > _QUARTERS for time in times):
            return TimeForm(form)
    return None


def _begins(cells: Sequence[object], needed: float) -> list[str]:
    """Return where intervals begin, [] if the cells are none."""
    sides = [parts(cell) if isinstance(cell, str) else None for cell in cells[:20]]
    if sum(map(bool, sides)) * 2 < len(sides):
        return []
    begun = [each[0] for cell in cells if isinstance(cell, str) and (each := parts(cell))]
    return begun if len(begun) >= needed else []


def season_form(cells: Sequence[object]) -> str | None:
    """Return the form of two consecutive years such as `2009/10`, None for months."""
    if cells and all(is_season(cell) for cell in cells):
        return "year/"
    pairs = {match.groups() if (match := _SEASON.fullmatch(str(cell).strip())) else None for cell in cells}
    marks = {pair and pair[1] for pair in pairs}
    seasons = len(pairs) > 1 and all(pair and (int(pair[0]) + 1) % 100 == int(pair[2]) for pair in pairs)
    return f"%Y{marks.pop()}%y" if seasons and len(marks) == 1 else None


def years_with_letters(cells: Sequence[object]) -> TimeForm | None:
    """Return the form of years with letters around them, as in `Y2016`."""
    found: dict[tuple[str, str], list[int]] = {}
    for match in map(_LETTERED_YEAR.fullmatch, map(str, cells)):
        if match is not None:
            found.setdefault((match["before"], match["behind"]), []).append(int(match["year"]))
    if len(found) != 1:
        return None
    [((before, behind), years)] = found.items()
    steps = {later - earlier for earlier, later in pairwise(sorted(set(years)))}
    even = len(set(years)) >= _FEW_YEARS and len(steps) == 1 and bool(before or behind)
    return TimeForm(f"{before}%Y{behind}") if even else None


_MINUTE_OF_YEAR = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d", re.ASCII)
_DATED_CODE = re.compile(r"(?:19|20)\d\d(?:0\d|1[0-2])\d{4}", re.ASCII)
"""A year, a month or none, and four digits more, as offices number periods: as seconds it would be after 2030."""


def _fitting(form: str, cells: Sequence[object]) -> int:
    base, language = split_language(form)
    if base in PERIODS or base == "period":  # `2024 1` is a quarter only where a person or a column's name says so
        readers = (
            [new_year_of, *period_readers(language=language)]
            if base == "period"
            else [period_reader(base, loose=False, language=language)]
        )
        return sum(
            isinstance(cell, date) or (isinstance(cell, str) and first_read(readers, cell) is not None)
            for cell in cells
        )
    return sum(time is not None for time in time_parser(form, UTC)(cells))


def _as_number(cell: object) -> int | float | None:
    text = str(cell).strip()
    if "_" in text:  # Python's, and nobody else's
        return None
    try:
        number = cell if isinstance(cell, int | float) else int(text) if text.isdecimal() else float(text)
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):  # an integer beyond all floats is no time either
        return None


def _numeric_form(numbers: Sequence[int | float], needed: float) -> TimeForm | None:
    if sum(number == int(number) and int(number) in _PLAUSIBLE_YEARS for number in numbers) >= needed:
        return TimeForm("year")
    whole = [int(number) for number in numbers if number == int(number)]
    packed = PACKED.get(len(str(whole[0]))) if whole else None
    if packed:
        times = [time for time in time_parser(packed, UTC)(whole) if time is not None]
        if sum(from_micros(time).year in _PLAUSIBLE_PACKED for time in times) >= needed:
            return TimeForm(packed, ("epoch_s",) if _may_be_seconds(whole) else ())
    minutes = len(set(whole)) >= _EVEN and all(map(_names_a_minute, whole))
    coded = minutes or all(_DATED_CODE.fullmatch(str(number)) for number in whole)
    if whole and coded and not _whole_minutes(whole):
        return None
    for form, (low, high) in SPANS.items():
        if sum(low <= number < high for number in numbers) >= needed:
            return TimeForm(form, tuple(clock_forms(numbers)) if form == "epoch_ns" else ())
    return None


def _names_a_minute(number: int) -> bool:
    """Check whether a number is year, month, day, hour and minute: `2301312359`."""
    return bool(_MINUTE_OF_YEAR.fullmatch(str(number))) and time_parser("%y%m%d%H%M", UTC)([str(number)]) != [None]


def _may_be_seconds(numbers: Sequence[int]) -> bool:
    """Check whether hours before 1920 are whole minutes apart as seconds after 2030."""
    low, high = _SECONDS_OR_HOURS
    return all(low <= number < high for number in numbers) and _whole_minutes(numbers)


def _whole_minutes(numbers: Sequence[int]) -> bool:
    apart = {later - earlier for earlier, later in pairwise(numbers)}
    return bool(apart) and not any(gap % _MINUTE for gap in apart)


def _between(best: str, scores: dict[str, int], cells: Sequence[object]) -> TimeForm:
    """Choose between day-first, month-first and year-first, where several fit.

    That decides by which alone the times are evenly apart, always the first of a month, without long pauses, or run on.
    """
    dated = next((each for each in NUMBERED_DATES if best.startswith(each)), None)
    if best == "quarter" and scores.get("week") == scores[best]:  # 2010KW01 to KW04, in Dutch or in German
        years = {str(cell).strip()[:4] for cell in cells}
        return TimeForm(best) if len(years) > 1 else TimeForm(best, ("week",))
    if dated is None:
        return TimeForm(best)
    clock = best.removeprefix(dated)
    times = {
        form: time_parser(form, UTC)(cells)
        for each in NUMBERED_DATES
        if scores.get(form := each + clock) == scores[best]
    }
    rivals = [form for form in times if times[form] != times[best]]
    if not rivals:
        return TimeForm(best)
    forms = [best, *rivals]
    for possible in (
        [form for form in forms if _even(times[form])],
        [form for form in forms if _always_the_first(times[form])],
        [form for form in forms if _steady(times[form])],
    ):
        if len(possible) == 1:
            return TimeForm(possible[0])
    running = [form for form in forms if _runs(times[form])]
    if any("%y" in form for form in forms) and running and len(running) < len(forms):
        first, *others = running
        return TimeForm(first, tuple(others))
    return TimeForm(best, tuple(rivals))


def _steady(found: Sequence[int | None]) -> bool:
    """Check whether no pause between different times is far longer than most pauses."""
    times = sorted({time for time in found if time is not None})
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return len(times) >= _EVEN and gaps[-1] <= _LONGEST_PAUSE * gaps[len(gaps) // 2]


def _even(found: Sequence[int | None]) -> bool:
    """Check whether the different times are evenly spaced, in time or in months."""
    times = sorted({time for time in found if time is not None})
    return len(times) >= _EVEN and _evenly(times)


def _evenly(times: Sequence[int]) -> bool:
    if len({later - earlier for earlier, later in pairwise(times)}) == 1:
        return True
    days = [from_micros(time) for time in times]
    months = {(later.year - earlier.year) * 12 + later.month - earlier.month for earlier, later in pairwise(days)}
    return len(months) == 1 and months != {0} and len({(day.day, day.time()) for day in days}) == 1


def _runs(found: Sequence[int | None]) -> bool:
    """Say whether the times only rise, or only fall."""
    times = [time for time in found if time is not None]
    return times in (sorted(times), sorted(times, reverse=True))


def _always_the_first(found: Sequence[int | None]) -> bool:
    """Check whether all dates are firsts of a month, over 12 months of several years."""
    moments = {from_micros(time) for time in found if time is not None}
    years = {moment.year for moment in moments}
    return {moment.day for moment in moments} == {1} and len(moments) > 12 and len(years) > 2
