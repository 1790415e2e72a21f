"""Detects a year or month that the user's URL pins."""

import re
from collections.abc import Callable
from datetime import datetime

import httpx

from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.vocabulary import words_for
from slackwater.discover.inference.words import words_of
from slackwater.errors import Question
from slackwater.model.instants import HOUR, from_micros
from slackwater.runtime.api.pagination import with_params

_AWAY = 14  # hours; no zone is further from UTC
_OTHER = 1  # year or month before the pinned one, which is asked for as a proof


def _all_in(times: list[int], number: int, part: Callable[[datetime], int]) -> bool:
    """Check whether all times lie in a year or month of some zone's clocks."""
    inside = [number in {part(from_micros(time + hours * HOUR)) for hours in (-_AWAY, 0, _AWAY)} for time in times]
    return all(inside) and any(part(from_micros(time)) == number for time in times)


async def refuse_pinned(probe: Probe, layout: Layout, times: list[int | None]) -> None:
    """Raise a Question if the URL pins one year or month of several."""
    known = [time for time in times if time is not None]
    url = probe.begun
    pinned: dict[str, str] = {}
    for name, value in httpx.URL(url).params.items():
        words, number = set(words_of(name)), int(value) if re.fullmatch(r"\d{1,4}", value) else None
        if words & words_for("year") and number is not None and _all_in(known, number, lambda at: at.year):
            pinned[name] = str(number - _OTHER)
        elif words & words_for("month") and number is not None and _all_in(known, number, lambda at: at.month):
            pinned[name] = str(number - _OTHER if number > 1 else number + _OTHER).zfill(len(value))
    if not pinned:
        return
    first = await probe.ask({}, url)
    name = list(pinned)[-1]
    other = await probe.ask({}, with_params(url, {name: pinned[name]}))
    if not first or not other or not other.records or layout.keys(first.records) & layout.keys(other.records):
        return
    names = " and ".join(f"`{each}`" for each in pinned)
    raise Question(
        f"The URL selects a part of the time by {names}, and other records came for another one: what lies outside "
        "would be missing. Leave it out of location if the source gives all then, or set time_filter to none to keep "
        "to this part.",
        field="time_filter",
        alternatives=[{"time_filter": "none"}],
    )
