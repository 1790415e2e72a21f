"""Refuses to take years of other calendars for Gregorian ones. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from slackwater.discover.inference.plausibility import Fields
from slackwater.errors import Question
from slackwater.model.instants import from_micros

_HIJRI = range(1300, 1500)  # the Solar Hijri years since 1921, and the Islamic ones since 1883
_AHEAD = 30  # years; the calendars of Thailand and Nepal are 543 and 57 years ahead, few plans begin so late


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
    raise Question(
        f"The years of {name}, {first} to {last}, may be of {calendars}, which is not read. Write the times in the "
        f"Gregorian calendar, or give {fields.time_form}: {given} if they are.",
        field=fields.time_form,
        alternatives=[{fields.time_form: given}],
    )


def _known(times: Sequence[int | None]) -> list[int]:
    return [time for time in times if time is not None]
