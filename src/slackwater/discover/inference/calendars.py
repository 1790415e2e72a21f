"""Refuses years of other calendars as Gregorian ones, and finds rare forms of times. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from slackwater.discover.inference.plausibility import FILE, Fields
from slackwater.errors import Question
from slackwater.formats.calendars import BUDDHIST, BUDDHIST_AHEAD, CALENDARS, gregorian
from slackwater.formats.cells import cell_text
from slackwater.formats.counted_times import are_days_of_sheets, run_evenly, running_clocks
from slackwater.formats.timestamp_inference import infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import from_micros

_HIJRI = range(1300, 1500)  # the Solar Hijri years since 1921, and the Islamic ones since 1883
_AHEAD = 30  # years; the calendars of Thailand and Nepal are 543 and 57 years ahead, few plans begin so late
_FEW = 5  # years; chosen: so many numbers that follow one another are no chance
_BUDDHIST = 2300  # from there on; 1757 is before any series


_RARE_DATES = {"%Y%j": 7, "%y%j": 5, "%d%m%Y": 8, "%m%d%Y": 8, "%d%m%y": 6, "%m%d%y": 6}  # form → its digits
_CLOCKS = ("", " %H:%M", " %H:%M:%S")  # by how many colons they have
_DIGITS = re.compile(r"\d{5,8}(?: \d\d:\d\d(?::\d\d)?)?", re.ASCII)
_LOOKED_AT = 400  # cells; chosen: what shows whether times run evenly


def rare_forms(cells: Sequence[object], numbers: Sequence[float | None]) -> list[str]:
    """Return the forms by which all cells, or their `numbers`, are times that run evenly.

    They are those that few write times in, so that nobody takes them for granted.
    """
    texts = [cell_text(cell) for cell in cells[:_LOOKED_AT]]
    known = [number for number in numbers[:_LOOKED_AT] if number is not None]
    if run_evenly(known) and (forms := [*(["excel"] if are_days_of_sheets(known) else []), *running_clocks(known)]):
        return forms
    if not texts or not all(map(_DIGITS.fullmatch, texts)):
        return []
    clock = _CLOCKS[texts[0].count(":")]
    digits = {len(text.partition(" ")[0]) for text in texts}
    dates = [date for date, length in _RARE_DATES.items() if digits == {length}]
    read = {date + clock: time_parser(date + clock, UTC)(texts) for date in dates}
    return [form for form, times in read.items() if None not in times and run_evenly([at or 0 for at in times])]


def refuse_other_calendars(times: Sequence[int | None], name: str, form: str | None, fields: Fields) -> None:
    """Raise a Question if all years are those that another calendar has today.

    `times` are in µs, `form` is how they are written.
    """
    years = {from_micros(time).year for time in (min(known), max(known))} if (known := _known(times)) else set()
    if not years:
        return
    first, last = min(years), max(years)
    if first in _HIJRI and last in _HIJRI:
        calendars = "the Solar Hijri or the Islamic calendar"
    elif first > datetime.now(UTC).year + _AHEAD:
        calendars = "the Buddhist calendar or that of Nepal"
    else:
        return
    given = form or "iso"
    if fields == FILE and first >= _BUDDHIST and last <= datetime.now(UTC).year + BUDDHIST_AHEAD + 1:
        raise Question(
            f"The years of {name}, {first} to {last}, may be of {calendars}. Give {fields.time_form}: "
            f"{given}|{BUDDHIST} for the Buddhist calendar of Thailand, or {given} if they are of the Gregorian.",
            field=fields.time_form,
            alternatives=[{fields.time_form: each} for each in (f"{given}|{BUDDHIST}", given)],
        )
    raise Question(
        f"The years of {name}, {first} to {last}, may be of {calendars}, which is not read. Write the times in the "
        f"Gregorian calendar, or give {fields.time_form}: {given} if they are.",
        field=fields.time_form,
        alternatives=[{fields.time_form: given}],
    )


def forms_by_calendar(cells: Sequence[object]) -> list[str]:
    """Return the forms that cells have in the years of other calendars: `112年1月`."""
    found = []
    for calendar in CALENDARS:
        told = [gregorian(cell, calendar) for cell in cells]
        form = None if None in told else infer_time_form(told)
        dated = any(not cell_text(cell).isdecimal() for cell in cells)
        if form is not None and not form.ambiguous and (dated or (calendar == BUDDHIST and _run_on(cells))):
            found.append(f"{form.form}|{calendar}")
    return found


def _run_on(cells: Sequence[object]) -> bool:
    """Check whether numbers are years that follow one another."""
    years = [int(text) for text in map(cell_text, cells) if text.isdecimal()]
    return len(years) >= _FEW and {later - earlier for earlier, later in pairwise(years)} in ({1}, {-1})


def _known(times: Sequence[int | None]) -> list[int]:
    return [time for time in times if time is not None]
